/* weights.h -- the block of bytes that holds a router's weights.
 *
 * "WEIRROUT", version, sizes, the figures, the table of terms, and a CRC-32C of all that
 * stands before it.  Little-endian, as every machine that weir runs on. */
#ifndef WEIR_ROUTE_LEARNED_WEIGHTS_H
#define WEIR_ROUTE_LEARNED_WEIGHTS_H

#include "core/buf.h"
#include "route/learned/learned.h"

enum { WEIGHTS_VERSION = 1 };

/* Appends the block; `table` is ROUTER_BUCKETS * HEAD_COUNT bytes. */
void weights_write(const struct router_weights *w, const int8_t *table, struct buf *out);

#endif
