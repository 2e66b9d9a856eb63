/* fuzz_request.c -- reading requests, against jansson on any bytes: what is accepted is
 * one JSON object whose model, stream, n and max_tokens are what jansson has there, no
 * name of which is a known one in another case, and whose members are where they are said
 * to be. */
#include "config/kinds.h"
#include "dialect/dialect.h"
#include "dialect/names.h"
#include "dialect/openai_view.h"
#include "jansson_oracle.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const char *const known[] = {"model",  "messages",    "prompt",
                                    "input",  "stream",      "stream_options",
                                    "n",      "max_tokens",  "max_completion_tokens",
                                    "tools",  "functions",   "response_format",
                                    "suffix", "tool_choice", "user"};

static void check_names(json_t *body)
{
    const char *name;
    json_t *value;
    json_object_foreach(body, name, value)
    {
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            require(!str_eq_nocase(str_of(name), str_of(known[i])) ||
                    strcmp(name, known[i]) == 0);
    }
}

static void check_fields(const struct chat *c, json_t *body)
{
    json_t *model = json_object_get(body, "model");
    json_t *n = json_object_get(body, "n");
    json_t *max = json_object_get(body, "max_tokens");
    struct str name = {json_string_value(model), json_string_length(model)};
    require(model && name.p && str_eq(c->model, name));
    bool is_stream = json_is_true(json_object_get(body, "stream"));
    require(c->surface == SURFACE_EMBEDDINGS || c->is_stream == is_stream);
    if (json_is_number(n))
        require((double)c->nchoices == json_number_value(n));
    if (json_is_number(max) && !json_object_get(body, "max_completion_tokens") &&
        json_number_value(max) >= 0)
        require((double)c->max_output_tokens == json_number_value(max));
    if (c->surface == SURFACE_CHAT)
        require(json_array_size(json_object_get(body, "messages")) == c->nmessages);
}

static void check_place(const struct chat *c, const struct member *m, const char *key)
{
    if (!m->end)
        return;
    struct json_string name = {{c->body.p + m->at + 1, strlen(key)}, false};
    require(m->at < m->value_at && m->value_at < m->end && m->end <= c->body.n);
    require(json_string_is(name, key) && c->body.p[m->at] == '"');
}

static void read_as(enum surface surface, struct str text)
{
    struct arena a;
    struct chat c;
    struct err err = {0};
    json_error_t e;
    arena_init(&a, (size_t)1 << 24);
    if (dialect_read(dialect_get(DIALECT_OPENAI), surface, text, &a, &c, &err) == 0) {
        json_t *body = oracle_load(text, &e);
        check_place(&c, &c.view->model_at, "model");
        check_place(&c, &c.view->stream_at, "stream");
        check_place(&c, &c.view->stream_options_at, "stream_options");
        check_place(&c, &c.view->messages_at, "messages");
        require(body || oracle_is_at_its_own_limit(&e));
        if (body) {
            check_names(body);
            check_fields(&c, body);
        }
        json_decref(body);
    } else {
        require(err.kind != ERR_NONE && err.code && err.msg[0]);
    }
    arena_reset(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    read_as(SURFACE_CHAT, text);
    read_as(SURFACE_COMPLETIONS, text);
    read_as(SURFACE_EMBEDDINGS, text);
    return 0;
}
