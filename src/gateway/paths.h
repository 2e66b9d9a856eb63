/* paths.h -- which path means what: the one table of everything weir serves.
 *
 * Each row carries the access that its path needs, so that a new path cannot forget it.
 * Paths that clients of other APIs ask for are known too, so that their users read in
 * the first error what to change, in the shape in which their client shows errors. */
#ifndef WEIR_GATEWAY_PATHS_H
#define WEIR_GATEWAY_PATHS_H

#include "gateway/request.h"
#include "http/head.h"

enum access { ACCESS_OPEN, ACCESS_KEY, ACCESS_OPERATOR };

struct path_row {
    const char *method, *path;
    page_fn *page; /* NULL: a model answers */
    enum access access;
    enum surface surface;
    bool is_prefix; /* path is followed by a name, percent-encoded or not */
};

/* The row of this method and path (HEAD counts as GET, one slash at the end counts for
 * nothing); *ret_name is what follows a prefix, inside the head.  NULL with *err:
 *   ERR_NOT_FOUND "unknown_path", ERR_METHOD "method_not_allowed". */
const struct path_row *path_find(const struct http_head *head, struct str *ret_name,
                                 struct err *err);
/* A name out of a path with its %XX resolved, in a. */
struct str path_unescape(struct str name, struct arena *a);
/* The line "allow: ..." of the path, when it is one of ours. */
void path_write_allow(const struct http_head *head, struct buf *b);

/* How a client that asks for this path expects an error to look. */
enum error_shape { SHAPE_OPENAI, SHAPE_ANTHROPIC, SHAPE_OLLAMA, SHAPE_GOOGLE };
enum error_shape path_error_shape(const struct http_head *head);

#endif
