/* traits.c -- an answer as numbers. */
#include "judge/traits.h"

#include "judge/find.h"
#include "judge/rules.h"

#include <math.h>

#define NAME(name, group)  #name,
#define GROUP(name, group) group,
const char *const judge_feature_names[FEATURE_COUNT] = {JUDGE_FEATURES(NAME)};
const enum judge_group judge_feature_groups[FEATURE_COUNT] = {JUDGE_FEATURES(GROUP)};

static double within(double v, double limit)
{
    return v < -limit ? -limit : v > limit ? limit : v;
}

static double log_ratio(double n, double usual)
{
    return within(log((n + 1) / (usual + 1)), 2);
}

/* Who agrees with whom: the number that agree with the first, and the largest group
 * among the others. */
static int read_opinions(const struct judge_case *c, struct task_facts task,
                         struct arena *arena, struct judge_seen *seen)
{
    struct final f[JUDGE_MAX_ANSWERS];
    size_t n = c->nanswers < JUDGE_MAX_ANSWERS ? c->nanswers : JUDGE_MAX_ANSWERS;
    const struct final *own = &seen->findings.final;
    for (size_t i = 1; i < n; i++) {
        if (final_find(task, c->answers[i].text, arena, &f[i]) < 0)
            return -1;
        if (f[i].mark == FINAL_NONE)
            continue;
        seen->nopinions++;
        if (final_agree(own, &f[i])) {
            seen->nagree++;
            continue;
        }
        unsigned same = 1;
        for (size_t k = 1; k < i; k++)
            same += final_agree(&f[k], &f[i]);
        if (same > seen->nrivals) {
            seen->nrivals = same;
            seen->rival = f[i].text;
        }
    }
    return 0;
}

static void of_opinions(const struct judge_seen *s, double *v)
{
    unsigned against = s->nopinions - s->nagree;
    v[FEATURE_NO_OPINION] = s->nopinions == 0;
    v[FEATURE_AGREE] = s->nagree > 0;
    v[FEATURE_AGREE_MORE] = s->nagree > 1 ? within(s->nagree - 1, 3) : 0;
    v[FEATURE_DISAGREE] = against > 0;
    v[FEATURE_DISAGREE_MORE] = against > 1 ? within(against - 1, 3) : 0;
    v[FEATURE_RIVALS] = s->nrivals > 1;
}

static void of_final(const struct judge_seen *s, double *v)
{
    const struct final *f = &s->findings.final;
    v[FEATURE_FINAL_MISSING] = f->mark == FINAL_NONE;
    if (f->mark == FINAL_NONE)
        return;
    v[FEATURE_FINAL_FRACTION] = f->is_number && f->number != floor(f->number);
    v[FEATURE_FINAL_LENGTH] = log_ratio((double)f->text.n, 3);
}

int judge_features(const struct judge_case *c, struct arena *arena,
                   double v[FEATURE_COUNT], struct judge_seen *seen)
{
    const struct judge_answer *a = &c->answers[0];
    *seen = (struct judge_seen){0};
    memset(v, 0, FEATURE_COUNT * sizeof *v);
    struct task_facts task;
    if (rules_run(c->question, a, arena, &seen->findings, &task, &seen->sums) < 0)
        return -1;
    /* What was not seen in the question shows in the answer: \boxed{4}. */
    if (task.task == TASK_OPEN && seen->findings.final.mark != FINAL_NONE)
        seen->findings.task = task.task = TASK_NUMBER;
    seen->is_comparable = task_is_comparable(task.task) && !a->ncalls;
    v[FEATURE_ALWAYS] = 1;
    v[FEATURE_IS_NUMBER] = task.task == TASK_NUMBER;
    v[FEATURE_IS_LETTER] = task.task == TASK_LETTER;
    v[FEATURE_IS_LITERAL] = task.task == TASK_LITERAL;
    if (seen->is_comparable) {
        if (read_opinions(c, task, arena, seen) < 0)
            return -1;
        of_opinions(seen, v);
        of_final(seen, v);
    }
    v[FEATURE_SUMS_RIGHT] = log(1 + (double)seen->sums.nright);
    v[FEATURE_SUMS_WRONG] = log(1 + (double)seen->sums.nwrong);
    return 0;
}
