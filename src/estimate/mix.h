/* mix.h -- which block type each tensor of a "Q4_K_M" file gets.
 *
 * The rules are those of llama.cpp's quantiser (src/llama-quant.cpp of 2026-10, MIT; the
 * block sizes are ggml's): by what a tensor does, by its layer, and by the length of its
 * rows, because K and IQ blocks hold 256 weights. */
#ifndef WEIR_ESTIMATE_MIX_H
#define WEIR_ESTIMATE_MIX_H

#include "estimate/quant.h"

/* What a matrix is for. */
enum role {
    ROLE_EMBED,
    ROLE_OUTPUT, /* and an embedding that is the output too */
    ROLE_Q,
    ROLE_K,
    ROLE_V,
    ROLE_QKV, /* one matrix of the three */
    ROLE_ATTN_OUT,
    ROLE_GATE, /* and "up" */
    ROLE_DOWN,
    ROLE_EXPERT, /* gate and up of routed experts */
    ROLE_EXPERT_DOWN,
    ROLE_OTHER,
    ROLE_PLAIN /* never quantised: routers, convolutions, norms; 32 bits */
};

struct mix_place {
    enum role role;
    uint64_t i, n; /* the i-th layer of n */
    uint64_t row;  /* weights in a row */
};

/* Bits of a weight there, x 16, so that all are integers (Q6_K is 6.5625 bits). */
uint64_t mix_bits16(const struct model *m, enum quant q, const struct mix_place *at);

#endif
