/* top_feed.c -- see top_feed.h. */
#include "cmd/serve/top_feed.h"

#include "core/mem.h"
#include "http/sse.h"
#include "loop/turn.h"
#include "upstream/exchange.h"
#include "json/scan.h"
#include "json/write.h"

#include <stdio.h>

enum {
    ANSWER_BYTES = 8 << 20,
    EVENT_BYTES = 2 << 20,
    ORDER_BYTES = 4096,
    FIELDS_BYTES = 500,
    TARGET_BYTES = 120,
    AGAIN_MS = 1000,
    CONNECT_MS = 2000,
    ANSWER_MS = 10000,
    SILENT_MS = 40000, /* events have a comment each 15 s */
    FIRST_ROWS = 200
};

enum what { ASK_EVENTS, ASK_ROWS, ASK_ROW, ASK_RECORDS, ASK_CLOUD, ASK_KINDS };

/* One question at a time of each kind. */
struct asking {
    struct top_feed *feed;
    enum what what;
    struct endpoint endpoint;
    struct http_message message;
    char fields[FIELDS_BYTES], target[TARGET_BYTES], post[ORDER_BYTES];
    struct exchange *exchange;
    struct buf body;
    int status;
};

struct top_feed {
    struct loop *loop;
    struct upstream_pool *pool;
    struct running at;
    char host[RUNNING_LINE];
    uint16_t port;
    void (*changed)(void *ctx);
    void *ctx;
    struct loop_timer again;
    struct asking asks[ASK_KINDS];
    struct sse_reader sse;
    struct buf overview, engines, cloud, row, records;
    struct str rows[TOP_ROWS]; /* each owned; the newest first */
    size_t nrows;
    char open_id[24], message[200];
    bool is_waiting;
};

/* -- rows -------------------------------------------------------------------------------
 */

static void drop_rows(struct top_feed *f)
{
    for (size_t i = 0; i < f->nrows; i++)
        mem_free((void *)(uintptr_t)f->rows[i].p);
    f->nrows = 0;
}

static void add_row(struct top_feed *f, struct str raw)
{
    char *copy = mem_strndup(raw.p, raw.n);
    if (!copy)
        return;
    if (f->nrows == TOP_ROWS)
        mem_free((void *)(uintptr_t)f->rows[--f->nrows].p);
    memmove(&f->rows[1], &f->rows[0], f->nrows * sizeof f->rows[0]);
    f->rows[0] = (struct str){copy, raw.n};
    f->nrows++;
}

static void add_rows(struct top_feed *f, struct str list)
{
    struct json_cur c;
    struct str one;
    json_begin(&c, list);
    if (!list.n || !json_enter_array(&c))
        return;
    while (json_next_element(&c) && json_skip(&c, &one))
        add_row(f, one);
}

static bool has_row(const struct top_feed *f, struct str id)
{
    for (size_t i = 0; i < f->nrows; i++)
        if (str_eq(json_get(f->rows[i], "id"), id))
            return true;
    return false;
}

static uint64_t at_of(struct str row)
{
    uint64_t ms = 0;
    return str_to_u64(json_get(row, "at_ms"), &ms) ? ms : 0;
}

/* The list was read a moment ago: what events have brought since stands before it. */
static void take_list(struct top_feed *f, struct str list)
{
    static struct str newer[TOP_ROWS];
    size_t n = f->nrows, nnewer = 0;
    memcpy(newer, f->rows, n * sizeof newer[0]);
    f->nrows = 0;
    add_rows(f, list);
    uint64_t newest_ms = f->nrows ? at_of(f->rows[0]) : 0;
    while (nnewer < n && !has_row(f, json_get(newer[nnewer], "id")) &&
           at_of(newer[nnewer]) >= newest_ms)
        nnewer++;
    for (size_t i = nnewer; i-- > 0;)
        add_row(f, newer[i]);
    for (size_t i = 0; i < n; i++)
        mem_free((void *)(uintptr_t)newer[i].p);
}

static void keep(struct buf *to, struct str text)
{
    buf_clear(to);
    buf_append(to, text);
}

/* -- asking -----------------------------------------------------------------------------
 */

static const struct exchange_events events;

static bool find_address(struct top_feed *f)
{
    struct str all = str_of(f->at.address);
    uint64_t port = 0;
    size_t n = all.n;
    while (n && all.p[n - 1] != ':')
        n--;
    struct str host = str_sub(all, 0, n ? n - 1 : 0);
    if (host.n > 2 && host.p[0] == '[')
        host = str_sub(host, 1, host.n - 1);
    if (!host.n || !str_to_u64(str_sub(all, n, all.n), &port) || port > UINT16_MAX)
        return false;
    snprintf(f->host, sizeof f->host, "%.*s", STR_ARG(host));
    f->port = (uint16_t)port;
    return true;
}

static void ask(struct top_feed *f, enum what what, const char *post)
{
    struct asking *a = &f->asks[what];
    bool is_stream = what == ASK_EVENTS;
    struct err err;
    exchange_cancel(a->exchange);
    buf_clear(&a->body);
    a->status = 0;
    snprintf(a->post, sizeof a->post, "%s", post ? post : "");
    snprintf(a->fields, sizeof a->fields, "Accept: %s\r\nAuthorization: Bearer %s\r\n%s",
             is_stream ? "text/event-stream" : "application/json", f->at.token,
             post ? "Content-Type: application/json\r\n" : "");
    a->endpoint = (struct endpoint){
        .name = STR("weir"),
        .origin = str_of(f->at.address),
        .host = str_of(f->host),
        .port = f->port,
        .deadlines = {CONNECT_MS, ANSWER_MS, is_stream ? SILENT_MS : ANSWER_MS, 0}};
    a->message = (struct http_message){.method = post ? STR("POST") : STR("GET"),
                                       .target = str_of(a->target),
                                       .fields = str_of(a->fields)};
    if (post) {
        a->message.body[0] = str_of(a->post);
        a->message.npieces = 1;
        a->message.body_bytes = a->message.body[0].n;
    }
    a->exchange = exchange_start(f->pool, &a->endpoint, &a->message,
                                 post ? 0 : EXCHANGE_RESENDS, &events, a, &err);
}

static void ask_path(struct top_feed *f, enum what what, const char *path, const char *id)
{
    snprintf(f->asks[what].target, TARGET_BYTES, "%s%s", path, id);
    ask(f, what, NULL);
}

static void connect_now(struct top_feed *f)
{
    char rows[32];
    LOOP_MAY_BLOCK("where a restarted weir listens stands in a file");
    snprintf(rows, sizeof rows, "%d", FIRST_ROWS);
    struct loop *loop = f->loop;
    if (!running_again(&f->at) || !find_address(f)) {
        loop_timer_at(&f->again, loop_now_ms(loop) + AGAIN_MS);
        return;
    }
    sse_release(&f->sse);
    sse_init(&f->sse, EVENT_BYTES);
    ask_path(f, ASK_EVENTS, "/weir/events", "");
    ask_path(f, ASK_ROWS, "/weir/api/rows?limit=", rows);
}

static void on_again(struct loop_timer *t)
{
    connect_now(CONTAINER_OF(t, struct top_feed, again));
}

/* What it had stays on the screen meanwhile. */
static void lost(struct top_feed *f)
{
    f->is_waiting = true;
    loop_timer_at(&f->again, loop_now_ms(f->loop) + AGAIN_MS);
    f->changed(f->ctx);
}

/* -- what comes -------------------------------------------------------------------------
 */

static void take_event(struct top_feed *f, const struct sse_event *e)
{
    char rows[32];
    if (str_eqz(e->event, "rows"))
        add_rows(f, e->data);
    else if (str_eqz(e->event, "engines"))
        keep(&f->engines, e->data);
    else if (str_eqz(e->event, "cloud"))
        keep(&f->cloud, e->data);
    else if (str_eqz(e->event, "overview"))
        keep(&f->overview, e->data);
    if (str_eqz(e->event, "gap")) {
        snprintf(rows, sizeof rows, "%d", FIRST_ROWS);
        ask_path(f, ASK_ROWS, "/weir/api/rows?limit=", rows);
    }
}

static void on_head(void *ctx, const struct http_head *head)
{
    struct asking *a = ctx;
    a->status = head->status;
    if (a->what == ASK_EVENTS && a->status == 200)
        a->feed->is_waiting = false;
}

static void on_body(void *ctx, struct str piece)
{
    struct asking *a = ctx;
    struct top_feed *f = a->feed;
    struct sse_event e;
    int rc = 0;
    if (a->what != ASK_EVENTS || a->status != 200) {
        buf_append(&a->body, piece);
        return;
    }
    while ((rc = sse_next(&f->sse, &piece, &e)) == 1)
        take_event(f, &e);
    if (rc < 0) {
        sse_release(&f->sse);
        sse_init(&f->sse, EVENT_BYTES);
    }
    f->changed(f->ctx);
}

static void on_flush(void *ctx)
{
    (void)ctx;
}

void top_feed_say(struct top_feed *f, const char *message)
{
    snprintf(f->message, sizeof f->message, "%.190s", message);
}

/* error.message of an answer; it is one line of ASCII or close to it. */
static void say_refusal(struct top_feed *f, struct str body)
{
    struct str message = running_text(json_get(body, "error"), "message");
    snprintf(f->message, sizeof f->message, "%.*s",
             (int)(message.n < 190 ? message.n : 190), message.p ? message.p : "");
}

static void say_cloud(struct top_feed *f, struct str body)
{
    struct str running = running_text(body, "running");
    bool is_paused = str_eqz(running_text(body, "paused"), "true");
    keep(&f->cloud, body);
    if (is_paused && running.n && !str_eqz(running, "0"))
        snprintf(f->message, sizeof f->message,
                 "The cloud is paused; %.*s answers that had begun go on to their end.",
                 STR_ARG(running));
    else
        snprintf(f->message, sizeof f->message, "The cloud is %s.",
                 is_paused ? "paused" : "open again");
}

static void take_answer(struct asking *a)
{
    struct top_feed *f = a->feed;
    struct str body = buf_view(&a->body);
    if (a->status != 200) {
        say_refusal(f, body);
        return;
    }
    switch (a->what) {
    case ASK_ROWS:
        take_list(f, json_get(body, "rows"));
        return;
    case ASK_ROW:
        keep(&f->row, body);
        return;
    case ASK_RECORDS:
        keep(&f->records, body);
        return;
    case ASK_CLOUD:
        say_cloud(f, body);
        return;
    case ASK_EVENTS:
    case ASK_KINDS:
        return;
    }
}

static void on_end(void *ctx)
{
    struct asking *a = ctx;
    a->exchange = NULL;
    if (a->what == ASK_EVENTS) {
        if (a->status != 200)
            say_refusal(a->feed, buf_view(&a->body));
        lost(a->feed);
        return;
    }
    take_answer(a);
    a->feed->changed(a->feed->ctx);
}

static void on_fail(void *ctx, const struct err *err)
{
    struct asking *a = ctx;
    a->exchange = NULL;
    if (a->what == ASK_EVENTS)
        lost(a->feed);
    else if (a->what == ASK_CLOUD)
        snprintf(a->feed->message, sizeof a->feed->message, "not done: %.150s", err->msg);
    a->feed->changed(a->feed->ctx);
}

static const struct exchange_events events = {
    .head = on_head, .body = on_body, .flush = on_flush, .end = on_end, .fail = on_fail};

/* -- for whoever shows it ---------------------------------------------------------------
 */

void top_feed_open(struct top_feed *f, const char *id)
{
    snprintf(f->open_id, sizeof f->open_id, "%s", id);
    buf_clear(&f->row);
    buf_clear(&f->records);
    ask_path(f, ASK_ROW, "/weir/api/rows/", id);
    ask_path(f, ASK_RECORDS, "/weir/api/records/", id);
}

void top_feed_set_cloud(struct top_feed *f, bool is_pause, const char *why)
{
    struct buf order;
    struct json_writer w;
    buf_init(&order, ORDER_BYTES);
    json_writer_init(&w, &order);
    json_object_open(&w);
    json_key(&w, "do");
    json_str(&w, is_pause ? STR("pause") : STR("resume"));
    json_key(&w, "why");
    json_str(&w, str_of(why));
    json_object_close(&w);
    buf_byte(&order, '\0');
    snprintf(f->message, sizeof f->message, "...");
    snprintf(f->asks[ASK_CLOUD].target, TARGET_BYTES, "/weir/api/cloud");
    if (!order.failed)
        ask(f, ASK_CLOUD, buf_view(&order).p);
    buf_release(&order);
}

void top_feed_show(const struct top_feed *f, struct top_view *v)
{
    v->address = f->at.address;
    v->overview = buf_view(&f->overview);
    v->engines = buf_view(&f->engines);
    v->cloud = buf_view(&f->cloud);
    v->rows = f->rows;
    v->nrows = f->nrows;
    v->row = buf_view(&f->row);
    v->records = buf_view(&f->records);
    v->open_id = f->open_id;
    v->message = f->message;
    v->is_waiting = f->is_waiting;
}

struct top_feed *top_feed_create(struct loop *l, const struct running *at,
                                 void (*changed)(void *ctx), void *ctx)
{
    struct top_feed *f = mem_new(struct top_feed);
    struct err err;
    if (!f)
        return NULL;
    f->loop = l;
    f->at = *at;
    f->changed = changed;
    f->ctx = ctx;
    struct buf *bufs[] = {&f->overview, &f->engines, &f->cloud, &f->row, &f->records};
    for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
        buf_init(bufs[i], ANSWER_BYTES);
    for (unsigned i = 0; i < ASK_KINDS; i++) {
        f->asks[i].feed = f;
        f->asks[i].what = (enum what)i;
        buf_init(&f->asks[i].body, ANSWER_BYTES);
    }
    sse_init(&f->sse, EVENT_BYTES);
    loop_timer_init(l, &f->again, on_again);
    f->pool = upstream_pool_create(l, &err);
    if (!f->pool) {
        top_feed_free(f);
        return NULL;
    }
    connect_now(f);
    return f;
}

void top_feed_free(struct top_feed *f)
{
    if (!f)
        return;
    upstream_pool_free(f->pool); /* cancels what runs */
    loop_timer_stop(&f->again);
    drop_rows(f);
    struct buf *bufs[] = {&f->overview, &f->engines, &f->cloud, &f->row, &f->records};
    for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
        buf_release(bufs[i]);
    for (unsigned i = 0; i < ASK_KINDS; i++)
        buf_release(&f->asks[i].body);
    sse_release(&f->sse);
    running_forget(&f->at);
    mem_free(f);
}
