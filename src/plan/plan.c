/* plan.c -- one month, computed.
 *
 * Products are formed in 128 bits; each money figure is rounded once.  The order of the
 * fields checked is the order in which a reader fills them in. */
#include "plan/plan.h"

#include "facts/money.h"

#include <assert.h>

#define MS_PER_HOUR   UINT64_C(3600000)
#define MWH_PER_KWH   UINT64_C(1000000)
#define MONEY_CEILING (INT64_C(1000000000) * NANOUSD_PER_USD)

const char *constraint_name(enum constraint c)
{
    static const char *const names[CONSTRAINTS] = {
        [BINDS_ACCEPTANCE] = "quality: local answers are not accepted often enough",
        [BINDS_CAPACITY] = "capacity: the machines cannot generate what is asked for",
        [BINDS_OPERATIONS] = "operations: people's hours cost more than the API",
        [BINDS_ENERGY] = "energy: power costs more than the API",
        [BINDS_RENT] = "rent: the rented machine costs more than the API",
        [BINDS_VOLUME] = "volume: there is too little API spend to displace",
        [BINDS_CAPEX] = "the purchase: each month is ahead, and the price of the machine "
                        "says after how many it is paid",
    };
    return names[c];
}

void plan_input_init(struct plan_input *in)
{
    *in = (struct plan_input){
        .days = 30,
        .api_scale_ppm = PPM,
        .peak_milli = UINT64_C(3) * MILLI,
        .machines = 1,
        .amortise_months = 36,
        .pue_milli = MILLI,
        .parallel_milli = MILLI,
        .busy_limit_ppm = PPM,
        .acceptance_ppm = PPM,
    };
}

static int out_of_range(const char *field, const char *remedy, struct err *err)
{
    return err_set(err, ERR_CONFIG, "bad_plan", "%s: %s", field, remedy);
}

static int check_local(const struct plan_input *in, struct err *err)
{
    const struct {
        const char *field;
        int64_t v;
    } money[] = {{"capex", in->capex_nanousd},
                 {"resale", in->resale_nanousd},
                 {"rent", in->rent_nanousd_per_hour},
                 {"tariff", in->tariff_nanousd_per_kwh},
                 {"wage", in->wage_nanousd_per_hour},
                 {"other", in->other_nanousd},
                 {"subscription", in->subscription_nanousd}};
    for (size_t i = 0; i < ARRAY_LEN(money); i++)
        if (money[i].v < 0 || money[i].v > MONEY_CEILING)
            return out_of_range(money[i].field, "must be 0 to a billion dollars", err);
    if (in->machines < 1 || in->machines > 100000)
        return out_of_range("machines", "must be 1 to 100,000", err);
    if (in->resale_nanousd > in->capex_nanousd)
        return out_of_range("resale", "is above the purchase price", err);
    if (in->amortise_months < 1 || in->amortise_months > 600)
        return out_of_range("amortise", "must be 1 to 600 months", err);
    if (in->load_mw < 1000 || in->load_mw > 50000000)
        return out_of_range("load-watts", "must be 1 to 50,000 W for one machine", err);
    if (in->idle_mw > in->load_mw)
        return out_of_range("idle-watts", "is above load-watts", err);
    if (in->tariff_nanousd_per_kwh > 10 * NANOUSD_PER_USD)
        return out_of_range("tariff",
                            "is above $10 a kWh; say what it is in with --currency", err);
    if (in->pue_milli < 1000 || in->pue_milli > 5000)
        return out_of_range("pue", "must be 1 to 5", err);
    if (in->ops_milli_hours > 10000000)
        return out_of_range("ops-hours", "must be at most 10,000 hours a month", err);
    bool writes = in->per_request.output > 0;
    if ((writes && in->decode_milli_tok_s == 0) || in->decode_milli_tok_s > 100000000)
        return out_of_range("speed", "must be above 0 and at most 100,000 tok/s", err);
    if (in->prefill_milli_tok_s == 0)
        return out_of_range("prefill-speed", "must be above 0 tok/s", err);
    if (in->parallel_milli < 1000 || in->parallel_milli > 1000000)
        return out_of_range("parallel", "must be 1 to 1,000 times one stream", err);
    return 0;
}

int plan_input_check(const struct plan_input *in, struct err *err)
{
    const struct token_counts *t = &in->per_request;
    if (in->requests == 0)
        return out_of_range("requests", "there are none; give --requests-per-day", err);
    if (in->requests > PLAN_REQUESTS_MOST)
        return out_of_range("requests", "must be at most 2,000,000,000 a month", err);
    if (t->input == 0 && t->output == 0)
        return out_of_range("input-tokens, output-tokens", "both are 0; give them", err);
    if (t->input > 100000000 || t->output > 100000000)
        return out_of_range("tokens", "must be at most 100,000,000 a request", err);
    if (in->days < 1 || in->days > 31)
        return out_of_range("days", "must be 1 to 31", err);
    if (!in->price)
        return out_of_range("model", "name the cloud model to compare with", err);
    if (in->batch_share_ppm > PPM || in->batch_discount_ppm > PPM)
        return out_of_range("batch-share, batch-discount", "must be 0 to 100 %", err);
    if (in->api_decline_ppm >= PPM)
        return out_of_range("price-decline", "must be under 100 % a year", err);
    if (in->acceptance_ppm > PPM || in->busy_limit_ppm > PPM || in->busy_limit_ppm == 0)
        return out_of_range("acceptance, busy-limit", "must be 0 to 100 %", err);
    if (in->peak_milli < 1000 || in->peak_milli > 1000000)
        return out_of_range("peak", "must be 1 to 1,000 times the mean hour", err);
    return check_local(in, err);
}

static int64_t share_of(int64_t nanousd, uint64_t ppm)
{
    money_wide wide = (money_wide)nanousd * (money_wide)ppm;
    return (int64_t)((wide + PPM / 2) / PPM);
}

static int api_cost(const struct plan_input *in, int64_t *ret, struct err *err)
{
    int64_t full;
    int64_t waiting;
    if (in->subscription_nanousd) {
        *ret = share_of(in->subscription_nanousd, in->api_scale_ppm);
        return 0;
    }
    if (prices_cost_of_many_nanousd(in->price, &in->per_request, in->requests, &full,
                                    err) < 0)
        return -1;
    if (!in->batch)
        waiting = full - share_of(full, in->batch_discount_ppm);
    else if (prices_cost_of_many_nanousd(in->batch, &in->per_request, in->requests,
                                         &waiting, err) < 0)
        return -1;
    int64_t saved = share_of(full - waiting, in->batch_share_ppm);
    *ret = share_of(full - saved, in->api_scale_ppm);
    return 0;
}

static uint64_t busy_ms(const struct plan_input *in)
{
    const struct token_counts *t = &in->per_request;
    uint64_t prompt = t->input - t->cached;
    money_wide ms = (money_wide)in->requests * prompt * 1000 * 1000 /
                    (money_wide)in->prefill_milli_tok_s;
    if (t->output)
        ms += (money_wide)in->requests * t->output * 1000 * 1000 * MILLI /
              (money_wide)in->decode_milli_tok_s / (money_wide)in->parallel_milli;
    return ms > INT64_MAX / PPM ? INT64_MAX / PPM : (uint64_t)ms;
}

/* Milliseconds of all machines that may be busy in a month. */
static money_wide usable_ms(const struct plan_input *in)
{
    return (money_wide)in->days * 24 * MS_PER_HOUR * in->machines * in->busy_limit_ppm /
           PPM;
}

/* What goes local of the API's bill; not by the rounded share, so that a little more
 * demand never displaces a little less. */
static int64_t displaced(const struct plan_input *in, const struct plan *p)
{
    money_wide usable = usable_ms(in);
    money_wide sum = p->api_nanousd;
    if (p->busy_ms > usable)
        sum = sum * usable / p->busy_ms;
    return (int64_t)((sum * in->acceptance_ppm + PPM / 2) / PPM);
}

static void capacity(const struct plan_input *in, struct plan *p)
{
    uint64_t all_ms = in->days * 24 * MS_PER_HOUR * in->machines;
    money_wide usable = usable_ms(in);
    assert(all_ms > 0 && usable > 0); /* plan_input_check() saw to it */
    p->busy_ms = busy_ms(in);
    p->busy_ppm = (uint64_t)((money_wide)p->busy_ms * PPM / all_ms);
    money_wide share = p->busy_ms ? usable * PPM / p->busy_ms : PPM;
    p->capacity_ppm = share > PPM ? PPM : (uint64_t)share;
    p->displaceable_ppm = p->capacity_ppm * in->acceptance_ppm / PPM;
    /* What may wait fills the hours that are not busy. */
    money_wide peak =
        (money_wide)p->busy_ms * in->peak_milli * (PPM - in->batch_share_ppm) / PPM;
    if (peak < (money_wide)p->busy_ms * MILLI)
        peak = (money_wide)p->busy_ms * MILLI;
    money_wide one = usable * MILLI / (money_wide)in->machines;
    p->machines_at_peak = (uint64_t)((peak + one - 1) / one);
    p->machines_at_peak = p->machines_at_peak ? p->machines_at_peak : 1;
}

static int energy(const struct plan_input *in, struct plan *p, struct err *err)
{
    money_wide all_ms = (money_wide)in->days * 24 * MS_PER_HOUR * in->machines;
    money_wide usable = usable_ms(in);
    money_wide busy = p->busy_ms > usable ? usable : p->busy_ms;
    money_wide mw_ms = (all_ms - busy) * in->idle_mw + busy * in->load_mw;
    money_wide mwh_milli = mw_ms * in->pue_milli / MS_PER_HOUR;
    p->energy_mwh = (uint64_t)(mwh_milli / MILLI);
    return money_round(mwh_milli * in->tariff_nanousd_per_kwh,
                       (int64_t)(MWH_PER_KWH * MILLI), "energy", &p->energy_nanousd, err);
}

static int cash(const struct plan_input *in, struct plan *p, struct err *err)
{
    money_wide hours = (money_wide)in->days * 24 * in->machines;
    if (energy(in, p, err) < 0 ||
        money_round((money_wide)in->ops_milli_hours * in->wage_nanousd_per_hour, MILLI,
                    "operations", &p->ops_nanousd, err) < 0 ||
        money_round(hours * in->rent_nanousd_per_hour, 1, "rent", &p->rent_nanousd, err) <
            0)
        return -1;
    p->other_nanousd = in->other_nanousd;
    return money_round((money_wide)p->energy_nanousd + p->ops_nanousd + p->rent_nanousd +
                           p->other_nanousd,
                       1, "local cost", &p->cash_nanousd, err);
}

static struct payback payback_of(int64_t sunk, int64_t net)
{
    if (net <= 0)
        return (struct payback){PAYBACK_NEVER, 0};
    if (sunk == 0)
        return (struct payback){PAYBACK_NOTHING_TO_PAY, 0};
    money_wide milli = ((money_wide)sunk * MILLI + net / 2) / net;
    /* Past a hundred thousand years it is never, whatever the arithmetic says. */
    if (milli > INT64_C(1200000) * MILLI)
        return (struct payback){PAYBACK_NEVER, 0};
    return (struct payback){PAYBACK_MONTHS, (int64_t)milli};
}

static enum constraint binding(const struct plan_input *in, const struct plan *p)
{
    int64_t possible = share_of(p->api_nanousd, p->capacity_ppm);
    if (p->net_nanousd > 0)
        return p->capacity_ppm < PPM ? BINDS_CAPACITY : BINDS_CAPEX;
    if (possible > p->cash_nanousd && in->acceptance_ppm < PPM)
        return BINDS_ACCEPTANCE;
    if (p->api_nanousd > p->cash_nanousd && p->capacity_ppm < PPM)
        return BINDS_CAPACITY;
    if (p->rent_nanousd >= p->displaced_nanousd && p->rent_nanousd > p->ops_nanousd)
        return BINDS_RENT;
    if (p->ops_nanousd >= p->displaced_nanousd && p->ops_nanousd > 0)
        return BINDS_OPERATIONS;
    if (p->energy_nanousd >= p->displaced_nanousd && p->energy_nanousd > 0)
        return p->busy_ppm > 100000 ? BINDS_ENERGY : BINDS_VOLUME;
    return BINDS_VOLUME;
}

/* Undiscounted: months of net at prices that decline by a yearly step, less the card. */
static int64_t net_present(const struct plan_input *in, const struct plan *p)
{
    money_wide sum = (money_wide)in->resale_nanousd - in->capex_nanousd;
    int64_t displaced = p->displaced_nanousd;
    for (uint64_t month = 0; month < in->amortise_months; month++) {
        if (month && month % 12 == 0)
            displaced -= share_of(displaced, in->api_decline_ppm);
        sum += displaced - p->cash_nanousd;
    }
    if (sum > INT64_MAX)
        return INT64_MAX;
    return sum < -INT64_MAX ? -INT64_MAX : (int64_t)sum;
}

int plan_compute(const struct plan_input *in, struct plan *ret, struct err *err)
{
    struct plan p = {0};
    if (plan_input_check(in, err) < 0 || api_cost(in, &p.api_nanousd, err) < 0)
        return -1;
    capacity(in, &p);
    if (cash(in, &p, err) < 0)
        return -1;
    int64_t sunk = in->capex_nanousd - in->resale_nanousd;
    p.displaced_nanousd = displaced(in, &p);
    p.remaining_nanousd = p.api_nanousd - p.displaced_nanousd;
    p.amortised_nanousd = sunk / (int64_t)in->amortise_months;
    p.local_nanousd = p.cash_nanousd + p.amortised_nanousd;
    p.hybrid_nanousd = p.remaining_nanousd + p.local_nanousd;
    p.net_nanousd = p.displaced_nanousd - p.cash_nanousd;
    p.ahead_nanousd = p.api_nanousd - p.hybrid_nanousd;
    p.payback = payback_of(sunk, p.net_nanousd);
    p.npv_nanousd = net_present(in, &p);
    p.binds = binding(in, &p);
    *ret = p;
    return 0;
}
