/* test_ledger_feedback.c -- what was said of answers: its record, its place in the store,
 * and that it stays with its row and goes with it. */
#include "ledger/index/index.h"
#include "ledger/log/record.h"
#include "ledger/log/uid.h"

#include "ledger_fixture.h"

#include <unistd.h>

enum { PATH = 160 };

static void a_record_keeps_what_was_said(void **state)
{
    (void)state;
    struct buf b;
    struct record rec;
    struct ledger_feedback got;
    struct ledger_leg leg;
    const uint64_t uid = uid_at(start_ms);
    for (int said = FEEDBACK_NONE + 1; said < FEEDBACK_KINDS; said++) {
        const struct ledger_feedback f = {uid, start_ms + 61000, (enum feedback)said};
        buf_init(&b, 1 << 20);
        assert_true(record_put_feedback(&b, &f));
        assert_true(buf_len(&b) < 40);
        assert_int_equal(record_parse(buf_view(&b), &rec), RECORD_WHOLE);
        assert_true(record_get_feedback(&rec, &got));
        assert_true(got.uid == uid && got.ts_ms == f.ts_ms && got.said == f.said);
        assert_false(record_get_leg(&rec, &leg));
        rec.type = RECORD_LEG;
        assert_false(record_get_feedback(&rec, &got));
        buf_release(&b);
    }
}

#define PAYLOAD(text) ((struct str){text, sizeof text - 1})
#define UID_77        "\x03\x08\x4D\0\0\0\0\0\0\0"

static void
a_word_that_only_a_newer_weir_knows_is_other_and_none_is_no_record(void **state)
{
    (void)state;
    struct ledger_feedback got;
    const struct record newer = {RECORD_FEEDBACK, RECORD_VERSION,
                                 PAYLOAD(UID_77 "\x60\x63"), 0};
    const struct record none = {RECORD_FEEDBACK, RECORD_VERSION, PAYLOAD(UID_77), 0};
    assert_true(record_get_feedback(&newer, &got));
    assert_string_equal(feedback_name(got.said), "other");
    assert_false(record_get_feedback(&none, &got));
}

static void say(struct ledger_log *log, uint64_t uid, uint64_t ts_ms, enum feedback said)
{
    const struct ledger_feedback f = {uid, ts_ms, said};
    ledger_append_feedback(log, &f);
    assert_int_equal(ledger_log_flush(log), 0);
}

static void expect(const char *dir, size_t n, const enum feedback *said)
{
    struct collected *c = read_rows(dir);
    assert_int_equal(c->n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(c->rows[i].feedback, said[i]);
    drop_rows(c);
}

static uint64_t add_row(struct ledger_log *log, const char *key)
{
    struct ledger_row r = row_of(ledger_new_uid(log), start_ms);
    r.open.key = str_of(key);
    append_all(log, &r);
    assert_int_equal(ledger_log_flush(log), 0);
    return r.open.uid;
}

static void a_row_shows_the_newest(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    uint64_t a = add_row(log, "ann"), b = add_row(log, "ann");
    (void)add_row(log, "ann");
    say(log, a, start_ms + 5, FEEDBACK_GOOD);
    say(log, b, start_ms + 9, FEEDBACK_BAD);
    say(log, b, start_ms + 8, FEEDBACK_REASK); /* of before, but read later */
    expect(*state, 3, (enum feedback[]){FEEDBACK_GOOD, FEEDBACK_BAD, FEEDBACK_NONE});
    say(log, a, start_ms + 50, FEEDBACK_EDITED);
    expect(*state, 3, (enum feedback[]){FEEDBACK_EDITED, FEEDBACK_BAD, FEEDBACK_NONE});
    ledger_close(l);
    expect(*state, 3, (enum feedback[]){FEEDBACK_EDITED, FEEDBACK_BAD, FEEDBACK_NONE});
}

static void it_may_stand_in_another_log_and_come_before_its_row(void **state)
{
    struct ledger *l = open_or_fail(*state, 2);
    uint64_t uid = ledger_new_uid(ledger_log_of(l, 1));
    struct ledger_row r = row_of(uid, start_ms);
    say(ledger_log_of(l, 0), uid, start_ms, FEEDBACK_BAD);
    expect(*state, 0, NULL); /* it is read now */
    append_all(ledger_log_of(l, 1), &r);
    assert_int_equal(ledger_log_flush(ledger_log_of(l, 1)), 0);
    expect(*state, 1, (enum feedback[]){FEEDBACK_BAD});
    ledger_close(l);
}

/* The first column of the first row, as text; "" for NULL. */
static void query(const char *dir, const char *sql, char ret[64])
{
    char path[PATH];
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    snprintf(path, sizeof path, "%s/ledger.sqlite", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    ret[0] = '\0';
    if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_text(s, 0))
        snprintf(ret, 64, "%s", (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    sqlite3_close(db);
}

static void execute(const char *dir, const char *sql)
{
    char path[PATH];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/ledger.sqlite", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void the_view_has_it_in_words(void **state)
{
    char got[64];
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    uint64_t uid = add_row(log, "ann");
    say(log, uid, start_ms, FEEDBACK_GOOD);
    say(log, uid, start_ms + 1, FEEDBACK_REGENERATE);
    ledger_close(l);
    query(*state, "SELECT feedback FROM requests", got);
    assert_string_equal(got, "regenerate");
}

static void a_store_that_was_begun_without_a_place_for_it_gets_one(void **state)
{
    char got[64];
    struct ledger *l = open_or_fail(*state, 1);
    uint64_t uid = add_row(ledger_log_of(l, 0), "ann");
    ledger_close(l);
    execute(*state, "DROP VIEW requests; DROP TABLE feedback;"
                    "DELETE FROM words WHERE kind='feedback';"
                    "CREATE VIEW requests AS SELECT uid FROM rows;");
    l = open_or_fail(*state, 1);
    say(ledger_log_of(l, 0), uid, start_ms, FEEDBACK_BAD);
    ledger_close(l);
    expect(*state, 1, (enum feedback[]){FEEDBACK_BAD});
    query(*state, "SELECT feedback FROM requests", got);
    assert_string_equal(got, "bad");
}

/* An older weir holds the lock, so nobody may add the table. */
static void rows_are_read_from_a_store_that_has_no_place_for_it(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    (void)add_row(ledger_log_of(l, 0), "ann");
    expect(*state, 1, (enum feedback[]){FEEDBACK_NONE}); /* and waits until it is in */
    execute(*state, "DROP VIEW requests; DROP TABLE feedback;");
    expect(*state, 1, (enum feedback[]){FEEDBACK_NONE});
    ledger_close(l);
}

static bool note(void *ctx, const char *what, uint64_t rows, const char *why)
{
    (void)ctx;
    (void)what;
    (void)why;
    return rows > 0;
}

static void erase(const char *dir, const char *key)
{
    const struct ledger_erase_order order = {.key = str_of(key), .why = STR("asked")};
    uint64_t rows = 0;
    struct err err = {0};
    if (ledger_erase(str_of(dir), &order, note, NULL, &rows, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(rows, 1);
}

static void it_goes_with_its_row_and_not_with_another(void **state)
{
    char got[64];
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    say(log, add_row(log, "ann"), start_ms, FEEDBACK_BAD);
    say(log, add_row(log, "bob"), start_ms, FEEDBACK_GOOD);
    ledger_close(l);
    erase(*state, "ann");
    expect(*state, 1, (enum feedback[]){FEEDBACK_GOOD});
    query(*state, "SELECT count(*) FROM feedback", got);
    assert_string_equal(got, "1");
}

/* What was said after the row was gone stays a day, then goes with the next deletion;
 * what waits for its row stays. */
static void what_was_said_of_a_deleted_row_goes_a_day_later(void **state)
{
    char got[64];
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    (void)add_row(log, "ann");
    (void)add_row(log, "bob");
    uint64_t old = uid_at(uid_time_ms(ledger_new_uid(log)) - 2 * UINT64_C(86400000));
    say(log, old, start_ms, FEEDBACK_BAD);
    say(log, ledger_new_uid(log), start_ms, FEEDBACK_BAD);
    ledger_close(l);
    erase(*state, "ann");
    query(*state, "SELECT count(*) FROM feedback", got);
    assert_string_equal(got, "1");
}

static void a_store_that_is_built_anew_has_it(void **state)
{
    struct err err = {0};
    struct ledger *l = open_or_fail(*state, 1);
    struct ledger_log *log = ledger_log_of(l, 0);
    say(log, add_row(log, "ann"), start_ms, FEEDBACK_BAD);
    ledger_close(l);
    if (ledger_rebuild(str_of(*state), &err) < 0)
        fail_msg("%s", err.msg);
    expect(*state, 1, (enum feedback[]){FEEDBACK_BAD});
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_keeps_what_was_said),
        cmocka_unit_test(
            a_word_that_only_a_newer_weir_knows_is_other_and_none_is_no_record),
        TEST(a_row_shows_the_newest),
        TEST(it_may_stand_in_another_log_and_come_before_its_row),
        TEST(the_view_has_it_in_words),
        TEST(a_store_that_was_begun_without_a_place_for_it_gets_one),
        TEST(rows_are_read_from_a_store_that_has_no_place_for_it),
        TEST(it_goes_with_its_row_and_not_with_another),
        TEST(what_was_said_of_a_deleted_row_goes_a_day_later),
        TEST(a_store_that_is_built_anew_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
