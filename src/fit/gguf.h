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
#include "estimate/run.h"
#include "facts/models.h"

enum { GGUF_HEAD_MAX = 64 << 20, GGUF_TYPES = 40 };

struct gguf {
    uint32_t version;
    unsigned part, parts; /* of a file in several parts: which, of how many; else 1, 1 */
    uint64_t tensors;
    uint64_t tensor_bytes;    /* all weights */
    uint64_t embedding_bytes; /* token_embd, not read a token when there is an output */
    uint64_t expert_bytes;    /* of routed experts */
    bool has_output;
    uint64_t by_type[GGUF_TYPES]; /* bytes, by ggml's number of the block type */
    const char *main_type;        /* the block type holding most bytes, "Q4_K"; static */
    struct model shape;  /* id is general.name, printable; strings live in the arena */
    uint64_t read_bytes; /* weights read for one token */
};

/* The first part, or the only one. */
int gguf_read(struct str head, uint64_t file_bytes, struct arena *a, struct gguf *ret,
              struct err *err);

/* A further part of the same model: its tensors are added.  Fails when it says that it is
 * part of another number of parts. */
int gguf_read_part(struct str head, uint64_t file_bytes, struct gguf *to,
                   struct err *err);

/* What the estimator asks (estimate/run.h), from the sizes the file says. */
void gguf_sizes(const struct gguf *g, const struct kv_ask *kv, struct memory_need *need,
                struct speed_load *load);

#endif
