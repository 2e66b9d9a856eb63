/* read.c -- rows out of the index, oldest first.
 *
 * uid is the key and sorts by time, so a span of time is a span of uids, widened by how
 * far the clock ever ran away from the ids (clock jumps); ts then decides exactly. */
#include "core/mem.h"
#include "ledger/index.h"
#include "ledger/ledger.h"
#include "ledger/record_old.h"
#include "ledger/refresh.h"
#include "ledger/row_read.h"
#include "ledger/span.h"

static const char all_sql[] =
    "SELECT " ROW_COLUMNS " FROM rows WHERE uid BETWEEN ?1 AND ?2"
    " AND ts >= ?3 AND ts < ?4 ORDER BY uid";
static const char newest_sql[] =
    "SELECT * FROM (SELECT " ROW_COLUMNS " FROM rows WHERE uid BETWEEN ?1 AND ?2"
    " AND ts >= ?3 AND ts < ?4 ORDER BY uid DESC LIMIT ?5) ORDER BY uid";
static const char spent_sql[] = ROW_SPENT_SQL;
static const char by_id_sql[] = "SELECT " ROW_COLUMNS " FROM rows WHERE uid=?1 OR "
                                "request_id=?2 ORDER BY uid";

static uint64_t number(sqlite3_stmt *s, int column)
{
    return (uint64_t)sqlite3_column_int64(s, column);
}

static int64_t number_or(sqlite3_stmt *s, int column, int64_t absent)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL
               ? absent
               : sqlite3_column_int64(s, column);
}

void row_read(sqlite3_stmt *s, struct words *w, char own[UID_TEXT], struct ledger_row *r)
{
    *r = (struct ledger_row){0};
    bits_to(sqlite3_column_int64(s, 2), r);
    r->open.uid = number(s, 0);
    r->open.ts_ms = number(s, 1);
    r->open.request_id = words_of(w, s, 3);
    if (r->open.request_id.n == 0) {
        ledger_format_uid(r->open.uid, own);
        r->open.request_id = str_of(own);
    }
    r->open.key = words_of(w, s, 4);
    r->open.session = number(s, 5);
    r->session_name = words_of(w, s, 6);
    r->engine = words_of(w, s, 7);
    r->open.model_asked = words_of(w, s, 8);
    r->model_used = words_of(w, s, 9);
    r->policy = words_of(w, s, 10);
    r->role = words_of(w, s, 11);
    r->reasons_json = words_of(w, s, 12);
    r->status = sqlite3_column_int(s, 13);
    r->error_code = words_of(w, s, 14);
    r->attempts = (uint32_t)number(s, 15);
    r->usage.input_tokens = number(s, 16);
    r->usage.cached_tokens = number(s, 17);
    r->usage.cache_write_tokens = number(s, 18);
    r->usage.output_tokens = number(s, 19);
    r->usage.reasoning_tokens = number(s, 20);
    r->cost_nanousd = number_or(s, 21, COST_UNKNOWN);
    r->price_date = words_of(w, s, 22);
    r->ttft_ms = number_or(s, 23, -1);
    r->total_ms = number(s, 24);
    r->request_bytes = number(s, 25);
    r->answer_bytes = number(s, 26);
    r->usage.audio_input_tokens = number(s, 27);
    r->usage.audio_output_tokens = number(s, 28);
    unsigned tier = (unsigned)number(s, 29);
    r->usage.tier = tier < TIER_COUNT ? (enum service_tier)tier : TIER_OTHER;
    if (!r->is_at_cloud_told)
        r->was_at_cloud = r->has_engine && r->side == SIDE_CLOUD && r->attempts;
}

void row_read_legs(sqlite3_stmt *row, sqlite3_stmt *s, struct words *w,
                   struct ledger_row *r, struct ledger_legs *legs)
{
    bool has_spent = bits_have_spent(sqlite3_column_int64(row, 2));
    int64_t own = has_spent ? number_or(row, 30, COST_UNKNOWN) : r->cost_nanousd;
    legs->n = 0;
    sqlite3_bind_int64(s, 1, (int64_t)r->open.uid);
    while (has_spent && legs->n < LEDGER_MAX_LEGS && sqlite3_step(s) == SQLITE_ROW)
        legs->items[legs->n++] = (struct ledger_leg){
            .engine = words_of(w, s, 0),
            .model = words_of(w, s, 1),
            .side = sqlite3_column_int(s, 2) ? SIDE_CLOUD : SIDE_LOCAL,
            .cost_nanousd = number_or(s, 3, COST_UNKNOWN),
        };
    sqlite3_reset(s);
    record_complete_old_legs(r, legs, own);
}

static sqlite3_stmt *prepare(sqlite3 *db, const struct ledger_query *q)
{
    sqlite3_stmt *s = NULL;
    struct span span;
    uint64_t uid = 0;
    const char *sql = q->id.n ? by_id_sql : q->limit ? newest_sql : all_sql;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        return NULL;
    if (q->id.n) {
        bool is_own = uid_parse(q->id, &uid);
        sqlite3_bind_int64(s, 1, is_own ? (int64_t)uid : -1);
        sqlite3_bind_text(s, 2, q->id.p, (int)q->id.n, SQLITE_STATIC);
        return s;
    }
    span = span_of(db, q->since_ms, q->until_ms);
    span_bind(&span, s);
    if (q->limit)
        sqlite3_bind_int64(s, 5, (int64_t)q->limit);
    return s;
}

static int read_rows(sqlite3 *db, const struct ledger_query *q, struct words *w,
                     ledger_row_fn *fn, void *ctx, struct err *err)
{
    sqlite3_stmt *spent = NULL;
    if (sqlite3_prepare_v2(db, spent_sql, -1, &spent, NULL) != SQLITE_OK)
        return index_fault(db, "cannot read rows", err);
    sqlite3_stmt *s = prepare(db, q);
    int rc = SQLITE_ERROR, stop = 0;
    while (s && !stop && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct ledger_row row;
        struct ledger_legs legs;
        char own[UID_TEXT];
        row_read(s, w, own, &row);
        row_read_legs(s, spent, w, &row, &legs);
        stop = fn(ctx, &row);
    }
    sqlite3_finalize(spent);
    sqlite3_finalize(s);
    if (!stop && rc != SQLITE_DONE)
        return index_fault(db, "cannot read rows", err);
    return 0;
}

int ledger_read(const struct ledger_query *q, ledger_row_fn *fn, void *ctx,
                struct err *err)
{
    sqlite3 *db;
    if (refresh_open(q->state_dir, &db, err) < 0)
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
