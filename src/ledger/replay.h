/* replay.h -- what happens between two lives of weir, under the lock. */
#ifndef WEIR_LEDGER_REPLAY_H
#define WEIR_LEDGER_REPLAY_H

#include "ledger/ingest.h"

struct replay_report {
    uint64_t interrupted; /* requests settled for a life that ended early */
    uint32_t next_segment[LEDGER_MAX_WORKERS];
};

/* Opens the index into g, reads all logs to their ends, and settles what is open as
 * "interrupted": in the log first, so that the index stays a function of the logs.
 * next_segment is right even when -1 is returned. */
int replay_run(struct ingest *g, const char *state_dir, struct replay_report *ret,
               struct err *err);

/* Deletes segments that are indexed, safely on disk, covered by the backup (its
 * positions), and older than the newest two or below `purge`, a segment number a
 * worker. */
void replay_prune(struct ingest *g, const struct index_position *covered,
                  const uint32_t *purge);
/* No segment below `purge` is left. */
bool replay_is_purged(const char *log_dir, const uint32_t *purge);

#endif
