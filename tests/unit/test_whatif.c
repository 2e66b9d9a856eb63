/* test_whatif.c -- past requests played again: sums that were worked out by hand, and the
 * bill itself where nothing changes. */
#include "whatif/kept.h"
#include "whatif/lanes.h"
#include "whatif/whatif.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { JANUARY_MS_PER_DAY = 86400000 };
#define NOON UINT64_C(1793620800000) /* a day in November 2026 */

static struct prices *prices;

static int load(void **state)
{
    struct err err = {0};
    (void)state;
    return prices_load_embedded(&prices, &err);
}

static int unload(void **state)
{
    (void)state;
    prices_free(prices);
    return 0;
}

static struct ledger_leg leg_of(const char *engine, const char *model, enum side side,
                                uint64_t in, uint64_t out)
{
    return (struct ledger_leg){
        .number = 1,
        .is_promised = true,
        .side = side,
        .engine = str_of(engine),
        .model = str_of(model),
        .status = 200,
        .outcome = OUTCOME_OK,
        .usage = {.input_tokens = in, .output_tokens = out, .is_known = true},
        .usage_is_reported = true,
        .ttft_ms = 100,
        .total_ms = 300};
}

/* A row of these legs; the last one answered. */
static struct ledger_row row_of(const struct ledger_leg *legs, size_t n, uint64_t ts_ms)
{
    const struct ledger_leg *l = &legs[n - 1];
    struct ledger_row r = {
        .open = {.ts_ms = ts_ms, .label = "public", .model_asked = STR("auto")},
        .side = l->side,
        .has_engine = true,
        .engine = l->engine,
        .model_used = l->model,
        .status = 200,
        .usage = l->usage,
        .usage_is_reported = true,
        .ttft_ms = l->ttft_ms,
        .total_ms = l->total_ms,
        .is_stream = true,
        .legs = legs,
        .nlegs = n};
    for (size_t i = 0; i < n; i++)
        r.cost_nanousd = ledger_cost_sum(r.cost_nanousd, legs[i].cost_nanousd);
    return r;
}

static int64_t list_cost(const char *model, const struct usage *u)
{
    struct err err = {0};
    int64_t cost = -1;
    const struct price *p =
        prices_find(prices, STR(""), str_of(model), (int64_t)(NOON / JANUARY_MS_PER_DAY));
    const struct token_counts n = {.input = u->input_tokens,
                                   .cached = u->cached_tokens,
                                   .cache_write = u->cache_write_tokens,
                                   .output = u->output_tokens,
                                   .reasoning = u->reasoning_tokens};
    assert_non_null(p);
    assert_int_equal(prices_cost_nanousd(p, &n, &cost, &err), 0);
    return cost;
}

static void begin(struct whatif *w, struct whatif_change change)
{
    struct err err = {0};
    change.prices = prices;
    if (whatif_init(w, &change, &err) < 0)
        fail_msg("%s", err.msg);
}

static void replay(struct whatif *w, const struct ledger_row *r)
{
    struct err err = {0};
    assert_int_equal(whatif_measure(w, r, &err), 0);
    assert_int_equal(whatif_replay(w, r, &err), 0);
}

static uint64_t draw(uint64_t *x, uint64_t below)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return (*x >> 33) % below;
}

/* -- nothing changes -------------------------------------------------------------------
 */

/* Rows of all kinds: several legs, failures, unknown costs, caches, refusals, local ones.
 * Left alone, and priced anew at the list price of their day, they are the bill. */
static struct ledger_row any_row(uint64_t *x, uint64_t ts_ms, struct ledger_leg legs[3])
{
    static const char *const models[] = {
        "gpt-4o", "gpt-4o-mini",       "gpt-4.1",
        "o3",     "claude-sonnet-4-5", "gemini-2.5-flash"};
    size_t n = 1 + draw(x, 3);
    for (size_t k = 0; k < n; k++) {
        bool is_cloud = draw(x, 3) > 0;
        legs[k] = leg_of(
            is_cloud ? "cloud" : "box", is_cloud ? models[draw(x, 6)] : "qwen",
            is_cloud ? SIDE_CLOUD : SIDE_LOCAL, 1 + draw(x, 300000), draw(x, 20000));
        struct usage *u = &legs[k].usage;
        u->cached_tokens = draw(x, u->input_tokens);
        u->reasoning_tokens = draw(x, u->output_tokens + 1);
        if (draw(x, 9) == 0)
            legs[k].outcome = OUTCOME_ERROR;
        legs[k].cost_nanousd = is_cloud ? list_cost(legs[k].model.p, u) : 0;
        if (is_cloud && draw(x, 50) == 0) {
            legs[k].model = STR("a model without a price");
            legs[k].cost_nanousd = COST_UNKNOWN;
        }
    }
    struct ledger_row r = row_of(legs, n, ts_ms);
    if (draw(x, 20) == 0)
        r = (struct ledger_row){.open = r.open, .outcome = OUTCOME_REFUSED};
    return r;
}

static void at_its_settings_it_is_the_bill(void **state)
{
    enum { ROWS = 100000 };
    struct whatif same, anew;
    uint64_t x = 7, unknown = 0;
    int64_t bill = 0;
    (void)state;
    begin(&same, (struct whatif_change){.slots = 4});
    begin(&anew, (struct whatif_change){.slots = 4, .reprices = true});
    for (int i = 0; i < ROWS; i++) {
        struct ledger_leg legs[3];
        struct ledger_row r = any_row(&x, NOON + (uint64_t)i, legs);
        bill += r.cost_nanousd == COST_UNKNOWN ? 0 : r.cost_nanousd;
        unknown += r.cost_nanousd == COST_UNKNOWN;
        replay(&same, &r);
        replay(&anew, &r);
    }
    assert_true(bill > 0 && unknown > 0);
    assert_int_equal(same.was.nanousd, bill);
    assert_int_equal(same.now.nanousd, bill);
    assert_int_equal(anew.now.nanousd, bill);
    assert_int_equal(same.now.unknown, unknown);
    assert_int_equal(anew.now.unknown, unknown);
    assert_int_equal(same.moved_model + same.moved_home + same.moved_out, 0);
    assert_int_equal(same.now.local, same.was.local);
    assert_int_equal(same.now.refused, same.was.refused);
    whatif_release(&same);
    whatif_release(&anew);
}

/* -- rows that are kept
 * ------------------------------------------------------------------- */

static int play(void *ctx, const struct ledger_row *row)
{
    struct err err = {0};
    assert_int_equal(whatif_replay(ctx, row, &err), 0);
    return 0;
}

static void assert_same(const struct whatif_sums *a, const struct whatif_sums *b)
{
    assert_int_equal(a->nanousd, b->nanousd);
    assert_int_equal(a->nanousd_uncached, b->nanousd_uncached);
    assert_int_equal(a->unknown, b->unknown);
    assert_int_equal(a->local, b->local);
    assert_int_equal(a->cloud, b->cloud);
    assert_int_equal(a->refused, b->refused);
    assert_int_equal(a->total_ms.n, b->total_ms.n);
    if (a->total_ms.n)
        assert_memory_equal(a->total_ms.values, b->total_ms.values,
                            a->total_ms.n * sizeof *a->total_ms.values);
    assert_int_equal(a->wait_ms.n, b->wait_ms.n);
}

/* Played from memory, rows come to the same as the rows themselves: every sum and every
 * time.  Numbers of all sizes, moments that go back, words that nobody said before. */
static void kept_rows_are_as_good_as_the_rows(void **state)
{
    static const uint64_t large[] = {0,         1, 127, 128, 1u << 31, UINT64_MAX >> 1,
                                     UINT64_MAX};
    enum { ROWS = 20000 };
    struct whatif_change change = {
        .swaps = {{STR("gpt-4o"), STR("qwen"), true}}, .nswaps = 1, .reprices = true};
    struct whatif rows, kept;
    struct whatif_kept k;
    struct err err = {0};
    uint64_t x = 11;
    (void)state;
    begin(&rows, change);
    begin(&kept, change);
    whatif_kept_init(&k, WHATIF_KEPT_BYTES, true);
    for (int pass = 0; pass < 2; pass++) {
        x = 11;
        for (int i = 0; i < ROWS; i++) {
            struct ledger_leg legs[3];
            char name[32];
            struct ledger_row r =
                any_row(&x, NOON + 1000 * (uint64_t)i - draw(&x, 90000), legs);
            snprintf(name, sizeof name, "m%llu", (unsigned long long)draw(&x, 4000));
            r.open.model_asked = str_of(name);
            r.total_ms = large[draw(&x, 5)];
            r.request_bytes = large[draw(&x, ARRAY_LEN(large))];
            if (pass == 0) {
                assert_int_equal(whatif_measure(&rows, &r, &err), 0);
                assert_int_equal(whatif_measure(&kept, &r, &err), 0);
                whatif_keep(&k, &r);
            } else {
                assert_int_equal(whatif_replay(&rows, &r, &err), 0);
            }
        }
    }
    assert_false(k.is_full);
    assert_int_equal(whatif_kept_each(&k, play, &kept), 0);
    assert_int_equal(kept.requests, ROWS);
    assert_true(kept.moved_home > 100 && kept.now.nanousd > 0);
    assert_same(&rows.was, &kept.was);
    assert_same(&rows.now, &kept.now);
    assert_int_equal(rows.clock_ms, kept.clock_ms);
    whatif_kept_release(&k);
    whatif_release(&rows);
    whatif_release(&kept);
}

static int check_row(void *ctx, const struct ledger_row *row)
{
    const struct ledger_row *r = ctx;
    assert_true(row->open.ts_ms == r->open.ts_ms && row->total_ms == r->total_ms);
    assert_true(row->request_bytes == UINT64_MAX && row->cost_nanousd == COST_UNKNOWN);
    assert_string_equal(row->open.label, "internal");
    assert_true(str_eq(row->open.model_asked, r->open.model_asked));
    assert_int_equal(row->open.surface, SURFACE_COMPLETIONS);
    assert_true(row->is_stream && row->has_engine && row->side == SIDE_CLOUD);
    const struct ledger_knew *a = &row->knew, *b = &r->knew;
    assert_true(a->input_estimate == b->input_estimate &&
                a->output_limit == b->output_limit && a->needs == b->needs &&
                a->latency_ms == b->latency_ms && a->deadline == b->deadline &&
                a->deadline_s == b->deadline_s && a->wants_quality && a->has_latency);
    assert_int_equal(row->nlegs, 0);
    return 1;
}

static void a_kept_row_has_what_routing_asks_for(void **state)
{
    struct ledger_leg leg = leg_of("cloud", "gpt-4o", SIDE_CLOUD, 7, UINT64_MAX);
    struct ledger_row r = row_of(&leg, 1, NOON);
    struct whatif_kept k;
    (void)state;
    r.open.label = "internal";
    r.open.surface = SURFACE_COMPLETIONS;
    r.cost_nanousd = COST_UNKNOWN;
    r.request_bytes = UINT64_MAX;
    r.knew = (struct ledger_knew){.input_estimate = 1ULL << 40,
                                  .output_limit = UINT32_MAX,
                                  .needs = 5,
                                  .wants_quality = true,
                                  .has_latency = true,
                                  .latency_ms = 0,
                                  .deadline = 2,
                                  .deadline_s = 9};
    whatif_kept_init(&k, WHATIF_KEPT_BYTES, false);
    whatif_keep(&k, &r);
    assert_int_equal(whatif_kept_each(&k, check_row, &r), 1);
    whatif_kept_release(&k);
    /* No room: whoever asks reads the store again. */
    whatif_kept_init(&k, 1 << 20, false);
    whatif_keep(&k, &r);
    assert_true(k.is_full);
    assert_int_equal(whatif_kept_each(&k, check_row, &r), 0);
    whatif_kept_release(&k);
}

/* One request a second of 300 ms: nobody waits where the wall clock is set back by an
 * hour and forward by a day, but for the one after the step back, of which nobody knows
 * how long it came after the one before; and no engine was busier than it was. */
static void a_clock_that_is_set_makes_no_queue(void **state)
{
    enum { ROWS = 300, HOUR_MS = 3600000 };
    struct whatif w;
    struct ledger_leg leg = leg_of("cloud", "gpt-4o", SIDE_CLOUD, 100, 20);
    (void)state;
    begin(&w, (struct whatif_change){.swaps = {{STR("gpt-4o"), STR("qwen"), true}},
                                     .nswaps = 1,
                                     .slots = 1,
                                     .prompt_per_s = 1000,
                                     .output_per_s = 100});
    for (uint64_t i = 0; i < ROWS; i++) {
        uint64_t ts = NOON + 1000 * i;
        ts = i < 100 ? ts : i < 200 ? ts - HOUR_MS : ts + 24 * HOUR_MS;
        struct ledger_row r = row_of(&leg, 1, ts);
        replay(&w, &r);
    }
    assert_int_equal(w.moved_home, ROWS);
    assert_true(sample_sum(&w.now.wait_ms) < 301);
    assert_true(w.period.last_ms - w.period.first_ms <= 26 * HOUR_MS);
    /* 298 s and the day that seemed to pass. */
    assert_int_equal(w.clock_ms, 298000 + 25 * HOUR_MS);
    assert_true(whatif_load(&w) > 0 && whatif_load(&w) < .3);
    whatif_release(&w);
}

/* -- other models
 * ------------------------------------------------------------------------ */

static void another_model_has_its_own_price(void **state)
{
    struct whatif w;
    struct ledger_leg legs[2] = {leg_of("cloud", "gpt-4o", SIDE_CLOUD, 1000, 100),
                                 leg_of("cloud", "gpt-4o", SIDE_CLOUD, 1000, 100)};
    (void)state;
    legs[0].is_promised = false; /* a retry: it falls away */
    legs[1].usage.cached_tokens = 600;
    legs[0].cost_nanousd = legs[1].cost_nanousd = 5000000;
    begin(&w, (struct whatif_change){
                  .swaps = {{STR("gpt-4o"), STR("gpt-4o-mini"), false}}, .nswaps = 1});
    struct ledger_row r = row_of(legs, 2, NOON);
    replay(&w, &r);
    struct usage uncached = legs[1].usage;
    uncached.cached_tokens = 0;
    assert_int_equal(w.was.nanousd, 10000000);
    assert_int_equal(w.now.nanousd, list_cost("gpt-4o-mini", &legs[1].usage));
    assert_int_equal(w.now.nanousd_uncached, list_cost("gpt-4o-mini", &uncached));
    assert_true(w.now.nanousd < w.now.nanousd_uncached);
    assert_int_equal(w.moved_model, 1);
    assert_int_equal(w.moved_home + w.moved_out, 0);
    whatif_release(&w);
}

/* Three at the same moment before one place: the second waits for the first, the third
 * for both.  1,000 tokens read at 1,000 a second and 100 written at 50: three seconds. */
static void what_comes_home_waits_its_turn(void **state)
{
    struct whatif w;
    struct ledger_leg leg = leg_of("cloud", "gpt-4o", SIDE_CLOUD, 1000, 100);
    (void)state;
    leg.cost_nanousd = 3500000;
    struct ledger_row r = row_of(&leg, 1, NOON);
    begin(&w, (struct whatif_change){.swaps = {{STR("gpt-4o"), STR("qwen"), true}},
                                     .nswaps = 1,
                                     .slots = 1,
                                     .prompt_per_s = 1000,
                                     .output_per_s = 50});
    for (int i = 0; i < 3; i++)
        replay(&w, &r);
    assert_int_equal(w.now.nanousd, 0);
    assert_int_equal(w.was.nanousd, 3 * 3500000);
    assert_int_equal(w.moved_home, 3);
    assert_int_equal(w.now.wait_ms.n, 3);
    assert_true(fabs(w.now.wait_ms.values[0]) < 1e-6);
    assert_true(fabs(w.now.wait_ms.values[1] - 3000) < 1e-6);
    assert_true(fabs(w.now.wait_ms.values[2] - 6000) < 1e-6);
    assert_true(fabs(w.now.total_ms.values[2] - 9000) < 1e-6);
    whatif_release(&w);
}

/* A model that answered before takes as long as it did, whichever engine it was on; what
 * is said of local speed is not said of the cloud. */
static void a_measured_model_keeps_its_speed(void **state)
{
    struct whatif w;
    struct ledger_leg legs[] = {leg_of("far", "gpt-4o-mini", SIDE_CLOUD, 100, 50),
                                leg_of("far", "gpt-4o", SIDE_CLOUD, 1000, 100)};
    (void)state;
    struct ledger_row rows[] = {row_of(&legs[0], 1, NOON), row_of(&legs[1], 1, NOON)};
    struct err err = {0};
    begin(&w,
          (struct whatif_change){.swaps = {{STR("gpt-4o"), STR("gpt-4o-mini"), false}},
                                 .nswaps = 1,
                                 .prompt_per_s = 1,
                                 .output_per_s = 1});
    assert_int_equal(whatif_measure(&w, &rows[0], &err), 0);
    assert_int_equal(whatif_replay(&w, &rows[1], &err), 0);
    /* 100 ms for 100 tokens read, 200 ms for 50 written. */
    assert_int_equal(w.now.total_ms.n, 1);
    assert_true(fabs(w.now.total_ms.values[0] - (1000 + 400)) < 1e-6);
    assert_int_equal(w.unmeasured, 0);
    whatif_release(&w);
}

/* What was never measured has no time, and that is counted. */
static void an_unmeasured_model_takes_an_unknown_time(void **state)
{
    struct whatif w;
    struct ledger_leg leg = leg_of("cloud", "gpt-4o", SIDE_CLOUD, 1000, 100);
    (void)state;
    struct ledger_row r = row_of(&leg, 1, NOON);
    begin(&w, (struct whatif_change){.swaps = {{STR("gpt-4o"), STR("qwen"), true}},
                                     .nswaps = 1});
    replay(&w, &r);
    assert_int_equal(w.unmeasured, 1);
    assert_true(isnan(sample_quantile(&w.now.total_ms, .5)));
    whatif_release(&w);
}

/* -- other policies
 * ---------------------------------------------------------------------- */

static struct config *configured(void)
{
    struct config_faults faults;
    config_faults_init(&faults);
    struct config *c = config_parse(
        STR("listen: 127.0.0.1:4141\n"
            "engines:\n"
            "  - {name: box, kind: openai, side: local, url: \"http://127.0.0.1:1/v1\", "
            "max_inflight: 1, models: [{name: qwen}]}\n"
            "  - {name: far, kind: openai, side: cloud, url: \"http://127.0.0.1:2/v1\", "
            "models: [{name: gpt-4o, price: openai/gpt-4o}]}\n"),
        "test", NULL, &faults);
    config_faults_release(&faults);
    assert_non_null(c);
    return c;
}

static void a_policy_moves_what_it_may(void **state)
{
    struct whatif out, home;
    struct config *c = configured();
    struct ledger_leg here = leg_of("box", "qwen", SIDE_LOCAL, 1000, 100);
    struct ledger_leg far = leg_of("far", "gpt-4o", SIDE_CLOUD, 1000, 100);
    (void)state;
    far.cost_nanousd = list_cost("gpt-4o", &far.usage);
    struct ledger_row rows[] = {row_of(&here, 1, NOON), row_of(&here, 1, NOON + 1000),
                                row_of(&far, 1, NOON + 2000)};
    rows[1].open.label = "confidential"; /* never leaves, whatever the policy says */
    begin(&out, (struct whatif_change){
                    .config = c, .has_policy = true, .policy = POLICY_CLOUD_ONLY});
    begin(&home, (struct whatif_change){
                     .config = c, .has_policy = true, .policy = POLICY_LOCAL_ONLY});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        replay(&out, &rows[i]);
        replay(&home, &rows[i]);
    }
    assert_int_equal(out.now.cloud, 2);
    assert_int_equal(out.now.local + out.now.refused, 1);
    assert_int_equal(out.now.nanousd, 2 * far.cost_nanousd);
    assert_int_equal(out.moved_out, 1);
    assert_int_equal(home.now.local, 3);
    assert_int_equal(home.now.nanousd, 0);
    assert_int_equal(home.moved_home, 1);
    whatif_release(&out);
    whatif_release(&home);
    config_unref(c);
}

static void what_cannot_be_played_is_refused(void **state)
{
    static const enum policy policies[] = {POLICY_COMPLEXITY, POLICY_LENGTH_KEYWORD,
                                           POLICY_LEARNED};
    struct whatif w;
    struct err err = {0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        struct whatif_change c = {
            .prices = prices, .has_policy = true, .policy = policies[i]};
        assert_int_equal(whatif_init(&w, &c, &err), -1);
        assert_non_null(strstr(err.msg, "reads the text"));
        whatif_release(&w);
    }
    struct whatif_change c = {.prices = prices,
                              .swaps = {{STR("gpt-4o"), STR("no-such-model-9"), false}},
                              .nswaps = 1};
    assert_int_equal(whatif_init(&w, &c, &err), -1);
    assert_non_null(strstr(err.msg, "no-such-model-9"));
    whatif_release(&w);
}

/* -- places
 * ------------------------------------------------------------------------------ */

/* Beside a queue that is searched one place after the other. */
static void places_are_taken_as_they_become_free(void **state)
{
    enum { PLACES = 7 };
    struct lanes l;
    struct err err = {0};
    double slow[PLACES] = {0}, at = 0;
    uint64_t x = 3;
    (void)state;
    assert_int_equal(lanes_init(&l, PLACES, &err), 0);
    for (int i = 0; i < 5000; i++) {
        double takes = (double)draw(&x, 1000);
        size_t least = 0;
        at += (double)draw(&x, 120);
        for (size_t k = 1; k < PLACES; k++)
            if (slow[k] < slow[least])
                least = k;
        double begins = slow[least] > at ? slow[least] : at;
        slow[least] = begins + takes;
        assert_true(fabs(lanes_enter(&l, at, takes) - (begins - at)) < 1e-9);
    }
    lanes_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_its_settings_it_is_the_bill),
        cmocka_unit_test(kept_rows_are_as_good_as_the_rows),
        cmocka_unit_test(a_kept_row_has_what_routing_asks_for),
        cmocka_unit_test(a_clock_that_is_set_makes_no_queue),
        cmocka_unit_test(another_model_has_its_own_price),
        cmocka_unit_test(what_comes_home_waits_its_turn),
        cmocka_unit_test(an_unmeasured_model_takes_an_unknown_time),
        cmocka_unit_test(a_measured_model_keeps_its_speed),
        cmocka_unit_test(a_policy_moves_what_it_may),
        cmocka_unit_test(what_cannot_be_played_is_refused),
        cmocka_unit_test(places_are_taken_as_they_become_free),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
