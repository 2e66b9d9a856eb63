/* ask.h -- a request in any dialect, read: what the simulator is asked.
 *
 * OpenAI's own surfaces are read by request.c, as an engine would.  The other dialects
 * are read by their rows (dialect/dialect.h), a chat once more as a conversation; so are
 * OpenAI's chats where a script looks at them. */
#ifndef WEIR_SIM_ASK_H
#define WEIR_SIM_ASK_H

#include "dialect/dialect.h"
#include "sim/request.h"
#include "sim/script.h"

/* Where the request came to. */
struct sim_address {
    const struct dialect *dialect;
    const struct dialect_path *path; /* NULL: one of the simulator's own routes */
    struct str name;                 /* as the path has it, unescaped */
};
/* A path of a dialect of the table, but none by which a model is asked in the first:
 * these are routes of the simulator.  False: there is none;
 * *ret_wrong_method: there is, for another method; HEAD counts as GET.  The name is in
 * `room`. */
bool sim_address_find(struct str method, struct str path, char *room, size_t nroom,
                      struct sim_address *ret, bool *ret_wrong_method);

struct sim_asking {
    struct chat chat;          /* of a dialect that is not OpenAI's */
    struct conversation said;  /* of a chat, where request.said points to it */
    struct answer_about about; /* for the dialect's encoder */
};
/* Fills *r, and *ret where the path is a dialect's.  -1 with *err. */
int sim_ask_read(const struct sim_address *at, enum sim_surface surface, struct str body,
                 struct str default_model, struct arena *a, struct sim_asking *ret,
                 struct sim_request *r, struct err *err);
/* Plays the script, or what rules the last user text has.  An OpenAI chat is read as a
 * conversation for that. */
int sim_ask_script(const struct sim_script *script, struct str body, struct arena *a,
                   struct sim_asking *asking, struct sim_request *r, struct sim_turn *ret,
                   struct err *err);

#endif
