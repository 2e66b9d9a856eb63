/* quant.c -- the quantiser's choice of block type, replayed on a shape.
 *
 * Block types have sizes in bits a weight, kept times 16 so that all are integers
 * (Q6_K is 6.5625 bits = 105/16).  K-quants need rows of a multiple of 256 weights;
 * other rows fall back as the quantiser's do. */
#include "estimate/quant.h"

enum { SIXTEENTHS = 16, K_BLOCK = 256 };

enum block {
    B_Q2_K,
    B_Q3_K,
    B_IQ4_NL,
    B_Q4_0,
    B_Q4_1,
    B_Q4_K,
    B_Q5_0,
    B_Q5_K,
    B_Q5_1,
    B_Q6_K,
    B_Q8_0,
    B_MXFP4,
    B_F16,
    B_F32,
};

static const uint64_t bits16[] = {
    [B_Q2_K] = 42,  [B_Q3_K] = 55,  [B_IQ4_NL] = 72, [B_Q4_0] = 72, [B_Q4_1] = 80,
    [B_Q4_K] = 72,  [B_Q5_0] = 88,  [B_Q5_K] = 88,   [B_Q5_1] = 96, [B_Q6_K] = 105,
    [B_Q8_0] = 136, [B_MXFP4] = 68, [B_F16] = 256,   [B_F32] = 512,
};

/* What a format leaves in more bits than it says. */
enum kept {
    KEPT_NOTHING, /* or it is counted in file_bits */
    KEPT_ENDS,    /* embeddings and output in 16 bits */
    KEPT_REST     /* all but routed experts in 8.5 bits */
};

static const struct {
    const char *name;
    enum block base;
    double file_bits; /* for the kinds that are not replayed */
    enum kept kept;
} quants[QUANTS] = {
    [QUANT_Q2_K] = {"Q2_K", B_Q2_K, 0},
    [QUANT_Q3_K_S] = {"Q3_K_S", B_Q3_K, 0},
    [QUANT_Q3_K_M] = {"Q3_K_M", B_Q3_K, 0},
    [QUANT_Q3_K_L] = {"Q3_K_L", B_Q3_K, 0},
    [QUANT_Q4_0] = {"Q4_0", B_Q4_0, 0},
    [QUANT_Q4_K_S] = {"Q4_K_S", B_Q4_K, 0},
    [QUANT_Q4_K_M] = {"Q4_K_M", B_Q4_K, 0},
    [QUANT_Q5_K_S] = {"Q5_K_S", B_Q5_K, 0},
    [QUANT_Q5_K_M] = {"Q5_K_M", B_Q5_K, 0},
    [QUANT_Q6_K] = {"Q6_K", B_Q6_K, 0},
    [QUANT_Q8_0] = {"Q8_0", B_Q8_0, 0},
    [QUANT_Q4_1] = {"Q4_1", B_Q4_1, 0},
    [QUANT_Q5_0] = {"Q5_0", B_Q5_0, 0},
    [QUANT_Q5_1] = {"Q5_1", B_Q5_1, 0},
    [QUANT_F16] = {"F16", B_F16, 0},
    [QUANT_IQ1_S] = {"IQ1_S", B_F16, 2.0042},
    [QUANT_IQ1_M] = {"IQ1_M", B_F16, 2.146},
    [QUANT_IQ2_XXS] = {"IQ2_XXS", B_F16, 2.3824},
    [QUANT_IQ2_XS] = {"IQ2_XS", B_F16, 2.5882},
    [QUANT_IQ2_S] = {"IQ2_S", B_F16, 2.7403},
    [QUANT_IQ2_M] = {"IQ2_M", B_F16, 2.9294},
    [QUANT_IQ3_XXS] = {"IQ3_XXS", B_F16, 3.2548},
    [QUANT_IQ3_XS] = {"IQ3_XS", B_F16, 3.4977},
    [QUANT_IQ3_S] = {"IQ3_S", B_F16, 3.6606},
    [QUANT_IQ3_M] = {"IQ3_M", B_F16, 3.7628},
    [QUANT_IQ4_XS] = {"IQ4_XS", B_F16, 4.4597},
    [QUANT_IQ4_NL] = {"IQ4_NL", B_F16, 4.6818},
    [QUANT_MXFP4] = {"MXFP4", B_Q8_0, 4.25, KEPT_REST},
    /* Medians of published files, data/models.json of 2026-11-28. */
    [QUANT_UD_Q2_K_XL] = {"UD-Q2_K_XL", B_F16, 3.173},
    [QUANT_UD_Q3_K_XL] = {"UD-Q3_K_XL", B_F16, 3.9},
    [QUANT_UD_Q4_K_XL] = {"UD-Q4_K_XL", B_F16, 5.07},
    [QUANT_UD_Q5_K_XL] = {"UD-Q5_K_XL", B_F16, 6.079},
    [QUANT_UD_Q6_K_XL] = {"UD-Q6_K_XL", B_F16, 6.796},
    [QUANT_UD_Q8_K_XL] = {"UD-Q8_K_XL", B_F16, 9.3},
    /* Bits and half a bit for scale and bias of 64 weights (mlx-lm 0.32.2). */
    [QUANT_MLX_3] = {"MLX-3bit", B_F16, 3.5},
    [QUANT_MLX_4] = {"MLX-4bit", B_F16, 4.5},
    [QUANT_MLX_5] = {"MLX-5bit", B_F16, 5.5},
    [QUANT_MLX_6] = {"MLX-6bit", B_F16, 6.5},
    [QUANT_MLX_8] = {"MLX-8bit", B_F16, 8.5},
    /* Payload and scales; groups of 128 (AWQ, GPTQ) and of 16 (NVFP4). */
    [QUANT_FP8] = {"FP8", B_F16, 8.002, KEPT_ENDS},
    [QUANT_INT8] = {"INT8", B_F16, 8.0, KEPT_ENDS},
    [QUANT_NVFP4] = {"NVFP4", B_F16, 4.5, KEPT_ENDS},
    [QUANT_AWQ] = {"AWQ", B_F16, 4.15625, KEPT_ENDS},
    [QUANT_GPTQ] = {"GPTQ", B_F16, 4.15625, KEPT_ENDS},
};

/* File bits of the replayed kinds on an 8B model, for shapes that cannot be replayed. */
static const double replayed_bits[QUANT_REPLAYED] = {
    [QUANT_Q2_K] = 3.1593,   [QUANT_Q3_K_S] = 3.6429, [QUANT_Q3_K_M] = 3.9960,
    [QUANT_Q3_K_L] = 4.2979, [QUANT_Q4_0] = 4.6400,   [QUANT_Q4_K_S] = 4.6672,
    [QUANT_Q4_K_M] = 4.8944, [QUANT_Q5_K_S] = 5.5704, [QUANT_Q5_K_M] = 5.7036,
    [QUANT_Q6_K] = 6.5633,   [QUANT_Q8_0] = 8.5008,   [QUANT_F16] = 16.0005,
    [QUANT_Q4_1] = 5.03,     [QUANT_Q5_0] = 5.54,     [QUANT_Q5_1] = 6.0,
};

enum role {
    R_EMBED,
    R_OUTPUT,
    R_Q,
    R_K,
    R_V,
    R_QKV, /* one matrix */
    R_ATTN_OUT,
    R_FFN,
    R_FFN_DOWN,
    R_EXPERT,
    R_EXPERT_DOWN
};

struct mix {
    const struct model *m;
    enum quant q;
    bool is_native;    /* experts are published in 4 bits (MXFP4) and stay so */
    uint64_t weight16; /* running sums of bits x 16 */
    uint64_t read16;
    uint64_t table16; /* the embedding table that is not read */
    uint64_t expert16, expert_read16;
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

static bool is_native_mxfp4(const struct model *m)
{
    return str_eqz(m->native_quant, "MXFP4");
}

enum quant quant_default(const struct model *m)
{
    return is_native_mxfp4(m) ? QUANT_MXFP4 : QUANT_Q4_K_M;
}

/* The first and last eighth of the layers, and every third between. */
static bool more_bits(uint64_t i, uint64_t n)
{
    return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
}

static enum block value_type(const struct mix *x, uint64_t i)
{
    uint64_t group = x->m->kv_heads ? x->m->heads / x->m->kv_heads : 1;
    enum block t = quants[x->q].base;
    if (x->q == QUANT_Q2_K)
        t = group >= 4 ? B_Q4_K : B_Q3_K;
    else if (x->q == QUANT_Q3_K_M)
        t = i < 2 ? B_Q5_K : B_Q4_K;
    else if (x->q == QUANT_Q3_K_L || (x->q == QUANT_Q4_K_S && i < 4))
        t = B_Q5_K;
    else if ((x->q == QUANT_Q4_K_M || x->q == QUANT_Q5_K_M) && more_bits(i, x->m->layers))
        t = B_Q6_K;
    /* Eight value heads shared by 64 queries: cheap, so the quantiser spends more. */
    if (x->m->layers == 80 && (t == B_Q3_K || t == B_Q4_K))
        t = B_Q5_K;
    return x->m->experts == 8 ? B_Q8_0 : t;
}

/* Of Phi 3 and 4 the file has one matrix for queries, keys and values. */
static bool is_fused(const struct model *m)
{
    return str_starts(m->id, STR("Phi-3")) || str_starts(m->id, STR("Phi-4"));
}

static enum block fused_type(const struct mix *x)
{
    if (x->q == QUANT_Q3_K_M || x->q == QUANT_Q3_K_L)
        return B_Q4_K;
    if (x->q == QUANT_Q4_K_M)
        return B_Q5_K;
    return x->q == QUANT_Q5_K_M ? B_Q6_K : quants[x->q].base;
}

static enum block down_type(const struct mix *x, uint64_t i)
{
    uint64_t n = x->m->layers;
    if (x->q == QUANT_Q2_K)
        return B_Q3_K;
    if (x->q == QUANT_Q3_K_M)
        return i < n / 16 ? B_Q5_K : B_Q4_K;
    if (x->q == QUANT_Q3_K_L)
        return B_Q5_K;
    if ((x->q == QUANT_Q4_K_M || x->q == QUANT_Q5_K_M) && more_bits(i, n))
        return B_Q6_K;
    if (x->q == QUANT_Q4_K_S && i < n / 8)
        return B_Q5_K;
    return quants[x->q].base;
}

static enum block attn_out_type(const struct mix *x)
{
    if (x->m->experts == 8) {
        if (x->q <= QUANT_Q3_K_L || x->q == QUANT_Q4_K_S || x->q == QUANT_Q4_K_M)
            return B_Q5_K;
    } else if (x->q == QUANT_Q2_K) {
        return B_Q3_K;
    } else if (x->q == QUANT_Q3_K_M) {
        return B_Q4_K;
    } else if (x->q == QUANT_Q3_K_L) {
        return B_Q5_K;
    }
    return quants[x->q].base;
}

static enum block type_for(const struct mix *x, enum role role, uint64_t layer)
{
    bool is_expert = role == R_EXPERT || role == R_EXPERT_DOWN;
    if (is_expert && (x->is_native || x->q == QUANT_MXFP4))
        return B_MXFP4;
    if (x->q == QUANT_F16)
        return B_F16;
    switch (role) {
    case R_OUTPUT:
        return quants[x->q].base == B_Q8_0 ? B_Q8_0 : B_Q6_K;
    case R_V:
        return value_type(x, layer);
    case R_QKV:
        return fused_type(x);
    case R_K:
        return x->m->experts == 8 ? B_Q8_0 : quants[x->q].base;
    case R_FFN_DOWN:
    case R_EXPERT_DOWN:
        return down_type(x, layer);
    case R_ATTN_OUT:
        return attn_out_type(x);
    case R_EMBED:
    case R_Q:
    case R_FFN:
    case R_EXPERT:
        break;
    }
    return quants[x->q].base;
}

/* Rows that are no multiple of 256 cannot hold K blocks. */
static enum block fall_back(enum block t, uint64_t row)
{
    if (row % K_BLOCK == 0)
        return t;
    switch (t) {
    case B_Q2_K:
    case B_Q3_K:
        return B_IQ4_NL;
    case B_Q4_K:
        return B_Q5_0;
    case B_Q5_K:
        return B_Q5_1;
    case B_Q6_K:
        return B_Q8_0;
    default:
        return t;
    }
}

/* Bits x 16 of `rows` rows of `row` weights. */
static uint64_t bits_of(const struct mix *x, enum role role, uint64_t layer, uint64_t row,
                        uint64_t rows)
{
    return row * rows * bits16[fall_back(type_for(x, role, layer), row)];
}

static void add(struct mix *x, enum role role, uint64_t layer, uint64_t row,
                uint64_t rows)
{
    uint64_t bits = bits_of(x, role, layer, row, rows);
    x->weight16 += bits;
    x->read16 += bits;
}

/* The experts of a layer; a token reads those that answer it. */
static void add_experts(struct mix *x, enum role role, uint64_t layer, uint64_t row,
                        uint64_t rows)
{
    const struct model *m = x->m;
    uint64_t bits = bits_of(x, role, layer, row, rows * m->experts);
    uint64_t read = bits / m->experts * m->experts_per_token;
    x->weight16 += bits;
    x->expert16 += bits;
    x->read16 += read;
    x->expert_read16 += read;
}

static void add_ffn(struct mix *x, uint64_t i)
{
    const struct model *m = x->m;
    if (m->experts == 0 || i < m->dense_layers) {
        add(x, R_FFN, i, m->hidden, 2 * m->ffn);
        add(x, R_FFN_DOWN, i, m->ffn, m->hidden);
        return;
    }
    add_experts(x, R_EXPERT, i, m->hidden, 2 * m->expert_ffn);
    add_experts(x, R_EXPERT_DOWN, i, m->expert_ffn, m->hidden);
    uint64_t router = m->hidden * m->experts * bits16[B_F32];
    x->weight16 += router;
    x->read16 += router;
    uint64_t shared = m->shared_ffn ? m->shared_ffn : m->expert_ffn * m->shared_experts;
    if (shared) {
        add(x, R_FFN, i, m->hidden, 2 * shared);
        add(x, R_FFN_DOWN, i, shared, m->hidden);
    }
}

static void replay(struct mix *x)
{
    const struct model *m = x->m;
    uint64_t attention = m->heads * m->head_dim;
    uint64_t kv = m->kv_heads * m->head_dim;
    add(x, R_OUTPUT, 0, m->hidden, m->vocab);
    if (!m->tied_embeddings) {
        x->table16 = bits_of(x, R_EMBED, 0, m->hidden, m->vocab);
        x->weight16 += x->table16;
    }
    for (uint64_t i = 0; i < m->layers; i++) {
        if (is_fused(m)) {
            add(x, R_QKV, i, m->hidden, attention + 2 * kv);
        } else {
            add(x, R_Q, i, m->hidden, attention);
            add(x, R_K, i, m->hidden, kv);
            add(x, R_V, i, m->hidden, kv);
        }
        add(x, R_ATTN_OUT, i, attention, m->hidden);
        add_ffn(x, i);
        x->weight16 += 2 * m->hidden * bits16[B_F32];
        x->read16 += 2 * m->hidden * bits16[B_F32];
    }
}

/* The replay describes the model when its own weights add up to the model's. */
static bool replay_fits(const struct model *m)
{
    if (m->is_latent_kv || m->is_hybrid || !m->heads || !m->kv_heads || !m->head_dim ||
        !m->vocab)
        return false;
    if (m->experts ? !m->expert_ffn || !m->experts_per_token : !m->ffn)
        return false;
    if (m->dense_layers && !m->ffn)
        return false;
    struct mix x = {.m = m, .q = QUANT_F16};
    replay(&x);
    double weights = (double)x.weight16 / (double)bits16[B_F16];
    double ratio = weights / (double)m->params;
    return ratio > 0.985 && ratio < 1.015;
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
    double bits = q < QUANT_REPLAYED ? replayed_bits[q] : quants[q].file_bits;
    *ret = (struct model_size){.is_approximate = true};
    if (is_native_mxfp4(m) && q <= QUANT_MXFP4) {
        double rest = q == QUANT_MXFP4 ? 8.5 : bits;
        weigh(m, quants[QUANT_MXFP4].file_bits, rest, rest, ret);
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

/* The published file of this quantisation: what is read moves with its size. */
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
    bool replays = q < QUANT_REPLAYED || (q == QUANT_MXFP4 && m->experts);
    struct mix x = {.m = m, .q = q, .is_native = is_native_mxfp4(m)};
    if (!replays || !replay_fits(m)) {
        approximate(m, q, ret);
        take_published(m, q, ret);
        return 0;
    }
    replay(&x);
    *ret = (struct model_size){
        .file_bytes = x.weight16 / SIXTEENTHS / 8,
        .table_bytes = x.table16 / SIXTEENTHS / 8,
        .read_bytes = x.read16 / SIXTEENTHS / 8,
        .expert_bytes = x.expert16 / SIXTEENTHS / 8,
        .expert_read_bytes = x.expert_read16 / SIXTEENTHS / 8,
    };
    if (x.is_native)
        take_published(m, q, ret);
    return 0;
}
