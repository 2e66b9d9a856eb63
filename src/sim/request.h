/* request.h -- what a client asked of the simulated engine, read in one pass.
 *
 * Only what changes the answer is kept; everything else is validated and ignored, as
 * llama-server does.  Values point into the body. */
#ifndef WEIR_SIM_REQUEST_H
#define WEIR_SIM_REQUEST_H

#include "dialect/conversation.h"
#include "json/scan.h"

enum sim_surface { SIM_CHAT, SIM_COMPLETIONS, SIM_EMBEDDINGS };

enum { SIM_MAX_CHOICES = 128, SIM_MAX_STOPS = 4, SIM_MAX_DIMENSIONS = 4096 };

struct sim_request {
    enum sim_surface surface;
    struct str model;          /* p == NULL: not stated */
    struct json_string prompt; /* last user text, prompt, or first input; raw */
    uint64_t digest;           /* of model and messages, prompt or input */
    uint64_t prompt_tokens;    /* words of all texts */
    uint32_t n;                /* choices: n times the number of prompts */
    uint64_t max_tokens;       /* 0: not stated */
    bool is_stream, include_usage, wants_logprobs;
    struct json_string stops[SIM_MAX_STOPS];
    size_t nstops;
    struct str tools; /* the raw array, or p == NULL */
    /* What the request says, where it was asked for: of other dialects than OpenAI's, and
     * for scripts.  Its tools are then what is offered. */
    const struct conversation *said;
    bool must_call;          /* tool_choice: required, or one by name */
    struct json_string tool; /* ... this one; raw.p == NULL: the first */
    bool wants_json;         /* response_format json_object or json_schema */
    struct str schema;       /* ... this one, or p == NULL */
    struct str input;        /* embeddings: the raw value */
    uint32_t dimensions;     /* embeddings: 0 when not stated */
    bool is_base64;
};

/* -1: ERR_BAD_REQUEST, with the message an engine would give. */
int sim_request_read(struct sim_request *r, enum sim_surface surface, struct str body,
                     struct str default_model, struct err *err);

/* Words of a raw JSON string: runs of bytes that are not blanks; \n, \r and \t are
 * blanks also when escaped. */
uint64_t sim_count_words(struct str raw);
/* Tokens of what is offered as a tool: it has few blanks, so four bytes are one. */
static inline uint64_t sim_tool_tokens(struct str definition)
{
    return definition.n / 4;
}

#endif
