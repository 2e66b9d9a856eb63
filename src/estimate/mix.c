/* mix.c -- the quantiser's choice, role by role. */
#include "estimate/mix.h"

enum { K_BLOCK = 256, SMALL_BLOCK = 32 };

enum block {
    B_NONE,
    B_IQ1_S,
    B_IQ1_M,
    B_IQ2_XXS,
    B_IQ2_XS,
    B_IQ2_S,
    B_Q2_K,
    B_IQ3_XXS,
    B_IQ3_S,
    B_Q3_K,
    B_IQ4_XS,
    B_IQ4_NL,
    B_MXFP4,
    B_Q4_0,
    B_Q4_1,
    B_Q4_K,
    B_Q5_0,
    B_Q5_1,
    B_Q5_K,
    B_Q6_K,
    B_Q8_0,
    B_F16,
    B_F32,
};

static const uint64_t bits16[] = {
    [B_IQ1_S] = 25,  [B_IQ1_M] = 28,   [B_IQ2_XXS] = 33, [B_IQ2_XS] = 37, [B_IQ2_S] = 41,
    [B_Q2_K] = 42,   [B_IQ3_XXS] = 49, [B_IQ3_S] = 55,   [B_Q3_K] = 55,   [B_IQ4_XS] = 68,
    [B_IQ4_NL] = 72, [B_MXFP4] = 68,   [B_Q4_0] = 72,    [B_Q4_1] = 80,   [B_Q4_K] = 72,
    [B_Q5_0] = 88,   [B_Q5_1] = 96,    [B_Q5_K] = 88,    [B_Q6_K] = 105,  [B_Q8_0] = 136,
    [B_F16] = 256,   [B_F32] = 512,
};

static const enum block bases[QUANT_REPLAYED] = {
    [QUANT_Q2_K] = B_Q2_K,       [QUANT_Q3_K_S] = B_Q3_K,     [QUANT_Q3_K_M] = B_Q3_K,
    [QUANT_Q3_K_L] = B_Q3_K,     [QUANT_Q4_0] = B_Q4_0,       [QUANT_Q4_K_S] = B_Q4_K,
    [QUANT_Q4_K_M] = B_Q4_K,     [QUANT_Q5_K_S] = B_Q5_K,     [QUANT_Q5_K_M] = B_Q5_K,
    [QUANT_Q6_K] = B_Q6_K,       [QUANT_Q8_0] = B_Q8_0,       [QUANT_Q4_1] = B_Q4_1,
    [QUANT_Q5_0] = B_Q5_0,       [QUANT_Q5_1] = B_Q5_1,       [QUANT_F16] = B_F16,
    [QUANT_OLLAMA] = B_Q4_K,     [QUANT_IQ1_S] = B_IQ1_S,     [QUANT_IQ1_M] = B_IQ1_M,
    [QUANT_IQ2_XXS] = B_IQ2_XXS, [QUANT_IQ2_XS] = B_IQ2_XS,   [QUANT_IQ2_S] = B_IQ2_XS,
    [QUANT_IQ2_M] = B_IQ2_S,     [QUANT_IQ3_XXS] = B_IQ3_XXS, [QUANT_IQ3_XS] = B_IQ3_S,
    [QUANT_IQ3_S] = B_IQ3_S,     [QUANT_IQ3_M] = B_IQ3_S,     [QUANT_IQ4_XS] = B_IQ4_XS,
    [QUANT_IQ4_NL] = B_IQ4_NL,   [QUANT_MXFP4] = B_Q8_0,
};

/* IQ1 and IQ2: far below three bits, so what matters most gets more. */
static bool is_tiny(enum quant q)
{
    return q >= QUANT_IQ1_S && q <= QUANT_IQ2_M;
}

static bool is_second_tiny(enum quant q)
{
    return q == QUANT_IQ2_S || q == QUANT_IQ2_M;
}

/* The first and last eighth of the layers, and every third between. */
static bool more_bits(uint64_t i, uint64_t n)
{
    return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
}

static bool is_medium(enum quant q)
{
    return q == QUANT_Q4_K_M || q == QUANT_Q5_K_M || q == QUANT_OLLAMA;
}

static enum block output_type(enum quant q, enum block base, uint64_t row)
{
    bool is_k = base != B_Q4_0 && base != B_Q4_1 && base != B_Q5_0 && base != B_Q5_1 &&
                base != B_Q8_0 && base != B_IQ4_NL;
    if (base == B_Q8_0 || row % (is_k ? K_BLOCK : SMALL_BLOCK))
        return B_Q8_0;
    return is_tiny(q) || q == QUANT_IQ3_XXS ? B_Q5_K : B_Q6_K;
}

static enum block embedding_type(enum quant q, enum block base)
{
    if (is_second_tiny(q) || q == QUANT_IQ3_XXS)
        return B_IQ3_S;
    return is_tiny(q) ? B_Q2_K : base;
}

static enum block tiny_value_type(const struct model *m, enum quant q, uint64_t group)
{
    if (group >= 4 || m->experts >= 4)
        return B_Q4_K;
    return is_second_tiny(q) ? B_IQ3_S : B_Q2_K;
}

/* Values, and keys, queries and values in one. */
static enum block value_type(const struct model *m, enum quant q, enum block base,
                             const struct mix_place *at)
{
    uint64_t group = m->kv_heads ? m->heads / m->kv_heads : 1;
    enum block t = base;
    if (is_tiny(q))
        return tiny_value_type(m, q, group);
    if (q == QUANT_Q2_K)
        t = group >= 4 ? B_Q4_K : B_Q3_K;
    else if (q == QUANT_IQ3_XXS || q == QUANT_IQ3_XS || q == QUANT_IQ3_S)
        t = group >= 4 ? B_Q4_K : base;
    else if (q == QUANT_IQ3_M)
        t = B_Q4_K;
    else if (q == QUANT_IQ4_NL || q == QUANT_IQ4_XS)
        t = group >= 4 ? B_Q5_K : base;
    else if (q == QUANT_Q3_K_M)
        t = at->i < 2 ? B_Q5_K : B_Q4_K;
    else if (q == QUANT_Q3_K_L || (q == QUANT_Q4_K_S && at->i < 4))
        t = B_Q5_K;
    else if (is_medium(q) && more_bits(at->i, at->n))
        t = B_Q6_K;
    /* Eight value heads shared by 64 queries: cheap, so the quantiser spends more. */
    if (m->layers == 80 && (t == B_Q3_K || t == B_Q4_K))
        t = B_Q5_K;
    if (q == QUANT_OLLAMA)
        return B_F16;
    return m->experts == 8 ? B_Q8_0 : t;
}

static enum block key_type(const struct model *m, enum quant q, enum block base)
{
    if (m->experts == 8)
        return is_tiny(q) ? B_Q4_K : B_Q8_0;
    return base;
}

/* Queries and keys of the two that name a smaller block for them. */
static enum block query_type(enum quant q, enum block base)
{
    if (q == QUANT_IQ3_XS)
        return B_IQ3_XXS;
    return q == QUANT_IQ3_XXS ? B_IQ2_S : base;
}

static enum block down_type(const struct model *m, enum quant q, enum block base,
                            uint64_t i, uint64_t n)
{
    if (is_tiny(q)) {
        if (i >= n / 8)
            return base;
        return is_second_tiny(q) ? B_IQ3_S : B_Q2_K;
    }
    if (q == QUANT_Q2_K)
        return B_Q3_K;
    if (q == QUANT_Q3_K_M)
        return i < n / 16 ? B_Q5_K : B_Q4_K;
    if (q == QUANT_IQ3_M)
        return i < n / 8 || (m->experts == 8 && more_bits(i, n)) ? B_Q4_K : base;
    if (q == QUANT_Q3_K_L)
        return B_Q5_K;
    if (is_medium(q) && more_bits(i, n))
        return B_Q6_K;
    if (q == QUANT_Q4_K_S && i < n / 8)
        return B_Q5_K;
    return base;
}

static enum block attn_out_type(const struct model *m, enum quant q, enum block base)
{
    if (m->experts == 8) {
        bool is_small = bits16[base] <= bits16[B_Q4_K] && base != B_Q4_0;
        return is_small && q != QUANT_Q3_K_L ? B_Q5_K : base;
    }
    switch (q) {
    case QUANT_IQ1_S:
    case QUANT_IQ1_M:
        return B_IQ2_XXS;
    case QUANT_IQ2_S:
    case QUANT_IQ2_M:
    case QUANT_IQ3_XXS:
        return B_IQ3_S;
    case QUANT_Q2_K:
        return B_Q3_K;
    case QUANT_Q3_K_M:
    case QUANT_IQ3_M:
        return B_Q4_K;
    case QUANT_Q3_K_L:
        return B_Q5_K;
    default:
        return base;
    }
}

static enum block gate_type(enum quant q, enum block base, uint64_t i, uint64_t n)
{
    bool is_middle = i >= n / 8 && i < 7 * n / 8;
    return q == QUANT_IQ3_XS && is_middle ? B_IQ3_XXS : base;
}

static enum block type_for(const struct model *m, enum quant q,
                           const struct mix_place *at)
{
    enum block base = bases[q];
    bool is_expert = at->role == ROLE_EXPERT || at->role == ROLE_EXPERT_DOWN;
    if (at->role == ROLE_PLAIN)
        return B_F32;
    if (is_expert && (q == QUANT_MXFP4 || str_eqz(m->native_quant, "MXFP4")))
        return B_MXFP4;
    if (q == QUANT_F16 || q == QUANT_MXFP4)
        return base;
    switch (at->role) {
    case ROLE_OUTPUT:
        return output_type(q, base, at->row);
    case ROLE_EMBED:
        return embedding_type(q, base);
    case ROLE_V:
    case ROLE_QKV:
        return value_type(m, q, base, at);
    case ROLE_K:
        return query_type(q, key_type(m, q, base));
    case ROLE_Q:
        return query_type(q, base);
    case ROLE_DOWN:
    case ROLE_EXPERT_DOWN:
        return down_type(m, q, base, at->i, at->n);
    case ROLE_ATTN_OUT:
        return attn_out_type(m, q, base);
    case ROLE_GATE:
    case ROLE_EXPERT:
        return gate_type(q, base, at->i, at->n);
    case ROLE_OTHER:
    case ROLE_PLAIN:
        break;
    }
    return base;
}

/* Rows that are no multiple of 256 hold smaller blocks. */
static enum block fall_back(enum block t, uint64_t row)
{
    if (bits16[t] >= bits16[B_F16])
        return t;
    if (row % SMALL_BLOCK)
        return B_F16;
    if (row % K_BLOCK == 0)
        return t;
    switch (t) {
    case B_Q4_K:
        return B_Q5_0;
    case B_Q5_K:
        return B_Q5_1;
    case B_Q6_K:
        return B_Q8_0;
    case B_IQ4_NL:
    case B_MXFP4:
    case B_Q4_0:
    case B_Q4_1:
    case B_Q5_0:
    case B_Q5_1:
    case B_Q8_0:
        return t;
    default: /* two and three bits, and IQ4_XS */
        return B_IQ4_NL;
    }
}

uint64_t mix_bits16(const struct model *m, enum quant q, const struct mix_place *at)
{
    return bits16[fall_back(type_for(m, q, at), at->row)];
}
