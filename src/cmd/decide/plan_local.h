/* plan_local.h -- the local side of a plan: which model on which machine, whether it runs
 * there, how fast, and how many streams at once the load asks of it.
 *
 * Whether it fits and how fast it is are answered by the same functions as in weir fit,
 * so that a plan recommends nothing that weir fit refuses. */
#ifndef WEIR_CMD_DECIDE_PLAN_LOCAL_H
#define WEIR_CMD_DECIDE_PLAN_LOCAL_H

#include "cmd/decide/fit_choose.h"
#include "cmd/lib/options.h"
#include "estimate/run.h"
#include "facts/facts.h"
#include "plan/plan.h"
#include "report/report.h"

struct plan_local {
    struct fitting fitting; /* the machine, as weir fit chooses it; points into itself */
    struct options fit_options;
    const struct device *device; /* the first one; NULL when described by flags alone */
    unsigned cards;              /* devices in one machine */
    double memory_gb;            /* of the first one; 0 when there is no device */
    bool is_here;                /* nobody named one: it is this machine */
    const struct model *model;   /* NULL: its speed is given */
    enum quant quant;
    struct run run;        /* with one request at a time */
    enum run_fault fault;  /* RUN_SPILLS is none: it runs, and its speed says how */
    uint64_t streams;      /* at once in the busiest hour, of one machine */
    const char *corrected; /* by which run of weir bench; NULL: by none */
    int64_t bench_day; /* of the speed that `weir bench` measured; 0: it is another's */
    enum truth speed_truth, prefill_truth, parallel_truth;
    const char *speed_source, *prefill_source, *parallel_source;
};

/* Which machine and model; before the workload is known.  Without --device and --speed it
 * is this machine.  *l is not moved afterwards. */
int plan_local_choose(const struct options *o, const struct facts *f, struct report *r,
                      struct plan_local *l, struct err *err);

/* Whether it runs with prompts of in->per_request, and speeds into `in` and `ranges`.
 * A speed that the ledger gave stands in `in` already. */
int plan_local_speed(const struct options *o, const struct facts *f, struct report *r,
                     struct plan_local *l, struct plan_input *in,
                     struct plan_ranges *ranges, struct err *err);

/* Streams at once and machines, from the load; in->machines stays as it is when
 * `are_machines_given`. */
int plan_local_scale(const struct options *o, struct plan_local *l, struct plan_input *in,
                     bool are_machines_given, struct err *err);

/* It can do this work, at a speed that somebody waits for. */
bool plan_local_runs(const struct plan_local *l);

/* What would hold the model: a smaller quantisation, or more cards.  "" when nothing
 * does. */
const char *plan_local_remedy(const struct plan_local *l, const struct plan_input *in,
                              struct report *r);

#endif
