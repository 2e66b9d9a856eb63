/* facts.h -- what lists say of a word, in all languages: how common it is, and whether
 * it is a name, a place, a product, part of a term.
 *
 * data/guard/facts.bin is made by tools/guard_facts.py from public lists (NOTICE); it is
 * a table of buckets.h.  They are hints for the reader of names (net.h) and decide
 * nothing by themselves. */
#ifndef WEIR_SCAN_TEXT_FACTS_H
#define WEIR_SCAN_TEXT_FACTS_H

#include "core/compiler.h"
#include "core/str.h"

enum {
    FACT_FREQUENCY = 7,  /* 0: in no list of words; 1 rare .. 7 very common */
    FACT_FIRST = 1 << 3, /* a given name */
    FACT_LAST = 1 << 4,  /* a family name */
    FACT_PLACE = 1 << 5,
    FACT_PRODUCT = 1 << 6,  /* software, a package, a brand, a model */
    FACT_EPONYM = 1 << 7,   /* of a term named after somebody: "Bloom" filter */
    FACT_TERM = 1 << 8,     /* what such terms are: Bloom "filter" */
    FACT_FIGURE = 1 << 9,   /* of the name of a person many texts speak of */
    FACT_PERSON = 1 << 10,  /* a whole name, in Han letters or Kana */
    FACT_FIRM = 1 << 11,    /* of firms: GmbH, Ltd, 株式会社 */
    FACT_TITLE = 1 << 12,   /* before or behind names: Mr, Herr */
    FACT_MANY = 1 << 13,    /* a given name in three countries and more */
    FACT_ENGLISH = 1 << 14, /* a common English word */
};

/* FACT_* of a word by word_hash() of its folded form (words.h); 0 when it is in no list.
 */
uint16_t facts_find(uint64_t word_hash);

struct str facts_builtin(void);

#endif
