/* test_dial.c -- from a name to a connection: every address is tried, TLS is verified
 * and resumed, the proxy is asked as the environment says, failures are named. */
#include "upstream/pool.h"
#include "upstream/proxy.h"

#include "fake_engine.h"

static struct test_ca ca;

struct bench {
    struct loop *loop;
    struct upstream_pool *pool;
    struct engine engine;
    struct endpoint ep;
    struct call call;
};

static void say_hello(struct peer *p)
{
    peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

static void say_last_hello(struct peer *p)
{
    peer_say(p, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
}

static void bench_open(struct bench *b, SSL_CTX *ssl, void (*answer)(struct peer *p))
{
    memset(b, 0, sizeof *b);
    b->loop = make_loop();
    b->pool = upstream_pool_create(b->loop, NULL);
    b->engine.ssl = ssl;
    engine_start(&b->engine, b->loop, answer);
    b->ep = endpoint_of(&b->engine);
    b->ep.ca_file = ssl ? str_of(ca.ca_file) : STR("");
    call_init(&b->call, b->loop, b->pool);
}

static void bench_close(struct bench *b)
{
    upstream_pool_free(b->pool);
    engine_stop(&b->engine);
    loop_free(b->loop);
    buf_release(&b->call.body);
    SSL_CTX_free(b->engine.ssl);
}

static void bench_call(struct bench *b)
{
    struct http_message msg = {.method = STR("GET"), .target = STR("/")};
    buf_release(&b->call.body);
    call_init(&b->call, b->loop, b->pool);
    call_run(&b->call, &b->ep, &msg);
}

static void assert_hello(const struct bench *b)
{
    if (b->call.nfails)
        fail_msg("%s", b->call.err.msg);
    assert_int_equal(b->call.nends, 1);
    assert_true(str_eqz(buf_view(&b->call.body), "hello"));
}

static void assert_failed(const struct bench *b, const char *code, const char *says)
{
    assert_int_equal(b->call.nfails, 1);
    assert_int_equal(b->call.err.kind, ERR_UPSTREAM);
    assert_string_equal(b->call.err.code, code);
    if (!strstr(b->call.err.msg, says))
        fail_msg("\"%s\" does not say \"%s\"", b->call.err.msg, says);
}

/* -- addresses -------------------------------------------------------------- */

/* What a look-up of localhost gives on most systems: ::1, where nobody listens. */
static void know_addresses(struct bench *b, const char *const *ips, size_t n)
{
    struct origin *o = origin_enter(b->pool, &b->ep, NULL);
    o->addresses = calloc(n, sizeof *o->addresses);
    o->naddresses = n;
    o->addresses_until_ms = loop_now_ms(b->loop) + 30000;
    for (size_t i = 0; i < n; i++) {
        union address *a = &o->addresses[i];
        if (inet_pton(AF_INET, ips[i], &a->v4.sin_addr) == 1) {
            a->v4.sin_family = AF_INET;
            a->v4.sin_port = htons(b->ep.port);
        } else {
            assert_int_equal(inet_pton(AF_INET6, ips[i], &a->v6.sin6_addr), 1);
            a->v6.sin6_family = AF_INET6;
            a->v6.sin6_port = htons(b->ep.port);
        }
    }
    origin_leave(o);
}

static void every_address_is_tried_and_the_good_one_remembered(void **state)
{
    (void)state;
    static const char *const ips[] = {"::1", "127.0.0.3", "127.0.0.1", "127.0.0.4"};
    struct bench b;
    bench_open(&b, NULL, say_last_hello);
    know_addresses(&b, ips, ARRAY_LEN(ips));
    for (int round = 0; round < 3; round++) {
        bench_call(&b);
        assert_hello(&b);
        struct origin *o = origin_enter(b.pool, &b.ep, NULL);
        assert_int_equal(o->good, 2);
        origin_leave(o);
    }
    bench_close(&b);
}

static void localhost_is_looked_up(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, NULL, say_hello);
    b.ep.host = STR("localhost");
    for (int round = 0; round < 2; round++) {
        bench_call(&b);
        assert_hello(&b);
        assert_int_equal(b.call.stats.was_pooled, round);
        assert_int_equal(b.call.stats.connect_us > 0, !round);
    }
    assert_int_equal(strncmp(b.engine.head, "/|localhost:", 12), 0);
    bench_close(&b);
}

static void cancelling_a_look_up_leaks_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, NULL, say_hello);
    b.ep.host = STR("localhost");
    struct http_message msg = {.method = STR("GET"), .target = STR("/")};
    call_start(&b.call, &b.ep, &msg);
    exchange_cancel(b.call.x);
    bench_close(&b);
    assert_int_equal(b.call.nends + b.call.nfails, 0);
}

static void failures_are_named(void **state)
{
    (void)state;
    uint16_t port = 0;
    int fd = listen_on("127.0.0.1", &port); /* a port that is ours and then nobody's */
    close(fd);
    const struct {
        struct str host;
        const char *code, *says;
    } rows[] = {{STR("127.0.0.1"), "upstream_connect", "Connection refused"},
                {STR("::1"), "upstream_connect", "engine 'fake' at ::1"},
                {STR("no..such..name"), "upstream_dns", "no..such..name"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_open(&b, NULL, say_hello);
        b.ep.host = rows[i].host;
        b.ep.port = port;
        bench_call(&b);
        assert_failed(&b, rows[i].code, rows[i].says);
        bench_close(&b);
    }
}

/* -- TLS ---------------------------------------------------------------------- */

static void tls_is_verified_pooled_and_resumed(void **state)
{
    (void)state;
    for (int pools = 0; pools < 2; pools++) {
        struct bench b;
        bench_open(&b, server_context(&ca, "IP:127.0.0.1", 10),
                   pools ? say_hello : say_last_hello);
        for (int round = 0; round < 3; round++) {
            bench_call(&b);
            assert_hello(&b);
            assert_int_equal(b.call.stats.was_pooled, pools && round);
            assert_int_equal(b.call.stats.was_resumed, !pools && round);
            run_for(b.loop, 5); /* a ticket that comes while idle closes nothing */
        }
        assert_int_equal(b.engine.naccepted, pools ? 1 : 3);
        bench_close(&b);
    }
}

static void bad_tls_is_named(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, server_context(&ca, "IP:127.0.0.1", 10), say_hello);
    b.ep.ca_file = STR("");
    bench_call(&b);
    assert_failed(&b, "upstream_tls", "ca_file");
    b.ep.ca_file = STR("/nonexistent.pem");
    bench_call(&b);
    assert_failed(&b, "upstream_tls", "/nonexistent.pem");
    bench_close(&b);
    bench_open(&b, NULL, say_hello); /* an engine that speaks no TLS at all */
    b.ep.is_tls = true;
    bench_call(&b);
    assert_failed(&b, "upstream_tls", "127.0.0.1");
    bench_close(&b);
}

static void say_a_lot(struct peer *p)
{
    peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n");
    struct iovec piece = iovec_of((struct str){pattern_at(0), PATTERN_RUN});
    for (int i = 0; i < 64; i++)
        assert_int_equal(conn_send(&p->c, &piece, 1), 0);
}

static void a_paused_tls_answer_goes_on_where_it_stopped(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, server_context(&ca, "IP:127.0.0.1", 10), say_a_lot);
    struct http_message msg = {.method = STR("GET"), .target = STR("/")};
    b.call.keeps_body = false;
    b.call.pause_in = 'f';
    call_start(&b.call, &b.ep, &msg);
    while (b.call.x) { /* paused after every read */
        run_for(b.loop, 1);
        if (b.call.x)
            exchange_resume(b.call.x);
    }
    assert_int_equal(b.call.nends, 1);
    assert_int_equal(b.call.body_bytes, 8388608);
    assert_true(b.call.nflushes > 10);
    bench_close(&b);
}

/* -- the proxy ---------------------------------------------------------------- */

static void use_proxy(struct bench *b, const char *credentials)
{
    char url[128];
    snprintf(url, sizeof url, "http://%s%s/", credentials, b->engine.address);
    setenv("HTTPS_PROXY", url, 1);
    unsetenv("NO_PROXY");
    b->engine.is_proxy = true;
    b->ep.use_proxy = true;
    b->ep.host = STR("api.example.com");
    b->ep.port = 443;
}

static void the_proxy_is_asked_with_connect(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, server_context(&ca, "DNS:api.example.com", 10), say_hello);
    use_proxy(&b, "user:p%40ss@");
    bench_call(&b);
    assert_hello(&b);
    assert_string_equal(b.engine.proxy_request,
                        "CONNECT api.example.com:443 HTTP/1.1\r\n"
                        "Host: api.example.com:443\r\n"
                        "Proxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n");
    assert_string_equal(b.engine.head, "/|api.example.com|");
    bench_close(&b);
    unsetenv("HTTPS_PROXY");
}

static void a_proxy_that_refuses_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *says;
    } rows[] = {{"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", "user and password"},
                {"HTTP/1.1 403 Forbidden\r\n\r\n", "status 403"},
                {"SMTP ready\r\n\r\n", "no HTTP proxy"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        uint16_t port = 0;
        int ln = listen_on("127.0.0.1", &port);
        char url[64];
        bench_open(&b, NULL, say_hello);
        use_proxy(&b, "");
        snprintf(url, sizeof url, "127.0.0.1:%u", port);
        setenv("HTTPS_PROXY", url, 1);
        b.ep.is_tls = true;
        struct http_message msg = {.method = STR("GET"), .target = STR("/")};
        call_start(&b.call, &b.ep, &msg);
        run_for(b.loop, 10);
        int fd = accept(ln, NULL, NULL);
        assert_true(fd >= 0);
        assert_true(write(fd, rows[i].answer, strlen(rows[i].answer)) > 0);
        run_guarded(b.loop, LIMIT_MS);
        assert_failed(&b, "upstream_connect", rows[i].says);
        close(fd);
        close(ln);
        bench_close(&b);
    }
    unsetenv("HTTPS_PROXY");
}

static void no_proxy_names_who_is_reached_directly(void **state)
{
    (void)state;
    static const struct {
        const char *rules, *host;
        uint16_t port;
        bool is_bypassed;
    } rows[] = {
        {"", "a.example", 443, false},
        {"*", "a.example", 443, true},
        {"example", "a.example", 443, true},
        {".example", "a.example", 443, true},
        {"*.example", "a.example", 443, true},
        {"EXAMPLE", "example", 443, true},
        {"ample", "example", 443, false},
        {"b.example, a.example", "a.example", 443, true},
        {"b.example a.example", "a.example", 443, true},
        {"a.example:8443", "a.example", 443, false},
        {"a.example:443", "a.example", 443, true},
        {"a.example.", "a.example", 443, false},
        {"10.0.0.0/8", "10.1.2.3", 443, true},
        {"10.0.0.0/8", "11.1.2.3", 443, false},
        {"10.1.2.0/23", "10.1.3.9", 443, true},
        {"10.1.2.0/33", "10.1.2.0", 443, false},
        {"10.0.0.0/8", "ten.example", 443, false},
        {"fd00::/8", "fd12::1", 443, true},
        {"0.0.0.0/0", "1.2.3.4", 443, true},
        {"[::1]:443", "::1", 443, true},
        {"::1", "::1", 443, true},
        {",, ,", "a.example", 443, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (proxy_is_bypassed(str_of(rows[i].rules), str_of(rows[i].host),
                              rows[i].port) != rows[i].is_bypassed)
            fail_msg("NO_PROXY=\"%s\" and %s", rows[i].rules, rows[i].host);
}

static void proxy_urls_are_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
        uint16_t port;
        const char *credentials;
    } good[] = {{"http://p:8080", "p", 8080, ""},
                {"http://p:8080/", "p", 8080, ""},
                {"p", "p", 3128, ""},
                {"http://[::1]:80", "::1", 80, ""},
                {"HTTP://u:pw@p:1", "p", 1, "dTpwdw=="},
                {"http://u:p%2Fw@p:1", "p", 1, "dTpwL3c="}};
    static const char *const bad[] = {"",          "https://p:1",    "socks5://p:1",
                                      "http://:1", "http://p:99999", "http://p:x"};
    struct proxy p;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_int_equal(proxy_parse(str_of(good[i].url), &p, &err), 0);
        assert_string_equal(p.host, good[i].host);
        assert_int_equal(p.port, good[i].port);
        assert_string_equal(p.credentials, good[i].credentials);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (proxy_parse(str_of(bad[i]), &p, &err) == 0)
            fail_msg("\"%s\" was taken", bad[i]);
    assert_int_equal(proxy_parse(STR("ftp://u:secret@p"), &p, &err), -1);
    assert_null(strstr(err.msg, "secret"));
}

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    unsetenv("https_proxy");
    unsetenv("no_proxy");
    test_ca_make(&ca);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_ca_release(&ca);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_is_tried_and_the_good_one_remembered),
        cmocka_unit_test(localhost_is_looked_up),
        cmocka_unit_test(cancelling_a_look_up_leaks_nothing),
        cmocka_unit_test(failures_are_named),
        cmocka_unit_test(tls_is_verified_pooled_and_resumed),
        cmocka_unit_test(bad_tls_is_named),
        cmocka_unit_test(a_paused_tls_answer_goes_on_where_it_stopped),
        cmocka_unit_test(the_proxy_is_asked_with_connect),
        cmocka_unit_test(a_proxy_that_refuses_is_named),
        cmocka_unit_test(no_proxy_names_who_is_reached_directly),
        cmocka_unit_test(proxy_urls_are_read_or_refused),
    };
    return cmocka_run_group_tests_name("dial", tests, set_up, tear_down);
}
