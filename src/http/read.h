/* read.h -- reading HTTP/1.1 from bytes that arrive in any pieces.
 *
 * llhttp parses; this adds what a proxy must refuse and llhttp 8 lets through:
 * no or two Host fields, obs-fold, Transfer-Encoding with Content-Length, trailers,
 * Transfer-Encoding other than exactly "chunked", a chunk without its CRLF, an
 * absolute-form or non-origin target, control characters.  A refused request costs
 * its connection.  Pure: no I/O, no clock.
 *
 * Of responses it takes more: no reason phrase, bodies that end with the connection,
 * trailers (read over), 1xx (read over, but 101 and a 17th are refused). */
#ifndef WEIR_HTTP_READ_H
#define WEIR_HTTP_READ_H

#include "core/buf.h"
#include "core/err.h"
#include "http/head.h"

enum http_role { HTTP_READ_REQUESTS, HTTP_READ_RESPONSES };

/* No callback may free the reader or feed it. */
struct http_reader_events {
    /* The head is whole; *head and what it points to live until this returns.
     * Return -1 with *err to stop.  1xx responses are swallowed. */
    int (*head)(void *ctx, const struct http_head *head, struct err *err);
    /* A piece of body, never empty, without framing. */
    int (*body)(void *ctx, struct str piece, struct err *err);
    /* The message is complete. */
    int (*end)(void *ctx, struct err *err);
};

struct http_reader; /* 120 bytes; a head buffer only while a head is cut */

struct http_reader *http_reader_create(enum http_role role,
                                       const struct http_reader_events *events,
                                       void *ctx);
void http_reader_free(struct http_reader *r);

/* Feeds bytes; stops after the end of one message, so *ret_used may be less than
 * in.n (the next, pipelined message; feed it when ready).  -1: the bytes are not
 * acceptable HTTP, or a callback failed; err has kind and code.  After -1 only
 * http_reader_free() is allowed.
 * Codes: "bad_http", "head_too_large" (the head, or 8 KB for its first line),
 * "too_many_headers"; the kind is ERR_UPSTREAM for responses and for requests
 * ERR_BAD_REQUEST or ERR_HEAD_TOO_LARGE. */
int http_reader_feed(struct http_reader *r, struct str in, size_t *ret_used,
                     struct err *err);
/* The peer ended its side.  0 when that is legal here (between messages, or at the
 * end of a body delimited by closing, which then calls `end`); else -1. */
int http_reader_eof(struct http_reader *r, struct err *err);
/* True between messages: nothing of the next one has been seen.  After a 1xx it is
 * false until the response proper has ended. */
bool http_reader_is_idle(const struct http_reader *r);
/* True when a head has begun and is not yet whole. */
bool http_reader_is_in_head(const struct http_reader *r);
/* Bytes of a head that has not come whole. */
size_t http_reader_held(const struct http_reader *r);
/* For responses: the next message answers HEAD, so it has no body. */
void http_reader_expect_no_body(struct http_reader *r);

#endif
