/* load.c -- clients of the benchmark: N connections that ask again and again.
 *
 *   load -p PORT [-c CONNECTIONS] [-d SECONDS] [-w WARM_SECONDS] [-a] [-b BODY_BYTES]
 *        [-e EVENTS [-i PACE_MS]] [-k KEY] [-H FIELD_LINES] [-g GAP_MS]
 *        [-r BYTES_PER_SECOND] [-P PID] [-D DIALECT] [-M MODEL]
 *
 * It asks in OpenAI's form, or in that of -D (forms.h).
 * -a makes the body that of an agent: many messages, calls and results.
 * Without -e each connection posts a body and waits for the answer; with -e the answer
 * is a stream, and the order, number and lag of its events are checked.  -g waits
 * between an answer and the next request; -r makes slow readers.  The window begins once
 * every connection has had an answer (or an event) and the warm time is over; -P names
 * the process whose threads' CPU time is read, at the moments the window begins and ends,
 * from the kernel's schedstat.  One line of JSON on standard output; "ready" on standard
 * error when the window begins. */
#include "forms.h"
#include "hist.h"
#include "wire.h"

#include "core/mem.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    MAX_CLIENTS = 16384,
    KEPT_BYTES = 2048,
    READ_BYTES = 262144,
    MAX_THREADS = 80,
    SLOW_TICK_MS = 20,
    DISTRESS_S = 30 /* longest wait for all to have begun */
};

enum state { IN_HEAD, IN_SIZE, IN_DATA, IN_DATA_END, IN_TRAILER, IN_LENGTH };

struct thread_cpu {
    int tid;
    char name[32];
    unsigned long long ns, ns_after;
    unsigned long long user_ns, user_ns_after; /* to a tick of the kernel */
};

struct client {
    int fd;
    enum state state;
    size_t sent; /* of the request */
    uint64_t left, started_ns, next_number;
    uint64_t ask_at_us; /* not 0: waits so long with the next request */
    unsigned nkept;     /* a head, line or event that is not whole yet */
    bool has_begun;
    char kept[KEPT_BYTES];
};

struct load {
    unsigned port, nclients, body_bytes, events, pace_ms, gap_ms, rate;
    bool is_agent;
    double seconds, warm_seconds;
    const char *key, *fields, *model;
    const struct form *form;
    int pid, epoll_fd;
    char *request;
    size_t nrequest;
    struct client *clients;
    unsigned nbegun;
    bool is_measuring;
    uint64_t now_us, window_us;
    uint64_t requests, nevents, errors, disorder, reads, bytes;
    struct hist *latency, *lag;
    struct thread_cpu threads[MAX_THREADS];
    int nthreads;
    char input[READ_BYTES];
};

/* -- the request ------------------------------------------------------------------ */

/* What an agent sends again with every step: a wish, then calls whose arguments are JSON,
 * and results that are program text of a few kilobytes with its line ends and quotes
 * escaped. */
static const char agent_text[] =
    "def parse(lines):\\n    found = {}\\n    for n, line in enumerate(lines, 1):\\n"
    "        name, _, value = line.partition(\\\"=\\\")\\n        if not name.strip():\\n"
    "            raise ValueError(f\\\"line {n}: a name is missing\\\")\\n"
    "        found[name.strip()] = value.strip().strip('\\\"')\\n    return found\\n\\n";
enum { AGENT_STEPS = 12, AGENT_REPEATS = 8 };

static size_t add(char *at, size_t n, const char *text)
{
    size_t bytes = strlen(text);
    memcpy(at + n, text, bytes);
    return n + bytes;
}

/* The messages of a conversation into `at`, until `room` bytes are nearly full. */
static size_t make_agent_turns(const struct form *f, char *at, size_t room)
{
    size_t most = strlen(f->wish) + strlen(f->call) + strlen(f->call_end) +
                  AGENT_REPEATS * sizeof agent_text;
    size_t n = 0;
    for (size_t step = 0; room - n > most; step++) {
        if (step % AGENT_STEPS == 0)
            n = add(at, n, f->wish);
        n = add(at, n, f->call);
        for (size_t i = 0; i < AGENT_REPEATS; i++)
            n = add(at, n, agent_text);
        n = add(at, n, f->call_end);
    }
    return n;
}

/* `text` with the model in the place of its "%s", if it has one. */
static size_t add_named(const struct load *l, char *at, size_t n, const char *text)
{
    const char *hole = strstr(text, "%s");
    if (!hole)
        return add(at, n, text);
    memcpy(at + n, text, (size_t)(hole - text));
    n = add(at, n + (size_t)(hole - text), l->model);
    return add(at, n, hole + 2);
}

/* Around the text of the last message; *ret_text is where that stands. */
static size_t make_body(const struct load *l, char *at, size_t *ret_text)
{
    const struct form *f = l->form;
    char hint[80] = "";
    size_t n = add_named(l, at, 0, l->events ? f->stream_start : f->start);
    if (l->is_agent)
        n += make_agent_turns(f, at + n, l->body_bytes > n ? l->body_bytes - n : 0);
    n = add(at, n, f->last);
    if (l->events)
        snprintf(hint, sizeof hint, BENCH_HINT, l->events, l->pace_ms);
    n = add(at, n, hint);
    *ret_text = n;
    size_t fixed = n + strlen(f->end);
    size_t fill = l->body_bytes > fixed ? l->body_bytes - fixed : 1;
    for (size_t i = 0; i < fill; i++)
        at[n++] = "What does a weir do in a river? "[i % 32];
    return add(at, n, f->end);
}

static void make_request(struct load *l)
{
    char path[512], length[64];
    size_t size = l->body_bytes + 4096, text;
    char *body = mem_alloc(size);
    l->request = mem_alloc(size + 2048);
    if (!l->request || !body)
        die("memory");
    size_t nbody = make_body(l, body, &text);
    const struct form *f = l->form;
    path[add_named(l, path, 0, l->events ? f->stream_path : f->path)] = '\0';
    snprintf(length, sizeof length, "content-length: %zu\r\n\r\n", nbody);
    int n = snprintf(l->request, 2048,
                     "POST %s HTTP/1.1\r\nhost: 127.0.0.1:%u\r\n"
                     "content-type: application/json\r\n%s%s%s%s%s",
                     path, l->port, l->key ? "authorization: Bearer " : "",
                     l->key ? l->key : "", l->key ? "\r\n" : "", l->fields, length);
    if (n >= 2048)
        die("too many fields");
    memcpy(l->request + n, body, nbody);
    l->nrequest = (size_t)n + nbody;
    mem_free(body);
}

/* -- connections ------------------------------------------------------------------ */

static void watch(struct load *l, struct client *c, int how, bool wants_write)
{
    struct epoll_event e = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0u),
                            .data.ptr = c};
    if (!l->rate)
        epoll_ctl(l->epoll_fd, how, c->fd, &e);
}

static void send_on(struct load *l, struct client *c)
{
    size_t was = c->sent;
    ssize_t n = send(c->fd, l->request + was, l->nrequest - was, MSG_NOSIGNAL);
    if (n > 0)
        c->sent += (size_t)n;
    bool had_rest = was > 0, has_rest = c->sent < l->nrequest;
    if (had_rest != has_rest)
        watch(l, c, EPOLL_CTL_MOD, has_rest);
}

static void ask(struct load *l, struct client *c)
{
    c->state = IN_HEAD;
    c->sent = c->nkept = 0;
    c->next_number = 0;
    c->started_ns = mono_ns();
    send_on(l, c);
}

static void open_client(struct load *l, struct client *c)
{
    struct sockaddr_in at = loopback((uint16_t)l->port);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (l->rate) { /* else the kernel would read ahead for the slow reader */
        const int small = 4096;
        setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&at, sizeof at) < 0)
        die("connect");
    prepare_socket(c->fd);
    watch(l, c, EPOLL_CTL_ADD, false);
    ask(l, c);
}

static void note_begun(struct load *l, struct client *c)
{
    if (c->has_begun)
        return;
    c->has_begun = true;
    l->nbegun++;
}

static void failed(struct load *l, struct client *c)
{
    l->errors++;
    note_begun(l, c);
    close(c->fd);
    if (l->errors > 1000 && l->errors > l->requests)
        die("nothing but errors");
    open_client(l, c);
}

static void answered(struct load *l, struct client *c)
{
    if (l->events && c->next_number != l->events)
        l->errors++;
    if (l->is_measuring) {
        l->requests++;
        hist_add(l->latency, mono_ns() - c->started_ns);
    }
    note_begun(l, c);
    if (l->gap_ms)
        c->ask_at_us = mono_us() + l->gap_ms * UINT64_C(1000);
    else
        ask(l, c);
}

static void ask_again(struct load *l)
{
    uint64_t now = mono_us();
    for (unsigned i = 0; i < l->nclients; i++) {
        struct client *c = &l->clients[i];
        if (!c->ask_at_us || c->ask_at_us > now)
            continue;
        c->ask_at_us = 0;
        ask(l, c);
    }
}

/* -- reading ---------------------------------------------------------------------- */

/* `content`: the event's text. */
static void on_event(struct load *l, struct client *c, const char *content)
{
    uint64_t number = get_digits(content);
    uint64_t sent_us = get_digits(content + EVENT_DIGITS + 1);
    if (number != c->next_number)
        l->disorder++;
    c->next_number = number + 1;
    note_begun(l, c);
    if (!l->is_measuring)
        return;
    l->nevents++;
    hist_add(l->lag, l->now_us > sent_us ? (l->now_us - sent_us) * 1000 : 0);
}

/* Gathers until `end` has come; then what is kept is one whole thing. */
static bool gather(struct client *c, const char **p, const char *stop, const char *end)
{
    size_t nend = strlen(end);
    while (*p < stop) {
        c->kept[c->nkept++] = *(*p)++;
        if (c->nkept >= nend && c->kept[c->nkept - 1] == end[nend - 1] &&
            memcmp(c->kept + c->nkept - nend, end, nend) == 0) {
            c->kept[c->nkept] = '\0';
            c->nkept = 0;
            return true;
        }
        if (c->nkept == KEPT_BYTES - 1)
            c->nkept = 0; /* nothing we look for is that long */
    }
    return false;
}

/* One event, whole or the rest of one that is too long to be of interest. */
static void look_at(struct load *l, struct client *c, const char *p, size_t n)
{
    const char *key = l->form->key, *at = memmem(p, n, key, strlen(key));
    const char *text = at ? at + strlen(key) : p + n;
    if (text + EVENT_TEXT <= p + n && *text != '"')
        on_event(l, c, text);
}

/* Where the event ends that begins at p, or NULL.  Some end their lines with \r\n. */
static const char *event_end(const struct load *l, const char *p, const char *stop)
{
    const char *line = p;
    while ((line = memchr(line, '\n', (size_t)(stop - line)))) {
        line++;
        const char *next = line < stop && *line == '\r' ? line + 1 : line;
        if (!l->form->close[1])
            return line;
        if (next < stop && *next == '\n')
            return next + 1;
    }
    return NULL;
}

/* What of an event has come before; then where it goes on. */
static const char *take_rest(struct load *l, struct client *c, const char *p,
                             const char *stop)
{
    size_t had = c->nkept, room = KEPT_BYTES - had;
    size_t n = (size_t)(stop - p) < room ? (size_t)(stop - p) : room;
    memcpy(c->kept + had, p, n);
    const char *end = event_end(l, c->kept, c->kept + had + n);
    if (!end) {
        c->nkept = n == room ? 0 : (unsigned)(had + n);
        return p + n;
    }
    look_at(l, c, c->kept, (size_t)(end - c->kept));
    c->nkept = 0;
    return p + (end - c->kept - (ptrdiff_t)had);
}

static void on_data(struct load *l, struct client *c, const char *p, size_t n)
{
    const char *stop = p + n;
    while (l->events && p < stop) {
        const char *end = c->nkept ? NULL : event_end(l, p, stop);
        if (end) {
            look_at(l, c, p, (size_t)(end - p));
            p = end;
        } else {
            p = take_rest(l, c, p, stop);
        }
    }
}

static bool on_head(struct client *c)
{
    char *length = strcasestr(c->kept, "\r\ncontent-length:");
    bool is_chunked = strcasestr(c->kept, "\r\ntransfer-encoding: chunked");
    c->state = is_chunked ? IN_SIZE : IN_LENGTH;
    c->left = length ? strtoull(length + 17, NULL, 10) : 0;
    return strncmp(c->kept, "HTTP/1.1 200", 12) == 0 && (is_chunked || length);
}

static size_t take_data(struct load *l, struct client *c, const char *p, const char *stop)
{
    size_t n = (size_t)(stop - p) < c->left ? (size_t)(stop - p) : c->left;
    on_data(l, c, p, n);
    c->left -= n;
    return n;
}

/* A chunk's size is gathered apart from the event that may be cut there. */
static bool take_size(struct client *c, const char **p, const char *stop)
{
    while (*p < stop) {
        int ch = (unsigned char)*(*p)++;
        if (ch == '\n')
            return true;
        if (isxdigit(ch))
            c->left =
                c->left * 16 + (uint64_t)(ch <= '9' ? ch - '0' : (ch | 32) - 'a' + 10);
    }
    return false;
}

/* False when the answer is not what it must be. */
static bool take(struct load *l, struct client *c, const char *p, const char *stop)
{
    while (p < stop) {
        switch (c->state) {
        case IN_HEAD:
            if (gather(c, &p, stop, "\r\n\r\n") && !on_head(c))
                return false;
            break;
        case IN_SIZE:
            if (take_size(c, &p, stop))
                c->state = c->left ? IN_DATA : IN_TRAILER;
            break;
        case IN_DATA:
            p += take_data(l, c, p, stop);
            if (c->left == 0)
                c->state = IN_DATA_END;
            break;
        case IN_DATA_END:
            if (*p++ == '\n')
                c->state = IN_SIZE;
            break;
        case IN_TRAILER:
            if (*p++ == '\n')
                answered(l, c);
            break;
        case IN_LENGTH:
            p += take_data(l, c, p, stop);
            if (c->left == 0)
                answered(l, c);
            break;
        }
    }
    return true;
}

static void on_readable(struct load *l, struct client *c, size_t most)
{
    ssize_t n = recv(c->fd, l->input, most, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    l->now_us = mono_us();
    if (l->is_measuring && n > 0) {
        l->reads++;
        l->bytes += (uint64_t)n;
    }
    if (n <= 0 || !take(l, c, l->input, l->input + n))
        failed(l, c);
}

/* -- the window ------------------------------------------------------------------- */

static bool read_line(const char *path, char *to, int size)
{
    FILE *f = fopen(path, "r");
    bool ok = f && fgets(to, size, f);
    if (f)
        fclose(f);
    return ok;
}

/* The 14th field of stat, counted after the name, which may hold blanks. */
static unsigned long long read_user_ns(int pid, int tid)
{
    char path[80], text[512];
    unsigned long long ticks = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, tid);
    const char *after = read_line(path, text, sizeof text) ? strrchr(text, ')') : NULL;
    if (after)
        sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu", &ticks);
    return ticks * (1000000000ULL / (unsigned long long)sysconf(_SC_CLK_TCK));
}

static void read_cpu(struct load *l, bool is_after)
{
    char path[300], text[128];
    snprintf(path, sizeof path, "/proc/%d/task", l->pid);
    DIR *dir = l->pid ? opendir(path) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        int tid = (int)strtol(e->d_name, NULL, 10), at = 0;
        snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", l->pid, tid);
        if (!tid || !read_line(path, text, sizeof text))
            continue;
        unsigned long long ns = strtoull(text, NULL, 10);
        while (at < l->nthreads && l->threads[at].tid != tid)
            at++;
        if (at == MAX_THREADS)
            continue;
        struct thread_cpu *t = &l->threads[at];
        if (at == l->nthreads) {
            l->nthreads++;
            *t = (struct thread_cpu){.tid = tid, .ns = is_after ? 0 : ns};
            if (!is_after)
                t->user_ns = read_user_ns(l->pid, tid);
            snprintf(path, sizeof path, "/proc/%d/task/%d/comm", l->pid, tid);
            if (read_line(path, t->name, sizeof t->name))
                t->name[strcspn(t->name, "\n")] = '\0';
        }
        t->ns_after = ns;
        if (is_after)
            t->user_ns_after = read_user_ns(l->pid, tid);
    }
    if (dir)
        closedir(dir);
}

static void report(const struct load *l, uint64_t us)
{
    printf("{\"seconds\":%.6f,\"requests\":%llu,\"events\":%llu,\"errors\":%llu,"
           "\"disorder\":%llu,\"reads\":%llu,\"bytes\":%llu,\"p50_us\":%.1f,"
           "\"p99_us\":%.1f,\"lag_p50_us\":%.1f,\"lag_p99_us\":%.1f,\"threads\":[",
           (double)us / 1e6, (unsigned long long)l->requests,
           (unsigned long long)l->nevents, (unsigned long long)l->errors,
           (unsigned long long)l->disorder, (unsigned long long)l->reads,
           (unsigned long long)l->bytes, hist_at(l->latency, 0.5),
           hist_at(l->latency, 0.99), hist_at(l->lag, 0.5), hist_at(l->lag, 0.99));
    for (int i = 0; i < l->nthreads; i++)
        printf("%s{\"tid\":%d,\"name\":\"%s\",\"before_ns\":%llu,\"after_ns\":%llu,"
               "\"user_ns\":%llu}",
               i ? "," : "", l->threads[i].tid, l->threads[i].name, l->threads[i].ns,
               l->threads[i].ns_after,
               l->threads[i].user_ns_after - l->threads[i].user_ns);
    puts("]}");
}

static void read_slowly(struct load *l)
{
    usleep(SLOW_TICK_MS * 1000);
    for (unsigned i = 0; i < l->nclients; i++)
        on_readable(l, &l->clients[i], 1 + l->rate * SLOW_TICK_MS / 1000);
}

static void one_turn(struct load *l)
{
    struct epoll_event events[256];
    if (l->rate) {
        read_slowly(l);
        return;
    }
    int n = epoll_wait(l->epoll_fd, events, 256, l->gap_ms ? 1 : 10);
    if (l->gap_ms)
        ask_again(l);
    for (int i = 0; i < n; i++) {
        struct client *c = events[i].data.ptr;
        if (events[i].events & EPOLLOUT)
            send_on(l, c);
        if (events[i].events & ~(uint32_t)EPOLLOUT)
            on_readable(l, c, sizeof l->input);
    }
}

static void run(struct load *l)
{
    uint64_t began = mono_us();
    for (unsigned i = 0; i < l->nclients; i++)
        open_client(l, &l->clients[i]);
    uint64_t warm = mono_us() + (uint64_t)(l->warm_seconds * 1e6);
    while (l->nbegun < l->nclients || mono_us() < warm) {
        one_turn(l);
        if (mono_us() - began > DISTRESS_S * 1000000ULL)
            die("not all connections had an answer");
    }
    fputs("ready\n", stderr);
    l->is_measuring = true;
    read_cpu(l, false);
    uint64_t start = mono_us(), stop = start + (uint64_t)(l->seconds * 1e6);
    while (mono_us() < stop)
        one_turn(l);
    stop = mono_us();
    read_cpu(l, true);
    report(l, stop - start);
}

static const struct form *form_named(const char *name)
{
    for (size_t i = 0; i < FORMS; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    fprintf(stderr, "load: no dialect is called %s\n", name);
    exit(2);
}

static void read_options(struct load *l, int argc, char **argv)
{
    int o;
    while ((o = getopt(argc, argv, "p:c:d:w:ab:e:i:k:g:r:P:H:D:M:")) != -1) {
        unsigned n = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;
        switch (o) {
        case 'p':
            l->port = n;
            break;
        case 'c':
            l->nclients = n;
            break;
        case 'd':
            l->seconds = strtod(optarg, NULL);
            break;
        case 'w':
            l->warm_seconds = strtod(optarg, NULL);
            break;
        case 'a':
            l->is_agent = true;
            break;
        case 'b':
            l->body_bytes = n;
            break;
        case 'e':
            l->events = n;
            break;
        case 'i':
            l->pace_ms = n;
            break;
        case 'k':
            l->key = optarg;
            break;
        case 'H': /* whole lines of the request's head, with \r\n */
            l->fields = optarg;
            break;
        case 'g':
            l->gap_ms = n;
            break;
        case 'r':
            l->rate = n;
            break;
        case 'P':
            l->pid = (int)n;
            break;
        case 'D':
            l->form = form_named(optarg);
            break;
        case 'M':
            l->model = optarg;
            break;
        default:
            exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    struct load *l = mem_new(struct load);
    if (!l)
        die("memory");
    l->nclients = 1;
    l->seconds = 1;
    l->warm_seconds = 0.3;
    l->body_bytes = 946;
    l->fields = "";
    l->model = "m";
    l->form = &forms[0];
    read_options(l, argc, argv);
    if (!l->port || !l->nclients || l->nclients > MAX_CLIENTS) {
        fputs("load: -p PORT is needed, and 1 to 16384 connections\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    l->clients = mem_zalloc(l->nclients * sizeof *l->clients);
    l->latency = mem_new(struct hist);
    l->lag = mem_new(struct hist);
    l->epoll_fd = epoll_create1(0);
    if (!l->clients || !l->latency || !l->lag)
        die("memory");
    make_request(l);
    run(l);
    return 0;
}
