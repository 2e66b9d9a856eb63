/* exchange.h -- one request to an engine and its answer, over pooled connections.
 *
 * A pool belongs to one loop thread.  It keeps idle keep-alive connections per
 * endpoint, dials new ones (every address of the name is tried, IPv6 and IPv4; a
 * proxy is asked with CONNECT; TLS is verified and resumed) and enforces the
 * deadlines.  The bytes of *msg must live until `head`, `fail` or exchange_cancel().
 *
 * An engine may close a pooled connection at the moment a request is written to it.
 * When it ends without a byte of answer before the request has gone out whole, or
 * within EXCHANGE_STALE_MS after that, the code of the failure is "upstream_stale": the
 * engine has hardly begun to work, and the request may be sent again on a fresh
 * connection.  So is a 408 in that time: the server had grown tired of waiting before it
 * saw the request.  With EXCHANGE_RESENDS that happens once and silently.
 *
 * An answer of success that begins before the request has gone out whole cannot answer
 * it: on a pooled connection that is "upstream_stale" too, on a fresh one
 * "upstream_bad_http".  An error may come so early (413); its connection is closed.
 *
 * What leaves (EXCHANGE_LEAVES, or an endpoint of the cloud) may be shut off: then none
 * of it starts, dials or writes, and what has not gone out whole fails with ERR_OVERLOAD
 * "cloud_paused".  This is the last gate before the network, so nothing goes around it.
 *
 * Exactly one of `end` and `fail` is called, last, unless exchange_cancel() or
 * exchange_leave() came first; after any of the four the exchange is gone.  No callback
 * runs inside exchange_start(). */
#ifndef WEIR_UPSTREAM_EXCHANGE_H
#define WEIR_UPSTREAM_EXCHANGE_H

#include "core/err.h"
#include "http/head.h"
#include "http/message.h"
#include "loop/loop.h"
#include "upstream/endpoint.h"

#include <stdatomic.h>

struct upstream_pool;
struct exchange;

struct upstream_pool *upstream_pool_create(struct loop *l, struct err *err);
void upstream_pool_free(struct upstream_pool *p); /* cancels what runs */
/* Drops the idle connections of endpoints not in keep[] (after a reload). */
void upstream_pool_retain(struct upstream_pool *p, const struct str *keep_origins,
                          size_t n);

#define EXCHANGE_SHUT "cloud_paused"
/* While *is_shut nothing leaves; it outlives the pool.  Before the first exchange. */
void upstream_pool_shut_by(struct upstream_pool *p, const atomic_bool *is_shut);
/* It is shut now: what leaves and has not gone out whole fails.  How many others go on
 * (their request is out, their answer comes).  After it, on this pool's thread, nothing
 * leaves until it is opened again. */
size_t upstream_pool_shut(struct upstream_pool *p);

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
     * "upstream_stale", "upstream_bad_http", "connect_timeout", "first_byte_timeout",
     * "idle_timeout", "total_timeout". */
    void (*fail)(void *ctx, const struct err *err);
};

struct exchange_stats {
    uint64_t connect_us; /* 0 when a pooled connection served */
    bool was_pooled, was_resumed;
    /* False: not one byte of the request can have reached anybody.  Over TLS a first
     * write that fails leaves it true: part of it may be out. */
    bool may_have_left;
    uint64_t sent_bytes, received_bytes;
    uint64_t worked_ms; /* since the request has gone out whole; 0: it has not */
    uint64_t read_us;   /* with EXCHANGE_STAMPS: when the last read had returned */
};

enum exchange_flags {
    EXCHANGE_FRESH = 1,   /* on a new connection, not a pooled one */
    EXCHANGE_RESENDS = 2, /* what is asked changes nothing and costs nothing */
    EXCHANGE_STAMPS = 4,  /* when each read returned is wanted, before it is parsed */
    EXCHANGE_LEAVES = 8   /* it goes to the cloud, whatever its endpoint is */
};
enum { EXCHANGE_STALE_MS = 1000 };

/* NULL when memory is out, or what leaves is shut off (err set).  ep and msg are borrowed
 * until the end. */
struct exchange *exchange_start(struct upstream_pool *p, const struct endpoint *ep,
                                const struct http_message *msg, unsigned flags,
                                const struct exchange_events *events, void *ctx,
                                struct err *err);
/* Closes the connection now: how an engine learns that nobody listens any more. */
void exchange_cancel(struct exchange *x);
/* All that matters of the answer has come (after `head`).  What is left of it is read
 * over, for a moment, so that its connection can serve again; no event follows, and ep
 * may go. */
void exchange_leave(struct exchange *x);
/* Backpressure: no more body until resumed; the idle deadline rests meanwhile. */
void exchange_pause(struct exchange *x);
void exchange_resume(struct exchange *x);
struct exchange_stats exchange_stats(const struct exchange *x); /* also inside end/fail */

#endif
