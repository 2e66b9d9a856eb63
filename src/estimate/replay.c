/* replay.c -- the tensors of a shape, layer by layer.
 *
 * A layer attends (plain, latent or linear), keeps a state (Mamba) or convolves, and has
 * a feed-forward part of its own or of experts.  Bits are summed x 16. */
#include "estimate/replay.h"

#include "estimate/mix.h"

/* A word of the tokeniser with its merge and score: 33 to 62 bytes in published files. */
enum { SIXTEENTHS = 16, WORD_BYTES = 48 };

struct replay {
    const struct model *m;
    enum quant q;
    bool has_dense_beside; /* a feed-forward part beside the experts of each layer */
    uint64_t weight16;     /* running sums of bits x 16 */
    uint64_t read16;
    uint64_t table16; /* the embedding table that is not read */
    uint64_t expert16, expert_read16;
};

static uint64_t bits_of(const struct replay *x, const struct mix_place *at, uint64_t rows)
{
    return at->row * rows * mix_bits16(x->m, x->q, at);
}

/* `rows` rows of `row` weights in layer i of n. */
static void add_at(struct replay *x, enum role role, uint64_t i, uint64_t n, uint64_t row,
                   uint64_t rows)
{
    struct mix_place at = {role, i, n, row};
    uint64_t bits = bits_of(x, &at, rows);
    x->weight16 += bits;
    x->read16 += bits;
}

static void add(struct replay *x, enum role role, uint64_t i, uint64_t row, uint64_t rows)
{
    add_at(x, role, i, x->m->layers, row, rows);
}

/* The experts of a layer; a token reads those that answer it. */
static void add_experts(struct replay *x, enum role role, uint64_t i, uint64_t row,
                        uint64_t rows)
{
    const struct model *m = x->m;
    struct mix_place at = {role, i, m->layers, row};
    uint64_t bits = bits_of(x, &at, rows * m->experts);
    uint64_t read = bits / m->experts * m->experts_per_token;
    x->weight16 += bits;
    x->expert16 += bits;
    x->read16 += read;
    x->expert_read16 += read;
}

static void add_dense(struct replay *x, uint64_t i, uint64_t width, uint64_t inputs)
{
    add(x, ROLE_GATE, i, x->m->hidden, inputs * width);
    add(x, ROLE_DOWN, i, width, x->m->hidden);
}

/* `inputs`: 2 matrices before the product of a gate, 1 without a gate. */
static void add_expert_block(struct replay *x, uint64_t i, uint64_t inputs)
{
    const struct model *m = x->m;
    uint64_t shared = m->shared_ffn ? m->shared_ffn : m->expert_ffn * m->shared_experts;
    add_experts(x, ROLE_EXPERT, i, m->hidden, inputs * m->expert_ffn);
    add_experts(x, ROLE_EXPERT_DOWN, i, m->expert_ffn, m->hidden);
    add(x, ROLE_PLAIN, i, m->hidden, m->experts);
    if (shared)
        add_dense(x, i, shared, inputs);
    if (x->has_dense_beside)
        add_dense(x, i, m->ffn, inputs);
}

static void add_ffn(struct replay *x, uint64_t i)
{
    const struct model *m = x->m;
    if (m->experts == 0 || i < m->dense_layers)
        add_dense(x, i, m->ffn, 2);
    else
        add_expert_block(x, i, 2);
}

/* Of Phi 3 and 4 the file has one matrix for queries, keys and values. */
static bool is_fused(const struct model *m)
{
    return str_starts(m->id, STR("Phi-3")) || str_starts(m->id, STR("Phi-4"));
}

/* Where each fourth layer is plain and the others linear, its queries bring a gate. */
static void add_plain_attention(struct replay *x, uint64_t i, bool is_global)
{
    const struct model *m = x->m;
    bool is_other = is_global && m->mixer.global_dim;
    uint64_t dim = is_other ? m->mixer.global_dim : m->head_dim;
    uint64_t kv_heads =
        is_other && m->mixer.global_kv_heads ? m->mixer.global_kv_heads : m->kv_heads;
    uint64_t width = m->heads * dim;
    uint64_t kv = kv_heads * dim;
    if (is_fused(m)) {
        add(x, ROLE_QKV, i, m->hidden, width + 2 * kv);
    } else {
        add(x, ROLE_Q, i, m->hidden, m->mixer.linear_layers ? 2 * width : width);
        add(x, ROLE_K, i, m->hidden, kv);
        if (!is_other || !m->mixer.shares_global_kv)
            add(x, ROLE_V, i, m->hidden, kv);
    }
    add(x, ROLE_ATTN_OUT, i, width, m->hidden);
}

/* Keys and values are made from one narrow vector; queries from another. */
static void add_latent_attention(struct replay *x, uint64_t i)
{
    const struct model *m = x->m;
    const struct model_mixer *t = &m->mixer;
    uint64_t query = m->heads * (t->nope_dim + m->rope_dim);
    if (t->query_rank) {
        add(x, ROLE_OTHER, i, m->hidden, t->query_rank);
        add(x, ROLE_OTHER, i, t->query_rank, query);
    } else {
        add(x, ROLE_Q, i, m->hidden, query);
    }
    add(x, ROLE_OTHER, i, m->hidden, m->latent_rank + m->rope_dim);
    add(x, ROLE_OTHER, i, t->nope_dim, m->heads * m->latent_rank);
    add(x, ROLE_OTHER, i, m->latent_rank, m->heads * t->value_dim);
    add(x, ROLE_ATTN_OUT, i, m->heads * t->value_dim, m->hidden);
}

static void add_linear_attention(struct replay *x, uint64_t i)
{
    const struct model *m = x->m;
    const struct model_mixer *t = &m->mixer;
    uint64_t keys = t->linear_key_heads * t->linear_dim;
    uint64_t values = t->linear_value_heads * t->linear_dim;
    add(x, ROLE_QKV, i, m->hidden, 2 * keys + values);
    add(x, ROLE_OTHER, i, m->hidden, values + 2 * t->linear_value_heads);
    add(x, ROLE_OTHER, i, values, m->hidden);
    add(x, ROLE_PLAIN, i, t->linear_conv, 2 * keys + values);
}

static void add_mamba(struct replay *x, uint64_t i)
{
    const struct model *m = x->m;
    const struct model_mixer *t = &m->mixer;
    uint64_t inner = t->ssm_heads * t->ssm_dim;
    uint64_t states = 2 * t->ssm_groups * t->ssm_state;
    add(x, ROLE_OTHER, i, m->hidden, 2 * inner + states + t->ssm_heads);
    add(x, ROLE_OTHER, i, inner, m->hidden);
    add(x, ROLE_PLAIN, i, t->ssm_conv, inner + states);
}

static void add_convolution(struct replay *x, uint64_t i)
{
    const struct model *m = x->m;
    add(x, ROLE_OTHER, i, m->hidden, 3 * m->hidden);
    add(x, ROLE_OTHER, i, m->hidden, m->hidden);
    add(x, ROLE_PLAIN, i, m->mixer.conv_kernel, m->hidden);
}

/* Layers of a kind lie evenly among the others: true where the next of them stands. */
static bool falls_on(uint64_t i, uint64_t count, uint64_t layers)
{
    return (i + 1) * count / layers > i * count / layers;
}

static void add_mixer(struct replay *x, uint64_t i)
{
    const struct model *m = x->m;
    bool is_full = !m->full_layers || falls_on(i, m->full_layers, m->layers);
    if (m->is_latent_kv)
        add_latent_attention(x, i);
    else if (is_full || m->window_layers)
        add_plain_attention(x, i, is_full);
    else if (m->mixer.linear_layers)
        add_linear_attention(x, i);
    else if (m->mixer.mamba_layers)
        add_mamba(x, i);
    else
        add_convolution(x, i);
}

/* Each block a layer of its own, its feed-forward part without a gate (Nemotron). */
static void replay_blocks(struct replay *x)
{
    const struct model *m = x->m;
    for (uint64_t i = 0; i < m->layers; i++) {
        if (falls_on(i, m->mixer.mamba_layers, m->layers))
            add_mamba(x, i);
        if (falls_on(i, m->mixer.expert_blocks, m->layers))
            add_expert_block(x, i, 1);
        if (falls_on(i, m->mixer.mlp_blocks, m->layers))
            add_dense(x, i, m->ffn, 1);
        if (falls_on(i, m->full_layers, m->layers))
            add_plain_attention(x, i, false);
        add(x, ROLE_PLAIN, i, m->hidden, 1);
    }
}

static void replay_layers(struct replay *x)
{
    const struct model *m = x->m;
    for (uint64_t i = 0; i < m->layers; i++) {
        add_mixer(x, i);
        add_ffn(x, i);
        add(x, ROLE_PLAIN, i, m->hidden, 2);
    }
}

static void replay(struct replay *x)
{
    const struct model *m = x->m;
    add(x, ROLE_OUTPUT, 0, m->hidden, m->vocab);
    if (!m->tied_embeddings) {
        struct mix_place at = {.role = ROLE_EMBED, .n = 1, .row = m->hidden};
        x->table16 = bits_of(x, &at, m->vocab);
        x->weight16 += x->table16;
    }
    if (m->mixer.expert_blocks || m->mixer.mlp_blocks)
        replay_blocks(x);
    else
        replay_layers(x);
}

static bool has_shape(const struct model *m)
{
    const struct model_mixer *t = &m->mixer;
    if (!m->heads || !m->kv_heads || !m->head_dim || !m->vocab || t->per_layer_dim)
        return false;
    if (m->experts ? !m->expert_ffn || !m->experts_per_token : !m->ffn)
        return false;
    if (m->is_latent_kv &&
        (!m->latent_rank || !t->nope_dim || !t->value_dim || t->linear_layers))
        return false;
    if (m->is_hybrid && !t->linear_layers && !t->mamba_layers && !t->conv_layers)
        return false;
    return !m->dense_layers || m->ffn;
}

/* The replay describes the model when its own weights add up to the model's. */
static bool adds_up(struct replay *x)
{
    struct replay all = {
        .m = x->m, .q = QUANT_F16, .has_dense_beside = x->has_dense_beside};
    struct model plain = *x->m;
    plain.native_quant = (struct str){0};
    all.m = &plain;
    replay(&all);
    double ratio = (double)all.weight16 / SIXTEENTHS / 16.0 / (double)x->m->params;
    return ratio > 0.985 && ratio < 1.015;
}

bool replay_size(const struct model *m, enum quant q, struct model_size *ret)
{
    struct replay x = {.m = m, .q = q};
    if (!has_shape(m))
        return false;
    if (!adds_up(&x)) {
        x.has_dense_beside = m->experts && m->ffn;
        if (!x.has_dense_beside || !adds_up(&x))
            return false;
    }
    replay(&x);
    uint64_t head = m->vocab * WORD_BYTES;
    *ret = (struct model_size){
        .file_bytes = x.weight16 / SIXTEENTHS / 8 + head,
        .head_bytes = head,
        .table_bytes = x.table16 / SIXTEENTHS / 8,
        .read_bytes = x.read16 / SIXTEENTHS / 8,
        .expert_bytes = x.expert16 / SIXTEENTHS / 8,
        .expert_read_bytes = x.expert_read16 / SIXTEENTHS / 8,
    };
    return true;
}
