/* text.h -- what the simulated model says: the same question, the same words.
 *
 * One token is one word with the blanks before it, so that a token count can be
 * checked by counting words. */
#ifndef WEIR_SIM_TEXT_H
#define WEIR_SIM_TEXT_H

#include "core/buf.h"

/* SplitMix64 (Steele, Lea and Flood, 2014): a stream of numbers from any seed. */
static inline uint64_t sim_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

/* One word of the list. */
struct str sim_word(uint64_t random);

/* How long an answer to this seed is when nobody says: 24 to 120 words. */
uint64_t sim_natural_words(uint64_t seed);

/* Appends nwords words in sentences. */
void sim_text(struct buf *out, uint64_t seed, uint64_t nwords);

/* Without the blanks and line ends at its beginning. */
struct str sim_past_blanks(struct str text);

/* The next token of text at *at, and steps over it; empty at the end.  The tokens of
 * a text joined are the text. */
struct str sim_next_token(struct str text, size_t *at);
uint64_t sim_count_tokens(struct str text);
/* The longest prefix of text that has at most max_tokens tokens. */
struct str sim_cut_tokens(struct str text, uint64_t max_tokens);

#endif
