/* responses_told.h -- inside engine/: what is kept of an answer in the form of OpenAI's
 * Responses, and its items, into t->made; t->state is a struct telling. */
#ifndef WEIR_ENGINE_RESPONSES_TOLD_H
#define WEIR_ENGINE_RESPONSES_TOLD_H

#include "engine/responses.h"

enum { MAX_OPEN = 64, MAX_TEXT_BYTES = 16 * 1024 * 1024 };

enum item_kind { ITEM_MESSAGE, ITEM_THOUGHT, ITEM_CALL, ITEM_CUSTOM, ITEM_OTHER };

struct item {
    uint64_t index;
    enum item_kind kind;
    uint32_t call;    /* its number */
    bool is_told;     /* a piece of its text, thought or arguments has come */
    bool has_sources; /* ... of its sources */
    bool has_likely;  /* ... of how likely its tokens were */
    uint64_t bytes;   /* of a thought's text */
};

struct telling {
    struct made made;
    struct usage_report usage;
    struct item open[MAX_OPEN];
    size_t nopen, nitems; /* nitems: that were ever told */
    bool has_usage;
};

/* ERR_UPSTREAM "upstream_bad_answer": "the engine's answer has WHAT'NAME'". */
int responses_bad(struct err *err, const char *what, struct str name);

/* An event "response...." that is not of the beginning or end.  One that is not known is
 * stepped over. */
int responses_take_piece(struct engine_translation *t, struct str type, struct str data,
                         struct err *err);
/* ... of one that is known by the one before. */
void responses_note(struct engine_translation *t, const struct known_said *said);
/* An item as a whole: what of it has not been told. */
int responses_item_done(struct engine_translation *t, uint64_t index, struct str item,
                        struct err *err);
/* Calls that are open have all their arguments. */
void responses_end_all(struct engine_translation *t);

#endif
