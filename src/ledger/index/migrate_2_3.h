/* migrate_2_3.h -- failed attempts become legs; for migrate.c. */
#ifndef WEIR_LEDGER_INDEX_MIGRATE_2_3_H
#define WEIR_LEDGER_INDEX_MIGRATE_2_3_H

#include "core/err.h"

#include <sqlite3.h>

/* From format 2, or from wherever an earlier call was killed. */
int migrate_2_3(sqlite3 *db, struct err *err);

#endif
