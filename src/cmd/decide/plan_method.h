/* plan_method.h -- weir plan --method: published formulas and their known errors. */
#ifndef WEIR_CMD_DECIDE_PLAN_METHOD_H
#define WEIR_CMD_DECIDE_PLAN_METHOD_H

#include "cmd/lib/options.h"
#include "facts/facts.h"
#include "report/report.h"

/* All names of --method, for help and messages. */
#define METHOD_WORDS                                                                     \
    "gut-feeling, constraint, run-locally, eight-factors, definitive, errata"

int plan_method(const struct options *o, const struct facts *f);

/* 23 errors, numbered E01 to E23: what was written, and what the same inputs give; one
 * row each. */
int errata_report(struct report *r, const struct facts *f, struct err *err);

#endif
