/* plan_input.h -- from flags, YAML and facts to a struct plan_input, each with its
 * truth label. */
#ifndef WEIR_CMD_DECIDE_PLAN_INPUT_H
#define WEIR_CMD_DECIDE_PLAN_INPUT_H

#include "cmd/lib/options.h"
#include "estimate/speed.h"
#include "facts/facts.h"
#include "facts/price_offers.h"
#include "plan/plan.h"
#include "report/report.h"

struct plan_inputs {
    struct plan_input in;
    struct plan_ranges ranges;
    struct price_offers offers; /* all who sell the model, the chosen one too */
    bool is_provider_given, is_price_stale;
    const struct device *device; /* NULL when rented or described by flags alone */
    unsigned cards;              /* of that device in one machine */
    double memory_gb;            /* of one card; 0 when there is no device */
    const struct model *local_model;
    enum quant quant;
    struct speed speed;
    int64_t bench_day; /* of the speed that `weir bench` measured; 0: it is another's */
    enum truth speed_truth, prefill_truth, capex_truth, power_truth, idle_truth;
    enum truth workload_truth;
    uint64_t ledger_days; /* covered by the ledger; 0 without --from-ledger */
    enum truth tariff_truth, ops_truth, acceptance_truth;
    int64_t today;
    const char *local_name; /* "Llama-3.1-8B Q4_K_M on RTX 4060" */
};

int plan_inputs_read(const struct options *o, const struct facts *f, struct report *r,
                     struct plan_inputs *ret, struct err *err);

/* Adds every input with its truth to the report. */
void plan_inputs_report(const struct plan_inputs *x, struct report *r);

/* "$54.00"; small sums keep four decimals. */
const char *usd(struct report *r, int64_t nanousd);
const char *usd_number(struct report *r, int64_t nanousd);

#endif
