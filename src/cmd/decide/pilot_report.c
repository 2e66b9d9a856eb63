/* pilot_report.c -- `weir pilot report`: what a pilot has found, at any time. */
#include "cmd/decide/pilot_figures.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "core/clock.h"
#include "facts/money.h"

#include <math.h>
#include <string.h>

/* A verdict must not be taken for an error: 1 is "no", and nothing else. */
enum { EXIT_GO_ON = 3, EXIT_NO_PILOT = 4 };

static const struct command_option report_options[] = {PILOT_PLACE_OPTIONS, OUTPUT_FORMS};

static const char report_details[] =
    "May be asked at any time and as often as you like: the verdict is always valid. "
    "Accept:\n"
    "the local side is at most so much worse as --margin says; reject: it is worse than "
    "that;\n"
    "go on: nobody can say yet. At most one pilot in twenty accepts, or rejects, "
    "wrongly.\n"
    "\n"
    "  weir pilot report\n"
    "  weir pilot report --json -c weir.yaml && echo switch\n"
    "\n"
    "Exit codes: 0 accept, 1 reject, 2 usage, 3 go on, 4 there is no pilot, or its "
    "files\n"
    "cannot be read.";

static const char verdict_of_pairs[] = "the pilot's pairs, by a test that may be looked "
                                       "at every day";

/* -- values ----------------------------------------------------------------------------
 */

static void value(struct report *r, const char *key, const char *label, const char *text,
                  const char *number, const char *unit)
{
    report_add(r, &(struct report_value){.key = key,
                                         .label = label,
                                         .text = text,
                                         .number = number,
                                         .unit = unit,
                                         .truth = TRUTH_MEASURED,
                                         .source = verdict_of_pairs,
                                         .date_days = REPORT_NO_DATE,
                                         .expires_days = REPORT_NO_DATE});
}

static void count(struct report *r, const char *key, const char *label, uint64_t n)
{
    const char *text = report_fmt(r, "%llu", (unsigned long long)n);
    value(r, key, label, text, text, "");
}

static const char *points(struct report *r, double v)
{
    return isnan(v) ? "unknown" : report_fmt(r, "%+.0f", 100 * v);
}

static const char *usd(struct report *r, int64_t nanousd, unsigned places)
{
    char text[MONEY_TEXT];
    money_format(nanousd, places, text);
    return report_fmt(r, "%s", text);
}

static void money(struct report *r, const char *key, const char *label, double amount,
                  const char *unit)
{
    value(r, key, label,
          isnan(amount) ? "unknown"
                        : usd(r, (int64_t)(amount * 1e9), fabs(amount) < 1 ? 6 : 2),
          isnan(amount) ? NULL : report_fmt(r, "%.9f", amount), unit);
}

static void time_value(struct report *r, const char *key, const char *label,
                       struct sample *s)
{
    double p50 = s->n ? sample_quantile(s, .5) : NAN;
    value(r, key, label, isnan(p50) ? "unknown" : report_fmt(r, "%.0f", p50),
          isnan(p50) ? NULL : report_fmt(r, "%.0f", p50), "ms");
}

/* -- the verdict -----------------------------------------------------------------------
 */

static const char *word_of(enum verdict_of_pilot v)
{
    static const char *const words[] = {"go on", "accept", "reject"};
    return words[v];
}

static const char *why_ended(const struct pilot_place *p, uint64_t now_ms)
{
    static const struct {
        const char *why, *words;
    } rows[] = {{"accepted", "it has accepted"},
                {"rejected", "it has rejected"},
                {"stopped", "weir pilot stop ended it"},
                {"days", "its days are over"},
                {"money", "--max-usd does not suffice for another request"},
                {"kept", "--keep-pairs are kept"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(p->story.ended_why, rows[i].why) == 0)
            return rows[i].words;
    return p->is_stopped                             ? rows[2].words
           : now_ms >= pilot_terms_end_ms(&p->terms) ? rows[3].words
                                                     : NULL;
}

static void answer(struct report *r, const struct pilot_place *p,
                   const struct pilot_figures *f, enum verdict_of_pilot v, bool is_over)
{
    double margin = 100 * p->terms.margin;
    const char *local = p->terms.to_cloud ? "the local side" : p->terms.to;
    if (v == PILOT_ACCEPT)
        report_answer(r, "Accept: %s is at most %.1f points worse.", local, margin);
    else if (v == PILOT_REJECT)
        report_answer(r, "Reject: %s is more than %.1f points worse.", local, margin);
    else if (is_over)
        report_answer(r,
                      "Undecided, and over: %zu pairs do not say whether %s is at most "
                      "%.1f points worse.",
                      f->npairs, local, margin);
    else
        report_answer(r,
                      "Go on: %zu pairs do not say yet whether %s is at most %.1f points "
                      "worse.",
                      f->npairs, local, margin);
}

static void tell_verdict(struct report *r, const struct pilot_place *p,
                         const struct pilot_figures *f, enum verdict_of_pilot v,
                         uint64_t now_ms)
{
    double low, high, mean;
    const char *why = why_ended(p, now_ms);
    pilot_book_interval(&p->story.book, 0, &low, &high, &mean);
    report_section(r, "verdict", "The verdict");
    value(r, "verdict", "Verdict", word_of(v), NULL, "");
    value(r, "difference", "The local side is better by",
          isnan(mean) ? "unknown" : report_fmt(r, "%s points", points(r, mean)),
          isnan(mean) ? NULL : report_fmt(r, "%.4f", mean), "");
    value(r, "difference_low", "... at least", report_fmt(r, "%s points", points(r, low)),
          report_fmt(r, "%.2f", low), "");
    value(r, "difference_high", "... at most",
          report_fmt(r, "%s points", points(r, high)), report_fmt(r, "%.2f", high), "");
    value(r, "days_run", "It has run", report_fmt(r, "%.1f", f->days),
          report_fmt(r, "%.2f", f->days), "days");
    value(r, "running", "It runs", why ? report_fmt(r, "no: %s", why) : "yes",
          why ? "0" : "1", "");
    if (v == PILOT_UNDECIDED && !why)
        value(r, "days_left", "Days more, at this pace",
              isnan(f->days_left) ? "unknown" : report_fmt(r, "%.1f", f->days_left),
              isnan(f->days_left) ? NULL : report_fmt(r, "%.2f", f->days_left), "days");
}

/* -- what it is made of -----------------------------------------------------------------
 */

static void tell_pairs(struct report *r, const struct pilot_place *p,
                       const struct pilot_figures *f)
{
    const struct pilot_book *b = &p->story.book;
    size_t unknown = f->of_check[PILOT_UNKNOWN];
    report_section(r, "pairs", "The pairs");
    count(r, "pairs", "Compared", f->npairs);
    count(r, "counted", "... that count so far", pilot_book_counted(b, 0));
    value(r, "unknown", "... that nobody could compare",
          report_fmt(r, "%zu (%.0f %%)", unknown,
                     f->npairs ? 100.0 * (double)unknown / (double)f->npairs : 0),
          report_fmt(r, "%zu", unknown), "");
    count(r, "lost", "Mirrors that made no pair", p->story.nlost);
    for (unsigned c = PILOT_RULES; c < PILOT_CHECKS; c++)
        if (f->of_check[c])
            count(r, report_fmt(r, "by_%s", pilot_check_name((enum pilot_check)c)),
                  report_fmt(r, "Decided by: %s", pilot_check_name((enum pilot_check)c)),
                  f->of_check[c]);
    if (p->terms.keep) {
        count(r, "kept", "Kept for people", p->story.nkept);
        count(r, "labels", "... that have a label", p->story.nlabels);
        value(r, "judge_right", "The judge said the same as people",
              f->nchecked ? report_fmt(r, "%zu of %zu", f->nright, f->nchecked)
                          : "unknown",
              f->nchecked ? report_fmt(r, "%.3f", (double)f->nright / (double)f->nchecked)
                          : NULL,
              "");
    }
    if (unknown)
        report_text(r, "What nobody could compare counts against both verdicts. With "
                       "--keep-pairs people can say, and with --judge a model.");
    if (f->nwaiting)
        report_text(r,
                    "%zu kept pairs wait for a label, and pairs count in the order in "
                    "which they came: weir pilot label.",
                    f->nwaiting);
}

static void tell_tasks(struct report *r, const struct pilot_place *p,
                       const struct pilot_figures *f)
{
    static const char *const columns[] = {"task", "pairs", "verdict", "at least",
                                          "at most"};
    double low, high, mean;
    report_section(r, "tasks", "By task");
    report_table(r, "tasks", columns, ARRAY_LEN(columns), TRUTH_MEASURED,
                 verdict_of_pairs, REPORT_NO_DATE);
    for (unsigned t = 0; t < PILOT_TASKS; t++) {
        if (!f->of_task[t])
            continue;
        pilot_book_interval(&p->story.book, 1 + t, &low, &high, &mean);
        const char *cells[] = {pilot_task_name(t), report_fmt(r, "%zu", f->of_task[t]),
                               word_of(pilot_book_verdict(&p->story.book, 1 + t)),
                               points(r, low), points(r, high)};
        report_row(r, cells);
    }
    report_text(r,
                "Each of the %d kinds of task is tested at %.0f %% / %d (Bonferroni), so "
                "that all of these verdicts together are right with %.0f %%.",
                PILOT_TASKS, 100 * PILOT_ALPHA, PILOT_TASKS, 100 * (1 - PILOT_ALPHA));
}

static double each(const struct pilot_side *s)
{
    return s->npriced ? (double)s->nanousd * 1e-9 / (double)s->npriced : NAN;
}

static void tell_costs(struct report *r, const struct pilot_place *p,
                       struct pilot_figures *f)
{
    const struct pilot_month *m = &f->month;
    bool to_cloud = p->terms.to_cloud;
    report_section(r, "costs", "What it costs");
    money(r, "spent", "Spent by the pilot", (double)p->story.spent_nanousd * 1e-9, "USD");
    money(r, "max", "... of at most", (double)p->terms.max_nanousd * 1e-9, "USD");
    money(r, "cloud_each", "A cloud answer of a pair", each(&f->other), "USD");
    money(r, "local_each", "A local one, without electricity", each(&f->local), "USD");
    time_value(r, "local_ttft", "Time to first token, local", &f->local.ttft_ms);
    time_value(r, "cloud_ttft", "Time to first token, cloud", &f->other.ttft_ms);
    money(r, "saving_month",
          to_cloud ? "What staying local saves a month" : "What the switch saves a month",
          m->is_known ? m->usd : NAN, "USD/month");
    if (m->is_known)
        report_text(r,
                    "By %.1f days of the ledger: %llu requests a month that %s. Nothing "
                    "is taken off for electricity%s.",
                    m->days, (unsigned long long)m->requests,
                    to_cloud ? "stay local, at what the mirrors cost each"
                             : "the cloud answers, at what they cost",
                    m->unknown ? report_fmt(r, "; the cost of %llu is unknown",
                                            (unsigned long long)m->unknown)
                               : "");
}

static int tell(const struct options *o, const struct pilot_place *p,
                struct pilot_figures *f, uint64_t now_ms)
{
    enum verdict_of_pilot v = pilot_book_verdict(&p->story.book, 0);
    struct report *r = report_create("pilot report", "What a pilot has found");
    if (!r)
        return EXIT_NO_PILOT;
    answer(r, p, f, v, why_ended(p, now_ms) != NULL);
    tell_verdict(r, p, f, v, now_ms);
    tell_pairs(r, p, f);
    tell_tasks(r, p, f);
    tell_costs(r, p, f);
    int code = v == PILOT_ACCEPT ? EXIT_YES : v == PILOT_REJECT ? EXIT_NO : EXIT_GO_ON;
    return output_report(o, r, code) == code ? code : EXIT_NO_PILOT;
}

static int run_report(int argc, char **argv)
{
    static struct options o;
    static struct pilot_place p;
    static struct pilot_figures f;
    struct err err = {0};
    uint64_t now_ms = clock_wall_ms();
    int rc;
    if (!options_read(&o, &pilot_report_part, argc, argv, &rc))
        return rc;
    if (o.nwords)
        return options_fault(&pilot_report_part, "'%s' is not an option", o.words[0]);
    rc = pilot_place_open(&o, &p);
    if (rc != EXIT_YES)
        return rc == EXIT_USAGE ? rc : EXIT_NO_PILOT;
    rc = EXIT_NO_PILOT;
    if (pilot_figures_of(&p, now_ms, &f, &err) < 0)
        fprintf(stderr, "weir pilot report: %s\n", err.msg);
    else
        rc = tell(&o, &p, &f, now_ms);
    pilot_figures_release(&f);
    pilot_place_close(&p);
    return rc;
}

const struct command pilot_report_part = {
    .name = "pilot report",
    .summary = "accept, reject or go on, and what the switch would save",
    .usage = "[-c weir.yaml] [--json]",
    .details = report_details,
    .options = report_options,
    .noptions = ARRAY_LEN(report_options),
    .run = run_report,
    .of = &cmd_pilot,
};
