/* pool.c -- origins and their idle connections.
 *
 * Facts that shape it.  The connection used last is the one least likely to have been
 * closed by the engine, so idle connections are a stack and old ones fall off its
 * bottom.  Servers close idle connections after anything from 5 s on; the pool does
 * not guess: an end is noticed while idle or when the connection is taken, and the race
 * that remains is settled in exchange.c.  A TLS session ticket may arrive while idle:
 * reading then yields nothing, and the connection stays.
 *
 * The loop watches idle connections, but one may be put back and taken in the same
 * turn, or something may arrive in this turn: so it is looked at once more, by a system
 * call of a quarter of a microsecond, when it is taken.  Dialling is in dial.c. */
#include "upstream/pool.h"

#include "core/buf.h"
#include "core/log.h"
#include "core/mem.h"

#include <stdio.h>

enum { MAX_STRINGS = 8192 };

/* -- origins ---------------------------------------------------------------- */

static void origin_free(struct origin *o)
{
    list_remove(&o->link);
    loop_timer_stop(&o->idle_timer);
    tls_client_free(o->tls);
    mem_free(o->addresses);
    mem_free(o->strings);
    mem_free(o);
}

static void append_host_line(struct buf *b, const struct endpoint *ep)
{
    bool is_v6 = str_index(ep->host, ':') >= 0;
    buf_lit(b, " HTTP/1.1\r\nHost: ");
    if (is_v6)
        buf_byte(b, '[');
    buf_append(b, ep->host);
    if (is_v6)
        buf_byte(b, ']');
    if (ep->port != (ep->is_tls ? 443 : 80)) {
        buf_byte(b, ':');
        buf_u64(b, ep->port);
    }
    buf_lit(b, "\r\n");
}

/* All strings lie behind one another in one allocation. */
static bool copy_strings(struct origin *o, const struct endpoint *ep)
{
    struct str *to[] = {&o->name, &o->key, &o->host, &o->ca_file, &o->host_line};
    const struct str from[] = {ep->name, ep->origin, ep->host, ep->ca_file};
    size_t at[ARRAY_LEN(to) + 1] = {0};
    struct buf b;
    buf_init(&b, MAX_STRINGS);
    for (size_t i = 0; i < ARRAY_LEN(from); i++) {
        buf_append(&b, from[i]);
        at[i + 1] = b.n;
    }
    append_host_line(&b, ep);
    at[ARRAY_LEN(to)] = b.n;
    if (b.failed) {
        buf_release(&b);
        return false;
    }
    o->strings = b.p;
    for (size_t i = 0; i < ARRAY_LEN(to); i++)
        *to[i] = (struct str){b.p + at[i], at[i + 1] - at[i]};
    return true;
}

static void close_old(struct loop_timer *t)
{
    struct origin *o = CONTAINER_OF(t, struct origin, idle_timer);
    uint64_t now = loop_now_ms(t->loop);
    while (!list_empty(&o->idle)) {
        struct upstream_conn *oldest =
            CONTAINER_OF(o->idle.prev, struct upstream_conn, idle);
        uint64_t due = oldest->idle_since_ms + POOL_IDLE_MS;
        if (due > now) {
            loop_timer_at(t, due);
            return;
        }
        upstream_conn_close(oldest);
    }
}

static struct origin *origin_make(struct upstream_pool *p, const struct endpoint *ep)
{
    struct origin *o = mem_new(struct origin);
    if (!o || !copy_strings(o, ep)) {
        mem_free(o);
        return NULL;
    }
    o->pool = p;
    o->port = ep->port;
    o->is_tls = ep->is_tls;
    o->use_proxy = ep->use_proxy;
    list_init(&o->idle);
    loop_timer_init(p->loop, &o->idle_timer, close_old);
    list_prepend(&p->origins, &o->link);
    return o;
}

static bool is_same(const struct origin *o, const struct endpoint *ep)
{
    return str_eq(o->key, ep->origin) && str_eq(o->name, ep->name) &&
           o->use_proxy == ep->use_proxy && str_eq(o->ca_file, ep->ca_file);
}

struct origin *origin_enter(struct upstream_pool *p, const struct endpoint *ep,
                            struct err *err)
{
    struct origin *o = NULL;
    for (struct link *l = p->origins.next; l != &p->origins && !o; l = l->next)
        if (is_same(CONTAINER_OF(l, struct origin, link), ep))
            o = CONTAINER_OF(l, struct origin, link);
    if (!o) {
        o = origin_make(p, ep);
    } else if (p->origins.next != &o->link) {
        list_remove(&o->link);
        list_prepend(&p->origins, &o->link);
    }
    if (!o) {
        err_nomem(err);
        return NULL;
    }
    o->users++;
    return o;
}

void origin_leave(struct origin *o)
{
    if (--o->users == 0 && o->is_retired)
        origin_free(o);
}

static void retire(struct origin *o)
{
    while (!list_empty(&o->idle))
        upstream_conn_close(list_first(&o->idle, struct upstream_conn, idle));
    list_remove(&o->link);
    o->is_retired = true;
    if (o->users == 0)
        origin_free(o);
}

/* -- connections -------------------------------------------------------------- */

struct upstream_conn *upstream_conn_open(struct origin *o, int fd, struct ssl_st *ssl,
                                         const struct conn_events *conn_events,
                                         const struct http_reader_events *reader_events,
                                         struct err *err)
{
    struct upstream_conn *u = mem_new(struct upstream_conn);
    if (!u) {
        conn_discard(fd, ssl);
        err_nomem(err);
        return NULL;
    }
    if (conn_open(&u->c, o->pool->loop, fd, ssl, conn_events, 0, err) < 0) {
        mem_free(u);
        return NULL;
    }
    list_init(&u->idle);
    u->origin = o;
    u->reader = http_reader_create(HTTP_READ_RESPONSES, reader_events, u);
    if (!u->reader) {
        conn_close(&u->c);
        err_nomem(err);
        return NULL;
    }
    return u;
}

void upstream_conn_released(struct conn *c)
{
    struct upstream_conn *u = CONTAINER_OF(c, struct upstream_conn, c);
    http_reader_free(u->reader);
    mem_free(u);
}

void upstream_conn_close(struct upstream_conn *u)
{
    if (!list_empty(&u->idle)) {
        list_remove(&u->idle);
        u->origin->nidle--;
    }
    u->x = NULL;
    conn_close(&u->c);
}

struct upstream_conn *origin_take_idle(struct origin *o)
{
    while (!list_empty(&o->idle)) {
        struct upstream_conn *u = list_first(&o->idle, struct upstream_conn, idle);
        if (UNLIKELY(conn_has_input(&u->c))) {
            upstream_conn_idle_readable(u);
            if (u->c.is_closed)
                continue;
            if (conn_has_input(&u->c)) { /* part of a TLS record */
                upstream_conn_close(u);
                continue;
            }
        }
        list_remove(&u->idle);
        o->nidle--;
        return u;
    }
    return NULL;
}

void origin_put_idle(struct origin *o, struct upstream_conn *u)
{
    uint64_t now = loop_now_ms(o->pool->loop);
    if (o->is_retired || o->nidle >= POOL_MAX_IDLE || now < o->distrusted_until_ms) {
        upstream_conn_close(u);
        return;
    }
    u->x = NULL;
    u->idle_since_ms = now;
    list_prepend(&o->idle, &u->idle);
    o->nidle++;
    conn_want_read(&u->c, true);
    if (o->idle_timer.due_ms == 0)
        loop_timer_at(&o->idle_timer, u->idle_since_ms + POOL_IDLE_MS);
}

/* "You have been silent for too long", as some servers and proxies say before they
 * close.  It is no answer to a request, but no answer can be mistaken for another by it.
 */
static bool is_goodbye(struct str bytes)
{
    return str_starts(bytes, STR("HTTP/1.")) &&
           str_starts(str_sub(bytes, strlen("HTTP/1.1"), bytes.n), STR(" 408"));
}

void upstream_conn_idle_readable(struct upstream_conn *u)
{
    char some[512];
    size_t n = 0;
    struct origin *o = u->origin;
    enum conn_result r = conn_read(&u->c, some, sizeof some, &n);
    if (r == CONN_AGAIN)
        return;
    upstream_conn_close(u);
    if (r == CONN_OK && !is_goodbye((struct str){some, n}))
        origin_distrust(o);
}

void origin_distrust(struct origin *o)
{
    uint64_t now = loop_now_ms(o->pool->loop);
    if (now >= o->distrusted_until_ms)
        log_warn("engine '%.*s' sends what nobody asked for: for %d minutes each of its "
                 "connections carries one request, so that no answer goes to the wrong "
                 "client; look for a fault in it, or in a proxy before it",
                 STR_ARG(o->name), POOL_DISTRUST_MS / 60000);
    o->distrusted_until_ms = now + POOL_DISTRUST_MS;
    while (!list_empty(&o->idle))
        upstream_conn_close(list_first(&o->idle, struct upstream_conn, idle));
}

/* -- the pool ----------------------------------------------------------------- */

static bool is_kept(const struct origin *o, const struct str *keep, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(keep[i], o->key))
            return true;
    return false;
}

void upstream_pool_retain(struct upstream_pool *p, const struct str *keep_origins,
                          size_t n)
{
    struct link *l = p->origins.next;
    while (l != &p->origins) {
        struct origin *o = CONTAINER_OF(l, struct origin, link);
        l = l->next;
        if (!is_kept(o, keep_origins, n))
            retire(o);
    }
}
