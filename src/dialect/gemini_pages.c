/* gemini_pages.c -- which models there are, and how many tokens a request has, for
 * clients of Gemini's API. */
#include "config/kinds.h"
#include "dialect/gemini.h"
#include "json/write.h"

static void text(struct json_writer *w, const char *name, struct str value)
{
    json_key(w, name);
    json_str(w, value);
}

void gemini_write_members(struct json_writer *w, const struct dialect_model *m)
{
    static const struct {
        unsigned cap;
        const char *method;
    } methods[] = {{CAP_CHAT, "generateContent"},
                   {CAP_CHAT, "streamGenerateContent"},
                   {CAP_CHAT, "countTokens"},
                   {CAP_EMBEDDINGS, "embedContent"},
                   {CAP_EMBEDDINGS, "batchEmbedContents"}};
    json_key(w, "name");
    buf_lit(w->out, "\"models/");
    json_write_inside(w->out, m->id);
    buf_byte(w->out, '"');
    w->needs_comma = true;
    text(w, "displayName", m->id);
    if (m->max_context) {
        json_key(w, "inputTokenLimit");
        json_u64(w, m->max_context);
    }
    json_key(w, "supportedGenerationMethods");
    json_array_open(w);
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (m->caps & methods[i].cap)
            json_str(w, str_of(methods[i].method));
    json_array_close(w);
}

static void write_model(struct json_writer *w, const struct dialect_model *m)
{
    json_object_open(w);
    gemini_write_members(w, m);
    text(w, "description", m->owner);
    json_object_close(w);
}

int gemini_tell_models(const struct dialect_query *q, struct buf *out, struct err *err)
{
    struct json_writer w;
    (void)err;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "models");
    json_array_open(&w);
    for (size_t i = 0; i < q->nmodels; i++)
        if (q->models[i].caps) /* else nothing stands behind the name */
            write_model(&w, &q->models[i]);
    json_array_close(&w);
    json_object_close(&w);
    return 0;
}

int gemini_tell_model(const struct dialect_query *q, struct buf *out, struct err *err)
{
    struct json_writer w;
    for (size_t i = 0; i < q->nmodels; i++)
        if (str_eq(q->models[i].id, q->name)) {
            json_writer_init(&w, out);
            write_model(&w, &q->models[i]);
            return 0;
        }
    return err_set(err, ERR_NOT_FOUND, "model_not_found", "no model is called '%.*s'",
                   STR_ARG(str_sub(q->name, 0, 64)));
}

/* `contents`, or a whole request.  It is an estimate: weir has no model's tokenizer. */
int gemini_tell_tokens(const struct dialect_query *q, struct buf *out, struct err *err)
{
    const struct dialect_path *path = dialect_path_of(&dialect_gemini, SURFACE_CHAT);
    struct dialect_ask ask = {.path = path, .model = q->name, .body = q->body};
    struct json_cur c;
    struct chat chat;
    json_begin(&c, q->body);
    if (!json_skip(&c, NULL) || json_finish(&c, err) != 0)
        return err_set(err, ERR_BAD_REQUEST, "invalid_json",
                       "the body must be one JSON object");
    struct str inner = gemini_get(NULL, q->body, "generateContentRequest");
    if (raw_is(inner, '{'))
        ask.body = inner;
    if (gemini_decode(&ask, q->arena, &chat, err) != 0)
        return -1;
    buf_printf(out, "{\"totalTokens\":%llu}",
               (unsigned long long)chat_tokens_estimate(&chat));
    return 0;
}
