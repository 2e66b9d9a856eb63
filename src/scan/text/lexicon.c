/* lexicon.c -- the table of lexicon.h, in the program's read-only pages.
 *
 * Open addressing over 2^18 little-endian words: 24 bits of the hash, 8 of roles. */
#include "scan/text/lexicon.h"

enum { SLOTS = 1 << 18 };

extern const unsigned char guard_lexicon_begin[], guard_lexicon_end[];
extern const char guard_words_begin[], guard_words_end[], guard_embedded_digest[65];

static uint32_t slot(size_t i)
{
    const unsigned char *p = guard_lexicon_begin + 4 * i;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

uint8_t lexicon_find(uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 40);
    for (size_t i = hash & (SLOTS - 1), tries = 0; tries < 4096; tries++) {
        uint32_t s = slot(i);
        if (s == 0)
            return 0;
        if (s >> 8 == tag)
            return (uint8_t)s;
        i = (i + 1) & (SLOTS - 1);
    }
    return 0;
}

struct str guard_words_text(void)
{
    return (struct str){guard_words_begin, (size_t)(guard_words_end - guard_words_begin)};
}

struct str guard_data_digest(void)
{
    return str_of(guard_embedded_digest);
}
