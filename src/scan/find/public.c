/* public.c -- values that documentation publishes: they hold nothing.
 *
 * data/guard/public.bin, made by tools/guard_public.py: sorted little-endian hashes of
 * the letters and digits of each value, in lower case. */
#include "scan/detect.h"

enum { HASH_BYTES = 8, MAX_VALUE = 256, MASKED_AT_MOST = 50 };

extern const unsigned char guard_public_begin[], guard_public_end[];

static uint64_t hash_at(size_t i)
{
    const unsigned char *p = guard_public_begin + HASH_BYTES * i;
    uint64_t h = 0;
    for (size_t k = HASH_BYTES; k-- > 0;)
        h = h << 8 | p[k];
    return h;
}

static bool is_public(struct str value)
{
    uint64_t hash = WORD_HASH_SEED;
    size_t lo = 0, hi = (size_t)(guard_public_end - guard_public_begin) / HASH_BYTES;
    for (size_t i = 0; i < value.n; i++)
        if (is_alnum(value.p[i]))
            hash = word_hash_step(hash, to_lower(value.p[i]));
    hash = word_hash_end(hash);
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (hash_at(mid) < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < (size_t)(guard_public_end - guard_public_begin) / HASH_BYTES &&
           hash_at(lo) == hash;
}

static bool may_hold(enum guard_group g)
{
    return g == GROUP_SECRET || g == GROUP_CREDIT_CARD || g == GROUP_IBAN ||
           g == GROUP_BANK || g == GROUP_NATIONAL_ID || g == GROUP_HEALTH_ID ||
           g == GROUP_GOV_DOC;
}

void spare_public(struct window *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span s = w->found[i];
        enum guard_group g = guard_type_group((enum guard_type)s.type);
        bool known = may_hold(g) && s.end - s.start <= MAX_VALUE &&
                     is_public((struct str){w->p + s.start, s.end - s.start});
        if (known && g == GROUP_SECRET)
            continue; /* a secret that all know is none */
        if (known && s.score > MASKED_AT_MOST)
            s.score = MASKED_AT_MOST;
        w->found[n++] = s;
    }
    w->nfound = n;
}
