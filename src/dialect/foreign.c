/* foreign.c -- see foreign.h. */
#include "dialect/foreign.h"

#include "dialect/openai.h"
#include "json/write.h"

#define BASE_URL "with the base URL http://HOST:PORT/v1"

static const struct dialect_prefix responses_prefixes[] = {
    {"/v1/responses",
     "weir does not serve OpenAI's Responses API yet; set this client to chat "
     "completions "
     "(openai-chat, useResponsesApi: false, OpenAIChatModel, or what it calls that)"},
};

const struct dialect dialect_openai_responses = {
    .id = DIALECT_OPENAI_RESPONSES,
    .prefixes = responses_prefixes,
    .nprefixes = ARRAY_LEN(responses_prefixes),
    .encode_error = openai_encode_error,
};
