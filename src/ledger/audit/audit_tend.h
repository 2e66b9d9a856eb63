/* audit_tend.h -- the chain's inside, and the thread that looks after it. */
#ifndef WEIR_LEDGER_AUDIT_AUDIT_TEND_H
#define WEIR_LEDGER_AUDIT_AUDIT_TEND_H

#include "ledger/audit/chain.h"

#include <pthread.h>
#include <stdatomic.h>

enum { AUDIT_TROUBLE = 200 };

struct audit {
    char *state_dir;
    atomic_bool has_key;  /* chain.key may be read without the lock */
    pthread_mutex_t lock; /* over all below but the atomics */
    struct chain chain;
    struct audit_limits limits;
    char trouble[AUDIT_TROUBLE]; /* why nothing may be written to this file; "" */
    uint64_t lost;               /* not yet told in a record */
    bool has_failed;             /* the last write */
    struct buf out, start;       /* start: the START record of now, without its number */
    /* the thread */
    pthread_t syncer;
    pthread_cond_t bell;
    bool is_dirty, is_stopping, has_syncer;
    uint64_t warned_at_ms, pruned_at_ms, retry_at_ms;
    atomic_bool is_writable;
    atomic_uint_fast64_t lost_in_all, sync_failures, gaps;
};

/* With the lock held: */

/* Writes a batch of n records; -1 and counted as lost. */
int audit_write(struct audit *a, struct str batch, uint32_t n, struct err *err);
/* Nothing more is written to this file. */
void audit_distrust(struct audit *a, const char *why);
/* Opens the chain, or fails as audit_create() says. */
int audit_reopen(struct audit *a, struct err *err);

void *audit_tend_main(void *audit);

#endif
