/* kept.h -- the rows of a ledger as far as whatif_replay() looks at them, in memory.
 *
 * Speeds are those of all rows, so nothing can be played before the last one was read.
 * Reading a store takes far longer than playing it: rows are read once and kept, some 45
 * bytes each, and played from here.  Where they do not fit, the store is read again. */
#ifndef WEIR_WHATIF_KEPT_H
#define WEIR_WHATIF_KEPT_H

#include "core/arena.h"
#include "ledger/ledger.h"

enum { WHATIF_KEPT_BYTES = 192 << 20 };

struct kept_block;
struct kept_word;
struct whatif_kept {
    bool has_legs; /* legs are kept too: who prices rows anew asks for them */
    bool is_full;  /* some row was not kept */
    size_t most_bytes, bytes;
    struct kept_block *first, *last;
    struct arena texts;
    struct kept_word *words; /* in the order of their coming: a number is a place */
    size_t nwords, words_cap;
    uint32_t *slots; /* places + 1, by hash */
    size_t nslots;
    uint64_t last_ts_ms;
};

/* Holds up to most_bytes. */
void whatif_kept_init(struct whatif_kept *k, size_t most_bytes, bool has_legs);
void whatif_kept_release(struct whatif_kept *k);
/* Once it does not take one, it takes none any more: is_full. */
void whatif_keep(struct whatif_kept *k, const struct ledger_row *row);
/* Each of them, in the order of their coming, until fn returns other than 0; returns
 * that.  What whatif_replay() does not look at is zero. */
int whatif_kept_each(const struct whatif_kept *k, ledger_row_fn *fn, void *ctx);

#endif
