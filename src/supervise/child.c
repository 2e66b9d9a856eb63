/* child.c -- fork, exec, wait, and the pauses between restarts.
 *
 * fork and not uv_spawn: the main thread has no loop, and only a fork can ask the
 * kernel for a death signal.  Between fork and exec nothing but system calls. */
#include "supervise/child.h"

#include "core/clock.h"
#include "upstream/fetch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* -- the command's words ---------------------------------------------------------- */

struct splitting {
    struct child *c;
    size_t n, words;
    bool has_model, has_port, is_full;
};

static void put(struct splitting *s, const char *text)
{
    size_t n = strlen(text);
    if (s->n + n + 1 > sizeof s->c->text) {
        s->is_full = true;
        return;
    }
    memcpy(s->c->text + s->n, text, n);
    s->n += n;
}

/* One word from *at; quotes hold blanks together and are taken off. */
static void take_word(struct splitting *s, const char **at, const char *model,
                      const char *port)
{
    char quote = '\0';
    const char *p = *at;
    if (s->words == CHILD_WORDS) {
        s->is_full = true;
        return;
    }
    s->c->argv[s->words++] = s->c->text + s->n;
    for (; *p && (quote || (*p != ' ' && *p != '\t')); p++) {
        if (quote ? *p == quote : *p == '\'' || *p == '"') {
            quote = (char)(quote ? '\0' : *p);
        } else if (strncmp(p, "{model}", 7) == 0) {
            put(s, model);
            s->has_model = true;
            p += 6;
        } else if (strncmp(p, "{port}", 6) == 0) {
            put(s, port);
            s->has_port = true;
            p += 5;
        } else {
            put(s, (const char[]){*p, '\0'});
        }
    }
    if (s->n < sizeof s->c->text)
        s->c->text[s->n++] = '\0';
    *at = p;
}

static int split(struct child *c, const char *command, const char *model, uint16_t port,
                 struct err *err)
{
    char digits[8];
    struct splitting s = {.c = c};
    snprintf(digits, sizeof digits, "%u", port);
    for (const char *at = command; *at && !s.is_full;) {
        if (*at == ' ' || *at == '\t')
            at++;
        else
            take_word(&s, &at, model, digits);
    }
    c->argv[s.words] = NULL;
    if (s.is_full)
        return err_set(err, ERR_CONFIG, "engine_command",
                       "the engine command is too long");
    if (!s.words || !s.has_model || !s.has_port)
        return err_set(err, ERR_CONFIG, "engine_command",
                       "the engine command must name {model} and {port}, like: "
                       "llama-server -m {model} --port {port}");
    return 0;
}

union address {
    struct sockaddr_in in;
    struct sockaddr any;
};

int child_init(struct child *c, const char *command, const char *model, uint16_t port,
               const char *log_path, struct err *err)
{
    *c = (struct child){.port = port, .log_fd = -1};
    snprintf(c->log_path, sizeof c->log_path, "%s", log_path);
    if (split(c, command, model, port, err) < 0)
        return -1;
    c->log_fd = open(log_path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (c->log_fd < 0)
        return err_sys(err, ERR_INTERNAL, "engine_log", "%s", log_path);
    return 0;
}

void child_release(struct child *c)
{
    if (c->log_fd >= 0)
        close(c->log_fd);
    c->log_fd = -1;
}

bool child_port_is_free(const struct child *c)
{
    const int on = 1; /* connections of the engine before it may linger */
    union address a = {
        .in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
    a.in.sin_port = htons(c->port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_free = fd >= 0 &&
                   setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                   bind(fd, &a.any, sizeof a.in) == 0 && listen(fd, 1) == 0;
    if (fd >= 0)
        close(fd);
    return is_free;
}

uint16_t child_free_port(void)
{
    union address a = {
        .in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
    socklen_t n = sizeof a.in;
    uint16_t port = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    if (bind(fd, &a.any, n) == 0 && getsockname(fd, &a.any, &n) == 0)
        port = ntohs(a.in.sin_port);
    close(fd);
    return port;
}

/* -- its life --------------------------------------------------------------------- */

/* In the child: only system calls until exec. */
static _Noreturn void become(const struct child *c, pid_t parent)
{
    sigset_t none;
    int null = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
#else
    (void)parent;
#endif
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null >= 0)
        dup2(null, STDIN_FILENO);
    dup2(c->log_fd, STDOUT_FILENO);
    dup2(c->log_fd, STDERR_FILENO);
    execvp(c->argv[0], c->argv);
    _exit(127);
}

int child_start(struct child *c, struct err *err)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return err_sys(err, ERR_INTERNAL, "engine_start", "cannot start %s", c->argv[0]);
    if (pid == 0)
        become(c, parent);
    setpgid(pid, pid); /* whoever comes first */
    c->pid = pid;
    c->rests = false;
    c->kill_at_ms = 0;
    c->started_ms = clock_mono_ms();
    return 0;
}

static void note_death(struct child *c, int status, uint64_t now_ms)
{
    c->status = status;
    bool was_steady = now_ms - c->started_ms >= CHILD_STEADY_MS;
    kill(-c->pid, SIGKILL); /* what it left behind */
    c->pid = 0;
    c->deaths++;
    if (was_steady || c->backoff_ms == 0)
        c->backoff_ms = CHILD_BACKOFF_MIN_MS;
    else if (c->backoff_ms < CHILD_BACKOFF_MAX_MS)
        c->backoff_ms = c->backoff_ms * 2 < CHILD_BACKOFF_MAX_MS ? c->backoff_ms * 2
                                                                 : CHILD_BACKOFF_MAX_MS;
    c->restart_at_ms = now_ms + c->backoff_ms;
}

/* An engine that writes a line a request must not fill the disk. */
static void bound_log(const struct child *c)
{
    struct stat st;
    if (fstat(c->log_fd, &st) == 0 && st.st_size > CHILD_LOG_MAX_BYTES &&
        ftruncate(c->log_fd, 0) < 0)
        errno = 0;
}

enum child_event child_poll(struct child *c, uint64_t now_ms)
{
    int status;
    bound_log(c);
    if (c->pid && waitpid(c->pid, &status, WNOHANG) == c->pid) {
        note_death(c, status, now_ms);
        return CHILD_DIED;
    }
    if (c->pid && c->kill_at_ms && now_ms >= c->kill_at_ms)
        kill(-c->pid, SIGKILL);
    if (c->pid || c->rests || now_ms < c->restart_at_ms || child_start(c, NULL) < 0)
        return CHILD_SAME;
    return CHILD_RESTARTED;
}

bool child_is_healthy(const struct child *c)
{
    enum { MODELS, HEALTH, N };
    static const char *const paths[N] = {"/v1/models", "/health"};
    struct fetch items[N];
    for (int i = 0; i < N; i++) {
        fetch_init(&items[i]);
        snprintf(items[i].url, sizeof items[i].url, "http://127.0.0.1:%u%s", c->port,
                 paths[i]);
    }
    bool is_asked = fetch_all(items, N, 1000, NULL) == 0;
    bool is_healthy =
        is_asked && items[MODELS].status == 200 && items[HEALTH].status != 503;
    for (int i = 0; i < N; i++)
        fetch_release(&items[i]);
    return is_healthy;
}

void child_end(struct child *c, uint64_t now_ms, uint64_t grace_ms)
{
    c->rests = true;
    if (!c->pid || c->kill_at_ms)
        return;
    kill(-c->pid, SIGTERM);
    c->kill_at_ms = now_ms + grace_ms;
}

void child_exit_words(const struct child *c, char *out, size_t size)
{
    int code = WIFEXITED(c->status) ? WEXITSTATUS(c->status) : -1;
    if (WIFSIGNALED(c->status))
        snprintf(out, size, "it was ended by signal %d (%s)", WTERMSIG(c->status),
                 strsignal(WTERMSIG(c->status)));
    else if (code == 127)
        snprintf(out, size, "it could not be run (exit code 127)");
    else
        snprintf(out, size, "it ended with exit code %d", code);
}

void child_stop(struct child *c, uint64_t grace_ms)
{
    const struct timespec tick = {0, 20 * 1000 * 1000};
    int status;
    if (!c->pid)
        return;
    kill(-c->pid, SIGTERM);
    for (uint64_t waited = 0; waited < grace_ms; waited += 20) {
        if (waitpid(c->pid, &status, WNOHANG) == c->pid) {
            kill(-c->pid, SIGKILL);
            c->pid = 0;
            return;
        }
        nanosleep(&tick, NULL);
    }
    kill(-c->pid, SIGKILL);
    waitpid(c->pid, &status, 0);
    c->pid = 0;
}

void child_last_words(const struct child *c, char *out, size_t size)
{
    struct stat st;
    size_t kept = 0;
    *out = '\0';
    if (fstat(c->log_fd, &st) < 0 || size < 2)
        return;
    off_t from = st.st_size > (off_t)size - 1 ? st.st_size - (off_t)size + 1 : 0;
    ssize_t n = pread(c->log_fd, out, size - 1, from);
    for (ssize_t i = 0; i < n; i++)
        if (out[i] == '\n' || (out[i] >= ' ' && out[i] < 0x7f))
            out[kept++] = out[i];
    while (kept && out[kept - 1] == '\n')
        kept--;
    out[kept] = '\0';
}
