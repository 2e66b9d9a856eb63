/* known.c -- the table of known.h, in the program's read-only pages.
 *
 * Open addressing over 2^16 little-endian words: 24 bits of the hash, 8 of roles. */
#include "scan/text/known.h"

#include <stddef.h>

enum { SLOTS = 1 << 16, MOST_TRIES = 4096 };

extern const unsigned char guard_known_begin[], guard_known_end[];

uint8_t known_find(uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 40);
    size_t i = hash & (SLOTS - 1);
    for (size_t tries = 0; tries < MOST_TRIES; tries++) {
        const unsigned char *p = guard_known_begin + 4 * i;
        uint32_t stored = (uint32_t)p[1] | (uint32_t)p[2] << 8 | (uint32_t)p[3] << 16;
        if (!p[0] && !stored)
            return 0;
        if (stored == tag)
            return p[0];
        i = (i + 1) & (SLOTS - 1);
    }
    return 0;
}
