/* test_core.c -- the promises of core/: ceilings, copies, digests, errors. */
#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/id_text.h"
#include "core/list.h"
#include "core/slab.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

/* A body larger than the ceiling is refused without growing the arena: this is what
 * stands between one bad client and everyone's memory. */
static void arena_refuses_past_the_ceiling(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        bool fits;
    } rows[] = {{1, true}, {4096, true}, {64 * 1024, false}, {SIZE_MAX, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        arena_init(&a, 32 * 1024);
        assert_int_equal(arena_alloc(&a, rows[i].size) != NULL, rows[i].fits);
        arena_reset(&a);
    }
}

/* The caller's block comes first, then the heap's; after a reset it serves again. */
static void arena_begins_in_the_callers_memory(void **state)
{
    (void)state;
    _Alignas(16) char mine[512];
    struct arena a;
    arena_init_in(&a, 4096, mine, sizeof mine);
    for (int round = 0; round < 2; round++) {
        char *p = arena_alloc(&a, 400), *q = arena_alloc(&a, 400);
        assert_true(p > mine && p + 400 <= mine + sizeof mine);
        assert_true(q + 400 < mine || q >= mine + sizeof mine);
        assert_null(arena_alloc(&a, 4096));
        arena_reset(&a);
    }
}

static void slabs_keep_objects_apart_and_give_memory_back(void **state)
{
    enum { BYTES = 30000, N = 10 }; /* four to a slab */
    (void)state;
    struct slabs s;
    char *taken[N];
    slabs_init(&s, BYTES);
    assert_int_equal(s.per_slab, 4);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < N; i++) {
            taken[i] = slabs_take(&s);
            assert_non_null(taken[i]);
            assert_int_equal((uintptr_t)taken[i] % 16, 0);
            memset(taken[i], i, BYTES);
        }
        for (int i = 0; i < N; i++)
            assert_true(taken[i][0] == i && taken[i][BYTES - 1] == i);
        for (int i = 0; i < N; i++)
            slabs_give(&s, taken[(i * 7 + round) % N]); /* in any order */
        /* One empty slab stays and no more. */
        assert_ptr_equal(s.open.next, s.open.prev);
        assert_false(list_empty(&s.open));
    }
    slabs_give(&s, NULL);
    slabs_release(&s);
    assert_true(list_empty(&s.open));
}

static void arena_memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    char *last = NULL;
    for (int i = 0; i < 1000; i++) {
        char *p = arena_alloc(&a, 33);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (int j = 0; j < 33; j++)
            assert_int_equal(p[j], 0);
        memset(p, 0xAA, 33);
        assert_ptr_not_equal(p, last);
        last = p;
    }
    struct str s = arena_printf(&a, "%d-%s", 42, "x");
    assert_true(str_eqz(s, "42-x"));
    arena_reset(&a);
    assert_int_equal(a.used_bytes, 0);
}

/* What outgrows the caller's memory moves to the heap, whole; the caller's stays. */
static void buf_begins_in_the_callers_memory(void **state)
{
    (void)state;
    char mine[16];
    struct buf b;
    for (size_t more = 0; more < 600; more += 599) {
        buf_init_in(&b, 1000, mine, sizeof mine);
        buf_lit(&b, "0123456789abcdef");
        assert_ptr_equal(b.p, mine);
        for (size_t i = 0; i < more; i++)
            buf_byte(&b, 'x');
        assert_int_equal(b.p == mine, more == 0);
        assert_int_equal(buf_len(&b), 16 + more);
        assert_true(str_starts(buf_view(&b), STR("0123456789abcdef")));
        assert_memory_equal(mine, "0123456789abcdef", 16);
        buf_release(&b);
    }
    buf_init_in(&b, 10, mine, sizeof mine);
    buf_lit(&b, "0123456789a");
    assert_true(b.failed);
    buf_release(&b);
}

static void buf_keeps_its_maximum_and_reports_once(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    buf_lit(&b, "12345");
    buf_lit(&b, "678901");
    assert_true(b.failed);
    assert_true(str_eqz(buf_view(&b), "12345"));
    buf_clear(&b);
    buf_lit(&b, "1234567890");
    assert_false(b.failed);
    buf_consume(&b, 4);
    buf_lit(&b, "abcd");
    assert_false(b.failed);
    assert_true(str_eqz(buf_view(&b), "567890abcd"));
    buf_release(&b);
}

static void buf_keeps_the_end_of_what_is_appended(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 16);
    buf_append_end(&b, STR("abc"), 4);
    assert_true(str_eqz(buf_view(&b), "abc"));
    buf_append_end(&b, STR("de"), 4);
    assert_true(str_eqz(buf_view(&b), "bcde"));
    buf_append_end(&b, STR("fghi"), 4);
    assert_true(str_eqz(buf_view(&b), "fghi"));
    buf_append_end(&b, STR("a piece longer than all of it"), 4);
    assert_true(str_eqz(buf_view(&b), "f it"));
    for (int i = 0; i < 100; i++)
        buf_append_end(&b, STR("xyz"), 4);
    assert_false(b.failed);
    assert_true(str_eqz(buf_view(&b), "zxyz"));
    buf_release(&b);
}

static void buf_writes_the_extremes(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_u64(&b, 0);
    buf_byte(&b, ' ');
    buf_u64(&b, UINT64_MAX);
    buf_byte(&b, ' ');
    buf_i64(&b, INT64_MIN);
    buf_printf(&b, " %s ", "end");
    buf_id(&b, 0x1f);
    buf_id(&b, UINT64_MAX);
    assert_true(str_eqz(buf_view(&b), "0 18446744073709551615 -9223372036854775808 end "
                                      "bbbbbbbbbbbbbbdvvvvvvvvvvvvvvvvv"));
    buf_release(&b);
}

static void numbers_are_read_whole_or_not_at_all(void **state)
{
    (void)state;
    uint64_t u;
    int64_t i;
    double d;
    assert_true(str_to_u64(STR("18446744073709551615"), &u));
    assert_true(u == UINT64_MAX);
    assert_false(str_to_u64(STR("18446744073709551616"), &u));
    assert_false(str_to_u64(STR("+1"), &u));
    assert_false(str_to_u64(STR(""), &u));
    assert_false(str_to_u64(STR("1 "), &u));
    assert_true(str_to_i64(STR("-9"), &i) && i == -9);
    assert_true(str_to_double(STR("1.5e3"), &d) && d > 1499.9 && d < 1500.1);
    assert_false(str_to_double(STR("nan"), &d));
    assert_false(str_to_double(STR("0x10"), &d));
    assert_false(str_to_double(STR("1e999"), &d));
}

static void strings_split_and_compare(void **state)
{
    (void)state;
    struct str rest = STR("a,,b,"), part;
    const char *want[] = {"a", "", "b"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(str_split(&rest, ',', &part));
        assert_true(str_eqz(part, want[i]));
    }
    assert_false(str_split(&rest, ',', &part));
    assert_true(str_eq_nocase(STR("Content-TYPE"), STR("content-type")));
    assert_true(str_eq_nocase(STR("x-weir-session-ID"), STR("x-weir-session-id")));
    assert_false(str_eq_nocase(STR("x-weir-session-id"), STR("x-weir-session-ix")));
    assert_false(str_eq_nocase(STR("x-weir@session"), STR("x-weir`session")));
    assert_true(str_contains_nocase(STR("application/JSON; x"), STR("json")));
    assert_true(str_contains_nocase(STR("JjJSO json"), STR("Json")));
    assert_true(str_contains_nocase(STR("a (c"), STR("(C")));
    assert_false(str_contains_nocase(STR("a (c"), STR("(c)")));
    assert_false(str_contains_nocase(STR("[x"), STR("{x")));
    assert_true(str_contains_nocase(STR(""), STR("")));
    assert_false(str_contains_nocase(STR(""), STR("a")));
    assert_true(str_eqz(str_trim(STR(" \t x \t")), "x"));
    assert_int_equal(str_find(STR("abcabd"), STR("abd")), 3);
    assert_int_equal(str_index(STR("abc"), 'z'), -1);
}

/* Reference vectors: SipHash-1-3 of 00..n-1 under key 000102..0f, as printed by the
 * authors' reference code and used by several language runtimes. */
static void siphash_does_not_depend_on_chunking(void **state)
{
    (void)state;
    struct siphash_key key = {0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};
    char data[64];
    for (int i = 0; i < 64; i++)
        data[i] = (char)i;
    assert_true(siphash_once(key, (struct str){data, 0}) == 0xabac0158050fc4dcULL);
    for (size_t n = 0; n <= 64; n++) {
        uint64_t whole = siphash_once(key, (struct str){data, n});
        for (size_t cut = 0; cut <= n; cut++) {
            struct siphash h;
            siphash_init(&h, key);
            siphash_update(&h, (struct str){data, cut});
            siphash_update(&h, (struct str){data + cut, n - cut});
            assert_true(siphash_final(&h) == whole);
        }
    }
}

/* RFC 3720, appendix B.4. */
static void crc32c_matches_the_rfc(void **state)
{
    (void)state;
    char zeros[32] = {0}, up[32];
    for (int i = 0; i < 32; i++)
        up[i] = (char)i;
    assert_int_equal(crc32c(0, (struct str){zeros, 32}), 0x8A9136AA);
    assert_int_equal(crc32c(0, (struct str){up, 32}), 0x46DD794E);
    assert_int_equal(crc32c(crc32c(0, STR("1234")), STR("56789")), 0xE3069283);
    /* Of every length, whole and in two pieces. */
    for (size_t n = 0; n < 100; n++) {
        char bytes[100];
        uint32_t one_by_one = 0;
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (char)(i * 37 + n);
            one_by_one = crc32c(one_by_one, (struct str){bytes + i, 1});
        }
        assert_int_equal(crc32c(0, (struct str){bytes, n}), one_by_one);
        uint32_t head = crc32c(0, (struct str){bytes, n / 3});
        assert_int_equal(crc32c(head, (struct str){bytes + n / 3, n - n / 3}),
                         one_by_one);
    }
}

static void errors_are_cut_at_a_character(void **state)
{
    (void)state;
    struct err e;
    char longer[1000];
    memset(longer, 'a', sizeof longer);
    for (size_t i = 1; i + 2 < sizeof longer; i += 2)
        memcpy(longer + i, "\xc3\xa9", 2);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(err_set(&e, ERR_TOO_LARGE, "x", "%s", longer), -1);
    size_t n = strlen(e.msg);
    assert_true(n < sizeof e.msg);
    assert_false(((unsigned char)e.msg[n - 1] & 0xC0) == 0xC0);
    assert_int_equal(err_http_status(e.kind), 413);
    errno = ENOSPC;
    err_sys(&e, ERR_INTERNAL, "disk", "cannot write");
    assert_int_equal(e.sys, ENOSPC);
    assert_string_equal(e.msg, "cannot write: No space left on device");
}

static void every_error_kind_has_a_status(void **state)
{
    (void)state;
    for (int k = ERR_NONE + 1; k < ERR_KINDS; k++) {
        int status = err_http_status((enum err_kind)k);
        assert_in_range(status, 400, 508);
    }
}

static void times_are_written_in_utc(void **state)
{
    (void)state;
    char out[25];
    clock_format_utc(1795229515042ULL, out);
    assert_string_equal(out, "2026-11-21T02:51:55.042Z");
    for (uint64_t s = 0; s < 8000ULL * 365 * 86400; s += 86400 * 13 + 4321) {
        char want[25];
        time_t t = (time_t)s;
        struct tm tm;
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.999Z", gmtime_r(&t, &tm));
        clock_format_utc(s * 1000 + 999, out);
        assert_string_equal(out, want);
    }
}

static void a_link_can_be_removed_twice(void **state)
{
    (void)state;
    struct link head, a, b;
    list_init(&head);
    list_append(&head, &a);
    list_prepend(&head, &b);
    assert_ptr_equal(head.next, &b);
    list_remove(&b);
    list_remove(&b);
    assert_ptr_equal(head.next, &a);
    list_remove(&a);
    assert_true(list_empty(&head));
}

/* Nobody takes it for somebody's number, or a word. */
static void an_id_has_no_digits_and_no_vowels(void **state)
{
    (void)state;
    assert_string_equal(id_text(0x0123456789ABCDEF).text, "bdfghjklmnpqrstv");
    assert_string_equal(id_text(0).text, "bbbbbbbbbbbbbbbb");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_has_no_digits_and_no_vowels),
        cmocka_unit_test(arena_refuses_past_the_ceiling),
        cmocka_unit_test(arena_begins_in_the_callers_memory),
        cmocka_unit_test(slabs_keep_objects_apart_and_give_memory_back),
        cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(buf_begins_in_the_callers_memory),
        cmocka_unit_test(buf_keeps_its_maximum_and_reports_once),
        cmocka_unit_test(buf_keeps_the_end_of_what_is_appended),
        cmocka_unit_test(buf_writes_the_extremes),
        cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(strings_split_and_compare),
        cmocka_unit_test(siphash_does_not_depend_on_chunking),
        cmocka_unit_test(crc32c_matches_the_rfc),
        cmocka_unit_test(errors_are_cut_at_a_character),
        cmocka_unit_test(every_error_kind_has_a_status),
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(a_link_can_be_removed_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
