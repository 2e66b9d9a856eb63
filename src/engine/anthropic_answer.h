/* anthropic_answer.h -- inside engine/: what is kept of an answer in Anthropic's form. */
#ifndef WEIR_ENGINE_ANTHROPIC_ANSWER_H
#define WEIR_ENGINE_ANTHROPIC_ANSWER_H

#include "engine/anthropic.h"

enum { MAX_OPEN = 32, MAX_TEXT_BYTES = 16 * 1024 * 1024 };

enum block_kind { BLOCK_TEXT, BLOCK_THOUGHT, BLOCK_CALL, BLOCK_OTHER };

struct block {
    uint64_t index;
    enum block_kind kind;
    uint32_t call;      /* its number */
    bool has_arguments; /* a piece of them has come */
    uint64_t start;     /* of a text: characters before it */
};

struct telling {
    struct made made;
    struct usage_report usage;
    struct block open[MAX_OPEN];
    size_t nopen;
    struct siphash thought; /* of the open one's text */
    struct buf signature;   /* ... inside of its string */
    struct buf input;       /* of a call that came with one: raw */
    struct buf sources;     /* of the open text: raw citations, the list not closed */
    bool has_finish, has_usage;
};

/* -- anthropic_blocks.c: what stands in a message, into t->made; t->state is a telling --
 */

/* ERR_UPSTREAM "upstream_bad_answer": "the engine's answer has WHAT'NAME'". */
int anthropic_bad(struct err *err, const char *what, struct str name);
int anthropic_begin_block(struct engine_translation *t, uint64_t index, struct str block,
                          struct err *err);
int anthropic_take_delta(struct engine_translation *t, uint64_t index, struct str raw,
                         struct err *err);
/* ... of a delta that is known by the one before. */
void anthropic_note(struct engine_translation *t, const struct known_said *said);
/* Nothing where it is not open. */
void anthropic_end_block(struct engine_translation *t, uint64_t index);
void anthropic_end_all(struct engine_translation *t);

#endif
