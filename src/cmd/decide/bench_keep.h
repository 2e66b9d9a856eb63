/* bench_keep.h -- what benchmarks measured before: kept, and listed. */
#ifndef WEIR_CMD_DECIDE_BENCH_KEEP_H
#define WEIR_CMD_DECIDE_BENCH_KEEP_H

#include "bench/kept.h"
#include "cmd/decide/bench_runs.h"

/* Keeps the rows of the sheet in which something was measured, but for simulated
 * engines.  A place that cannot be written is said on stderr, and is no failure. */
void bench_keep(const struct benching *b);

/* --list, and --show ID: returns the exit code. */
int bench_keep_list(const struct options *o);
int bench_keep_show(const struct options *o);

#endif
