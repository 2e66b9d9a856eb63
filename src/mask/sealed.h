/* sealed.h -- pages for what must not be found in a core dump or in freed memory.
 *
 * Whole pages of their own, kept out of core dumps (MADV_DONTDUMP), out of children
 * (MADV_WIPEONFORK) and, as far as RLIMIT_MEMLOCK allows, out of swap; overwritten
 * before they go back.  Zeroed when new.  For tables, not for single values: the
 * least there is is a page. */
#ifndef WEIR_MASK_SEALED_H
#define WEIR_MASK_SEALED_H

#include "core/compiler.h"

struct sealed {
    void *p;
    size_t n; /* whole pages, at least what was asked for */
};

/* The whole pages that so many bytes take. */
size_t sealed_bytes(size_t bytes);
/* False when there is no memory; *ret is then empty. */
bool sealed_create(struct sealed *ret, size_t bytes);
void sealed_release(struct sealed *s); /* wipes; an empty one is fine */

#endif
