/* test_ledger_money.c -- money stands where it was spent: in rows, in sums, after a crash
 * and in an index that an older weir made. */
#include "ledger/index/failed.h"
#include "ledger/index/index.h"
#include "ledger/index/sums.h"
#include "ledger/log/log.h"

#include "core/mem.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger_fixture.h"

/* Every engine that had it is in the row, and none of it is taken for free. */
static void an_interrupted_row_keeps_the_cloud_attempts_before_it(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
    struct ledger_attempt a = {.uid = r.open.uid,
                               .number = 1,
                               .engine = STR("openai"),
                               .model = STR("gpt-4o"),
                               .side = SIDE_CLOUD};
    struct ledger_attempt b = {.uid = r.open.uid,
                               .number = 2,
                               .engine = r.engine,
                               .model = r.model_used,
                               .side = SIDE_LOCAL,
                               .policy = r.policy,
                               .reasons_json = r.reasons_json};
    ledger_append_open(log, &r.open);
    ledger_append_attempt(log, &a);
    ledger_append_attempt(log, &b);
    assert_int_equal(ledger_log_flush(log), 0);
    ledger_close(l);
    for (int life = 0; life < 2; life++) {
        struct collected *c = read_rows(*state);
        assert_int_equal(c->n, 1);
        const struct ledger_row *got = &c->rows[0];
        assert_int_equal(got->outcome, OUTCOME_INTERRUPTED);
        assert_int_equal(got->side, SIDE_LOCAL);
        assert_true(got->was_at_cloud && got->nlegs == 2);
        assert_true(got->cost_nanousd == COST_UNKNOWN && ledger_own_cost(got) == 0);
        assert_true(got->legs[0].cost_nanousd == COST_UNKNOWN);
        assert_true(str_eq(got->reasons_json, r.reasons_json));
        drop_rows(c);
        ledger_close(open_or_fail(*state, 1));
    }
}

static struct ledger_leg leg_of(uint64_t uid, uint32_t n, const char *engine,
                                int64_t cost)
{
    return (struct ledger_leg){.uid = uid,
                               .number = n,
                               .purpose = n > 1 ? LEG_RETRY : LEG_ANSWER,
                               .side = SIDE_CLOUD,
                               .engine = str_of(engine),
                               .model = STR("m"),
                               .outcome = OUTCOME_ERROR,
                               .has_left = true,
                               .cost_nanousd = cost,
                               .ttft_ms = -1};
}

/* A LEG that no reader found: what is known of it is that it was, and what it cost. */
static void a_lost_leg_leaves_what_is_missing_of_the_cost(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
    struct ledger_leg leg = leg_of(r.open.uid, 1, "sky", 10);
    r.nlegs_told = 2;
    r.attempts = 2;
    r.cost_nanousd = 30;
    ledger_append_open(log, &r.open);
    ledger_append_leg(log, &leg);
    ledger_append_leg(log, &leg); /* twice is once */
    ledger_append_settle(log, &r);
    r = row_of(ledger_new_uid(log), start_ms + 1); /* all of them are lost, and OPEN */
    r.nlegs_told = 3;
    r.attempts = 3;
    r.cost_nanousd = COST_UNKNOWN;
    ledger_append_settle(log, &r);
    ledger_close(l);
    struct collected *c = read_rows(*state);
    assert_int_equal(c->n, 2);
    assert_true(c->rows[0].nlegs == 2 && c->rows[0].cost_nanousd == 30);
    assert_true(c->rows[0].legs[0].cost_nanousd == 10);
    assert_true(c->rows[0].legs[1].cost_nanousd == 20 && c->rows[0].legs[1].number == 2);
    assert_true(str_eqz(c->rows[0].legs[1].engine, "ollama"));
    assert_true(c->rows[1].nlegs == 1 && c->rows[1].nlegs_told == 3);
    assert_true(c->rows[1].legs[0].cost_nanousd == COST_UNKNOWN);
    drop_rows(c);
}

/* What replay wrote into worker 0's log is read before worker 1's, where it began. */
static void
an_interrupted_request_keeps_its_legs_when_the_store_is_built_anew(void **state)
{
    char path[128];
    struct ledger *l = open_or_fail(*state, 2);
    struct ledger_log *log = ledger_log_of(l, 1);
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
    struct ledger_leg leg = leg_of(r.open.uid, 1, "sky", 10);
    struct ledger_attempt a = {.uid = r.open.uid,
                               .number = 1,
                               .engine = STR("sky"),
                               .model = STR("m"),
                               .side = SIDE_CLOUD};
    ledger_append_open(log, &r.open);
    ledger_append_attempt(log, &a);
    ledger_append_leg(log, &leg);
    a.number = 2;
    a.purpose = LEG_RETRY;
    a.engine = STR("sea");
    ledger_append_attempt(log, &a);
    ledger_close(l);
    for (int life = 0; life < 3; life++) {
        struct collected *c = read_rows(*state);
        assert_int_equal(c->n, 1);
        assert_int_equal(c->rows[0].nlegs, 2);
        assert_true(c->rows[0].cost_nanousd == COST_UNKNOWN);
        assert_int_equal(c->rows[0].legs[0].cost_nanousd, 10);
        assert_int_equal(c->rows[0].legs[0].outcome, OUTCOME_ERROR);
        assert_int_equal(c->rows[0].legs[1].outcome, OUTCOME_INTERRUPTED);
        assert_true(c->rows[0].legs[1].cost_nanousd == COST_UNKNOWN);
        assert_true(str_eqz(c->rows[0].legs[1].engine, "sea"));
        drop_rows(c);
        static const char *const gone[] = {"", "-wal", "-shm"};
        for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
            snprintf(path, sizeof path, "%s/ledger.sqlite%s", (char *)*state, gone[i]);
            (void)unlink(path);
        }
        snprintf(path, sizeof path, "%s/ledger.backup", (char *)*state);
        (void)unlink(path);
    }
}

/* The tables as 0.1.0 made them, as far as reading and writing needs them. */
static const char version_1[] =
    "CREATE TABLE strings(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
    "CREATE TABLE words(kind TEXT, code INTEGER, word TEXT, PRIMARY KEY(kind, code))"
    " WITHOUT ROWID;"
    "CREATE TABLE rows(uid INTEGER PRIMARY KEY, ts, bits, request_id, key, session,"
    " session_name, engine, model_asked, model_used, policy, role, reasons, status,"
    " error_code, attempts, input, cached, cache_write, output, reasoning, cost_nanousd,"
    " price_date, ttft_ms, total_ms, request_bytes, answer_bytes);"
    "CREATE TABLE rollup(hour INTEGER, key INTEGER, engine INTEGER, model INTEGER,"
    " policy INTEGER, bits INTEGER, requests INTEGER, estimated INTEGER, input INTEGER,"
    " cached INTEGER, cache_write INTEGER, output INTEGER, reasoning INTEGER,"
    " cost_nanousd INTEGER, cost_unknown INTEGER, request_bytes INTEGER,"
    " answer_bytes INTEGER, ttft_ms INTEGER, ttft_count INTEGER, total_ms INTEGER,"
    " PRIMARY KEY(hour, key, engine, model, policy, bits)) WITHOUT ROWID;"
    "CREATE TABLE open(uid INTEGER PRIMARY KEY, opened BLOB NOT NULL, attempt BLOB);"
    "CREATE TABLE position(worker INTEGER PRIMARY KEY, segment INTEGER NOT NULL,"
    " offset INTEGER NOT NULL);"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
    "CREATE VIEW requests AS SELECT uid FROM rows;"
    "INSERT INTO strings VALUES(1, 'sky'), (2, 'm');"
    "INSERT INTO words VALUES('side', 0, 'local'), ('side', 1, 'cloud');"
    "INSERT INTO rows(uid, ts, bits, engine, model_used, attempts, input, cost_nanousd,"
    " total_ms) VALUES(64, 1795000000000, 65539, 1, 2, 1, 12, 1000, 5);"
    "INSERT INTO rollup VALUES(498611, 0, 1, 2, 0, 3, 1, 1, 12, 0, 0, 0, 0, 1000, 0, 0,"
    " 0, 0, 0, 5);"
    /* A request that was open when it died, and the payload of its last attempt. */
    "INSERT INTO open VALUES(128, "
    "x'8000000000000000005E56EEA10100000000000000000000000000000000000000',"
    " x'800000000000000002000000010300736B7901006D');"
    "PRAGMA application_id=2003134834; PRAGMA user_version=1;";

static int add_up_one(void *ctx, const struct ledger_sums *s)
{
    struct ledger_sums *sum = ctx;
    ledger_sums_add(sum, s);
    return 0;
}

static void an_index_of_version_one_is_kept_and_added_to(void **state)
{
    char path[128];
    sqlite3 *db;
    struct ledger_sums sum = {0};
    struct err err;
    snprintf(path, sizeof path, "%s/log", (char *)*state);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/ledger.sqlite", (char *)*state);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, version_1, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);

    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms + 1);
    struct ledger_leg legs[2] = {{.uid = r.open.uid,
                                  .number = 1,
                                  .side = SIDE_CLOUD,
                                  .engine = STR("sky"),
                                  .model = STR("m"),
                                  .outcome = OUTCOME_ERROR,
                                  .cost_nanousd = 77,
                                  .ttft_ms = -1}};
    legs[1] = ledger_leg_of_row(&r);
    legs[1].number = 2;
    r.cost_nanousd = 77;
    r.attempts = 2;
    r.legs = legs;
    r.nlegs = 2;
    append_all(log, &r);
    assert_int_equal(ledger_log_flush(log), 0);
    ledger_close(l);

    struct collected *c = read_rows(*state);
    assert_int_equal(c->n, 3);
    assert_true(str_eqz(c->rows[0].engine, "sky"));
    assert_int_equal(c->rows[0].cost_nanousd, 1000);
    assert_true(c->rows[0].was_at_cloud); /* read off its side */
    assert_int_equal(c->rows[1].outcome, OUTCOME_INTERRUPTED);
    assert_true(str_eqz(c->rows[1].engine, "sky") && c->rows[1].attempts == 2);
    assert_true(c->rows[1].cost_nanousd == COST_UNKNOWN);
    assert_int_equal(c->rows[2].nlegs, 2);
    drop_rows(c);
    struct ledger_sums_query q = {
        .state_dir = str_of(*state), .by = {SUMS_BY_ENGINE}, .nby = 1};
    assert_int_equal(ledger_sum(&q, add_up_one, &sum, &err), 0);
    assert_int_equal(sum.requests, 3);
    assert_int_equal(sum.cost_unknown, 1);
    assert_int_equal(sum.cost_nanousd, 1077);
    assert_int_equal(sum.failed_attempts, 1);
    struct ledger_failed failed;
    assert_int_equal(ledger_sum_failed(&q, &failed, &err), 0);
    assert_int_equal(failed.tries, 1);
    assert_int_equal(failed.cost_nanousd, 77);
    assert_int_equal(failed.cost_unknown, 0);
    snprintf(path, sizeof path, "%s/ledger.sqlite.aside-1", (char *)*state);
    assert_int_equal(access(path, F_OK), -1);
}

static void run_sql(const char *dir, const char *sql)
{
    char path[128];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/ledger.sqlite", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void assert_first_tokens(const char *dir, uint64_t sum_ms, uint64_t count)
{
    const struct ledger_sums_query q = {.state_dir = str_of(dir)};
    struct ledger_sums sum = {0};
    struct err err;
    assert_int_equal(ledger_sum(&q, add_up_one, &sum, &err), 0);
    assert_int_equal(sum.requests, 3);
    assert_int_equal(sum.ttft_ms, sum_ms);
    assert_int_equal(sum.ttft_count, count);
}

/* Older weirs added the time of a whole answer to those of first tokens: their stores are
 * put right, once. */
static void only_streams_have_a_first_token(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    for (uint64_t i = 0; i < 3; i++) {
        struct ledger_row r = row_of(ledger_new_uid(log), start_ms + i);
        r.is_stream = i < 2;
        r.ttft_ms = i < 2 ? 100 + (int64_t)i : 1025;
        r.total_ms = 1025;
        append_all(log, &r);
    }
    assert_int_equal(ledger_log_flush(log), 0);
    ledger_close(l);
    assert_first_tokens(*state, 201, 2);
    run_sql(*state, "UPDATE rollup SET ttft_ms=1226, ttft_count=3;"
                    "DELETE FROM meta WHERE name='first_tokens_of_streams'");
    ledger_close(open_or_fail(*state, 1));
    assert_first_tokens(*state, 201, 2);
    run_sql(*state, "UPDATE rollup SET ttft_count=7");
    ledger_close(open_or_fail(*state, 1));
    assert_first_tokens(*state, 201, 7); /* it is not done again at each start */
}

static struct ledger_leg used_leg(enum leg_purpose purpose, enum side side,
                                  enum outcome outcome, uint64_t tokens)
{
    struct ledger_leg l = leg_of(0, 1, side == SIDE_CLOUD ? "sky" : "here", 0);
    l.purpose = purpose;
    l.side = side;
    l.outcome = outcome;
    l.usage = (struct usage){.input_tokens = tokens,
                             .cached_tokens = tokens / 10,
                             .output_tokens = 2 * tokens,
                             .reasoning_tokens = tokens / 5,
                             .is_known = true};
    l.usage_is_reported = true;
    return l;
}

/* A request whose last leg is given; the others are beside it. */
static void append_request(struct ledger_log *log, uint64_t ts_ms,
                           struct ledger_leg *legs, size_t n, size_t given)
{
    struct ledger_row r = row_of(ledger_new_uid(log), ts_ms);
    for (size_t i = 0; i < n; i++) {
        legs[i].uid = r.open.uid;
        legs[i].number = (uint32_t)i + 1;
        legs[i].is_promised = i == given;
    }
    const struct ledger_leg *own = &legs[given];
    r.side = own->side;
    r.engine = own->engine;
    r.model_used = own->model;
    r.usage = own->usage;
    r.attempts = own->number;
    r.cost_nanousd = 0;
    r.legs = legs;
    r.nlegs = n;
    append_all(log, &r);
}

static int add_total(void *ctx, const struct ledger_sums *s)
{
    ledger_sums_add(ctx, s);
    return 0;
}

static void check_given(const char *dir, uint64_t since, uint64_t until, uint64_t tokens)
{
    struct ledger_sums total = {0}, beside;
    struct err err;
    const struct ledger_sums_query q = {
        .state_dir = str_of(dir), .since_ms = since, .until_ms = until};
    assert_int_equal(ledger_sum(&q, add_total, &total, &err), 0);
    assert_int_equal(ledger_sum_beside(&q, &beside, &err), 0);
    assert_int_equal(total.input_tokens - beside.input_tokens, tokens);
    assert_int_equal(total.cached_tokens - beside.cached_tokens, tokens / 10);
    assert_int_equal(total.output_tokens - beside.output_tokens, 2 * tokens);
    assert_int_equal(total.reasoning_tokens - beside.reasoning_tokens, tokens / 5);
    assert_int_equal(total.cache_write_tokens - beside.cache_write_tokens, 0);
}

/* What all would have cost elsewhere counts each request once: neither an answer that was
 * thrown away, nor opinions, judges, failed tries and mirrors. */
static void a_request_counts_once_without_what_went_beside_it(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    struct ledger_leg escalated[] = {
        used_leg(LEG_ANSWER, SIDE_LOCAL, OUTCOME_OK, 100),
        used_leg(LEG_SECOND_OPINION, SIDE_LOCAL, OUTCOME_OK, 200),
        used_leg(LEG_JUDGE, SIDE_CLOUD, OUTCOME_OK, 400),
        used_leg(LEG_ESCALATED, SIDE_CLOUD, OUTCOME_OK, 1000)};
    struct ledger_leg kept[] = {used_leg(LEG_ANSWER, SIDE_LOCAL, OUTCOME_OK, 20),
                                used_leg(LEG_SECOND_OPINION, SIDE_LOCAL, OUTCOME_OK, 40),
                                used_leg(LEG_MIRROR, SIDE_CLOUD, OUTCOME_OK, 80)};
    struct ledger_leg retried[] = {used_leg(LEG_ANSWER, SIDE_CLOUD, OUTCOME_ERROR, 5000),
                                   used_leg(LEG_RETRY, SIDE_CLOUD, OUTCOME_OK, 7000)};
    struct ledger_leg given_back[] = {
        used_leg(LEG_ANSWER, SIDE_LOCAL, OUTCOME_OK, 30000),
        used_leg(LEG_ESCALATED, SIDE_CLOUD, OUTCOME_ERROR, 60000)};
    struct ledger_leg plain[] = {used_leg(LEG_ANSWER, SIDE_LOCAL, OUTCOME_OK, 100000)};
    append_request(log, start_ms, escalated, 4, 3);
    append_request(log, start_ms + 1, kept, 3, 0);
    append_request(log, start_ms + 2, retried, 2, 1);
    append_request(log, start_ms + 3, given_back, 2, 0);
    append_request(log, start_ms + 4, plain, 1, 0);
    assert_int_equal(ledger_log_flush(log), 0);
    ledger_close(l);
    check_given(*state, 0, 0, 1000 + 20 + 7000 + 30000 + 100000);
    check_given(*state, start_ms + 1, start_ms + 3, 20 + 7000);
    check_given(*state, start_ms + 3, 0, 30000 + 100000);
    check_given(*state, start_ms + 9, 0, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)
    const struct CMUnitTest tests[] = {
        TEST(an_interrupted_row_keeps_the_cloud_attempts_before_it),
        TEST(a_lost_leg_leaves_what_is_missing_of_the_cost),
        TEST(an_interrupted_request_keeps_its_legs_when_the_store_is_built_anew),
        TEST(only_streams_have_a_first_token),
        TEST(an_index_of_version_one_is_kept_and_added_to),
        TEST(a_request_counts_once_without_what_went_beside_it),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
