/* prior.h -- how likely it is that a name in this text is a private person's; inside
 * scan/ only.
 *
 * A logistic regression over what the whole text looks like (its words, pairs of words,
 * its structure) and what stands around the name.  The words of names themselves are not
 * read.  Its weights are one table of bytes, learnt by names/prior_train.h from texts of
 * which one knows whether they speak of private people (data/guard/prior.bin). */
#ifndef WEIR_SCAN_NAMES_PRIOR_H
#define WEIR_SCAN_NAMES_PRIOR_H

#include "scan/detect.h"

enum {
    PRIOR_SLOTS = 1 << 16,
    PRIOR_ONE = 16,      /* of a weight's byte and of a score: 1.0 of log odds */
    PRIOR_CUT = 0,       /* a name below is nobody's; chosen on texts not learnt from */
    PRIOR_NAMESAKE = 20, /* from here on a public figure's name is somebody else's */
    PRIOR_BAG = 4        /* what all words of a text together count, against one sign */
};

/* What meaning.c knows of a name beside its words. */
struct prior_signs {
    int weight; /* of the pieces of evidence, in sum */
    int before, behind, known;
    uint32_t bits; /* of the text and of the name; one place each */
};

/* Slots of the table; `bag` is shared by all names of a text. */
struct prior {
    uint32_t *bag, *sign;
    size_t nbag, nsign, ntext; /* the first ntext signs are the text's */
};

/* False when memory is out. */
bool prior_read_text(const struct window *w, struct prior *p);
void prior_read_name(const struct window *w, const struct span *s,
                     const struct prior_signs *signs, struct prior *p);
/* Log odds that it is a private person's, in 1/PRIOR_ONE. */
int prior_score(const struct prior *p, const int8_t *table);
const int8_t *prior_builtin(void);

/* Is told of each name before it is weighed, with what was read of it. */
struct prior_tap {
    void (*take)(void *ctx, const struct window *w, const struct span *s,
                 const struct prior *p, int weight, bool is_sure);
    void *ctx;
};

#endif
