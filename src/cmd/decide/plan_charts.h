/* plan_charts.h -- the pictures of a plan, local and API in the same colours in all. */
#ifndef WEIR_CMD_DECIDE_PLAN_CHARTS_H
#define WEIR_CMD_DECIDE_PLAN_CHARTS_H

#include "cmd/decide/plan_answer.h"

/* What a month costs, by how many local answers are good enough. */
int plan_chart_acceptance(struct report *r, const struct plan_inputs *x,
                          const struct plan_result *p, struct err *err);

/* Money ahead of staying on the API, month by month; nothing for a rented machine. */
void plan_chart_payback(struct report *r, const struct plan_inputs *x,
                        const struct plan_result *p);

/* What a month costs, by volume, and the machines that the busiest hour needs. */
int plan_chart_volume(struct report *r, const struct plan_inputs *x,
                      const struct plan_result *p, struct err *err);

#endif
