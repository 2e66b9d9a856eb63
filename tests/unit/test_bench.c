/* test_bench.c -- figures of traces that were worked out by hand. */
#include "bench/knee.h"
#include "bench/load.h"
#include "bench/summary.h"
#include "bench/workload.h"
#include "json/scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* -- traces -------------------------------------------------------------------------- */

/* "o" opening, "r" thought, "t" text, "c" call, "f" finish, "u" usage; each at so many
 * milliseconds after the start, which is at second 1. */
struct step {
    char kind;
    int ms;
};

static enum bench_kind kind_of(char c)
{
    static const char letters[] = "ortcfu"; /* in the order of the kinds */
    const char *at = strchr(letters, c);
    assert_non_null(at);
    return (enum bench_kind)(at - letters);
}

static void trace_of(struct bench_trace *t, const struct step *steps, size_t n,
                     int end_ms, uint64_t tokens)
{
    bench_trace_init(t);
    t->start_us = 1000000;
    t->end_us = 1000000 + 1000 * end_ms;
    t->end = BENCH_DONE;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(bench_trace_add(t, 1000000 + 1000 * steps[i].ms,
                                         kind_of(steps[i].kind), 5, NULL),
                         0);
    t->usage.is_known = tokens > 0;
    t->usage.output_tokens = tokens;
}

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)

/* Who speaks at 10, text at 100, 120, 140 and 200, the end of the choice at 210, usage at
 * 215, the last byte at 220.  The engine counts nine tokens. */
static const struct step plain[] = {{'o', 10},  {'t', 100}, {'t', 120}, {'t', 140},
                                    {'t', 200}, {'f', 210}, {'u', 215}};

static void each_tool_has_its_definitions(void **state)
{
    static const struct {
        enum bench_as as;
        double ttft, itl, tpot, latency;
    } rows[] = {
        {AS_WEIR, 100, 100.0 / 8, 100.0 / 8, 220},
        /* From the opening on: five gaps over 200 ms. */
        {AS_VLLM, 10, 200.0 / 5, 200.0 / 8, 210},
        {AS_AIPERF, 100, 100.0 / 8, 100.0 / 8, 200},
        {AS_GUIDELLM, 100, 100.0 / 8, 200.0 / 9, 220},
        {AS_LLMPERF, 100, 215.0 / 9, 215.0 / 9, 220},
    };
    struct bench_trace t;
    (void)state;
    trace_of(&t, plain, ARRAY_LEN(plain), 220, 9);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench_figures f;
        bench_figures(&t, rows[i].as, false, &f);
        NEAR(f.ttft_ms, rows[i].ttft);
        NEAR(f.itl_ms, rows[i].itl);
        NEAR(f.tpot_ms, rows[i].tpot);
        NEAR(f.latency_ms, rows[i].latency);
        NEAR(f.tokens_per_s, 80); /* eight more tokens in 100 ms, for all of them */
        assert_true(f.are_tokens_told);
    }
    bench_trace_release(&t);
}

static void thoughts_are_not_what_a_person_sees(void **state)
{
    static const struct step steps[] = {
        {'o', 5}, {'r', 50}, {'r', 900}, {'t', 1000}, {'t', 1100}};
    struct bench_trace t;
    struct bench_figures f;
    (void)state;
    trace_of(&t, steps, ARRAY_LEN(steps), 1200, 0);
    bench_figures(&t, AS_WEIR, false, &f);
    NEAR(f.ttft_ms, 50);
    NEAR(f.visible_ms, 1000);
    NEAR(f.tokens, 4); /* events with content, as the engine told nothing */
    assert_false(f.are_tokens_told);
    NEAR(f.itl_ms, (1100.0 - 50) / 3);
    bench_trace_release(&t);
}

static void what_cannot_be_said_is_not_a_number(void **state)
{
    static const struct step one[] = {{'t', 30}}, none[] = {{'o', 10}, {'u', 20}};
    struct bench_trace t;
    struct bench_figures f;
    (void)state;
    trace_of(&t, one, 1, 40, 1);
    bench_figures(&t, AS_WEIR, false, &f);
    NEAR(f.ttft_ms, 30);
    assert_true(isnan(f.itl_ms) && isnan(f.tokens_per_s));
    bench_trace_release(&t);
    for (int as = 0; as < AS_COUNT; as++) {
        trace_of(&t, none, 2, 40, 0);
        bench_figures(&t, (enum bench_as)as, false, &f);
        assert_true(as == AS_VLLM ? f.ttft_ms > 0 : isnan(f.ttft_ms));
        assert_true(isnan(f.visible_ms) && isnan(f.tokens_per_s));
        bench_trace_release(&t);
    }
}

/* One event with five tokens is five tokens, not one. */
static void an_event_is_no_token(void **state)
{
    static const struct step steps[] = {{'t', 100}, {'t', 150}, {'t', 200}};
    struct bench_trace t;
    struct sample gaps;
    (void)state;
    trace_of(&t, steps, ARRAY_LEN(steps), 210, 11);
    sample_init(&gaps);
    assert_int_equal(bench_gaps(&t, AS_WEIR, &gaps, NULL), 0);
    assert_int_equal(gaps.n, 2);
    NEAR(gaps.values[0], 10); /* 50 ms for five of ten further tokens */
    sample_release(&gaps);
    assert_int_equal(bench_gaps(&t, AS_VLLM, &gaps, NULL), 0);
    NEAR(gaps.values[0], 50);
    sample_release(&gaps);
    bench_trace_release(&t);
}

static void latency_counts_from_the_intended_start(void **state)
{
    struct bench_trace t;
    struct bench_figures f;
    (void)state;
    trace_of(&t, plain, ARRAY_LEN(plain), 220, 9);
    t.intended_us = 400000;
    bench_figures(&t, AS_WEIR, true, &f);
    NEAR(f.ttft_ms, 700);
    NEAR(f.latency_ms, 820);
    NEAR(f.late_ms, 600);
    bench_trace_release(&t);
}

/* -- samples --------------------------------------------------------------------------
 */

/* The table of the article: mean, sample deviation and CV of five measured TTFTs. */
static void statistics_as_the_tables_print_them(void **state)
{
    static const struct {
        double values[5], mean, deviation, variation;
    } rows[] = {{{380, 220, 195, 410, 280}, 297, 95, .32},
                {{45, 48, 52, 44, 47}, 47.2, 3.1, .066},
                {{78, 82, 75, 80, 77}, 78.4, 2.7, .034}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sample s;
        sample_init(&s);
        for (size_t k = 0; k < 5; k++)
            assert_int_equal(sample_add(&s, rows[i].values[k], NULL), 0);
        assert_true(fabs(sample_mean(&s) - rows[i].mean) < .05);
        assert_true(fabs(sample_deviation(&s) - rows[i].deviation) < .5);
        assert_true(fabs(sample_variation(&s) - rows[i].variation) < .005);
        sample_release(&s);
    }
}

static void quantiles_are_linear_between_ranks(void **state)
{
    struct sample s;
    (void)state;
    sample_init(&s);
    assert_true(isnan(sample_quantile(&s, .5)) && isnan(sample_mean(&s)) &&
                isnan(sample_jitter(&s)));
    for (int i = 10; i >= 1; i--)
        assert_int_equal(sample_add(&s, i, NULL), 0);
    assert_int_equal(sample_add(&s, NAN, NULL), 0); /* left out */
    assert_int_equal(s.n, 10);
    NEAR(sample_jitter(&s), 1);
    NEAR(sample_quantile(&s, 0), 1);
    NEAR(sample_quantile(&s, .5), 5.5);
    NEAR(sample_quantile(&s, .99), 9.91);
    NEAR(sample_quantile(&s, 1), 10);
    sample_release(&s);
}

/* Of more values than are kept, a random choice has nearly the same quantiles. */
static void a_bounded_sample_keeps_a_fair_choice(void **state)
{
    struct sample s;
    (void)state;
    sample_init(&s);
    s.most = 20000;
    for (int i = 0; i < 1000000; i++)
        assert_int_equal(sample_add(&s, i, NULL), 0);
    assert_int_equal(s.n, 20000);
    assert_int_equal(s.seen, 1000000);
    assert_true(fabs(sample_quantile(&s, .5) - 500000) < 15000);
    assert_true(fabs(sample_quantile(&s, .99) - 990000) < 3000);
    sample_release(&s);
}

/* -- loads ----------------------------------------------------------------------------
 */

static void an_open_loop_begins_by_the_clock(void **state)
{
    const struct bench_load l = {.shape = LOAD_CONSTANT, .per_s = 4, .requests = 3};
    const struct bench_load brief = {
        .shape = LOAD_CONSTANT, .per_s = 10, .requests = 100, .max_us = 250000};
    struct bench_starts s;
    uint64_t at, n = 0;
    (void)state;
    bench_starts_begin(&s, &l);
    for (uint64_t i = 0; i < 3; i++) {
        assert_true(bench_starts_next(&s, &at));
        assert_int_equal(at, i * 250000);
    }
    assert_false(bench_starts_next(&s, &at));
    bench_starts_begin(&s, &brief);
    while (bench_starts_next(&s, &at))
        n++;
    assert_int_equal(n, 3);
}

/* Distances of a Poisson process: their mean is 1/rate, and so is their deviation. */
static void a_poisson_process_has_its_distances(void **state)
{
    const struct bench_load l = {
        .shape = LOAD_POISSON, .per_s = 50, .requests = 20000, .seed = 3};
    struct bench_starts s, again;
    struct sample gaps;
    uint64_t at, same, before = 0;
    (void)state;
    sample_init(&gaps);
    bench_starts_begin(&s, &l);
    bench_starts_begin(&again, &l);
    while (bench_starts_next(&s, &at)) {
        assert_true(bench_starts_next(&again, &same) && same == at && at >= before);
        assert_int_equal(sample_add(&gaps, (double)(at - before), NULL), 0);
        before = at;
    }
    assert_true(fabs(sample_mean(&gaps) - 20000) < 400);
    assert_true(fabs(sample_variation(&gaps) - 1) < .03);
    sample_release(&gaps);
}

/* -- summaries -------------------------------------------------------------------------
 */

static void summarise(const struct bench_trace *traces, size_t n,
                      const struct bench_load *l, const struct bench_slo *slo,
                      int64_t ended_us, struct bench_summary *ret)
{
    const struct bench_result r = {.ended_us = ended_us};
    bench_summary_begin(ret, l, AS_WEIR, slo);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(bench_summary_add(ret, &traces[i], NULL), 0);
    bench_summary_end(ret, &r);
}

static void a_summary_leaves_out_what_is_no_measurement(void **state)
{
    struct bench_trace traces[5];
    const struct bench_load l = {.shape = LOAD_CLOSED, .concurrency = 1, .requests = 4};
    const struct bench_slo slo = {.ttft_ms = 100, .itl_ms = NAN, .latency_ms = NAN};
    const struct bench_slo none = {NAN, NAN, NAN};
    struct bench_summary s;
    (void)state;
    for (size_t i = 0; i < 5; i++)
        trace_of(&traces[i], plain, ARRAY_LEN(plain), 220, 9);
    traces[0].is_warmup = traces[0].is_cold = true;
    traces[0].events[1].at_us += 900000; /* the model had to be loaded */
    traces[2].end = BENCH_FAILED;
    snprintf(traces[2].code, sizeof traces[2].code, "upstream_reset");
    traces[3].end = BENCH_CANCELLED;
    traces[4].events[1].at_us += 1000; /* 101 ms: not within the limit */
    summarise(traces, 5, &l, &slo, 2000000, &s);
    assert_int_equal(s.done, 2);
    assert_int_equal(s.failed, 1);
    assert_int_equal(s.cancelled, 1);
    assert_int_equal(s.good, 1);
    NEAR(s.cold_ttft_ms, 1000);
    NEAR(sample_mean(&s.ttft), 100.5);
    NEAR(s.requests_per_s, 1);
    NEAR(s.tokens_per_s, 9);
    NEAR(s.good_per_s, .5);
    assert_int_equal(s.npoints, 2);
    NEAR(s.points[0].begun_s, 1);
    NEAR(s.points[0].latency_ms, 220);
    assert_int_equal(s.nreasons, 1);
    assert_string_equal(s.reasons[0].code, "upstream_reset");
    bench_summary_release(&s);
    summarise(traces, 5, &l, &none, 2000000, &s);
    assert_true(isnan(s.good_per_s)); /* nothing was asked for, so nothing is good */
    bench_summary_release(&s);
    for (size_t i = 0; i < 5; i++)
        bench_trace_release(&traces[i]);
}

/* Ten a second, each served in 100 ms, and a stall of ten seconds: the requests of that
 * time begin late, one after the other, and each is quick once it has begun. */
static void a_stall_is_seen_from_the_intended_start(void **state)
{
    enum { N = 1000 };
    static struct bench_trace traces[N];
    const struct bench_load l = {.shape = LOAD_CONSTANT, .per_s = 10, .requests = N};
    const struct bench_slo none = {NAN, NAN, NAN};
    struct bench_summary s;
    (void)state;
    for (int i = 0; i < N; i++) {
        struct bench_trace *t = &traces[i];
        bench_trace_init(t);
        t->intended_us = 1 + 100000 * (int64_t)i;
        t->start_us = t->intended_us;
        if (i >= 100 && i < 200) /* what should have begun in the stall begins after it */
            t->start_us = 20000001 + 1000 * (int64_t)(i - 100);
        t->end_us = t->start_us + 100000;
        t->end = BENCH_DONE;
        assert_int_equal(bench_trace_add(t, t->end_us, BENCH_TEXT, 5, NULL), 0);
    }
    summarise(traces, N, &l, &none, 110000000, &s);
    assert_true(fabs(sample_quantile(&s.latency, .99) - 9200) < 200);
    assert_true(fabs(sample_quantile(&s.from_start, .99) - 100) < 1);
    assert_true(bench_summary_omits(&s));
    bench_summary_release(&s);
    for (int i = 0; i < N; i++)
        bench_trace_release(&traces[i]);
}

static void the_knee_is_where_more_no_longer_pays(void **state)
{
    static const struct {
        struct bench_step steps[5];
        size_t n, at, kept_up_to;
        bool is_reached, has_limits, is_kept;
    } rows[] = {
        {{{100, NAN}, {190, NAN}, {350, NAN}, {360, NAN}}, 4, 2, 0, true, false, false},
        {{{100, NAN}, {190, NAN}}, 2, 1, 0, false, false, false},
        {{{100, 1}, {190, .99}, {350, .98}, {700, 1}, {710, 1}},
         5,
         3,
         1,
         true,
         true,
         true},
        {{{100, .5}, {100, 1}}, 2, 0, 0, true, true, false},
        /* A load that brought nothing is behind the knee, and keeps no limit. */
        {{{100, 1}, {0, NAN}}, 2, 0, 0, true, true, true},
        {{{100, 1}}, 1, 0, 0, false, true, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench_knee k = bench_knee(rows[i].steps, rows[i].n);
        assert_int_equal(k.at, rows[i].at);
        assert_int_equal(k.is_reached, rows[i].is_reached);
        assert_int_equal(k.has_limits, rows[i].has_limits);
        assert_int_equal(k.is_kept, rows[i].is_kept);
        assert_int_equal(k.kept_up_to, rows[i].kept_up_to);
    }
}

/* -- workloads --------------------------------------------------------------------------
 */

static void the_built_in_workloads_can_be_sent(void **state)
{
    (void)state;
    for (size_t i = 0; bench_workload_names[i]; i++) {
        struct bench_workload w;
        struct err err = {0};
        bench_workload_init(&w);
        assert_int_equal(bench_workload_builtin(&w, bench_workload_names[i], &err), 0);
        assert_int_equal(w.n, 8);
        for (size_t k = 0; k < w.n; k++) {
            struct buf with, without;
            buf_init(&with, 1 << 20);
            buf_init(&without, 1 << 20);
            bench_workload_body(&w, k, STR("m \"x\""), true, &with);
            bench_workload_body(&w, k, STR("m \"x\""), false, &without);
            assert_true(json_get(buf_view(&with), "messages").n > 0);
            assert_true(
                str_eq(json_get(buf_view(&with), "model"), STR("\"m \\\"x\\\"\"")));
            assert_true(str_eq(json_get(buf_view(&with), "stream"), STR("true")));
            assert_true(str_find(buf_view(&with), STR(BENCH_MARK)) > 0);
            assert_int_equal(buf_len(&with),
                             buf_len(&without) + sizeof "[" BENCH_MARK "] " - 1);
            buf_release(&with);
            buf_release(&without);
        }
        bench_workload_release(&w);
    }
}

static void a_bad_line_is_refused_with_what_to_write(void **state)
{
    static const struct {
        const char *line, *why;
    } rows[] = {
        {"[1]", "one JSON object"},
        {"{\"prompt\": 5}", "'prompt' is a text"},
        {"{\"x\": 1}", "has 'prompt'"},
        {"{\"prompt\": \"a\"", "JSON at byte 14"},
        {"{\"prompt\": \"a\", \"messages\": []}", "not both"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench_workload w;
        struct err err = {0};
        bench_workload_init(&w);
        assert_int_equal(bench_workload_add(&w, str_of(rows[i].line), &err), -1);
        if (str_find(str_of(err.msg), str_of(rows[i].why)) < 0)
            fail_msg("%s: %s", rows[i].line, err.msg);
        bench_workload_release(&w);
    }
}

static void a_line_keeps_what_is_not_ours(void **state)
{
    struct bench_workload w;
    struct err err = {0};
    struct buf b;
    (void)state;
    bench_workload_init(&w);
    buf_init(&b, 4096);
    assert_int_equal(
        bench_workload_add(&w,
                           STR("{\"model\":\"y\",\"prompt\":\"hi \\u00e9\",\"seed\":7,"
                               "\"stream\":false}"),
                           &err),
        0);
    bench_workload_body(&w, 0, STR("m"), false, &b);
    assert_true(str_eq(buf_view(&b),
                       STR("{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":"
                           "\"user\",\"content\":\"hi \\u00e9\"}],\"seed\":7}")));
    buf_release(&b);
    bench_workload_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tool_has_its_definitions),
        cmocka_unit_test(thoughts_are_not_what_a_person_sees),
        cmocka_unit_test(what_cannot_be_said_is_not_a_number),
        cmocka_unit_test(an_event_is_no_token),
        cmocka_unit_test(latency_counts_from_the_intended_start),
        cmocka_unit_test(statistics_as_the_tables_print_them),
        cmocka_unit_test(quantiles_are_linear_between_ranks),
        cmocka_unit_test(a_bounded_sample_keeps_a_fair_choice),
        cmocka_unit_test(an_open_loop_begins_by_the_clock),
        cmocka_unit_test(a_poisson_process_has_its_distances),
        cmocka_unit_test(a_summary_leaves_out_what_is_no_measurement),
        cmocka_unit_test(a_stall_is_seen_from_the_intended_start),
        cmocka_unit_test(the_knee_is_where_more_no_longer_pays),
        cmocka_unit_test(the_built_in_workloads_can_be_sent),
        cmocka_unit_test(a_bad_line_is_refused_with_what_to_write),
        cmocka_unit_test(a_line_keeps_what_is_not_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
