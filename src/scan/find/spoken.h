/* spoken.h -- which words say a digit, a number of two digits, a letter. */
#ifndef WEIR_SCAN_FIND_SPOKEN_H
#define WEIR_SCAN_FIND_SPOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPOKEN_SLOTS = 1024 };

/* By the upper half of a folded word's hash; open addressing; hash 0: empty. */
struct spoken_index {
    uint32_t hash[SPOKEN_SLOTS];
    uint8_t what[SPOKEN_SLOTS];
};

struct word_table;
struct window;
struct token;
void spoken_index_init(struct spoken_index *x, struct word_table *t);
/* "capital", "lowercase"; "four", "double". */
bool begins_dictation(const struct window *w, const struct token *t);
bool says_number(const struct window *w, const struct token *t);
/* A password that is dictated from token i on, which begins_dictation(). */
void take_dictated(struct window *w, size_t i);

#endif
