/* statefile.c -- see statefile.h. */
#include "gateway/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { READ_BYTES = 4096 };

static bool path_of(char *out, const char *dir, const char *name, const char *suffix)
{
    int k = snprintf(out, STATEFILE_PATH, "%s/%s%s", dir, name, suffix);
    return k > 0 && k < STATEFILE_PATH;
}

long statefile_read(const char *dir, const char *name, char *path, unsigned char *out,
                    size_t n)
{
    FILE *in = path_of(path, dir, name, "") ? fopen(path, "rb") : NULL;
    if (!in)
        return -1;
    size_t got = fread(out, 1, n, in);
    fclose(in);
    return (long)got;
}

static bool write_bytes(const char *path, const unsigned char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!out && fd >= 0)
        close(fd);
    if (!out)
        return false;
    bool ok =
        fwrite(bytes, 1, n, out) == n && fflush(out) == 0 && fsync(fileno(out)) == 0;
    return fclose(out) == 0 && ok;
}

bool statefile_write(const char *dir, const char *name, char *path,
                     const unsigned char *bytes, size_t n)
{
    char fresh[STATEFILE_PATH];
    bool has_path = path_of(path, dir, name, "");
    return path_of(fresh, dir, name, ".new") && has_path &&
           write_bytes(fresh, bytes, n) && rename(fresh, path) == 0;
}

bool statefile_read_all(const char *dir, const char *name, struct buf *out)
{
    char path[STATEFILE_PATH];
    if (!path_of(path, dir, name, ""))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    ssize_t got = 1;
    while (got > 0 && buf_reserve(out, READ_BYTES)) {
        got = read(fd, out->p + out->n, out->cap - out->n);
        out->n += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    return got == 0;
}

static bool write_all(int fd, struct str s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno != EINTR)
            return false;
        s = str_sub(s, n > 0 ? (size_t)n : 0, s.n);
    }
    return true;
}

bool statefile_append(const char *dir, const char *name, struct buf *lines)
{
    char path[STATEFILE_PATH];
    if (buf_len(lines) == 0)
        return true;
    int fd = path_of(path, dir, name, "")
                 ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
                 : -1;
    off_t was = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    bool ok = was >= 0 && write_all(fd, buf_view(lines)) && fsync(fd) == 0;
    if (!ok && was >= 0)
        (void)!ftruncate(fd, was);
    if (fd >= 0)
        close(fd);
    if (ok)
        buf_clear(lines);
    return ok;
}
