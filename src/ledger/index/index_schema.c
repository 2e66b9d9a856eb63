/* index_schema.c -- the tables, for weir and for anyone with sqlite3.
 *
 * `rows` is packed for the writer, which has a few microseconds a row; `requests`, `legs`
 * and `costs` are the same for people.  docs/ledger.md explains every column. */
#include "ledger/index/index.h"

#include <stdio.h>

/* A word column holds an id of `strings` or the text itself. */
#define WORD_OF(t, c)                                                                    \
    "CASE typeof(" t "." c ") WHEN 'integer' THEN (SELECT text FROM strings WHERE id=" t \
    "." c ") ELSE " t "." c " END"
#define WORD(c) WORD_OF("r", c) " AS " c ","
#define CODE_OF(kind, expr)                                                              \
    "(SELECT word FROM words WHERE kind='" kind "' AND code=" expr ")"
#define CODE(kind, expr) CODE_OF(kind, expr) " AS " kind ","
#define COUNT(t, c)      "coalesce(" t "." c ", 0)"

/* Before bit 18 was written, a row of the cloud side with an attempt was there. */
#define AT_CLOUD                                                                         \
    "(r.bits >> 18) & 1 OR ((r.bits >> 19) & 1 = 0 AND r.bits & 3 = 3"                   \
    " AND coalesce(r.attempts, 0) > 0)"
/* What cloud engines are owed; NULL when any part of it is unknown. */
#define CLOUD_COST                                                                       \
    "CASE WHEN (r.bits >> 20) & 1 THEN (SELECT CASE WHEN count(*) = count(cost_nanousd)" \
    " THEN coalesce(sum(cost_nanousd), 0) END FROM more_legs l WHERE l.uid = r.uid"      \
    " AND l.bits & 1) WHEN r.bits & 3 = 3 THEN r.cost_nanousd ELSE 0 END"
/* Of a leg that stands by itself: 0 where it has none, NULL where nobody knows. */
#define BESIDE(c) "coalesce(l." c ", iif((l.bits >> 12) & 1, NULL, 0))"
/* The time of the first content, of a stream alone (ledger_first_token_ms()). */
#define FIRST_TOKEN(c) "iif((r.bits >> 15) & 1, " c ", NULL)"
#define TIME           "strftime('%Y-%m-%dT%H:%M:%fZ', r.ts / 1000.0, 'unixepoch')"

const char index_schema[] =
    "CREATE TABLE strings(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
    "CREATE TABLE words(kind TEXT, code INTEGER, word TEXT, PRIMARY KEY(kind, code))"
    " WITHOUT ROWID;"
    "CREATE TABLE rows(uid INTEGER PRIMARY KEY, ts, bits, request_id, key, session,"
    " session_name, engine, model_asked, model_used, policy, role, reasons, status,"
    " error_code, attempts, input, cached, cache_write, output, reasoning, cost_nanousd,"
    " price_date, ttft_ms, total_ms, request_bytes, answer_bytes, audio_input,"
    " audio_output, tier" INDEX_COLUMNS_OF_3 ");"
    "CREATE INDEX rows_request_id ON rows(request_id) WHERE request_id IS NOT NULL;"
    "CREATE TABLE rollup(hour INTEGER, key INTEGER, engine INTEGER, model INTEGER,"
    " policy INTEGER, bits INTEGER, requests INTEGER, estimated INTEGER, input INTEGER,"
    " cached INTEGER, cache_write INTEGER, output INTEGER, reasoning INTEGER, "
    "cost_nanousd INTEGER,"
    " cost_unknown INTEGER, request_bytes INTEGER, answer_bytes INTEGER,"
    " ttft_ms INTEGER, ttft_count INTEGER, total_ms INTEGER,"
    " failed_attempts INTEGER NOT NULL DEFAULT 0,"
    " local_after_cloud INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY(hour, key, engine, model, policy, bits)) WITHOUT ROWID;"
    "CREATE TABLE open(uid INTEGER PRIMARY KEY, opened BLOB NOT NULL, attempt BLOB);"
    "CREATE TABLE position(worker INTEGER PRIMARY KEY, segment INTEGER NOT NULL,"
    " offset INTEGER NOT NULL);"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;";

/* The columns stand in the order of enum leg_column (row_read.h). */
const char index_legs[] =
    "CREATE TABLE more_legs(uid INTEGER, n INTEGER, bits INTEGER, engine, model, status,"
    " error_code, input, cached, cache_write, output, reasoning, audio_input,"
    " audio_output, tier, cost_nanousd, price_date, started_ms, ttft_ms, total_ms,"
    " sent_bytes, answer_bytes, PRIMARY KEY(uid, n)) WITHOUT ROWID;";

const char index_feedback[] =
    "CREATE TABLE IF NOT EXISTS feedback(uid INTEGER, ts INTEGER, verdict INTEGER,"
    " PRIMARY KEY(uid, ts, verdict)) WITHOUT ROWID;";

const char index_unreached[] =
    "CREATE INDEX IF NOT EXISTS rows_unreached ON rows(ts, key, engine, model_used,"
    " policy, bits, attempts) WHERE " ROWS_UNREACHED ";";

/* Older weirs also added up after how long an answer came that was no stream. */
const char index_first_tokens[] =
    "UPDATE rollup SET ttft_ms=0, ttft_count=0;"
    "UPDATE rollup SET ttft_ms=s.ms, ttft_count=s.n FROM (SELECT ts / 3600000 AS hour,"
    " coalesce(key, 0) AS key, coalesce(engine, 0) AS engine,"
    " coalesce(model_used, 0) AS model, coalesce(policy, 0) AS policy,"
    " (bits & 255) | ((bits >> 24 & 7) << 8) AS bits, sum(ttft_ms) AS ms, count(*) AS n"
    " FROM rows WHERE bits >> 15 & 1 AND ttft_ms IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6)"
    " AS s WHERE rollup.hour=s.hour AND rollup.key=s.key AND rollup.engine=s.engine"
    " AND rollup.model=s.model AND rollup.policy=s.policy AND rollup.bits=s.bits;"
    "INSERT OR REPLACE INTO meta VALUES('first_tokens_of_streams', 1);";

const char index_noted[] =
    "CREATE TABLE IF NOT EXISTS noted(uid INTEGER PRIMARY KEY, figures TEXT NOT NULL);";

/* clang-format off */
static const char view_requests[] =
    "CREATE VIEW requests AS SELECT r.uid, " TIME " AS ts,"
    " r.request_id," /* NULL: the uid's own id */
    WORD("key")
    " r.session,"
    WORD("session_name")
    CODE("dialect", "(r.bits >> 8) & 15")
    CODE("surface", "(r.bits >> 12) & 7")
    CODE("side", "CASE WHEN r.bits & 2 THEN r.bits & 1 END")
    WORD("engine")
    WORD("model_asked")
    WORD("model_used")
    CODE("label", "(r.bits >> 5) & 7")
    WORD("policy")
    WORD("role")
    WORD("reasons")
    " r.status,"
    CODE("outcome", "(r.bits >> 2) & 7")
    WORD("error_code")
    COUNT("r", "attempts") " AS attempts, (r.bits >> 15) & 1 AS stream,"
    COUNT("r", "input") " AS input," COUNT("r", "cached") " AS cached,"
    COUNT("r", "cache_write") " AS cache_write," COUNT("r", "output") " AS output,"
    COUNT("r", "reasoning") " AS reasoning,"
    " CASE WHEN (r.bits >> 17) & 1 THEN 'reported' ELSE 'estimated' END AS tokens_source,"
    " r.cost_nanousd,"
    WORD("price_date")
    " " FIRST_TOKEN("r.ttft_ms") " AS ttft_ms, r.total_ms," COUNT("r", "request_bytes") " AS request_bytes,"
    COUNT("r", "answer_bytes") " AS answer_bytes,"
    COUNT("r", "audio_input") " AS audio_input,"
    COUNT("r", "audio_output") " AS audio_output,"
    CODE("tier", COUNT("r", "tier"))
    CLOUD_COST " AS cloud_cost_nanousd,"
    AT_CLOUD " AS at_cloud,"
    " r.input_estimate, r.output_limit, r.needs, (r.bits >> 27) & 1 AS wants_quality,"
    " r.latency_ms, r.deadline, r.deadline_s, "
    WORD_OF("r", "health") " AS health, "
    CODE_OF("feedback", "(SELECT verdict FROM feedback f WHERE f.uid = r.uid"
                        " ORDER BY ts DESC LIMIT 1)")
    " AS feedback FROM rows r;";
/* Every leg one line: those that their row tells of ... */
static const char legs_of_rows[] =
    "CREATE VIEW legs AS SELECT r.uid, max(" COUNT("r", "attempts") ", 1) AS n, "
    TIME " AS ts,"
    CODE("purpose", "(r.bits >> 24) & 7")
    " CASE WHEN (r.bits >> 21) & 1 THEN (r.bits >> 22) & 1"
    " ELSE (r.bits >> 2) & 7 = 0 OR r.ttft_ms IS NOT NULL END AS promised,"
    CODE("side", "r.bits & 1")
    WORD("engine")
    WORD_OF("r", "model_used") " AS model, r.status,"
    CODE("outcome", "(r.bits >> 2) & 7")
    WORD("error_code")
    " CASE WHEN (r.bits >> 21) & 1 THEN (r.bits >> 23) & 1"
    " ELSE " COUNT("r", "attempts") " > 0 END AS has_left,"
    COUNT("r", "input") " AS input," COUNT("r", "cached") " AS cached,"
    COUNT("r", "cache_write") " AS cache_write," COUNT("r", "output") " AS output,"
    COUNT("r", "reasoning") " AS reasoning," COUNT("r", "audio_input") " AS audio_input,"
    COUNT("r", "audio_output") " AS audio_output,"
    CODE("tier", COUNT("r", "tier"))
    " CASE WHEN (r.bits >> 17) & 1 THEN 'reported' ELSE 'estimated' END AS tokens_source,"
    " r.cost_nanousd,"
    WORD("price_date")
    COUNT("r", "started_ms") " AS started_ms,"
    " " FIRST_TOKEN("r.ttft_ms") " - " COUNT("r", "started_ms") " AS ttft_ms,"
    " r.total_ms - " COUNT("r", "started_ms") " AS total_ms,"
    " coalesce(r.sent_bytes, CASE WHEN (r.bits >> 21) & 1 THEN 0 ELSE"
    " r.request_bytes END, 0) AS sent_bytes,"
    " coalesce(r.received_bytes, CASE WHEN (r.bits >> 21) & 1 THEN 0 ELSE"
    " r.answer_bytes END, 0) AS answer_bytes"
    " FROM rows r WHERE r.bits & 2 AND (r.bits >> 20) & 1 = 0"
    " AND (r.attempts > 0 OR coalesce(r.cost_nanousd, 1) <> 0)"
    " UNION ALL ";
/* ... and those that stand by themselves ... */
static const char legs_beside[] =
    "SELECT l.uid, l.n, " TIME ","
    CODE_OF("purpose", "(l.bits >> 8) & 7") ", (l.bits >> 1) & 1,"
    CODE_OF("side", "l.bits & 1") ","
    WORD_OF("l", "engine") ","
    WORD_OF("l", "model") ", " BESIDE("status") ","
    CODE_OF("outcome", "(l.bits >> 2) & 7") ","
    WORD_OF("l", "error_code") ", (l.bits >> 5) & 1,"
    BESIDE("input") "," BESIDE("cached") "," BESIDE("cache_write") ","
    BESIDE("output") "," BESIDE("reasoning") "," BESIDE("audio_input") ","
    BESIDE("audio_output") ","
    CODE_OF("tier", COUNT("l", "tier")) ","
    " CASE WHEN (l.bits >> 7) & 1 THEN 'reported' ELSE 'estimated' END,"
    " l.cost_nanousd,"
    WORD_OF("l", "price_date") "," BESIDE("started_ms") ", " FIRST_TOKEN("l.ttft_ms") ","
    BESIDE("total_ms") "," BESIDE("sent_bytes") "," BESIDE("answer_bytes")
    " FROM more_legs l JOIN rows r ON r.uid = l.uid;";
/* ... and of each what money needs. */
static const char view_costs[] =
    "CREATE VIEW costs AS SELECT uid, ts, purpose, side, engine, model AS model_used,"
    " cost_nanousd FROM legs;";
/* clang-format on */

bool index_create_views(sqlite3 *db)
{
    char legs[sizeof legs_of_rows + sizeof legs_beside];
    snprintf(legs, sizeof legs, "%s%s", legs_of_rows, legs_beside);
    return sqlite3_exec(db, view_requests, NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_exec(db, legs, NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_exec(db, view_costs, NULL, NULL, NULL) == SQLITE_OK;
}
