/* quant.h -- how many bytes a model weighs in a GGUF quantisation, without the file.
 *
 * A "Q4_K_M" file is a mix: each tensor gets a block type from its role and layer.
 * The rules are those of llama.cpp's quantiser (src/llama-quant.cpp, MIT; the block
 * sizes are ggml's), replayed here on the model's shape.  On 19 published files the
 * replay is within 0.2 %; tests/unit/test_fit.c holds it to that.
 *
 * A model published in MXFP4 keeps its experts in it whatever the file is called.  Where
 * the mix cannot be replayed (IQ and UD types, hybrid and latent attention, formats of
 * other engines) the size is that of a published file of the model where one is known,
 * else parameters x the bits a weight has in the format, marked approximate. */
#ifndef WEIR_ESTIMATE_QUANT_H
#define WEIR_ESTIMATE_QUANT_H

#include "core/err.h"
#include "facts/models.h"

enum quant {
    QUANT_Q2_K,
    QUANT_Q3_K_S,
    QUANT_Q3_K_M,
    QUANT_Q3_K_L,
    QUANT_Q4_0,
    QUANT_Q4_K_S,
    QUANT_Q4_K_M,
    QUANT_Q5_K_S,
    QUANT_Q5_K_M,
    QUANT_Q6_K,
    QUANT_Q8_0,
    QUANT_Q4_1,
    QUANT_Q5_0,
    QUANT_Q5_1,
    QUANT_F16,
    QUANT_REPLAYED, /* those above are replayed tensor by tensor */
    QUANT_IQ1_S = QUANT_REPLAYED,
    QUANT_IQ1_M,
    QUANT_IQ2_XXS,
    QUANT_IQ2_XS,
    QUANT_IQ2_S,
    QUANT_IQ2_M,
    QUANT_IQ3_XXS,
    QUANT_IQ3_XS,
    QUANT_IQ3_S,
    QUANT_IQ3_M,
    QUANT_IQ4_XS,
    QUANT_IQ4_NL,
    QUANT_MXFP4,      /* routed experts in 4.25 bits, the rest in 8.5 (Q8_0) */
    QUANT_UD_Q2_K_XL, /* Unsloth's mixes: bits of a weight in the files they publish */
    QUANT_UD_Q3_K_XL,
    QUANT_UD_Q4_K_XL,
    QUANT_UD_Q5_K_XL,
    QUANT_UD_Q6_K_XL,
    QUANT_UD_Q8_K_XL,
    QUANT_MLX_3, /* groups of 64 weights with a scale and a bias, embeddings too */
    QUANT_MLX_4,
    QUANT_MLX_5,
    QUANT_MLX_6,
    QUANT_MLX_8,
    QUANT_FP8, /* those of vLLM and its like: embeddings and output stay in 16 bits */
    QUANT_INT8,
    QUANT_NVFP4,
    QUANT_AWQ,
    QUANT_GPTQ,
    QUANTS /* sentinel */
};

const char *quant_name(enum quant q);

/* "Q4_K_M", "q4_k_m", and the short forms people write: "Q4" is Q4_K_M, "Q5" Q5_K_M,
 * "Q3" Q3_K_M, "Q2" Q2_K, "Q6" Q6_K, "Q8" Q8_0, "FP16" and "BF16" F16, "4bit" MLX-4bit.
 * '-' and '_' are the same. */
bool quant_parse(struct str text, enum quant *ret);

/* What people download of a model when they do not choose: the published MXFP4 of a
 * model that was made in it, else Q4_K_M. */
enum quant quant_default(const struct model *m);

struct model_size {
    uint64_t file_bytes;  /* all weights */
    uint64_t table_bytes; /* of it the embedding table, when another matrix makes the
                             output: llama.cpp keeps it in main memory */
    uint64_t read_bytes;  /* weights read for one token: without the embedding table, and
                             with only the routed experts that answer */
    uint64_t expert_bytes, expert_read_bytes; /* routed experts: of the file, of read */
    bool is_approximate;
};

/* Fails when the model's parameters are unknown.  A model whose experts were published
 * in MXFP4 (gpt-oss) keeps them so in every quantisation: 4.25 bits a weight. */
int model_size(const struct model *m, enum quant q, struct model_size *ret,
               struct err *err);

#endif
