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

const char index_schema[] =
    "CREATE TABLE strings(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
    "CREATE TABLE words(kind TEXT, code INTEGER, word TEXT, PRIMARY KEY(kind, code))"
    " WITHOUT ROWID;"
    "CREATE TABLE rows(uid INTEGER PRIMARY KEY, ts, bits, request_id, key, session,"
    " session_name, engine, model_asked, model_used, policy, role, reasons, status,"
    " error_code, attempts, input, cached, cache_write, output, reasoning, cost_nanousd, "
    "price_date,"
    " ttft_ms, total_ms, request_bytes, answer_bytes);"
    "CREATE INDEX rows_request_id ON rows(request_id) WHERE request_id IS NOT NULL;"
    "CREATE TABLE rollup(hour INTEGER, key INTEGER, engine INTEGER, model INTEGER,"
    " policy INTEGER, bits INTEGER, requests INTEGER, estimated INTEGER, input INTEGER,"
    " cached INTEGER, cache_write INTEGER, output INTEGER, reasoning INTEGER, "
    "cost_nanousd INTEGER,"
    " cost_unknown INTEGER, request_bytes INTEGER, answer_bytes INTEGER,"
    " ttft_ms INTEGER, ttft_count INTEGER, total_ms INTEGER,"
    " PRIMARY KEY(hour, key, engine, model, policy, bits)) WITHOUT ROWID;"
    "CREATE TABLE open(uid INTEGER PRIMARY KEY, opened BLOB NOT NULL, attempt BLOB);"
    "CREATE TABLE position(worker INTEGER PRIMARY KEY, segment INTEGER NOT NULL,"
    " offset INTEGER NOT NULL);"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
    "CREATE VIEW requests AS SELECT r.uid,"
    " strftime('%Y-%m-%dT%H:%M:%fZ', r.ts / 1000.0, 'unixepoch') AS ts,"
    " r.request_id," /* NULL: the uid's own id */
    WORD("key") " r.session," WORD("session_name") CODE("dialect", "(r.bits >> 8) & 15")
        CODE("surface", "(r.bits >> 12) & 7")
            CODE("side", "CASE WHEN r.bits & 2 THEN r.bits & 1 END") WORD("engine") WORD(
                "model_asked") WORD("model_used") CODE("label", "(r.bits >> 5) & 7")
                WORD("policy") WORD("role") WORD("reasons") " r.status," CODE(
                    "outcome", "(r.bits >> 2) & 7")
                    WORD("error_code") " coalesce(r.attempts, 0) AS attempts, (r.bits >> "
                                       "15) & 1 AS stream,"
                                       " coalesce(r.input, 0) AS input, "
                                       "coalesce(r.cached, 0) AS cached, "
                                       "coalesce(r.cache_write, 0) AS cache_write,"
                                       " coalesce(r.output, 0) AS output, "
                                       "coalesce(r.reasoning, 0) AS reasoning,"
                                       " CASE WHEN (r.bits >> 17) & 1 THEN 'reported' "
                                       "ELSE 'estimated' END"
                                       " AS tokens_source, r.cost_nanousd," WORD(
                                           "price_date") " r.ttft_ms, r.total_ms,"
                                                         " coalesce(r.request_bytes, 0) "
                                                         "AS request_bytes,"
                                                         " coalesce(r.answer_bytes, 0) "
                                                         "AS answer_bytes FROM rows r;";
