/* test_scan_repeats.c -- a value that was found once is hidden at every mention. */
#include "scanning.h"

#include "scan/repeats.h"

/* How often a span of the text is `value`, whatever its case and marks. */
static size_t times(void **state, const char *text, const char *const *values, size_t n)
{
    struct span_list l = scan(state, text);
    size_t seen = 0;
    for (size_t i = 0; i < l.n; i++)
        for (size_t k = 0; k < n; k++)
            seen += l.v[i].end - l.v[i].start == strlen(values[k]) &&
                    strncmp(text + l.v[i].start, values[k], strlen(values[k])) == 0;
    span_list_release(&l);
    return seen;
}

static void check(void **state, const char *text, const char *value, size_t want)
{
    size_t seen = times(state, text, &value, 1);
    if (seen != want)
        fail_msg("%s is hidden %zu times, not %zu, in: %s", value, seen, want, text);
}

static void a_value_is_hidden_without_its_name(void **state)
{
    check(state, "Number plate: KI-RV 447. The car KI-RV 447 was towed. Ann Roe",
          "KI-RV 447", 2);
    check(state, "Kontonummer 8812047731. Ueberweisung auf 8812047731", "8812047731", 2);
    check(state, "the nas password is Vt5!pq77Zw. Then type Vt5!pq77Zw twice.",
          "Vt5!pq77Zw", 2);
    check(state, "DB_PASSWORD=BrassLantern62\nlater: denied for BrassLantern62",
          "BrassLantern62", 2);
    check(state, "Passport no C4VPJ2K1X. Scan: C4VPJ2K1X.jpg", "C4VPJ2K1X", 2);
}

static void case_and_marks_may_differ(void **state)
{
    static const char *const ssn[] = {"412-84-7751", "412847751", "412 84 7751"};
    static const char *const plate[] = {"KI-RV 447", "ki rv447"};
    assert_int_equal(
        times(state, "my ssn is 412-84-7751: 412847751 or 412 84 7751", ssn, 3), 3);
    assert_int_equal(
        times(state, "Number plate: KI-RV 447, Ann Roe. was ki rv447 towed?", plate, 2),
        2);
}

static void a_part_of_a_longer_word_is_another_value(void **state)
{
    check(state, "password: sommerregen9\nsommerregen9x and xsommerregen9",
          "sommerregen9", 1);
    check(state, "PIN: 8306\nit was in 8306 boxes", "8306", 1);
}

static void words_and_short_numbers_are_not_looked_for(void **state)
{
    check(state, "{\"password\": \"dragonfly\"}\na dragonfly sat there", "dragonfly", 1);
}

/* In any string of a request, before and behind. */
static void strings_of_a_body_share_their_values(void **state)
{
    struct findings f = found_in(
        state,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"what did 88120477 order?\"},"
        "{\"role\":\"user\",\"content\":\"Customer number 88120477, Ann Roe\"},"
        "{\"role\":\"user\",\"content\":[{\"text\":\"8812-0477 and \\u00388120477\"}]}"
        "]}");
    assert_int_equal(f.count[TYPE_ID_NUMBER], 4);
}

/* More values than are kept lose none of those found. */
static void many_values_stay_found(void **state)
{
    enum { MANY = REPEATS_MOST + 40 };
    static char text[64 * MANY];
    size_t n = 0;
    for (unsigned i = 0; i < MANY; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "password: k7T%05uq%03u\n",
                              i * 313, i);
    struct span_list l = scan(state, text);
    assert_int_equal(l.n, MANY);
    for (size_t i = 1; i < l.n; i++)
        assert_true(l.v[i].start >= l.v[i - 1].end);
    span_list_release(&l);
}

/* Values that begin alike, and a text of beginnings: it is read once for all of them. */
static void values_that_begin_alike_cost_no_more(void **state)
{
    enum { VALUES = 200, BEGINNINGS = 20000 };
    static char text[40 * VALUES + 8 * BEGINNINGS];
    size_t n = 0, hidden = 0;
    for (unsigned i = 0; i < VALUES; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "password: k7Tq9%05uzR\n", i);
    for (unsigned i = 0; i < BEGINNINGS; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "k7Tq9 ");
    snprintf(text + n, sizeof text - n, "\nsee k7tq9-00077zr");
    struct span_list l = scan(state, text);
    for (size_t i = 0; i < l.n; i++)
        hidden += l.v[i].type == TYPE_PASSWORD;
    assert_int_equal(hidden, VALUES + 1);
    span_list_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_hidden_without_its_name),
        cmocka_unit_test(case_and_marks_may_differ),
        cmocka_unit_test(a_part_of_a_longer_word_is_another_value),
        cmocka_unit_test(words_and_short_numbers_are_not_looked_for),
        cmocka_unit_test(strings_of_a_body_share_their_values),
        cmocka_unit_test(many_values_stay_found),
        cmocka_unit_test(values_that_begin_alike_cost_no_more),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
