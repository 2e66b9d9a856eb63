/* escalate.c -- see escalate.h; how an answer is judged is in judging.c. */
#include "gateway/escalate.h"

#include "core/mem.h"
#include "gateway/aside.h"
#include "gateway/budget.h"
#include "gateway/judging.h"
#include "gateway/relay.h"
#include "http/write.h"
#include "ledger/judged.h"

enum {
    OPEN_AFTER_MS = 5000, /* so long a client hears nothing of its stream */
    OPEN_EACH_MS = 5000,
    BYTES_PER_TOKEN = 4,
    MAX_JUDGED_BYTES = 1 << 20, /* of an answer */
    MAX_WORDS_BYTES = 240
};

/* -- the beginning ------------------------------------------------------------------ */

static void on_time(struct loop_timer *t);

static void set_timer(struct escalation *e)
{
    uint64_t at = e->open_ms;
    if (e->until_ms && (!at || e->until_ms < at))
        at = e->until_ms;
    if (at)
        loop_timer_at(&e->timer, at);
    else
        loop_timer_stop(&e->timer);
}

static NOINLINE void begin(struct request *r)
{
    struct escalation *e = mem_new(struct escalation);
    if (!e)
        return;
    memset(e, 0, sizeof *e);
    e->request = r;
    buf_init(&e->answer, SIZE_MAX);
    buf_init(&e->judged, SIZE_MAX);
    if (r->is_stream) {
        e->collector = engine_collector_create(r->surface, MAX_JUDGED_BYTES);
        if (!e->collector) {
            mem_free(e);
            return;
        }
        if (r->dialect->ping.n)
            e->open_ms = loop_now_ms(r->worker->loop) + OPEN_AFTER_MS;
    }
    loop_timer_init(r->worker->loop, &e->timer, on_time);
    r->escalation = e;
    set_timer(e);
}

/* Another engine is asked, since the one before it failed. */
static NOINLINE void begin_anew(struct request *r)
{
    struct escalation *e = r->escalation;
    if (e->stage != ESCALATE_HOLDS)
        return;
    engine_collector_free(e->collector);
    e->collector = NULL;
    budget_release(r->worker, &e->counted_bytes);
    e->until_ms = e->held_tokens = 0;
    set_timer(e);
    if (r->is_stream && !r->is_cloud)
        e->collector = engine_collector_create(r->surface, MAX_JUDGED_BYTES);
    if (r->is_cloud || (r->is_stream && !e->collector))
        e->stage = ESCALATE_OVER; /* nothing is judged */
}

/* Why an answer that is to be judged cannot be; NULL: it can. */
static const char *why_not(struct request *r)
{
    struct draft *d = r->draft;
    const char *why = escalate_unfit(&d->chat, r->dialect, d->choice.is_auto);
    if (why)
        return why;
    const struct route_query q = request_query(r);
    return escalate_stronger(&q, r->model, &d->arena) ? NULL : escalate_no_stronger(&q);
}

void escalate_begin(struct request *r)
{
    if (LIKELY(!r->setup->config->escalate.may_ask))
        return;
    if (r->escalation) {
        begin_anew(r);
        return;
    }
    r->unjudged = NULL;
    if (r->is_cloud)
        return;
    if (!escalate_is_asked(r->setup->config, r->key, r->escalate))
        return;
    r->unjudged = why_not(r);
    if (!r->unjudged)
        begin(r);
}

/* -- while it is held ---------------------------------------------------------------- */

/* False: it has become too long, and what is held goes out. */
static bool read_along(struct leg *l, const struct event *e)
{
    struct request *r = l->request;
    struct escalation *x = r->escalation;
    const struct config_escalate *c = &r->setup->config->escalate;
    struct err full;
    err_init(&full);
    if (!x->until_ms && (e->kind == EVENT_DELTA || e->kind == EVENT_FINISH)) {
        x->until_ms = loop_now_ms(r->worker->loop) + c->hold_ms;
        set_timer(x);
    }
    /* One that is too large to be judged is given as it comes. */
    bool is_kept =
        engine_collect(x->collector, e, &full) == 0 &&
        budget_hold(r->worker, &x->counted_bytes, engine_collector_held(x->collector));
    x->held_tokens = l->answer.content_bytes / BYTES_PER_TOKEN;
    return is_kept && x->held_tokens <= c->hold_tokens;
}

bool escalate_event(struct leg *l, const struct event *e)
{
    struct answer *a = &l->answer;
    bool is_content =
        e->kind == EVENT_DELTA || e->kind == EVENT_FINISH || e->content_bytes;
    bool goes_on = read_along(l, e);
    if (!is_content && !a->content_bytes)
        return false;
    if (goes_on && (e->data.n || e->own.n))
        answer_encode(a->encoder, e, &a->held);
    return goes_on && !a->held.failed;
}

/* -- the head of a stream, before anything is decided ---------------------------------
 */

/* The client hears that its answer is being made. */
static void tell_waiting(struct escalation *e)
{
    struct request *r = e->request;
    uint64_t now = loop_now_ms(r->worker->loop);
    e->open_ms = now + OPEN_EACH_MS;
    set_timer(e);
    opened_begin(r);
}

static void on_time(struct loop_timer *t)
{
    struct escalation *e = CONTAINER_OF(t, struct escalation, timer);
    struct request *r = e->request;
    uint64_t now = loop_now_ms(r->worker->loop);
    if (e->stage == ESCALATE_JUDGES && e->until_ms && now >= e->until_ms) {
        judging_hurry(r); /* may end the request */
        return;
    }
    if (e->stage == ESCALATE_HOLDS && e->until_ms && now >= e->until_ms) {
        relay_release(&r->leg); /* may end the request */
        return;
    }
    if (e->open_ms && now >= e->open_ms)
        tell_waiting(e);
    else
        set_timer(e);
}

bool escalate_count(struct request *r, size_t more)
{
    struct escalation *e = r->escalation;
    return budget_hold(r->worker, &e->counted_bytes, e->answer.n + e->judged.n + more);
}

/* -- JUDGE --------------------------------------------------------------------------- */

void escalate_take(struct leg *l, struct str type, struct buf *body, struct buf *judged)
{
    struct request *r = l->request;
    struct escalation *e = r->escalation;
    struct err err;
    err_init(&err);
    e->answer = *body;
    buf_init(body, 0);
    e->type = type;
    if (judged) {
        e->judged = *judged;
        buf_init(judged, 0);
    }
    if (e->collector && !buf_len(&e->judged))
        (void)engine_collector_finish(e->collector, &l->answer.usage, &e->judged, &err);
    engine_collector_free(e->collector);
    e->collector = NULL;
    budget_release(r->worker, &l->answer.counted_bytes);
    e->is_short = !escalate_count(r, 0);
    request_enter(r, REQ_JUDGE);
}

static void give(struct request *r, struct str words)
{
    struct escalation *e = r->escalation;
    e->words = arena_strdup(&r->keep, str_sub(words, 0, MAX_WORDS_BYTES));
    budget_release(r->worker, &e->counted_bytes);
    relay_give(&r->leg, e->type, &e->answer);
}

void judge_enter(struct request *r)
{
    struct escalation *e = r->escalation;
    uint64_t now = loop_now_ms(r->worker->loop);
    e->stage = ESCALATE_JUDGES;
    if (!e->until_ms)
        e->until_ms = now + r->setup->config->escalate.hold_ms;
    set_timer(e);
    if (e->is_short)
        escalate_decide(r, true, str_of(judged_words(JUDGED_NO_ROOM)));
    else if (buf_len(&e->judged) == 0 || buf_len(&e->judged) > MAX_JUDGED_BYTES)
        escalate_decide(r, true, str_of(judged_words(JUDGED_LONG_ANSWER)));
    else
        judging_begin(r, buf_view(&e->judged));
}

/* All that is told of the local answer, for when it is given after all. */
static void remember(struct escalation *e)
{
    const struct request *r = e->request;
    e->model = r->model;
    e->role = r->role;
    e->reasons_json = r->reasons_json;
    e->reason_line = r->reason_line;
    e->is_low_quality = r->is_low_quality;
}

static void move_leg(struct leg *to, struct leg *from)
{
    *to = *from;
    list_init(&to->link);
    list_init(&to->launch);
    list_init(&to->ticket.link);
}

void escalate_decide(struct request *r, bool is_good, struct str why)
{
    struct escalation *e = r->escalation;
    struct draft *d = r->draft;
    aside_cancel_asked(r, "decided");
    buf_release(&e->judged);
    if (is_good || d->ntried >= ROUTE_MAX_TRIED) {
        give(r, why);
        return;
    }
    e->words = arena_strdup(&r->keep, str_sub(why, 0, MAX_WORDS_BYTES));
    remember(e);
    leg_release_work(&r->leg);
    move_leg(&e->first, &r->leg);
    e->has_first = true;
    leg_init(&r->leg, r);
    d->tried[d->ntried++] = e->model;
    e->stage = ESCALATE_AWAY;
    e->until_ms = 0;
    set_timer(e);
    request_enter(r, REQ_ROUTE);
}

void escalate_query(const struct request *r, struct route_query *q)
{
    const struct escalation *e = r->escalation;
    if (LIKELY(!e) || e->stage != ESCALATE_AWAY)
        return;
    q->weak = e->model;
    q->weak_why = e->words;
}

bool escalate_fall_back(struct request *r, const struct err *err)
{
    struct escalation *e = r->escalation;
    if (LIKELY(!e) || !r->client)
        return false;
    if (e->stage == ESCALATE_JUDGES) {
        aside_cancel_asked(r, "decided");
        give(r, str_of(judged_words(JUDGED_NO_TIME)));
        return true;
    }
    if (e->stage != ESCALATE_AWAY)
        return false;
    leg_drop(&r->leg);
    leg_settle(&r->leg, OUTCOME_ERROR, err);
    leg_release_answer(&r->leg);
    move_leg(&r->leg, &e->first);
    e->has_first = false;
    r->model = e->model;
    r->role = e->role;
    r->is_cloud = r->is_masked = false;
    r->is_low_quality = e->is_low_quality;
    r->reasons_json = e->reasons_json;
    r->reason_line = e->reason_line;
    r->error_code = NULL;
    give(r, arena_printf(&r->keep, "%s (%s); %.*s", judged_words(JUDGED_GIVEN_BACK),
                         err->code ? err->code : "error", STR_ARG(e->words)));
    return true;
}

/* -- the end ------------------------------------------------------------------------- */

/* What is held of a stream goes out before it is whole. */
static enum judged why_released(const struct escalation *e)
{
    const struct request *r = e->request;
    if (e->held_tokens > r->setup->config->escalate.hold_tokens)
        return JUDGED_HOLD_TOKENS;
    bool is_late = e->until_ms && loop_now_ms(r->worker->loop) >= e->until_ms;
    return is_late ? JUDGED_HOLD : JUDGED_LONG_ANSWER;
}

void escalate_over(struct request *r)
{
    struct escalation *e = r->escalation;
    if (e->stage == ESCALATE_HOLDS)
        e->words = str_of(judged_words(why_released(e)));
    e->stage = ESCALATE_OVER;
    loop_timer_stop(&e->timer);
    engine_collector_free(e->collector);
    e->collector = NULL;
    buf_release(&e->judged);
    if (e->has_first) /* the stronger model's answer is given */
        buf_release(&e->answer);
    if (e->has_first || !e->answer.n)
        budget_release(r->worker, &e->counted_bytes);
    if (e->judging)
        judging_free(r);
}

void escalate_settle(struct request *r)
{
    struct escalation *e = r->escalation;
    if (e->stage != ESCALATE_OVER && r->outcome == OUTCOME_CANCELLED)
        e->words = str_of(judged_words(JUDGED_LEFT));
    if (!e->has_first)
        return;
    e->has_first = false;
    e->first.end_code = "judged_weak";
    leg_settle(&e->first, OUTCOME_OK, NULL);
    leg_release_answer(&e->first);
}

void escalate_release(struct request *r)
{
    struct escalation *e = r->escalation;
    loop_timer_stop(&e->timer);
    e->stage = ESCALATE_OVER;
    engine_collector_free(e->collector);
    e->collector = NULL;
    buf_release(&e->judged);
    buf_release(&e->answer);
    budget_release(r->worker, &e->counted_bytes);
    if (e->judging)
        judging_free(r);
}

void escalate_free(struct request *r)
{
    mem_free(r->escalation);
    r->escalation = NULL;
}

struct str escalate_words(const struct request *r)
{
    if (UNLIKELY(r->escalation != NULL))
        return r->escalation->words;
    return UNLIKELY(r->unjudged != NULL) ? str_of(r->unjudged) : STR("");
}

void escalate_field(const struct request *r, struct buf *b)
{
    struct str words = escalate_words(r);
    if (UNLIKELY(words.n))
        http_write_own_field(b, STR("x-weir-escalated: "), words);
}
