/* exchange.h -- one request to an engine and its answer, over pooled connections.
 *
 * A pool belongs to one loop thread.  It keeps idle keep-alive connections per
 * endpoint, dials new ones (every address of the name is tried, IPv6 and IPv4; a
 * proxy is asked with CONNECT; TLS is verified and resumed) and enforces the
 * deadlines.  A pooled connection that turns out stale before any byte of answer is
 * replaced once, silently, by a fresh one: the bytes of *msg must live until `head`,
 * `fail` or exchange_cancel().
 *
 * Exactly one of `end` and `fail` is called, last, unless exchange_cancel() came
 * first; after any of the three the exchange is gone.  No callback runs inside
 * exchange_start(). */
#ifndef WEIR_UPSTREAM_EXCHANGE_H
#define WEIR_UPSTREAM_EXCHANGE_H

#include "core/err.h"
#include "http/head.h"
#include "http/message.h"
#include "loop/loop.h"
#include "upstream/endpoint.h"

struct upstream_pool;
struct exchange;

struct upstream_pool *upstream_pool_create(struct loop *l, struct err *err);
void upstream_pool_free(struct upstream_pool *p); /* cancels what runs */
/* Drops the idle connections of endpoints not in keep[] (after a reload). */
void upstream_pool_retain(struct upstream_pool *p, const struct str *keep_origins,
                          size_t n);

struct exchange_events {
    /* The answer's head; values live until this returns.  1xx never arrive here. */
    void (*head)(void *ctx, const struct http_head *head);
    /* The piece's bytes live until the flush, end or fail that follows it. */
    void (*body)(void *ctx, struct str piece);
    /* All of one read has been delivered and the answer goes on: the moment to write
     * on.  The last read is followed by `end` instead. */
    void (*flush)(void *ctx);
    void (*end)(void *ctx);
    /* Kinds: ERR_UPSTREAM (refused, reset, bad TLS or HTTP), ERR_TIMEOUT.  Codes:
     * "upstream_connect", "upstream_tls", "upstream_dns", "upstream_reset",
     * "upstream_bad_http", "connect_timeout", "first_byte_timeout", "idle_timeout",
     * "total_timeout". */
    void (*fail)(void *ctx, const struct err *err);
};

struct exchange_stats {
    uint64_t connect_us; /* 0 when a pooled connection served */
    bool was_pooled, was_resumed;
    /* False: not one byte of the request can have reached anybody.  Over TLS a first
     * write that fails leaves it true: part of it may be out. */
    bool may_have_left;
    uint64_t sent_bytes, received_bytes;
};

/* NULL only when memory is out (err set).  ep and msg are borrowed until the end. */
struct exchange *exchange_start(struct upstream_pool *p, const struct endpoint *ep,
                                const struct http_message *msg,
                                const struct exchange_events *events, void *ctx,
                                struct err *err);
/* Closes the connection now: how an engine learns that nobody listens any more. */
void exchange_cancel(struct exchange *x);
/* Backpressure: no more body until resumed; the idle deadline rests meanwhile. */
void exchange_pause(struct exchange *x);
void exchange_resume(struct exchange *x);
struct exchange_stats exchange_stats(const struct exchange *x); /* also inside end/fail */

#endif
