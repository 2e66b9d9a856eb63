/* fingerprint.h -- which files and builds stand behind the names of the local models, as
 * far as their engines say.
 *
 * Ollama says a digest of each model (/api/tags) and its version; llama-server the sizes
 * of its model (`meta` in /v1/models) and its build (/props); vLLM the `root` of each
 * model and its version.  Others say nothing, and count by their names alone.  Asked are
 * engines on this machine by plain http: what is elsewhere may be slow to say no. */
#ifndef WEIR_GATEWAY_FINGERPRINT_H
#define WEIR_GATEWAY_FINGERPRINT_H

#include "config/config.h"

/* sum, and what the list of models `body` says of this one.  Not 0. */
uint32_t fingerprint_add(uint32_t sum, struct str body, struct str model);

/* Asks all of them at once and waits for them, up to a second: on the main thread, never
 * in a turn.  0: one did not answer, so it is not known now; or there is none to ask. */
uint32_t fingerprint_ask(const struct config *c);

#endif
