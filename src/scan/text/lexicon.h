/* lexicon.h -- lists of names and of common words, a megabyte, looked up by hash.
 *
 * Made by tools/guard_lexicon.py from public lists; what is kept of each word is 24
 * bits of its hash and a byte of what it can be, so that the lists cannot be read
 * back and a stranger's word is taken for a listed one once in some ten million. */
#ifndef WEIR_SCAN_TEXT_LEXICON_H
#define WEIR_SCAN_TEXT_LEXICON_H

#include "core/compiler.h"
#include "core/str.h"

enum {
    NAME_FIRST = 1,
    NAME_LAST = 2,
    NAME_CITY = 4,
    NAME_COMMON = 8,   /* an English word, seen in lower case */
    NAME_FREQUENT = 16 /* seen in lower case very often */
};

/* NAME_* bits, 0 when the word is in no list. */
uint8_t lexicon_find(uint64_t word_hash);
/* data/guard/words.txt, as the build put it into the program. */
struct str guard_words_text(void);
/* SHA-256 of all the scanner's lists, as the build saw them. */
struct str guard_data_digest(void);

#endif
