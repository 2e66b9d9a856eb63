/* events_kept.h -- the data of an answer's events, as they came: to be joined into one
 * answer later, on a thread that no client waits for.
 *
 * Joining them at once would parse each of them once more on the loop, which takes ten
 * times as long as passing them on. */
#ifndef WEIR_GATEWAY_EVENTS_KEPT_H
#define WEIR_GATEWAY_EVENTS_KEPT_H

#include "engine/engine.h"

/* One more; out->failed: there is no room. */
static inline void events_keep(struct buf *out, const struct event *e)
{
    uint32_t n = (uint32_t)e->data.n;
    if (n == 0)
        return;
    buf_append(out, (struct str){(const char *)&n, sizeof n});
    buf_append(out, e->data);
}

/* Appends the whole answer of a chat in weir's form.  -1: it is none, is larger than
 * max_bytes, or there is no memory. */
int events_join(struct str kept, size_t max_bytes, struct buf *out, struct err *err);

#endif
