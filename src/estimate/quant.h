/* quant.h -- how many bytes a model weighs in a quantisation, without the file.
 *
 * Where the size of a published file of the model is known (data/models.json), it is
 * that. Else the quantiser's choice of block types is replayed on the model's shape
 * (mix.h, replay.h): plain, latent and linear attention, state-space layers, experts.
 * What cannot be replayed (UD types, formats of other engines, shapes that are not
 * understood) is parameters x the bits a weight has in the format, marked approximate.
 *
 * How far the replay is off, published sizes put aside: tests/unit/test_sizes.c.  Makers
 * who keep some matrices in more bits than the rule (Unsloth, some of bartowski's) are up
 * to 7 % above it. */
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
    QUANT_OLLAMA, /* Q4_K_M as Ollama's own quantiser made it: values in 16 bits */
    QUANT_IQ1_S,
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
    QUANT_MXFP4,    /* routed experts in 4.25 bits, the rest in 8.5 (Q8_0) */
    QUANT_REPLAYED, /* those above are replayed tensor by tensor */
    QUANT_UD_Q2_K_XL = QUANT_REPLAYED, /* Unsloth's mixes: bits of a weight in the files
                                          they publish */
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

/* A format that MLX reads, and llama.cpp does not. */
bool quant_is_mlx(enum quant q);

/* What people download of a model when they do not choose: the published MXFP4 of a
 * model that was made in it, else Q4_K_M. */
enum quant quant_default(const struct model *m);

struct model_size {
    uint64_t file_bytes; /* on disk: all weights, and the tokeniser before them */
    uint64_t head_bytes; /* of it the tokeniser: 0.1 % of most files, 1 % of small ones */
    uint64_t table_bytes; /* of it the embedding table, when another matrix makes the
                             output: llama.cpp keeps it in main memory */
    uint64_t read_bytes;  /* weights read for one token: without the embedding table, and
                             with only the routed experts that answer */
    uint64_t expert_bytes, expert_read_bytes; /* routed experts: of the file, of read */
    bool is_approximate;
    bool is_published; /* that of a file that somebody has published */
};

/* Fails when the model's parameters are unknown.  A model whose experts were published
 * in MXFP4 (gpt-oss) keeps them so in every quantisation: 4.25 bits a weight. */
int model_size(const struct model *m, enum quant q, struct model_size *ret,
               struct err *err);

#endif
