/* cut.h -- a fuzz input is a few bytes that say where to cut, then the stream itself.
 *
 * The first byte says how many bytes of cuts follow, each the length of a piece (of
 * which they are taken round and round); what is left is the stream. */
#ifndef WEIR_TESTS_FUZZ_CUT_H
#define WEIR_TESTS_FUZZ_CUT_H

#include "core/str.h"

struct cut {
    struct str lengths, stream;
    size_t at;
};

static inline struct cut cut_of(const uint8_t *data, size_t size)
{
    struct str all = {(const char *)data, size};
    size_t n = size ? data[0] % 16 : 0;
    struct str lengths = str_sub(all, 1, 1 + n);
    return (struct cut){lengths, str_sub(all, 1 + n, size), 0};
}

/* The next piece of what is left of the stream, at least one byte. */
static inline struct str cut_next(struct cut *c, struct str *rest)
{
    size_t n = rest->n;
    if (c->lengths.n > 0)
        n = (unsigned char)c->lengths.p[c->at++ % c->lengths.n] + (size_t)1;
    struct str piece = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    return piece;
}

#endif
