/* private_text.h -- what is taken for somebody's in a text that speaks of private people;
 * inside scan/ only.
 *
 * No list has all notations.  In a text that surely speaks of private people (prior.h,
 * and a name or a contact that is masked) a serial number without a caption, a plate, a
 * house number beside a town and a listed given name are somebody's, and are masked.
 * Nothing is held for it. */
#ifndef WEIR_SCAN_NAMES_PRIVATE_TEXT_H
#define WEIR_SCAN_NAMES_PRIVATE_TEXT_H

#include "scan/detect.h"

/* Somebody's name, or how to reach somebody, is in it. */
bool may_be_private_text(const struct window *w);
/* `about`: the prior's score of the text, in 1/PRIOR_ONE.  Behind weigh_names(). */
void find_in_private_text(struct window *w, int about);

#endif
