/* escalate.h -- a local answer is looked at before it is given; where it is too weak, a
 * stronger model is asked instead.
 *
 *     ATTEMPT  the local answer comes and is held        (relay.c asks escalate_holds)
 *     JUDGE    it is whole: rules, a second local opinion, a judge (judging.h)
 *       good enough, or undecided in time -> RELAY: it is given
 *       too weak -> ROUTE -> ATTEMPT: a cloud model where the request may leave, else a
 *                   larger local one; the local answer is kept until that one answers
 *       no stronger model answers -> RELAY: the local answer is given after all
 *
 * A stream is held for `hold` from its first content, or for `hold_tokens`; then what
 * there is goes out, and the local answer is final.  From five seconds on its client gets
 * comments, so that it keeps the connection open.
 *
 * Nothing is escalated once content has gone to the client.  A request that must stay is
 * judged too, and may go to a larger local model alone: routing decides that by label and
 * clearance, as for every request. */
#ifndef WEIR_GATEWAY_ESCALATE_H
#define WEIR_GATEWAY_ESCALATE_H

#include "gateway/request.h"

/* How far it is. */
enum escalate_stage {
    ESCALATE_HOLDS,  /* the local answer is on its way */
    ESCALATE_JUDGES, /* it is whole */
    ESCALATE_AWAY,   /* a stronger model is asked */
    ESCALATE_OVER    /* the client is being answered */
};

struct judging;

struct escalation {
    struct request *request;
    enum escalate_stage stage;
    struct loop_timer timer;
    uint64_t open_ms;  /* when the client of a stream gets the next comment */
    uint64_t until_ms; /* when the local answer is final; 0: no content has come */
    uint64_t held_tokens;
    struct engine_collector *collector; /* of a stream: the same answer for the judge */
    struct buf judged;                  /* ... of one that is whole, in weir's form */
    struct buf answer;                  /* what the client gets if it is kept */
    struct str type;                    /* its Content-Type */
    uint64_t counted_bytes;             /* of both, in the budget */
    struct judging *judging;
    struct leg first; /* AWAY: the leg that made it */
    bool has_first, is_short;
    /* What the request was to tell of it, while a stronger model is asked. */
    const struct config_model *model;
    enum role role;
    struct str reasons_json, reason_line;
    bool is_low_quality;
    struct str words; /* what became of it, for the row and x-weir-escalated */
};

/* The promised leg of r is on its way: is its answer to be judged?  It is when it is
 * local, was asked for so, and a stronger model could be asked. */
void escalate_begin(struct request *r);
/* l's answer is held until it is judged. */
static inline bool escalate_holds(const struct leg *l)
{
    const struct escalation *e = l->request->escalation;
    return UNLIKELY(e != NULL) && e->stage == ESCALATE_HOLDS && l == &l->request->leg;
}
/* Nothing of an answer has gone to the client. */
static inline bool escalate_keeps_back(const struct request *r)
{
    return UNLIKELY(r->escalation != NULL) && r->escalation->stage != ESCALATE_OVER;
}
/* A stronger model is asked. */
static inline bool escalate_is_away(const struct request *r)
{
    return UNLIKELY(r->escalation != NULL) && r->escalation->stage == ESCALATE_AWAY;
}
/* An event of a stream that is held, with its encoder: true when it is kept.  False: it
 * comes before any content, or the answer has become too long, and goes the usual way. */
bool escalate_event(struct leg *l, const struct event *e);
/* The local answer is whole: enters JUDGE.  Takes *body, what the client would get, and
 * judged, the same in weir's form (empty: it is too large to be judged). */
void escalate_take(struct leg *l, struct str type, struct buf *body, struct buf *judged);
void judge_enter(struct request *r);
/* So much more is held while it is judged.  False: there is no room for it. */
bool escalate_count(struct request *r, size_t more);
/* Its judging is over. */
void escalate_decide(struct request *r, bool is_good, struct str why);
/* Content goes to the client: nothing is judged any more. */
void escalate_over(struct request *r);
/* Nobody stronger answers: gives the local answer, and true; false: there is none. */
bool escalate_fall_back(struct request *r, const struct err *err);
/* The weak model, for the choice of a stronger one. */
void escalate_query(const struct request *r, struct route_query *q);
/* The discarded leg's record, before that of the promised one. */
void escalate_settle(struct request *r);
/* Stops what is under way and frees what is held; the struct itself is freed by
 * escalate_free(). */
void escalate_release(struct request *r);
void escalate_free(struct request *r);
/* What became of the local answer, or why it was not judged; empty: nothing to say. */
struct str escalate_words(const struct request *r);
/* "x-weir-escalated: ...", when there is something to say. */
void escalate_field(const struct request *r, struct buf *b);

#endif
