/* prices.h -- what a cloud model costs, by provider, model and day.
 *
 * Prices are decimal integers: pico-dollars (1e-12 USD) for ONE token, which is a list
 * price in USD for a million tokens times 10^6.  PRICE_UNKNOWN (-1) means no source
 * gives it; it is never 0 and never guessed.
 *
 * Two kinds of row.  A dated row holds from `from_days` up to but not including
 * `to_days`; a list row is what the provider's page said on its source date.  Which one
 * answers is prices_find()'s business.  Prices change at midnight, UTC: whoever prices
 * over days keeps a struct price_series and asks it for each day.
 *
 * How to price a request:
 *
 *     struct prices *prices;
 *     if (prices_load_embedded(&prices, &err) < 0) ...
 *     const struct price *p = prices_find(prices, STR("openai"), STR("gpt-4o"), day);
 *     if (!p) ... unknown model: prices_explain_unknown() names the nearest known ones
 *     struct token_counts n = {.input = 1200, .cached = 1000, .output = 300};
 *     if (prices_cost_nanousd(p, &n, &cost, &err) < 0) ... a price is unknown
 *
 * A struct prices is immutable after loading and may be shared by threads. */
#ifndef WEIR_FACTS_PRICES_H
#define WEIR_FACTS_PRICES_H

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"
#include "facts/date.h"
#include "facts/tier.h"

#define PRICE_UNKNOWN INT64_C(-1)
#define DATE_UNKNOWN  INT64_MIN

enum { PRICE_TIERS = 4 };

struct price_tier {
    uint64_t above_tokens; /* applies to the whole request past this many input tokens */
    int64_t input, cached_input, output; /* pico-dollars a token */
    int64_t cache_write, reasoning;
};

struct price {
    struct str provider, model, name;
    int64_t input, cached_input, cache_write, output; /* pico-dollars a token */
    int64_t
        cache_write_1h; /* for a cache that holds an hour; cache_write: the usual one */
    int64_t reasoning, audio_input, audio_output;
    struct price_tier tiers[PRICE_TIERS]; /* ascending */
    size_t ntiers;
    uint64_t context_window, max_output; /* tokens; 0 = unknown */
    bool tool_call, structured_output, open_weights, accepts_image, accepts_audio;
    bool is_dated;
    struct str status;                 /* "", "deprecated" or "beta" */
    int64_t from_days, to_days;        /* days since 1970; DATE_UNKNOWN = open end */
    int64_t released_days;             /* when the model came out, or DATE_UNKNOWN */
    int64_t other_input, other_output; /* what a disagreeing source says, or unknown */
    struct str other_source;
    struct str source;
    int64_t source_days;
    char source_date[DATE_TEXT]; /* the same as text; "" when unknown */
    /* Of a tier of service that has a price of its own; NULL: none is known. */
    const struct price *of_tier[TIER_COUNT];
    /* At the provider's busy hours, which are text such as "00:30-16:30 UTC"; the row
     * itself is then the price outside them.  NULL: one price all day. */
    const struct price *at_peak;
    struct str peak_hours;
};

/* The rows a model has in the course of time; some of the days may have none. */
struct price_series {
    const struct price **rows;
    size_t n;
};

/* Counts of one request, or sums over many at one price and tier.  input includes
 * cached, cache_write and audio_in; output includes reasoning and audio_out. */
struct token_counts {
    uint64_t input, cached, cache_write, output, reasoning, audio_in, audio_out;
};

struct prices; /* opaque: prices.c */

int prices_load(struct str json, struct prices **ret, struct err *err) NODISCARD;
int prices_load_embedded(struct prices **ret, struct err *err) NODISCARD;
void prices_free(struct prices *p); /* NULL is fine */

/* The row that answers for a model on a day (days since 1970-01-01), or NULL.
 *
 * The name must match exactly but for case and the separators " -_./:"; with a provider
 * also without what that puts around it (facts/price_offers.h).  `provider` may
 * be empty, then the provider that makes the model (the first in the file) answers.
 * `provider` matches its id ("google") without regard to case.  A model written
 * "provider/model" is split when the whole is unknown.  With date_days > 0 a dated row
 * that covers the day wins, then the list row; with 0 the list row.  A name that ends in
 * ":free" costs nothing (OpenRouter's convention; provider "openrouter" or empty).
 * Owned by p. */
const struct price *prices_find(const struct prices *p, struct str provider,
                                struct str model, int64_t date_days);

/* All rows among which prices_find() would choose; n == 0: none, or no memory.  The rows
 * are p's, the list is in the arena. */
struct price_series prices_series(const struct prices *p, struct str provider,
                                  struct str model, struct arena *a);
const struct price *price_on(const struct price_series *s, int64_t date_days);

/* The price of the same model for a tier of service: p itself for the standard one, NULL
 * when nobody says what it costs. */
const struct price *price_of_tier(const struct price *p, enum service_tier tier);

/* Sets err: `no price for "x"; nearest known: a, b or c`.  Returns -1. */
int prices_explain_unknown(const struct prices *p, struct str model, struct err *err);

/* Cost of the counts in nano-dollars, rounded half up once at the end.
 *
 * Where a provider lists no separate price, the ordinary one holds: cached and written
 * input cost what input costs, reasoning costs what output costs.  Past a threshold all
 * of the request costs what the tier says; where a tier leaves out the price of cached or
 * written input or of reasoning, that moves as its input and output do.  Audio has no
 * such ordinary price: tokens without a price are a fault, as is an unknown input or
 * output price, and parts larger than their whole.  *ret is untouched on a fault. */
int prices_cost_nanousd(const struct price *price, const struct token_counts *n,
                        int64_t *ret, struct err *err) NODISCARD;

/* The same for `requests` alike requests, each of the counts `n`: the tier is chosen by
 * one request's input, and the sum is still rounded once. */
int prices_cost_of_many_nanousd(const struct price *price, const struct token_counts *n,
                                uint64_t requests, int64_t *ret,
                                struct err *err) NODISCARD;

size_t prices_count(const struct prices *p);
const struct price *prices_at(const struct prices *p, size_t i);
int64_t prices_built_days(const struct prices *p);
int64_t prices_stale_after_days(const struct prices *p);
/* A list price that nobody has looked at for longer than the file allows.  A price that
 * has ended is history and does not age. */
bool price_is_stale(const struct prices *all, const struct price *p, int64_t today);

#endif
