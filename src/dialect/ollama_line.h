/* ollama_line.h -- inside dialect/: the lines of which answers in Ollama's form are made,
 * streamed or whole. */
#ifndef WEIR_DIALECT_OLLAMA_LINE_H
#define WEIR_DIALECT_OLLAMA_LINE_H

#include "dialect/dialect.h"
#include "dialect/ollama.h"

/* A call whose arguments are a JSON object. */
struct ollama_call {
    struct str id, name, arguments;
};

/* What one line says; nothing that is empty is written. */
struct ollama_line {
    enum ollama_request request;
    struct str model;
    struct str text, thinking;
    const struct spoken *images; /* whose; or NULL */
    const struct ollama_call *calls;
    size_t ncalls;
    struct str logprobs; /* raw array */
    bool is_done;        /* it is the last one, or the whole answer */
    struct str finish;   /* weir's word for why it ended */
    struct usage usage;
    /* Of the last one, by clock_mono_ms(), as weir saw it: when the request came, and
     * when the first of its answer was written; 0: unknown. */
    uint64_t began_ms, first_ms;
};

/* Appends it, without an end of line. */
void ollama_write_line(const struct ollama_line *l, struct buf *out);
/* One that says a piece of text or thought alone, the inside of a raw string, with the
 * end of the line; of *l its request and model count.  *kept is of this stream alone. */
void ollama_write_piece(const struct ollama_line *l, bool is_thought, struct str raw,
                        struct ollama_head *kept, struct buf *out);

#endif
