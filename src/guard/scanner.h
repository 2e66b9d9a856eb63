/* scanner.h -- what a struct scanner holds; inside guard/ only. */
#ifndef WEIR_GUARD_SCANNER_H
#define WEIR_GUARD_SCANNER_H

#include "guard/tagger.h"
#include "guard/words.h"

enum { SCANNER_MAX_ZONES = 64 };

struct secret_index;

struct scanner {
    struct word_table words;
    struct tagger tagger;
    struct str zone[SCANNER_MAX_ZONES]; /* owned copies */
    size_t nzone;
    struct own_rules *own;    /* NULL: none */
    struct scan_cache *cache; /* of long strings of bodies; NULL: none */
};

#endif
