/* test_feed.c -- the newest rows for whoever watches: what is taken, missed and found. */
#include "web/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

static void put(struct feed *f, uint64_t uid)
{
    char line[32];
    int n = snprintf(line, sizeof line, "{%u}", (unsigned)uid);
    feed_put(f, uid, (struct str){line, (size_t)n});
    feed_publish(f);
}

static void test_taking(void **state)
{
    (void)state;
    struct feed *f = feed_create();
    struct buf out;
    uint64_t uid = 0, at = feed_end(f);
    bool gap;
    buf_init(&out, 1 << 20);
    assert_true(feed_take(f, at, &out, &uid, &gap) == at && !gap &&
                buf_len(&out) == 0); /* nothing has come */
    for (uint64_t i = 1; i <= 3; i++)
        put(f, 100 + i);
    at = feed_take(f, at, &out, &uid, &gap);
    assert_true(str_eqz(buf_view(&out), "{101},{102},{103}") && uid == 103 &&
                !gap);              /* three */
    assert_true(at == feed_end(f)); /* all of them */
    buf_clear(&out);
    at = feed_take(f, feed_find(f, 102), &out, &uid, &gap);
    assert_true(str_eqz(buf_view(&out), "{103}") && !gap); /* from one that is known */
    assert_true(feed_find(f, 99) == 0);                    /* and from none that is not */
    buf_release(&out);
    feed_free(f);
}

static void test_gaps(void **state)
{
    (void)state;
    struct feed *f = feed_create();
    struct buf out;
    uint64_t uid = 0, first = feed_end(f);
    bool gap;
    buf_init(&out, 1 << 20);
    for (uint64_t i = 1; i <= FEED_AT_ONCE + 1; i++)
        put(f, i);
    assert_true(
        feed_take(f, first, &out, &uid, &gap) == feed_end(f) && gap &&
        uid == FEED_AT_ONCE + 1 &&
        str_starts(
            buf_view(&out),
            STR("{2},"))); /* more than are sent at once: the newest of them, and a gap */
    for (uint64_t i = 1; i <= 3 * FEED_ROWS; i++)
        put(f, 1000 + i);
    assert_true(feed_find(f, 1) == 0); /* the oldest is gone */
    assert_true(feed_find(f, 1000 + 3 * FEED_ROWS) ==
                feed_end(f)); /* the newest is there */
    put(f, 5000);
    uint64_t at = feed_find(f, 1000 + 3 * FEED_ROWS);
    feed_put(f, 5001, STR(""));
    feed_publish(f);
    buf_clear(&out);
    (void)feed_take(f, at, &out, &uid, &gap);
    assert_true(str_eqz(buf_view(&out), "{5000}") &&
                gap); /* a row that is lost is a gap */
    buf_release(&out);
    feed_free(f);
}

/* Whoever does not read them costs no more than this. */
static void test_large_rows(void **state)
{
    (void)state;
    static char row[FEED_ROW_BYTES];
    struct feed *f = feed_create();
    struct buf out;
    uint64_t uid = 0, at = feed_end(f);
    size_t n = 0;
    bool gap;
    memset(row, 'x', sizeof row);
    buf_init(&out, 1 << 20);
    for (uint64_t i = 1; i <= FEED_AT_ONCE; i++)
        feed_put(f, i, (struct str){row, sizeof row});
    feed_publish(f);
    while (at != feed_end(f)) {
        buf_clear(&out);
        uint64_t next = feed_take(f, at, &out, &uid, &gap);
        assert_true(next > at && !gap && uid == next - 1);
        assert_true(buf_len(&out) <= FEED_BYTES_AT_ONCE);
        n += next - at;
        at = next;
    }
    assert_int_equal(n, FEED_AT_ONCE);
    buf_release(&out);
    feed_free(f);
}

/* A row that is not in the index yet is seen by nobody: who asks for the rows now would
 * have it neither from there nor from here. */
static void test_publishing(void **state)
{
    (void)state;
    struct feed *f = feed_create();
    struct buf out;
    uint64_t uid = 0, at = feed_end(f);
    bool gap;
    buf_init(&out, 1 << 20);
    feed_put(f, 7, STR("{7}"));
    assert_true(feed_end(f) == at && feed_find(f, 7) == 0);
    assert_true(feed_take(f, at, &out, &uid, &gap) == at && !gap && buf_len(&out) == 0);
    feed_publish(f);
    assert_true(feed_end(f) == at + 1 && feed_find(f, 7) == at + 1);
    assert_true(feed_take(f, at, &out, &uid, &gap) == at + 1 && !gap);
    assert_true(str_eqz(buf_view(&out), "{7}"));
    buf_release(&out);
    feed_free(f);
}

/* While nobody watched, rows came that were not kept: whoever comes back behind an older
 * one has missed them, and is told. */
static void test_nobody_watched(void **state)
{
    (void)state;
    struct feed *f = feed_create();
    struct buf out;
    uint64_t uid = 0;
    bool gap;
    buf_init(&out, 1 << 20);
    put(f, 1);
    uint64_t at = feed_end(f);
    assert_true(feed_find(f, 1) == at); /* it is the newest: nothing was missed */
    feed_lapse(f, 2);
    feed_publish(f);
    assert_true(feed_find(f, 1) == 0);
    assert_true(feed_find(f, 2) == feed_end(f)); /* whoever has read that one: nothing */
    put(f, 3);
    assert_true(feed_find(f, 2) == 0 && feed_find(f, 3) == feed_end(f));
    (void)feed_take(f, at - 1, &out, &uid, &gap); /* and who stayed behind has a gap */
    assert_true(gap && str_eqz(buf_view(&out), "{3}"));
    buf_release(&out);
    feed_free(f);
}

static void test_watching(void **state)
{
    (void)state;
    struct feed *f = feed_create();
    assert_true(!feed_is_watched(f, 0) &&
                !feed_is_watched(f, 1000)); /* nobody has come yet */
    feed_touch(f, 1000);
    assert_true(feed_is_watched(f, 1000) &&
                feed_is_watched(f, 60999));  /* somebody watches */
    assert_true(!feed_is_watched(f, 61000)); /* and has been gone for a minute */
    feed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taking),         cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_large_rows),     cmocka_unit_test(test_publishing),
        cmocka_unit_test(test_nobody_watched), cmocka_unit_test(test_watching),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
