/* letters.h -- which characters make words, in all scripts, and their lower case.
 *
 * Coarse on purpose: blocks of Unicode, not its tables.  Scripts that put no blank
 * between words (Chinese, Japanese, Korean with its particles, Thai, Lao, Khmer,
 * Burmese) have letters that stand alone. */
#ifndef WEIR_SCAN_TEXT_LETTERS_H
#define WEIR_SCAN_TEXT_LETTERS_H

#include "core/compiler.h"
#include "core/str.h"

enum letter_kind {
    LETTER_BLANK,
    LETTER_WORD,  /* goes on until another kind comes */
    LETTER_ALONE, /* a word by itself */
    LETTER_JOINS, /* a mark that belongs to what stands before it */
    LETTER_DIGIT,
    LETTER_SIGN
};

enum letter_kind letter_kind(uint32_t cp);
/* The same code point where there is none. */
uint32_t letter_lower(uint32_t cp);
/* UTF-8 of a code point; returns how many bytes, at most 4. */
size_t letter_put(uint32_t cp, char ret[4]);
/* Of a text in UTF-8: pictures and marks alone name nobody. */
bool has_letter(struct str text);

#endif
