/* embedded.h -- the fact files of data/, carried inside the program by the build. */
#ifndef WEIR_FACTS_EMBEDDED_H
#define WEIR_FACTS_EMBEDDED_H

#include "core/str.h"

struct embedded_file {
    const char *name; /* "prices" for data/prices.json */
    const unsigned char *bytes;
    size_t n;
};

extern const struct embedded_file embedded_files[];
extern const size_t embedded_nfiles;

/* The text of one file; n is 0 when there is no such file. */
struct str embedded_find(const char *name);

#endif
