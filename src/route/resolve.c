/* resolve.c -- from the name a client wrote to the models it may mean.
 *
 * An alias is looked up once (aliases do not chain); then "auto", "local", "cloud", a
 * role, an exact model name, or "engine/model".  One name may stand on several
 * engines: all of them are candidates. */
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

static void list_known(const struct config *config, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < config->nmodels && n + 1 < size; i++) {
        int w = snprintf(out + n, size - n, "%.*s, ", STR_ARG(config->models[i]->name));
        if (w < 0 || (size_t)w >= size - n) {
            out[n] = '\0';
            break;
        }
        n += (size_t)w;
    }
    snprintf(out + n, size - n, "auto, local, cloud");
}

static int unknown_model(const struct config *config, struct str word, struct err *err)
{
    char known[220];
    list_known(config, known, sizeof known);
    return err_set(err, ERR_NOT_FOUND, "model_not_found",
                   "no model is called '%.*s'; known here: %s",
                   (int)(word.n > 60 ? 60 : word.n), word.p, known);
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

int route_resolve(const struct config *config, const struct chat *chat,
                  struct candidates *c, struct asked *ret, struct err *err)
{
    *ret = (struct asked){.pin = PIN_MODEL};
    c->n = 0;
    ret->word = unalias(config, chat->model, &ret->is_alias);
    if (str_eqz(ret->word, "auto"))
        ret->pin = PIN_AUTO;
    else if (str_eqz(ret->word, "local"))
        ret->pin = PIN_LOCAL;
    else if (str_eqz(ret->word, "cloud"))
        ret->pin = PIN_CLOUD;
    if (ret->pin != PIN_MODEL) {
        keep_side(config, chat, ret->pin, c);
        return chat->surface == SURFACE_EMBEDDINGS ? one_embedding_model(c, err) : 0;
    }
    if (role_parse(ret->word, &ret->role) && config->roles[ret->role]) {
        c->items[c->n++] = config->roles[ret->role];
        return 0;
    }
    for (size_t i = 0; i < config->nmodels; i++)
        if (names_model(config->models[i], ret->word))
            c->items[c->n++] = config->models[i];
    return c->n ? 0 : unknown_model(config, chat->model, err);
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
