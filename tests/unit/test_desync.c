/* test_desync.c -- engines that send what nobody asked for: an answer too many, junk, an
 * answer before the request is there.  What a request is answered must be the answer to
 * that request, or a failure.  First each behaviour by itself, then a random mixture of
 * them: WEIR_ANSWERS_RUNS requests, and every body is compared with what was asked. */
#include "core/log.h"

#include "engine_bench.h"

#define SURPLUS OK_HEAD "Content-Length: 6\r\n\r\nothers"

static struct http_message message_of(const struct bench *b)
{
    static char *big;
    if (!big) {
        big = malloc(32 * MB);
        for (size_t i = 0; i < 32 * MB; i += PATTERN_PERIOD)
            memcpy(big + i, pattern_at(0),
                   32 * MB - i < PATTERN_PERIOD ? 32 * MB - i : PATTERN_PERIOD);
    }
    return (struct http_message){.method = STR("POST"),
                                 .target = STR("/v1/x"),
                                 .body = {{big, b->body_bytes}},
                                 .npieces = 1,
                                 .body_bytes = b->body_bytes};
}

static void bench_call(struct bench *b)
{
    struct http_message msg = message_of(b);
    bench_send(b, &msg);
}

static void assert_answer(const struct bench *b, const char *body)
{
    assert_int_equal(b->call.nends, 1);
    assert_true(str_eqz(buf_view(&b->call.body), body));
}

static void assert_failed(const struct bench *b, const char *code)
{
    assert_int_equal(b->call.nfails, 1);
    assert_int_equal(b->call.err.kind, ERR_UPSTREAM);
    assert_string_equal(b->call.err.code, code);
    assert_int_equal(b->call.body_bytes, 0);
}

static struct peer *first_peer(struct bench *b)
{
    return list_first(&b->engine.peers, struct peer, link);
}

/* -- between two requests ------------------------------------------------------- */

/* `at_once`: the loop does not turn before the next request, so that only a look into
 * the connection can tell. */
static void what_waits_in_a_pooled_connection_answers_nobody(void **state)
{
    (void)state;
    static const char *const words[] = {SURPLUS, "junk\r\n", "\r\n", "x",
                                        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        for (int at_once = 0; at_once < 2; at_once++) {
            struct bench b;
            bench_open(&b, say_hello);
            bench_call(&b);
            peer_say(first_peer(&b), words[i]);
            if (!at_once)
                run_for(b.loop, 5);
            bench_call(&b);
            assert_answer(&b, "hello");
            assert_false(b.call.stats.was_pooled);
            assert_int_equal(b.engine.nrequests, 2);
            bench_call(&b); /* such an engine may do it again, and later */
            assert_answer(&b, "hello");
            assert_false(b.call.stats.was_pooled);
            assert_int_equal(b.engine.naccepted, 3);
            bench_close(&b);
        }
}

static void an_engine_that_was_out_of_step_is_trusted_again(void **state)
{
    (void)state;
    if (!clock_is_virtual())
        skip(); /* a build without test hooks */
    struct bench b;
    bench_open(&b, say_hello);
    bench_call(&b);
    peer_say(first_peer(&b), SURPLUS);
    bench_call(&b);
    *clock_ms += 10 * 60 * 1000;
    run_for(b.loop, 5); /* the loop looks at its clock */
    bench_call(&b);
    assert_answer(&b, "hello");
    assert_false(b.call.stats.was_pooled);
    bench_call(&b);
    assert_true(b.call.stats.was_pooled);
    bench_close(&b);
}

/* Servers say so before they close an idle connection. */
static void a_request_timeout_on_an_idle_connection_is_no_fault(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, say_hello);
    bench_call(&b);
    peer_say(first_peer(&b), "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n"
                             "Connection: close\r\n\r\n");
    peer_close(first_peer(&b));
    bench_call(&b);
    assert_answer(&b, "hello");
    assert_false(b.call.stats.was_pooled);
    bench_call(&b);
    assert_true(b.call.stats.was_pooled);
    bench_close(&b);
}

static void an_end_in_the_same_turn_is_seen_before_the_request_goes(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, say_hello);
    bench_call(&b);
    peer_close(first_peer(&b));
    bench_call(&b);
    assert_answer(&b, "hello");
    assert_int_equal(b.engine.nrequests, 2);
    bench_close(&b);
}

/* -- after the request ----------------------------------------------------------- */

static void hello_then_time_out(struct peer *p)
{
    peer_say(p, p->nrequests == 1
                    ? HELLO
                    : "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n"
                      "Connection: close\r\n\r\n");
}

/* The server had said so before it saw the request. */
static void a_request_timeout_that_crosses_the_request_is_stale(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, hello_then_time_out);
    bench_call(&b);
    assert_answer(&b, "hello");
    bench_call(&b);
    assert_failed(&b, "upstream_stale");
    bench_call(&b); /* and the engine is still trusted with a pool */
    assert_answer(&b, "hello");
    bench_call(&b);
    assert_true(b.call.stats.was_pooled);
    bench_close(&b);
}

static void hello_then_junk(struct peer *p)
{
    peer_say(p, p->nrequests == 1 ? HELLO : "junk\r\n\r\n");
}

static void hello_then_hang_up(struct peer *p)
{
    if (p->nrequests == 1)
        say_hello(p);
    else
        peer_close(p);
}

static void junk_before_an_answer_is_left_of_another(void **state)
{
    (void)state;
    void (*const answers[])(struct peer *) = {hello_then_junk, hello_then_hang_up};
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        for (unsigned resends = 0; resends < 2; resends++) {
            struct bench b;
            bench_open(&b, answers[i]);
            b.flags = resends ? EXCHANGE_RESENDS : 0;
            bench_call(&b);
            bench_call(&b);
            if (resends)
                assert_answer(&b, "hello");
            else
                assert_failed(&b, "upstream_stale");
            b.flags = EXCHANGE_FRESH;
            bench_call(&b);
            assert_answer(&b, "hello");
            bench_close(&b);
        }
}

static void say_nothing(struct peer *p)
{
    if (p->nrequests == 1)
        say_hello(p);
}

/* It may have worked, cost money, and died of this very request. */
static void an_end_after_a_while_is_not_stale(void **state)
{
    (void)state;
    if (!clock_is_virtual())
        skip();
    static const struct {
        uint32_t after_ms;
        const char *code;
    } rows[] = {{0, "upstream_stale"},
                {1000, "upstream_stale"},
                {1001, "upstream_reset"},
                {4000, "upstream_reset"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_open(&b, say_nothing);
        bench_call(&b);
        struct http_message msg = message_of(&b);
        buf_release(&b.call.body);
        call_init(&b.call, b.loop, b.pool);
        call_start(&b.call, &b.ep, &msg);
        run_for(b.loop, 20);
        assert_int_equal(b.engine.nrequests, 2);
        *clock_ms += rows[i].after_ms;
        run_for(b.loop, 20);
        peer_close(first_peer(&b));
        run_guarded(b.loop, LIMIT_MS);
        assert_failed(&b, rows[i].code);
        assert_int_equal(b.call.stats.worked_ms, rows[i].after_ms);
        bench_close(&b);
    }
}

/* -- before the request is there ---------------------------------------------------- */

static const char *early_words;

/* Half-way through a large body; the rest is not read. */
static void speak_early(struct peer *p, size_t n)
{
    if (p->body_bytes < 100000 || p->body_bytes - n >= 100000)
        return;
    peer_say(p, early_words);
    conn_want_read(&p->c, false);
}

static void success_before_the_request_is_whole_answers_nothing(void **state)
{
    (void)state;
    static const char *const words[] = {SURPLUS, "HTTP/1.1 100 Continue\r\n\r\n" SURPLUS,
                                        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
                                        "HTTP/1.1 204 No Content\r\n\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        for (int pooled = 0; pooled < 2; pooled++) {
            struct bench b;
            bench_open(&b, say_hello);
            if (pooled)
                bench_call(&b);
            early_words = words[i];
            b.engine.on_body = speak_early;
            b.body_bytes = 32 * MB;
            bench_call(&b);
            assert_failed(&b, pooled ? "upstream_stale" : "upstream_bad_http");
            bench_close(&b);
        }
}

static void an_early_error_is_passed_on_and_its_connection_closed(void **state)
{
    (void)state;
    for (int pooled = 0; pooled < 2; pooled++) {
        struct bench b;
        bench_open(&b, say_hello);
        if (pooled)
            bench_call(&b);
        early_words = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";
        b.engine.on_body = speak_early;
        b.body_bytes = 32 * MB;
        bench_call(&b);
        assert_answer(&b, "big");
        assert_int_equal(b.call.status, 413);
        b.engine.on_body = NULL;
        b.body_bytes = 10;
        bench_call(&b);
        assert_answer(&b, "hello");
        assert_false(b.call.stats.was_pooled);
        bench_close(&b);
    }
}

/* -- an answer that is left ---------------------------------------------------------- */

static void say_chunk(struct peer *p)
{
    if (p->nrequests == 1)
        peer_say(p, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    else
        say_hello(p);
}

static void leave(struct bench *b)
{
    struct http_message msg = message_of(b);
    call_init(&b->call, b->loop, b->pool);
    call_start(&b->call, &b->ep, &msg);
    while (b->call.nflushes == 0)
        uv_run(loop_uv(b->loop), UV_RUN_ONCE);
    exchange_leave(b->call.x);
}

static void a_left_answer_gives_its_connection_back(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, say_chunk);
    leave(&b);
    peer_say(first_peer(&b), "1\r\n!\r\n");
    run_for(b.loop, 5);
    peer_say(first_peer(&b), "0\r\n\r\n");
    run_for(b.loop, 5);
    assert_int_equal(b.call.nends + b.call.nfails, 0);
    assert_true(str_eqz(buf_view(&b.call.body), "hello"));
    bench_call(&b);
    assert_answer(&b, "hello");
    assert_true(b.call.stats.was_pooled);
    bench_close(&b);
}

static void a_left_answer_that_does_not_end_is_closed(void **state)
{
    (void)state;
    if (!clock_is_virtual())
        skip();
    for (int way = 0; way < 4; way++) {
        struct bench b;
        bench_open(&b, say_chunk);
        leave(&b);
        if (way == 0)
            *clock_ms += 2000;
        else if (way == 1)
            peer_close(first_peer(&b));
        else if (way == 2)
            peer_say(first_peer(&b), "not a chunk\r\n");
        run_for(b.loop, 20);
        assert_int_equal(b.engine.nclosed, way < 3);
        bench_close(&b); /* the last: the pool goes while it runs */
        assert_int_equal(b.call.nends + b.call.nfails, 0);
    }
}

/* -- all of it, at random -------------------------------------------------------------
 */

enum { CALLERS = 8, MAX_ANSWER = 3000, BIG_BYTES = 12 * MB };

static uint64_t seed;

static uint32_t roll(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

/* One request of the mixture: its number is its header and its answer. */
struct asker {
    struct call call;
    struct mixture *mixture;
    struct http_message msg;
    char fields[64];
    uint32_t number;
};

struct mixture {
    struct bench b;
    struct asker askers[CALLERS];
    uint32_t asked, answered, wrong, failed, npooled;
};

static void answer_text(uint32_t number, char *to, size_t size)
{
    int n = snprintf(to, size, "answer to %u: ", number);
    size_t pad = number % 7 ? number % 50 : number % (MAX_ANSWER - 100);
    memset(to + n, 'a' + (int)(number % 26), pad);
    to[(size_t)n + pad] = '\0';
}

static void write_answer(uint32_t number, char *out, size_t size)
{
    char text[MAX_ANSWER];
    answer_text(number, text, sizeof text);
    if (number % 3)
        snprintf(out, size, OK_HEAD "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
    else
        snprintf(out, size,
                 OK_HEAD "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
                 strlen(text), text);
}

static bool has_request_waiting(const struct peer *p)
{
    char byte;
    return recv(p->c.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

/* A surplus that comes when the next request has been written is an answer to it for
 * all that anybody can see: so this engine sends it before, whenever it does. */
static void send_surplus(struct peer *p)
{
    char text[MAX_ANSWER + 200];
    if (p->is_gone || has_request_waiting(p))
        return;
    switch (roll(4)) {
    case 0:
        peer_say(p, "junk");
        break;
    case 1:
        peer_say(p, "\r\n");
        break;
    default:
        write_answer(roll(1000000) + 1000000, text, sizeof text);
        if (roll(4) == 0)
            text[roll(40) + 1] = '\0';
        peer_say(p, text);
    }
}

static void mixture_begin(struct asker *a);

static void mixture_over(void *ctx)
{
    struct asker *a = ctx;
    char expected[MAX_ANSWER];
    struct str got = buf_view(&a->call.body);
    answer_text(a->number, expected, sizeof expected);
    a->mixture->answered++;
    a->mixture->wrong += !str_eqz(got, expected);
    a->mixture->npooled += exchange_stats(a->call.x).was_pooled;
    if (!str_eqz(got, expected))
        print_error("request %u was answered \"%.*s\"\n", a->number,
                    (int)(got.n < 60 ? got.n : 60), got.p);
    mixture_begin(a);
}

static void mixture_failed(void *ctx, const struct err *err)
{
    struct asker *a = ctx;
    /* The clock jumps: an end may come long after the request. */
    if (strcmp(err->code, "upstream_reset") != 0)
        fail_msg("request %u failed: %s", a->number, err->msg);
    a->mixture->failed++;
    mixture_begin(a);
}

static void mixture_head(void *ctx, const struct http_head *h)
{
    struct asker *a = ctx;
    a->call.status = h->status;
}

static void mixture_body(void *ctx, struct str piece)
{
    struct asker *a = ctx;
    buf_append(&a->call.body, piece);
}

static void mixture_flush(void *ctx)
{
    (void)ctx;
}

static const struct exchange_events mixture_events = {.head = mixture_head,
                                                      .body = mixture_body,
                                                      .flush = mixture_flush,
                                                      .end = mixture_over,
                                                      .fail = mixture_failed};

static uint32_t nwanted;

static void mixture_begin(struct asker *a)
{
    struct mixture *m = a->mixture;
    struct err err;
    if (m->asked == nwanted) {
        if (m->answered + m->failed == nwanted)
            loop_stop(m->b.loop);
        return;
    }
    a->number = ++m->asked;
    snprintf(a->fields, sizeof a->fields, "x-test: %u\r\n", a->number);
    m->b.body_bytes = roll(400) ? roll(2000) : BIG_BYTES;
    a->msg = message_of(&m->b);
    a->msg.fields = str_of(a->fields);
    buf_clear(&a->call.body);
    a->call.x = exchange_start(m->b.pool, &m->b.ep, &a->msg, EXCHANGE_RESENDS,
                               &mixture_events, a, &err);
    assert_non_null(a->call.x);
}

static void say_split(struct peer *p, const char *text)
{
    size_t n = strlen(text), at = 0;
    while (at < n) {
        size_t take = roll(3) ? n - at : roll((uint32_t)(n - at)) + 1;
        struct iovec iov = iovec_of((struct str){text + at, take});
        assert_int_equal(conn_send(&p->c, &iov, 1), 0);
        at += take;
    }
}

static void answer_mixed(struct peer *p)
{
    char text[2 * MAX_ANSWER + 400];
    uint32_t number = (uint32_t)strtoul(p->test, NULL, 10);
    write_answer(number, text, sizeof text);
    switch (roll(60)) {
    case 0: /* an answer too many, in the same write */
        write_answer(number + 1, text + strlen(text), sizeof text - strlen(text));
        say_split(p, text);
        break;
    case 1: /* in another */
        say_split(p, text);
        send_surplus(p);
        break;
    case 2: /* the connection ends, with or without a word */
        say_split(p, text);
        peer_close(p);
        break;
    case 3:
        if (p->nrequests > 1)
            peer_close(p);
        else
            say_split(p, text);
        break;
    default:
        say_split(p, text);
    }
}

/* Idle connections are spoken to as well, and uploads under way. */
static void on_tick(uv_timer_t *t)
{
    struct engine *e = t->data;
    for (struct link *l = e->peers.next; l != &e->peers; l = l->next) {
        struct peer *p = CONTAINER_OF(l, struct peer, link);
        if (!p->is_gone && p->nrequests && roll(40) == 0)
            send_surplus(p);
    }
    *clock_ms += roll(3) ? 1 : 11 * 60 * 1000; /* so that the engine is trusted again */
}

static void early_in_uploads(struct peer *p, size_t n)
{
    if (p->nrequests > 0 && p->body_bytes == n && n > 2000 && roll(2)) {
        peer_say(p, SURPLUS);
        conn_want_read(&p->c, false);
    }
}

static void nobody_gets_the_answer_of_another(void **state)
{
    (void)state;
    if (!clock_is_virtual())
        skip();
    static struct mixture m;
    const char *runs = getenv("WEIR_ANSWERS_RUNS");
    nwanted = runs ? (uint32_t)strtoul(runs, NULL, 10) : 1500;
    seed = 0x9E3779B97F4A7C15ULL;
    bench_open(&m.b, answer_mixed);
    m.b.engine.on_body = early_in_uploads;
    m.b.ep.deadlines = (struct deadlines){0};
    uv_timer_t tick = {.data = &m.b.engine};
    uv_timer_init(loop_uv(m.b.loop), &tick);
    tick.data = &m.b.engine;
    uv_timer_start(&tick, on_tick, 3, 3);
    for (size_t i = 0; i < CALLERS; i++) {
        m.askers[i].mixture = &m;
        buf_init(&m.askers[i].call.body, 1 << 20);
    }
    for (size_t i = 0; i < CALLERS; i++)
        mixture_begin(&m.askers[i]);
    run_guarded(m.b.loop, 3600 * 1000);
    print_message("%u requests, %u on pooled connections, %d connections, %u failed, "
                  "%u wrong\n",
                  m.answered + m.failed, m.npooled, m.b.engine.naccepted, m.failed,
                  m.wrong);
    assert_true(m.failed < nwanted / 100);
    assert_int_equal(m.wrong, 0);
    assert_true(m.npooled > nwanted / 10);
    uv_close((uv_handle_t *)&tick, NULL);
    for (size_t i = 0; i < CALLERS; i++)
        buf_release(&m.askers[i].call.body);
    bench_close(&m.b);
}

int main(int argc, char **argv)
{
    (void)argc;
    clock_open(argv);
    signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_ERROR); /* each mistrust is a warning */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_in_a_pooled_connection_answers_nobody),
        cmocka_unit_test(an_engine_that_was_out_of_step_is_trusted_again),
        cmocka_unit_test(a_request_timeout_on_an_idle_connection_is_no_fault),
        cmocka_unit_test(a_request_timeout_that_crosses_the_request_is_stale),
        cmocka_unit_test(an_end_in_the_same_turn_is_seen_before_the_request_goes),
        cmocka_unit_test(junk_before_an_answer_is_left_of_another),
        cmocka_unit_test(an_end_after_a_while_is_not_stale),
        cmocka_unit_test(success_before_the_request_is_whole_answers_nothing),
        cmocka_unit_test(an_early_error_is_passed_on_and_its_connection_closed),
        cmocka_unit_test(a_left_answer_gives_its_connection_back),
        cmocka_unit_test(a_left_answer_that_does_not_end_is_closed),
        cmocka_unit_test(nobody_gets_the_answer_of_another),
    };
    return cmocka_run_group_tests_name("desync", tests, NULL, NULL);
}
