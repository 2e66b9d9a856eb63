/* models.c -- loading model shapes and finding one by the name people use. */
#include "facts/models.h"

#include "core/mem.h"
#include "facts/nearest.h"
#include "facts/table.h"

#include <math.h>
#include <stdio.h>

enum { MODELS_ARENA = 4 << 20 };

struct models {
    struct arena arena;
    struct model *rows;
    size_t n;
    int64_t built_days;
};

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

static int read_row(const struct table *t, size_t row, struct model *m, struct err *err)
{
    struct str attention = {0};
    if (table_str(t, row, "id", &m->id, err) < 0 ||
        table_str(t, row, "attention", &attention, err) < 0 ||
        table_str(t, row, "licence", &m->licence, err) < 0 ||
        table_str(t, row, "notes", &m->notes, err) < 0 ||
        table_bool(t, row, "tied_embeddings", &m->tied_embeddings, err) < 0 ||
        table_source(t, row, &m->source, &m->source_days, err) < 0 ||
        read_counts(t, row, m, err) < 0)
        return -1;
    if (m->id.n == 0)
        return table_fault(t, row, "id", "is missing", err);
    m->is_latent_kv = str_eqz(attention, "mla");
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
    int rc = m->rows ? 0 : err_nomem(err);
    for (size_t i = 0; rc == 0 && i < t.n; i++)
        rc = read_row(&t, i, &m->rows[i], err);
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

static struct str without_ending(struct str name)
{
    static const char *const endings[] = {"-instruct", "-base", "-chat", "-hf", "-it",
                                          " instruct", " base", " chat", " it"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct str e = str_of(endings[i]);
        if (name.n > e.n && str_eq_nocase(str_sub(name, name.n - e.n, name.n), e))
            return str_sub(name, 0, name.n - e.n);
    }
    return name;
}

const struct model *models_find(const struct models *m, struct str name)
{
    for (size_t i = 0; i < m->n; i++)
        if (nearest_same(m->rows[i].id, name))
            return &m->rows[i];
    struct str bare = without_ending(name);
    for (size_t i = 0; i < m->n; i++)
        if (nearest_same(without_ending(m->rows[i].id), bare))
            return &m->rows[i];
    return NULL;
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
        if (row->experts || row->params == 0 || fabs(b / params_billion - 1.0) > 0.10)
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

int models_explain_unknown(const struct models *m, struct str name, struct err *err)
{
    struct nearest near;
    char words[200];
    nearest_init(&near, name);
    for (size_t i = 0; i < m->n; i++)
        nearest_offer(&near, m->rows[i].id);
    nearest_print(&near, "; the nearest known are ", "", words, sizeof words);
    return err_set(
        err, ERR_CONFIG, "unknown_model",
        "the shape of model \"%.*s\" is unknown%s; weir facts models lists all",
        (int)(name.n > 60 ? 60 : name.n), name.p, words);
}
