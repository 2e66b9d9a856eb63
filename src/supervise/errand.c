/* errand.c -- see errand.h.
 *
 * posix_spawn and not fork: it copies no page tables and takes no locks of malloc, so the
 * other threads of a busy weir do not notice. */
#include "supervise/errand.h"

#include "core/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP_MS = 20, PIECE_BYTES = 16 * 1024 };

struct running {
    const struct errand *e;
    pid_t pid;
    int ends[2]; /* where its answer, and what it says, come from; -1: at its end */
    uint64_t until_ms;
    struct buf *bufs[2];
};

const char *errand_self(void)
{
#ifdef __linux__
    return "/proc/self/exe";
#else
    return NULL;
#endif
}

static int failed(struct err *err)
{
    return err_sys(err, ERR_INTERNAL, "errand_failed", "a program could not be started");
}

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* -- the beginning ----------------------------------------------------------------------
 */

struct pipes {
    int in[2], out[2], said[2];
};

static void shut_pipes(struct pipes *p)
{
    int *all[] = {&p->in[0], &p->in[1], &p->out[0], &p->out[1], &p->said[0], &p->said[1]};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        shut(all[i]);
}

/* Away from the descriptors that the program gets, so that none of them is made twice. */
static bool lift(int *fd)
{
    int lifted = *fd >= 0 && *fd <= 3 ? fcntl(*fd, F_DUPFD_CLOEXEC, 4) : *fd;
    if (lifted != *fd)
        close(*fd);
    *fd = lifted;
    return lifted >= 0;
}

static bool open_pipe(int ret[2])
{
    return pipe2(ret, O_CLOEXEC) == 0 && lift(&ret[0]) && lift(&ret[1]);
}

/* A pipe takes the whole input at once: nobody has to feed it. */
static int open_pipes(const struct errand *e, struct pipes *p, struct err *err)
{
    *p = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    bool ok = open_pipe(p->out) && open_pipe(p->said);
    if (ok && e->input.n)
        ok = e->input.n <= ERRAND_INPUT_BYTES && open_pipe(p->in) &&
             write(p->in[1], e->input.p, e->input.n) == (ssize_t)e->input.n;
    else if (ok)
        ok = (p->in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0 && lift(&p->in[0]);
    if (ok)
        return 0;
    int rc = failed(err);
    shut_pipes(p);
    return rc;
}

/* Its group, its signals, as a program of its own has them. */
static bool set_up(posix_spawnattr_t *a)
{
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    return posix_spawnattr_setflags(a, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                           POSIX_SPAWN_SETSIGDEF) == 0 &&
           posix_spawnattr_setpgroup(a, 0) == 0 &&
           posix_spawnattr_setsigmask(a, &none) == 0 &&
           posix_spawnattr_setsigdefault(a, &usual) == 0;
}

static bool add_descriptors(const struct errand *e, const struct pipes *p,
                            posix_spawn_file_actions_t *f)
{
    bool by_3 = e->out_fd == 3;
    return posix_spawn_file_actions_adddup2(f, p->in[0], STDIN_FILENO) == 0 &&
           posix_spawn_file_actions_adddup2(f, p->said[1], STDERR_FILENO) == 0 &&
           posix_spawn_file_actions_adddup2(f, p->out[1], STDOUT_FILENO) == 0 &&
           (!by_3 || (posix_spawn_file_actions_adddup2(f, STDOUT_FILENO, 3) == 0 &&
                      posix_spawn_file_actions_addopen(f, STDOUT_FILENO, "/dev/null",
                                                       O_WRONLY, 0) == 0));
}

static void bound(const struct running *r)
{
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const struct rlimit memory = {r->e->most_memory_bytes, r->e->most_memory_bytes};
    const struct rlimit s = {r->e->most_ms / 1000 + 1, r->e->most_ms / 1000 + 1},
                        none = {0, 0};
    if (r->e->most_memory_bytes)
        (void)prlimit(r->pid, RLIMIT_AS, &memory, NULL);
    (void)prlimit(r->pid, RLIMIT_CPU, &s, NULL);
    (void)prlimit(r->pid, RLIMIT_CORE, &none, NULL);
#else
    (void)r;
#endif
}

static int start(struct running *r, struct err *err)
{
    union { /* posix_spawn changes neither, whatever its type says */
        const char *const *given;
        char *const *taken;
    } argv = {r->e->argv}, env = {r->e->env};
    posix_spawn_file_actions_t f;
    posix_spawnattr_t a;
    struct pipes p;
    if (open_pipes(r->e, &p, err) < 0)
        return -1;
    posix_spawn_file_actions_init(&f);
    posix_spawnattr_init(&a);
    errno = ENOMEM;
    bool ok = set_up(&a) && add_descriptors(r->e, &p, &f);
    if (ok)
        errno = posix_spawn(&r->pid, r->e->program, &f, &a, argv.taken, env.taken);
    ok = ok && errno == 0;
    int rc = ok ? 0 : failed(err);
    posix_spawnattr_destroy(&a);
    posix_spawn_file_actions_destroy(&f);
    if (ok) {
        r->ends[0] = p.out[0];
        r->ends[1] = p.said[0];
        p.out[0] = p.said[0] = -1;
        bound(r);
    }
    shut_pipes(&p);
    return rc;
}

/* -- its time ---------------------------------------------------------------------------
 */

static int check(const struct running *r, struct err *err)
{
    if (r->e->is_wanted && !r->e->is_wanted(r->e->ctx))
        return err_set(err, ERR_CLIENT_SLOW, "errand_unwanted", "nobody waits for it");
    if (clock_mono_ms() >= r->until_ms)
        return err_set(err, ERR_TIMEOUT, "errand_late",
                       "it took longer than %.3g seconds and was ended",
                       (double)r->e->most_ms / 1000);
    for (size_t i = 0; i < 2; i++)
        if (r->bufs[i]->failed)
            return err_set(err, ERR_TOO_LARGE, "errand_long",
                           "it printed more than %zu KB and was ended",
                           r->bufs[i]->max_bytes / 1024);
    return 0;
}

static void take(struct running *r, size_t i)
{
    char piece[PIECE_BYTES];
    ssize_t n = read(r->ends[i], piece, sizeof piece);
    if (n > 0)
        buf_append(r->bufs[i], (struct str){piece, (size_t)n});
    else if (n == 0 || errno != EINTR)
        shut(&r->ends[i]);
}

static int listen_to(struct running *r, struct err *err)
{
    while (r->ends[0] >= 0 || r->ends[1] >= 0) {
        struct pollfd fds[2] = {{r->ends[0], POLLIN, 0}, {r->ends[1], POLLIN, 0}};
        if (check(r, err) < 0)
            return -1;
        if (poll(fds, 2, STEP_MS) <= 0)
            continue;
        for (size_t i = 0; i < 2; i++)
            if (fds[i].revents)
                take(r, i);
    }
    return check(r, err);
}

/* It has shut both ends, and may go on without them. */
static int wait_for_end(struct running *r, int *ret_status, struct err *err)
{
    pid_t got;
    while ((got = waitpid(r->pid, ret_status, WNOHANG)) != r->pid) {
        if (got < 0 && errno != EINTR)
            return failed(err);
        if (check(r, err) < 0)
            return -1;
        (void)poll(NULL, 0, 1);
    }
    r->pid = 0;
    return 0;
}

static void end(struct running *r, pid_t group)
{
    kill(-group, SIGKILL); /* also what it left behind */
    while (r->pid && waitpid(r->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    shut(&r->ends[0]);
    shut(&r->ends[1]);
}

int errand_run(const struct errand *e, struct buf *out, struct buf *said, int *ret_code,
               struct err *err)
{
    struct running r = {.e = e,
                        .ends = {-1, -1},
                        .until_ms = clock_mono_ms() + e->most_ms,
                        .bufs = {out, said}};
    int status = 0;
    if (start(&r, err) < 0)
        return -1;
    pid_t group = r.pid;
    int rc = listen_to(&r, err) < 0 ? -1 : wait_for_end(&r, &status, err);
    end(&r, group);
    if (rc < 0)
        return -1;
    if (!WIFEXITED(status))
        return err_set(err, ERR_INTERNAL, "errand_failed",
                       "the program was ended by signal %d", WTERMSIG(status));
    *ret_code = WEXITSTATUS(status);
    return 0;
}
