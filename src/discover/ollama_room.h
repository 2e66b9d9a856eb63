/* ollama_room.h -- how much of a conversation a model of Ollama's is to read.
 *
 * Ollama takes 4096 tokens on most machines, whatever the model could, and cuts the
 * beginning of what is longer in silence.  So weir says `num_ctx` with each request. */
#ifndef WEIR_DISCOVER_OLLAMA_ROOM_H
#define WEIR_DISCOVER_OLLAMA_ROOM_H

#include <jansson.h>
#include <stdint.h>

/* 4096 to 32768 tokens, and no more than the model was made for: as many as take half of
 * the memory that its weights take, or 1 GiB; 8192 where `info`, model_info of /api/show,
 * does not tell how much they take. */
uint64_t ollama_room(json_t *info, uint64_t weights_bytes, uint64_t trained_tokens);

#endif
