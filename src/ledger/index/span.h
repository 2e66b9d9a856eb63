/* span.h -- a span of time as a span of uids.
 *
 * Ids carry the clock of their making; a clock that jumped back leaves ids ahead of
 * the time the row shows.  The index remembers the largest distance either way. */
#ifndef WEIR_LEDGER_INDEX_SPAN_H
#define WEIR_LEDGER_INDEX_SPAN_H

#include "ledger/log/uid.h"

#include <sqlite3.h>

struct span {
    int64_t since_ms, until_ms; /* [since, until) of rows.ts */
    int64_t first_uid, last_uid;
    /* Rows with uids from one to the other are within for sure: nobody has to look at
     * their ts.  None when sure_last is the smaller one. */
    int64_t sure_first, sure_last;
};

/* 0: open.  -1: SQLite failed, which its connection tells. */
int span_of(sqlite3 *db, uint64_t since_ms, uint64_t until_ms, struct span *ret);
/* Parameters 1 to 4: first_uid, last_uid, since_ms, until_ms. */
void span_bind(const struct span *s, sqlite3_stmt *stmt);

#endif
