/* test_event_cost.c -- no event is much dearer to read than others of its size.
 *
 * All clients of a worker wait while one is read: what stands in the place of a word is
 * not searched for words from end to end.  Compared with an error whose message is as
 * long. */
#include "core/buf.h"
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static int count(void *ctx, const struct event *e)
{
    (void)e;
    ++*(int *)ctx;
    return 0;
}

/* CPU milliseconds for one event of BIG bytes, most of them between before and after. */
static double time_of_big_event(const char *before, const char *after)
{
    enum { BIG = 4 << 20 };
    struct buf b;
    struct err err;
    struct engine_decoder d;
    struct timespec from, to;
    int n = 0;
    buf_init(&b, 2 * BIG);
    buf_append(&b, str_of(before));
    while (buf_len(&b) < BIG)
        buf_lit(&b, "words and ");
    buf_append(&b, str_of(after));
    engine_decoder_init(&d, SPEECH_OPENAI, SURFACE_CHAT);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    engine_decode(&d, buf_view(&b), count, &n, &err);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    assert_int_equal(n, 1);
    engine_decoder_release(&d);
    buf_release(&b);
    return (double)(to.tv_sec - from.tv_sec) * 1e3 +
           (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

static void a_huge_word_is_not_searched(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
    } rows[] = {
        {"data: ", "\n\n"},
        {"data: \"", "\"\n\n"},
        {"data: {\"error\":{\"message\":\"x\",\"type\":\"", "\"}}\n\n"},
        {"data: {\"error\":{\"message\":\"x\",\"code\":\"", "\"}}\n\n"},
        {"data: {\"status\":\"", "\"}\n\n"},
        {"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"", "\"}]}\n\n"},
    };
    double fair = time_of_big_event("data: {\"error\":{\"message\":\"", "\"}}\n\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double ms = time_of_big_event(rows[i].before, rows[i].after);
        if (ms > 2 * fair)
            fail_msg("%s takes %.1f ms, a message as long %.1f ms", rows[i].before, ms,
                     fair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_huge_word_is_not_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
