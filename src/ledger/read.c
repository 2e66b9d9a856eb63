/* read.c -- rows out of the index, oldest first.
 *
 * uid is the key and sorts by time, so a span of time is a span of uids, widened by how
 * far the clock ever ran away from the ids (clock jumps); ts then decides exactly. */
#include "core/mem.h"
#include "ledger/index/index.h"
#include "ledger/index/row_read.h"
#include "ledger/index/span.h"
#include "ledger/ledger.h"
#include "ledger/refresh.h"

static const char all_sql[] =
    "SELECT " ROW_COLUMNS " FROM rows WHERE uid BETWEEN ?1 AND ?2"
    " AND ts >= ?3 AND ts < ?4 ORDER BY uid";
static const char newest_sql[] =
    "SELECT * FROM (SELECT " ROW_COLUMNS " FROM rows WHERE uid BETWEEN ?1 AND ?2"
    " AND ts >= ?3 AND ts < ?4 ORDER BY uid DESC LIMIT ?5) ORDER BY uid";
static const char by_id_sql[] = "SELECT " ROW_COLUMNS " FROM rows WHERE uid=?1 OR "
                                "request_id=?2 ORDER BY uid";

static sqlite3_stmt *prepare(sqlite3 *db, const struct ledger_query *q)
{
    sqlite3_stmt *s = NULL;
    struct span span = {0};
    uint64_t uid = 0;
    const char *sql = q->id.n ? by_id_sql : q->limit ? newest_sql : all_sql;
    if ((!q->id.n && span_of(db, q->since_ms, q->until_ms, &span) < 0) ||
        sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        return NULL;
    if (q->id.n) {
        bool is_own = uid_parse(q->id, &uid);
        sqlite3_bind_int64(s, 1, is_own ? (int64_t)uid : -1);
        sqlite3_bind_text(s, 2, q->id.p, (int)q->id.n, SQLITE_STATIC);
        return s;
    }
    span_bind(&span, s);
    if (q->limit)
        sqlite3_bind_int64(s, 5, (int64_t)q->limit);
    return s;
}

/* What stands beside a row in tables of their own.  A statement is NULL when the store
 * has no such table, because an older weir holds it open, or nobody asked. */
struct beside {
    sqlite3_stmt *legs, *feedback, *noted;
};

static bool prepare_if_there(sqlite3 *db, const char *sql, sqlite3_stmt **ret)
{
    int rc = sqlite3_prepare_v2(db, sql, -1, ret, NULL);
    return rc == SQLITE_OK || rc == SQLITE_ERROR;
}

static bool prepare_beside(sqlite3 *db, const struct ledger_query *q, struct beside *b)
{
    return sqlite3_prepare_v2(db, LEGS_SQL, -1, &b->legs, NULL) == SQLITE_OK &&
           prepare_if_there(db,
                            "SELECT verdict FROM feedback WHERE uid=?"
                            " ORDER BY ts DESC LIMIT 1",
                            &b->feedback) &&
           (!q->wants_noted ||
            prepare_if_there(db, "SELECT figures FROM noted WHERE uid=?", &b->noted));
}

static void release_beside(struct beside *b)
{
    sqlite3_finalize(b->legs);
    sqlite3_finalize(b->feedback);
    sqlite3_finalize(b->noted);
}

static void read_feedback(sqlite3_stmt *s, struct words *w, struct ledger_row *r)
{
    if (!s)
        return;
    sqlite3_bind_int64(s, 1, (int64_t)r->open.uid);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        int64_t said = sqlite3_column_int64(s, 0);
        r->feedback = said > FEEDBACK_NONE && said < FEEDBACK_KINDS ? (enum feedback)said
                                                                    : FEEDBACK_KINDS;
    } else if (rc != SQLITE_DONE) {
        w->failed = rc;
    }
    sqlite3_reset(s);
}

/* The text lives until the next step of the statement. */
static void read_noted(sqlite3_stmt *s, struct words *w, struct ledger_row *r)
{
    if (!s)
        return;
    sqlite3_reset(s);
    sqlite3_bind_int64(s, 1, (int64_t)r->open.uid);
    int rc = sqlite3_step(s);
    const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    if (text)
        r->noted = (struct str){text, (size_t)sqlite3_column_bytes(s, 0)};
    else if (rc != SQLITE_DONE)
        w->failed = rc == SQLITE_ROW ? SQLITE_NOMEM : rc;
}

static int read_rows(sqlite3 *db, const struct ledger_query *q, struct words *w,
                     ledger_row_fn *fn, void *ctx, struct err *err)
{
    struct beside beside = {NULL, NULL, NULL};
    if (!prepare_beside(db, q, &beside)) {
        release_beside(&beside);
        return index_fault(db, "cannot read rows", err);
    }
    sqlite3_stmt *s = prepare(db, q);
    int rc = SQLITE_ERROR, stop = 0;
    while (s && !stop && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct ledger_row row;
        struct ledger_legs legs;
        char own[UID_TEXT];
        row_read(s, w, own, &row);
        row_read_legs(s, beside.legs, w, &row, &legs);
        read_feedback(beside.feedback, w, &row);
        read_noted(beside.noted, w, &row);
        stop = w->failed || fn(ctx, &row);
    }
    release_beside(&beside);
    sqlite3_finalize(s);
    if (w->failed)
        return words_fault(w, "cannot read rows", err);
    if (!stop && rc != SQLITE_DONE)
        return index_fault(db, "cannot read rows", err);
    return 0;
}

int ledger_read(const struct ledger_query *q, ledger_row_fn *fn, void *ctx,
                struct err *err)
{
    sqlite3 *db;
    if ((q->is_glance ? refresh_glance(q->state_dir, &db, err)
                      : refresh_open(q->state_dir, &db, err)) < 0)
        return -1;
    if (!db)
        return 0;
    struct words *w = mem_new(struct words);
    int failed = w ? words_init(w, db, err) : err_nomem(err);
    if (!failed)
        failed = read_rows(db, q, w, fn, ctx, err);
    if (w)
        words_release(w);
    mem_free(w);
    sqlite3_close(db);
    return failed;
}
