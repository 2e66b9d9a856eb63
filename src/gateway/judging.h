/* judging.h -- JUDGE: from a whole local answer to a decision, cheapest first.
 *
 *     the answer's own rules and what the router thought of the prompt   (judge/)
 *     a second local opinion, where final answers can be compared        (a leg aside)
 *     a judge model                                                      (a leg aside)
 *
 * Opinions are asked wherever final answers can be compared and the rules have found
 * nothing that is sure, as `weir eval escalate` reckons; a judge only while the score is
 * below the threshold.  One that cannot be asked, fails or is late keeps the local
 * answer, unless the rules alone are sure.  A judge in the cloud is asked only for a
 * request that may leave itself, and what it is shown is scanned and masked anew, on the
 * pool. */
#ifndef WEIR_GATEWAY_JUDGING_H
#define WEIR_GATEWAY_JUDGING_H

#include "gateway/request.h"

/* Judges `answer`, one object in weir's form, which lives until r's escalation ends;
 * escalate_decide() is called once, now or later. */
void judging_begin(struct request *r, struct str answer);
/* No more time: decides with what there is. */
void judging_hurry(struct request *r);
/* What is on the pool is left to it. */
void judging_free(struct request *r);

#endif
