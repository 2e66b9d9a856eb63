/* stem_table.h -- the compiled data/guard/stems.txt and schemes.txt; of text/stems.c and
 * read/papers.c alone.
 *
 * tools/guard_stems.py writes it: the stems sorted by their bytes, and a bit for each
 * three first bytes that some stem begins with. */
#ifndef WEIR_SCAN_TEXT_STEM_TABLE_H
#define WEIR_SCAN_TEXT_STEM_TABLE_H

#include "scan/read/telling.h"
#include "scan/text/stems.h"

#include <stdbool.h>
#include <stddef.h>

struct stem {
    const char *text;
    uint64_t roles; /* STEM_* */
    bool is_whole;  /* no ending may follow */
    uint16_t
        front; /* the longest other stem that this one begins with, from 1; 0: none */
};

/* A short name of a number that somebody gives out, and the forms that it has. */
struct scheme {
    const char *name, *forms; /* forms: with blanks between */
    enum telling what;
};

enum { STEM_BITS = 1 << 16 };

extern const struct stem guard_stems[];
extern const size_t guard_nstems;
extern const struct scheme guard_schemes[];
extern const size_t guard_nschemes;
extern const uint8_t guard_stem_begins[STEM_BITS / 8];

#endif
