/* trouble.c -- see trouble.h.
 *
 * Weir's own system calls are caught by the linker (--wrap), those of SQLite by the table
 * of them that its unix VFS keeps for tests, its memory by its own configuration. */
#include "trouble.h"

#include "core/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static atomic_int armed = TROUBLE_KINDS;
static atomic_long left; /* until the one that fails */
static atomic_bool has_failed;
static bool is_over;
static enum trouble_kind last;

static bool fails(enum trouble_kind kind)
{
    if (atomic_load(&armed) != (int)kind || atomic_fetch_sub(&left, 1) != 1)
        return false;
    atomic_store(&has_failed, true);
    return true;
}

static bool fails_with(enum trouble_kind kind, int sys)
{
    if (!fails(kind))
        return false;
    errno = sys;
    return true;
}

bool trouble_begin(enum trouble_kind kind, long n)
{
    if (n == 1)
        is_over = false;
    if (is_over)
        return false;
    atomic_store(&has_failed, false);
    last = kind;
    if (kind == TROUBLE_MEMORY) {
        mem_fail_at(n);
        return true;
    }
    atomic_store(&left, n);
    atomic_store(&armed, (int)kind);
    return true;
}

bool trouble_end(void)
{
    bool had = atomic_load(&has_failed) || mem_has_failed();
    atomic_store(&armed, TROUBLE_KINDS);
    mem_fail_at(0);
    is_over = !had;
    return had;
}

long trouble_next(long n)
{
    enum { EACH = 6, SHARE = 2, EACH_CALL = 20 };
    return n < EACH || (n < EACH_CALL && last == TROUBLE_STORE) ||
                   getenv("WEIR_TROUBLE_EACH")
               ? n + 1
               : n + n / SHARE;
}

const char *trouble_name(enum trouble_kind kind)
{
    static const char *const names[] = {
        "memory",          "a system call",        "a short read or write",
        "SQLite's memory", "SQLite's system call", "a call of SQLite"};
    return names[kind];
}

/* -- SQLite's ------------------------------------------------------------------------ */

static sqlite3_mem_methods plain;

static void *store_malloc(int n)
{
    return fails(TROUBLE_STORE_MEMORY) ? NULL : plain.xMalloc(n);
}

static void *store_realloc(void *p, int n)
{
    return fails(TROUBLE_STORE_MEMORY) ? NULL : plain.xRealloc(p, n);
}

static int (*plain_open)(const char *, int, int);
static ssize_t (*plain_pread)(int, void *, size_t, off_t);
static ssize_t (*plain_pwrite)(int, const void *, size_t, off_t);
static int (*plain_truncate)(int, off_t);

static int store_open_call(const char *path, int flags, int mode)
{
    return fails_with(TROUBLE_STORE_DISK, EIO) ? -1 : plain_open(path, flags, mode);
}

static ssize_t store_pread(int fd, void *p, size_t n, off_t at)
{
    /* Not EIO, which SQLite takes for damage of the file. */
    return fails_with(TROUBLE_STORE_DISK, ENOMEM) ? -1 : plain_pread(fd, p, n, at);
}

static ssize_t store_pwrite(int fd, const void *p, size_t n, off_t at)
{
    return fails_with(TROUBLE_STORE_DISK, ENOSPC) ? -1 : plain_pwrite(fd, p, n, at);
}

static int store_truncate(int fd, off_t n)
{
    return fails_with(TROUBLE_STORE_DISK, EIO) ? -1 : plain_truncate(fd, n);
}

static sqlite3_syscall_ptr catch_call(const char *name, sqlite3_syscall_ptr with)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_syscall_ptr was = vfs->xGetSystemCall(vfs, name);
    if (was)
        vfs->xSetSystemCall(vfs, name, with);
    return was;
}

void trouble_init(void)
{
    sqlite3_mem_methods own;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain);
    own = plain;
    own.xMalloc = store_malloc;
    own.xRealloc = store_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &own) != SQLITE_OK ||
        sqlite3_initialize() != SQLITE_OK) {
        fputs("SQLite was used before trouble_init()\n", stderr);
        abort();
    }
#define CATCH(name, with) catch_call(name, (sqlite3_syscall_ptr)(with))
    plain_open = (int (*)(const char *, int, int))CATCH("open", store_open_call);
    plain_truncate = (int (*)(int, off_t))CATCH("ftruncate", store_truncate);
    sqlite3_syscall_ptr in = CATCH("pread64", store_pread);
    sqlite3_syscall_ptr out = CATCH("pwrite64", store_pwrite);
    if (!in)
        in = CATCH("pread", store_pread);
    if (!out)
        out = CATCH("pwrite", store_pwrite);
    plain_pread = (ssize_t(*)(int, void *, size_t, off_t))in;
    plain_pwrite = (ssize_t(*)(int, const void *, size_t, off_t))out;
#undef CATCH
}

/* -- weir's system calls --------------------------------------------------------------
 */

/* WRAP(returns, name, its parameters, their names, errno, what it returns then) */
#define WRAP(type, name, parameters, names, sys, result)                                 \
    extern type __real_##name parameters;                                                \
    type __wrap_##name parameters;                                                       \
    type __wrap_##name parameters                                                        \
    {                                                                                    \
        return fails_with(TROUBLE_DISK, sys) ? (result) : __real_##name names;           \
    }

/* Also half of the bytes. */
#define WRAP_BYTES(name, bytes, more, names)                                             \
    extern ssize_t __real_##name(int fd, bytes p, size_t n more);                        \
    ssize_t __wrap_##name(int fd, bytes p, size_t n more);                               \
    ssize_t __wrap_##name(int fd, bytes p, size_t n more)                                \
    {                                                                                    \
        if (n > 1 && fails(TROUBLE_SHORT))                                               \
            n /= 2;                                                                      \
        return fails_with(TROUBLE_DISK, EIO) ? -1 : __real_##name names;                 \
    }
#define NOTHING
#define AT , off_t at

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming) */
WRAP_BYTES(read, void *, NOTHING, (fd, p, n))
WRAP_BYTES(write, const void *, NOTHING, (fd, p, n))
WRAP_BYTES(pread64, void *, AT, (fd, p, n, at))
WRAP_BYTES(pwrite64, const void *, AT, (fd, p, n, at))
WRAP(int, access, (const char *path, int mode), (path, mode), EIO, -1)
WRAP(int, rename, (const char *from, const char *to), (from, to), EIO, -1)
WRAP(int, unlink, (const char *path), (path), EIO, -1)
WRAP(int, fsync, (int fd), (fd), EIO, -1)
WRAP(int, fdatasync, (int fd), (fd), EIO, -1)
WRAP(int, flock, (int fd, int how), (fd, how), ENOLCK, -1)
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), ENOSPC, -1)
WRAP(int, ftruncate64, (int fd, off_t n), (fd, n), EIO, -1)
WRAP(int, stat64, (const char *path, struct stat *st), (path, st), EIO, -1)
WRAP(int, fstat64, (int fd, struct stat *st), (fd, st), EIO, -1)
WRAP(int, statvfs64, (const char *path, struct statvfs *fs), (path, fs), EIO, -1)
WRAP(DIR *, opendir, (const char *path), (path), EMFILE, NULL)
WRAP(int, pthread_create,
     (pthread_t * t, const pthread_attr_t *attr, void *(*fn)(void *), void *arg),
     (t, attr, fn, arg), EAGAIN, EAGAIN)

/* -- SQLite as weir calls it ------------------------------------------------------------
 */

#define WRAP_STORE(type, name, parameters, names, result)                                \
    extern type __real_sqlite3_##name parameters;                                        \
    type __wrap_sqlite3_##name parameters;                                               \
    type __wrap_sqlite3_##name parameters                                                \
    {                                                                                    \
        return fails(TROUBLE_STORE) ? (result) : __real_sqlite3_##name names;            \
    }

WRAP_STORE(int, step, (sqlite3_stmt * s), (s), SQLITE_FULL)
WRAP_STORE(int, exec,
           (sqlite3 * db, const char *sql, int (*fn)(void *, int, char **, char **),
            void *ctx, char **error),
           (db, sql, fn, ctx, error), SQLITE_FULL)
WRAP_STORE(int, prepare_v2,
           (sqlite3 * db, const char *sql, int n, sqlite3_stmt **s, const char **end),
           (db, sql, n, s, end), SQLITE_NOMEM)
WRAP_STORE(int, prepare_v3,
           (sqlite3 * db, const char *sql, int n, unsigned flags, sqlite3_stmt **s,
            const char **end),
           (db, sql, n, flags, s, end), SQLITE_NOMEM)
WRAP_STORE(int, open_v2, (const char *path, sqlite3 **db, int flags, const char *vfs),
           (path, db, flags, vfs), SQLITE_CANTOPEN)
WRAP_STORE(sqlite3_backup *, backup_init,
           (sqlite3 * to, const char *name, sqlite3 *from, const char *of),
           (to, name, from, of), NULL)
WRAP_STORE(int, backup_step, (sqlite3_backup * b, int pages), (b, pages), SQLITE_IOERR)
WRAP_STORE(int, wal_checkpoint_v2,
           (sqlite3 * db, const char *name, int mode, int *in_log, int *done),
           (db, name, mode, in_log, done), SQLITE_BUSY)

extern int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? (mode_t)va_arg(more, int) : 0;
    va_end(more);
    return fails_with(TROUBLE_DISK, EMFILE) ? -1 : __real_open64(path, flags, mode);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */
