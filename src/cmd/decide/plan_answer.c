/* plan_answer.c -- see plan_answer.h. */
#include "cmd/decide/plan_answer.h"

#include "facts/date.h"
#include "facts/money.h"

int plan_result_of(const struct plan_inputs *x, struct plan_result *ret, struct err *err)
{
    if (plan_compute(&x->in, &ret->plan, err) < 0 ||
        plan_interval(&x->in, &x->ranges, &ret->interval, err) < 0 ||
        plan_flips(&x->in, &ret->flips, err) < 0)
        return -1;
    return 0;
}

const char *plan_months(struct report *r, struct payback p)
{
    if (p.kind == PAYBACK_NEVER)
        return "never";
    if (p.kind == PAYBACK_NOTHING_TO_PAY)
        return "at once";
    double months = (double)p.milli_months / 1000.0;
    if (months > 1200)
        return "over 1200";
    return report_fmt(r, months >= 99.95 ? "%.0f" : "%.1f", months);
}

static const char *model_of(const struct plan_inputs *x, struct report *r)
{
    return report_fmt(r, "%.*s", STR_ARG(x->in.price->model));
}

/* --- the money --- */

static const char *money_line(struct report *r, const struct plan_inputs *x,
                              const struct plan_result *p)
{
    const struct plan_interval *i = &p->interval;
    const char *bill = plan_money_about(x, r, p->plan.api_nanousd);
    int64_t ahead = p->plan.ahead_nanousd;
    if (i->ahead_low_nanousd > 0 && ahead > 0)
        return report_fmt(r,
                          "Local first: %s saves about %s a month (80 %% interval %s to "
                          "%s) of the %s that %s alone costs.",
                          x->local_name, plan_money_about(x, r, ahead),
                          plan_money_about(x, r, i->ahead_low_nanousd),
                          plan_money_about(x, r, i->ahead_high_nanousd), bill,
                          model_of(x, r));
    if (i->ahead_high_nanousd < 0 && ahead < 0)
        return report_fmt(r,
                          "API: %s alone costs %s a month; with %s first a month would "
                          "cost about %s more (80 %% interval %s to %s).",
                          model_of(x, r), bill, x->local_name,
                          plan_money_about(x, r, -ahead),
                          plan_money_about(x, r, -i->ahead_high_nanousd),
                          plan_money_about(x, r, -i->ahead_low_nanousd));
    return report_fmt(
        r,
        "Undecided: %s alone costs %s a month; with %s first a month costs "
        "from %s more to %s less (80 %% interval), by the figures as given %s %s.",
        model_of(x, r), bill, x->local_name,
        plan_money_about(x, r, -i->ahead_low_nanousd),
        plan_money_about(x, r, i->ahead_high_nanousd),
        plan_money_about(x, r, ahead < 0 ? -ahead : ahead), ahead < 0 ? "more" : "less");
}

static const char *payback_line(struct report *r, const struct plan_inputs *x,
                                const struct plan_result *p)
{
    const struct plan_interval *i = &p->interval;
    uint64_t spread = x->in.amortise_months;
    if (x->in.capex_nanousd - x->in.resale_nanousd <= 0)
        return "";
    const char *price = plan_money_about(x, r, x->in.capex_nanousd);
    if (p->plan.payback.kind == PAYBACK_NEVER)
        return report_fmt(r, " The purchase of %s is never paid back.", price);
    return report_fmt(r,
                      " The purchase of %s, spread over %llu months in these figures, is "
                      "paid back in %s months (80 %% interval %s to %s).",
                      price, (unsigned long long)spread, plan_months(r, p->plan.payback),
                      plan_months(r, i->low), plan_months(r, i->high));
}

/* --- what it assumes --- */

static const char *assumed_machine(struct report *r, const struct plan_inputs *x)
{
    const char *each = x->in.machines > 1 ? " all machines together" : "";
    if (x->is_rented)
        return report_fmt(r, "a rent of %s an hour%s, day and night",
                          plan_money(x, r, x->in.rent_nanousd_per_hour),
                          x->in.machines > 1 ? " for each machine" : "");
    if (x->in.capex_nanousd == 0)
        return "the machine costs nothing more";
    const char *price = plan_money_about(x, r, x->in.capex_nanousd);
    if (x->capex_truth == TRUTH_GIVEN)
        return report_fmt(r, "the machine costs %s%s", price, each);
    return report_fmt(r, "the machine costs its price at launch%s, %s%s",
                      x->pc_nanousd ? report_fmt(r, " and %s for the PC around it",
                                                 plan_money_about(x, r, x->pc_nanousd))
                                    : "",
                      price, each);
}

static const char *assumed_price(struct report *r, const struct plan_inputs *x,
                                 int64_t api_nanousd)
{
    const struct price *p = x->in.price;
    char day[DATE_TEXT];
    date_format(p->source_days, day);
    if (x->in.subscription_nanousd)
        return "the subscription ends for the share of people whom local answers serve";
    struct plan_sellers s;
    const char *cheaper = "";
    /* A tenth less is worth a word. */
    if (plan_other_sellers(x, &s) && s.low_nanousd < api_nanousd - api_nanousd / 10)
        cheaper =
            report_fmt(r, " (%.*s sells it for %s a month)", STR_ARG(s.low->provider),
                       plan_money_about(x, r, s.low_nanousd));
    return report_fmt(r, "%.*s's list price of %s stays%s%s", STR_ARG(p->provider), day,
                      x->is_price_stale ? " (nobody has looked at it since: STALE)" : "",
                      cheaper);
}

static const char *assumes_line(struct report *r, const struct plan_inputs *x,
                                const struct plan_result *p)
{
    const struct plan_input *in = &x->in;
    const char *accepted =
        x->acceptance_truth == TRUTH_GIVEN
            ? report_fmt(r, "%.4g %% of local answers are good enough",
                         (double)in->acceptance_ppm / 1e4)
            : report_fmt(
                  r, "%.0f to %.0f %% of local answers are good enough (%s)",
                  (double)x->accepted_low_ppm / 1e4, (double)x->accepted_high_ppm / 1e4,
                  x->is_same_model ? "the same model on both sides"
                                   : "UNKNOWN; compare them with weir pilot, then say "
                                     "--acceptance");
    const char *people = in->ops_milli_hours
                             ? report_fmt(r, "%.4g hours of people a month at %s",
                                          (double)in->ops_milli_hours / 1000.0,
                                          plan_money(x, r, in->wage_nanousd_per_hour))
                             : "nobody is paid to look after it (--ops-hours, --wage)";
    return report_fmt(r, "\nIt assumes: %s; %s; %s; %s.", accepted, people,
                      assumed_machine(r, x), assumed_price(r, x, p->plan.api_nanousd));
}

/* --- what turns it --- */

/* "488,416" */
static const char *counted(struct report *r, uint64_t n)
{
    char text[MONEY_TEXT];
    money_format((int64_t)(n > 2000000000 ? 2000000000 : n) * NANOUSD_PER_USD, 0, text);
    return report_fmt(r, "%s", text + 1);
}

static const char *price_turn(struct report *r, const struct plan_inputs *x,
                              const struct plan_result *p)
{
    uint64_t ppm = p->flips.api_ppm;
    if (ppm == 0 || p->plan.api_nanousd == 0)
        return "";
    const char *what = x->in.subscription_nanousd
                           ? "a subscription"
                           : report_fmt(r, "a price of %s", model_of(x, r));
    if (ppm < PPM)
        return report_fmt(r, "; %s that is %.0f %% lower", what,
                          100.0 - (double)ppm / 1e4);
    return report_fmt(r, "; %s that is %.3g times as high", what, (double)ppm / PPM);
}

static const char *volume_turn(struct report *r, const struct plan_inputs *x,
                               const struct plan_result *p)
{
    uint64_t at = p->flips.requests;
    if (at <= 1 || x->in.subscription_nanousd)
        return "";
    return report_fmt(r, "; %s than %s requests a month",
                      p->plan.ahead_nanousd > 0 ? "fewer" : "more", counted(r, at));
}

/* Another seller of the same model for whom local first would not pay. */
static const char *seller_turn(struct report *r, const struct plan_inputs *x,
                               const struct plan_result *p)
{
    struct plan_sellers s;
    if (x->is_provider_given || p->plan.ahead_nanousd <= 0 ||
        x->in.subscription_nanousd || !plan_other_sellers(x, &s) ||
        s.low_nanousd >= p->plan.local_nanousd)
        return "";
    return report_fmt(r, "; buying from %.*s, %s a month", STR_ARG(s.low->provider),
                      plan_money_about(x, r, s.low_nanousd));
}

static const char *turns_line(struct report *r, const struct plan_inputs *x,
                              const struct plan_result *p)
{
    const struct plan_flips *f = &p->flips;
    bool ahead = p->plan.ahead_nanousd > 0;
    const char *people = ahead ? report_fmt(r, "; more than %s a month for people",
                                            plan_money_about(x, r, f->people_nanousd))
                               : "";
    const char *others = report_fmt(r, "%s%s%s%s", seller_turn(r, x, p),
                                    volume_turn(r, x, p), people, price_turn(r, x, p));
    if (f->acceptance_ppm <= PPM)
        return report_fmt(
            r, "\nThe answer changes with: %s than %.3g %% of good answers%s.",
            ahead ? "fewer" : "more", (double)f->acceptance_ppm / 1e4, others);
    return report_fmt(r, "\nEven if all local answers are good it does not pay.%s%s%s",
                      others[0] ? " The answer changes with: " : "",
                      others[0] ? others + 2 : "", others[0] ? "." : "");
}

void plan_answer(struct report *r, const struct plan_inputs *x,
                 const struct plan_result *p)
{
    const char *busy =
        p->plan.machines_at_peak > x->in.machines
            ? report_fmt(r,
                         " In the busiest hour %llu machines would be needed: with %llu, "
                         "requests wait, or go to the API.",
                         (unsigned long long)p->plan.machines_at_peak,
                         (unsigned long long)x->in.machines)
            : "";
    const char *spills =
        x->local.fault == RUN_SPILLS
            ? " A part of the model stays in main memory, which makes it "
              "slow."
            : "";
    report_answer(r, "%s%s%s%s%s%s", money_line(r, x, p), payback_line(r, x, p), busy,
                  spills, assumes_line(r, x, p), turns_line(r, x, p));
}

void plan_answer_fault(struct report *r, const struct plan_inputs *x,
                       const struct plan_result *p)
{
    const struct plan_local *l = &x->local;
    const char *what = "";
    if (l->fault == RUN_NO_MEMORY)
        what = report_fmt(r,
                          "%s does not fit: it needs %.1f GB for these requests, and the "
                          "machine lends a model %.1f GB%s. %s",
                          x->local_name, (double)l->run.memory.need.total / 1e9,
                          (double)l->run.memory.usable / 1e9,
                          l->device->is_unified || l->device->kind == DEVICE_CPU
                              ? ""
                              : report_fmt(r, " and %.0f GB of main memory",
                                           l->fitting.machine.ram_gb * 0.8),
                          plan_local_remedy(l, &x->in, r));
    else if (l->fault == RUN_LONG_PROMPT)
        what = report_fmt(
            r,
            "%.*s reads %llu tokens, and these requests have %llu with the answer: "
            "name a model with a longer context.",
            STR_ARG(l->model->id), (unsigned long long)l->model->context,
            (unsigned long long)(x->in.per_request.input + x->in.per_request.output));
    else
        what = report_fmt(
            r,
            "%s writes about %.1f tokens a second: people read faster than that, and "
            "give up. It would do for requests that may wait (--batch-share 100).",
            x->local_name, (double)x->in.decode_milli_tok_s / 1000.0);
    report_answer(r, "Not like this. %s\nUntil then the API: %s costs %s a month.", what,
                  model_of(x, r), plan_money_about(x, r, p->plan.api_nanousd));
}
