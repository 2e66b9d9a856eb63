/* pilot.c -- `weir pilot`, and its part that is asked before anything is sent: can it
 * decide? */
#include "cmd/decide/pilot_place.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "cmd/lib/values.h"
#include "core/clock.h"
#include "ledger/ledger.h"
#include "ledger/period.h"
#include "pilot/power.h"

#include <math.h>

enum { RUNS = 1000, SEED = 1, DAY_MS = 86400000 };

static const struct command_option plan_options[] = {
    {"--margin", "POINTS",
     "The local side may be so many percentage points worse; default 5."},
    {"--days", "N", "So long; default 30."},
    {"--share", "PERCENT", "Of the requests, asked on both sides; default 10%."},
    {"--per-day", "N",
     "Requests a day, of which the share is taken; default what the ledger "
     "says."},
    {"--differ", "PERCENT",
     "Requests that one side answers well and the other does not; "
     "default 20%."},
    {"--judged", "PERCENT",
     "Requests that no check can decide, so that a judge and people do (weir pilot start "
     "--judge, --keep-pairs); default 0%."},
    {"--judge-wrong", "PERCENT", "Of these, those on which the judge errs; default 15%."},
    {"--keep-share", "PERCENT", "Of these, those that people look at; default 20%."},
    {"--power", "PERCENT",
     "How surely a local side that is as good is accepted; default "
     "80%."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
    OUTPUT_FORMS,
};

static const char plan_details[] =
    "A pilot asks a share of the requests on both sides and compares the answers. "
    "Whether\n"
    "that can decide depends on how many pairs it sees. This simulates 1,000 pilots that "
    "are\n"
    "looked at every day, by a test that may be: at most one in twenty accepts a local "
    "side\n"
    "that is worse than the margin.\n"
    "\n"
    "  weir pilot plan\n"
    "  weir pilot plan --margin 3 --days 60 --share 25% --per-day 400\n"
    "\n"
    "Exit codes: 0 it can decide, 1 it cannot in that time, 2 usage.";

struct counting {
    uint64_t n;
    struct ledger_period period;
};

static int count_row(void *ctx, const struct ledger_row *row)
{
    struct counting *c = ctx;
    if (row->outcome != OUTCOME_OK || row->open.surface == SURFACE_EMBEDDINGS)
        return 0;
    c->n++;
    ledger_period_take(&c->period, row->open.ts_ms);
    return 0;
}

/* Answered requests a day, by the ledger of the last 30 days. */
static int per_day_of_ledger(const struct options *o, double *ret, struct err *err)
{
    char dir[STATE_DIR_BYTES];
    struct counting c = {0};
    if (!state_dir_find(options_get(o, "--state-dir"), dir))
        return err_set(err, ERR_BAD_REQUEST, "state_dir", STATE_DIR_FAULT);
    uint64_t now = clock_wall_ms();
    const struct ledger_query q = {.state_dir = str_of(dir),
                                   .since_ms = ledger_before(now, 30 * (uint64_t)DAY_MS),
                                   .until_ms = now + 1};
    struct err ignored;
    if (ledger_read(&q, count_row, &c, &ignored) != 0 || c.n == 0)
        return err_set(err, ERR_BAD_REQUEST, "pilot_traffic",
                       "the ledger in %s does not say how many requests there are a day; "
                       "say it with --per-day",
                       dir);
    double days = ledger_period_days(&c.period);
    *ret = (double)c.n / (days > 1 ? days : 1);
    return 0;
}

struct asked {
    struct pilot_plan plan;
    double requests_per_day, share, power;
};

static int read_asked(const struct options *o, struct asked *a, struct err *err)
{
    double points = 5, requests = 0;
    uint64_t days = 30, share = 100000, differ = 200000, power = 800000;
    uint64_t judged = 0, judge_wrong = 150000, kept = 200000;
    if (value_double(o, "--margin", &points, err) < 0 ||
        value_u64(o, "--days", &days, err) < 0 ||
        value_percent(o, "--share", &share, err) < 0 ||
        value_percent(o, "--differ", &differ, err) < 0 ||
        value_percent(o, "--power", &power, err) < 0 ||
        value_percent(o, "--judged", &judged, err) < 0 ||
        value_percent(o, "--judge-wrong", &judge_wrong, err) < 0 ||
        value_percent(o, "--keep-share", &kept, err) < 0 ||
        value_double(o, "--per-day", &requests, err) < 0)
        return -1;
    if (!(points > 0 && points < 50) || days < 1 || days > 3650 || share == 0 ||
        differ == 0 || kept == 0 || power < 500000 || power > 990000)
        return err_set(
            err, ERR_BAD_REQUEST, "pilot_plan",
            "--margin is above 0 and below 50 points, --days 1 to 3650, --power "
            "50%% to 99%%, --share, --differ and --keep-share above 0");
    if (!options_has(o, "--per-day") && per_day_of_ledger(o, &requests, err) < 0)
        return -1;
    a->requests_per_day = requests;
    a->share = (double)share / 1e6;
    a->power = (double)power / 1e6;
    a->plan = (struct pilot_plan){.margin = points / 100,
                                  .alpha = .05,
                                  .split = (double)differ / 1e6,
                                  .per_day = (uint64_t)(requests * a->share + .5),
                                  .days = days,
                                  .judged = (double)judged / 1e6,
                                  .judge_wrong = (double)judge_wrong / 1e6,
                                  .kept = (double)kept / 1e6};
    if (a->plan.per_day == 0 || a->plan.per_day > 100000)
        return err_set(err, ERR_BAD_REQUEST, "pilot_plan",
                       "%.0f requests a day and a share of %.1f %% are %llu pairs a day; "
                       "there must be 1 to 100000",
                       requests, 100 * a->share, (unsigned long long)a->plan.per_day);
    return 0;
}

static void value(struct report *r, const char *key, const char *label, const char *text,
                  const char *figure, const char *unit)
{
    report_add(r, &(struct report_value){.key = key,
                                         .label = label,
                                         .text = text,
                                         .number = figure,
                                         .unit = unit,
                                         .truth = TRUTH_COMPUTED,
                                         .source = "1,000 simulated pilots",
                                         .date_days = REPORT_NO_DATE,
                                         .expires_days = REPORT_NO_DATE});
}

static double labels_of(const struct pilot_plan *p, uint64_t days)
{
    return (double)days * (double)p->per_day * p->judged * p->kept;
}

static int tell(const struct options *o, const struct asked *a)
{
    const struct pilot_plan *p = &a->plan;
    struct pilot_plan worse = *p;
    worse.truth = -p->margin;
    double power = pilot_power(p, RUNS, SEED), wrong = pilot_power(&worse, RUNS, SEED);
    uint64_t days = pilot_days(p, a->power, RUNS, SEED);
    double margin = pilot_margin(p, a->power, RUNS, SEED);
    bool can = power >= a->power;
    struct report *r = report_create("pilot plan", "Can a pilot decide?");
    if (!r)
        return EXIT_NO;
    if (can)
        report_answer(r,
                      "Yes: %llu days with %llu pairs a day decide a margin of %.1f "
                      "points with %.0f %% power.",
                      (unsigned long long)p->days, (unsigned long long)p->per_day,
                      100 * p->margin, 100 * power);
    else if (days)
        report_answer(r,
                      "Not in %llu days: with %llu pairs a day a margin of %.1f points "
                      "takes %llu days.",
                      (unsigned long long)p->days, (unsigned long long)p->per_day,
                      100 * p->margin, (unsigned long long)days);
    else
        report_answer(r,
                      "No: %llu pairs a day do not decide a margin of %.1f points in "
                      "%llu days either.",
                      (unsigned long long)p->per_day, 100 * p->margin,
                      10 * (unsigned long long)p->days);
    report_section(r, "plan", "The plan");
    value(r, "pairs_per_day", "Pairs a day",
          report_fmt(r, "%llu of %.0f requests", (unsigned long long)p->per_day,
                     a->requests_per_day),
          report_fmt(r, "%llu", (unsigned long long)p->per_day), "");
    value(r, "power", "Accepts a local side that is as good",
          report_fmt(r, "%.1f", 100 * power), report_fmt(r, "%.3f", power), "percent");
    value(r, "false_accepts", "Accepts one that is worse by the margin",
          report_fmt(r, "%.1f", 100 * wrong), report_fmt(r, "%.3f", wrong), "percent");
    value(r, "days_needed", "Days until the power is there",
          days ? report_fmt(r, "%llu", (unsigned long long)days) : "unknown",
          days ? report_fmt(r, "%llu", (unsigned long long)days) : NULL, "days");
    value(r, "margin_decided", "Least margin that these days decide",
          isnan(margin) ? "unknown" : report_fmt(r, "%.1f", 100 * margin),
          isnan(margin) ? NULL : report_fmt(r, "%.3f", margin), "points");
    if (p->judged > 0)
        value(r, "labels", "Pairs that people look at, until then",
              days ? report_fmt(r, "%.0f", labels_of(p, days)) : "unknown",
              days ? report_fmt(r, "%.0f", labels_of(p, days)) : NULL, "");
    report_text(
        r,
        "Taken for granted: pairs are independent, and the two sides differ on "
        "%.0f %% of them. The verdict may be looked at every day; \"undecided\" is "
        "one of its answers.",
        100 * p->split);
    return output_report(o, r, can ? EXIT_YES : EXIT_NO);
}

static int run_plan(int argc, char **argv);
const struct command pilot_plan_part = {
    .name = "pilot plan",
    .summary = "can so many days and requests decide?",
    .usage = "[options]",
    .details = plan_details,
    .options = plan_options,
    .noptions = ARRAY_LEN(plan_options),
    .run = run_plan,
    .of = &cmd_pilot,
};

static int run_plan(int argc, char **argv)
{
    static struct options o;
    struct asked a = {0};
    struct err err = {0};
    int rc;
    if (!options_read(&o, &pilot_plan_part, argc, argv, &rc))
        return rc;
    if (o.nwords)
        return options_fault(&pilot_plan_part, "'%s' is not an option", o.words[0]);
    return read_asked(&o, &a, &err) < 0 ? value_fault(&o, &err) : tell(&o, &a);
}

static const struct command *const pilot_parts[] = {&pilot_plan_part,  &pilot_start_part,
                                                    &pilot_label_part, &pilot_report_part,
                                                    &pilot_stop_part,  NULL};

const struct command cmd_pilot = {
    .name = "pilot",
    .summary =
        "can a share of the requests, asked on both sides, decide which is good enough?",
    .usage = "plan | start | label | report | stop [options]",
    .parts = pilot_parts,
};
