/* test_ledger_latency.c -- `weir ledger --latency`: durations are the monotonic clock's,
 * and a wall clock that is set makes no model slow. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_stands_apart),
        cmocka_unit_test(a_clock_that_is_set_changes_no_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
