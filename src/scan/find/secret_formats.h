/* secret_formats.h -- the prefixes by which services mark their keys and tokens. */
#ifndef WEIR_SCAN_FIND_SECRET_FORMATS_H
#define WEIR_SCAN_FIND_SECRET_FORMATS_H

#include "core/compiler.h"

enum secret_set {
    SET_ALNUM,
    SET_WORD,
    SET_HEX,
    SET_UPPER,
    SET_BASE64,
    SET_DOTTED,
    SET_ANY
};

struct secret_format {
    const char *prefix;
    uint16_t min, max; /* characters after the prefix */
    uint8_t set;
};

extern const struct secret_format secret_formats[];
extern const size_t secret_nformats;

enum { SECRET_MAX_FORMATS = 255 };

/* Lists of the formats that begin with the same character; 0 ends a list, so formats
 * count from 1. */
struct secret_index {
    uint8_t head[128], next[SECRET_MAX_FORMATS + 1];
    uint64_t second[64]; /* for each first character (its low bits): the second ones */
};

void secret_index_init(struct secret_index *x);

#endif
