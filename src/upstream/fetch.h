/* fetch.h -- a handful of HTTP requests, all at once.
 *
 * Control calls only; requests of clients never come this way.  No proxy, no redirect,
 * at most 4 MiB an answer (or less: body's own limit). */
#ifndef WEIR_UPSTREAM_FETCH_H
#define WEIR_UPSTREAM_FETCH_H

#include "core/buf.h"
#include "core/err.h"

struct endpoint;
struct fetch {
    char url[512]; /* http://HOST:PORT/PATH; or /PATH alone, of `endpoint` */
    const struct endpoint *endpoint; /* borrowed, whose TLS is taken; NULL: of the url */
    const char *post;                /* JSON body, borrowed; NULL: GET */
    const char *bearer;              /* token, borrowed; NULL: none is shown */
    int status;                      /* out: HTTP status; 0: no answer */
    struct buf body;                 /* out */
};

enum { FETCH_CONNECT_MS = 400, FETCH_MAX_BYTES = 4 << 20 };

void fetch_init(struct fetch *f);
void fetch_release(struct fetch *f);

/* Runs them all; returns when each has answered or total_ms are over. */
int fetch_all(struct fetch *items, size_t n, long total_ms, struct err *err);

#endif
