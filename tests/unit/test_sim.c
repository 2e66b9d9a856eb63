/* test_sim.c -- connections, slots and pace of the simulated engine. */
#include "sim_talk.h"

/* -- connections ------------------------------------------------------------ */

static void a_connection_serves_one_request_after_another(void **state)
{
    struct sim *s = start();
    struct reply r, alone;
    (void)state;
    int fd = dial(s);
    reply_init(&r);
    for (int i = 0; i < 3; i++) /* all at once: answered in order */
        say_post(fd, CHAT, "", i == 1 ? stream_ask : plain_ask);
    say_post(fd, CHAT, "connection: close\r\n", "{}");
    hear(fd, &r, NULL);
    close(fd);
    post(s, CHAT, "", plain_ask, &alone);
    assert_int_equal(count(buf_view(&r.raw), "HTTP/1.1 200 OK"), 3);
    assert_int_equal(count(buf_view(&r.raw), "HTTP/1.1 400"), 1);
    char *line = strndup((char *)alone.body.p, alone.body.n);
    assert_int_equal(count(buf_view(&r.raw), line), 2);
    free(line);
    assert_int_equal(r.end, ENDED_FIN);
    reply_release(&r);
    reply_release(&alone);
    sim_stop(s);
}

static void a_promise_of_keep_alive_can_be_broken(void **state)
{
    struct sim *s = start();
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct reply r;
        bool is_honest = i & 1;
        int fd = dial(s);
        reply_init(&r);
        say_post(fd, CHAT,
                 is_honest ? "x-sim-fault: close-after\r\n"
                           : "x-sim-fault: keepalive-close\r\n",
                 i & 2 ? stream_ask : plain_ask);
        hear(fd, &r, NULL);
        close(fd);
        parse(&r);
        assert_true(r.is_complete);
        assert_int_equal(r.end, ENDED_FIN);
        assert_int_equal(has(str_of(r.fields), "connection: close"), is_honest);
        reply_release(&r);
    }
    sim_stop(s);
}

static void a_client_that_leaves_is_counted(void **state)
{
    static const char *const faults[] = {"stall", "stall-mid-stream=2"};
    struct sim *s = start();
    char field[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct reply r;
        int fd = dial(s);
        reply_init(&r);
        snprintf(field, sizeof field, "x-sim-fault: %s\r\n", faults[i]);
        say_post(fd, CHAT, field, stream_ask);
        wait_for(s, "answering", 1);
        settle(s);
        overhear(fd, &r);
        assert_int_equal(count(buf_view(&r.raw), "\"delta\":{\"content\":"), i ? 2 : 0);
        assert_int_equal(r.raw.n > 0, i > 0);
        assert_int_equal(stat_of(s, "cancelled"), i);
        close(fd);
        wait_for(s, "cancelled", i + 1);
        wait_for(s, "answering", 0);
        reply_release(&r);
    }
    sim_stop(s);
}

static void without_a_slot_a_request_waits_in_silence(void **state)
{
    struct sim *s = start_with((struct sim_options){.slots = 1});
    struct reply first, second;
    (void)state;
    int holder = dial(s), waiter = dial(s);
    reply_init(&first);
    reply_init(&second);
    say_post(holder, CHAT, "x-sim-fault: stall-mid-stream=1\r\n", stream_ask);
    hear(holder, &first, "\"delta\":{\"content\":");
    say_post(waiter, CHAT, "connection: close\r\n", plain_ask);
    wait_for(s, "requests", 2);
    settle(s);
    overhear(waiter, &second);
    assert_int_equal(second.raw.n, 0);
    close(holder);
    hear(waiter, &second, NULL);
    close(waiter);
    parse(&second);
    assert_int_equal(second.status, 200);
    assert_true(second.is_complete);
    reply_release(&first);
    reply_release(&second);
    sim_stop(s);
}

static void a_reader_that_stops_does_not_make_it_keep_the_answer(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    int fd = dial(s);
    reply_init(&r);
    /* about 20 MB: more than the kernel keeps for two ends of a connection */
    say_post(fd, CHAT, "connection: close\r\n",
             ASK("\"[[sim:words=100000]]\"}],\"stream\":true"));
    wait_for(s, "streaming", 1);
    settle(s);
    assert_int_equal(stat_of(s, "streaming"), 1); /* it waits for the reader */
    hear(fd, &r, NULL);
    close(fd);
    parse(&r);
    assert_true(r.is_complete);
    assert_int_equal(deltas(&r), 100000);
    reply_release(&r);
    sim_stop(s);
}

/* -- time ------------------------------------------------------------------- */

static size_t heard_deltas(const struct sim *s, int fd, struct reply *r)
{
    settle(s);
    overhear(fd, r);
    return count(buf_view(&r->raw), "\"delta\":{\"content\":");
}

static void tokens_come_at_the_pace_of_the_profile(void **state)
{
    static const int64_t waits_ms[] = {0, 22, 1, 23, 227};
    static const size_t heard[] = {1, 1, 2, 3, 13}; /* 1 + t * 44 / 1000 */
    struct sim *s = start_with((struct sim_options){.profile = STR("m4-qwen2.5-14b")});
    struct reply r;
    int first_ms = 0;
    (void)state;
    if (!clock_ms)
        skip();
    int fd = dial(s);
    reply_init(&r);
    say_post(fd, CHAT, "connection: close\r\n",
             ASK("\"[[sim:words=20]]\"}],\"stream\":true"));
    wait_for(s, "answering", 1);
    for (; heard_deltas(s, fd, &r) == 0 && first_ms < 200; first_ms++) {
        assert_int_equal(r.raw.n, 0); /* not even a head before the first token */
        clock_pass(1);
    }
    assert_true(first_ms >= 75 && first_ms <= 81);
    for (size_t i = 0; i < ARRAY_LEN(waits_ms); i++) {
        clock_pass(waits_ms[i]);
        assert_int_equal(heard_deltas(s, fd, &r), heard[i]);
    }
    clock_pass(1000);
    hear(fd, &r, NULL);
    close(fd);
    parse(&r);
    assert_true(r.is_complete);
    assert_int_equal(deltas(&r), 20);
    reply_release(&r);
    sim_stop(s);
}

static void a_plain_answer_comes_when_its_last_token_would(void **state)
{
    struct sim *s =
        start_with((struct sim_options){.profile = STR("m4-qwen2.5-14b"), .speed = 2});
    struct reply r;
    int64_t ms = 0;
    (void)state;
    if (!clock_ms)
        skip();
    int fd = dial(s);
    reply_init(&r);
    say_post(fd, CHAT, "connection: close\r\n", ASK("\"[[sim:words=88]]\"}]"));
    wait_for(s, "answering", 1);
    while (r.raw.n == 0 && ms < 2000) {
        clock_pass(1);
        ms++;
        settle(s);
        overhear(fd, &r);
    }
    /* half of 75..81 ms, and 88 tokens at twice 44 a second */
    assert_true(ms >= 1037 && ms <= 1041);
    close(fd);
    reply_release(&r);
    sim_stop(s);
}

static void slow_faults_hold_bytes_back(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    if (!clock_ms)
        skip();
    static const char *const faults[] = {"slow-first-byte=300", "slow-head=300",
                                         "dribble"};
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        char fields[96];
        int fd = dial(s);
        reply_init(&r);
        snprintf(fields, sizeof fields, "connection: close\r\nx-sim-fault: %s\r\n",
                 faults[i]);
        say_post(fd, CHAT, fields, i == 1 ? stream_ask : plain_ask);
        wait_for(s, "answering", 1);
        settle(s);
        overhear(fd, &r);
        assert_int_equal(r.raw.n > 0, i == 1);
        assert_false(has(buf_view(&r.raw), "\r\n\r\n"));
        size_t before = r.raw.n;
        clock_pass(i == 2 ? 1 : 299);
        settle(s);
        overhear(fd, &r);
        assert_int_equal(r.raw.n - before, i == 2 ? 16 : 0);
        clock_pass(1);
        while (i == 2 && stat_of(s, "answering"))
            clock_pass(1);
        hear(fd, &r, NULL);
        close(fd);
        parse(&r);
        assert_true(r.is_complete);
        assert_int_equal(r.status, 200);
        reply_release(&r);
    }
    sim_stop(s);
}

static void what_comes_during_an_answer_is_answered_after_it(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    int fd = dial(s);
    reply_init(&r);
    say_post(fd, CHAT, "x-sim-fault: slow-first-byte=50\r\n", plain_ask);
    wait_for(s, "answering", 1);
    say_post(fd, CHAT, "connection: close\r\n", stream_ask);
    settle(s);
    assert_int_equal(stat_of(s, "requests"), 1);
    clock_pass(50);
    hear(fd, &r, NULL);
    close(fd);
    assert_int_equal(count(buf_view(&r.raw), "HTTP/1.1 200 OK"), 2);
    assert_int_equal(count(buf_view(&r.raw), "[DONE]"), 1);
    reply_release(&r);
    sim_stop(s);
}

static void stopping_it_ends_what_is_under_way(void **state)
{
    struct reply r;
    struct sim *s = start();
    (void)state;
    int fd = dial(s), idle = dial(s);
    reply_init(&r);
    say_post(fd, CHAT, "x-sim-fault: stall-mid-stream\r\n", stream_ask);
    hear(fd, &r, "\"delta\":{\"content\":");
    wait_for(s, "open", 3);
    sim_stop(s);
    hear(fd, &r, NULL);
    assert_true(r.end == ENDED_FIN || r.end == ENDED_RESET);
    close(fd);
    close(idle);
    reply_release(&r);
}

static void a_busy_port_is_an_error(void **state)
{
    struct sim *s = start(), *other = NULL;
    struct err err = {0};
    struct sim_options o = {.port = sim_port(s)};
    (void)state;
    assert_int_equal(sim_start(&o, &other, &err), -1);
    assert_true(err.msg[0] != '\0');
    sim_stop(s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_serves_one_request_after_another),
        cmocka_unit_test(a_promise_of_keep_alive_can_be_broken),
        cmocka_unit_test(a_client_that_leaves_is_counted),
        cmocka_unit_test(without_a_slot_a_request_waits_in_silence),
        cmocka_unit_test(a_reader_that_stops_does_not_make_it_keep_the_answer),
        cmocka_unit_test(tokens_come_at_the_pace_of_the_profile),
        cmocka_unit_test(a_plain_answer_comes_when_its_last_token_would),
        cmocka_unit_test(slow_faults_hold_bytes_back),
        cmocka_unit_test(what_comes_during_an_answer_is_answered_after_it),
        cmocka_unit_test(stopping_it_ends_what_is_under_way),
        cmocka_unit_test(a_busy_port_is_an_error),
    };
    (void)argc;
    clock_open(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
