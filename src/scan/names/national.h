/* national.h -- numbers of people in many countries that their form and their check tell
 * without a caption; inside scan/ only.
 *
 * In any text one in some hundred numbers would fit by chance, so they are looked for in
 * texts about private people alone (private_text.h). */
#ifndef WEIR_SCAN_NAMES_NATIONAL_H
#define WEIR_SCAN_NAMES_NATIONAL_H

#include "core/str.h"

/* Bytes of such a number at the beginning of `s`; 0: none.  What stands behind it is for
 * the caller to look at. */
size_t national_number(struct str s);

#endif
