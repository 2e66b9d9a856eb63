/* tls.c -- client contexts: whom to trust, what to offer, which session to resume.
 *
 * Facts that shape it.  TLS 1.3 tickets arrive after the handshake, with the first
 * answer, so a session is taken when OpenSSL hands it over and never asked for.  A
 * session carries its verification with it and is only ever used for the same host,
 * since a context belongs to one origin.  Renegotiation is off: a write must never
 * wait for a read.  The certificates of a directory (SSL_CERT_DIR, Debian's default)
 * are read when they are needed, so a context costs little before its first use. */
#include "net/tls.h"

#include "core/mem.h"
#include "loop/loop.h"

#include <arpa/inet.h>
#include <errno.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

struct tls_client {
    SSL_CTX *ctx;
    SSL_SESSION *newest; /* may be NULL */
    char *host;
    bool is_address;
};

static int tls_err(struct err *err, const char *what, const char *about)
{
    char why[160] = "no reason given";
    unsigned long e = ERR_peek_last_error();
    if (e)
        ERR_error_string_n(e, why, sizeof why);
    ERR_clear_error();
    return err_set(err, ERR_UPSTREAM, "upstream_tls", "%s %s: %s", what, about, why);
}

/* Keeps a copy: when a connection is cut without close_notify, OpenSSL spoils the
 * session object it holds, although the ticket is as good as before. */
static int on_new_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls_client *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    SSL_SESSION *copy = SSL_SESSION_dup(session);
    if (copy) {
        SSL_SESSION_free(t->newest);
        t->newest = copy;
    }
    return 0; /* the reference stays OpenSSL's */
}

static int trust(SSL_CTX *ctx, struct str ca_file, struct err *err)
{
    if (ca_file.n == 0) {
        if (SSL_CTX_set_default_verify_paths(ctx) == 1)
            return 0;
        return tls_err(err, "cannot read the system's", "certificates");
    }
    char *path = mem_strndup(ca_file.p, ca_file.n);
    if (!path)
        return err_nomem(err);
    int rc = SSL_CTX_load_verify_file(ctx, path) == 1
                 ? 0
                 : tls_err(err, "cannot read ca_file", path);
    mem_free(path);
    return rc;
}

static int configure(struct tls_client *t, struct str ca_file, struct err *err)
{
    static const unsigned char alpn[] = "\x08http/1.1";
    SSL_CTX *ctx = t->ctx;
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_alpn_protos(ctx, alpn, sizeof alpn - 1);
    SSL_CTX_set_app_data(ctx, t);
    SSL_CTX_set_session_cache_mode(ctx,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, on_new_session);
    return trust(ctx, ca_file, err);
}

static bool is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

struct tls_client *tls_client_create(struct str host, struct str ca_file, struct err *err)
{
    struct tls_client *t = mem_new(struct tls_client);
    if (t)
        t->host = mem_strndup(host.p, host.n);
    if (!t || !t->host) {
        tls_client_free(t);
        err_nomem(err);
        return NULL;
    }
    t->is_address = is_address(t->host);
    t->ctx = SSL_CTX_new(TLS_client_method());
    if (!t->ctx || configure(t, ca_file, err) < 0) {
        if (!t->ctx)
            tls_err(err, "cannot set up TLS for", t->host);
        tls_client_free(t);
        return NULL;
    }
    return t;
}

void tls_client_free(struct tls_client *t)
{
    if (!t)
        return;
    SSL_SESSION_free(t->newest);
    if (t->ctx)
        SSL_CTX_set_app_data(t->ctx, NULL);
    SSL_CTX_free(t->ctx);
    mem_free(t->host);
    mem_free(t);
}

static bool expect_host(SSL *ssl, const struct tls_client *t)
{
    if (t->is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), t->host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, t->host) == 1 &&
           SSL_set_tlsext_host_name(ssl, t->host) == 1;
}

struct ssl_st *tls_client_session(struct tls_client *t, int fd, struct err *err)
{
    ERR_clear_error();
    SSL *ssl = SSL_new(t->ctx);
    if (!ssl || !expect_host(ssl, t) || SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        tls_err(err, "cannot set up TLS for", t->host);
        return NULL;
    }
    if (t->newest)
        SSL_set_session(ssl, t->newest);
    SSL_set_connect_state(ssl);
    return ssl;
}

/* -- the handshake ---------------------------------------------------------- */

static int refused_certificate(const char *host, long verdict, struct err *err)
{
    const char *why = X509_verify_cert_error_string(verdict);
    switch (verdict) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return err_set(err, ERR_UPSTREAM, "upstream_tls",
                       "the certificate of %s is not trusted (%s); set ca_file to the "
                       "authority that signed it",
                       host, why);
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return err_set(err, ERR_UPSTREAM, "upstream_tls",
                       "the certificate shown by %s is for another name", host);
    default:
        return err_set(err, ERR_UPSTREAM, "upstream_tls",
                       "the certificate of %s is not accepted: %s", host, why);
    }
}

/* What came was no record of TLS: the beginning of HTTP, or of something else. */
static bool is_no_tls(int reason)
{
    return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
           reason == SSL_R_UNKNOWN_PROTOCOL || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
           reason == SSL_R_RECORD_LENGTH_MISMATCH;
}

static int handshake_failed(SSL *ssl, int why, int sys, struct err *err)
{
    const struct tls_client *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    const char *host = t ? t->host : "the engine";
    long verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK)
        return refused_certificate(host, verdict, err);
    if (is_no_tls(ERR_GET_REASON(ERR_peek_last_error()))) {
        ERR_clear_error();
        return err_set(
            err, ERR_UPSTREAM, "upstream_tls",
            "%s does not speak TLS on this port; if it speaks plain HTTP, write "
            "http:// in its url",
            host);
    }
    if (why == SSL_ERROR_SYSCALL && sys)
        return err_set(err, ERR_UPSTREAM, "upstream_tls",
                       "%s broke the TLS handshake off: %s", host, strerror(sys));
    return tls_err(err, "TLS handshake failed with", host);
}

int tls_handshake(struct ssl_st *ssl, unsigned *ret_want, struct err *err)
{
    ERR_clear_error();
    errno = 0;
    int rc = SSL_do_handshake(ssl);
    if (rc == 1)
        return 1;
    int sys = errno;
    int why = SSL_get_error(ssl, rc);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
        *ret_want = why == SSL_ERROR_WANT_READ ? LOOP_READ : LOOP_WRITE;
        return 0;
    }
    return handshake_failed(ssl, why, sys, err);
}

bool tls_was_resumed(const struct ssl_st *ssl)
{
    return SSL_session_reused(ssl) == 1;
}
