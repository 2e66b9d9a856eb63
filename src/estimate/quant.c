/* quant.c -- names of quantisations, and sizes where the mix cannot be replayed. */
#include "estimate/quant.h"

#include "estimate/replay.h"

/* What a format leaves in more bits than it says. */
enum kept {
    KEPT_NOTHING, /* or it is counted in file_bits */
    KEPT_ENDS,    /* embeddings and output in 16 bits */
    KEPT_REST     /* all but routed experts in 8.5 bits */
};

/* Bits of a weight: of the replayed kinds on an 8B model, for shapes that cannot be
 * replayed; of UD medians of published files, data/models.json of 2026-11-28; MLX: half a
 * bit for scale and bias of 64 weights (mlx-lm 0.32.2); payload and scales of the others,
 * groups of 128 (AWQ, GPTQ) and of 16 (NVFP4). */
static const struct {
    const char *name;
    double bits;
    enum kept kept;
} quants[QUANTS] = {
    [QUANT_Q2_K] = {"Q2_K", 3.1593, KEPT_NOTHING},
    [QUANT_Q3_K_S] = {"Q3_K_S", 3.6429, KEPT_NOTHING},
    [QUANT_Q3_K_M] = {"Q3_K_M", 3.9960, KEPT_NOTHING},
    [QUANT_Q3_K_L] = {"Q3_K_L", 4.2979, KEPT_NOTHING},
    [QUANT_Q4_0] = {"Q4_0", 4.6400, KEPT_NOTHING},
    [QUANT_Q4_K_S] = {"Q4_K_S", 4.6672, KEPT_NOTHING},
    [QUANT_Q4_K_M] = {"Q4_K_M", 4.8944, KEPT_NOTHING},
    [QUANT_Q5_K_S] = {"Q5_K_S", 5.5704, KEPT_NOTHING},
    [QUANT_Q5_K_M] = {"Q5_K_M", 5.7036, KEPT_NOTHING},
    [QUANT_Q6_K] = {"Q6_K", 6.5633, KEPT_NOTHING},
    [QUANT_Q8_0] = {"Q8_0", 8.5008, KEPT_NOTHING},
    [QUANT_Q4_1] = {"Q4_1", 5.03, KEPT_NOTHING},
    [QUANT_Q5_0] = {"Q5_0", 5.54, KEPT_NOTHING},
    [QUANT_Q5_1] = {"Q5_1", 6.0, KEPT_NOTHING},
    [QUANT_F16] = {"F16", 16.0005, KEPT_NOTHING},
    [QUANT_OLLAMA] = {"Ollama-Q4_K_M", 5.2, KEPT_NOTHING},
    [QUANT_IQ1_S] = {"IQ1_S", 2.0042, KEPT_NOTHING},
    [QUANT_IQ1_M] = {"IQ1_M", 2.146, KEPT_NOTHING},
    [QUANT_IQ2_XXS] = {"IQ2_XXS", 2.3824, KEPT_NOTHING},
    [QUANT_IQ2_XS] = {"IQ2_XS", 2.5882, KEPT_NOTHING},
    [QUANT_IQ2_S] = {"IQ2_S", 2.7403, KEPT_NOTHING},
    [QUANT_IQ2_M] = {"IQ2_M", 2.9294, KEPT_NOTHING},
    [QUANT_IQ3_XXS] = {"IQ3_XXS", 3.2548, KEPT_NOTHING},
    [QUANT_IQ3_XS] = {"IQ3_XS", 3.4977, KEPT_NOTHING},
    [QUANT_IQ3_S] = {"IQ3_S", 3.6606, KEPT_NOTHING},
    [QUANT_IQ3_M] = {"IQ3_M", 3.7628, KEPT_NOTHING},
    [QUANT_IQ4_XS] = {"IQ4_XS", 4.4597, KEPT_NOTHING},
    [QUANT_IQ4_NL] = {"IQ4_NL", 4.6818, KEPT_NOTHING},
    [QUANT_MXFP4] = {"MXFP4", 4.25, KEPT_REST},
    [QUANT_UD_Q2_K_XL] = {"UD-Q2_K_XL", 3.173, KEPT_NOTHING},
    [QUANT_UD_Q3_K_XL] = {"UD-Q3_K_XL", 3.9, KEPT_NOTHING},
    [QUANT_UD_Q4_K_XL] = {"UD-Q4_K_XL", 5.07, KEPT_NOTHING},
    [QUANT_UD_Q5_K_XL] = {"UD-Q5_K_XL", 6.079, KEPT_NOTHING},
    [QUANT_UD_Q6_K_XL] = {"UD-Q6_K_XL", 6.796, KEPT_NOTHING},
    [QUANT_UD_Q8_K_XL] = {"UD-Q8_K_XL", 9.3, KEPT_NOTHING},
    [QUANT_MLX_3] = {"MLX-3bit", 3.5, KEPT_NOTHING},
    [QUANT_MLX_4] = {"MLX-4bit", 4.5, KEPT_NOTHING},
    [QUANT_MLX_5] = {"MLX-5bit", 5.5, KEPT_NOTHING},
    [QUANT_MLX_6] = {"MLX-6bit", 6.5, KEPT_NOTHING},
    [QUANT_MLX_8] = {"MLX-8bit", 8.5, KEPT_NOTHING},
    [QUANT_FP8] = {"FP8", 8.002, KEPT_ENDS},
    [QUANT_INT8] = {"INT8", 8.0, KEPT_ENDS},
    [QUANT_NVFP4] = {"NVFP4", 4.5, KEPT_ENDS},
    [QUANT_AWQ] = {"AWQ", 4.15625, KEPT_ENDS},
    [QUANT_GPTQ] = {"GPTQ", 4.15625, KEPT_ENDS},
};

const char *quant_name(enum quant q)
{
    return quants[q].name;
}

/* Case does not matter, and '-' is '_'. */
static bool same_name(struct str a, const char *b)
{
    if (a.n != strlen(b))
        return false;
    for (size_t i = 0; i < a.n; i++) {
        char x = a.p[i] == '-' ? '_' : a.p[i];
        char y = b[i] == '-' ? '_' : b[i];
        if (!str_same_nocase(&x, &y, 1))
            return false;
    }
    return true;
}

bool quant_parse(struct str text, enum quant *ret)
{
    static const struct {
        const char *name;
        enum quant q;
    } shorts[] = {
        {"Q2", QUANT_Q2_K},          {"Q3", QUANT_Q3_K_M},    {"Q4", QUANT_Q4_K_M},
        {"Q5", QUANT_Q5_K_M},        {"Q6", QUANT_Q6_K},      {"Q8", QUANT_Q8_0},
        {"FP16", QUANT_F16},         {"BF16", QUANT_F16},     {"Q4_K", QUANT_Q4_K_M},
        {"Q5_K", QUANT_Q5_K_M},      {"Q3_K", QUANT_Q3_K_M},  {"MXFP4_MOE", QUANT_MXFP4},
        {"i1-Q4_K_M", QUANT_Q4_K_M}, {"3bit", QUANT_MLX_3},   {"4bit", QUANT_MLX_4},
        {"5bit", QUANT_MLX_5},       {"6bit", QUANT_MLX_6},   {"8bit", QUANT_MLX_8},
        {"MLX-Q4", QUANT_MLX_4},     {"MLX-Q8", QUANT_MLX_8}, {"FP4", QUANT_NVFP4},
        {"GPTQ-Int4", QUANT_GPTQ},   {"AWQ-4bit", QUANT_AWQ}, {"GPTQ-4bit", QUANT_GPTQ},
        {"AWQ-Int4", QUANT_AWQ},     {"W8A8", QUANT_INT8},    {"FP8-dynamic", QUANT_FP8}};
    for (int q = 0; q < QUANTS; q++) {
        if (same_name(text, quants[q].name)) {
            *ret = (enum quant)q;
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(shorts); i++) {
        if (same_name(text, shorts[i].name)) {
            *ret = shorts[i].q;
            return true;
        }
    }
    return false;
}

bool quant_is_mlx(enum quant q)
{
    return q >= QUANT_MLX_3 && q <= QUANT_MLX_8;
}

static bool is_native_mxfp4(const struct model *m)
{
    return str_eqz(m->native_quant, "MXFP4");
}

enum quant quant_default(const struct model *m)
{
    return is_native_mxfp4(m) ? QUANT_MXFP4 : QUANT_Q4_K_M;
}

/* The weights of a model by what formats do with them. */
struct parts {
    double experts, ends, rest; /* parameters; ends: embeddings and output */
    double used;                /* share of the experts read for a token */
    double unread; /* of ends: the embedding table, unless it is the output */
};

static struct parts parts_of(const struct model *m)
{
    double table = (double)m->vocab * (double)m->hidden;
    struct parts p = {.ends = m->tied_embeddings ? table : 2 * table,
                      .unread = m->tied_embeddings ? 0 : table,
                      .used = 1.0};
    uint64_t layers = m->layers > m->dense_layers ? m->layers - m->dense_layers : 0;
    if (m->experts && m->experts_per_token)
        p.used = (double)m->experts_per_token / (double)m->experts;
    p.experts =
        3.0 * (double)(layers * m->experts) * (double)m->expert_ffn * (double)m->hidden;
    double params = (double)m->params;
    if (p.experts + p.ends > params) /* the shape says less than it seems */
        p = (struct parts){.used = 1.0};
    p.rest = params - p.experts - p.ends;
    return p;
}

/* Bits of each part; the embedding table is never read as a whole. */
static void weigh(const struct model *m, double experts, double ends, double rest,
                  struct model_size *ret)
{
    struct parts p = parts_of(m);
    double kept = p.ends * ends + p.rest * rest;
    ret->file_bytes = (uint64_t)((p.experts * experts + kept) / 8.0);
    ret->read_bytes =
        (uint64_t)((p.experts * p.used * experts + kept - p.unread * ends) / 8.0);
    ret->table_bytes = (uint64_t)(p.unread * ends / 8.0);
    ret->expert_bytes = (uint64_t)(p.experts * experts / 8.0);
    ret->expert_read_bytes = (uint64_t)(p.experts * p.used * experts / 8.0);
}

/* The same bits for all; what is read follows from the active parameters, which the maker
 * says. */
static void weigh_alike(const struct model *m, double bits, struct model_size *ret)
{
    struct parts p = parts_of(m);
    double active = (double)(m->params_active ? m->params_active : m->params);
    double unread = p.unread + (double)(m->embedding_params + m->table_params);
    ret->file_bytes = (uint64_t)((double)m->params * bits / 8.0);
    ret->table_bytes = (uint64_t)(p.unread * bits / 8.0);
    ret->read_bytes =
        (uint64_t)((active > unread ? active - unread : active) * bits / 8.0);
    ret->expert_bytes = (uint64_t)(p.experts * bits / 8.0);
    ret->expert_read_bytes = (uint64_t)(p.experts * p.used * bits / 8.0);
    if (ret->expert_read_bytes > ret->read_bytes)
        ret->expert_read_bytes = ret->read_bytes;
}

static void approximate(const struct model *m, enum quant q, struct model_size *ret)
{
    double bits = quants[q].bits;
    *ret = (struct model_size){.is_approximate = true};
    if (is_native_mxfp4(m) && q <= QUANT_MXFP4) {
        double rest = q == QUANT_MXFP4 ? 8.5 : bits;
        weigh(m, quants[QUANT_MXFP4].bits, rest, rest, ret);
    } else if (quants[q].kept == KEPT_ENDS) {
        weigh(m, bits, 16.0, bits, ret);
    } else if (quants[q].kept == KEPT_REST && m->experts) {
        weigh(m, bits, 8.5, 8.5, ret);
    } else {
        weigh_alike(m, bits, ret);
    }
}

static void scale(uint64_t *bytes, double ratio)
{
    *bytes = (uint64_t)((double)*bytes * ratio);
}

/* The published file of this quantisation is what people get: what is read moves with its
 * size. */
static void take_published(const struct model *m, enum quant q, struct model_size *ret)
{
    for (size_t i = 0; i < m->nfiles; i++) {
        if (!same_name(m->files[i].quant, quants[q].name) || ret->file_bytes == 0)
            continue;
        double ratio = (double)m->files[i].bytes / (double)ret->file_bytes;
        scale(&ret->read_bytes, ratio);
        scale(&ret->table_bytes, ratio);
        scale(&ret->expert_bytes, ratio);
        scale(&ret->expert_read_bytes, ratio);
        ret->file_bytes = m->files[i].bytes;
        ret->is_approximate = false;
        ret->is_published = true;
        return;
    }
}

int model_size(const struct model *m, enum quant q, struct model_size *ret,
               struct err *err)
{
    if (m->params == 0)
        return err_set(err, ERR_CONFIG, "unknown_size",
                       "the parameter count of %.*s is unknown; give a GGUF file instead",
                       STR_ARG(m->id));
    bool replays = q < QUANT_REPLAYED && (q != QUANT_MXFP4 || m->experts);
    if (!replays || !replay_size(m, q, ret))
        approximate(m, q, ret);
    take_published(m, q, ret);
    return 0;
}
