/* postcode.h -- postcodes by their form; inside scan/ only. */
#ifndef WEIR_SCAN_FIND_POSTCODE_H
#define WEIR_SCAN_FIND_POSTCODE_H

#include "scan/detect.h"

/* "04109", as years and amounts are too; "602 00", as telephones are; or of a form that
 * few other things have, with letters or a hyphen. */
enum postcode_form { POSTCODE_NONE, POSTCODE_DIGITS, POSTCODE_PARTED, POSTCODE_SURE };

/* The postcode that begins at token i, as one of the world's countries writes it;
 * *ret_end is the token past it, or i.  any_case: its letters may be small ones. */
enum postcode_form postcode_at(const struct window *w, size_t i, bool any_case,
                               size_t *ret_end);

#endif
