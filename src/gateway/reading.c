/* reading.c -- a body is read whole before anything is decided: small ones on the loop,
 * large ones on a pool, for 30 MB of quotes take 60 ms and all clients of a worker would
 * wait for them.  So do small ones, when one turn has read many.
 *
 * A pool of its own: reading takes milliseconds and must not stand behind scans, which
 * may take seconds.  What is on the pool is the pool's: when its client leaves meanwhile,
 * the draft and its part of the memory budget stay behind until it has been read. */
#include "gateway/budget.h"
#include "gateway/request.h"

#include "core/mem.h"

enum {
    LOOP_READ_BYTES = 1 << 20, /* at worst two milliseconds */
    LITTLE_BYTES = 10 * 1024,  /* not counted: mostly a few microseconds */
    BYTES_A_STEP = 5
};

struct reading {
    struct work work;
    struct request *request; /* NULL: its client has left */
    struct draft *draft;
    struct worker *worker;
    const struct dialect *dialect;
    struct dialect_ask ask;
    read_then *then;
    uint64_t counted_bytes; /* once the client has left */
    struct err err;
    bool has_failed;
};

static bool read_body(struct draft *d, const struct dialect *dialect,
                      const struct dialect_ask *ask, struct err *err)
{
    return dialect_decode(dialect, ask, &d->arena, &d->chat, err) == 0;
}

static void on_pool(struct work *work)
{
    struct reading *rd = CONTAINER_OF(work, struct reading, work);
    rd->has_failed = !read_body(rd->draft, rd->dialect, &rd->ask, &rd->err);
}

static void on_read(struct work *work)
{
    struct reading *rd = CONTAINER_OF(work, struct reading, work);
    struct worker *worker = rd->worker;
    worker->npooled--;
    rd->draft->reading = NULL;
    if (rd->request)
        rd->then(rd->request, rd->has_failed ? &rd->err : NULL);
    else
        request_free_draft(rd->draft, worker, &rd->counted_bytes);
    mem_free(rd);
    worker_client_gone(worker);
}

static bool submit(struct request *r, const struct dialect_ask *ask, read_then *then)
{
    struct worker *worker = r->worker;
    struct reading *rd = mem_new(struct reading);
    if (!rd)
        return false;
    *rd = (struct reading){.work = {.fn = on_pool,
                                    .done = on_read,
                                    .owner = request_owner(r),
                                    .bytes = buf_len(&r->draft->body)},
                           .request = r,
                           .draft = r->draft,
                           .worker = worker,
                           .dialect = r->dialect,
                           .ask = *ask,
                           .then = then};
    r->draft->reading = rd;
    worker->npooled++;
    pool_submit(worker->server->readers, worker->loop, &rd->work);
    return true;
}

void request_read(struct request *r, read_then *then)
{
    struct draft *d = r->draft;
    struct err err;
    struct dialect_ask ask = {.path = r->path, .body = buf_view(&d->body)};
    err_init(&err);
    if (r->model_asked.n) /* the request's own may go while the pool reads */
        ask.model = arena_strdup(&d->arena, r->model_asked);
    size_t n = ask.body.n;
    if (UNLIKELY(n > LITTLE_BYTES)) {
        bool is_for_pool = n > LOOP_READ_BYTES || !worker_may_spend(r->worker);
        if (is_for_pool && submit(r, &ask, then))
            return;
        worker_spend(r->worker, n / BYTES_A_STEP);
    }
    then(r, read_body(d, r->dialect, &ask, &err) ? NULL : &err);
}

void reading_abandon(struct request *r)
{
    struct reading *rd = r->draft ? r->draft->reading : NULL;
    if (!rd)
        return;
    rd->request = NULL;
    rd->counted_bytes = r->counted_bytes;
    r->counted_bytes = 0;
    r->draft = NULL;
    if (r->state != REQ_ADMIT)
        return;
    const struct ledger_open o = request_open(r); /* its row begins all the same */
    ledger_append_open(r->worker->log, &o);
}
