/* later.c -- see later.h. */
#include "web/later.h"

#include "core/mem.h"
#include "gateway/pages.h"

enum {
    OUT_BYTES = 16 << 20,
    ARENA_BYTES = 4 << 20,
    USUAL_WORK = 1 << 20,
    SLOW_WORK = 1 << 30,
    ASK_AGAIN_S = 5
};

struct later_job {
    struct later later;
    void (*done)(struct later *l); /* NULL: a request is answered */
    uint64_t visit;
};

static void on_thread(struct work *work)
{
    struct later *l = CONTAINER_OF(work, struct later, work);
    int rc = l->make(l, &l->err);
    if (rc == 0 && l->out.failed)
        err_nomem(&l->err);
    else if (rc == 0)
        err_clear(&l->err);
}

static void on_left(struct page_hold *h)
{
    struct later *l = CONTAINER_OF(h, struct later, hold);
    l->request = NULL;
    atomic_store(&l->is_left, true);
}

/* What takes long gives up; what is short is answered. */
static void on_drain(struct page_hold *h)
{
    atomic_store(&CONTAINER_OF(h, struct later, hold)->is_left, true);
}

static void free_later(struct later *l)
{
    struct later_job *job = CONTAINER_OF(l, struct later_job, later);
    setup_unref(l->setup);
    buf_release(&l->out);
    arena_reset(&l->arena);
    mem_free(job);
}

static void answer(struct later *l)
{
    struct request *r = l->request;
    if (!r)
        return;
    r->hold = NULL;
    if (l->err.kind)
        web_fail(r, &l->err);
    else if (l->is_report)
        page_answer_report(r, &l->out);
    else
        page_answer_with(r, 200, STR("application/json"),
                         STR("cache-control: no-store\r\n"), &l->out);
}

static void on_loop(struct work *work)
{
    struct later *l = CONTAINER_OF(work, struct later, work);
    struct later_job *job = CONTAINER_OF(l, struct later_job, later);
    struct worker *w = l->worker;
    struct web *web = l->server->pages_ctx;
    w->npooled--;
    if (!job->done)
        places_give_back(&web->waiting, job->visit, w->index);
    if (job->done)
        job->done(l);
    else
        answer(l);
    free_later(l);
    worker_client_gone(w);
}

static struct later_job *create(struct worker *w, struct setup *setup, later_fn *make)
{
    struct later_job *job = mem_new(struct later_job);
    if (!job)
        return NULL;
    struct later *l = &job->later;
    l->hold = (struct page_hold){on_left, on_drain};
    l->work = (struct work){.fn = on_thread, .done = on_loop, .bytes = USUAL_WORK};
    l->worker = w;
    l->server = w->server;
    l->setup = setup_ref(setup);
    l->make = make;
    arena_init(&l->arena, ARENA_BYTES);
    buf_init(&l->out, OUT_BYTES);
    return job;
}

static void submit(struct later *l, struct pool *pool)
{
    l->worker->npooled++;
    pool_submit(pool, l->worker->loop, &l->work);
}

static void answer_later(struct request *r, later_fn *make, uint64_t bytes)
{
    struct places *waiting = &web_of(r)->waiting;
    uint64_t visit = r->head->visit.id;
    uint32_t worker = r->worker->index;
    struct err err;
    err_init(&err);
    if (places_take(waiting, visit, worker, UINT32_MAX, &err) < 0) {
        web_fail_for(r, &err, ASK_AGAIN_S);
        return;
    }
    struct later_job *job = create(r->worker, r->setup, make);
    if (!job) {
        places_give_back(waiting, visit, worker);
        err_nomem(&err);
        web_fail(r, &err);
        return;
    }
    struct later *l = &job->later;
    job->visit = visit;
    l->request = r;
    l->work.bytes = bytes;
    l->may_operate = r->head->visit.may_operate;
    l->name = arena_strdup(&l->arena, r->head->name);
    l->query = arena_strdup(&l->arena, r->head->query);
    l->body = arena_strdup(&l->arena, buf_view(&r->draft->body));
    if (!l->name.p || !l->query.p || !l->body.p) {
        free_later(l);
        places_give_back(waiting, visit, worker);
        err_nomem(&err);
        web_fail(r, &err);
        return;
    }
    r->hold = &l->hold;
    submit(l, web_of(r)->pool);
}

void later_answer(struct request *r, later_fn *make)
{
    answer_later(r, make, USUAL_WORK);
}

void later_answer_slowly(struct request *r, later_fn *make)
{
    answer_later(r, make, SLOW_WORK);
}

bool later_run(struct worker *w, struct pool *pool, later_fn *make,
               void (*done)(struct later *l))
{
    struct later_job *job = create(w, w->setup, make);
    if (!job)
        return false;
    job->done = done;
    submit(&job->later, pool);
    return true;
}
