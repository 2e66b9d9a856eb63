/* heard.h -- what the rules of a script look at: the end of the conversation.
 *
 * The last user text is that of the last message in which a user says something.  What
 * an agent puts between <system-reminder> and </system-reminder> at the beginning of a
 * text is not said by the user. */
#ifndef WEIR_SIM_HEARD_H
#define WEIR_SIM_HEARD_H

#include "dialect/conversation.h"

struct sim_heard {
    const struct conversation *said;
    struct str model;
    struct str user;   /* the last user text */
    struct str system; /* all system texts */
    struct str result; /* the newest result of a tool since then, or empty */
    uint64_t results;  /* ... how many there are */
    uint64_t turns;    /* ... how many turns of the model had calls: runs of results */
};

/* Texts are in the arena, or in the conversation's.  -1: no memory. */
int sim_hear(struct sim_heard *ret, const struct conversation *said, struct str model,
             struct arena *a, struct err *err);

#endif
