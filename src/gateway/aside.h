/* aside.h -- legs beside the answer: their bytes are for weir, never for the client.
 *
 * A mirror compares, a second opinion and a judge help to decide whether a local answer
 * is good enough (judging.h).
 *
 * A leg aside never delays a client: it borrows a slot while one is free and gives it
 * back when somebody waits for one, holds little, and its failure is nobody's but its
 * own.  The request's row waits for it, up to two minutes, the client does not: when the
 * answer is out, the request lingers in SETTLE until its last leg has ended.  When the
 * client leaves before its answer is whole, its legs aside are cancelled with it.
 *
 * A mirror sends the request a second time, to the model under `mirror: to`, for a share
 * of the sessions that stays the same ones.  What may leave is decided as for the answer:
 * a cloud model gets the bytes that the clearance covers, or the leg is not begun; nor is
 * it when the client asked for the local side, or for a model of it. */
#ifndef WEIR_GATEWAY_ASIDE_H
#define WEIR_GATEWAY_ASIDE_H

#include "gateway/leg.h"

/* The answer's leg is on its way: begins a mirror, if this request is to have one. */
void aside_mirror(struct request *r);

/* Is this request among such a share of the sessions?  By the session where there is one,
 * so that a conversation is in it whole or not. */
bool aside_in_share(const struct request *r, uint64_t ppm);

/* What came of a leg that was asked: the whole answer in weir's form, or p == NULL when
 * there is none.  It lives until this returns, as what the leg cost; the request may be
 * ended in it. */
typedef void aside_then(struct request *r, const struct leg *l, struct str answer);
/* Asks m beside the answer, with r's own draft (own == NULL) or with another, which is
 * the leg's from here on, also when it fails.  `then` is called once, later.  False: it
 * cannot be asked, mostly as it has no slot free, and `then` is not called. */
bool aside_ask(struct request *r, const struct config_model *m, enum leg_purpose purpose,
               struct draft *own, aside_then *then);
/* The same for a pair of a pilot (pairing.h): a mirror of r, or a judge of the two.  Its
 * `then` is called also when r ends it, for whoever keeps count of the money.  Of a
 * mirror that streams it gets the events as they came: l->keeps_events. */
bool aside_ask_for_pair(struct request *r, const struct config_model *m,
                        enum leg_purpose purpose, struct draft *own, aside_then *then);
/* Ends those that were asked, without a call of their `then`. */
void aside_cancel_asked(struct request *r, const char *code);
/* r's answer is out, and it waits for its legs aside: not for ever. */
void aside_linger(struct request *r);
/* Ends all legs aside of r. */
void aside_cancel(struct request *r, const char *code);
/* No time is left: ends those of all requests of this worker. */
void aside_stop(struct worker *w);
/* Turn end: frees those that ended in this turn. */
void aside_free_dead(struct worker *w);

#endif
