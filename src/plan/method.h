/* method.h -- the rules and formulas of five published articles, computed as written but
 * for their bugs.
 *
 * They are kept so that a reader can see what an article's arithmetic gives on his own
 * numbers, next to what weir computes.  docs/plan.md names the articles; a function
 * begins with the short name of its own:
 *   gut_         "Still Picking API vs Local LLM by Gut Feeling?" (March 2026)
 *   constraint_  the note on which constraint is biting (16 May 2026)
 *   locally_     "When to Run Locally" (2026)
 *   factors_     the comparison by eight factors (2026)
 *   definitive_  "The Definitive Performance and Cost Comparison" (2026)
 *
 * Bugs that are not reproduced: an unknown model priced as another, a break-even of 0
 * shown as never, a latency demand of 0 ms taken for none. */
#ifndef WEIR_PLAN_METHOD_H
#define WEIR_PLAN_METHOD_H

#include "core/str.h"
#include "plan/plan.h"

/* API and electricity of one month; a card that draws `load_mw` for
 * `utilisation_ppm` of all hours, whatever the volume. */
struct gut_month {
    int64_t api_nanousd, electricity_nanousd;
    uint64_t energy_mwh;
};
int gut_month(uint64_t daily_input, uint64_t daily_output, uint64_t days,
              const struct price *price, struct gut_month *ret, struct err *err);

/* The mean and sample standard deviation of first-token times. */
struct gut_spread {
    double mean, stdev;
};
struct gut_spread gut_spread(const double *v, size_t n);

/* Who answers.  has_latency tells 0 ms from no demand. */
enum gut_sensitivity { GUT_PUBLIC, GUT_INTERNAL, GUT_CONFIDENTIAL };
enum gut_choice { GUT_LOCAL_GPU, GUT_LOCAL_UNIFIED, GUT_CLOUD_LONG, GUT_CLOUD_BEST };
enum gut_choice gut_route(enum gut_sensitivity s, uint64_t tokens, bool high_quality,
                          bool has_latency, uint64_t latency_ms);

/* Keep the local answer at or above the threshold (thousandths). */
bool gut_keeps_local(unsigned score_milli, unsigned threshold_milli);

/* Tokens a card makes in a day, and the API spend that replaces. */
uint64_t constraint_tokens_per_day(uint64_t milli_tok_s);

/* The bill of a month, the months until a local machine has paid for itself (a setup of 0
 * is paid back in 0 months), and the quality that it is said to cost. */
int locally_month(uint64_t daily_requests, uint64_t input, uint64_t output,
                  const struct price *price, int64_t *ret_nanousd, struct err *err);
struct payback locally_break_even(int64_t setup_nanousd, int64_t api_nanousd,
                                  int64_t local_nanousd);
unsigned locally_quality_loss_pct(unsigned quality_milli);

/* By words that the query has in it, and by its length. */
enum locally_complexity { LOCALLY_SIMPLE, LOCALLY_MEDIUM, LOCALLY_COMPLEX };
enum locally_complexity locally_classify(struct str query);

/* The article's estimate of what a query costs, words x a flat price, in nano-dollars. */
int64_t locally_route_nanousd(struct str query);
size_t locally_words(struct str query);

/* The power a cost per hour implies at a tariff, in milliwatts. */
uint64_t factors_implied_mw(int64_t nanousd_per_hour, int64_t tariff_per_kwh);

/* What a request costs, and how many a rent pays for. */
int64_t definitive_per_request(int64_t month_nanousd, uint64_t requests);
uint64_t definitive_break_even_requests(int64_t rent_nanousd, int64_t month_nanousd,
                                        uint64_t requests);

#endif
