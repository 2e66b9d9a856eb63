/* noted.h -- what the row of a scored request keeps, so that the ledger can teach.
 *
 * Numbers alone: what an adapter may know of the prompt (adapter.h), whose weights scored
 * it, which local models there were, and with which chance its side was chosen.  As text
 * it is hexadecimal digits: nothing in a record may look like another record
 * (ledger/log/record.h). */
#ifndef WEIR_ROUTE_LEARNED_NOTED_H
#define WEIR_ROUTE_LEARNED_NOTED_H

#include "route/learned/adapter.h"

enum {
    NOTED_VERSION = 1,
    NOTED_CHANCE = 10000, /* 1 */
    NOTED_BYTES = 12 + ADAPTER_INPUT_BYTES,
    NOTED_TEXT = 2 * NOTED_BYTES
};

struct noted {
    struct adapter_inputs in;
    uint32_t weights; /* the router's digest; scores of others are no longer comparable */
    uint32_t models;  /* a digest of the local models */
    uint16_t chance;  /* in NOTED_CHANCE: that the side was chosen which was */
    bool goes;        /* by its score, to the cloud */
    bool is_judged;   /* the local answer was looked at before it was given ... */
    bool is_good;     /* ... and held to be good enough */
};

/* NOTED_TEXT digits, no NUL.  Bytes: version, flags (1 goes, 2 judged, 4 good), chance,
 * weights, models, then logit, gap and the figures as in adapter.h; little-endian. */
void noted_put(const struct noted *n, char out[NOTED_TEXT]);
/* False: it is not of this version, or no such text. */
bool noted_get(struct str text, struct noted *ret);

#endif
