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

enum letter_kind letter_kind_wide(uint32_t cp); /* of what is not ASCII */
uint32_t letter_lower_wide(uint32_t cp);

static inline enum letter_kind letter_kind(uint32_t cp)
{
    if (UNLIKELY(cp >= 0x80))
        return letter_kind_wide(cp);
    if (cp <= ' ')
        return LETTER_BLANK;
    if (cp >= '0' && cp <= '9')
        return LETTER_DIGIT;
    return (cp | 32) >= 'a' && (cp | 32) <= 'z' ? LETTER_WORD : LETTER_SIGN;
}
/* The same code point where there is none. */
static inline uint32_t letter_lower(uint32_t cp)
{
    if (UNLIKELY(cp >= 0x80))
        return letter_lower_wide(cp);
    return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
}
/* UTF-8 of a code point; returns how many bytes, at most 4. */
size_t letter_put(uint32_t cp, char ret[4]);
/* Of a text in UTF-8: pictures and marks alone name nobody. */
bool has_letter(struct str text);

#endif
