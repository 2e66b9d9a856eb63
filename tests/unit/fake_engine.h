/* fake_engine.h -- an engine on the test's own loop, and a caller of exchanges.
 *
 * The engine hands every whole request to the test's `answer`, which says what to send
 * and whether to close.  With `ssl` it speaks TLS; as a proxy it takes CONNECT first. */
#ifndef WEIR_TESTS_FAKE_ENGINE_H
#define WEIR_TESTS_FAKE_ENGINE_H

#include "core/buf.h"
#include "http/read.h"
#include "net/conn.h"
#include "net/listen.h"
#include "upstream/exchange.h"

#include "loopback.h"

enum { ENGINE_MAX_OUT = 64 * 1024 * 1024, LIMIT_MS = 20000 };

struct engine;
struct peer { /* one connection, as the engine sees it */
    struct conn c;
    struct link link;
    struct engine *engine;
    struct http_reader *reader;
    int nrequests;
    uint64_t body_bytes;
    bool is_body_wrong, is_gone;
    char test[32]; /* the x-test of its last request */
};

struct engine {
    struct loop *loop;
    struct listener *listener;
    struct link peers;
    SSL_CTX *ssl;
    void (*answer)(struct peer *p);            /* a request is whole */
    void (*on_body)(struct peer *p, size_t n); /* may be NULL */
    int naccepted, nrequests, nclosed;
    bool is_proxy;
    char proxy_request[512];
    char head[1024]; /* the last request's: "target|host|x-test" */
    char address[32];
    char origin[64];
};

static inline void peer_close(struct peer *p)
{
    if (!p->is_gone) {
        p->is_gone = true;
        p->engine->nclosed++;
        conn_close(&p->c);
    }
}

static inline void peer_say(struct peer *p, const char *text)
{
    struct iovec iov = iovec_of(str_of(text));
    assert_int_equal(conn_send(&p->c, &iov, 1), 0);
}

static inline void peer_reset(struct peer *p)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(p->c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    peer_close(p);
}

static inline int peer_head(void *ctx, const struct http_head *h, struct err *err)
{
    struct peer *p = ctx;
    (void)err;
    snprintf(p->engine->head, sizeof p->engine->head, "%.*s|%.*s|%.*s",
             STR_ARG(h->target), STR_ARG(http_head_get(h, STR("Host"))),
             STR_ARG(http_head_get(h, STR("x-test"))));
    snprintf(p->test, sizeof p->test, "%.*s", STR_ARG(http_head_get(h, STR("x-test"))));
    p->body_bytes = 0;
    return 0;
}

static inline int peer_body(void *ctx, struct str piece, struct err *err)
{
    struct peer *p = ctx;
    (void)err;
    if (memcmp(piece.p, pattern_at(p->body_bytes), piece.n) != 0)
        p->is_body_wrong = true;
    p->body_bytes += piece.n;
    if (p->engine->on_body)
        p->engine->on_body(p, piece.n);
    return p->is_gone ? -1 : 0;
}

static inline int peer_end(void *ctx, struct err *err)
{
    struct peer *p = ctx;
    (void)err;
    p->nrequests++;
    p->engine->nrequests++;
    p->engine->answer(p);
    return p->is_gone ? -1 : 0;
}

static inline void peer_open(struct engine *e, int fd, SSL *ssl);

/* Answers CONNECT and becomes the engine behind the proxy on the same socket. */
static inline void peer_tunnel(struct peer *p, struct str in)
{
    struct engine *e = p->engine;
    snprintf(e->proxy_request, sizeof e->proxy_request, "%.*s", STR_ARG(in));
    peer_say(p, "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
    int fd = dup(p->c.fd);
    peer_close(p);
    SSL *ssl = SSL_new(e->ssl);
    SSL_set_fd(ssl, fd);
    SSL_set_accept_state(ssl);
    peer_open(e, fd, ssl);
}

static inline void peer_readable(struct conn *c)
{
    struct peer *p = CONTAINER_OF(c, struct peer, c);
    size_t n = 0, used = 0;
    enum conn_result r = conn_read(c, loop_scratch(c->loop), LOOP_SCRATCH_BYTES, &n);
    if (r == CONN_AGAIN)
        return;
    if (r != CONN_OK) {
        peer_close(p);
        return;
    }
    struct str in = {loop_scratch(c->loop), n};
    if (p->engine->is_proxy && !c->ssl) {
        peer_tunnel(p, in);
        return;
    }
    struct err err;
    while (in.n && !p->is_gone) {
        if (http_reader_feed(p->reader, in, &used, &err) < 0) {
            peer_close(p);
            return;
        }
        in = str_sub(in, used, in.n);
    }
}

static inline void peer_released(struct conn *c)
{
    struct peer *p = CONTAINER_OF(c, struct peer, c);
    list_remove(&p->link);
    http_reader_free(p->reader);
    free(p);
}

static inline void peer_open(struct engine *e, int fd, SSL *ssl)
{
    static const struct conn_events events = {.readable = peer_readable,
                                              .released = peer_released};
    static const struct http_reader_events reading = {
        .head = peer_head, .body = peer_body, .end = peer_end};
    struct peer *p = calloc(1, sizeof *p);
    p->engine = e;
    p->reader = http_reader_create(HTTP_READ_REQUESTS, &reading, p);
    list_append(&e->peers, &p->link);
    assert_int_equal(conn_open(&p->c, e->loop, fd, ssl, &events, ENGINE_MAX_OUT, NULL),
                     0);
    conn_want_read(&p->c, true);
}

static inline void engine_accept(void *arg, int fd)
{
    struct engine *e = arg;
    SSL *ssl = NULL;
    e->naccepted++;
    if (e->ssl && !e->is_proxy) {
        ssl = SSL_new(e->ssl);
        SSL_set_fd(ssl, fd);
        SSL_set_accept_state(ssl);
    }
    peer_open(e, fd, ssl);
}

static inline void engine_start(struct engine *e, struct loop *l,
                                void (*answer)(struct peer *p))
{
    struct err err;
    e->loop = l;
    e->answer = answer;
    list_init(&e->peers);
    e->listener = listener_create(l, STR("127.0.0.1:0"), false, engine_accept, e, &err);
    assert_non_null(e->listener);
    snprintf(e->address, sizeof e->address, "127.0.0.1:%u", listener_port(e->listener));
}

static inline void engine_stop(struct engine *e)
{
    listener_close(e->listener);
    for (struct link *l = e->peers.next; l != &e->peers; l = l->next)
        peer_close(CONTAINER_OF(l, struct peer, link));
}

static inline struct endpoint endpoint_of(struct engine *e)
{
    bool is_tls = e->ssl != NULL;
    snprintf(e->origin, sizeof e->origin, "%s://%s", is_tls ? "https" : "http",
             e->address);
    return (struct endpoint){.name = STR("fake"),
                             .origin = str_of(e->origin),
                             .host = STR("127.0.0.1"),
                             .port = listener_port(e->listener),
                             .is_tls = is_tls,
                             .deadlines = {.connect_ms = 3000,
                                           .first_byte_ms = 5000,
                                           .idle_ms = 2000,
                                           .total_ms = 60000}};
}

/* -- the caller --------------------------------------------------------------- */

struct call {
    struct exchange *x; /* NULL once it has ended */
    struct loop *loop;
    struct upstream_pool *pool;
    int status, nflushes, nends, nfails;
    struct buf body;
    uint64_t body_bytes;
    struct err err;
    struct exchange_stats stats;
    char cancel_in; /* 'h'ead, 'b'ody, 'f'lush, 'e'nd, or 0 */
    char pause_in;
    bool keeps_body;
    unsigned flags; /* enum exchange_flags */
};

static inline void call_moment(struct call *c, char moment)
{
    if (c->pause_in == moment)
        exchange_pause(c->x);
    if (c->cancel_in != moment)
        return;
    exchange_cancel(c->x);
    if (moment != 'e')
        c->x = NULL;
    loop_stop(c->loop);
}

static inline void call_head(void *ctx, const struct http_head *h)
{
    struct call *c = ctx;
    assert_int_equal(c->status, 0);
    c->status = h->status;
    call_moment(c, 'h');
}

static inline void call_body(void *ctx, struct str piece)
{
    struct call *c = ctx;
    assert_non_null(c->x);
    c->body_bytes += piece.n;
    if (c->keeps_body)
        buf_append(&c->body, piece);
    call_moment(c, 'b');
}

static inline void call_flush(void *ctx)
{
    struct call *c = ctx;
    assert_non_null(c->x);
    c->nflushes++;
    call_moment(c, 'f');
}

static inline void call_end(void *ctx)
{
    struct call *c = ctx;
    c->nends++;
    c->stats = exchange_stats(c->x);
    call_moment(c, 'e');
    c->x = NULL;
    loop_stop(c->loop);
}

static inline void call_fail(void *ctx, const struct err *err)
{
    struct call *c = ctx;
    c->nfails++;
    c->err = *err;
    c->stats = exchange_stats(c->x);
    c->x = NULL;
    loop_stop(c->loop);
}

static const struct exchange_events call_events = {.head = call_head,
                                                   .body = call_body,
                                                   .flush = call_flush,
                                                   .end = call_end,
                                                   .fail = call_fail};

static inline void call_init(struct call *c, struct loop *l, struct upstream_pool *p)
{
    *c = (struct call){.loop = l, .pool = p, .keeps_body = true};
    buf_init(&c->body, 1 << 20);
}

static inline void call_start(struct call *c, const struct endpoint *ep,
                              const struct http_message *msg)
{
    struct err err;
    c->x = exchange_start(c->pool, ep, msg, c->flags, &call_events, c, &err);
    assert_non_null(c->x);
    assert_int_equal(c->nends + c->nfails + c->status, 0); /* not inside start */
}

/* Starts and waits for the end. */
static inline void call_run(struct call *c, const struct endpoint *ep,
                            const struct http_message *msg)
{
    call_start(c, ep, msg);
    run_guarded(c->loop, LIMIT_MS);
}

#endif
