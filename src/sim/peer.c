/* peer.c -- reading requests off a connection, and ending answers.
 *
 * Shaped by three facts.  A client that leaves is only noticed by reading, so reading
 * goes on while an answer is under way.  A reset instead of an orderly end is what
 * SO_LINGER with zero seconds makes of close().  And an answer that needs no waiting
 * is finished inside the callback that fed its request, so the feeding loop, not a
 * recursion, takes the next one.
 *
 * Not here: what is answered (whole.c, stream.c). */
#include "sim/peer.h"

#include "core/mem.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PENDING_MAX_BYTES = 256 * 1024, KEEP_BODY_BYTES = 64 * 1024 };
enum { HEAD_TEXT_MAX_BYTES = 128 * 1024, DRIBBLE_PER_TICK = 16 };
enum { ARENA_MAX_BYTES = 512 * 1024 * 1024 };

/* -- the head --------------------------------------------------------------- */

static const struct sim_route route_of_model = {.run = peer_generate};
static const struct sim_route route_of_page = {.run = peer_tell};

static void find_route(struct peer *p, const struct http_head *head)
{
    struct str path = head->target;
    ptrdiff_t query = str_index(path, '?');
    if (query >= 0)
        path = str_sub(path, 0, (size_t)query);
    p->route = NULL;
    p->is_method_wrong = false;
    p->address = (struct sim_address){.dialect = dialect_first()};
    for (size_t i = 0; i < sim_nroutes && !p->route; i++)
        if (str_eqz(path, sim_routes[i].path))
            p->route = &sim_routes[i];
    if (p->route)
        p->is_method_wrong = !str_eqz(head->method, p->route->method);
    else if (sim_address_find(head->method, path, p->name, sizeof p->name, &p->address,
                              &p->is_method_wrong))
        p->route = p->address.path && p->address.path->answer == ANSWERED_BY_MODEL
                       ? &route_of_model
                       : &route_of_page;
    p->dialect = p->address.dialect;
}

static void keep_head_text(struct peer *p, const struct http_head *head)
{
    buf_clear(&p->head_text);
    buf_append(&p->head_text, head->method);
    buf_byte(&p->head_text, ' ');
    buf_append(&p->head_text, head->target);
    buf_printf(&p->head_text, " HTTP/1.%d\r\n", head->minor_version);
    for (size_t i = 0; i < head->nfields; i++) {
        buf_append(&p->head_text, head->fields[i].name);
        buf_lit(&p->head_text, ": ");
        buf_append(&p->head_text, head->fields[i].value);
        buf_lit(&p->head_text, "\r\n");
    }
    buf_lit(&p->head_text, "\r\n");
}

static bool is_key_in_query(struct str target, struct str key)
{
    struct str part;
    ptrdiff_t query = str_index(target, '?');
    struct str rest = query < 0 ? STR("") : str_sub(target, (size_t)query + 1, target.n);
    while (str_split(&rest, '&', &part))
        if (str_starts(part, STR("key=")) && str_eq(str_sub(part, 4, part.n), key))
            return true;
    return false;
}

/* Where the vendors' clients put their keys. */
static bool has_key(const struct http_head *head, struct str key)
{
    struct str bearer = http_head_get(head, STR("authorization"));
    return (str_starts_nocase(bearer, STR("bearer ")) &&
            str_eq(str_sub(bearer, 7, bearer.n), key)) ||
           str_eq(http_head_get(head, STR("x-api-key")), key) ||
           str_eq(http_head_get(head, STR("x-goog-api-key")), key) ||
           is_key_in_query(head->target, key);
}

static void read_fields(struct peer *p, const struct http_head *head)
{
    struct str version = http_head_get(head, STR("anthropic-version"));
    p->has_authorization = http_head_get(head, STR("authorization")).p != NULL;
    p->has_cookie = http_head_get(head, STR("cookie")).p != NULL;
    p->is_authorised = p->sim->api_key.n == 0 || has_key(head, p->sim->api_key);
    p->is_head_asked = str_eqz(head->method, "HEAD");
    snprintf(p->version, sizeof p->version, "%.*s", STR_ARG(version));
}

static int on_head(void *ctx, const struct http_head *head, struct err *err)
{
    struct peer *p = ctx;
    struct str wanted = http_head_get(head, STR("x-sim-fault"));
    size_t n =
        head->target.n < sizeof p->target - 1 ? head->target.n : sizeof p->target - 1;
    memcpy(p->target, head->target.p, n);
    p->target[n] = '\0';
    p->keeps_alive = head->keep_alive;
    find_route(p, head);
    read_fields(p, head);
    if (p->sim->is_recording)
        keep_head_text(p, head);
    p->asked = p->sim->asked;
    p->header_asked = (struct sim_directives){0};
    err_clear(&p->fault_err);
    if (wanted.p)
        sim_directives_add(&p->header_asked, wanted, &p->fault_err);
    p->is_refused = p->header_asked.fault.kind == SIM_REFUSE;
    if (p->is_refused)
        return err_set(err, ERR_BAD_REQUEST, "refused", "as the fault wants");
    if (head->expects_continue) {
        char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
        struct iovec iov = {line, sizeof line - 1};
        conn_send(&p->conn, &iov, 1);
    }
    return 0;
}

static int on_body(void *ctx, struct str piece, struct err *err)
{
    struct peer *p = ctx;
    buf_append(&p->body, piece);
    if (p->body.failed)
        return err_set(err, ERR_TOO_LARGE, "too_large", "the simulator takes 64 MiB");
    return 0;
}

static int on_end(void *ctx, struct err *err)
{
    struct peer *p = ctx;
    (void)err;
    p->has_request = true;
    return 0;
}

static const struct http_reader_events reader_events = {
    .head = on_head, .body = on_body, .end = on_end};

/* -- life ------------------------------------------------------------------- */

static void release_slot(struct peer *p)
{
    struct sim *s = p->sim;
    list_remove(&p->waiting);
    s->nstreaming -= p->is_streaming;
    p->is_streaming = false;
    sim_dress_close(&p->dress);
    if (!p->holds_slot)
        return;
    p->holds_slot = false;
    s->nbusy--;
    if (!list_empty(&s->queue) && !s->is_admit_queued) {
        s->is_admit_queued = true;
        loop_defer(s->loop, &s->admit);
    }
}

void peer_close(struct peer *p)
{
    if (p->state == PEER_CLOSED)
        return;
    p->state = PEER_CLOSED;
    loop_timer_stop(&p->due);
    loop_timer_stop(&p->slow);
    release_slot(p);
    p->sim->nopen--;
    conn_close(&p->conn);
}

static void free_peer(struct peer *p)
{
    list_remove(&p->link);
    http_reader_free(p->reader);
    arena_reset(&p->arena);
    buf_release(&p->body);
    buf_release(&p->pending);
    buf_release(&p->head_text);
    buf_release(&p->held);
    mem_free(p);
}

static void on_released(struct conn *c)
{
    free_peer(CONTAINER_OF(c, struct peer, conn));
}

static void reset_fd(int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void reset(struct peer *p)
{
    reset_fd(p->conn.fd);
    peer_close(p);
}

/* The client has left: an answer that had not ended is cancelled. */
static void leave(struct peer *p)
{
    if (p->state != PEER_READ)
        p->sim->stats.cancelled++;
    peer_close(p);
}

/* -- requests --------------------------------------------------------------- */

static void dispatch(struct peer *p)
{
    struct sim *s = p->sim;
    bool is_ours = str_starts(str_of(p->target), STR("/sim/"));
    p->has_request = false;
    p->state = PEER_SEND;
    if (!is_ours)
        sim_stats_note(s, str_of(p->target), p->has_authorization, p->has_cookie,
                       buf_view(&p->head_text), buf_view(&p->body));
    if (!p->route)
        peer_fail(p, 404, "not_found_error", "no such path");
    else if (p->is_method_wrong)
        peer_fail(p, 405, "invalid_request_error", "no such method here");
    else
        p->route->run(p);
}

static void refuse_bytes(struct peer *p, const struct err *err)
{
    if (p->is_refused) {
        reset(p);
        return;
    }
    p->sim->stats.bad++;
    p->keeps_alive = false;
    p->state = PEER_SEND;
    peer_fail(p, err_http_status(err->kind), "invalid_request_error", err->msg);
}

static void keep_pending(struct peer *p, struct str bytes)
{
    if (bytes.n == 0)
        return;
    buf_append(&p->pending, bytes);
    if (p->pending.failed) {
        p->sim->stats.bad++;
        peer_close(p);
    }
}

/* Takes requests off the bytes until one needs waiting for; keeps what is left. */
static void feed(struct peer *p, struct str bytes)
{
    p->is_feeding = true;
    while (bytes.n && p->state == PEER_READ) {
        struct err err = {0};
        size_t used = 0;
        if (http_reader_feed(p->reader, bytes, &used, &err) < 0) {
            refuse_bytes(p, &err);
            bytes.n = 0;
            break;
        }
        bytes = str_sub(bytes, used, bytes.n);
        if (p->has_request)
            dispatch(p);
    }
    p->is_feeding = false;
    if (p->state != PEER_CLOSED)
        keep_pending(p, bytes);
}

static void on_readable(struct conn *c)
{
    struct peer *p = CONTAINER_OF(c, struct peer, conn);
    char *scratch = loop_scratch(p->sim->loop);
    while (p->state != PEER_CLOSED) {
        size_t n = 0;
        enum conn_result r = conn_read(c, scratch, LOOP_SCRATCH_BYTES, &n);
        if (r == CONN_AGAIN)
            return;
        if (r != CONN_OK) {
            leave(p);
            return;
        }
        if (p->state == PEER_READ)
            feed(p, (struct str){scratch, n});
        else
            keep_pending(p, (struct str){scratch, n});
        if (n < LOOP_SCRATCH_BYTES)
            return; /* level-triggered: more, or the end, comes again */
    }
}

/* Takes up what came in while the last answer was under way. */
static void feed_pending(struct peer *p)
{
    struct buf taken = p->pending;
    if (buf_len(&taken) == 0)
        return;
    buf_init(&p->pending, PENDING_MAX_BYTES);
    feed(p, buf_view(&taken));
    buf_release(&taken);
}

/* -- sending and ending ----------------------------------------------------- */

bool peer_has_unsent(const struct peer *p)
{
    return conn_has_unsent(&p->conn) || buf_len(&p->held) > 0;
}

static void end_now(struct peer *p)
{
    p->is_ending = false;
    if (p->end == PEER_HOLD)
        return;
    p->sim->stats.completed++;
    if (p->end == PEER_RESET) {
        reset(p);
        return;
    }
    if (p->end == PEER_CLOSE || !p->keeps_alive) {
        peer_close(p);
        return;
    }
    release_slot(p);
    arena_reset(&p->arena);
    if (p->body.cap > KEEP_BODY_BYTES) {
        buf_release(&p->body);
        buf_init(&p->body, SIM_BODY_MAX_BYTES);
    }
    buf_clear(&p->body);
    p->is_head_sent = p->is_holding = false;
    p->state = PEER_READ;
    if (!p->is_feeding)
        feed_pending(p);
}

static void end_if_out(struct peer *p)
{
    if (p->is_ending && !peer_has_unsent(p))
        end_now(p);
}

void peer_finish(struct peer *p, enum peer_end end)
{
    p->end = end;
    p->is_ending = true;
    end_if_out(p);
}

static void send_now(struct peer *p, struct str bytes)
{
    union {
        const char *from;
        void *to;
    } base = {.from = bytes.p};
    struct iovec iov = {base.to, bytes.n};
    conn_send(&p->conn, &iov, 1);
}

static void on_slow(struct loop_timer *t)
{
    struct peer *p = CONTAINER_OF(t, struct peer, slow);
    if (p->asked.fault.kind == SIM_SLOW_HEAD) {
        send_now(p, buf_view(&p->held));
        buf_clear(&p->held);
        p->is_holding = false;
    } else {
        for (int i = 0; i < DRIBBLE_PER_TICK && buf_len(&p->held); i++) {
            send_now(p, str_sub(buf_view(&p->held), 0, 1));
            buf_consume(&p->held, 1);
        }
        if (buf_len(&p->held))
            loop_timer_at(t, loop_now_ms(p->sim->loop) + 1);
    }
    end_if_out(p);
}

/* The first bytes of a slow head go out at once, the rest when `slow` rings. */
static void hold_back(struct peer *p, const struct iovec *iov, int n)
{
    bool is_first = !p->is_holding;
    p->is_holding = true;
    for (int i = 0; i < n; i++)
        buf_append(&p->held, (struct str){iov[i].iov_base, iov[i].iov_len});
    uint64_t delay_ms = 1;
    if (is_first && p->asked.fault.kind == SIM_SLOW_HEAD) {
        size_t half = iov[0].iov_len / 2;
        send_now(p, str_sub(buf_view(&p->held), 0, half));
        buf_consume(&p->held, half);
        delay_ms = p->asked.fault.arg;
    }
    if (!p->slow.due_ms)
        loop_timer_at(&p->slow, loop_now_ms(p->sim->loop) + delay_ms);
}

void peer_send(struct peer *p, const struct iovec *iov, int n)
{
    bool is_slow_head = p->asked.fault.kind == SIM_SLOW_HEAD;
    if (p->asked.fault.kind == SIM_DRIBBLE ||
        (is_slow_head && (p->is_holding || !p->is_head_sent)))
        hold_back(p, iov, n);
    else
        conn_send(&p->conn, iov, n); /* a failure shows when reading */
}

static void on_drained(struct conn *c)
{
    struct peer *p = CONTAINER_OF(c, struct peer, conn);
    if (p->is_ending)
        end_if_out(p);
    else if (p->state == PEER_SEND && p->is_streaming)
        stream_pump(p);
}

static void on_broken(struct conn *c)
{
    leave(CONTAINER_OF(c, struct peer, conn));
}

static const struct conn_events conn_events = {.readable = on_readable,
                                               .drained = on_drained,
                                               .broken = on_broken,
                                               .released = on_released};

static void on_due(struct loop_timer *t)
{
    struct peer *p = CONTAINER_OF(t, struct peer, due);
    if (p->is_streaming)
        stream_pump(p);
    else
        peer_begin(p);
}

void peer_admit(void *sim)
{
    struct sim *s = sim;
    s->is_admit_queued = false;
    while (!list_empty(&s->queue) && s->nbusy < s->slots) {
        struct peer *p = list_first(&s->queue, struct peer, waiting);
        list_remove(&p->waiting);
        peer_start(p);
    }
}

void peer_open(struct sim *s, int fd)
{
    struct peer *p = mem_new(struct peer);
    s->stats.accepted++;
    if (!p || s->asked.fault.kind == SIM_REFUSE) {
        reset_fd(fd);
        close(fd);
        mem_free(p);
        return;
    }
    p->sim = s;
    list_init(&p->waiting);
    list_init(&p->link);
    arena_init(&p->arena, ARENA_MAX_BYTES);
    buf_init(&p->body, SIM_BODY_MAX_BYTES);
    buf_init(&p->pending, PENDING_MAX_BYTES);
    buf_init(&p->head_text, HEAD_TEXT_MAX_BYTES);
    buf_init(&p->held, SIM_OUT_MAX_BYTES);
    loop_timer_init(s->loop, &p->due, on_due);
    loop_timer_init(s->loop, &p->slow, on_slow);
    p->reader = http_reader_create(HTTP_READ_REQUESTS, &reader_events, p);
    if (!p->reader)
        close(fd);
    else if (conn_open(&p->conn, s->loop, fd, NULL, &conn_events, SIM_OUT_MAX_BYTES,
                       NULL) == 0) {
        list_append(&s->peers, &p->link);
        s->nopen++;
        conn_want_read(&p->conn, true);
        return;
    }
    free_peer(p);
}
