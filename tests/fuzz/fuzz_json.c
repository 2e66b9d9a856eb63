/* fuzz_json.c -- the scanner against jansson on any bytes: the same texts are legal, a
 * walk with the cursor agrees with a skip, strings stand for the same characters, and
 * what the writer writes is read back. */
#include "jansson_oracle.h"
#include "json/write.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* A written string reads back as what it was, when that was UTF-8. */
static void check_writer(struct str text, bool is_utf8)
{
    struct buf b;
    struct arena a;
    struct json_cur c;
    struct json_string s = {{NULL, 0}, false};
    buf_init(&b, (size_t)1 << 24);
    arena_init(&a, (size_t)1 << 24);
    json_write_string(&b, text);
    json_begin(&c, buf_view(&b));
    require(json_read_string(&c, &s) && json_finish(&c, NULL) == 0);
    require(!is_utf8 || str_eq(json_unescape(&a, s), text));
    arena_reset(&a);
    buf_release(&b);
}

static void check_string(struct json_string s)
{
    struct arena a;
    json_error_t e;
    arena_init(&a, (size_t)1 << 24);
    struct str meaning = json_unescape(&a, s);
    require(meaning.p != NULL);
    json_t *theirs = oracle_load((struct str){s.raw.p - 1, s.raw.n + 2}, &e);
    if (theirs) { /* else a lone surrogate */
        struct str want = {json_string_value(theirs), json_string_length(theirs)};
        require(str_eq(meaning, want));
        if (!memchr(want.p, '\0', want.n))
            require(json_string_is(s, want.p));
    }
    check_writer(meaning, true);
    json_decref(theirs);
    arena_reset(&a);
}

/* A number that is read as an integer is that one to readers that take doubles, too. */
static void check_number(struct str raw)
{
    int64_t n;
    double d;
    char room[64];
    bool is_whole = json_to_i64(raw, &n);
    if (is_whole && str_to_double(raw, &d))
        require((double)n == d);
    struct str digits = json_plain_integer(raw, room, sizeof room);
    require(!is_whole || json_is_plain_integer(raw) || digits.p != NULL);
    require(!digits.p ||
            (digits.n > 0 && digits.n <= sizeof room && json_is_plain_integer(digits)));
}

/* Enters everything instead of skipping it.  Depth is bounded by the cursor. */
static void walk(struct json_cur *c)
{
    struct json_string s;
    int64_t n;
    switch (json_peek(c)) {
    case JSON_OBJECT:
        json_enter_object(c);
        while (json_next_member(c, &s)) {
            check_string(s);
            walk(c);
        }
        break;
    case JSON_ARRAY:
        json_enter_array(c);
        while (json_next_element(c))
            walk(c);
        break;
    case JSON_STRING:
        if (json_read_string(c, &s))
            check_string(s);
        break;
    case JSON_NUMBER: {
        struct json_cur copy = *c;
        if (json_read_i64(&copy, &n))
            require(n != INT64_MIN);
        struct str raw = {NULL, 0};
        if (json_skip(c, &raw))
            check_number(raw);
        break;
    }
    default:
        json_skip(c, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size}, raw = {NULL, 0};
    struct json_cur skipped, walked;
    require(oracle_dissent(text) == NULL);
    json_begin(&skipped, text);
    json_begin(&walked, text);
    json_skip(&skipped, &raw);
    walk(&walked);
    require(json_finish(&skipped, NULL) == json_finish(&walked, NULL));
    if (json_ok(&skipped))
        require(raw.p >= text.p && raw.n > 0 && raw.p + raw.n <= text.p + text.n);
    check_writer(text, false);
    return 0;
}
