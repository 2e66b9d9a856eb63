/* nearest.h -- "did you mean": the known word closest to an unknown one.
 *
 * Case is ignored and so are spaces, dots, dashes and underscores: people write one
 * model name in ten ways.  Distance is the edit distance (insert, delete, replace,
 * each 1) of what is left.  Words longer than NEAREST_MAX bytes are cut there. */
#ifndef WEIR_FACTS_NEAREST_H
#define WEIR_FACTS_NEAREST_H

#include "core/str.h"

enum { NEAREST_MAX = 96, NEAREST_KEEP = 3 };

/* Edit distance after folding; 0 means the same name to a reader. */
size_t nearest_distance(struct str a, struct str b);
bool nearest_same(struct str a, struct str b);

/* Keeps the best NEAREST_KEEP of the words offered to it.  One of which more than a third
 * would have to change, of a short word more than half, is no guess and is not kept. */
struct nearest {
    struct str wanted;
    struct {
        struct str word;
        size_t distance;
    } best[NEAREST_KEEP];
    size_t n;
};

void nearest_init(struct nearest *n, struct str wanted);
void nearest_offer(struct nearest *n, struct str word); /* borrowed */

/* "a, b or c", best first, between the two words into out; "" when nothing was close. */
void nearest_print(const struct nearest *n, const char *before, const char *after,
                   char *out, size_t size);

#endif
