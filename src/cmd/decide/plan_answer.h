/* plan_answer.h -- what a plan says first: what is wrong with it, the money, what the
 * money assumes, and what turns it. */
#ifndef WEIR_CMD_DECIDE_PLAN_ANSWER_H
#define WEIR_CMD_DECIDE_PLAN_ANSWER_H

#include "cmd/decide/plan_input.h"

struct plan_result {
    struct plan plan;
    struct plan_interval interval;
    struct plan_flips flips;
};

int plan_result_of(const struct plan_inputs *x, struct plan_result *ret, struct err *err);

/* "2.9", "never", or "at once" where there is nothing to pay back. */
const char *plan_months(struct report *r, struct payback p);

void plan_answer(struct report *r, const struct plan_inputs *x,
                 const struct plan_result *p);

/* In place of an answer about money: the model cannot do this work there. */
void plan_answer_fault(struct report *r, const struct plan_inputs *x,
                       const struct plan_result *p);

#endif
