/* test_scan_cache.c -- a body is judged alike whether its strings are known or not. */
#include "scan/scan_cache.h"

#include "core/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    return *x ^= *x << 17;
}

static const char *const pieces[] = {
    "the report is due on Monday and nobody has seen it yet. ",
    "write to ann.ray@acme-labs.io about it. ",
    "my SSN is 536-22-8726. ",
    "Maria Schmidt lives at 12 Harbour Street, Leeds. ",
    "int main(void) { return 0; }\\n",
    "the patient was given 5 mg; diagnosis: asthma, treatment as before. ",
    "password: hunter2horse! ",
};

/* Strings of a pool, so that some come again; one of them changed by a letter. */
static void put_body(struct buf *b, uint64_t *x)
{
    buf_lit(b, "{\"messages\":[");
    for (uint64_t n = next_random(x) % 6 + 1; n > 0; n--) {
        uint64_t pool = next_random(x) % 12 * 0x9E3779B97F4A7C15u + 1;
        buf_lit(b, "{\"role\":\"user\",\"content\":\"");
        for (uint64_t k = next_random(&pool) % 12; k > 0; k--)
            buf_append(b, str_of(pieces[next_random(&pool) % ARRAY_LEN(pieces)]));
        if (next_random(x) % 4 == 0)
            buf_byte(b, (char)('a' + next_random(x) % 26));
        buf_append(b, n > 1 ? STR("\"},") : STR("\"}"));
    }
    buf_lit(b, "]}");
}

static void assert_same(const struct body_scan *a, const struct body_scan *b)
{
    assert_int_equal(a->spans.n, b->spans.n);
    assert_int_equal(a->nat, b->nat);
    assert_memory_equal(a->found.count, b->found.count, sizeof a->found.count);
    assert_memory_equal(a->found.score, b->found.score, sizeof a->found.score);
    assert_int_equal(a->found.is_clinical, b->found.is_clinical);
    for (size_t i = 0; i < a->nat; i++) {
        assert_int_equal(a->at[i].raw_start, b->at[i].raw_start);
        assert_int_equal(a->at[i].n, b->at[i].n);
    }
    for (size_t i = 0; i < a->spans.n; i++) {
        assert_int_equal(a->spans.v[i].start, b->spans.v[i].start);
        assert_int_equal(a->spans.v[i].end, b->spans.v[i].end);
        assert_int_equal(a->spans.v[i].type, b->spans.v[i].type);
    }
}

static void known_strings_change_no_result(void **state)
{
    (void)state;
    struct err err = {0};
    struct scanner *plain = scanner_create(&err), *cached = scanner_create(&err);
    assert_int_equal(scanner_add_cache(cached, 1 << 20, &err), 0);
    uint64_t x = 88172645463325252u;
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int round = 0; round < 300; round++) {
        struct body_scan one = {0}, two = {0};
        buf_clear(&b);
        put_body(&b, &x);
        assert_int_equal(guard_scan_body(plain, buf_view(&b), &one, &err), 0);
        assert_int_equal(guard_scan_body(cached, buf_view(&b), &two, &err), 0);
        assert_same(&one, &two);
        body_scan_release(&one);
        body_scan_release(&two);
    }
    buf_release(&b);
    scanner_free(plain);
    scanner_free(cached);
}

static const char *count_windows(void *ctx, uint64_t steps)
{
    (void)steps;
    ++*(size_t *)ctx;
    return NULL;
}

static size_t windows_read(const struct scanner *sc, const char *body)
{
    struct err err = {0};
    size_t n = 0;
    const struct scan_watch watch = {count_windows, &n};
    struct body_scan b = {.watch = &watch};
    assert_int_equal(guard_scan_body(sc, str_of(body), &b, &err), 0);
    body_scan_release(&b);
    return n;
}

/* An agent's body is full of short strings: calls, paths, answers of a line. */
static void a_body_that_came_before_costs_only_what_is_new_in_it(void **state)
{
    (void)state;
    static const char before[] = "{\"messages\":[{\"id\":\"call_123456\",\"path\":"
                                 "\"src/part7.c\"},{\"content\":\"Ask Maria Schmidt "
                                 "(ann.ray@acme-labs.io) what it was.\"}",
                      more[] = ",{\"id\":\"call_234567\"}";
    char first[512], second[512];
    struct err err = {0};
    struct scanner *sc = scanner_create(&err);
    snprintf(first, sizeof first, "%s]}", before);
    snprintf(second, sizeof second, "%s%s]}", before, more);
    assert_int_equal(scanner_add_cache(sc, 1 << 20, &err), 0);
    assert_true(windows_read(sc, first) >= 3);
    assert_int_equal(windows_read(sc, first), 0);
    assert_int_equal(windows_read(sc, second), 1);
    scanner_free(sc);
}

static void it_keeps_what_was_asked_for_last_and_its_bound(void **state)
{
    (void)state;
    enum { BOUND = 4096 };
    struct err err = {0};
    struct scan_cache *c = scan_cache_create(BOUND, &err);
    struct span one[3] = {{.start = 1, .end = 2, .type = TYPE_EMAIL, .score = 90}};
    const struct span_list l = {.v = one, .n = 3, .cap = 3, .is_clinical = true};
    char text[32];
    for (int i = 0; i < 5000; i++) {
        int n = snprintf(text, sizeof text, "text %d", i);
        struct scan_key key = scan_cache_key(c, (struct str){text, (size_t)n});
        struct span_list got = {0};
        assert_false(scan_cache_get(c, key, &got));
        scan_cache_put(c, key, &l);
        assert_true(scan_cache_stats(c).bytes <= BOUND);
        span_list_release(&got);
    }
    assert_int_equal(scan_cache_stats(c).hits, 0);
    scan_cache_free(c);

    c = scan_cache_create(1 << 20, &err);
    struct scan_key key = scan_cache_key(c, STR("a text"));
    struct scan_key other = scan_cache_key(c, STR("a texu"));
    struct span_list got = {0};
    scan_cache_put(c, key, &l);
    assert_true(scan_cache_get(c, key, &got));
    assert_int_equal(got.n, 3);
    assert_int_equal(got.v[0].end, 2);
    assert_true(got.is_clinical);
    assert_false(scan_cache_get(c, other, &got));
    span_list_release(&got);
    scan_cache_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_strings_change_no_result),
        cmocka_unit_test(a_body_that_came_before_costs_only_what_is_new_in_it),
        cmocka_unit_test(it_keeps_what_was_asked_for_last_and_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
