/* anthropic_write.h -- inside dialect/: what a stream and a whole answer in Anthropic's
 * form have in common. */
#ifndef WEIR_DIALECT_ANTHROPIC_WRITE_H
#define WEIR_DIALECT_ANTHROPIC_WRITE_H

#include "dialect/dialect.h"

/* Appends the members of a message up to its content: `"id":...,"model":...,`.  The model
 * is the engine's name for it, or what was asked for. */
void anthropic_write_names(const struct answer_about *about, struct str model,
                           struct buf *out);

/* What an answer ended with. */
struct anthropic_finish {
    enum finish_reason reason;
    struct str stop;    /* the stop sequence that matched, or empty */
    struct str refusal; /* what was said of it, or empty */
    bool has_call;
};
/* Appends `"stop_reason":...,"stop_sequence":...`, and `stop_details` of a refusal.
 * Engines say "stop" after calls, and "tool_calls" without one: what was said decides. */
void anthropic_write_finish(const struct anthropic_finish *f, struct buf *out);
/* Appends the object.  Input here is without what the cache gave and took.  Counts that
 * are not known are 0: readers want them there. */
void anthropic_write_usage(const struct usage *u, struct buf *out);

/* Appends the beginning of a block: its type and what it has at once; its end is "}". */
void anthropic_open_text(struct buf *out);
void anthropic_open_thinking(struct buf *out);
void anthropic_write_redacted(struct str data, struct buf *out);
/* `nth` is the call's place in the answer: of it and of the answer's id an id is made
 * where the engine gave none. */
void anthropic_open_call(uint64_t answer_id, uint32_t nth, struct str id, struct str name,
                         struct buf *out);

#endif
