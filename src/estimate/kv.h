/* kv.h -- bytes of keys and values: how many llama.cpp reserves, how many a token reads.
 *
 * A layer that attends to everything holds one cell for each token of the context.  A
 * layer with a sliding window of n_swa tokens holds
 *     PAD(min(cells, n_swa x (unified ? sequences : 1) + batch), 256)
 * cells (llama.cpp src/llama-kv-cache-iswa.cpp, 2026-10).  A recurrent layer holds a
 * state of fixed size for each sequence.  Embedding models hold nothing. */
#ifndef WEIR_ESTIMATE_KV_H
#define WEIR_ESTIMATE_KV_H

#include "facts/models.h"

/* Bits of one key or value, times two, so that q8_0's 8.5 bits are exact. */
enum { KV_F16_X2 = 32, KV_Q8_0_X2 = 17, KV_Q5_1_X2 = 12, KV_Q4_0_X2 = 9 };

struct kv_ask {
    uint64_t context;    /* tokens, of all slots together */
    unsigned slots;      /* sequences at a time; 0 is 1 */
    bool is_partitioned; /* each slot has its own context / slots (llama-server -np N);
                            false: they share one cache, which is the server's default */
    unsigned bits_x2;    /* KV_F16_X2 and its kin */
};

/* Bytes that are reserved at the start, states of recurrent layers included. */
uint64_t kv_reserved(const struct model *m, const struct kv_ask *ask);

/* Bytes that are read to make the next token after `tokens` others, in 16 bits. */
uint64_t kv_read(const struct model *m, uint64_t tokens);

#endif
