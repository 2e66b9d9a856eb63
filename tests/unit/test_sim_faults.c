/* test_sim_faults.c -- the faults of the simulated engine, judged by what is on the wire:
 * which bytes, in which order, and how the connection ends. */
#include "sim_talk.h"

/* -- faults ----------------------------------------------------------------- */

enum { ANY = 999 };

static const struct wire {
    const char *fault;
    bool is_stream;
    enum ending end;
    bool is_complete;
    int status;     /* 0: no head came */
    size_t ndeltas; /* streams */
    const char *has[3], *lacks[2];
} wires[] = {
    {"refuse", true, ENDED_RESET, false, 0, 0, {0}, {0}},
    {"reset-mid-stream=2", true, ENDED_RESET, false, 200, 2, {0}, {"[DONE]", "\"stop\""}},
    {"reset-mid-stream=0", true, ENDED_RESET, false, 200, 0, {"\"role\""}, {"[DONE]"}},
    {"cut-mid-stream=2", true, ENDED_FIN, false, 200, 2, {0}, {"[DONE]", "\"stop\""}},
    {"error-mid-stream=2", true, ENDED_FIN, true, 200, 2, {"{\"error\":{"}, {"[DONE]"}},
    {"error-in-200", true, ENDED_FIN, true, 200, 0, {"data: {\"error\":{"}, {"choices"}},
    {"no-done", true, ENDED_FIN, true, 200, ANY, {"\"stop\"", "\"usage\""}, {"[DONE]"}},
    {"finish-missing", true, ENDED_FIN, true, 200, ANY, {"[DONE]"}, {"\"stop\""}},
    {"usage-missing", true, ENDED_FIN, true, 200, ANY, {"[DONE]"}, {"\"usage\""}},
    {"usage-merged",
     true,
     ENDED_FIN,
     true,
     200,
     ANY,
     {"\"finish_reason\":\"stop\"}],\"usage\":{", "[DONE]"},
     {"\"choices\":[]"}},
    {"garbage-sse",
     true,
     ENDED_FIN,
     true,
     200,
     ANY,
     {"\nfield without colon\n", "data: this is not json\n", "[DONE]"},
     {0}},
    {"bad-json", true, ENDED_FIN, true, 200, ANY, {"{\"cont\n\n", "[DONE]"}, {0}},
    {"odd-sse",
     true,
     ENDED_FIN,
     true,
     200,
     ANY,
     {"}\r\n\r\n: still here\r\n", "data:{\"id\"", "data:[DONE]\r\n\r\n"},
     {0}},
    {"empty-stream", true, ENDED_FIN, true, 200, 0, {0}, {"data"}},
    {"wrong-content-length", true, ENDED_FIN, false, 200, ANY, {"[DONE]"}, {0}},
    {"429=7", true, ENDED_FIN, true, 429, 0, {"rate_limit"}, {"data:"}},
    {"500", true, ENDED_FIN, true, 500, 0, {"\"error\""}, {"data:"}},
    {"503=3", true, ENDED_FIN, true, 503, 0, {"\"error\""}, {0}},
    {"status=418", true, ENDED_FIN, true, 418, 0, {"\"error\""}, {0}},
    {"html-502", true, ENDED_FIN, true, 502, 0, {"<h1>502"}, {"\"error\""}},
    {"overflow", true, ENDED_FIN, true, 400, 0, {"exceed_context_size_error"}, {0}},
    {"refuse", false, ENDED_RESET, false, 0, 0, {0}, {0}},
    {"reset-mid-stream", false, ENDED_RESET, false, 200, 0, {"\"id\""}, {"\"usage\""}},
    {"cut-mid-stream", false, ENDED_FIN, false, 200, 0, {"\"id\""}, {"\"usage\""}},
    {"wrong-content-length", false, ENDED_FIN, false, 200, 0, {"\"usage\""}, {0}},
    {"error-in-200", false, ENDED_FIN, true, 200, 0, {"{\"error\":{"}, {"choices"}},
    {"error-mid-stream", false, ENDED_FIN, true, 200, 0, {"{\"error\":{"}, {"choices"}},
    {"garbage-sse", false, ENDED_FIN, true, 200, 0, {"<html>"}, {"choices"}},
    {"bad-json", false, ENDED_FIN, true, 200, 0, {"{\"id\""}, {"\"usage\""}},
    {"empty-stream", false, ENDED_FIN, true, 200, 0, {0}, {"{"}},
    {"finish-missing", false, ENDED_FIN, true, 200, 0, {"\"finish_reason\":null"}, {0}},
    {"usage-missing", false, ENDED_FIN, true, 200, 0, {"\"stop\""}, {"\"usage\""}},
    {"429=7", false, ENDED_FIN, true, 429, 0, {"rate_limit"}, {0}},
    {"500", false, ENDED_FIN, true, 500, 0, {"\"error\""}, {0}},
    {"html-502", false, ENDED_FIN, true, 502, 0, {"<h1>502"}, {0}},
};

static void check_wire(const struct wire *w, const struct reply *r, const char *how)
{
    struct str body = buf_view(&r->body);
    bool ok = r->end == w->end && r->is_complete == w->is_complete &&
              r->status == w->status && (w->status || r->raw.n == 0) &&
              (w->ndeltas == ANY ? deltas(r) > 0 : deltas(r) == w->ndeltas);
    for (size_t i = 0; i < ARRAY_LEN(w->has) && w->has[i]; i++)
        ok = ok && has(body, w->has[i]);
    for (size_t i = 0; i < ARRAY_LEN(w->lacks) && w->lacks[i]; i++)
        ok = ok && !has(body, w->lacks[i]);
    if (!ok)
        fail_msg("%s (%s, by %s): end %d, complete %d, status %d, %zu deltas: %.*s",
                 w->fault, w->is_stream ? "stream" : "plain", how, (int)r->end,
                 r->is_complete, r->status, deltas(r), STR_ARG(buf_view(&r->raw)));
}

static void each_fault_shows_on_the_wire(void **state)
{
    struct sim *s = start();
    char field[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wires); i++) {
        struct reply r;
        snprintf(field, sizeof field, "x-sim-fault: %s\r\n", wires[i].fault);
        post(s, CHAT, field, wires[i].is_stream ? usage_ask : plain_ask, &r);
        check_wire(&wires[i], &r, "header");
        reply_release(&r);
    }
    sim_stop(s);
}

/* A gateway does not pass the header on, but it passes the message. */
static void a_fault_can_be_asked_for_in_the_message_or_by_the_flag(void **state)
{
    struct sim *s = start();
    char body[512];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wires); i++) {
        struct reply r;
        const struct wire *w = &wires[i];
        snprintf(body, sizeof body,
                 "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
                 "\"text\":\"please [[sim:%s]]\"}]}],\"stream\":%s,\"stream_options\":"
                 "{\"include_usage\":true}}",
                 w->fault, w->is_stream ? "true" : "false");
        post(s, CHAT, "", body, &r);
        check_wire(w, &r, "message");
        reply_release(&r);
        struct sim *by_flag = start_with((struct sim_options){.fault = str_of(w->fault)});
        if (w->status) { /* refused by flag: reset at the door, tested below */
            post(by_flag, CHAT, "", w->is_stream ? usage_ask : plain_ask, &r);
            check_wire(w, &r, "flag");
            reply_release(&r);
        }
        sim_stop(by_flag);
    }
    sim_stop(s);
}

static void a_refusing_engine_resets_whoever_connects(void **state)
{
    struct sim *s = start_with((struct sim_options){.fault = STR("refuse")});
    struct reply r;
    (void)state;
    int fd = dial(s);
    reply_init(&r);
    hear(fd, &r, NULL);
    assert_int_equal(r.end, ENDED_RESET);
    assert_int_equal(r.raw.n, 0);
    close(fd);
    reply_release(&r);
    sim_stop(s);
}

static void the_header_wins_over_the_message_and_it_over_the_flag(void **state)
{
    struct sim *s = start_with((struct sim_options){.fault = STR("500")});
    struct reply r;
    (void)state;
    post(s, CHAT, "", ASK("\"[[sim:status=418]]\"}]"), &r);
    assert_int_equal(r.status, 418);
    reply_release(&r);
    post(s, CHAT, "x-sim-fault: 503\r\n", ASK("\"[[sim:status=418]]\"}]"), &r);
    assert_int_equal(r.status, 503);
    reply_release(&r);
    sim_stop(s);
}

static void waits_are_told_by_retry_after(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    post(s, CHAT, "x-sim-fault: 429=7\r\n", plain_ask, &r);
    assert_true(has(str_of(r.fields), "retry-after: 7\n"));
    reply_release(&r);
    post(s, CHAT, "x-sim-fault: 503=30\r\n", plain_ask, &r);
    assert_true(has(str_of(r.fields), "retry-after: 30\n"));
    reply_release(&r);
    sim_stop(s);
}

static void usage_comes_twice_or_early_when_asked_to(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    post(s, CHAT, "x-sim-fault: usage-twice\r\n", stream_ask, &r);
    assert_int_equal(count(buf_view(&r.body), "\"usage\":{"), 2);
    reply_release(&r);
    post(s, CHAT, "x-sim-fault: usage-before-finish\r\n", stream_ask, &r);
    ptrdiff_t usage = str_find(buf_view(&r.body), STR("\"usage\":{"));
    ptrdiff_t finish = str_find(buf_view(&r.body), STR("\"finish_reason\":\"stop\""));
    assert_true(usage > 0 && finish > usage);
    reply_release(&r);
    sim_stop(s);
}

static void a_huge_event_is_as_large_as_asked(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    for (int i = 0; i < 2; i++) {
        post(s, CHAT, "x-sim-fault: huge-event=3000000\r\n", i ? plain_ask : stream_ask,
             &r);
        assert_true(r.is_complete);
        struct str body = buf_view(&r.body);
        ptrdiff_t from = str_find(body, STR("\"wwww"));
        assert_true(from > 0);
        size_t run = 0;
        while (body.p[(size_t)from + 1 + run] == 'w')
            run++;
        assert_int_equal(run, 3000000);
        reply_release(&r);
    }
    sim_stop(s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_shows_on_the_wire),
        cmocka_unit_test(a_fault_can_be_asked_for_in_the_message_or_by_the_flag),
        cmocka_unit_test(a_refusing_engine_resets_whoever_connects),
        cmocka_unit_test(the_header_wins_over_the_message_and_it_over_the_flag),
        cmocka_unit_test(waits_are_told_by_retry_after),
        cmocka_unit_test(usage_comes_twice_or_early_when_asked_to),
        cmocka_unit_test(a_huge_event_is_as_large_as_asked),
    };
    (void)argc;
    clock_open(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
