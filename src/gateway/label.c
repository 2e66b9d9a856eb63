/* label.c -- LABEL: what the request's bytes hold, and so what may become of it.
 *
 * Small bodies are screened on the loop as long as little of them is new: strings that
 * came before cost nearly nothing, and a new one is weighed by its size before it is
 * read. What would take the loop more than a tenth of a millisecond, what comes when many
 * are ready in the same turn, and larger bodies are read on the pool, while the loop goes
 * on relaying.  A draft that a thread is at is the pool's: when its client leaves
 * meanwhile, the draft, its setup and its part of the memory budget stay behind until the
 * scan has stopped, which is at its next window.
 *
 * A timer of the loop's ends the wait for a thread, also while all threads are busy, and
 * a scan that takes much longer than its size explains.
 *
 * A configuration without a cloud has no rules and needs no scan: nothing can leave. */
#include "gateway/budget.h"
#include "gateway/request.h"

#include "core/clock.h"
#include "core/mem.h"

enum {
    LOOP_SCAN_BYTES = 16 * 1024,
    STEPS_OF_MASKED = 200, /* for each value: its tag, and its place in the vault */
    SCAN_WAIT_MS = 10000,  /* for a thread */
    SCAN_MS_FOR_MB = 2000  /* more for the scan itself; it takes some 50 */
};

/* Failures of a scan that was stopped; compared by their address. */
static const char too_dear[] = "too_dear", scan_timeout[] = "scan_timeout",
                  client_gone[] = "client_gone";

/* Where the masked body's bytes are counted, on whatever thread it is made. */
struct masked_room {
    struct worker *worker;
    const struct config *config;
    struct draft *draft;
};

/* A draft while it is looked at. */
struct screening {
    struct work work;
    struct request *request;    /* NULL: its client has left */
    _Atomic(const char *) stop; /* why the pool should stop, or NULL */
    struct loop_timer timer;
    uint64_t until_ms; /* when a scan under way is stopped */
    struct draft *draft;
    struct setup *setup;
    struct worker *worker;
    label_then *then;
    uint64_t counted_bytes; /* once the client has left */
    struct screen_input in;
};

static struct label_inputs declared_inputs(const struct request *r)
{
    return (struct label_inputs){
        .header = r->declared,
        .key = r->key ? r->key->sensitivity : SENSITIVITY_UNLABELLED,
        .fallback = r->setup->config->default_sensitivity,
    };
}

struct label label_declared(const struct request *r)
{
    const struct label_inputs in = declared_inputs(r);
    return guard_label(&in);
}

struct screen_input label_input(const struct request *r, const struct draft *d)
{
    struct session_of session = d->session;
    session.turns = d->chat.nturns;
    return (struct screen_input){
        .rules = r->setup->rules,
        .key = r->key,
        .declared = declared_inputs(r),
        .body = buf_view(&d->body),
        .sessions = r->worker->server->sessions,
        .session = session,
        .request = r->uid,
        .now_ms = clock_mono_ms(),
        .is_dry = r->page != NULL,
    };
}

/* The body that leaves is read as the client's was: a masked one that is no longer a
 * request would be a fault of ours, and stays. */
static const struct chat *read_masked(struct draft *d)
{
    struct err err;
    err_init(&err);
    struct chat *chat = arena_new(&d->arena, struct chat);
    if (!chat ||
        dialect_read_as(&d->chat, d->screened->leaving, &d->arena, chat, &err) < 0)
        return NULL;
    return chat;
}

static bool may_take(void *ctx, size_t bytes)
{
    struct masked_room *room = ctx;
    return budget_hold_aside(room->worker, room->config, &room->draft->masked_bytes,
                             bytes);
}

/* No memory for the result is no result. */
static void screen(const struct screen_input *in, const struct scan_watch *watch,
                   struct worker *w, const struct setup *setup, struct draft *d)
{
    struct masked_room room = {w, setup->config, d};
    struct screen_input mine = *in;
    mine.watch = watch;
    mine.may_take = may_take;
    mine.may_take_ctx = &room;
    d->screened = arena_new(&d->arena, struct screened);
    buf_init(&d->masked, SIZE_MAX);
    if (d->screened)
        guard_screen(&mine, &d->arena, &d->masked, d->screened);
    d->leaving = &d->chat;
    if (d->screened && d->screened->masked.total && d->screened->clearance)
        d->leaving = read_masked(d);
}

/* -- what follows from it ------------------------------------------------------------ */

static void hold(struct request *r, const char *why)
{
    r->draft->clearance = NULL;
    r->can_lower = false;
    r->label = (struct label){SENSITIVITY_CONFIDENTIAL, true, "scan", why, 0};
}

static void take_screened(struct request *r)
{
    struct draft *d = r->draft;
    struct screened *s = d->screened;
    if (!s) {
        hold(r, "no_memory");
        return;
    }
    r->label = s->label;
    r->label_session = s->session;
    r->can_lower = s->can_lower;
    r->vault = s->vault;
    s->vault = NULL;
    d->clearance = s->clearance;
    if (!d->leaving)
        hold(r, "unmaskable");
}

/* -- on the pool -----------------------------------------------------------------------
 */

static const char *pool_watch(void *ctx, uint64_t steps)
{
    struct screening *s = ctx;
    (void)steps;
    const char *why = atomic_load_explicit(&s->stop, memory_order_relaxed);
    if (!why)
        pool_step_aside(s->worker->server->pool, &s->work);
    return why;
}

static void on_pool(struct work *w)
{
    struct screening *s = CONTAINER_OF(w, struct screening, work);
    const struct scan_watch watch = {pool_watch, s};
    s->in.give_up = atomic_load_explicit(&s->stop, memory_order_relaxed);
    screen(&s->in, &watch, s->worker, s->setup, s->draft);
}

static void on_screened(struct work *w)
{
    struct screening *s = CONTAINER_OF(w, struct screening, work);
    struct request *r = s->request;
    struct worker *worker = s->worker;
    worker->npooled--;
    loop_timer_stop(&s->timer);
    s->draft->scan = NULL;
    if (r) {
        take_screened(r);
        s->then(r);
    } else {
        request_free_draft(s->draft, worker, &s->counted_bytes);
    }
    setup_unref(s->setup);
    mem_free(s);
    worker_client_gone(worker);
}

/* No thread has begun it: it ends here, without a scan. */
static void end_unbegun(struct screening *s, const char *why)
{
    s->in.give_up = why;
    if (s->request)
        screen(&s->in, NULL, s->worker, s->setup, s->draft);
    on_screened(&s->work);
}

static void on_late(struct loop_timer *t)
{
    struct screening *s = CONTAINER_OF(t, struct screening, timer);
    struct worker *w = s->worker;
    if (pool_cancel(w->server->pool, &s->work))
        end_unbegun(s, scan_timeout);
    else if (loop_now_ms(w->loop) < s->until_ms)
        loop_timer_at(t, s->until_ms);
    else
        atomic_store_explicit(&s->stop, scan_timeout, memory_order_relaxed);
}

void label_abandon(struct request *r)
{
    struct screening *s = r->draft ? r->draft->scan : NULL;
    if (!s)
        return;
    s->request = NULL;
    atomic_store_explicit(&s->stop, client_gone, memory_order_relaxed);
    s->counted_bytes = r->counted_bytes;
    r->counted_bytes = 0;
    r->draft = NULL;
    if (pool_cancel(s->worker->server->pool, &s->work))
        end_unbegun(s, client_gone);
}

static bool submit(struct request *r, const struct screen_input *in, label_then *then)
{
    struct worker *w = r->worker;
    struct screening *s = mem_new(struct screening);
    uint64_t now = loop_now_ms(w->loop);
    if (!s)
        return false;
    s->work = (struct work){.fn = on_pool,
                            .done = on_screened,
                            .owner = request_owner(r),
                            .bytes = in->body.n};
    s->request = r;
    s->draft = r->draft;
    s->setup = setup_ref(r->setup);
    s->worker = w;
    s->then = then;
    s->in = *in;
    s->until_ms = now + SCAN_WAIT_MS + SCAN_MS_FOR_MB * (1 + (in->body.n >> 20));
    r->draft->scan = s;
    loop_timer_init(w->loop, &s->timer, on_late);
    loop_timer_at(&s->timer, now + SCAN_WAIT_MS);
    w->npooled++;
    pool_submit(w->server->pool, w->loop, &s->work);
    return true;
}

/* -- on the loop ------------------------------------------------------------------------
 */

static const char *loop_watch(void *ctx, uint64_t steps)
{
    *(uint64_t *)ctx = steps;
    return steps > SCAN_STEPS_OF_LOOP ? too_dear : NULL;
}

/* False: it is dear, and nothing of it is kept. */
static bool screen_here(struct request *r, const struct screen_input *in)
{
    uint64_t steps = 0;
    const struct scan_watch watch = {loop_watch, &steps};
    struct draft *d = r->draft;
    screen(in, &watch, r->worker, r->setup, d);
    bool is_done = !d->screened || d->screened->failure != too_dear;
    if (is_done && d->screened)
        steps += STEPS_OF_MASKED * d->screened->masked.total;
    /* What would have been too dear was not begun. */
    worker_spend(r->worker, is_done ? steps : SCAN_STEPS_OF_LOOP);
    if (is_done)
        return true;
    screened_release(d->screened);
    d->screened = NULL;
    return false;
}

void label_screen(struct request *r, label_then *then)
{
    r->label = label_declared(r);
    if (!r->setup->rules) { /* nothing can leave */
        then(r);
        return;
    }
    const struct screen_input in = label_input(r, r->draft);
    if (in.body.n <= LOOP_SCAN_BYTES && LIKELY(worker_may_spend(r->worker)) &&
        screen_here(r, &in)) {
        take_screened(r);
    } else {
        if (submit(r, &in, then))
            return;
        hold(r, "no_memory");
    }
    then(r);
}

static void labelled(struct request *r)
{
    const struct screened *s = r->draft->screened;
    struct err err;
    err_init(&err);
    if (s && s->failure && strcmp(s->failure, "buffers_full") == 0)
        budget_refuse(&err);
    if (err.code || (s && screened_check(s, &r->draft->arena, &err) < 0))
        request_refuse(r, &err);
    else
        request_enter(r, REQ_ROUTE);
}

void label_enter(struct request *r)
{
    label_screen(r, labelled);
}
