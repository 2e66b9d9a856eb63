/* bench_charts.h -- the charts of a benchmark's report. */
#ifndef WEIR_CMD_DECIDE_BENCH_CHARTS_H
#define WEIR_CMD_DECIDE_BENCH_CHARTS_H

#include "cmd/decide/bench_report.h"

/* Each adds nothing where there is too little to draw. */
void bench_ttft_chart(struct report *r, struct bench_sheet *s);  /* distribution */
void bench_sweep_chart(struct report *r, struct bench_sheet *s); /* over the load */
void bench_time_chart(struct report *r, struct bench_sheet *s);  /* over the run */

#endif
