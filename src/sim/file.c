/* file.c -- reading a file or a pipe to its end. */
#include "sim/file.h"

#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024 };

int sim_file_read(struct buf *out, struct str path, const char *code, struct err *err)
{
    char *name = mem_strndup(path.p, path.n);
    if (!name)
        return err_nomem(err);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    mem_free(name);
    if (fd < 0)
        return err_sys(err, ERR_CONFIG, code, "%.*s", STR_ARG(path));
    ssize_t got = 1;
    while (got > 0 && buf_reserve(out, READ_BYTES)) {
        got = read(fd, out->p + out->n, READ_BYTES);
        if (got > 0)
            out->n += (size_t)got;
    }
    int sys = errno;
    close(fd);
    errno = sys;
    if (out->failed)
        return err_set(err, ERR_CONFIG, code, "%.*s: larger than %zu MiB", STR_ARG(path),
                       out->max_bytes >> 20);
    if (got < 0)
        return err_sys(err, ERR_CONFIG, code, "%.*s", STR_ARG(path));
    if (str_starts(buf_view(out), STR("\x1f\x8b")))
        return err_set(err, ERR_CONFIG, code,
                       "%.*s: is gzip'd; unpack it first (gunzip -k)", STR_ARG(path));
    return 0;
}
