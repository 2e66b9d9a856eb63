/* glued.h -- names that are two words without a mark or a change of case between:
 * dbpassword, ADMINPASS, guestpin, mdpadmin.  Inside of telling.c; pure. */
#ifndef WEIR_SCAN_READ_GLUED_H
#define WEIR_SCAN_READ_GLUED_H

#include "core/str.h"

/* enum telling of a folded part of a name, or TELLS_NOTHING.  *ret_is_weak: it may be an
 * ordinary word, so that the value must be sure by itself. */
uint8_t telling_of_glued(struct str part, bool *ret_is_weak);

#endif
