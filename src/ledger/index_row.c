/* index_row.c -- the insert that runs for every request, and its share of the sums.
 *
 * Zeroes and empty words are stored as NULL: it is one byte and less work. */
#include "ledger/index.h"
#include "ledger/ledger.h"

/* A column of `rows`; the value is the place of its parameter. */
enum column {
    COL_UID = 1,
    COL_TS,
    COL_BITS,
    COL_REQUEST_ID,
    COL_KEY,
    COL_SESSION,
    COL_SESSION_NAME,
    COL_ENGINE,
    COL_MODEL_ASKED,
    COL_MODEL_USED,
    COL_POLICY,
    COL_ROLE,
    COL_REASONS,
    COL_STATUS,
    COL_ERROR_CODE,
    COL_ATTEMPTS,
    COL_INPUT,
    COL_CACHED,
    COL_CACHE_WRITE,
    COL_OUTPUT,
    COL_REASONING,
    COL_COST,
    COL_PRICE_DATE,
    COL_TTFT,
    COL_TOTAL,
    COL_REQUEST_BYTES,
    COL_ANSWER_BYTES,
    COL_AUDIO_INPUT,
    COL_AUDIO_OUTPUT,
    COL_TIER,
    COL_OWN_COST
};

static void bind_number(sqlite3_stmt *s, enum column c, int64_t v, int64_t absent)
{
    if (v == absent)
        sqlite3_bind_null(s, (int)c);
    else
        sqlite3_bind_int64(s, (int)c, v);
}

/* Returns the id, 0 for a text kept in the row, -1 on failure. */
static int64_t bind_word(struct index *ix, enum column c, struct str text, bool is_always)
{
    sqlite3_stmt *s = ix->stmts[STMT_ROW];
    if (text.n == 0) {
        sqlite3_bind_null(s, (int)c);
        return 0;
    }
    int64_t id = names_id(&ix->names, (unsigned)c % NAMES_MEMOS, text, is_always);
    if (id > 0)
        sqlite3_bind_int64(s, (int)c, id);
    else if (id == 0)
        sqlite3_bind_text(s, (int)c, text.p, (int)text.n, SQLITE_STATIC);
    return id;
}

static void bind_numbers(sqlite3_stmt *s, const struct ledger_row *r)
{
    sqlite3_bind_int64(s, COL_UID, (int64_t)r->open.uid);
    sqlite3_bind_int64(s, COL_TS, (int64_t)r->open.ts_ms);
    sqlite3_bind_int64(s, COL_BITS, bits_of(r));
    bind_number(s, COL_SESSION, (int64_t)r->open.session, 0);
    bind_number(s, COL_STATUS, r->status, 0);
    bind_number(s, COL_ATTEMPTS, r->attempts, 0);
    bind_number(s, COL_INPUT, (int64_t)r->usage.input_tokens, 0);
    bind_number(s, COL_CACHED, (int64_t)r->usage.cached_tokens, 0);
    bind_number(s, COL_CACHE_WRITE, (int64_t)r->usage.cache_write_tokens, 0);
    bind_number(s, COL_OUTPUT, (int64_t)r->usage.output_tokens, 0);
    bind_number(s, COL_REASONING, (int64_t)r->usage.reasoning_tokens, 0);
    bind_number(s, COL_COST, r->cost_nanousd, COST_UNKNOWN);
    bind_number(s, COL_TTFT, r->ttft_ms, -1);
    sqlite3_bind_int64(s, COL_TOTAL, (int64_t)r->total_ms);
    bind_number(s, COL_REQUEST_BYTES, (int64_t)r->request_bytes, 0);
    bind_number(s, COL_ANSWER_BYTES, (int64_t)r->answer_bytes, 0);
    bind_number(s, COL_AUDIO_INPUT, (int64_t)r->usage.audio_input_tokens, 0);
    bind_number(s, COL_AUDIO_OUTPUT, (int64_t)r->usage.audio_output_tokens, 0);
    bind_number(s, COL_TIER, r->usage.tier, TIER_STANDARD);
    bind_number(s, COL_OWN_COST, r->nlegs > 1 ? ledger_own_cost(r) : COST_UNKNOWN,
                COST_UNKNOWN);
}

static int bind_words(struct index *ix, const struct ledger_row *r,
                      struct rollup_group *ret_group)
{
    sqlite3_stmt *s = ix->stmts[STMT_ROW];
    const struct ledger_open *o = &r->open;
    char own[UID_TEXT];
    ledger_format_uid(o->uid, own);
    if (o->request_id.n == 0 || str_eq(o->request_id, (struct str){own, UID_TEXT - 1}))
        sqlite3_bind_null(s, COL_REQUEST_ID);
    else
        sqlite3_bind_text(s, COL_REQUEST_ID, o->request_id.p, (int)o->request_id.n,
                          SQLITE_STATIC);
    ret_group->key = bind_word(ix, COL_KEY, o->key, true);
    ret_group->engine = bind_word(ix, COL_ENGINE, r->engine, true);
    ret_group->model = bind_word(ix, COL_MODEL_USED, r->model_used, true);
    ret_group->policy = bind_word(ix, COL_POLICY, r->policy, true);
    if (ret_group->key < 0 || ret_group->engine < 0 || ret_group->model < 0 ||
        ret_group->policy < 0 || bind_word(ix, COL_ROLE, r->role, true) < 0 ||
        bind_word(ix, COL_SESSION_NAME, r->session_name, false) < 0 ||
        bind_word(ix, COL_MODEL_ASKED, o->model_asked, false) < 0 ||
        bind_word(ix, COL_REASONS, r->reasons_json, false) < 0 ||
        bind_word(ix, COL_ERROR_CODE, r->error_code, false) < 0 ||
        bind_word(ix, COL_PRICE_DATE, r->price_date, true) < 0)
        return -1;
    return 0;
}

static void note_times(struct index *ix, const struct ledger_open *o)
{
    uint64_t at = uid_time_ms(o->uid);
    if (o->uid > ix->newest_uid)
        ix->newest_uid = o->uid;
    if (at > o->ts_ms && at - o->ts_ms > ix->uid_ahead_ms)
        ix->uid_ahead_ms = at - o->ts_ms;
    if (o->ts_ms > at && o->ts_ms - at > ix->uid_behind_ms)
        ix->uid_behind_ms = o->ts_ms - at;
}

/* The sums of a group; a full table of them is written out first.  NULL: SQLite failed.
 */
static struct rollup_sums *sums_of(struct index *ix, const struct rollup_group *g,
                                   struct err *err)
{
    struct rollup_sums *s = rollup_of(&ix->rollup, g);
    if (s)
        return s;
    if (rollup_write(&ix->rollup, ix->stmts[STMT_ROLLUP]) < 0) {
        index_fault(ix->db, "cannot add sums", err);
        return NULL;
    }
    rollup_clear(&ix->rollup);
    return rollup_of(&ix->rollup, g); /* an empty one has room */
}

/* An attempt's words always get ids: they come from the configuration.  A text without
 * one (no memory to learn it) counts under none. */
static int64_t spent_word(struct index *ix, enum column as, struct str text)
{
    return text.n ? names_id(&ix->names, (unsigned)as % NAMES_MEMOS, text, true) : 0;
}

/* One failed attempt: a row of its own, and its cost in its own engine's sums. */
static int add_spent(struct index *ix, const struct ledger_row *r, size_t i,
                     const struct rollup_group *row_group, struct err *err)
{
    const struct ledger_leg *x = &r->legs[i];
    sqlite3_stmt *s = ix->stmts[STMT_SPENT];
    struct rollup_group g = *row_group;
    g.engine = spent_word(ix, COL_ENGINE, x->engine);
    g.model = spent_word(ix, COL_MODEL_USED, x->model);
    g.bits = bits_of_spent(row_group->bits, x);
    sqlite3_bind_int64(s, 1, (int64_t)r->open.uid);
    sqlite3_bind_int64(s, 2, (int64_t)i + 1);
    sqlite3_bind_int64(s, 3, g.engine);
    sqlite3_bind_int64(s, 4, g.model);
    sqlite3_bind_int64(s, 5, x->side);
    if (x->cost_nanousd == COST_UNKNOWN)
        sqlite3_bind_null(s, 6);
    else
        sqlite3_bind_int64(s, 6, x->cost_nanousd);
    int rc = g.engine < 0 || g.model < 0 ? SQLITE_ERROR : sqlite3_step(s);
    sqlite3_reset(s);
    if (rc != SQLITE_DONE)
        return index_fault(ix->db, "cannot add a failed attempt", err);
    struct rollup_sums *sums = sums_of(ix, &g, err);
    if (!sums)
        return -1;
    rollup_sums_add_spent(sums, x);
    return 0;
}

static int add_to_sums(struct index *ix, const struct ledger_row *r,
                       const struct rollup_group *g, struct err *err)
{
    struct rollup_sums *sums = sums_of(ix, g, err);
    if (!sums)
        return -1;
    rollup_sums_add_row(sums, r);
    for (size_t i = 0; i < r->nlegs; i++)
        if (&r->legs[i] != ledger_own_leg(r) && add_spent(ix, r, i, g, err) < 0)
            return -1;
    return 0;
}

int index_add_row(struct index *ix, const struct ledger_row *r, struct err *err)
{
    sqlite3_stmt *s = ix->stmts[STMT_ROW];
    struct rollup_group g = {.hour = (int64_t)(r->open.ts_ms / HOUR_MS),
                             .bits = bits_of(r) & ROLLUP_BITS};
    bind_numbers(s, r);
    if (bind_words(ix, r, &g) < 0)
        return index_fault(ix->db, "cannot store a word", err);
    int rc = sqlite3_step(s);
    bool is_new = rc == SQLITE_DONE && sqlite3_changes(ix->db) == 1;
    sqlite3_reset(s);
    if (rc != SQLITE_DONE)
        return index_fault(ix->db, "cannot add a row", err);
    if (!is_new)
        return 0;
    note_times(ix, &r->open);
    ix->nrows++;
    return add_to_sums(ix, r, &g, err) < 0 ? -1 : 1;
}
