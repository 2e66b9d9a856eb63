/* migrate_copy.h -- the copy that is kept of a store before it is changed; for migrate.c.
 */
#ifndef WEIR_LEDGER_INDEX_MIGRATE_COPY_H
#define WEIR_LEDGER_INDEX_MIGRATE_COPY_H

#include "core/err.h"

#include <stdint.h>

/* How far the change of the store at `path` is.  Told on stderr, at once on a terminal,
 * else each few seconds; and in the lock's file, for readers.  total 0: no more. */
void migrate_tell(const char *path, const char *what, uint64_t done, uint64_t total);

/* Copies the file `path`, which has no write-ahead log, to "PATH.format-N", or to
 * "PATH.format-N.2" and so on when there is another one; one that is the same already is
 * taken.  -1 with "ledger_no_space" or why it cannot. */
int migrate_keep_copy(const char *path, int format, struct err *err);

#endif
