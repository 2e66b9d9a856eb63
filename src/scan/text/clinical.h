/* clinical.h -- words of illness and of its treatment: by their stems (stems.h), and by
 * the endings that name medicines and operations.
 *
 * One such word says little: how many of them make a text clinical is scan.c's matter. */
#ifndef WEIR_SCAN_TEXT_CLINICAL_H
#define WEIR_SCAN_TEXT_CLINICAL_H

#include "core/str.h"

#include <stdint.h>

enum {
    OF_CARE = 1,      /* a patient, a ward, an examination */
    OF_TREATMENT = 2, /* a medicine, an operation */
    OF_ILLNESS = 3
};

/* OF_*, or 0.  In a run of letters without blanks the strongest. */
uint8_t clinical_word(struct str word);
/* The same of a word that is folded as stem_fold() does. */
uint8_t clinical_folded(struct str folded);

#endif
