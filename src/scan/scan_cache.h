/* scan_cache.h -- what was found in strings, so that they need not be read again.
 *
 * An agent sends its whole conversation with every turn.  Kept for each string is a keyed
 * digest of its bytes (128 bits, under keys drawn at random) and where in it what was
 * found: never the bytes.  It belongs to one scanner, for other rules find other things.
 * Bounded; thread safe; a lookup that misses costs a hash of the string. */
#ifndef WEIR_SCAN_SCAN_CACHE_H
#define WEIR_SCAN_SCAN_CACHE_H

#include "scan/scan.h"

enum { SCAN_CACHE_MAX_SPANS = 256 }; /* in one string: more, and it is not kept */

struct scan_cache;

/* Room for about max_bytes of results.  NULL: no memory, or no random source. */
struct scan_cache *scan_cache_create(size_t max_bytes, struct err *err);
void scan_cache_free(struct scan_cache *c); /* NULL is fine */

struct scan_key {
    uint64_t a, b;
};
struct scan_key scan_cache_key(const struct scan_cache *c, struct str text);

/* Appends what was found in the text of this key; false when it is not known. */
bool scan_cache_get(struct scan_cache *c, struct scan_key key, struct span_list *ret);
/* Keeps the result of one text when there is room for it. */
void scan_cache_put(struct scan_cache *c, struct scan_key key, const struct span_list *l);

struct scan_cache_stats {
    uint64_t hits, misses;
    size_t bytes; /* of results held */
};
struct scan_cache_stats scan_cache_stats(struct scan_cache *c);

#endif
