/* test_sides.c -- a conversation's side is remembered, by its newest turn that is known.
 */
#include "gateway/sides.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MINUTE = 60 * 1000 };

static struct session_of turn(uint64_t id, uint32_t turns, const uint64_t *before,
                              size_t nbefore)
{
    return (struct session_of){
        .id = id, .turns = turns, .before = before, .nbefore = nbefore};
}

static const struct side_kept cloud = {.side = SIDE_CLOUD};

static void nothing_is_known_at_first(void **state)
{
    struct sides *s = *state;
    const struct session_of of = turn(7, 1, NULL, 0);
    assert_false(sides_find(s, &of, 0).is_known);
}

static void the_same_turn_and_the_next_are_told_apart(void **state)
{
    struct sides *s = *state;
    const uint64_t before[] = {7};
    const struct session_of first = turn(7, 1, NULL, 0), next = turn(8, 2, before, 1);
    sides_note(s, &first, &cloud, MINUTE);
    struct side_kept k = sides_find(s, &first, 2 * MINUTE);
    assert_true(k.is_known && k.is_same_turn);
    assert_int_equal(k.side, SIDE_CLOUD);
    k = sides_find(s, &next, 2 * MINUTE);
    assert_true(k.is_known && !k.is_same_turn);
    assert_int_equal(k.side, SIDE_CLOUD);
}

/* An answer that is followed by no user gives the turn another id: an agent's loop. */
static void an_answer_begins_no_turn(void **state)
{
    struct sides *s = *state;
    const uint64_t before[] = {7};
    const struct session_of first = turn(7, 1, NULL, 0), loop = turn(77, 1, before, 1);
    sides_note(s, &first, &cloud, 0);
    assert_true(sides_find(s, &loop, 1).is_same_turn);
}

/* A session that its client names has one id for all its turns. */
static void a_named_session_tells_its_turns_by_their_number(void **state)
{
    struct sides *s = *state;
    const struct session_of first = turn(9, 1, NULL, 0), next = turn(9, 2, NULL, 0);
    sides_note(s, &first, &cloud, 0);
    assert_true(sides_find(s, &first, 1).is_same_turn);
    assert_false(sides_find(s, &next, 1).is_same_turn);
    assert_true(sides_find(s, &next, 1).is_known);
}

static void the_newest_turn_counts(void **state)
{
    struct sides *s = *state;
    const uint64_t before[] = {1, 2, 3};
    const struct session_of one = turn(1, 1, NULL, 0), two = turn(2, 2, before, 1),
                            four = turn(4, 4, before, 3);
    const struct side_kept here = {
        .side = SIDE_LOCAL, .is_lifted = true, .calm_turns = 3};
    sides_note(s, &one, &cloud, 0);
    sides_note(s, &two, &here, 0);
    const struct side_kept k = sides_find(s, &four, 1);
    assert_int_equal(k.side, SIDE_LOCAL);
    assert_true(k.is_lifted);
    assert_int_equal(k.calm_turns, 3);
}

static void it_ends_with_an_hour_without_a_request(void **state)
{
    struct sides *s = *state;
    const struct session_of of = turn(5, 1, NULL, 0);
    sides_note(s, &of, &cloud, 0);
    assert_true(sides_find(s, &of, SIDES_IDLE_MS).is_known);
    assert_false(sides_find(s, &of, SIDES_IDLE_MS + 1).is_known);
}

static void a_request_without_a_session_leaves_nothing(void **state)
{
    struct sides *s = *state;
    const struct session_of of = turn(SESSION_NONE, 1, NULL, 0);
    sides_note(s, &of, &cloud, 0);
    assert_false(sides_find(s, &of, 0).is_known);
}

/* More than there is room for: the newest are known, and nothing else happens. */
static void a_full_table_forgets_the_oldest(void **state)
{
    struct sides *s = *state;
    enum { N = 3 * SIDES_ENTRIES };
    for (uint64_t i = 1; i <= N; i++) {
        const struct session_of of = turn(i, 1, NULL, 0);
        sides_note(s, &of, &cloud, i);
    }
    for (uint64_t i = N - SIDES_ENTRIES / 2; i <= N; i++) {
        const struct session_of of = turn(i, 1, NULL, 0);
        assert_true(sides_find(s, &of, N).is_known);
    }
    const struct session_of of = turn(1, 1, NULL, 0);
    assert_false(sides_find(s, &of, N).is_known);
}

static int make(void **state)
{
    *state = sides_create();
    return *state ? 0 : -1;
}

static int unmake(void **state)
{
    sides_free(*state);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_known_at_first),
        TEST(the_same_turn_and_the_next_are_told_apart),
        TEST(an_answer_begins_no_turn),
        TEST(a_named_session_tells_its_turns_by_their_number),
        TEST(the_newest_turn_counts),
        TEST(it_ends_with_an_hour_without_a_request),
        TEST(a_request_without_a_session_leaves_nothing),
        TEST(a_full_table_forgets_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
