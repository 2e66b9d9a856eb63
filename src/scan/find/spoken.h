/* spoken.h -- which words say a digit, a number of two digits, a letter. */
#ifndef WEIR_SCAN_FIND_SPOKEN_H
#define WEIR_SCAN_FIND_SPOKEN_H

#include <stddef.h>
#include <stdint.h>

enum { SPOKEN_SLOTS = 1024 };

/* By the upper half of a folded word's hash; open addressing; hash 0: empty. */
struct spoken_index {
    uint32_t hash[SPOKEN_SLOTS];
    uint8_t what[SPOKEN_SLOTS];
};

struct word_table;
void spoken_index_init(struct spoken_index *x, struct word_table *t);

#endif
