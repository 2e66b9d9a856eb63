/* fold.c -- names that are the same to whoever understands them.
 *
 * Reached only when nothing has the name that was asked for, so an exact name always
 * wins, and the common path never comes here. */
#include "route/internal.h"

struct str fold_provider(struct str name)
{
    static const char *const providers[] = {
        "openai",      "azure",   "anthropic",   "google",  "gemini",
        "vertex_ai",   "mistral", "mistralai",   "groq",    "deepseek",
        "xai",         "x-ai",    "openrouter",  "ollama",  "ollama_chat",
        "lm_studio",   "vllm",    "hosted_vllm", "litellm", "litellm_proxy",
        "together_ai", "models",  "weir"};
    ptrdiff_t slash = str_index(name, '/');
    for (size_t i = 0; slash > 0 && i < ARRAY_LEN(providers); i++)
        if (str_eq_nocase(str_sub(name, 0, (size_t)slash), str_of(providers[i])))
            return str_sub(name, (size_t)slash + 1, name.n);
    return STR("");
}

static bool is_latest(struct str name)
{
    const struct str tail = STR(":latest");
    return name.n > tail.n && str_eq_nocase(str_sub(name, name.n - tail.n, name.n), tail);
}

struct str fold_latest(struct str name)
{
    return is_latest(name) ? str_sub(name, 0, name.n - strlen(":latest")) : STR("");
}

/* Without what Ollama implies. */
static struct str ollama_core(struct str name)
{
    static const char *const heads[] = {"registry.ollama.ai/", "ollama.com/", "library/"};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (str_starts_nocase(name, str_of(heads[i])))
            name = str_sub(name, strlen(heads[i]), name.n);
    return is_latest(name) ? fold_latest(name) : name;
}

static bool is_same_to_ollama(const struct config_model *m, struct str word)
{
    struct str core = ollama_core(word);
    return m->engine->kind == ENGINE_OLLAMA && core.n &&
           (str_eq_nocase(ollama_core(m->name), core) ||
            str_eq_nocase(ollama_core(m->upstream), core));
}

/* "Qwen/Qwen3-8B", asked for without its maker. */
static bool is_without_maker(const struct config_model *m, struct str word)
{
    struct str name = m->name;
    ptrdiff_t slash = str_index(name, '/');
    if (slash <= 0 || str_index(word, '/') >= 0)
        return false;
    return str_eq(str_sub(name, (size_t)slash + 1, name.n), word);
}

/* One name on several engines is one model to whoever asks; so are two spellings of one
 * name of Ollama's. */
static bool are_same(const struct config_model *a, const struct config_model *b)
{
    return str_eq(a->name, b->name) ||
           (a->engine->kind == ENGINE_OLLAMA && b->engine->kind == ENGINE_OLLAMA &&
            str_eq_nocase(ollama_core(a->upstream), ollama_core(b->upstream)));
}

typedef bool fold_fn(const struct config_model *m, struct str word);

static int find_by(const struct config *config, fold_fn *is_meant, struct str word,
                   struct candidates *c, struct err *err)
{
    for (size_t i = 0; i < config->nmodels; i++) {
        const struct config_model *m = config->models[i];
        if (!is_meant(m, word))
            continue;
        if (c->n && !are_same(c->items[0], m))
            return err_set(err, ERR_NOT_FOUND, "model_ambiguous",
                           "'%.*s' may mean '%.*s' or '%.*s'; ask for one of them by its "
                           "whole name",
                           (int)(word.n > 60 ? 60 : word.n), word.p,
                           STR_ARG(c->items[0]->name), STR_ARG(m->name));
        c->items[c->n++] = m;
    }
    return c->n > 0;
}

int fold_find(const struct config *config, struct str word, struct candidates *c,
              struct err *err)
{
    int rc = find_by(config, is_same_to_ollama, word, c, err);
    return rc != 0 ? rc : find_by(config, is_without_maker, word, c, err);
}
