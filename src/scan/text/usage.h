/* usage.h -- how a word is used in raw text of English, German and Spanish: which words
 * stand where it stands, and how often it is written with a capital.
 *
 * data/guard/usage.bin is made by tools/guard_usage.py from word clusters (NOTICE):
 * Brown's clusters (Brown et al., "Class-based n-gram models of natural language", 1992)
 * hold words that have the same neighbours, such as given names, towns, or verbs of
 * saying.  A word that no text of ours names is known by its cluster.  They are hints for
 * the reader of names (net.h) and decide nothing by themselves. */
#ifndef WEIR_SCAN_TEXT_USAGE_H
#define WEIR_SCAN_TEXT_USAGE_H

#include "core/compiler.h"
#include "core/str.h"

/* Clusters are numbered as they lie in their tree, one language behind the other: those
 * with the same number but for its last three bits are near to one another. */
enum { USAGE_CLUSTERS = 2560, USAGE_NEAR = 3, USAGE_SHARES = 8 };

struct usage {
    uint16_t cluster; /* 0: the word is in no list; else 1 .. USAGE_CLUSTERS - 1 */
    uint8_t share;    /* written with a capital: 0 never .. USAGE_SHARES - 1 always */
};

/* Of a word by word_hash() of its folded form (words.h), as it is used with a capital or
 * without one. */
struct usage usage_find(uint64_t word_hash, bool has_capital);

struct str usage_builtin(void);

#endif
