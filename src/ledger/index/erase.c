/* erase.c -- see erase.h. */
#include "ledger/index/erase.h"

#include "core/mem.h"
#include "ledger/index/row_read.h"
#include "ledger/ledger.h"

#include <stdio.h>

enum { SQL_BYTES = 2 << 20 };
#define DAY_MS UINT64_C(86400000)

/* A word column holds the id or the text: ?1 is the text in both. */
#define WORD_IS(c) "(" c "=?1 OR " c "=(SELECT id FROM strings WHERE text=?1))"

static void append_condition(const struct erase *e, struct buf *sql)
{
    switch (e->kind) {
    case ERASE_KEY:
        buf_lit(sql, WORD_IS("key"));
        return;
    case ERASE_SESSION:
        buf_printf(sql, "(" WORD_IS("session_name") " OR session IN (%s))",
                   e->digests ? e->digests : "");
        return;
    case ERASE_OLD:
        buf_lit(sql, "ts<?1");
        return;
    }
}

static void bind(const struct erase *e, sqlite3_stmt *s)
{
    if (e->kind == ERASE_OLD)
        sqlite3_bind_int64(s, 1, (int64_t)e->before_ms);
    else
        sqlite3_bind_text(s, 1, e->word, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)e->cursor);
    sqlite3_bind_int64(s, 3, (int64_t)e->last_uid);
}

static sqlite3_stmt *prepare(sqlite3 *db, const struct erase *e, const char *columns,
                             const char *rest, struct err *err)
{
    struct buf sql;
    sqlite3_stmt *s = NULL;
    buf_init(&sql, SQL_BYTES);
    buf_printf(&sql, "SELECT %s FROM rows WHERE ", columns);
    append_condition(e, &sql);
    buf_printf(&sql, " AND uid>?2 AND uid<=?3 %s", rest);
    struct str text = buf_view(&sql);
    if (sql.failed)
        err_nomem(err);
    else if (sqlite3_prepare_v2(db, text.p, (int)text.n, &s, NULL) != SQLITE_OK)
        index_fault(db, "cannot look for rows", err);
    else
        bind(e, s);
    buf_release(&sql);
    return s;
}

int64_t erase_count(struct index *ix, struct erase *e, struct err *err)
{
    uint64_t last = ix->newest_uid;
    if (e->kind ==
        ERASE_OLD) { /* ids rise with time: most of the store is not looked at */
        uint64_t end = uid_at(e->before_ms + ix->uid_ahead_ms + 1);
        last = end < last ? end : last;
    }
    e->cursor = 0;
    if (!e->last_uid || e->last_uid > last)
        e->last_uid = last;
    sqlite3_stmt *s = prepare(ix->db, e, "count(*)", "", err);
    if (!s)
        return -1;
    int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_finalize(s);
    return n < 0 ? index_fault(ix->db, "cannot count rows", err) : n;
}

/* -- the sums -------------------------------------------------------------------------
 */

static int write_negative(struct index *ix, struct rollup *sums)
{
    rollup_negate(sums);
    int failed = rollup_write(sums, ix->stmts[STMT_ROLLUP]);
    rollup_clear(sums);
    return failed;
}

static struct rollup_sums *sums_of(struct index *ix, struct rollup *sums,
                                   const struct rollup_group *g)
{
    struct rollup_sums *s = rollup_of(sums, g);
    return s || write_negative(ix, sums) < 0 ? s : rollup_of(sums, g);
}

/* The ids of the row's words are the group's; those of a leg stand with it. */
static int subtract(struct index *ix, struct rollup *sums, sqlite3_stmt *s,
                    const struct ledger_row *r, int64_t (*leg_words)[2])
{
    int64_t bits = sqlite3_column_int64(s, 2);
    struct rollup_group g = {.hour = (int64_t)(r->open.ts_ms / HOUR_MS),
                             .key = sqlite3_column_int64(s, 4),
                             .engine = sqlite3_column_int64(s, 7),
                             .model = sqlite3_column_int64(s, 9),
                             .policy = sqlite3_column_int64(s, 10),
                             .bits = group_bits(bits)};
    struct rollup_sums *sum = sums_of(ix, sums, &g);
    if (!sum)
        return -1;
    rollup_sums_add_row(sum, r);
    for (size_t i = 0; i < r->nlegs; i++) {
        bool is_own_row = !bits_have_legs(bits);
        const struct rollup_group of_leg =
            group_of_leg(&g, &r->legs[i], is_own_row ? g.engine : leg_words[i][0],
                         is_own_row ? g.model : leg_words[i][1]);
        if (!(sum = sums_of(ix, sums, &of_leg)))
            return -1;
        rollup_sums_add_leg(sum, r, &r->legs[i]);
    }
    return 0;
}

/* As row_read_legs() has them, by their numbers. */
static int read_leg_words(sqlite3_stmt *s, const struct ledger_row *r, int64_t (*ret)[2])
{
    size_t n = 0;
    sqlite3_bind_int64(s, 1, (int64_t)r->open.uid);
    while (n < r->nlegs && sqlite3_step(s) == SQLITE_ROW) {
        ret[n][0] = sqlite3_column_int64(s, LEG_ENGINE);
        ret[n++][1] = sqlite3_column_int64(s, LEG_MODEL);
    }
    sqlite3_reset(s);
    return n == r->nlegs ? 0 : -1;
}

/* -- a step ---------------------------------------------------------------------------
 */

struct step {
    struct words words;
    struct rollup sums;
    sqlite3_stmt *rows, *legs, *drop_row, *drop_legs, *drop_feedback, *drop_noted;
};

static int drop(sqlite3_stmt *s, uint64_t uid)
{
    sqlite3_bind_int64(s, 1, (int64_t)uid);
    int rc = sqlite3_step(s);
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? 0 : -1;
}

static int64_t take_rows(struct index *ix, struct step *t, struct erase *e)
{
    int64_t n = 0;
    int rc;
    while ((rc = sqlite3_step(t->rows)) == SQLITE_ROW) {
        struct ledger_row row;
        struct ledger_legs legs;
        int64_t words[ARRAY_LEN(legs.items)][2] = {{0}};
        char own[UID_TEXT];
        row_read(t->rows, &t->words, own, &row);
        row_read_legs(t->rows, t->legs, &t->words, &row, &legs);
        if ((bits_have_legs(sqlite3_column_int64(t->rows, 2)) &&
             read_leg_words(t->legs, &row, words) < 0) ||
            t->words.failed || subtract(ix, &t->sums, t->rows, &row, words) < 0 ||
            drop(t->drop_legs, row.open.uid) < 0 ||
            drop(t->drop_feedback, row.open.uid) < 0 ||
            drop(t->drop_noted, row.open.uid) < 0 || drop(t->drop_row, row.open.uid) < 0)
            return -1;
        e->cursor = row.open.uid;
        n++;
    }
    return rc == SQLITE_DONE ? n : -1;
}

static bool prepare_step(struct index *ix, struct step *t, struct err *err)
{
    return words_init(&t->words, ix->db, err) == 0 &&
           sqlite3_prepare_v2(ix->db, LEGS_SQL, -1, &t->legs, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(ix->db, "DELETE FROM rows WHERE uid=?", -1, &t->drop_row,
                              NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(ix->db, "DELETE FROM more_legs WHERE uid=?", -1,
                              &t->drop_legs, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(ix->db, "DELETE FROM feedback WHERE uid=?", -1,
                              &t->drop_feedback, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(ix->db, "DELETE FROM noted WHERE uid=?", -1, &t->drop_noted,
                              NULL) == SQLITE_OK;
}

static int64_t run_step(struct index *ix, struct step *t, struct erase *e,
                        struct err *err)
{
    char rest[64];
    int64_t n = -1;
    if (index_begin(ix, err) < 0)
        return -1;
    snprintf(rest, sizeof rest, "ORDER BY uid LIMIT %d", ERASE_STEP);
    t->rows = prepare(ix->db, e, ROW_COLUMNS, rest, err);
    if (!t->rows)
        return -1;
    if (prepare_step(ix, t, err))
        n = take_rows(ix, t, e);
    if (t->words.failed)
        return words_fault(&t->words, "cannot delete rows", err);
    /* Groups without a row go at the end: looking for them means reading all. */
    if (n < 0 || write_negative(ix, &t->sums) < 0)
        return index_fault(ix->db, "cannot delete rows", err);
    if (n < ERASE_STEP &&
        sqlite3_exec(ix->db,
                     "DELETE FROM rollup WHERE requests<=0 AND failed_attempts<=0"
                     " AND cost_nanousd=0 AND cost_unknown=0 AND input=0 AND output=0",
                     NULL, NULL, NULL) != SQLITE_OK)
        return index_fault(ix->db, "cannot delete rows", err);
    return n;
}

int64_t erase_step(struct index *ix, struct erase *e, struct err *err)
{
    struct step *t = mem_new(struct step);
    if (!t)
        return err_nomem(err);
    int64_t n = run_step(ix, t, e, err);
    sqlite3_finalize(t->rows);
    sqlite3_finalize(t->legs);
    sqlite3_finalize(t->drop_row);
    sqlite3_finalize(t->drop_legs);
    sqlite3_finalize(t->drop_feedback);
    sqlite3_finalize(t->drop_noted);
    words_release(&t->words);
    mem_free(t);
    if (n >= 0 && index_commit(ix, err) < 0)
        return -1;
    return n;
}

/* What was said of a row after it had been deleted.  A request's row may be a while
 * behind it, but not a day. */
static int erase_stray_feedback(struct index *ix, struct err *err)
{
    char sql[160];
    uint64_t newest = uid_time_ms(ix->newest_uid);
    snprintf(sql, sizeof sql,
             "DELETE FROM feedback WHERE uid<%llu AND NOT EXISTS"
             " (SELECT 1 FROM rows r WHERE r.uid=feedback.uid)",
             (unsigned long long)uid_at(newest - DAY_MS));
    if (sqlite3_exec(ix->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return index_fault(ix->db, "cannot delete feedback", err);
    return 0;
}

int erase_words(struct index *ix, struct err *err)
{
    static const char sql[] =
        "DELETE FROM strings WHERE id NOT IN (SELECT word FROM ("
        "SELECT key AS word FROM rows UNION SELECT session_name FROM rows"
        " UNION SELECT engine FROM rows UNION SELECT model_asked FROM rows"
        " UNION SELECT model_used FROM rows UNION SELECT policy FROM rows"
        " UNION SELECT role FROM rows UNION SELECT reasons FROM rows"
        " UNION SELECT error_code FROM rows UNION SELECT price_date FROM rows"
        " UNION SELECT health FROM rows UNION SELECT engine FROM more_legs"
        " UNION SELECT model FROM more_legs UNION SELECT error_code FROM more_legs"
        " UNION SELECT price_date FROM more_legs"
        " UNION SELECT key FROM rollup UNION SELECT engine FROM rollup"
        " UNION SELECT model FROM rollup UNION SELECT policy FROM rollup)"
        " WHERE typeof(word)='integer')";
    if (index_begin(ix, err) < 0)
        return -1;
    names_reset(&ix->names); /* it knows ids that go now */
    if (sqlite3_exec(ix->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return index_fault(ix->db, "cannot delete words", err);
    if (erase_stray_feedback(ix, err) < 0)
        return -1;
    return index_commit(ix, err);
}
