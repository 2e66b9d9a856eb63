/* migrate.h -- a store of an older format becomes one of this weir's, in its place.
 *
 * Before the first change a copy is kept as "PATH.format-N".  Each step is transactions
 * of a bounded size, and the store says itself how far it has come, so a weir that is
 * killed in the middle goes on from there at its next start.  What is done and how far it
 * is, is told on stderr. */
#ifndef WEIR_LEDGER_INDEX_MIGRATE_H
#define WEIR_LEDGER_INDEX_MIGRATE_H

#include "core/err.h"

/* Under the lock, of a store that nobody else writes.  Nothing to do for one of this
 * format, one without tables, or none that can be read.  -1: "ledger_newer";
 * "ledger_no_space" when the disk has no room for the copy; or what SQLite says.  After
 * an error it may be called again. */
int migrate_store(const char *path, struct err *err);

#endif
