/* own.h -- inside engine/: the request of a client to an engine that speaks its dialect.
 *
 * The body is the client's own bytes.  What may differ, and nothing else: the model's
 * name, members that the operator configured as defaults, a sentence on tags where they
 * stand in the place of values or a system text that the operator gave, and thoughts that
 * another engine sealed (unseal.h). */
#ifndef WEIR_ENGINE_OWN_H
#define WEIR_ENGINE_OWN_H

#include "engine/translator.h"

/* How instructions are said in a dialect. */
enum own_system {
    SYSTEM_TEXT,       /* one text, or null */
    SYSTEM_BLOCKS,     /* one text, or a list of {"type":"text","text":...} */
    SYSTEM_PARTS,      /* {"parts":[{"text":...}]} */
    SYSTEM_IN_MESSAGES /* a message of role system, the first one */
};

struct own_form {
    enum dialect_id dialect;
    bool names_model;         /* in its member `model`; else the path does */
    const char *system[2];    /* the member's names; NULL: it has no second one */
    enum own_system said_how; /* with SYSTEM_IN_MESSAGES: `system[0]` is the list */
    struct str defaults; /* a JSON object: members added when absent, in the place of the
                          * operator's params; p == NULL: those */
};

/* Fills the body of *ret. */
int own_body(const struct engine_asking *q, const struct own_form *form, struct arena *a,
             struct http_message *ret, struct err *err);

#endif
