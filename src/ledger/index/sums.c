/* sums.c -- see sums.h. */
#include "ledger/index/sums.h"

#include "core/clock.h"
#include "core/mem.h"
#include "ledger/index/index.h"
#include "ledger/index/rollup.h"
#include "ledger/index/span.h"
#include "ledger/refresh.h"

#include <stdio.h>

enum { SQL_BYTES = 12000, DATE_BYTES = 25 };

/* What the row tells of its only leg; the legs of others tell it themselves. */
#define ONLY(c) "CASE WHEN bits >> 20 & 1 THEN 0 ELSE " c " END"

/* Only a stream has a first token (ledger_first_token_ms() in SQL). */
#define IS_STREAM "(bits >> 15 & 1)"

/* One row as a group of one, in the columns of rollup. */
/* clang-format off */
#define ROWS_AS_GROUPS                                                                   \
    "SELECT ts / 3600000, coalesce(key, 0), coalesce(engine, 0),"                        \
    " coalesce(model_used, 0), coalesce(policy, 0),"                                     \
    " (bits & 255) | ((bits >> 24 & 7) << 8), 1,"                                        \
    " (bits & 2) != 0 AND (bits >> 17 & 1) = 0, "                                        \
    ONLY("coalesce(input, 0)") ", "                                                      \
    ONLY("coalesce(cached, 0)") ", "                                                     \
    ONLY("coalesce(cache_write, 0)") ", "                                                \
    ONLY("coalesce(output, 0)") ", "                                                     \
    ONLY("coalesce(reasoning, 0)") ", "                                                  \
    ONLY("coalesce(cost_nanousd, 0)") ", "                                               \
    ONLY("cost_nanousd IS NULL AND (bits & 2) != 0") ", "                                \
    "coalesce(request_bytes, 0), coalesce(answer_bytes, 0),"                             \
    " iif(" IS_STREAM ", coalesce(ttft_ms, 0), 0), " IS_STREAM                             \
" AND ttft_ms IS NOT NULL, total_ms, 0,"                           \
    " (bits & 1) = 0 AND (bits >> 18 & 1), 0 FROM rows"
/* clang-format on */

/* One leg as a group of one: no request, only its tokens and its cost.  Which of them are
 * failed tries is ledger_leg_failed_beside() in SQL; tests/unit/test_ledger.c holds the
 * two equal.
 */
#define LEGS_AS_GROUPS                                                                   \
    "SELECT r.ts / 3600000, coalesce(r.key, 0), coalesce(l.engine, 0),"                  \
    " coalesce(l.model, 0), coalesce(r.policy, 0),"                                      \
    " (r.bits & 252) | 2 | (l.bits & 1) | ((l.bits >> 8 & 7) << 8), 0, 0,"               \
    " coalesce(l.input, 0), coalesce(l.cached, 0), coalesce(l.cache_write, 0),"          \
    " coalesce(l.output, 0), coalesce(l.reasoning, 0), coalesce(l.cost_nanousd, 0),"     \
    " l.cost_nanousd IS NULL, 0, 0, 0, 0, 0,"                                            \
    " (l.bits >> 2 & 7) != 0 AND (l.bits >> 11 & 1) = 0 AND (l.bits >> 8 & 7) IN "       \
    "(0,1,5), 0, 0"                                                                      \
    " FROM more_legs l JOIN rows r ON r.uid = l.uid"

/* One row of the cloud side whose prompt no cloud engine got: it is a request of the sums
 * above already, and here it is told from those that left. */
#define UNREACHED_AS_GROUPS                                                              \
    "SELECT ts / 3600000, coalesce(key, 0), coalesce(engine, 0),"                        \
    " coalesce(model_used, 0), coalesce(policy, 0),"                                     \
    " (bits & 255) | ((bits >> 24 & 7) << 8),"                                           \
    " 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1 FROM rows"                                       \
    " WHERE " ROWS_UNREACHED " AND ts >= ?11 AND ts < ?12"

#define PARTS                                                                            \
    "WITH part(hour, key, engine, model, policy, bits, requests, estimated, input,"      \
    " cached, cache_write, output, reasoning, cost_nanousd, cost_unknown,"               \
    " request_bytes, answer_bytes, ttft_ms, ttft_count, total_ms, failed_attempts,"      \
    " local_after_cloud, cloud_unreached) AS ("                                          \
    "SELECT *, 0 FROM rollup WHERE hour >= ?1 AND hour < ?2"                             \
    " UNION ALL " ROWS_AS_GROUPS " WHERE uid BETWEEN ?3 AND ?4 AND ts >= ?5 AND ts < ?6" \
    " UNION ALL " ROWS_AS_GROUPS                                                         \
    " WHERE uid BETWEEN ?7 AND ?8 AND ts >= ?9 AND ts < ?10"                             \
    " UNION ALL " LEGS_AS_GROUPS                                                         \
    " WHERE l.uid BETWEEN ?3 AND ?4 AND r.ts >= ?5 AND r.ts < ?6"                        \
    " UNION ALL " LEGS_AS_GROUPS                                                         \
    " WHERE l.uid BETWEEN ?7 AND ?8 AND r.ts >= ?9 AND r.ts < ?10"                       \
    " UNION ALL " UNREACHED_AS_GROUPS ") "

/* Side and "was there an engine" group together; so do their codes. */
static const struct {
    const char *name, *sql;
} bys[SUMS_BY_COUNT] = {
    [SUMS_BY_DAY] = {"day", "hour / 24"},
    [SUMS_BY_HOUR] = {"hour", "hour"},
    [SUMS_BY_SIDE] = {"side", "CASE WHEN bits & 2 THEN bits & 3 ELSE 0 END"},
    [SUMS_BY_ENGINE] = {"engine", "engine"},
    [SUMS_BY_MODEL] = {"model", "model"},
    [SUMS_BY_LABEL] = {"label", "bits >> 5 & 7"},
    [SUMS_BY_KEY] = {"key", "key"},
    [SUMS_BY_POLICY] = {"policy", "policy"},
    [SUMS_BY_PURPOSE] = {"purpose",
                         "CASE WHEN bits & 2 THEN (bits >> 8 & 7) + 1 ELSE 0 END"},
};

static const char sums_sql[] =
    "sum(requests), sum(requests * ((bits >> 2 & 7) = 0)),"
    " sum(requests * ((bits >> 2 & 7) = 1)), sum(requests * ((bits >> 2 & 7) = 2)),"
    " sum(requests * ((bits >> 2 & 7) = 3)), sum(requests * ((bits >> 2 & 7) = 4)),"
    " sum((requests - local_after_cloud) * ((bits & 31) = 2)), sum(input), sum(cached), "
    "sum(cache_write), "
    "sum(output),"
    " sum(reasoning), sum(estimated), sum(cost_nanousd), sum(cost_unknown),"
    " sum(request_bytes), sum(answer_bytes), sum(ttft_ms), sum(ttft_count),"
    " sum(total_ms), sum(failed_attempts), sum(local_after_cloud),"
    " sum(cloud_unreached)";

const char *sums_by_name(enum sums_by by)
{
    return bys[by].name;
}

bool sums_by_parse(struct str word, enum sums_by *ret)
{
    for (unsigned i = 0; i < SUMS_BY_COUNT; i++) {
        if (str_eqz(word, bys[i].name)) {
            *ret = (enum sums_by)i;
            return true;
        }
    }
    return false;
}

static void append(struct buf *sql, const char *text)
{
    buf_append(sql, str_of(text));
}

/* A total of nothing would be a line of zeroes: HAVING keeps it away. */
static void write_sql(struct buf *sql, const struct ledger_sums_query *q)
{
    append(sql, PARTS "SELECT ");
    for (size_t i = 0; i < q->nby; i++) {
        append(sql, bys[q->by[i]].sql);
        append(sql, ", ");
    }
    append(sql, sums_sql);
    append(sql, " FROM part");
    for (size_t i = 0; i < q->nby; i++) {
        append(sql, i ? ", " : " GROUP BY ");
        append(sql, bys[q->by[i]].sql);
    }
    append(sql, " HAVING count(*) > 0");
    for (size_t i = 0; i < q->nby; i++) {
        enum sums_by by = q->by[i];
        bool is_word = by == SUMS_BY_ENGINE || by == SUMS_BY_MODEL || by == SUMS_BY_KEY ||
                       by == SUMS_BY_POLICY;
        append(sql, i ? ", " : " ORDER BY ");
        append(sql, is_word ? "(SELECT text FROM strings WHERE id=" : "");
        append(sql, bys[by].sql);
        append(sql, is_word ? ")" : "");
    }
    buf_byte(sql, '\0');
}

static void bind_span(sqlite3_stmt *s, int at, const struct span *p)
{
    sqlite3_bind_int64(s, at, p->first_uid);
    sqlite3_bind_int64(s, at + 1, p->last_uid);
    sqlite3_bind_int64(s, at + 2, p->since_ms);
    sqlite3_bind_int64(s, at + 3, p->until_ms);
}

/* Whole hours from the sums; what is left at either end from the rows. */
static int bind_times(sqlite3_stmt *s, sqlite3 *db, uint64_t since, uint64_t until)
{
    static const struct span none = {.first_uid = 1, .last_uid = 0};
    uint64_t first = (since + HOUR_MS - 1) / HOUR_MS;
    uint64_t last = until ? until / HOUR_MS : (uint64_t)INT64_MAX / HOUR_MS;
    bool is_within = first > last; /* no whole hour, not even an empty one */
    struct span head = none, tail = none;
    if ((is_within || since % HOUR_MS) &&
        span_of(db, since, is_within ? until : first * HOUR_MS, &head) < 0)
        return -1;
    if (!is_within && until % HOUR_MS && span_of(db, last * HOUR_MS, until, &tail) < 0)
        return -1;
    sqlite3_bind_int64(s, 1, (int64_t)first);
    sqlite3_bind_int64(s, 2, is_within ? 0 : (int64_t)last);
    bind_span(s, 3, &head);
    bind_span(s, 7, &tail);
    sqlite3_bind_int64(s, 11, (int64_t)since);
    sqlite3_bind_int64(s, 12, until ? (int64_t)until : INT64_MAX);
    return 0;
}

static struct str by_text(sqlite3_stmt *s, int column, enum sums_by by, struct words *w,
                          char day[DATE_BYTES])
{
    int64_t v = sqlite3_column_int64(s, column);
    switch (by) {
    case SUMS_BY_DAY:
        clock_format_utc((uint64_t)v * 24 * HOUR_MS, day);
        return (struct str){day, 10};
    case SUMS_BY_HOUR:
        clock_format_utc((uint64_t)v * HOUR_MS, day);
        day[16] = 'Z';
        return (struct str){day, 17};
    case SUMS_BY_SIDE:
        return v & 2 ? str_of(side_name((enum side)(v & 1))) : STR("");
    case SUMS_BY_PURPOSE:
        return v ? str_of(leg_purpose_name((enum leg_purpose)(v - 1))) : STR("");
    case SUMS_BY_LABEL:
        return v < SENSITIVITY_COUNT ? str_of(sensitivity_name((enum sensitivity)v))
                                     : STR("");
    default:
        return v ? words_by_id(w, v) : STR("");
    }
}

static void read_sums(sqlite3_stmt *s, int at, struct ledger_sums *out)
{
    out->requests = (uint64_t)sqlite3_column_int64(s, at++);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        out->outcomes[i] = (uint64_t)sqlite3_column_int64(s, at++);
    uint64_t *const before[] = {&out->local_ok,      &out->input_tokens,
                                &out->cached_tokens, &out->cache_write_tokens,
                                &out->output_tokens, &out->reasoning_tokens,
                                &out->estimated};
    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        *before[i] = (uint64_t)sqlite3_column_int64(s, at++);
    out->cost_nanousd = sqlite3_column_int64(s, at++);
    uint64_t *const after[] = {
        &out->cost_unknown,    &out->request_bytes,     &out->answer_bytes,
        &out->ttft_ms,         &out->ttft_count,        &out->total_ms,
        &out->failed_attempts, &out->local_after_cloud, &out->cloud_unreached};
    for (size_t i = 0; i < ARRAY_LEN(after); i++)
        *after[i] = (uint64_t)sqlite3_column_int64(s, at++);
}

static int run(sqlite3 *db, sqlite3_stmt *s, const struct ledger_sums_query *q,
               struct words *w, ledger_sums_fn *fn, void *ctx, struct err *err)
{
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct ledger_sums line = {0};
        char dates[SUMS_BY_COUNT][DATE_BYTES];
        for (size_t i = 0; i < q->nby; i++)
            line.words[i] = by_text(s, (int)i, q->by[i], w, dates[i]);
        read_sums(s, (int)q->nby, &line);
        if (w->failed)
            return words_fault(w, "cannot add up rows", err);
        if (fn(ctx, &line))
            return 0;
    }
    return rc == SQLITE_DONE ? 0 : index_fault(db, "cannot add up rows", err);
}

static int sum_in(sqlite3 *db, const struct ledger_sums_query *q, ledger_sums_fn *fn,
                  void *ctx, struct err *err)
{
    sqlite3_stmt *s = NULL;
    struct buf sql;
    struct words *w = mem_new(struct words);
    buf_init(&sql, SQL_BYTES);
    write_sql(&sql, q);
    int failed = w && !sql.failed ? words_init(w, db, err) : err_nomem(err);
    if (!failed && (sqlite3_prepare_v2(db, sql.p, -1, &s, NULL) != SQLITE_OK ||
                    bind_times(s, db, q->since_ms, q->until_ms) < 0))
        failed = index_fault(db, "cannot add up rows", err);
    if (!failed)
        failed = run(db, s, q, w, fn, ctx, err);
    sqlite3_finalize(s);
    buf_release(&sql);
    if (w)
        words_release(w);
    mem_free(w);
    return failed;
}

static int open_for(const struct ledger_sums_query *q, sqlite3 **ret, struct err *err)
{
    return q->is_glance ? refresh_glance(q->state_dir, ret, err)
                        : refresh_open(q->state_dir, ret, err);
}

int ledger_sum(const struct ledger_sums_query *q, ledger_sums_fn *fn, void *ctx,
               struct err *err)
{
    sqlite3 *db;
    if (open_for(q, &db, err) < 0)
        return -1;
    if (!db)
        return 0;
    int failed = sum_in(db, q, fn, ctx, err);
    sqlite3_close(db);
    return failed;
}

/* Bit 11 of a leg is set in the one that its row tells of (rollup.c). */
static int sum_beside(sqlite3 *db, const struct ledger_sums_query *q,
                      struct ledger_sums *ret, struct err *err)
{
    static const char sql[] =
        "SELECT coalesce(sum(l.input), 0), coalesce(sum(l.cached), 0),"
        " coalesce(sum(l.cache_write), 0), coalesce(sum(l.output), 0),"
        " coalesce(sum(l.reasoning), 0) FROM more_legs l"
        " WHERE (l.bits >> 11 & 1) = 0 AND l.uid BETWEEN ?1 AND ?2 AND (l.uid BETWEEN ?5"
        " AND ?6 OR EXISTS (SELECT 1 FROM rows r WHERE r.uid = l.uid AND r.ts >= ?3 AND"
        " r.ts < ?4))";
    uint64_t *const to[] = {&ret->input_tokens, &ret->cached_tokens,
                            &ret->cache_write_tokens, &ret->output_tokens,
                            &ret->reasoning_tokens};
    sqlite3_stmt *s = NULL;
    struct span span;
    bool ok = span_of(db, q->since_ms, q->until_ms, &span) == 0 &&
              sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK;
    if (ok) {
        span_bind(&span, s);
        sqlite3_bind_int64(s, 5, span.sure_first);
        sqlite3_bind_int64(s, 6, span.sure_last);
    }
    ok = ok && sqlite3_step(s) == SQLITE_ROW;
    for (size_t i = 0; ok && i < ARRAY_LEN(to); i++)
        *to[i] = (uint64_t)sqlite3_column_int64(s, (int)i);
    int failed = ok ? 0 : index_fault(db, "cannot add up legs", err);
    sqlite3_finalize(s);
    return failed;
}

int ledger_sum_beside(const struct ledger_sums_query *q, struct ledger_sums *ret,
                      struct err *err)
{
    sqlite3 *db;
    *ret = (struct ledger_sums){0};
    if (open_for(q, &db, err) < 0)
        return -1;
    if (!db)
        return 0;
    int failed = sum_beside(db, q, ret, err);
    sqlite3_close(db);
    return failed;
}

static int read_mark(sqlite3 *db, const struct ledger_sums_query *q,
                     struct ledger_mark *ret, struct err *err)
{
    static const char sql[] =
        "SELECT count(*), coalesce(sum(requests), 0), coalesce(sum(total_ms), 0),"
        " coalesce(sum(input), 0), coalesce(sum(cost_nanousd), 0)"
        " FROM rollup WHERE hour >= ?1 AND hour < ?2";
    uint64_t until = q->until_ms ? q->until_ms : (uint64_t)INT64_MAX - HOUR_MS;
    sqlite3_stmt *s = NULL;
    bool ok = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK;
    if (ok) {
        sqlite3_bind_int64(s, 1, (int64_t)(q->since_ms / HOUR_MS));
        sqlite3_bind_int64(s, 2, (int64_t)((until + HOUR_MS - 1) / HOUR_MS));
    }
    ok = ok && sqlite3_step(s) == SQLITE_ROW;
    for (int i = 0; ok && i < LEDGER_MARK_FIGURES; i++)
        ret->figures[i] = sqlite3_column_int64(s, i);
    int failed = ok ? 0 : index_fault(db, "cannot add up rows", err);
    sqlite3_finalize(s);
    return failed;
}

int ledger_sums_mark(const struct ledger_sums_query *q, struct ledger_mark *ret,
                     struct err *err)
{
    sqlite3 *db;
    *ret = (struct ledger_mark){0};
    if (open_for(q, &db, err) < 0)
        return -1;
    if (!db)
        return 0;
    int failed = read_mark(db, q, ret, err);
    sqlite3_close(db);
    return failed;
}

void ledger_sums_add(struct ledger_sums *total, const struct ledger_sums *s)
{
    total->requests += s->requests;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        total->outcomes[i] += s->outcomes[i];
    total->local_ok += s->local_ok;
    total->input_tokens += s->input_tokens;
    total->cached_tokens += s->cached_tokens;
    total->cache_write_tokens += s->cache_write_tokens;
    total->output_tokens += s->output_tokens;
    total->reasoning_tokens += s->reasoning_tokens;
    total->estimated += s->estimated;
    total->cost_nanousd += s->cost_nanousd;
    total->cost_unknown += s->cost_unknown;
    total->request_bytes += s->request_bytes;
    total->answer_bytes += s->answer_bytes;
    total->ttft_ms += s->ttft_ms;
    total->ttft_count += s->ttft_count;
    total->total_ms += s->total_ms;
    total->failed_attempts += s->failed_attempts;
    total->local_after_cloud += s->local_after_cloud;
    total->cloud_unreached += s->cloud_unreached;
}
