/* mentions.h -- what is masked once is masked at every mention; inside scan/ only.
 *
 * A person's name that some place of a text or body says is private is private wherever
 * it stands in it, and so is its last word alone, in any string and whatever its case,
 * unless that is an ordinary word in lower case.  The names that a conversation has
 * masked before are told by their hashes.  Numbers, keys and accounts are known again as
 * repeats.h says. */
#ifndef WEIR_SCAN_NAMES_MENTIONS_H
#define WEIR_SCAN_NAMES_MENTIONS_H

#include "scan/scan.h"

/* Of one text.  False: no memory. */
bool mentions_in_text(struct span_list *l, struct str text);
/* Of a body whose strings have been scanned.  False: no memory. */
bool mentions_in_body(struct body_scan *b, struct str body);

#endif
