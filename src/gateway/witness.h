/* witness.h -- what the audit chain is told, and when.
 *
 * Every leg to a cloud engine has its record in the chain before its first byte
 * leaves; a labelled request that stays is recorded too, and so is one that is refused
 * because of its label or of what the scan found.  When a record cannot be written,
 * nothing goes to the cloud; local engines answer on. */
#ifndef WEIR_GATEWAY_WITNESS_H
#define WEIR_GATEWAY_WITNESS_H

#include "gateway/request.h"

/* This leg is about to be sent; the record waits for the turn's flush. */
void witness_leg(struct leg *l);
/* The leg ends, whatever became of it, while l->exchange is still there if there was
 * one: when the chain said that it leaves and nothing can have left, the chain says that
 * too. */
void witness_leg_over(struct leg *l);
/* Refused for this reason; recorded when the label had a part in it. */
void witness_refusal(struct request *r, const struct err *err);
/* Weir begins, or goes on under another configuration: what follows was decided under
 * these digests.  On the main thread. */
void witness_start(struct audit *a, const struct setup *s);
/* A person lowers a session's label; in the chain when this returns 0. */
int witness_lowering(struct worker *w, uint64_t session, struct str why, struct err *err);
/* ... says of a value that it was nothing; value: its name. */
int witness_allowing(struct worker *w, uint64_t value, struct str why, struct err *err);
/* The operator pauses the cloud, or opens it again, on the pool; s: whoever asked for it
 * runs under it.  False: it is not in the chain. */
bool witness_cloud(struct audit *a, const struct setup *s, bool is_pause, struct str why);
/* The operator stops an engine that weir runs, or starts it, on the pool.  False: it is
 * not in the chain. */
bool witness_engine(struct audit *a, const struct setup *s, struct str engine,
                    bool is_start, struct str why);
/* Weir died while this was at a cloud engine. */
void witness_interrupted(struct audit *a, const struct ledger_interrupted *x);
/* Rows of the ledger are about to be deleted; any thread.  False: it is not in the chain.
 */
bool witness_deletion(struct audit *a, struct str what, uint64_t rows, struct str why);
/* Before attempts are launched: false when a record of this turn is not in the chain. */
bool witness_flush(struct worker *w);
/* At the very end of the turn: what was recorded since. */
void witness_flush_rest(struct worker *w);

#endif
