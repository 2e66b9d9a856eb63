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

/* A request's place: embedded by the caller, given back with gate_leave(). */
struct gate_ticket {
    struct link link;
    struct gate *gate;
    struct loop *loop;       /* where `granted` is to run */
    uint64_t key_id;         /* for fairness */
    bool holds_slot, is_queued, is_probe;
    struct loop_task wake;
    void (*granted)(struct gate_ticket *t);
};

enum gate_answer { GATE_GRANTED, GATE_QUEUED, GATE_FULL, GATE_BROKEN };

struct gate *gate_create(struct gate_limits limits);
struct gate *gate_ref(struct gate *g);
void gate_unref(struct gate *g);
void gate_set_limits(struct gate *g, struct gate_limits limits);

/* GRANTED: go on now.  QUEUED: `granted` is called later on t->loop (unless
 * gate_leave() came first).  FULL / BROKEN: nothing is held. */
enum gate_answer gate_enter(struct gate *g, struct gate_ticket *t, uint64_t now_ms);
/* Gives the slot or the place in the queue back; idempotent. */
void gate_leave(struct gate_ticket *t);
/* The outcome of an attempt, once per granted ticket: opens or closes the breaker. */
void gate_report(struct gate *g, bool is_success, uint64_t now_ms);
struct gate_state gate_look(struct gate *g, uint64_t now_ms);

#endif
