/* ollama_dialect.c -- the row of Ollama's dialect: its paths. */
#include "dialect/ollama.h"
#include "dialect/ollama_line.h"

/* A model answers, or the dialect by itself. */
#define ASKED(a_pattern, a_surface)                                                      \
    {                                                                                    \
        .method = "POST", .pattern = (a_pattern), .surface = (a_surface)                 \
    }
#define TOLD(a_method, a_pattern, a_tell)                                                \
    {                                                                                    \
        .method = (a_method), .pattern = (a_pattern), .answer = ANSWERED_BY_DIALECT,     \
        .tell = (a_tell)                                                                 \
    }

static const struct dialect_path paths[] = {
    ASKED("/api/chat", SURFACE_CHAT),
    ASKED("/api/generate", SURFACE_CHAT),
    ASKED("/api/embed", SURFACE_EMBEDDINGS),
    ASKED("/api/embeddings", SURFACE_EMBEDDINGS),
    TOLD("GET", "/api/tags", ollama_tell_tags),
    TOLD("GET", "/api/ps", ollama_tell_loaded),
    TOLD("POST", "/api/show", ollama_tell_model),
    {.method = "GET",
     .pattern = "/api/version",
     .answer = ANSWERED_BY_DIALECT,
     .access = DIALECT_FOR_ALL,
     .tell = ollama_tell_version},
    {.method = "GET",
     .pattern = "/",
     .answer = ANSWERED_BY_DIALECT,
     .access = DIALECT_FOR_ALL,
     .tell = ollama_tell_root,
     .type = "text/plain; charset=utf-8"},
};

/* Of the first paths. */
static const enum ollama_request requests[] = {OLLAMA_CHAT, OLLAMA_GENERATE, OLLAMA_EMBED,
                                               OLLAMA_EMBED_ONE};

enum ollama_request ollama_request_of(const struct dialect_path *path)
{
    for (size_t i = 0; i < ARRAY_LEN(requests); i++)
        if (path == &paths[i])
            return requests[i];
    return OLLAMA_NO_REQUEST;
}

#define NO_FILES                                                                         \
    "weir keeps no models itself; do this at the engine that has them (ollama pull "     \
    "NAME), and weir serves what stands in its weir.yaml"

static const struct dialect_prefix prefixes[] = {
    {"/api/pull", NO_FILES},
    {"/api/push", NO_FILES},
    {"/api/create", NO_FILES},
    {"/api/copy", NO_FILES},
    {"/api/delete", NO_FILES},
    {"/api/blobs/", NO_FILES},
    {"/api/", "of Ollama's API weir serves /api/chat, /api/generate, /api/embed, "
              "/api/embeddings, /api/tags, /api/show, /api/ps and /api/version"},
};

const struct dialect dialect_ollama = {
    .id = DIALECT_OLLAMA,
    .paths = paths,
    .npaths = ARRAY_LEN(paths),
    .prefixes = prefixes,
    .nprefixes = ARRAY_LEN(prefixes),
    .decode = ollama_decode,
    .read_conversation = ollama_read_conversation,
    .as_openai = ollama_as_openai,
    .encoder_bytes = sizeof(struct ollama_encoder),
    .encoder_init = ollama_encoder_init,
    .encoder_release = ollama_encoder_release,
    .encode_event = ollama_encode_event,
    .encode_sole = ollama_encode_sole,
    .encode_end = ollama_encode_end,
    .encode_stream_error = ollama_encode_stream_error,
    /* A blank before the next line: every reader steps over it, while some fail at an
     * empty line. */
    .ping = STR_INIT(" "),
    .stream_type = STR_INIT("application/x-ndjson"),
    .takes_any_type = true,
    .encode_answer = ollama_encode_answer,
    .encode_error = ollama_encode_error,
};
