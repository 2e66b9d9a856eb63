/* test_child.c -- an engine that weir starts: its command, its death, its end. */
#include "supervise/child.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void a_command_is_words_without_a_shell(void **state)
{
    struct child c;
    struct err err;
    (void)state;
    assert_int_equal(child_init(&c, "run  \"a b\" --m={model} -p {port} 'x; rm y'",
                                "/models/my model.gguf", 4711, "/dev/null", &err),
                     0);
    static const char *const words[] = {
        "run", "a b", "--m=/models/my model.gguf", "-p", "4711", "x; rm y", NULL};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words[i])
            assert_string_equal(c.argv[i], words[i]);
        else
            assert_null(c.argv[i]);
    }
    child_release(&c);
    assert_int_equal(child_init(&c, "run {model}", "m", 1, "/dev/null", &err), -1);
    assert_non_null(strstr(err.msg, "{port}"));
}

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* The death is seen, the wait doubles, and the wait ends. */
static void a_child_that_dies_is_restarted_later_and_later(void **state)
{
    struct child c;
    struct err err;
    char words[64];
    uint64_t now = 1000000;
    (void)state;
    assert_int_equal(child_init(&c, "sh -c 'echo no {model} {port} >&2; exit 3'", "m", 1,
                                "/tmp/weir-test-child.log", &err),
                     0);
    assert_int_equal(child_start(&c, &err), 0);
    for (uint32_t wait_ms = 1000; wait_ms <= 30000 && c.deaths < 8;) {
        enum child_event event = CHILD_SAME;
        c.started_ms = now;
        for (int i = 0; i < 200 && event != CHILD_DIED; i++, pause_ms(10))
            event = child_poll(&c, now);
        assert_int_equal(event, CHILD_DIED);
        assert_int_equal(c.backoff_ms, wait_ms);
        assert_int_equal(child_poll(&c, now + wait_ms - 1), CHILD_SAME);
        assert_int_equal(child_poll(&c, now + wait_ms), CHILD_RESTARTED);
        now += wait_ms;
        wait_ms = wait_ms * 2 < 30000 ? wait_ms * 2 : 30000;
    }
    assert_int_equal(c.backoff_ms, 30000);
    child_last_words(&c, words, sizeof words);
    assert_non_null(strstr(words, "no m 1"));
    child_stop(&c, 1000);
    child_release(&c);
    unlink("/tmp/weir-test-child.log");
}

static void a_child_that_ignores_term_is_killed(void **state)
{
    struct child c;
    struct err err;
    (void)state;
    assert_int_equal(child_init(&c, "sh -c 'trap \"\" TERM; sleep 60; : {model} {port}'",
                                "m", 1, "/dev/null", &err),
                     0);
    assert_int_equal(child_start(&c, &err), 0);
    pid_t pid = c.pid;
    pause_ms(200);
    child_stop(&c, 200);
    assert_int_equal(c.pid, 0);
    assert_int_equal(kill(pid, 0), -1);
    child_release(&c);
}

/* What the operator has ended is not started again by itself. */
static void a_child_that_was_ended_rests(void **state)
{
    struct child c;
    struct err err;
    char words[100];
    (void)state;
    assert_int_equal(child_init(&c, "sh -c 'trap \"\" TERM; sleep 60; : {model} {port}'",
                                "m", 1, "/dev/null", &err),
                     0);
    assert_int_equal(child_start(&c, &err), 0);
    pid_t pid = c.pid;
    pause_ms(200);
    child_end(&c, 1000, 5000);
    child_end(&c, 5999, 5000); /* the first one counts */
    assert_int_equal(child_poll(&c, 5999), CHILD_SAME);
    assert_int_equal(kill(pid, 0), 0);
    for (int i = 0; i < 500 && c.pid; i++, pause_ms(10))
        (void)child_poll(&c, 6000);
    assert_int_equal(c.pid, 0);
    child_exit_words(&c, words, sizeof words);
    assert_string_equal(words, "it was ended by signal 9 (Killed)");
    assert_int_equal(child_poll(&c, 1000000), CHILD_SAME);
    assert_int_equal(c.pid, 0);
    assert_int_equal(child_start(&c, &err), 0);
    assert_false(c.rests);
    child_stop(&c, 0);
    child_end(&c, 0, 0); /* of one that does not run */
    assert_true(c.rests);
    child_release(&c);
}

static void its_end_is_told_in_words(void **state)
{
    static const struct {
        const char *command, *words;
    } rows[] = {
        {"sh -c 'exit 3; {model} {port}'", "it ended with exit code 3"},
        {"sh -c 'exit 0; {model} {port}'", "it ended with exit code 0"},
        {"/nonexistent/engine {model} {port}", "it could not be run (exit code 127)"}};
    struct child c;
    struct err err;
    char words[100];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(child_init(&c, rows[i].command, "m", 1, "/dev/null", &err), 0);
        assert_int_equal(child_start(&c, &err), 0);
        for (int k = 0; k < 500 && c.pid; k++, pause_ms(10))
            (void)child_poll(&c, 1000000);
        child_exit_words(&c, words, sizeof words);
        assert_string_equal(words, rows[i].words);
        child_release(&c);
    }
}

static void a_port_that_somebody_has_is_not_free(void **state)
{
    struct child c = {.port = child_free_port()};
    (void)state;
    assert_true(child_port_is_free(&c));
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    a.sin_port = htons(c.port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_false(child_port_is_free(&c));
    close(fd);
    assert_true(child_port_is_free(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_words_without_a_shell),
        cmocka_unit_test(a_child_that_dies_is_restarted_later_and_later),
        cmocka_unit_test(a_child_that_ignores_term_is_killed),
        cmocka_unit_test(a_child_that_was_ended_rests),
        cmocka_unit_test(its_end_is_told_in_words),
        cmocka_unit_test(a_port_that_somebody_has_is_not_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
