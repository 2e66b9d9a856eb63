/* turn_check.c -- what a loop thread must not do in a turn, caught while it does it.
 *
 * Only for weir itself in builds with test hooks: the linker puts these functions behind
 * the calls of weir's own code (--wrap; the list is in meson.build).  Libraries are not
 * looked at: libuv's waiting is the loop's, and OpenSSL's sockets never block.
 *
 * A lock that loops take may be held for moments only, which is checked where it is held:
 * on other threads nothing that waits may be called meanwhile, and no more than
 * MOST_HELD_MS of processor time may pass.  How long a loop waited for one is not judged,
 * as that depends on what else the machine does. */
#include "loop/turn.h"

#include <dirent.h>
#include <execinfo.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST_LOCKS = 256, MOST_HELD = 8, MOST_HELD_MS = 50, FRAMES = 32 };

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming) */

static void violation(const char *what, const char *where)
{
    void *frames[FRAMES];
    char line[256];
    int n = snprintf(line, sizeof line, "turn_check: %s %s: Assertion\n", what, where);
    syscall(SYS_write, STDERR_FILENO, line, (size_t)n);
    backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
    abort();
}

/* -- locks that loops take --------------------------------------------------------- */

static _Atomic(pthread_mutex_t *) loop_locks[MOST_LOCKS];

struct held {
    pthread_mutex_t *lock;
    uint64_t cpu_us;
};
static _Thread_local struct held held[MOST_HELD];
static _Thread_local int nheld;

static uint64_t cpu_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static bool is_loop_lock(const pthread_mutex_t *m)
{
    for (int i = 0; i < MOST_LOCKS; i++) {
        const pthread_mutex_t *known = atomic_load(&loop_locks[i]);
        if (known == m || !known)
            return known != NULL;
    }
    return false;
}

static void note_loop_lock(pthread_mutex_t *m)
{
    for (int i = 0; i < MOST_LOCKS; i++) {
        pthread_mutex_t *known = NULL;
        if (atomic_compare_exchange_strong(&loop_locks[i], &known, m) || known == m)
            return;
    }
}

static void note_held(pthread_mutex_t *m)
{
    if (nheld < MOST_HELD && is_loop_lock(m))
        held[nheld++] = (struct held){m, cpu_us()};
}

static void note_given_back(const pthread_mutex_t *m)
{
    for (int i = nheld - 1; i >= 0; i--) {
        if (held[i].lock != m)
            continue;
        uint64_t us = cpu_us() - held[i].cpu_us;
        held[i] = held[--nheld];
        if (us > MOST_HELD_MS * 1000 && !turn_is_allowed())
            violation("a lock that loops take", "was held across work");
        return;
    }
}

static void check(const char *call)
{
    if (turn_is_running())
        violation(call, "in a turn of a loop thread");
    if (nheld && !turn_is_allowed())
        violation(call, "while holding a lock that loops take");
}

int __real_pthread_mutex_lock(pthread_mutex_t *m);
int __wrap_pthread_mutex_lock(pthread_mutex_t *m);
int __wrap_pthread_mutex_lock(pthread_mutex_t *m)
{
    bool is_loop = turn_is_running();
    if (is_loop)
        note_loop_lock(m);
    int rc = __real_pthread_mutex_lock(m);
    if (!is_loop)
        note_held(m);
    return rc;
}

int __real_pthread_mutex_unlock(pthread_mutex_t *m);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *m);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *m)
{
    note_given_back(m);
    return __real_pthread_mutex_unlock(m);
}

int __real_pthread_mutex_destroy(pthread_mutex_t *m);
int __wrap_pthread_mutex_destroy(pthread_mutex_t *m);
int __wrap_pthread_mutex_destroy(pthread_mutex_t *m)
{
    static pthread_mutex_t
        nobody; /* the place stays taken, so that those after it stay */
    for (int i = 0; i < MOST_LOCKS; i++) {
        pthread_mutex_t *known = m;
        if (atomic_compare_exchange_strong(&loop_locks[i], &known, &nobody))
            break;
    }
    return __real_pthread_mutex_destroy(m);
}

int __real_pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m);
int __wrap_pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m);
int __wrap_pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
    note_given_back(m); /* for as long as it waits */
    check("pthread_cond_wait");
    int rc = __real_pthread_cond_wait(c, m);
    note_held(m);
    return rc;
}

int __real_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m,
                                  const struct timespec *until);
int __wrap_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m,
                                  const struct timespec *until);
int __wrap_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m,
                                  const struct timespec *until)
{
    note_given_back(m);
    check("pthread_cond_timedwait");
    int rc = __real_pthread_cond_timedwait(c, m, until);
    note_held(m);
    return rc;
}

/* -- calls that may wait ------------------------------------------------------------ */

#define WRAP(type, name, params, args)                                                   \
    type __real_##name params;                                                           \
    type __wrap_##name params;                                                           \
    type __wrap_##name params                                                            \
    {                                                                                    \
        check(#name);                                                                    \
        return __real_##name args;                                                       \
    }

/* With 64-bit file offsets the C library has a second name for some of them. */
#define WRAP_BOTH(type, name, params, args)                                              \
    WRAP(type, name, params, args)                                                       \
    WRAP(type, name##64, params, args)

WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n))
WRAP(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
WRAP_BOTH(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
WRAP_BOTH(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, fdatasync, (int fd), (fd))
WRAP_BOTH(int, ftruncate, (int fd, off_t n), (fd, n))
WRAP_BOTH(int, stat, (const char *path, struct stat *st), (path, st))
WRAP_BOTH(int, lstat, (const char *path, struct stat *st), (path, st))
WRAP_BOTH(FILE *, fopen, (const char *path, const char *mode), (path, mode))
WRAP(size_t, fread, (void *p, size_t size, size_t n, FILE *f), (p, size, n, f))
WRAP(size_t, fwrite, (const void *p, size_t size, size_t n, FILE *f), (p, size, n, f))
WRAP(int, fflush, (FILE * f), (f))
WRAP(int, unlink, (const char *path), (path))
WRAP(int, rename, (const char *from, const char *to), (from, to))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(DIR *, opendir, (const char *path), (path))
WRAP(int, poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms))
WRAP(int, nanosleep, (const struct timespec *t, struct timespec *left), (t, left))
WRAP(int, usleep, (useconds_t us), (us))
WRAP(int, sched_yield, (void), ())
WRAP(int, pthread_join, (pthread_t t, void **ret), (t, ret))
WRAP(int, sem_wait, (sem_t * s), (s))
WRAP(int, getaddrinfo,
     (const char *host, const char *port, const struct addrinfo *hints,
      struct addrinfo **ret),
     (host, port, hints, ret))
WRAP(int, sqlite3_step, (void *statement), (statement))
WRAP(int, sqlite3_exec,
     (void *db, const char *sql, int (*fn)(void *, int, char **, char **), void *ctx,
      char **ret),
     (db, sql, fn, ctx, ret))

#define WRAP_OPEN(name)                                                                  \
    int __real_##name(const char *path, int flags, ...);                                 \
    int __wrap_##name(const char *path, int flags, ...);                                 \
    int __wrap_##name(const char *path, int flags, ...)                                  \
    {                                                                                    \
        va_list ap;                                                                      \
        va_start(ap, flags);                                                             \
        mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;                          \
        va_end(ap);                                                                      \
        check(#name);                                                                    \
        return __real_##name(path, flags, mode);                                         \
    }
WRAP_OPEN(open)
WRAP_OPEN(open64)

/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */
