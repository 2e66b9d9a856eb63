/* page.h -- what weir answers by itself, as a table that whoever starts the gateway
 * fills.
 *
 * The gateway has the pages that it can fill alone (pages.h).  cmd/serve puts the table
 * together, so that a page may also show what stands below the gateway, and those that a
 * browser shows (web/).  Paths of dialects are not in it (dialect/dialect.h), and come
 * first. */
#ifndef WEIR_GATEWAY_PAGE_H
#define WEIR_GATEWAY_PAGE_H

#include "core/str.h"

struct request;
/* Answers r and ends it (page_answer()), now or later (struct page_hold); pages have no
 * ledger row.  On r's loop. */
typedef void page_fn(struct request *r);

enum access {
    ACCESS_OPEN,
    ACCESS_KEY,
    ACCESS_OPERATOR,
    /* What a browser on this machine is shown; see door.h. */
    ACCESS_SHELL,  /* files that say nothing about anybody: no cookie */
    ACCESS_VIEW,   /* whoever came in by a link of the role view or operate */
    ACCESS_OPERATE /* ... of the role operate */
};

struct page {
    const char *method,
        *path;   /* static; a path that ends in / and * has any name there */
    page_fn *fn; /* NULL: a model answers, as it does a chat completion */
    enum access access;
};

struct page_table {
    const struct page *items;
    size_t n;
};

/* Whose request for a page it is, and how long it may. */
struct page_visit {
    bool may_operate;
    uint64_t id; /* the same for all requests of one cookie; 0: the operator's token */
    uint64_t until_s; /* of the wall clock; 0: a token's visit has no end */
};

/* What a page for browsers is told of its request's head; lives as long as the request.
 */
struct page_head {
    struct str name;  /* what stands in the place of the path's *; or empty */
    struct str query; /* behind the ?, or empty */
    struct str last_event_id;
    bool takes_gzip;
    struct page_visit visit;
    bool is_secure; /* the browser speaks TLS, to what stands before weir */
};

/* A request that is answered later, or in pieces: what to do when its client leaves first
 * or weir stops.  Then r is gone; *h is its owner's. */
struct page_hold {
    void (*left)(struct page_hold *h);
    /* Weir begins to drain: what has no end of its own ends now.  NULL: it has one. */
    void (*drain)(struct page_hold *h);
};

#endif
