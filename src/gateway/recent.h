/* recent.h -- the last requests of this run, to be found again when somebody says what an
 * answer was worth.
 *
 * A ring: the oldest makes room.  A request is found by weir's id, or by its client's own
 * id, of which the newest one counts; and only under the key that made it.  Of what was
 * asked there are keyed digests and never a text.  In memory alone: after a restart
 * nothing is known of the requests before.
 *
 * Thread safe; no call holds the lock for more than microseconds. */
#ifndef WEIR_GATEWAY_RECENT_H
#define WEIR_GATEWAY_RECENT_H

#include "gateway/reask.h"
#include "ledger/row.h"
#include "route/learned/noted.h"

enum { RECENT_MOST = 16384 }; /* requests that are remembered */

struct recent;
/* most: 1 to 65,535.  NULL: no memory. */
struct recent *recent_create(uint32_t most);
void recent_free(struct recent *t); /* NULL is fine */

/* A request that begins. */
struct recent_request {
    uint64_t uid;
    uint64_t owner;     /* a digest of its key; 0: weir has no keys */
    uint64_t client_id; /* a digest of the client's own id and its owner; 0: none */
    uint64_t session;   /* 0: it belongs to none */
    struct reask_mark mark;
};

/* How it ended. */
struct recent_answer {
    uint64_t model;     /* a digest of "engine/model", the same in every run; 0: none,
                         or nobody learns from it */
    double score;       /* of the decision which side it goes to; NAN: there was none */
    struct noted noted; /* ... and what it was made of, where has_noted */
    bool has_noted;
    bool is_there; /* somebody got an answer, or the beginning of a stream */
    bool is_local;
};

/* Remembers r.  True: r asks again what the request before it in its session had been
 * answered (reask.h), and nobody has said anything of that answer: *ret says so of that
 * request, once, and *ret_answer is its answer. */
bool recent_add(struct recent *t, const struct recent_request *r, uint64_t now_ms,
                uint64_t wall_ms, struct ledger_feedback *ret,
                struct recent_answer *ret_answer);

/* The request has ended.  What was said of it before that, if anything: whoever learns
 * from it is told now. */
enum feedback recent_end(struct recent *t, uint64_t uid, const struct recent_answer *a,
                         uint64_t now_ms);

/* What became of something that was said. */
enum recent_said {
    RECENT_UNKNOWN, /* no such request of this owner is remembered */
    RECENT_SAME,    /* the same was said last of it */
    RECENT_EARLY,   /* its answer has not ended: recent_end() will tell */
    RECENT_CHANGED, /* something else was said before, and told: it is no second outcome
                     */
    RECENT_SAID     /* *ret_answer is set */
};
/* f->said at f->ts_ms of the request f->uid or, when there is none, of the newest one
 * with this client_id (0: none).  Unless RECENT_UNKNOWN, f->uid is that request's, and
 * f->ts_ms is after what was said of it before: the newest counts. */
enum recent_said recent_say(struct recent *t, uint64_t owner, uint64_t client_id,
                            struct ledger_feedback *f, struct recent_answer *ret_answer);

#endif
