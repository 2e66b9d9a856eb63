/* proxy.h -- which proxy, if any, stands before a cloud engine.
 *
 * HTTPS_PROXY (or https_proxy) and NO_PROXY (or no_proxy) as curl reads them: only
 * http:// proxies, optionally with user:password@.  NO_PROXY is a list of names that
 * also cover their subdomains, with or without a leading dot, each optionally with
 * :port; addresses; CIDR ranges; "*" for everything. */
#ifndef WEIR_UPSTREAM_PROXY_H
#define WEIR_UPSTREAM_PROXY_H

#include "core/err.h"
#include "core/str.h"

struct proxy {
    char host[256];
    uint16_t port;
    char credentials[344]; /* base64 for Proxy-Authorization, or empty */
};

/* 1: *ret is the proxy to ask.  0: none for this host.  -1: the variable is not
 * understood (err names it, never its password). */
int proxy_from_environment(struct str host, uint16_t port, struct proxy *ret,
                           struct err *err);
int proxy_parse(struct str url, struct proxy *ret, struct err *err);
bool proxy_is_bypassed(struct str no_proxy, struct str host, uint16_t port);

#endif
