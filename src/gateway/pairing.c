/* pairing.c -- see pairing.h. */
#include "gateway/pairing.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "gateway/budget.h"
#include "gateway/events_kept.h"
#include "gateway/judge_leg.h"
#include "judge/pair.h"
#include "pilot/compare.h"

#include <math.h>

enum {
    ARENA_BYTES = 16 << 20,
    MAX_TEXT_BYTES = 1 << 20,   /* of a request, and of an answer, that is compared */
    MAX_EVENTS_BYTES = 8 << 20, /* of its events */
    MAX_JUDGED_BYTES = 6000,    /* of each text, shown to a judge */
    MAX_KEPT_BYTES = 32 * 1024, /* ... and to people */
    FORM_BYTES = 256            /* of a request, around its texts */
};

/* Both orders: [0] has the client's answer first. */
enum { ORDERS = 2 };

struct pairing {
    struct work work;
    struct request *request;
    struct worker *worker;
    struct pilot_live *pilot;
    struct draft *draft; /* the request's: one more leg would use it */
    struct buf mine,
        other; /* the client's answer and the mirror's: whole, or its events */
    uint64_t counted_bytes;
    int64_t taken;       /* of the money, for what is under way */
    int64_t other_spent; /* by the mirror */
    struct arena arena;
    struct judge_question question;
    struct judge_answer answers[2]; /* the client's, the mirror's */
    struct pilot_pair pair;
    struct judge_screening *screening;
    enum pair_verdict verdicts[ORDERS];
    size_t order; /* that the judge is asked in */
    bool is_mine_local;
    bool is_mine_events, is_other_events;
    bool has_mine, has_other; /* it is whole */
    bool is_lost;             /* there will be no pair */
    bool is_compared, is_told;
};

/* -- money ----------------------------------------------------------------------------
 */

/* At most, in nano-dollars: each byte a token, and as many out as may be; -1: unknown. */
static int64_t worst_cost(const struct request *r, const struct config_model *m,
                          uint64_t in_bytes, uint64_t out_tokens)
{
    int64_t nanousd = -1;
    struct err ignored;
    const struct price *p = setup_price_at(r->setup, m, r->started_wall_ms);
    if (!p)
        return m->is_cloud ? -1 : 0;
    const struct token_counts n = {.input = in_bytes,
                                   .output = out_tokens ? out_tokens : p->max_output};
    return n.output && prices_cost_nanousd(p, &n, &nanousd, &ignored) == 0 ? nanousd : -1;
}

static void spend(struct pairing *p, int64_t taken, int64_t spent)
{
    pilot_spent(p->pilot, taken, spent == COST_UNKNOWN ? -1 : spent);
    p->taken -= taken;
}

/* -- the end --------------------------------------------------------------------------
 */

static void count_held(struct pairing *p)
{
    if (!budget_hold(p->worker, &p->counted_bytes,
                     buf_len(&p->mine) + buf_len(&p->other)))
        p->is_lost = true;
}

/* The texts are no longer needed. */
static void release(struct pairing *p)
{
    buf_release(&p->mine);
    buf_release(&p->other);
    arena_reset(&p->arena);
    budget_release(p->worker, &p->counted_bytes);
    if (p->draft)
        request_leave_draft(p->draft, p->request);
    p->draft = NULL;
}

static void lose(struct pairing *p)
{
    if (!p->is_lost && !p->is_told)
        atomic_fetch_add_explicit(&p->pilot->lost, 1, memory_order_relaxed);
    p->is_lost = true;
    buf_release(&p->mine);
    buf_release(&p->other);
    budget_release(p->worker, &p->counted_bytes);
}

void pairing_free(struct request *r)
{
    struct pairing *p = r->pairing;
    judge_leg_leave(&p->screening);
    lose(p);
    release(p);
    r->pairing = NULL;
    mem_free(p);
}

/* -- a pair is told --------------------------------------------------------------------
 */

static struct str cut(struct str s, size_t most)
{
    size_t n = s.n < most ? s.n : most;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

/* An answer in words: its text, or the calls that it makes. */
static struct str words_of(struct arena *a, const struct judge_answer *answer)
{
    struct str words = answer->text.n ? answer->text : answer->refusal;
    for (size_t i = 0; i < answer->ncalls && words.p; i++)
        words = arena_printf(a, "%.*s%s%.*s(%.*s)", STR_ARG(words), words.n ? "\n" : "",
                             STR_ARG(answer->calls[i].name),
                             STR_ARG(answer->calls[i].arguments));
    return words.p ? words : STR("");
}

/* Drawn by the request's id, which no answer has an influence on. */
static bool is_drawn(const struct pairing *p)
{
    uint64_t uid = p->request->uid;
    uint64_t x =
        siphash_once(p->pilot->key, (struct str){(const char *)&uid, sizeof uid});
    return (double)(x >> 11) < p->pilot->terms.kept * 9007199254740992.0;
}

static void keep_texts(const struct pairing *p, struct pilot_finding *f)
{
    struct str mine = words_of(&f->arena, &p->answers[0]);
    struct str other = words_of(&f->arena, &p->answers[1]);
    struct str local = p->is_mine_local ? mine : other;
    struct str away = p->is_mine_local ? other : mine;
    f->kept.question = arena_strdup(&f->arena, cut(p->question.prompt, MAX_KEPT_BYTES));
    f->kept.local = arena_strdup(&f->arena, cut(local, MAX_KEPT_BYTES));
    f->kept.other = arena_strdup(&f->arena, cut(away, MAX_KEPT_BYTES));
}

/* better: 1 the client's, -1 the mirror's. */
static void tell(struct pairing *p, enum pilot_check check, double better)
{
    struct pilot_finding *f = mem_new(struct pilot_finding);
    if (!f) {
        lose(p);
        return;
    }
    bool is_open = check == PILOT_JUDGED || check == PILOT_ASKED;
    f->pilot = p->pilot;
    f->pair = p->pair;
    f->pair.at_ms = clock_wall_ms();
    f->pair.check = (uint8_t)check;
    f->pair.score = (float)(p->is_mine_local ? better : 0 - better);
    f->pair.is_kept = is_open && is_drawn(p);
    arena_init(&f->arena, 8 * MAX_KEPT_BYTES);
    if (f->pair.is_kept)
        keep_texts(p, f);
    if (pilots_tell(&p->worker->server->pilots, f))
        p->is_told = true;
    else
        lose(p);
}

/* -- a judge --------------------------------------------------------------------------
 */

/* May its texts be shown to a judge, and kept for people? */
static bool may_be_seen(const struct pairing *p)
{
    return p->pilot->terms.keep && judge_leg_may_leave(p->request, p->draft) &&
           !request_leaves_masked(p->draft);
}

static const struct config_model *find_model(const struct setup *s, const char *name)
{
    return config_model_named(s->config, str_of(name));
}

static void over(struct pairing *p)
{
    request_unhold(p->request); /* may be the end of it */
}

static void judged(struct pairing *p)
{
    enum pair_verdict v = pair_of_both(p->verdicts[0], p->verdicts[1]);
    if (v == PAIR_UNKNOWN)
        tell(p, PILOT_ASKED, 0);
    else
        tell(p, PILOT_JUDGED, v == PAIR_FIRST ? 1 : v == PAIR_SECOND ? -1 : 0);
}

static void on_verdict(struct request *r, const struct leg *l, struct str answer);

/* In one order; true: it is on its way. */
static bool ask_order(struct pairing *p, const struct config_model *m, size_t order,
                      struct str words)
{
    const struct judge_ask ask = {.model = m,
                                  .of = p->draft,
                                  .system = pair_instructions(),
                                  .user = words,
                                  .is_for_pair = true,
                                  .then = on_verdict,
                                  .screening = &p->screening};
    uint64_t bytes = ask.system.n + words.n + FORM_BYTES;
    int64_t worst = worst_cost(p->request, m, bytes, JUDGE_LEG_TOKENS);
    if (worst < 0 || !pilot_take(p->pilot, worst))
        return false;
    p->taken = worst;
    p->order = order;
    if (judge_leg_ask(p->request, &ask))
        return true;
    spend(p, p->taken, 0);
    return false;
}

/* True: it is on its way, and on_verdict() goes on. */
static bool ask_judge(struct pairing *p, size_t order)
{
    const struct config_model *m = find_model(p->request->setup, p->pilot->terms.judge);
    struct buf words;
    if (!m || p->worker->is_draining)
        return false;
    struct str first = cut(words_of(&p->arena, &p->answers[order]), MAX_JUDGED_BYTES);
    struct str second = cut(words_of(&p->arena, &p->answers[!order]), MAX_JUDGED_BYTES);
    buf_init(&words, 8 * MAX_JUDGED_BYTES);
    pair_question(cut(p->question.prompt, MAX_JUDGED_BYTES), first, second, &words);
    bool is_asked = !words.failed && ask_order(p, m, order, buf_view(&words));
    buf_release(&words);
    return is_asked;
}

/* One order after the other: a judge may have one place. */
static void on_verdict(struct request *r, const struct leg *l, struct str answer)
{
    struct pairing *p = r->pairing;
    struct judge_answer said;
    struct err err;
    err_init(&err);
    struct str own = answer.p ? arena_strdup(&p->arena, answer) : answer;
    if (own.p && judge_read_answer(own, &p->arena, &said, &err) == 0)
        p->verdicts[p->order] = pair_read(said.text);
    spend(p, p->taken, l ? l->cost_nanousd : 0);
    if (l)
        p->pair.judge_nanousd = ledger_cost_sum(p->pair.judge_nanousd, l->cost_nanousd);
    if (p->order == 0 && p->verdicts[0] != PAIR_UNKNOWN && ask_judge(p, 1))
        return;
    judged(p);
    over(p);
}

/* -- comparing -------------------------------------------------------------------------
 */

/* What came as events becomes one object. */
static bool join(struct buf *answer, bool is_events)
{
    struct buf whole;
    struct err err;
    err_init(&err);
    if (!is_events)
        return true;
    buf_init(&whole, 2 * (size_t)MAX_TEXT_BYTES);
    bool ok = events_join(buf_view(answer), MAX_TEXT_BYTES, &whole, &err) == 0;
    buf_release(answer);
    *answer = whole;
    return ok;
}

static uint64_t digest(const struct pairing *p, struct str s)
{
    return siphash_once(p->pilot->key, s);
}

static bool compare(struct pairing *p, struct pilot_compared *ret)
{
    const struct chat *chat = &p->draft->chat;
    struct conversation *c = arena_new(&p->arena, struct conversation);
    struct err err;
    err_init(&err);
    if (!join(&p->mine, p->is_mine_events) || !join(&p->other, p->is_other_events))
        return false;
    if (!c || chat->dialect->read_conversation(chat, &p->arena, c, &err) < 0 ||
        judge_read_question(c, &p->arena, &p->question) < 0 ||
        judge_read_answer(buf_view(&p->mine), &p->arena, &p->answers[0], &err) < 0 ||
        judge_read_answer(buf_view(&p->other), &p->arena, &p->answers[1], &err) < 0 ||
        pilot_compare(&p->question, &p->answers[0], &p->answers[1], &p->arena, ret) < 0)
        return false;
    uint64_t mine = digest(p, p->answers[0].text), other = digest(p, p->answers[1].text);
    p->pair.question = digest(p, p->question.prompt);
    p->pair.local = p->is_mine_local ? mine : other;
    p->pair.other = p->is_mine_local ? other : mine;
    p->pair.task = (uint8_t)ret->task;
    return true;
}

struct comparing {
    struct work work;
    struct pairing *pairing;
    struct pilot_compared result;
    bool ok;
};

static void on_pool(struct work *w)
{
    struct comparing *c = CONTAINER_OF(w, struct comparing, work);
    c->ok = compare(c->pairing, &c->result);
}

/* The request is still there: it waits for this. */
static void on_compared(struct work *w)
{
    struct comparing *c = CONTAINER_OF(w, struct comparing, work);
    struct pairing *p = c->pairing;
    struct worker *worker = p->worker;
    const struct pilot_compared result = c->result;
    bool ok = c->ok;
    mem_free(c);
    worker->npooled--;
    if (!ok)
        lose(p);
    else if (result.check != PILOT_UNKNOWN)
        tell(p, result.check, result.better);
    else if (!may_be_seen(p))
        tell(p, PILOT_UNKNOWN, 0);
    else if (p->pilot->terms.judge[0] && ask_judge(p, 0))
        return;
    else
        tell(p, PILOT_ASKED, 0);
    over(p);
    worker_client_gone(worker);
}

/* Once both answers are whole. */
static void try_comparing(struct pairing *p)
{
    struct request *r = p->request;
    if (!p->has_mine || !p->has_other || p->is_lost || p->is_compared)
        return;
    struct comparing *c = mem_new(struct comparing);
    if (!c) {
        lose(p);
        return;
    }
    p->is_compared = true;
    c->pairing = p;
    c->work = (struct work){.fn = on_pool,
                            .done = on_compared,
                            .owner = (uint64_t)(uintptr_t)p->pilot, /* no client's turn */
                            .bytes = buf_len(&p->mine) + buf_len(&p->other)};
    r->nholds++;
    p->worker->npooled++;
    pool_submit(p->worker->server->pool, p->worker->loop, &c->work);
}

/* -- the two answers -------------------------------------------------------------------
 */

/* One that failed has said nothing, which is a bad answer: to leave it out would make the
 * side that fails look good. */
static const struct str no_answer =
    STR_INIT("{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
             "\"\"}}]}");

static void on_mirror(struct request *r, const struct leg *l, struct str answer)
{
    struct pairing *p = r->pairing;
    spend(p, p->taken, l->cost_nanousd);
    if (p->is_mine_local) {
        p->pair.other_nanousd = l->cost_nanousd;
        p->pair.other_ttft_ms = r->is_stream && l->asks_stream ? (int32_t)l->ttft_ms : -1;
    } else {
        p->pair.local_nanousd = l->cost_nanousd;
        p->pair.local_ttft_ms = r->is_stream && l->asks_stream ? (int32_t)l->ttft_ms : -1;
    }
    if (p->is_lost || (!answer.p && !l->has_failed)) {
        lose(p);
        return;
    }
    buf_append(&p->other, answer.p ? answer : no_answer);
    p->is_other_events = answer.p && l->keeps_events;
    p->has_other = !p->other.failed;
    count_held(p);
    try_comparing(p);
}

/* Counted when its memory grows. */
static NOINLINE void grow(struct pairing *p, const struct event *e)
{
    events_keep(&p->mine, e);
    if (p->mine.failed)
        lose(p);
    else
        count_held(p);
}

void pairing_event(struct request *r, const struct event *e)
{
    struct pairing *p = r->pairing;
    if (UNLIKELY(p->is_lost))
        return;
    p->is_mine_events = true;
    if (LIKELY(p->mine.cap - p->mine.n >= e->data.n + sizeof(uint32_t)))
        events_keep(&p->mine, e);
    else
        grow(p, e);
}

void pairing_take(struct request *r, struct buf *answer)
{
    struct pairing *p = r->pairing;
    if (p->is_lost || buf_len(answer) > MAX_TEXT_BYTES)
        return;
    buf_release(&p->mine);
    p->mine = *answer;
    buf_init(answer, 0);
    count_held(p);
}

/* The promised leg failed because of its engine; another one may have answered since. */
static bool has_failed(const struct pairing *p)
{
    const struct request *r = p->request;
    const struct err *e = &p->draft->last_failure;
    if (r->outcome == OUTCOME_CANCELLED || (r->ntries == 1 && r->outcome == OUTCOME_OK))
        return false;
    if (e->kind)
        return leg_is_answerless(e);
    return r->outcome == OUTCOME_ERROR && r->error_code &&
           strcmp(r->error_code, "buffers_full") != 0;
}

void pairing_answered(struct request *r)
{
    struct pairing *p = r->pairing;
    const struct leg *l = &r->leg;
    bool is_own = r->ntries == 1 && r->outcome == OUTCOME_OK;
    if (has_failed(p)) {
        buf_release(&p->mine);
        buf_init(&p->mine, no_answer.n);
        buf_append(&p->mine, no_answer);
        p->is_mine_events = false;
        is_own = !p->mine.failed;
    }
    p->has_mine = is_own && buf_len(&p->mine);
    if (!p->has_mine) {
        lose(p);
        return;
    }
    int32_t ttft = r->is_stream ? (int32_t)l->ttft_ms : -1;
    if (p->is_mine_local) {
        p->pair.local_nanousd = l->cost_nanousd;
        p->pair.local_ttft_ms = ttft;
    } else {
        p->pair.other_nanousd = l->cost_nanousd;
        p->pair.other_ttft_ms = ttft;
    }
    try_comparing(p);
}

/* -- the beginning ---------------------------------------------------------------------
 */

static bool can_be_compared(const struct request *r)
{
    const struct chat *c = &r->draft->chat;
    return r->surface == SURFACE_CHAT && r->dialect->read_conversation &&
           r->ntries == 1 && c->nchoices == 1 && c->text_bytes <= MAX_TEXT_BYTES &&
           !r->escalation && !r->pairing;
}

/* What it could cost, or -1: it is not asked. */
static int64_t price_of_asking(struct request *r, const struct config_model *to)
{
    const struct chat *c = &r->draft->chat;
    if (to->is_cloud == r->is_cloud || (to->is_cloud && request_leaves_masked(r->draft)))
        return -1;
    struct route_query q = request_query(r);
    if (!to->is_cloud && q.policy == POLICY_CLOUD_ONLY)
        q.policy = POLICY_LOCAL_ONLY; /* it says who answers; what stays may be asked */
    if (!route_may_take(&q, to) || (to->is_cloud && c->nmedia))
        return -1;
    uint64_t out = c->max_output_tokens > 0 ? (uint64_t)c->max_output_tokens : 0;
    return worst_cost(r, to, buf_len(&r->draft->body), out);
}

static struct pairing *make(struct request *r, struct pilot_live *l, int64_t taken)
{
    struct pairing *p = mem_new(struct pairing);
    if (!p)
        return NULL;
    p->request = r;
    p->worker = r->worker;
    p->pilot = l;
    p->taken = taken;
    p->is_mine_local = !r->is_cloud;
    p->pair = (struct pilot_pair){.local_nanousd = COST_UNKNOWN,
                                  .other_nanousd = COST_UNKNOWN,
                                  .local_ttft_ms = -1,
                                  .other_ttft_ms = -1};
    arena_init(&p->arena, ARENA_BYTES);
    buf_init(&p->mine, MAX_EVENTS_BYTES);
    buf_init(&p->other, MAX_EVENTS_BYTES);
    return p;
}

static NOINLINE void begin(struct request *r, struct pilot_live *l)
{
    if (!aside_in_share(r, l->terms.share_ppm) || !can_be_compared(r))
        return;
    const struct config_model *to = find_model(r->setup, l->terms.to);
    if (!to || to->is_cloud != l->terms.to_cloud) {
        log_warn_rarely("the pilot asks nobody: the configuration has no %s model %s",
                        l->terms.to_cloud ? "cloud" : "local", l->terms.to);
        return;
    }
    int64_t worst = price_of_asking(r, to);
    if (worst < 0 || !pilot_take(l, worst))
        return;
    r->pairing = make(r, l, worst);
    if (!r->pairing || !aside_ask_for_pair(r, to, LEG_MIRROR, NULL, on_mirror)) {
        pilot_spent(l, worst, 0);
        mem_free(r->pairing);
        r->pairing = NULL;
        return;
    }
    r->pairing->draft = r->draft;
    r->draft->nasides++;
}

void pairing_begin(struct request *r)
{
    struct pilot_live *l = pilots_now(&r->worker->server->pilots);
    if (UNLIKELY(l != NULL))
        begin(r, l);
}
