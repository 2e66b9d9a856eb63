/* openai.c -- the row of the OpenAI dialect: its paths, and its lists of models. */
#include "dialect/openai.h"

#include "dialect/gemini.h"

#include "config/kinds.h"
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

static void text(struct json_writer *w, const char *key, struct str value)
{
    json_key(w, key);
    json_str(w, value);
}

/* -- lists of models
 * ---------------------------------------------------------------------
 *
 * OpenAI's, Anthropic's, Google's and Codex's clients ask for /v1/models by the same
 * path, and each reads its own members: the last two of the same list, `models`. */

/* When a model was made is not known; clients want a time. */
#define NO_TIME "1970-01-01T00:00:00Z"

enum { CODEX_OUTPUT_BYTES = 10000 };

static void write_model(struct json_writer *w, const struct dialect_model *m)
{
    json_object_open(w);
    text(w, "id", m->id);
    text(w, "object", STR("model"));
    json_key(w, "created");
    json_i64(w, 0);
    text(w, "owned_by", m->owner);
    text(w, "type", STR("model"));
    text(w, "display_name", m->id);
    text(w, "created_at", STR(NO_TIME));
    gemini_write_members(w, m);
    if (m->max_context) {
        json_key(w, "max_input_tokens");
        json_u64(w, m->max_context);
    }
    json_object_close(w);
}

/* What Codex wants of a model, in its own words; it fails where a member is missing. */
static void write_codex_model(struct json_writer *w, const struct dialect_model *m)
{
    json_object_open(w);
    text(w, "slug", m->id);
    text(w, "display_name", m->id);
    text(w, "shell_type", STR("default"));
    text(w, "visibility", STR("list"));
    json_key(w, "supported_in_api");
    json_bool(w, true);
    json_key(w, "priority");
    json_i64(w, 0);
    json_key(w, "supported_reasoning_levels");
    json_raw(w, STR("[]"));
    json_key(w, "supports_reasoning_summaries");
    json_bool(w, false);
    json_key(w, "support_verbosity");
    json_bool(w, false);
    json_key(w, "supports_parallel_tool_calls");
    json_bool(w, (m->caps & CAP_TOOLS) != 0);
    json_key(w, "experimental_supported_tools");
    json_raw(w, STR("[]"));
    text(w, "base_instructions", STR(""));
    json_key(w, "truncation_policy");
    json_object_open(w);
    text(w, "mode", STR("bytes"));
    json_key(w, "limit");
    json_i64(w, CODEX_OUTPUT_BYTES);
    json_object_close(w);
    gemini_write_members(w, m);
    if (m->max_context) {
        json_key(w, "context_window");
        json_u64(w, m->max_context);
    }
    json_object_close(w);
}

static void write_ends(struct json_writer *w, const struct dialect_model *m, size_t n)
{
    json_key(w, "has_more");
    json_bool(w, false);
    if (!n)
        return;
    text(w, "first_id", m[0].id);
    text(w, "last_id", m[n - 1].id);
}

static void encode_models(const struct dialect_model *m, size_t n, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    text(&w, "object", STR("list"));
    json_key(&w, "data");
    json_array_open(&w);
    for (size_t i = 0; i < n; i++)
        write_model(&w, &m[i]);
    json_array_close(&w);
    write_ends(&w, m, n);
    json_key(&w, "models");
    json_array_open(&w);
    for (size_t i = 0; i < n; i++)
        write_codex_model(&w, &m[i]);
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
