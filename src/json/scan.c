/* scan.c -- the cursor over JSON text, and the shortcuts built on it.
 *
 * A gateway reads a handful of members of a body and passes the rest on, so there is
 * no tree: the caller walks, and what it does not want is checked and stepped over.
 * Depth counts what the cursor has entered and what skip.c opens below it.
 *
 * Not here: grammar of strings, numbers and values (skip.c), escapes (text.c). */
#include "json/scan.h"

#include "json/ends.h"
#include "json/plain.h"
#include "json/skip.h"

#include <stdarg.h>

void json_begin(struct json_cur *c, struct str text)
{
    const char *p = text.p ? text.p : "";
    c->start = c->p = p;
    c->end = p + text.n;
    c->problem = NULL;
    c->problem_at = NULL;
    c->noting = NULL;
    c->ends = NULL;
    c->depth = 0;
}

bool json_ok(const struct json_cur *c)
{
    return !c->problem;
}

size_t json_offset(const struct json_cur *c)
{
    return (size_t)(c->p - c->start);
}

void json_fail(struct json_cur *c, const char *static_problem)
{
    json_bad(c, c->p, static_problem);
}

/* Moves the cursor to where a helper got, unless it failed. */
static bool move_to(struct json_cur *c, const char *p)
{
    if (!p)
        return false;
    c->p = p;
    return true;
}

enum json_type json_peek(struct json_cur *c)
{
    if (c->problem)
        return JSON_NONE;
    c->p = json_skip_blanks(c->p, c->end);
    if (c->p == c->end)
        return JSON_NONE;
    switch (*c->p) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return *c->p == '-' || (*c->p >= '0' && *c->p <= '9') ? JSON_NUMBER : JSON_NONE;
    }
}

/* True with the cursor at a value of that type, else a sticky problem. */
static bool expect(struct json_cur *c, enum json_type type, const char *problem)
{
    if (json_peek(c) == type)
        return true;
    json_fail(c, problem);
    return false;
}

static bool enter(struct json_cur *c)
{
    if (c->depth >= JSON_MAX_DEPTH) {
        json_fail(c, JSON_TOO_DEEP);
        return false;
    }
    if (UNLIKELY(c->noting != NULL))
        json_note_open(c->noting, c->p, c->depth);
    c->first[c->depth++] = true;
    c->p++;
    return true;
}

bool json_enter_object(struct json_cur *c)
{
    return expect(c, JSON_OBJECT, "an object was expected here") && enter(c);
}

bool json_enter_array(struct json_cur *c)
{
    return expect(c, JSON_ARRAY, "an array was expected here") && enter(c);
}

bool json_object_or_skip(struct json_cur *c)
{
    if (json_peek(c) == JSON_OBJECT)
        return json_enter_object(c);
    json_skip(c, NULL);
    return false;
}

bool json_array_or_skip(struct json_cur *c)
{
    if (json_peek(c) == JSON_ARRAY)
        return json_enter_array(c);
    json_skip(c, NULL);
    return false;
}

/* Steps over the comma before the next member or element; false at the closing
 * bracket (stepped over) or on error. */
static bool next_item(struct json_cur *c, char closer, const char *problem)
{
    if (c->problem || c->depth == 0)
        return false;
    bool is_first = c->first[c->depth - 1];
    c->p = json_skip_blanks(c->p, c->end);
    if (json_at(c, c->p, closer)) {
        c->p++;
        c->depth--;
        if (UNLIKELY(c->noting != NULL))
            json_note_close(c->noting, c->p, c->depth);
        return false;
    }
    c->first[c->depth - 1] = false;
    if (is_first)
        return true;
    if (!json_at(c, c->p, ',')) {
        json_fail(c, problem);
        return false;
    }
    c->p = json_skip_blanks(c->p + 1, c->end);
    return true;
}

/* The cursor stands at the quote. */
static ALWAYS_INLINE bool read_quoted(struct json_cur *c, struct json_string *ret)
{
    const char *text = c->p + 1, *quote = json_short_end(text, c->end);
    if (LIKELY(quote != NULL)) {
        *ret = (struct json_string){{text, (size_t)(quote - text)}, false};
        c->p = quote + 1;
        return true;
    }
    if (!move_to(c, json_skip_string(c, text, &ret->has_escapes)))
        return false;
    ret->raw = (struct str){text, (size_t)(c->p - 1 - text)};
    return true;
}

bool json_next_member(struct json_cur *c, struct json_string *ret_key)
{
    if (!next_item(c, '}', "',' or '}' was expected here"))
        return false;
    if (!json_at(c, c->p, '"')) {
        json_fail(c, "a key was expected here");
        return false;
    }
    if (!read_quoted(c, ret_key))
        return false;
    c->p = json_skip_blanks(c->p, c->end);
    if (!json_at(c, c->p, ':')) {
        json_fail(c, "':' was expected here");
        return false;
    }
    c->p = json_skip_blanks(c->p + 1, c->end);
    return true;
}

/* A comma before the closing bracket is found by whoever reads the element. */
bool json_next_element(struct json_cur *c)
{
    return next_item(c, ']', "',' or ']' was expected here");
}

bool json_read_string(struct json_cur *c, struct json_string *ret)
{
    if (!expect(c, JSON_STRING, "a string was expected here"))
        return false;
    const struct json_end *end = c->ends ? json_known(c, c->p) : NULL;
    if (end) {
        *ret =
            (struct json_string){{c->p + 1, end->to - end->from - 2}, end->has_escapes};
        c->p += end->to - end->from;
        return true;
    }
    const char *at = c->p;
    if (!read_quoted(c, ret))
        return false;
    if (UNLIKELY(c->noting != NULL))
        json_note_string(c->noting, at, c->p, ret->has_escapes);
    return true;
}

bool json_read_i64(struct json_cur *c, int64_t *ret)
{
    static const char problem[] = "an integer was expected here";
    if (!expect(c, JSON_NUMBER, problem))
        return false;
    const char *digits = c->p, *after = json_skip_number(c, digits);
    if (!after)
        return false;
    if (!str_to_i64((struct str){digits, (size_t)(after - digits)}, ret)) {
        json_fail(c, problem);
        return false;
    }
    return move_to(c, after);
}

bool json_read_bool(struct json_cur *c, bool *ret)
{
    *ret = json_peek(c) == JSON_TRUE;
    if (*ret)
        return move_to(c, json_skip_word(c, c->p, STR("true")));
    return expect(c, JSON_FALSE, "true or false was expected here") &&
           move_to(c, json_skip_word(c, c->p, STR("false")));
}

bool json_skip(struct json_cur *c, struct str *ret_raw)
{
    if (c->problem)
        return false;
    const char *value = c->p = json_skip_blanks(c->p, c->end);
    if (!move_to(c, json_skip_value(c, value)))
        return false;
    if (ret_raw)
        *ret_raw = (struct str){value, (size_t)(c->p - value)};
    return true;
}

int json_finish(struct json_cur *c, struct err *err)
{
    if (!c->problem) {
        c->p = json_skip_blanks(c->p, c->end);
        if (c->depth > 0)
            json_fail(c, "the text ends inside a value");
        else if (c->p != c->end)
            json_fail(c, "the text goes on after its value");
    }
    if (!c->problem)
        return 0;
    return err_set(err, ERR_BAD_REQUEST, "invalid_json", "JSON at byte %zu: %s",
                   (size_t)(c->problem_at - c->start), c->problem);
}

struct str json_get(struct str text, const char *key)
{
    struct json_cur c;
    struct json_string name;
    struct str found = {NULL, 0}, raw;
    json_begin(&c, text);
    if (!json_enter_object(&c))
        return found;
    while (json_next_member(&c, &name))
        if (json_skip(&c, &raw) && json_string_is(name, key))
            found = raw;
    return json_finish(&c, NULL) == 0 ? found : (struct str){NULL, 0};
}

struct str json_path(struct str text, ...)
{
    va_list keys;
    va_start(keys, text);
    for (const char *key; text.p && (key = va_arg(keys, const char *));)
        text = json_get(text, key);
    va_end(keys);
    return text;
}

bool json_is_empty(struct str raw)
{
    struct json_cur c;
    struct json_string k;
    if (raw.n == 0 || str_eqz(raw, "null") || str_eqz(raw, "false") ||
        str_eqz(raw, "\"\""))
        return true;
    json_begin(&c, raw);
    if (raw.p[0] == '[')
        return json_enter_array(&c) && !json_next_element(&c);
    return raw.p[0] == '{' && json_enter_object(&c) && !json_next_member(&c, &k);
}
