/* endpoint.h -- where an engine is reached: checked, immutable, from configuration. */
#ifndef WEIR_UPSTREAM_ENDPOINT_H
#define WEIR_UPSTREAM_ENDPOINT_H

#include "core/err.h"
#include "core/str.h"

/* Milliseconds; 0 means "no limit": configuration gives it to total only. */
struct deadlines {
    uint32_t connect_ms;    /* name look-up, TCP, proxy and TLS, each address anew */
    uint32_t first_byte_ms; /* request sent -> first byte of the answer's head */
    uint32_t idle_ms;       /* between two reads of the answer */
    uint32_t total_ms;      /* from start to end */
};

struct endpoint {
    struct str name;   /* the engine's, for messages */
    struct str origin; /* "https://api.example.com:443": the pool's key, with name */
    struct str host;   /* for look-up, SNI and the Host field (an IPv6 literal bare) */
    uint16_t port;
    bool is_tls;
    struct str ca_file; /* empty: the system's */
    bool is_cloud;      /* what goes there leaves: see upstream_pool_shut_by() */
    bool use_proxy;     /* cloud engines honour HTTPS_PROXY / NO_PROXY */
    struct deadlines deadlines;
};

#endif
