/* index_schema.c -- the tables, for weir and for anyone with sqlite3.
 *
 * `rows` is packed for the writer, which has a few microseconds a row; `requests` is
 * the same for people.  docs/ledger.md explains every column. */
#include "ledger/index.h"

/* A word column holds an id of `strings` or the text itself. */
#define WORD(c)                                                                          \
    "CASE typeof(r." c ") WHEN 'integer' THEN (SELECT text FROM strings WHERE id=r." c   \
    ") ELSE r." c " END AS " c ","
#define CODE(kind, expr)                                                                 \
    "(SELECT word FROM words WHERE kind='" kind "' AND code=" expr ") AS " kind ","

#define SPENT_TABLE                                                                      \
    "CREATE TABLE spent(uid INTEGER, n INTEGER, engine INTEGER, model INTEGER,"          \
    " side INTEGER, cost_nanousd INTEGER, PRIMARY KEY(uid, n)) WITHOUT ROWID;"

/* Before bit 18 was written, a row of the cloud side with an attempt was there. */
#define AT_CLOUD                                                                         \
    "(r.bits >> 18) & 1 OR ((r.bits >> 19) & 1 = 0 AND r.bits & 3 = 3"                   \
    " AND coalesce(r.attempts, 0) > 0)"
/* What the row's own engine is owed. */
#define OWN_COST "CASE WHEN (r.bits >> 20) & 1 THEN r.own_nanousd ELSE r.cost_nanousd END"
/* What cloud engines are owed; NULL when any part of it is unknown. */
#define CLOUD_COST                                                                       \
    "CASE WHEN r.bits & 3 = 3 THEN " OWN_COST                                            \
    " ELSE 0 END + (SELECT CASE WHEN count(*) = count(s.cost_nanousd) THEN"              \
    " coalesce(sum(s.cost_nanousd), 0) END FROM spent s WHERE s.uid = r.uid"             \
    " AND s.side = 1)"
const char index_schema[] =
    "CREATE TABLE strings(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
    "CREATE TABLE words(kind TEXT, code INTEGER, word TEXT, PRIMARY KEY(kind, code))"
    " WITHOUT ROWID;"
    "CREATE TABLE rows(uid INTEGER PRIMARY KEY, ts, bits, request_id, key, session,"
    " session_name, engine, model_asked, model_used, policy, role, reasons, status,"
    " error_code, attempts, input, cached, cache_write, output, reasoning, cost_nanousd, "
    "price_date,"
    " ttft_ms, total_ms, request_bytes, answer_bytes, audio_input, audio_output, tier,"
    " own_nanousd);"
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
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;" SPENT_TABLE;

/* clang-format off */
const char index_views[] =
    "CREATE VIEW requests AS SELECT r.uid,"
    " strftime('%Y-%m-%dT%H:%M:%fZ', r.ts / 1000.0, 'unixepoch') AS ts,"
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
    " coalesce(r.attempts, 0) AS attempts, (r.bits >> 15) & 1 AS stream,"
    " coalesce(r.input, 0) AS input, coalesce(r.cached, 0) AS cached,"
    " coalesce(r.cache_write, 0) AS cache_write, coalesce(r.output, 0) AS output,"
    " coalesce(r.reasoning, 0) AS reasoning,"
    " CASE WHEN (r.bits >> 17) & 1 THEN 'reported' ELSE 'estimated' END AS tokens_source,"
    " r.cost_nanousd,"
    WORD("price_date")
    " r.ttft_ms, r.total_ms, coalesce(r.request_bytes, 0) AS request_bytes,"
    " coalesce(r.answer_bytes, 0) AS answer_bytes,"
    " coalesce(r.audio_input, 0) AS audio_input,"
    " coalesce(r.audio_output, 0) AS audio_output,"
    CODE("tier", "coalesce(r.tier, 0)")
    CLOUD_COST " AS cloud_cost_nanousd,"
    AT_CLOUD " AS at_cloud FROM rows r;"
    /* One line for each engine that a request was sent to. */
    "CREATE VIEW costs AS SELECT r.uid,"
    " strftime('%Y-%m-%dT%H:%M:%fZ', r.ts / 1000.0, 'unixepoch') AS ts,"
    CODE("side", "r.bits & 1")
    WORD("engine")
    WORD("model_used")
    OWN_COST " AS cost_nanousd, 'answer' AS what FROM rows r WHERE r.bits & 2"
    " UNION ALL SELECT r.uid,"
    " strftime('%Y-%m-%dT%H:%M:%fZ', r.ts / 1000.0, 'unixepoch'),"
    " (SELECT word FROM words WHERE kind='side' AND code=s.side),"
    " (SELECT text FROM strings WHERE id=s.engine),"
    " (SELECT text FROM strings WHERE id=s.model),"
    " s.cost_nanousd, 'failed attempt' FROM spent s JOIN rows r ON r.uid = s.uid;";
/* clang-format on */

const char index_upgrade_from_1[] =
    "DROP VIEW requests;"
    "ALTER TABLE rows ADD COLUMN audio_input; ALTER TABLE rows ADD COLUMN audio_output;"
    "ALTER TABLE rows ADD COLUMN tier; ALTER TABLE rows ADD COLUMN own_nanousd;"
    "ALTER TABLE rollup ADD COLUMN failed_attempts INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE rollup ADD COLUMN local_after_cloud INTEGER NOT NULL DEFAULT "
    "0;" SPENT_TABLE;
