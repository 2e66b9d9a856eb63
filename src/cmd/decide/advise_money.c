/* advise_money.c -- see advise_money.h. */
#include "cmd/decide/advise_money.h"

#include "cmd/decide/plan_answer.h"
#include "cmd/lib/commands.h"

/* The mix of an article's example, five tokens read for one that is written. */
enum { INPUT_USUAL = 1000, OUTPUT_USUAL = 200, WORDS = 24 };

static const char *const usual_models[] = {ADVISE_CHEAP, ADVISE_DEAR};

#define TOKENS_MOST 1e15

struct money {
    const struct options *o;
    const struct facts *f;
    struct report *r;
    const struct answers *a;
    const struct advice_models *models;
};

struct line {
    char *argv[WORDS];
    int argc;
};

static void say_option(struct line *l, const char *name, const char *value)
{
    if (value && l->argc + 2 <= WORDS) {
        l->argv[l->argc++] = (char *)(uintptr_t)name;
        l->argv[l->argc++] = (char *)(uintptr_t)value;
    }
}

static const char *given_or(const struct options *o, const char *name, const char *usual)
{
    const char *given = options_get(o, name);
    return given ? given : usual;
}

/* Requests a month: as answered, or from the tokens at the usual mix. */
static void say_load(const struct money *m, struct line *l)
{
    double tokens = m->a->v[Q_TOKENS_MONTH].known ? m->a->v[Q_TOKENS_MONTH].number : 0;
    double requests = m->a->v[Q_REQUESTS_MONTH].known
                          ? m->a->v[Q_REQUESTS_MONTH].number
                          : tokens / (INPUT_USUAL + OUTPUT_USUAL);
    requests = requests < 1 ? 1 : requests > 1e9 ? 1e9 : requests;
    double each = tokens > 0 ? tokens / requests : INPUT_USUAL + OUTPUT_USUAL;
    each = each < 6 ? 6 : each > 100000 ? 100000 : each;
    double read = each * INPUT_USUAL / (INPUT_USUAL + OUTPUT_USUAL);
    say_option(l, "--requests-per-month", report_fmt(m->r, "%.0f", requests));
    say_option(l, "--input-tokens", report_fmt(m->r, "%.0f", read));
    say_option(l, "--output-tokens", report_fmt(m->r, "%.0f", each - read));
    if (m->a->v[Q_API_SPEND].known && m->a->v[Q_API_SPEND].number > 0)
        say_option(l, "--subscription",
                   report_fmt(m->r, "%.2f", m->a->v[Q_API_SPEND].number));
}

static int plan_against(const struct money *m, const char *model, struct plan_inputs *x,
                        struct plan_result *p, struct err *err)
{
    struct line l = {.argv = {(char *)(uintptr_t) "plan"}, .argc = 1};
    struct options o;
    int rc;
    say_option(&l, "--model", model);
    if (!m->models->is_here)
        say_option(&l, "--device", given_or(m->o, "--device", ADVISE_DEVICE));
    say_option(&l, "--local-model", given_or(m->o, "--local-model", m->models->local));
    say_option(&l, "--acceptance", options_get(m->o, "--acceptance"));
    say_option(&l, "--capex", options_get(m->o, "--capex"));
    say_load(m, &l);
    if (!options_read(&o, &cmd_plan, l.argc, l.argv, &rc))
        return err_set(err, ERR_INTERNAL, "bad_value", "weir plan does not know these");
    if (plan_inputs_read(&o, m->f, m->r, x, err) < 0)
        return -1;
    return plan_result_of(x, p, err);
}

static enum verdict verdict_of(const struct plan_inputs *x, const struct plan_result *p)
{
    if (!plan_local_runs(&x->local) || p->interval.ahead_high_nanousd < 0)
        return SAYS_API;
    return p->interval.ahead_low_nanousd > 0 ? SAYS_LOCAL : SAYS_HYBRID;
}

static void add_row(const struct money *m, const char *model, const struct plan_inputs *x,
                    const struct plan_result *p)
{
    const struct plan_interval *i = &p->interval;
    bool runs = plan_local_runs(&x->local);
    const char *cells[] = {
        m->a->v[Q_API_SPEND].known ? "your bill" : model,
        plan_money_about(x, m->r, p->plan.api_nanousd),
        runs ? report_fmt(m->r, "%s (%s to %s)",
                          plan_money_about(x, m->r, p->plan.ahead_nanousd),
                          plan_money_about(x, m->r, i->ahead_low_nanousd),
                          plan_money_about(x, m->r, i->ahead_high_nanousd))
             : "it does not run there",
        verdict_of(x, p) == SAYS_HYBRID ? "undecided" : verdict_name(verdict_of(x, p))};
    report_row(m->r, cells);
}

static const char *in_words(const struct money *m, const char *model,
                            const struct plan_inputs *x, const struct plan_result *p)
{
    int64_t low = p->interval.ahead_low_nanousd;
    int64_t high = p->interval.ahead_high_nanousd;
    const char *bill = plan_money_about(x, m->r, p->plan.api_nanousd);
    const char *what = m->a->v[Q_API_SPEND].known
                           ? report_fmt(m->r, "your bill of %s", bill)
                           : report_fmt(m->r, "%s of %s", bill, model);
    if (!plan_local_runs(&x->local))
        return report_fmt(m->r, "%s cannot do this work (weir plan says why)",
                          x->local_name);
    if (low > 0)
        return report_fmt(m->r, "local first saves %s to %s a month of %s",
                          plan_money_about(x, m->r, low), plan_money_about(x, m->r, high),
                          what);
    if (high < 0)
        return report_fmt(m->r, "local first costs %s to %s a month more than %s",
                          plan_money_about(x, m->r, -high),
                          plan_money_about(x, m->r, -low), what);
    return report_fmt(m->r, "local first costs from %s a month more to %s less than %s",
                      plan_money_about(x, m->r, -low), plan_money_about(x, m->r, high),
                      what);
}

/* Whoever names no model, and knows no bill, gets both ends. */
static int compute(const struct money *m, const char *const *models, size_t n,
                   enum verdict *ret, const char **ret_says, struct err *err)
{
    static const char *const columns[] = {"API", "costs a month", "local first saves",
                                          "computed"};
    const char *says = "The money, computed as weir plan does:";
    for (size_t i = 0; i < n; i++) {
        struct plan_inputs x;
        struct plan_result p;
        if (plan_against(m, models[i], &x, &p, err) < 0)
            return -1;
        if (i == 0) {
            report_section(m->r, "money", "The money, computed as weir plan does");
            report_table(m->r, "money", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                         report_fmt(m->r,
                                    "%s, 80 %% interval; 30 to 95 %% of answers "
                                    "accepted where nobody said how many",
                                    x.local_name),
                         REPORT_NO_DATE);
        }
        add_row(m, models[i], &x, &p);
        says = report_fmt(m->r, "%s%s %s", says, i ? ";" : "",
                          in_words(m, models[i], &x, &p));
        enum verdict v = verdict_of(&x, &p);
        *ret = i == 0 || *ret == v ? v : SAYS_HYBRID;
    }
    *ret_says = report_fmt(m->r, "%s.%s", says, n > 1 ? " Name yours with --model." : "");
    return 0;
}

int advise_money(const struct options *o, const struct facts *f, struct report *r,
                 const struct advice_models *models, struct answers *a,
                 const char **ret_says, struct err *err)
{
    struct money m = {o, f, r, a, models};
    const char *model = options_get(o, "--model");
    bool has_bill = a->v[Q_API_SPEND].known;
    if (!has_bill && !a->v[Q_TOKENS_MONTH].known)
        return 0;
    if (a->v[Q_TOKENS_MONTH].known && a->v[Q_TOKENS_MONTH].number > TOKENS_MOST)
        return err_set(err, ERR_CONFIG, "bad_answer",
                       "--tokens-month: is more than 10^15 tokens");
    if (has_bill && a->v[Q_API_SPEND].number > 1e8)
        return err_set(err, ERR_CONFIG, "bad_answer",
                       "--api-spend: is more than 100 million USD a month");
    if (has_bill && a->v[Q_API_SPEND].number <= 0) {
        a->money = SAYS_API; /* nothing is spent, so nothing can be saved */
        return 0;
    }
    if (model || has_bill) {
        const char *one[] = {model ? model : usual_models[0]};
        return compute(&m, one, 1, &a->money, ret_says, err);
    }
    return compute(&m, usual_models, ARRAY_LEN(usual_models), &a->money, ret_says, err);
}
