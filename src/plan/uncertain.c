/* uncertain.c -- what if the inputs are wrong: one at a time, and all together.
 *
 * A Halton sequence covers the factors more evenly than random numbers and gives the
 * same interval every time, so that two readers see the same report. */
#include "plan/plan.h"

#include "facts/money.h"

#include <stdlib.h>

const char *plan_factor_name(enum plan_factor f)
{
    static const char *const names[PLAN_FACTORS] = {
        [FACTOR_VOLUME] = "requests",         [FACTOR_API_PRICE] = "API price",
        [FACTOR_SPEED] = "local speed",       [FACTOR_POWER] = "power draw",
        [FACTOR_OPERATIONS] = "people hours", [FACTOR_ACCEPTANCE] = "acceptance",
        [FACTOR_CAPEX] = "machine price",     [FACTOR_TARIFF] = "tariff",
    };
    return names[f];
}

void plan_ranges_default(struct plan_ranges *r)
{
    static const struct {
        enum plan_factor f;
        uint64_t low, high;
    } usual[] = {
        {FACTOR_VOLUME, 700000, 1300000},     {FACTOR_API_PRICE, 800000, 1200000},
        {FACTOR_SPEED, 800000, 1250000},      {FACTOR_POWER, 800000, 1200000},
        {FACTOR_OPERATIONS, 500000, 1500000}, {FACTOR_ACCEPTANCE, 900000, 1100000},
        {FACTOR_CAPEX, 800000, 1200000},      {FACTOR_TARIFF, 800000, 1200000},
    };
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
        r->low_ppm[usual[i].f] = usual[i].low;
        r->high_ppm[usual[i].f] = usual[i].high;
    }
}

static uint64_t scale(uint64_t v, uint64_t ppm)
{
    return (uint64_t)(((money_wide)v * ppm + PPM / 2) / PPM);
}

static int64_t scale_money(int64_t v, uint64_t ppm)
{
    return v < 0 ? v : (int64_t)scale((uint64_t)v, ppm);
}

struct plan_input plan_with(const struct plan_input *in, enum plan_factor f, uint64_t ppm)
{
    struct plan_input out = *in;
    if (ppm == PPM)
        return out;
    switch (f) {
    case FACTOR_VOLUME:
        out.requests = scale(in->requests, ppm);
        out.requests = out.requests ? out.requests : 1;
        if (out.requests > PLAN_REQUESTS_MOST)
            out.requests = PLAN_REQUESTS_MOST;
        break;
    case FACTOR_API_PRICE:
        out.api_scale_ppm = scale(in->api_scale_ppm, ppm);
        break;
    case FACTOR_SPEED:
        out.decode_milli_tok_s = scale(in->decode_milli_tok_s, ppm);
        out.prefill_milli_tok_s = scale(in->prefill_milli_tok_s, ppm);
        break;
    case FACTOR_POWER:
        out.idle_mw = scale(in->idle_mw, ppm);
        out.load_mw = scale(in->load_mw, ppm);
        break;
    case FACTOR_OPERATIONS:
        out.ops_milli_hours = scale(in->ops_milli_hours, ppm);
        break;
    case FACTOR_ACCEPTANCE:
        out.acceptance_ppm = scale(in->acceptance_ppm, ppm);
        out.acceptance_ppm = out.acceptance_ppm > PPM ? PPM : out.acceptance_ppm;
        break;
    case FACTOR_CAPEX:
        out.capex_nanousd = scale_money(in->capex_nanousd, ppm);
        out.resale_nanousd = scale_money(in->resale_nanousd, ppm);
        break;
    case FACTOR_TARIFF:
        out.tariff_nanousd_per_kwh = scale_money(in->tariff_nanousd_per_kwh, ppm);
        break;
    case PLAN_FACTORS:
        break;
    }
    return out;
}

static int64_t months_or_never(struct payback p)
{
    return p.kind == PAYBACK_NEVER ? INT64_MAX : p.milli_months;
}

static int64_t swing(const struct plan_effect *e)
{
    int64_t d = e->ahead_high_nanousd - e->ahead_low_nanousd;
    return d < 0 ? -d : d;
}

/* Larger swing of what it saves a month first; at a tie the larger change of the payback.
 */
static int by_swing(const void *a, const void *b)
{
    const struct plan_effect *x = a;
    const struct plan_effect *y = b;
    int64_t sx = swing(x);
    int64_t sy = swing(y);
    if (sx != sy)
        return sx < sy ? 1 : -1;
    int64_t mx = llabs(months_or_never(x->at_high) - months_or_never(x->at_low));
    int64_t my = llabs(months_or_never(y->at_high) - months_or_never(y->at_low));
    if (mx != my)
        return mx < my ? 1 : -1;
    return (int)x->factor - (int)y->factor;
}

int plan_sensitivity(const struct plan_input *in, const struct plan_ranges *r,
                     struct plan_effect ret[PLAN_FACTORS], struct err *err)
{
    for (int f = 0; f < PLAN_FACTORS; f++) {
        struct plan low;
        struct plan high;
        struct plan_input a = plan_with(in, (enum plan_factor)f, r->low_ppm[f]);
        struct plan_input b = plan_with(in, (enum plan_factor)f, r->high_ppm[f]);
        if (plan_compute(&a, &low, err) < 0 || plan_compute(&b, &high, err) < 0)
            return -1;
        ret[f] = (struct plan_effect){(enum plan_factor)f, low.ahead_nanousd,
                                      high.ahead_nanousd, low.payback, high.payback};
    }
    qsort(ret, PLAN_FACTORS, sizeof *ret, by_swing);
    return 0;
}

/* The i-th point of the Halton sequence in one base, 0..1. */
static double halton(unsigned i, unsigned base)
{
    double f = 1.0;
    double v = 0.0;
    for (; i; i /= base) {
        f /= base;
        v += f * (i % base);
    }
    return v;
}

/* The inverse of a triangular distribution on low..high with its peak at PPM. */
static uint64_t triangular(double u, uint64_t low, uint64_t high)
{
    double a = (double)low;
    double b = (double)high;
    double c = PPM;
    if (high <= low)
        return PPM;
    double split = (c - a) / (b - a);
    double lo = 0.0;
    double hi = 1.0;
    /* Solved by halving: the square root would pull in libm for nothing. */
    for (int k = 0; k < 40; k++) {
        double x = (lo + hi) / 2;
        double cdf = x <= split && split > 0 ? x * x / split
                     : split < 1             ? 1 - (1 - x) * (1 - x) / (1 - split)
                                             : 1;
        if (cdf < u)
            lo = x;
        else
            hi = x;
    }
    return (uint64_t)(a + (b - a) * (lo + hi) / 2 + 0.5);
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return (*x > *y) - (*x < *y);
}

static struct payback percentile(const int64_t *sorted, unsigned p)
{
    int64_t v = sorted[(PLAN_DRAWS - 1) * p / 100];
    if (v == INT64_MAX)
        return (struct payback){PAYBACK_NEVER, 0};
    return (struct payback){v ? PAYBACK_MONTHS : PAYBACK_NOTHING_TO_PAY, v};
}

int plan_interval(const struct plan_input *in, const struct plan_ranges *r,
                  struct plan_interval *ret, struct err *err)
{
    static const unsigned bases[PLAN_FACTORS] = {2, 3, 5, 7, 11, 13, 17, 19};
    int64_t months[PLAN_DRAWS];
    int64_t nets[PLAN_DRAWS];
    int64_t ahead[PLAN_DRAWS];
    unsigned never = 0;
    for (unsigned i = 0; i < PLAN_DRAWS; i++) {
        struct plan_input x = *in;
        struct plan p;
        for (int f = 0; f < PLAN_FACTORS; f++)
            x = plan_with(
                &x, (enum plan_factor)f,
                triangular(halton(i + 1, bases[f]), r->low_ppm[f], r->high_ppm[f]));
        if (plan_compute(&x, &p, err) < 0)
            return -1;
        months[i] = months_or_never(p.payback);
        nets[i] = p.net_nanousd;
        ahead[i] = p.ahead_nanousd;
        never += p.payback.kind == PAYBACK_NEVER;
    }
    qsort(months, PLAN_DRAWS, sizeof *months, by_number);
    qsort(nets, PLAN_DRAWS, sizeof *nets, by_number);
    qsort(ahead, PLAN_DRAWS, sizeof *ahead, by_number);
    ret->low = percentile(months, 10);
    ret->high = percentile(months, 90);
    ret->net_low_nanousd = nets[(PLAN_DRAWS - 1) * 10 / 100];
    ret->net_high_nanousd = nets[(PLAN_DRAWS - 1) * 90 / 100];
    ret->ahead_low_nanousd = ahead[(PLAN_DRAWS - 1) * 10 / 100];
    ret->ahead_high_nanousd = ahead[(PLAN_DRAWS - 1) * 90 / 100];
    ret->never_ppm = (uint64_t)never * PPM / PLAN_DRAWS;
    return 0;
}

static bool pays_at(const struct plan_input *in, uint64_t requests)
{
    struct plan_input x = *in;
    struct plan p;
    struct err err;
    x.requests = requests;
    return plan_compute(&x, &p, &err) == 0 && p.displaced_nanousd >= p.local_nanousd;
}

uint64_t plan_crossing(const struct plan_input *in, uint64_t most)
{
    uint64_t low = 1;
    uint64_t high = most;
    if (!pays_at(in, most))
        return 0;
    while (low < high) {
        uint64_t mid = low + (high - low) / 2;
        if (pays_at(in, mid))
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

/* Rounded up, so that the answer does turn there; `most` + 1 when it is more. */
static uint64_t part_of(int64_t part, int64_t whole, uint64_t most)
{
    if (part <= 0)
        return 0;
    if (whole <= 0)
        return most + 1;
    money_wide ppm = ((money_wide)part * PPM + whole - 1) / whole;
    return ppm > (money_wide)most ? most + 1 : (uint64_t)ppm;
}

int plan_flips(const struct plan_input *in, struct plan_flips *ret, struct err *err)
{
    struct plan p;
    struct plan all;
    struct plan_input accepted = *in;
    accepted.acceptance_ppm = PPM;
    if (plan_compute(in, &p, err) < 0 || plan_compute(&accepted, &all, err) < 0)
        return -1;
    uint64_t most =
        in->requests < PLAN_REQUESTS_MOST / 100 ? in->requests * 100 : PLAN_REQUESTS_MOST;
    *ret = (struct plan_flips){
        .acceptance_ppm = part_of(all.local_nanousd, all.displaced_nanousd, PPM),
        .api_ppm = part_of(p.local_nanousd, p.displaced_nanousd, UINT64_C(1000) * PPM),
        .requests = plan_crossing(in, most),
        .people_nanousd = p.ahead_nanousd,
    };
    if (ret->api_ppm > UINT64_C(1000) * PPM)
        ret->api_ppm = 0;
    return 0;
}

struct plan_input plan_with_machines(const struct plan_input *in, uint64_t machines)
{
    struct plan_input out = *in;
    out.machines = machines;
    out.capex_nanousd =
        (int64_t)((money_wide)in->capex_nanousd * machines / in->machines);
    out.resale_nanousd =
        (int64_t)((money_wide)in->resale_nanousd * machines / in->machines);
    return out;
}
