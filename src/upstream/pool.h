/* pool.h -- inside upstream/: origins, and the idle connections they keep.
 *
 * An origin is one engine's address as one loop thread sees it: its TLS context, its
 * looked-up addresses, its idle connections.  It lives while the pool or an exchange
 * uses it. */
#ifndef WEIR_UPSTREAM_POOL_H
#define WEIR_UPSTREAM_POOL_H

#include "core/slab.h"
#include "http/read.h"
#include "net/conn.h"
#include "net/tls.h"
#include "upstream/endpoint.h"
#include "upstream/exchange.h"

#include <netinet/in.h>

enum {
    ORIGIN_MAX_ADDRESSES = 16,
    POOL_MAX_IDLE = 256,
    POOL_IDLE_MS = 60000,
    POOL_DISTRUST_MS = 10 * 60 * 1000
};

struct upstream_pool {
    struct loop *loop;
    struct link origins;        /* the most recently used first */
    struct link exchanges;      /* all that run */
    struct slabs memory;        /* of the exchanges */
    const atomic_bool *is_shut; /* to what leaves; NULL: never */
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct origin {
    struct link link;
    struct upstream_pool *pool;
    char *strings; /* owns what the struct strs below point to */
    struct str name, key, host, ca_file;
    struct str host_line; /* " HTTP/1.1\r\nHost: api.example.com\r\n" */
    uint16_t port;
    bool is_tls, use_proxy;
    bool has_answered; /* once, in HTTP */
    bool is_retired;   /* out of the pool's list; goes with its last exchange */
    uint32_t users;    /* exchanges */
    uint32_t nidle;
    struct link idle; /* newest first */
    struct loop_timer idle_timer;
    struct tls_client *tls; /* made with the first dial */
    union address *addresses;
    size_t naddresses, good; /* `good`: the one that answered last */
    uint64_t addresses_until_ms;
    uint64_t distrusted_until_ms; /* until then no connection is used twice */
};

/* One connection to an origin: busy with x, or idle when x is NULL. */
struct upstream_conn {
    struct conn c;
    struct link idle;
    struct origin *origin; /* valid while open */
    struct exchange *x;
    struct http_reader *reader;
    uint64_t idle_since_ms;
};

/* Finds or makes; NULL when memory is out.  The caller holds it until origin_leave. */
struct origin *origin_enter(struct upstream_pool *p, const struct endpoint *ep,
                            struct err *err);
void origin_leave(struct origin *o);

/* Takes fd and ssl in every case. */
struct upstream_conn *upstream_conn_open(struct origin *o, int fd, struct ssl_st *ssl,
                                         const struct conn_events *conn_events,
                                         const struct http_reader_events *reader_events,
                                         struct err *err);
void upstream_conn_close(struct upstream_conn *u); /* memory goes at turn end */
void upstream_conn_released(struct conn *c);       /* for conn_events.released */

/* The newest in which nothing waits to be read, or NULL.  Bytes that wait there answer
 * nothing that was asked: behind them every answer would go to the wrong request. */
struct upstream_conn *origin_take_idle(struct origin *o);
void origin_put_idle(struct origin *o, struct upstream_conn *u);
/* Something can be read on an idle connection.  Only a TLS session ticket leaves it open;
 * its end, or bytes that nobody asked for, close it. */
void upstream_conn_idle_readable(struct upstream_conn *u);
/* The engine has sent what nobody asked for.  Such bytes may also come too late to be
 * told from an answer, so for POOL_DISTRUST_MS each of its connections carries one
 * request. */
void origin_distrust(struct origin *o);

#endif
