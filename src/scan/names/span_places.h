/* span_places.h -- which found spans lie on some bytes, without a walk over all of them.
 * Inside names/ only.  The memory is the window's arena. */
#ifndef WEIR_SCAN_NAMES_SPAN_PLACES_H
#define WEIR_SCAN_NAMES_SPAN_PLACES_H

#include "scan/detect.h"

/* A list of spans for each stretch of the window; spans that are found later are added
 * when somebody asks. */
struct span_places {
    const struct window *w;
    uint32_t *first; /* of each stretch: its first node, from 1; 0: none */
    struct place_node *node;
    size_t nnode, cap, nspan; /* nspan: so many spans are in it */
};

/* Where one stands in the spans on [start, end). */
struct place_walk {
    size_t start, end, stretch;
    uint32_t next;
};

/* False: no memory. */
bool span_places_init(struct span_places *p, const struct window *w);
struct place_walk span_places_on(struct span_places *p, size_t start, size_t end);
/* The next span on these bytes, as its index; false: there are no more.  A long span may
 * come more than once. */
bool span_places_next(const struct span_places *p, struct place_walk *k, size_t *ret);

#endif
