/* wait.h -- how long a server asks to be left alone, from the head of its answer.
 *
 * In the order of how plain they are: `retry-after-ms` and Azure's
 * `x-ms-retry-after-ms`; `retry-after`, `x-retry-after` and
 * `x-ratelimit-retry-after` in seconds, also with a fraction or a unit, as a span of
 * ISO 8601 (PT30S), or as a date; `ratelimit` (http/ratelimit.h), `x-ratelimit-reset*`,
 * `ratelimit-reset` and `anthropic-ratelimit-*-reset` as a time span ("6m0s", "20ms"), a
 * number of seconds, a moment since 1970 in s or ms, or a date: of those whose
 * `remaining` is 0 the longest, else the shortest.  Dates count from the answer's own
 * Date, for clocks differ. */
#ifndef WEIR_HTTP_WAIT_H
#define WEIR_HTTP_WAIT_H

#include "http/head.h"

/* False when it does not say; never more than a day. */
bool http_wait_ms(const struct http_head *h, uint64_t wall_ms, uint64_t *ret_ms);
/* "1.5s", "6m0s", "20ms", "2 minutes", "PT1M30S", "34": seconds without a unit; false
 * when s is not all of it. */
bool http_span_ms(struct str s, uint64_t *ret_ms);

#endif
