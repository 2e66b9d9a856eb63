/* models.h -- the shape of open-weight models: what size and speed follow from.
 *
 * Numbers are those of the published configuration.  0 means the source does not say;
 * a model with params == 0 has a known layout only and no size can be computed. */
#ifndef WEIR_FACTS_MODELS_H
#define WEIR_FACTS_MODELS_H

#include "core/err.h"
#include "core/str.h"

struct model {
    struct str id;
    uint64_t params, params_active;
    uint64_t layers, hidden, heads, kv_heads, head_dim, ffn, vocab;
    uint64_t context;               /* tokens the model was made for */
    uint64_t window, window_layers; /* sliding-window attention, if any */
    uint64_t experts, experts_per_token, expert_ffn, shared_experts;
    uint64_t kv_bytes_per_token; /* keys and values in 16 bits, all layers */
    bool tied_embeddings;        /* the output matrix is the embedding */
    bool is_latent_kv;           /* multi-head latent attention: sizes differ */
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

/* By name: case and separators do not matter, and the usual endings ("-it", "-hf",
 * "-Instruct", "-Base") may be left out or added.  NULL when unknown. */
const struct model *models_find(const struct models *m, struct str name);

/* "14B" -> the smallest dense model sold under that label (within 10 % of it), so that a
 * claim is given the benefit of the doubt; without a label the smallest within 10 %.
 * NULL when there is none. */
const struct model *models_find_class(const struct models *m, double params_billion);

/* Sets err naming the nearest known models; returns -1. */
int models_explain_unknown(const struct models *m, struct str name, struct err *err);

#endif
