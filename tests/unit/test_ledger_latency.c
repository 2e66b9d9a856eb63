/* test_ledger_latency.c -- `weir ledger --latency`: durations are the monotonic clock's,
 * and a wall clock that is set makes no model slow. */
#include "cmd/ledger/ledger_format.h"
#include "cmd/ledger/ledger_latency.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOON UINT64_C(1793620800000)
enum { SECOND = 1000, MINUTE = 60000, HOUR = 3600000 };

static void add(struct latency_table *t, uint64_t ts_ms, int64_t ttft_ms)
{
    struct err err = {0};
    const struct ledger_leg leg = {.engine = STR("box"),
                                   .model = STR("m"),
                                   .outcome = OUTCOME_OK,
                                   .is_promised = true,
                                   .usage = {.output_tokens = 21},
                                   .usage_is_reported = true,
                                   .ttft_ms = ttft_ms,
                                   .total_ms = (uint64_t)ttft_ms + 400};
    const struct ledger_row row = {
        .open = {.ts_ms = ts_ms}, .is_stream = true, .legs = &leg, .nlegs = 1};
    assert_int_equal(latency_add(t, &row, &err), 0);
}

static void a_pause_stands_apart(void **state)
{
    struct latency_table t;
    (void)state;
    latency_init(&t);
    add(&t, NOON, 900); /* the very first */
    add(&t, NOON + 10 * SECOND, 50);
    add(&t, NOON + 4 * MINUTE, 60);
    add(&t, NOON + HOUR, 800); /* after a pause */
    add(&t, NOON + HOUR + SECOND, 70);
    assert_int_equal(t.first->paused.n, 2);
    assert_int_equal(t.first->ttft.n, 3);
    assert_true(fabs(sample_mean(&t.first->ttft) - 60) < 1e-9);
    assert_true(fabs(sample_mean(&t.first->speed) - 50) < 1e-9); /* 20 in 400 ms */
    latency_release(&t);
}

/* Set back by a day and forward by two: no figure is of it, pauses are told again after
 * it, and what was slow to begin with is not taken for warm for a day. */
static void a_clock_that_is_set_changes_no_figure(void **state)
{
    struct latency_table t;
    uint64_t at = NOON - 24 * HOUR;
    (void)state;
    latency_init(&t);
    add(&t, NOON, 900);
    add(&t, NOON + SECOND, 50);
    add(&t, at, 50); /* back */
    add(&t, at + SECOND, 50);
    add(&t, at + HOUR, 800); /* a pause */
    at += 48 * HOUR;
    add(&t, at, 50); /* forward: it looks like one */
    add(&t, at + SECOND, 50);
    assert_int_equal(t.first->paused.n, 3);
    assert_int_equal(t.first->ttft.n, 4);
    assert_true(sample_quantile(&t.first->ttft, 1) < 50.5);
    assert_true(sample_quantile(&t.first->paused, 1) < 900.5);
    assert_true(sample_quantile(&t.first->speed, 0) > 49.5);
    latency_release(&t);
}

/* What a figure says is rounded, not cut, and a number of requests is told whole. */
static void figures_are_rounded_and_requests_are_whole(void **state)
{
    static const struct {
        uint64_t v;
        const char *count, *whole;
    } of[] = {{0, "0", "0"},
              {999, "999", "999"},
              {1000, "1.0k", "1,000"},
              {1257, "1.3k", "1,257"},
              {99949, "99.9k", "99,949"},
              {99950, "100k", "99,950"},
              {233662, "234k", "233,662"},
              {999499, "999k", "999,499"},
              {999500, "1.0M", "999,500"},
              {1234567, "1.2M", "1,234,567"},
              {UINT64_MAX, "18.4E", "18,446,744,073,709,551,615"}};
    char text[NUMBER_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        ledger_format_count(of[i].v, text);
        assert_string_equal(text, of[i].count);
        ledger_format_whole(of[i].v, text);
        assert_string_equal(text, of[i].whole);
    }
    ledger_format_ms(12960, 1, text);
    assert_string_equal(text, "13.0s");
}

static void add_one(struct latency_table *t, bool is_stream, bool is_promised)
{
    struct err err = {0};
    const struct ledger_leg leg = {.engine = STR("box"),
                                   .model = STR("m"),
                                   .outcome = OUTCOME_OK,
                                   .is_promised = is_promised,
                                   .ttft_ms = 1025,
                                   .total_ms = 1025};
    const struct ledger_row row = {
        .open = {.ts_ms = NOON}, .is_stream = is_stream, .legs = &leg, .nlegs = 1};
    assert_int_equal(latency_add(t, &row, &err), 0);
}

/* A whole answer, and a judge beside a stream, whose answer no client was given. */
static void what_was_no_stream_to_the_client_has_no_first_token(void **state)
{
    struct latency_table t;
    (void)state;
    latency_init(&t);
    add_one(&t, false, true);
    add_one(&t, true, false);
    assert_int_equal(t.first->ttft.n + t.first->paused.n, 0);
    assert_int_equal(t.first->legs, 2);
    add_one(&t, true, true);
    assert_int_equal(t.first->ttft.n + t.first->paused.n, 1);
    latency_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_stands_apart),
        cmocka_unit_test(a_clock_that_is_set_changes_no_figure),
        cmocka_unit_test(figures_are_rounded_and_requests_are_whole),
        cmocka_unit_test(what_was_no_stream_to_the_client_has_no_first_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
