/* gate.h -- how much an engine takes at once, and whether it is well.
 *
 * One gate per engine, shared by all workers, thread safe.  It counts what is in
 * flight against max_inflight, queues up to `queue` requests beyond that (fair
 * between keys: one request per key in turn, and a full queue makes room for a key that
 * has less of it than another), and holds the breaker: `open` after
 * BREAKER_FAILURES failures in a row, `half-open` with one probe after a pause that
 * doubles from 1 s to 30 s, `closed` again on success.
 *
 * An engine that answers, and answers with an error, may do so because of what it was
 * asked.  So failures of that sort are remembered with who asked what (gate_blame), and
 * a breaker that only they have opened lets a stranger pass as a probe at once: a request
 * of another shape, or of another session than the one all failures were of.  If it
 * succeeds the breaker closes, if not it is no stranger any more.
 *
 * A slot may be held by a ticket that yields: to everybody else it is as good as free.
 *
 * The gate of an engine that weir runs is held while that is to be stopped, or does not
 * run: nothing passes it, and what becomes of requests that had passed says nothing of
 * the engine.
 *
 * Gates outlive reloads of engines whose identity did not change. */
#ifndef WEIR_UPSTREAM_GATE_H
#define WEIR_UPSTREAM_GATE_H

#include "core/err.h"
#include "loop/loop.h"
#include "upstream/past.h"

enum { BREAKER_FAILURES = 5 };

struct gate;

/* Who asks, and for what kind of thing; digests.  0 and 0: unknown, never a stranger. */
struct gate_who {
    uint64_t session, shape;
};

struct gate_limits {
    uint32_t max_inflight; /* 0: no limit */
    uint32_t max_queue;
};

enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN };

/* Of an engine that weir runs. */
enum gate_hold {
    GATE_RUNS,
    GATE_STOPPED, /* nothing goes to it, nothing waits for it */
    GATE_STARTING /* the same, and soon it will: it died, or was stopped before */
};

struct gate_state {
    uint32_t inflight, queued;
    bool has_slot; /* right now */
    bool
        takes_key; /* a slot, or a place in the queue, for the key that was asked about */
    enum breaker_state breaker;
    enum gate_hold hold;
    uint64_t retry_after_ms; /* when open: until the next probe */
    /* When it does not take the key: how long its queue takes, by how long slots were
     * held of late; 0 when that is not known. */
    uint64_t queue_time_ms;
};

struct gate_mailbox;

/* A request's place: embedded by the caller, given back with gate_leave().  The
 * caller zeroes it and sets loop, key_id, who, granted and refused; the rest is gate.c's
 * and may be written by other threads until gate_leave() has returned. */
struct gate_ticket {
    struct link link;   /* in the queue, or in the mailbox and not yet told */
    struct link held;   /* among those with a slot */
    struct link same;   /* the waiting tickets of its key */
    struct link leader; /* of the first of these */
    struct gate *gate;  /* NULL when nothing is held */
    struct loop *loop;  /* where `granted` or `refused` is to run */
    uint64_t key_id;    /* for fairness */
    struct gate_who who;
    uint64_t round; /* its turn among the keys */
    uint64_t held_from_ms;
    struct gate_mailbox *mailbox;
    uint32_t nsame; /* of the leader: how many wait */
    bool holds_slot, is_queued, is_probe;
    /* Set by the caller: not NULL, and the slot is held only until somebody waits for
     * one.  Such a ticket never waits and is never a probe; it is told once, and gives
     * the slot back. */
    void (*yield)(struct gate_ticket *t);
    bool is_told_to_yield;
    void (*granted)(struct gate_ticket *t);
    /* It lost its place to a key that had less; nothing is held any more. */
    void (*refused)(struct gate_ticket *t);
};

enum gate_answer { GATE_GRANTED, GATE_QUEUED, GATE_FULL, GATE_BROKEN };

struct gate *gate_create(struct gate_limits limits);
struct gate *gate_ref(struct gate *g);
void gate_unref(struct gate *g);
void gate_set_limits(struct gate *g, struct gate_limits limits);

/* For a ticket that yields: GRANTED, or GATE_FULL (nothing is held).
 * GRANTED: go on now.  QUEUED: `granted` or `refused` is called later on t->loop, never
 * from inside another call (unless gate_leave() came first: then never).  FULL / BROKEN:
 * nothing is held.  A ticket keeps its gate alive.  Both on t->loop's thread. */
enum gate_answer gate_enter(struct gate *g, struct gate_ticket *t, uint64_t now_ms);
/* Gives the slot or the place in the queue back; idempotent. */
void gate_leave(struct gate_ticket *t);
/* The outcome of an attempt, once per granted ticket: closes the breaker, or opens it.
 * why is kept for whoever operates weir: in weir's own words, none of an engine's. */
void gate_succeed(struct gate *g, uint64_t now_ms);
void gate_fail(struct gate *g, const char *why, uint64_t now_ms);
/* A failure that the request itself may have caused: the engine did answer. */
void gate_blame(struct gate *g, struct gate_who who, const char *why, uint64_t now_ms);
/* From now on, and why.  What waits is refused, what yields is told to; from
 * GATE_RUNS on the breaker is closed. */
void gate_hold(struct gate *g, enum gate_hold hold, const char *why, uint64_t now_ms);
/* Would the open breaker let this one pass, as a probe? */
bool gate_knows_not(struct gate *g, struct gate_who who);
struct gate_state gate_look(struct gate *g, uint64_t key_id, uint64_t now_ms);
/* What the breaker did since since_ms (since 1970), newest first; how many. */
size_t gate_past(struct gate *g, uint64_t now_ms, uint64_t since_ms,
                 struct past_change ret[PAST_CHANGES]);

#endif
