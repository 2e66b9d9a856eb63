/* fetch.c -- a few exchanges on a loop of their own, used once and thrown away.
 *
 * The transport is the gateway's (upstream/exchange.h), with its deadlines and its
 * strict reader.  libcurl served here before: for a handful of GETs to loopback it
 * brought 28 more libraries, which every weir loads whatever its verb is.  Small
 * servers queue few connections and what they drop costs a second, so an origin is
 * asked three things at a time. */
#include "upstream/fetch.h"

#include "core/mem.h"
#include "upstream/exchange.h"

#include <stdio.h>

enum { MOST_OF_ONE_ORIGIN = 3 };

struct batch;

struct call {
    struct batch *batch;
    struct fetch *fetch;
    struct endpoint endpoint;
    struct http_message message;
    char fields[512];
    struct exchange *exchange; /* while it runs */
    int status;                /* as the head said */
    bool is_begun;
};

struct batch {
    struct loop *loop;
    struct upstream_pool *pool;
    struct loop_timer timer;
    struct call *calls;
    size_t n;
};

void fetch_init(struct fetch *f)
{
    *f = (struct fetch){.status = 0};
    buf_init(&f->body, FETCH_MAX_BYTES);
}

void fetch_release(struct fetch *f)
{
    buf_release(&f->body);
}

/* -- what is asked ---------------------------------------------------------------- */

static struct deadlines deadlines_of(long total_ms)
{
    return (struct deadlines){.connect_ms = FETCH_CONNECT_MS,
                              .total_ms = (uint32_t)total_ms};
}

/* http://HOST:PORT/PATH, as weir itself writes it. */
static bool take_apart(struct call *c, const char *url, long total_ms)
{
    struct str rest = str_of(url);
    if (c->fetch->endpoint) {
        c->endpoint = *c->fetch->endpoint;
        c->endpoint.use_proxy = false;
        c->endpoint.deadlines = deadlines_of(total_ms);
        c->message.target = rest;
        return true;
    }
    if (!str_starts(rest, STR("http://")))
        return false;
    rest = str_sub(rest, 7, rest.n);
    ptrdiff_t slash = str_index(rest, '/');
    struct str origin = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash);
    struct str host = origin;
    uint64_t port = 0;
    while (host.n && host.p[host.n - 1] != ':')
        host.n--;
    if (host.n == 0 || !str_to_u64(str_sub(origin, host.n, origin.n), &port) ||
        port == 0 || port > UINT16_MAX)
        return false;
    host.n--;
    if (host.n > 2 && host.p[0] == '[')
        host = str_sub(host, 1, host.n - 1);
    c->message.target = slash < 0 ? STR("/") : str_sub(rest, (size_t)slash, rest.n);
    c->endpoint = (struct endpoint){.name = origin,
                                    .origin = origin,
                                    .host = host,
                                    .port = (uint16_t)port,
                                    .deadlines = deadlines_of(total_ms)};
    return true;
}

#define COMMON_FIELDS                                                                    \
    "Accept: application/json\r\nAccept-Encoding: identity\r\n"                          \
    "User-Agent: weir/" WEIR_VERSION "\r\n"

static void fill_message(struct call *c)
{
    struct http_message *m = &c->message;
    m->method = c->fetch->post ? STR("POST") : STR("GET");
    const char *token = c->fetch->bearer;
    snprintf(c->fields, sizeof c->fields, "%s%s%s%s%s", COMMON_FIELDS,
             c->fetch->post ? "Content-Type: application/json\r\n" : "",
             token ? "Authorization: Bearer " : "", token ? token : "",
             token ? "\r\n" : "");
    m->fields = str_of(c->fields);
    if (!c->fetch->post)
        return;
    m->body[m->npieces++] = str_of(c->fetch->post);
    m->body_bytes = m->body[0].n;
}

/* -- asking ------------------------------------------------------------------------- */

static void begin_more(struct batch *b);

static void on_head(void *ctx, const struct http_head *head)
{
    struct call *c = ctx;
    c->status = head->status;
}

static void over(struct call *c)
{
    c->exchange = NULL;
    begin_more(c->batch);
}

static void on_body(void *ctx, struct str piece)
{
    struct call *c = ctx;
    buf_append(&c->fetch->body, piece);
    if (!c->fetch->body.failed)
        return;
    exchange_cancel(c->exchange);
    over(c);
}

static void on_flush(void *ctx)
{
    (void)ctx;
}

static void on_end(void *ctx)
{
    struct call *c = ctx;
    c->fetch->status = c->status;
    over(c);
}

static void on_fail(void *ctx, const struct err *err)
{
    (void)err; /* status 0 says that there was no answer: which failure is all one */
    over(ctx);
}

static const struct exchange_events events = {
    .head = on_head, .body = on_body, .flush = on_flush, .end = on_end, .fail = on_fail};

static bool has_room(const struct batch *b, const struct call *c)
{
    size_t running = 0;
    for (size_t i = 0; i < b->n; i++)
        running += b->calls[i].exchange &&
                   str_eq(b->calls[i].endpoint.origin, c->endpoint.origin);
    return running < MOST_OF_ONE_ORIGIN;
}

static void begin_more(struct batch *b)
{
    size_t nopen = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct call *c = &b->calls[i];
        if (!c->is_begun && has_room(b, c)) {
            c->is_begun = true;
            c->exchange = exchange_start(b->pool, &c->endpoint, &c->message,
                                         EXCHANGE_RESENDS, &events, c, NULL);
        }
        nopen += c->exchange != NULL || !c->is_begun;
    }
    if (nopen == 0)
        loop_stop(b->loop);
}

static void on_timer(struct loop_timer *t)
{
    struct batch *b = CONTAINER_OF(t, struct batch, timer);
    for (size_t i = 0; i < b->n; i++) {
        exchange_cancel(b->calls[i].exchange);
        b->calls[i].exchange = NULL;
        b->calls[i].is_begun = true;
    }
    loop_stop(b->loop);
}

static bool fill(struct batch *b, struct fetch *items, size_t n, long total_ms)
{
    b->n = n;
    b->calls = mem_zalloc(n * sizeof *b->calls);
    for (size_t i = 0; b->calls && i < n; i++) {
        struct call *c = &b->calls[i];
        c->batch = b;
        c->fetch = &items[i];
        c->is_begun = !take_apart(c, items[i].url, total_ms);
        fill_message(c);
    }
    return b->calls != NULL;
}

static void release(struct batch *b)
{
    upstream_pool_free(b->pool);
    loop_free(b->loop);
    if (b->calls)
        mem_wipe(b->calls, b->n * sizeof *b->calls); /* tokens */
    mem_free(b->calls);
}

int fetch_all(struct fetch *items, size_t n, long total_ms, struct err *err)
{
    struct batch b = {0};
    int rc = -1;
    if (n == 0)
        return 0;
    b.loop = loop_create(err);
    b.pool = b.loop ? upstream_pool_create(b.loop, err) : NULL;
    if (b.pool && !fill(&b, items, n, total_ms))
        err_nomem(err);
    if (b.calls) {
        loop_timer_init(b.loop, &b.timer, on_timer);
        loop_timer_at(&b.timer, loop_now_ms(b.loop) + (uint64_t)total_ms);
        begin_more(&b);
        loop_run(b.loop);
        loop_timer_stop(&b.timer);
        rc = 0;
    }
    release(&b);
    return rc;
}
