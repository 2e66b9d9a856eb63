/* watch.h -- each second: are the ledger's files still there, and on the disk?
 *
 * A segment that was removed, replaced or cut, or that the disk did not take, is written
 * to no more: its worker's flush fails, so nothing goes to the cloud, until a new segment
 * stands on the disk and is handed over.  Nobody needs to restart weir.  On the writer's
 * thread. */
#ifndef WEIR_LEDGER_WATCH_H
#define WEIR_LEDGER_WATCH_H

#include "ledger/writer.h"

/* The lock, the segments, the store. */
void watch_files(struct ledger *l);
/* Puts on the disk what was written since the last time. */
void watch_sync(struct ledger *l);

/* Each worker goes on in a new segment with its next record, so that the one it has now
 * can be deleted. */
void watch_move_on(struct ledger *l);

#endif
