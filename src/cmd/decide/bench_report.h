/* bench_report.h -- runs of a benchmark side by side, as a report. */
#ifndef WEIR_CMD_DECIDE_BENCH_REPORT_H
#define WEIR_CMD_DECIDE_BENCH_REPORT_H

#include "bench/knee.h"
#include "bench/power.h"
#include "bench/summary.h"
#include "report/report.h"

/* One run: a target under a workload and a load. */
struct bench_row {
    const char *target, *workload; /* borrowed */
    struct str engine, model;      /* by their names; borrowed */
    struct bench_load load;
    struct bench_result result;
    struct bench_summary summary;
    struct bench_energy energy;
    bool is_simulated, is_paid;
    bool is_price_known;
    bool is_relayed; /* asked through a weir */
};

struct bench_sheet {
    struct bench_row *rows;
    size_t n;
    enum bench_as as;
    struct bench_slo slo;
    bool has_mark;
};

enum { BENCH_LOAD_BYTES = 40 };
/* "4 at once", "5/s Poisson"; returns ret. */
const char *bench_load_words(const struct bench_load *l, char ret[BENCH_LOAD_BYTES]);

/* NULL: no memory. */
struct report *bench_report(struct bench_sheet *s);

enum { BENCH_MOST_STEPS = 16 };
/* The rows from `from` on that are one target and one workload under growing loads:
 * returns how many, at least 1, and their knee (of one row: itself, not reached). */
size_t bench_sweep(const struct bench_sheet *s, size_t from, struct bench_knee *ret);

#endif
