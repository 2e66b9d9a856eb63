/* whole.c -- an answer that was held whole, before it is passed on: read, or put together
 * from the events of a stream, and its tags restored; and where the client asked for a
 * stream, made into one.
 *
 * Small ones are done on the loop, large ones on the pool, and the smaller too when one
 * turn has many, while the loop goes on relaying.  What is on the pool is the pool's:
 * when its client leaves meanwhile, the bytes and their part of the memory budget stay
 * behind until the work is done. */
#include "gateway/budget.h"
#include "gateway/escalate.h"
#include "gateway/pairing.h"
#include "gateway/request.h"
#include "gateway/stages.h"

#include "core/mem.h"

enum {
    /* What takes the loop a millisecond, which is so many steps of a turn. */
    MILLISECOND_STEPS = 100 * 1000,
    LITTLE_STEPS = 2 * 1000, /* not counted */
    LOOP_READ_BYTES = 512 * 1024,
    LOOP_RESTORE_BYTES = 32 * 1024,
    LOOP_STREAM_BYTES = 128 * 1024
};

struct whole {
    struct work work;
    struct leg *leg;          /* NULL: nobody waits for it any more */
    atomic_bool is_abandoned; /* the same, for the pool's eyes */
    struct worker *worker;
    whole_then *then;
    const struct dialect *dialect; /* that the client reads */
    struct answer_about about;     /* on the pool: of `told` */
    struct buf told;
    struct engine_naming naming;
    enum surface surface;
    struct buf body, made; /* as it came; as it goes, where that is another */
    struct buf own;        /* as it came, where `body` is it in weir's form and it goes
                            * on as it came */
    struct buf judged;     /* a copy in weir's form, where it is wanted */
    struct restorer *restorer; /* these two are the request's again afterwards */
    struct engine_collector *collector;
    struct usage usage;
    uint64_t content_bytes;
    uint64_t counted_bytes; /* once the client has left */
    enum engine_speech speaks;
    bool is_stream, wants_usage; /* what the client asked for */
    bool is_judged, is_made, has_failed;
    bool passes_own; /* its bytes go on as they came */
    struct err err;  /* last: what is before it is zeroed */
};

/* The parts go along, so that nobody else touches them meanwhile. */
static void take_along(struct whole *w, struct leg *l, whole_then *then)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    memset(w, 0, offsetof(struct whole, err));
    err_init(&w->err);
    w->leg = l;
    w->worker = r->worker;
    w->then = then;
    w->dialect = r->dialect;
    w->surface = r->surface;
    w->body = a->held;
    w->restorer = a->restorer;
    w->collector = a->collector;
    w->usage = a->usage;
    w->content_bytes = a->content_bytes;
    w->about = request_about(r);
    w->naming = leg_naming(l);
    w->speaks = l->model->engine->speaks;
    w->is_stream = r->is_stream;
    w->wants_usage = r->wants_usage;
    w->is_judged = escalate_holds(l) || pairing_wants(l);
    w->passes_own = l->passes_own && !r->is_stream && !a->collector;
    w->naming.is_own = w->passes_own;
    buf_init(&w->judged, WHOLE_MAX_BYTES);
    w->is_made = a->restorer || a->collector;
    buf_init(&w->made, 2 * (size_t)WHOLE_MAX_BYTES);
    buf_init(&a->held, 0);
    a->restorer = NULL;
    a->collector = NULL;
}

struct streaming {
    struct answer_encoder *encoder;
    struct buf out;
    struct err *err;
};

static int on_event(void *ctx, const struct event *e)
{
    struct streaming *s = ctx;
    if (e->kind == EVENT_ERROR) {
        *s->err = *e->error;
        return -1;
    }
    answer_encode(s->encoder, e, &s->out);
    return 0;
}

static int check_stream(const struct whole *w, const struct engine_decoder *d,
                        const struct streaming *s)
{
    if (s->out.failed)
        return err_nomem(s->err);
    if (d->nfinished || w->content_bytes)
        return 0;
    return err_set(s->err, ERR_UPSTREAM, "upstream_empty",
                   "the engine's answer has neither content nor a finish");
}

/* The events that an engine would have sent for this answer, which it gave whole. */
static int make_stream(struct whole *w)
{
    struct engine_decoder d;
    struct streaming s = {
        .err = &w->err,
        .encoder = answer_encoder_create(w->dialect, &w->about, w->wants_usage)};
    struct buf *from = w->is_made ? &w->made : &w->body;
    if (!s.encoder)
        return err_nomem(&w->err);
    engine_decoder_init(&d, w->speaks, w->surface);
    buf_init(&s.out, 2 * (size_t)WHOLE_MAX_BYTES);
    int rc = engine_decode_answer(&d, buf_view(from), on_event, &s);
    answer_encode_end(s.encoder, &s.out);
    if (rc == 0)
        rc = check_stream(w, &d, &s);
    answer_encoder_free(s.encoder);
    engine_decoder_release(&d);
    buf_release(&w->made);
    w->made = s.out;
    w->is_made = true;
    return rc;
}

/* The engine has answered in the form of another surface than the client's. */
static int reshape(struct whole *w)
{
    struct buf *from = w->is_made ? &w->made : &w->body, to;
    buf_init(&to, 2 * (size_t)WHOLE_MAX_BYTES);
    bool ok = engine_reshape(buf_view(from), w->surface, false, &to) && !to.failed;
    buf_release(&w->made);
    w->made = to;
    w->is_made = true;
    return ok ? 0 : err_nomem(&w->err);
}

static int make_answer(struct whole *w, struct str body)
{
    struct engine_answer a = {.usage = w->usage, .content_bytes = w->content_bytes};
    int rc = engine_read_answer(w->surface, body, &a, &w->err);
    w->usage = a.usage;
    w->content_bytes = a.content_bytes;
    if (rc == 0 && w->restorer)
        rc = restore_answer(w->restorer, body, &w->made, &w->err);
    if (rc == 0 && UNLIKELY(w->is_judged))
        buf_append(&w->judged, w->is_made ? buf_view(&w->made) : body);
    if (rc == 0 && w->is_stream)
        return make_stream(w);
    return rc == 0 && UNLIKELY(a.is_other) ? reshape(w) : rc;
}

/* The client reads another form than weir's. */
static int translate(struct whole *w)
{
    struct buf *from = w->is_made ? &w->made : &w->body, to;
    buf_init(&to, 2 * (size_t)WHOLE_MAX_BYTES);
    int rc = w->dialect->encode_answer(&w->about, buf_view(from), &to, &w->err);
    buf_release(&w->made);
    w->made = to;
    w->is_made = true;
    return rc == 0 && to.failed ? err_nomem(&w->err) : rc;
}

/* What stands around the answer is none. */
static void trim(struct whole *w)
{
    struct str body = engine_object_in(buf_view(&w->body));
    if (body.n < buf_len(&w->body)) {
        w->body.off = (size_t)(body.p - w->body.p);
        w->body.n = w->body.off + body.n;
    }
}

/* Takes what *to has. */
static void replace_body(struct whole *w, struct buf *to)
{
    if (w->passes_own && !w->own.p)
        w->own = w->body;
    else
        buf_release(&w->body);
    w->body = *to;
}

/* The engine speaks another form than weir's. */
static int take_translated(struct whole *w)
{
    struct buf to;
    buf_init(&to, 8 * (size_t)WHOLE_MAX_BYTES);
    trim(w);
    int rc = engine_translate_answer(w->speaks, w->surface, &w->naming,
                                     buf_view(&w->body), &to, &w->err);
    replace_body(w, &to);
    return rc == 0 && to.failed ? err_nomem(&w->err) : rc;
}

/* What the engine called by another name. */
static void put_names_back(struct whole *w)
{
    struct buf to;
    buf_init(&to, 8 * (size_t)WHOLE_MAX_BYTES);
    engine_names_back(w->naming.names, buf_view(&w->body), &to);
    replace_body(w, &to);
    if (w->body.failed)
        w->has_failed = err_nomem(&w->err) != 0;
}

static void make_all(struct whole *w)
{
    if (w->collector) { /* its events came restored */
        w->has_failed =
            engine_collector_finish(w->collector, &w->usage, &w->made, &w->err) < 0;
        if (UNLIKELY(w->is_judged))
            buf_append(&w->judged, buf_view(&w->made));
        return;
    }
    bool is_foreign = UNLIKELY(engine_translates(w->speaks, w->surface));
    if (is_foreign && take_translated(w) < 0) {
        w->has_failed = true;
        return;
    }
    if (UNLIKELY(w->naming.names.n))
        put_names_back(w);
    if (w->has_failed)
        return;
    trim(w);
    w->has_failed = make_answer(w, buf_view(&w->body)) < 0;
    if (UNLIKELY(w->has_failed))
        engine_names_in_err(w->naming.names, &w->err);
}

/* Read in weir's form, and given in its own. */
static void make_own(struct whole *w)
{
    make_all(w);
    buf_release(&w->made);
    w->is_made = false;
    if (!w->own.p)
        return;
    buf_release(&w->body);
    w->body = w->own;
    buf_init(&w->own, 0);
}

static void make(struct whole *w)
{
    if (UNLIKELY(w->passes_own)) {
        make_own(w);
        return;
    }
    make_all(w);
    if (UNLIKELY(w->dialect->encode_answer != NULL) && !w->is_stream && !w->has_failed)
        w->has_failed = translate(w) < 0;
    if (w->is_made)
        buf_release(&w->body);
}

static void release(struct whole *w)
{
    buf_release(&w->body);
    buf_release(&w->made);
    buf_release(&w->judged);
    buf_release(&w->own);
    buf_release(&w->told);
    restorer_free(w->restorer);
    engine_collector_free(w->collector);
}

static void give_back(struct whole *w)
{
    struct answer *a = &w->leg->answer;
    a->restorer = w->restorer;
    w->restorer = NULL;
    a->usage = w->usage;
    a->content_bytes = w->content_bytes;
    a->judged = w->judged;
    buf_init(&w->judged, 0);
    w->then(w->leg, w->is_made ? &w->made : &w->body, w->has_failed ? &w->err : NULL);
}

/* -- on the pool ------------------------------------------------------------------ */

static void on_pool(struct work *work)
{
    struct whole *w = CONTAINER_OF(work, struct whole, work);
    if (UNLIKELY(w->has_failed))
        err_nomem(&w->err);
    else if (!atomic_load_explicit(&w->is_abandoned, memory_order_relaxed))
        make(w);
}

static void on_made(struct work *work)
{
    struct whole *w = CONTAINER_OF(work, struct whole, work);
    struct worker *worker = w->worker;
    worker->npooled--;
    if (w->leg) {
        w->leg->answer.whole = NULL;
        give_back(w);
    } else {
        budget_release(worker, &w->counted_bytes);
    }
    release(w);
    mem_free(w);
    worker_client_gone(worker);
}

void whole_abandon(struct leg *l)
{
    struct whole *w = l->answer.whole;
    if (!w)
        return;
    w->leg = NULL;
    atomic_store_explicit(&w->is_abandoned, true, memory_order_relaxed);
    w->counted_bytes = l->answer.counted_bytes;
    l->answer.counted_bytes = 0;
    l->answer.whole = NULL;
}

static uint64_t steps_of(const struct leg *l)
{
    const struct answer *a = &l->answer;
    if (a->collector)
        return a->content_bytes * MILLISECOND_STEPS / LOOP_READ_BYTES;
    size_t most = a->restorer             ? LOOP_RESTORE_BYTES
                  : l->request->is_stream ? LOOP_STREAM_BYTES
                                          : LOOP_READ_BYTES;
    return (uint64_t)buf_len(&a->held) * MILLISECOND_STEPS / most;
}

static bool is_for_pool(const struct leg *l, uint64_t steps)
{
    return steps > MILLISECOND_STEPS ||
           (steps > LITTLE_STEPS && !worker_may_spend(l->request->worker));
}

/* The request may be gone before the pool is done. */
static bool keep_about(struct whole *w)
{
    struct str *const kept[] = {&w->about.model, &w->about.issuer, &w->about.echo,
                                &w->naming.names};
    size_t at = 0, n = 1;
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        n += kept[i]->n;
    buf_init(&w->told, n);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        buf_append(&w->told, *kept[i]);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        *kept[i] = str_sub(buf_view(&w->told), at, at + kept[i]->n);
        at += kept[i]->n;
    }
    return !w->told.failed;
}

/* The engine has done its part: its slot is another request's. */
static bool submit(struct leg *l, whole_then *then)
{
    struct worker *worker = l->request->worker;
    struct whole *w = mem_new(struct whole);
    if (!w)
        return false;
    take_along(w, l, then);
    w->has_failed = !keep_about(w);
    w->work = (struct work){.fn = on_pool, .done = on_made};
    l->answer.whole = w;
    leg_drop(l);
    worker->npooled++;
    w->work.owner = request_owner(l->request);
    w->work.bytes = buf_len(&w->body) + w->content_bytes;
    pool_submit(worker->server->pool, worker->loop, &w->work);
    return true;
}

/* While an answer is restored it is there twice: as it came, and as it goes; while it is
 * made into a stream, three times. */
static bool has_room(struct leg *l)
{
    const struct request *r = l->request;
    struct answer *a = &l->answer;
    size_t times = a->collector ? 1 : r->is_stream ? 3 : a->restorer ? 2 : 1;
    times += (size_t)stages_translates(l) + (escalate_holds(l) || pairing_wants(l));
    return times == 1 || budget_hold(r->worker, &a->counted_bytes, times * a->held.n);
}

void whole_make(struct leg *l, whole_then *then)
{
    struct whole w;
    struct err err;
    err_init(&err);
    uint64_t steps = steps_of(l);
    bool must_be_pooled = is_for_pool(l, steps);
    if (must_be_pooled && !has_room(l)) {
        budget_refuse(&err);
        request_refuse(l->request, &err);
        return;
    }
    if (must_be_pooled && submit(l, then))
        return;
    if (steps > LITTLE_STEPS)
        worker_spend(l->request->worker, steps);
    take_along(&w, l, then);
    make(&w);
    give_back(&w);
    release(&w);
}
