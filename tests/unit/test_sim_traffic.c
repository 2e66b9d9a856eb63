/* test_sim_traffic.c -- made-up traffic: the same seed says the same, and all kinds come.
 */
#include "scan/find/checksum.h"
#include "sim/traffic.h"
#include "sim/traffic_text.h"
#include "json/scan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { BODY_BYTES = 1 << 20, MANY = 1200 };

static bool is_json(struct str s)
{
    struct json_cur c;
    json_begin(&c, s);
    return json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
}

static void the_same_seed_says_the_same(void **state)
{
    struct traffic a, b, other;
    (void)state;
    traffic_begin(&a, 7, 2);
    traffic_begin(&b, 7, 2);
    traffic_begin(&other, 8, 2);
    size_t nsame = 0;
    for (int i = 0; i < 200; i++) {
        struct traffic_item x, y, z;
        struct buf bx, by, bz;
        buf_init(&bx, BODY_BYTES);
        buf_init(&by, BODY_BYTES);
        buf_init(&bz, BODY_BYTES);
        traffic_next(&a, &x, &bx);
        traffic_next(&b, &y, &by);
        traffic_next(&other, &z, &bz);
        assert_true(str_eq(buf_view(&bx), buf_view(&by)));
        assert_int_equal(x.at_ms, y.at_ms);
        assert_string_equal(x.session, y.session);
        nsame += str_eq(buf_view(&bx), buf_view(&bz));
        buf_release(&bx);
        buf_release(&by);
        buf_release(&bz);
    }
    assert_true(nsame < 20);
}

static void all_kinds_come_at_their_rate(void **state)
{
    struct traffic t;
    struct traffic_item item;
    struct buf body;
    size_t by[TRAFFIC_APPS] = {0}, nstreams = 0, nodd = 0, nbroken = 0, nlabelled = 0;
    (void)state;
    traffic_begin(&t, 1, 2);
    buf_init(&body, BODY_BYTES);
    for (int i = 0; i < MANY; i++) {
        buf_clear(&body);
        traffic_next(&t, &item, &body);
        by[item.app]++;
        nstreams += item.is_stream;
        nodd += item.is_odd;
        nlabelled += item.fields[0] == 'x' && strstr(item.fields, "sensitivity") != NULL;
        bool is_whole = is_json(buf_view(&body));
        nbroken += !is_whole;
        assert_true(is_whole || item.is_odd);
        assert_false(body.failed);
    }
    for (unsigned i = 0; i < TRAFFIC_APPS; i++)
        assert_true(by[i] > MANY / 12);
    assert_true(nstreams > MANY / 5 && nstreams < MANY);
    assert_true(nodd > MANY / 100 && nodd < MANY / 8);
    assert_true(nbroken > 0 && nlabelled > 0);
    /* 1200 at two a second take ten minutes, give or take a tenth. */
    assert_true(item.at_ms > 540000 && item.at_ms < 660000);
    buf_release(&body);
}

/* Digits behind a word, without blanks; n of them. */
static size_t digits_after(struct str text, struct str word, char *out, size_t max)
{
    size_t n = 0;
    ptrdiff_t at = str_find(text, word);
    for (size_t i = at < 0 ? text.n : (size_t)at + word.n; i < text.n && n < max; i++) {
        if (text.p[i] == '\n')
            break;
        if (text.p[i] != ' ')
            out[n++] = text.p[i];
    }
    return n;
}

static void numbers_have_right_check_digits(void **state)
{
    size_t nibans = 0, ncards = 0;
    (void)state;
    for (uint64_t i = 0; i < 400; i++) {
        struct draw d = draw_of(3, i, 0);
        struct buf b;
        char digits[40];
        buf_init(&b, BODY_BYTES);
        say_document(&d, &b);
        size_t n = digits_after(buf_view(&b), STR("IBAN: "), digits, sizeof digits);
        if (n) {
            assert_int_equal(n, 22);
            assert_true(check_iban((struct str){digits, n}));
            nibans++;
        }
        n = digits_after(buf_view(&b), STR("Card number: "), digits, sizeof digits);
        if (n) {
            assert_int_equal(n, 16);
            assert_true(luhn_ok((struct str){digits, n}));
            ncards++;
        }
        buf_release(&b);
    }
    assert_true(nibans > 40 && ncards > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_says_the_same),
        cmocka_unit_test(all_kinds_come_at_their_rate),
        cmocka_unit_test(numbers_have_right_check_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
