/* test_printer.c -- lines for stderr: cleaned, limited, and waiting for nobody. */
#include "core/clean.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/printer.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* -- clean ------------------------------------------------------------------------- */

#define RUNS(lit) STR_INIT(lit)

static void what_must_not_be_printed_becomes_a_question_mark(void **state)
{
    (void)state;
    static const struct {
        struct str in, out;
    } rows[] = {
        {RUNS("plain words"), RUNS("plain words")},
        {RUNS(""), RUNS("")},
        {RUNS("a\nb\tc\x1b[2Jd\x7f\0e"), RUNS("a?b?c?[2Jd??e")},
        {RUNS("a\xC2\x9B"
              "2Jb\xC2\x85"),
         RUNS("a?2Jb?")},
        {RUNS("\xE2\x80\xAE"
              "evil\xE2\x80\xA8"
              "x\xE2\x81\xA6\xE2\x80\x8F\xD8\x9C"),
         RUNS("?evil?x???")},
        {RUNS("\xEF\xBB\xBF"
              "bom \xF3\xA0\x81\x81 tag"),
         RUNS("?bom ? tag")},
        {RUNS("gr\xC3\xBC\xC3\x9F \xE4\xB8\xAD \xF0\x9F\x98\x80 \xC2\xA0"),
         RUNS("gr\xC3\xBC\xC3\x9F \xE4\xB8\xAD \xF0\x9F\x98\x80 \xC2\xA0")},
        /* Not UTF-8: alone, cut, overlong, a surrogate, past the last character. */
        {RUNS("\x9B"
              "2J"),
         RUNS("?2J")},
        {RUNS("x\xE2\x80"), RUNS("x??")},
        {RUNS("\xC0\x9B"), RUNS("??")},
        {RUNS("\xE0\x82\x9B"), RUNS("???")},
        {RUNS("\xED\xA0\x80"), RUNS("???")},
        {RUNS("\xF4\x90\x80\x80"), RUNS("????")},
        {RUNS("\xFF\xFE"), RUNS("??")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char in_place[64];
        struct buf b;
        buf_init(&b, 1024);
        clean_append(&b, rows[i].in);
        assert_true(str_eq(buf_view(&b), rows[i].out));
        buf_release(&b);
        memcpy(in_place, rows[i].in.p, rows[i].in.n);
        size_t n = clean_in_place(in_place, rows[i].in.n);
        assert_true(str_eq((struct str){in_place, n}, rows[i].out));
    }
}

static void json_keeps_its_meaning_when_it_is_cleaned(void **state)
{
    (void)state;
    static const struct {
        struct str in, out;
    } rows[] = {
        {RUNS("{\"a\":\"b\"}\n"), RUNS("{\"a\":\"b\"}\n")},
        {RUNS("\"\xC2\x9B\xE2\x80\xAE\""), RUNS("\"\\u009b\\u202e\"")},
        {RUNS("\"\xF3\xA0\x81\x81\x7F\""), RUNS("\"\\udb40\\udc41\\u007f\"")},
        {RUNS("\"\x9B\""), RUNS("\"\\ufffd\"")},
        {RUNS("\"\\u0007 \xC3\xBC\""), RUNS("\"\\u0007 \xC3\xBC\"")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b;
        buf_init(&b, 1024);
        clean_append_json(&b, rows[i].in);
        assert_true(str_eq(buf_view(&b), rows[i].out));
        buf_release(&b);
    }
}

/* -- a stderr of our own ------------------------------------------------------------- */

static int saved_stderr = -1, unread = -1;

static int begin(void **state)
{
    int ends[2];
    (void)state;
    saved_stderr = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    unread = ends[0];
    return 0;
}

static int end(void **state)
{
    (void)state;
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    close(unread);
    return 0;
}

/* All that comes until `last` ends it. */
static char *read_until(const char *last)
{
    size_t n = 0, cap = 8 << 20;
    char *all = malloc(cap);
    assert_non_null(all);
    do {
        ssize_t got = read(unread, all + n, cap - n - 1);
        assert_true(got > 0);
        n += (size_t)got;
        all[n] = '\0';
    } while (n < strlen(last) || strcmp(all + n - strlen(last), last) != 0);
    return all;
}

static void put(const char *text)
{
    printer_put(str_of(text));
}

static uint64_t real_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void lines_come_out_whole_and_in_order(void **state)
{
    char line[64];
    (void)state;
    put("before the thread\n");
    printer_start();
    for (int i = 0; i < 1000; i++) {
        snprintf(line, sizeof line, "line %d\n", i);
        put(line);
    }
    printer_stop();
    put("after it\n");
    char *all = read_until("after it\n"), *at = all;
    assert_int_equal(strncmp(at, "before the thread\n", 18), 0);
    at += 18;
    for (int i = 0; i < 1000; i++) {
        snprintf(line, sizeof line, "line %d\n", i);
        assert_int_equal(strncmp(at, line, strlen(line)), 0);
        at += strlen(line);
    }
    assert_string_equal(at, "after it\n");
    free(all);
}

/* Reads lines until as many are there or reported missing as were put; returns those
 * that are there. */
static unsigned long long read_all_of(unsigned long long nputs)
{
    unsigned long long kept = 0, missing = 0, n;
    char line[1100];
    FILE *f = fdopen(dup(unread), "r");
    assert_non_null(f);
    while (kept + missing < nputs && fgets(line, sizeof line, f)) {
        if (*line == 'x')
            kept++;
        else if (sscanf(line, "weir: warning: %llu lines are missing here", &n) == 1)
            missing += n;
        else
            fail_msg("%s", line);
    }
    fclose(f);
    assert_int_equal(kept + missing, nputs);
    return kept;
}

/* Nobody reads: putting returns, what has no room is counted, and the count is told
 * where the lines would have stood. */
static void lines_without_room_are_dropped_and_counted(void **state)
{
    static char line[1000];
    unsigned nputs = 3 * PRINTER_MAX_BYTES / sizeof line;
    (void)state;
    memset(line, 'x', sizeof line - 2);
    line[sizeof line - 2] = '\n';
    printer_start();
    for (unsigned i = 0; i < nputs; i++)
        put(line);
    assert_in_range(read_all_of(nputs), 1000, nputs - 1000);
    put("again\n");
    printer_stop();
    char *all = read_until("again\n");
    assert_string_equal(all, "again\n");
    free(all);
}

static void stopping_waits_a_fraction_of_a_second_for_an_unread_stderr(void **state)
{
    static char much[128 * 1024];
    (void)state;
    memset(much, 'x', sizeof much - 1);
    printer_start();
    put(much);
    uint64_t began = real_ms();
    printer_stop();
    assert_true(real_ms() - began >= PRINTER_STOP_MS - 1);
    put(much); /* would wait for ever */
    log_error("and so would this");
}

/* -- the log ---------------------------------------------------------------------- */

static void warn(int i)
{
    log_warn_rarely("it happened to %d", i);
}

static void a_warning_that_requests_cause_is_said_once_a_minute(void **state)
{
    (void)state;
    for (int i = 0; i < 42; i++)
        warn(i);
    log_info("end");
    char *all = read_until("end\n");
    assert_string_equal(all, "weir: warning: it happened to 0\nweir: end\n");
    free(all);
}

static void the_next_warning_tells_how_many_were_held_back(void **state)
{
    struct log_limit limit = {0};
    (void)state;
    log_line_rarely(&limit, LOG_WARN, "first");
    for (int i = 0; i < 41; i++)
        log_line_rarely(&limit, LOG_WARN, "more");
    atomic_store(&limit.next_ms, clock_mono_ms()); /* a minute has passed */
    log_line_rarely(&limit, LOG_WARN, "last");
    char *all = read_until("between)\n");
    assert_string_equal(
        all, "weir: warning: first\nweir: warning: last (and 41 more in between)\n");
    free(all);
}

static void a_line_of_the_log_is_one_clean_line(void **state)
{
    (void)state;
    log_warn("a\nb \xC2\x9B"
             "2J");
    log_text(LOG_INFO, STR("two\nlines\x1b\n"));
    char *all = read_until("lines?\n");
    assert_string_equal(all, "weir: warning: a?b ?2J\nweir:   two\nweir:   lines?\n");
    free(all);
}

int main(void)
{
#define WITH_STDERR(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_must_not_be_printed_becomes_a_question_mark),
        cmocka_unit_test(json_keeps_its_meaning_when_it_is_cleaned),
        WITH_STDERR(lines_come_out_whole_and_in_order),
        WITH_STDERR(lines_without_room_are_dropped_and_counted),
        WITH_STDERR(a_warning_that_requests_cause_is_said_once_a_minute),
        WITH_STDERR(the_next_warning_tells_how_many_were_held_back),
        WITH_STDERR(a_line_of_the_log_is_one_clean_line),
        /* Last: what it leaves behind takes no more lines. */
        WITH_STDERR(stopping_waits_a_fraction_of_a_second_for_an_unread_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
