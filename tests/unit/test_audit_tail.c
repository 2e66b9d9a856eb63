/* test_audit_tail.c -- the newest part of the chain: each record once, back and on, over
 * several files; counts by label and type are those of all records. */
#include "ledger/audit/audit_tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"

enum { MANY = 9000 };
static const uint64_t START_MS = UINT64_C(1795000000000);

static int begin(void **state)
{
    char *dir = calloc(1, 64);
    snprintf(dir, 64, "/tmp/weir-audit-tail-XXXXXX");
    assert_non_null(mkdtemp(dir));
    *state = dir;
    return 0;
}

static int end(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

static const struct audit_count counts[] = {{"PERSON", "mask", 2}, {"EMAIL", "mask", 1}};
static const struct audit_count held[] = {{"US_SSN", "local", 3}};

/* Record i is a second after the one before. */
static struct audit_record record_of(unsigned i, char request[32])
{
    static const enum audit_decision decisions[] = {AUDIT_SENT, AUDIT_MASKED, AUDIT_LOCAL,
                                                    AUDIT_REFUSED, AUDIT_NOT_SENT};
    enum audit_decision d = decisions[i % 5];
    bool is_held = d == AUDIT_LOCAL || d == AUDIT_REFUSED;
    snprintf(request, 32, "wr-%u", i);
    return (struct audit_record){.decision = d,
                                 .ts_ms = START_MS + (uint64_t)i * 1000,
                                 .request = str_of(request),
                                 .label = is_held ? STR("confidential") : STR("public"),
                                 .of = d == AUDIT_NOT_SENT ? STR("masked") : STR(""),
                                 .engine = STR("sky"),
                                 .counts = is_held ? held : counts,
                                 .ncounts = is_held             ? 1
                                            : d == AUDIT_MASKED ? 2
                                                                : 0};
}

static void write_records(const char *dir, unsigned from, unsigned to)
{
    struct err err;
    struct audit *a = audit_open(dir, &err);
    assert_non_null(a);
    struct audit_log *log = audit_log_create(a);
    for (unsigned i = from; i < to; i++) {
        char request[32];
        struct audit_record r = record_of(i, request);
        assert_int_equal(audit_append(log, &r, &err), 0);
        if (i % 16 == 0)
            assert_int_equal(audit_flush(log, &err), 0);
    }
    assert_int_equal(audit_flush(log, &err), 0);
    audit_log_free(log);
    audit_close(a);
}

/* Makes the file full: weir does it by size, once a second. */
static void turn_file(const char *dir)
{
    struct err err;
    struct audit *a = audit_open(dir, &err);
    assert_non_null(a);
    uint64_t count = audit_head(a).count;
    audit_set_limits(a, &(struct audit_limits){.file_bytes = 1});
    for (int i = 0; i < 400 && audit_head(a).count == count; i++)
        usleep(10000);
    assert_int_not_equal(audit_head(a).count, count); /* the new file's first record */
    audit_close(a);
}

struct seen {
    unsigned char times[MANY + 100];
    unsigned n;
};

static void see(void *ctx, struct str hash, struct str json)
{
    struct seen *s = ctx;
    struct str request;
    uint64_t i;
    assert_int_equal(hash.n, AUDIT_HASH_DIGITS);
    if (!audit_word(json, "request", &request))
        return; /* about the files */
    assert_true(str_to_u64(str_sub(request, 3, request.n), &i));
    assert_true(i < sizeof s->times);
    s->times[i]++;
    s->n++;
}

static void assert_each_once(const struct seen *s, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        if (s->times[i] != 1)
            fail_msg("record %u was seen %u times", i, s->times[i]);
    assert_int_equal(s->n, to - from);
}

static void test_each_record_is_seen_once_back_and_on(void **state)
{
    struct audit_reach reach = {0};
    struct err err;
    static struct seen seen;
    memset(&seen, 0, sizeof seen);
    write_records(*state, 0, MANY / 2);
    turn_file(*state);
    write_records(*state, MANY / 2, MANY);
    /* A piece at a time, while more is written and a file is followed by another. */
    assert_int_equal(audit_tail_back(*state, 1, &reach, see, &seen, &err), 0);
    assert_false(reach.is_whole);
    assert_true(seen.n > 1000 && seen.n < MANY / 2);
    write_records(*state, MANY, MANY + 40);
    turn_file(*state);
    write_records(*state, MANY + 40, MANY + 100);
    assert_int_equal(audit_tail_on(*state, 64 << 20, &reach, see, &seen, &err), 0);
    assert_int_equal(audit_tail_on(*state, 64 << 20, &reach, see, &seen, &err), 0);
    for (int i = 0; i < 100 && !reach.is_whole; i++)
        assert_int_equal(audit_tail_back(*state, 1, &reach, see, &seen, &err), 0);
    assert_true(reach.is_whole);
    assert_each_once(&seen, 0, MANY + 100);
    assert_int_equal(reach.oldest_ms, START_MS);
}

static void test_a_record_that_is_being_written_comes_whole_later(void **state)
{
    struct audit_reach reach = {0};
    struct err err;
    static struct seen seen;
    char path[128], rest[4096];
    memset(&seen, 0, sizeof seen);
    write_records(*state, 0, 10);
    snprintf(path, sizeof path, "%s/audit/chain", (char *)*state);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    fseek(f, -100, SEEK_END);
    long at = ftell(f);
    size_t n = fread(rest, 1, sizeof rest, f);
    assert_int_equal(n, 100);
    fflush(f);
    assert_int_equal(ftruncate(fileno(f), at), 0);
    assert_int_equal(audit_tail_back(*state, 1 << 20, &reach, see, &seen, &err), 0);
    assert_each_once(&seen, 0, 9);
    assert_int_equal(audit_tail_on(*state, 1 << 20, &reach, see, &seen, &err), 0);
    assert_int_equal(seen.n, 9);
    fseek(f, 0, SEEK_END);
    assert_int_equal(fwrite(rest, 1, n, f), n);
    fclose(f);
    assert_int_equal(audit_tail_on(*state, 1 << 20, &reach, see, &seen, &err), 0);
    assert_each_once(&seen, 0, 10);
}

static void test_other_files_are_begun_anew(void **state)
{
    struct audit_reach reach = {0};
    struct err err;
    static struct seen seen;
    char path[128];
    memset(&seen, 0, sizeof seen);
    write_records(*state, 0, 50);
    assert_int_equal(audit_tail_back(*state, 1 << 20, &reach, see, &seen, &err), 0);
    snprintf(path, sizeof path, "%s/audit/chain", (char *)*state);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(audit_tail_on(*state, 1 << 20, &reach, see, &seen, &err), 0);
    assert_false(reach.is_begun);
    /* More was added than is to be read at once. */
    folder_remove(*state);
    assert_int_equal(mkdir(*state, 0700), 0);
    reach = (struct audit_reach){0};
    write_records(*state, 0, 10);
    assert_int_equal(audit_tail_back(*state, 1 << 20, &reach, see, &seen, &err), 0);
    write_records(*state, 10, 60);
    assert_int_equal(audit_tail_on(*state, 100, &reach, see, &seen, &err), 0);
    assert_false(reach.is_begun);
}

static void test_no_chain_is_no_record(void **state)
{
    struct audit_tally t = {0};
    struct audit_tally_order order = {
        .state_dir = *state, .since_ms = {2, 1}, .bytes = 1 << 20, .most = 1 << 24};
    struct err err;
    bool is_done = false;
    assert_int_equal(audit_tally_read(&t, &order, &is_done, &err), 0);
    assert_true(is_done);
    assert_int_equal(t.reach.oldest_ms, 0);
    assert_int_equal(t.spans[0].nlabels, 0);
}

/* -- counts ----------------------------------------------------------------------------
 */

static void assert_span(const struct audit_span *s, unsigned from, unsigned to)
{
    int64_t sent = 0, masked = 0, local = 0, refused = 0, not_sent = 0;
    for (unsigned i = from; i < to; i++) {
        sent += i % 5 == 0;
        masked += i % 5 == 1;
        local += i % 5 == 2;
        refused += i % 5 == 3;
        not_sent += i % 5 == 4;
    }
    for (size_t i = 0; i < s->nlabels; i++) {
        const struct audit_by_label *l = &s->labels[i];
        bool is_held = strcmp(l->label, "confidential") == 0;
        assert_int_equal(l->sent, is_held ? 0 : sent);
        assert_int_equal(l->masked, is_held ? 0 : masked - not_sent);
        assert_int_equal(l->local, is_held ? local : 0);
        assert_int_equal(l->refused, is_held ? refused : 0);
        assert_int_equal(l->not_sent, is_held ? 0 : not_sent);
    }
    assert_int_equal(s->nlabels, 2);
    for (size_t i = 0; i < s->ntypes; i++) {
        const struct audit_by_type *t = &s->types[i];
        bool is_ssn = strcmp(t->type, "US_SSN") == 0;
        uint64_t each = strcmp(t->type, "PERSON") == 0 ? 2 : 1;
        assert_int_equal(t->masked, is_ssn ? 0 : each * (uint64_t)masked);
        assert_int_equal(t->held, is_ssn ? 3 * (uint64_t)(local + refused) : 0);
    }
    assert_int_equal(s->ntypes, 3);
}

static void test_counts_are_those_of_all_records(void **state)
{
    struct audit_tally t = {0};
    struct audit_tally_order order = {.state_dir = *state,
                                      .since_ms = {START_MS + 4000 * 1000, START_MS},
                                      .bytes = 1,
                                      .most = 1 << 30};
    struct err err;
    bool is_done = false;
    write_records(*state, 0, MANY);
    assert_int_equal(audit_tally_read(&t, &order, &is_done, &err), 0);
    assert_false(is_done);
    assert_true(t.reach.oldest_ms > START_MS); /* so far back it has come */
    order.bytes = 4 << 20;
    for (int i = 0; i < 100 && !is_done; i++)
        assert_int_equal(audit_tally_read(&t, &order, &is_done, &err), 0);
    assert_true(is_done);
    assert_int_equal(t.reach.oldest_ms, START_MS);
    assert_span(&t.spans[0], 4000, MANY);
    assert_span(&t.spans[1], 0, MANY);
    write_records(*state, MANY, MANY + 77);
    assert_int_equal(audit_tally_read(&t, &order, &is_done, &err), 0);
    assert_span(&t.spans[0], 4000, MANY + 77);
    assert_span(&t.spans[1], 0, MANY + 77);
    /* The next day begins. */
    order.since_ms[0] = START_MS + (uint64_t)MANY * 1000;
    is_done = false;
    for (int i = 0; i < 100 && !is_done; i++)
        assert_int_equal(audit_tally_read(&t, &order, &is_done, &err), 0);
    assert_span(&t.spans[0], MANY, MANY + 77);
    assert_span(&t.spans[1], 0, MANY + 77);
}

static void count_one(void *ctx, struct str hash, struct str json)
{
    struct str decision;
    (void)hash;
    assert_true(audit_word(json, "decision", &decision));
    (*(unsigned *)ctx)++;
}

static void test_records_of_one_request(void **state)
{
    struct err err;
    unsigned n = 0;
    uint64_t since_ms;
    write_records(*state, 0, MANY);
    assert_int_equal(
        audit_find(*state, STR("wr-17"), 64 << 20, count_one, &n, &since_ms, &err), 0);
    assert_int_equal(n, 1); /* not wr-170 */
    assert_int_equal(since_ms, START_MS);
    n = 0;
    assert_int_equal(audit_find(*state, STR("wr-17"), 1, count_one, &n, &since_ms, &err),
                     0);
    assert_int_equal(n, 0);
    assert_true(since_ms > START_MS + 17000);
    assert_int_equal(
        audit_find(*state, STR("\",\""), 64 << 20, count_one, &n, &since_ms, &err), 0);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_record_is_seen_once_back_and_on, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_a_record_that_is_being_written_comes_whole_later, begin, end),
        cmocka_unit_test_setup_teardown(test_other_files_are_begun_anew, begin, end),
        cmocka_unit_test_setup_teardown(test_no_chain_is_no_record, begin, end),
        cmocka_unit_test_setup_teardown(test_counts_are_those_of_all_records, begin, end),
        cmocka_unit_test_setup_teardown(test_records_of_one_request, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
