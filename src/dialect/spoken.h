/* spoken.h -- what an event, or a whole answer, says: for dialects that write their own
 * form out of weir's (event.h). */
#ifndef WEIR_DIALECT_SPOKEN_H
#define WEIR_DIALECT_SPOKEN_H

#include "core/arena.h"
#include "dialect/conversation.h"
#include "dialect/event.h"

/* A call, or in a stream a piece of one: id and name come with its first piece. */
struct spoken_call {
    uint32_t index;
    struct str id, name, arguments; /* unescaped; p == NULL: not in this piece */
};

/* Texts are unescaped; p == NULL: nothing of the kind. */
struct spoken {
    struct str text, reasoning, refusal;
    struct spoken_call *calls;
    size_t ncalls;
    struct str finish;    /* the word: "stop", "length", "tool_calls", ... */
    struct str model, id; /* of the answer */
};

/* Of the first choice in `data`, a chunk or a whole answer in weir's form.  -1: no
 * memory. */
int spoken_read(struct str data, struct arena *a, struct spoken *ret, struct err *err);

#endif
