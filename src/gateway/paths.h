/* paths.h -- which path means what: the paths of all dialects, and weir's own pages.
 *
 * Each row carries the access that its path needs, so that a new path cannot forget it.
 * Paths that clients of other APIs ask for are known too (dialect/dialect.h), so that
 * their users read in the first error what to change, in the form in which their client
 * shows errors. */
#ifndef WEIR_GATEWAY_PATHS_H
#define WEIR_GATEWAY_PATHS_H

#include "gateway/request.h"
#include "http/head.h"

/* What a head asks for. */
struct path_found {
    page_fn *page; /* NULL: a model answers */
    enum access access;
    struct page_visit visit; /* of a page for browsers: set when its access is checked */
    const struct dialect *dialect; /* in which it is asked and answered */
    const struct dialect_path
        *path;       /* for a page of weir's own: where its body would go */
    struct str name; /* in the place of the path's {name}, inside the head; as it came */
};

/* By method and path (HEAD counts as GET, one slash at the end counts for nothing).  -1
 * with *err: ERR_NOT_FOUND "unknown_path", ERR_METHOD "method_not_allowed", ERR_UPGRADE
 * "websocket_not_served". */
int path_find(const struct page_table *pages, const struct http_head *head,
              struct path_found *ret, struct err *err);
/* A browser asks whether its page may ask: no path of its own. */
struct path_found path_preflight(void);
/* A name out of a path with its %XX resolved, in a. */
struct str path_unescape(struct str name, struct arena *a);
/* The line "allow: ..." of the path, when it is one of ours. */
void path_write_allow(const struct page_table *pages, const struct http_head *head,
                      struct buf *b);

/* Whose client asks for this path, served or not: how errors are to look. */
const struct dialect *path_dialect(const struct http_head *head);

#endif
