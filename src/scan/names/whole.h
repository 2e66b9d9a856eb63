/* whole.h -- names are taken whole; inside scan/ only.
 *
 * A rule or the reader of names often sees a part: "Houten" of "Van Houten", one word of
 * a cell of a table, the given name of "Peabody, Nadine".  The rest would leave readable.
 */
#ifndef WEIR_SCAN_NAMES_WHOLE_H
#define WEIR_SCAN_NAMES_WHOLE_H

#include "scan/detect.h"

/* Stretches the persons found over the rest of their names.  What is nothing to hide (a
 * place, a firm) and lies in there is dropped. */
void take_names_whole(struct window *w);
/* The same in a text about private people (private_text.h), with a word beside a name
 * that nothing else explains. */
void take_private_names_whole(struct window *w);

/* Names in capitals with a blank between the letters, each alone on its line. */
void find_spaced_names(struct window *w);

#endif
