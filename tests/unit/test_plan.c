/* test_plan.c -- costs, capacity, break-even, and the published formulas.
 *
 * E01 to E23 are the known errors that `weir plan --method errata` lists. */
#include "plan/method.h"
#include "plan/plan.h"

#include "facts/money.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define USD(v) ((int64_t)(v)*NANOUSD_PER_USD)

static int load(void **state)
{
    struct err err;
    struct prices *p;
    if (prices_load_embedded(&p, &err) < 0) {
        print_error("%s\n", err.msg);
        return -1;
    }
    *state = p;
    return 0;
}

static int unload(void **state)
{
    prices_free(*state);
    return 0;
}

static const struct price *price_of(const struct prices *p, const char *model)
{
    const struct price *row = prices_find(p, (struct str){0}, str_of(model), 0);
    assert_non_null(row);
    return row;
}

/* 5,000 requests a day of 800 + 400 tokens on a 4090 at 124 tok/s. */
static struct plan_input usual(const struct prices *p, const char *model)
{
    struct plan_input in;
    plan_input_init(&in);
    in.requests = 150000;
    in.per_request = (struct token_counts){.input = 800, .output = 400};
    in.price = price_of(p, model);
    in.capex_nanousd = USD(1600);
    in.idle_mw = 20000;
    in.load_mw = 450000;
    in.tariff_nanousd_per_kwh = INT64_C(120000000);
    in.decode_milli_tok_s = 124000;
    in.prefill_milli_tok_s = 2000000;
    return in;
}

static struct plan computed(const struct plan_input *in)
{
    struct plan p;
    struct err err;
    if (plan_compute(in, &p, &err) < 0)
        fail_msg("%s", err.msg);
    return p;
}

/* Of weir plan --method errata: E01, E02. */
static void the_month_of_gut_feeling_is_2_025_and_not_2_475(void **state)
{
    struct gut_month m;
    struct err err;
    const struct price *lite = price_of(*state, "gemini-2.0-flash-lite");
    const struct price *flash = price_of(*state, "gemini-2.0-flash");
    assert_int_equal(gut_month(500000, 100000, 30, lite, &m, &err), 0);
    assert_int_equal(m.api_nanousd, INT64_C(2025000000));
    assert_int_equal(m.energy_mwh, 24840000);
    assert_int_equal(m.electricity_nanousd, INT64_C(2980800000));
    assert_true(m.api_nanousd < m.electricity_nanousd); /* API cheaper */
    assert_int_equal(gut_month(500000, 150000, 30, lite, &m, &err), 0);
    assert_int_equal(m.api_nanousd, INT64_C(2475000000));
    assert_int_equal(gut_month(500000, 100000, 30, flash, &m, &err), 0);
    assert_int_equal(m.api_nanousd, INT64_C(2700000000));
    assert_true(m.api_nanousd < m.electricity_nanousd);
}

/* Of weir plan --method errata: E20. */
static void first_token_statistics(void **state)
{
    (void)state;
    static const double gemini[] = {380, 220, 195, 410, 280};
    static const double rtx[] = {45, 48, 52, 44, 47};
    static const double m4[] = {78, 82, 75, 80, 77};
    struct gut_spread a = gut_spread(gemini, 5);
    struct gut_spread b = gut_spread(rtx, 5);
    struct gut_spread c = gut_spread(m4, 5);
    assert_int_equal(lround(a.mean), 297);
    assert_int_equal(lround(a.stdev), 95);
    assert_int_equal(lround(b.mean), 47);
    assert_int_equal(lround(b.stdev), 3);
    assert_int_equal(lround(c.mean), 78);
    assert_int_equal(lround(c.stdev), 3);
    assert_int_equal(lround(100 * a.stdev / a.mean), 32);
    struct gut_spread one = gut_spread(gemini, 1);
    assert_true(one.stdev < 1e-12);
}

/* Internal data never leaves; 0 ms is a demand. */
static void the_routing_table_of_gut_feeling_never_sends_internal_out(void **state)
{
    (void)state;
    static const uint64_t tokens[] = {0, 20000, 20001, 50000, 50001, 1000000};
    for (int s = GUT_PUBLIC; s <= GUT_CONFIDENTIAL; s++)
        for (size_t t = 0; t < ARRAY_LEN(tokens); t++)
            for (int bits = 0; bits < 16; bits++) {
                bool quality = bits & 1;
                bool has = bits & 2;
                uint64_t ms = bits & 8 ? 99 : bits & 4 ? 100 : 0;
                enum gut_choice r =
                    gut_route((enum gut_sensitivity)s, tokens[t], quality, has, ms);
                if (s != GUT_PUBLIC)
                    assert_true(r == GUT_LOCAL_GPU || r == GUT_LOCAL_UNIFIED);
                if (s == GUT_CONFIDENTIAL)
                    assert_int_equal(r, tokens[t] > 20000 ? GUT_LOCAL_UNIFIED
                                                          : GUT_LOCAL_GPU);
                if (s == GUT_PUBLIC && has && ms < 100)
                    assert_int_equal(r, GUT_LOCAL_GPU);
                if (s == GUT_PUBLIC && !has && quality)
                    assert_int_equal(r,
                                     tokens[t] > 50000 ? GUT_CLOUD_LONG : GUT_CLOUD_BEST);
            }
    assert_int_equal(gut_route(GUT_PUBLIC, 10, true, true, 0), GUT_LOCAL_GPU);
    assert_int_equal(gut_route(GUT_PUBLIC, 10, true, false, 0), GUT_CLOUD_BEST);
}

static void a_local_answer_is_kept_from_the_threshold_on(void **state)
{
    (void)state;
    assert_true(gut_keeps_local(750, 750));
    assert_false(gut_keeps_local(749, 750));
}

/* Of weir plan --method errata: E05. */
static void fifty_million_tokens_pay_back_at_the_displaced_price(void **state)
{
    static const struct {
        const char *model;
        long months;
    } rows[] = {{"gemini-2.0-flash-lite", 113}, {"gemini-2.0-flash", 66}, {"gpt-4o", 2}};
    struct token_counts t = {.input = 41666670, .output = 8333334};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t bill;
        struct err err;
        assert_int_equal(
            prices_cost_nanousd(price_of(*state, rows[i].model), &t, &bill, &err), 0);
        struct payback b = locally_break_even(USD(299), bill, INT64_C(2980800000));
        assert_int_equal(b.kind, PAYBACK_MONTHS);
        assert_int_equal((b.milli_months + 500) / 1000, rows[i].months);
    }
}

/* Power follows the volume. */
static void electricity_follows_busy_time(void **state)
{
    struct plan_input in;
    plan_input_init(&in);
    in.requests = 30;
    in.per_request = (struct token_counts){.output = 100000};
    in.price = price_of(*state, "gemini-2.0-flash-lite");
    in.load_mw = 115000;
    in.tariff_nanousd_per_kwh = INT64_C(120000000);
    in.decode_milli_tok_s = in.prefill_milli_tok_s = 68000;
    struct plan p = computed(&in);
    assert_int_equal(p.busy_ppm / 100, 170);                       /* 1.7 % */
    assert_int_equal((p.energy_nanousd + 5000000) / 10000000, 17); /* $0.17 */
}

/* Idle power is paid for every hour, tokens or not. */
static void a_day_of_idling_costs_what_the_meter_says(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o-mini");
    in.requests = 1;
    in.per_request = (struct token_counts){.output = 1};
    in.days = 1;
    in.idle_mw = 50000;
    struct plan p = computed(&in);
    assert_in_range(p.energy_mwh, 1200000, 1200200); /* 50 W x 24 h = 1.2 kWh */
}

/* Of weir plan --method errata: E07. */
static void dollars_an_hour_imply_watts(void **state)
{
    (void)state;
    assert_int_equal(factors_implied_mw(100000000, 120000000), 833333);
    assert_int_equal(factors_implied_mw(300000000, 120000000), 2500000);
    assert_int_equal(factors_implied_mw(54000000, 120000000), 450000);
}

/* Of weir plan --method errata: E08, E09. */
static void payback_over_the_published_ranges(void **state)
{
    (void)state;
    static const struct {
        int64_t setup, api, local, tenths;
    } rows[] = {{1000, 50, 10, 250},
                {1700, 30, 20, 1700},
                {1000, 200, 10, 53},
                {1700, 200, 20, 94}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct payback b =
            locally_break_even(USD(rows[i].setup), USD(rows[i].api), USD(rows[i].local));
        assert_int_equal(b.kind, PAYBACK_MONTHS);
        assert_int_equal((b.milli_months + 50) / 100, rows[i].tenths);
    }
    assert_int_equal((USD(1600) / 24 + 5000000) / 10000000, 6667);
}

/* A card displaces no more than it generates. */
static void a_card_cannot_displace_more_than_it_makes(void **state)
{
    assert_int_equal(constraint_tokens_per_day(35000), 3024000);
    struct plan_input in = usual(*state, "gpt-4o");
    in.requests = 3000000;
    struct plan p = computed(&in);
    assert_true(p.capacity_ppm < PPM);
    assert_true(p.displaced_nanousd < p.api_nanousd);
    assert_int_equal(p.binds, BINDS_CAPACITY);
    in.machines = 10;
    assert_int_equal(computed(&in).capacity_ppm, PPM);
}

static void the_example_of_run_locally_is_54_dollars_and_66_7_months(void **state)
{
    int64_t month;
    struct err err;
    assert_int_equal(
        locally_month(5000, 800, 400, price_of(*state, "gpt-4o-mini"), &month, &err), 0);
    assert_int_equal(month, USD(54));
    struct payback b = locally_break_even(USD(1600), month, USD(30));
    assert_int_equal((b.milli_months + 50) / 100, 667);
    assert_int_equal(locally_quality_loss_pct(750), 25);
    assert_int_equal(
        locally_month(5000, 800, 400, price_of(*state, "gpt-4o"), &month, &err), 0);
    assert_int_equal(month, USD(900));
    b = locally_break_even(USD(20000), month, USD(500));
    assert_int_equal(b.milli_months, 50000);
}

static void a_setup_of_nothing_is_paid_back_in_0_months_and_not_never(void **state)
{
    struct payback b = locally_break_even(0, USD(54), USD(30));
    assert_int_equal(b.kind, PAYBACK_NOTHING_TO_PAY);
    assert_int_equal(b.milli_months, 0);
    assert_int_equal(locally_break_even(0, USD(30), USD(30)).kind, PAYBACK_NEVER);
    struct plan_input in = usual(*state, "gpt-4o");
    in.capex_nanousd = 0;
    assert_int_equal(computed(&in).payback.kind, PAYBACK_NOTHING_TO_PAY);
}

/* Of weir plan --method errata: E15. */
static void queries_are_classified_as_in_run_locally(void **state)
{
    (void)state;
    struct str simple = STR("What is RAG?");
    struct str medium = STR("Explain the tradeoffs between HNSW and IVF-PQ index types.");
    struct str hard = STR("Write a Python class implementing a full RAG pipeline with "
                          "ChromaDB and GPT-4o-mini.");
    assert_int_equal(locally_classify(simple), LOCALLY_SIMPLE);
    assert_int_equal(locally_classify(medium), LOCALLY_MEDIUM);
    assert_int_equal(locally_classify(hard), LOCALLY_COMPLEX);
    assert_int_equal(locally_words(medium), 9);
    assert_int_equal(locally_words(hard), 13);
    assert_int_equal(locally_route_nanousd(simple), 0);
    assert_int_equal(locally_route_nanousd(medium), 13500);
    assert_int_equal(locally_route_nanousd(hard), 195000); /* prints $0.0002 */
    char text[120];
    memset(text, 'x', sizeof text);
    memcpy(text, "what is", 7);
    assert_int_equal(locally_classify((struct str){text, 99}), LOCALLY_SIMPLE);
    assert_int_equal(locally_classify((struct str){text, 100}), LOCALLY_MEDIUM);
}

static void ten_million_output_tokens_on_gpt_4o_cost_100_dollars(void **state)
{
    int64_t cost;
    struct err err;
    struct token_counts t = {.output = 10000000};
    assert_int_equal(prices_cost_nanousd(price_of(*state, "gpt-4o"), &t, &cost, &err), 0);
    assert_int_equal(cost, USD(100));
}

/* Of weir plan --method errata: E13, E14. */
static void requests_of_definitive_break_even_between_20k_and_143k(void **state)
{
    (void)state;
    assert_int_equal(definitive_per_request(USD(2800), 500000), 5600000);
    assert_int_equal(definitive_per_request(USD(8500), 500000), 17000000);
    assert_int_equal(definitive_break_even_requests(USD(350), USD(8500), 500000), 20589);
    assert_int_equal(definitive_break_even_requests(USD(800), USD(2800), 500000), 142858);
    uint64_t month = constraint_tokens_per_day(90000) * 30;
    assert_int_equal(month, 233280000);
    assert_int_equal((USD(350) / (int64_t)(month / 10000) + 50000) / 100000, 150);
}

/* Prices quoted, rightly and wrongly. */
static void quoted_prices_against_the_list(void **state)
{
    const struct price *pro = price_of(*state, "gemini-2.5-pro");
    assert_int_equal(pro->output, 10000000);
    assert_int_equal(pro->ntiers, 1);
    assert_int_equal(pro->tiers[0].input, 2500000);
    assert_int_equal(pro->tiers[0].output, 15000000);
    assert_int_equal(price_of(*state, "gpt-4o-mini")->output, 600000);
    assert_int_equal(price_of(*state, "gpt-4o-mini")->input, 150000);
    assert_int_equal(price_of(*state, "claude-haiku-4-5")->output, 5000000);
}

static void api_cost_counts_cache_reasoning_and_batch_once(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    in.per_request = (struct token_counts){1000, 600, 0, 200, 50, 0, 0};
    in.requests = 1000;
    int64_t full = 1000 * (400 * 2500 + 600 * 1250 + INT64_C(200) * 10000);
    assert_int_equal(computed(&in).api_nanousd, full);
    in.batch_share_ppm = 500000;
    in.batch_discount_ppm = 500000;
    assert_int_equal(computed(&in).api_nanousd, full - full / 4);
}

static void the_plan_is_monotone_in_price_and_volume(void **state)
{
    struct plan_input cheap = usual(*state, "gpt-4o-mini");
    struct plan_input dear = usual(*state, "gpt-4o");
    assert_true(computed(&dear).net_nanousd > computed(&cheap).net_nanousd);
    int64_t last = INT64_MIN / 2;
    for (uint64_t n = 1000; n < 100000000; n *= 3) {
        dear.requests = n;
        struct plan p = computed(&dear);
        assert_true(p.net_nanousd >= last - 1000000); /* a tenth of a cent: rounding */
        assert_int_equal(p.displaced_nanousd + p.remaining_nanousd, p.api_nanousd);
        last = p.net_nanousd;
    }
}

static void people_hours_can_make_it_never(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o-mini");
    assert_int_equal(computed(&in).payback.kind, PAYBACK_MONTHS);
    in.ops_milli_hours = 2000;
    in.wage_nanousd_per_hour = USD(60);
    struct plan p = computed(&in);
    assert_int_equal(p.ops_nanousd, USD(120));
    assert_int_equal(p.payback.kind, PAYBACK_NEVER);
    assert_int_equal(p.binds, BINDS_OPERATIONS);
}

static void rent_is_paid_busy_or_not(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o-mini");
    in.capex_nanousd = 0;
    in.rent_nanousd_per_hour = NANOUSD_PER_USD / 2;
    struct plan p = computed(&in);
    assert_int_equal(p.rent_nanousd, USD(360));
    assert_int_equal(p.payback.kind, PAYBACK_NEVER);
    assert_int_equal(p.binds, BINDS_RENT);
}

static void machines_for_the_peak_are_a_staircase(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o-mini");
    in.requests = 600000; /* about 0.97 of one machine's month */
    in.peak_milli = 1000;
    assert_int_equal(computed(&in).machines_at_peak, 1);
    in.peak_milli = 3000;
    assert_int_equal(computed(&in).machines_at_peak, 3);
    in.peak_milli = 4000;
    assert_int_equal(computed(&in).machines_at_peak, 4);
}

static void sensitivity_ranks_by_swing_and_the_interval_holds_the_centre(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    struct plan_ranges r;
    struct plan_effect e[PLAN_FACTORS];
    struct plan_interval i;
    struct err err;
    plan_ranges_default(&r);
    assert_int_equal(plan_sensitivity(&in, &r, e, &err), 0);
    for (size_t k = 1; k < PLAN_FACTORS; k++) {
        int64_t a = llabs(e[k - 1].ahead_high_nanousd - e[k - 1].ahead_low_nanousd);
        int64_t b = llabs(e[k].ahead_high_nanousd - e[k].ahead_low_nanousd);
        assert_true(a >= b);
    }
    for (int f = 0; f < PLAN_FACTORS; f++) {
        r.low_ppm[f] = 800000;
        r.high_ppm[f] = f == FACTOR_ACCEPTANCE ? PPM : 1200000;
    }
    assert_int_equal(plan_interval(&in, &r, &i, &err), 0);
    int64_t months = computed(&in).payback.milli_months;
    assert_true(i.low.milli_months < months && months < i.high.milli_months);
    assert_int_equal(i.never_ppm, 0);
    struct plan_interval again;
    assert_int_equal(plan_interval(&in, &r, &again, &err), 0);
    assert_int_equal(i.low.milli_months, again.low.milli_months);
    assert_int_equal(i.high.milli_months, again.high.milli_months);
    assert_int_equal(i.net_low_nanousd, again.net_low_nanousd);
}

static void certainty_gives_an_interval_of_nothing(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    struct plan_ranges r;
    struct plan_interval i;
    struct err err;
    for (int f = 0; f < PLAN_FACTORS; f++)
        r.low_ppm[f] = r.high_ppm[f] = PPM;
    assert_int_equal(plan_interval(&in, &r, &i, &err), 0);
    assert_int_equal(i.low.milli_months, i.high.milli_months);
    assert_int_equal(i.low.milli_months, computed(&in).payback.milli_months);
}

static void the_crossing_is_where_local_costs_what_it_displaces(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o-mini");
    uint64_t at = plan_crossing(&in, 1000000);
    assert_true(at > 1 && at < 1000000);
    in.requests = at;
    struct plan p = computed(&in);
    assert_true(p.displaced_nanousd >= p.local_nanousd);
    in.requests = at - 1;
    p = computed(&in);
    assert_true(p.displaced_nanousd < p.local_nanousd);
    assert_int_equal(plan_crossing(&in, 10), 0);
}

static void bad_input_is_refused_by_field(void **state)
{
    static const struct {
        const char *says;
        size_t offset;
        uint64_t value;
    } rows[] = {
        {"requests", offsetof(struct plan_input, requests), 0},
        {"days", offsetof(struct plan_input, days), 32},
        {"machines", offsetof(struct plan_input, machines), 0},
        {"load-watts", offsetof(struct plan_input, load_mw), 60000001},
        {"load-watts", offsetof(struct plan_input, load_mw), 10},
        {"idle-watts", offsetof(struct plan_input, idle_mw), 450001},
        {"pue", offsetof(struct plan_input, pue_milli), 900},
        {"speed", offsetof(struct plan_input, decode_milli_tok_s), 0},
        {"prefill-speed", offsetof(struct plan_input, prefill_milli_tok_s), 0},
        {"acceptance", offsetof(struct plan_input, acceptance_ppm), PPM + 1},
        {"amortise", offsetof(struct plan_input, amortise_months), 0},
        {"capex", offsetof(struct plan_input, capex_nanousd), (uint64_t)-1},
        {"resale", offsetof(struct plan_input, resale_nanousd), (uint64_t)USD(1601)},
        {"tariff", offsetof(struct plan_input, tariff_nanousd_per_kwh),
         (uint64_t)USD(11)},
        {"peak", offsetof(struct plan_input, peak_milli), 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct plan_input in = usual(*state, "gpt-4o");
        struct plan p;
        struct err err;
        memcpy((char *)&in + rows[i].offset, &rows[i].value, sizeof rows[i].value);
        assert_int_equal(plan_compute(&in, &p, &err), -1);
        if (!strstr(err.msg, rows[i].says))
            fail_msg("%s: %s", rows[i].says, err.msg);
    }
    struct plan_input in = usual(*state, "gpt-4o");
    struct plan p;
    struct err err;
    in.per_request.cached = in.per_request.input + 1;
    assert_int_equal(plan_compute(&in, &p, &err), -1);
    in = usual(*state, "gpt-4o");
    in.per_request = (struct token_counts){0};
    assert_int_equal(plan_compute(&in, &p, &err), -1);
}

static void a_ledger_of_two_months_becomes_one_mean_month(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    struct err err;
    struct plan_ledger_row rows[] = {
        {.month_days = 100,
         .requests = 1000,
         .tokens = {.input = 800000, .cached = 200000, .output = 400000}},
        {.month_days = 100,
         .requests = 500,
         .is_local = true,
         .prefill_ms = 100000,
         .decode_ms = 4000000,
         .tokens = {.input = 400000, .output = 200000}},
        {.month_days = 131,
         .requests = 500,
         .tokens = {.input = 400000, .output = 200000}},
    };
    assert_int_equal(plan_from_ledger(rows, 3, &in, &err), 0);
    assert_int_equal(in.requests, 1000);
    assert_int_equal(in.per_request.input, 800);
    assert_int_equal(in.per_request.cached, 100);
    assert_int_equal(in.per_request.output, 400);
    assert_int_equal(in.decode_milli_tok_s, 50000);
    assert_int_equal(in.prefill_milli_tok_s, 4000000);
    assert_int_equal(plan_from_ledger(rows, 0, &in, &err), -1);
    assert_string_equal(err.code, "empty_ledger");
    struct plan_ledger_row none = {.month_days = 1, .requests = 3};
    assert_int_equal(plan_from_ledger(&none, 1, &in, &err), -1);
}

/* By hand: 1,000 requests of 2,000 + 500 tokens of gpt-4o are 1000 x (2000 x 2.50 +
 * 500 x 10) / 10^6 = $10; its batch price is half, so with 40 % waiting $8. */
static void requests_that_wait_cost_the_provider_s_batch_price(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    in.requests = 1000;
    in.per_request = (struct token_counts){.input = 2000, .output = 500};
    assert_int_equal(computed(&in).api_nanousd, USD(10));
    in.batch = price_of_tier(in.price, TIER_BATCH);
    assert_non_null(in.batch);
    in.batch_share_ppm = 400000;
    in.batch_discount_ppm = 900000; /* the provider's own price stands before it */
    assert_int_equal(computed(&in).api_nanousd, USD(8));
}

/* By hand: 3,000 requests of 10,000 tokens at Claude Sonnet 4.5's 3.00, 0.30 read from
 * and 3.75 written to a cache: 3000 x (2000 x 3 + 7000 x 0.3 + 1000 x 3.75) / 10^6. */
static void what_is_written_to_a_cache_has_its_own_price(void **state)
{
    struct plan_input in = usual(*state, "claude-sonnet-4-5");
    in.requests = 3000;
    in.per_request =
        (struct token_counts){.input = 10000, .cached = 7000, .cache_write = 1000};
    assert_int_equal(computed(&in).api_nanousd, INT64_C(35550000000)); /* $35.55 */
}

/* A flat fee stands in place of prices, whatever is asked. */
static void a_subscription_costs_the_same_at_any_volume(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    in.subscription_nanousd = USD(200);
    assert_int_equal(computed(&in).api_nanousd, USD(200));
    in.requests *= 2;
    struct plan p = computed(&in);
    assert_int_equal(p.api_nanousd, USD(200));
    assert_int_equal(p.ahead_nanousd, p.api_nanousd - p.hybrid_nanousd);
}

/* By hand: 100,000 x (1000 / 2000 + 400 / 100) s = 450,000 s; with eight streams that
 * gain 6.6 times it is 100,000 x (0.5 + 4 / 6.6) s: reading prompts gains nothing. */
static void streams_at_once_gain_in_writing_alone(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    in.requests = 100000;
    in.per_request = (struct token_counts){.input = 1000, .output = 400};
    in.prefill_milli_tok_s = 2000000;
    in.decode_milli_tok_s = 100000;
    assert_int_equal(computed(&in).busy_ms, 450000000);
    in.parallel_milli = 6600;
    assert_in_range(computed(&in).busy_ms, 110606060 - 1, 110606060 + 1);
}

/* By hand: at twice a machine's month, and three times that in the busiest hour, six
 * machines; three when half of it may wait; two, which is the load, when all may. */
static void what_may_wait_needs_no_machine_of_the_busiest_hour(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    in.requests = 1296000;
    in.per_request = (struct token_counts){.output = 400};
    in.decode_milli_tok_s = 100000; /* 4 s each: twice 2,592,000 s */
    in.batch_discount_ppm = 1;
    assert_int_equal(computed(&in).machines_at_peak, 6);
    in.batch_share_ppm = 500000;
    assert_int_equal(computed(&in).machines_at_peak, 3);
    in.batch_share_ppm = PPM;
    assert_int_equal(computed(&in).machines_at_peak, 2);
}

/* Each figure at which the answer turns does turn it, and not before. */
static void the_answer_turns_where_it_is_said_to(void **state)
{
    static const char *const models[] = {"gpt-4o", "claude-sonnet-4-5", "o1"};
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        struct plan_input in = usual(*state, models[i]);
        struct plan_flips f;
        struct err err;
        in.acceptance_ppm = 700000;
        assert_int_equal(plan_flips(&in, &f, &err), 0);
        struct plan_input at = in;
        at.acceptance_ppm = f.acceptance_ppm;
        assert_true(computed(&at).ahead_nanousd >= 0);
        at.acceptance_ppm = f.acceptance_ppm - 100;
        assert_true(computed(&at).ahead_nanousd < 0);
        at = in;
        at.api_scale_ppm = f.api_ppm;
        assert_true(llabs(computed(&at).ahead_nanousd) < USD(1) / 100);
        at = in;
        at.requests = f.requests;
        assert_true(computed(&at).ahead_nanousd >= 0);
        at.requests--;
        assert_true(computed(&at).ahead_nanousd < 0);
        at = in;
        at.other_nanousd += f.people_nanousd;
        assert_int_equal(computed(&at).ahead_nanousd, 0);
    }
}

/* When not even all answers are enough, no share is said. */
static void no_share_of_answers_turns_what_never_pays(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o-mini");
    struct plan_flips f;
    struct err err;
    in.other_nanousd = USD(1000);
    assert_int_equal(plan_flips(&in, &f, &err), 0);
    assert_true(f.acceptance_ppm > PPM);
    in.per_request = (struct token_counts){.input = 1000};
    in.decode_milli_tok_s = 0; /* nothing is written: embeddings */
    assert_int_equal(plan_flips(&in, &f, &err), 0);
}

/* The figure itself lies in the middle of its interval: between the 40th and the 60th of
 * a hundred, not at its edge. */
static void the_point_is_the_middle_of_its_interval(void **state)
{
    static const char *const models[] = {"gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5"};
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        struct plan_input in = usual(*state, models[i]);
        struct plan_ranges r;
        struct plan_interval v;
        struct err err;
        plan_ranges_default(&r);
        uint64_t middle = (ACCEPTANCE_LOW_PPM + ACCEPTANCE_HIGH_PPM) / 2;
        in.acceptance_ppm = middle;
        r.low_ppm[FACTOR_ACCEPTANCE] = (uint64_t)ACCEPTANCE_LOW_PPM * PPM / middle;
        r.high_ppm[FACTOR_ACCEPTANCE] = (uint64_t)ACCEPTANCE_HIGH_PPM * PPM / middle;
        assert_int_equal(plan_interval(&in, &r, &v, &err), 0);
        int64_t point = computed(&in).ahead_nanousd;
        int64_t width = v.ahead_high_nanousd - v.ahead_low_nanousd;
        assert_true(v.ahead_low_nanousd < point && point < v.ahead_high_nanousd);
        int64_t low = point - v.ahead_low_nanousd;
        assert_true(low > width * 35 / 100 && low < width * 65 / 100);
    }
}

/* The largest month is planned too: no draw goes past it. */
static void the_most_requests_have_an_interval(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    struct plan_ranges r;
    struct plan_interval v;
    struct err err;
    plan_ranges_default(&r);
    in.requests = PLAN_REQUESTS_MOST;
    assert_int_equal(plan_interval(&in, &r, &v, &err), 0);
    assert_int_equal(plan_with(&in, FACTOR_VOLUME, 1300000).requests, PLAN_REQUESTS_MOST);
}

static void machines_are_bought_at_the_same_price_each(void **state)
{
    struct plan_input in = usual(*state, "gpt-4o");
    in.machines = 2;
    in.resale_nanousd = USD(300);
    struct plan_input five = plan_with_machines(&in, 5);
    assert_int_equal(five.machines, 5);
    assert_int_equal(five.capex_nanousd, USD(4000));
    assert_int_equal(five.resale_nanousd, USD(750));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_month_of_gut_feeling_is_2_025_and_not_2_475),
        cmocka_unit_test(first_token_statistics),
        cmocka_unit_test(the_routing_table_of_gut_feeling_never_sends_internal_out),
        cmocka_unit_test(a_local_answer_is_kept_from_the_threshold_on),
        cmocka_unit_test(fifty_million_tokens_pay_back_at_the_displaced_price),
        cmocka_unit_test(electricity_follows_busy_time),
        cmocka_unit_test(a_day_of_idling_costs_what_the_meter_says),
        cmocka_unit_test(dollars_an_hour_imply_watts),
        cmocka_unit_test(payback_over_the_published_ranges),
        cmocka_unit_test(a_card_cannot_displace_more_than_it_makes),
        cmocka_unit_test(the_example_of_run_locally_is_54_dollars_and_66_7_months),
        cmocka_unit_test(a_setup_of_nothing_is_paid_back_in_0_months_and_not_never),
        cmocka_unit_test(queries_are_classified_as_in_run_locally),
        cmocka_unit_test(ten_million_output_tokens_on_gpt_4o_cost_100_dollars),
        cmocka_unit_test(requests_of_definitive_break_even_between_20k_and_143k),
        cmocka_unit_test(quoted_prices_against_the_list),
        cmocka_unit_test(api_cost_counts_cache_reasoning_and_batch_once),
        cmocka_unit_test(the_plan_is_monotone_in_price_and_volume),
        cmocka_unit_test(people_hours_can_make_it_never),
        cmocka_unit_test(rent_is_paid_busy_or_not),
        cmocka_unit_test(machines_for_the_peak_are_a_staircase),
        cmocka_unit_test(sensitivity_ranks_by_swing_and_the_interval_holds_the_centre),
        cmocka_unit_test(certainty_gives_an_interval_of_nothing),
        cmocka_unit_test(the_crossing_is_where_local_costs_what_it_displaces),
        cmocka_unit_test(bad_input_is_refused_by_field),
        cmocka_unit_test(a_ledger_of_two_months_becomes_one_mean_month),
        cmocka_unit_test(requests_that_wait_cost_the_provider_s_batch_price),
        cmocka_unit_test(what_is_written_to_a_cache_has_its_own_price),
        cmocka_unit_test(a_subscription_costs_the_same_at_any_volume),
        cmocka_unit_test(streams_at_once_gain_in_writing_alone),
        cmocka_unit_test(what_may_wait_needs_no_machine_of_the_busiest_hour),
        cmocka_unit_test(the_answer_turns_where_it_is_said_to),
        cmocka_unit_test(no_share_of_answers_turns_what_never_pays),
        cmocka_unit_test(the_point_is_the_middle_of_its_interval),
        cmocka_unit_test(the_most_requests_have_an_interval),
        cmocka_unit_test(machines_are_bought_at_the_same_price_each),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
