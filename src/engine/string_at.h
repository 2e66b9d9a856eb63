/* string_at.h -- inside engine/: a string in the middle of an event that is not read. */
#ifndef WEIR_ENGINE_STRING_AT_H
#define WEIR_ENGINE_STRING_AT_H

#include "json/plain.h"
#include "json/scan.h"

/* The inside of a string that goes on at `in`, its first quote before it; empty when it
 * does not end there or is no valid one.  Plain: of ASCII without escapes. */
static inline struct str string_at(struct str in, bool *ret_is_plain)
{
    struct json_cur c;
    struct json_string s;
    const char *end = in.p + in.n, *stop = json_plain_run(in.p, end);
    *ret_is_plain = stop < end && *stop == '"';
    if (LIKELY(*ret_is_plain))
        return (struct str){in.p, (size_t)(stop - in.p)};
    json_begin(&c, (struct str){in.p - 1, in.n + 1});
    return json_read_string(&c, &s) ? s.raw : (struct str){in.p, 0};
}

#endif
