/* splice.h -- a body as the client's bytes with a few spans replaced. */
#ifndef WEIR_ENGINE_SPLICE_H
#define WEIR_ENGINE_SPLICE_H

#include "http/message.h"

/* Replaces body[from, to) by text; from == to inserts. */
struct edit {
    uint32_t from, to;
    struct str text;
};

enum { SPLICE_MAX_EDITS = 8 }; /* each makes at most two pieces, and one is the rest */

struct splice {
    struct edit edits[SPLICE_MAX_EDITS];
    size_t n;
};

/* Edits may come in any order and must not overlap; those of one place keep theirs. */
void splice_add(struct splice *s, uint32_t from, uint32_t to, struct str text);
/* Fills the pieces of *ret. */
void splice_apply(const struct splice *s, struct str body, struct http_message *ret);

#endif
