/* responses.c -- the row of OpenAI's Responses: its path, and what weir has none of. */
#include "dialect/responses_stream.h"

static const struct dialect_path paths[] = {
    {.method = "POST",
     .pattern = "/v1/responses",
     .surface = SURFACE_CHAT,
     .answer = ANSWERED_BY_MODEL,
     .access = DIALECT_FOR_KEYS},
};

#define KEEPS_NOTHING                                                                    \
    "weir keeps no responses and no conversations; send the whole conversation in "      \
    "'input' of POST /v1/responses each time (store: false)"

static const struct dialect_prefix prefixes[] = {
    {"/v1/responses/", KEEPS_NOTHING},
    {"/v1/conversations", KEEPS_NOTHING},
    {"/responses", "the base URL of weir ends in /v1: http://HOST:PORT/v1"},
};

static const char *const passed_fields[] = {"openai-beta", NULL};

const struct dialect dialect_openai_responses = {
    .id = DIALECT_OPENAI_RESPONSES,
    .paths = paths,
    .npaths = ARRAY_LEN(paths),
    .prefixes = prefixes,
    .nprefixes = ARRAY_LEN(prefixes),
    .decode = responses_decode,
    .read_conversation = responses_read_conversation,
    .echo = responses_echo,
    .encoder_bytes = sizeof(struct responses_encoder),
    .encoder_init = responses_encoder_init,
    .encoder_release = responses_encoder_release,
    .encode_event = responses_encode_event,
    .encode_sole = responses_encode_sole,
    .encode_end = responses_encode_end,
    .encode_stream_error = responses_encode_stream_error,
    .note_own = responses_note_own,
    .ping = STR_INIT(": ping\n\n"),
    .stream_type = STR_INIT("text/event-stream"),
    .passed_fields = passed_fields,
    .encode_answer = responses_encode_answer,
    .encode_error = responses_encode_error,
};
