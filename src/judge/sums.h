/* sums.h -- do the sums in a text add up?  "3 * (4 + 1) = 15" does. */
#ifndef WEIR_JUDGE_SUMS_H
#define WEIR_JUDGE_SUMS_H

#include "core/str.h"

struct sums {
    unsigned nright, nwrong;
    struct str wrong; /* the first that does not add up, as it stands in the text */
};

/* Sums of plain numbers only: with a letter or a power in it nothing is said.  A result
 * may be rounded to the digits it shows. */
struct sums sums_check(struct str text);

#endif
