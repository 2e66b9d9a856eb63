/* pairing.h -- a request that a pilot compares: its answer, and another side's.
 *
 *     ATTEMPT  the promised leg is on its way; so is a mirror (aside.h), when this
 *              request is in the share, its label lets it go there, and its worst cost
 *              fits into what is left of --max-usd
 *     RELAY    the client gets its answer as ever; a copy of its events is kept
 *     SETTLE   the answer has ended, and so has the mirror: both are compared on the pool
 *              (pilot/compare.h); where that says nothing, a judge is asked in both
 * orders then     the pair is handed over (pilots.h), and the texts are gone
 *
 * The client waits for none of this: its row does, as for any leg aside, up to two
 * minutes.  A request in a pilot costs its client what copying its answer takes.
 *
 * Only the other side is asked: a local model about what a cloud model answered, or a
 * cloud model about what a local one did.  The latter only where the request may leave in
 * clear: one that leaves with values masked is answered about other texts.  Judges are
 * asked, and texts kept for people, only where the request is public by its label, has a
 * clearance and needed no masks. */
#ifndef WEIR_GATEWAY_PAIRING_H
#define WEIR_GATEWAY_PAIRING_H

#include "gateway/request.h"

/* The promised leg of r is on its way: begins a mirror for the pilot, if there is one
 * that wants r. */
void pairing_begin(struct request *r);
/* Is a copy of l's answer wanted? */
static inline bool pairing_wants(const struct leg *l)
{
    return UNLIKELY(l->request->pairing != NULL) && l == &l->request->leg;
}
/* An event of the promised leg's stream, as the client gets it. */
void pairing_event(struct request *r, const struct event *e);
/* Takes *answer, the promised leg's, whole and in weir's form. */
void pairing_take(struct request *r, struct buf *answer);
/* r has been answered, or has failed; its leg is settled. */
void pairing_answered(struct request *r);
/* r is gone. */
void pairing_free(struct request *r);

#endif
