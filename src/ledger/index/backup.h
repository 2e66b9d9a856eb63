/* backup.h -- a second copy of the store, made a piece at a time.
 *
 *   state_dir/ledger.backup      the newest whole copy
 *   state_dir/ledger.backup.new  one that is being made
 *
 * With the log segments behind its positions the backup gives the store again, so a
 * segment is deleted only when the backup covers it (replay_prune()).  A copy is begun
 * when the last one is a day old, or when the segments that wait for one are larger than
 * the store itself and 256 MiB; so the backup and the waiting log together take at most
 * about twice the store's size and 256 MiB.  On the writer's thread, between batches. */
#ifndef WEIR_LEDGER_INDEX_BACKUP_H
#define WEIR_LEDGER_INDEX_BACKUP_H

#include "ledger/index/index.h"

enum { BACKUP_PATH = 4096 + 32 };

struct backup {
    const char *state_dir; /* borrowed */
    /* What ledger.backup covers; segment 0: nothing. */
    struct index_position covered[LEDGER_MAX_WORKERS];
    uint64_t made_at_ms; /* wall clock; 0: there is none */
    /* The copy that is being made, and of which index; NULL: none. */
    struct sqlite3_backup *copy;
    sqlite3 *to;
    bool is_wanted; /* make one now, whatever its age */
};

/* Looks at what an earlier life left. */
void backup_init(struct backup *b, const char *state_dir);
/* The index is about to be closed: what was begun is dropped. */
void backup_drop(struct backup *b);

/* Somebody may have removed it: then it covers nothing.  False when that was so. */
bool backup_is_there(struct backup *b);
/* ledger.backup is too old, or too much log waits for a new one. */
bool backup_is_due(const struct backup *b, const char *log_dir, const struct index *ix);
int backup_begin(struct backup *b, struct index *ix, struct err *err);
/* 1: the copy stands; 0: there is more to do; -1: it failed and is dropped. */
int backup_step(struct backup *b, struct index *ix, struct err *err);

const char *backup_path(const char *state_dir, char ret[BACKUP_PATH]); /* ret */
/* Puts a copy of the backup in the store's place.  -1 with "ledger_no_backup" when there
 * is none, or why it could not be done. */
int backup_restore(const char *state_dir, const char *to, struct err *err);

#endif
