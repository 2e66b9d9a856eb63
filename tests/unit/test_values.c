/* test_values.c -- a value holds what has it, and leaves its session free. */
#include "config_help.h"
#include "guarding.h"

#include <pthread.h>

#define CHAT(text) "{\"messages\":[{\"role\":\"user\",\"content\":\"" text "\"}]}"
#define TOKEN      "ghp_q8Zt3LwVx0NcR5yKmB7aHs2Jd9UeFoP41gTi"
#define WORD       "Xk29vLq7Rm4TzpW8"

static struct guard_rules *by_value;
static struct config *config;

static int set_up_all(void **state)
{
    struct err err = {0};
    config = must_parse_env("engines: [{name: one, kind: openai, side: cloud, "
                            "url: \"http://127.0.0.1:1/v1\", models: [{name: m}]}]\n"
                            "guard: {hold: value}\n",
                            test_env);
    by_value = config ? guard_rules_create(config, &err) : NULL;
    return by_value ? set_up(state) : -1;
}

static int tear_down_all(void **state)
{
    guard_rules_free(by_value);
    config_unref(config);
    return tear_down(state);
}

struct seen {
    bool leaves, is_by_value, can_lower;
    char reason[32], source[16];
    enum action action;
};

static struct seen screen_as(const char *body, uint64_t session, uint32_t turns,
                             const char *owner, uint64_t now_ms, bool is_dry)
{
    struct config_key key = {.name = str_of(owner)};
    struct arena a;
    struct buf masked;
    struct screened s;
    struct seen ret = {0};
    const struct screen_input in = {.rules = by_value,
                                    .key = &key,
                                    .body = str_of(body),
                                    .sessions = sessions,
                                    .session = {.id = session, .turns = turns},
                                    .request = 7,
                                    .now_ms = now_ms,
                                    .is_dry = is_dry};
    arena_init(&a, 1 << 20);
    buf_init(&masked, 1 << 20);
    guard_screen(&in, &a, &masked, &s);
    ret.leaves = s.clearance != NULL;
    ret.is_by_value = s.is_by_value;
    ret.can_lower = s.can_lower;
    ret.action = s.verdict.action;
    snprintf(ret.reason, sizeof ret.reason, "%s", s.verdict.reason);
    snprintf(ret.source, sizeof ret.source, "%s", s.label.source);
    screened_release(&s);
    buf_release(&masked);
    arena_reset(&a);
    return ret;
}

static struct seen ask(const char *body, uint64_t session, const char *owner)
{
    return screen_as(body, session, 1, owner, 1000, false);
}

static void a_value_holds_wherever_it_stands_and_nothing_else_is_held(void **state)
{
    (void)state;
    struct seen s = ask(CHAT("password: " WORD), 100, "a");
    assert_false(s.leaves);
    assert_true(s.is_by_value);
    assert_string_equal(s.reason, "secret");
    assert_true(ask(CHAT("thanks, and now a joke"), 100, "a").leaves);
    s = ask(CHAT("what does " WORD " look like?"), 100, "a");
    assert_false(s.leaves);
    assert_string_equal(s.reason, "held_value");
    assert_false(ask(CHAT("in another session: " WORD), 101, "a").leaves);
    assert_false(ask(CHAT("x\\n" WORD "\\ty"), 102, "a").leaves);
    assert_false(ask(CHAT("xk29-vlq7-rm4t-zpw8"), 103, "a").leaves);
    assert_false(ask("{\"a\":{\"" WORD "\":1}}", 104, "a").leaves);
    assert_false(ask(CHAT("print(x" WORD "y)"), 105, "a").leaves);
    assert_false(ask(CHAT("https://host/" WORD "/and"), 106, "a").leaves);
    assert_true(ask(CHAT("somebody else has " WORD " too"), 100, "b").leaves);
}

static void numbers_hold_as_numbers(void **state)
{
    (void)state;
    assert_false(ask(CHAT("card 4539 1488 0343 6467"), 110, "n").leaves);
    assert_false(ask("{\"order\":4539148803436467}", 111, "n").leaves);
    assert_true(ask(CHAT("order 17"), 110, "n").leaves);
    assert_false(ask(CHAT("id4539148803436467x"), 112, "n").leaves);
    assert_true(ask(CHAT("a longer number: 745391488034364671"), 113, "n").leaves);
}

static void short_values_need_their_name(void **state)
{
    (void)state;
    assert_false(value_can_hold(STR("4821"), false));
    assert_false(value_can_hold(STR("sunshine"), false));
    assert_false(value_can_hold(STR("correcthorse"), false));
    assert_false(value_can_hold(STR("536-22-8726"), false));
    assert_true(value_can_hold(STR("943 476 5919"), true));
    assert_true(value_can_hold(STR(WORD), false));
    assert_true(value_can_hold(STR(TOKEN), false));
    assert_false(ask(CHAT("my ssn is 536-22-8726"), 120, "s").leaves);
    assert_true(ask(CHAT("and 536228 rows"), 120, "s").leaves);
}

static void two_kinds_hold_their_session(void **state)
{
    (void)state;
    struct seen s =
        ask(CHAT("card 4539 1488 0343 6467, iban DE94500105176173948205"), 130, "t");
    assert_false(s.leaves);
    assert_false(s.is_by_value);
    s = ask(CHAT("a joke, please"), 130, "t");
    assert_false(s.leaves);
    assert_string_equal(s.source, "session");
}

static void classification_and_clinical_text_hold_their_session(void **state)
{
    (void)state;
    ask(CHAT("TOP SECRET//SI//NOFORN\\nThe plan is as follows."), 140, "c");
    assert_false(ask(CHAT("a joke, please"), 140, "c").leaves);
}

static void references_to_state_hold_their_session(void **state)
{
    (void)state;
    struct seen s = ask(
        "{\"previous_response_id\":\"r1\",\"input\":\"password: " WORD "\"}", 150, "r");
    assert_false(s.is_by_value);
    assert_false(ask(CHAT("a joke, please"), 150, "r").leaves);
}

static void a_history_that_shrinks_stays_held(void **state)
{
    (void)state;
    assert_false(screen_as(CHAT("token " TOKEN), 160, 4, "h", 1000, false).leaves);
    assert_true(
        screen_as(CHAT("five turns without it"), 160, 5, "h", 1000, false).leaves);
    struct seen s = screen_as(CHAT("a summary of all that"), 160, 1, "h", 1000, false);
    assert_false(s.leaves);
    assert_string_equal(s.reason, "history_replaced");
    assert_true(screen_as(CHAT("another session"), 161, 1, "h", 1000, false).leaves);
}

static void values_are_forgotten_as_sessions_are(void **state)
{
    (void)state;
    uint64_t later = 1000 + SESSION_IDLE_MS;
    ask(CHAT("password: " WORD), 170, "f");
    assert_false(
        screen_as(CHAT("is " WORD " in it"), 171, 1, "f", later - 1, false).leaves);
    assert_false(screen_as(CHAT("is " WORD " in it"), 171, 1, "f", later, false).leaves);
    assert_true(
        screen_as(CHAT("is " WORD " in it"), 172, 1, "f", later + SESSION_IDLE_MS, false)
            .leaves);
}

static void asking_leaves_no_trace(void **state)
{
    (void)state;
    size_t before = values_count(sessions_values(sessions));
    assert_false(screen_as(CHAT("password: " WORD), 180, 1, "d", 1000, true).leaves);
    assert_int_equal(values_count(sessions_values(sessions)), before);
    assert_true(ask(CHAT("is " WORD " in it"), 181, "d").leaves);
}

static void what_was_let_go_leaves_and_check_digits_never_do(void **state)
{
    (void)state;
    struct values *v = sessions_values(sessions);
    struct err err = {0};
    uint64_t id = value_id(v, STR("g"), STR(WORD));
    assert_int_equal(values_check_allow(v, id, 1000, &err), -1);
    assert_string_equal(err.code, "unknown_value");
    assert_false(ask(CHAT("password: " WORD), 190, "g").leaves);
    assert_int_equal(values_check_allow(v, id, 1000, &err), 0);
    values_allow(v, id, 1000);
    assert_true(ask(CHAT("password: " WORD), 190, "g").leaves);
    assert_false(ask(CHAT("password: " WORD), 191, "other").leaves);
    assert_false(ask(CHAT("card 4539 1488 0343 6467"), 192, "g").leaves);
    id = value_id(v, STR("g"), STR("4539148803436467"));
    assert_int_equal(values_check_allow(v, id, 1000, &err), -1);
    assert_string_equal(err.code, "value_checked");
    values_allow(v, id, 1000);
    assert_false(ask(CHAT("card 4539 1488 0343 6467"), 192, "g").leaves);
}

static void the_review_lists_what_was_held(void **state)
{
    (void)state;
    struct value_row rows[8];
    struct values *v = sessions_values(sessions);
    screen_as(CHAT("password: " WORD), 200, 1, "review", 5000, false);
    screen_as(CHAT("my ssn is 536-22-8726"), 201, 1, "review", 6000, false);
    size_t n = values_list(v, 4000, 7000, rows, ARRAY_LEN(rows));
    assert_true(n >= 2);
    assert_int_equal(rows[0].type, TYPE_US_SSN);
    assert_false(rows[0].holds);
    assert_string_equal(rows[0].owner, "review");
    assert_int_equal(rows[1].type, TYPE_PASSWORD);
    assert_true(rows[1].holds);
    assert_int_equal(rows[1].request, 7);
    assert_int_equal(values_list(v, 5500, 7000, rows, 1), 1);
}

static void a_full_table_holds_sessions(void **state)
{
    struct err err = {0};
    struct values *v = values_create(&err);
    char text[32];
    (void)state;
    assert_non_null(v);
    for (int i = 0; i < VALUES_OF_OWNER; i++) {
        snprintf(text, sizeof text, "aB3x%08dQz9Tv", i);
        const struct value_seen seen = {.text = str_of(text), .type = TYPE_PASSWORD};
        assert_true(values_hold(v, STR("a"), &seen, 1));
    }
    const struct value_seen more = {.text = STR(WORD), .type = TYPE_PASSWORD};
    assert_false(values_hold(v, STR("a"), &more, 1));
    assert_true(values_hold(v, STR("b"), &more, 1));
    assert_true(values_hold(v, STR("a"), &more, 1 + SESSION_IDLE_MS));
    values_free(v);
}

/* What its clients no longer use must not keep room from others. */
static void clients_that_have_gone_leave_their_room(void **state)
{
    struct err err = {0};
    struct values *v = values_create(&err);
    char text[32], owner[16];
    (void)state;
    assert_non_null(v);
    for (int i = 0; i < VALUES_MAX; i++) {
        snprintf(text, sizeof text, "aB3x%08dQz9Tv", i);
        snprintf(owner, sizeof owner, "o%d", i / VALUES_OF_OWNER);
        const struct value_seen seen = {.text = str_of(text), .type = TYPE_PASSWORD};
        assert_true(values_hold(v, str_of(owner), &seen, 1));
    }
    const struct value_seen more = {.text = STR(WORD), .type = TYPE_PASSWORD};
    assert_false(values_hold(v, STR("new"), &more, SESSION_IDLE_MS));
    assert_true(values_hold(v, STR("new"), &more, 2 * SESSION_IDLE_MS));
    assert_int_equal(values_count(v), 1);
    values_free(v);
}

/* Many values of one beginning and of all lengths: of each the longest is found. */
static void values_of_one_beginning_are_told_apart(void **state)
{
    struct err err = {0};
    struct values *v = values_create(&err);
    struct value_hit hit;
    char text[VALUES_OF_OWNER], in[2 * sizeof text];
    (void)state;
    assert_non_null(v);
    for (size_t n = 9; n < 700; n++) {
        memset(text, 'x', n);
        memcpy(text, "Sk9proj7", 8);
        text[n] = '\0';
        const struct value_seen seen = {.text = str_of(text), .type = TYPE_PASSWORD};
        assert_true(values_hold(v, STR("a"), &seen, 1));
    }
    assert_int_equal(values_count(v), VALUE_MAX_CHARS - 9 + 1); /* the rest is cut */
    struct value_search *s = value_search_begin(v, STR("a"), 1);
    assert_non_null(s);
    for (size_t n = 8; n < 700; n++) {
        memset(text, 'x', n);
        memcpy(text, "sk9PROJ7", 8);
        text[n] = '\0';
        snprintf(in, sizeof in, "_ %.4s-%s, _", text, text + 4);
        assert_int_equal(value_search_in(s, str_of(in), &hit), n > 8);
        assert_true(n == 8 ||
                    (hit.start == 2 &&
                     hit.end == 3 + (n < VALUE_MAX_CHARS ? n : VALUE_MAX_CHARS)));
        snprintf(in, sizeof in, "in%sy", text);
        assert_int_equal(value_search_in(s, str_of(in), &hit), n > 8);
        assert_true(n == 8 ||
                    (hit.start == 2 &&
                     hit.end == 2 + (n < VALUE_MAX_CHARS ? n : VALUE_MAX_CHARS)));
    }
    assert_false(value_search_in(s, STR("sk9proj7    xxxxxxxx"), &hit));
    value_search_end(v, s, 0, 1);
    values_free(v);
}

static void a_table_of_values_holds_its_session(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    buf_lit(&b, "{\"content\":\"");
    for (int i = 0; i < 300; i++)
        buf_printf(&b, "password: aB3x%08dQz9Tv\\n", i);
    buf_lit(&b, "\"}");
    buf_byte(&b, '\0');
    assert_false(ask(b.p, 210, "many").leaves);
    assert_false(ask(CHAT("a joke, please"), 210, "many").leaves);
    buf_release(&b);
}

static void *hammer(void *ctx)
{
    struct values *v = ctx;
    char text[32];
    for (int i = 0; i < 400; i++) {
        struct value_hit hit;
        snprintf(text, sizeof text, "aB3x%08dQz9Tv", i % 50);
        const struct value_seen seen = {.text = str_of(text), .type = TYPE_PASSWORD};
        values_hold(v, STR("a"), &seen, (uint64_t)i);
        struct value_search *s = value_search_begin(v, STR("a"), (uint64_t)i);
        bool has = s && value_search_in(s, str_of(text), &hit);
        value_search_end(v, s, has ? hit.id : 0, (uint64_t)i);
        if (!has)
            return ctx;
        values_is_allowed(v, STR("a"), str_of(text));
    }
    return NULL;
}

static void several_threads_may_ask_at_once(void **state)
{
    struct err err = {0};
    struct values *v = values_create(&err);
    pthread_t t[4];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        assert_int_equal(pthread_create(&t[i], NULL, hammer, v), 0);
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        void *ret;
        pthread_join(t[i], &ret);
        assert_null(ret);
    }
    values_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_review_lists_what_was_held), /* before time goes on */
        cmocka_unit_test(a_value_holds_wherever_it_stands_and_nothing_else_is_held),
        cmocka_unit_test(numbers_hold_as_numbers),
        cmocka_unit_test(short_values_need_their_name),
        cmocka_unit_test(two_kinds_hold_their_session),
        cmocka_unit_test(classification_and_clinical_text_hold_their_session),
        cmocka_unit_test(references_to_state_hold_their_session),
        cmocka_unit_test(a_history_that_shrinks_stays_held),
        cmocka_unit_test(values_are_forgotten_as_sessions_are),
        cmocka_unit_test(asking_leaves_no_trace),
        cmocka_unit_test(what_was_let_go_leaves_and_check_digits_never_do),
        cmocka_unit_test(a_full_table_holds_sessions),
        cmocka_unit_test(clients_that_have_gone_leave_their_room),
        cmocka_unit_test(values_of_one_beginning_are_told_apart),
        cmocka_unit_test(a_table_of_values_holds_its_session),
        cmocka_unit_test(several_threads_may_ask_at_once),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
