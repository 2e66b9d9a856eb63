/* score.c -- one score of all that is known of an answer, and why.
 *
 * Logistic: what was learnt from recorded answers (weights.c) is added up in log odds.
 * Three things are added by a rule of thumb, for no recorded answers have them: what the
 * router thought of the prompt counts three tenths, as far as it is from what is usual
 * (more made the order worse on two of three sources that it was not learnt from); a
 * judge model's verdict four fifths; and log-probabilities as far as their tenth
 * percentile is from -0.7.  What a client could
 * not use whatever it says (a broken form, a refusal) then takes its share of the rest.
 */
#include "judge/judge.h"
#include "judge/rules.h"
#include "judge/traits.h"

#include <math.h>

#define PROMPT_WEIGHT  .3
#define PROMPT_USUAL   .65
#define VERDICT_WEIGHT .8
#define LOGPROB_WEIGHT .8
#define LOGPROB_USUAL  (-.7)
#define LEAST_OF_WORTH .05 /* log odds: less is not told */
#define LEAST_OF_HARD  .5  /* weight of a finding that a learnt one does not cover */

static double logit(double p)
{
    double q = p < .02 ? .02 : p > .98 ? .98 : p;
    return log(q / (1 - q));
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static double of_logprobs(const struct judge_answer *a)
{
    double q = a->logprobs ? logprobs_quantile(a->logprobs, .1) : NAN;
    double v = LOGPROB_WEIGHT * (q - LOGPROB_USUAL);
    return isnan(v) ? 0 : v < -2 ? -2 : v > 1 ? 1 : v;
}

/* How much a client could still use, by the rules: the hard ones multiply. */
static double usable(const struct judge_findings *f)
{
    double rest = 1;
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].weight >= LEAST_OF_HARD)
            rest *= 1 - f->v[i].weight;
    return rest;
}

static struct str words_of_opinions(const struct judge_seen *s, struct arena *arena)
{
    struct str own = str_sub(s->findings.final.text, 0, 40);
    struct str rival = str_sub(s->rival, 0, 40);
    if (!s->nopinions)
        return STR("no other local answer to compare with");
    if (s->nagree == s->nopinions)
        return arena_printf(arena, "%u of %u other local answers agree: %.*s", s->nagree,
                            s->nopinions, STR_ARG(own));
    if (s->nrivals > 1)
        return arena_printf(arena,
                            "%u of %u other local answers agree on another one: %.*s",
                            s->nrivals, s->nopinions, STR_ARG(rival));
    return arena_printf(arena, "%u of %u other local answers agree; another says %.*s",
                        s->nagree, s->nopinions, STR_ARG(rival));
}

static struct str words_of_text(const struct judge_seen *s, struct arena *arena)
{
    if (s->sums.nwrong)
        return arena_printf(arena, "a sum in it does not add up: %.*s",
                            STR_ARG(str_sub(s->sums.wrong, 0, 60)));
    return arena_printf(arena, "its way has %u sums", s->sums.nright);
}

static struct str words_of_final(const struct judge_seen *s, struct arena *arena)
{
    const struct final *f = &s->findings.final;
    if (f->mark == FINAL_NONE)
        return STR("it has no final answer");
    if (f->is_contradicted)
        return STR("it says two final answers that differ");
    return arena_printf(arena, "its final answer: %.*s",
                        STR_ARG(str_sub(f->text, 0, 40)));
}

static struct str words_of(enum judge_group g, const struct judge_case *c,
                           const struct judge_seen *s, struct arena *arena)
{
    switch (g) {
    case OF_OPINIONS:
        return words_of_opinions(s, arena);
    case OF_FINAL:
        return words_of_final(s, arena);
    case OF_TEXT:
        return words_of_text(s, arena);
    case OF_LOGPROBS:
        return STR("how sure the engine was of its tokens");
    case OF_VERDICT:
        return arena_printf(arena, "a judge model gives it %.2f", c->verdict);
    case OF_RULES:
        return s->findings.v[0].detail;
    default:
        return isnan(c->prompt_score) ? STR("the kind of question")
                                      : STR("what the router thinks of the question");
    }
}

static void add_part(struct judgement *j, double moved, struct str words)
{
    size_t at = j->nparts;
    if (fabs(moved) < LEAST_OF_WORTH)
        return;
    while (at > 0 && fabs(j->parts[at - 1].moved) < fabs(moved))
        at--;
    if (at == JUDGE_MAX_PARTS)
        return;
    if (j->nparts < JUDGE_MAX_PARTS)
        j->nparts++;
    memmove(&j->parts[at + 1], &j->parts[at], (j->nparts - 1 - at) * sizeof *j->parts);
    j->parts[at] = (struct judge_part){moved, words};
}

int judge_weighted(const struct judge_case *c, const double weights[FEATURE_COUNT],
                   struct arena *arena, struct judgement *ret)
{
    double v[FEATURE_COUNT], moved[OF_COUNT] = {0}, sum = 0;
    struct judge_seen seen;
    *ret = (struct judgement){.score = 1};
    if (judge_features(c, arena, v, &seen) < 0)
        return -1;
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        moved[judge_feature_groups[i]] += weights[i] * v[i];
    if (!isnan(c->prompt_score))
        moved[OF_PROMPT] +=
            PROMPT_WEIGHT * (logit(c->prompt_score) - logit(PROMPT_USUAL));
    if (!isnan(c->verdict))
        moved[OF_VERDICT] = VERDICT_WEIGHT * logit(c->verdict);
    moved[OF_LOGPROBS] = of_logprobs(&c->answers[0]);
    for (int g = 0; g < OF_RULES; g++)
        sum += moved[g];
    double before = logistic(sum);
    ret->score = before * usable(&seen.findings);
    if (ret->score < before)
        moved[OF_RULES] = logit(ret->score) - logit(before);
    ret->findings = seen.findings;
    ret->nopinions = seen.nopinions;
    ret->nagree = seen.nagree;
    ret->has_evidence = usable(&seen.findings) < 1 || seen.nopinions > 0 ||
                        !isnan(c->verdict) || c->answers[0].logprobs != NULL;
    for (int g = 0; g < OF_COUNT; g++)
        add_part(ret, moved[g], words_of((enum judge_group)g, c, &seen, arena));
    return arena->is_full ? -1 : 0;
}

int judge(const struct judge_case *c, struct arena *arena, struct judgement *ret)
{
    return judge_weighted(c, judge_weights, arena, ret);
}

bool judge_is_good(const struct judgement *j, double threshold)
{
    return j->score >= threshold || !j->has_evidence;
}

bool judge_wants_opinion(const struct judgement *j)
{
    return task_is_comparable(j->findings.task) && j->findings.final.mark != FINAL_NONE &&
           usable(&j->findings) == 1;
}

struct str judge_explain(const struct judgement *j, size_t n, struct arena *arena)
{
    struct str pieces[3 * JUDGE_MAX_PARTS];
    size_t np = 0;
    for (size_t i = 0; i < j->nparts; i++) {
        pieces[np++] = i ? STR("; ") : STR("");
        pieces[np++] = j->parts[i].moved < 0 ? STR("against it: ") : STR("for it: ");
        pieces[np++] = j->parts[i].words;
    }
    struct str line = arena_join(arena, pieces, np);
    char *p = line.p ? arena_raw(arena, line.n + 1) : NULL;
    size_t len = line.n < n ? line.n : n;
    if (!p)
        return (struct str){NULL, 0};
    /* One line of printable ASCII: what an answer says may be anything. */
    for (size_t i = 0; i < len; i++)
        p[i] = line.p[i] >= ' ' && line.p[i] < 0x7f ? line.p[i] : '?';
    return (struct str){p, len};
}
