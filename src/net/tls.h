/* tls.h -- TLS to upstreams: verification on, SNI, one remembered session.
 *
 * A full handshake costs the CPU of 25-60 proxied requests, so pooling comes first
 * and resumption second: each context keeps the newest session ticket. */
#ifndef WEIR_NET_TLS_H
#define WEIR_NET_TLS_H

#include "core/err.h"
#include "core/str.h"

struct ssl_st;
struct tls_client; /* one per upstream origin and loop thread: not thread safe */

/* ca_file: PEM file to trust instead of the system's, or empty; SSL_CERT_FILE is
 * honoured through OpenSSL's defaults.  `host` is verified and sent as SNI (an IP
 * literal is verified as an address and not sent). */
struct tls_client *tls_client_create(struct str host, struct str ca_file,
                                     struct err *err);
void tls_client_free(struct tls_client *t);

/* A fresh SSL bound to fd, resuming if it can; the caller owns it. */
struct ssl_st *tls_client_session(struct tls_client *t, int fd, struct err *err);

/* One step of the handshake: 1 done, 0 wait for *ret_want (LOOP_READ/LOOP_WRITE),
 * -1 failed (err says whether it was the certificate and names the remedy). */
int tls_handshake(struct ssl_st *ssl, unsigned *ret_want, struct err *err);
bool tls_was_resumed(const struct ssl_st *ssl);

#endif
