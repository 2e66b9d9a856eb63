/* reading.c -- a body is read whole before anything is decided: small ones on the loop,
 * large ones on a pool, for 30 MB of quotes take 60 ms and all clients of a worker would
 * wait for them.  With it goes what else looks at the whole body: which session it is. So
 * do small ones, when one turn has read many.
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
    BYTES_A_STEP = 5,
    DRAFT_LATER_BYTES =
        8 << 20 /* for what comes after the reading, and two bodies more */
};

struct reading {
    struct work work;
    struct request *request; /* NULL: its client has left */
    struct draft *draft;
    struct worker *worker;
    const struct dialect *dialect;
    struct dialect_ask ask;
    struct session_ask session;
    read_then *then;
    uint64_t counted_bytes; /* once the client has left */
    struct err err;
    bool has_failed;
};

int draft_fail(const struct draft *d, struct err *err)
{
    if (err->kind == ERR_INTERNAL && d->arena.is_full)
        err_set(err, ERR_TOO_LARGE, "request_too_large",
                "the request has so many messages or members that reading it takes more "
                "memory than weir gives to one (%zu MiB); send fewer of them",
                d->arena.ceiling_bytes >> 20);
    return -1;
}

static bool read_body(struct draft *d, const struct dialect *dialect,
                      const struct dialect_ask *ask, const struct session_ask *session,
                      struct err *err)
{
    if (dialect_decode(dialect, ask, &d->arena, &d->chat, err) < 0 ||
        draft_find_session(d, session, err) < 0)
        return draft_fail(d, err) == 0;
    if (dialect->echo && dialect->echo(&d->chat, &d->arena, &d->echo, err) < 0)
        return draft_fail(d, err) == 0;
    d->mark = reask_mark_of(session->secret, &d->chat, d->newest_sum);
    arena_allow(&d->arena, DRAFT_LATER_BYTES + 2 * buf_len(&d->body));
    return true;
}

static void go_on(struct request *r, const struct err *err, read_then *then)
{
    if (!err)
        r->session = r->draft->opening;
    then(r, err);
}

static void on_pool(struct work *work)
{
    struct reading *rd = CONTAINER_OF(work, struct reading, work);
    rd->has_failed = !read_body(rd->draft, rd->dialect, &rd->ask, &rd->session, &rd->err);
}

static void on_read(struct work *work)
{
    struct reading *rd = CONTAINER_OF(work, struct reading, work);
    struct worker *worker = rd->worker;
    worker->npooled--;
    rd->draft->reading = NULL;
    if (rd->request)
        go_on(rd->request, rd->has_failed ? &rd->err : NULL, rd->then);
    else
        request_free_draft(rd->draft, worker, &rd->counted_bytes);
    mem_free(rd);
    worker_client_gone(worker);
}

static bool submit(struct request *r, const struct dialect_ask *ask,
                   const struct session_ask *session, read_then *then)
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
                           .session = *session,
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
    const struct session_ask session = request_session_ask(r);
    err_init(&err);
    if (r->model_asked.n) /* the request's own may go while the pool reads */
        ask.model = arena_strdup(&d->arena, r->model_asked);
    size_t n = ask.body.n;
    if (UNLIKELY(n > LITTLE_BYTES)) {
        bool is_for_pool = n > LOOP_READ_BYTES || !worker_may_spend(r->worker);
        if (is_for_pool && submit(r, &ask, &session, then))
            return;
        worker_spend(r->worker, n / BYTES_A_STEP);
    }
    go_on(r, read_body(d, r->dialect, &ask, &session, &err) ? NULL : &err, then);
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
