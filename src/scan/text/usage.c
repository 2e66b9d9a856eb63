/* usage.c -- see usage.h.  A word has an entry for each of the two ways to write it that
 * its lists have: 12 bits of its cluster, 3 of the share of capitals. */
#include "scan/text/usage.h"

#include "scan/text/buckets.h"

extern const unsigned char guard_usage_begin[], guard_usage_end[];

struct str usage_builtin(void)
{
    return (struct str){(const char *)guard_usage_begin,
                        (size_t)(guard_usage_end - guard_usage_begin)};
}

/* tools/guard_usage.py has the same. */
static uint64_t with_capital(uint64_t word_hash)
{
    return word_hash * 0x9E3779B97F4A7C15u;
}

struct usage usage_find(uint64_t word_hash, bool has_capital)
{
    struct str table = usage_builtin();
    uint64_t capital = with_capital(word_hash);
    uint16_t v = buckets_find(table, has_capital ? capital : word_hash);
    if (!v)
        v = buckets_find(table, has_capital ? word_hash : capital);
    struct usage u = {v & 0xFFF, (uint8_t)(v >> 12)};
    if (u.cluster >= USAGE_CLUSTERS || u.share >= USAGE_SHARES)
        return (struct usage){0, 0};
    return u;
}
