/* test_rules.c -- what the operator says of confidential values, and what comes of it. */
#include "guard/rules.h"

#include "config_help.h"
#include "guard/screen.h"
#include "scan/find/patterns.h"

#include <unistd.h>

#define ENGINES                                                                          \
    "engines:\n  - {name: e, side: cloud, url: \"https://e.example/v1\", models: "       \
    "[{name: m}]}\n"

static struct guard_rules *rules_of(const char *guard)
{
    struct buf yaml;
    struct err err = {0};
    struct config_faults faults;
    buf_init(&yaml, 1 << 20);
    buf_printf(&yaml, "%s%s", ENGINES, guard);
    config_faults_init(&faults);
    struct config *c = config_parse(buf_view(&yaml), "t", test_env, &faults);
    if (!c)
        fail_msg("%.*s: %s", STR_ARG(buf_view(&yaml)),
                 faults.n ? faults.items[0].text.p : "?");
    struct guard_rules *g = guard_rules_create(c, &err);
    if (!g)
        fail_msg("%s", err.msg);
    config_unref(c);
    config_faults_release(&faults);
    buf_release(&yaml);
    return g;
}

static const struct config_key *key_of(const struct guard_rules *g, const char *name);

/* "action: reason" of a text. */
static const char *verdict(const struct guard_rules *g, const char *text)
{
    static char out[200];
    struct span_list l = {0};
    struct findings f = {0};
    struct err err = {0};
    assert_int_equal(guard_scan_text(guard_rules_scanner(g), str_of(text), &l, &err), 0);
    findings_add(&f, &l);
    struct verdict v = guard_rules_act(g, &f, NULL, SENSITIVITY_UNLABELLED, 0);
    snprintf(out, sizeof out, "%s: %s", action_name(v.action), v.reason);
    span_list_release(&l);
    return out;
}

#define MAIL "ann.ray@acme-labs.io"
#define SSN  "My SSN is 536-22-8726."

static void actions_and_thresholds_are_the_operators(void **state)
{
    (void)state;
    static const struct {
        const char *guard, *text, *want;
    } rows[] = {
        {"", MAIL, "mask: contact"},
        {"guard: {actions: {contact: local}}", MAIL, "local: contact"},
        {"guard: {actions: {EMAIL: block}}", MAIL, "block: contact"},
        {"guard: {actions: {contact: local, EMAIL: clear}}", MAIL, "clear: nothing"},
        {"guard: {actions: {national_id: mask}}", SSN, "mask: national_id"},
        {"guard: {actions: {US_SSN: block}}", SSN, "block: national_id"},
        {"guard: {thresholds: {national_id: 100}}", SSN, "mask: national_id"},
        {"guard: {max_count: {EMAIL: 2}}", MAIL " and bob.low@acme-labs.io",
         "mask: contact"},
        {"guard: {max_count: {EMAIL: 1}}", MAIL " and bob.low@acme-labs.io",
         "local: too_many"},
        {"guard: {max_count: {contact: 1}}", MAIL " and bob.low@acme-labs.io",
         "local: too_many"},
        {"guard: {zones: [corp.acme]}", "log in to db7.corp.acme first", "mask: network"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct guard_rules *g = rules_of(rows[i].guard);
        assert_string_equal(verdict(g, rows[i].text), rows[i].want);
        guard_rules_free(g);
    }
}

static const char own[] =
    "guard:\n"
    "  dictionaries:\n"
    "    - {name: projects, words: [Bluebird, 'blue whale'], ignore_case: true}\n"
    "    - {name: names-we-say, words: [Ada Lovelace], action: clear}\n"
    "  rules:\n"
    "    - {name: ticket, pattern: 'ACME-\\d{6}', action: mask}\n"
    "    - {name: badge, pattern: '\\b\\d{7}\\b', near: [badge, Ausweis], action: "
    "block}\n"
    "  source_code:\n"
    "    paths: [src/acme/]\n"
    "    licences: ['Copyright (c) ACME']\n"
    "    markers: [ACME-INTERNAL-SOURCE]\n";

static void own_rules_hold(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"what is project BLUEBIRD about", "local: rule projects"},
        {"bluebirds sing", "clear: nothing"},
        {"a Blue Whale", "local: rule projects"},
        {"see ACME-123456", "mask: rule ticket"},
        {"see ACME-12345", "clear: nothing"},
        {"his badge is 4711472", "block: rule badge"},
        {"there are 4711472 of them", "clear: nothing"},
        {"in src/acme/core/x.c", "local: rule source-paths"},
        {"/* copyright (C) acme */", "local: rule source-licences"},
        {"ACME-INTERNAL-SOURCE", "local: rule source-markers"},
        {"a note by Ada Lovelace", "clear: nothing"},
        {"a note by Ada Lovelace, my SSN is 536-22-8726", "local: national_id"},
        {"Qmx1ZWJpcmQgaXMgaXQ=  QmxhIEJsdWViaXJkIGJsYSBibGE=", "local: rule projects"},
    };
    struct guard_rules *g = rules_of(own);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(verdict(g, rows[i].text), rows[i].want);
    guard_rules_free(g);
}

/* What is done about one span of a body that may leave masked, and which rule saw it. */
static void a_span_of_an_own_rule_has_its_name_and_action(void **state)
{
    (void)state;
    static const struct {
        const char *text, *rule;
        enum action action;
    } rows[] = {
        {"see ACME-123456", "rule ticket", ACTION_MASK},
        {"what is bluebird about", "rule projects", ACTION_LOCAL},
        {"write to " MAIL, NULL, ACTION_MASK},
    };
    struct guard_rules *g = rules_of(own);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct span_list l = {0};
        struct err err = {0};
        assert_int_equal(
            guard_scan_text(guard_rules_scanner(g), str_of(rows[i].text), &l, &err), 0);
        assert_int_equal(l.n, 1);
        const char *rule = guard_rules_rule(g, &l.v[0]);
        assert_int_equal(rule != NULL, rows[i].rule != NULL);
        if (rule)
            assert_string_equal(rule, rows[i].rule);
        assert_int_equal(guard_rules_span(g, &l.v[0], NULL), rows[i].action);
        span_list_release(&l);
    }
    guard_rules_free(g);
}

/* All must be scanned, also where nothing can leave, when something may be blocked. */
static void what_may_be_blocked_is_known_beforehand(void **state)
{
    (void)state;
#define KEY_WITH(guard)                                                                  \
    "keys: [{name: k, hash: \"sha256:" H "\", guard: {actions: " guard "}}]"
    static const struct {
        const char *guard;
        bool can;
    } rows[] = {
        {"", false},
        {"guard: {actions: {contact: local}}", false},
        {"guard: {actions: {contact: block}}", true},
        {"guard: {actions: {EMAIL: block}}", true},
        {"guard: {rules: [{name: a, pattern: 'x+y', action: local}]}", false},
        {"guard: {rules: [{name: a, pattern: 'x+y', action: block}]}", true},
        {KEY_WITH("{contact: local}"), false},
        {KEY_WITH("{contact: block}"), true},
        {KEY_WITH("{EMAIL: block}"), true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct guard_rules *g = rules_of(rows[i].guard);
        if (guard_rules_can_block(guard_rules_config(g)) != rows[i].can)
            fail_msg("%s", rows[i].guard);
        guard_rules_free(g);
    }
}

/* A word that is nothing to hide hides nothing that is larger than itself. */
static void what_is_cleared_is_only_itself(void **state)
{
    (void)state;
    struct guard_rules *g = rules_of(
        "guard: {dictionaries: [{name: ok, words: [acme-labs.io], action: clear}]}");
    assert_string_equal(verdict(g, MAIL), "mask: contact");
    guard_rules_free(g);
}

/* A hit counts also where another value covers it. */
static void a_hit_inside_another_value_counts(void **state)
{
    (void)state;
    struct guard_rules *g =
        rules_of("guard: {dictionaries: [{name: p, words: [bluebird]}]}");
    assert_string_equal(verdict(g, "write to bluebird@acme-labs.io"), "local: rule p");
    guard_rules_free(g);
}

/* What costs too much to decide is held. */
static void a_pattern_that_runs_away_holds(void **state)
{
    (void)state;
    char text[4001];
    struct guard_rules *g =
        rules_of("guard: {rules: [{name: slow, pattern: '^(?:a|aa)+$'}]}");
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 2] = 'c';
    text[sizeof text - 1] = '\0';
    assert_string_equal(verdict(g, text), "local: rule_limit");
    assert_string_equal(verdict(g, "a quiet text"), "clear: nothing");
    guard_rules_free(g);
}

static void a_key_has_rules_of_its_own(void **state)
{
    (void)state;
    struct guard_rules *g =
        rules_of("guard: {actions: {contact: local}}\n"
                 "keys:\n  - {name: k, hash: \"sha256:"
                 "a4b6acbd2ed13e39d4bb24b670c855080b489f53ff4e062dc5775052f4e9a666\", "
                 "guard: {actions: {EMAIL: mask, US_SSN: block}}}\n");
    const struct config_key *k = key_of(g, "k");
    struct findings f = {.count[TYPE_EMAIL] = 1, .score[TYPE_EMAIL] = 90};
    const struct span mail = {.type = TYPE_EMAIL, .score = 90};
    assert_int_equal(guard_rules_act(g, &f, NULL, 0, 0).action, ACTION_LOCAL);
    assert_int_equal(guard_rules_act(g, &f, k, 0, 0).action, ACTION_MASK);
    assert_int_equal(guard_rules_span(g, &mail, k), ACTION_MASK);
    f = (struct findings){.count[TYPE_US_SSN] = 1, .score[TYPE_US_SSN] = 90};
    assert_int_equal(guard_rules_act(g, &f, k, 0, 0).action, ACTION_BLOCK);
    /* What a person let go is masked; what is blocked stays blocked. */
    assert_int_equal(guard_rules_act(g, &f, NULL, 0, 1u << GROUP_NATIONAL_ID).action,
                     ACTION_MASK);
    assert_int_equal(guard_rules_act(g, &f, k, 0, 1u << GROUP_NATIONAL_ID).action,
                     ACTION_BLOCK);
    guard_rules_free(g);
}

static void media_are_cleared_by_a_declared_public_alone(void **state)
{
    (void)state;
    struct guard_rules *g = rules_of("");
    const struct findings f = {.has_media = true};
    assert_int_equal(guard_rules_act(g, &f, NULL, SENSITIVITY_UNLABELLED, 0).action,
                     ACTION_LOCAL);
    assert_int_equal(guard_rules_act(g, &f, NULL, SENSITIVITY_PUBLIC, 0).action,
                     ACTION_CLEAR);
    guard_rules_free(g);
    g = rules_of("guard: {media: public}");
    assert_int_equal(guard_rules_act(g, &f, NULL, SENSITIVITY_UNLABELLED, 0).action,
                     ACTION_CLEAR);
    guard_rules_free(g);
}

#define HASH "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void digests_tell_rules_apart(void **state)
{
    (void)state;
    static const char *const variants[] = {
        "",
        "guard: {mode: shadow}",
        "guard: {media: public}",
        "guard: {preset: strict}",
        "guard: {hold: value}",
        "guard: {actions: {person: local}}",
        "guard: {actions: {PERSON: local}}",
        "guard: {zones: [a.example]}",
        "guard: {max_count: {EMAIL: 2}}",
        "guard: {dictionaries: [{name: a, words: [xy]}]}",
        "guard: {dictionaries: [{name: a, words: [xyz]}]}",
        "guard: {dictionaries: [{name: a, words: [xy], ignore_case: true}]}",
        "guard: {rules: [{name: a, pattern: xy}]}",
        "guard: {rules: [{name: a, pattern: xy, near: [b]}]}",
        "guard: {rules: [{name: a, pattern: xy, near: [b, c]}]}",
        "keys: [{name: a, hash: \"" HASH "\", guard: {actions: {person: local}}}]",
        "keys: [{name: b, hash: \"" HASH "\", guard: {actions: {person: local}}}]"};
    char seen[ARRAY_LEN(variants)][65];
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        struct guard_rules *g = rules_of(variants[i]), *again = rules_of(variants[i]);
        assert_string_equal(guard_rules_digest(g), guard_rules_digest(again));
        assert_int_equal(strlen(guard_rules_digest(g)), 64);
        strcpy(seen[i], guard_rules_digest(g));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
        guard_rules_free(g);
        guard_rules_free(again);
    }
}

/* -- faults ---------------------------------------------------------------------------
 */

static void every_fault_has_its_place(void **state)
{
    (void)state;
    struct buf out;
    struct str got = faults_of(ENGINES "guard:\n"
                                       "  mode: off\n"
                                       "  actions: {persn: mask, EMAIL: drop}\n"
                                       "  thresholds: {secret: 101}\n"
                                       "  max_count: {EMAIL: 0}\n"
                                       "  zones: ['*.corp']\n"
                                       "  colour: red\n"
                                       "  dictionaries:\n"
                                       "    - {name: a, words: []}\n"
                                       "    - {words: [xy]}\n"
                                       "    - {name: b, file: /nowhere/at/all}\n"
                                       "  rules:\n"
                                       "    - {name: r}\n"
                                       "  source_code: {}\n",
                               test_env, &out);
    static const char *const want[] = {
        "f:4:9: error",
        "off",
        "f:5:13: error",
        "did you mean 'person'?",
        "f:5:33: error",
        "drop",
        "f:6:24: error",
        "f:7:22: error",
        "f:8:11: error",
        "f:9:3: error",
        "colour",
        "has no words",
        "needs a name",
        "/nowhere/at/all cannot be read",
        "a rule needs a name and a pattern",
        "source_code needs paths",
    };
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        if (!str_contains_nocase(got, str_of(want[i])))
            fail_msg("no '%s' in:\n%.*s", want[i], STR_ARG(got));
    buf_release(&out);
}

static void what_is_held_and_allowed_is_checked(void **state)
{
    (void)state;
    struct buf out;
    char path[] = "/tmp/weir-allow-XXXXXX", yaml[600];
    int fd = mkstemp(path);
    static const char lines[] = "# a project's own\nsha256:zz\n";
    assert_true(fd >= 0 && write(fd, lines, sizeof lines - 1) > 0);
    close(fd);
    snprintf(yaml, sizeof yaml,
             ENGINES "guard:\n"
                     "  preset: strict\n"
                     "  hold: value\n"
                     "  allow: %s\n",
             path);
    struct str got = faults_of(yaml, test_env, &out);
    static const char *const want[] = {"f:5:9: error: preset: strict holds sessions",
                                       "f:6:10: error: 'sha256:zz' is no line of allow"};
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        if (!str_contains_nocase(got, str_of(want[i])))
            fail_msg("no '%s' in:\n%.*s", want[i], STR_ARG(got));
    buf_release(&out);
    unlink(path);
}

static void patterns_that_cannot_be_used_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *want;
    } rows[] = {{"(a", "missing closing parenthesis"},
                {"a*", "matches the empty text"},
                {"a|", "matches the empty text"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = {0};
        const struct config_guard_rule r = {
            .name = STR("r"), .pattern = str_of(rows[i].pattern), .line = 7};
        assert_int_equal(pattern_check(&r, &err), -1);
        assert_string_equal(err.code, "bad_pattern");
        assert_non_null(strstr(err.msg, rows[i].want));
        assert_non_null(strstr(err.msg, "line 7"));
    }
}

static const struct config_key *key_of(const struct guard_rules *g, const char *name)
{
    const struct config *c = guard_rules_config(g);
    for (size_t i = 0; i < c->nkeys; i++)
        if (str_eqz(c->keys[i].name, name))
            return &c->keys[i];
    return NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_and_thresholds_are_the_operators),
        cmocka_unit_test(own_rules_hold),
        cmocka_unit_test(a_span_of_an_own_rule_has_its_name_and_action),
        cmocka_unit_test(what_may_be_blocked_is_known_beforehand),
        cmocka_unit_test(what_is_cleared_is_only_itself),
        cmocka_unit_test(a_hit_inside_another_value_counts),
        cmocka_unit_test(a_pattern_that_runs_away_holds),
        cmocka_unit_test(a_key_has_rules_of_its_own),
        cmocka_unit_test(media_are_cleared_by_a_declared_public_alone),
        cmocka_unit_test(digests_tell_rules_apart),
        cmocka_unit_test(every_fault_has_its_place),
        cmocka_unit_test(what_is_held_and_allowed_is_checked),
        cmocka_unit_test(patterns_that_cannot_be_used_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
