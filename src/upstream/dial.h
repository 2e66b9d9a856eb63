/* dial.h -- inside upstream/: from a name to a connection that is ready for HTTP.
 *
 * Looks the name up (results are kept for 30 s), tries every address in turn, asks the
 * proxy with CONNECT and shakes hands.  `connect_ms` bounds the look-up and then each
 * address anew.  `done` runs once, never inside dial_start(), unless dial_cancel()
 * came first; the dial is gone after either.  On success *err is NULL and the callee
 * owns fd and ssl. */
#ifndef WEIR_UPSTREAM_DIAL_H
#define WEIR_UPSTREAM_DIAL_H

#include "upstream/pool.h"

struct dial;
typedef void dial_fn(void *ctx, int fd, struct ssl_st *ssl, const struct err *err);

struct dial *dial_start(struct origin *o, uint32_t connect_ms, dial_fn *done, void *ctx,
                        struct err *err);
void dial_cancel(struct dial *d); /* NULL is fine */

#endif
