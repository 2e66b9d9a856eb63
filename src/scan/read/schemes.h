/* schemes.h -- numbers in the forms that countries, hospitals and banks give them
 * (data/guard/schemes.txt); inside read/ only; pure. */
#ifndef WEIR_SCAN_READ_SCHEMES_H
#define WEIR_SCAN_READ_SCHEMES_H

#include "scan/read/telling.h"

/* A word without its marks and article, folded as stems are, in ret[STEM_FOLD_BYTES]. */
struct str scheme_name(struct str word, char *ret);
/* Where the number that begins at `at` ends, when it has a form of the scheme of this
 * folded name; *ret_what: what it is.  `at`: it has none. */
size_t past_scheme(struct str text, size_t at, struct str name, enum telling *ret_what);

#endif
