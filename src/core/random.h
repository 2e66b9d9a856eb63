/* random.h -- numbers from a seed, for simulations: the same seed gives the same ones.
 *
 * SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 * 2014).  Not for secrets: those take random_bytes() of hash.h. */
#ifndef WEIR_CORE_RANDOM_H
#define WEIR_CORE_RANDOM_H

#include "core/compiler.h"

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* 0 <= it < 1, in steps of 2^-53. */
static inline double random_uniform(uint64_t *state)
{
    return (double)(random_next(state) >> 11) / 9007199254740992.0;
}

#endif
