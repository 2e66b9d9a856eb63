/* web.c -- the page's own state: a thread, the newest rows, the newest sums. */
#include "web/room.h"

#include "core/clock.h"
#include "core/mem.h"

struct web_text *web_text_create(struct str text, uint64_t version)
{
    struct web_text *t = mem_alloc(sizeof *t + text.n);
    if (!t)
        return NULL;
    char *p = (char *)(t + 1);
    memcpy(p, text.p, text.n);
    atomic_init(&t->refs, 1);
    t->version = version;
    t->text = (struct str){p, text.n};
    return t;
}

struct web_text *web_text_ref(struct web_text *t)
{
    if (t)
        atomic_fetch_add(&t->refs, 1);
    return t;
}

void web_text_unref(struct web_text *t)
{
    if (t && atomic_fetch_sub(&t->refs, 1) == 1)
        mem_free(t);
}

struct web *web_create(struct err *err)
{
    struct web *w = mem_new(struct web);
    if (!w) {
        err_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&w->mutex, NULL);
    places_init(&w->streams, "streams of events", STREAMS_OF_VISIT, STREAMS_OF_WORKER,
                STREAMS_MOST);
    places_init(&w->waiting, "places for questions", WAITING_OF_VISIT, WAITING_OF_WORKER,
                WAITING_MOST);
    w->feed = feed_create();
    w->memory = web_memory_create();
    w->pool = w->feed && w->memory ? pool_create(1, err) : NULL;
    w->asking = w->pool ? pool_create(1, err) : NULL;
    if (w->asking)
        return w;
    if (!w->feed || !w->memory)
        err_nomem(err);
    web_free(w);
    return NULL;
}

void web_free(struct web *w)
{
    if (!w)
        return;
    pool_free(w->asking);
    pool_free(w->pool);
    web_memory_free(w->memory);
    feed_free(w->feed);
    web_text_unref(w->overview);
    mem_free(w->tally);
    mem_free(w->proof);
    web_past_free(w->past);
    for (size_t i = 0; i < LEDGER_MAX_WORKERS; i++)
        web_worker_free(w->workers[i]);
    places_release(&w->streams);
    places_release(&w->waiting);
    pthread_mutex_destroy(&w->mutex);
    mem_free(w);
}

struct web *web_of(const struct request *r)
{
    return r->worker->server->pages_ctx;
}

int web_settled(void *ctx, const struct ledger_row *row)
{
    struct web *w = ctx;
    struct json_writer json;
    struct buf line;
    if (!row) {
        feed_publish(w->feed);
        return 0;
    }
    if (!feed_is_watched(w->feed, clock_mono_ms())) {
        feed_lapse(w->feed);
        return 0;
    }
    buf_init(&line, FEED_ROW_BYTES);
    json_writer_init(&json, &line);
    web_write_row(&json, row);
    feed_put(w->feed, line.failed ? STR("") : buf_view(&line));
    buf_release(&line);
    return 0;
}

struct web_text *web_take_overview(struct web *w)
{
    pthread_mutex_lock(&w->mutex);
    struct web_text *t = web_text_ref(w->overview);
    pthread_mutex_unlock(&w->mutex);
    return t;
}

void web_put_overview(struct web *w, struct str text)
{
    struct web_text *t = web_text_create(text, 0), *was;
    if (!t)
        return;
    pthread_mutex_lock(&w->mutex);
    was = w->overview;
    t->version = was ? was->version + 1 : 1;
    w->overview = t;
    pthread_mutex_unlock(&w->mutex);
    web_text_unref(was);
}
