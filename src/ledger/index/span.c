/* span.c -- see span.h. */
#include "ledger/index/span.h"

/* In a store without rows they are not there yet. */
static int distances(sqlite3 *db, uint64_t *ret_behind, uint64_t *ret_ahead)
{
    static const char sql[] =
        "SELECT coalesce(max(iif(name='uid_behind_ms', value, 0)), 0),"
        " coalesce(max(iif(name='uid_ahead_ms', value, 0)), 0) FROM meta";
    sqlite3_stmt *s = NULL;
    bool ok = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
              sqlite3_step(s) == SQLITE_ROW;
    if (ok) {
        *ret_behind = (uint64_t)sqlite3_column_int64(s, 0);
        *ret_ahead = (uint64_t)sqlite3_column_int64(s, 1);
    }
    sqlite3_finalize(s);
    return ok ? 0 : -1;
}

int span_of(sqlite3 *db, uint64_t since_ms, uint64_t until_ms, struct span *ret)
{
    uint64_t behind, ahead;
    if (distances(db, &behind, &ahead) < 0)
        return -1;
    *ret = (struct span){.since_ms = (int64_t)since_ms,
                         .until_ms = INT64_MAX,
                         .last_uid = INT64_MAX,
                         .sure_last = INT64_MAX};
    if (since_ms > behind)
        ret->first_uid = (int64_t)uid_at(since_ms - behind);
    if (since_ms)
        ret->sure_first = (int64_t)uid_at(since_ms + ahead);
    if (until_ms && until_ms < INT64_MAX) {
        uint64_t last = uid_at(until_ms + ahead + 1);
        ret->until_ms = (int64_t)until_ms;
        if (last < INT64_MAX)
            ret->last_uid = (int64_t)last;
        ret->sure_last =
            until_ms > behind ? (int64_t)uid_at(until_ms - behind) - 1 : INT64_MIN;
    }
    return 0;
}

void span_bind(const struct span *s, sqlite3_stmt *stmt)
{
    sqlite3_bind_int64(stmt, 1, s->first_uid);
    sqlite3_bind_int64(stmt, 2, s->last_uid);
    sqlite3_bind_int64(stmt, 3, s->since_ms);
    sqlite3_bind_int64(stmt, 4, s->until_ms);
}
