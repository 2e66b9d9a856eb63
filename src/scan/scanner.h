/* scanner.h -- what a struct scanner holds; inside scan/ only. */
#ifndef WEIR_SCAN_SCANNER_H
#define WEIR_SCAN_SCANNER_H

#include "scan/detect.h"
#include "scan/find/secret_formats.h"
#include "scan/find/spoken.h"
#include "scan/names/cues.h"
#include "scan/ner/net.h"
#include "scan/ner/tagger.h"

enum { SCANNER_MAX_ZONES = 64 };
enum { ID_WORDS = 2, ID_RUNS = 24, ID_LEADS = 4 };

/* Bits of the rules of ids.c that a text may fit: by how many letters and digits it
 * begins with (as written, and with blanks taken out), and by what each of the first
 * ones is (a letter, a digit). */
struct id_index {
    uint64_t run[2][ID_RUNS][ID_WORDS];
    uint64_t lead[ID_LEADS][2][ID_WORDS];
    uint64_t alone[ID_WORDS]; /* rules that need no caption */
};

struct scanner {
    struct net names; /* first: its layers begin a page */
    struct word_table words;
    struct tagger tagger;
    struct secret_index secrets;
    struct id_index ids;
    struct spoken_index spoken;
    struct cue_table cues;
    struct str zone[SCANNER_MAX_ZONES]; /* owned copies */
    size_t nzone;
    struct own_rules *own;    /* NULL: none */
    struct scan_cache *cache; /* of strings of bodies; NULL: none */
};

/* Each family says which words it must be shown. */
void frame_words(struct word_table *t);
void mark_words(struct word_table *t);
void people_words(struct word_table *t);
void id_index_init(struct id_index *x);

#endif
