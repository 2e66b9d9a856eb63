/* upkeep.h -- the writer's care for the store: checks and backups, between batches. */
#ifndef WEIR_LEDGER_UPKEEP_H
#define WEIR_LEDGER_UPKEEP_H

#include "ledger/writer.h"

/* Each second: takes the result of a check, begins one or a backup when it is time.  A
 * backup is made of a store that has just been checked, so that a good one is never
 * replaced by a copy of damage. */
void upkeep_store(struct ledger *l);
/* A piece of the backup that is being made; false when none is. */
bool upkeep_copy(struct ledger *l);

#endif
