/* statefile.c -- see statefile.h. */
#include "gateway/statefile.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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
