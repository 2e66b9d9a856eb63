/* test_places.c -- how many pages may be served at once, and who is refused. */
#include "web/places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct err err;

static bool is_given(struct places *p, uint64_t visit, uint32_t worker, uint32_t most)
{
    err_init(&err);
    return places_take(p, visit, worker, most, &err) == 0;
}

static bool is_refused(struct places *p, uint64_t visit, uint32_t worker, uint32_t most,
                       const char *code)
{
    return !is_given(p, visit, worker, most) && err.kind == ERR_RATE_LIMIT &&
           strcmp(err.code, code) == 0;
}

static void test_limits(void **state)
{
    (void)state;
    static struct places p;
    places_init(&p, "streams", 2, 3, 5);
    assert_true(is_given(&p, 1, 0, 9) && is_given(&p, 1, 1, 9));
    assert_true(is_refused(&p, 1, 2, 9, "page_visit_full")); /* a visit has two */
    assert_true(is_given(&p, 2, 0, 9) && is_given(&p, 3, 0, 9));
    assert_true(is_refused(&p, 4, 0, 9, "page_full")); /* worker 0 has three */
    assert_true(
        is_refused(&p, 4, 2, 4, "page_full")); /* more than four are not allowed now */
    assert_true(is_refused(&p, 4, 2, 0, "page_full"));
    assert_true(is_given(&p, 4, 2, 9));
    assert_true(is_refused(&p, 5, 2, 9, "page_full")); /* all five */
    places_give_back(&p, 1, 0);
    assert_true(is_given(&p, 5, 0, 9));
    places_give_back(&p, 5, 0);
    assert_true(is_given(&p, 1, 2, 9)); /* and a visit gets back what it gave */
    places_release(&p);
}

/* As many visits as there are places, again and again: the table of visits does not grow.
 */
static void test_many_visits(void **state)
{
    (void)state;
    static struct places p;
    places_init(&p, "streams", 1, PLACES_MOST, PLACES_MOST);
    for (uint64_t turn = 0; turn < 3; turn++) {
        for (uint64_t i = 0; i < PLACES_MOST; i++)
            assert_true(is_given(&p, turn * PLACES_MOST + i, 0, UINT32_MAX));
        assert_true(is_refused(&p, 9999, 0, UINT32_MAX, "page_full"));
        for (uint64_t i = 0; i < PLACES_MOST; i++)
            places_give_back(&p, turn * PLACES_MOST + i, 0);
    }
    assert_true(p.n == 0 && p.nvisits == 0);
    places_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_many_visits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
