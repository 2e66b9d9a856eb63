/* test_screen.c -- what may leave of a body, and the label it gets. */
#include "cleared.h"
#include "config_help.h"
#include "guarding.h"

#define SECRET SENSITIVITY_CONFIDENTIAL

#define CHAT(text) "{\"messages\":[{\"role\":\"user\",\"content\":\"" text "\"}]}"

static const char plain[] = CHAT("What is a weir?");
static const char with_mail[] = CHAT("Answer ann.ray@acme-labs.io, please.");
static const char with_ssn[] = CHAT("My SSN is 536-22-8726.");

static struct screened screen(const char *body, uint64_t session, struct arena *a,
                              struct buf *masked)
{
    const struct screen_input in = {.rules = rules,
                                    .body = str_of(body),
                                    .sessions = sessions,
                                    .session = {.id = session},
                                    .now_ms = 1};
    struct screened s;
    buf_init(masked, 1 << 20);
    guard_screen(&in, a, masked, &s);
    return s;
}

struct world {
    struct arena a;
    struct buf masked;
    struct screened s;
};

static void begin(struct world *w, const char *body, uint64_t session)
{
    arena_init(&w->a, 1 << 20);
    w->s = screen(body, session, &w->a, &w->masked);
}

static void end(struct world *w)
{
    screened_release(&w->s);
    buf_release(&w->masked);
    arena_reset(&w->a);
}

static bool covers(const struct screened *s, struct str body)
{
    const struct chat chat = {.body = body};
    return clearance_covers(s->clearance, &chat);
}

static void what_hides_nothing_leaves_as_it_is(void **state)
{
    (void)state;
    struct world w;
    begin(&w, plain, 1);
    assert_int_equal(w.s.verdict.action, ACTION_CLEAR);
    assert_true(covers(&w.s, str_of(plain)));
    assert_false(clearance_has_tags(w.s.clearance));
    assert_false(covers(&w.s, STR("{}")));
    assert_int_equal(w.s.label.effective, SENSITIVITY_PUBLIC);
    assert_false(w.s.label.is_known);
    end(&w);
}

static void what_is_masked_leaves_with_tags_alone(void **state)
{
    (void)state;
    struct world w;
    begin(&w, with_mail, 2);
    assert_int_equal(w.s.verdict.action, ACTION_MASK);
    assert_false(covers(&w.s, str_of(with_mail)));
    assert_true(covers(&w.s, w.s.leaving));
    assert_true(clearance_has_tags(w.s.clearance));
    assert_false(str_contains_nocase(w.s.leaving, STR("ann.ray")));
    assert_true(str_contains_nocase(w.s.leaving, STR("@example.com")));
    assert_non_null(w.s.vault);
    assert_string_equal(screened_masked_words(&w.s, &w.a).p, "EMAIL 1");
    end(&w);
}

static void what_forces_local_has_no_clearance_and_is_remembered(void **state)
{
    (void)state;
    struct world w;
    begin(&w, with_ssn, 3);
    assert_null(w.s.clearance);
    assert_string_equal(label_words(&w.s.label, &w.a).p,
                        "confidential (scan: national_id)");
    end(&w);
    begin(&w, plain, 3);
    assert_null(w.s.clearance);
    assert_string_equal(w.s.label.source, "session");
    end(&w);
    begin(&w, plain, 4);
    assert_non_null(w.s.clearance);
    end(&w);
}

static void what_was_let_go_leaves_masked_and_never_clear(void **state)
{
    (void)state;
    struct world w;
    begin(&w, with_ssn, 5);
    assert_null(w.s.clearance);
    end(&w);
    assert_true(sessions_lower(sessions, 5, 1));
    begin(&w, with_ssn, 5);
    assert_non_null(w.s.clearance);
    assert_true(covers(&w.s, w.s.leaving));
    assert_false(str_contains_nocase(w.s.leaving, STR("536-22-8726")));
    end(&w);
    begin(&w, CHAT("And the card is 4532 7186 9420 7354, cvc 123."), 5);
    assert_null(w.s.clearance);
    end(&w);
}

static void declarations_hold_beside_the_scan(void **state)
{
    (void)state;
    struct arena a;
    struct world w;
    arena_init(&a, 1 << 20);
    assert_null(screened_of(str_of(plain), SECRET, &a).clearance);
    assert_null(screened_of(str_of(with_ssn), SENSITIVITY_PUBLIC, &a).clearance);
    assert_non_null(screened_of(str_of(plain), SENSITIVITY_PUBLIC, &a).clearance);
    arena_reset(&a);
    begin(&w, plain, 6);
    assert_non_null(w.s.clearance);
    end(&w);
}

static void what_is_only_asked_about_is_not_remembered(void **state)
{
    (void)state;
    struct world w;
    struct screen_input in = {.rules = rules,
                              .body = str_of(with_ssn),
                              .sessions = sessions,
                              .session = {.id = 7},
                              .now_ms = 1,
                              .is_dry = true};
    arena_init(&w.a, 1 << 20);
    buf_init(&w.masked, 1 << 20);
    guard_screen(&in, &w.a, &w.masked, &w.s);
    assert_null(w.s.clearance);
    end(&w);
    assert_false(sessions_is_raised(sessions, 7, 1));
    arena_init(&w.a, 1 << 20);
    buf_init(&w.masked, 1 << 20);
    in.body = str_of(with_mail);
    guard_screen(&in, &w.a, &w.masked, &w.s);
    assert_true(covers(&w.s, w.s.leaving));
    const struct session_of seventh = {.id = 7};
    assert_null(sessions_find_vault(sessions, &seventh));
    end(&w);
}

/* Media, and what is no JSON at all, can hold anything. */
static void what_cannot_be_read_stays(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\","
        "\"image_url\":{\"url\":\"https://example.org/a.png\"}}]}]}",
        "{\"messages\":[",
        "not json",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct world w;
        begin(&w, bodies[i], 100 + i);
        assert_null(w.s.clearance);
        assert_int_equal(w.s.label.effective, SECRET);
        end(&w);
    }
}

/* A scan that could not be had is no scan. */
static void without_a_scan_nothing_leaves(void **state)
{
    (void)state;
    struct world w;
    const struct screen_input in = {.rules = rules,
                                    .body = str_of(plain),
                                    .sessions = sessions,
                                    .session = {.id = 200},
                                    .declared = {.header = SENSITIVITY_PUBLIC},
                                    .give_up = "scan_timeout"};
    arena_init(&w.a, 1 << 20);
    buf_init(&w.masked, 1 << 20);
    guard_screen(&in, &w.a, &w.masked, &w.s);
    assert_null(w.s.clearance);
    assert_false(w.s.is_scanned);
    assert_string_equal(label_words(&w.s.label, &w.a).p,
                        "confidential (scan: scan_timeout)");
    end(&w);
    assert_false(sessions_is_raised(sessions, 200, 1));
}

/* Shadow mode lets findings go; what nobody looked at is none. */
static void in_shadow_too_nothing_leaves_without_a_scan(void **state)
{
    (void)state;
    struct err err = {0};
    struct world w;
    struct config *shadow = must_parse(E "guard: {mode: shadow}\n");
    struct guard_rules *lenient = guard_rules_create(shadow, &err);
    struct screen_input in = {.rules = lenient, .body = str_of(with_ssn)};
    assert_non_null(lenient);
    arena_init(&w.a, 1 << 20);
    buf_init(&w.masked, 1 << 20);
    guard_screen(&in, &w.a, &w.masked, &w.s);
    assert_non_null(w.s.clearance);
    assert_string_equal(screened_would_words(&w.s, &w.a).p,
                        "would be local: national_id");
    screened_release(&w.s);
    in.give_up = "scan_timeout";
    guard_screen(&in, &w.a, &w.masked, &w.s);
    assert_null(w.s.clearance);
    assert_false(w.s.is_scanned);
    assert_string_equal(label_words(&w.s.label, &w.a).p,
                        "confidential (scan: scan_timeout)");
    assert_int_equal(screened_would_words(&w.s, &w.a).n, 0);
    end(&w);
    guard_rules_free(lenient);
    config_unref(shadow);
}

static void what_cannot_be_read_says_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *body, *word;
    } cases[] = {{"{\"input\":[[5159,18679]]}", "check_embedding_ctx_length=False"},
                 {CHAT("\\ud83d"), "half of a character"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world w;
        begin(&w, cases[i].body, 300 + i);
        assert_null(w.s.clearance);
        assert_string_equal(label_words(&w.s.label, &w.a).p,
                            "confidential (scan: undecodable)");
        assert_int_equal(w.s.nholds, 1);
        struct str words = held_words(&w.s.holds[0], &w.a);
        if (str_find(words, str_of(cases[i].word)) < 0)
            assert_non_null(strstr(w.s.holds[0].remedy, cases[i].word));
        end(&w);
        begin(&w, plain, 300 + i); /* it was the bytes, not the session */
        assert_non_null(w.s.clearance);
        end(&w);
    }
    struct world w;
    begin(&w, with_ssn, 310);
    assert_string_equal(w.s.holds[0].kind, "US_SSN");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_hides_nothing_leaves_as_it_is),
        cmocka_unit_test(what_is_masked_leaves_with_tags_alone),
        cmocka_unit_test(what_forces_local_has_no_clearance_and_is_remembered),
        cmocka_unit_test(what_was_let_go_leaves_masked_and_never_clear),
        cmocka_unit_test(declarations_hold_beside_the_scan),
        cmocka_unit_test(what_is_only_asked_about_is_not_remembered),
        cmocka_unit_test(what_cannot_be_read_stays),
        cmocka_unit_test(without_a_scan_nothing_leaves),
        cmocka_unit_test(in_shadow_too_nothing_leaves_without_a_scan),
        cmocka_unit_test(what_cannot_be_read_says_what_to_do),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
