/* openai.c -- the row of the OpenAI dialect: its paths, and its lists of models. */
#include "dialect/openai.h"

#include "json/write.h"

static const struct dialect_path paths[] = {
    {.method = "POST", .pattern = "/v1/chat/completions", .surface = SURFACE_CHAT},
    {.method = "POST", .pattern = "/v1/completions", .surface = SURFACE_COMPLETIONS},
    {.method = "POST", .pattern = "/v1/embeddings", .surface = SURFACE_EMBEDDINGS},
    {.method = "GET", .pattern = "/v1/models", .answer = ANSWERED_BY_LIST},
    {.method = "GET", .pattern = "/v1/models/{model}", .answer = ANSWERED_BY_ENTRY},
};

#define ENDS_IN_V1 "the base URL of weir ends in /v1: http://HOST:PORT/v1"

static const struct dialect_prefix prefixes[] = {
    {"/openai/", "weir has no paths of Azure's deployments; use a client of OpenAI (not "
                 "AzureOpenAI), with the base URL http://HOST:PORT/v1 and the model's "
                 "name in the body"},
    {"/v1/v1/", "the base URL ends in /v1 and the client adds its own: leave one out"},
    {"/chat/completions", ENDS_IN_V1},
    {"/completions", ENDS_IN_V1},
    {"/embeddings", ENDS_IN_V1},
    {"/models", ENDS_IN_V1},
};

static void write_model(struct json_writer *w, const struct dialect_model *m)
{
    json_object_open(w);
    json_key(w, "id");
    json_str(w, m->id);
    json_key(w, "object");
    json_str(w, STR("model"));
    json_key(w, "created");
    json_i64(w, 0);
    json_key(w, "owned_by");
    json_str(w, m->owner);
    json_object_close(w);
}

static void encode_models(const struct dialect_model *m, size_t n, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "object");
    json_str(&w, STR("list"));
    json_key(&w, "data");
    json_array_open(&w);
    for (size_t i = 0; i < n; i++)
        write_model(&w, &m[i]);
    json_array_close(&w);
    json_object_close(&w);
}

static void encode_model(const struct dialect_model *m, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    write_model(&w, m);
}

const struct dialect dialect_openai = {
    .id = DIALECT_OPENAI,
    .paths = paths,
    .npaths = ARRAY_LEN(paths),
    .prefixes = prefixes,
    .nprefixes = ARRAY_LEN(prefixes),
    .decode = openai_decode,
    .read_conversation = openai_read_conversation,
    .encoder_bytes = sizeof(struct openai_encoder),
    .encoder_init = openai_encoder_init,
    .encoder_release = openai_encoder_release,
    .encode_event = openai_encode_event,
    .encode_end = openai_encode_end,
    .encode_stream_error = openai_encode_stream_error,
    .ping = STR_INIT(": ping\n\n"),
    .stream_type = STR_INIT("text/event-stream"),
    .encode_error = openai_encode_error,
    .encode_models = encode_models,
    .encode_model = encode_model,
};
