/* ollama_said.h -- inside dialect/: the messages of a request in Ollama's form, as a
 * conversation has them. */
#ifndef WEIR_DIALECT_OLLAMA_SAID_H
#define WEIR_DIALECT_OLLAMA_SAID_H

#include "dialect/reader.h"

/* What only Ollama knows, under these names in conversation.others: raw values. */
#define OLLAMA_OTHER_OPTIONS    "ollama.options"
#define OLLAMA_OTHER_KEEP_ALIVE "ollama.keep_alive"
#define OLLAMA_OTHER_TRUNCATE   "ollama.truncate"
#define OLLAMA_OTHER_SHIFT      "ollama.shift"

/* A raw array of n messages. */
int ollama_read_messages(struct reader *r, struct str raw, size_t n);
/* The next message: a text, and a raw array of pictures (p == NULL: none) that stands in
 * `in`.  There is room for the message. */
int ollama_add_text(struct reader *r, enum speaker speaker, struct json_text text,
                    const struct place *in, struct str images);

#endif
