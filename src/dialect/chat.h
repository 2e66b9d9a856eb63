/* chat.h -- a request as weir sees it, whatever dialect it came in.
 *
 * What routing, labelling and the ledger need is read in the one pass that validates the
 * body.  For the same dialect on both sides the client's bytes are passed on, untouched
 * but for a few splices: where, says the dialect's own view of them.  Who translates asks
 * for the conversation (conversation.h).  docs/mapping.md says how OpenAI Responses,
 * Anthropic Messages, Gemini and Ollama map onto these fields.
 *
 * Everything points into the request's body or arena. */
#ifndef WEIR_DIALECT_CHAT_H
#define WEIR_DIALECT_CHAT_H

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"
#include "json/ends.h"

enum surface { SURFACE_CHAT, SURFACE_COMPLETIONS, SURFACE_EMBEDDINGS, SURFACE_COUNT };
enum dialect_id {
    DIALECT_OPENAI,
    DIALECT_OPENAI_RESPONSES,
    DIALECT_ANTHROPIC,
    DIALECT_GEMINI,
    DIALECT_OLLAMA,
    DIALECT_COUNT
};

const char *surface_name(enum surface s);    /* "chat", "completions", "embeddings" */
const char *dialect_name(enum dialect_id d); /* "openai", ... */

/* What a user said, and by what the first message after it is known again. */
struct chat_turn {
    struct str user; /* raw JSON value of the content */
    struct str
        reply; /* ... of its tool_calls, else of its content; p == NULL: none yet */
};

struct dialect;
struct dialect_path;
struct openai_view;

struct chat {
    const struct dialect *dialect; /* that the body was read in, asked for by this */
    const struct dialect_path *path;
    struct str path_model; /* as the path names it; empty: it does not */
    enum surface surface;
    struct str body;       /* the client's bytes: one JSON object */
    struct json_ends ends; /* of it, for who reads it again: in the same arena */

    struct str model;               /* unescaped; empty when absent */
    bool is_stream;                 /* the client wants a stream */
    bool wants_usage;               /* ... with a usage chunk */
    const struct openai_view *view; /* of a body in OpenAI's form; NULL: in another */

    unsigned needs;    /* CAP_* bits (config/kinds.h) the request cannot do without */
    uint32_t nchoices; /* of the answer: n (1 when absent) for each prompt */
    uint32_t nprompts; /* of completions; inputs of embeddings; 0 of a chat */
    int64_t max_output_tokens; /* max_tokens or max_completion_tokens; -1 when absent */
    uint32_t nmessages;
    uint32_t nmedia;        /* images, sounds and files among the content parts */
    bool has_system;        /* a system or developer message, or Anthropic's `system` */
    uint32_t nresults;      /* of tools, where a message may have several (Gemini) */
    bool has_tool_results;  /* a tool message: an agent's loop */
    bool has_details;       /* of OpenAI's form: thoughts that may be sealed (seal.h) */
    uint64_t text_bytes;    /* of everything the model will read, as JSON text */
    uint64_t longest_bytes; /* of the longest single prompt or input; chat: text_bytes */
    uint64_t wide_bytes;    /* those of them outside ASCII */
    struct str input;       /* raw JSON value of all that the model is to read */
    struct str system_text; /* raw JSON value of the first system content, or empty */
    struct str last_user;   /* raw JSON value of the last user content, or empty */
    /* Every user message; of completions the prompt alone.  Of embeddings none. */
    struct chat_turn *turns;
    uint32_t nturns, turns_cap;
    /* Raw values of members by which applications name a conversation, or empty. */
    struct str prompt_cache_key, metadata, conversation;
    struct str thinking; /* of the member that asks for thoughts (Anthropic), or empty */
    /* The name of a member by which an engine would send the request elsewhere (the first
     * there is), or empty: not for a local engine, unless the operator allows it. */
    struct str forwards;
    /* The answer, in the dialect's own form: nothing was asked of a model.  p == NULL:
     * one is to answer. */
    struct str answered;
};

/* An upper bound on the prompt's tokens, good enough to refuse a model whose context
 * is too small.  Byte-level BPE never makes more tokens than bytes; measured texts
 * give 3 to 4.5 bytes a token for prose and code, 1.5 to 3 for other scripts, so the
 * bound is text/3 for ASCII and text/1.5 for wide bytes, plus 8 a message and 1,600 a
 * picture (the most that the published rules of OpenAI and Anthropic make of one).
 * Outside chat it is the bound of the longest input: each is read alone. */
uint64_t chat_tokens_bound(const struct chat *c);
/* The likely count (text/4, wide/2.4): for estimates that are marked as such. */
uint64_t chat_tokens_estimate(const struct chat *c);
/* Fewer tokens than this cannot be the whole prompt: text/10 (English words with their
 * blanks are 6 bytes, and few tokens are longer than two words), without media. */
uint64_t chat_tokens_floor(const struct chat *c);

struct json_cur;
struct json_string;
/* Steps over one element of an array of content parts: *ret_raw is the whole of it. True:
 * it has a text (the last, where several stand there). */
bool chat_read_part(struct json_cur *c, struct json_string *ret_text,
                    struct str *ret_raw);

#endif
