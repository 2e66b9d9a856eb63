/* migrate_2_3.c -- see migrate_2_3.h.
 *
 * A request with failed attempts has its rows in `spent`.  In one transaction these
 * become legs beside that of the row itself, and the sums move: a leg counts under its
 * purpose, and with what the row kept as own_nanousd under its own engine. */
#include "ledger/index/migrate_2_3.h"

#include "core/mem.h"
#include "ledger/index/index.h"
#include "ledger/index/migrate_copy.h"
#include "ledger/index/row_read.h"
#include "ledger/log/record_old.h"

#include <stdio.h>

enum {
    STEP_REQUESTS = 100 /* their groups fit into a struct rollup */,
    MOST_SPENT = 4,
    OWN_COLUMN = 41 /* behind ROW_COLUMNS */
};

static const char begin_sql[] =
    "DROP VIEW IF EXISTS requests; DROP VIEW IF EXISTS costs;"
    "ALTER TABLE rows ADD COLUMN started_ms; ALTER TABLE rows ADD COLUMN sent_bytes;"
    "ALTER TABLE rows ADD COLUMN received_bytes;"
    "ALTER TABLE rows ADD COLUMN input_estimate;"
    "ALTER TABLE rows ADD COLUMN output_limit; ALTER TABLE rows ADD COLUMN needs;"
    "ALTER TABLE rows ADD COLUMN latency_ms; ALTER TABLE rows ADD COLUMN deadline;"
    "ALTER TABLE rows ADD COLUMN deadline_s; ALTER TABLE rows ADD COLUMN health;"
    "ALTER TABLE rows ADD COLUMN legs_told;"
    "DELETE FROM spent WHERE uid NOT IN (SELECT uid FROM rows);";

struct work {
    struct index *ix;
    struct words words;
    struct rollup minus, plus;
    sqlite3_stmt *rows, *spent, *update, *drop;
};

static int64_t value_of(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int64_t v = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        v = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return v;
}

static int fault(sqlite3 *db, struct err *err)
{
    index_fault(db, "cannot bring the store to this weir's format", err);
    (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

static int fault_of(struct work *w, sqlite3 *db, struct err *err)
{
    if (!w->words.failed)
        return fault(db, err);
    (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return words_fault(&w->words, "cannot bring the store to this weir's format", err);
}

static int run_all(sqlite3 *db, const char *const *sqls, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (sqlite3_exec(db, sqls[i], NULL, NULL, NULL) != SQLITE_OK)
            return fault(db, err);
    return 0;
}

static int begin(sqlite3 *db, struct err *err)
{
    char stamp[64];
    snprintf(stamp, sizeof stamp, "PRAGMA user_version=%d", INDEX_STAMP_2_TO_3);
    const char *const sqls[] = {"BEGIN IMMEDIATE", begin_sql, index_legs, stamp,
                                "COMMIT"};
    if (sqlite3_exec(db, index_feedback, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_noted, NULL, NULL, NULL) != SQLITE_OK)
        return fault(db, err);
    if (value_of(db, "SELECT user_version FROM pragma_user_version") ==
        INDEX_STAMP_2_TO_3)
        return 0;
    return run_all(db, sqls, ARRAY_LEN(sqls), err);
}

static int finish(sqlite3 *db, struct err *err)
{
    char stamp[64];
    snprintf(stamp, sizeof stamp, "PRAGMA user_version=%d; COMMIT", INDEX_STAMP);
    if (sqlite3_exec(db, "BEGIN IMMEDIATE; DROP TABLE spent;", NULL, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(db, index_first_tokens, NULL, NULL, NULL) != SQLITE_OK ||
        !index_create_views(db) || index_add_words(db) < 0 ||
        sqlite3_exec(db, stamp, NULL, NULL, NULL) != SQLITE_OK)
        return fault(db, err);
    return 0;
}

/* -- one request -----------------------------------------------------------------------
 */

/* The ids of a leg's words: engine, model. */
typedef int64_t word_ids[2];

static void read_spent(struct work *w, uint64_t uid, struct ledger_legs *legs,
                       word_ids *ids)
{
    sqlite3_stmt *s = w->spent;
    int rc = SQLITE_DONE;
    legs->n = 0;
    sqlite3_bind_int64(s, 1, (int64_t)uid);
    while (legs->n < MOST_SPENT && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        ids[legs->n][0] = sqlite3_column_int64(s, 0);
        ids[legs->n][1] = sqlite3_column_int64(s, 1);
        legs->items[legs->n++] = (struct ledger_leg){
            .engine = words_by_id(&w->words, sqlite3_column_int64(s, 0)),
            .model = words_by_id(&w->words, sqlite3_column_int64(s, 1)),
            .side = sqlite3_column_int(s, 2) ? SIDE_CLOUD : SIDE_LOCAL,
            .cost_nanousd = row_number(s, 3, COST_UNKNOWN),
        };
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        w->words.failed = rc;
    sqlite3_reset(s);
}

/* What a weir of format 2 added for this request. */
static void take_away(struct work *w, const struct ledger_row *row, int64_t own_nanousd,
                      const struct rollup_group *g, size_t nspent, word_ids *ids)
{
    struct ledger_row plain = *row;
    plain.nlegs = 0;
    plain.cost_nanousd = own_nanousd;
    rollup_sums_add_row(rollup_of(&w->minus, g), &plain);
    for (size_t i = 0; i < nspent; i++) {
        struct ledger_leg leg = row->legs[i];
        leg.purpose = LEG_ANSWER; /* it had none */
        const struct rollup_group of_leg = group_of_leg(g, &leg, ids[i][0], ids[i][1]);
        struct rollup_sums *s = rollup_of(&w->minus, &of_leg);
        s->failed_attempts++;
        s->cost_nanousd += leg.cost_nanousd < 0 ? 0 : leg.cost_nanousd;
        s->cost_unknown += leg.cost_nanousd < 0;
    }
}

static int add_legs(struct work *w, const struct ledger_row *row,
                    const struct rollup_group *g, word_ids *ids)
{
    rollup_sums_add_row(rollup_of(&w->plus, g), row);
    for (size_t i = 0; i < row->nlegs; i++) {
        const struct ledger_leg *l = &row->legs[i];
        const struct rollup_group of_leg = group_of_leg(g, l, ids[i][0], ids[i][1]);
        rollup_sums_add_leg(rollup_of(&w->plus, &of_leg), row, l);
        if (index_add_leg(w->ix, row, l, ids[i][0], ids[i][1]) < 0)
            return -1;
    }
    return 0;
}

static int step_once(sqlite3_stmt *s)
{
    int rc = sqlite3_step(s);
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? 0 : -1;
}

static int convert(struct work *w, sqlite3_stmt *s)
{
    struct ledger_row row;
    struct ledger_legs legs;
    word_ids ids[MOST_SPENT + 1] = {{0}};
    char own[UID_TEXT];
    row_read(s, &w->words, own, &row);
    int64_t own_nanousd = row_number(s, OWN_COLUMN, COST_UNKNOWN);
    struct rollup_group g = {.hour = (int64_t)(row.open.ts_ms / HOUR_MS),
                             .key = sqlite3_column_int64(s, 4),
                             .engine = sqlite3_column_int64(s, 7),
                             .model = sqlite3_column_int64(s, 9),
                             .policy = sqlite3_column_int64(s, 10),
                             .bits = group_bits(sqlite3_column_int64(s, 2) & 0xFFFFF)};
    read_spent(w, row.open.uid, &legs, ids);
    size_t nspent = legs.n;
    ids[nspent][0] = g.engine;
    ids[nspent][1] = g.model;
    if (w->words.failed)
        return -1;
    record_complete_old_legs(&row, &legs, own_nanousd);
    take_away(w, &row, own_nanousd, &g, nspent, ids);
    int64_t bits = bits_of(&row);
    g.bits = group_bits(bits);
    sqlite3_bind_int64(w->update, 1, bits);
    sqlite3_bind_int64(w->update, 2, (int64_t)row.open.uid);
    sqlite3_bind_int64(w->drop, 1, (int64_t)row.open.uid);
    return add_legs(w, &row, &g, ids) < 0 || step_once(w->update) < 0 ||
                   step_once(w->drop) < 0
               ? -1
               : 0;
}

/* -- some requests ----------------------------------------------------------------------
 */

/* The number of requests; -1. */
static int64_t convert_some(struct work *w)
{
    int64_t n = 0;
    int rc;
    while ((rc = sqlite3_step(w->rows)) == SQLITE_ROW) {
        if (convert(w, w->rows) < 0)
            return -1;
        n++;
    }
    sqlite3_reset(w->rows);
    rollup_negate(&w->minus);
    if (rc != SQLITE_DONE || rollup_write(&w->minus, w->ix->stmts[STMT_ROLLUP]) < 0 ||
        rollup_write(&w->plus, w->ix->stmts[STMT_ROLLUP]) < 0)
        return -1;
    rollup_clear(&w->minus);
    rollup_clear(&w->plus);
    return n;
}

static bool prepare(struct work *w, sqlite3 *db, struct err *err)
{
    char sql[1024];
    snprintf(sql, sizeof sql,
             "SELECT " ROW_COLUMNS ", own_nanousd FROM rows WHERE uid IN"
             " (SELECT DISTINCT uid FROM spent ORDER BY uid LIMIT %d)",
             STEP_REQUESTS);
    return index_prepare(w->ix, err) == 0 && words_init(&w->words, db, err) == 0 &&
           sqlite3_prepare_v2(db, sql, -1, &w->rows, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(db,
                              "SELECT engine, model, side, cost_nanousd FROM spent"
                              " WHERE uid=? ORDER BY n",
                              -1, &w->spent, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(db, "UPDATE rows SET bits=?, own_nanousd=NULL WHERE uid=?",
                              -1, &w->update, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(db, "DELETE FROM spent WHERE uid=?", -1, &w->drop, NULL) ==
               SQLITE_OK;
}

static int convert_all(struct work *w, sqlite3 *db, struct err *err)
{
    int64_t left = value_of(db, "SELECT count(DISTINCT uid) FROM spent"), done = 0, n = 1;
    if (left < 0 || !prepare(w, db, err))
        return fault(db, err);
    while (n > 0) {
        if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
            (n = convert_some(w)) < 0 ||
            sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
            return fault_of(w, db, err);
        done += n;
        migrate_tell(sqlite3_db_filename(db, "main"), "failed attempts become legs",
                     (uint64_t)(done < left ? done : left), (uint64_t)left);
    }
    return 0;
}

static void release(struct work *w)
{
    sqlite3_finalize(w->rows);
    sqlite3_finalize(w->spent);
    sqlite3_finalize(w->update);
    sqlite3_finalize(w->drop);
    words_release(&w->words);
    if (w->ix)
        index_unprepare(w->ix);
    mem_free(w->ix);
    mem_free(w);
}

int migrate_2_3(sqlite3 *db, struct err *err)
{
    struct work *w = mem_new(struct work);
    if (!w || !(w->ix = mem_new(struct index))) {
        mem_free(w);
        return err_nomem(err);
    }
    w->ix->db = db;
    int failed = begin(db, err);
    if (!failed)
        failed = convert_all(w, db, err);
    release(w);
    return failed ? -1 : finish(db, err);
}
