/* call_id.h -- inside dialect/: ids of calls for readers that take only letters, digits,
 * `_` and `-` in them (Anthropic).
 *
 * Engines write others ("functions.Bash:0").  What such an id becomes depends on it
 * alone, so it is the same in each turn, and the client sends it back with the call and
 * with its result. */
#ifndef WEIR_DIALECT_CALL_ID_H
#define WEIR_DIALECT_CALL_ID_H

#include "core/buf.h"

bool call_id_is_plain(struct str id); /* and not empty */
/* Appends the id itself, or "call_" and a digest of it. */
void call_id_write(struct str id, struct buf *out);

#endif
