/* plan.h -- local or API, in money and months, with an interval.
 *
 * Pure arithmetic on fixed-point integers; no I/O, no clock, no facts but those handed
 * in.  Units are in the names: money in nano-dollars, power in milliwatts, speeds in
 * thousandths of a token a second, shares in parts per million (ppm), factors in
 * thousandths (milli).  A month has `days` days of 24 hours.
 *
 *   API      = requests x price of one (tier by its prompt, cached, reasoning, batch)
 *   busy     = prompt tokens not cached / prefill speed
 *              + output tokens / (decode speed x what streams at once gain)
 *   capacity = machines x the month x the share of it that may be busy
 *   at peak  = busy x the busiest hour over the mean one, without what may wait
 *   displaceable = min(1, capacity / busy) x acceptance
 *   energy   = (idle W x (machines x month - busy) + load W x busy) x PUE
 *   cash     = energy x tariff + operations hours x wage + rent + other
 *   ahead    = API x displaceable - cash - (capex - resale) / months of use
 *   payback  = (capex - resale) / (API x displaceable - cash): 0 when there is nothing
 *              to pay back, never when the denominator is not above 0
 *
 * What the articles leave out is here on purpose: idle power, people, a card that can
 * only displace what it can generate, and answers that are not accepted. */
#ifndef WEIR_PLAN_PLAN_H
#define WEIR_PLAN_PLAN_H

#include "core/err.h"
#include "facts/prices.h"

enum { PPM = 1000000, MILLI = 1000 };
enum { PLAN_REQUESTS_MOST = 2000000000 }; /* a month */

struct plan_input {
    /* Workload */
    uint64_t requests;               /* a month */
    struct token_counts per_request; /* means */
    uint64_t days;                   /* in the month */
    uint64_t peak_milli;             /* busiest hour / mean hour, in thousandths */
    /* Cloud */
    const struct price *price;
    uint64_t batch_share_ppm;     /* of requests that may wait */
    uint64_t batch_discount_ppm;  /* on those, where `batch` is NULL */
    const struct price *batch;    /* the provider's own price of those, or NULL */
    int64_t subscription_nanousd; /* a flat fee a month in place of prices; 0: none */
    uint64_t api_decline_ppm;     /* of list prices, a year */
    uint64_t api_scale_ppm;       /* what if prices were this share of the list's; PPM */
    /* Local */
    uint64_t machines;
    int64_t capex_nanousd;  /* all machines */
    int64_t resale_nanousd; /* at the end of the amortisation */
    uint64_t amortise_months;
    int64_t rent_nanousd_per_hour; /* a machine, busy or not; 0 when bought */
    uint64_t idle_mw, load_mw;     /* a machine */
    int64_t tariff_nanousd_per_kwh;
    uint64_t pue_milli;
    uint64_t ops_milli_hours; /* people's hours a month */
    int64_t wage_nanousd_per_hour;
    int64_t other_nanousd; /* a month: colocation and the like */
    /* Of a machine, one stream; decode may be 0 when nothing is written (embeddings). */
    uint64_t decode_milli_tok_s, prefill_milli_tok_s;
    uint64_t parallel_milli; /* streams' decoding / one stream's; 1000 = one at a time */
    uint64_t busy_limit_ppm; /* of the month a machine may be busy */
    uint64_t acceptance_ppm; /* of local answers good enough */
};

/* Fills what has a neutral value; the caller still owes workload, price and machine. */
void plan_input_init(struct plan_input *in);

/* Checks every field; the fault names the field and the remedy. */
int plan_input_check(const struct plan_input *in, struct err *err);

enum payback_kind { PAYBACK_MONTHS, PAYBACK_NOTHING_TO_PAY, PAYBACK_NEVER };

struct payback {
    enum payback_kind kind;
    int64_t milli_months; /* PAYBACK_MONTHS: thousandths, rounded half up; else 0 */
};

enum constraint {
    BINDS_ACCEPTANCE, /* local answers are not good enough often enough */
    BINDS_CAPACITY,   /* the machines cannot generate what is asked */
    BINDS_OPERATIONS, /* people cost more than the API */
    BINDS_ENERGY,     /* power does */
    BINDS_RENT,
    BINDS_VOLUME, /* too little API spend for anything local to pay */
    BINDS_CAPEX,  /* it pays; how soon depends on the purchase */
    CONSTRAINTS   /* sentinel */
};
const char *constraint_name(enum constraint c);

struct plan {
    int64_t api_nanousd;       /* a month, all on the API */
    uint64_t busy_ms;          /* of one machine, if all were local */
    uint64_t busy_ppm;         /* of the machines' month, uncapped */
    uint64_t machines_at_peak; /* to serve the busiest hour */
    uint64_t capacity_ppm;     /* of demand the machines can serve, <= PPM */
    uint64_t displaceable_ppm; /* capacity x acceptance */
    uint64_t energy_mwh;       /* milliwatt-hours a month */
    int64_t energy_nanousd, ops_nanousd, rent_nanousd, other_nanousd;
    int64_t cash_nanousd;      /* the four above */
    int64_t amortised_nanousd; /* (capex - resale) / months */
    int64_t displaced_nanousd; /* API spend that goes away */
    int64_t remaining_nanousd; /* API spend that stays */
    int64_t hybrid_nanousd;    /* remaining + cash + amortised */
    int64_t local_nanousd;     /* cash + amortised */
    int64_t net_nanousd;       /* displaced - cash: what pays the card back */
    int64_t ahead_nanousd;     /* API - hybrid: what local first saves a month */
    int64_t npv_nanousd;       /* over the amortisation, API prices declining */
    struct payback payback;
    enum constraint binds;
};

int plan_compute(const struct plan_input *in, struct plan *ret, struct err *err);

/* --- uncertainty --- */

enum plan_factor {
    FACTOR_VOLUME,
    FACTOR_API_PRICE,
    FACTOR_SPEED,
    FACTOR_POWER,
    FACTOR_OPERATIONS,
    FACTOR_ACCEPTANCE,
    FACTOR_CAPEX,
    FACTOR_TARIFF,
    PLAN_FACTORS /* sentinel */
};
const char *plan_factor_name(enum plan_factor f);

/* Each factor multiplies its input by something between low and high; ppm, low <= PPM
 * <= high.  What is certain has low = high = PPM.  The usual ranges reach as far down as
 * up, so that the figure itself stands in the middle of its interval. */
struct plan_ranges {
    uint64_t low_ppm[PLAN_FACTORS], high_ppm[PLAN_FACTORS];
};
void plan_ranges_default(struct plan_ranges *r);

struct plan_effect {
    enum plan_factor factor;
    int64_t ahead_low_nanousd, ahead_high_nanousd; /* a month, at the range's ends */
    struct payback at_low, at_high;
};

/* One factor at a time, largest swing of what it saves first. */
int plan_sensitivity(const struct plan_input *in, const struct plan_ranges *r,
                     struct plan_effect ret[PLAN_FACTORS], struct err *err);

/* 10th and 90th percentile. The figure itself is plan_compute()'s: one computation. */
struct plan_interval {
    struct payback low, high;
    int64_t net_low_nanousd, net_high_nanousd;
    int64_t ahead_low_nanousd, ahead_high_nanousd;
    uint64_t never_ppm; /* share of the draws that never pay back */
};

/* All factors together: PLAN_DRAWS points of a Halton sequence, each factor triangular
 * over its range with its peak at 1.  Deterministic. */
enum { PLAN_DRAWS = 500 };
int plan_interval(const struct plan_input *in, const struct plan_ranges *r,
                  struct plan_interval *ret, struct err *err);

/* The input with one factor applied. */
struct plan_input plan_with(const struct plan_input *in, enum plan_factor f,
                            uint64_t ppm);

/* --- what would turn the answer --- */

/* How much of local answers is good enough when nobody knows.  Published shares of
 * requests that a local model took over go from 30 % ("Still Picking API vs Local LLM by
 * Gut Feeling?", 30 to 50 %) to 95 % (a note on which constraint is biting); "Definitive
 * Comparison" says 55 to 70 %. */
enum { ACCEPTANCE_LOW_PPM = 300000, ACCEPTANCE_HIGH_PPM = 950000 };

/* Where local first costs what the API costs, everything else as it is. */
struct plan_flips {
    uint64_t acceptance_ppm; /* accepted answers; more than PPM: no share is enough */
    uint64_t api_ppm;        /* the API's price, of what it is; 0: unknown */
    uint64_t requests;       /* a month; 0: none up to a hundred times as many */
    int64_t people_nanousd;  /* further cost a month; negative: it is behind already */
};
int plan_flips(const struct plan_input *in, struct plan_flips *ret, struct err *err);

/* The same plan with so many machines, each at the same price. */
struct plan_input plan_with_machines(const struct plan_input *in, uint64_t machines);

/* Requests a month at which local (cash + amortised) costs what it displaces, by
 * bisection between 1 and `most`; 0 when it never does. */
uint64_t plan_crossing(const struct plan_input *in, uint64_t most);

/* --- from a ledger --- */

/* Sums of one month at one model, as the ledger keeps them. */
struct plan_ledger_row {
    struct str provider, model;
    int64_t month_days; /* first day of the month, days since 1970 */
    bool is_local;
    uint64_t requests;
    struct token_counts tokens;     /* sums */
    int64_t cost_nanousd;           /* as settled; 0 for local */
    uint64_t prefill_ms, decode_ms; /* sums as engines report them; 0 = unknown */
};

/* Fills the workload of `in` (requests, means, speeds measured locally) from whole
 * months.  An empty ledger, or one without tokens, is a fault. */
int plan_from_ledger(const struct plan_ledger_row *rows, size_t n, struct plan_input *in,
                     struct err *err);

#endif
