/* meaning.h -- what a name means where it stands; inside scan/ only.
 *
 * A name alone is not personal data that must be hidden: "explain Bayes' theorem", "what
 * did Ada Lovelace write", "a Bloom filter".  The same name beside contact data, in a
 * letter, a record, a table or a ticket is somebody's.  The text's own evidence decides:
 * each piece of it has a weight, and a name is alone when what speaks for a private
 * person does not outweigh what speaks for common knowledge.  Lists of known names are
 * one such piece and no verdict.  In doubt a name is private. */
#ifndef WEIR_SCAN_NAMES_MEANING_H
#define WEIR_SCAN_NAMES_MEANING_H

#include "scan/detect.h"

/* Sets is_alone and who of each person among the spans found, which are sorted. */
void weigh_names(struct window *w);

#endif
