/* writer.h -- the ledger's thread. */
#ifndef WEIR_LEDGER_WRITER_H
#define WEIR_LEDGER_WRITER_H

#include "ledger/erasing.h"
#include "ledger/index/backup.h"
#include "ledger/index/store.h"
#include "ledger/log/log.h"
#include "ledger/replay.h"

struct ledger {
    char *state_dir;
    struct log_shared shared;
    struct ledger_log *logs;
    uint32_t nlogs;
    int lock_fd; /* -1: the directory could not be made ours yet */
    struct ingest ingest;
    struct access access;
    pthread_t thread;
    bool has_thread;
    /* The thread's own. */
    uint64_t second_at_ms; /* of the last once-a-second work */
    uint64_t warned_at_ms; /* about the index */
    struct backup backup;
    struct ledger_interrupted *interrupted; /* until ledger_tell_interrupted() */
    size_t ninterrupted;
    uint32_t purge[LEDGER_MAX_WORKERS]; /* segments below it go, also the newest */
    bool is_cleaning; /* of deleted rows: purge says which segments go */
    struct erasing erasing;
    atomic_uint_fast64_t keep_ms;     /* 0: rows stay for ever */
    atomic_uint_fast64_t keep_due_ms; /* when rows past it are looked for; 0: not set */
    _Atomic(ledger_erase_fn *) on_erase;
    void *on_erase_ctx;
    ledger_session_fn *on_session; /* set before on_erase; NULL: none */
    void *on_session_ctx;
    struct store_check check;
    uint64_t checked_at_ms, backup_retry_at_ms; /* checked_at_ms 0: not yet */
    bool is_checked;                            /* good, since the index was opened */
    char damage[STORE_WHY];                     /* of the store that is open; "" */
    uint64_t synced[LEDGER_MAX_WORKERS];        /* tips */
    uint32_t unsynced[LEDGER_MAX_WORKERS]; /* segments up to it may not be on the disk */
    uint32_t handed[LEDGER_MAX_WORKERS];   /* the newest segment handed to the worker */
    uint64_t warned_files_at_ms, warned_sync_at_ms;
    bool is_displaced;                   /* another weir has the state_dir */
    uint32_t pruned[LEDGER_MAX_WORKERS]; /* the position's segment at the last prune */
    atomic_uint_fast64_t rows_indexed, sync_failures, files_lost;
};

/* Takes the lock, replays, publishes where logs begin.  Called again each second until
 * it succeeds; -1 with "ledger_locked" or what the disk says. */
int ledger_prepare(struct ledger *l, unsigned wait_ms, struct err *err);
/* Closes the index, and what works on it. */
void ledger_drop_index(struct ledger *l);
/* It could not be used: said once a minute; what is damaged is replaced at the next try.
 */
void ledger_index_failed(struct ledger *l, const struct err *why);
int writer_start(struct ledger *l, struct err *err);
void writer_stop(struct ledger *l); /* after it has caught up */

#endif
