/* openai_finish.h -- inside this folder: the finishes of a stream, kept until its end.
 *
 * Only the finish waits; what came with it goes on in its place.  Engines put a finish on
 * a chunk with text, or on every chunk, and go on sending.  One finish a choice is kept:
 * the last, which is the one that a client would have believed. */
#ifndef WEIR_DIALECT_OPENAI_FINISH_H
#define WEIR_DIALECT_OPENAI_FINISH_H

#include "dialect/dialect.h"

/* The members that name a stream, each with its comma. */
void openai_write_names(struct str data, struct buf *out);
/* Ends an event whose "data: " or whose data begins at `from`; its lines become one. */
void openai_end_event(struct buf *out, size_t from);

/* Takes the chunk e, which says no usage any more: what a reader must see now goes to
 * `out`, its finishes are kept.  Out of memory, all of it goes out at once. */
void openai_hold_finish(struct buf *held, const struct event *e, struct buf *out);
/* All that are kept, in the order in which they came. */
void openai_release_finishes(struct buf *held, struct buf *out);

#endif
