/* test_audit_trouble.c -- whatever memory or the disk refuse once, at any moment: a whole
 * chain is not called broken, and what was flushed stands in it. */
#include "ledger/audit/audit_check.h"
#include "ledger/audit/chain.h"

#include "core/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "trouble.h"

enum { PATH = 512, EACH = 3, FIRST_FILES = 2 };

struct scene {
    char root[64], from[PATH], dir[PATH];
    uint64_t count; /* records of `from` */
};

static int begin(void **state)
{
    struct scene *s = mem_new(struct scene);
    snprintf(s->root, sizeof s->root, "/tmp/weir-audit-trouble-XXXXXX");
    *state = s;
    if (!mkdtemp(s->root))
        return -1;
    snprintf(s->from, sizeof s->from, "%s/from", s->root);
    snprintf(s->dir, sizeof s->dir, "%s/state", s->root);
    return 0;
}

static int end(void **state)
{
    struct scene *s = *state;
    int failed = folder_remove(s->root);
    mem_free(s);
    return failed;
}

static void fresh_copy(struct scene *s)
{
    if (access(s->dir, F_OK) == 0)
        assert_int_equal(folder_remove(s->dir), 0);
    assert_int_equal(folder_copy(s->from, s->dir), 0);
}

/* How many of n records are in the chain now, as it says. */
static unsigned write_some(const char *dir, unsigned n, struct err *err)
{
    const struct audit_record r = {.decision = AUDIT_SENT,
                                   .request = STR("wr-06XTJRF1R0000"),
                                   .reason = STR("caf\xC3\xA9 \"quoted\""),
                                   .label = STR("public")};
    struct audit *a = audit_create(dir, err);
    struct audit_log *log = a ? audit_log_create(a) : NULL;
    unsigned written = 0;
    for (unsigned i = 0; log && i < n; i++)
        written += audit_append(log, &r, err) == 0 && audit_flush(log, err) == 0;
    audit_log_free(log);
    audit_close(a);
    return written;
}

static void next_file(const char *dir)
{
    struct chain c;
    struct err err = {0};
    struct audit_record head = {.reason = STR("full")};
    char old[CHAIN_NAME];
    chain_init(&c, dir);
    assert_int_equal(chain_open(&c, &err), 0);
    assert_int_equal(chain_begin(&c, &head, 0, old, &err), 0);
    chain_release(&c);
}

/* FIRST_FILES full ones and one to write on. */
static void make_chain(struct scene *s)
{
    struct err err = {0};
    for (int i = 0; i <= FIRST_FILES; i++) {
        if (i)
            next_file(s->from);
        assert_int_equal(write_some(s->from, EACH, &err), EACH);
    }
    s->count = (FIRST_FILES + 1) * EACH + FIRST_FILES;
}

static void count_sent(void *ctx, const struct audit_seen *seen)
{
    if (seen->decision == AUDIT_SENT) {
        assert_true(str_eqz(seen->reason, "caf\xC3\xA9 \"quoted\""));
        ++*(unsigned *)ctx;
    }
}

static unsigned expect_whole(const char *dir, enum trouble_kind kind, long n)
{
    struct audit_chain chain;
    struct err err = {0};
    unsigned sent = 0;
    if (audit_check(dir, 0, count_sent, &sent, &chain, &err) < 0)
        fail_msg("%s failed, the %ld-th: %s", trouble_name(kind), n, err.msg);
    if (chain.broken)
        fail_msg("%s failed, the %ld-th: %s: %s", trouble_name(kind), n, chain.bad_file,
                 chain.broken);
    return sent;
}

static void a_whole_chain_is_never_called_broken(void **state)
{
    static const uint64_t since[] = {0, 1, UINT64_MAX};
    struct scene *s = *state;
    make_chain(s);
    for (enum trouble_kind kind = 0; kind <= TROUBLE_SHORT; kind++) {
        for (size_t i = 0; i < ARRAY_LEN(since); i++) {
            for (long n = 1; trouble_begin(kind, n); n = trouble_next(n)) {
                struct audit_chain chain;
                struct err err = {0};
                unsigned sent = 0;
                int rc = audit_check(s->from, since[i], count_sent, &sent, &chain, &err);
                bool had_trouble = trouble_end();
                assert_true(rc == 0 || (had_trouble && err.code));
                if (rc == 0 && (chain.broken || chain.count != s->count))
                    fail_msg("%s failed, the %ld-th: %s, %llu records",
                             trouble_name(kind), n, chain.broken ? chain.broken : "whole",
                             (unsigned long long)chain.count);
                assert_true(rc < 0 || sent >= EACH);
            }
        }
    }
}

static void go_on(struct scene *s, unsigned sent, enum trouble_kind kind, long n)
{
    struct err err = {0};
    if (write_some(s->dir, 1, &err) != 1)
        fail_msg("after the %ld-th of %s: %s", n, trouble_name(kind), err.msg);
    assert_true(expect_whole(s->dir, kind, n) >= sent + 1);
}

static void what_was_flushed_stands_in_a_whole_chain(void **state)
{
    struct scene *s = *state;
    make_chain(s);
    for (enum trouble_kind kind = 0; kind <= TROUBLE_SHORT; kind++) {
        for (long n = 1;; n = trouble_next(n)) {
            struct err err = {0};
            fresh_copy(s);
            if (!trouble_begin(kind, n))
                break;
            unsigned written = write_some(s->dir, EACH, &err);
            bool had_trouble = trouble_end();
            assert_true(written == EACH || had_trouble);
            unsigned sent = expect_whole(s->dir, kind, n);
            assert_true(sent >= (FIRST_FILES + 1) * EACH + written);
            go_on(s, sent, kind, n);
        }
    }
}

static void a_file_is_begun_whole_or_not_at_all(void **state)
{
    struct scene *s = *state;
    make_chain(s);
    for (enum trouble_kind kind = 0; kind <= TROUBLE_SHORT; kind++) {
        for (long n = 1;; n = trouble_next(n)) {
            struct chain c;
            struct err err = {0};
            struct audit_record head = {.reason = STR("full")};
            char old[CHAIN_NAME];
            fresh_copy(s);
            chain_init(&c, s->dir);
            if (!trouble_begin(kind, n))
                break;
            int rc = chain_open(&c, &err);
            if (rc == 0)
                rc = chain_begin(&c, &head, 0, old, &err);
            bool had_trouble = trouble_end();
            chain_release(&c);
            assert_true(rc == 0 || (had_trouble && err.code));
            assert_int_equal(expect_whole(s->dir, kind, n), (FIRST_FILES + 1) * EACH);
            go_on(s, (FIRST_FILES + 1) * EACH, kind, n);
        }
    }
}

static void a_place_without_room_for_its_names_is_refused(void **state)
{
    char name[5000];
    struct audit_chain chain;
    struct err err = {0};
    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[0] = '/';
    name[sizeof name - 1] = '\0';
    assert_null(audit_create(name, &err));
    assert_string_equal(err.code, "bad_state_dir");
    err = (struct err){0};
    assert_int_equal(audit_check(name, 0, NULL, NULL, &chain, &err), -1);
    assert_string_equal(err.code, "bad_state_dir");
}

int main(void)
{
    trouble_init();
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_whole_chain_is_never_called_broken),
        TEST(what_was_flushed_stands_in_a_whole_chain),
        TEST(a_file_is_begun_whole_or_not_at_all),
        TEST(a_place_without_room_for_its_names_is_refused),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
