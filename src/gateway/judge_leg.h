/* judge_leg.h -- a judge is asked something about a request: a request of weir's own,
 * beside it (aside.h), with a body and a clearance of its own.
 *
 * A local judge is asked as it is.  What a cloud judge would be shown is scanned anew, on
 * the pool, and masked where the guard says so; without a clearance nothing is sent.  The
 * tags that leave are nobody's: what comes back is a verdict. */
#ifndef WEIR_GATEWAY_JUDGE_LEG_H
#define WEIR_GATEWAY_JUDGE_LEG_H

#include "gateway/aside.h"
#include "gateway/request.h"

enum { JUDGE_LEG_TOKENS = 1024 }; /* a judge may write so many */

struct judge_screening; /* on the pool */

struct judge_ask {
    const struct config_model *model;
    const struct draft *of;  /* the request's, or what was kept of it */
    struct str system, user; /* what it is told; system may be empty */
    bool is_for_pair;        /* as aside_ask_for_pair() */
    aside_then *then;        /* also called, without an answer, when it may not leave */
    struct judge_screening **screening; /* NULL again once it is back */
};

/* True: it is on its way, and `then` is called, once, later.  The caller has looked
 * whether r lets a cloud judge be asked at all. */
bool judge_leg_ask(struct request *r, const struct judge_ask *ask);
/* The caller ends: what is on the pool is left to it, and `then` is not called. */
void judge_leg_leave(struct judge_screening **screening);
/* May what r says be shown to a cloud judge?  Where it may leave itself. */
bool judge_leg_may_leave(const struct request *r, const struct draft *of);

#endif
