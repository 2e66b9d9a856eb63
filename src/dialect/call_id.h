/* call_id.h -- inside dialect/: ids of calls for readers that do not take any: Anthropic
 * has letters, digits, `_` and `-` in them, OpenAI at most 64 bytes.
 *
 * Engines and clients write others ("functions.Bash:0").  What such an id becomes depends
 * on it alone, so it is the same in each turn, of a call and of its result. */
#ifndef WEIR_DIALECT_CALL_ID_H
#define WEIR_DIALECT_CALL_ID_H

#include "core/buf.h"

bool call_id_is_plain(struct str id); /* and not empty */
/* Appends the id itself, or, where it is not plain, "call_" and a digest of it. */
void call_id_write(struct str id, struct buf *out);
/* The same where it has more than 64 bytes. */
void call_id_write_short(struct str id, struct buf *out);

#endif
