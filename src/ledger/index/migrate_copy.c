/* migrate_copy.c -- see migrate_copy.h. */
#include "ledger/index/migrate_copy.h"

#include "core/log.h"
#include "core/mem.h"
#include "ledger/log/lock.h"
#include "ledger/log/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum {
    PATH_BYTES = 4096 + 64,
    COPY_BYTES = 1 << 20,
    HEAD_BYTES = 100, /* of an SQLite file: has its size and a count of its changes */
    MODE = 0600,
    MOST_COPIES = 100,
    TELL_EVERY_S = 5,
    TELL_READERS_MS = 100
};
#define SPARE_BYTES (UINT64_C(16) << 20) /* for what the change itself needs */

/* A few times a second is enough for readers. */
static void tell_readers(const char *path, const char *what, uint64_t done,
                         uint64_t total)
{
    static uint64_t told_ms;
    struct timespec now;
    char doing[LOCK_DOING];
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    if (!total || (done < total && now_ms - told_ms < TELL_READERS_MS))
        return;
    told_ms = now_ms;
    snprintf(doing, sizeof doing, "%s: %llu of %llu", what, (unsigned long long)done,
             (unsigned long long)total);
    lock_say_doing(path, doing);
}

void migrate_tell(const char *path, const char *what, uint64_t done, uint64_t total)
{
    tell_readers(path, what, done, total);
    static struct timespec told;
    struct timespec now;
    bool is_terminal = isatty(STDERR_FILENO);
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (is_terminal && total)
        fprintf(stderr, "\rledger: %s: %u %%", what, (unsigned)(done * 100 / total));
    if (is_terminal && total && done == total)
        fputc('\n', stderr);
    if (is_terminal || !total || now.tv_sec - told.tv_sec < TELL_EVERY_S)
        return;
    if (told.tv_sec) /* short work is not worth a line */
        log_info("ledger: %s: %u %%", what, (unsigned)(done * 100 / total));
    told = now;
}

static int check_space(const char *path, uint64_t size, struct err *err)
{
    struct statvfs fs;
    uint64_t need = size + SPARE_BYTES;
    if (statvfs(path, &fs) < 0)
        return 0;
    uint64_t have = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (have >= need)
        return 0;
    return err_set(err, ERR_INTERNAL, "ledger_no_space",
                   "%s must be brought to this weir's format, which needs %llu MB on its "
                   "disk for a copy; there are %llu MB: make room for it",
                   path, (unsigned long long)(need >> 20),
                   (unsigned long long)(have >> 20));
}

static bool read_head(const char *path, char out[HEAD_BYTES], uint64_t *ret_size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fstat(fd, &st) == 0 && read(fd, out, HEAD_BYTES) == HEAD_BYTES;
    if (fd >= 0)
        close(fd);
    if (ok)
        *ret_size = (uint64_t)st.st_size;
    return ok;
}

/* An earlier life kept it, and then died before it changed anything. */
static bool is_same(const char *a, const char *b)
{
    char x[HEAD_BYTES], y[HEAD_BYTES];
    uint64_t n, m;
    return read_head(a, x, &n) && read_head(b, y, &m) && n == m &&
           memcmp(x, y, HEAD_BYTES) == 0;
}

static int copy_bytes(const char *path, int from, int to, uint64_t size)
{
    char *bytes = mem_alloc(COPY_BYTES);
    uint64_t done = 0;
    ssize_t n = bytes ? 1 : -1;
    while (n > 0 && (n = read(from, bytes, COPY_BYTES)) > 0) {
        if (write(to, bytes, (size_t)n) != n)
            n = -1;
        done += n > 0 ? (uint64_t)n : 0;
        migrate_tell(path, "a copy of the store is made, in bytes",
                     done < size ? done : size, size);
    }
    mem_free(bytes);
    return n < 0 || sync_file(to) < 0 ? -1 : 0;
}

static int copy_to(const char *path, const char *to, uint64_t size, struct err *err)
{
    char fresh[PATH_BYTES];
    if (snprintf(fresh, sizeof fresh, "%s.new", to) >= (int)sizeof fresh)
        return err_set(err, ERR_INTERNAL, "ledger_index", "the name %s is too long", to);
    int in = open(path, O_RDONLY | O_CLOEXEC);
    int out = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
    bool ok = in >= 0 && out >= 0 && copy_bytes(path, in, out, size) == 0 &&
              rename(fresh, to) == 0;
    int sys = errno;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    errno = sys;
    if (ok)
        return 0;
    err_sys(err, ERR_INTERNAL, "ledger_index", "cannot copy %s to %s", path, to);
    (void)unlink(fresh);
    return -1;
}

int migrate_keep_copy(const char *path, int format, struct err *err)
{
    char to[PATH_BYTES];
    struct stat st;
    if (stat(path, &st) < 0)
        return err_sys(err, ERR_INTERNAL, "ledger_index", "cannot look at %s", path);
    for (int i = 1; i < MOST_COPIES; i++) {
        char more[16] = "";
        if (i > 1)
            snprintf(more, sizeof more, ".%d", i);
        int n = snprintf(to, sizeof to - 8, "%s.format-%d%s", path, format, more);
        if (n < 0 || (size_t)n >= sizeof to - 8)
            break;
        if (is_same(path, to))
            return 0;
        if (access(to, F_OK) == 0)
            continue;
        if (check_space(path, (uint64_t)st.st_size, err) < 0 ||
            copy_to(path, to, (uint64_t)st.st_size, err) < 0)
            return -1;
        log_info("ledger: the store is brought from format %d to this weir's; %s is a "
                 "copy of it as it was: delete it when you do not want to go back",
                 format, to);
        return 0;
    }
    return err_set(err, ERR_INTERNAL, "ledger_index",
                   "there are too many copies %s.format-%d*: delete some", path, format);
}
