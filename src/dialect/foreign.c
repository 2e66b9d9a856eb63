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

/* -- Gemini ------------------------------------------------------------------------ */

static const char *google_status(enum err_kind kind)
{
    switch (kind) {
    case ERR_AUTH:
        return "UNAUTHENTICATED";
    case ERR_FORBIDDEN:
        return "PERMISSION_DENIED";
    case ERR_NOT_FOUND:
        return "NOT_FOUND";
    default:
        return "INVALID_ARGUMENT";
    }
}

static void gemini_error(const struct err *err, struct buf *out)
{
    buf_printf(out, "{\"error\":{\"code\":%d,\"status\":\"%s\",\"message\":",
               err_http_status(err->kind), google_status(err->kind));
    json_write_string(out, str_of(err->msg));
    buf_lit(out, "}}");
}

static const struct dialect_prefix gemini_prefixes[] = {
    {"/v1beta/", "weir does not serve Google's API yet; use a client of OpenAI's chat "
                 "completions, " BASE_URL},
};

const struct dialect dialect_gemini = {
    .id = DIALECT_GEMINI,
    .prefixes = gemini_prefixes,
    .nprefixes = ARRAY_LEN(gemini_prefixes),
    .encode_error = gemini_error,
};
