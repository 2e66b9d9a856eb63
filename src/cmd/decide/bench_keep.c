/* bench_keep.c -- see bench_keep.h. */
#include "cmd/decide/bench_keep.h"

#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "cmd/lib/values.h"
#include "core/clock.h"
#include "core/mem.h"
#include "facts/date.h"

#include <math.h>

enum { MOST_ROWS = BENCH_TARGETS * BENCH_WORKLOADS * BENCH_STEPS, DAY_MS = 86400000 };

/* --state-dir, else the configuration's, else the usual one. */
static bool find_dir(const struct options *o, char ret[STATE_DIR_BYTES])
{
    const char *given = options_get(o, "--state-dir"), *path = options_get(o, "-c");
    return !given && path ? state_dir_of_config(path, ret) : state_dir_find(given, ret);
}

/* -- keeping ------------------------------------------------------------------------ */

static void row_of(const struct benching *b, struct bench_row *from,
                   struct bench_kept_row *to)
{
    struct bench_summary *m = &from->summary;
    double tokens = m->output_tokens ? (double)m->output_tokens : NAN;
    *to = (struct bench_kept_row){
        .at_ms = clock_wall_ms(),
        .is_local = !from->is_paid,
        .streams = from->load.shape == LOAD_CLOSED ? from->load.concurrency : 0,
        .done = m->done,
        .failed = m->failed,
        .ttft_cold_ms = m->cold_ttft_ms,
        .ttft_ms_p50 = sample_quantile(&m->ttft, .5),
        .ttft_ms_p90 = sample_quantile(&m->ttft, .9),
        .ttft_ms_p99 = sample_quantile(&m->ttft, .99),
        .itl_ms_p50 = sample_quantile(&m->gaps, .5),
        .itl_ms_p99 = sample_quantile(&m->gaps, .99),
        .stream_tok_s = sample_quantile(&m->speed, .5),
        .all_tok_s = m->tokens_per_s,
        .good_per_s = m->good_per_s,
        .joules_per_token = from->energy.joules / tokens};
    snprintf(to->engine, sizeof to->engine, "%.*s", STR_ARG(from->engine));
    snprintf(to->model, sizeof to->model, "%.*s", STR_ARG(from->model));
    snprintf(to->workload, sizeof to->workload, "%s", from->workload);
    snprintf(to->as, sizeof to->as, "%s", bench_as_names[b->sheet.as]);
    bench_load_words(&from->load, to->load);
}

void bench_keep(const struct benching *b)
{
    char dir[STATE_DIR_BYTES];
    struct err err = {0};
    size_t n = 0;
    struct bench_kept_row *rows = mem_zalloc(MOST_ROWS * sizeof *rows);
    for (size_t i = 0; rows && i < b->sheet.n && n < MOST_ROWS; i++)
        if (b->sheet.rows[i].summary.done && !b->sheet.rows[i].is_simulated)
            row_of(b, &b->sheet.rows[i], &rows[n++]);
    bool is_known = n == 0 || find_dir(b->o, dir);
    if (n && (!is_known || bench_kept_add(dir, rows, n, &err) < 0))
        say(stderr, "weir bench: what was measured is not kept: %s",
            is_known ? err.msg : STATE_DIR_FAULT);
    mem_free(rows);
}

/* -- showing ------------------------------------------------------------------------ */

static const char *number(struct report *r, double v)
{
    return isnan(v) ? "unknown" : report_fmt(r, v < 100 ? "%.1f" : "%.0f", v);
}

static int read_kept(const struct options *o, struct bench_kept_row **rows, size_t *n)
{
    char dir[STATE_DIR_BYTES];
    struct err err = {0};
    if (!find_dir(o, dir))
        return options_fault(o->command, "%s", STATE_DIR_FAULT STATE_DIR_OR_CONFIG);
    if (bench_kept_read(dir, rows, n, &err) == 0)
        return 0;
    say(stderr, "weir bench: %s", err.msg);
    return EXIT_NO;
}

int bench_keep_list(const struct options *o)
{
    static const char *const columns[] = {"id",   "date",     "engine", "model",
                                          "load", "TTFT p50", "tok/s"};
    struct bench_kept_row *rows = NULL;
    size_t n = 0;
    int rc = read_kept(o, &rows, &n);
    if (rc)
        return rc;
    struct report *r = report_create("bench", "What weir bench measured here");
    if (!r) {
        mem_free(rows);
        return EXIT_NO;
    }
    report_answer(r,
                  n ? "%zu runs are kept; weir bench --show ID tells all of one."
                    : "Nothing is kept yet (%zu runs): weir bench measures.",
                  n);
    report_section(r, "kept", "Runs, the newest last");
    report_table(r, "kept", columns, ARRAY_LEN(columns), TRUTH_MEASURED, "weir bench",
                 REPORT_NO_DATE);
    for (size_t i = 0; i < n; i++) {
        char at[32];
        clock_format_utc(rows[i].at_ms, at);
        const char *cells[] = {report_fmt(r, "%llu", (unsigned long long)rows[i].id),
                               report_fmt(r, "%.10s", at),
                               report_fmt(r, "%s", rows[i].engine),
                               report_fmt(r, "%s", rows[i].model),
                               report_fmt(r, "%s, %s", rows[i].workload, rows[i].load),
                               number(r, rows[i].ttft_ms_p50),
                               number(r, rows[i].stream_tok_s)};
        report_row(r, cells);
    }
    mem_free(rows);
    return output_report(o, r, EXIT_YES);
}

static void add(struct report *r, const struct bench_kept_row *row, const char *key,
                const char *label, double v, const char *unit)
{
    bool is_known = !isnan(v);
    report_add(r, &(struct report_value){
                      .key = key,
                      .label = label,
                      .text = number(r, v),
                      .number = is_known ? report_fmt(r, "%.4f", v) : NULL,
                      .unit = is_known ? unit : "",
                      .truth = TRUTH_MEASURED,
                      .source = report_fmt(r, "weir bench, run %llu, definitions of %s",
                                           (unsigned long long)row->id, row->as),
                      .date_days = (int64_t)(row->at_ms / DAY_MS),
                      .expires_days = REPORT_NO_DATE});
}

static int show(const struct options *o, const struct bench_kept_row *row)
{
    char at[32];
    struct report *r = report_create("bench", "A run of weir bench");
    if (!r)
        return EXIT_NO;
    clock_format_utc(row->at_ms, at);
    report_answer(r, "Run %llu, %s: %s on %s, %s, %s.", (unsigned long long)row->id, at,
                  row->model, row->engine, row->workload, row->load);
    report_section(r, "run", "Measured");
    add(r, row, "done", "requests", (double)row->done, "");
    add(r, row, "failed", "failed", (double)row->failed, "");
    add(r, row, "ttft_cold", "TTFT, cold", row->ttft_cold_ms, "ms");
    add(r, row, "ttft_p50", "TTFT p50", row->ttft_ms_p50, "ms");
    add(r, row, "ttft_p90", "TTFT p90", row->ttft_ms_p90, "ms");
    add(r, row, "ttft_p99", "TTFT p99", row->ttft_ms_p99, "ms");
    add(r, row, "itl_p50", "ITL p50", row->itl_ms_p50, "ms");
    add(r, row, "itl_p99", "ITL p99", row->itl_ms_p99, "ms");
    add(r, row, "stream_speed", "one stream", row->stream_tok_s, "tok/s");
    add(r, row, "speed", "all requests together", row->all_tok_s, "tok/s");
    add(r, row, "good", "within the limits", row->good_per_s, "requests/s");
    add(r, row, "energy", "energy", row->joules_per_token, "J/token");
    return output_report(o, r, EXIT_YES);
}

int bench_keep_show(const struct options *o)
{
    struct bench_kept_row *rows = NULL;
    size_t n = 0, i = 0;
    uint64_t id = 0;
    struct err err = {0};
    if (value_u64(o, "--show", &id, &err) < 0)
        return value_fault(o, &err);
    int rc = read_kept(o, &rows, &n);
    if (rc)
        return rc;
    while (i < n && rows[i].id != id)
        i++;
    rc = i < n ? show(o, &rows[i])
               : options_fault(o->command,
                               "--show: no run %llu is kept; see weir bench "
                               "--list",
                               (unsigned long long)id);
    mem_free(rows);
    return rc;
}
