/* test_feed.c -- the newest rows for whoever watches: what is taken, missed and found. */
#include "web/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

static void put(struct feed *f, unsigned i)
{
    char line[32];
    int n = snprintf(line, sizeof line, "{%u}", i);
    feed_put(f, (struct str){line, (size_t)n});
    feed_publish(f);
}

/* As a reader that comes back does: by the name of the place. */
static uint64_t find(struct feed *f, uint64_t at)
{
    char name[FEED_NAME];
    feed_name(f, at, name);
    return feed_find(f, str_of(name));
}

static void test_taking(void **state)
{
    (void)state;
    struct feed *f = feed_create();
    struct buf out;
    uint64_t at = feed_end(f), behind_two;
    bool gap;
    buf_init(&out, 1 << 20);
    assert_true(feed_take(f, at, &out, &gap) == at && !gap &&
                buf_len(&out) == 0); /* nothing has come */
    put(f, 101);
    put(f, 102);
    behind_two = feed_end(f);
    put(f, 103);
    at = feed_take(f, at, &out, &gap);
    assert_true(str_eqz(buf_view(&out), "{101},{102},{103}") && !gap); /* three */
    assert_true(at == feed_end(f));                                    /* all of them */
    buf_clear(&out);
    (void)feed_take(f, find(f, behind_two), &out, &gap);
    assert_true(str_eqz(buf_view(&out), "{103}") && !gap); /* from a place on */
    buf_release(&out);
    feed_free(f);
}

static void test_names_of_places(void **state)
{
    (void)state;
    static const char *const none[] = {
        "", "-", "-1", "1", "wr-0000000000000", "0000000000000000-1", "x-1"};
    struct feed *f = feed_create(), *other = feed_create();
    char name[FEED_NAME];
    put(f, 1);
    put(other, 1);
    assert_true(find(f, feed_end(f)) == feed_end(f)); /* where nothing has come yet */
    assert_true(find(f, feed_end(f) + 1) == 0);       /* what has not been */
    assert_true(find(f, 0) == 0);
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_true(feed_find(f, str_of(none[i])) == 0);
    feed_name(other, feed_end(other), name);
    assert_true(feed_find(f, str_of(name)) == 0); /* another weir's, or the one before */
    feed_name(f, feed_end(f), name);
    name[strlen(name) - 1] = '\0';
    assert_true(feed_find(f, str_of(name)) == 0);
    feed_free(other);
    feed_free(f);
}

static void test_gaps(void **state)
{
    (void)state;
    struct feed *f = feed_create();
    struct buf out;
    uint64_t first = feed_end(f);
    bool gap;
    buf_init(&out, 1 << 20);
    for (unsigned i = 1; i <= FEED_AT_ONCE + 1; i++)
        put(f, i);
    assert_true(
        feed_take(f, first, &out, &gap) == feed_end(f) && gap &&
        str_starts(
            buf_view(&out),
            STR("{2},"))); /* more than are sent at once: the newest of them, and a gap */
    for (unsigned i = 1; i <= 3 * FEED_ROWS; i++)
        put(f, 1000 + i);
    assert_true(find(f, first) == 0); /* the oldest is gone */
    uint64_t at = feed_end(f);
    assert_true(find(f, at - FEED_ROWS) && !find(f, at - FEED_ROWS - 1));
    put(f, 5000);
    feed_put(f, STR(""));
    feed_publish(f);
    buf_clear(&out);
    (void)feed_take(f, at, &out, &gap);
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
    uint64_t at = feed_end(f);
    size_t n = 0;
    bool gap;
    memset(row, 'x', sizeof row);
    buf_init(&out, 1 << 20);
    for (uint64_t i = 1; i <= FEED_AT_ONCE; i++)
        feed_put(f, (struct str){row, sizeof row});
    feed_publish(f);
    while (at != feed_end(f)) {
        buf_clear(&out);
        uint64_t next = feed_take(f, at, &out, &gap);
        assert_true(next > at && !gap);
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
    uint64_t at = feed_end(f);
    bool gap;
    buf_init(&out, 1 << 20);
    feed_put(f, STR("{7}"));
    assert_true(feed_end(f) == at && find(f, at + 1) == 0);
    assert_true(feed_take(f, at, &out, &gap) == at && !gap && buf_len(&out) == 0);
    feed_publish(f);
    assert_true(feed_end(f) == at + 1 && find(f, at + 1) == at + 1);
    assert_true(feed_take(f, at, &out, &gap) == at + 1 && !gap);
    assert_true(str_eqz(buf_view(&out), "{7}"));
    buf_release(&out);
    feed_free(f);
}

/* While nobody watched, rows came that were not kept: whoever comes back from before them
 * has missed them, and is told. */
static void test_nobody_watched(void **state)
{
    (void)state;
    struct feed *f = feed_create();
    struct buf out;
    bool gap;
    buf_init(&out, 1 << 20);
    put(f, 1);
    uint64_t before = feed_end(f);
    feed_lapse(f);
    assert_true(find(f, before) == before); /* nobody has read what is not published */
    assert_true(feed_take(f, before, &out, &gap) == before && !gap);
    feed_publish(f);
    (void)feed_take(f, before, &out, &gap);
    assert_true(gap && buf_len(&out) == 0);
    uint64_t behind = feed_end(f);
    feed_lapse(f);
    feed_publish(f);
    assert_true(find(f, before) == 0);
    put(f, 3);
    (void)feed_take(f, behind, &out, &gap);
    assert_true(gap && str_eqz(buf_view(&out), "{3}"));
    buf_clear(&out);
    (void)feed_take(f, before, &out, &gap); /* and who stayed behind all of it */
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
        cmocka_unit_test(test_taking),     cmocka_unit_test(test_names_of_places),
        cmocka_unit_test(test_gaps),       cmocka_unit_test(test_large_rows),
        cmocka_unit_test(test_publishing), cmocka_unit_test(test_nobody_watched),
        cmocka_unit_test(test_watching),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
