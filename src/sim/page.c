/* page.c -- the paths of the dialects that no model answers: lists of models, versions,
 * counts of tokens. */
#include "sim/peer.h"

#include "config/kinds.h"

enum { NOW_S = 1767225600 /* 2026-01-01: the same request, the same bytes */ };
enum { CONTEXT_TOKENS = 131072 };
#define LOADED_BYTES 4700000000ULL /* about what 7 billion weights take at 4 bits */

static struct dialect_model *models_of(struct peer *p)
{
    const struct sim *s = p->sim;
    struct dialect_model *models =
        arena_array(&p->arena, struct dialect_model, s->nmodels);
    for (size_t i = 0; models && i < s->nmodels; i++) {
        const struct json_string name = {s->models[i], true};
        models[i] = (struct dialect_model){
            .id = json_unescape(&p->arena, name),
            .owner = STR("weir-sim"),
            .is_local = true,
            .loaded_until_s = UINT64_MAX,
            .loaded_bytes = LOADED_BYTES,
            .max_context = CONTEXT_TOKENS,
            .caps = CAP_CHAT | CAP_TOOLS | CAP_VISION | CAP_JSON_SCHEMA,
        };
        if (!models[i].id.p)
            models = NULL;
    }
    return models;
}

static const struct dialect_model *find_model(const struct dialect_model *models,
                                              size_t n, struct str id)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(models[i].id, id))
            return &models[i];
    return NULL;
}

static int tell(struct peer *p, struct buf *out, struct err *err)
{
    const struct dialect_path *path = p->address.path;
    const struct dialect_model *models = models_of(p), *one;
    size_t n = p->sim->nmodels;
    if (!models)
        return err_nomem(err);
    const struct dialect_query q = {.path = path,
                                    .name = p->address.name,
                                    .body = buf_view(&p->body),
                                    .arena = &p->arena,
                                    .models = models,
                                    .nmodels = n,
                                    .now_s = NOW_S};
    switch (path->answer) {
    case ANSWERED_BY_LIST:
        p->dialect->encode_models(models, n, out);
        return 0;
    case ANSWERED_BY_ENTRY:
        one = find_model(models, n, p->address.name);
        if (!one)
            return err_set(err, ERR_NOT_FOUND, "model_not_found", "no model '%.*s'",
                           STR_ARG(p->address.name));
        p->dialect->encode_model(one, out);
        return 0;
    default:
        return path->tell(&q, out, err);
    }
}

void peer_tell(struct peer *p)
{
    struct buf *out = &p->sim->out;
    struct err err = {0};
    if (!p->is_authorised && p->address.path->access == DIALECT_FOR_KEYS) {
        peer_refuse_key(p);
        return;
    }
    buf_clear(out);
    if (tell(p, out, &err) < 0)
        peer_fail(p, dialect_error_status(p->dialect, &err), NULL, err.msg);
    else
        peer_send_whole(
            p, 200,
            str_of(p->address.path->type ? p->address.path->type : "application/json"),
            buf_view(out), STR(""));
}
