/* test_reach.c -- figures made of rows say which rows: all, or the newest of how many. */
#include "web/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool says(uint64_t rows, uint64_t requests, uint64_t first_ms, const char *want)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, 1024);
    json_writer_init(&w, &out);
    json_object_open(&w);
    web_write_reach(&w, rows, requests, first_ms);
    json_object_close(&w);
    bool is_same = str_eqz(buf_view(&out), want);
    buf_release(&out);
    return is_same;
}

static void test_reach(void **state)
{
    (void)state;
    assert_true(says(20000, 1234567, 77,
                     "{\"rows\":20000,\"rows_all\":1234567,\"rows_since_ms\":77}"));
    /* As many as are read, and no more: these are all. */
    assert_true(says(20000, 20000, 77,
                     "{\"rows\":20000,\"rows_all\":20000,\"rows_since_ms\":null}"));
    assert_true(says(0, 0, 0, "{\"rows\":0,\"rows_all\":0,\"rows_since_ms\":null}"));
    /* One came between the two questions. */
    assert_true(says(8, 7, 77, "{\"rows\":8,\"rows_all\":8,\"rows_since_ms\":null}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reach)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
