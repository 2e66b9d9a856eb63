/* clinical.h -- words of illness and of its treatment: by their stems (stems.h), and by
 * the endings that name medicines and operations.
 *
 * One such word says little, however often it comes: a program is full of its own
 * ("tid", "bypass"), and a text about an illness has more than one. */
#ifndef WEIR_SCAN_TEXT_CLINICAL_H
#define WEIR_SCAN_TEXT_CLINICAL_H

#include "core/str.h"

#include <stdint.h>

enum {
    OF_CARE = 1,      /* a patient, a ward, an examination */
    OF_TREATMENT = 2, /* a medicine, an operation */
    OF_ILLNESS = 3,
    OF_SOMEBODY = 4 /* a sentence that says so of somebody named: enough alone */
};

/* How much a text talks of illness: each word adds once, its other forms included. */
enum { CLINICAL_LEAST = 3, CLINICAL_WORDS = 16 };
struct clinical_talk {
    unsigned weight;
    uint32_t word[CLINICAL_WORDS]; /* more than these are enough for anything */
    uint8_t what[CLINICAL_WORDS], nword;
};
/* `word` tells it from others; what: OF_*. */
void clinical_add(struct clinical_talk *t, uint32_t word, uint8_t what);
/* Of two parts of one text. */
void clinical_join(struct clinical_talk *t, const struct clinical_talk *other);

/* OF_*, or 0.  In a run of letters without blanks the strongest. */
uint8_t clinical_word(struct str word);
/* The same of a word that is folded as stem_fold() does. */
uint8_t clinical_folded(struct str folded);

#endif
