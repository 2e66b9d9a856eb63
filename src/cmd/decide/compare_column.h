/* compare_column.h -- one model that is asked in `weir compare`, on a thread of its own.
 *
 * It asks through the gateway, as any client does.  What it says of itself may be read
 * under `lock` at any time, and without it after compare_column_join(). */
#ifndef WEIR_CMD_DECIDE_COMPARE_COLUMN_H
#define WEIR_CMD_DECIDE_COMPARE_COLUMN_H

#include "bench/figures.h"
#include "bench/run.h"
#include "cmd/decide/asked_gateway.h"
#include "core/mutex.h"
#include "dialect/spoken.h"

#include <pthread.h>
#include <stdatomic.h>

struct prices;

/* What the columns of one command share. */
struct compare_shared {
    struct asked_gateway gateway;
    struct mutex lock; /* over what columns say of themselves */
    atomic_bool is_stopped;
};

struct compare_column {
    struct compare_shared *of;
    struct str model;
    pthread_t thread;
    struct bench_prompt prompt;
    struct usage usage;
    struct bench_figures figures;
    struct buf body, text, thoughts;
    struct arena scratch;
    struct spoken_halves halves;
    char side[16], request[40], failure[600];
    char label[80], masked[80]; /* as the gateway says them; empty: nothing was said */
    int64_t cost_nanousd;       /* -1: unknown */
    int group;                  /* of answers that agree, from 1; 0: not comparable */
    bool is_done, was_answered;
};

/* Makes the request.  system: may be empty; max_tokens: 0 leaves it to the engine.  What
 * it is given is copied, but for `model`.  compare_column_release() afterwards, also when
 * it fails. */
int compare_column_prepare(struct compare_column *c, struct compare_shared *of,
                           struct str model, struct str system, struct str prompt,
                           uint64_t max_tokens, struct err *err);
/* -1: no thread could be started, and there is nothing to join. */
int compare_column_begin(struct compare_column *c, struct err *err);
void compare_column_join(struct compare_column *c);
/* What it cost at list prices of today, into cost_nanousd. */
void compare_column_price(struct compare_column *c, const struct prices *prices);
void compare_column_release(struct compare_column *c);

#endif
