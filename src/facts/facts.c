/* facts.c -- finding, loading and installing fact files; the only I/O in facts/. */
#include "facts/facts.h"

#include "facts/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 512 };

static bool user_dir(char out[PATH_ROOM])
{
    const char *xdg = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    int n = -1;
    if (xdg && xdg[0] == '/')
        n = snprintf(out, PATH_ROOM, "%s/weir/facts", xdg);
    else if (home && home[0] == '/')
        n = snprintf(out, PATH_ROOM, "%s/.local/share/weir/facts", home);
    return n > 0 && n < PATH_ROOM;
}

static int read_stream(FILE *f, const char *path, struct buf *out, struct err *err)
{
    char chunk[16384];
    size_t n;
    /* Some files have no end: what is past the maximum is not read. */
    while (!out->failed && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_append(out, (struct str){chunk, n});
    if (ferror(f))
        return err_sys(err, ERR_CONFIG, "cannot_read", "cannot read %s", path);
    if (out->failed)
        return err_set(err, ERR_CONFIG, "too_large", "%s is larger than %zu bytes", path,
                       out->max_bytes);
    return 0;
}

FILE *facts_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    FILE *f = flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? NULL
                                                                       : fdopen(fd, "rb");
    if (!f && fd >= 0)
        close(fd);
    return f;
}

int facts_read_file(const char *path, struct buf *out, struct err *err)
{
    if (strcmp(path, "-") == 0)
        return read_stream(stdin, "standard input", out, err);
    FILE *f = facts_open(path);
    if (!f)
        return err_sys(err, ERR_CONFIG, "cannot_read", "cannot read %s", path);
    int rc = read_stream(f, path, out, err);
    fclose(f);
    return rc;
}

/* 1 when read, 0 when there is no such file, -1 on a fault. */
static int try_dir(const char *dir, const char *name, struct buf *out, struct err *err)
{
    char path[PATH_ROOM];
    int n = snprintf(path, sizeof path, "%s/%s.json", dir, name);
    if (n < 0 || n >= (int)sizeof path)
        return err_set(err, ERR_CONFIG, "cannot_read", "%s: the path is too long", dir);
    if (access(path, F_OK) != 0)
        return 0;
    return facts_read_file(path, out, err) < 0 ? -1 : 1;
}

int facts_read(const char *name, const char *dir, struct buf *out, struct err *err)
{
    char own[PATH_ROOM];
    int found = 0;
    struct stat st;
    if (dir && stat(dir, &st) != 0)
        return err_sys(err, ERR_CONFIG, "cannot_read", "--facts: cannot read %s", dir);
    if (dir && !S_ISDIR(st.st_mode))
        return err_set(err, ERR_CONFIG, "cannot_read",
                       "--facts: %s is no directory; give the one that holds the files",
                       dir);
    if (dir)
        found = try_dir(dir, name, out, err);
    if (found == 0 && user_dir(own))
        found = try_dir(own, name, out, err);
    if (found < 0)
        return -1;
    if (found == 0)
        buf_append(out, embedded_find(name));
    return out->failed ? err_nomem(err) : 0;
}

static int load_one(const char *name, struct str text, struct facts *f, struct err *err)
{
    if (strcmp(name, "prices") == 0)
        return prices_load(text, &f->prices, err);
    if (strcmp(name, "devices") == 0)
        return devices_load(text, &f->devices, err);
    if (strcmp(name, "models") == 0)
        return models_load(text, &f->models, err);
    if (strcmp(name, "speeds") == 0)
        return speeds_load(text, &f->speeds, err);
    if (strcmp(name, "costs") == 0)
        return costs_load(text, &f->costs, err);
    return err_set(
        err, ERR_CONFIG, "unknown_facts",
        "\"%s\" is no fact file; known are prices, devices, models, speeds, costs", name);
}

int facts_load(struct facts *f, const char *dir, struct err *err)
{
    static const char *const names[] = {"prices", "devices", "models", "speeds", "costs"};
    *f = (struct facts){0};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct buf text;
        buf_init(&text, FACTS_FILE_MAX);
        int rc = facts_read(names[i], dir, &text, err);
        if (rc == 0)
            rc = load_one(names[i], buf_view(&text), f, err);
        buf_release(&text);
        if (rc < 0) {
            facts_release(f);
            return -1;
        }
    }
    return 0;
}

void facts_release(struct facts *f)
{
    prices_free(f->prices);
    devices_free(f->devices);
    models_free(f->models);
    speeds_free(f->speeds);
    costs_free(f->costs);
    *f = (struct facts){0};
}

static int make_dirs(char path[PATH_ROOM], struct err *err)
{
    for (char *p = path + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char was = *p;
        *p = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return err_sys(err, ERR_CONFIG, "cannot_write", "cannot make %s", path);
        *p = was;
        if (was == '\0')
            return 0;
    }
}

static int write_file(const char *path, struct str text, struct err *err)
{
    char temp[PATH_ROOM + 8];
    snprintf(temp, sizeof temp, "%s.new", path);
    FILE *f = fopen(temp, "wb");
    if (!f)
        return err_sys(err, ERR_CONFIG, "cannot_write", "cannot write %s", temp);
    bool ok = fwrite(text.p, 1, text.n, f) == text.n;
    ok = fclose(f) == 0 && ok;
    if (!ok || rename(temp, path) < 0) {
        err_sys(err, ERR_CONFIG, "cannot_write", "cannot write %s", path);
        unlink(temp);
        return -1;
    }
    return 0;
}

int facts_install(const char *name, const char *path, char where[512], struct err *err)
{
    char dir[PATH_ROOM];
    struct facts checked = {0};
    struct buf text;
    if (!user_dir(dir))
        return err_set(err, ERR_CONFIG, "cannot_write",
                       "neither XDG_DATA_HOME nor HOME is set; set one of them");
    buf_init(&text, FACTS_FILE_MAX);
    int rc = facts_read_file(path, &text, err);
    if (rc == 0)
        rc = load_one(name, buf_view(&text), &checked, err);
    facts_release(&checked);
    if (rc == 0)
        rc = make_dirs(dir, err);
    if (rc == 0 && snprintf(where, 512, "%s/%s.json", dir, name) >= 512)
        rc = err_set(err, ERR_CONFIG, "cannot_write", "%s: the path is too long", dir);
    if (rc == 0)
        rc = write_file(where, buf_view(&text), err);
    buf_release(&text);
    return rc;
}
