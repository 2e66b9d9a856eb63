/* buckets.h -- a table of words by their hash, in the program's read-only pages: 16 bits
 * of the hash and 16 of what is known of the word.
 *
 * A word lies in one of two buckets, both of which its hash names; one stranger in four
 * thousand is taken for a word of the table.  The files are made by
 * tools/guard_buckets.py.
 */
#ifndef WEIR_SCAN_TEXT_BUCKETS_H
#define WEIR_SCAN_TEXT_BUCKETS_H

#include "core/str.h"

/* A bucket: tags (16 bits each, little-endian), then as many values. */
enum { BUCKET_WIDE = 8, BUCKET_BYTES = 4 * BUCKET_WIDE };

static inline uint16_t bucket_read16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint16_t bucket_find(const unsigned char *bucket, uint32_t tag)
{
    for (size_t i = 0; i < BUCKET_WIDE; i++)
        if (bucket_read16(bucket + 2 * i) == tag)
            return bucket_read16(bucket + 2 * (BUCKET_WIDE + i));
    return 0;
}

/* What the table says of a word by word_hash() (words.h); 0 when it is not in it. */
static inline uint16_t buckets_find(struct str table, uint64_t word_hash)
{
    const unsigned char *first = (const unsigned char *)table.p;
    uint64_t n = table.n / BUCKET_BYTES;
    uint32_t tag = (uint32_t)(word_hash & 0xFFFF), a = (uint32_t)(word_hash >> 32);
    uint32_t b = a * 0x9E3779B1u + tag * 0x85EBCA6Bu;
    uint16_t found = bucket_find(first + ((uint64_t)a * n >> 32) * BUCKET_BYTES, tag);
    if (found)
        return found;
    return bucket_find(first + ((uint64_t)b * n >> 32) * BUCKET_BYTES, tag);
}

#endif
