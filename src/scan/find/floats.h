/* floats.h -- inside scan/: whole numbers that a program wrote with an exponent.
 *
 *     4.111111111111111e15   41111111111111110E-1   4.111111111111111 x 10^15
 */
#ifndef WEIR_SCAN_FIND_FLOATS_H
#define WEIR_SCAN_FIND_FLOATS_H

#include "core/str.h"

enum { FLOAT_DIGITS = 24 };

struct float_seen {
    size_t bytes; /* of the text */
    char digits[FLOAT_DIGITS];
    size_t n, nsignificant; /* digits in all; without the zeros behind the last other */
};

/* A number with an exponent that is a whole one stands at the front of the text. */
bool float_read(struct str text, struct float_seen *ret);

#endif
