/* fit_show.h -- what weir fit prints of a machine, a model's memory and its speed. */
#ifndef WEIR_CMD_DECIDE_FIT_SHOW_H
#define WEIR_CMD_DECIDE_FIT_SHOW_H

#include "bench/kept.h"
#include "cmd/decide/fit_choose.h"

/* `measured` is what weir bench measured of the model on this machine, or NULL. */
void fit_show_answer(struct fitting *x, const char *name, const struct run_ask *ask,
                     const struct run *run, const struct bench_kept_row *measured);
void fit_show_machine(struct fitting *x);
void fit_show_memory(struct fitting *x, const struct run_ask *ask, const struct run *run);
void fit_show_speed(struct fitting *x, const struct run_ask *ask, const struct run *run,
                    const struct bench_kept_row *measured);
/* Another model under the same calibration. */
void fit_show_also(struct fitting *x, const struct run_ask *ask, const struct run *run);

/* Texts in the report's memory: "12.34" and "40-52". */
const char *fit_gb(struct fitting *x, double bytes);
const char *fit_range(struct fitting *x, const struct speed *s);

#endif
