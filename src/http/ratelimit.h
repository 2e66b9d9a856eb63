/* ratelimit.h -- the RateLimit field; inside this folder only.
 *
 * draft-ietf-httpapi-ratelimit-headers: since its version 08 a list of limits, each with
 * what remains of it and the seconds until there is more: "default";r=0;t=30, "day";r=9.
 * Version 07 had one limit, as a dictionary: limit=100, remaining=0, reset=30. */
#ifndef WEIR_HTTP_RATELIMIT_H
#define WEIR_HTTP_RATELIMIT_H

#include "core/str.h"

struct ratelimit {
    bool has_reset, is_used_up; /* nothing remains */
    double reset_s;
};

/* The next limit off the front of *rest; false when there is no more.  What is none is
 * passed over. */
bool ratelimit_next(struct str *rest, struct ratelimit *ret);

#endif
