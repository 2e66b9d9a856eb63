/* lock.c -- flock(2) on state_dir/lock, which holds the owner's process id.
 *
 * flock and not a pid file: the kernel lets go when the process dies, however it
 * dies, and pids are reused. */
#include "ledger/log/lock.h"

#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DIR_MODE = 0700, FILE_MODE = 0600, STEP_MS = 20, PATH_BYTES = 4096 };

static bool is_dir(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return false;
    if (!S_ISDIR(st.st_mode))
        errno = ENOTDIR;
    return S_ISDIR(st.st_mode);
}

int lock_make_dirs(const char *path)
{
    char part[PATH_BYTES];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part) {
        errno = n ? ENAMETOOLONG : ENOENT;
        return -1;
    }
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char was = part[i];
        part[i] = '\0';
        if (mkdir(part, DIR_MODE) < 0 && !is_dir(part))
            return -1;
        part[i] = was;
    }
    return 0;
}

static int held_by_another(int fd, const char *state_dir, struct err *err)
{
    char pid[16] = "";
    ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
    pid[n > 0 ? strcspn(pid, "\n") : 0] = '\0';
    close(fd);
    return err_set(err, ERR_INTERNAL, "ledger_locked",
                   "another weir (pid %s) uses state_dir %s; stop it or set state_dir",
                   pid[0] ? pid : "unknown", state_dir);
}

/* The text is for people and for lock_holder_format(); the lock is the flock. */
static void write_text(int fd, const char *doing)
{
    char text[LOCK_DOING + 64];
    int n = snprintf(text, sizeof text, "%ld\nformat %d\n%.*s\n", (long)getpid(),
                     LOCK_FORMAT, LOCK_DOING - 1, doing);
    if (pwrite(fd, text, (size_t)n, 0) == n && ftruncate(fd, n) < 0)
        errno = 0;
}

int lock_holder_format(const char *state_dir, char doing[LOCK_DOING])
{
    char path[PATH_BYTES + 8], text[LOCK_DOING + 64] = "";
    uint64_t format = 0;
    snprintf(path, sizeof path, "%s/lock", state_dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (fd >= 0)
        close(fd);
    struct str rest = {text, n > 0 ? (size_t)n : 0}, line;
    doing[0] = '\0';
    for (size_t n_line = 0; str_split(&rest, '\n', &line); n_line++) {
        if (n_line == 1 && (!str_starts(line, STR("format ")) ||
                            !str_to_u64(str_sub(line, 7, line.n), &format)))
            return 0;
        if (n_line == 2)
            snprintf(doing, LOCK_DOING, "%.*s", STR_ARG(line));
    }
    return format <= INT_MAX ? (int)format : 0;
}

void lock_say_doing(const char *path, const char *doing)
{
    char lock[PATH_BYTES + 8];
    const char *slash = strrchr(path, '/');
    snprintf(lock, sizeof lock, "%.*s/lock", slash ? (int)(slash - path) : 1,
             slash ? path : ".");
    int fd = open(lock, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    write_text(fd, doing);
    close(fd);
}

int lock_take(const char *state_dir, unsigned wait_ms, struct err *err)
{
    char path[PATH_BYTES + 8];
    if (lock_make_dirs(state_dir) < 0)
        return err_sys(err, ERR_INTERNAL, "ledger_unwritable", "cannot create %s",
                       state_dir);
    snprintf(path, sizeof path, "%s/lock", state_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return err_sys(err, ERR_INTERNAL, "ledger_unwritable", "cannot open %s", path);
    for (unsigned waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += STEP_MS) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            err_sys(err, ERR_INTERNAL, "ledger_unwritable", "cannot lock %s", path);
            close(fd);
            return -1;
        }
        if (waited >= wait_ms)
            return held_by_another(fd, state_dir, err);
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
    write_text(fd, "");
    return fd;
}
