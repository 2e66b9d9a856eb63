/* latinise.h -- Greek and Cyrillic letters in Latin ones, so that a name is known in
 * either script; inside scan/ only.
 *
 * As newspapers write names, without marks and without a promise to be right for each
 * language: it is for hints alone (pieces.h).  "Шевченко" and "Шевченка" both begin with
 * "shevchenk"; "Μακρόν" is "makron". */
#ifndef WEIR_SCAN_NER_LATINISE_H
#define WEIR_SCAN_NER_LATINISE_H

#include "core/compiler.h"
#include "core/str.h"

/* At most four ASCII letters for a letter in lower case, or none for a sign; NULL when it
 * is of another script. */
const char *latinise_letter(uint32_t lower);
/* Greek writes b, d, g and u with two letters: joins them.  Returns the new length. */
size_t latinise_greek(char *word, size_t n);

#endif
