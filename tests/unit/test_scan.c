/* test_scan.c -- what the scanner sees, what it lets be, and what is done about it. */
#include "guard/lexicon.h"
#include "guard/scan.h"
#include "guard/words.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int open_scanner(void **state)
{
    struct err err = {0};
    *state = scanner_create(&err);
    return *state ? 0 : -1;
}

static int close_scanner(void **state)
{
    scanner_free(*state);
    return 0;
}

static enum action act(const struct findings *f)
{
    struct act_rules rules;
    act_rules_init(&rules);
    return guard_act(f, &rules).action;
}

static struct span_list scan(void **state, const char *text)
{
    struct span_list l = {0};
    struct err err = {0};
    assert_int_equal(guard_scan_text(*state, str_of(text), &l, &err), 0);
    return l;
}

static enum action action_of(void **state, const char *text)
{
    struct span_list l = scan(state, text);
    struct findings f = {0};
    findings_add(&f, &l);
    span_list_release(&l);
    return act(&f);
}

/* The first span of the type, as text; "" when there is none. */
static void expect(void **state, const char *text, enum guard_type type, const char *want)
{
    struct span_list l = scan(state, text);
    struct str seen = STR("");
    for (size_t i = 0; i < l.n && seen.n == 0; i++)
        if (l.v[i].type == type)
            seen = (struct str){text + l.v[i].start, l.v[i].end - l.v[i].start};
    if (!str_eqz(seen, want))
        fail_msg("%s in \"%s\": saw \"%.*s\", not \"%s\"", guard_type_name(type), text,
                 STR_ARG(seen), want);
    span_list_release(&l);
}

static void finds_values_by_check_frame_and_word(void **state)
{
    static const struct {
        const char *text;
        enum guard_type type;
        const char *want;
    } rows[] = {
        {"pay to DE89 3704 0044 0532 0130 00 today", TYPE_IBAN,
         "DE89 3704 0044 0532 0130 00"},
        {"DE89 3704 0044 0532 0130 01", TYPE_IBAN, ""},
        {"card 4111-1111-1111-1111, please", TYPE_CREDIT_CARD, "4111-1111-1111-1111"},
        {"card 4111-1111-1111-1112, please", TYPE_CREDIT_CARD, ""},
        {"my ssn is 536-22-8726.", TYPE_US_SSN, "536-22-8726"},
        {"write to jo.doe+x@mail.fabrikam.eu now", TYPE_EMAIL,
         "jo.doe+x@mail.fabrikam.eu"},
        {"user=jo@mail.fabrikam.eu", TYPE_EMAIL, "jo@mail.fabrikam.eu"},
        {"ring (282) 856-2317 tonight", TYPE_PHONE, "(282) 856-2317"},
        {"order 2828562317 is late", TYPE_PHONE, ""},
        {"routing 011000015", TYPE_US_ABA_ROUTING, "011000015"},
        {"build 011000015", TYPE_US_ABA_ROUTING, ""},
        {"born on 6 November 1967 in Rome", TYPE_DOB, "6 November 1967"},
        {"the release of 6 November 2007", TYPE_DOB, ""},
        {"host db01.int.fabrikam.eu is down", TYPE_HOSTNAME, "db01.int.fabrikam.eu"},
        {"bind 10.6.250.94 only", TYPE_IP, "10.6.250.94"},
        {"bind 127.0.0.1 only", TYPE_IP, ""},
        {"NATO SECRET\nThe asset moved.", TYPE_CLASSIFICATION, "NATO SECRET"},
        {"my secret is that I sing", TYPE_CLASSIFICATION, ""},
        {"DB_PASSWORD=tR7!vexqua", TYPE_PASSWORD, "tR7!vexqua"},
        {"password = os.environ['X']", TYPE_PASSWORD, ""},
        {"postgres://app:h4xw9qez@db/x", TYPE_CONN_STRING,
         "postgres://app:h4xw9qez@db/x"},
        {"Dear Timothy Garcia, welcome", TYPE_PERSON, "Timothy Garcia"},
        {"She lives at 3154 Old Mill Road, Raleigh, NC 27601.", TYPE_ADDRESS,
         "3154 Old Mill Road, Raleigh, NC 27601"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(state, rows[i].text, rows[i].type, rows[i].want);
}

static void sees_through_disguises(void **state)
{
    expect(state,
           "card \xEF\xBC\x94"
           "111111111111111",
           TYPE_CREDIT_CARD,
           "\xEF\xBC\x94"
           "111111111111111");
    expect(state,
           "ssn 5\xE2\x80\x8B"
           "36-22-8726",
           TYPE_US_SSN,
           "5\xE2\x80\x8B"
           "36-22-8726");
    expect(state, "mail jo%40mail.fabrikam.eu", TYPE_EMAIL, "jo%40mail.fabrikam.eu");
    expect(state, "ssn NTM2LTIyLTg3MjY=", TYPE_US_SSN, "NTM2LTIyLTg3MjY=");
    expect(state, "iban D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", TYPE_IBAN,
           "D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0");
}

static void acts_on_evidence(void **state)
{
    assert_int_equal(action_of(state, "What is the capital of France?"), ACTION_CLEAR);
    assert_int_equal(action_of(state, "Dear Timothy Garcia, welcome"), ACTION_MASK);
    assert_int_equal(action_of(state, "my ssn is 536-22-8726"), ACTION_LOCAL);
    assert_int_equal(action_of(state,
                               "Patient Timothy Garcia was diagnosed with diabetes and "
                               "prescribed metformin."),
                     ACTION_LOCAL);
    assert_int_equal(action_of(state, "Commit 6d5dc3696a8fae915465f4c8e8a87b5d0a92fbb9"),
                     ACTION_CLEAR);
}

static struct body_scan body(void **state, const char *json)
{
    struct body_scan b = {0};
    struct err err = {0};
    assert_int_equal(guard_scan_body(*state, str_of(json), &b, &err), 0);
    return b;
}

static void scans_every_corner_of_a_body(void **state)
{
    static const char *const bodies[] = {
        "{\"messages\":[{\"role\":\"user\",\"content\":\"ssn 536-22-8726\"}]}",
        "{\"messages\":[{\"tool_calls\":[{\"function\":{\"arguments\":"
        "\"{\\\"ssn\\\":\\\"536-22-8726\\\"}\"}}]}]}",
        "{\"tools\":[{\"function\":{\"parameters\":{\"default\":\"SSN 536-22-8726\"}}}]}",
        "{\"metadata\":{\"ssn\":\"536-22-8726\"}}",
        "{\"ssn\":536228726}",
        "{\"unknown\":[[{\"x\":\"\\u0073sn 536-22-\\u0038726\"}]]}",
        "{\"ssn 536-22-8726\":1}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct body_scan b = body(state, bodies[i]);
        if (act(&b.found) != ACTION_LOCAL)
            fail_msg("not held: %s", bodies[i]);
        body_scan_release(&b);
    }
}

static void locates_spans_in_the_raw_body(void **state)
{
    const char *json = "{\"user\":\"a\",\"metadata\":{\"ssn\":\"536-22-8726\"}}";
    struct body_scan b = body(state, json);
    assert_int_equal(b.nat, 1);
    struct str raw = str_sub(str_of(json), b.at[0].raw_start, b.at[0].raw_end);
    assert_true(str_eqz(raw, "536-22-8726"));
    assert_int_equal(b.spans.v[b.at[0].first].start, 0);
    assert_int_equal(b.spans.v[b.at[0].first].end, 11);
    body_scan_release(&b);
}

static void what_cannot_be_read_stays_local(void **state)
{
    static const char *const bodies[] = {"{\"messages\":", "\xFF\xFE",
                                         "{\"a\":\"data:image/png;base64,AAAA\"}",
                                         "{\"content\":[{\"type\":\"image_url\",\"image_"
                                         "url\":{\"url\":\"http://x/y.png\"}}]}"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct body_scan b = body(state, bodies[i]);
        assert_int_equal(act(&b.found), ACTION_LOCAL);
        body_scan_release(&b);
    }
}

static bool is_same(const struct span *a, const struct span *b)
{
    return a->start == b->start && a->end == b->end && a->type == b->type &&
           a->score == b->score && a->evidence == b->evidence && a->rule == b->rule;
}

/* Bytes of every kind, and the same again: no crash, no overlap, no other answer. */
static void hostile_bytes_are_only_bytes(void **state)
{
    static const char alphabet[] =
        "0123456789abcXYZ@:/.-_=\"'\\%&#;,()<>{}[] \n\t\0\xC3\xA9\xE2\x80\x8B\xFF\xF0+~$";
    char text[4096];
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 200; round++) {
        struct span_list a = {0}, b = {0};
        struct err err = {0};
        for (size_t i = 0; i < sizeof text; i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            text[i] = alphabet[seed % (sizeof alphabet - 1)];
        }
        struct str s = {text, sizeof text};
        assert_int_equal(guard_scan_text(*state, s, &a, &err), 0);
        assert_int_equal(guard_scan_text(*state, s, &b, &err), 0);
        assert_int_equal(a.n, b.n);
        for (size_t i = 0; i < a.n; i++) {
            assert_true(a.v[i].start < a.v[i].end && a.v[i].end <= sizeof text);
            assert_true(i == 0 || a.v[i - 1].end <= a.v[i].start);
            assert_true(is_same(&a.v[i], &b.v[i]));
        }
        span_list_release(&a);
        span_list_release(&b);
    }
}

static void a_value_on_a_windows_edge_is_found_once(void **state)
{
    enum { SIZE = 150000 };
    static char text[SIZE + 1];
    for (size_t at = 61000; at < 67000; at += 97) {
        struct span_list l = {0};
        struct err err = {0};
        memset(text, 'a', SIZE);
        for (size_t i = 0; i < SIZE; i += 7)
            text[i] = ' ';
        memcpy(text + at, " ssn 536-22-8726 ", 17);
        assert_int_equal(guard_scan_text(*state, str_of(text), &l, &err), 0);
        size_t seen = 0;
        for (size_t i = 0; i < l.n; i++)
            seen += l.v[i].type == TYPE_US_SSN;
        assert_int_equal(seen, 1);
        span_list_release(&l);
    }
}

static void the_lists_are_there(void **state)
{
    (void)state;
    assert_true(lexicon_find(word_hash("timothy", 7)) & NAME_FIRST);
    assert_true(lexicon_find(word_hash("garcia", 6)) & NAME_LAST);
    assert_true(lexicon_find(word_hash("because", 7)) & NAME_COMMON);
    assert_int_equal(lexicon_find(word_hash("qzxjvkw", 7)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_values_by_check_frame_and_word,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(sees_through_disguises, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(acts_on_evidence, open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(scans_every_corner_of_a_body, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(locates_spans_in_the_raw_body, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_stays_local, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(hostile_bytes_are_only_bytes, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(a_value_on_a_windows_edge_is_found_once,
                                        open_scanner, close_scanner),
        cmocka_unit_test(the_lists_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
