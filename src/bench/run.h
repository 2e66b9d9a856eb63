/* run.h -- a load is put on one target, and every request leaves a trace.
 *
 * Requests are encoded before the run begins, so that nothing but the transport happens
 * between a start and its bytes.  What a socket brings is stamped and kept when it is
 * read; it is decoded at the end of the loop's turn, when every socket that was ready has
 * its stamp, and then the next requests begin.  So neither weir's parsing nor that of
 * another stream is in a figure.
 *
 * A trace is handed on when its request has ended, and is gone afterwards: what a run
 * holds are the requests that are open.
 *
 * One thread, one loop, one pool of connections.  A request that fails is not sent
 * again. */
#ifndef WEIR_BENCH_RUN_H
#define WEIR_BENCH_RUN_H

#include "bench/load.h"
#include "bench/trace.h"
#include "config/kinds.h"
#include "http/head.h"
#include "http/message.h"
#include "upstream/endpoint.h"

/* One prompt, ready to be sent. */
struct bench_prompt {
    struct http_message message; /* its pieces are borrowed: they outlive the run */
    uint32_t workload;           /* its index in the workload, for the trace */
    int mark_piece;              /* the piece with BENCH_MARK (workload.h); -1: none */
    size_t mark_at;              /* where its digits stand in that piece */
    int64_t worst_nanousd;       /* what it costs at most; 0: nothing */
};
void bench_prompt_init(struct bench_prompt *p, const struct http_message *m,
                       uint32_t workload);

/* Who wants to know, while it happens; on the run's thread.  Each may be NULL. */
struct bench_ears {
    void (*begun)(void *ctx); /* the warm-ups are over, and the load begins */
    void (*head)(void *ctx, const struct http_head *head);
    void (*event)(void *ctx, const struct event *e);
    void (*failed)(void *ctx, const struct err *err);
    /* A request has ended, warm-ups and cancelled ones too; its trace is only borrowed.
     * Called at the end of a turn.  -1 (err set) ends the run. */
    int (*ended)(void *ctx, const struct bench_trace *t, struct err *err);
    void *ctx;
};

struct bench_ask {
    const struct endpoint *endpoint;
    enum engine_speech speaks;
    const struct bench_prompt *prompts; /* asked in turn, from the first */
    size_t nprompts;
    struct bench_load load;
    /* Another gateway stands between: an error of 500 and above may stand for an answer
     * that was begun, and paid. */
    bool is_relayed;
    uint32_t warmups; /* one after the other before the load; in no figure.  The first of
                       * them is the cold one */
    /* No request begins that could bring what the run has cost above this, whatever
     * those that are open will cost; -1: there is no limit. */
    int64_t max_nanousd;
    /* What an answer cost, by its usage; -1: that is not known, and the worst is counted.
     * NULL: nothing costs anything. */
    int64_t (*cost)(const void *ctx, const struct usage *u);
    const void *cost_ctx;
    const struct bench_ears *ears; /* NULL: nobody */
    /* Called some ten times a second and at the end; true stops the run: what is open is
     * cancelled, and what is done is kept.  May be NULL. */
    bool (*progress)(void *ctx, uint32_t done, uint32_t of, uint64_t elapsed_us);
    void *ctx;
};

struct bench_result {
    int64_t began_us, ended_us; /* of the load, without warm-ups */
    uint32_t peak;              /* requests open at once, at most */
    /* What became of the load's time: weir's thread was at work, or had work and waited
     * for a core, or waited for the engine (the rest).  Microseconds; kept_us is
     * BENCH_UNTOLD where the system does not count it. */
    uint64_t busy_us, kept_us;
    uint64_t events;      /* decoded, of all requests */
    int64_t cost_nanousd; /* of all requests, warm-ups and failures too */
    bool is_stopped;      /* by `progress` */
    bool is_over_budget;  /* requests were left out that it would not have covered */
};
#define BENCH_UNTOLD UINT64_MAX

/* -1: no memory, no loop, or `ended` said so; failures of requests are in their traces.
 * *ret is filled in also then. */
int bench_run(const struct bench_ask *ask, struct bench_result *ret, struct err *err);

#endif
