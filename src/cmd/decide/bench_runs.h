/* bench_runs.h -- what a benchmark was asked for, and its runs one after the other: each
 * workload on each target under each load. */
#ifndef WEIR_CMD_DECIDE_BENCH_RUNS_H
#define WEIR_CMD_DECIDE_BENCH_RUNS_H

#include "cmd/decide/bench_report.h"
#include "cmd/decide/bench_target.h"
#include "cmd/lib/options.h"

enum { BENCH_TARGETS = 8, BENCH_STEPS = 12, BENCH_WORKLOADS = 8 };

struct benching {
    const struct options *o;
    struct bench_house house;
    struct bench_target targets[BENCH_TARGETS];
    size_t ntargets;
    const char *workload_names[BENCH_WORKLOADS];
    struct bench_workload workloads[BENCH_WORKLOADS];
    size_t nworkloads;
    struct bench_load loads[BENCH_STEPS];
    size_t nloads;
    uint64_t warmups;
    int64_t max_nanousd, spent_nanousd;
    FILE *traces;                 /* a line for each request; NULL: not wanted */
    struct asked_gateway gateway; /* of targets that are asked through a weir */
    bool has_gateway;
    struct bench_power *power; /* NULL: no target works on this machine */
    struct bench_sheet sheet;
    bool is_sweep, is_stopped;
};

/* All of them, or until Ctrl-C: a row of the sheet for each run.  -1: ERR_INTERNAL or
 * what bench_target_load() says; the rows until then are there. */
int bench_runs(struct benching *b, struct err *err);
void bench_runs_release(struct benching *b); /* the rows */

#endif
