/* loaded.h -- what an engine says of the models that it has in memory; pure.
 *
 * Ollama says it whole (GET /api/ps: name, `size`, `size_vram`, `expires_at`); so do
 * weir's simulated engines.  LM Studio says which are loaded (/api/v0/models, `state`).
 * llama-server says it with its list (`status` of a router's models, `meta.size` of the
 * weights), and in /props whether it sleeps, which means that it has let its model go.
 * vLLM has what it serves in memory.  Others do not tell. */
#ifndef WEIR_ENGINE_LOADED_H
#define WEIR_ENGINE_LOADED_H

#include "config/kinds.h"

enum {
    LOADED_MOST = 8, /* models that are told of one engine */
    LOADED_NAME = 128,
    LOADED_QUESTIONS = 2,
    LOADED_BODY_BYTES = 256 << 10 /* a larger answer is not read */
};

struct loaded_model {
    char name[LOADED_NAME]; /* printable, cut to fit */
    /* Each 0: it does not say. */
    uint64_t bytes; /* in memory, all of it */
    uint64_t weights_bytes;
    uint64_t until_ms;   /* when it goes if nobody asks it; since 1970 */
    bool has_gpu, stays; /* `gpu_bytes` is told; it does not go by itself */
    uint64_t gpu_bytes;  /* of `bytes` */
};

struct loaded {
    size_t n, more; /* `more`: not in items */
    struct loaded_model items[LOADED_MOST];
};

struct loaded_question {
    const char *path; /* NULL: nothing is asked */
    bool is_at_root;  /* else behind the path of the engine's url */
};
/* What to GET of an engine of this kind; how many: 0, it does not tell. */
size_t loaded_questions(enum engine_kind k, struct loaded_question ret[LOADED_QUESTIONS]);
/* What the answers to these say, bodies in the same order.  False: nothing that can be
 * understood. */
bool loaded_read(enum engine_kind k, const struct str bodies[LOADED_QUESTIONS],
                 struct loaded *ret);

#endif
