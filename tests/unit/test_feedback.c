/* test_feedback.c -- which request somebody speaks of, and when one asks again: the table
 * of the last requests, and the mark of what a user asked. */
#include "gateway/recent.h"

#include "dialect/dialect.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { OWNER = 7, OTHER = 8, SESSION = 99 };

static const struct recent_answer local_answer = {
    .model = 5, .score = 0.25, .is_there = true, .is_local = true};

static const struct reask_mark question = {.text = 1234, .nturns = 1, .is_users = true};

static struct recent_request request(uint64_t uid)
{
    return (struct recent_request){
        .uid = uid, .owner = OWNER, .session = SESSION, .mark = question};
}

/* True: it asks again. */
static bool add(struct recent *t, const struct recent_request *r, uint64_t now_ms,
                uint64_t *ret_before)
{
    struct ledger_feedback before = {0};
    struct recent_answer answer;
    bool is_reask = recent_add(t, r, now_ms, now_ms + 1000000, &before, &answer);
    if (is_reask)
        assert_true(answer.is_there && before.said == FEEDBACK_REASK &&
                    before.ts_ms == now_ms + 1000000);
    *ret_before = before.uid;
    return is_reask;
}

static void add_and_end(struct recent *t, uint64_t uid, uint64_t now_ms)
{
    const struct recent_request r = request(uid);
    uint64_t before;
    (void)add(t, &r, now_ms, &before);
    assert_int_equal(recent_end(t, uid, &local_answer, now_ms), FEEDBACK_NONE);
}

static enum recent_said say(struct recent *t, uint64_t owner, uint64_t uid,
                            uint64_t client_id, enum feedback said)
{
    struct recent_answer answer;
    struct ledger_feedback f = {uid, 5, said};
    enum recent_said what = recent_say(t, owner, client_id, &f, &answer);
    if (what == RECENT_SAID)
        assert_true(answer.is_local && answer.score == 0.25 && answer.model == 5);
    return what;
}

/* -- the table -------------------------------------------------------------------------
 */

static void a_request_is_found_by_its_id_under_its_own_key(void **state)
{
    (void)state;
    struct recent *t = recent_create(8);
    add_and_end(t, 100, 1);
    assert_int_equal(say(t, OWNER, 100, 0, FEEDBACK_BAD), RECENT_SAID);
    assert_int_equal(say(t, OWNER, 100, 0, FEEDBACK_BAD), RECENT_SAME);
    assert_int_equal(say(t, OWNER, 100, 0, FEEDBACK_GOOD), RECENT_CHANGED);
    assert_int_equal(say(t, OTHER, 100, 0, FEEDBACK_BAD), RECENT_UNKNOWN);
    assert_int_equal(say(t, OWNER, 101, 0, FEEDBACK_BAD), RECENT_UNKNOWN);
    assert_int_equal(say(t, OWNER, 0, 0, FEEDBACK_BAD), RECENT_UNKNOWN);
    recent_free(t);
}

static void of_requests_with_one_name_the_newest_is_meant(void **state)
{
    (void)state;
    struct recent *t = recent_create(8);
    struct recent_answer answer;
    struct ledger_feedback f = {.said = FEEDBACK_BAD};
    uint64_t before;
    for (uint64_t uid = 100; uid < 103; uid++) {
        struct recent_request r = request(uid);
        r.client_id = 55;
        r.session = 0;
        assert_false(add(t, &r, 1, &before));
        assert_int_equal(recent_end(t, uid, &local_answer, 1), FEEDBACK_NONE);
    }
    assert_int_equal(recent_say(t, OWNER, 55, &f, &answer), RECENT_SAID);
    assert_int_equal(f.uid, 102);
    assert_int_equal(say(t, OWNER, 101, 0, FEEDBACK_BAD), RECENT_SAID);
    recent_free(t);
}

/* Also when every one has the same name and session, and in a table of any size. */
static void the_oldest_makes_room(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 7, 64, 1000};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        uint32_t most = sizes[i];
        struct recent *t = recent_create(most);
        uint64_t before;
        for (uint64_t uid = 1; uid <= 5000; uid++) {
            struct recent_request r = request(uid);
            r.client_id = uid % 3 ? 55 : uid;
            r.session = uid % 5 ? SESSION : uid;
            (void)add(t, &r, uid, &before);
            (void)recent_end(t, uid, &local_answer, uid);
        }
        assert_int_equal(say(t, OWNER, 5000 - most, 0, FEEDBACK_EDITED), RECENT_UNKNOWN);
        for (uint64_t uid = 5000 - most + 1; uid <= 5000; uid++)
            assert_int_equal(say(t, OWNER, uid, 0, FEEDBACK_EDITED), RECENT_SAID);
        recent_free(t);
    }
}

static void what_is_said_before_the_answer_has_ended_waits_for_it(void **state)
{
    (void)state;
    struct recent *t = recent_create(8);
    const struct recent_request r = request(100);
    uint64_t before;
    assert_false(add(t, &r, 1, &before));
    assert_int_equal(say(t, OWNER, 100, 0, FEEDBACK_BAD), RECENT_EARLY);
    assert_int_equal(recent_end(t, 100, &local_answer, 2), FEEDBACK_BAD);
    assert_int_equal(recent_end(t, 100, &local_answer, 3), FEEDBACK_NONE);
    assert_int_equal(recent_end(t, 101, &local_answer, 3), FEEDBACK_NONE);
    recent_free(t);
}

/* One client that changes its mind all day is one outcome. */
static void an_answer_teaches_once(void **state)
{
    (void)state;
    struct recent *t = recent_create(8);
    int told = 0;
    add_and_end(t, 100, 1);
    for (int i = 0; i < 300; i++)
        told +=
            say(t, OWNER, 100, 0, i % 2 ? FEEDBACK_GOOD : FEEDBACK_BAD) == RECENT_SAID;
    assert_int_equal(told, 1);
    const struct recent_request r = request(101);
    uint64_t before;
    (void)add(t, &r, 2, &before);
    assert_int_equal(say(t, OWNER, 101, 0, FEEDBACK_BAD), RECENT_EARLY);
    assert_int_equal(recent_end(t, 101, &local_answer, 3), FEEDBACK_BAD);
    assert_int_equal(say(t, OWNER, 101, 0, FEEDBACK_GOOD), RECENT_CHANGED);
    recent_free(t);
}

/* Two words in a millisecond, or a clock that was set back. */
static void the_newest_word_has_the_latest_time(void **state)
{
    (void)state;
    struct recent *t = recent_create(8);
    struct recent_answer answer;
    struct ledger_feedback f = {100, 50, FEEDBACK_REGENERATE};
    add_and_end(t, 100, 1);
    assert_int_equal(recent_say(t, OWNER, 0, &f, &answer), RECENT_SAID);
    assert_int_equal(f.ts_ms, 50);
    f = (struct ledger_feedback){100, 50, FEEDBACK_BAD};
    assert_int_equal(recent_say(t, OWNER, 0, &f, &answer), RECENT_CHANGED);
    assert_int_equal(f.ts_ms, 51);
    f = (struct ledger_feedback){100, 7, FEEDBACK_GOOD};
    assert_int_equal(recent_say(t, OWNER, 0, &f, &answer), RECENT_CHANGED);
    assert_int_equal(f.ts_ms, 52);
    recent_free(t);
}

/* -- asking again ----------------------------------------------------------------------
 */

static void the_same_within_a_minute_of_the_answer_asks_again_once(void **state)
{
    (void)state;
    struct recent *t = recent_create(8);
    const struct recent_request second = request(101), third = request(102),
                                late = request(103);
    uint64_t before;
    add_and_end(t, 100, 1000);
    assert_true(add(t, &second, 61000, &before));
    assert_int_equal(before, 100);
    assert_false(add(t, &third, 61001, &before)); /* 101 has no answer yet */
    assert_int_equal(recent_end(t, 102, &local_answer, 62000), FEEDBACK_NONE);
    assert_false(add(t, &late, 62000 + 60001, &before));
    recent_free(t);
}

static void nothing_is_asked_again_of_what_was_not_answered_or_was_judged(void **state)
{
    (void)state;
    const struct recent_answer none = {.score = NAN};
    struct recent *t = recent_create(8);
    const struct recent_request a = request(100), b = request(101), c = request(102);
    uint64_t before;
    (void)add(t, &a, 1, &before);
    (void)recent_end(t, 100, &none, 2); /* it failed: this is a client's retry */
    assert_false(add(t, &b, 3, &before));
    (void)recent_end(t, 101, &local_answer, 4);
    assert_int_equal(say(t, OWNER, 101, 0, FEEDBACK_REGENERATE), RECENT_SAID);
    assert_false(add(t, &c, 5, &before));
    recent_free(t);
}

static void another_session_or_text_asks_nothing_again(void **state)
{
    (void)state;
    struct recent *t = recent_create(8);
    struct recent_request r = request(101);
    uint64_t before;
    add_and_end(t, 100, 1);
    r.session = SESSION + 1;
    assert_false(add(t, &r, 2, &before));
    r = request(102);
    r.mark.text++;
    assert_false(add(t, &r, 2, &before));
    r = request(103);
    assert_false(add(t, &r, 2, &before)); /* 102 stands between them */
    r = request(104);
    r.session = 0;
    assert_false(add(t, &r, 2, &before));
    r = request(105);
    r.session = 0;
    assert_false(add(t, &r, 2, &before));
    recent_free(t);
}

/* A benchmark, or a check of health. */
static void a_program_that_repeats_one_prompt_counts_three_times(void **state)
{
    (void)state;
    struct recent *t = recent_create(100);
    unsigned n = 0;
    uint64_t before;
    for (uint64_t uid = 1; uid <= 50; uid++) {
        const struct recent_request r = request(uid);
        n += add(t, &r, uid * 1000, &before);
        (void)recent_end(t, uid, &local_answer, uid * 1000);
    }
    assert_int_equal(n, 3);
    recent_free(t);
}

/* -- the mark --------------------------------------------------------------------------
 */

static struct reask_mark mark(const char *messages)
{
    const struct siphash_key key = {1, 2};
    static struct arena a;
    struct chat chat = {0};
    struct err err = {0};
    static char body[32768];
    snprintf(body, sizeof body, "{\"model\":\"m\",\"messages\":[%s]}", messages);
    arena_init(&a, 1 << 20);
    if (dialect_read(dialect_first(), SURFACE_CHAT, str_of(body), &a, &chat, &err) < 0)
        fail_msg("%s: %s", body, err.msg);
    struct reask_mark m = reask_mark_of(key, &chat, 0);
    arena_reset(&a);
    return m;
}

static bool is_again(const char *before, const char *now)
{
    const struct reask_mark a = mark(before), b = mark(now);
    return reask_is(&b, &a);
}

#define USER(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define BOT(text)  ",{\"role\":\"assistant\",\"content\":\"" text "\"},"

static void case_blanks_and_punctuation_make_no_difference(void **state)
{
    (void)state;
    static const char *const alike[] = {
        USER("what is rag and how does it work"),
        USER("  What is RAG, and how does it work?!\\n"),
        USER("\\\"What is RAG\\\" -- and\\thow does it work???"),
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"What is RAG and "
        "how does it work\"}]}"};
    static const char *const other[] = {
        USER("what is rag and how does it works"), USER("whatisragandhowdoesitwork"),
        USER("what is rag"), USER("Was ist RAG und wie geht es"), USER("")};
    for (size_t i = 0; i < ARRAY_LEN(alike); i++)
        for (size_t k = 0; k < ARRAY_LEN(alike); k++)
            assert_true(is_again(alike[i], alike[k]));
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        assert_false(is_again(alike[0], other[i]));
        assert_false(is_again(other[i], alike[0]));
    }
}

static void letters_outside_ascii_count(void **state)
{
    (void)state;
    assert_true(is_again(USER("Größe von Köln"), USER("größe von Köln?")));
    assert_false(is_again(USER("Größe von Köln"), USER("Größe von Kiel")));
    assert_false(is_again(USER("\\u4f60\\u597d"), USER("\\u4f60\\u4f60")));
}

static void it_may_be_typed_again_behind_the_answer_but_no_short_word(void **state)
{
    (void)state;
    assert_true(is_again(USER("what is a weir good for"),
                         USER("what is a weir good for") BOT("It holds water.")
                             USER("What is a weir good for?")));
    assert_true(is_again(USER("go on"), USER("go on"))); /* regenerated */
    assert_false(is_again(USER("hi") BOT("a") USER("go on"),
                          USER("hi") BOT("a") USER("go on") BOT("b") USER("go on")));
}

static void a_loop_of_tools_asks_nothing_again(void **state)
{
    (void)state;
    static const char loop[] =
        USER("what is a weir good for") ",{\"role\":\"assistant\",\"content\":null,"
                                        "\"tool_calls\":[{\"id\":\"c1\",\"type\":"
                                        "\"function\",\"function\":{\"name\":"
                                        "\"look\",\"arguments\":\"{}\"}}]},{\"role\":"
                                        "\"tool\",\"tool_call_id\":\"c1\","
                                        "\"content\":\"x\"}";
    assert_false(is_again(USER("what is a weir good for"), loop));
    assert_false(is_again(loop, loop));
    assert_true(is_again(loop, USER("what is a weir good for"))); /* regenerated */
}

static void a_picture_counts_as_it_is(void **state)
{
    (void)state;
#define PICTURE(data)                                                                    \
    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"What is this?\"},"    \
    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64," data       \
    "\"}}]}"
    assert_true(is_again(PICTURE("AAAA"), PICTURE("AAAA")));
    assert_false(is_again(PICTURE("AAAA"), PICTURE("AAAB")));
}

static void of_a_long_text_every_byte_counts(void **state)
{
    (void)state;
    char a[2048], b[2048];
    for (size_t n = 480; n < 1000; n += 13) {
        snprintf(a, sizeof a, USER("%0*d end"), (int)n, 1);
        snprintf(b, sizeof b, USER("%0*d end"), (int)n, 2);
        assert_true(is_again(a, a));
        assert_false(is_again(a, b));
    }
}

/* A body of that size is read in one pass already, and a second one would cost as much.
 */
static void of_a_very_long_text_the_length_and_both_ends_count(void **state)
{
    (void)state;
    enum { LONG = 20000 };
    static char a[LONG + 100], b[LONG + 100];
    static const struct {
        size_t at;
        bool is_again;
    } rows[] = {{30, false},
                {REASK_END_BYTES - 100, false},
                {LONG / 2, true},
                {LONG - 100, false}};
    snprintf(a, sizeof a, USER("%0*d"), LONG, 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        memcpy(b, a, sizeof b);
        b[rows[i].at + 26] = '7';
        assert_int_equal(is_again(a, b), rows[i].is_again);
    }
    snprintf(b, sizeof b, USER("%0*d"), LONG + 1, 1);
    assert_false(is_again(a, b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_found_by_its_id_under_its_own_key),
        cmocka_unit_test(of_requests_with_one_name_the_newest_is_meant),
        cmocka_unit_test(the_oldest_makes_room),
        cmocka_unit_test(what_is_said_before_the_answer_has_ended_waits_for_it),
        cmocka_unit_test(an_answer_teaches_once),
        cmocka_unit_test(the_newest_word_has_the_latest_time),
        cmocka_unit_test(the_same_within_a_minute_of_the_answer_asks_again_once),
        cmocka_unit_test(nothing_is_asked_again_of_what_was_not_answered_or_was_judged),
        cmocka_unit_test(another_session_or_text_asks_nothing_again),
        cmocka_unit_test(a_program_that_repeats_one_prompt_counts_three_times),
        cmocka_unit_test(case_blanks_and_punctuation_make_no_difference),
        cmocka_unit_test(letters_outside_ascii_count),
        cmocka_unit_test(it_may_be_typed_again_behind_the_answer_but_no_short_word),
        cmocka_unit_test(a_loop_of_tools_asks_nothing_again),
        cmocka_unit_test(a_picture_counts_as_it_is),
        cmocka_unit_test(of_a_long_text_every_byte_counts),
        cmocka_unit_test(of_a_very_long_text_the_length_and_both_ends_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
