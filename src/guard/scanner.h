/* scanner.h -- what a struct scanner holds; inside guard/ only. */
#ifndef WEIR_GUARD_SCANNER_H
#define WEIR_GUARD_SCANNER_H

#include "guard/detect.h"
#include "guard/secret_formats.h"
#include "guard/tagger.h"

enum { SCANNER_MAX_ZONES = 64 };
enum { ID_WORDS = 2, ID_RUNS = 24, ID_LEADS = 4 };

/* Bits of the rules of ids.c that a text may fit: by how many letters and digits it
 * begins with (as written, and with blanks taken out), and by what each of the first
 * ones is (a letter, a digit). */
struct id_index {
    uint64_t run[2][ID_RUNS][ID_WORDS];
    uint64_t lead[ID_LEADS][2][ID_WORDS];
};

struct scanner {
    struct word_table words;
    struct tagger tagger;
    struct secret_index secrets;
    struct id_index ids;
    uint32_t mark_pairs[32];            /* marks.c */
    struct str zone[SCANNER_MAX_ZONES]; /* owned copies */
    size_t nzone;
    struct own_rules *own;    /* NULL: none */
    struct scan_cache *cache; /* of long strings of bodies; NULL: none */
};

void marks_index(uint32_t pairs[32]);
void id_index_init(struct id_index *x);

#endif
