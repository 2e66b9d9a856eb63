/* test_errand.c -- a program that is run once: what it prints, and its limits. */
#include "supervise/errand.h"

#include "core/clock.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const env[] = {"PATH=/usr/bin:/bin", "WORD=given", NULL};

struct result {
    struct buf out, said;
    int code, rc;
    struct err err;
};

static struct result run(struct errand e, const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct result r = {.code = -1};
    buf_init(&r.out, 100000);
    buf_init(&r.said, 1000);
    e.program = "/bin/sh";
    e.argv = argv;
    e.env = env;
    e.most_ms = e.most_ms ? e.most_ms : 20000;
    r.rc = errand_run(&e, &r.out, &r.said, &r.code, &r.err);
    buf_byte(&r.out, '\0');
    buf_byte(&r.said, '\0');
    return r;
}

static void drop(struct result *r)
{
    buf_release(&r->out);
    buf_release(&r->said);
}

static void it_brings_what_was_printed_and_the_code(void **state)
{
    (void)state;
    struct result r =
        run((struct errand){.out_fd = 1}, "echo $WORD; echo no >&2; exit 3");
    assert_int_equal(r.rc, 0);
    assert_int_equal(r.code, 3);
    assert_string_equal(r.out.p, "given\n");
    assert_string_equal(r.said.p, "no\n");
    drop(&r);
}

static void input_comes_by_stdin_and_an_answer_by_another_descriptor(void **state)
{
    (void)state;
    struct result r = run((struct errand){.out_fd = 3, .input = STR("a'b\n")},
                          "echo lost; cat >/dev/fd/3");
    assert_int_equal(r.rc, 0);
    assert_string_equal(r.out.p, "a'b\n");
    drop(&r);
    r = run((struct errand){.out_fd = 1}, "cat; echo end");
    assert_string_equal(r.out.p, "end\n");
    drop(&r);
}

/* Nothing of weir's own is open in it. */
static void it_gets_no_other_descriptor(void **state)
{
    (void)state;
    int kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct result r = run((struct errand){.out_fd = 1},
                          "for i in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$i ] && echo $i; "
                          "done; exit 0");
    assert_string_equal(r.out.p, "");
    drop(&r);
    close(kept);
}

/* Gone, or dead and not yet fetched by whoever has to. */
static bool has_ended(int pid)
{
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f)
        return true;
    if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(f);
    return state == 'Z' || state == 'X';
}

static void its_time_is_bounded_and_so_is_that_of_what_it_started(void **state)
{
    (void)state;
    uint64_t began = clock_mono_ms();
    struct result r =
        run((struct errand){.out_fd = 1, .most_ms = 200}, "sleep 60 & echo $!; sleep 60");
    assert_int_equal(r.rc, -1);
    assert_int_equal(r.err.kind, ERR_TIMEOUT);
    assert_string_equal(r.err.code, "errand_late");
    assert_true(clock_mono_ms() - began < 30000);
    assert_true(atoi(r.out.p) > 1);
    for (int i = 0; i < 1000 && !has_ended(atoi(r.out.p)); i++)
        usleep(10000);
    assert_true(has_ended(atoi(r.out.p)));
    drop(&r);
    r = run((struct errand){.out_fd = 1, .most_ms = 200}, "exec >&- 2>&-; sleep 60");
    assert_string_equal(r.err.code, "errand_late");
    drop(&r);
}

static void what_it_prints_is_bounded(void **state)
{
    (void)state;
    struct result r = run((struct errand){.out_fd = 1}, "exec cat /dev/zero");
    assert_int_equal(r.rc, -1);
    assert_string_equal(r.err.code, "errand_long");
    drop(&r);
    r = run((struct errand){.out_fd = 1}, "exec cat /dev/zero >&2");
    assert_string_equal(r.err.code, "errand_long");
    drop(&r);
}

static bool is_wanted_thrice(void *ctx)
{
    int *left = ctx;
    return (*left)-- > 0;
}

static void it_is_ended_when_nobody_wants_it(void **state)
{
    (void)state;
    int left = 3;
    struct result r =
        run((struct errand){.out_fd = 1, .is_wanted = is_wanted_thrice, .ctx = &left},
            "sleep 60");
    assert_int_equal(r.rc, -1);
    assert_string_equal(r.err.code, "errand_unwanted");
    drop(&r);
}

static void what_cannot_be_run_is_said(void **state)
{
    (void)state;
    const char *const argv[] = {"x", NULL};
    struct result r = {.code = -1};
    const struct errand e = {
        .program = "/nowhere/x", .argv = argv, .env = env, .out_fd = 1, .most_ms = 20000};
    buf_init(&r.out, 100);
    buf_init(&r.said, 100);
    assert_int_equal(errand_run(&e, &r.out, &r.said, &r.code, &r.err), -1);
    assert_string_equal(r.err.code, "errand_failed");
    drop(&r);
    r = run((struct errand){.out_fd = 1}, "kill -9 $$");
    assert_int_equal(r.rc, -1);
    assert_non_null(strstr(r.err.msg, "signal 9"));
    drop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_brings_what_was_printed_and_the_code),
        cmocka_unit_test(input_comes_by_stdin_and_an_answer_by_another_descriptor),
        cmocka_unit_test(it_gets_no_other_descriptor),
        cmocka_unit_test(its_time_is_bounded_and_so_is_that_of_what_it_started),
        cmocka_unit_test(what_it_prints_is_bounded),
        cmocka_unit_test(it_is_ended_when_nobody_wants_it),
        cmocka_unit_test(what_cannot_be_run_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
