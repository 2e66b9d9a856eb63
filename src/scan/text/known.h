/* known.h -- names that most readers know: public figures, eponyms, products.
 *
 * Made by tools/guard_known.py from public lists; what is kept of each name is 24 bits of
 * its hash and a byte of what it can be.  A feature and no verdict: people share names.
 */
#ifndef WEIR_SCAN_TEXT_KNOWN_H
#define WEIR_SCAN_TEXT_KNOWN_H

#include <stdint.h>

enum {
    KNOWN_FIGURE = 1,  /* the whole name of somebody known */
    KNOWN_SURNAME = 2, /* the last word of such a name, when few have it */
    KNOWN_TERM = 4,    /* a term with a name in it: "bloom filter" */
    KNOWN_EPONYM = 8,  /* the name in such a term */
    KNOWN_PRODUCT = 16 /* software, a brand, a language, a model */
};

/* KNOWN_* bits of folded words joined by one blank, by their word_hash(); 0: none. */
uint8_t known_find(uint64_t hash);

#endif
