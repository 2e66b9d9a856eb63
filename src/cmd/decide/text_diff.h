/* text_diff.h -- what two texts have in common, and where they part, by words.
 *
 * A word is a run of letters and digits with what is glued to it, or a line's end; how
 * many blanks stand between two words makes no difference. */
#ifndef WEIR_CMD_DECIDE_TEXT_DIFF_H
#define WEIR_CMD_DECIDE_TEXT_DIFF_H

#include "core/arena.h"
#include "core/buf.h"

/* Texts that differ in more words than this are not searched to the end. */
enum { TEXT_DIFF_EDITS = 2000 };

/* Appends b as it differs from a: [-words of a alone-] {+words of b alone+}, and what
 * they share as it is.  Returns the share of words that both have, 2 * common / (all of a
 * + all of b), between 0 and 1 (two empty texts: 1); -1 when they differ in too many
 * words or memory is out, and nothing is appended.  (Myers, "An O(ND) difference
 * algorithm and its variations", 1986.) */
double text_diff(struct str a, struct str b, struct arena *scratch, struct buf *out);

#endif
