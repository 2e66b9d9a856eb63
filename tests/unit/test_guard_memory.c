/* test_guard_memory.c -- each allocation of a scan, a screening and a session fails once:
 * then it is an error, and nothing is let go that would have been held or masked. */
#include "config_help.h"
#include "guard/place.h"
#include "guard/screen.h"
#include "nomem.h"

#define SAYS(text)                                                                       \
    "{\"messages\":[{\"role\":\"user\",\"content\":\"" text "\"}],\"n\":[1,2.5,{\"a\":"  \
    "null}]}"

static const char plain[] = SAYS("What is a weir, and why?");
static const char with_mail[] = SAYS("Answer ann.ray@acme-labs.io and Dear Timothy "
                                     "Garcia, please; \\\"quoted\\\" too.");
static const char with_ssn[] = SAYS("My SSN is 536-22-8726.");

static const char yaml[] =
    E "guard:\n"
      "  zones: [int.fabrikam.eu]\n"
      "  rules:\n"
      "    - {name: project, pattern: 'Bluebird|Red Kite', action: local}\n"
      "    - {name: ticket, pattern: 'TCK-[0-9]{4}', action: mask}\n";

/* -- the rules ------------------------------------------------------------------------
 */

static bool finds(struct guard_rules *g, const char *body, enum guard_type type)
{
    struct body_scan b = {0};
    struct err err = {0};
    assert_int_equal(guard_scan_body(guard_rules_scanner(g), str_of(body), &b, &err), 0);
    bool has = b.found.count[type] > 0;
    body_scan_release(&b);
    return has;
}

static void rules_are_made_whole_or_not_at_all(void **state)
{
    (void)state;
    struct config *c = must_parse(yaml);
    for (long n = 1; nomem_begin(n); n++) {
        struct err err = {0};
        struct guard_rules *g = guard_rules_create(c, &err);
        bool was_short = nomem_end();
        if (!was_short)
            assert_non_null(g);
        if (!g) {
            assert_true(err.kind != ERR_NONE && err.code && err.msg[0]);
            continue;
        }
        assert_int_equal(strlen(guard_rules_digest(g)), 64);
        assert_true(finds(g, with_ssn, TYPE_US_SSN));
        assert_true(finds(g, SAYS("about Red Kite and TCK-1234"), TYPE_CUSTOM));
        guard_rules_free(g);
    }
    config_unref(c);
}

/* -- a screening -----------------------------------------------------------------------
 */

struct tried {
    struct screened s;
    struct arena a;
    struct buf masked;
};

static void screen(struct tried *t, struct guard_rules *rules, struct sessions *sessions,
                   const char *body, uint64_t session)
{
    const struct screen_input in = {.rules = rules,
                                    .body = str_of(body),
                                    .sessions = sessions,
                                    .session = {.id = session},
                                    .now_ms = 1};
    arena_init(&t->a, 1 << 20);
    buf_init(&t->masked, 1 << 20);
    guard_screen(&in, &t->a, &t->masked, &t->s);
}

static void drop(struct tried *t)
{
    screened_release(&t->s);
    buf_release(&t->masked);
    arena_reset(&t->a);
}

/* No value of `body` may be in what leaves, and what leaves is covered. */
static void check_leaving(const struct screened *s, const char *body)
{
    if (!s->clearance)
        return;
    const struct chat chat = {.body = s->leaving};
    assert_true(clearance_covers(s->clearance, &chat));
    assert_int_equal(s->label.effective, SENSITIVITY_PUBLIC);
    assert_true(str_find(s->leaving, STR("ann.ray")) < 0);
    assert_true(str_find(s->leaving, STR("Garcia")) < 0);
    assert_true(str_find(s->leaving, STR("536-22")) < 0);
    assert_int_equal(clearance_has_tags(s->clearance), body == with_mail);
}

static void a_screening_that_lacks_memory_lets_nothing_go(void **state)
{
    (void)state;
    static const char *const bodies[] = {plain, with_mail, with_ssn};
    struct err err = {0};
    struct guard_rules *rules = guard_rules_create(NULL, &err);
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct sessions *sessions = sessions_create(&sessions_default_limits, &err);
        for (long n = 1; nomem_begin(n); n++) {
            struct tried t;
            screen(&t, rules, sessions, bodies[i], (uint64_t)n);
            bool was_short = nomem_end();
            check_leaving(&t.s, bodies[i]);
            if (!was_short)
                assert_int_equal(t.s.clearance != NULL, bodies[i] != with_ssn);
            else if (!t.s.clearance && bodies[i] == plain && t.s.failure)
                assert_int_equal(t.s.label.effective, SENSITIVITY_CONFIDENTIAL);
            drop(&t);
            /* The next request of this session has all it needs. */
            screen(&t, rules, sessions, bodies[i], (uint64_t)n);
            check_leaving(&t.s, bodies[i]);
            assert_int_equal(t.s.clearance != NULL, bodies[i] != with_ssn);
            drop(&t);
        }
        sessions_free(sessions);
    }
    guard_rules_free(rules);
}

/* A finding that could not be remembered holds this request all the same. */
static void a_session_that_lacks_memory_is_held(void **state)
{
    (void)state;
    const struct session_of of = {.id = 7, .owner = STR("ann")};
    for (long n = 1; nomem_begin(n); n++) {
        struct err err = {0};
        struct sessions *s = sessions_create(&sessions_default_limits, &err);
        bool is_kept = s && sessions_raise(s, 7, STR("ann"), SENSITIVITY_CONFIDENTIAL,
                                           1u << GROUP_SECRET, 1, 1);
        struct vault *v = s ? sessions_vault(s, &of, 2) : NULL;
        bool was_short = nomem_end();
        if (!was_short)
            assert_true(is_kept && v);
        if (!s)
            assert_true(err.kind != ERR_NONE && err.code);
        if (s) {
            assert_int_equal(sessions_count(s).sessions, is_kept || v ? 1 : 0);
            assert_int_equal(sessions_look(s, &of, 3).label,
                             is_kept ? SENSITIVITY_CONFIDENTIAL : SENSITIVITY_UNLABELLED);
            assert_true(
                sessions_raise(s, 7, STR("ann"), SENSITIVITY_CONFIDENTIAL, 0, 1, 4));
        }
        vault_release(v);
        sessions_free(s);
    }
}

/* -- a scan
 * ------------------------------------------------------------------------------ */

static void a_scan_finds_all_or_says_that_it_could_not(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        with_mail, with_ssn,
        SAYS("cc 4111 1111\\n 1111 1111, key ghp_q7Rk2VbXn84sTzLw0PmYdC5hJ1uEaG3iOfB9"),
        "{\"prompt\":[5159,18679,45],\"a\":\"data:image/png;base64,AAAA\"}",
        "{\"ssn\":\"NTM2LTIyLTg3MjY=\",\"arguments\":\"{\\\"ssn\\\":\\\"536-22-8726\\\"}"
        "\"}"};
    struct err err = {0};
    struct guard_rules *rules = guard_rules_create(NULL, &err);
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct body_scan whole = {0};
        const struct scanner *sc = guard_rules_scanner(rules);
        assert_int_equal(guard_scan_body(sc, str_of(bodies[i]), &whole, &err), 0);
        for (long n = 1; nomem_begin(n); n++) {
            struct body_scan b = {0};
            struct err why = {0};
            int rc = guard_scan_body(sc, str_of(bodies[i]), &b, &why);
            bool was_short = nomem_end();
            if (!was_short)
                assert_int_equal(rc, 0);
            if (rc < 0)
                assert_true(why.kind != ERR_NONE && why.code);
            else
                assert_memory_equal(b.found.count, whole.found.count,
                                    sizeof whole.found.count);
            body_scan_release(&b);
        }
        body_scan_release(&whole);
    }
    guard_rules_free(rules);
}

/* -- places
 * ------------------------------------------------------------------------------- */

static void places_are_told_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *body, *at, *place; /* the byte where `at` begins */
    } rows[] = {
        {"{\"a\":1}", "1", "a"},
        {"{\"a\":1}", "a", "(name 1)"},
        {"{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}", "x", "a.b[1].c"},
        {"{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}", "1", "a.b[0]"},
        {"{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}", "c", "a.b[1].(name 1)"},
        /* Names that may be values themselves. */
        {"{\"a\":{\"4539 1488\":\"x\"}}", "x", "a.(name 1)"},
        {"{\"a\":{\"b\":1,\"tq8vRm2xLd7Bw\":\"x\"}}", "x", "a.(name 2)"},
        {"{\"a\":{\"Renske de Vos\":{\"x86\":\"!\"}}}", "!", "a.(name 1).x86"},
        {"{\"a\":{\"r@example.com\":{\"maxOutputTokens\":\"!\"}}}", "!",
         "a.(name 1).maxOutputTokens"},
        {"{\"a\":[],\"b\":{},\"c\":\"x\"}", "x", "c"},
        {"[[1,2],[3]]", "3", "[1][0]"},
        {"\"x\"", "x", "the body"},
        {"{}", "}", "the body"},
        {"{\"a\":1}", "}", "the body"},
        {"[1]", "]", "the body"},
        /* Broken: as far as it can be followed. */
        {"{\"a\":{\"b\":tru}}", "tru", "a"},
        {"[1,[2,x]]", "x", "[1]"},
        {"x", "x", "the body"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        arena_init(&a, 4096);
        size_t at = (size_t)(strstr(rows[i].body, rows[i].at) - rows[i].body);
        struct str place = place_of(str_of(rows[i].body), at, NULL, &a);
        if (!str_eqz(place, rows[i].place))
            fail_msg("%s in %s: '%.*s'", rows[i].at, rows[i].body, STR_ARG(place));
        arena_reset(&a);
    }
}

/* A path that is too long is cut, not written past its end. */
static void a_deep_place_is_cut(void **state)
{
    (void)state;
    struct arena a;
    struct buf b;
    arena_init(&a, 4096);
    buf_init(&b, 1 << 16);
    for (int i = 0; i < 30; i++)
        buf_lit(&b, "{\"a_name_of_twenty_chars_and_twenty_more_of_them\":");
    size_t at = b.n;
    buf_lit(&b, "1");
    for (int i = 0; i < 30; i++)
        buf_lit(&b, "}");
    struct str place = place_of(buf_view(&b), at, NULL, &a);
    assert_true(place.n > 40 && place.n <= 160);
    assert_true(str_starts(place, STR("a_name_of_twenty_chars_and_twenty_more_o.")));
    buf_release(&b);
    arena_reset(&a);
}

static void halves_of_characters_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int at; /* -1: none */
    } rows[] = {
        {"{\"a\":\"x\"}", -1},
        {"\"\\ud83d\\ude00\"", -1},
        {"\"\\uD83D\\uDE00\\n\\u00e9\\\\\"", -1},
        {"\"\\ud83d\"", 1},
        {"\"ab\\ude00\"", 3},
        {"\"\\ud83d\\n\\ude00\"", 1},
        {"\"\\ud83dx\\ude00\"", 1},
        {"\"\\ud83d\\u0041\"", 1},
        {"\"\\ud83d\\ue000\"", 1},
        {"\"\\ud83d\\ud83d\\ude00\"", 1},
        {"\"\\ud83d\\ude00\\ude00\"", 13},
        {"\"\\\\ud83d\"", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t at = 0;
        bool has = place_of_half(str_of(rows[i].body), &at);
        if (has != (rows[i].at >= 0) || (has && at != (size_t)rows[i].at))
            fail_msg("%s: %d at %zu", rows[i].body, has, at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_made_whole_or_not_at_all),
        cmocka_unit_test(a_screening_that_lacks_memory_lets_nothing_go),
        cmocka_unit_test(a_session_that_lacks_memory_is_held),
        cmocka_unit_test(a_scan_finds_all_or_says_that_it_could_not),
        cmocka_unit_test(places_are_told_in_words),
        cmocka_unit_test(a_deep_place_is_cut),
        cmocka_unit_test(halves_of_characters_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
