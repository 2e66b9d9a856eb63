/* run.c -- see run.h. */
#include "bench/run.h"

#include "bench/workload.h"
#include "core/clock.h"
#include "core/mem.h"
#include "dialect/usage.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "loop/turn.h"
#include "upstream/exchange.h"

#include <stdio.h>
#include <time.h>

enum {
    TICK_MS = 100,                /* of progress */
    MAX_REFUSAL_BYTES = 64 << 10, /* of an error's body */
    MAX_PENDING_BYTES = 64 << 20, /* read in one turn and not decoded yet */
    STARTS_OF_TURN = 4 /* a start's stamp must not wait for others to be connected */
};

/* What the thread has done so far. */
struct span {
    uint64_t busy_us, kept_us;
};

struct run;

/* One request on its way. */
struct flight {
    struct link link;   /* in run->flights, or in run->spare */
    struct link unread; /* in run->unread: something is to be decoded, or it has ended */
    struct run *run;
    struct bench_trace trace;
    const struct bench_prompt *prompt;
    struct exchange *exchange;
    struct http_message message; /* the prompt's, with digits of its own */
    char digits[BENCH_MARK_DIGITS + 1];
    struct engine_decoder decoder;
    /* Read in this turn, or of an answer that is no stream: all of it. */
    struct buf pending;
    int64_t read_us; /* when what is pending had been read */
    bool is_stream, has_look;
    bool has_ended;     /* its exchange: `err` says how */
    bool may_have_left; /* some of its request may be with the engine */
    struct err err;     /* why it failed, when it has */
};

struct run {
    const struct bench_ask *ask;
    struct bench_result *result;
    struct loop *loop;
    struct upstream_pool *pool;
    struct link flights, spare; /* that are open; that can be used again */
    struct bench_starts starts;
    struct loop_timer next, tick;
    struct loop_task reading;
    struct link unread;
    uint64_t next_us; /* intended start of the next, from began_us */
    size_t begun;     /* requests that were handed out */
    uint64_t mark;    /* of the first: no earlier run had the same digits, most likely */
    int64_t reserved_nanousd; /* what those that are open cost at most */
    struct span work;         /* the thread's, when the load began */
    uint32_t open, done;
    struct loop_task more; /* what may begin and has not: in the next turn */
    uint32_t nstarted;     /* since it was last put off */
    bool has_next, is_loaded, is_reading, is_ended, is_posted;
    struct err err; /* why the run ended, where it could not go on */
};

static int64_t now_us(void)
{
    return (int64_t)clock_mono_us();
}

/* Time on a core, and time that it waited for one (Documentation/scheduler/
 * sched-stats.rst of Linux: the first two numbers, nanoseconds). */
static struct span work_so_far(void)
{
    struct timespec t;
    char line[96] = "";
    uint64_t ran, waited;
    LOOP_MAY_BLOCK("the kernel answers from memory, at the beginning and end of a load");
    FILE *f = fopen("/proc/thread-self/schedstat", "re");
    struct str rest = str_of(f && fgets(line, sizeof line, f) ? line : ""), one, two;
    bool is_told = str_split(&rest, ' ', &one) && str_to_u64(one, &ran) &&
                   str_split(&rest, ' ', &two) && str_to_u64(two, &waited);
    if (f)
        fclose(f);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (struct span){(uint64_t)t.tv_sec * 1000000U + (uint64_t)t.tv_nsec / 1000U,
                         is_told ? waited / 1000U : BENCH_UNTOLD};
}

static void go_on(struct run *r);

/* -- one answer --------------------------------------------------------------------- */

static enum bench_kind kind_of(const struct event *e)
{
    if (e->content_bytes)
        return BENCH_TEXT;
    if (e->tool_bytes)
        return BENCH_ARGUMENTS;
    if (e->reasoning_bytes)
        return BENCH_THOUGHT;
    if (e->kind == EVENT_FINISH)
        return BENCH_FINISH;
    return e->kind == EVENT_USAGE ? BENCH_USAGE : BENCH_OPENING;
}

static int on_event(void *ctx, const struct event *e)
{
    struct flight *f = ctx;
    const struct bench_ears *ears = f->run->ask->ears;
    if (e->kind == EVENT_ERROR) {
        f->err = *e->error;
        return -1;
    }
    if (e->kind == EVENT_NOTE || e->kind == EVENT_END)
        return 0;
    if (ears && ears->event)
        ears->event(ears->ctx, e);
    f->run->result->events++;
    return bench_trace_add(&f->trace, f->read_us, kind_of(e),
                           e->content_bytes + e->tool_bytes + e->reasoning_bytes,
                           &f->err);
}

/* What was read is decoded; *is_end: nothing more comes.  False: it has failed. */
static bool decode(struct flight *f, bool is_end)
{
    struct str bytes = buf_view(&f->pending);
    int rc = 0;
    if (f->trace.status >= 300)
        return true; /* a refusal: kept as it is, and classified at its end */
    if (!f->has_look) {
        enum body_look look = engine_look(bytes);
        if (look == LOOKS_OPEN && !is_end)
            return true;
        f->has_look = true;
        f->is_stream = engine_is_stream(f->run->ask->speaks, SURFACE_CHAT, look, true);
    }
    if (!f->is_stream && !is_end)
        return true;
    rc = f->is_stream ? engine_decode(&f->decoder, bytes, on_event, f, &f->err)
                      : engine_decode_answer(&f->decoder, bytes, on_event, f);
    buf_clear(&f->pending);
    if (rc == 0 && is_end && f->is_stream)
        rc = engine_decode_end(&f->decoder, on_event, f, &f->err);
    return rc == 0 && f->err.kind == 0;
}

/* What may have been charged and was not told is counted at its worst. */
static void settle(struct flight *f)
{
    struct run *r = f->run;
    const struct bench_trace *t = &f->trace;
    int64_t cost = -1, worst = f->prompt->worst_nanousd;
    r->reserved_nanousd -= worst;
    if (t->usage.is_known && r->ask->cost)
        cost = r->ask->cost(r->ask->cost_ctx, &t->usage);
    bool has_refusal = t->status >= 300 && !(r->ask->is_relayed && t->status >= 500);
    bool was_refused = t->end == BENCH_FAILED && (has_refusal || !f->may_have_left);
    r->result->cost_nanousd += cost >= 0 ? cost : was_refused ? 0 : worst;
}

static void end(struct run *r)
{
    if (r->is_ended)
        return;
    r->is_ended = true;
    r->result->ended_us = now_us();
    struct span now = work_so_far();
    if (!r->is_loaded) { /* stopped in its warm-ups */
        r->result->began_us = r->result->ended_us;
        r->work = now;
    }
    r->result->busy_us = now.busy_us - r->work.busy_us;
    r->result->kept_us = now.kept_us == BENCH_UNTOLD || r->work.kept_us == BENCH_UNTOLD
                             ? BENCH_UNTOLD
                             : now.kept_us - r->work.kept_us;
    loop_timer_stop(&r->next);
    loop_timer_stop(&r->tick);
    loop_stop(r->loop);
}

/* Its trace is handed on; what it held is given back. */
static void land(struct flight *f, enum bench_end how)
{
    struct run *r = f->run;
    const struct bench_ears *ears = r->ask->ears;
    struct bench_trace *t = &f->trace;
    t->end = how;
    t->usage = f->decoder.usage;
    if (how == BENCH_FAILED && ears && ears->failed)
        ears->failed(ears->ctx, &f->err);
    if (how == BENCH_FAILED)
        snprintf(t->code, sizeof t->code, "%s", f->err.code ? f->err.code : "error");
    settle(f);
    r->open--;
    r->done++;
    if (ears && ears->ended && r->err.kind == 0 && ears->ended(ears->ctx, t, &r->err) < 0)
        end(r);
    bench_trace_release(t);
    engine_decoder_release(&f->decoder);
    buf_release(&f->pending);
    list_remove(&f->unread);
    list_remove(&f->link);
    list_append(&r->spare, &f->link);
}

/* Its exchange is over.  Of an answer that broke off, what came of it is in its trace. */
static void finish(struct flight *f)
{
    struct err broke = f->err;
    bool is_good = decode(f, broke.kind == 0);
    if (broke.kind) {
        f->err = broke;
        is_good = false;
    } else if (f->trace.status >= 300) {
        engine_classify(f->trace.status, buf_view(&f->pending), &f->err);
        is_good = false;
    } else if (is_good && !engine_decoder_is_finished(&f->decoder, 1) &&
               !engine_decoder_is_over(&f->decoder, 1)) {
        err_set(&f->err, ERR_UPSTREAM, "upstream_truncated",
                "the answer ended before it was complete");
        is_good = false;
    }
    land(f, is_good ? BENCH_DONE : BENCH_FAILED);
}

/* -- its transport ------------------------------------------------------------------ */

static void on_head(void *ctx, const struct http_head *head)
{
    struct flight *f = ctx;
    const struct bench_ears *ears = f->run->ask->ears;
    f->may_have_left = true;
    f->trace.status = head->status;
    f->trace.head_us = (int64_t)exchange_stats(f->exchange).read_us;
    if (ears && ears->head)
        ears->head(ears->ctx, head);
}

/* The end of the turn: every socket that was ready has been read. */
static void read_all(void *arg)
{
    struct run *r = arg;
    r->is_reading = false;
    while (!list_empty(&r->unread)) {
        struct flight *f = list_first(&r->unread, struct flight, unread);
        list_remove(&f->unread);
        if (f->has_ended) {
            finish(f);
        } else if (!decode(f, false)) {
            exchange_cancel(f->exchange);
            f->trace.end_us = f->read_us;
            land(f, BENCH_FAILED);
        }
    }
    go_on(r);
}

static void read_later(struct flight *f)
{
    list_remove(&f->unread);
    list_append(&f->run->unread, &f->unread);
    if (!f->run->is_reading)
        loop_defer(f->run->loop, &f->run->reading);
    f->run->is_reading = true;
}

static void on_body(void *ctx, struct str piece)
{
    struct flight *f = ctx;
    f->read_us = (int64_t)exchange_stats(f->exchange).read_us;
    buf_append(&f->pending, piece);
    read_later(f);
}

static void on_flush(void *ctx)
{
    (void)ctx; /* its stamp is taken; the end of the turn reads it */
}

static void on_end(void *ctx)
{
    struct flight *f = ctx;
    f->trace.end_us = (int64_t)exchange_stats(f->exchange).read_us;
    f->exchange = NULL;
    f->has_ended = true;
    read_later(f);
}

static void on_fail(void *ctx, const struct err *err)
{
    struct flight *f = ctx;
    f->trace.end_us = now_us();
    f->may_have_left = exchange_stats(f->exchange).may_have_left;
    f->exchange = NULL;
    f->has_ended = true;
    f->err = *err;
    read_later(f);
}

static const struct exchange_events flight_events = {
    .head = on_head, .body = on_body, .flush = on_flush, .end = on_end, .fail = on_fail};

void bench_prompt_init(struct bench_prompt *p, const struct http_message *m,
                       uint32_t workload)
{
    *p = (struct bench_prompt){.message = *m, .workload = workload, .mark_piece = -1};
    for (size_t i = 0; i < m->npieces && m->npieces + 2 <= HTTP_MAX_PIECES; i++) {
        ptrdiff_t at = str_find(m->body[i], STR(BENCH_MARK));
        if (at < 0)
            continue;
        p->mark_piece = (int)i;
        p->mark_at = (size_t)at + sizeof BENCH_MARK - 1 - BENCH_MARK_DIGITS;
        return;
    }
}

/* The message with this flight's digits: the piece with the mark becomes three. */
static void write_mark(struct flight *f, const struct bench_prompt *p, uint32_t number)
{
    struct http_message *m = &f->message;
    *m = p->message;
    if (p->mark_piece < 0)
        return;
    size_t i = (size_t)p->mark_piece;
    struct str whole = m->body[i];
    snprintf(f->digits, sizeof f->digits, "%08u", number);
    memmove(&m->body[i + 3], &m->body[i + 1], (m->npieces - i - 1) * sizeof m->body[0]);
    m->body[i] = str_sub(whole, 0, p->mark_at);
    m->body[i + 1] = (struct str){f->digits, BENCH_MARK_DIGITS};
    m->body[i + 2] = str_sub(whole, p->mark_at + BENCH_MARK_DIGITS, whole.n);
    m->npieces += 2;
}

static struct flight *spare_flight(struct run *r)
{
    struct flight *f;
    if (list_empty(&r->spare))
        return mem_new(struct flight);
    f = list_first(&r->spare, struct flight, link);
    list_remove(&f->link);
    return f;
}

static void start(struct run *r, int64_t intended_us)
{
    const struct bench_ask *ask = r->ask;
    const struct bench_prompt *p = &ask->prompts[r->begun % ask->nprompts];
    struct flight *f = spare_flight(r);
    if (!f) {
        err_nomem(&r->err);
        end(r);
        return;
    }
    *f = (struct flight){.run = r, .prompt = p};
    struct bench_trace *t = &f->trace;
    list_append(&r->flights, &f->link);
    list_init(&f->unread);
    err_init(&f->err);
    buf_init(&f->pending, MAX_PENDING_BYTES);
    bench_trace_init(t);
    engine_decoder_init(&f->decoder, ask->speaks, SURFACE_CHAT);
    t->number = (uint32_t)((r->mark + r->begun) % 100000000U);
    write_mark(f, p, t->number);
    t->workload = p->workload;
    t->is_warmup = r->begun < ask->warmups;
    t->is_cold = r->begun == 0 && ask->warmups;
    t->intended_us = intended_us;
    t->start_us = now_us();
    r->reserved_nanousd += p->worst_nanousd;
    r->begun++;
    r->open++;
    if (r->open > r->result->peak)
        r->result->peak = r->open;
    f->exchange = exchange_start(r->pool, ask->endpoint, &f->message, EXCHANGE_STAMPS,
                                 &flight_events, f, &f->err);
    if (!f->exchange) {
        t->end_us = now_us();
        f->has_ended = true;
        read_later(f);
    }
}

/* The budget covers the next one, whatever those that are open will cost. */
static bool may_start(struct run *r)
{
    const struct bench_ask *ask = r->ask;
    const struct bench_prompt *p = &ask->prompts[r->begun % ask->nprompts];
    if (ask->max_nanousd < 0 ||
        r->result->cost_nanousd + r->reserved_nanousd + p->worst_nanousd <=
            ask->max_nanousd)
        return true;
    r->result->is_over_budget = true;
    return false;
}

/* -- the run ------------------------------------------------------------------------ */

static size_t wanted(const struct run *r)
{
    return (size_t)r->ask->warmups + r->ask->load.requests;
}

static bool is_late(const struct run *r)
{
    const struct bench_load *l = &r->ask->load;
    return l->max_us && now_us() - r->result->began_us > (int64_t)l->max_us;
}

/* Enough was begun in this turn; the next one goes on. */
static bool is_enough(struct run *r)
{
    if (r->nstarted++ < STARTS_OF_TURN)
        return false;
    if (!r->is_posted)
        loop_post(r->loop, &r->more);
    r->is_posted = true;
    return true;
}

static void go_closed(struct run *r)
{
    while (!r->is_ended && r->begun < wanted(r) && r->open < r->ask->load.concurrency &&
           !is_late(r) && may_start(r) && !is_enough(r))
        start(r, 0);
    if (r->open == 0 && !r->is_posted)
        end(r);
}

/* Everything that is due; then the timer for what comes. */
static void go_open(struct run *r)
{
    const struct bench_load *l = &r->ask->load;
    int64_t began = r->result->began_us;
    while (!r->is_ended && r->has_next && began + (int64_t)r->next_us <= now_us() &&
           (l->concurrency == 0 || r->open < l->concurrency) && !is_enough(r)) {
        if (!may_start(r)) {
            r->has_next = false;
            break;
        }
        int64_t intended = began + (int64_t)r->next_us;
        r->has_next = bench_starts_next(&r->starts, &r->next_us);
        start(r, intended);
    }
    if (r->is_ended)
        return;
    if (!r->has_next && r->open == 0)
        end(r);
    else if (r->has_next && began + (int64_t)r->next_us > now_us())
        loop_timer_at(&r->next, (uint64_t)(began + (int64_t)r->next_us + 999) / 1000);
}

static void begin_load(struct run *r)
{
    const struct bench_ears *ears = r->ask->ears;
    r->is_loaded = true;
    if (ears && ears->begun)
        ears->begun(ears->ctx);
    r->work = work_so_far();
    r->result->began_us = now_us();
    r->result->peak = 0;
    bench_starts_begin(&r->starts, &r->ask->load);
    if (r->ask->load.shape != LOAD_CLOSED)
        r->has_next = bench_starts_next(&r->starts, &r->next_us);
}

/* Begins what may begin now. */
static void go_on(struct run *r)
{
    if (r->is_ended)
        return;
    if (!r->is_loaded && r->open)
        return;
    if (!r->is_loaded && r->begun < r->ask->warmups && may_start(r)) {
        start(r, 0);
        return;
    }
    if (!r->is_loaded)
        begin_load(r);
    if (r->ask->load.shape == LOAD_CLOSED)
        go_closed(r);
    else
        go_open(r);
}

static void on_more(void *arg)
{
    struct run *r = arg;
    r->is_posted = false;
    r->nstarted = 0;
    go_on(r);
}

static void on_next(struct loop_timer *t)
{
    go_on(CONTAINER_OF(t, struct run, next));
}

static void on_tick(struct loop_timer *t)
{
    struct run *r = CONTAINER_OF(t, struct run, tick);
    const struct bench_ask *ask = r->ask;
    uint64_t elapsed = r->is_loaded ? (uint64_t)(now_us() - r->result->began_us) : 0;
    if (ask->progress && ask->progress(ask->ctx, r->done, (uint32_t)wanted(r), elapsed)) {
        r->result->is_stopped = true;
        end(r);
        return;
    }
    loop_timer_at(t, loop_now_ms(r->loop) + TICK_MS);
}

/* What is open when the run is stopped is in no figure. */
static void cancel_open(struct run *r)
{
    while (!list_empty(&r->flights)) {
        struct flight *f = list_first(&r->flights, struct flight, link);
        exchange_cancel(f->exchange);
        f->trace.end_us = now_us();
        land(f, BENCH_CANCELLED);
    }
}

static void drop_spare(struct run *r)
{
    while (!list_empty(&r->spare)) {
        struct flight *f = list_first(&r->spare, struct flight, link);
        list_remove(&f->link);
        mem_free(f);
    }
}

static void go(struct run *r)
{
    const struct bench_ask *ask = r->ask;
    loop_timer_init(r->loop, &r->next, on_next);
    loop_timer_init(r->loop, &r->tick, on_tick);
    loop_timer_at(&r->tick, loop_now_ms(r->loop) + TICK_MS);
    r->is_posted = true;
    loop_post(r->loop, &r->more);
    loop_run(r->loop);
    loop_undefer(r->loop, &r->reading);
    read_all(r); /* what had ended in the last turn */
    cancel_open(r);
    if (ask->progress)
        ask->progress(ask->ctx, r->done, (uint32_t)wanted(r),
                      (uint64_t)(r->result->ended_us - r->result->began_us));
}

int bench_run(const struct bench_ask *ask, struct bench_result *ret, struct err *err)
{
    struct run r = {.ask = ask, .result = ret};
    *ret = (struct bench_result){.kept_us = BENCH_UNTOLD};
    err_init(&r.err);
    r.mark = clock_mono_us();
    r.reading = (struct loop_task){.fn = read_all, .arg = &r};
    r.more = (struct loop_task){.fn = on_more, .arg = &r};
    list_init(&r.unread);
    list_init(&r.flights);
    list_init(&r.spare);
    r.loop = loop_create(err);
    r.pool = r.loop ? upstream_pool_create(r.loop, err) : NULL;
    if (r.pool)
        go(&r);
    drop_spare(&r);
    upstream_pool_free(r.pool);
    loop_free(r.loop);
    if (r.err.kind && err)
        *err = r.err;
    return r.pool && r.err.kind == 0 ? 0 : -1;
}
