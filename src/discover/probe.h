/* probe.h -- an engine's own answers, turned into facts.  Pure: bytes in, facts out.
 *
 * What is asked, and what must be there for a fingerprint:
 *
 *   Ollama        GET /api/version {"version"}; /api/tags: every entry with a digest
 *                 and details; / says "Ollama is running".  /api/ps lists what is
 *                 loaded, with the context it was loaded with.  llama-server also
 *                 answers /api/tags (without digests): it is asked for first.
 *   LM Studio     GET /api/v0/models: entries with type, state and max_context_length.
 *   llama-server  GET /props: build_info and total_slots; /v1/models: owned_by
 *                 "llamacpp".
 *   vLLM          GET /version, /metrics with "vllm:" names, /v1/models owned_by
 *                 "vllm" with max_model_len.
 *
 * LiteLLM and other proxies answer /v1/models and nothing of the rest. */
#ifndef WEIR_DISCOVER_PROBE_H
#define WEIR_DISCOVER_PROBE_H

#include "discover/discover.h"

enum probe_question {
    PROBE_V1_MODELS,
    PROBE_ROOT,
    PROBE_OLLAMA_VERSION,
    PROBE_OLLAMA_TAGS,
    PROBE_OLLAMA_PS,
    PROBE_LM_STUDIO,
    PROBE_PROPS,
    PROBE_VERSION,
    PROBE_METRICS,
    PROBE_QUESTIONS
};
/* "/v1/models" ...; all are GET without a body. */
const char *probe_path(enum probe_question q);

struct probe_answer {
    int status; /* HTTP; 0: no answer */
    struct str body;
};

/* Fills kind, side, why, models, slots and problem of *e from the answers of one
 * place; the caller has set url.  False when nothing there speaks OpenAI (a web server,
 * another weir): then *e is untouched.  Strings are copied into `a`. */
bool probe_engine(const struct probe_answer answers[PROBE_QUESTIONS], bool is_child,
                  struct arena *a, struct found_engine *e);

/* POST /api/show of one Ollama model: whether it runs elsewhere, the context, what it
 * can do.  An unreadable answer changes nothing. */
void probe_ollama_show(struct str body, struct arena *a, struct found_model *m);

/* GET /props?model=NAME of one model of a llama-server that is a router: its context and
 * what it can do.  An unreadable answer changes nothing. */
void probe_llama_props(struct str body, struct found_model *m);

/* A name as it may be kept: printable ASCII without quotes or backslashes, at most 200
 * bytes.  False: leave the model out. */
bool probe_name_is_usable(struct str name);
/* "7.6B", "134.52M", "8x7B" -> parameters; 0 when it says nothing.  In a model's name
 * the last such part counts: "qwen2.5:7b", "llama-3.1-8b-instruct". */
uint64_t probe_params(struct str text);
uint64_t probe_params_of_name(struct str name);

#endif
