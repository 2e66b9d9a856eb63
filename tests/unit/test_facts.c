/* test_facts.c -- money is exact, days are days, prices answer or say they cannot. */
#include "core/mem.h"
#include "facts/date.h"
#include "facts/embedded.h"
#include "facts/money.h"
#include "facts/nearest.h"
#include "facts/price_offers.h"
#include "facts/prices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static int load_prices(void **state)
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

static int free_prices(void **state)
{
    prices_free(*state);
    return 0;
}

static void money_is_read_exactly_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t pico;
    } good[] = {{"0.075", 75000},          {"2.5", 2500000}, {"10", 10000000},
                {"0.000001", 1},           {"0", 0},         {".5", 500000},
                {"9000000", 9000000000000}};
    static const char *const bad[] = {"",
                                      ".",
                                      "-1",
                                      "1e3",
                                      "NaN",
                                      "inf",
                                      "1.2.3",
                                      "1,5",
                                      "0x1",
                                      "1 ",
                                      "0.0000001",
                                      "$1.0",
                                      "9999999999999999"};
    struct err err;
    int64_t v;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_int_equal(money_parse_per_million(str_of(good[i].text), "x", &v, &err), 0);
        assert_int_equal(v, good[i].pico);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        v = 77;
        assert_int_equal(money_parse_per_million(str_of(bad[i]), "price", &v, &err), -1);
        assert_non_null(strstr(err.msg, "price"));
        assert_int_equal(v, 77);
    }
}

static void money_is_printed_rounded_half_up(void **state)
{
    (void)state;
    static const struct {
        int64_t nano;
        unsigned places;
        const char *text;
    } rows[] = {{2025000000, 2, "$2.03"},
                {2024999999, 2, "$2.02"},
                {1234567890000, 2, "$1,234.57"},
                {-5000000, 2, "-$0.01"},
                {0, 2, "$0.00"},
                {999999999, 0, "$1"},
                {1, 9, "$0.000000001"},
                {-1, 2, "$0.00"}};
    char out[MONEY_TEXT];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        money_format(rows[i].nano, rows[i].places, out);
        assert_string_equal(out, rows[i].text);
    }
    money_decimal(2025000000, out);
    assert_string_equal(out, "2.025");
    money_decimal(-1, out);
    assert_string_equal(out, "-0.000000001");
    money_decimal(0, out);
    assert_string_equal(out, "0");
}

static void dates_go_there_and_back(void **state)
{
    (void)state;
    int64_t d;
    char out[DATE_TEXT];
    assert_true(date_parse(STR("1970-01-01"), &d));
    assert_int_equal(d, 0);
    assert_true(date_parse(STR("2026-09-01"), &d));
    assert_int_equal(d, 20697);
    for (int64_t i = -700000; i < 100000; i += 977) {
        date_format(i, out);
        assert_true(date_parse(str_of(out), &d));
        assert_int_equal(d, i);
    }
    static const char *const bad[] = {"2026-02-30", "2026-13-01", "26-01-01",
                                      "2026-1-01",  "2026-01-0x", ""};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(date_parse(str_of(bad[i]), &d));
}

static void an_unknown_word_names_its_neighbours(void **state)
{
    (void)state;
    struct nearest n;
    char words[100];
    nearest_init(&n, STR("--jsn"));
    nearest_offer(&n, STR("--html"));
    nearest_offer(&n, STR("--json"));
    nearest_offer(&n, STR("--device"));
    nearest_offer(&n, STR("--facts"));
    nearest_print(&n, "did you mean ", "?", words, sizeof words);
    assert_string_equal(words, "did you mean --json?");
    nearest_init(&n, STR("bogus"));
    nearest_offer(&n, STR("up"));
    nearest_offer(&n, STR("serve"));
    nearest_print(&n, "did you mean ", "?", words, sizeof words);
    assert_string_equal(words, "");
    assert_true(nearest_same(STR("Llama 3.1-8B"), STR("llama-3.1_8b")));
    assert_false(nearest_same(STR("gpt-4o"), STR("gpt-4o-mini")));
}

static void every_price_row_has_source_and_date(void **state)
{
    const struct prices *p = *state;
    assert_true(prices_count(p) > 1000);
    for (size_t i = 0; i < prices_count(p); i++) {
        const struct price *row = prices_at(p, i);
        assert_true(row->source.n > 0);
        assert_true(row->source_days > 20000);
        assert_true(row->input != 0 || row->output != PRICE_UNKNOWN);
    }
}

/* The prices the articles quote, against the carried list. */
static void prices_of_the_quoted_models(void **state)
{
    const struct prices *p = *state;
    static const struct {
        const char *model;
        int64_t input, output;
    } rows[] = {{"gpt-4o", 2500000, 10000000},
                {"gpt-4o-mini", 150000, 600000},
                {"GPT 4o mini", 150000, 600000},
                {"claude-sonnet-4-5", 3000000, 15000000},
                {"google/gemini-2.5-pro", 1250000, 10000000},
                {"gemini-2.0-flash", 100000, 400000},
                {"gemini-2.0-flash-lite", 75000, 300000}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct price *r = prices_find(p, (struct str){0}, str_of(rows[i].model), 0);
        assert_non_null(r);
        assert_int_equal(r->input, rows[i].input);
        assert_int_equal(r->output, rows[i].output);
    }
}

/* An unknown model is never given another model's price. */
static void an_unknown_model_is_a_fault_that_names_neighbours(void **state)
{
    const struct prices *p = *state;
    struct err err;
    assert_null(prices_find(p, (struct str){0}, STR("gpt-4o-minni"), 0));
    assert_int_equal(prices_explain_unknown(p, STR("gpt-4o-minni"), &err), -1);
    assert_string_equal(err.code, "unknown_model");
    assert_non_null(strstr(err.msg, "gpt-4o-mini"));
}

static void a_dated_price_prices_its_own_days(void **state)
{
    const struct prices *p = *state;
    int64_t change;
    assert_true(date_parse(STR("2026-09-01"), &change));
    struct str m = STR("claude-sonnet-5");
    assert_int_equal(prices_find(p, STR("anthropic"), m, change - 1)->output, 10000000);
    assert_int_equal(prices_find(p, STR("anthropic"), m, change)->output, 15000000);
    assert_int_equal(prices_find(p, STR("anthropic"), m, 0)->output, 10000000);
    assert_null(prices_find(p, STR("openai"), m, change));
}

static void cached_reasoning_and_tiers_are_priced_once(void **state)
{
    const struct prices *p = *state;
    struct err err;
    int64_t cost;
    const struct price *g = prices_find(p, STR("openai"), STR("gpt-4o"), 0);
    struct token_counts n = {.input = 1000, .cached = 600, .output = 100};
    assert_int_equal(prices_cost_nanousd(g, &n, &cost, &err), 0);
    assert_int_equal(cost, 400 * 2500 + 600 * 1250 + 100 * 10000);
    n.reasoning = 40;
    assert_int_equal(prices_cost_nanousd(g, &n, &cost, &err), 0);
    assert_int_equal(cost, 400 * 2500 + 600 * 1250 + 100 * 10000);

    const struct price *pro = prices_find(p, STR("google"), STR("gemini-2.5-pro"), 0);
    struct token_counts edge = {.input = 200000, .output = 1000};
    assert_int_equal(prices_cost_nanousd(pro, &edge, &cost, &err), 0);
    assert_int_equal(cost, INT64_C(200000) * 1250 + 1000 * 10000);
    edge.input = 200001;
    assert_int_equal(prices_cost_nanousd(pro, &edge, &cost, &err), 0);
    assert_int_equal(cost, INT64_C(200001) * 2500 + 1000 * 15000);
}

static int64_t cost_of(const struct price *p, struct token_counts n)
{
    struct err err;
    int64_t cost = 0;
    assert_non_null(p);
    if (prices_cost_nanousd(p, &n, &cost, &err) < 0)
        return -1;
    return cost;
}

static const struct price *find(const struct prices *p, const char *name, const char *day)
{
    int64_t days = 0;
    assert_true(!day || date_parse(str_of(day), &days));
    return prices_find(p, STR(""), str_of(name), days);
}

/* Above the threshold a write costs four times as much, as the input does; one without a
 * price of its own costs what the input does there. */
static void a_tier_moves_writes_and_reasoning_too(void **state)
{
    const struct prices *p = *state;
    struct token_counts n = {.input = 300000, .cache_write = 200000, .output = 1000};
    assert_int_equal(cost_of(find(p, "qwen3.6-plus", NULL), n), 706000000);
    assert_int_equal(cost_of(find(p, "qwen3.7-plus", NULL), n), 364800000);
    n.input = n.cache_write = 200000;
    assert_int_equal(cost_of(find(p, "qwen3.6-plus", NULL), n), 128000000);
}

static void a_tier_in_a_row_of_its_own_is_its_base_rows(void **state)
{
    const struct prices *p = *state;
    struct token_counts n = {.input = 272000, .output = 1000};
    const struct price *terra = find(p, "openai/gpt-5.6-terra", "2026-10-01");
    assert_int_equal(cost_of(terra, n), INT64_C(272000) * 2000 + 1000 * 12000);
    n.input = 272001;
    assert_int_equal(cost_of(terra, n), INT64_C(272001) * 4000 + 1000 * 18000);
    terra = find(p, "openai/gpt-5.6-terra", "2026-07-29");
    assert_int_equal(cost_of(terra, n), INT64_C(272001) * 5000 + 1000 * 22500);
    n = (struct token_counts){.input = 250000, .cached = 200000};
    assert_int_equal(cost_of(find(p, "xai/grok-4.5", "2026-10-01"), n),
                     INT64_C(50000) * 4000 + INT64_C(200000) * 600);
    /* Neither by the name of another kind nor of another model. */
    assert_int_equal(find(p, "gpt-4o", NULL)->ntiers, 0);
    assert_int_equal(find(p, "claude-sonnet-4-5", NULL)->ntiers, 0);
}

static void a_tier_of_service_has_its_own_price_or_none(void **state)
{
    const struct prices *p = *state;
    struct token_counts n = {.input = 100000, .output = 1000};
    const struct price *mini = find(p, "gpt-5-mini", NULL);
    assert_int_equal(cost_of(price_of_tier(mini, TIER_STANDARD), n), 27000000);
    assert_int_equal(cost_of(price_of_tier(mini, TIER_FLEX), n), 13500000);
    assert_int_equal(cost_of(price_of_tier(mini, TIER_PRIORITY), n), 48600000);
    assert_null(price_of_tier(mini, TIER_SCALE));
    assert_null(price_of_tier(mini, TIER_OTHER));
    assert_true(
        str_eqz(str_of(price_of_tier(mini, TIER_FLEX)->source_date), "2026-10-12"));
    /* Priority is not sold above the threshold: nobody knows what it would cost. */
    const struct price *big = prices_find(p, STR("openai"), STR("gpt-5.5"), 0);
    n.input = 300000;
    assert_int_equal(cost_of(price_of_tier(big, TIER_PRIORITY), n), -1);
    assert_true(cost_of(big, n) > 0);
}

static void what_is_called_free_costs_nothing(void **state)
{
    const struct prices *p = *state;
    struct token_counts n = {
        .input = 100000, .cached = 5, .output = 1000, .reasoning = 7};
    assert_int_equal(cost_of(find(p, "deepseek/deepseek-r1:free", NULL), n), 0);
    assert_int_equal(
        cost_of(prices_find(p, STR("OpenRouter"), STR("nobody/knows:free"), 0), n), 0);
    assert_null(prices_find(p, STR("openai"), STR("gpt-4o:free"), 0));
    assert_null(find(p, "nobody/knows-free", NULL));
}

static void a_series_answers_for_each_day(void **state)
{
    const struct prices *p = *state;
    struct arena a;
    int64_t change;
    arena_init(&a, 64 * 1024);
    assert_true(date_parse(STR("2026-09-01"), &change));
    struct price_series s =
        prices_series(p, STR("anthropic"), STR("claude-sonnet-5"), &a);
    for (int64_t day = change - 3; day < change + 3; day++)
        assert_ptr_equal(price_on(&s, day),
                         prices_find(p, STR("anthropic"), STR("claude-sonnet-5"), day));
    assert_int_equal(price_on(&s, change - 1)->output, 10000000);
    assert_int_equal(price_on(&s, change)->output, 15000000);
    /* What the list says of the cache stays a tenth of the input. */
    assert_int_equal(price_on(&s, change)->cached_input, 300000);
    for (size_t i = 0; i < prices_count(p); i++) {
        const struct price *row = prices_at(p, i);
        s = prices_series(p, row->provider, row->model, &a);
        assert_ptr_equal(price_on(&s, change),
                         prices_find(p, row->provider, row->model, change));
        s = prices_series(p, STR(""), row->model, &a);
        assert_ptr_equal(price_on(&s, change),
                         prices_find(p, STR(""), row->model, change));
    }
    s = prices_series(p, STR(""), STR("nobody-knows"), &a);
    assert_null(price_on(&s, change));
    arena_reset(&a);
}

static const struct price *offer_of(const struct price_offers *o, const char *provider)
{
    for (size_t i = 0; i < o->n; i++)
        if (str_eqz(o->row[i]->provider, provider))
            return o->row[i];
    return NULL;
}

/* "openai/gpt-oss-120b" is what one seller calls "gpt-oss-120b". */
static void a_model_is_found_however_its_seller_writes_it(void **state)
{
    const struct prices *p = *state;
    struct err err;
    struct price_offers o;
    static const char *const written[] = {"gpt-oss-120b", "openai/gpt-oss-120b",
                                          "accounts/fireworks/models/gpt-oss-120b",
                                          "openai.gpt-oss-120b-1:0"};
    for (size_t i = 0; i < ARRAY_LEN(written); i++)
        assert_true(str_eqz(price_plain_name(str_of(written[i])), "gpt-oss-120b"));
    assert_true(str_eqz(price_plain_name(STR("gpt-5.4")), "gpt-5.4"));
    assert_true(str_eqz(price_plain_name(STR("qwen3:8b")), "qwen3:8b"));
    const struct price *row = prices_find(p, STR("deepinfra"), STR("gpt-oss-120b"), 0);
    assert_non_null(row);
    assert_int_equal(row->input, 39000);
    assert_ptr_equal(prices_find(p, STR(""), STR("deepinfra/gpt-oss-120b"), 0), row);
    /* A seller of whom nothing is known has no price, whoever else sells the model. */
    assert_null(prices_find(p, STR("azure"), STR("gpt-oss-120b"), 0));
    assert_null(prices_find(p, STR(""), STR("azure/gpt-4o"), 0));
    prices_offers(p, STR("gpt-oss-120b"), 0, &o);
    assert_true(o.n >= 6);
    assert_ptr_equal(offer_of(&o, "deepinfra"), row);
    assert_non_null(offer_of(&o, "amazon-bedrock"));
    assert_null(offer_of(&o, "openai")); /* who made it does not sell it */
    assert_int_equal(prices_explain(p, STR("mistral"), STR("gpt-oss-120b"), &err), -1);
    assert_non_null(strstr(err.msg, "deepinfra"));
    assert_int_equal(prices_explain(p, STR("deepinfa"), STR("gpt-oss-120b"), &err), -1);
    assert_non_null(strstr(err.msg, "deepinfra"));
    assert_int_equal(prices_explain(p, STR("groq"), STR("gpt-4o-minni"), &err), -1);
    assert_non_null(strstr(err.msg, "gpt-4o-mini"));
}

static void it_is_known_since_when_there_is_a_price(void **state)
{
    const struct prices *p = *state;
    char day[DATE_TEXT];
    date_format(prices_since(p, STR("openai"), STR("gpt-4o-mini")), day);
    assert_string_equal(day, "2024-07-18");
    assert_true(prices_since(p, STR("openai"), STR("gpt-4o-minni")) == DATE_UNKNOWN);
}

static void a_cache_for_an_hour_and_busy_hours_have_their_prices(void **state)
{
    const struct prices *p = *state;
    const struct price *s = prices_find(p, STR("anthropic"), STR("claude-sonnet-4-5"), 0);
    assert_int_equal(s->cache_write, 3750000);
    assert_int_equal(s->cache_write_1h, 6000000);
    assert_int_equal(price_of_tier(s, TIER_BATCH)->output, 7500000);
    const struct price *d = prices_find(p, STR("deepseek"), STR("deepseek-v4-flash"), 0);
    assert_non_null(d->at_peak);
    assert_true(d->at_peak->output > d->output);
    assert_true(d->peak_hours.n > 0);
    assert_null(s->at_peak);
}

static void a_price_that_has_ended_does_not_age(void **state)
{
    const struct prices *p = *state;
    size_t past = 0, stale = 0, fresh = 0;
    int64_t day;
    assert_true(date_parse(STR("2026-11-30"), &day));
    for (size_t i = 0; i < prices_count(p); i++) {
        const struct price *row = prices_at(p, i);
        bool ended = row->to_days != DATE_UNKNOWN && row->to_days <= day;
        past += ended;
        assert_false(ended && price_is_stale(p, row, day));
        *(price_is_stale(p, row, day) ? &stale : &fresh) += 1;
    }
    assert_true(past > 10 && stale > 10 && fresh > 500);
}

static void the_sum_is_rounded_half_up_once(void **state)
{
    (void)state;
    struct price p = {.input = 500,
                      .output = 499,
                      .cached_input = PRICE_UNKNOWN,
                      .cache_write = PRICE_UNKNOWN,
                      .reasoning = PRICE_UNKNOWN};
    struct err err;
    int64_t cost;
    struct token_counts n = {.input = 1};
    assert_int_equal(prices_cost_nanousd(&p, &n, &cost, &err), 0);
    assert_int_equal(cost, 1);
    n = (struct token_counts){.output = 1};
    assert_int_equal(prices_cost_nanousd(&p, &n, &cost, &err), 0);
    assert_int_equal(cost, 0);
    n = (struct token_counts){.input = 1, .output = 1};
    assert_int_equal(prices_cost_nanousd(&p, &n, &cost, &err), 0);
    assert_int_equal(cost, 1);
}

static void an_unknown_price_is_a_fault_never_zero(void **state)
{
    (void)state;
    struct price p = {.provider = STR("x"),
                      .model = STR("y"),
                      .input = 1,
                      .output = -1,
                      .audio_input = -1,
                      .audio_output = -1};
    struct err err;
    int64_t cost = 77;
    static const struct token_counts bad[] = {
        {.output = 1},
        {.input = 1, .audio_in = 1},
        {.input = 5, .cached = 6},
        {.input = 5, .cached = 3, .cache_write = 3},
        {.output = 5, .reasoning = 6},
        {.input = 5, .cached = UINT64_MAX, .cache_write = 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(prices_cost_nanousd(&p, &bad[i], &cost, &err), -1);
        assert_int_equal(cost, 77);
    }
    p.output = INT64_MAX / 2;
    struct token_counts huge = {.output = UINT64_MAX};
    assert_int_equal(prices_cost_nanousd(&p, &huge, &cost, &err), -1);
}

static void a_bad_price_file_is_refused_with_its_row_and_field(void **state)
{
    (void)state;
#define HEAD(cur)                                                                        \
    "{\"format\":1,\"currency\":\"" cur "\",\"per_tokens\":1000000,"                     \
    "\"built\":\"2026-07-01\",\"stale_after_days\":90,\"rows\":["
#define TAIL "\"source\":\"s\",\"source_date\":\"2026-07-01\"}]}"
    static const struct {
        const char *json, *says;
    } rows[] = {
        {"", "line"},
        {"[]", "format"},
        {"{\"format\":2}", "format"},
        {HEAD("EUR") "{\"provider\":\"a\",\"id\":\"b\"," TAIL, "currency \"EUR\""},
        {HEAD("USD") "{\"provider\":\"a\",\"id\":\"b\",\"input\":0.15," TAIL,
         "row 1, input"},
        {HEAD("USD") "{\"provider\":\"a\",\"id\":\"b\",\"input\":\"-1\"," TAIL,
         "negative"},
        {HEAD("USD") "{\"provider\":\"a\",\"id\":\"b\",\"input\":\"NaN\"," TAIL, "input"},
        {HEAD("USD") "{\"provider\":\"a\"," TAIL, "id"},
        {HEAD("USD") "{\"provider\":\"a\",\"id\":\"b\"}]}", "source"},
        {HEAD("USD") "{\"provider\":\"a\",\"id\":\"b\",\"context_window\":-4," TAIL,
         "context_window"},
        {HEAD("USD") "{\"provider\":\"a\",\"id\":\"b\",\"from\":\"2026-99-01\"," TAIL,
         "from"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err;
        struct prices *p = NULL;
        assert_int_equal(prices_load(str_of(rows[i].json), &p, &err), -1);
        assert_null(p);
        if (!strstr(err.msg, rows[i].says))
            fail_msg("row %zu says: %s", i, err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_is_read_exactly_or_refused),
        cmocka_unit_test(money_is_printed_rounded_half_up),
        cmocka_unit_test(dates_go_there_and_back),
        cmocka_unit_test(an_unknown_word_names_its_neighbours),
        cmocka_unit_test_setup_teardown(every_price_row_has_source_and_date, load_prices,
                                        free_prices),
        cmocka_unit_test_setup_teardown(prices_of_the_quoted_models, load_prices,
                                        free_prices),
        cmocka_unit_test_setup_teardown(an_unknown_model_is_a_fault_that_names_neighbours,
                                        load_prices, free_prices),
        cmocka_unit_test_setup_teardown(a_dated_price_prices_its_own_days, load_prices,
                                        free_prices),
        cmocka_unit_test_setup_teardown(cached_reasoning_and_tiers_are_priced_once,
                                        load_prices, free_prices),
        cmocka_unit_test_setup_teardown(a_tier_moves_writes_and_reasoning_too,
                                        load_prices, free_prices),
        cmocka_unit_test_setup_teardown(a_tier_in_a_row_of_its_own_is_its_base_rows,
                                        load_prices, free_prices),
        cmocka_unit_test_setup_teardown(a_tier_of_service_has_its_own_price_or_none,
                                        load_prices, free_prices),
        cmocka_unit_test_setup_teardown(what_is_called_free_costs_nothing, load_prices,
                                        free_prices),
        cmocka_unit_test_setup_teardown(a_series_answers_for_each_day, load_prices,
                                        free_prices),
        cmocka_unit_test_setup_teardown(a_model_is_found_however_its_seller_writes_it,
                                        load_prices, free_prices),
        cmocka_unit_test_setup_teardown(it_is_known_since_when_there_is_a_price,
                                        load_prices, free_prices),
        cmocka_unit_test_setup_teardown(
            a_cache_for_an_hour_and_busy_hours_have_their_prices, load_prices,
            free_prices),
        cmocka_unit_test_setup_teardown(a_price_that_has_ended_does_not_age, load_prices,
                                        free_prices),
        cmocka_unit_test(the_sum_is_rounded_half_up_once),
        cmocka_unit_test(an_unknown_price_is_a_fault_never_zero),
        cmocka_unit_test(a_bad_price_file_is_refused_with_its_row_and_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
