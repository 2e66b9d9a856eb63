/* contract_ledgers.c -- the ledger's promises, on a disk, in memory, and on a disk that
 * fails.
 *
 * The memory variant is the same code on a memory file system (/dev/shm); the faulty
 * one has a state_dir that cannot be made.  Each clause holds for all three; what may
 * differ is said by is_writable. */
#include "ledger/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct variant {
    const char *name, *base;
    bool is_faulty;
};

static void make_dir(const struct variant *v, char *dir, size_t size)
{
    snprintf(dir, size, "%s/weir-contract-XXXXXX", v->base);
    assert_non_null(mkdtemp(dir));
    if (!v->is_faulty)
        return;
    /* A file where the directory should be: fails for every user, root too. */
    size_t n = strlen(dir);
    snprintf(dir + n, size - n, "/file");
    FILE *f = fopen(dir, "w");
    assert_non_null(f);
    fclose(f);
    n = strlen(dir);
    snprintf(dir + n, size - n, "/state");
}

static void write_one(struct ledger_log *log, uint64_t uid, enum outcome outcome)
{
    char id[17];
    ledger_format_uid(uid, id);
    struct ledger_row row = {
        .open = {.uid = uid, .ts_ms = 1, .request_id = str_of(id), .label = "public"},
        .reasons_json = STR("[]"),
        .outcome = outcome,
        .status = 200,
        .ttft_ms = -1,
    };
    ledger_append_open(log, &row.open);
    ledger_append_settle(log, &row);
}

static int count_row(void *ctx, const struct ledger_row *row)
{
    size_t *n = ctx;
    assert_int_equal(row->status, 200);
    (*n)++;
    return 0;
}

static size_t rows_in(const char *dir)
{
    size_t n = 0;
    struct err err = {0};
    const struct ledger_query q = {.state_dir = str_of(dir)};
    assert_int_equal(ledger_read(&q, count_row, &n, &err), 0);
    return n;
}

enum { ROWS = 500 };

static void keeps_the_contract(const struct variant *v)
{
    char dir[512];
    struct err err = {0};
    make_dir(v, dir, sizeof dir);
    struct ledger *l = ledger_open(str_of(dir), 1, ACCESS_LOG_OFF, &err);
    assert_non_null(l); /* a disk that fails is no reason not to serve local engines */
    struct ledger_log *log = ledger_log_of(l, 0);
    assert_true(ledger_log_is_empty(log));
    uint64_t last = 0;
    int nfailed = 0;
    for (int i = 0; i < ROWS; i++) {
        uint64_t uid = ledger_new_uid(log);
        assert_true(uid > last);
        last = uid;
        write_one(log, uid, OUTCOME_OK);
        if (i % 7 == 0)
            nfailed += ledger_log_flush(log) != 0;
    }
    nfailed += ledger_log_flush(log) != 0;
    assert_int_equal(nfailed > 0, v->is_faulty);
    assert_int_equal(ledger_counts(l).is_writable, !v->is_faulty);
    ledger_close(l);
    if (!v->is_faulty)
        assert_int_equal(rows_in(dir), ROWS);
}

static void on_a_disk(void **state)
{
    (void)state;
    keeps_the_contract(&(struct variant){"disk", "/var/tmp", false});
}

static void in_memory(void **state)
{
    (void)state;
    if (access("/dev/shm", W_OK) != 0)
        skip();
    keeps_the_contract(&(struct variant){"memory", "/dev/shm", false});
}

static void on_a_disk_that_fails(void **state)
{
    (void)state;
    keeps_the_contract(&(struct variant){"faulty", "/var/tmp", true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_disk),
        cmocka_unit_test(in_memory),
        cmocka_unit_test(on_a_disk_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
