/* tree.c -- see tree.h. */
#include "cmd/guard/tree.h"

#include "cmd/lib/say.h"
#include "core/compiler.h"
#include "core/mem.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILES = 1 << 20, MAX_PATH_BYTES = 4096, MAX_FOLDERS = 32 };

static bool tree_add(struct tree *t, const char *path)
{
    if (t->n == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 64;
        char **v = cap > MAX_FILES ? NULL : mem_realloc(t->path, cap * sizeof *v);
        if (!v)
            return false;
        t->path = v;
        t->cap = cap;
    }
    t->path[t->n] = mem_strndup(path, strlen(path));
    return t->path[t->n] && ++t->n;
}

void tree_lose(struct tree *t, const char *path, const char *why)
{
    say(stderr, "weir scan: %s: %s", path, why);
    t->nlost++;
}

static void walk(struct tree *t, const char *dir, int depth);

/* A link to a file inside or outside is read as that file; one to a folder is not
 * followed, as it may lead round in a circle. */
static void tree_take(struct tree *t, const char *path, int depth)
{
    struct stat st, target;
    if (lstat(path, &st) < 0) {
        tree_lose(t, path, strerror(errno));
        return;
    }
    if (S_ISDIR(st.st_mode)) {
        walk(t, path, depth + 1);
        return;
    }
    if (S_ISLNK(st.st_mode)) {
        if (stat(path, &target) < 0)
            tree_lose(t, path, "a link to nothing");
        else if (S_ISDIR(target.st_mode))
            say(stderr, "weir scan: %s: a link to a folder is not followed", path);
        else
            st = target;
    }
    if (S_ISREG(st.st_mode) && !tree_add(t, path))
        tree_lose(t, path, "too many files");
}

static void walk(struct tree *t, const char *dir, int depth)
{
    DIR *d = depth < MAX_FOLDERS ? opendir(dir) : NULL;
    struct dirent *e;
    if (!d) {
        tree_lose(t, dir, depth < MAX_FOLDERS ? strerror(errno) : "too deep");
        return;
    }
    while ((e = readdir(d)) != NULL) {
        char path[MAX_PATH_BYTES];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            strcmp(e->d_name, ".git") == 0)
            continue;
        int n = snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (n < 0 || (size_t)n >= sizeof path)
            tree_lose(t, dir, "a name in it is too long");
        else
            tree_take(t, path, depth);
    }
    closedir(d);
}

void tree_walk(struct tree *t, const char *dir)
{
    walk(t, dir, 0);
}

void tree_release(struct tree *t)
{
    for (size_t i = 0; i < t->n; i++)
        mem_free(t->path[i]);
    mem_free(t->path);
}
