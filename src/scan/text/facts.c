/* facts.c -- the table of facts.h, in the program's read-only pages.
 *
 * A word lies in one of two buckets, both of which its hash names. */
#include "scan/text/facts.h"

extern const unsigned char guard_facts_begin[], guard_facts_end[];

struct str facts_builtin(void)
{
    return (struct str){(const char *)guard_facts_begin,
                        (size_t)(guard_facts_end - guard_facts_begin)};
}

static uint32_t read16(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint16_t find_in(const unsigned char *bucket, uint32_t tag)
{
    for (size_t i = 0; i < FACTS_WIDE; i++)
        if (read16(bucket + 2 * i) == tag)
            return (uint16_t)read16(bucket + 2 * (FACTS_WIDE + i));
    return 0;
}

uint16_t facts_find(uint64_t hash)
{
    uint64_t n = facts_builtin().n / FACTS_BUCKET_BYTES;
    uint32_t tag = (uint32_t)(hash & 0xFFFF), a = (uint32_t)(hash >> 32);
    uint32_t b = a * 0x9E3779B1u + tag * 0x85EBCA6Bu;
    uint16_t facts =
        find_in(guard_facts_begin + ((uint64_t)a * n >> 32) * FACTS_BUCKET_BYTES, tag);
    if (facts)
        return facts;
    return find_in(guard_facts_begin + ((uint64_t)b * n >> 32) * FACTS_BUCKET_BYTES, tag);
}
