/* plan_input.h -- from flags, YAML and facts to a struct plan_input, each with its
 * truth label. */
#ifndef WEIR_CMD_DECIDE_PLAN_INPUT_H
#define WEIR_CMD_DECIDE_PLAN_INPUT_H

#include "cmd/decide/plan_local.h"
#include "cmd/lib/options.h"
#include "facts/facts.h"
#include "facts/price_offers.h"
#include "plan/plan.h"
#include "report/report.h"

struct plan_inputs {
    struct plan_input in;
    struct plan_ranges ranges;
    struct price_offers offers; /* all who sell the model, the chosen one too */
    bool is_provider_given, is_price_stale;
    struct plan_local local;
    bool is_rented, are_machines_given;
    bool is_electricity_in_rent;
    int64_t pc_nanousd;                           /* of the purchase, around the cards */
    const struct cost_currency *currency;         /* of the user's sums; NULL: USD */
    uint64_t accepted_low_ppm, accepted_high_ppm; /* where nobody said how many will do */
    bool is_same_model;    /* as the API's: then nearly all local answers will do */
    uint64_t image_tokens; /* of the input, a request */
    enum truth capex_truth, power_truth, idle_truth, pc_truth;
    const char *capex_source, *power_source, *idle_source, *tariff_source;
    int64_t capex_day, power_day, tariff_day; /* REPORT_NO_DATE: none */
    enum truth workload_truth;
    const char *ledger_window; /* "12 requests in 3 days, scaled to 30"; or NULL */
    enum truth tariff_truth, ops_truth, acceptance_truth;
    int64_t today;
    const char *local_name; /* "Llama-3.1-8B Q4_K_M on RTX 4060" */
};

/* *ret points into itself: it is not moved afterwards. */
int plan_inputs_read(const struct options *o, const struct facts *f, struct report *r,
                     struct plan_inputs *ret, struct err *err);

/* The machine's price, rent, power and people; plan_costs.c. */
int plan_costs_read(const struct options *o, const struct facts *f, struct report *r,
                    struct plan_inputs *x, struct err *err);

/* Who else sells the API's model: the cheapest and the dearest for this workload.  False:
 * nobody. */
struct plan_sellers {
    const struct price *low, *high;
    int64_t low_nanousd, high_nanousd;
};
bool plan_other_sellers(const struct plan_inputs *x, struct plan_sellers *ret);

/* Adds every input with its truth to the report; plan_show.c. */
void plan_inputs_report(const struct plan_inputs *x, struct report *r);

/* "$54.00"; small sums keep four decimals. */
const char *usd(struct report *r, int64_t nanousd);
const char *usd_number(struct report *r, int64_t nanousd);

/* The same in the user's currency: "EUR 48.34". */
const char *plan_money(const struct plan_inputs *x, struct report *r, int64_t nanousd);
const char *plan_money_number(const struct plan_inputs *x, struct report *r,
                              int64_t nanousd);
/* For a sentence: no cents from a hundred on. */
const char *plan_money_about(const struct plan_inputs *x, struct report *r,
                             int64_t nanousd);
const char *plan_currency(const struct plan_inputs *x); /* "USD" */

#endif
