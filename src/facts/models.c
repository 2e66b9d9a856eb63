/* models.c -- loading model shapes and finding one by the name people use. */
#include "facts/models.h"

#include "core/mem.h"
#include "facts/nearest.h"
#include "facts/table.h"

#include <math.h>
#include <stdio.h>

enum { MODELS_ARENA = 16 << 20 };

struct models {
    struct arena arena;
    struct model *rows;
    size_t n;
    struct names *names;
    int64_t built_days;
};

static int read_mixer(const struct table *t, size_t row, struct model_mixer *x,
                      struct err *err)
{
    const struct {
        const char *field;
        uint64_t *ret;
    } fields[] = {
        {"linear_layers", &x->linear_layers},
        {"linear_key_heads", &x->linear_key_heads},
        {"linear_value_heads", &x->linear_value_heads},
        {"linear_head_dim", &x->linear_dim},
        {"linear_conv_kernel", &x->linear_conv},
        {"mamba_layers", &x->mamba_layers},
        {"ssm_heads", &x->ssm_heads},
        {"ssm_head_dim", &x->ssm_dim},
        {"ssm_state", &x->ssm_state},
        {"ssm_groups", &x->ssm_groups},
        {"ssm_conv_kernel", &x->ssm_conv},
        {"conv_layers", &x->conv_layers},
        {"conv_kernel", &x->conv_kernel},
        {"moe_layers", &x->expert_blocks},
        {"mlp_layers", &x->mlp_blocks},
        {"q_lora_rank", &x->query_rank},
        {"qk_nope_head_dim", &x->nope_dim},
        {"v_head_dim", &x->value_dim},
        {"global_head_dim", &x->global_dim},
        {"global_kv_heads", &x->global_kv_heads},
        {"per_layer_embedding_dim", &x->per_layer_dim},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (table_u64(t, row, fields[i].field, fields[i].ret, err) < 0)
            return -1;
    return table_bool(t, row, "k_equals_v_in_global_layers", &x->shares_global_kv, err);
}

static int read_counts(const struct table *t, size_t row, struct model *m,
                       struct err *err)
{
    const struct {
        const char *field;
        uint64_t *ret;
    } fields[] = {
        {"params_total", &m->params},
        {"params_active", &m->params_active},
        {"layers", &m->layers},
        {"hidden", &m->hidden},
        {"heads", &m->heads},
        {"kv_heads", &m->kv_heads},
        {"head_dim", &m->head_dim},
        {"ffn", &m->ffn},
        {"vocab", &m->vocab},
        {"context", &m->context},
        {"sliding_window", &m->window},
        {"swa_layers", &m->window_layers},
        {"experts", &m->experts},
        {"experts_per_token", &m->experts_per_token},
        {"moe_ffn", &m->expert_ffn},
        {"shared_experts", &m->shared_experts},
        {"shared_expert_ffn", &m->shared_ffn},
        {"first_dense_layers", &m->dense_layers},
        {"full_attention_layers", &m->full_layers},
        {"kv_bytes_per_token_f16_swa_layers", &m->window_kv_bytes},
        {"state_bytes_per_sequence_f32", &m->state_bytes},
        {"kv_lora_rank", &m->latent_rank},
        {"qk_rope_head_dim", &m->rope_dim},
        {"kv_shared_layers", &m->shared_kv_layers},
        {"params_vision", &m->vision_params},
        {"params_mtp", &m->mtp_params},
        {"params_per_layer_embedding", &m->embedding_params},
        {"params_ngram_table", &m->table_params},
        {"kv_bytes_per_token_f16", &m->kv_bytes_per_token},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (table_u64(t, row, fields[i].field, fields[i].ret, err) < 0)
            return -1;
    if (m->layers == 0 || m->hidden == 0)
        return table_fault(t, row, "layers, hidden", "must be above 0", err);
    if (m->window_layers > m->layers)
        return table_fault(t, row, "swa_layers", "is more than layers", err);
    return 0;
}

/* {"Q4_K_M": 4917737553, ...} of "field", behind those that are there. */
static int read_files(const struct table *t, size_t row, const char *field,
                      struct model *m, struct err *err)
{
    json_t *files = json_object_get(json_array_get(t->rows, row), field);
    const char *quant;
    json_t *bytes;
    json_object_foreach(files, quant, bytes)
    {
        if (m->nfiles == MODEL_FILES)
            return 0;
        if (!json_is_integer(bytes) || json_integer_value(bytes) <= 0)
            return table_fault(t, row, field, "must be bytes above 0", err);
        struct model_file *f = &m->files[m->nfiles++];
        f->quant = arena_strdup(t->arena, str_of(quant));
        f->bytes = (uint64_t)json_integer_value(bytes);
        if (!f->quant.p)
            return err_nomem(err);
    }
    return 0;
}

static int read_row(const struct table *t, size_t row, struct model *m, struct err *err)
{
    struct str attention = {0};
    m->released_days = MODEL_UNRELEASED;
    if (table_str(t, row, "id", &m->id, err) < 0 ||
        table_str(t, row, "attention", &attention, err) < 0 ||
        table_str(t, row, "licence", &m->licence, err) < 0 ||
        table_str(t, row, "notes", &m->notes, err) < 0 ||
        table_str(t, row, "made_for", &m->made_for, err) < 0 ||
        table_str(t, row, "ollama_tag", &m->ollama_tag, err) < 0 ||
        table_date(t, row, "released", &m->released_days, err) < 0 ||
        table_str(t, row, "native_quant", &m->native_quant, err) < 0 ||
        table_bool(t, row, "tied_embeddings", &m->tied_embeddings, err) < 0 ||
        table_bool(t, row, "latent_kv", &m->is_latent_kv, err) < 0 ||
        table_bool(t, row, "embedding", &m->is_embedding, err) < 0 ||
        read_files(t, row, "gguf_bytes_published", m, err) < 0 ||
        read_files(t, row, "mlx_bytes_published", m, err) < 0 ||
        table_source(t, row, &m->source, &m->source_days, err) < 0 ||
        read_mixer(t, row, &m->mixer, err) < 0 || read_counts(t, row, m, err) < 0)
        return -1;
    if (m->id.n == 0)
        return table_fault(t, row, "id", "is missing", err);
    m->is_latent_kv = m->is_latent_kv || str_eqz(attention, "mla");
    m->is_hybrid = str_eqz(attention, "hybrid");
    return 0;
}

int models_load(struct str json, struct models **ret, struct err *err)
{
    struct table t;
    struct models *m = mem_new(struct models);
    if (!m)
        return err_nomem(err);
    arena_init(&m->arena, MODELS_ARENA);
    if (table_open(&t, "models", json, &m->arena, err) < 0) {
        models_free(m);
        return -1;
    }
    m->rows = arena_array(&m->arena, struct model, t.n);
    int rc = m->rows ? names_create(&m->arena, &t, &m->names, err) : err_nomem(err);
    for (size_t i = 0; rc == 0 && i < t.n; i++) {
        rc = read_row(&t, i, &m->rows[i], err);
        if (rc == 0)
            rc = names_add_row(m->names, &t, i, m->rows[i].id, err);
    }
    if (rc == 0)
        rc = names_finish(m->names, err);
    m->n = t.n;
    m->built_days = t.built_days;
    table_close(&t);
    if (rc < 0) {
        models_free(m);
        return -1;
    }
    *ret = m;
    return 0;
}

void models_free(struct models *m)
{
    if (!m)
        return;
    arena_reset(&m->arena);
    mem_free(m);
}

size_t models_count(const struct models *m)
{
    return m->n;
}

const struct model *models_at(const struct models *m, size_t i)
{
    return &m->rows[i];
}

int64_t models_built_days(const struct models *m)
{
    return m->built_days;
}

/* "qwen3:8b", and with the registry before it. */
static bool is_ollama_tag(struct str name)
{
    return str_index(names_of_reference(name), ':') > 0 &&
           str_find(name, STR("hf.co")) < 0 && str_find(name, STR("huggingface")) < 0;
}

/* Some tags of Ollama hold a mix of its own (QUANT_OLLAMA), which they do not say. */
static void take_ollama_mix(const struct model *m, char quant[NAME_FORMAT])
{
    static const char own[] = "Ollama-Q4_K_M";
    if (quant[0] && strcmp(quant, "q4_k_m") != 0)
        return;
    for (size_t i = 0; i < m->nfiles; i++)
        if (str_eqz(m->files[i].quant, own))
            memcpy(quant, own, sizeof own);
}

static void ask_plainly(const struct models *m, struct str name, struct model_answer *ret)
{
    struct name_tokens t;
    struct name_match match;
    ret->verdict = NAME_UNKNOWN;
    ret->n = 0;
    ret->quant[0] = '\0';
    if (!names_read(m->names, name, &t))
        return;
    memcpy(ret->quant, t.format, sizeof ret->quant);
    names_match(m->names, &t, &match);
    for (size_t i = 0; i < match.n; i++)
        ret->choices[ret->n++] = &m->rows[match.rows[i]];
    if (ret->n)
        ret->verdict = ret->n == 1 && match.is_whole ? NAME_FOUND : NAME_QUESTION;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "llama-3_3-70b", "llama-v3p3-70b" and "qwen2-5-7b": a point that became something else,
 * before one digit that has no unit. */
static struct str with_points(struct str name, char out[NAME_TEXT])
{
    if (name.n == 0 || name.n >= NAME_TEXT)
        return name;
    memcpy(out, name.p, name.n);
    for (size_t i = 1; i + 1 < name.n; i++) {
        char c = name.p[i];
        char after = i + 2 < name.n ? name.p[i + 2] : '-';
        if ((c == '_' || c == '-' || c == 'p') && is_digit(name.p[i - 1]) &&
            is_digit(name.p[i + 1]) && (after == '-' || after == '_' || after == ':'))
            out[i] = '.';
    }
    for (size_t i = 0; i + 1 < name.n; i++) /* "v3.3" is 3.3 */
        if (out[i] == 'v' && is_digit(out[i + 1]) && i > 0 && out[i - 1] == '-')
            out[i] = '-';
    return (struct str){out, name.n};
}

/* "google_gemma-3-12b-it": the maker before a file's name, as some publishers write it.
 */
static struct str without_maker(struct str name)
{
    ptrdiff_t at = str_index(name, '_');
    for (ptrdiff_t i = 0; i < at; i++)
        if (is_digit(name.p[i]))
            return name;
    return at > 0 ? str_sub(name, (size_t)at + 1, name.n) : name;
}

void models_ask(const struct models *m, struct str name, struct model_answer *ret)
{
    char text[NAME_TEXT];
    struct str plain = names_of_reference(name);
    struct model_answer other;
    ask_plainly(m, plain, ret);
    struct str others[] = {without_maker(plain), with_points(plain, text)};
    for (size_t i = 0; i < ARRAY_LEN(others) && ret->n == 0; i++) {
        ask_plainly(m, others[i], &other);
        if (other.verdict == NAME_FOUND) /* another reading must be a whole name */
            *ret = other;
    }
    if (ret->verdict == NAME_FOUND && is_ollama_tag(name))
        take_ollama_mix(ret->choices[0], ret->quant);
}

const struct model *models_find(const struct models *m, struct str name)
{
    struct model_answer a;
    models_ask(m, name, &a);
    return a.verdict == NAME_FOUND ? a.choices[0] : NULL;
}

const struct model *models_in_sentence(const struct models *m, struct str sentence)
{
    struct name_match match;
    const struct model *best = NULL;
    names_in_sentence(m->names, sentence, &match);
    for (size_t i = 0; i < match.n; i++) {
        const struct model *row = &m->rows[match.rows[i]];
        if (row->params && (!best || row->params < best->params))
            best = row;
    }
    return best;
}

static uint64_t read_params(const struct model *row)
{
    return row->params_active ? row->params_active : row->params;
}

size_t models_named_at(const struct models *m, struct str sentence, size_t at,
                       const struct model **ret)
{
    struct name_match match;
    size_t end = names_at(m->names, sentence, at, &match);
    *ret = NULL;
    for (size_t i = 0; i < match.n; i++) {
        const struct model *row = &m->rows[match.rows[i]];
        if (row->params && (!*ret || read_params(row) < read_params(*ret)))
            *ret = row;
    }
    return *ret ? end : 0;
}

static bool is_near(double params, double billion)
{
    return fabs(params / 1e9 / billion - 1.0) <= 0.10;
}

/* "A3B" is said of 3.3 billion. */
static bool is_active(const struct model *row, double billion)
{
    return fabs((double)row->params_active / 1e9 / billion - 1.0) <= 0.25;
}

const struct model *models_of_family(const struct models *m, struct str name,
                                     double params_billion, double active_billion)
{
    struct name_tokens t;
    struct name_match match;
    const struct model *best = NULL;
    if (!names_read(m->names, name, &t) || t.n < 2)
        return NULL; /* a label without a family */
    names_match(m->names, &t, &match);
    for (size_t i = 0; i < match.n; i++) {
        const struct model *row = &m->rows[match.rows[i]];
        if (row->params == 0 || row->is_embedding ||
            !is_near((double)row->params, params_billion) ||
            (active_billion > 0 && !is_active(row, active_billion)))
            continue;
        if (!best || read_params(row) < read_params(best))
            best = row;
    }
    return best;
}

const struct model *models_find_experts(const struct models *m, double params_billion,
                                        double active_billion)
{
    const struct model *best = NULL;
    for (size_t i = 0; i < m->n; i++) {
        const struct model *row = &m->rows[i];
        if (row->experts && is_near((double)row->params, params_billion) &&
            is_active(row, active_billion) &&
            (!best || row->params_active < best->params_active))
            best = row;
    }
    return best;
}

/* "14B" or "14b" in the id, not inside a longer number. */
static bool carries_label(struct str id, double params_billion)
{
    char label[24];
    snprintf(label, sizeof label, "%gb", params_billion);
    size_t n = strlen(label);
    for (size_t i = 0; i + n <= id.n; i++) {
        bool starts =
            i == 0 || ((id.p[i - 1] < '0' || id.p[i - 1] > '9') && id.p[i - 1] != '.');
        if (starts && str_eq_nocase(str_sub(id, i, i + n), str_of(label)))
            return true;
    }
    return false;
}

const struct model *models_find_class(const struct models *m, double params_billion)
{
    const struct model *best = NULL;
    bool best_labelled = false;
    for (size_t i = 0; i < m->n; i++) {
        const struct model *row = &m->rows[i];
        double b = (double)row->params / 1e9;
        if (row->experts || row->is_embedding || row->params == 0 ||
            fabs(b / params_billion - 1.0) > 0.10)
            continue;
        bool labelled = carries_label(row->id, params_billion);
        if (!best || labelled > best_labelled ||
            (labelled == best_labelled && row->params < best->params)) {
            best = row;
            best_labelled = labelled;
        }
    }
    return best;
}

static int explain_unknown(const struct models *m, struct str name, struct err *err)
{
    struct nearest near;
    char words[200];
    nearest_init(&near, names_of_reference(name));
    for (size_t i = 0; i < m->n; i++)
        nearest_offer(&near, m->rows[i].id);
    nearest_print(&near, "; the nearest known are ", "", words, sizeof words);
    return err_set(
        err, ERR_CONFIG, "unknown_model",
        "the shape of model \"%.*s\" is unknown%s; weir facts models lists all",
        (int)(name.n > 60 ? 60 : name.n), name.p, words);
}

static int ask_which(const struct model_answer *a, struct str name, struct err *err)
{
    enum { SHOWN = 7 };
    char words[230] = "";
    size_t used = 0, i = 0;
    for (; i < a->n && i < SHOWN && used + 60 < sizeof words; i++)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%.*s",
                                 i ? ", " : "", STR_ARG(a->choices[i]->id));
    if (i < a->n)
        snprintf(words + used, sizeof words - used, " and %zu more", a->n - i);
    return err_set(err, ERR_CONFIG, "ambiguous_model",
                   "the model \"%.*s\" may be %s: which?",
                   (int)(name.n > 50 ? 50 : name.n), name.p, words);
}

int models_choose(const struct models *m, struct str name, struct model_answer *ret,
                  struct err *err)
{
    models_ask(m, name, ret);
    if (ret->verdict == NAME_FOUND)
        return 0;
    return ret->n ? ask_which(ret, name, err) : explain_unknown(m, name, err);
}
