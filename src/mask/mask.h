/* mask.h -- a request's body with every confidential span replaced by its tag.
 *
 * Spans are bytes of the raw body, inside one JSON string value each (escapes as
 * written) or exactly one JSON number.  Tags need no escaping at any depth, so what
 * surrounds a span is copied untouched.  Anything else (a span in a key, across a
 * quote, through an escape or a character) is refused: such a body may not leave. */
#ifndef WEIR_MASK_MASK_H
#define WEIR_MASK_MASK_H

#include "mask/vault.h"

enum { MASK_NUMBER = 255 };

struct mask_span {
    uint32_t start, end; /* body[start, end) */
    const char *type;    /* static: "PERSON", ... */
    /* JSON strings around the text: 1; JSON in JSON: 2; 0 is read as 1.  MASK_NUMBER: all
     * of a number in such a string, in whose place a number stands. */
    uint8_t depth;
    bool is_file;       /* a text in base64, or in a data: URL */
    struct str instead; /* bytes in its place, for which no quote must be escaped; p NULL:
                         * its tag */
};

enum { MASK_TYPES = 64 };
struct mask_counts {
    struct {
        const char *type;
        uint32_t n;
    } types[MASK_TYPES];
    size_t ntypes; /* further types are counted in the total alone */
    uint32_t total;
};

void mask_counts_add(struct mask_counts *to, const struct mask_counts *more);

/* Appends the masked body to out.  Spans are in order and do not overlap.  -1:
 * ERR_INTERNAL "mask_span", ERR_OVERLOAD "vault_full" or "out_of_memory"; out is then
 * of no use. */
int mask_body(struct vault *v, struct str body, const struct mask_span *spans, size_t n,
              struct buf *out, struct mask_counts *ret, struct err *err);

#endif
