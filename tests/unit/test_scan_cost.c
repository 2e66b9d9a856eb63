/* test_scan_cost.c -- no text makes a scan much dearer than prose.
 *
 * The scanner is built with a call at every branch (-fsanitize=coverage), and what is
 * counted here are these calls: the same on every machine, whatever else runs on it.
 * Texts are repetitions of what the detectors look for, each alone and drawn together at
 * random.  A branch is not a nanosecond: much of the time of prose is the tagger's sums,
 * which have few; LIMIT times the branches of prose are four to five times its time. */
#include "core/buf.h"
#include "core/mem.h"
#include "scan/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT = 8 * 1024, PIECE = 1024, RANDOM = 400, LIMIT = 50 };

static unsigned long long steps;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

static const char *const fragments[] = {"http://",
                                        "://",
                                        "a.b/",
                                        "a.b.",
                                        "@",
                                        "a@",
                                        "password=",
                                        "password:",
                                        "password ",
                                        "pw: ",
                                        "token=",
                                        "secret",
                                        "key",
                                        "api_key=",
                                        "user ",
                                        "user=",
                                        "u ",
                                        "-u ",
                                        "curl -u ",
                                        "docker ",
                                        "a:",
                                        "f(\"",
                                        "<a",
                                        "|a",
                                        "INSERT INTO t (",
                                        "PID|",
                                        "--",
                                        "-----BEGIN ",
                                        "-----BEGIN PRIVATE KEY-----",
                                        "-----END",
                                        "1",
                                        "1 ",
                                        "12",
                                        "1.",
                                        "1.1.",
                                        "1-",
                                        "123-45-6789 ",
                                        "123 ",
                                        "1234 ",
                                        "12345678",
                                        "+1 ",
                                        "+",
                                        "(",
                                        "( ",
                                        ")",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        "\"",
                                        "'",
                                        "`",
                                        ":",
                                        ": ",
                                        ";",
                                        ",",
                                        "=",
                                        "==",
                                        "&",
                                        "%",
                                        "%41",
                                        "\\",
                                        "\\u0041",
                                        "&#65;",
                                        "/",
                                        "?",
                                        "#",
                                        "$",
                                        "*",
                                        "~",
                                        "_",
                                        "__",
                                        "-",
                                        "- ",
                                        " ",
                                        "  ",
                                        "\n",
                                        "\n\n",
                                        "\t",
                                        "|",
                                        "<",
                                        ">",
                                        "<a>",
                                        "a",
                                        "A",
                                        "aa",
                                        "Aa",
                                        "AB",
                                        "Ab ",
                                        "a ",
                                        "I ",
                                        "John ",
                                        "John Smith ",
                                        "Anna ",
                                        "Mr. ",
                                        "Dr ",
                                        "de ",
                                        "von ",
                                        "van der ",
                                        "street",
                                        "12 Main Street ",
                                        "Street ",
                                        "Bahnhofstrasse ",
                                        "rue ",
                                        "Apt ",
                                        "27601 ",
                                        "NC ",
                                        "Raleigh ",
                                        "Raleigh, ",
                                        "May ",
                                        "May 3 ",
                                        "3 May ",
                                        "2020-01-01",
                                        "2020",
                                        "born ",
                                        "born on ",
                                        "Monday ",
                                        "card ",
                                        "card: ",
                                        "4111",
                                        "4111 1111 1111 1111 ",
                                        "iban ",
                                        "DE89",
                                        "DE89 3704 ",
                                        "ssn ",
                                        "SSN: ",
                                        "MRN: ",
                                        "routing ",
                                        "account ",
                                        "patient ",
                                        "diagnosis ",
                                        "eyJ",
                                        "eyJhbGciOiJIUzI1NiJ9.",
                                        "sk-",
                                        "AKIA",
                                        "ghp_",
                                        "xox",
                                        "QUJD",
                                        "QUJDREVG",
                                        "==",
                                        "bearer ",
                                        "Bearer ",
                                        "basic ",
                                        "is ",
                                        "its ",
                                        "to ",
                                        "the ",
                                        "and ",
                                        "& ",
                                        "at ",
                                        "dot ",
                                        "server=",
                                        "Server=a;",
                                        "host=",
                                        "data ",
                                        "uid=",
                                        "database=",
                                        "a:b:",
                                        "ab:cd:",
                                        "00-",
                                        "00:",
                                        "fe80::",
                                        "::",
                                        "5eedf00d-",
                                        "0x",
                                        "bc1",
                                        "3",
                                        "confidential ",
                                        "CONFIDENTIAL",
                                        "(C)",
                                        "name: ",
                                        "name,",
                                        "name\t",
                                        "password,",
                                        "\"a\":",
                                        "{\"a\":",
                                        "[[",
                                        "x",
                                        "ext",
                                        "ext. ",
                                        "x1",
                                        "\xC3\xA9",
                                        "\xE2\x80\x8B",
                                        "\xEF\xBC\x91",
                                        "\xE8\xBA\xAB",
                                        "\xE8\xBA\xAB\xE4\xBB\xBD\xE8\xAF\x81",
                                        "\xD0\xB0",
                                        "0",
                                        "0 ",
                                        "9",
                                        "-33.5059,",
                                        "-33.5059, -96.9",
                                        "string ",
                                        "string x = ",
                                        "= \"",
                                        "\" == ",
                                        "\"x\" == password",
                                        "publickey for ",
                                        "identified by ",
                                        "value=",
                                        ".assign(",
                                        "${",
                                        "{{",
                                        "<%",
                                        "***",
                                        "...",
                                        "\xE2\x80\xA6",
                                        "localhost",
                                        "internal.",
                                        "corp.",
                                        "a-b.",
                                        "a_b",
                                        "aB",
                                        "aBc",
                                        "dbPassword",
                                        "Url",
                                        "E.",
                                        "J. ",
                                        "O'",
                                        "'s ",
                                        "Corp ",
                                        "Inc. ",
                                        "SG.",
                                        "sq0atp-",
                                        "xoxb-1-",
                                        "DE89 3704 0044 ",
                                        "4.1e15 ",
                                        "00-0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
                                        "1 2 3 4 5 6 7 8 9 ",
                                        "(C)",
                                        "Passwort: "};

static const char prose[] =
    "Every request that could go to a cloud engine is scanned before an engine is "
    "chosen, "
    "all of its bytes. What is found decides: it may go as it is, it may go with tags in "
    "the place of values, it must stay, or nobody may answer it. The text is read in "
    "windows, so that the memory of a scan is bounded whatever its size; a value on the "
    "edge of one lies whole in the next.\n";

static struct scanner *scanner;

/* The piece again and again, whole. */
static size_t fill(char *text, size_t room, const char *piece)
{
    size_t n = strlen(piece), at = 0;
    for (; at + n <= room; at += n)
        memcpy(text + at, piece, n);
    return at;
}

static double steps_per_byte(const char *text, size_t n)
{
    struct span_list l = {0};
    struct err err = {0};
    steps = 0;
    int rc = guard_scan_text(scanner, (struct str){text, n}, &l, &err);
    double ret = (double)steps / (double)n;
    if (rc)
        print_error("%.60s: %s\n", text, err.code);
    span_list_release(&l);
    assert_int_equal(rc, 0);
    return ret;
}

static double cost_of(const char *piece, size_t room)
{
    char *text = mem_alloc(room);
    assert_non_null(text);
    double ret = steps_per_byte(text, fill(text, room, piece));
    mem_free(text);
    return ret;
}

static void check(const char *piece, double base)
{
    double cost = cost_of(piece, TEXT);
    if (cost > LIMIT * base)
        print_error("%.1f times the steps of prose: %s\n", cost / base, piece);
    assert_true(cost <= LIMIT * base);
}

static void every_mark_alone_is_cheap(void **state)
{
    (void)state;
    double base = cost_of(prose, TEXT);
    for (size_t i = 0; i < ARRAY_LEN(fragments); i++)
        check(fragments[i], base);
}

static uint64_t seed = 88172645463325252u;

static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 11) % n;
}

/* Up to four marks, one time in six many times over. */
static void draw(char piece[PIECE])
{
    size_t at = 0;
    for (unsigned k = 1 + below(4); k > 0; k--) {
        const char *f = fragments[below(ARRAY_LEN(fragments))];
        unsigned times = below(6) ? 1 : 1 + below(60);
        for (; times > 0 && at + strlen(f) < PIECE; times--)
            at += (size_t)sprintf(piece + at, "%s", f);
    }
}

static void marks_drawn_together_are_cheap(void **state)
{
    (void)state;
    double base = cost_of(prose, TEXT);
    char piece[PIECE] = "";
    for (int i = 0; i < RANDOM; i++) {
        draw(piece);
        check(piece, base);
    }
}

/* What is read ahead has an end: a longer text costs no more for each byte. */
static void the_cost_of_a_byte_does_not_grow(void **state)
{
    (void)state;
    static const char *const pieces[] = {"http://", "password=",
                                         "data ",   "user=",
                                         "server=", "-----BEGIN PRIVATE KEY-----",
                                         "a.b.",    "1 ",
                                         "@",       "eyJhbGciOiJIUzI1NiJ9."};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        double small = cost_of(pieces[i], TEXT), large = cost_of(pieces[i], 60 * 1024);
        if (large > 1.5 * small)
            print_error("%s: %.0f steps a byte, and %.0f\n", pieces[i], small, large);
        assert_true(large <= 1.5 * small);
    }
}

/* A body of many windows, values, names or levels: four times the bytes are about four
 * times the steps. */
static double body_steps(const char *open, const char *piece, const char *close,
                         size_t room)
{
    struct body_scan b = {.watch = NULL};
    struct err err = {0};
    struct buf body;
    buf_init(&body, 8 << 20);
    buf_append(&body, str_of(open));
    while (buf_len(&body) < room)
        buf_append(&body, str_of(piece));
    buf_append(&body, str_of(close));
    steps = 0;
    assert_int_equal(guard_scan_body(scanner, buf_view(&body), &b, &err), 0);
    double ret = (double)steps / (double)buf_len(&body);
    body_scan_release(&b);
    buf_release(&body);
    return ret;
}

static void the_cost_of_a_body_grows_with_its_bytes(void **state)
{
    (void)state;
    enum { SMALL = 64 * 1024 };
    static const struct {
        const char *open, *piece, *close;
    } bodies[] = {
        {"{\"messages\":\"", "http://", "\"}"},
        {"{\"messages\":\"", "a@b.co ", "\"}"},
        {"{\"messages\":\"", "password=", "\"}"},
        {"{\"messages\":[1", ",\"x@y.org\"", "]}"},
        {"{\"messages\":[1", ",{\"password\":\"k\"}", "]}"},
        {"{\"messages\":[1", ",{\"file\":{\"images\":[{\"a\":1}]}}", "]}"},
        {"{\"messages\":\"", "4\\u00011", "\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        const char *open = bodies[i].open, *close = bodies[i].close;
        double small = body_steps(open, bodies[i].piece, close, SMALL);
        double large = body_steps(open, bodies[i].piece, close, 4 * SMALL);
        if (large > 1.25 * small)
            print_error("%s: %.0f steps a byte, and %.0f\n", bodies[i].piece, small,
                        large);
        assert_true(large <= 1.25 * small);
    }
}

/* Whether an object holds media is known when it has been read, once. */
static void levels_of_media_are_read_once(void **state)
{
    (void)state;
    static const struct {
        const char *open, *close;
    } media[] = {{"{\"file\":", "}"}, {"{\"image_url\":", "}"}, {"{\"images\":[", "]}"}};
    enum { LEVELS = 50, SMALL = 64 * 1024 };
    double one = body_steps("{\"a\":[", "\"a b\",", "0]}", SMALL);
    for (size_t i = 0; i < ARRAY_LEN(media); i++) {
        char open[LEVELS * 16] = "", close[LEVELS * 4] = "0]";
        for (int k = 0; k < LEVELS; k++) {
            strcat(open, media[i].open);
            strcat(close, media[i].close);
        }
        strcat(open, "[");
        assert_true(body_steps(open, "\"a b\",", close, SMALL) <= 1.25 * one);
    }
}

/* Reading ahead that is cut short is said: such a text may not leave. */
static void what_is_not_read_to_its_end_is_unsure(void **state)
{
    (void)state;
    struct span_list l = {0};
    struct err err = {0};
    char *text = mem_alloc(60 * 1024);
    size_t n = fill(text, 60 * 1024, "password=");
    assert_int_equal(guard_scan_text(scanner, (struct str){text, n}, &l, &err), 0);
    assert_true(l.is_unsure);
    span_list_release(&l);
    n = fill(text, 60 * 1024, prose);
    assert_int_equal(guard_scan_text(scanner, (struct str){text, n}, &l, &err), 0);
    assert_false(l.is_unsure);
    span_list_release(&l);
    mem_free(text);
}

/* -- bodies ------------------------------------------------------------------------- */

static const char *stop_at_once(void *ctx, uint64_t so_far)
{
    uint64_t *seen = ctx;
    *seen = so_far;
    return "enough";
}

static void a_scan_stops_when_it_is_told_to(void **state)
{
    (void)state;
    uint64_t seen = 0;
    const struct scan_watch watch = {stop_at_once, &seen};
    struct body_scan b = {.watch = &watch};
    struct err err = {0};
    char *body = mem_alloc(1 << 20);
    body[0] = '"';
    size_t n = 1 + fill(body + 1, (1 << 20) - 2, "a b ");
    body[n++] = '"';
    steps = 0;
    assert_int_equal(guard_scan_body(scanner, (struct str){body, n}, &b, &err), -1);
    assert_string_equal(err.code, "enough");
    assert_in_range(seen, 64 * 1024, 1024 * 1024);
    body_scan_release(&b);
    mem_free(body);
}

/* A name is read before each element of its list. */
static void a_long_name_before_many_values_is_bounded(void **state)
{
    (void)state;
    enum { ROOM = 256 * 1024 };
    struct body_scan b = {.watch = NULL};
    struct err err = {0};
    char *body = mem_alloc(ROOM + 64);
    size_t n = (size_t)sprintf(body, "{\"password_%050d\":[\"0\"", 1);
    double base = cost_of(prose, TEXT);
    for (unsigned i = 1; n < ROOM; i++)
        n += (size_t)sprintf(body + n, ",\"%x\"", i);
    n += (size_t)sprintf(body + n, "]}");
    steps = 0;
    assert_int_equal(guard_scan_body(scanner, (struct str){body, n}, &b, &err), 0);
    assert_true((double)steps / (double)n < LIMIT * base);
    assert_true(b.found.is_unsure);
    body_scan_release(&b);
    mem_free(body);
}

static int open_scanner(void **state)
{
    struct err err = {0};
    (void)state;
    scanner = scanner_create(&err);
    return scanner ? 0 : -1;
}

static int close_scanner(void **state)
{
    (void)state;
    scanner_free(scanner);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mark_alone_is_cheap),
        cmocka_unit_test(marks_drawn_together_are_cheap),
        cmocka_unit_test(the_cost_of_a_byte_does_not_grow),
        cmocka_unit_test(the_cost_of_a_body_grows_with_its_bytes),
        cmocka_unit_test(levels_of_media_are_read_once),
        cmocka_unit_test(what_is_not_read_to_its_end_is_unsure),
        cmocka_unit_test(a_scan_stops_when_it_is_told_to),
        cmocka_unit_test(a_long_name_before_many_values_is_bounded),
    };
    return cmocka_run_group_tests_name("scan cost", tests, open_scanner, close_scanner);
}
