/* exchange.c -- the life of one request to an engine.
 *
 *   start -> (dial ->) send -> first byte -> body -> end
 *     any step -> fail, exchange_cancel() or exchange_leave()
 *
 * Facts that shape it.  An engine may close a pooled connection at the very moment we
 * write to it; one that ends later may have worked for a minute, and died of it: so
 * only the former is called stale.  An engine may also answer before it has read the
 * whole request (413, 401) and then reset: so a failed write does not end the exchange,
 * reading does.  On a pooled connection what comes first may belong to the request
 * before: whatever cannot be an answer to this one ends the connection, and the engine
 * is not trusted with a pool for a while.  Deadlines move with every read: the timer is
 * one, and is only re-filed when its time comes (loop.h).  Reading stops after one recv()
 * per wake-up: what is left comes with the next turn, after everybody else had theirs. */
#include "upstream/exchange.h"

#include "core/clock.h"
#include "core/mem.h"
#include "upstream/dial.h"
#include "upstream/pool.h"
#include "upstream/request.h"

#ifdef __linux__
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif
#include <sys/socket.h>

/* After a failed write the answer, if any, is already on its way; after [DONE] the end
 * of the message is. */
enum { LAST_WORDS_MS = 1000, LEAVE_MS = 2000 };

/* "You have been silent for too long" (408), said while the request was on its way. */
#define GOODBYE "goodbye"

enum phase { PHASE_DIAL, PHASE_FIRST_BYTE, PHASE_IDLE, PHASE_LAST_WORDS, PHASE_LEFT };

struct exchange {
    struct link link;
    struct upstream_pool *pool;
    struct origin *origin;
    const struct endpoint *ep;
    const struct http_message *msg; /* not looked at once the answer has begun */
    const struct exchange_events *events;
    void *ctx;
    struct upstream_conn *u; /* while connected */
    struct dial *dial;       /* while dialling  */
    struct loop_timer timer;
    uint64_t total_due_ms, phase_due_ms; /* 0: no limit */
    uint64_t dialled_us;
    uint64_t written_ms; /* when the request had gone out whole */
    size_t sent;
    struct exchange_stats stats;
    enum phase phase;
    bool is_sent;     /* all of the request has gone out */
    bool is_early;    /* the answer began before that */
    bool has_head;    /* `head` was called */
    bool keeps_alive; /* what the head said */
    bool is_answered; /* the answer is complete */
    bool is_paused;
    bool may_resend; /* silently, once */
    bool is_stamped; /* EXCHANGE_STAMPS */
    bool is_over;    /* `end` or `fail` is running */
    bool leaves;     /* to the cloud */
};

static void begin(struct exchange *x);

/* -- deadlines ---------------------------------------------------------------- */

static void arm(struct exchange *x)
{
    uint64_t due = x->is_paused ? 0 : x->phase_due_ms;
    if (due == 0 || (x->total_due_ms && x->total_due_ms < due))
        due = x->total_due_ms;
    if (due)
        loop_timer_at(&x->timer, due);
    else
        loop_timer_stop(&x->timer);
}

static void enter_phase(struct exchange *x, enum phase phase, uint32_t limit_ms)
{
    x->phase = phase;
    x->phase_due_ms = limit_ms ? loop_now_ms(x->pool->loop) + limit_ms : 0;
    arm(x);
}

/* -- ends --------------------------------------------------------------------- */

static void let_go(struct exchange *x)
{
    loop_timer_stop(&x->timer);
    dial_cancel(x->dial);
    x->dial = NULL;
    if (x->u)
        upstream_conn_close(x->u);
    x->u = NULL;
}

static void exchange_free(struct exchange *x)
{
    list_remove(&x->link);
    origin_leave(x->origin);
    slabs_give(&x->pool->memory, x);
}

static void fail(struct exchange *x, const struct err *err)
{
    let_go(x);
    x->is_over = true;
    x->events->fail(x->ctx, err);
    exchange_free(x);
}

static void fail_reset(struct exchange *x, const char *what, const char *why)
{
    struct err err;
    err_set(&err, ERR_UPSTREAM, "upstream_reset", "engine '%.*s' %s%s%s",
            STR_ARG(x->origin->name), what, why ? ": " : "", why ? why : "");
    fail(x, &err);
}

static void finish(struct exchange *x, bool has_clean_end, bool has_surplus)
{
    struct upstream_conn *u = x->u;
    x->u = NULL;
    let_go(x);
    if (has_clean_end && x->keeps_alive && x->is_sent && http_reader_is_idle(u->reader))
        origin_put_idle(x->origin, u);
    else
        upstream_conn_close(u);
    if (UNLIKELY(has_surplus))
        origin_distrust(x->origin);
    x->is_over = true;
    x->events->end(x->ctx);
    exchange_free(x);
}

void exchange_cancel(struct exchange *x)
{
    if (!x || x->is_over)
        return;
    let_go(x);
    exchange_free(x);
}

static void ignore(void *ctx)
{
    (void)ctx;
}

static void ignore_body(void *ctx, struct str piece)
{
    (void)ctx;
    (void)piece;
}

static void ignore_failure(void *ctx, const struct err *err)
{
    (void)ctx;
    (void)err;
}

static const struct exchange_events no_events = {
    .body = ignore_body, .flush = ignore, .end = ignore, .fail = ignore_failure};

void exchange_leave(struct exchange *x)
{
    if (!x || x->is_over)
        return;
    if (!x->u || !x->has_head || !x->is_sent) {
        exchange_cancel(x);
        return;
    }
    x->events = &no_events;
    x->ep = NULL;
    x->total_due_ms = 0;
    x->is_paused = false;
    enter_phase(x, PHASE_LEFT, LEAVE_MS);
    conn_want_read(&x->u->c, true);
}

static uint64_t worked_ms(const struct exchange *x)
{
    return x->is_sent ? loop_now_ms(x->pool->loop) - x->written_ms : 0;
}

/* The engine cannot have done much for this request, and it has not answered it. */
static bool is_stale(const struct exchange *x)
{
    return x->stats.was_pooled && !x->has_head && worked_ms(x) <= EXCHANGE_STALE_MS;
}

static void stale(struct exchange *x)
{
    struct err err;
    if (x->may_resend) {
        let_go(x);
        x->may_resend = x->stats.was_pooled = x->is_sent = x->is_early = false;
        x->stats.received_bytes = x->sent = 0;
        begin(x);
        return;
    }
    err_set(&err, ERR_UPSTREAM, "upstream_stale",
            "engine '%.*s' had ended the connection, or sent what nobody asked for on it",
            STR_ARG(x->origin->name));
    fail(x, &err);
}

/* It was asked in plain HTTP and has never answered so. */
static bool may_want_tls(const struct exchange *x)
{
    return !x->origin->is_tls && !x->origin->has_answered;
}

/* The connection ended or broke before the answer did. */
static void connection_lost(struct exchange *x, const char *why)
{
    if (x->stats.received_bytes)
        fail_reset(x, "broke its answer off", why);
    else if (is_stale(x))
        stale(x);
    else
        fail_reset(x,
                   may_want_tls(x) ? "closed the connection without an answer (if it "
                                     "speaks TLS, write https:// in its url)"
                                   : "closed the connection without an answer",
                   why);
}

/* -- what leaves may be shut off ------------------------------------------------ */

static bool is_shut(const struct upstream_pool *p)
{
    return p->is_shut && atomic_load_explicit(p->is_shut, memory_order_acquire);
}

static int refuse_shut(const struct endpoint *ep, struct err *err)
{
    return err_set(err, ERR_OVERLOAD, EXCHANGE_SHUT,
                   "engine '%.*s' is not asked: the cloud is paused", STR_ARG(ep->name));
}

/* More of its request would leave. */
static bool is_to_stop(const struct exchange *x)
{
    return UNLIKELY(x->leaves) && !x->is_sent && !x->has_head && is_shut(x->pool);
}

/* Written, and still with the kernel, which would send it on. */
static bool is_in_flight(const struct exchange *x)
{
#ifdef __linux__
    int waiting = 0;
    return x->u && x->stats.received_bytes == 0 &&
           ioctl(x->u->c.fd, SIOCOUTQ, &waiting) == 0 && waiting > 0;
#else
    (void)x;
    return false;
#endif
}

/* By a reset, which takes what is on its way out of the kernel's hands. */
static void stop(struct exchange *x)
{
    const struct linger at_once = {.l_onoff = 1};
    struct err err;
    if (x->u)
        setsockopt(x->u->c.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)refuse_shut(x->ep, &err);
    fail(x, &err);
}

void upstream_pool_shut_by(struct upstream_pool *p, const atomic_bool *shut)
{
    p->is_shut = shut;
}

size_t upstream_pool_shut(struct upstream_pool *p)
{
    size_t n = 0;
    struct link *at = p->exchanges.next;
    while (at != &p->exchanges) {
        struct exchange *x = CONTAINER_OF(at, struct exchange, link);
        at = at->next;
        if (!x->leaves || x->is_over || x->phase == PHASE_LEFT)
            continue;
        if (!is_to_stop(x) && !is_in_flight(x)) {
            n++;
            continue;
        }
        stop(x);
        at = p->exchanges.next; /* whoever it failed may have ended others */
        n = 0;
    }
    return n;
}

static void on_timer(struct loop_timer *t)
{
    struct exchange *x = CONTAINER_OF(t, struct exchange, timer);
    static const struct {
        const char *code, *what;
    } words[] = {
        [PHASE_FIRST_BYTE] = {"first_byte_timeout", "does not begin to answer"},
        [PHASE_IDLE] = {"idle_timeout", "has fallen silent"},
    };
    uint64_t now = loop_now_ms(t->loop);
    struct err err;
    if (x->total_due_ms && now >= x->total_due_ms) {
        err_set(&err, ERR_TIMEOUT, "total_timeout",
                "engine '%.*s' takes longer than %u ms", STR_ARG(x->origin->name),
                x->ep->deadlines.total_ms);
        fail(x, &err);
    } else if (x->is_paused || x->phase_due_ms == 0 || now < x->phase_due_ms) {
        arm(x);
    } else if (x->phase == PHASE_LAST_WORDS) {
        connection_lost(x, strerror(x->u->c.sys_err));
    } else if (x->phase == PHASE_LEFT) {
        exchange_cancel(x);
    } else {
        err_set(&err, ERR_TIMEOUT, words[x->phase].code, "engine '%.*s' %s",
                STR_ARG(x->origin->name), words[x->phase].what);
        fail(x, &err);
    }
}

/* -- sending ------------------------------------------------------------------ */

static void send_on(struct exchange *x)
{
    struct request_wire w;
    size_t n = 0;
    request_wire_fill(&w, x->msg, x->origin->host_line, x->sent);
    enum conn_result r = conn_writev(&x->u->c, w.iov, w.n, &n);
    x->stats.may_have_left |= n > 0 || x->u->c.ssl;
    if (r == CONN_FAIL) {
        conn_want_write(&x->u->c, false);
        enter_phase(x, PHASE_LAST_WORDS, LAST_WORDS_MS);
        return;
    }
    if (r == CONN_OK) {
        x->sent += n;
        x->stats.sent_bytes += n;
    }
    x->is_sent = r == CONN_OK && n == w.bytes;
    x->written_ms = loop_now_ms(x->pool->loop);
    conn_want_write(&x->u->c, !x->is_sent);
    if (r == CONN_OK && x->stats.received_bytes == 0)
        enter_phase(x, PHASE_FIRST_BYTE, x->ep->deadlines.first_byte_ms);
}

static void on_writable(struct conn *c)
{
    struct exchange *x = CONTAINER_OF(c, struct upstream_conn, c)->x;
    if (!x)
        return;
    if (x->has_head) /* answered early: the rest is not wanted, nor ours any more */
        conn_want_write(c, false);
    else if (is_to_stop(x))
        stop(x);
    else
        send_on(x);
}

/* -- receiving ---------------------------------------------------------------- */

static int is_gone(struct err *err)
{
    return err_set(err, ERR_UPSTREAM, "cancelled", "the exchange was cancelled");
}

static int on_head(void *ctx, const struct http_head *head, struct err *err)
{
    struct upstream_conn *u = ctx;
    struct exchange *x = u->x;
    if (!x)
        return is_gone(err);
    if (UNLIKELY(head->status == 408) && is_stale(x))
        return err_set(err, ERR_UPSTREAM, GOODBYE, "it had waited too long for it");
    x->is_early |= !x->is_sent;
    if (UNLIKELY(x->is_early) && head->status < 400)
        return err_set(err, ERR_UPSTREAM, "early_answer",
                       "it answers a request that it does not have whole");
    x->has_head = x->origin->has_answered = true;
    x->keeps_alive = head->keep_alive && !x->is_early;
    x->events->head(x->ctx, head);
    return u->x ? 0 : is_gone(err);
}

static int on_body(void *ctx, struct str piece, struct err *err)
{
    struct upstream_conn *u = ctx;
    if (!u->x)
        return is_gone(err);
    u->x->events->body(u->x->ctx, piece);
    return u->x ? 0 : is_gone(err);
}

static int on_end(void *ctx, struct err *err)
{
    struct upstream_conn *u = ctx;
    if (!u->x)
        return is_gone(err);
    u->x->is_answered = true;
    return 0;
}

/* On a pooled connection it may be left of the request before, and innocent this one. */
static void bad_http(struct exchange *x, const struct err *why)
{
    struct err err;
    if (x->stats.was_pooled && !x->has_head) {
        if (!why->code || strcmp(why->code, GOODBYE) != 0)
            origin_distrust(x->origin);
        if (is_stale(x)) {
            stale(x);
            return;
        }
    }
    err_set(&err, ERR_UPSTREAM, "upstream_bad_http", "engine '%.*s': %s%s",
            STR_ARG(x->origin->name), why->msg,
            may_want_tls(x) ? "; if it speaks TLS, write https:// in its url" : "");
    fail(x, &err);
}

/* u->x is looked at anew after every call out: a callback may have cancelled it. */
static void take(struct upstream_conn *u, struct str in)
{
    u->x->stats.received_bytes += in.n;
    while (in.n && !u->x->is_answered) {
        struct err err;
        size_t used = 0;
        int rc = http_reader_feed(u->reader, in, &used, &err);
        if (!u->x)
            return;
        if (rc < 0) {
            bad_http(u->x, &err);
            return;
        }
        in = str_sub(in, used, in.n);
    }
    struct exchange *x = u->x;
    if (x->is_answered) {
        finish(x, in.n == 0, in.n != 0);
        return;
    }
    if (!x->has_head) { /* a 1xx is not yet the answer's first byte */
        x->is_early |= !x->is_sent && http_reader_is_in_head(u->reader);
    } else if (x->phase != PHASE_LEFT) {
        enter_phase(x, PHASE_IDLE, x->ep->deadlines.idle_ms);
        x->events->flush(x->ctx);
    }
}

static void ended(struct upstream_conn *u)
{
    struct err err;
    int rc = u->x->has_head ? http_reader_eof(u->reader, &err) : -1;
    if (!u->x)
        return;
    if (rc == 0 && u->x->is_answered)
        finish(u->x, false, false);
    else
        connection_lost(u->x, NULL);
}

static void on_readable(struct conn *c)
{
    struct upstream_conn *u = CONTAINER_OF(c, struct upstream_conn, c);
    size_t n = 0;
    if (UNLIKELY(!u->x)) {
        upstream_conn_idle_readable(u);
        return;
    }
    char *p = loop_scratch(c->loop);
    enum conn_result r = conn_read(c, p, LOOP_SCRATCH_BYTES, &n);
    if (u->x->is_stamped)
        u->x->stats.read_us = clock_mono_us();
    switch (r) {
    case CONN_OK:
        take(u, (struct str){p, n});
        break;
    case CONN_AGAIN:
        break;
    case CONN_EOF:
        ended(u);
        break;
    case CONN_FAIL:
        connection_lost(u->x, strerror(c->sys_err));
        break;
    }
}

static const struct conn_events conn_events = {
    .readable = on_readable, .writable = on_writable, .released = upstream_conn_released};
static const struct http_reader_events reader_events = {
    .head = on_head, .body = on_body, .end = on_end};

/* -- starting ----------------------------------------------------------------- */

static void attach(struct exchange *x, struct upstream_conn *u)
{
    x->u = u;
    u->x = x;
    if (str_eqz(x->msg->method, "HEAD"))
        http_reader_expect_no_body(u->reader);
    conn_want_read(&u->c, !x->is_paused);
    send_on(x);
}

static void on_dialled(void *ctx, int fd, struct ssl_st *ssl, const struct err *err)
{
    struct exchange *x = ctx;
    struct err no_conn;
    x->dial = NULL;
    if (err) {
        fail(x, err);
        return;
    }
    if (is_to_stop(x)) {
        conn_discard(fd, ssl);
        stop(x);
        return;
    }
    x->stats.connect_us = clock_mono_us() - x->dialled_us;
    x->stats.was_resumed = ssl && tls_was_resumed(ssl);
    struct upstream_conn *u =
        upstream_conn_open(x->origin, fd, ssl, &conn_events, &reader_events, &no_conn);
    if (u)
        attach(x, u);
    else
        fail(x, &no_conn);
}

/* Out of memory here is told like any other failure of the connection: later. */
static void begin(struct exchange *x)
{
    struct err err;
    if (is_to_stop(x)) {
        stop(x);
        return;
    }
    x->dialled_us = clock_mono_us();
    enter_phase(x, PHASE_DIAL, 0);
    x->dial = dial_start(x->origin, x->ep->deadlines.connect_ms, on_dialled, x, &err);
    if (!x->dial)
        fail(x, &err);
}

struct exchange *exchange_start(struct upstream_pool *p, const struct endpoint *ep,
                                const struct http_message *msg, unsigned flags,
                                const struct exchange_events *events, void *ctx,
                                struct err *err)
{
    bool leaves = ep->is_cloud || (flags & EXCHANGE_LEAVES);
    if (UNLIKELY(leaves) && is_shut(p)) {
        (void)refuse_shut(ep, err);
        return NULL;
    }
    struct exchange *x = slabs_take(&p->memory);
    if (!x) {
        err_nomem(err);
        return NULL;
    }
    *x = (struct exchange){.pool = p,
                           .ep = ep,
                           .msg = msg,
                           .events = events,
                           .ctx = ctx,
                           .leaves = leaves,
                           .may_resend = flags & EXCHANGE_RESENDS,
                           .is_stamped = flags & EXCHANGE_STAMPS};
    x->origin = origin_enter(p, ep, err);
    if (!x->origin) {
        slabs_give(&p->memory, x);
        return NULL;
    }
    loop_timer_init(p->loop, &x->timer, on_timer);
    list_append(&p->exchanges, &x->link);
    if (ep->deadlines.total_ms)
        x->total_due_ms = loop_now_ms(p->loop) + ep->deadlines.total_ms;
    struct upstream_conn *u = flags & EXCHANGE_FRESH ? NULL : origin_take_idle(x->origin);
    if (u) {
        x->stats.was_pooled = true;
        attach(x, u);
        return x;
    }
    x->dialled_us = clock_mono_us();
    enter_phase(x, PHASE_DIAL, 0);
    x->dial = dial_start(x->origin, ep->deadlines.connect_ms, on_dialled, x, err);
    if (x->dial)
        return x;
    let_go(x);
    exchange_free(x);
    return NULL;
}

/* -- backpressure, figures, the pool's life ----------------------------------- */

void exchange_pause(struct exchange *x)
{
    if (x->is_paused || x->is_over)
        return;
    x->is_paused = true;
    if (x->u)
        conn_want_read(&x->u->c, false);
}

void exchange_resume(struct exchange *x)
{
    if (!x->is_paused || x->is_over)
        return;
    x->is_paused = false;
    if (x->phase == PHASE_IDLE)
        enter_phase(x, PHASE_IDLE, x->ep->deadlines.idle_ms);
    else
        arm(x);
    if (x->u)
        conn_want_read(&x->u->c, true);
}

struct exchange_stats exchange_stats(const struct exchange *x)
{
    struct exchange_stats stats = x->stats;
    stats.worked_ms = worked_ms(x);
    return stats;
}

struct upstream_pool *upstream_pool_create(struct loop *l, struct err *err)
{
    struct upstream_pool *p = mem_new(struct upstream_pool);
    if (!p) {
        err_nomem(err);
        return NULL;
    }
    p->loop = l;
    list_init(&p->origins);
    list_init(&p->exchanges);
    slabs_init(&p->memory, sizeof(struct exchange));
    return p;
}

void upstream_pool_free(struct upstream_pool *p)
{
    if (!p)
        return;
    while (!list_empty(&p->exchanges))
        exchange_cancel(list_first(&p->exchanges, struct exchange, link));
    upstream_pool_retain(p, NULL, 0);
    slabs_release(&p->memory);
    mem_free(p);
}
