/* costs.h -- what a plan needs besides devices and API prices: the rent of a GPU, a
 * household's electricity by country, and exchange rates.  Each row has its source and
 * day; a row that no page confirms says so.
 *
 *     struct cost_rent rent[8];
 *     size_t n = costs_rent(costs, STR("H100 SXM"), rent, 8);   cheapest first
 *     const struct cost_electricity *e = costs_electricity(costs, STR("DE"));
 *     const struct cost_currency *c = costs_currency(costs, STR("EUR"));
 *     if (c && costs_to_usd(c, own_nano, &usd_nano, &err) < 0) ... */
#ifndef WEIR_FACTS_COSTS_H
#define WEIR_FACTS_COSTS_H

#include "core/err.h"
#include "core/str.h"

/* Where a figure is from. */
struct cost_source {
    struct str source;
    int64_t days; /* since 1970-01-01 */
    bool
        is_unverified; /* a figure that somebody quotes, without a price list behind it */
};

struct cost_rent {
    struct str provider, gpu;
    double memory_gb;
    int64_t nanousd_per_gpu_hour;      /* -1: only the spot price is known */
    int64_t spot_nanousd_per_gpu_hour; /* -1: unknown; may be ended at any time */
    bool is_reserved;                  /* only for whoever commits to a term */
    struct cost_source from;
};

struct cost_electricity {
    struct str country; /* ISO 3166 alpha-2 ("DE"); "EU", and X? for parts of the world */
    struct str name;    /* "Germany" */
    struct str period;  /* that the figure is of: "2025-H1" */
    int64_t nanousd_per_kwh;
    bool has_tax; /* taxes are in it */
    struct cost_source from;
};

struct cost_currency {
    struct str code;          /* ISO 4217: "EUR" */
    int64_t nanousd_per_unit; /* what one unit costs on that day */
    struct cost_source from;
};

struct costs; /* opaque: costs.c; immutable after loading */

int costs_load(struct str json, struct costs **ret, struct err *err) NODISCARD;
void costs_free(struct costs *c);

/* Rents of a GPU by name ("H100", "H100 SXM", "RTX 4090"), cheapest first; the number
 * of rows, of which the first `max` are in ret.  "H100" means all of them.  A row
 * without a price on demand comes last. */
size_t costs_rent(const struct costs *c, struct str gpu, struct cost_rent *ret,
                  size_t max);
const struct cost_electricity *costs_electricity(const struct costs *c,
                                                 struct str country); /* or NULL */
const struct cost_currency *costs_currency(const struct costs *c, struct str code);

/* An amount in 10^-9 units of the currency in nano-dollars; a fault past what they
 * hold. */
int costs_to_usd(const struct cost_currency *c, int64_t nano_units, int64_t *ret,
                 struct err *err);

size_t costs_rents(const struct costs *c);
const struct cost_rent *costs_rent_at(const struct costs *c, size_t i);
size_t costs_countries(const struct costs *c);
const struct cost_electricity *costs_country_at(const struct costs *c, size_t i);
size_t costs_currencies(const struct costs *c);
const struct cost_currency *costs_currency_at(const struct costs *c, size_t i);
int64_t costs_built_days(const struct costs *c);

/* How many days after its date a figure is no longer to be trusted: rents move within
 * months, tariffs within a year or so, currencies within weeks. */
enum { RENT_STALE_DAYS = 120, ELECTRICITY_STALE_DAYS = 540, CURRENCY_STALE_DAYS = 45 };
bool cost_is_stale(const struct cost_source *s, int64_t stale_days, int64_t today);

#endif
