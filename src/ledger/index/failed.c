/* failed.c -- see failed.h. */
#include "ledger/index/failed.h"

#include "ledger/index/index.h"
#include "ledger/index/span.h"
#include "ledger/refresh.h"

/* Which tries failed is the rule of sums.c: no good outcome, not the leg that the row
 * tells of, and of a purpose whose answer was to be the client's. */
static const char sql[] = "SELECT count(*), coalesce(sum(l.cost_nanousd), 0),"
                          " coalesce(sum(l.cost_nanousd IS NULL), 0)"
                          " FROM more_legs l JOIN rows r ON r.uid = l.uid"
                          " WHERE (l.bits >> 2 & 7) != 0 AND (l.bits >> 11 & 1) = 0"
                          " AND (l.bits >> 8 & 7) IN (0, 1, 5)"
                          " AND l.uid BETWEEN ?1 AND ?2 AND r.ts >= ?3 AND r.ts < ?4";

static int sum_in(sqlite3 *db, const struct ledger_sums_query *q,
                  struct ledger_failed *ret, struct err *err)
{
    sqlite3_stmt *s = NULL;
    struct span span;
    bool ok = span_of(db, q->since_ms, q->until_ms, &span) == 0 &&
              sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK;
    if (ok)
        span_bind(&span, s);
    ok = ok && sqlite3_step(s) == SQLITE_ROW;
    if (ok)
        *ret =
            (struct ledger_failed){.tries = (uint64_t)sqlite3_column_int64(s, 0),
                                   .cost_nanousd = sqlite3_column_int64(s, 1),
                                   .cost_unknown = (uint64_t)sqlite3_column_int64(s, 2)};
    int failed = ok ? 0 : index_fault(db, "cannot add up failed tries", err);
    sqlite3_finalize(s);
    return failed;
}

int ledger_sum_failed(const struct ledger_sums_query *q, struct ledger_failed *ret,
                      struct err *err)
{
    sqlite3 *db;
    *ret = (struct ledger_failed){0};
    if ((q->is_glance ? refresh_glance(q->state_dir, &db, err)
                      : refresh_open(q->state_dir, &db, err)) < 0)
        return -1;
    if (!db)
        return 0;
    int failed = sum_in(db, q, ret, err);
    sqlite3_close(db);
    return failed;
}
