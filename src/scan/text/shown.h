/* shown.h -- inside scan/: a text without what is in it but not shown. */
#ifndef WEIR_SCAN_TEXT_SHOWN_H
#define WEIR_SCAN_TEXT_SHOWN_H

#include "core/str.h"

/* Copies the text to `out` (as long as the text) without control characters but tab and
 * line ends, as they are or written as \u00XX, and without the sequences that colour a
 * terminal's text.  Returns the length. */
size_t shown_only(struct str text, char *out);

#endif
