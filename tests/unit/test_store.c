/* test_store.c -- the only place that has all rows: what happens when it is missing,
 * damaged or removed under a running weir, and that there is always something to build it
 * from. */
#include "ledger/index/store.h"
#include "ledger/index/sums.h"
#include "ledger/ledger.h"
#include "ledger/writer.h"

#include "core/clock.h"

#include "core/mem.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"

enum { PATH = 256, PATIENCE_MS = 20000, STEP_MS = 10 };

static const uint64_t start_ms = 1795000000000;

static int make_dir(void **state)
{
    char *dir = mem_zalloc(64);
    snprintf(dir, 64, "/tmp/weir-test-store-XXXXXX");
    *state = mkdtemp(dir);
    return *state ? 0 : -1;
}

static int drop_dir(void **state)
{
    int failed = folder_remove(*state);
    mem_free(*state);
    return failed;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
}

static struct ledger *open_ledger(const char *dir)
{
    struct err err = {0};
    struct ledger *l = ledger_open(str_of(dir), 1, ACCESS_LOG_OFF, &err);
    if (!l)
        fail_msg("%s", err.msg);
    return l;
}

static void add_rows(struct ledger *l, unsigned n)
{
    struct ledger_log *log = ledger_log_of(l, 0);
    for (unsigned i = 0; i < n; i++) {
        struct ledger_row r = {.open = {.uid = ledger_new_uid(log),
                                        .ts_ms = start_ms + i * 60000U,
                                        .key = STR("laptop"),
                                        .label = "public"},
                               .engine = STR("e"),
                               .has_engine = true,
                               .outcome = OUTCOME_OK,
                               .attempts = 1,
                               .ttft_ms = -1};
        ledger_append_open(log, &r.open);
        ledger_append_settle(log, &r);
        if (i % 50 == 49)
            assert_int_equal(ledger_log_flush(log), 0);
    }
    assert_int_equal(ledger_log_flush(log), 0);
}

static int count_one(void *ctx, const struct ledger_row *row)
{
    (void)row;
    ++*(unsigned *)ctx;
    return 0;
}

/* -1: it cannot be read. */
static int count_rows(const char *dir)
{
    unsigned n = 0;
    struct err err = {0};
    const struct ledger_query q = {.state_dir = str_of(dir)};
    return ledger_read(&q, count_one, &n, &err) < 0 ? -1 : (int)n;
}

static void expect_rows(const char *dir, int n)
{
    for (int waited = 0; count_rows(dir) != n; waited += STEP_MS) {
        if (waited > PATIENCE_MS)
            fail_msg("%d rows, not %d", count_rows(dir), n);
        nap();
    }
}

static void expect_file(const char *dir, const char *name)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    for (int waited = 0; access(path, F_OK) < 0; waited += STEP_MS) {
        assert_true(waited < PATIENCE_MS);
        nap();
    }
}

static void shell(const char *dir, const char *what)
{
    char command[PATH * 2];
    snprintf(command, sizeof command, "cd %s && %s", dir, what);
    assert_int_equal(system(command), 0);
}

/* A life that has made its backup, with `before` rows in it and `after` behind it. */
static void live(const char *dir, unsigned before, unsigned after)
{
    struct ledger *l = open_ledger(dir);
    add_rows(l, before);
    expect_rows(dir, (int)before);
    shell(dir, "rm -f ledger.backup");
    expect_file(dir, "ledger.backup");
    add_rows(l, after);
    ledger_close(l);
}

/* Bytes of the pages in its second half: the header and the tables' own pages stay. */
static void damage(const char *dir, const char *name)
{
    char path[PATH];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    for (off_t at = st.st_size / 2; at < st.st_size; at += 700)
        assert_int_equal(pwrite(fd, "\xff\xfe\xfd", 3, at), 3);
    close(fd);
}

static void a_missing_store_comes_back_from_the_backup_and_the_logs(void **state)
{
    live(*state, 500, 300);
    shell(*state, "rm ledger.sqlite*");
    struct ledger *l = open_ledger(*state);
    expect_rows(*state, 800);
    add_rows(l, 10);
    ledger_close(l);
    assert_int_equal(count_rows(*state), 810);
}

static void a_missing_store_comes_back_without_a_running_weir(void **state)
{
    live(*state, 200, 100);
    shell(*state, "rm ledger.sqlite*");
    assert_int_equal(count_rows(*state), 300);
}

static void damage_is_found_by_the_check_at_the_start_and_mended(void **state)
{
    live(*state, 3000, 300);
    damage(*state, "ledger.sqlite");
    struct ledger *l = open_ledger(*state);
    expect_file(*state, "ledger.sqlite.aside-1");
    add_rows(l, 10);
    expect_rows(*state, 3310);
    ledger_close(l);
}

static void a_store_removed_under_a_running_weir_comes_back(void **state)
{
    struct ledger *l = open_ledger(*state);
    add_rows(l, 400);
    expect_rows(*state, 400);
    expect_file(*state, "ledger.backup");
    shell(*state, "rm ledger.sqlite*");
    add_rows(l, 50);
    expect_rows(*state, 450);
    assert_int_equal(ledger_counts(l).files_lost, 1);
    ledger_close(l);
    assert_int_equal(count_rows(*state), 450);
}

static void
a_store_and_backup_that_are_both_gone_come_back_from_logs_kept_for_that(void **state)
{
    /* Short lives: none makes a backup, each begins a file of the log. */
    for (int life = 0; life < 6; life++) {
        struct ledger *l = open_ledger(*state);
        add_rows(l, 20);
        ledger_close(l);
    }
    shell(*state, "rm -f ledger.sqlite* ledger.backup*");
    assert_int_equal(count_rows(*state), 120);
}

static void logs_go_once_a_backup_covers_them(void **state)
{
    for (int life = 0; life < 6; life++) {
        struct ledger *l = open_ledger(*state);
        add_rows(l, 20);
        ledger_close(l);
    }
    shell(*state, "test $(ls log | wc -l) -ge 6");
    struct ledger *l = open_ledger(*state);
    expect_file(*state, "ledger.backup");
    add_rows(l, 5);
    ledger_close(l);
    l = open_ledger(*state);
    ledger_close(l);
    shell(*state, "test $(ls log | wc -l) -le 4");
    shell(*state, "rm ledger.sqlite*");
    assert_int_equal(count_rows(*state), 125);
}

static void a_damaged_backup_is_not_used(void **state)
{
    live(*state, 3000, 10);
    damage(*state, "ledger.backup");
    shell(*state, "rm ledger.sqlite*");
    /* The one file of the log still has all of them. */
    assert_int_equal(count_rows(*state), 3010);
    shell(*state, "ls ledger.sqlite.aside-1 >/dev/null");
}

static void damage_is_never_copied_over_a_good_backup(void **state)
{
    char why[STORE_WHY], path[PATH];
    live(*state, 3000, 0);
    snprintf(path, sizeof path, "%s/ledger.backup", (const char *)*state);
    damage(*state, "ledger.sqlite");
    struct ledger *l = open_ledger(*state);
    expect_file(*state, "ledger.sqlite.aside-1");
    assert_int_equal(store_check_now(path, why), CHECK_GOOD);
    ledger_close(l);
    assert_int_equal(store_check_now(path, why), CHECK_GOOD);
    assert_int_equal(count_rows(*state), 3000);
}

struct told {
    atomic_uint n;
    atomic_uint_fast64_t rows;
    atomic_bool is_written;
};

static bool tell(void *ctx, const char *what, uint64_t rows, const char *why)
{
    struct told *t = ctx;
    assert_string_equal(what, "ledger rows older than keep");
    assert_string_equal(why, "older than keep");
    bool is_written = atomic_load(&t->is_written);
    if (is_written) /* else nothing goes, and it is asked again */
        atomic_fetch_add(&t->rows, rows);
    atomic_fetch_add(&t->n, 1);
    return is_written;
}

static int add_requests(void *ctx, const struct ledger_sums *s)
{
    *(uint64_t *)ctx += s->requests;
    return 0;
}

static void rows_past_their_time_go_with_a_record_and_never_without(void **state)
{
    struct told t = {.is_written = false};
    struct ledger *l = open_ledger(*state);
    uint64_t sum = 0;
    struct err err;
    const struct ledger_sums_query q = {.state_dir = str_of(*state)};
    add_rows(l, 3000); /* one a minute from start_ms on */
    expect_rows(*state, 3000);
    ledger_on_erase(l, tell, &t);
    ledger_set_keep(l, clock_wall_ms() - (start_ms + UINT64_C(999) * 60000 + 1));
    l->keep_due_ms = 1;
    while (atomic_load(&t.n) < 1)
        nap();
    assert_int_equal(count_rows(*state), 3000); /* it could not be told */
    atomic_store(&t.is_written, true);
    l->keep_due_ms = 1;
    expect_rows(*state, 2000);
    assert_int_equal(atomic_load(&t.rows), 1000);
    ledger_close(l);
    assert_int_equal(ledger_sum(&q, add_requests, &sum, &err), 0);
    assert_int_equal(sum, 2000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_missing_store_comes_back_from_the_backup_and_the_logs),
        TEST(a_missing_store_comes_back_without_a_running_weir),
        TEST(damage_is_found_by_the_check_at_the_start_and_mended),
        TEST(a_store_removed_under_a_running_weir_comes_back),
        TEST(a_store_and_backup_that_are_both_gone_come_back_from_logs_kept_for_that),
        TEST(logs_go_once_a_backup_covers_them),
        TEST(a_damaged_backup_is_not_used),
        TEST(damage_is_never_copied_over_a_good_backup),
        TEST(rows_past_their_time_go_with_a_record_and_never_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
