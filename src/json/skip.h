/* skip.h -- inside json/: stepping over one token or value, from pointer to pointer.
 *
 * Each takes the cursor for its end and its problem and a position, and returns the
 * position after what it promises, or NULL with the problem set. */
#ifndef WEIR_JSON_SKIP_H
#define WEIR_JSON_SKIP_H

#include "json/scan.h"

#define JSON_TOO_DEEP "nested deeper than 128"

/* Sets the problem, once; returns NULL so that `return json_bad(...)` reads well. */
const char *json_bad(struct json_cur *c, const char *at, const char *static_problem);

/* p stands just after the opening quote; the result just after the closing one. */
const char *json_skip_string(struct json_cur *c, const char *p, bool *ret_escapes);
const char *json_skip_number(struct json_cur *c, const char *p);
/* `word` is true, false or null, and p stands at its first letter. */
const char *json_skip_word(struct json_cur *c, const char *p, struct str word);
const char *json_skip_value(struct json_cur *c, const char *p);

static inline const char *json_skip_blanks(const char *p, const char *end)
{
    /* Nearly always there is none: one comparison then ends it. */
    while (p < end && (unsigned char)*p <= ' ' &&
           (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

static inline bool json_at(const struct json_cur *c, const char *p, char ch)
{
    return p < c->end && *p == ch;
}

#endif
