/* judging.c -- see judging.h. */
#include "gateway/judging.h"

#include "core/clock.h"
#include "core/mem.h"
#include "gateway/escalate.h"
#include "gateway/judge_leg.h"
#include "judge/judge.h"
#include "judge/verdict.h"
#include "ledger/judged.h"

#include <math.h>

enum {
    ARENA_BYTES = 8 << 20,
    MAX_ASKED_BYTES = 6000, /* of the question and of the answer, shown to a judge */
    MAX_WHY_BYTES = 160
};
/* So sure of a rule's finding nobody else is asked. */
static const double sure_weight = 0.8;

struct judging {
    struct arena arena;
    struct judge_question question;
    struct judge_answer answers[1 + CONFIG_MAX_OPINIONS]; /* the local one, and others */
    size_t nanswers, nwaiting;
    double prompt_score; /* P(a local answer suffices), of the prompt alone */
    double verdict;      /* NAN: none */
    struct judgement newest;
    bool has_asked_opinions, has_asked_judge, has_failed;
    bool is_own_opinion; /* the only one that could be asked has made the answer */
    struct judge_screening *screening; /* on a pool */
};

static struct judging *judging_of(const struct request *r)
{
    return r->escalation->judging;
}

static void step(struct request *r);

/* -- what was asked and answered ------------------------------------------------------
 */

/* What the router thinks of the prompt alone, whatever the policy is: where policy
 * learned has looked at it, by its outcomes so far, else by the weights as they are.
 * `weir eval escalate` reckons so too. */
static double prompt_score(const struct request *r, const struct judging *g)
{
    const struct route_learned *l = r->draft ? r->draft->learned : NULL;
    struct router_score s;
    if (l && l->is_scored)
        return (double)l->suffices;
    router_read(r->setup->router, g->question.prompt, &s);
    return (double)s.suffices;
}

static int read_case(struct request *r, struct judging *g, struct str answer)
{
    struct conversation *c = arena_new(&g->arena, struct conversation);
    struct err err;
    err_init(&err);
    worker_spend_reading(r->worker, r->draft->chat.text_bytes + answer.n);
    if (!c || r->dialect->read_conversation(&r->draft->chat, &g->arena, c, &err) < 0 ||
        judge_read_question(c, &g->arena, &g->question) < 0 ||
        judge_read_answer(answer, &g->arena, &g->answers[0], &err) < 0)
        return -1;
    g->prompt_score = prompt_score(r, g);
    g->nanswers = 1;
    return 0;
}

/* The text of an answer; empty when there is none. */
static struct str text_of(struct judging *g, struct str answer, struct judge_answer *ret)
{
    struct err err;
    err_init(&err);
    struct str own = arena_strdup(&g->arena, answer);
    *ret = (struct judge_answer){.text = {NULL, 0}};
    if (!own.p || judge_read_answer(own, &g->arena, ret, &err) < 0)
        return STR("");
    return ret->text;
}

/* -- a second opinion ---------------------------------------------------------------- */

static void on_opinion(struct request *r, const struct leg *l, struct str answer)
{
    struct judging *g = judging_of(r);
    if (answer.p && text_of(g, answer, &g->answers[g->nanswers]).n)
        g->nanswers++;
    else if (answer.p)
        meters_count_unread(r->worker->server->parts.meters, l->kind->purpose);
    if (--g->nwaiting)
        return;
    g->has_failed = g->nanswers == 1;
    step(r);
}

/* True: they are on their way. */
static bool ask_opinions(struct request *r, struct judging *g)
{
    const struct config_escalate *c = &r->setup->config->escalate;
    if (!c->nopinions || g->has_asked_opinions || !judge_wants_opinion(&g->newest))
        return false;
    const struct route_query q = request_query(r);
    g->has_asked_opinions = true;
    g->is_own_opinion = c->nopinions == 1 && c->opinions[0] == r->model;
    for (size_t i = 0; i < c->nopinions; i++)
        if (c->opinions[i] != r->model && route_may_take(&q, c->opinions[i]))
            g->nwaiting +=
                aside_ask(r, c->opinions[i], LEG_SECOND_OPINION, NULL, on_opinion);
    g->has_failed = g->nwaiting == 0 && !g->is_own_opinion;
    return g->nwaiting > 0;
}

/* -- a judge ---------------------------------------------------------------------------
 */

static void on_verdict(struct request *r, const struct leg *l, struct str answer)
{
    struct judging *g = judging_of(r);
    struct judge_answer said;
    if (answer.p)
        g->verdict = verdict_read(text_of(g, answer, &said));
    if (answer.p && isnan(g->verdict))
        meters_count_unread(r->worker->server->parts.meters, l->kind->purpose);
    g->has_failed |= isnan(g->verdict);
    step(r);
}

/* True: it is on its way. */
static bool ask_judge(struct request *r, struct judging *g)
{
    const struct config_model *m = r->setup->config->escalate.judge;
    if (!m || g->has_asked_judge || !g->answers[0].text.n)
        return false;
    g->has_asked_judge = true;
    if (m->is_cloud && !judge_leg_may_leave(r, r->draft))
        return false; /* not for this request */
    struct buf words;
    buf_init(&words, 64 * 1024);
    verdict_ask(g->question.prompt, g->answers[0].text, MAX_ASKED_BYTES, &words);
    const struct judge_ask ask = {.model = m,
                                  .of = r->draft,
                                  .system = STR(""),
                                  .user = buf_view(&words),
                                  .then = on_verdict,
                                  .screening = &g->screening};
    bool is_asked = !words.failed && judge_leg_ask(r, &ask);
    buf_release(&words);
    g->has_failed |= !is_asked;
    return is_asked;
}

/* -- the decision ----------------------------------------------------------------------
 */

static bool is_sure(const struct judging *g)
{
    const struct judge_findings *f = &g->newest.findings;
    return f->n && f->v[0].weight >= sure_weight;
}

/* What a local answer was worth says something of the score that kept its prompt here. */
static void learn(struct request *r, bool is_good)
{
    const struct route_learned *l = r->draft ? r->draft->learned : NULL;
    if (l && l->is_scored && l->calibration)
        calibration_outcome(l->calibration, l->score.gap, !is_good);
    if (!r->noted)
        return;
    r->noted->is_judged = true;
    r->noted->is_good = is_good;
    learning_outcome(r->worker->server->learning, r->noted, is_good, 1);
}

/* Was the answer compared with something that can speak for it as well as against it?
 * Where nobody else was asked, rules only ever speak against: to learn from them alone
 * would make all local answers look bad. */
static bool is_compared(const struct request *r, const struct judging *g)
{
    const struct config_escalate *e = &r->setup->config->escalate;
    if (g->newest.nopinions > 0 || !isnan(g->verdict) || g->answers[0].logprobs)
        return true;
    return is_sure(g) && (e->nopinions > 0 || e->judge);
}

static const char own_opinion[] = ", no second opinion as its model made the answer";

static void decide(struct request *r, struct judging *g, bool is_good)
{
    double threshold = r->setup->config->escalate.threshold;
    if (is_compared(r, g))
        learn(r, g->newest.score >= threshold);
    struct str why = judge_explain(&g->newest, MAX_WHY_BYTES, &g->arena);
    bool is_doubtful = is_good && g->newest.score < threshold;
    enum judged verdict = !is_good       ? JUDGED_ESCALATED
                          : !is_doubtful ? JUDGED_KEPT
                          : g->has_failed || g->newest.has_evidence
                              ? JUDGED_UNSURE
                              : JUDGED_NOTHING_AGAINST;
    struct str words = arena_printf(&g->arena, "%sscore %.2f, threshold %.2f%s%s%.*s",
                                    judged_words(verdict), g->newest.score, threshold,
                                    g->is_own_opinion ? own_opinion : "",
                                    why.n ? ": " : "", (int)why.n, why.n ? why.p : "");
    escalate_decide(r, is_good, words.p ? words : STR("judged"));
}

static void step(struct request *r)
{
    struct judging *g = judging_of(r);
    const struct judge_case c = {.question = &g->question,
                                 .answers = g->answers,
                                 .nanswers = g->nanswers,
                                 .prompt_score = g->prompt_score,
                                 .verdict = g->verdict};
    if (judge(&c, &g->arena, &g->newest) < 0) {
        escalate_decide(r, true, str_of(judged_words(JUDGED_NO_MEMORY)));
        return;
    }
    bool is_good = g->newest.score >= r->setup->config->escalate.threshold;
    /* An opinion may also speak against an answer that looks good. */
    if (!is_sure(g) && (ask_opinions(r, g) || (!is_good && ask_judge(r, g))))
        return;
    decide(r, g, is_good || !g->newest.has_evidence || (g->has_failed && !is_sure(g)));
}

void judging_begin(struct request *r, struct str answer)
{
    struct judging *g = mem_new(struct judging);
    if (!g) {
        escalate_decide(r, true, str_of(judged_words(JUDGED_NO_MEMORY)));
        return;
    }
    memset(g, 0, sizeof *g);
    arena_init(&g->arena, ARENA_BYTES);
    g->verdict = NAN;
    r->escalation->judging = g;
    if (read_case(r, g, answer) < 0)
        escalate_decide(r, true, str_of(judged_words(JUDGED_UNREADABLE)));
    else if (!escalate_count(r, g->arena.used_bytes))
        escalate_decide(r, true, str_of(judged_words(JUDGED_NO_ROOM)));
    else
        step(r);
}

void judging_hurry(struct request *r)
{
    struct judging *g = judging_of(r);
    decide(r, g, !is_sure(g));
}

void judging_free(struct request *r)
{
    struct judging *g = judging_of(r);
    judge_leg_leave(&g->screening);
    arena_reset(&g->arena);
    mem_free(g);
    r->escalation->judging = NULL;
}
