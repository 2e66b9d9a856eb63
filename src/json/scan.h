/* scan.h -- reading JSON in place: one validating pass, no tree, no copies.
 *
 * A cursor walks the bytes and the caller says what it wants to see; the rest is
 * validated and skipped.  RFC 8259 grammar, UTF-8 checked, depth bounded.  Raw values
 * are spans of the client's own bytes, so they can be passed on untouched.
 *
 *     struct json_cur c;
 *     json_begin(&c, body);
 *     if (json_enter_object(&c))
 *         while (json_next_member(&c, &key))
 *             if (str_eqz(key.raw, "model")) json_read_string(&c, &model);
 *             else json_skip(&c, &raw);
 *     json_finish(&c, err);
 *
 * Errors stick: after one, every call returns false, and json_finish() reports where
 * (byte offset) and what.  Each member and element must be read or skipped before
 * the next is asked for. */
#ifndef WEIR_JSON_SCAN_H
#define WEIR_JSON_SCAN_H

#include "core/arena.h"
#include "core/err.h"

enum { JSON_MAX_DEPTH = 128 };

enum json_type {
    JSON_NONE, /* error or end */
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

struct json_noting;
struct json_ends;
struct json_cur {
    const char *start, *p, *end;
    const char *problem; /* static text, or NULL */
    const char *problem_at;
    struct json_noting *noting;   /* NULL but in a first reading (ends.h) */
    const struct json_ends *ends; /* what one has found, or NULL */
    uint32_t at_end;              /* the next of it */
    unsigned depth;
    bool first[JSON_MAX_DEPTH]; /* no comma yet at that depth */
};

struct json_string {
    struct str raw; /* between the quotes, escapes as written */
    bool has_escapes;
};

void json_begin(struct json_cur *c, struct str text);
/* What the next value starts like; JSON_NONE sets no problem by itself. */
enum json_type json_peek(struct json_cur *c);
bool json_enter_object(struct json_cur *c);
/* Next member: key read, the cursor at its value.  false at '}' (which is stepped
 * over) or on error. */
bool json_next_member(struct json_cur *c, struct json_string *ret_key);
bool json_enter_array(struct json_cur *c);
/* Entered, if it is one; any other value is skipped, and the answer is false. */
bool json_object_or_skip(struct json_cur *c);
bool json_array_or_skip(struct json_cur *c);
bool json_next_element(struct json_cur *c);
bool json_read_string(struct json_cur *c, struct json_string *ret);
bool json_read_i64(struct json_cur *c, int64_t *ret); /* an integer in range */
bool json_read_bool(struct json_cur *c, bool *ret);
/* Any value, validated; ret_raw (may be NULL) is its span without blanks around. */
bool json_skip(struct json_cur *c, struct str *ret_raw);
/* Offset of the cursor from the start of the text. */
size_t json_offset(const struct json_cur *c);
bool json_ok(const struct json_cur *c);
/* The text must end here.  0, or -1 with ERR_BAD_REQUEST "invalid_json" naming the
 * byte. */
int json_finish(struct json_cur *c, struct err *err);
/* Stops the walk with a problem of the caller's at the cursor. */
void json_fail(struct json_cur *c, const char *static_problem);

/* An integer within int64, however it is written: 100, 100.0, 1e2.  One that is not
 * written as an integer must be exact as a double, as many readers take it. */
bool json_to_i64(struct str number, int64_t *ret);
/* A valid number as sign and digits, in `room`; p == NULL: it is no integer or longer. */
struct str json_plain_integer(struct str number, char *room, size_t cap);
bool json_is_plain_integer(struct str number); /* no point, no exponent */

/* The characters a raw string stands for, in the arena (or raw itself when it has no
 * escapes).  Lone surrogates become U+FFFD.  p == NULL at the ceiling. */
struct str json_unescape(struct arena *a, struct json_string s);
/* Escapes that readers see differently.  Half a surrogate pair: they drop it, replace
 * it, refuse it, or join it with what follows.  A control character but tab and line
 * ends: some end the text there, some show nothing. */
enum { JSON_LONE_SURROGATE = 1, JSON_CONTROL = 2 };
unsigned json_odd_escapes(struct json_string s); /* bits of the above */
/* *p stands at the backslash of a valid escape: puts the bytes that it means, at most
 * four, steps over it (over both halves of a pair), and returns how many they are. */
unsigned json_take_escape(const char **p, const char *end, char out[4]);
bool json_escaped_is(struct json_string s, struct str plain);
/* True when the raw string stands for exactly `plain`. */
static inline bool json_string_is(struct json_string s, const char *plain)
{
    struct str want = str_of(plain);
    return LIKELY(!s.has_escapes) ? str_eq(s.raw, want) : json_escaped_is(s, want);
}
/* A raw value that asks for nothing: null, false, "", [], {}, or p == NULL. */
bool json_is_empty(struct str raw);
/* Shortcut: the raw value of one top-level member of an object (of the last, as most
 * parsers take it, when the key is there twice), or p == NULL when the text is invalid
 * or has none. */
struct str json_get(struct str text, const char *key);
/* Like json_get for a path of keys ending in NULL: json_path(t, "usage", "x", NULL). */
struct str json_path(struct str text, ...);

#endif
