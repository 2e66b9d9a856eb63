/* anthropic_queue.h -- inside dialect/: the blocks of a streamed answer, one open at a
 * time.
 *
 * An answer in weir's form may go on with any of its parts at any time: calls may be
 * interleaved, text may come behind a call.  In Anthropic's form a block is begun, told
 * and ended before the next one begins.  So the first block in the queue is open and told
 * as it comes; what belongs to others waits behind it until the open one can be ended: a
 * text or a thought at once, a call when its arguments are a whole object, or at the end.
 */
#ifndef WEIR_DIALECT_ANTHROPIC_QUEUE_H
#define WEIR_DIALECT_ANTHROPIC_QUEUE_H

#include "core/buf.h"

enum block_kind { BLOCK_TEXT, BLOCK_THINKING, BLOCK_REDACTED, BLOCK_CALL };

/* How far a JSON text has come. */
struct nesting {
    uint32_t depth;
    bool is_begun, in_string, is_escaped;
};

struct out_block {
    enum block_kind kind;
    uint32_t call; /* of a call: its index in weir's form */
    struct nesting nesting;
    bool is_object;      /* of a call: its arguments begin like one */
    bool is_text;        /* ... or like none: they wait, whole, for the end of it */
    bool is_open;        /* its start has been written */
    bool is_closed_soon; /* nothing more belongs to it */
    struct buf id;       /* of a call; or the seal of a thought */
    struct buf name;
    struct buf text; /* what waits */
};

/* A call that has been ended. */
struct ended_call {
    uint32_t call;
    uint64_t id; /* its digest */
};

struct block_queue {
    uint64_t answer_id;
    uint32_t index; /* of the block that is open, or is to be opened next */
    uint32_t ncalls;
    struct out_block *v; /* the first may be open */
    size_t n, cap;
    struct ended_call *ended;
    size_t nended, ended_cap;
    size_t held_bytes;
    bool has_call;     /* one has been written */
    const char *fault; /* why it cannot go on, static; or NULL */
};

/* One piece of a call; p == NULL: not said. */
struct call_piece {
    uint32_t index;
    struct str id, name, arguments;
};

/* Frees what it holds. */
void block_queue_release(struct block_queue *q);
/* Each appends to `out` what can be told now. */
void block_queue_text(struct block_queue *q, enum block_kind kind, struct str text,
                      struct buf *out);
/* block_queue_text() of the inside of a raw string, not empty, where nothing but more of
 * the open block is to be told.  False: nothing was appended. */
bool block_queue_more(const struct block_queue *q, enum block_kind kind, struct str raw,
                      struct buf *out);
/* What the thought before it was signed with; without one it is a thought of its own. */
void block_queue_sign(struct block_queue *q, struct str seal, struct buf *out);
void block_queue_redacted(struct block_queue *q, struct str seal, struct buf *out);
void block_queue_call(struct block_queue *q, const struct call_piece *c, struct buf *out);
/* Tells and ends all there is. */
void block_queue_end(struct block_queue *q, struct buf *out);

#endif
