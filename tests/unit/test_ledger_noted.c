/* test_ledger_noted.c -- what a score was made of: in the record, in the store, read only
 * when it is asked for, and gone with its row. */
#include "ledger/index/index.h"
#include "ledger/log/record.h"
#include "route/learned/noted.h"

#include "ledger_fixture.h"

enum { PATH = 160 };

static const struct noted sample = {
    .in = {.logit = -1234, .gap = 567, .figure = {1, -2, 127, -127, 0, 9}},
    .weights = 0xF7B10103, /* what a record begins with */
    .models = 77,
    .chance = 9900,
    .goes = true,
    .is_judged = true};

static void numbers_come_back_and_nothing_else_is_taken(void **state)
{
    char text[NOTED_TEXT + 1] = "";
    struct noted got;
    (void)state;
    noted_put(&sample, text);
    const struct str whole = {text, NOTED_TEXT};
    assert_true(noted_get(whole, &got));
    assert_memory_equal(&got.in, &sample.in, sizeof got.in);
    assert_true(got.weights == sample.weights && got.models == 77 && got.chance == 9900);
    assert_true(got.goes && got.is_judged && !got.is_good);
    for (size_t i = 0; i < NOTED_TEXT; i++)
        assert_non_null(strchr("0123456789abcdef", text[i]));
    assert_false(noted_get(str_sub(whole, 0, NOTED_TEXT - 1), &got));
    text[1] = '2'; /* another version */
    assert_false(noted_get(whole, &got));
    text[1] = '1';
    text[9] = 'G';
    assert_false(noted_get(whole, &got));
}

struct seen {
    char text[2][NOTED_TEXT + 1];
    size_t n;
};

static int see(void *ctx, const struct ledger_row *r)
{
    struct seen *s = ctx;
    assert_true(s->n < 2 && r->noted.n <= NOTED_TEXT);
    snprintf(s->text[s->n++], sizeof s->text[0], "%.*s", STR_ARG(r->noted));
    return 0;
}

static struct seen read_all(const char *dir, bool wants_noted)
{
    struct seen s = {.n = 0};
    struct err err = {0};
    const struct ledger_query q = {.state_dir = str_of(dir), .wants_noted = wants_noted};
    if (ledger_read(&q, see, &s, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

static void add_row(struct ledger_log *log, const char *key, bool is_noted)
{
    char text[NOTED_TEXT];
    struct ledger_row r = row_of(ledger_new_uid(log), 1795000000000);
    noted_put(&sample, text);
    r.open.key = str_of(key);
    r.noted = (struct str){text, is_noted ? sizeof text : 0};
    append_all(log, &r);
    assert_int_equal(ledger_log_flush(log), 0);
}

static int64_t count(const char *dir)
{
    char path[PATH];
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    snprintf(path, sizeof path, "%s/ledger.sqlite", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM noted", -1, &s, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return n;
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

static void a_row_has_it_for_those_who_ask(void **state)
{
    char text[NOTED_TEXT + 1] = "";
    struct ledger *l = open_or_fail(*state, 1);
    noted_put(&sample, text);
    add_row(ledger_log_of(l, 0), "ann", true);
    add_row(ledger_log_of(l, 0), "bob", false);
    struct seen s = read_all(*state, true);
    assert_int_equal(s.n, 2);
    assert_string_equal(s.text[0], text);
    assert_string_equal(s.text[1], "");
    s = read_all(*state, false);
    assert_true(s.n == 2 && s.text[0][0] == '\0');
    ledger_close(l);
    assert_int_equal(count(*state), 1);
}

static void a_store_that_was_begun_without_a_place_for_it_gets_one(void **state)
{
    struct ledger *l = open_or_fail(*state, 1);
    add_row(ledger_log_of(l, 0), "ann", true);
    (void)read_all(*state, true); /* and waits until it is in */
    execute(*state, "DROP TABLE noted");
    assert_string_equal(read_all(*state, true).text[0], "");
    ledger_close(l);
    l = open_or_fail(*state, 1);
    add_row(ledger_log_of(l, 0), "bob", true);
    ledger_close(l);
    assert_int_equal(read_all(*state, true).n, 2);
    assert_int_equal(count(*state), 1);
}

static bool note(void *ctx, const char *what, uint64_t rows, const char *why)
{
    (void)ctx;
    (void)what;
    (void)why;
    return rows > 0;
}

static void it_goes_with_its_row_and_comes_back_with_a_rebuild(void **state)
{
    const struct ledger_erase_order order = {.key = STR("ann"), .why = STR("asked")};
    struct err err = {0};
    uint64_t rows = 0;
    struct ledger *l = open_or_fail(*state, 1);
    add_row(ledger_log_of(l, 0), "ann", true);
    add_row(ledger_log_of(l, 0), "bob", true);
    ledger_close(l);
    if (ledger_rebuild(str_of(*state), &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(count(*state), 2);
    if (ledger_erase(str_of(*state), &order, note, NULL, &rows, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(rows, 1);
    assert_int_equal(count(*state), 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back_and_nothing_else_is_taken),
        TEST(a_row_has_it_for_those_who_ask),
        TEST(a_store_that_was_begun_without_a_place_for_it_gets_one),
        TEST(it_goes_with_its_row_and_comes_back_with_a_rebuild),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
