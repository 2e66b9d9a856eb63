/* test_bench_kept.c -- bench/kept.h: what was measured is found again, and no more of it
 * is kept than is said. */
#include "bench/kept.h"
#include "core/mem.h"
#include "folder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char root[] = "/tmp/weir-kept-XXXXXX";

static struct bench_kept_row row(const char *model, uint32_t streams, double speed)
{
    struct bench_kept_row r = {.at_ms = 1796000000000,
                               .engine = "box",
                               .workload = "chat",
                               .load = "1 at once",
                               .as = "weir",
                               .is_local = true,
                               .streams = streams,
                               .done = 20,
                               .ttft_cold_ms = NAN,
                               .ttft_ms_p50 = 12.5,
                               .stream_tok_s = speed};
    snprintf(r.model, sizeof r.model, "%s", model);
    return r;
}

static bool is_model(const void *ctx, const struct bench_kept_row *r)
{
    return strcmp(r->model, ctx) == 0;
}

static void rows_come_back_as_they_were(void **state)
{
    char dir[256], path[300];
    struct bench_kept_row rows[] = {row("say \"m\" \\o/", 1, 41.25), row("b", 4, NAN)};
    struct bench_kept_row *back;
    struct stat st;
    struct err err;
    size_t n;
    (void)state;
    snprintf(dir, sizeof dir, "%s/new/weir", root);
    snprintf(path, sizeof path, "%s/bench.jsonl", dir);
    assert_int_equal(bench_kept_read(dir, &back, &n, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(bench_kept_add(dir, rows, 2, &err), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(bench_kept_read(dir, &back, &n, &err), 0);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(back[i].id, i + 1);
        assert_string_equal(back[i].model, rows[i].model);
        assert_int_equal(back[i].streams, rows[i].streams);
        assert_int_equal(back[i].at_ms, rows[i].at_ms);
        assert_true(back[i].is_local && isnan(back[i].ttft_cold_ms));
        assert_true(fabs(back[i].ttft_ms_p50 - 12.5) < 1e-9);
    }
    assert_true(fabs(back[0].stream_tok_s - 41.25) < 1e-9 && isnan(back[1].stream_tok_s));
    mem_free(back);
}

/* A half line of a machine that lost power, and what others wrote into it. */
static void what_is_not_understood_is_left_out(void **state)
{
    char dir[256], path[300];
    struct bench_kept_row r = row("m", 1, 10), *back;
    struct err err;
    size_t n;
    (void)state;
    snprintf(dir, sizeof dir, "%s/odd", root);
    snprintf(path, sizeof path, "%s/bench.jsonl", dir);
    assert_int_equal(bench_kept_add(dir, &r, 1, &err), 0);
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    fputs(
        "{\"id\":5,\"model\":\"x\n\nnull\n[1]\n{\"id\":-3,\"model\":\"y\"}\n{\"id\":9}\n",
        f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(bench_kept_add(dir, &r, 1, &err), 0);
    assert_int_equal(bench_kept_read(dir, &back, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(back[1].id, 2);
    mem_free(back);
    assert_int_equal(bench_kept_add("/dev/null/x", &r, 1, &err), -1);
    assert_string_equal(err.code, "bench_kept");
}

static void the_oldest_go(void **state)
{
    char dir[256];
    struct bench_kept_row some[7], *back;
    struct err err;
    size_t n;
    (void)state;
    snprintf(dir, sizeof dir, "%s/many", root);
    for (int i = 0; i < 80; i++) {
        for (size_t k = 0; k < 7; k++)
            some[k] = row("m", 1, i);
        assert_int_equal(bench_kept_add(dir, some, 7, &err), 0);
    }
    assert_int_equal(bench_kept_read(dir, &back, &n, &err), 0);
    assert_int_equal(n, BENCH_KEPT_ROWS);
    assert_int_equal(back[n - 1].id, 560);
    assert_int_equal(back[0].id, 61);
    mem_free(back);
}

static void the_newest_of_one_stream_counts(void **state)
{
    struct bench_kept_row rows[] = {row("a", 1, 10), row("a", 1, 20),  row("a", 4, 90),
                                    row("b", 1, 50), row("a", 1, NAN), row("a", 1, 70)};
    (void)state;
    snprintf(rows[5].as, sizeof rows[5].as, "vllm");
    assert_ptr_equal(bench_kept_newest(rows, 6, is_model, "a"), &rows[1]);
    assert_ptr_equal(bench_kept_newest(rows, 6, is_model, "b"), &rows[3]);
    assert_null(bench_kept_newest(rows, 6, is_model, "c"));
    assert_null(bench_kept_newest(NULL, 0, is_model, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_as_they_were),
        cmocka_unit_test(what_is_not_understood_is_left_out),
        cmocka_unit_test(the_oldest_go),
        cmocka_unit_test(the_newest_of_one_stream_counts),
    };
    if (!mkdtemp(root))
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    folder_remove(root);
    return rc;
}
