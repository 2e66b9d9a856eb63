/* test_net.c -- the promises of net/: no byte lost, doubled or stuck, whatever the
 * buffers and pauses; no spinning on ends and resets; listeners and certificates. */
#include "net/conn.h"
#include "net/listen.h"
#include "net/tls.h"

#include "loopback.h"

#include <sys/resource.h>
#include <sys/wait.h>

enum { MB = 1024 * 1024, STALL_MS = 60000 };

/* -- pumps: both ends send and receive at once, pausing as the dice say --------- */

struct pump {
    struct conn c;
    struct loop_timer nap;
    unsigned seed;
    uint64_t sent, received, total;
    bool uses_writev;
    bool is_released;
    int *unfinished;
};

static long dice(struct pump *p)
{
    return rand_r(&p->seed);
}

static void finish_if_done(struct pump *p)
{
    if (p->received == p->total && p->sent == p->total) {
        p->total = UINT64_MAX; /* once */
        if (--*p->unfinished == 0)
            loop_stop(p->c.loop);
    }
}

static size_t make_iov(struct pump *p, struct iovec iov[4])
{
    size_t n = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t left = p->total - p->sent - n;
        size_t take = (size_t)dice(p) % (1 + ((size_t)1 << (dice(p) % 17)));
        take = take < left ? take : (size_t)left;
        iov[i] = iovec_of((struct str){pattern_at(p->sent + n), take});
        n += take;
    }
    return n;
}

/* The same bytes again after a refusal, as TLS insists. */
static void pump_by_writev(struct pump *p)
{
    while (p->sent < p->total) {
        uint64_t left = p->total - p->sent;
        size_t take = left < PATTERN_RUN ? (size_t)left : PATTERN_RUN, n = 0;
        struct str all = {pattern_at(p->sent), take};
        struct iovec iov[2] = {iovec_of(str_sub(all, 0, take / 3)),
                               iovec_of(str_sub(all, take / 3, take))};
        enum conn_result r = conn_writev(&p->c, iov, 2, &n);
        assert_true(r == CONN_OK || r == CONN_AGAIN);
        p->sent += r == CONN_OK ? n : 0;
        if (r == CONN_AGAIN || n < take) {
            conn_want_write(&p->c, true);
            return;
        }
    }
    conn_want_write(&p->c, false);
    finish_if_done(p);
}

static void pump_on(struct conn *c)
{
    struct pump *p = CONTAINER_OF(c, struct pump, c);
    if (p->total == UINT64_MAX)
        return;
    if (p->uses_writev) {
        pump_by_writev(p);
        return;
    }
    while (p->sent < p->total && !conn_has_unsent(c)) {
        struct iovec iov[4];
        size_t n = make_iov(p, iov);
        assert_int_equal(conn_send(c, iov, 4), 0);
        p->sent += n;
    }
    finish_if_done(p);
}

static void wake_up(struct loop_timer *t)
{
    struct pump *p = CONTAINER_OF(t, struct pump, nap);
    conn_want_read(&p->c, true);
}

static void pump_in(struct conn *c)
{
    struct pump *p = CONTAINER_OF(c, struct pump, c);
    size_t size = dice(p) % 3 ? LOOP_SCRATCH_BYTES : 1 + (size_t)dice(p) % 3000, n;
    enum conn_result r = conn_read(c, loop_scratch(c->loop), size, &n);
    if (r == CONN_AGAIN)
        return;
    assert_int_equal(r, CONN_OK);
    assert_memory_equal(loop_scratch(c->loop), pattern_at(p->received), n);
    p->received += n;
    long d = dice(p) % 64;
    if (d < 2) {
        conn_want_read(c, false);
        if (d == 0)
            conn_want_read(c, true);
        else
            loop_timer_at(&p->nap, loop_now_ms(c->loop) + (uint64_t)dice(p) % 3);
    }
    finish_if_done(p);
}

static void pump_released(struct conn *c)
{
    CONTAINER_OF(c, struct pump, c)->is_released = true;
}

static const struct conn_events pump_events = {.readable = pump_in,
                                               .drained = pump_on,
                                               .writable = pump_on,
                                               .released = pump_released};

static void run_pumps(unsigned seed, int fds[2], SSL *ssls[2], uint64_t total)
{
    struct loop *l = make_loop();
    struct pump *p = calloc(2, sizeof *p);
    int unfinished = 2;
    for (int i = 0; i < 2; i++) {
        p[i].seed = seed * 2 + (unsigned)i;
        p[i].total = total;
        p[i].uses_writev = (seed + (unsigned)i) % 3 == 0;
        p[i].unfinished = &unfinished;
        loop_timer_init(l, &p[i].nap, wake_up);
        assert_int_equal(conn_open(&p[i].c, l, fds[i], ssls[i], &pump_events, MB, NULL),
                         0);
        conn_want_read(&p[i].c, true);
    }
    for (int i = 0; i < 2; i++)
        pump_on(&p[i].c);
    run_guarded(l, STALL_MS);
    for (int i = 0; i < 2; i++) {
        assert_true(p[i].total == UINT64_MAX);
        assert_int_equal(p[i].received, total);
        assert_null(p[i].c.out.p); /* idle again: no buffer held */
        loop_timer_stop(&p[i].nap);
        conn_close(&p[i].c);
    }
    loop_free(l);
    assert_true(p[0].is_released && p[1].is_released);
    free(p);
}

static void thirty_megabytes_pass_both_ways_through_tiny_buffers(void **state)
{
    (void)state;
    static const int sizes[] = {2048, 4096, 16384, 65536, 0};
    for (unsigned seed = 1; seed <= 15; seed++) {
        int fds[2];
        SSL *plain[2] = {NULL, NULL};
        tcp_pair(fds, sizes[seed % ARRAY_LEN(sizes)]);
        run_pumps(seed, fds, plain, 30 * MB);
    }
}

/* -- TLS -------------------------------------------------------------------- */

static struct test_ca ca;

static int shake(SSL *client, SSL *server, struct err *err)
{
    unsigned want;
    for (int i = 0; i < 1000; i++) {
        struct err server_err;
        int c = tls_handshake(client, &want, err);
        int s = tls_handshake(server, &want, &server_err);
        if (c < 0)
            return -1;
        if (c == 1 && s == 1)
            return 1;
        usleep(100);
    }
    fail_msg("the handshake does not end");
    return 0;
}

static SSL *server_side(SSL_CTX *ctx, int fd)
{
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    SSL_set_accept_state(ssl);
    return ssl;
}

static void tls_pumps_lose_nothing(void **state)
{
    (void)state;
    static const int sizes[] = {4096, 16384, 0};
    SSL_CTX *ctx = server_context(&ca, "DNS:localhost", 10);
    struct err err;
    struct tls_client *t = tls_client_create(STR("localhost"), str_of(ca.ca_file), &err);
    assert_non_null(t);
    for (unsigned seed = 1; seed <= 6; seed++) {
        int fds[2];
        tcp_pair(fds, sizes[seed % ARRAY_LEN(sizes)]);
        SSL *ssls[2] = {tls_client_session(t, fds[0], &err), server_side(ctx, fds[1])};
        assert_int_equal(shake(ssls[0], ssls[1], &err), 1);
        run_pumps(seed, fds, ssls, 10 * MB);
    }
    tls_client_free(t);
    SSL_CTX_free(ctx);
}

static void close_ssl(SSL *ssl, int fd)
{
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

/* One handshake, a ticket read with the first byte, and conn_close(): the next
 * connection resumes. */
static void the_second_connection_resumes(void **state)
{
    (void)state;
    SSL_CTX *ctx = server_context(&ca, "IP:127.0.0.1", 10);
    struct err err;
    struct tls_client *t = tls_client_create(STR("127.0.0.1"), str_of(ca.ca_file), &err);
    assert_non_null(t);
    for (int round = 0; round < 3; round++) {
        struct loop *l = make_loop();
        struct pump p = {0};
        int fds[2];
        char byte;
        size_t n;
        tcp_pair(fds, 0);
        SSL *client = tls_client_session(t, fds[0], &err);
        SSL *server = server_side(ctx, fds[1]);
        assert_int_equal(shake(client, server, &err), 1);
        assert_int_equal(tls_was_resumed(client), round > 0);
        assert_int_equal(SSL_write(server, "x", 1), 1);
        assert_int_equal(conn_open(&p.c, l, fds[0], client, &pump_events, 1, &err), 0);
        assert_int_equal(conn_read(&p.c, &byte, 1, &n), CONN_OK);
        conn_close(&p.c);
        close_ssl(server, fds[1]);
        loop_free(l);
    }
    tls_client_free(t);
    SSL_CTX_free(ctx);
}

static void bad_certificates_are_refused_and_named(void **state)
{
    (void)state;
    static const struct {
        const char *alt_names;
        long days;
        bool knows_ca;
        const char *says;
    } rows[] = {
        {"DNS:localhost", 10, false, "set ca_file"},
        {"DNS:elsewhere.example", 10, true, "another name"},
        {"IP:127.0.0.1", 10, true, "another name"},
        {"DNS:localhost", -1, true, "expired"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        SSL_CTX *ctx = server_context(&ca, rows[i].alt_names, rows[i].days);
        struct err err = {0};
        int fds[2];
        struct str ca_file = rows[i].knows_ca ? str_of(ca.ca_file) : STR("");
        struct tls_client *t = tls_client_create(STR("localhost"), ca_file, &err);
        assert_non_null(t);
        tcp_pair(fds, 0);
        SSL *client = tls_client_session(t, fds[0], &err);
        SSL *server = server_side(ctx, fds[1]);
        assert_int_equal(shake(client, server, &err), -1);
        assert_int_equal(err.kind, ERR_UPSTREAM);
        assert_string_equal(err.code, "upstream_tls");
        assert_non_null(strstr(err.msg, rows[i].says));
        assert_non_null(strstr(err.msg, "localhost"));
        SSL_free(client);
        SSL_free(server);
        close(fds[0]);
        close(fds[1]);
        tls_client_free(t);
        SSL_CTX_free(ctx);
    }
}

static void an_unreadable_ca_file_is_an_error(void **state)
{
    (void)state;
    struct err err = {0};
    assert_null(tls_client_create(STR("h"), STR("/nonexistent/ca.pem"), &err));
    assert_non_null(strstr(err.msg, "/nonexistent/ca.pem"));
}

/* Stripping the close_notify must not look like an orderly end. */
static void a_cut_tls_stream_is_a_failure(void **state)
{
    (void)state;
    SSL_CTX *ctx = server_context(&ca, "DNS:localhost", 10);
    struct err err;
    struct tls_client *t = tls_client_create(STR("localhost"), str_of(ca.ca_file), &err);
    for (int in_order = 0; in_order < 2; in_order++) {
        struct loop *l = make_loop();
        struct pump p = {0};
        int fds[2];
        char bytes[8];
        size_t n;
        tcp_pair(fds, 0);
        SSL *client = tls_client_session(t, fds[0], &err);
        SSL *server = server_side(ctx, fds[1]);
        assert_int_equal(shake(client, server, &err), 1);
        assert_int_equal(SSL_write(server, "last", 4), 4);
        if (in_order)
            SSL_shutdown(server);
        SSL_free(server);
        close(fds[1]);
        assert_int_equal(conn_open(&p.c, l, fds[0], client, &pump_events, 1, &err), 0);
        assert_int_equal(conn_read(&p.c, bytes, sizeof bytes, &n), CONN_OK);
        assert_int_equal(n, 4);
        assert_int_equal(conn_read(&p.c, bytes, sizeof bytes, &n),
                         in_order ? CONN_EOF : CONN_FAIL);
        conn_close(&p.c);
        loop_free(l);
    }
    tls_client_free(t);
    SSL_CTX_free(ctx);
}

/* -- ends and resets ---------------------------------------------------------- */

struct seen {
    struct conn c;
    int readable, broken, released, turns;
    enum conn_result last;
    bool closes;
};

static void see_readable(struct conn *c)
{
    struct seen *s = CONTAINER_OF(c, struct seen, c);
    size_t n;
    s->readable++;
    if (s->closes) {
        conn_close(c);
        conn_close(c);
        return;
    }
    s->last = conn_read(c, loop_scratch(c->loop), LOOP_SCRATCH_BYTES, &n);
}

static void see_broken(struct conn *c)
{
    CONTAINER_OF(c, struct seen, c)->broken++;
}

static void see_released(struct conn *c)
{
    CONTAINER_OF(c, struct seen, c)->released++;
}

static void see_turn(void *arg)
{
    ((struct seen *)arg)->turns++;
}

static const struct conn_events seen_events = {
    .readable = see_readable, .broken = see_broken, .released = see_released};

static void open_seen(struct seen *s, struct loop *l, int fd, size_t max_out)
{
    *s = (struct seen){0};
    assert_int_equal(conn_open(&s->c, l, fd, NULL, &seen_events, max_out, NULL), 0);
    loop_on_turn_end(l, see_turn, s);
    conn_want_read(&s->c, true);
}

static void an_end_that_nobody_handles_does_not_spin(void **state)
{
    (void)state;
    for (int reset = 0; reset < 2; reset++) {
        struct loop *l = make_loop();
        struct seen s;
        int fds[2];
        tcp_pair(fds, 0);
        open_seen(&s, l, fds[0], MB);
        if (reset)
            reset_on_close(fds[1]);
        else
            shutdown(fds[1], SHUT_WR);
        run_for(l, 100);
        assert_int_equal(s.readable, 1);
        assert_int_equal(s.last, reset ? CONN_FAIL : CONN_EOF);
        assert_true(s.turns < 20);
        conn_close(&s.c);
        loop_free(l);
        assert_int_equal(s.released, 1);
        if (!reset)
            close(fds[1]);
    }
}

static void a_hang_up_while_paused_waits_for_the_resume(void **state)
{
    (void)state;
    for (int reset = 0; reset < 2; reset++) {
        struct loop *l = make_loop();
        struct seen s;
        int fds[2];
        tcp_pair(fds, 0);
        open_seen(&s, l, fds[0], MB);
        conn_want_read(&s.c, false);
        if (reset)
            reset_on_close(fds[1]);
        else
            close(fds[1]);
        run_for(l, 50);
        assert_int_equal(s.readable, 0);
        assert_true(s.turns < 20);
        conn_want_read(&s.c, true);
        run_for(l, 50);
        assert_int_equal(s.readable, 1);
        assert_int_equal(s.last, reset ? CONN_FAIL : CONN_EOF);
        conn_close(&s.c);
        loop_free(l);
    }
}

static void closing_inside_a_callback_releases_once(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct seen s;
    int fds[2];
    tcp_pair(fds, 0);
    open_seen(&s, l, fds[0], MB);
    s.closes = true;
    assert_int_equal(write(fds[1], "hello", 5), 5);
    run_for(l, 30);
    assert_int_equal(s.readable, 1);
    assert_int_equal(s.released, 1);
    char byte = 'x';
    assert_int_equal(conn_send(&s.c, &(struct iovec){&byte, 1}, 1), -1);
    loop_free(l);
    close(fds[1]);
}

static void kept_bytes_have_a_ceiling_and_break_with_the_peer(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct seen s;
    int fds[2];
    tcp_pair(fds, 4096);
    open_seen(&s, l, fds[0], MB);
    char *bulk = calloc(1, 4 * MB);
    struct iovec most = {bulk, MB}, over = {bulk, 4 * MB};
    assert_int_equal(conn_send(&s.c, &most, 1), 0);
    assert_true(conn_has_unsent(&s.c));
    assert_int_equal(conn_send(&s.c, &over, 1), -1);
    conn_want_read(&s.c, false);
    reset_on_close(fds[1]);
    run_for(l, 50);
    assert_int_equal(s.broken, 1);
    assert_false(conn_has_unsent(&s.c));
    assert_true(s.turns < 50);
    assert_int_equal(conn_send(&s.c, &most, 1), -1);
    conn_close(&s.c);
    loop_free(l);
    free(bulk);
}

/* -- listening ---------------------------------------------------------------- */

struct clients {
    struct loop *loop;
    int fds[64], n, wanted;
};

static void take_client(void *arg, int fd)
{
    struct clients *cl = arg;
    cl->fds[cl->n++] = fd;
    if (cl->n == cl->wanted)
        loop_stop(cl->loop);
}

static void drop_clients(struct clients *cl)
{
    while (cl->n)
        close(cl->fds[--cl->n]);
}

static void accepted_sockets_are_ready_for_use(void **state)
{
    (void)state;
    static const char *const addresses[] = {"127.0.0.1:0", "localhost:0"};
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        struct clients cl = {.loop = make_loop(), .wanted = 3};
        struct err err;
        struct listener *ln =
            listener_create(cl.loop, str_of(addresses[i]), false, take_client, &cl, &err);
        assert_non_null(ln);
        int out[3];
        for (int j = 0; j < 3; j++)
            out[j] = connect_to(listener_port(ln));
        run_guarded(cl.loop, STALL_MS);
        for (int j = 0; j < 3; j++) {
            int on = 0;
            socklen_t n = sizeof on;
            getsockopt(cl.fds[j], IPPROTO_TCP, TCP_NODELAY, &on, &n);
            assert_true(on);
            assert_true(fcntl(cl.fds[j], F_GETFL) & O_NONBLOCK);
            assert_true(fcntl(cl.fds[j], F_GETFD) & FD_CLOEXEC);
            close(out[j]);
        }
        drop_clients(&cl);
        listener_close(ln);
        loop_free(cl.loop);
    }
}

static void out_of_descriptors_rests_and_recovers(void **state)
{
    (void)state;
    struct clients cl = {.loop = make_loop(), .wanted = 2};
    struct seen s = {0};
    struct err err;
    struct rlimit old, tight;
    struct listener *ln =
        listener_create(cl.loop, STR("127.0.0.1:0"), false, take_client, &cl, &err);
    assert_non_null(ln);
    run_for(cl.loop, 1);
    int out[2] = {connect_to(listener_port(ln)), connect_to(listener_port(ln))};
    getrlimit(RLIMIT_NOFILE, &old);
    tight = old;
    tight.rlim_cur = (rlim_t)out[0]; /* every number below is taken */
    loop_on_turn_end(cl.loop, see_turn, &s);
    setrlimit(RLIMIT_NOFILE, &tight);
    run_for(cl.loop, 60);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_int_equal(cl.n, 0);
    assert_true(s.turns < 20);
    run_guarded(cl.loop, STALL_MS);
    assert_int_equal(cl.n, 2);
    drop_clients(&cl);
    close(out[0]);
    close(out[1]);
    listener_close(ln);
    loop_free(cl.loop);
}

static void our_workers_share_a_port(void **state)
{
    (void)state;
    struct clients cl = {.loop = make_loop()};
    struct err err;
    struct listener *ln[3];
    char address[32] = "127.0.0.1:0";
    for (int i = 0; i < 3; i++) {
        ln[i] = listener_create(cl.loop, str_of(address), true, take_client, &cl, &err);
        if (!ln[i])
            fail_msg("%s", err.msg);
        snprintf(address, sizeof address, "127.0.0.1:%u", listener_port(ln[0]));
    }
    assert_null(listener_create(cl.loop, str_of(address), false, take_client, &cl, &err));
    assert_non_null(strstr(err.msg, address));
    for (int i = 0; i < 3; i++)
        listener_close(ln[i]);
    loop_free(cl.loop);
}

/* Another process of the same user that shares its port does not share it with us. */
static void a_foreign_holder_is_an_error(void **state)
{
    (void)state;
    int up[2], down[2];
    uint16_t port = 0;
    assert_int_equal(pipe(up) | pipe(down), 0);
    pid_t pid = fork();
    if (pid == 0) {
        static const int on = 1;
        struct sockaddr_in sa = {.sin_family = AF_INET};
        socklen_t n = sizeof sa;
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        char byte;
        sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        if (bind(fd, (struct sockaddr *)&sa, n) < 0 || listen(fd, 8) < 0)
            _exit(1);
        getsockname(fd, (struct sockaddr *)&sa, &n);
        port = ntohs(sa.sin_port);
        close(down[1]);
        _exit(write(up[1], &port, sizeof port) < 0 || read(down[0], &byte, 1) < 0);
    }
    assert_int_equal(read(up[0], &port, sizeof port), sizeof port);
    struct clients cl = {.loop = make_loop()};
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    for (int shared = 0; shared < 2; shared++) {
        struct err err = {0};
        assert_null(
            listener_create(cl.loop, str_of(address), shared, take_client, &cl, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_int_equal(err.sys, EADDRINUSE);
    }
    loop_free(cl.loop);
    int status;
    close(down[1]);
    waitpid(pid, &status, 0);
    close(down[0]);
    close(up[0]);
    close(up[1]);
}

static void addresses_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_public;
    } good[] = {{"127.0.0.1:1", false}, {"127.9.9.9:1", false}, {"[::1]:1", false},
                {"localhost:1", false}, {"0.0.0.0:1", true},    {"[::]:1", true},
                {"10.0.0.1:80", true}};
    static const char *const bad[] = {
        "",        ":80",     "127.0.0.1", "127.0.0.1:", "::1:80",       "[::1]",
        "[::1:80", "h:70000", "h:-1",      "h:8x",       "300.0.0.1:80x"};
    struct loop *l = make_loop();
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(listen_address_is_public(str_of(good[i].text)),
                         good[i].is_public);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = {0};
        if (listener_create(l, str_of(bad[i]), false, take_client, NULL, &err))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_true(listen_address_is_public(str_of(bad[i])));
    }
    loop_free(l);
}

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
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
        cmocka_unit_test(thirty_megabytes_pass_both_ways_through_tiny_buffers),
        cmocka_unit_test(tls_pumps_lose_nothing),
        cmocka_unit_test(the_second_connection_resumes),
        cmocka_unit_test(bad_certificates_are_refused_and_named),
        cmocka_unit_test(an_unreadable_ca_file_is_an_error),
        cmocka_unit_test(a_cut_tls_stream_is_a_failure),
        cmocka_unit_test(an_end_that_nobody_handles_does_not_spin),
        cmocka_unit_test(a_hang_up_while_paused_waits_for_the_resume),
        cmocka_unit_test(closing_inside_a_callback_releases_once),
        cmocka_unit_test(kept_bytes_have_a_ceiling_and_break_with_the_peer),
        cmocka_unit_test(accepted_sockets_are_ready_for_use),
        cmocka_unit_test(out_of_descriptors_rests_and_recovers),
        cmocka_unit_test(our_workers_share_a_port),
        cmocka_unit_test(a_foreign_holder_is_an_error),
        cmocka_unit_test(addresses_are_checked),
    };
    return cmocka_run_group_tests_name("net", tests, set_up, tear_down);
}
