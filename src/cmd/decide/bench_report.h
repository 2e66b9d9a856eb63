/* bench_report.h -- runs of a benchmark side by side, as a report. */
#ifndef WEIR_CMD_DECIDE_BENCH_REPORT_H
#define WEIR_CMD_DECIDE_BENCH_REPORT_H

#include "bench/summary.h"
#include "report/report.h"

/* One run: a target under a workload and a load. */
struct bench_row {
    const char *target, *workload; /* borrowed */
    struct bench_load load;
    struct bench_result result;
    struct bench_summary summary;
    bool is_simulated, is_paid;
    bool is_price_known;
};

struct bench_sheet {
    struct bench_row *rows;
    size_t n;
    enum bench_as as;
    struct bench_slo slo;
    bool has_mark;
};

/* NULL: no memory. */
struct report *bench_report(struct bench_sheet *s);

/* The knee of a sweep over one target and workload, rows from..to: the last load whose
 * tokens a second are at least a tenth above those of the load before.  `to` when they
 * rose to the end. */
size_t bench_knee(const struct bench_row *rows, size_t from, size_t to);

#endif
