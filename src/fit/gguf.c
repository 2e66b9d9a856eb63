/* gguf.c -- a cursor over hostile bytes.
 *
 * Integers are little-endian in every file seen; big-endian files exist in the format
 * and show up here as an unknown version, which is what the fault then says. */
#include "fit/gguf.h"

#include "core/clean.h"

enum {
    TENSORS_MAX = 1 << 20,
    METADATA_MAX = 1 << 16,
    NAME_MAX_BYTES = 1 << 16,
    NAME_SHOWN = 200,
    DIMS_MAX = 4,
    ARRAY_DEPTH_MAX = 3,
    BLOCK_TYPES = GGUF_TYPES,
    PARTS_MAX = 10000,
    BATCH_BYTES = 512 * 4,
};

enum value_type {
    V_U8,
    V_I8,
    V_U16,
    V_I16,
    V_U32,
    V_I32,
    V_F32,
    V_BOOL,
    V_STRING,
    V_ARRAY,
    V_U64,
    V_I64,
    V_F64,
    VALUE_TYPES
};

static const unsigned value_bytes[VALUE_TYPES] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

/* ggml's block types by number: weights a block and bytes a block. */
static const struct {
    const char *name;
    unsigned weights, bytes;
} blocks[BLOCK_TYPES] = {
    [0] = {"F32", 1, 4},         [1] = {"F16", 1, 2},         [2] = {"Q4_0", 32, 18},
    [3] = {"Q4_1", 32, 20},      [6] = {"Q5_0", 32, 22},      [7] = {"Q5_1", 32, 24},
    [8] = {"Q8_0", 32, 34},      [9] = {"Q8_1", 32, 36},      [10] = {"Q2_K", 256, 84},
    [11] = {"Q3_K", 256, 110},   [12] = {"Q4_K", 256, 144},   [13] = {"Q5_K", 256, 176},
    [14] = {"Q6_K", 256, 210},   [15] = {"Q8_K", 256, 292},   [16] = {"IQ2_XXS", 256, 66},
    [17] = {"IQ2_XS", 256, 74},  [18] = {"IQ3_XXS", 256, 98}, [19] = {"IQ1_S", 256, 50},
    [20] = {"IQ4_NL", 32, 18},   [21] = {"IQ3_S", 256, 110},  [22] = {"IQ2_S", 256, 82},
    [23] = {"IQ4_XS", 256, 136}, [24] = {"I8", 1, 1},         [25] = {"I16", 1, 2},
    [26] = {"I32", 1, 4},        [27] = {"I64", 1, 8},        [28] = {"F64", 1, 8},
    [29] = {"IQ1_M", 256, 56},   [30] = {"BF16", 1, 2},       [34] = {"TQ1_0", 256, 54},
    [35] = {"TQ2_0", 256, 66},   [39] = {"MXFP4", 32, 17},
};

struct cursor {
    const unsigned char *p;
    size_t n, at;
    struct arena *arena;
    struct gguf *g;
    struct str arch;
    uint64_t alignment;
    uint64_t key_length, value_length;
    uint64_t kv_heads_sum, kv_heads_layers; /* of a list of heads for each layer */
    uint64_t full_interval;                 /* every so many layers attend to all */
    uint64_t parts, part;
    uint64_t data_end; /* furthest byte a tensor reaches, from the data's start */
    struct err *err;
};

static int cut(struct cursor *c, const char *where)
{
    return err_set(c->err, ERR_CONFIG, "bad_gguf",
                   "the file ends inside %s (byte %zu); download it again", where, c->n);
}

static int wrong(struct cursor *c, const char *what)
{
    return err_set(c->err, ERR_CONFIG, "bad_gguf",
                   "%s at byte %zu: not a sound GGUF file; download it again from a "
                   "source you trust",
                   what, c->at);
}

static int take(struct cursor *c, size_t n, const char *where, uint64_t *ret)
{
    uint64_t v = 0;
    if (c->n - c->at < n)
        return cut(c, where);
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)c->p[c->at + i] << (8 * i);
    c->at += n;
    *ret = v;
    return 0;
}

static int take_string(struct cursor *c, const char *where, struct str *ret)
{
    uint64_t n = 0;
    if (take(c, 8, where, &n) < 0)
        return -1;
    if (n > c->n - c->at)
        return cut(c, where);
    *ret = (struct str){(const char *)c->p + c->at, (size_t)n};
    c->at += (size_t)n;
    return 0;
}

/* Steps over an array; *ret_n is how many items it holds. */
static int skip_array(struct cursor *c, int depth, uint64_t *ret_n)
{
    uint64_t type = 0;
    uint64_t n = 0;
    if (take(c, 4, "an array", &type) < 0 || take(c, 8, "an array", &n) < 0)
        return -1;
    if (type >= VALUE_TYPES || depth > ARRAY_DEPTH_MAX)
        return wrong(c, "unknown or too deep array");
    if (n > c->n - c->at)
        return cut(c, "an array");
    *ret_n = n;
    if (value_bytes[type]) {
        if (n > (c->n - c->at) / value_bytes[type])
            return cut(c, "an array");
        c->at += (size_t)n * value_bytes[type];
        return 0;
    }
    for (uint64_t i = 0; i < n; i++) {
        struct str s = {0};
        uint64_t inner = 0;
        int rc = type == V_STRING ? take_string(c, "an array of text", &s)
                                  : skip_array(c, depth + 1, &inner);
        if (rc < 0)
            return -1;
    }
    return 0;
}

/* The field of the shape that "llama.block_count" and its kin fill, or NULL. */
static uint64_t *field_for(struct cursor *c, struct str key)
{
    struct model *m = &c->g->shape;
    const struct {
        const char *name;
        uint64_t *to;
    } fields[] = {
        {"block_count", &m->layers},
        {"embedding_length", &m->hidden},
        {"feed_forward_length", &m->ffn},
        {"attention.head_count", &m->heads},
        {"attention.head_count_kv", &m->kv_heads},
        {"attention.key_length", &c->key_length},
        {"attention.value_length", &c->value_length},
        {"attention.sliding_window", &m->window},
        {"context_length", &m->context},
        {"expert_count", &m->experts},
        {"expert_used_count", &m->experts_per_token},
        {"expert_feed_forward_length", &m->expert_ffn},
        {"full_attention_interval", &c->full_interval},
        {"vocab_size", &m->vocab},
    };
    if (str_eqz(key, "general.alignment"))
        return &c->alignment;
    if (str_eqz(key, "split.count"))
        return &c->parts;
    if (str_eqz(key, "split.no"))
        return &c->part;
    if (c->arch.n == 0 || key.n <= c->arch.n || !str_starts(key, c->arch) ||
        key.p[c->arch.n] != '.')
        return NULL;
    struct str rest = str_sub(key, c->arch.n + 1, key.n);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (str_eqz(rest, fields[i].name))
            return fields[i].to;
    return NULL;
}

static int keep_text(struct cursor *c, struct str key, struct str value)
{
    if (str_eqz(key, "general.architecture"))
        c->arch = value;
    if (!str_eqz(key, "general.name"))
        return 0;
    if (!c->arena)
        return 0;
    /* A terminal obeys what a name may hold. */
    char *name = arena_alloc(c->arena, NAME_SHOWN);
    if (!name)
        return err_nomem(c->err);
    size_t n = value.n < NAME_SHOWN ? value.n : NAME_SHOWN;
    memcpy(name, value.p, n);
    c->g->shape.id = (struct str){name, clean_in_place(name, n)};
    return 0;
}

/* Lists with an entry for each layer: the largest entry is kept; of heads that keep keys
 * and values (0 in the recurrent layers of hybrid models) the sum too. */
static int take_list(struct cursor *c, uint64_t *to)
{
    uint64_t type = 0;
    uint64_t n = 0;
    if (take(c, 4, "a list", &type) < 0 || take(c, 8, "a list", &n) < 0)
        return -1;
    if (type != V_U32 && type != V_I32)
        return wrong(c, "a list of another type");
    if (n > (c->n - c->at) / 4)
        return cut(c, "a list");
    *to = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t v = 0;
        if (take(c, 4, "a list", &v) < 0)
            return -1;
        if (v >= INT32_MAX)
            continue;
        if (v > *to)
            *to = v;
        if (to == &c->g->shape.kv_heads) {
            c->kv_heads_sum += v;
            c->kv_heads_layers++;
        }
    }
    return 0;
}

static int take_metadata(struct cursor *c)
{
    struct str key = {0};
    struct str text = {0};
    uint64_t type = 0;
    uint64_t v = 0;
    if (take_string(c, "a metadata key", &key) < 0 ||
        take(c, 4, "a metadata type", &type) < 0)
        return -1;
    if (key.n > NAME_MAX_BYTES || type >= VALUE_TYPES)
        return wrong(c, "unknown metadata type");
    uint64_t *to = field_for(c, key);
    if (type == V_STRING)
        return take_string(c, "metadata text", &text) < 0 ? -1 : keep_text(c, key, text);
    if (type == V_ARRAY && to)
        return take_list(c, to);
    if (type == V_ARRAY) {
        if (skip_array(c, 1, &v) < 0)
            return -1;
        if (str_eqz(key, "tokenizer.ggml.tokens"))
            c->g->shape.vocab = v;
        return 0;
    }
    if (take(c, value_bytes[type], "a metadata value", &v) < 0)
        return -1;
    if (to && (type == V_U32 || type == V_U64 || type == V_I32 || type == V_U16))
        *to = v;
    return 0;
}

static int tensor_weights(struct cursor *c, uint64_t *ret_n, uint64_t *ret_row)
{
    uint64_t dims = 0;
    uint64_t n = 1;
    if (take(c, 4, "a tensor", &dims) < 0)
        return -1;
    if (dims == 0 || dims > DIMS_MAX)
        return wrong(c, "a tensor with no or too many dimensions");
    for (uint64_t i = 0; i < dims; i++) {
        uint64_t d = 0;
        if (take(c, 8, "a tensor", &d) < 0)
            return -1;
        if (d == 0 || __builtin_mul_overflow(n, d, &n) || n > UINT64_C(1) << 48)
            return wrong(c, "a tensor of impossible size");
        if (i == 0)
            *ret_row = d;
    }
    *ret_n = n;
    return 0;
}

static int count_tensor(struct cursor *c, struct str name, uint64_t type, uint64_t bytes)
{
    struct gguf *g = c->g;
    if (__builtin_add_overflow(g->tensor_bytes, bytes, &g->tensor_bytes))
        return wrong(c, "tensors of impossible size");
    g->by_type[type] += bytes;
    if (str_eqz(name, "token_embd.weight"))
        g->embedding_bytes = bytes;
    if (str_eqz(name, "output.weight"))
        g->has_output = true;
    if (str_find(name, STR("_exps.")) >= 0)
        g->expert_bytes += bytes;
    return 0;
}

static int take_tensor(struct cursor *c)
{
    struct str name = {0};
    uint64_t n = 0;
    uint64_t row = 0;
    uint64_t type = 0;
    uint64_t offset = 0;
    uint64_t end = 0;
    if (take_string(c, "a tensor's name", &name) < 0 || tensor_weights(c, &n, &row) < 0 ||
        take(c, 4, "a tensor", &type) < 0 || take(c, 8, "a tensor", &offset) < 0)
        return -1;
    if (type >= BLOCK_TYPES || blocks[type].weights == 0)
        return wrong(c, "a tensor of unknown block type");
    if (row % blocks[type].weights)
        return wrong(c, "a tensor whose rows do not fill its blocks");
    uint64_t bytes = n / blocks[type].weights * blocks[type].bytes;
    if (__builtin_add_overflow(offset, bytes, &end))
        return wrong(c, "a tensor beyond the file");
    if (end > c->data_end)
        c->data_end = end;
    return count_tensor(c, name, type, bytes);
}

static int read_head(struct cursor *c, uint64_t *ret_tensors, uint64_t *ret_metadata)
{
    uint64_t magic = 0;
    uint64_t version = 0;
    if (take(c, 4, "the magic", &magic) < 0)
        return -1;
    if (magic != 0x46554747)
        return err_set(c->err, ERR_CONFIG, "bad_gguf",
                       "the file does not begin with GGUF; give a .gguf model file");
    if (take(c, 4, "the version", &version) < 0)
        return -1;
    if (version != 2 && version != 3)
        return err_set(c->err, ERR_CONFIG, "bad_gguf",
                       "GGUF version %llu is unknown; versions 2 and 3 are read, in "
                       "little-endian order",
                       (unsigned long long)version);
    c->g->version = (uint32_t)version;
    if (take(c, 8, "the counts", ret_tensors) < 0 ||
        take(c, 8, "the counts", ret_metadata) < 0)
        return -1;
    if (*ret_tensors > TENSORS_MAX || *ret_metadata > METADATA_MAX)
        return wrong(c, "impossible counts of tensors or metadata");
    return 0;
}

static int check_extent(struct cursor *c, uint64_t file_bytes)
{
    if (c->alignment == 0 || (c->alignment & (c->alignment - 1)) ||
        c->alignment > 1 << 20)
        return wrong(c, "an alignment that is no power of two");
    uint64_t start = (c->at + c->alignment - 1) & ~(c->alignment - 1);
    uint64_t end = 0;
    if (__builtin_add_overflow(start, c->data_end, &end) || end > file_bytes)
        return err_set(c->err, ERR_CONFIG, "bad_gguf",
                       "the tensors reach past the end of the file (%llu bytes): the "
                       "download was cut; fetch it again",
                       (unsigned long long)file_bytes);
    return 0;
}

/* Which layers have a sliding window: all but every n-th, for each architecture that has
 * one (llama.cpp src/llama-model.cpp, 2026-10; the file does not say). */
static const struct {
    const char *arch;
    unsigned full_every;
} windows[] = {{"gemma2", 2},  {"gemma3", 6},  {"gemma3n", 5}, {"gpt-oss", 2},
               {"cohere2", 4}, {"exaone4", 4}, {"olmo2", 4}};

static void find_window(struct cursor *c)
{
    struct model *m = &c->g->shape;
    for (size_t i = 0; m->window && i < ARRAY_LEN(windows); i++) {
        if (!str_eqz(c->arch, windows[i].arch))
            continue;
        m->full_layers = m->layers / windows[i].full_every;
        m->window_layers = m->layers - m->full_layers;
    }
    if (m->window_layers == 0)
        m->window = 0;
}

/* Bytes of one token's keys and values in 16 bits, in all layers that keep them. */
static uint64_t token_bytes(const struct cursor *c)
{
    const struct model *m = &c->g->shape;
    uint64_t value = c->value_length ? c->value_length : m->head_dim;
    uint64_t heads = m->layers * m->kv_heads;
    if (c->kv_heads_layers)
        heads = c->kv_heads_sum;
    else if (c->full_interval > 1)
        heads = m->layers / c->full_interval * m->kv_heads;
    return 2 * heads * (m->head_dim + value);
}

/* What follows from the tensors of all parts that were read. */
static void sum_up(struct gguf *g)
{
    const struct model *m = &g->shape;
    size_t most = 0;
    for (size_t i = 1; i < BLOCK_TYPES; i++)
        if (g->by_type[i] > g->by_type[most])
            most = i;
    g->main_type = blocks[most].name;
    g->shape.tied_embeddings = !g->has_output;
    g->read_bytes = g->tensor_bytes - (g->has_output ? g->embedding_bytes : 0);
    if (m->experts && m->experts_per_token && m->experts_per_token <= m->experts)
        g->read_bytes -=
            g->expert_bytes / m->experts * (m->experts - m->experts_per_token);
}

static int finish(struct cursor *c)
{
    struct gguf *g = c->g;
    struct model *m = &g->shape;
    if (m->layers == 0 || m->hidden == 0 || m->layers > 4096 || m->hidden > 1 << 20 ||
        m->heads > 1 << 16 || m->kv_heads > 1 << 16 || c->key_length > 1 << 16 ||
        c->value_length > 1 << 16 || m->vocab > 1 << 28 || c->kv_heads_layers > m->layers)
        return wrong(c, "no usable block_count, embedding_length or head counts");
    if (m->kv_heads == 0)
        m->kv_heads = m->heads;
    m->head_dim = c->key_length ? c->key_length : m->heads ? m->hidden / m->heads : 0;
    m->kv_bytes_per_token = token_bytes(c);
    m->is_hybrid = c->full_interval > 1;
    find_window(c);
    sum_up(g);
    return 0;
}

/* Head, metadata and tensors of one file. */
static int read_file(struct cursor *c, uint64_t file_bytes)
{
    uint64_t tensors = 0;
    uint64_t metadata = 0;
    if (read_head(c, &tensors, &metadata) < 0)
        return -1;
    for (uint64_t i = 0; i < metadata; i++)
        if (take_metadata(c) < 0)
            return -1;
    for (uint64_t i = 0; i < tensors; i++)
        if (take_tensor(c) < 0)
            return -1;
    c->g->tensors += tensors;
    if (c->parts > PARTS_MAX || (c->parts && c->part >= c->parts))
        return wrong(c, "an impossible number of parts");
    return check_extent(c, file_bytes);
}

static struct cursor cursor_on(struct str head, struct gguf *g, struct err *err)
{
    return (struct cursor){.p = (const unsigned char *)head.p,
                           .n = head.n,
                           .g = g,
                           .alignment = 32,
                           .err = err};
}

int gguf_read(struct str head, uint64_t file_bytes, struct arena *a, struct gguf *ret,
              struct err *err)
{
    struct gguf g = {.shape.id = STR("unnamed model"), .part = 1, .parts = 1};
    struct cursor c = cursor_on(head, &g, err);
    c.arena = a;
    if (read_file(&c, file_bytes) < 0)
        return -1;
    if (c.parts > 1) {
        g.parts = (unsigned)c.parts;
        g.part = (unsigned)c.part + 1;
    }
    /* A further part has no shape: the caller sees which one it is. */
    if (g.part == 1 && finish(&c) < 0)
        return -1;
    *ret = g;
    return 0;
}

int gguf_read_part(struct str head, uint64_t file_bytes, struct gguf *to, struct err *err)
{
    struct gguf g = *to;
    struct model shape = to->shape;
    struct cursor c = cursor_on(head, &g, err);
    if (read_file(&c, file_bytes) < 0)
        return -1;
    if (c.parts != to->parts)
        return wrong(&c, "a part of another model");
    g.shape = shape;
    g.version = to->version;
    sum_up(&g);
    *to = g;
    return 0;
}

void gguf_sizes(const struct gguf *g, const struct kv_ask *kv, struct memory_need *need,
                struct speed_load *load)
{
    const struct model *m = &g->shape;
    *need = (struct memory_need){
        .weights = g->tensor_bytes,
        .kv = kv_reserved(m, kv),
        .compute = (m->vocab + m->hidden) * BATCH_BYTES,
        .table = g->has_output ? g->embedding_bytes : 0,
        .experts = g->expert_bytes,
    };
    need->total = need->weights + need->kv + need->compute;
    double experts_read = 0;
    if (m->experts)
        experts_read =
            (double)g->expert_bytes / (double)m->experts * (double)m->experts_per_token;
    *load = (struct speed_load){
        .weight_bytes = (double)g->read_bytes,
        .expert_bytes = experts_read,
        .layers = (double)m->layers,
        .hidden = (double)m->hidden,
        .is_quantised = strcmp(g->main_type, "F16") != 0 &&
                        strcmp(g->main_type, "BF16") != 0 &&
                        strcmp(g->main_type, "F32") != 0,
        .has_experts = m->experts > 0,
    };
}
