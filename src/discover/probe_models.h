/* probe_models.h -- what an engine's lists say about its models; used by probe.c. */
#ifndef WEIR_DISCOVER_PROBE_MODELS_H
#define WEIR_DISCOVER_PROBE_MODELS_H

#include "discover/probe.h"

#include <jansson.h>

void probe_models_llama_server(const json_t *v1, const json_t *props, struct arena *a,
                               struct found_engine *e);
void probe_models_ollama(const json_t *tags, const json_t *ps, struct arena *a,
                         struct found_engine *e);
void probe_models_lm_studio(const json_t *list, struct arena *a, struct found_engine *e);
/* Any list in OpenAI's form; `max_model_len` and `context_length` are read. */
void probe_models_openai(const json_t *v1, struct arena *a, struct found_engine *e);

#endif
