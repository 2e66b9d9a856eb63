/* index_row.c -- the insert that runs for every request, and its share of the sums.
 *
 * Zeroes and empty words are stored as NULL: it is one byte and less work. */
#include "ledger/index/index.h"
#include "ledger/index/row_read.h"
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
    COL_STARTED,
    COL_SENT_BYTES,
    COL_RECEIVED_BYTES,
    COL_INPUT_ESTIMATE,
    COL_OUTPUT_LIMIT,
    COL_NEEDS,
    COL_LATENCY,
    COL_DEADLINE,
    COL_DEADLINE_S,
    COL_HEALTH,
    COL_LEGS_TOLD
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
}

static void bind_more_numbers(sqlite3_stmt *s, const struct ledger_row *r)
{
    const struct ledger_knew *k = &r->knew;
    const struct ledger_leg *l = r->nlegs == 1 ? r->legs : NULL;
    bind_number(s, COL_STARTED, l ? (int64_t)l->started_ms : 0, 0);
    bind_number(s, COL_SENT_BYTES, l ? (int64_t)l->sent_bytes : 0, 0);
    bind_number(s, COL_RECEIVED_BYTES, l ? (int64_t)l->answer_bytes : 0, 0);
    bind_number(s, COL_INPUT_ESTIMATE, (int64_t)k->input_estimate, 0);
    bind_number(s, COL_OUTPUT_LIMIT, k->output_limit, 0);
    bind_number(s, COL_NEEDS, k->needs, 0);
    bind_number(s, COL_LATENCY, k->latency_ms, 0);
    bind_number(s, COL_DEADLINE, k->deadline, 0);
    bind_number(s, COL_DEADLINE_S, k->deadline_s, 0);
    bind_number(s, COL_LEGS_TOLD, r->nlegs_told, (int64_t)r->nlegs);
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
        bind_word(ix, COL_PRICE_DATE, r->price_date, true) < 0 ||
        bind_word(ix, COL_HEALTH, r->knew.health, false) < 0)
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

/* A leg's words always get ids: they come from the configuration.  A text without one (no
 * memory to learn it) counts under none. */
static int64_t leg_word(struct index *ix, enum column as, struct str text)
{
    return text.n ? names_id(&ix->names, (unsigned)as % NAMES_MEMOS, text, true) : 0;
}

static void bind_leg_number(sqlite3_stmt *s, enum leg_column c, int64_t v, int64_t absent)
{
    if (v == absent)
        sqlite3_bind_null(s, (int)c + 1);
    else
        sqlite3_bind_int64(s, (int)c + 1, v);
}

int index_add_leg(struct index *ix, const struct ledger_row *r,
                  const struct ledger_leg *l, int64_t engine, int64_t model)
{
    sqlite3_stmt *s = ix->stmts[STMT_LEG];
    int64_t error = leg_word(ix, COL_ERROR_CODE, l->error_code);
    int64_t date = leg_word(ix, COL_PRICE_DATE, l->price_date);
    const int64_t values[] = {
        [LEG_UID] = (int64_t)r->open.uid,
        [LEG_N] = l->number,
        [LEG_BITS] = leg_bits_of(l, l == ledger_own_leg(r)),
        [LEG_ENGINE] = engine,
        [LEG_MODEL] = model,
        [LEG_STATUS] = l->status,
        [LEG_ERROR_CODE] = error,
        [LEG_INPUT] = (int64_t)l->usage.input_tokens,
        [LEG_CACHED] = (int64_t)l->usage.cached_tokens,
        [LEG_CACHE_WRITE] = (int64_t)l->usage.cache_write_tokens,
        [LEG_OUTPUT] = (int64_t)l->usage.output_tokens,
        [LEG_REASONING] = (int64_t)l->usage.reasoning_tokens,
        [LEG_AUDIO_INPUT] = (int64_t)l->usage.audio_input_tokens,
        [LEG_AUDIO_OUTPUT] = (int64_t)l->usage.audio_output_tokens,
        [LEG_TIER] = l->usage.tier,
        [LEG_COST] = l->cost_nanousd,
        [LEG_PRICE_DATE] = date,
        [LEG_STARTED] = (int64_t)l->started_ms,
        [LEG_TTFT] = l->ttft_ms,
        [LEG_TOTAL] = (int64_t)l->total_ms,
        [LEG_SENT_BYTES] = (int64_t)l->sent_bytes,
        [LEG_ANSWER_BYTES] = (int64_t)l->answer_bytes,
    };
    if (error < 0 || date < 0)
        return -1;
    for (unsigned c = 0; c < ARRAY_LEN(values); c++)
        bind_leg_number(s, (enum leg_column)c, values[c],
                        c == LEG_COST || c == LEG_TTFT ? -1
                        : c <= LEG_BITS                ? INT64_MIN
                                                       : 0);
    int rc = sqlite3_step(s);
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? 0 : -1;
}

static int add_leg(struct index *ix, const struct ledger_row *r,
                   const struct ledger_leg *l, const struct rollup_group *of_row,
                   struct err *err)
{
    int64_t engine = leg_word(ix, COL_ENGINE, l->engine);
    int64_t model = leg_word(ix, COL_MODEL_USED, l->model);
    if (engine < 0 || model < 0 ||
        (!row_tells_its_leg(r) && index_add_leg(ix, r, l, engine, model) < 0))
        return index_fault(ix->db, "cannot add a leg", err);
    const struct rollup_group g = group_of_leg(of_row, l, engine, model);
    struct rollup_sums *sums = sums_of(ix, &g, err);
    if (!sums)
        return -1;
    rollup_sums_add_leg(sums, r, l);
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
        if (add_leg(ix, r, &r->legs[i], g, err) < 0)
            return -1;
    return 0;
}

static int add_noted(struct index *ix, const struct ledger_row *r, struct err *err)
{
    sqlite3_stmt *s = ix->stmts[STMT_NOTED];
    if (LIKELY(r->noted.n == 0))
        return 0;
    sqlite3_bind_int64(s, 1, (int64_t)r->open.uid);
    sqlite3_bind_text(s, 2, r->noted.p, (int)r->noted.n, SQLITE_STATIC);
    int rc = sqlite3_step(s);
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? 0
                             : index_fault(ix->db, "cannot add what a row noted", err);
}

int index_add_row(struct index *ix, const struct ledger_row *r, struct err *err)
{
    sqlite3_stmt *s = ix->stmts[STMT_ROW];
    struct rollup_group g = {.hour = (int64_t)(r->open.ts_ms / HOUR_MS),
                             .bits = group_bits(bits_of(r))};
    bind_numbers(s, r);
    bind_more_numbers(s, r);
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
    return add_noted(ix, r, err) < 0 || add_to_sums(ix, r, &g, err) < 0 ? -1 : 1;
}
