/* measured.h -- the speed of a model that `weir bench` measured on this machine: a figure
 * that stands before any estimate. */
#ifndef WEIR_CMD_DECIDE_MEASURED_H
#define WEIR_CMD_DECIDE_MEASURED_H

#include "bench/kept.h"
#include "config/config.h"
#include "facts/models.h"
#include "route/route.h"

/* The newest run with one stream of this model on a local engine: false when nobody
 * measured it.  A name that says another quantisation than `quant` does not count;
 * quant: NULL or "": any.  state_dir: NULL: the usual one. */
bool measured_find(const struct models *models, const struct model *m, const char *quant,
                   const char *state_dir, struct bench_kept_row *ret);

/* The newest run with one stream of any model that weir knows, on a local engine: what it
 * says of the machine holds for other models too.  `ret_model` is what its name means. */
bool measured_any(const struct models *models, const char *state_dir,
                  struct bench_kept_row *ret, struct model_answer *ret_model);

/* A setup_measured_fn: of each model of the configuration the newest run with one stream,
 * by the names of its engine and its own.  From the configuration's state_dir; ctx is not
 * used. */
void measured_of_config(void *ctx, const struct config *c, struct route_measured *ret);

/* The day of it, for report_value.date_days. */
int64_t measured_day(const struct bench_kept_row *row);

#endif
