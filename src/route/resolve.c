/* resolve.c -- from the name a client wrote to the models it may mean.
 *
 * An alias is looked up once (aliases do not chain); then "auto", "local", "cloud", a
 * role, an exact model name, or "engine/model".  One name may stand on several
 * engines: all of them are candidates.
 *
 * Only when nothing has that very name, the spellings that engines and clients take for
 * the same are tried (fold.c). */
#include "route/internal.h"

#include <stdio.h>

static struct str unalias(const struct config *config, struct str name,
                          bool *ret_is_alias)
{
    for (size_t i = 0; i < config->naliases; i++)
        if (str_eq(config->aliases[i].from, name)) {
            *ret_is_alias = true;
            return config->aliases[i].to;
        }
    *ret_is_alias = false;
    return name;
}

static bool names_model(const struct config_model *m, struct str word)
{
    if (str_eq(m->name, word))
        return true;
    struct str engine = m->engine->name;
    return word.n == engine.n + 1 + m->name.n && word.p[engine.n] == '/' &&
           str_starts(word, engine) && str_ends(word, m->name);
}

/* An embeddings request must not meet a chat model, nor the other way round, unless
 * it is named: then the capability check says why it cannot be. */
static bool fits_surface(const struct config_model *m, const struct chat *chat)
{
    bool is_for_embeddings = m->caps & CAP_EMBEDDINGS;
    return (chat->surface == SURFACE_EMBEDDINGS) == is_for_embeddings;
}

/* A list in a bounded text; what has no room is counted. */
struct known {
    char text[160];
    size_t n, nleft_out;
};

static void add_known(struct known *k, struct str name)
{
    int w = snprintf(k->text + k->n, sizeof k->text - k->n, "%.*s, ", STR_ARG(name));
    if (w < 0 || (size_t)w >= sizeof k->text - k->n) {
        k->text[k->n] = '\0';
        k->nleft_out++;
        return;
    }
    k->n += (size_t)w;
}

/* Roles and aliases first: there are few of them, and nothing else names them. */
static void list_known(const struct config *config, struct known *k)
{
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++)
        if (config->roles[r])
            add_known(k, str_of(role_name((enum role)r)));
    for (size_t i = 0; i < config->naliases; i++)
        add_known(k, config->aliases[i].from);
    for (size_t i = 0; i < config->nmodels; i++) {
        bool is_new = true; /* one name may stand on several engines */
        for (size_t j = 0; j < i && is_new; j++)
            is_new = !str_eq(config->models[j]->name, config->models[i]->name);
        if (is_new)
            add_known(k, config->models[i]->name);
    }
}

static int unknown_model(const struct config *config, struct str word, struct err *err)
{
    struct known k = {.n = 0};
    list_known(config, &k);
    if (k.nleft_out)
        return err_set(err, ERR_NOT_FOUND, "model_not_found",
                       "no model is called '%.*s'; known here: %s%zu more (GET "
                       "/v1/models), auto, local, cloud",
                       (int)(word.n > 60 ? 60 : word.n), word.p, k.text, k.nleft_out);
    return err_set(err, ERR_NOT_FOUND, "model_not_found",
                   "no model is called '%.*s'; known here: %sauto, local, cloud",
                   (int)(word.n > 60 ? 60 : word.n), word.p, k.text);
}

static void keep_side(const struct config *config, const struct chat *chat, enum pin pin,
                      struct candidates *c)
{
    for (size_t i = 0; i < config->nmodels; i++) {
        const struct config_model *m = config->models[i];
        bool right_side = pin == PIN_AUTO || (pin == PIN_CLOUD) == m->is_cloud;
        if (right_side && fits_surface(m, chat))
            c->items[c->n++] = m;
    }
}

/* Another embedding model would answer with vectors of another space, and a vector
 * store filled from two of them is silently wrong: so "auto" must be unambiguous. */
static int one_embedding_model(const struct candidates *c, struct err *err)
{
    for (size_t i = 1; i < c->n; i++)
        if (!str_eq(c->items[i]->name, c->items[0]->name))
            return err_set(err, ERR_BAD_REQUEST, "embedding_model_ambiguous",
                           "several embedding models are configured (%.*s, %.*s): name "
                           "the one your vectors were made with",
                           STR_ARG(c->items[0]->name), STR_ARG(c->items[i]->name));
    return 0;
}

/* 1: the word has a meaning, and *c is filled; 0: it has none; -1: it may not mean it. */
static int resolve_word(const struct config *config, const struct chat *chat,
                        struct str name, struct candidates *c, struct asked *ret,
                        struct err *err)
{
    ret->word = unalias(config, name, &ret->is_alias);
    if (str_eqz(ret->word, "auto"))
        ret->pin = PIN_AUTO;
    else if (str_eqz(ret->word, "local"))
        ret->pin = PIN_LOCAL;
    else if (str_eqz(ret->word, "cloud"))
        ret->pin = PIN_CLOUD;
    if (ret->pin != PIN_MODEL) {
        keep_side(config, chat, ret->pin, c);
        return chat->surface == SURFACE_EMBEDDINGS && one_embedding_model(c, err) < 0 ? -1
                                                                                      : 1;
    }
    if (role_parse(ret->word, &ret->role) && config->roles[ret->role]) {
        c->items[c->n++] = config->roles[ret->role];
        return 1;
    }
    for (size_t i = 0; i < config->nmodels; i++)
        if (names_model(config->models[i], ret->word))
            c->items[c->n++] = config->models[i];
    return c->n > 0;
}

int route_resolve(const struct config *config, const struct chat *chat,
                  struct candidates *c, struct asked *ret, struct err *err)
{
    *ret = (struct asked){.pin = PIN_MODEL};
    c->n = 0;
    int rc = resolve_word(config, chat, chat->model, c, ret, err);
    struct str bare = rc == 0 ? fold_provider(chat->model) : STR("");
    if (rc == 0 && bare.n)
        rc = resolve_word(config, chat, bare, c, ret, err);
    if (rc == 0)
        rc = fold_find(config, ret->word, c, err);
    if (rc == 0 && bare.n) {
        bool is_alias;
        rc = fold_find(config, unalias(config, chat->model, &is_alias), c, err);
    }
    struct str untagged = rc == 0 ? fold_latest(chat->model) : STR("");
    if (rc == 0 && untagged.n)
        rc = resolve_word(config, chat, untagged, c, ret, err);
    return rc > 0 ? 0 : rc < 0 ? -1 : unknown_model(config, chat->model, err);
}

int route_find_name(const struct config *config, struct str name, struct str *ret_owner,
                    struct err *err)
{
    const struct chat chat = {.surface = SURFACE_CHAT, .model = name};
    struct candidates c;
    struct asked asked;
    if (route_resolve(config, &chat, &c, &asked, err) < 0)
        return -1;
    bool is_one = asked.pin == PIN_MODEL && asked.role == ROLE_NONE && !asked.is_alias;
    *ret_owner = is_one ? c.items[0]->engine->name : STR("weir");
    return 0;
}
