/* test_audit_files.c -- the chain over several files: full ones, deleted ones, ones that
 * somebody removed, moved or changed under a running weir, and a disk that does not take
 * what is written. */
#include "ledger/audit/audit_check.h"

#include "core/clock.h"

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

enum { PATH = 512, PATIENCE_MS = 10000, STEP_MS = 5, FILE_BYTES = 1500 };

struct place {
    char dir[64];
    char chain[PATH];
    struct audit *a;
    struct audit_log *log;
};

static int begin(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/weir-audit-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->chain, sizeof p->chain, "%s/audit/chain", p->dir);
    *state = p;
    return 0;
}

static int end(void **state)
{
    struct place *p = *state;
    unsetenv("WEIR_FAIL_SYNC");
    folder_remove(p->dir);
    free(p);
    return 0;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
}

static void open_chain(struct place *p)
{
    struct err err = {0};
    p->a = audit_open(p->dir, &err);
    assert_non_null(p->a);
    p->log = audit_log_create(p->a);
}

static void close_chain(struct place *p)
{
    audit_log_free(p->log);
    audit_close(p->a);
}

static int write_one(struct place *p, enum audit_decision d, uint64_t ts_ms)
{
    struct err err;
    const struct audit_record r = {.decision = d,
                                   .ts_ms = ts_ms,
                                   .request = STR("wr-06XTJRF1R0000"),
                                   .label = STR("public"),
                                   .bytes = 10};
    assert_int_equal(audit_append(p->log, &r, &err), 0);
    return audit_flush(p->log, &err);
}

/* The cloud works again within a short time, and without a restart. */
static void write_when_it_is_possible(struct place *p)
{
    for (int waited = 0; write_one(p, AUDIT_SENT, 0) < 0; waited += STEP_MS) {
        assert_true(waited < PATIENCE_MS);
        nap();
    }
}

struct tally {
    unsigned by[AUDIT_DECISIONS];
    uint64_t lost, newest;
};

static void tally(void *ctx, const struct audit_seen *s)
{
    struct tally *t = ctx;
    t->by[s->decision]++;
    t->lost += s->lost;
    t->newest = s->ts_ms;
}

static struct audit_chain check(const struct place *p, uint64_t since_ms, struct tally *t)
{
    struct audit_chain chain;
    struct err err;
    memset(t, 0, sizeof *t);
    assert_int_equal(audit_check(p->dir, since_ms, tally, t, &chain, &err), 0);
    return chain;
}

static unsigned count_files(const struct place *p)
{
    char command[PATH + 32];
    snprintf(command, sizeof command, "ls %s-* 2>/dev/null | wc -l", p->chain);
    FILE *f = popen(command, "r");
    unsigned n = 0;
    assert_int_equal(fscanf(f, "%u", &n), 1);
    pclose(f);
    return n;
}

/* n full files, with a record every hour since `from`. */
static void fill_files(struct place *p, unsigned n, uint64_t from)
{
    const struct audit_limits limits = {.file_bytes = FILE_BYTES};
    audit_set_limits(p->a, &limits);
    for (unsigned i = 0; count_files(p) < n; i++) {
        assert_int_equal(write_one(p, AUDIT_SENT, from + i * 3600000U), 0);
        if (i % 8 == 7)
            for (unsigned had = count_files(p), waited = 0;
                 count_files(p) == had && waited < 2000; waited += STEP_MS)
                nap();
    }
}

static void full_files_are_one_chain(void **state)
{
    struct place *p = *state;
    struct tally t;
    char command[2 * PATH + 256], head[AUDIT_HASH_TEXT + 2];
    open_chain(p);
    fill_files(p, 3, UINT64_C(1795000000000));
    assert_int_equal(write_one(p, AUDIT_MASKED, 0), 0);
    close_chain(p);
    open_chain(p); /* another life goes on in the newest */
    assert_int_equal(write_one(p, AUDIT_MASKED, 0), 0);
    close_chain(p);
    struct audit_chain chain = check(p, 0, &t);
    assert_null(chain.broken);
    assert_int_equal(chain.first, 1);
    assert_int_equal(chain.ngaps, 0);
    assert_int_equal(t.by[AUDIT_CONTINUED], 3);
    assert_int_equal(t.by[AUDIT_MASKED], 2);
    assert_int_equal(chain.count, t.by[AUDIT_SENT] + t.by[AUDIT_MASKED] + 3);
    /* And for the tools that every Unix has, it is one file. */
    snprintf(command, sizeof command,
             "cat %s-* %s | (prev=$(printf '%%064d' 0); while IFS=' ' read -r h j; do "
             "[ $(printf '%%s %%s' $prev \"$j\" | sha256sum | cut -c1-64) = $h ] || echo "
             "bad; prev=$h; done; echo $prev)",
             p->chain, p->chain);
    FILE *f = popen(command, "r");
    assert_non_null(fgets(head, sizeof head, f));
    pclose(f);
    head[strcspn(head, "\n")] = '\0';
    assert_string_equal(head, chain.head);
}

static void a_question_about_a_time_leaves_old_files_out(void **state)
{
    struct place *p = *state;
    struct tally all, t;
    uint64_t from = UINT64_C(1795000000000);
    open_chain(p);
    fill_files(p, 3, from);
    uint64_t late = from + UINT64_C(1000) * 3600000;
    assert_int_equal(write_one(p, AUDIT_MASKED, late), 0);
    close_chain(p);
    struct audit_chain whole = check(p, 0, &all);
    struct audit_chain chain = check(p, late, &t);
    assert_null(chain.broken);
    assert_true(chain.is_partial && chain.first > 1);
    assert_string_equal(chain.head, whole.head);
    assert_int_equal(t.by[AUDIT_MASKED], 1);
    /* Whatever the time, no record as new as that is left out. */
    for (unsigned hour = 0; hour < 40; hour++) {
        uint64_t since = from + hour * 3600000U;
        chain = check(p, since, &t);
        assert_null(chain.broken);
        assert_true(t.by[AUDIT_SENT] + hour >= all.by[AUDIT_SENT]);
    }
    /* The last file alone has the head. */
    chain = check(p, UINT64_MAX, &t);
    assert_null(chain.broken);
    assert_string_equal(chain.head, whole.head);
}

static void old_files_go_with_a_record_and_the_rest_is_proven(void **state)
{
    struct place *p = *state;
    struct tally t;
    const struct audit_limits limits = {.file_bytes = 1 << 20, .keep_ms = 3600000};
    open_chain(p);
    fill_files(p, 3, clock_wall_ms() - UINT64_C(100) * 3600000);
    audit_set_limits(p->a, &limits);
    /* The others were begun just now. */
    for (unsigned waited = 0; count_files(p) > 2; waited += STEP_MS) {
        assert_true(waited < PATIENCE_MS);
        nap();
    }
    assert_int_equal(write_one(p, AUDIT_SENT, 0), 0);
    close_chain(p);
    struct audit_chain chain = check(p, 0, &t);
    assert_null(chain.broken);
    assert_true(chain.first > 1);
    assert_int_equal(chain.deleted_through, chain.first - 1);
    assert_int_equal(chain.ngaps, 0);
    assert_int_equal(t.by[AUDIT_DELETED], 1);
}

static void a_full_file_that_is_gone_breaks_the_chain(void **state)
{
    struct place *p = *state;
    struct tally t;
    char command[PATH * 2];
    open_chain(p);
    fill_files(p, 3, UINT64_C(1795000000000));
    close_chain(p);
    /* The second of three: nothing says that it may be missing. */
    snprintf(command, sizeof command, "rm $(ls %s-* | sed -n 2p)", p->chain);
    assert_int_equal(system(command), 0);
    struct audit_chain chain = check(p, 0, &t);
    assert_non_null(chain.broken);
    assert_string_equal(chain.bad_file + strlen(chain.bad_file) - 12,
                        strrchr(chain.bad_file, '-') + 1);
    /* The newest: the others alone would look whole. */
    assert_int_equal(unlink(p->chain), 0);
    snprintf(command, sizeof command, "rm $(ls %s-* | sed -n 2p)", p->chain);
    assert_int_equal(system(command), 0);
    chain = check(p, 0, &t);
    assert_non_null(chain.broken);
    assert_string_equal(chain.bad_file, "audit/chain");
}

static const char *const ways[] = {
    "truncate -s 0 audit/chain",
    "rm audit/chain",
    "echo mine >> audit/chain",
    "mv audit/chain moved",
    "cp audit/chain audit/c && rm audit/chain && mv audit/c audit/chain",
    "rm -r audit",
    "rm -r ../$(basename $PWD)",
};
enum { MOVED = 3, ALL_GONE = 6, WAYS };

static void do_to_file(const struct place *p, int how)
{
    char command[PATH];
    snprintf(command, sizeof command, "cd %s && %s", p->dir, ways[how]);
    assert_int_equal(system(command), 0);
}

static void a_file_that_somebody_touches_is_followed_by_a_new_one(void **state)
{
    struct place *p = *state;
    for (int how = 0; how < WAYS; how++) {
        struct tally t;
        open_chain(p);
        assert_int_equal(write_one(p, AUDIT_SENT, 0), 0);
        do_to_file(p, how);
        /* What an open file shows stops the cloud at once; a name within a second. */
        bool is_seen_at_once = how != MOVED;
        if (is_seen_at_once)
            assert_int_equal(write_one(p, AUDIT_SENT, 0), -1);
        while (audit_health(p->a).gaps == 0)
            nap();
        write_when_it_is_possible(p);
        assert_true(audit_health(p->a).is_writable);
        close_chain(p);
        struct audit_chain chain = check(p, 0, &t);
        assert_null(chain.broken);
        assert_int_equal(chain.ngaps, 1);
        assert_int_equal(chain.gap.to, chain.first - 1);
        assert_true(strstr(chain.gap.why, "while weir ran") != NULL);
        assert_true(t.lost >= is_seen_at_once);
        do_to_file(p, ALL_GONE);
    }
}

static void a_chain_that_is_missing_at_the_start_is_told(void **state)
{
    struct place *p = *state;
    struct tally t;
    open_chain(p);
    assert_int_equal(write_one(p, AUDIT_SENT, 0), 0);
    close_chain(p);
    assert_int_equal(unlink(p->chain), 0);
    open_chain(p);
    assert_int_equal(write_one(p, AUDIT_LOCAL, 0), 0);
    close_chain(p);
    struct audit_chain chain = check(p, 0, &t);
    assert_null(chain.broken);
    assert_int_equal(chain.ngaps, 1);
    assert_int_equal(chain.gap.from, 0);
    assert_int_equal(t.by[AUDIT_CONTINUED], 1);
}

static void
a_disk_that_does_not_take_it_stops_the_cloud_until_a_new_file_is_on_it(void **state)
{
    struct place *p = *state;
    struct tally t;
    char trap[PATH];
    snprintf(trap, sizeof trap, "%s/trap", p->dir);
    setenv("WEIR_FAIL_SYNC", trap, 1);
    open_chain(p);
    close(open(trap, O_WRONLY | O_CREAT, 0600));
    assert_int_equal(write_one(p, AUDIT_SENT, 0), 0);
    while (audit_health(p->a).is_writable)
        nap();
    assert_int_equal(audit_health(p->a).sync_failures, 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(write_one(p, AUDIT_SENT, 0), -1);
    assert_int_equal(audit_health(p->a).gaps, 0);
    unlink(trap);
    write_when_it_is_possible(p);
    assert_int_equal(audit_health(p->a).gaps, 1);
    close_chain(p);
    struct audit_chain chain = check(p, 0, &t);
    assert_null(chain.broken);
    assert_int_equal(chain.first, 1);
    assert_int_equal(chain.ngaps, 0); /* the old file is there, as it turned out */
    assert_int_equal(count_files(p), 1);
    assert_true(t.lost >= 3);
    assert_int_equal(t.by[AUDIT_SENT], 2);
}

static void a_chain_that_cannot_be_opened_is_tried_again(void **state)
{
    struct place *p = *state;
    struct err err = {0};
    struct tally t;
    char way[PATH];
    const struct audit_record start = {.decision = AUDIT_START, .rules = STR("r")};
    snprintf(way, sizeof way, "%s/audit", p->dir);
    close(open(way, O_WRONLY | O_CREAT, 0600)); /* a file in the folder's place */
    p->a = audit_create(p->dir, &err);
    assert_non_null(p->a);
    assert_string_equal(err.code, "audit_unwritable");
    p->log = audit_log_create(p->a);
    assert_int_equal(audit_start(p->a, &start, &err), -1);
    assert_int_equal(write_one(p, AUDIT_SENT, 0), -1);
    assert_false(audit_health(p->a).is_writable);
    unlink(way);
    write_when_it_is_possible(p);
    close_chain(p);
    struct audit_chain chain = check(p, 0, &t);
    assert_null(chain.broken);
    assert_int_equal(t.by[AUDIT_START], 1);
    assert_int_equal(t.by[AUDIT_SENT], 1);
}

/* A crash between two renames, at either place. */
static void a_half_begun_file_is_finished_or_forgotten(void **state)
{
    struct place *p = *state;
    struct tally t;
    char command[PATH * 4];
    open_chain(p);
    fill_files(p, 1, UINT64_C(1795000000000));
    close_chain(p);
    struct audit_chain was = check(p, 0, &t);
    snprintf(command, sizeof command, "mv %s %s.new", p->chain, p->chain);
    assert_int_equal(system(command), 0);
    struct audit_chain chain = check(p, 0, &t);
    assert_null(chain.broken);
    assert_string_equal(chain.head, was.head);
    open_chain(p);
    close_chain(p);
    chain = check(p, 0, &t);
    assert_null(chain.broken);
    assert_int_equal(chain.ngaps, 0);
    assert_string_equal(chain.head, was.head);
    snprintf(command, sizeof command, "echo half > %s.new", p->chain);
    assert_int_equal(system(command), 0);
    open_chain(p);
    assert_int_equal(write_one(p, AUDIT_SENT, 0), 0);
    close_chain(p);
    chain = check(p, 0, &t);
    assert_null(chain.broken);
    assert_int_equal(chain.count, was.count + 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(full_files_are_one_chain),
        TEST(a_question_about_a_time_leaves_old_files_out),
        TEST(old_files_go_with_a_record_and_the_rest_is_proven),
        TEST(a_full_file_that_is_gone_breaks_the_chain),
        TEST(a_file_that_somebody_touches_is_followed_by_a_new_one),
        TEST(a_chain_that_is_missing_at_the_start_is_told),
        TEST(a_disk_that_does_not_take_it_stops_the_cloud_until_a_new_file_is_on_it),
        TEST(a_chain_that_cannot_be_opened_is_tried_again),
        TEST(a_half_begun_file_is_finished_or_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
