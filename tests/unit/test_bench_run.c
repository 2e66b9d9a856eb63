/* test_bench_run.c -- bench/run.h under a clock that is moved: an engine that stalls for
 * ten seconds, and the figures of an open loop and of a closed one. */
#include "bench/run.h"
#include "bench/summary.h"
#include "moved_clock.h"

#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum {
    PERIOD_MS = 100, /* of the starts: ten a second */
    BEFORE = 10,     /* requests that are answered at once */
    STALLED = 100,   /* ... that wait, of ten seconds */
    AFTER = 10,
    REQUESTS = BEFORE + STALLED + AFTER,
    MOST_FDS = REQUESTS + 8,
    ACCEPT_MS = 20
};

/* One thread with an engine's side of all connections; it alone moves the clock. */
struct stalling {
    int listener, fds[MOST_FDS], waits[MOST_FDS]; /* `waits`: it has not been answered */
    size_t nfds;
    uint16_t port;
    bool is_closed_loop; /* one request at once: it stalls for the eleventh alone */
    unsigned arrived, answered;
    atomic_uint ended; /* requests, as the run tells it */
    pthread_t thread;
};

#define SAID                                                                             \
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n" \
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"      \
    "\"stop\"}]}\n\ndata: [DONE]\n\n"

/* Sends it whole and waits until the run knows. */
static void answer(struct stalling *e, size_t i)
{
    if (dprintf(e->fds[i],
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                "Content-Length: %zu\r\n\r\n%s",
                sizeof SAID - 1, SAID) < 0)
        abort();
    e->waits[i] = 0;
    e->answered++;
    while (atomic_load(&e->ended) < e->answered)
        usleep(200);
}

/* Until one more request has come: a client sends it in one piece. */
static size_t await_request(struct stalling *e)
{
    struct pollfd all[MOST_FDS + 1];
    for (;;) {
        char bytes[4096];
        all[0] = (struct pollfd){.fd = e->listener, .events = POLLIN};
        for (size_t i = 0; i < e->nfds; i++)
            all[i + 1] = (struct pollfd){.fd = e->fds[i], .events = POLLIN};
        poll(all, e->nfds + 1, ACCEPT_MS);
        for (size_t i = 0; i < e->nfds; i++)
            if (all[i + 1].revents && read(e->fds[i], bytes, sizeof bytes) > 0) {
                e->waits[i] = 1;
                e->arrived++;
                return i;
            }
        if (all[0].revents && e->nfds < MOST_FDS)
            e->fds[e->nfds++] = accept(e->listener, NULL, NULL);
    }
}

static void answer_all(struct stalling *e)
{
    for (size_t i = 0; i < e->nfds; i++)
        if (e->waits[i])
            answer(e, i);
}

static void *serve(void *arg)
{
    struct stalling *e = arg;
    while (e->arrived < REQUESTS) {
        await_request(e);
        bool is_stalled = e->arrived > BEFORE && e->arrived <= BEFORE + STALLED;
        if (e->is_closed_loop && e->arrived == BEFORE + 1)
            clock_pass(STALLED * PERIOD_MS);
        if (e->is_closed_loop || !is_stalled)
            answer_all(e);
        if (!e->is_closed_loop)
            clock_pass(PERIOD_MS);
    }
    return NULL;
}

static void begin(struct stalling *e)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    e->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(e->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(e->listener, MOST_FDS), 0);
    assert_int_equal(getsockname(e->listener, (struct sockaddr *)&at, &n), 0);
    e->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&e->thread, NULL, serve, e), 0);
}

static void finish(struct stalling *e)
{
    pthread_join(e->thread, NULL);
    for (size_t i = 0; i < e->nfds; i++)
        close(e->fds[i]);
    close(e->listener);
}

struct heard {
    struct stalling *engine;
    struct bench_summary summary;
};

static int on_ended(void *ctx, const struct bench_trace *t, struct err *err)
{
    struct heard *h = ctx;
    int rc = bench_summary_add(&h->summary, t, err);
    atomic_fetch_add(&h->engine->ended, 1);
    return rc;
}

static void measure(const struct bench_load *load, struct stalling *e, struct heard *h)
{
    static const char body[] = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}";
    const struct bench_slo none = {NAN, NAN, NAN};
    const struct http_message m = {.method = STR("POST"),
                                   .target = STR("/v1/chat/completions"),
                                   .fields = STR("content-type: application/json\r\n"),
                                   .body = {{body, sizeof body - 1}},
                                   .npieces = 1,
                                   .body_bytes = sizeof body - 1};
    const struct bench_ears ears = {.ended = on_ended, .ctx = h};
    struct bench_prompt prompt;
    struct bench_result result;
    struct err err = {0};
    bench_prompt_init(&prompt, &m, 0);
    begin(e);
    const struct endpoint at = {.name = STR("stalling"),
                                .origin = STR("http://stalling"),
                                .host = STR("127.0.0.1"),
                                .port = e->port};
    const struct bench_ask ask = {.endpoint = &at,
                                  .speaks = SPEECH_OPENAI,
                                  .prompts = &prompt,
                                  .nprompts = 1,
                                  .load = *load,
                                  .max_nanousd = -1,
                                  .ears = &ears};
    h->engine = e;
    bench_summary_begin(&h->summary, load, AS_WEIR, &none);
    assert_int_equal(bench_run(&ask, &result, &err), 0);
    bench_summary_end(&h->summary, &result);
    finish(e);
    assert_int_equal(h->summary.done, REQUESTS);
    assert_int_equal(h->summary.failed, 0);
}

/* Those that begin in the stall wait for its end: 10 s, 9.9 s, ... 0.1 s; of 120 values
 * the 99th percentile is 9.8 + .81 * .1 s. */
static void an_open_loop_tells_the_stall(void **state)
{
    static struct stalling e;
    static struct heard h;
    const struct bench_load load = {
        .shape = LOAD_CONSTANT, .per_s = 1000.0 / PERIOD_MS, .requests = REQUESTS};
    (void)state;
    measure(&load, &e, &h);
    struct sample *latency = &h.summary.latency;
    print_message("p99 of the latency in an open loop: %.3f s\n",
                  sample_quantile(latency, .99) / 1000);
    assert_true(fabs(sample_quantile(latency, .99) - 9881) < 0.5);
    assert_true(fabs(sample_quantile(latency, 1) - 10000) < 0.5);
    assert_true(fabs(sample_quantile(latency, 0)) < 0.5);
    assert_true(fabs(sample_quantile(&h.summary.late, 1)) < 0.5);
    bench_summary_release(&h.summary);
}

/* One at once: one of 120 requests sees the same stall, and no percentile up to 99 does.
 */
static void a_closed_loop_hides_it(void **state)
{
    static struct stalling e = {.is_closed_loop = true};
    static struct heard h;
    const struct bench_load load = {
        .shape = LOAD_CLOSED, .concurrency = 1, .requests = REQUESTS};
    (void)state;
    measure(&load, &e, &h);
    assert_true(sample_quantile(&h.summary.latency, .99) < 1);
    assert_true(fabs(sample_quantile(&h.summary.latency, 1) - 10000) < 0.5);
    bench_summary_release(&h.summary);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_loop_tells_the_stall),
        cmocka_unit_test(a_closed_loop_hides_it),
    };
    (void)argc;
    clock_open(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
