/* method.h -- the published rules and formulas, by the name of the article they are
 * from, computed as written but for their bugs.
 *
 * They are kept so that a reader can see what an article's arithmetic gives on his own
 * numbers, next to what weir computes.  Requirement ids (000-06, 002-05, ...) are those
 * the tests carry.  Bugs that are not reproduced: an unknown model priced as another
 * (002-04), a break-even of 0 shown as never (002-06), a latency demand of 0 ms taken
 * for none (000-17). */
#ifndef WEIR_PLAN_METHOD_H
#define WEIR_PLAN_METHOD_H

#include "core/str.h"
#include "plan/plan.h"

/* 000-06, 000-07: API and electricity of one month; a card that draws `load_mw` for
 * `utilisation_ppm` of all hours, whatever the volume. */
struct method_000 {
    int64_t api_nanousd, electricity_nanousd;
    uint64_t energy_mwh;
};
int method_000_month(uint64_t daily_input, uint64_t daily_output, uint64_t days,
                     const struct price *price, struct method_000 *ret, struct err *err);

/* 000-11: mean and sample standard deviation of first-token times. */
struct method_spread {
    double mean, stdev;
};
struct method_spread method_000_spread(const double *v, size_t n);

/* 000-16: who answers.  has_latency tells 0 ms from no demand. */
enum sensitivity_000 { S000_PUBLIC, S000_INTERNAL, S000_CONFIDENTIAL };
enum route_000 { R000_LOCAL_GPU, R000_LOCAL_UNIFIED, R000_CLOUD_LONG, R000_CLOUD_BEST };
enum route_000 method_000_route(enum sensitivity_000 s, uint64_t tokens,
                                bool high_quality, bool has_latency, uint64_t latency_ms);

/* 000-18: keep the local answer at or above the threshold (thousandths). */
bool method_000_keeps_local(unsigned score_milli, unsigned threshold_milli);

/* 001-05, 001-10: tokens a card makes in a day, and the API spend that replaces. */
uint64_t method_001_tokens_per_day(uint64_t milli_tok_s);

/* 002-03, 002-05. */
int method_002_month(uint64_t daily_requests, uint64_t input, uint64_t output,
                     const struct price *price, int64_t *ret_nanousd, struct err *err);
struct payback method_002_break_even(int64_t setup_nanousd, int64_t api_nanousd,
                                     int64_t local_nanousd);
unsigned method_002_quality_loss_pct(unsigned quality_milli);

/* 002-08. */
enum complexity_002 { C002_SIMPLE, C002_MEDIUM, C002_COMPLEX };
enum complexity_002 method_002_classify(struct str query);

/* 002-09: the article's estimate, words x a flat price, in nano-dollars. */
int64_t method_002_route_nanousd(struct str query);
size_t method_002_words(struct str query);

/* 003-03, E07: the power a cost per hour implies at a tariff, in milliwatts. */
uint64_t method_003_implied_mw(int64_t nanousd_per_hour, int64_t tariff_per_kwh);

/* E13: what a request costs, and how many a rent pays for. */
int64_t method_004_per_request(int64_t month_nanousd, uint64_t requests);
uint64_t method_004_break_even_requests(int64_t rent_nanousd, int64_t month_nanousd,
                                        uint64_t requests);

#endif
