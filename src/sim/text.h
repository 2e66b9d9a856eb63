/* text.h -- what the simulated model says: the same question, the same words.
 *
 * One token is one word with the blanks before it, so that a token count can be
 * checked by counting words. */
#ifndef WEIR_SIM_TEXT_H
#define WEIR_SIM_TEXT_H

#include "core/buf.h"

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
