/* dial.c -- name look-up, TCP, proxy and TLS, one address after another.
 *
 * Facts that shape it.  getaddrinfo() blocks, so libuv runs it on a thread, and it
 * cannot be stopped: a look-up outlives its dial and then throws its result away.
 * "localhost" may name ::1 while the engine listens on 127.0.0.1 only: every address
 * is tried, and the next dial begins with the one that answered.  A handshake that
 * fails would fail at every address: it ends the dial.  libuv gives a watcher's
 * memory back at the end of the turn, so each attempt has its own. */
#include "upstream/dial.h"

#include "core/clock.h"
#include "core/descriptors.h"
#include "core/mem.h"
#include "upstream/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

enum { ADDRESSES_MS = 30000, MAX_PROXY_ANSWER = 8192 };

enum step { STEP_CONNECT, STEP_PROXY, STEP_TLS };

struct attempt {
    struct loop_io io;
    struct dial *dial; /* NULL once given up */
    int fd;            /* -1 once handed over */
    struct ssl_st *ssl;
    enum step step;
};

struct look_up {
    uv_getaddrinfo_t req;
    struct dial *dial; /* NULL once cancelled */
};

struct dial {
    struct origin *origin;
    struct loop_timer timer;
    uint32_t connect_ms;
    dial_fn *done;
    void *ctx;
    struct look_up *look_up;
    struct attempt *attempt;
    size_t tried;
    bool has_proxy;
    bool has_failed; /* `err` says why; told when the timer runs */
    struct proxy proxy;
    struct buf answer; /* the proxy's */
    struct err err;
};

static struct loop *loop_of(const struct dial *d)
{
    return d->origin->pool->loop;
}

static struct str dialled_host(const struct dial *d)
{
    return d->has_proxy ? str_of(d->proxy.host) : d->origin->host;
}

static uint16_t dialled_port(const struct dial *d)
{
    return d->has_proxy ? d->proxy.port : d->origin->port;
}

/* -- ends --------------------------------------------------------------------- */

static void free_attempt(struct loop_io *io)
{
    mem_free(CONTAINER_OF(io, struct attempt, io));
}

static void give_up_attempt(struct dial *d)
{
    struct attempt *a = d->attempt;
    if (!a)
        return;
    d->attempt = NULL;
    a->dial = NULL;
    loop_io_close(&a->io, free_attempt);
    if (a->fd >= 0)
        conn_discard(a->fd, a->ssl);
}

void dial_cancel(struct dial *d)
{
    if (!d)
        return;
    if (d->look_up)
        d->look_up->dial = NULL;
    give_up_attempt(d);
    loop_timer_stop(&d->timer);
    buf_release(&d->answer);
    mem_wipe(&d->proxy, sizeof d->proxy);
    mem_free(d);
}

/* Told from the timer: `done` must not run inside dial_start(). */
static void fail_soon(struct dial *d)
{
    give_up_attempt(d);
    d->has_failed = true;
    loop_timer_at(&d->timer, loop_now_ms(loop_of(d)));
}

static void succeed(struct dial *d)
{
    struct attempt *a = d->attempt;
    int fd = a->fd;
    struct ssl_st *ssl = a->ssl;
    dial_fn *done = d->done;
    void *ctx = d->ctx;
    struct origin *o = d->origin;
    o->good = (o->good + d->tried - 1) % o->naddresses;
    a->fd = -1;
    dial_cancel(d);
    done(ctx, fd, ssl, NULL);
}

/* -- one address after another ------------------------------------------------ */

static const char *address_text(const union address *a, char out[INET6_ADDRSTRLEN])
{
    const void *bytes = a->any.sa_family == AF_INET ? (const void *)&a->v4.sin_addr
                                                    : (const void *)&a->v6.sin6_addr;
    const char *text = inet_ntop(a->any.sa_family, bytes, out, INET6_ADDRSTRLEN);
    return text ? text : "?";
}

static const union address *current_address(const struct dial *d)
{
    const struct origin *o = d->origin;
    return &o->addresses[(o->good + d->tried - 1) % o->naddresses];
}

static void note_failure(struct dial *d, enum err_kind kind, const char *code,
                         const char *why)
{
    char ip[INET6_ADDRSTRLEN];
    err_set(&d->err, kind, code, "cannot reach engine '%.*s' at %s%.*s:%u (%s): %s",
            STR_ARG(d->origin->name), d->has_proxy ? "proxy " : "",
            STR_ARG(dialled_host(d)), dialled_port(d),
            address_text(current_address(d), ip), why);
}

static void on_ready(struct loop_io *io, unsigned ready);

/* A shortage of ours says nothing about the engine. */
static void note_cannot_dial(struct dial *d, int sys)
{
    bool is_ours = sys == EMFILE || sys == ENFILE || sys == ENOBUFS || sys == ENOMEM;
    if (is_ours)
        err_set(&d->err, ERR_OVERLOAD, "out_of_descriptors",
                "weir can open no more connections: %s; raise its limit of open files "
                "(systemd: LimitNOFILE=, shell: ulimit -n)",
                strerror(sys));
    else
        note_failure(d, ERR_UPSTREAM, "upstream_connect", strerror(sys));
    d->err.sys = sys;
}

/* What is left then is for files. */
static int open_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < descriptors_ceilings().of_engines)
        return fd;
    close(fd);
    errno = EMFILE;
    return -1;
}

static int begin_attempt(struct dial *d, const union address *to)
{
    static const int on = 1;
    struct attempt *a = mem_new(struct attempt);
    if (!a) {
        err_nomem(&d->err);
        return -1;
    }
    a->fd = open_socket(to->any.sa_family);
    a->dial = d;
    socklen_t n = to->any.sa_family == AF_INET ? sizeof to->v4 : sizeof to->v6;
    if (a->fd < 0 || (connect(a->fd, &to->any, n) < 0 && errno != EINPROGRESS)) {
        note_cannot_dial(d, errno);
        if (a->fd >= 0)
            close(a->fd);
        mem_free(a);
        return -1;
    }
    setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (loop_io_open(loop_of(d), &a->io, a->fd, on_ready, &d->err) < 0) {
        close(a->fd);
        mem_free(a);
        return -1;
    }
    d->attempt = a;
    loop_io_want(&a->io, LOOP_WRITE);
    return 0;
}

static void start_clock(struct dial *d)
{
    if (d->connect_ms)
        loop_timer_at(&d->timer, loop_now_ms(loop_of(d)) + d->connect_ms);
}

static void try_next(struct dial *d)
{
    struct origin *o = d->origin;
    give_up_attempt(d);
    buf_clear(&d->answer);
    while (d->tried < o->naddresses) {
        d->tried++;
        if (begin_attempt(d, current_address(d)) == 0) {
            start_clock(d);
            return;
        }
    }
    if (o->addresses_until_ms != UINT64_MAX)
        o->addresses_until_ms = 0; /* perhaps the name has moved */
    fail_soon(d);
}

static void on_timer(struct loop_timer *t)
{
    struct dial *d = CONTAINER_OF(t, struct dial, timer);
    if (d->has_failed) {
        struct err err = d->err;
        dial_fn *done = d->done;
        void *ctx = d->ctx;
        dial_cancel(d);
        done(ctx, -1, NULL, &err);
    } else if (d->attempt) {
        note_failure(d, ERR_TIMEOUT, "connect_timeout",
                     d->attempt->step == STEP_TLS
                         ? "it does not answer in TLS; if it speaks plain HTTP, write "
                           "http:// in its url"
                         : "no connection in time");
        try_next(d);
    } else {
        err_set(&d->err, ERR_TIMEOUT, "connect_timeout",
                "looking %.*s up for engine '%.*s' takes too long",
                STR_ARG(dialled_host(d)), STR_ARG(d->origin->name));
        fail_soon(d);
    }
}

/* -- proxy and TLS ------------------------------------------------------------ */

static void begin_tls(struct dial *d)
{
    struct origin *o = d->origin;
    struct attempt *a = d->attempt;
    if (!o->is_tls) {
        succeed(d);
        return;
    }
    if (!o->tls)
        o->tls = tls_client_create(o->host, o->ca_file, &d->err);
    if (o->tls)
        a->ssl = tls_client_session(o->tls, a->fd, &d->err);
    a->step = STEP_TLS;
    if (a->ssl)
        on_ready(&a->io, LOOP_WRITE);
    else
        fail_soon(d);
}

static void fail_handshake(struct dial *d)
{
    struct err why = d->err;
    err_set(&d->err, why.kind, why.code, "engine '%.*s': %s", STR_ARG(d->origin->name),
            why.msg);
    fail_soon(d);
}

static void shake_hands(struct dial *d)
{
    unsigned want = 0;
    int rc = tls_handshake(d->attempt->ssl, &want, &d->err);
    if (rc > 0)
        succeed(d);
    else if (rc < 0)
        fail_handshake(d);
    else
        loop_io_want(&d->attempt->io, want);
}

static void ask_proxy(struct dial *d)
{
    const struct origin *o = d->origin;
    bool is_v6 = str_index(o->host, ':') >= 0;
    struct buf b;
    buf_init(&b, MAX_PROXY_ANSWER);
    for (int i = 0; i < 2; i++) {
        buf_printf(&b, i == 0 ? "CONNECT " : " HTTP/1.1\r\nHost: ");
        buf_printf(&b, is_v6 ? "[%.*s]:%u" : "%.*s:%u", STR_ARG(o->host), o->port);
    }
    if (d->proxy.credentials[0])
        buf_printf(&b, "\r\nProxy-Authorization: Basic %s", d->proxy.credentials);
    buf_lit(&b, "\r\n\r\n");
    ssize_t sent = b.failed ? -1 : send(d->attempt->fd, b.p, buf_len(&b), MSG_NOSIGNAL);
    bool is_whole = sent >= 0 && (size_t)sent == buf_len(&b);
    buf_release(&b);
    if (!is_whole) {
        note_failure(d, ERR_UPSTREAM, "upstream_connect", "the proxy takes no request");
        try_next(d);
        return;
    }
    d->attempt->step = STEP_PROXY;
    loop_io_want(&d->attempt->io, LOOP_READ);
}

/* 1: the tunnel stands.  0: more to read.  -1: refused (err set). */
static int judge_proxy_answer(struct dial *d)
{
    struct str in = buf_view(&d->answer);
    ptrdiff_t end = str_find(in, STR("\r\n\r\n"));
    uint64_t status = 0;
    if (end < 0 && in.n < MAX_PROXY_ANSWER)
        return 0;
    bool is_http = str_starts(in, STR("HTTP/1.")) && in.n > 12 &&
                   str_to_u64(str_sub(in, 9, 12), &status);
    if (end >= 0 && is_http && status / 100 == 2 && (size_t)end + 4 == in.n)
        return 1;
    if (status == 407)
        note_failure(d, ERR_UPSTREAM, "upstream_connect",
                     "the proxy wants a user and password: "
                     "HTTPS_PROXY=http://user:password@host:port");
    else if (is_http && status / 100 != 2)
        err_set(&d->err, ERR_UPSTREAM, "upstream_connect",
                "cannot reach engine '%.*s': proxy %s:%u refuses with status %u",
                STR_ARG(d->origin->name), d->proxy.host, d->proxy.port, (unsigned)status);
    else
        note_failure(d, ERR_UPSTREAM, "upstream_connect", "that is no HTTP proxy");
    return -1;
}

static void read_proxy(struct dial *d)
{
    char *p = loop_scratch(loop_of(d));
    ssize_t n = recv(d->attempt->fd, p, MAX_PROXY_ANSWER - buf_len(&d->answer), 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (n <= 0) {
        note_failure(d, ERR_UPSTREAM, "upstream_connect",
                     n < 0 ? strerror(errno) : "the proxy closed the connection");
        try_next(d);
        return;
    }
    buf_append(&d->answer, (struct str){p, (size_t)n});
    int rc = d->answer.failed ? err_nomem(&d->err) : judge_proxy_answer(d);
    if (rc > 0)
        begin_tls(d);
    else if (rc < 0)
        fail_soon(d);
}

static void on_connected(struct dial *d)
{
    int sys = 0;
    socklen_t n = sizeof sys;
    getsockopt(d->attempt->fd, SOL_SOCKET, SO_ERROR, &sys, &n);
    if (sys) {
        note_failure(d, ERR_UPSTREAM, "upstream_connect", strerror(sys));
        try_next(d);
    } else if (d->has_proxy) {
        ask_proxy(d);
    } else {
        begin_tls(d);
    }
}

static void on_ready(struct loop_io *io, unsigned ready)
{
    struct attempt *a = CONTAINER_OF(io, struct attempt, io);
    (void)ready;
    switch (a->step) {
    case STEP_CONNECT:
        on_connected(a->dial);
        break;
    case STEP_PROXY:
        read_proxy(a->dial);
        break;
    case STEP_TLS:
        shake_hands(a->dial);
        break;
    }
}

/* -- names -------------------------------------------------------------------- */

static void keep_addresses(struct origin *o, const union address *list, size_t n,
                           uint64_t until_ms)
{
    union address *copy = mem_alloc(n * sizeof *list);
    if (!copy)
        return; /* another dial may be using the old ones: they stay */
    memcpy(copy, list, n * sizeof *list);
    mem_free(o->addresses);
    o->addresses = copy;
    o->naddresses = n;
    o->good = 0;
    o->addresses_until_ms = until_ms;
}

static bool keep_literal(struct origin *o, const char *host, uint16_t port)
{
    union address a = {.v4 = {.sin_family = AF_INET, .sin_port = htons(port)}};
    if (inet_pton(AF_INET, host, &a.v4.sin_addr) != 1) {
        a = (union address){.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
        if (inet_pton(AF_INET6, host, &a.v6.sin6_addr) != 1)
            return false;
    }
    keep_addresses(o, &a, 1, UINT64_MAX);
    return o->naddresses > 0;
}

static size_t collect(const struct addrinfo *ai, union address list[])
{
    size_t n = 0;
    for (; ai && n < ORIGIN_MAX_ADDRESSES; ai = ai->ai_next) {
        bool is_ip = ai->ai_family == AF_INET || ai->ai_family == AF_INET6;
        if (is_ip && ai->ai_addrlen <= sizeof list[n])
            memcpy(&list[n++], ai->ai_addr, ai->ai_addrlen);
    }
    return n;
}

static bool has_address(const union address *list, size_t n, const union address *a)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i].any.sa_family != a->any.sa_family)
            continue;
        if (a->any.sa_family == AF_INET
                ? list[i].v4.sin_addr.s_addr == a->v4.sin_addr.s_addr
                : memcmp(&list[i].v6.sin6_addr, &a->v6.sin6_addr, 16) == 0)
            return true;
    }
    return false;
}

/* localhost is both loopback addresses (RFC 6761, 6.3), whatever the hosts file has:
 * engines listen on one or the other. */
static size_t add_loopbacks(const struct dial *d, union address list[], size_t n)
{
    uint16_t port = htons(dialled_port(d));
    const union address both[] = {
        {.v4 = {.sin_family = AF_INET,
                .sin_port = port,
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}},
        {.v6 = {.sin6_family = AF_INET6,
                .sin6_port = port,
                .sin6_addr = IN6ADDR_LOOPBACK_INIT}},
    };
    for (size_t i = 0; i < ARRAY_LEN(both) && n < ORIGIN_MAX_ADDRESSES; i++)
        if (!has_address(list, n, &both[i]))
            list[n++] = both[i];
    return n;
}

static void on_looked_up(uv_getaddrinfo_t *req, int status, struct addrinfo *ai)
{
    struct look_up *lu = CONTAINER_OF(req, struct look_up, req);
    struct dial *d = lu->dial;
    union address list[ORIGIN_MAX_ADDRESSES];
    size_t n = status == 0 ? collect(ai, list) : 0;
    uv_freeaddrinfo(ai);
    mem_free(lu);
    if (!d)
        return;
    d->look_up = NULL;
    if (d->has_failed)
        return;
    if (str_eq_nocase(dialled_host(d), STR("localhost")))
        n = add_loopbacks(d, list, n);
    if (n)
        keep_addresses(d->origin, list, n, loop_now_ms(loop_of(d)) + ADDRESSES_MS);
    if (n && d->origin->naddresses) {
        try_next(d);
        return;
    }
    err_set(&d->err, ERR_UPSTREAM, "upstream_dns",
            "cannot find %.*s for engine '%.*s': %s", STR_ARG(dialled_host(d)),
            STR_ARG(d->origin->name),
            status < 0 ? uv_strerror(status) : "it has no address");
    fail_soon(d);
}

static int look_up(struct dial *d, const char *host)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct look_up *lu = mem_new(struct look_up);
    if (!lu)
        return err_nomem(&d->err);
    lu->dial = d;
    snprintf(port, sizeof port, "%u", dialled_port(d));
    int rc =
        uv_getaddrinfo(loop_uv(loop_of(d)), &lu->req, on_looked_up, host, port, &hints);
    if (rc < 0) {
        mem_free(lu);
        return err_set(&d->err, ERR_UPSTREAM, "upstream_dns", "cannot look %s up: %s",
                       host, uv_strerror(rc));
    }
    d->look_up = lu;
    start_clock(d);
    return 0;
}

static void find_addresses(struct dial *d)
{
    struct origin *o = d->origin;
    char host[256];
    struct str name = dialled_host(d);
    if (o->naddresses && loop_now_ms(loop_of(d)) < o->addresses_until_ms) {
        try_next(d);
        return;
    }
    snprintf(host, sizeof host, "%.*s", STR_ARG(name));
    if (keep_literal(o, host, dialled_port(d)))
        try_next(d);
    else if (look_up(d, host) < 0)
        fail_soon(d);
}

struct dial *dial_start(struct origin *o, uint32_t connect_ms, dial_fn *done, void *ctx,
                        struct err *err)
{
    struct dial *d = mem_new(struct dial);
    if (!d) {
        err_nomem(err);
        return NULL;
    }
    d->origin = o;
    d->connect_ms = connect_ms;
    d->done = done;
    d->ctx = ctx;
    buf_init(&d->answer, MAX_PROXY_ANSWER);
    loop_timer_init(o->pool->loop, &d->timer, on_timer);
    int proxied = o->use_proxy && o->is_tls
                      ? proxy_from_environment(o->host, o->port, &d->proxy, &d->err)
                      : 0;
    d->has_proxy = proxied > 0;
    if (proxied < 0)
        fail_soon(d);
    else
        find_addresses(d);
    return d;
}
