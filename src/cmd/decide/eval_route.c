/* eval_route.c -- each policy as an order of prompts, measured and drawn. */
#include "cmd/decide/eval_route.h"

#include "cmd/decide/eval_learn.h"
#include "cmd/decide/figures.h"
#include "cmd/decide/prompt_lines.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/files.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "core/mem.h"
#include "eval/apgr.h"
#include "eval/calibrated.h"
#include "route/calibrate.h"
#include "route/policy.h"
#include "route/train/fit.h"
#include "json/write.h"

#include <math.h>
#include <stdlib.h>

enum { CALIBRATED_ON = 500, MAX_WEIGHTS_BYTES = 4 * 1024 * 1024, HARD_BYTES = 16000 };

/* The orders that are compared.  The policies that do not look at the prompt are no
 * orders: for what goes to the cloud they are chance. */
enum order { BY_LEARNED, BY_COMPLEXITY, BY_LENGTH_KEYWORD, BY_LENGTH, BY_ORACLE, ORDERS };
static const char *const order_names[ORDERS] = {"learned", "complexity", "length-keyword",
                                                "length", "oracle"};

struct evaluation {
    const char *path;
    size_t n;
    struct eval_pair *pairs;
    double *score[ORDERS];
    double *suffices; /* P, of learned */
    double *us;       /* microseconds of a decision */
    struct eval_figures f[ORDERS];
    double random, se, error_to_length, ece, ece_500;
    double share_off; /* largest distance of a realised share from the asked one */
};

static void evaluation_free(struct evaluation *e)
{
    mem_free(e->pairs);
    for (size_t k = 0; k < ORDERS; k++)
        mem_free(e->score[k]);
    mem_free(e->suffices);
    mem_free(e->us);
}

static bool evaluation_init(struct evaluation *e, size_t n)
{
    *e = (struct evaluation){.n = n};
    e->pairs = mem_alloc(n * sizeof *e->pairs);
    e->suffices = mem_alloc(n * sizeof *e->suffices);
    e->us = mem_alloc(n * sizeof *e->us);
    bool ok = e->pairs && e->suffices && e->us;
    for (size_t k = 0; k < ORDERS; k++)
        ok = (e->score[k] = mem_alloc(n * sizeof *e->score[k])) != NULL && ok;
    return ok;
}

/* -- scores ------------------------------------------------------------------------- */

static void score_line(struct evaluation *e, size_t i, const struct prompt_line *p,
                       const struct router *r)
{
    struct router_score s;
    enum complexity c = complexity_of(p->prompt);
    router_read(r, p->prompt, &s); /* the first time may wait for memory */
    double from = figures_now_us();
    router_read(r, p->prompt, &s);
    e->us[i] = figures_now_us() - from;
    e->pairs[i] = (struct eval_pair){p->local, p->cloud, eval_tie(p->id)};
    e->score[BY_LEARNED][i] = (double)s.gap;
    e->suffices[i] = (double)s.suffices;
    e->score[BY_COMPLEXITY][i] = c;
    e->score[BY_LENGTH_KEYWORD][i] =
        c == COMPLEXITY_COMPLEX || p->prompt.n > HARD_BYTES; /* about 4,000 tokens */
    e->score[BY_LENGTH][i] = eval_length(p->prompt);
    e->score[BY_ORACLE][i] = p->cloud - p->local;
}

static bool is_enough(const struct eval_pair *p)
{
    return p->local >= p->cloud;
}

static double ece_of(const struct evaluation *e, const double *stated, const uint32_t *at,
                     size_t n)
{
    bool *came = mem_alloc((n + 1) * sizeof *came);
    double *said = mem_alloc((n + 1) * sizeof *said);
    double ret = NAN;
    for (size_t i = 0; came && said && i < n; i++) {
        came[i] = is_enough(&e->pairs[at[i]]);
        said[i] = stated[at[i]];
    }
    if (came && said)
        ret = eval_ece(said, came, n);
    mem_free(came);
    mem_free(said);
    return ret;
}

static double knots_at(const struct router_knot *k, uint32_t n, double x)
{
    uint32_t i = 0;
    if (x <= (double)k[0].x)
        return (double)k[0].p;
    while (i + 1 < n && (double)k[i + 1].x <= x)
        i++;
    if (i + 1 == n)
        return (double)k[i].p;
    double t = (x - (double)k[i].x) / (double)(k[i + 1].x - k[i].x);
    return (double)k[i].p + t * (double)(k[i + 1].p - k[i].p);
}

static int by_tie(const void *pa, const void *pb, void *ctx)
{
    const struct eval_pair *pairs = ctx;
    uint64_t a = pairs[*(const uint32_t *)pa].tie, b = pairs[*(const uint32_t *)pb].tie;
    return a < b ? -1 : a > b;
}

/* 500 outcomes, as a gateway would have seen them, make a table; the others say how well
 * it holds. */
static double ece_after(const struct evaluation *e, uint32_t *at)
{
    struct router_knot knots[ROUTER_KNOTS];
    double x[CALIBRATED_ON], y[CALIBRATED_ON];
    const double *p = e->suffices;
    if (e->n < 2 * CALIBRATED_ON)
        return NAN;
    qsort_r(at, e->n, sizeof *at, by_tie, e->pairs);
    for (size_t i = 1; i < CALIBRATED_ON; i++) /* by what was stated */
        for (size_t k = i; k > 0 && p[at[k]] < p[at[k - 1]]; k--) {
            uint32_t was = at[k];
            at[k] = at[k - 1];
            at[k - 1] = was;
        }
    for (size_t i = 0; i < CALIBRATED_ON; i++) {
        x[i] = p[at[i]];
        y[i] = is_enough(&e->pairs[at[i]]);
    }
    uint32_t n = fit_rising(x, y, CALIBRATED_ON, knots);
    double *stated = mem_alloc(e->n * sizeof *stated);
    if (!stated)
        return NAN;
    for (size_t i = 0; i < e->n; i++)
        stated[i] = knots_at(knots, n, p[i]);
    double ret = ece_of(e, stated, at + CALIBRATED_ON, e->n - CALIBRATED_ON);
    mem_free(stated);
    return ret;
}

static int measure_errors(struct evaluation *e, struct err *err)
{
    uint32_t *learned = eval_order(e->pairs, e->score[BY_LEARNED], e->n);
    uint32_t *length = eval_order(e->pairs, e->score[BY_LENGTH], e->n);
    int rc = learned && length ? 0 : err_nomem(err);
    if (rc == 0)
        rc = eval_error(e->pairs, learned, NULL, e->n, &e->se, err);
    if (rc == 0)
        rc = eval_error(e->pairs, learned, length, e->n, &e->error_to_length, err);
    if (rc == 0) {
        e->ece = ece_of(e, e->suffices, length, e->n);
        e->ece_500 = ece_after(e, length);
    }
    mem_free(learned);
    mem_free(length);
    return rc;
}

/* The lines come as requests would, in the order of their ids' hashes, to a calibration
 * that knows nothing: how far is what goes from 10, 20, .. 90 percent? */
static int replay(struct evaluation *e, const struct router *r, struct err *err)
{
    struct calibration *c = mem_new(struct calibration);
    uint32_t *at = mem_alloc(e->n * sizeof *at);
    for (size_t i = 0; at && i < e->n; i++)
        at[i] = (uint32_t)i;
    if (at)
        qsort_r(at, e->n, sizeof *at, by_tie, e->pairs);
    e->share_off = 0;
    for (int tenth = 1; c && at && tenth < 10; tenth++) {
        const struct goal goal = {GOAL_SHARE, tenth / 10.0};
        double sent = 0;
        calibration_reset(c);
        for (size_t i = 0; i < e->n; i++) {
            const struct router_score s = {.gap = (float)e->score[BY_LEARNED][at[i]],
                                           .suffices = (float)e->suffices[at[i]]};
            sent += s.gap >= calibration_decide(c, r, &s, &goal, -1, i + 1);
        }
        e->share_off = fmax(e->share_off, fabs(sent / (double)e->n - goal.value));
    }
    int rc = c && at ? 0 : err_nomem(err);
    mem_free(c);
    mem_free(at);
    return rc;
}

static int measure(struct evaluation *e, const struct prompt_lines *l,
                   const struct router *r, struct err *err)
{
    if (!evaluation_init(e, l->n))
        return err_nomem(err);
    for (size_t i = 0; i < l->n; i++)
        score_line(e, i, &l->v[i], r);
    for (size_t k = 0; k < ORDERS; k++)
        if (eval_scores(e->pairs, e->score[k], e->n, &e->f[k], err) < 0)
            return -1;
    if (eval_random(e->pairs, e->n, &e->random, err) < 0)
        return -1;
    if (replay(e, r, err) < 0)
        return -1;
    return measure_errors(e, err);
}

static int by_size(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    return a < b ? -1 : a > b;
}

/* -- showing ------------------------------------------------------------------------ */

static void write_number(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    json_double(w, v);
}

static int print_json(const struct evaluation *e)
{
    const struct eval_figures *f = &e->f[BY_LEARNED];
    struct json_writer w;
    struct buf out;
    buf_init(&out, 64 * 1024);
    json_writer_init(&w, &out);
    json_object_open(&w);
    json_key(&w, "file");
    json_str(&w, str_of(e->path));
    json_key(&w, "n");
    json_u64(&w, e->n);
    write_number(&w, "apgr", f->apgr);
    write_number(&w, "cpt50", f->cpt50);
    write_number(&w, "cpt80", f->cpt80);
    write_number(&w, "share95", f->share95);
    write_number(&w, "oracle", e->f[BY_ORACLE].apgr);
    write_number(&w, "random", e->random);
    write_number(&w, "length", e->f[BY_LENGTH].apgr);
    write_number(&w, "ece", e->ece);
    write_number(&w, "us_p50", e->us[e->n / 2]);
    write_number(&w, "us_p99", e->us[e->n * 99 / 100]);
    write_number(&w, "se", e->se);
    write_number(&w, "error_to_length", e->error_to_length);
    write_number(&w, "ece_500", e->ece_500);
    write_number(&w, "share_off", e->share_off);
    write_number(&w, "local", f->local);
    write_number(&w, "cloud", f->cloud);
    json_key(&w, "policies");
    json_object_open(&w);
    for (size_t k = 0; k < BY_LENGTH; k++)
        write_number(&w, order_names[k], e->f[k].apgr);
    json_object_close(&w);
    json_object_close(&w);
    return figures_print_json(&out);
}

/* In the report's memory. */
static const char *figure(struct report *r, int decimals, double v, const char *unit)
{
    char room[FIGURE_TEXT];
    return report_fmt(r, "%s", figure_text(room, decimals, v, unit));
}

static void add_rows(struct report *r, const struct evaluation *e)
{
    static const char *const columns[] = {"goes to the cloud by", "APGR", "CPT 50",
                                          "CPT 80", "share 95"};
    report_table(r, "policies", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                 "RouteLLM's definitions, on the given scores", REPORT_NO_DATE);
    for (size_t k = 0; k < ORDERS; k++) {
        const struct eval_figures *f = &e->f[k];
        const char *cells[] = {order_names[k], figure(r, 3, f->apgr, ""),
                               figure(r, 1, f->cpt50, " %"), figure(r, 1, f->cpt80, " %"),
                               figure(r, 1, f->share95, " %")};
        report_row(r, cells);
    }
    const char *chance[] = {"chance", figure(r, 3, e->random, ""), "", "", ""};
    report_row(r, chance);
    report_text(r,
                "oracle sees both answers: the most that an order can reach. The "
                "policies local-first, local-only, cloud-only, seed-table and deadline "
                "do not look at the prompt: as an order they are chance.");
}

static void add_value(struct report *r, const char *key, const char *label, int decimals,
                      double v, enum truth truth, const char *source)
{
    struct report_value value = {
        .key = key,
        .label = label,
        .text = figure(r, decimals, v, ""),
        .number = isfinite(v) ? report_fmt(r, "%.6g", v) : NULL,
        .unit = "",
        .truth = truth,
        .source = source,
        .date_days = REPORT_NO_DATE,
        .expires_days = REPORT_NO_DATE,
    };
    report_add(r, &value);
}

static void add_chart(struct report *r, const struct evaluation *e, const char *id,
                      const char *title, const enum order *orders, size_t n)
{
    double x[REPORT_SERIES][EVAL_POINTS], y[REPORT_SERIES][EVAL_POINTS];
    struct report_chart c = {.id = id,
                             .title = title,
                             .x_label = "percent of the prompts that go to the cloud",
                             .y_label = "mean score of the answers",
                             .mark_x = NAN};
    for (size_t k = 0; k < n; k++) {
        const struct eval_figures *f = &e->f[orders[k] < ORDERS ? orders[k] : 0];
        for (size_t i = 0; i < EVAL_POINTS; i++) {
            x[k][i] = 100 * f->curve[i].share;
            y[k][i] = orders[k] < ORDERS
                          ? f->curve[i].quality
                          : f->local + f->curve[i].share * (f->cloud - f->local);
        }
        c.series[k] = (struct report_series){
            .name = orders[k] < ORDERS ? order_names[orders[k]] : "chance",
            .x = x[k],
            .y = y[k],
            .n = EVAL_POINTS};
    }
    c.nseries = n;
    report_chart(r, &c);
}

static void add_answer(struct report *r, const struct evaluation *e)
{
    const struct eval_figures *f = &e->f[BY_LEARNED];
    double by = f->apgr - e->f[BY_LENGTH].apgr;
    if (e->n < 2)
        report_answer(r, "One prompt has no order: nothing can be said. A few hundred "
                         "prompts tell something.");
    else if (!isfinite(f->apgr))
        report_answer(r, "Both sides are equally good on average: there is nothing that "
                         "routing could gain.");
    else if (f->local > f->cloud)
        report_answer(
            r,
            "Your local model is the better one here (%.3f beside %.3f): there "
            "is nothing to buy. Below, what sends most to the cloud loses most, "
            "so APGR is the better the lower it is.",
            f->local, f->cloud);
    else
        report_answer(
            r,
            "learned: APGR %.3f (standard error %s); chance 0.5, length %.3f, the most "
            "%.3f. It is %s length alone.",
            f->apgr, figure(r, 3, e->se, ""), e->f[BY_LENGTH].apgr, e->f[BY_ORACLE].apgr,
            by > e->error_to_length    ? "better than"
            : by < -e->error_to_length ? "worse than"
                                       : "no better and no worse than");
}

static int print_report(const struct options *o, const struct evaluation *e)
{
    static const enum order first[] = {BY_LEARNED, BY_ORACLE, BY_LENGTH, ORDERS};
    static const enum order second[] = {BY_LEARNED, BY_COMPLEXITY, BY_LENGTH_KEYWORD,
                                        ORDERS};
    const char *given = "the lines of the file";
    char title[160];
    snprintf(title, sizeof title, "What routing is worth on the prompts of %s", e->path);
    struct report *r = report_create("eval route", title);
    if (!r) {
        fprintf(stderr, "weir eval route: out of memory\n");
        return EXIT_NO;
    }
    add_answer(r, e);
    report_section(r, "figures", "Figures");
    add_value(r, "n", "prompts", 0, (double)e->n, TRUTH_GIVEN, given);
    add_value(r, "local", "mean score, all local", 3, e->f[0].local, TRUTH_GIVEN, given);
    add_value(r, "cloud", "mean score, all cloud", 3, e->f[0].cloud, TRUTH_GIVEN, given);
    add_rows(r, e);
    add_value(r, "ece", "calibration error as built in", 3, e->ece, TRUTH_COMPUTED,
              "ten bins of equal width");
    add_value(r, "ece_500", "calibration error after 500 outcomes", 3, e->ece_500,
              TRUTH_COMPUTED, "the other lines");
    add_value(r, "share_off", "asked share against realised, at most", 3, e->share_off,
              TRUTH_COMPUTED, "these lines, replayed for 10 to 90 %");
    add_value(r, "us_p50", "a decision, median us", 2, e->us[e->n / 2], TRUTH_MEASURED,
              "this run");
    add_value(r, "us_p99", "a decision, 99 of 100, us", 2, e->us[e->n * 99 / 100],
              TRUTH_MEASURED, "this run");
    report_section(r, "curves", "Cost and quality");
    add_chart(r, e, "bounds", "learned between chance and oracle", first,
              ARRAY_LEN(first));
    add_chart(r, e, "policies_chart", "the policies that look at the prompt", second,
              ARRAY_LEN(second));
    return output_report(o, r, EXIT_YES);
}

/* -- the command -------------------------------------------------------------------- */

static int evaluate(const struct options *o, const char *path,
                    const struct prompt_lines *l, const struct router *r)
{
    struct evaluation e;
    struct err err = {0};
    int code;
    if (measure(&e, l, r, &err) < 0) {
        code = figures_tell(o->command->name, &err);
    } else {
        e.path = path;
        qsort(e.us, e.n, sizeof *e.us, by_size);
        code = options_has(o, "--json") ? print_json(&e) : print_report(o, &e);
    }
    evaluation_free(&e);
    return code;
}

static int one_file(const struct options *o, const char *path, const struct router *r)
{
    struct prompt_lines l;
    struct err err = {0};
    prompt_lines_init(&l);
    int code = prompt_lines_read(&l, path, FORM_PAIRS, &err) < 0
                   ? figures_tell(o->command->name, &err)
               : options_has(o, "--learn") ? eval_learn(o, path, &l, r)
                                           : evaluate(o, path, &l, r);
    prompt_lines_release(&l);
    return code;
}

static int check_words(const struct options *o)
{
    static const char *const reads[] = {"--weights"};
    if (o->nwords == 0)
        return options_fault(
            o->command, "name at least one file (\"-\" is standard input): weir eval "
                        "route prompts.jsonl");
    if (options_has(o, "--json") && options_get(o, "--html"))
        return options_fault(o->command, "--json and --html are two runs");
    if (options_has(o, "--learn") && options_get(o, "--html"))
        return options_fault(o->command, "--learn has no curves: leave out --html");
    if (o->nwords > 1 && options_get(o, "--html"))
        return options_fault(o->command, "--html draws the curves of one file: run it "
                                         "once for each");
    return files_check(o, "--html", reads, ARRAY_LEN(reads));
}

static int run(int argc, char **argv)
{
    struct options o;
    struct err err = {0};
    struct buf weights;
    int code = EXIT_YES;
    if (!options_read(&o, &cmd_eval_route, argc, argv, &code))
        return code;
    if ((code = check_words(&o)) != EXIT_YES)
        return code;
    struct router *r = mem_new(struct router);
    buf_init(&weights, MAX_WEIGHTS_BYTES);
    if ((r ? figures_open_router(options_get(&o, "--weights"), &weights, r, &err)
           : err_nomem(&err)) < 0)
        code = figures_tell(o.command->name, &err);
    for (size_t i = 0; code == EXIT_YES && i < o.nwords; i++) {
        bool names_it = o.nwords > 1 && !options_has(&o, "--json");
        if (names_it && i)
            putchar('\n');
        if (names_it)
            say(stdout, "%s:", o.words[i]);
        code = one_file(&o, o.words[i], r);
    }
    buf_release(&weights);
    mem_free(r);
    return code;
}

static const struct command_option options[] = {
    {"--json", NULL, "One JSON object for each file."},
    {"--html", "FILE", "Also write one page with the curves; of one file."},
    {"--learn", NULL, "What learning while it runs would be worth, instead."},
    {"--weights", "FILE", "Other weights of the router (of weir train router)."},
};

const struct command cmd_eval_route = {
    .name = "eval route",
    .summary = "what each policy is worth on prompts whose answers were scored",
    .usage = "FILE... [--json] [--html FILE] [--learn] [--weights FILE]",
    .details =
        "A line is {\"id\",\"prompt\",\"local_score\",\"cloud_score\"}: how good the "
        "local "
        "and\nthe cloud's answer to this prompt were. One table for each file: every\n"
        "policy that looks at the prompt, beside chance, length and what sees both\n"
        "answers. A policy that does not beat length has learnt nothing of use for\n"
        "your prompts. --json also has se and error_to_length (standard errors),\n"
        "ece_500 (after 500 of the lines were used to calibrate), share_off (the\n"
        "largest distance of a realised share from 10, 20 .. 90 %) and policies.\n"
        "\n" EVAL_LEARN_DETAILS "\n"
        "Examples:\n"
        "  weir eval route prompts.jsonl --html curve.html\n"
        "  weir eval route --json may.jsonl june.jsonl\n\n"
        "Exit codes: 0 it is printed, 1 it could not be, 2 the options or a line are at\n"
        "fault.",
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
    .of = &cmd_eval,
};
