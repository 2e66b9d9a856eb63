/* log.h -- a worker's end of the log, as the rest of this room sees it.
 *
 * The worker appends to `batch` and writes it with one pwrite a turn.  What other
 * threads may look at is atomic: `tip` says up to where the file is whole records. */
#ifndef WEIR_LEDGER_LOG_LOG_H
#define WEIR_LEDGER_LOG_LOG_H

#include "core/buf.h"
#include "ledger/ledger.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    LOG_KEEP_BYTES = 4 << 20,
    LOG_IDLE_BYTES = 256 << 10,
    LOG_RETRY_MS = 250,
    LOG_MOVE_ON = -1
};

/* What all workers and the writer share. */
struct log_shared {
    char *log_dir;
    atomic_bool is_ready;       /* the directory exists and is ours */
    atomic_uint_fast64_t floor; /* ids are above this sequence */
    atomic_uint_fast32_t node;
    /* The writer's bed: workers ring only when it sleeps. */
    atomic_bool is_sleeping;
    bool is_stopping; /* under lock */
    pthread_mutex_t lock;
    pthread_cond_t bell;
};

struct ledger_log {
    struct log_shared *shared;
    uint32_t worker;
    uint32_t segment;                   /* the one open, or the one to create */
    atomic_uint_fast32_t first_segment; /* no lower one may be created */
    int fd;                             /* -1: none */
    uint64_t end;
    struct buf batch;
    uint32_t nbatch;
    bool has_dropped; /* since the last flush */
    bool has_warned;  /* since it could be written */
    uint64_t retry_at_ms, warned_at_ms, warned_lost;
    uint64_t last_sequence;
    char apart[64];           /* what other threads read, on other cache lines */
    atomic_uint_fast64_t tip; /* segment << 32 | end; 0: no file yet */
    atomic_uint_fast64_t records, lost;
    atomic_uint_fast64_t inode; /* of the segment that is open */
    atomic_bool is_writable;
    /* LOG_MOVE_ON: the next segment is ready and this one is to be left.  Else not 0 (an
     * errno): the writer has seen that the segment is gone, or not on the
     * disk; nothing is written until it hands over a new one. */
    atomic_int barred_by;
    atomic_int next_fd; /* -1: none; closed by whoever takes it out */
    atomic_uint_fast32_t next_segment;
};

void log_init(struct ledger_log *log, struct log_shared *shared, uint32_t worker);
void log_release(struct ledger_log *log);
/* Begins the first segment, to learn early whether the disk takes it. */
int log_begin(struct ledger_log *log);

static inline uint32_t log_tip_segment(uint64_t tip)
{
    return (uint32_t)(tip >> 32);
}
static inline uint32_t log_tip_end(uint64_t tip)
{
    return (uint32_t)tip;
}

void log_ring(struct log_shared *s);

#endif
