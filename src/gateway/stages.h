/* stages.h -- the way of an answer's events, in one place:
 *
 *     the engine's bytes -> decode -> restore -> sink
 *
 * decode   bytes to events                                     engine/engine.h
 * restore  tags to values; only where the engine knows tags     mask/restore.h
 * sink     encode for a client that streams, collect for one that does not, or what a
 *          leg aside keeps                                      relay_stream.c, aside.c
 *
 * Every stage takes one event and hands on none, one or several to the next: a function
 * of the type event_sink (dialect/event.h), that returns -1 to stop them all.  What
 * is to stand between two of them is put here. */
#ifndef WEIR_GATEWAY_STAGES_H
#define WEIR_GATEWAY_STAGES_H

#include "gateway/leg.h"

/* Answers of the cloud in a session with a vault; embeddings have no text. */
bool stages_restores(const struct leg *l);
/* An answer that comes whole is put into another form: the engine or the client has one
 * of its own. */
bool stages_translates(const struct leg *l);
/* The restorer, where one is needed: also for answers that come whole.  False: no memory.
 */
bool stages_begin_restoring(struct leg *l);
/* The decoder, and where the events end; ctx of the sink is the leg.  False: no memory.
 */
bool stages_begin(struct leg *l, event_sink *sink);
/* Bytes of the answer; is_end: there are no more, and what the stages still hold comes.
 * -1: a stage has stopped; *err says why, or the sink knows. */
int stages_feed(struct leg *l, struct str piece, bool is_end, struct err *err);
/* The answer breaks off: what waits for the rest of a tag was said all the same. */
void stages_flush(struct leg *l);
/* Frees the stages; r's counts of tags are brought up to date. */
void stages_release(struct leg *l);

#endif
