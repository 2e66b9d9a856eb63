/* method.c -- the articles' formulas on fixed-point money. */
#include "plan/method.h"

#include "facts/money.h"

#include <math.h>

enum { LOAD_MW_000 = 115000, UTILISATION_000 = 300000, SIMPLE_UNDER = 100 };
#define TARIFF_000 INT64_C(120000000) /* $0.12 a kWh */

int gut_month(uint64_t daily_input, uint64_t daily_output, uint64_t days,
              const struct price *price, struct gut_month *ret, struct err *err)
{
    struct token_counts one_day = {.input = daily_input, .output = daily_output};
    struct price flat = *price;
    flat.ntiers = 0;
    if (days < 1 || days > 366)
        return err_set(err, ERR_CONFIG, "bad_plan", "days: must be 1 to 366");
    if (prices_cost_of_many_nanousd(&flat, &one_day, days, &ret->api_nanousd, err) < 0)
        return -1;
    money_wide mwh = (money_wide)LOAD_MW_000 * UTILISATION_000 / PPM * 24 * days;
    ret->energy_mwh = (uint64_t)mwh;
    return money_round(mwh * TARIFF_000, 1000000, "electricity",
                       &ret->electricity_nanousd, err);
}

struct gut_spread gut_spread(const double *v, size_t n)
{
    struct gut_spread s = {0};
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        s.mean += v[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - s.mean) * (v[i] - s.mean);
    s.stdev = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
    return s;
}

enum gut_choice gut_route(enum gut_sensitivity s, uint64_t tokens, bool high_quality,
                          bool has_latency, uint64_t latency_ms)
{
    if (s == GUT_CONFIDENTIAL)
        return tokens > 20000 ? GUT_LOCAL_UNIFIED : GUT_LOCAL_GPU;
    if (has_latency && latency_ms < 100)
        return GUT_LOCAL_GPU;
    if (high_quality && s == GUT_PUBLIC)
        return tokens > 50000 ? GUT_CLOUD_LONG : GUT_CLOUD_BEST;
    return GUT_LOCAL_GPU;
}

bool gut_keeps_local(unsigned score_milli, unsigned threshold_milli)
{
    return score_milli >= threshold_milli;
}

uint64_t constraint_tokens_per_day(uint64_t milli_tok_s)
{
    return milli_tok_s * 86400 / 1000;
}

int locally_month(uint64_t daily_requests, uint64_t input, uint64_t output,
                  const struct price *price, int64_t *ret_nanousd, struct err *err)
{
    struct token_counts one = {.input = input, .output = output};
    uint64_t month;
    if (__builtin_mul_overflow(daily_requests, UINT64_C(30), &month))
        return err_set(err, ERR_CONFIG, "bad_plan", "requests-per-day: too many");
    return prices_cost_of_many_nanousd(price, &one, month, ret_nanousd, err);
}

struct payback locally_break_even(int64_t setup_nanousd, int64_t api_nanousd,
                                  int64_t local_nanousd)
{
    int64_t net = api_nanousd - local_nanousd;
    if (net <= 0)
        return (struct payback){PAYBACK_NEVER, 0};
    if (setup_nanousd == 0)
        return (struct payback){PAYBACK_NOTHING_TO_PAY, 0};
    money_wide milli = ((money_wide)setup_nanousd * MILLI + net / 2) / net;
    return (struct payback){PAYBACK_MONTHS,
                            milli > INT64_MAX ? INT64_MAX : (int64_t)milli};
}

unsigned locally_quality_loss_pct(unsigned quality_milli)
{
    return (1000 - quality_milli + 5) / 10;
}

static bool has_any(struct str query, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_contains_nocase(query, str_of(words[i])))
            return true;
    return false;
}

enum locally_complexity locally_classify(struct str query)
{
    static const char *const simple[] = {"what is", "define", "when did", "how many",
                                         "list the"};
    static const char *const complex[] = {"compare",  "analyze",        "explain why",
                                          "design",   "implement",      "debug",
                                          "optimize", "write a program"};
    size_t characters = 0;
    for (size_t i = 0; i < query.n; i++)
        characters += ((unsigned char)query.p[i] & 0xC0) != 0x80;
    if (characters < SIMPLE_UNDER && has_any(query, simple, ARRAY_LEN(simple)))
        return LOCALLY_SIMPLE;
    return has_any(query, complex, ARRAY_LEN(complex)) ? LOCALLY_COMPLEX : LOCALLY_MEDIUM;
}

size_t locally_words(struct str query)
{
    size_t words = 0;
    bool inside = false;
    for (size_t i = 0; i < query.n; i++) {
        bool blank = query.p[i] == ' ' || query.p[i] == '\n' || query.p[i] == '\t';
        words += !blank && !inside;
        inside = !blank;
    }
    return words;
}

int64_t locally_route_nanousd(struct str query)
{
    static const int64_t per_word[] = {
        [LOCALLY_SIMPLE] = 0, [LOCALLY_MEDIUM] = 1500, [LOCALLY_COMPLEX] = 15000};
    return (int64_t)locally_words(query) * per_word[locally_classify(query)];
}

uint64_t factors_implied_mw(int64_t nanousd_per_hour, int64_t tariff_per_kwh)
{
    if (nanousd_per_hour <= 0 || tariff_per_kwh <= 0)
        return 0;
    return (uint64_t)((money_wide)nanousd_per_hour * 1000000 / tariff_per_kwh);
}

int64_t definitive_per_request(int64_t month_nanousd, uint64_t requests)
{
    if (requests == 0)
        return 0;
    return (int64_t)(((money_wide)month_nanousd + requests / 2) / requests);
}

uint64_t definitive_break_even_requests(int64_t rent_nanousd, int64_t month_nanousd,
                                        uint64_t requests)
{
    if (month_nanousd <= 0)
        return 0;
    return (uint64_t)(((money_wide)rent_nanousd * requests + month_nanousd - 1) /
                      month_nanousd);
}
