/* members.h -- inside engine/: the known members of one JSON object, in one pass. */
#ifndef WEIR_ENGINE_MEMBERS_H
#define WEIR_ENGINE_MEMBERS_H

#include "core/str.h"

/* Fills ret[0..n): raw values of the members so named; p == NULL: not there, or null.
 * False, and nothing is said of them: it is no JSON object from end to end. */
bool members_read(struct str object, const char *const *names, size_t n, struct str *ret);

static inline bool is_json_string(struct str raw)
{
    return raw.n > 1 && raw.p[0] == '"';
}

/* Between the quotes, escapes as written; "" of what is no string. */
static inline struct str string_inside(struct str raw)
{
    return is_json_string(raw) ? str_sub(raw, 1, raw.n - 1) : STR("");
}

/* The elements of a raw array, one after another. */
struct json_cur;
bool elements_begin(struct json_cur *c, struct str raw); /* false: it is none */
bool elements_next(struct json_cur *c, struct str *ret);

#endif
