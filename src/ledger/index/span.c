/* span.c -- see span.h. */
#include "ledger/index/span.h"

static uint64_t meta(sqlite3 *db, const char *name)
{
    sqlite3_stmt *s = NULL;
    uint64_t v = 0;
    if (sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE name=?", -1, &s, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(s) == SQLITE_ROW)
            v = (uint64_t)sqlite3_column_int64(s, 0);
    }
    sqlite3_finalize(s);
    return v;
}

struct span span_of(sqlite3 *db, uint64_t since_ms, uint64_t until_ms)
{
    struct span s = {(int64_t)since_ms, INT64_MAX, 0, INT64_MAX};
    uint64_t behind = meta(db, "uid_behind_ms"), ahead = meta(db, "uid_ahead_ms");
    if (since_ms > behind)
        s.first_uid = (int64_t)uid_at(since_ms - behind);
    if (until_ms && until_ms < INT64_MAX) {
        uint64_t last = uid_at(until_ms + ahead + 1);
        s.until_ms = (int64_t)until_ms;
        if (last < INT64_MAX)
            s.last_uid = (int64_t)last;
    }
    return s;
}

void span_bind(const struct span *s, sqlite3_stmt *stmt)
{
    sqlite3_bind_int64(stmt, 1, s->first_uid);
    sqlite3_bind_int64(stmt, 2, s->last_uid);
    sqlite3_bind_int64(stmt, 3, s->since_ms);
    sqlite3_bind_int64(stmt, 4, s->until_ms);
}
