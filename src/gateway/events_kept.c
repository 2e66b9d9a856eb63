/* events_kept.c -- see events_kept.h. */
#include "gateway/events_kept.h"

#include <string.h>

static bool next(struct str *rest, struct event *ret)
{
    uint32_t n;
    if (rest->n < sizeof n)
        return false;
    memcpy(&n, rest->p, sizeof n);
    *ret = (struct event){.kind = EVENT_DELTA,
                          .data = str_sub(*rest, sizeof n, sizeof n + n)};
    *rest = str_sub(*rest, sizeof n + n, rest->n);
    return true;
}

int events_join(struct str kept, size_t max_bytes, struct buf *out, struct err *err)
{
    struct engine_collector *k = engine_collector_create(SURFACE_CHAT, max_bytes);
    const struct usage unknown = {.is_known = false};
    struct event e;
    int rc = k ? 0 : err_nomem(err);
    while (rc == 0 && next(&kept, &e))
        rc = engine_collect(k, &e, err);
    if (rc == 0)
        rc = engine_collector_finish(k, &unknown, out, err);
    engine_collector_free(k);
    return rc;
}
