/* gguf.h -- the head of a GGUF file: shape, block types and sizes of its tensors.
 *
 * The format is ggml's (docs/gguf.md): magic, version 2 or 3, counts, typed metadata,
 * then one record a tensor.  The reader takes bytes and never trusts a count: every
 * length is checked against what is left, sums are checked for overflow, and a file
 * that ends early or contradicts itself is a fault that says where and what to do.
 *
 * Only the first GGUF_HEAD_MAX bytes are needed; `file_bytes` is the size of the whole
 * file, against which the tensors are checked. */
#ifndef WEIR_FIT_GGUF_H
#define WEIR_FIT_GGUF_H

#include "core/arena.h"
#include "core/err.h"
#include "facts/models.h"

enum { GGUF_HEAD_MAX = 64 << 20 };

struct gguf {
    uint32_t version;
    uint64_t tensors;
    uint64_t tensor_bytes;    /* all weights */
    uint64_t embedding_bytes; /* token_embd, not read a token when there is an output */
    uint64_t expert_bytes;    /* of routed experts */
    bool has_output;
    const char *main_type; /* the block type holding most bytes, "Q4_K"; static */
    struct model shape;    /* id is general.name; strings live in the arena */
    uint64_t read_bytes;   /* weights read for one token */
};

int gguf_read(struct str head, uint64_t file_bytes, struct arena *a, struct gguf *ret,
              struct err *err);

#endif
