/* models.h -- the shape of open-weight models: what size and speed follow from.
 *
 * Numbers are those of the published configuration.  0 means the source does not say;
 * a model with params == 0 has a known layout only and no size can be computed. */
#ifndef WEIR_FACTS_MODELS_H
#define WEIR_FACTS_MODELS_H

#include "core/err.h"
#include "core/str.h"
#include "facts/names.h"

enum { MODEL_FILES = 16 };
#define MODEL_UNRELEASED INT64_MIN /* the day is not known */

/* The size of a file that somebody published. */
struct model_file {
    struct str quant; /* "Q4_K_M", "UD-Q4_K_XL", "MLX-4bit" */
    uint64_t bytes;   /* of the language model, without a vision part */
};

/* What stands in a layer besides plain attention; 0 where it does not. */
struct model_mixer {
    uint64_t linear_layers; /* gated delta-net: linear attention with a state */
    uint64_t linear_key_heads, linear_value_heads, linear_dim, linear_conv;
    uint64_t mamba_layers; /* state-space layers (Mamba 2) */
    uint64_t ssm_heads, ssm_dim, ssm_state, ssm_groups, ssm_conv;
    uint64_t conv_layers, conv_kernel;        /* short convolutions */
    uint64_t expert_blocks, mlp_blocks;       /* that are layers of their own */
    uint64_t query_rank, nope_dim, value_dim; /* of latent attention */
    uint64_t global_dim, global_kv_heads;     /* of layers without a window, if other */
    bool shares_global_kv;                    /* their values are their keys */
    uint64_t per_layer_dim;                   /* of embeddings for each layer */
};

struct model {
    struct str id;
    uint64_t params, params_active; /* of the language model */
    uint64_t layers, hidden, heads, kv_heads, head_dim, ffn, vocab;
    uint64_t context;               /* tokens the model was made for */
    uint64_t window, window_layers; /* sliding-window attention, if any */
    uint64_t full_layers; /* that attend to the whole context; 0: all, or not said */
    uint64_t experts, experts_per_token, expert_ffn, shared_experts, shared_ffn;
    uint64_t dense_layers; /* first ones without experts */
    uint64_t
        kv_bytes_per_token;   /* keys and values in 16 bits, all layers that keep them */
    uint64_t window_kv_bytes; /* of it in layers with a window, when these differ */
    uint64_t state_bytes;     /* recurrent state of a sequence, whatever its length */
    uint64_t latent_rank, rope_dim; /* multi-head latent attention */
    uint64_t shared_kv_layers;      /* that use the keys and values of another one */
    uint64_t vision_params;         /* of a vision tower, besides params */
    uint64_t mtp_params;            /* of layers that predict further tokens, besides */
    uint64_t embedding_params;      /* per-layer embeddings, of params: need no speed */
    uint64_t table_params;          /* of a look-up table that may stay in main memory */
    bool tied_embeddings;           /* the output matrix is the embedding */
    bool is_latent_kv;              /* multi-head latent attention: sizes differ */
    bool is_hybrid;    /* most layers keep a state instead of keys and values */
    bool is_embedding; /* makes vectors, not text */
    struct model_mixer mixer;
    struct str native_quant; /* the format it was published in: "MXFP4", "FP8"; or "" */
    struct model_file files[MODEL_FILES];
    size_t nfiles;
    int64_t released_days; /* since 1970, or MODEL_UNRELEASED */
    struct str made_for;   /* "code", or "": anything */
    struct str ollama_tag; /* "qwen3.6:27b"; "": none is known */
    struct str licence, notes;
    struct str source;
    int64_t source_days;
};

struct models; /* opaque: models.c; immutable after loading */

int models_load(struct str json, struct models **ret, struct err *err) NODISCARD;
void models_free(struct models *m);

size_t models_count(const struct models *m);
const struct model *models_at(const struct models *m, size_t i);
int64_t models_built_days(const struct models *m);

/* What a name means: "Qwen/Qwen3-8B", its URL, "qwen3:8b-q4_K_M", "Llama 3.1 8B". */
struct model_answer {
    enum name_verdict verdict;
    const struct model *choices[NAME_ROWS]; /* one when found; several in a question */
    size_t n;
    char quant[NAME_FORMAT]; /* as the name says it, "q4_k_m"; "": it does not.  A tag
                                of Ollama whose file has a mix of its own: that */
};
void models_ask(const struct models *m, struct str name, struct model_answer *ret);

/* The same for a command line: one model, or -1 and a fault that asks which one is
 * meant, or says that none is known. */
int models_choose(const struct models *m, struct str name, struct model_answer *ret,
                  struct err *err) NODISCARD;

/* By a name that means one row, or NULL. */
const struct model *models_find(const struct models *m, struct str name);

/* The model that a sentence names, by its longest name; of several the smallest, so that
 * a claim is given the benefit of the doubt.  NULL: none. */
const struct model *models_in_sentence(const struct models *m, struct str sentence);

/* The model whose name begins at `at`, where a word must begin; of several the one that
 * reads least for a token.  The end of the name there, or 0. */
size_t models_named_at(const struct models *m, struct str sentence, size_t at,
                       const struct model **ret);

/* "Llama 8B": of the models that are called so in part the one that reads least for a
 * token, with its size within 10 % of the label; NULL when there is none. */
const struct model *models_of_family(const struct models *m, struct str name,
                                     double params_billion, double active_billion);

/* "14B" -> the smallest dense model sold under that label (within 10 % of it), so that a
 * claim is given the benefit of the doubt; without a label the smallest within 10 %.
 * NULL when there is none. */
const struct model *models_find_class(const struct models *m, double params_billion);

/* "30B-A3B" -> of the mixtures of experts within 10 % of the one and 25 % of the other
 * the one that reads least; NULL: none. */
const struct model *models_find_experts(const struct models *m, double params_billion,
                                        double active_billion);

#endif
