/* responses.h -- inside engine/: the parts of the translator to OpenAI's Responses. */
#ifndef WEIR_ENGINE_RESPONSES_H
#define WEIR_ENGINE_RESPONSES_H

#include "engine/made.h"
#include "engine/wishes.h"

#define RESPONSES_FORM "OpenAI's Responses"

/* What is being written. */
struct responses_call;
struct responses_asking {
    const struct engine_asking *q;
    const struct conversation *c;
    struct arena *arena;
    struct json_writer *w;
    struct err *err;
    /* responses_items.c */
    struct responses_call *calls; /* of the model's last turn */
    size_t ncalls;
    const char *role; /* of the message that is open; NULL: none is */
    bool has_lost_thoughts, has_own_thoughts;
};

int responses_cannot(const struct responses_asking *x, const char *what);

/* -- responses_items.c: `instructions` and `input` --------------------------------------
 */

int responses_write_talk(struct responses_asking *x);

/* -- responses_wishes.c: what stands beside them ----------------------------------------
 */

int responses_check_wishes(const struct responses_asking *x);
int responses_write_wishes(struct responses_asking *x);

/* -- responses_answer.c has the row, this is its request --------------------------------
 */

int responses_encode(const struct engine_asking *q, struct arena *a,
                     struct http_message *ret, struct engine_plan *ret_plan,
                     struct err *err);
int responses_encode_own(const struct engine_asking *q, struct arena *a,
                         struct http_message *ret, struct engine_plan *ret_plan,
                         struct err *err);

#endif
