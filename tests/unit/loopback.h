/* loopback.h -- what the network tests share: sockets on loopback, a loop with a
 * watchdog, bytes that tell their position, certificates made at run time. */
#ifndef WEIR_TESTS_LOOPBACK_H
#define WEIR_TESTS_LOOPBACK_H

#include "loop/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cmocka.h>

/* -- the loop --------------------------------------------------------------- */

struct watchdog {
    struct loop *loop;
    uv_timer_t timer;
};

static inline void watchdog_bark(uv_timer_t *t)
{
    (void)t;
    fail_msg("nothing happened for too long: the loop stalled");
}

static inline struct loop *make_loop(void)
{
    struct err err = {0};
    struct loop *l = loop_create(&err);
    if (!l)
        fail_msg("%s", err.msg);
    return l;
}

/* Runs the loop until somebody stops it; real time, whatever the test's clock says. */
static inline void run_guarded(struct loop *l, unsigned limit_ms)
{
    uv_timer_t *t = malloc(sizeof *t);
    uv_timer_init(loop_uv(l), t);
    uv_timer_start(t, watchdog_bark, limit_ms, 0);
    loop_run(l);
    uv_close((uv_handle_t *)t, (uv_close_cb)(void (*)(void))free);
    uv_run(loop_uv(l), UV_RUN_NOWAIT);
}

static inline void stop_by_alarm(uv_timer_t *t)
{
    loop_stop(t->loop->data);
}

/* Runs the loop for that long in real time. */
static inline void run_for(struct loop *l, unsigned ms)
{
    uv_timer_t *t = malloc(sizeof *t);
    uv_timer_init(loop_uv(l), t);
    uv_timer_start(t, stop_by_alarm, ms, 0);
    loop_run(l);
    uv_close((uv_handle_t *)t, (uv_close_cb)(void (*)(void))free);
    uv_run(loop_uv(l), UV_RUN_NOWAIT);
}

/* -- sockets ---------------------------------------------------------------- */

static inline int listen_on(const char *ip, uint16_t *ret_port)
{
    static const int on = 1;
    bool is_v6 = strchr(ip, ':') != NULL;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(*ret_port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(*ret_port)};
    struct sockaddr *sa = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    socklen_t n = is_v6 ? sizeof v6 : sizeof v4;
    inet_pton(is_v6 ? AF_INET6 : AF_INET, ip,
              is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr);
    int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, sa, n) < 0 || listen(fd, 64) < 0) {
        close(fd);
        return -1;
    }
    getsockname(fd, sa, &n);
    *ret_port = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
    return fd;
}

/* Small segments along with small buffers: else the kernel itself stalls for 200 ms
 * at a time, when one segment is larger than the peer's whole window. */
static inline void make_tiny(int fd, int buffer_bytes)
{
    static const int segment = 512;
    if (buffer_bytes == 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
}

static inline int connect_tiny(uint16_t port, int buffer_bytes)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    make_tiny(fd, buffer_bytes);
    assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static inline int connect_to(uint16_t port)
{
    return connect_tiny(port, 0);
}

/* Two ends of one TCP connection; buffer_bytes > 0 makes the kernel's buffers tiny. */
static inline void tcp_pair(int fds[2], int buffer_bytes)
{
    uint16_t port = 0;
    int ln = listen_on("127.0.0.1", &port);
    assert_true(ln >= 0);
    make_tiny(ln, buffer_bytes); /* accepted sockets inherit it */
    fds[0] = connect_tiny(port, buffer_bytes);
    fds[1] = accept4(ln, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(fds[1] >= 0);
    close(ln);
    static const int on = 1;
    for (int i = 0; i < 2; i++)
        setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline void reset_on_close(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

/* -- bytes that tell their position ------------------------------------------ */

enum { PATTERN_PERIOD = 65521, PATTERN_RUN = 128 * 1024 };

/* Any PATTERN_RUN bytes of an endless stream: pattern_at(p)[0] is byte p. */
static inline const char *pattern_at(uint64_t position)
{
    static char bytes[PATTERN_PERIOD + PATTERN_RUN];
    if (!bytes[1])
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)(1 + (i % PATTERN_PERIOD * 2654435761u >> 13) % 255);
    return bytes + position % PATTERN_PERIOD;
}

/* -- certificates ----------------------------------------------------------- */

struct test_ca {
    char dir[64];
    char ca_file[96];
    EVP_PKEY *key;
    X509 *cert;
};

static inline X509 *make_cert(EVP_PKEY *key, const char *name, const char *alt_names,
                              EVP_PKEY *issuer_key, X509 *issuer, long days)
{
    static long serial = 1;
    X509 *x = X509_new();
    X509_NAME *subject = X509_NAME_new();
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name,
                               -1, -1, 0);
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -3L * 86400);
    X509_gmtime_adj(X509_getm_notAfter(x), days * 86400);
    X509_set_subject_name(x, subject);
    X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : subject);
    X509_set_pubkey(x, key);
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer ? issuer : x, x, NULL, NULL, 0);
    X509_EXTENSION *ext =
        alt_names
            ? X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, alt_names)
            : X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(x, ext, -1);
    X509_EXTENSION_free(ext);
    X509_sign(x, issuer_key, EVP_sha256());
    X509_NAME_free(subject);
    return x;
}

static inline void test_ca_make(struct test_ca *ca)
{
    snprintf(ca->dir, sizeof ca->dir, "%s/weir-ca-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(ca->dir));
    snprintf(ca->ca_file, sizeof ca->ca_file, "%s/ca.pem", ca->dir);
    ca->key = EVP_EC_gen("P-256");
    ca->cert = make_cert(ca->key, "weir test CA", NULL, ca->key, NULL, 10);
    FILE *f = fopen(ca->ca_file, "w");
    assert_non_null(f);
    PEM_write_X509(f, ca->cert);
    fclose(f);
}

static inline void test_ca_release(struct test_ca *ca)
{
    unlink(ca->ca_file);
    rmdir(ca->dir);
    EVP_PKEY_free(ca->key);
    X509_free(ca->cert);
}

/* A server's context with a certificate for alt_names ("DNS:localhost,IP:127.0.0.1"). */
static inline SSL_CTX *server_context(struct test_ca *ca, const char *alt_names,
                                      long days)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = make_cert(key, "weir test server", alt_names, ca->key, ca->cert, days);
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    static const unsigned char id[] = "weir";
    SSL_CTX_set_session_id_context(ctx, id, sizeof id);
    SSL_CTX_set_mode(ctx,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    assert_int_equal(SSL_CTX_use_certificate(ctx, cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
    EVP_PKEY_free(key);
    X509_free(cert);
    return ctx;
}

#endif
