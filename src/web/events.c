/* events.c -- GET /weir/events: what changes, four times a second at most.
 *
 * Its messages and their names are in docs/page.md, Events.
 *
 * A worker has one timer for all that watch there, and writes each message once.  Whoever
 * does not read gets nothing more until it does, and then a gap: a reader that stands
 * still costs the message it has not taken.
 *
 * How many there may be is in places.h.  A stream ends with an event that says why and
 * when to come again; one whose reader stands still is cut, so that it neither holds up a
 * weir that stops nor is told what it may not see any more. */
#include "gateway/door.h"
#include "gateway/pages.h"
#include "web/later.h"
#include "web/room.h"

#include "core/clock.h"
#include "core/mem.h"

#include <stdio.h>

enum {
    TICK_MS = 250,
    COMMENT_MS = 15 * 1000,
    OVERVIEW_MS = 2000,
    OVERVIEW_IDLE_MS = 30000,
    STREAM_MS = 60 * 60 * 1000, /* then it comes back, and shows its cookie again */
    ASK_AGAIN_S = 30
};
enum { MESSAGE_BYTES = 512 * 1024 };

/* Why a stream ends. */
enum why { WHY_NONE, WHY_DRAINING, WHY_HOUR, WHY_VISIT, WHY_MOVED };
static const struct {
    const char *name, *words;
    unsigned retry_ms;
} whys[] = {
    [WHY_DRAINING] = {"draining",
                      "weir stops, or begins anew: the page comes back as "
                      "soon as it runs",
                      500},
    [WHY_HOUR] = {"hour", "the page comes in again, as it does each hour", 10},
    [WHY_VISIT] = {"visit", "this visit is over", 10},
    [WHY_MOVED] = {"moved", "weir.yaml now says something else about the page", 1000},
};

struct subscriber {
    struct page_hold hold;
    struct link link;
    struct request *request;
    struct web_worker *of;
    uint64_t at; /* in the feed */
    uint64_t engines_version, overview_version, cloud_version;
    uint64_t said_ms, since_ms;
    uint64_t visit_ms; /* when its visit is over; UINT64_MAX: never */
    uint64_t visit;    /* its id */
    uint64_t turns;    /* of the door, when it came in */
};

struct web_worker {
    struct worker *worker;
    struct web *web;
    struct link subscribers;
    struct loop_timer timer;
    struct buf engines; /* as they were said last */
    struct buf fresh;   /* scratch: as they are now */
    uint64_t engines_version;
    struct buf cloud; /* as it was said last */
    uint64_t cloud_version;
    uint64_t overview_at; /* the feed's end when the overview was asked for */
    uint64_t overview_ms;
    /* The rows from one place to the end, written once for all who stand there. */
    struct buf rows;
    uint64_t rows_from, rows_to;
};

static void stop_watching(struct subscriber *s)
{
    list_remove(&s->link);
    places_give_back(&s->of->web->streams, s->visit, s->of->worker->index);
    mem_free(s);
}

static void on_left(struct page_hold *h)
{
    stop_watching(CONTAINER_OF(h, struct subscriber, hold));
}

/* Ends its stream.  A client that has taken all of it is not waited for when weir
 * stops. */
static void end(struct subscriber *s, enum why why)
{
    struct request *r = s->request;
    struct client *c = r->client;
    struct worker *w = r->worker;
    char last[256];
    snprintf(last, sizeof last,
             "retry: %u\nevent: end\ndata: {\"why\":\"%s\",\"message\":\"%s\"}\n\n",
             whys[why].retry_ms, whys[why].name, whys[why].words);
    if (client_is_choked(c)) {
        client_close(c);
        return;
    }
    if (client_answer_piece(c, str_of(last)) == IS_OVER)
        return; /* and s with it */
    if (client_is_choked(c)) {
        client_close(c);
        return;
    }
    r->hold = NULL;
    stop_watching(s);
    request_discard(r);
    client_answer_end(c);
    if (w->is_draining && !client_is_choked(c))
        client_close(c);
}

static void on_drain(struct page_hold *h)
{
    end(CONTAINER_OF(h, struct subscriber, hold), WHY_DRAINING);
}

/* It has come in before all visits were ended, or where the page is not any more, or long
 * ago. */
static enum why is_out(const struct subscriber *s, uint64_t now)
{
    const struct worker *w = s->of->worker;
    const struct config *was = s->request->setup->config, *is = w->setup->config;
    if (s->turns != door_turns(w->server->door) || now >= s->visit_ms)
        return WHY_VISIT;
    if (was->page != is->page || !str_eq(was->page_origin, is->page_origin))
        return WHY_MOVED;
    return now >= s->since_ms + STREAM_MS ? WHY_HOUR : WHY_NONE;
}

/* A configuration that was replaced is not kept for those who go on watching. */
static void take_setup(struct subscriber *s)
{
    struct request *r = s->request;
    if (r->setup == s->of->worker->setup)
        return;
    setup_unref(r->setup);
    r->setup = setup_ref(s->of->worker->setup);
}

/* -- what is said ---------------------------------------------------------------------
 */

/* What stands in v->fresh takes the place of *said when it is another. */
static void say_anew(struct web_worker *v, struct buf *said, uint64_t *version)
{
    if (v->fresh.failed || str_eq(buf_view(&v->fresh), buf_view(said)))
        return;
    struct buf was = *said;
    *said = v->fresh;
    v->fresh = was;
    ++*version;
}

static void look_at_engines(struct web_worker *v)
{
    struct json_writer w;
    buf_clear(&v->fresh);
    json_writer_init(&w, &v->fresh);
    web_write_engines(&w, v->worker->server, v->worker->setup,
                      loop_now_ms(v->worker->loop));
    say_anew(v, &v->engines, &v->engines_version);
    buf_clear(&v->fresh);
    json_writer_init(&w, &v->fresh);
    web_write_cloud(&w, v->worker->server);
    say_anew(v, &v->cloud, &v->cloud_version);
}

static void write_rows(struct web_worker *v, uint64_t from)
{
    struct feed *f = v->web->feed;
    char id[FEED_NAME];
    bool is_gap;
    struct buf lines;
    buf_clear(&v->rows);
    buf_init(&lines, MESSAGE_BYTES);
    v->rows_from = from;
    v->rows_to = feed_take(f, from, &lines, &is_gap);
    feed_name(f, v->rows_to, id);
    if (is_gap)
        buf_lit(&v->rows, "event: gap\ndata: {}\n\n");
    buf_printf(&v->rows, "id: %s\nevent: rows\ndata: [%.*s]\n\n", id,
               STR_ARG(buf_view(&lines)));
    buf_release(&lines);
}

static void write_message(struct subscriber *s, struct buf *out)
{
    struct web_worker *v = s->of;
    if (s->at < feed_end(v->web->feed)) {
        if (v->rows_from != s->at || v->rows_to != feed_end(v->web->feed))
            write_rows(v, s->at);
        buf_append(out, buf_view(&v->rows));
        s->at = v->rows_to;
    }
    if (s->engines_version != v->engines_version) {
        buf_printf(out, "event: engines\ndata: %.*s\n\n", STR_ARG(buf_view(&v->engines)));
        s->engines_version = v->engines_version;
    }
    if (s->cloud_version != v->cloud_version) {
        buf_printf(out, "event: cloud\ndata: %.*s\n\n", STR_ARG(buf_view(&v->cloud)));
        s->cloud_version = v->cloud_version;
    }
    struct web_text *t = web_take_overview(v->web);
    if (t && t->version != s->overview_version) {
        buf_printf(out, "event: overview\ndata: %.*s\n\n", STR_ARG(t->text));
        s->overview_version = t->version;
    }
    web_text_unref(t);
}

static void tell(struct subscriber *s, uint64_t now)
{
    struct buf *out = &s->of->worker->out;
    if (client_is_choked(s->request->client))
        return;
    write_message(s, out);
    if (buf_len(out) == 0 && now >= s->said_ms + COMMENT_MS)
        buf_lit(out, ":\n\n");
    if (buf_len(out) == 0 || out->failed) {
        buf_clear(out);
        return;
    }
    s->said_ms = now;
    struct worker *w = s->of->worker;
    (void)client_answer_piece(s->request->client, buf_view(out)); /* s may be gone */
    buf_clear(&w->out);
}

/* -- the sums of the first screen ------------------------------------------------------
 */

static int make_overview(struct later *l, struct err *err)
{
    return web_write_overview(l->server, l->setup, &l->out, err);
}

static void on_overview(struct later *l)
{
    struct web *w = l->server->pages_ctx;
    if (!l->err.kind)
        web_put_overview(w, buf_view(&l->out));
    atomic_store(&w->is_adding_up, false);
}

static void refresh_overview(struct web_worker *v, uint64_t now)
{
    uint64_t end = feed_end(v->web->feed);
    bool has_changed = end != v->overview_at;
    uint64_t wait = has_changed ? OVERVIEW_MS : OVERVIEW_IDLE_MS;
    bool no = false;
    if (v->overview_ms && now < v->overview_ms + wait)
        return;
    if (!atomic_compare_exchange_strong(&v->web->is_adding_up, &no, true))
        return;
    v->overview_ms = now;
    v->overview_at = end;
    if (!later_run(v->worker, v->web->pool, make_overview, on_overview))
        atomic_store(&v->web->is_adding_up, false);
}

/* -- a worker's timer -----------------------------------------------------------------
 */

static void on_tick(struct loop_timer *t)
{
    struct web_worker *v = CONTAINER_OF(t, struct web_worker, timer);
    uint64_t now = loop_now_ms(v->worker->loop);
    struct link *at, *next;
    if (list_empty(&v->subscribers))
        return;
    feed_touch(v->web->feed, now);
    look_at_engines(v);
    refresh_overview(v, now);
    web_memory_tend(v->web, v->worker, now);
    for (at = v->subscribers.next; at != &v->subscribers; at = next) {
        next = at->next;
        struct subscriber *s = CONTAINER_OF(at, struct subscriber, link);
        enum why why = is_out(s, now);
        if (why) {
            end(s, why);
            continue;
        }
        take_setup(s);
        tell(s, now);
    }
    if (!list_empty(&v->subscribers))
        loop_timer_at(&v->timer, now + TICK_MS);
}

static struct web_worker *watch_of(struct web *web, struct worker *w)
{
    struct web_worker *v = web->workers[w->index];
    if (v)
        return v;
    v = mem_new(struct web_worker);
    if (!v)
        return NULL;
    v->worker = w;
    v->web = web;
    list_init(&v->subscribers);
    loop_timer_init(w->loop, &v->timer, on_tick);
    buf_init(&v->engines, MESSAGE_BYTES);
    buf_init(&v->cloud, MESSAGE_BYTES);
    buf_init(&v->fresh, MESSAGE_BYTES);
    buf_init(&v->rows, MESSAGE_BYTES);
    web->workers[w->index] = v;
    return v;
}

void web_worker_free(struct web_worker *v)
{
    if (!v)
        return;
    buf_release(&v->engines);
    buf_release(&v->cloud);
    buf_release(&v->fresh);
    buf_release(&v->rows);
    mem_free(v);
}

/* When a visit that ends at this time of the wall clock is over, on the loop's. */
static uint64_t end_of_visit(const struct page_visit *v, uint64_t now)
{
    uint64_t wall = clock_wall_ms(), until = v->until_s * 1000;
    return !v->until_s ? UINT64_MAX : now + (until > wall ? until - wall : 0);
}

/* NULL, and r is answered: there is no place, or no memory. */
static struct subscriber *subscribe(struct request *r)
{
    struct web *web = web_of(r);
    const struct page_visit *visit = &r->head->visit;
    struct worker *w = r->worker;
    uint64_t now = loop_now_ms(w->loop);
    struct err err;
    if (w->is_draining) {
        err_set(&err, ERR_OVERLOAD, "weir_stops", "%s", whys[WHY_DRAINING].words);
        web_fail_for(r, &err, 1);
        return NULL;
    }
    if (places_take(&web->streams, visit->id, w->index,
                    places_of_descriptors(r->client->conn.fd), &err) < 0) {
        web_fail_for(r, &err, ASK_AGAIN_S);
        return NULL;
    }
    struct web_worker *v = watch_of(web, w);
    struct subscriber *s = v ? mem_new(struct subscriber) : NULL;
    if (!s) {
        places_give_back(&web->streams, visit->id, w->index);
        web_fail(r, (err_nomem(&err), &err));
        return NULL;
    }
    *s = (struct subscriber){.hold = {on_left, on_drain},
                             .request = r,
                             .of = v,
                             .at = feed_end(web->feed),
                             .said_ms = now,
                             .since_ms = now,
                             .visit_ms = end_of_visit(visit, now),
                             .visit = visit->id,
                             .turns = door_turns(w->server->door)};
    list_append(&v->subscribers, &s->link);
    r->hold = &s->hold;
    return s;
}

/* It goes on at the place that it names.  False: what it has missed nobody kept. */
static bool resume(struct subscriber *s, struct str place)
{
    uint64_t found = place.n ? feed_find(s->of->web->feed, place) : s->at;
    s->at = found ? found : s->at;
    return found != 0;
}

static void watch(struct request *r)
{
    struct subscriber *s = subscribe(r);
    struct arena a;
    if (!s)
        return;
    uint64_t now = s->since_ms;
    bool has_all = resume(s, r->head->last_event_id);
    arena_init(&a, 16 * 1024);
    client_yield(r->client);
    client_answer_head(
        r->client, 200, STR("text/event-stream"),
        arena_printf(&a, "%scache-control: no-store\r\nx-accel-buffering: no\r\n",
                     page_guard_fields),
        -1);
    loop_timer_at(&s->of->timer, now + 1);
    feed_touch(s->of->web->feed, now);
    /* Whoever has missed something asks for the rows. */
    (void)client_answer_piece(r->client,
                              has_all ? STR("retry: 1000\n\n")
                                      : STR("retry: 1000\n\nevent: gap\ndata: {}\n\n"));
    arena_reset(&a);
}

/* What HEAD is told: a body would be read as the next answer. */
static void answer_head_alone(struct request *r)
{
    page_answer_with(r, 200, STR("text/event-stream"), STR("cache-control: no-store\r\n"),
                     &(struct buf){0});
}

void web_events(struct request *r)
{
    if (r->client->is_head) {
        answer_head_alone(r);
        return;
    }
    watch(r);
}
