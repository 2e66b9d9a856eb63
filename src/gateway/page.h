/* page.h -- what weir answers by itself, as a table that whoever starts the gateway
 * fills.
 *
 * The gateway has the pages that it can fill alone (pages.h).  cmd/serve puts the table
 * together, so that a page may also show what stands below the gateway.  Paths of
 * dialects are not in it (dialect/dialect.h), and come first. */
#ifndef WEIR_GATEWAY_PAGE_H
#define WEIR_GATEWAY_PAGE_H

#include "core/compiler.h"

struct request;
/* Answers r and ends it (page_answer()); pages have no ledger row.  On r's loop. */
typedef void page_fn(struct request *r);

enum access { ACCESS_OPEN, ACCESS_KEY, ACCESS_OPERATOR };

struct page {
    const char *method, *path; /* static */
    page_fn *fn;
    enum access access;
};

struct page_table {
    const struct page *items;
    size_t n;
};

#endif
