/* gate.h -- how much an engine takes at once, and whether it is well.
 *
 * One gate per engine, shared by all workers, thread safe.  It counts what is in
 * flight against max_inflight, queues up to `queue` requests beyond that (fair
 * between keys: one request per key in turn), and holds the breaker: `open` after
 * BREAKER_FAILURES failures in a row, `half-open` with one probe after a pause that
 * doubles from 1 s to 30 s, `closed` again on success.  Gates outlive reloads of
 * engines whose identity did not change. */
#ifndef WEIR_UPSTREAM_GATE_H
#define WEIR_UPSTREAM_GATE_H

#include "core/err.h"
#include "loop/loop.h"

enum { BREAKER_FAILURES = 5 };

struct gate;
struct gate_limits {
    uint32_t max_inflight; /* 0: no limit */
    uint32_t max_queue;
};

enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN };

struct gate_state {
    uint32_t inflight, queued;
    enum breaker_state breaker;
    uint64_t retry_after_ms; /* when open: until the next probe */
};

struct gate_mailbox;

/* A request's place: embedded by the caller, given back with gate_leave().  The
 * caller zeroes it and sets loop, key_id and granted; the rest is gate.c's and may be
 * written by other threads until gate_leave() has returned. */
struct gate_ticket {
    struct link link;  /* in the queue, or granted and not yet told */
    struct gate *gate; /* NULL when nothing is held */
    struct loop *loop; /* where `granted` is to run */
    uint64_t key_id;   /* for fairness */
    uint64_t round;    /* its turn among the keys */
    struct gate_mailbox *mailbox;
    bool holds_slot, is_queued, is_probe;
    void (*granted)(struct gate_ticket *t);
};

enum gate_answer { GATE_GRANTED, GATE_QUEUED, GATE_FULL, GATE_BROKEN };

struct gate *gate_create(struct gate_limits limits);
struct gate *gate_ref(struct gate *g);
void gate_unref(struct gate *g);
void gate_set_limits(struct gate *g, struct gate_limits limits);

/* GRANTED: go on now.  QUEUED: `granted` is called later on t->loop, never from
 * inside another call (unless gate_leave() came first: then never).  FULL / BROKEN:
 * nothing is held.  A ticket keeps its gate alive.  Both on t->loop's thread. */
enum gate_answer gate_enter(struct gate *g, struct gate_ticket *t, uint64_t now_ms);
/* Gives the slot or the place in the queue back; idempotent. */
void gate_leave(struct gate_ticket *t);
/* The outcome of an attempt, once per granted ticket: opens or closes the breaker. */
void gate_report(struct gate *g, bool is_success, uint64_t now_ms);
struct gate_state gate_look(struct gate *g, uint64_t now_ms);

#endif
