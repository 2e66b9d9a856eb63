/* ollama.h -- inside engine/: the parts of the translator to Ollama's /api/chat. */
#ifndef WEIR_ENGINE_OLLAMA_H
#define WEIR_ENGINE_OLLAMA_H

#include "engine/translator.h"

int ollama_translate(struct engine_translation *t, struct str bytes, bool is_end,
                     struct err *err);
void ollama_translate_answer(enum surface surface, struct str answer, struct buf *out);

#endif
