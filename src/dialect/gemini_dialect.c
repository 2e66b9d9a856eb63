/* gemini_dialect.c -- the row of Gemini's dialect: its paths, under both versions of the
 * API.  A stream is one of events only where the client says alt=sse; else it is an
 * array, element by element. */
#include "dialect/gemini.h"

#define MODEL(version) "/" version "/models/{model}"
#define ASKED(version, a_method, a_surface)                                              \
    {                                                                                    \
        .method = "POST", .pattern = MODEL(version) a_method, .surface = (a_surface)     \
    }
#define TOLD(a_method, a_pattern, a_tell)                                                \
    {                                                                                    \
        .method = (a_method), .pattern = (a_pattern), .answer = ANSWERED_BY_DIALECT,     \
        .tell = (a_tell)                                                                 \
    }
#define EVENTS(version)                                                                  \
    {                                                                                    \
        .method = "POST", .pattern = MODEL(version) ":streamGenerateContent",            \
        .is_stream = true, .query = "alt=sse"                                            \
    }
#define ELEMENTS(version)                                                                \
    {                                                                                    \
        .method = "POST", .pattern = MODEL(version) ":streamGenerateContent",            \
        .is_stream = true, .type = "application/json", .has_own_framing = true           \
    }
#define ALL(version)                                                                     \
    ASKED(version, ":generateContent", SURFACE_CHAT), EVENTS(version),                   \
        ELEMENTS(version), ASKED(version, ":embedContent", SURFACE_EMBEDDINGS),          \
        ASKED(version, ":batchEmbedContents", SURFACE_EMBEDDINGS),                       \
        TOLD("POST", MODEL(version) ":countTokens", gemini_tell_tokens)

static const struct dialect_path paths[] = {
    ALL("v1beta"),
    ALL("v1"),
    TOLD("GET", "/v1beta/models", gemini_tell_models),
    TOLD("GET", "/v1beta/models/{model}", gemini_tell_model),
};

/* Of the paths of each version. */
static const enum gemini_request requests[] = {GEMINI_GENERATE,   GEMINI_STREAM,
                                               GEMINI_ARRAY,      GEMINI_EMBED,
                                               GEMINI_EMBED_MANY, GEMINI_NO_REQUEST};

enum gemini_request gemini_request_of(const struct dialect_path *path)
{
    for (size_t i = 0; i < 2 * ARRAY_LEN(requests); i++)
        if (path == &paths[i])
            return requests[i % ARRAY_LEN(requests)];
    return GEMINI_NO_REQUEST;
}

static const struct dialect_prefix prefixes[] = {
    {"/v1beta/", "of Google's API weir serves models/{model}:generateContent, "
                 ":streamGenerateContent, :countTokens, :embedContent and "
                 ":batchEmbedContents, and the list of models"},
};

const struct dialect dialect_gemini = {
    .id = DIALECT_GEMINI,
    .paths = paths,
    .npaths = ARRAY_LEN(paths),
    .prefixes = prefixes,
    .nprefixes = ARRAY_LEN(prefixes),
    .decode = gemini_decode,
    .read_conversation = gemini_read_conversation,
    .as_openai = gemini_as_openai,
    .echo = gemini_echo,
    .encoder_bytes = sizeof(struct gemini_encoder),
    .encoder_init = gemini_encoder_init,
    .encoder_release = gemini_encoder_release,
    .encode_event = gemini_encode_event,
    .encode_sole = gemini_encode_sole,
    .encode_end = gemini_encode_end,
    .encode_stream_error = gemini_encode_stream_error,
    .frame_own = gemini_frame_own,
    /* An empty line: Google's SDK for Python fails at comments. */
    .ping = STR_INIT("\n"),
    .stream_type = STR_INIT("text/event-stream"),
    .encode_answer = gemini_encode_answer,
    .encode_error = gemini_encode_error,
    .error_status = gemini_error_status,
};
