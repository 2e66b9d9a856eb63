/* files.c -- see files.h. */
#include "cmd/lib/files.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool look(const char *path, bool is_read, struct stat *st)
{
    return is_read && strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, st) == 0
                                             : stat(path, st) == 0;
}

static bool is_input(const char *path, const struct stat *file)
{
    struct stat st;
    return look(path, true, &st) && st.st_dev == file->st_dev &&
           st.st_ino == file->st_ino;
}

/* The first of the words before word i that is the same file, or NULL. */
static const char *given_before(const struct options *o, size_t i)
{
    struct stat st;
    if (!look(o->words[i], true, &st))
        return NULL;
    for (size_t k = 0; k < i; k++)
        if (is_input(o->words[k], &st))
            return o->words[k];
    return NULL;
}

static bool is_read(const struct options *o, const char *const *reads, size_t nreads,
                    const struct stat *file)
{
    for (size_t i = 0; i < o->nwords; i++)
        if (is_input(o->words[i], file))
            return true;
    for (size_t i = 0; i < nreads; i++) {
        const char *path = options_get(o, reads[i]);
        if (path && is_input(path, file))
            return true;
    }
    return false;
}

int files_check(const struct options *o, const char *out, const char *const *reads,
                size_t nreads)
{
    const char *path = out ? options_get(o, out) : NULL;
    struct stat st;
    for (size_t i = 0; i < o->nwords; i++) {
        const char *first = given_before(o, i);
        if (first && strcmp(first, o->words[i]) == 0)
            return options_fault(o->command, "%s is given twice", first);
        if (first)
            return options_fault(o->command, "%s is given twice, first as %s",
                                 o->words[i], first);
    }
    if (path && look(path, false, &st) && S_ISREG(st.st_mode) &&
        is_read(o, reads, nreads, &st))
        return options_fault(o->command,
                             "%s is read and would be overwritten: give another %s", path,
                             out);
    return EXIT_YES;
}
