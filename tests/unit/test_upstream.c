/* test_upstream.c -- the promises of exchange.h against an engine on the same loop:
 * whole answers, pooling, the one replay, deadlines on a clock the test moves, large
 * bodies, backpressure, cancelling anywhere.  Dialling is in test_dial.c. */
#include "engine_bench.h"

enum { UPLOAD_BYTES = 29 * MB };

static struct http_message post(struct str body)
{
    return (struct http_message){.method = STR("POST"),
                                 .target = STR("/v1/x?y=1"),
                                 .fields = STR("x-test: yes\r\n"),
                                 .body = {body},
                                 .npieces = 1,
                                 .body_bytes = body.n};
}

/* Runs a fresh call on the bench. */
static void bench_call(struct bench *b)
{
    struct http_message msg = post((struct str){pattern_at(0), b->body_bytes});
    b->flags = EXCHANGE_RESENDS;
    bench_send(b, &msg);
}

static void assert_failed(const struct bench *b, enum err_kind kind, const char *code)
{
    assert_int_equal(b->call.nfails, 1);
    assert_int_equal(b->call.nends, 0);
    assert_int_equal(b->call.err.kind, kind);
    assert_string_equal(b->call.err.code, code);
    assert_non_null(strstr(b->call.err.msg, "fake"));
}

/* -- answers ---------------------------------------------------------------- */

static void say_in_pieces(struct peer *p)
{
    peer_say(p, "HTTP/1.1 100 Continue\r\n\r\n");
    peer_say(p, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n");
    peer_say(p, "3\r\nhel\r\n2\r\nlo\r\n");
    peer_say(p, "0\r\n\r\n");
}

static void say_until_close(struct peer *p)
{
    peer_say(p, OK_HEAD "\r\nhel");
    peer_say(p, "lo");
    peer_close(p);
}

static void say_too_much(struct peer *p)
{
    peer_say(p, OK_HEAD "Content-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n");
}

static void say_and_close(struct peer *p)
{
    peer_say(p, OK_HEAD "Connection: close\r\nContent-Length: 5\r\n\r\nhello");
}

static void answers_arrive_whole_and_pool_when_they_may(void **state)
{
    (void)state;
    static const struct {
        void (*answer)(struct peer *p);
        bool pools;
    } rows[] = {{say_hello, true},
                {say_in_pieces, true},
                {say_until_close, false},
                {say_too_much, false},
                {say_and_close, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_open(&b, rows[i].answer);
        char expected[64];
        snprintf(expected, sizeof expected, "/v1/x?y=1|%s|yes", b.engine.address);
        for (int round = 0; round < 3; round++) {
            bench_call(&b);
            assert_int_equal(b.call.nends, 1);
            assert_int_equal(b.call.nfails, 0);
            assert_int_equal(b.call.status, 200);
            assert_true(str_eqz(buf_view(&b.call.body), "hello"));
            assert_string_equal(b.engine.head, expected);
            assert_int_equal(b.call.stats.was_pooled, rows[i].pools && round > 0);
        }
        assert_int_equal(b.engine.naccepted, rows[i].pools ? 1 : 3);
        assert_int_equal(b.engine.nrequests, 3);
        bench_close(&b);
    }
}

/* -- connections that end ------------------------------------------------------- */

static void hang_up_on_the_second(struct peer *p)
{
    if (p->nrequests == 1)
        say_hello(p);
    else
        peer_close(p);
}

static void reset_on_the_second(struct peer *p)
{
    if (p->nrequests == 1)
        say_hello(p);
    else
        peer_reset(p);
}

static void a_stale_connection_is_replaced_once(void **state)
{
    (void)state;
    void (*const answers[])(struct peer *) = {hang_up_on_the_second, reset_on_the_second};
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct bench b;
        bench_open(&b, answers[i]);
        bench_call(&b);
        bench_call(&b);
        assert_int_equal(b.call.nends, 1);
        assert_false(b.call.stats.was_pooled);
        assert_true(str_eqz(buf_view(&b.call.body), "hello"));
        assert_int_equal(b.engine.naccepted, 2);
        assert_int_equal(b.engine.nrequests, 3);
        bench_close(&b);
    }
}

static void hang_up(struct peer *p)
{
    peer_close(p);
}

static void a_fresh_connection_is_not_replayed(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, hang_up);
    bench_call(&b);
    assert_failed(&b, ERR_UPSTREAM, "upstream_reset");
    assert_int_equal(b.engine.nrequests, 1);
    bench_close(&b);
}

static void half_then_hang_up(struct peer *p)
{
    if (p->nrequests == 1) {
        say_hello(p);
        return;
    }
    peer_say(p, OK_HEAD "Content-Length: 50\r\n\r\nhello");
    peer_close(p);
}

/* Once a byte of answer has come nothing is sent again. */
static void a_broken_answer_is_not_replayed(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, half_then_hang_up);
    bench_call(&b);
    bench_call(&b);
    assert_failed(&b, ERR_UPSTREAM, "upstream_reset");
    assert_true(str_eqz(buf_view(&b.call.body), "hello"));
    assert_int_equal(b.engine.nrequests, 2);
    bench_close(&b);
}

static void an_end_while_idle_is_noticed(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, say_hello);
    bench_call(&b);
    peer_close(list_first(&b.engine.peers, struct peer, link));
    run_for(b.loop, 20);
    bench_call(&b);
    assert_int_equal(b.call.nends, 1);
    assert_false(b.call.stats.was_pooled);
    assert_int_equal(b.engine.nrequests, 2); /* no request was spent on it */
    bench_close(&b);
}

static void idle_connections_close_in_time_and_on_reload(void **state)
{
    (void)state;
    if (!clock_is_virtual())
        skip(); /* a build without test hooks */
    for (int reload = 0; reload < 2; reload++) {
        struct bench b;
        bench_open(&b, say_hello);
        bench_call(&b);
        *clock_ms += 59000;
        upstream_pool_retain(b.pool, &b.ep.origin, 1);
        run_for(b.loop, 20);
        assert_int_equal(b.engine.nclosed, 0);
        if (reload)
            upstream_pool_retain(b.pool, &STR("http://other:1"), 1);
        else
            *clock_ms += 1000;
        run_for(b.loop, 20);
        assert_int_equal(b.engine.nclosed, 1);
        bench_call(&b);
        assert_int_equal(b.call.nends, 1);
        bench_close(&b);
    }
}

static void say_garbage(struct peer *p)
{
    peer_say(p, "SSH-2.0-OpenSSH_9.2p1\r\n\r\n");
}

static void what_is_not_http_is_an_error(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, say_garbage);
    bench_call(&b);
    assert_failed(&b, ERR_UPSTREAM, "upstream_bad_http");
    bench_close(&b);
}

/* -- deadlines; the clock is the test's ---------------------------------------- */

static void say_nothing(struct peer *p)
{
    (void)p;
}

static void say_half(struct peer *p)
{
    peer_say(p, OK_HEAD "Content-Length: 50\r\n\r\nhello");
}

static void silence_ends_at_the_deadline_and_not_before(void **state)
{
    (void)state;
    if (!clock_is_virtual())
        skip(); /* a build without test hooks */
    static const struct {
        void (*answer)(struct peer *p);
        struct deadlines d;
        uint32_t at_ms;
        const char *code;
    } rows[] = {
        {say_nothing, {3000, 5000, 2000, 60000}, 5000, "first_byte_timeout"},
        {say_nothing, {3000, 5000, 2000, 4000}, 4000, "total_timeout"},
        {say_half, {3000, 5000, 2000, 60000}, 2000, "idle_timeout"},
        {say_half, {3000, 1000, 300000, 9000}, 9000, "total_timeout"},
        {say_half, {3000, 1000, 300000, 0}, 300000, "idle_timeout"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_open(&b, rows[i].answer);
        b.ep.deadlines = rows[i].d;
        struct http_message msg = post(STR(""));
        call_start(&b.call, &b.ep, &msg);
        run_for(b.loop, 30);
        assert_int_equal(b.engine.nrequests, 1);
        *clock_ms += rows[i].at_ms - 1;
        run_for(b.loop, 20);
        assert_int_equal(b.call.nfails, 0);
        *clock_ms += 1;
        run_guarded(b.loop, LIMIT_MS);
        assert_failed(&b, ERR_TIMEOUT, rows[i].code);
        run_for(b.loop, 20);
        assert_int_equal(b.engine.nclosed, 1);
        bench_close(&b);
    }
}

/* A full accept queue answers no SYN: the connection neither stands nor fails. */
static void a_connection_that_never_stands_times_out(void **state)
{
    (void)state;
    if (!clock_is_virtual())
        skip();
    struct bench b;
    uint16_t port = 0;
    int ln = listen_on("127.0.0.1", &port), filler[4];
    assert_int_equal(listen(ln, 0), 0);
    for (size_t i = 0; i < ARRAY_LEN(filler); i++) {
        struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};
        sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(filler[i], (struct sockaddr *)&sa, sizeof sa);
    }
    bench_open(&b, say_hello);
    b.ep.port = port;
    struct http_message msg = post(STR(""));
    call_start(&b.call, &b.ep, &msg);
    run_for(b.loop, 20);
    *clock_ms += 2999;
    run_for(b.loop, 20);
    assert_int_equal(b.call.nfails, 0);
    *clock_ms += 1;
    run_guarded(b.loop, LIMIT_MS);
    assert_failed(&b, ERR_TIMEOUT, "connect_timeout");
    for (size_t i = 0; i < ARRAY_LEN(filler); i++)
        close(filler[i]);
    close(ln);
    bench_close(&b);
}

static void the_idle_deadline_rests_while_paused(void **state)
{
    (void)state;
    if (!clock_is_virtual())
        skip(); /* a build without test hooks */
    struct bench b;
    bench_open(&b, say_half);
    struct http_message msg = post(STR(""));
    b.call.pause_in = 'f';
    call_start(&b.call, &b.ep, &msg);
    run_for(b.loop, 30);
    assert_int_equal(b.call.nflushes, 1);
    *clock_ms += 30000;
    run_for(b.loop, 20);
    assert_int_equal(b.call.nfails, 0);
    exchange_resume(b.call.x);
    *clock_ms += 1999;
    run_for(b.loop, 20);
    assert_int_equal(b.call.nfails, 0);
    *clock_ms += 1;
    run_guarded(b.loop, LIMIT_MS);
    assert_failed(&b, ERR_TIMEOUT, "idle_timeout");
    bench_close(&b);
}

/* -- large bodies --------------------------------------------------------------- */

static struct http_message upload(void)
{
    struct http_message msg = post(STR(""));
    size_t done = 0;
    msg.npieces = HTTP_MAX_PIECES;
    static char *bytes;
    if (!bytes) {
        bytes = malloc(UPLOAD_BYTES);
        for (size_t i = 0; i < UPLOAD_BYTES; i += PATTERN_PERIOD)
            memcpy(bytes + i, pattern_at(0),
                   UPLOAD_BYTES - i < PATTERN_PERIOD ? UPLOAD_BYTES - i : PATTERN_PERIOD);
    }
    for (size_t i = 0; i < HTTP_MAX_PIECES; i++) { /* from 1 byte to half of it all */
        size_t n = i + 1 == HTTP_MAX_PIECES ? UPLOAD_BYTES - done : (size_t)1 << i;
        msg.body[i] = (struct str){bytes + done, n};
        done += n;
    }
    msg.body_bytes = done;
    return msg;
}

static void check_upload(struct peer *p)
{
    assert_false(p->is_body_wrong);
    assert_int_equal(p->body_bytes, UPLOAD_BYTES);
    say_hello(p);
}

static void end_nap(void *arg)
{
    struct peer *p = arg;
    conn_want_read(&p->c, true);
}

/* Stops reading once per megabyte, for a turn. */
static void nap_now_and_then(struct peer *p, size_t n)
{
    static struct loop_task wake;
    if (p->body_bytes / MB == (p->body_bytes - n) / MB)
        return;
    conn_want_read(&p->c, false);
    loop_undefer(p->c.loop, &wake);
    wake = (struct loop_task){.fn = end_nap, .arg = p};
    loop_defer(p->c.loop, &wake);
}

static void a_large_upload_passes_byte_for_byte(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, check_upload);
    b.engine.on_body = nap_now_and_then;
    struct http_message msg = upload();
    for (int round = 0; round < 8; round++) {
        buf_release(&b.call.body);
        call_init(&b.call, b.loop, b.pool);
        call_run(&b.call, &b.ep, &msg);
        assert_int_equal(b.call.nends, 1);
        assert_int_equal(b.call.stats.was_pooled, round > 0);
        assert_true(b.call.stats.sent_bytes > UPLOAD_BYTES);
    }
    bench_close(&b);
}

static void refuse_early(struct peer *p, size_t n)
{
    if (p->body_bytes < 100000 || p->body_bytes - n >= 100000)
        return;
    peer_say(p, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    conn_want_read(&p->c, false);
}

static void close_it(struct peer *p, size_t n)
{
    refuse_early(p, n);
    if (!p->c.wants_read)
        peer_close(p); /* unread bytes: the kernel resets */
}

static void an_early_answer_to_an_upload_is_delivered(void **state)
{
    (void)state;
    void (*const ways[])(struct peer *, size_t) = {refuse_early, close_it};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct bench b;
        bench_open(&b, check_upload);
        b.engine.on_body = ways[i];
        struct http_message msg = upload();
        call_run(&b.call, &b.ep, &msg);
        assert_int_equal(b.call.nends, 1);
        assert_int_equal(b.call.status, 413);
        assert_true(str_eqz(buf_view(&b.call.body), "big"));
        b.engine.on_body = NULL;
        b.engine.answer = say_hello;
        bench_call(&b); /* half a request is in the first connection: not pooled */
        assert_int_equal(b.call.nends, 1);
        assert_int_equal(b.engine.naccepted, 2);
        bench_close(&b);
    }
}

static void say_a_lot(struct peer *p)
{
    static char head[128];
    snprintf(head, sizeof head, OK_HEAD "Content-Length: %d\r\n\r\n", 30 * MB);
    peer_say(p, head);
    struct iovec piece = iovec_of((struct str){pattern_at(0), MB / 16});
    for (int i = 0; i < 30 * 16; i++)
        assert_int_equal(conn_send(&p->c, &piece, 1), 0);
}

static void a_paused_answer_waits_at_the_engine(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, say_a_lot);
    b.call.keeps_body = false;
    b.call.pause_in = 'b';
    struct http_message msg = post(STR(""));
    call_start(&b.call, &b.ep, &msg);
    run_for(b.loop, 50);
    assert_true(b.call.body_bytes > 0);
    assert_true(b.call.body_bytes <= LOOP_SCRATCH_BYTES);
    const struct peer *p = list_first(&b.engine.peers, struct peer, link);
    assert_true(conn_has_unsent(&p->c));
    b.call.pause_in = 0;
    exchange_resume(b.call.x);
    run_guarded(b.loop, LIMIT_MS);
    assert_int_equal(b.call.nends, 1);
    assert_int_equal(b.call.body_bytes, 30 * MB);
    bench_close(&b);
}

/* -- cancelling ----------------------------------------------------------------- */

static void cancelling_anywhere_closes_and_says_nothing_more(void **state)
{
    (void)state;
    static const char moments[] = "hbfe";
    for (const char *m = moments; *m; m++) {
        struct bench b;
        bench_open(&b, *m == 'e' ? say_and_close : say_half);
        b.call.cancel_in = *m;
        struct http_message msg = post(STR(""));
        call_run(&b.call, &b.ep, &msg);
        run_for(b.loop, 20);
        assert_int_equal(b.call.nfails, 0);
        assert_int_equal(b.call.nends, *m == 'e');
        assert_int_equal(b.engine.nclosed, 1);
        bench_close(&b);
    }
}

static void cancelling_early_and_freeing_the_pool_leak_nothing(void **state)
{
    (void)state;
    for (int turns = 0; turns < 4; turns++) {
        struct bench b;
        struct call other;
        bench_open(&b, say_nothing);
        call_init(&other, b.loop, b.pool);
        struct http_message msg = post(STR("body"));
        call_start(&b.call, &b.ep, &msg);
        call_start(&other, &b.ep, &msg);
        for (int i = 0; i < turns; i++)
            uv_run(loop_uv(b.loop), UV_RUN_NOWAIT);
        exchange_cancel(b.call.x);
        bench_close(&b); /* `other` still runs */
        assert_int_equal(other.nfails + other.nends, 0);
    }
}

/* -- what leaves is shut off ----------------------------------------------------- */

static atomic_bool is_shut;
static struct upstream_pool *shut_pool;

static void bench_open_shut(struct bench *b, void (*answer)(struct peer *p))
{
    bench_open(b, answer);
    atomic_store(&is_shut, false);
    upstream_pool_shut_by(b->pool, &is_shut);
    b->ep.is_cloud = true;
    shut_pool = b->pool;
}

static void while_shut_nothing_that_leaves_begins(void **state)
{
    (void)state;
    struct bench b;
    struct err err;
    struct http_message msg = post(STR("body"));
    bench_open_shut(&b, say_hello);
    bench_call(&b); /* a connection for the pool */
    atomic_store(&is_shut, true);
    for (int is_flagged = 0; is_flagged < 2; is_flagged++) {
        b.ep.is_cloud = !is_flagged;
        assert_null(exchange_start(b.pool, &b.ep, &msg, is_flagged ? EXCHANGE_LEAVES : 0,
                                   &call_events, &b.call, &err));
        assert_int_equal(err.kind, ERR_OVERLOAD);
        assert_string_equal(err.code, EXCHANGE_SHUT);
    }
    b.ep.is_cloud = false; /* what stays goes on */
    bench_call(&b);
    assert_int_equal(b.call.nends, 1);
    atomic_store(&is_shut, false);
    b.ep.is_cloud = true;
    bench_call(&b);
    assert_int_equal(b.call.nends, 1);
    assert_int_equal(b.engine.nrequests, 3);
    bench_close(&b);
}

static void what_is_being_dialled_ends(void **state)
{
    (void)state;
    for (int turns = 0; turns < 2; turns++) {
        struct bench b;
        struct http_message msg = post(STR("body"));
        bench_open_shut(&b, say_nothing);
        call_start(&b.call, &b.ep, &msg);
        atomic_store(&is_shut, true);
        if (turns == 0) /* else what is dialled finds it shut by itself */
            assert_int_equal(upstream_pool_shut(b.pool), 0);
        run_for(b.loop, 50);
        assert_failed(&b, ERR_OVERLOAD, EXCHANGE_SHUT);
        assert_int_equal(b.call.stats.sent_bytes, 0);
        assert_false(b.call.stats.may_have_left);
        assert_int_equal(b.engine.nrequests, 0);
        bench_close(&b);
    }
}

static void shut_at_the_first_piece(struct peer *p, size_t n)
{
    (void)p;
    (void)n;
    if (!atomic_exchange(&is_shut, true))
        assert_int_equal(upstream_pool_shut(shut_pool), 0);
}

static void a_request_that_is_half_out_ends(void **state)
{
    (void)state;
    struct bench b;
    bench_open_shut(&b, say_hello);
    b.engine.on_body = shut_at_the_first_piece;
    b.body_bytes = UPLOAD_BYTES;
    bench_call(&b);
    run_for(b.loop, 50);
    assert_failed(&b, ERR_OVERLOAD, EXCHANGE_SHUT);
    assert_true(b.call.stats.sent_bytes > 0);
    assert_int_equal(b.engine.nrequests, 0);
    bench_close(&b);
}

static void an_answer_that_has_begun_goes_on(void **state)
{
    (void)state;
    struct bench b;
    struct http_message msg = post(STR("body"));
    bench_open_shut(&b, say_half);
    call_start(&b.call, &b.ep, &msg);
    run_for(b.loop, 50);
    assert_int_equal(b.call.status, 200);
    atomic_store(&is_shut, true);
    assert_int_equal(upstream_pool_shut(b.pool), 1);
    assert_int_equal(b.call.nfails, 0);
    assert_non_null(b.call.x);
    bench_close(&b);
}

int main(int argc, char **argv)
{
    (void)argc;
    clock_open(argv);
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_arrive_whole_and_pool_when_they_may),
        cmocka_unit_test(a_stale_connection_is_replaced_once),
        cmocka_unit_test(a_fresh_connection_is_not_replayed),
        cmocka_unit_test(a_broken_answer_is_not_replayed),
        cmocka_unit_test(an_end_while_idle_is_noticed),
        cmocka_unit_test(idle_connections_close_in_time_and_on_reload),
        cmocka_unit_test(what_is_not_http_is_an_error),
        cmocka_unit_test(silence_ends_at_the_deadline_and_not_before),
        cmocka_unit_test(a_connection_that_never_stands_times_out),
        cmocka_unit_test(the_idle_deadline_rests_while_paused),
        cmocka_unit_test(a_large_upload_passes_byte_for_byte),
        cmocka_unit_test(an_early_answer_to_an_upload_is_delivered),
        cmocka_unit_test(a_paused_answer_waits_at_the_engine),
        cmocka_unit_test(cancelling_anywhere_closes_and_says_nothing_more),
        cmocka_unit_test(cancelling_early_and_freeing_the_pool_leak_nothing),
        cmocka_unit_test(while_shut_nothing_that_leaves_begins),
        cmocka_unit_test(what_is_being_dialled_ends),
        cmocka_unit_test(a_request_that_is_half_out_ends),
        cmocka_unit_test(an_answer_that_has_begun_goes_on),
    };
    return cmocka_run_group_tests_name("upstream", tests, NULL, NULL);
}
