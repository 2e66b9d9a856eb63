/* models.c -- the models of one engine, checked.
 *
 * Ollama serves some models from its own cloud, told apart by "-cloud" at the end of the
 * name it is asked for: those are cloud whatever their engine is declared to be.  Since
 * Ollama is also reached as kind openai, or through a proxy, such an end counts on every
 * engine, unless the model itself is declared local. */
#include "config/read.h"

#include <stdio.h>

enum { MAX_MODEL_NAME_BYTES = 200 };

struct model_draft {
    struct config_model m;
    enum side side;
    bool has_side;
};

static bool take_question_mark(struct str *word)
{
    if (word->n == 0 || word->p[word->n - 1] != '?')
        return false;
    word->n--;
    return true;
}

static void read_model_side(struct reading *rd, const struct ynode *n, void *out)
{
    struct model_draft *d = CONTAINER_OF(out, struct model_draft, side);
    d->has_side = read_side_word(rd, n, out);
}

static void read_model_name(struct reading *rd, const struct ynode *n, void *out)
{
    enum role role;
    struct str name = STR("");
    read_text(rd, n, &name);
    if (name.n > MAX_MODEL_NAME_BYTES)
        fault_at(rd->faults, n, "a model's name has at most %d bytes",
                 MAX_MODEL_NAME_BYTES);
    else if (str_eqz(name, "auto") || str_eqz(name, "local") || str_eqz(name, "cloud") ||
             role_parse(name, &role))
        fault_at(rd->faults, n,
                 "'%.*s' is weir's own word and cannot be a model's name; give it "
                 "another name, and this one with as:",
                 STR_ARG(name));
    else
        *(struct str *)out = name;
}

static void read_caps(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"vision",     "tools", "json_schema",
                                        "embeddings", "audio", "files"};
    struct config_model *m = &CONTAINER_OF(out, struct model_draft, m.caps)->m;
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    for (size_t i = 0; i < list.n; i++) {
        unsigned bit = 0;
        struct str word = list.items[i];
        bool is_unsure = take_question_mark(&word);
        if (!capability_parse(word, &bit) || bit == CAP_CHAT ||
            (is_unsure && bit == CAP_EMBEDDINGS))
            read_word_fault(rd, list.nodes[i], "a capability", words, ARRAY_LEN(words));
        else
            *(is_unsure ? &m->caps_unknown : &m->caps) |= bit;
    }
}

static bool ends_nocase(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq_nocase(str_sub(s, s.n - suffix.n, s.n), suffix);
}

static bool ends_in_cloud(struct str name)
{
    return ends_nocase(name, STR("-cloud")) || ends_nocase(name, STR(":cloud"));
}

/* In Ollama's names the end follows a colon; elsewhere a name may end as it likes. */
static void settle_foreign_name(struct reading *rd, const struct ynode *n,
                                struct model_draft *d)
{
    struct config_model *m = &d->m;
    if (d->has_side || str_index(m->upstream, ':') < 0)
        return;
    m->is_cloud = true;
    warn_at(
        rd->faults, read_child(n, "name"),
        "'%.*s' is named like a model that Ollama serves from its cloud, so it counts "
        "as cloud; say 'side: local' if it runs here",
        STR_ARG(m->upstream));
}

static void settle_side(struct reading *rd, const struct ynode *n,
                        const struct config_engine *e, struct model_draft *d)
{
    struct config_model *m = &d->m;
    if (d->has_side && d->side == SIDE_LOCAL && e->side == SIDE_CLOUD)
        fault_at(rd->faults, read_child(n, "side"),
                 "a model of a cloud engine cannot be local");
    m->is_cloud = e->side == SIDE_CLOUD || (d->has_side && d->side == SIDE_CLOUD);
    bool is_cloud_name = ends_in_cloud(m->upstream) || ends_in_cloud(m->name);
    if (m->is_cloud || !is_cloud_name)
        return;
    if (e->kind != ENGINE_OLLAMA) {
        settle_foreign_name(rd, n, d);
        return;
    }
    m->is_cloud = true;
    if (d->has_side)
        warn_at(rd->faults, read_child(n, "side"),
                "Ollama serves '%.*s' from its cloud, so it counts as cloud",
                STR_ARG(m->upstream));
}

static void read_model(struct reading *rd, const struct ynode *n,
                       const struct config_engine *e, struct config_model *ret)
{
    static const struct field fields[] = {
        {"name", read_model_name, offsetof(struct model_draft, m.name)},
        {"as", read_text, offsetof(struct model_draft, m.upstream)},
        {"context", read_u64, offsetof(struct model_draft, m.context_tokens)},
        {"context_max", read_u64, offsetof(struct model_draft, m.context_max)},
        {"caps", read_caps, offsetof(struct model_draft, m.caps)},
        {"price", read_text, offsetof(struct model_draft, m.price)},
        {"side", read_model_side, offsetof(struct model_draft, side)},
    };
    struct model_draft d = {.side = e->side};
    char where[48];
    snprintf(where, sizeof where, "engines[%u].models[%zu]", e->index, e->nmodels);
    ret->engine = e; /* also of a faulty one: roles look through all of them */
    if (!read_fields(rd, n, fields, ARRAY_LEN(fields), &d, where))
        return;
    if (!read_child(n, "name"))
        fault_at(rd->faults, n, "%s needs a name: what clients ask for", where);
    if (d.m.upstream.n == 0)
        d.m.upstream = d.m.name;
    if (!(d.m.caps & CAP_EMBEDDINGS))
        d.m.caps |= e->speaks == SPEECH_OLLAMA ? CAP_CHAT : CAP_CHAT | CAP_TOOL_CHOICE;
    if (!read_child(n, "caps"))
        d.m.caps_unknown = CAPS_UNSURE; /* nobody has said: it is tried */
    if (d.m.context_max && d.m.context_tokens > d.m.context_max)
        fault_at(rd->faults, read_child(n, "context"),
                 "context is larger than context_max, which is the most that fits");
    settle_side(rd, n, e, &d);
    d.m.engine = e;
    *ret = d.m;
}

void read_models(struct reading *rd, const struct ynode *n, struct config_engine *e)
{
    if (n->kind != YNODE_LIST || !n->first) {
        fault_at(rd->faults, n, "models must be a list with at least one model");
        return;
    }
    size_t count = read_count(n);
    if (count > CONFIG_MAX_MODELS) {
        fault_at(rd->faults, n, "%zu models are listed; at most %d can be", count,
                 CONFIG_MAX_MODELS);
        return;
    }
    struct config_model *models = read_array(rd, struct config_model, count);
    for (const struct ynode *c = n->first; c && models; c = c->next) {
        struct config_model *m = &models[e->nmodels];
        read_model(rd, c, e, m);
        for (size_t k = 0; m->name.n && k < e->nmodels; k++)
            if (str_eq(m->name, models[k].name))
                fault_at(rd->faults, read_child(c, "name"),
                         "the model '%.*s' is listed twice", STR_ARG(m->name));
        e->nmodels++;
    }
    e->models = models;
}
