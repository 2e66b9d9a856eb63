/* client.c -- reading requests off a connection and writing answers onto it.
 *
 * Facts that shape it: a client that closes its side has gone (as other proxies see it
 * too), so reading stays on while an answer is made; a refused upload must be drained
 * for a moment or the kernel's reset eats our answer; a client that reads slowly stops
 * its engine and nothing piles up here.
 *
 * An answer that was made whole and is not taken has nowhere else to be: it counts
 * against limits: buffered.  It may wait for two minutes without a byte taken; but when
 * others are refused for want of room, a client that leaves more than MUCH_UNREAD_BYTES
 * unread must take as much in LOOK_AT_UNREAD_MS or is closed.
 *
 * A connection stands on the shelf of its state (enum client_shelf), from which one is
 * taken when descriptors run out.
 *
 * Elsewhere: what a request means (admit.c and on). */
#include "gateway/client.h"

#include "core/log.h"
#include "core/mem.h"
#include "gateway/budget.h"
#include "gateway/refusal.h"
#include "http/write.h"

#include <sys/socket.h>
#include <unistd.h>

enum {
    KEEP_ALIVE_MS = 120 * 1000,
    TURNED_AWAY_KEEP_ALIVE_MS = 5 * 1000, /* after 401 and 403 */
    LINGER_MS = 2000,
    STALLED_WRITE_MS = 120 * 1000,
    LOOK_AT_UNREAD_MS = 5 * 1000,
    MUCH_UNREAD_BYTES = 64 * 1024,
    MAX_KEPT_BYTES = 2 * LOOP_SCRATCH_BYTES,
    MAX_UNSENT_BYTES = 64 << 20,
    SLOWEST_BODY_BYTES_PER_MS = 16,
    MAX_SKIPPED_BODY_BYTES = 64 * 1024,
    MAX_REFUSAL_FIELDS = 4096,
    TAKEN_BYTES = 64 * 1024 /* a smaller body is copied */
};

static void feed(struct client *c, struct str bytes);
static void finish_turn(struct client *c);

static uint64_t now_ms(const struct client *c)
{
    return loop_now_ms(c->worker->loop);
}

static const struct config *config_of(const struct client *c)
{
    return c->worker->setup->config;
}

/* -- ending ---------------------------------------------------------------------- */

static void drop_refusal(struct client *c)
{
    refusal_free(c->refusal);
    c->refusal = NULL;
}

static void free_client(struct client *c)
{
    struct worker *w = c->worker;
    http_reader_free(c->reader);
    buf_release(&c->kept);
    buf_release(&c->head);
    drop_refusal(c);
    mem_free(c);
    worker_client_gone(w);
}

static void on_released(struct conn *conn)
{
    struct client *c = CONTAINER_OF(conn, struct client, conn);
    c->is_released = true;
    if (!c->is_resuming)
        free_client(c);
}

void client_close(struct client *c)
{
    if (c->state == CLIENT_CLOSED)
        return;
    struct request *r = c->request;
    c->request = NULL;
    c->state = CLIENT_CLOSED;
    list_remove(&c->link);
    list_remove(&c->shelf);
    loop_timer_stop(&c->timer);
    if (r)
        request_abandon(r);
    conn_close(&c->conn);
    budget_release(c->worker, &c->counted_bytes);
}

/* -- what is closed when descriptors run out --------------------------------------- */

/* Closing a connection whose next request has just come would lose that request. */
enum { LOOKED_AT_FOR_ROOM = 16, NEW_MS = 2000, NEWEST_MS = 500 };

static bool is_stranger(const struct client *c)
{
    return !c->key || c->is_turned_away;
}

static void shelve(struct client *c, enum client_shelf shelf)
{
    list_remove(&c->shelf);
    list_append(&c->worker->shelves[shelf], &c->shelf);
    c->shelved_ms = now_ms(c);
}

static void shelve_idle(struct client *c)
{
    shelve(c, is_stranger(c) ? SHELF_STRANGER_IDLE : SHELF_IDLE);
}

/* Part of a request has come.  A head's time counts from its first byte, a body's from
 * its newest: a slow upload goes on. */
static void shelve_unfinished(struct client *c)
{
    if (c->state == CLIENT_BODY)
        shelve(c, is_stranger(c) ? SHELF_STRANGER_BODY : SHELF_BUSY);
    else if (c->state == CLIENT_HEAD && !c->is_head_shelved)
        shelve(c, is_stranger(c) ? SHELF_STRANGER_HEAD : SHELF_HEAD);
    c->is_head_shelved = c->state == CLIENT_HEAD;
}

/* An answer that waits for its reader.  Without keys all readers are strangers. */
static void shelve_choked(struct client *c)
{
    bool may_go = is_stranger(c) && config_of(c)->nkeys;
    shelve(c, may_go ? SHELF_STRANGER_BODY : SHELF_BUSY);
}

/* The one on the shelf that has stood still longest; NULL: none may be closed. */
static struct client *oldest_on(struct worker *w, enum client_shelf shelf)
{
    struct link *head = &w->shelves[shelf];
    for (int i = 0; i < LOOKED_AT_FOR_ROOM && !list_empty(head); i++) {
        struct client *c = list_first(head, struct client, shelf);
        if (c->state != CLIENT_IDLE || !conn_has_input(&c->conn))
            return c;
        shelve(c, shelf);
    }
    return NULL;
}

static struct client *oldest_of(struct worker *w, enum client_shelf from,
                                enum client_shelf to)
{
    struct client *oldest = NULL;
    for (enum client_shelf i = from; i <= to; i++) {
        struct client *c = oldest_on(w, i);
        if (c && (!oldest || c->shelved_ms < oldest->shelved_ms))
            oldest = c;
    }
    return oldest;
}

/* Strangers by shelf, of those that have stood for a moment; else by age alone, for what
 * has just been accepted is idle too.  The newest stay: their requests are on their way.
 * Pages count with them.  Others go when there is none of these. */
static struct client *to_be_closed(struct worker *w)
{
    uint64_t now = loop_now_ms(w->loop);
    for (enum client_shelf i = 0; i <= SHELF_PAGE; i++) {
        struct client *c = oldest_on(w, i);
        if (c && now - c->shelved_ms >= NEW_MS)
            return c;
    }
    struct client *oldest = oldest_of(w, SHELF_STRANGER_IDLE, SHELF_PAGE);
    if (!oldest)
        oldest = oldest_of(w, SHELF_IDLE, SHELF_HEAD);
    return oldest && now - oldest->shelved_ms >= NEWEST_MS ? oldest : NULL;
}

void client_yield(struct client *c)
{
    shelve(c, SHELF_PAGE);
}

bool client_make_room(struct worker *w)
{
    struct client *c = to_be_closed(w);
    if (!c)
        return false;
    client_close(c);
    atomic_fetch_add(&w->server->counters.closed_for_room, 1);
    return true;
}

/* -- ending, in order --------------------------------------------------------------- */

/* What waits for the client, and what it has begun to say, in the budget. */
static bool count_held(struct client *c)
{
    return budget_hold(c->worker, &c->counted_bytes,
                       c->conn.out.n + c->kept.n + c->head.n +
                           http_reader_held(c->reader));
}

static void linger(struct client *c)
{
    c->state = CLIENT_LINGER;
    shelve(c, SHELF_STRANGER_IDLE);
    shutdown(c->conn.fd, SHUT_WR);
    conn_want_read(&c->conn, true);
    loop_timer_at(&c->timer, now_ms(c) + LINGER_MS);
}

/* -- answers --------------------------------------------------------------------- */

static void write_head(struct buf *b, struct client *c, int status,
                       struct str content_type, struct str fields)
{
    http_write_status_line(b, status);
    if (content_type.n)
        http_write_own_field(b, STR("content-type: "), content_type);
    buf_append(b, fields);
    if (c->must_close)
        buf_lit(b, "connection: close\r\n");
    else if (c->is_http10)
        buf_lit(b, "connection: keep-alive\r\n");
}

static void look_again(struct client *c)
{
    bool is_much = c->unsent_bytes > MUCH_UNREAD_BYTES;
    loop_timer_at(&c->timer, is_much ? now_ms(c) + LOOK_AT_UNREAD_MS
                                     : c->taken_ms + STALLED_WRITE_MS);
}

static void stop_on_stall(struct client *c)
{
    c->unsent_bytes = buf_len(&c->conn.out);
    if (c->unsent_bytes == 0)
        return;
    c->taken_ms = c->much_taken_ms = now_ms(c);
    look_again(c);
}

/* A client that reads slowly reads: its time begins anew, unless others need the room. */
static bool is_stalled(struct client *c)
{
    size_t was = c->unsent_bytes, is = buf_len(&c->conn.out);
    uint64_t now = now_ms(c);
    c->unsent_bytes = is;
    if (is == 0)
        return true; /* nothing is on its way: the timer was about something else */
    if (is < was)
        c->taken_ms = now;
    if (is + MUCH_UNREAD_BYTES <= was)
        c->much_taken_ms = now;
    if (is > MUCH_UNREAD_BYTES && now >= c->much_taken_ms + LOOK_AT_UNREAD_MS &&
        budget_was_short_since(c->worker, c->much_taken_ms))
        return true;
    return now >= c->taken_ms + STALLED_WRITE_MS;
}

/* After a write: what the kernel did not take is counted.  When the budget has no room
 * left even for that, the connection ends. */
static bool has_sent(struct client *c, int rc)
{
    if (rc == 0 && UNLIKELY(conn_has_unsent(&c->conn) || c->counted_bytes) &&
        !count_held(c) && conn_has_unsent(&c->conn) && budget_is_burst(c->worker))
        rc = -1;
    if (rc < 0) {
        client_close(c);
        return false;
    }
    stop_on_stall(c);
    return true;
}

static bool send_or_close(struct client *c, const struct iovec *iov, int n)
{
    return c->state != CLIENT_CLOSED && has_sent(c, conn_send(&c->conn, iov, n));
}

static struct iovec iov_of(struct str s)
{
    union {
        const char *in;
        void *out;
    } bytes = {s.p};
    return (struct iovec){bytes.out, s.n};
}

static void write_whole_head(struct buf *head, struct client *c, int status,
                             struct str content_type, struct str fields, size_t n)
{
    write_head(head, c, status, content_type, fields);
    if (status != 204)
        http_write_field_u64(head, STR("content-length"), n);
    http_write_head_end(head);
    c->request = NULL;
}

void client_answer(struct client *c, int status, struct str content_type,
                   struct str fields, struct str body)
{
    char scratch[8192];
    struct buf head = {.p = scratch, .cap = sizeof scratch, .max_bytes = sizeof scratch};
    write_whole_head(&head, c, status, content_type, fields, body.n);
    struct iovec iov[2] = {iov_of(buf_view(&head)), iov_of(body)};
    if (send_or_close(c, iov, body.n && !c->is_head ? 2 : 1))
        finish_turn(c);
}

void client_answer_taking(struct client *c, int status, struct str content_type,
                          struct str fields, struct buf *body)
{
    char scratch[8192];
    struct buf head = {.p = scratch, .cap = sizeof scratch, .max_bytes = sizeof scratch};
    if (buf_len(body) < TAKEN_BYTES || c->is_head) {
        client_answer(c, status, content_type, fields, buf_view(body));
        return;
    }
    write_whole_head(&head, c, status, content_type, fields, buf_len(body));
    if (c->state != CLIENT_CLOSED &&
        has_sent(c, conn_send_taking(&c->conn, iov_of(buf_view(&head)), body)))
        finish_turn(c);
}

void client_answer_head(struct client *c, int status, struct str content_type,
                        struct str fields, int64_t content_length)
{
    c->is_chunked = content_length < 0 && !c->is_http10;
    if (content_length < 0 && c->is_http10)
        c->must_close = true; /* HTTP/1.0 knows no other end than closing */
    buf_init(&c->head, 64 * 1024);
    write_head(&c->head, c, status, content_type, fields);
    if (c->is_chunked)
        buf_lit(&c->head, "transfer-encoding: chunked\r\n");
    else if (content_length >= 0)
        http_write_field_u64(&c->head, STR("content-length"), (uint64_t)content_length);
    http_write_head_end(&c->head);
}

static enum fate send_piece(struct client *c, struct str piece, struct str after)
{
    char size[20];
    struct iovec iov[4];
    int n = 0;
    if (piece.n == 0)
        return c->state == CLIENT_CLOSED ? IS_OVER : GOES_ON;
    if (UNLIKELY(c->head.failed)) /* no memory: better an error than no head */
        return request_cut(c->request);
    if (buf_len(&c->head))
        iov[n++] = iov_of(buf_view(&c->head));
    if (c->is_chunked)
        iov[n++] = (struct iovec){size, http_write_chunk_size(size, piece.n)};
    iov[n++] = iov_of(piece);
    if (c->is_chunked)
        iov[n++] = iov_of(after);
    bool ok = send_or_close(c, iov, n);
    if (ok && c->head.p)
        buf_release(&c->head);
    return ok ? GOES_ON : IS_OVER;
}

enum fate client_answer_piece(struct client *c, struct str piece)
{
    return send_piece(c, piece, STR("\r\n"));
}

enum fate client_answer_last(struct client *c, struct str piece)
{
    enum fate fate = send_piece(c, piece, STR("\r\n0\r\n\r\n"));
    if (piece.n)
        c->is_chunked = false; /* its end is out */
    return fate;
}

void client_answer_end(struct client *c)
{
    struct iovec iov[2];
    int n = 0;
    c->request = NULL;
    if (UNLIKELY(c->head.failed)) {
        client_answer_abort(c);
        return;
    }
    if (buf_len(&c->head))
        iov[n++] = iov_of(buf_view(&c->head));
    if (c->is_chunked)
        iov[n++] = iov_of(STR("0\r\n\r\n"));
    if (n && !send_or_close(c, iov, n))
        return;
    buf_release(&c->head);
    finish_turn(c);
}

void client_answer_abort(struct client *c)
{
    static const char body[] =
        "{\"error\":{\"message\":\"weir is out of memory\",\"type\":\"api_error\","
        "\"param\":null,\"code\":\"out_of_memory\"}}";
    bool is_unsent = c->head.failed || buf_len(&c->head);
    c->request = NULL;
    if (!is_unsent) {
        client_close(c);
        return;
    }
    buf_release(&c->head);
    c->is_chunked = false;
    c->must_close = true;
    client_answer(c, 500, STR("application/json"), STR(""), str_of(body));
}

static void on_resume(void *arg)
{
    struct client *c = arg;
    c->is_resuming = false;
    if (c->is_released) {
        free_client(c);
        return;
    }
    if (c->state != CLIENT_IDLE)
        return;
    struct buf kept = c->kept;
    buf_init(&c->kept, MAX_KEPT_BYTES);
    conn_want_read(&c->conn, true);
    feed(c, buf_view(&kept));
    buf_release(&kept);
    if (c->state != CLIENT_CLOSED)
        count_held(c);
}

/* Ready for the next request; of which some may be here already. */
static void go_on(struct client *c)
{
    uint64_t ms = UNLIKELY(c->is_turned_away) ? TURNED_AWAY_KEEP_ALIVE_MS : KEEP_ALIVE_MS;
    loop_timer_at(&c->timer, now_ms(c) + ms);
    if (buf_len(&c->kept) == 0) {
        shelve_idle(c);
        conn_want_read(&c->conn, true);
    } else if (!c->is_resuming) {
        c->is_resuming = true;
        loop_defer(c->worker->loop, &c->resume);
    }
}

/* The answer is out, or on its way: on to the next request, or the end.  A request
 * that was answered before it was read whole leaves the connection unusable. */
static void finish_turn(struct client *c)
{
    if (c->worker->is_draining || !c->is_complete)
        c->must_close = true;
    c->is_chunked = c->is_complete = c->is_head = false;
    if (c->must_close) {
        c->state = CLIENT_LINGER;
        if (client_is_choked(c))
            shelve_choked(c);
        else
            linger(c);
        return;
    }
    c->state = CLIENT_IDLE;
    if (client_is_choked(c)) { /* answers must not pile up unread */
        shelve_choked(c);
        conn_want_read(&c->conn, false);
        return;
    }
    go_on(c);
}

/* -- reading --------------------------------------------------------------------- */

static void answer_refusal(struct client *c, const struct err *err)
{
    struct buf body, fields;
    buf_init(&body, 4096);
    buf_init(&fields, MAX_REFUSAL_FIELDS);
    if (err->kind == ERR_AUTH) /* Claude Code else asks again for minutes */
        buf_lit(&fields, "www-authenticate: Bearer\r\nx-should-retry: false\r\n");
    if (c->refusal)
        buf_append(&fields, buf_view(&c->refusal->fields));
    const struct dialect *d = c->refusal ? c->refusal->dialect : dialect_first();
    d->encode_error(err, &body);
    atomic_fetch_add(&c->worker->server->counters.refused_early, 1);
    refusal_tell(c->worker, err, c->refusal ? c->refusal->subject : "no request");
    client_answer(c, dialect_error_status(d, err), STR("application/json"),
                  buf_view(&fields), buf_view(&body));
    buf_release(&body);
    buf_release(&fields);
}

/* Refused before the message was read whole: the connection ends with it. */
static void refuse_early(struct client *c, const struct err *err)
{
    c->must_close = true;
    if (c->request)
        request_refuse(c->request, err);
    else
        answer_refusal(c, err);
}

/* A refused head whose body is small is read to its end first, so that the connection
 * can serve the next request: a client with a wrong key need not dial again. */
static int refuse_after_body(struct client *c, const struct http_head *head,
                             struct err *err)
{
    bool is_small = !head->is_chunked && !head->expects_continue &&
                    head->content_length <= MAX_SKIPPED_BODY_BYTES;
    c->refusal = refusal_create(c->worker, head, err);
    if (!c->refusal || !is_small)
        return -1;
    err_clear(err);
    return 0;
}

static int on_head(void *ctx, const struct http_head *head, struct err *err)
{
    struct client *c = ctx;
    c->is_http10 = head->minor_version == 0;
    c->is_head = str_eqz(head->method, "HEAD");
    c->must_close = !head->keep_alive;
    c->state = CLIENT_BODY;
    c->request = request_begin(c, head, err);
    c->is_turned_away =
        !c->request && (err->kind == ERR_AUTH || err->kind == ERR_FORBIDDEN);
    if (!c->request)
        return refuse_after_body(c, head, err);
    loop_timer_at(&c->timer, now_ms(c) + config_of(c)->body_timeout_ms);
    if (head->expects_continue && head->minor_version == 1) {
        struct iovec iov = iov_of(STR("HTTP/1.1 100 Continue\r\n\r\n"));
        if (conn_send(&c->conn, &iov, 1) < 0)
            return err_set(err, ERR_INTERNAL, "client_gone", "the client has gone");
    }
    return 0;
}

static int on_body(void *ctx, struct str piece, struct err *err)
{
    struct client *c = ctx;
    /* The body's time grows with what has come, so that a large upload on a slow line
     * passes and a dribble of one byte a minute does not. */
    uint64_t due = c->timer.due_ms + piece.n / SLOWEST_BODY_BYTES_PER_MS;
    loop_timer_at(&c->timer, due);
    if (c->refusal)
        return 0;
    return request_body(c->request, piece, err);
}

static int on_end(void *ctx, struct err *err)
{
    struct client *c = ctx;
    (void)err;
    c->is_complete = true;
    return 0;
}

static const struct http_reader_events reader_events = {on_head, on_body, on_end};

static void keep_bytes(struct client *c, struct str bytes)
{
    if (bytes.n == 0)
        return;
    buf_append(&c->kept, bytes);
    /* One read's worth of pipelining is enough; until then the reading goes on, or a
     * client that leaves would not be noticed. */
    if (!count_held(c) || buf_len(&c->kept) > LOOP_SCRATCH_BYTES)
        conn_want_read(&c->conn, false);
    if (c->kept.failed)
        client_close(c);
}

/* Reads at most one request from the bytes; what follows it is kept. */
static void feed(struct client *c, struct str bytes)
{
    size_t used = 0;
    struct err err;
    err_init(&err);
    if (c->state == CLIENT_IDLE) {
        c->state = CLIENT_HEAD;
        c->is_head_shelved = false;
        loop_timer_at(&c->timer, now_ms(c) + config_of(c)->header_timeout_ms);
    }
    if (http_reader_feed(c->reader, bytes, &used, &err) < 0) {
        refuse_early(c, &err);
        return;
    }
    if (!c->is_complete) {
        if (c->state == CLIENT_CLOSED)
            return;
        shelve_unfinished(c);
        if (!count_held(c) && c->state == CLIENT_HEAD) {
            budget_refuse(&err);
            refuse_early(c, &err);
        }
        return;
    }
    c->state = CLIENT_ANSWER;
    shelve(c, SHELF_BUSY);
    loop_timer_stop(&c->timer);
    keep_bytes(c, str_sub(bytes, used, bytes.n));
    if (c->state == CLIENT_CLOSED)
        return;
    if (c->refusal) {
        answer_refusal(c, &c->refusal->err);
        drop_refusal(c);
    } else {
        request_go(c->request);
    }
}

static void on_readable(struct conn *conn)
{
    struct client *c = CONTAINER_OF(conn, struct client, conn);
    char *scratch = loop_scratch(c->worker->loop);
    size_t n = 0;
    switch (conn_read(conn, scratch, LOOP_SCRATCH_BYTES, &n)) {
    case CONN_AGAIN:
        return;
    case CONN_EOF:
    case CONN_FAIL:
        client_close(c);
        return;
    case CONN_OK:
        break;
    }
    if (c->state == CLIENT_LINGER)
        return;
    if (c->state == CLIENT_ANSWER || c->is_resuming)
        keep_bytes(c, (struct str){scratch, n});
    else
        feed(c, (struct str){scratch, n});
}

/* A request that was already in the socket when the drain began is still served. */
void client_drain(struct client *c)
{
    if (c->state == CLIENT_ANSWER && c->request)
        request_drain(c->request);
    if (c->is_resuming)
        return; /* finish_turn() closes it after the request whose bytes are kept */
    if (c->state == CLIENT_IDLE && client_is_choked(c))
        c->state = CLIENT_LINGER; /* its last answer is still on its way */
    if (c->state == CLIENT_IDLE)
        on_readable(&c->conn);
    if (c->state == CLIENT_IDLE)
        client_close(c);
}

void client_stop(struct client *c)
{
    if (c->request && c->state == CLIENT_ANSWER)
        request_stop(c->request);
}

static void on_drained(struct conn *conn)
{
    struct client *c = CONTAINER_OF(conn, struct client, conn);
    count_held(c);
    if (c->state == CLIENT_LINGER) {
        linger(c);
        return;
    }
    if (c->state == CLIENT_IDLE)
        go_on(c);
    if (c->state == CLIENT_ANSWER)
        loop_timer_stop(&c->timer);
    if (c->request)
        request_unchoke(c->request);
}

static void on_broken(struct conn *conn)
{
    client_close(CONTAINER_OF(conn, struct client, conn));
}

static const struct conn_events conn_events = {
    .readable = on_readable,
    .drained = on_drained,
    .broken = on_broken,
    .released = on_released,
};

static void on_timer(struct loop_timer *t)
{
    struct client *c = CONTAINER_OF(t, struct client, timer);
    struct err err;
    err_init(&err);
    if (c->state != CLIENT_HEAD && c->state != CLIENT_BODY) {
        if (is_stalled(c))
            client_close(c);
        else
            look_again(c);
        return;
    }
    err_set(&err, ERR_CLIENT_SLOW, "request_timeout",
            c->state == CLIENT_HEAD ? "the request's head did not arrive in time"
                                    : "the request's body did not arrive in time");
    refuse_early(c, &err);
}

void client_accept(struct worker *w, unsigned dialects, int fd)
{
    struct err err;
    err_init(&err);
    struct client *c = mem_new(struct client);
    struct http_reader *reader =
        c ? http_reader_create(HTTP_READ_REQUESTS, &reader_events, c) : NULL;
    if (!reader) {
        mem_free(c);
        close(fd);
        return;
    }
    c->worker = w;
    c->dialects = dialects;
    c->reader = reader;
    c->state = CLIENT_IDLE;
    c->resume = (struct loop_task){.fn = on_resume, .arg = c};
    buf_init(&c->kept, MAX_KEPT_BYTES);
    loop_timer_init(w->loop, &c->timer, on_timer);
    list_append(&w->clients, &c->link);
    list_init(&c->shelf);
    shelve(c, SHELF_STRANGER_IDLE);
    atomic_fetch_add_explicit(&w->server->counters.connections, 1, memory_order_relaxed);
    if (conn_open(&c->conn, w->loop, fd, NULL, &conn_events, MAX_UNSENT_BYTES, &err) <
        0) {
        log_warn_rarely("a client cannot be served: %s", err.msg);
        list_remove(&c->link);
        list_remove(&c->shelf);
        http_reader_free(c->reader);
        mem_free(c);
        return;
    }
    conn_want_read(&c->conn, true);
    loop_timer_at(&c->timer, now_ms(c) + config_of(c)->header_timeout_ms);
}
