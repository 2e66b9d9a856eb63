/* dress.h -- an answer in another dialect than OpenAI's.
 *
 * The simulator says what it says in weir's form (dialect/event.h), and the dialect's row
 * (dialect/dialect.h) writes it, as it does in the gateway.  Then what only weir's own
 * answers have is taken out: the seals are left as the signatures that a vendor sends. */
#ifndef WEIR_SIM_DRESS_H
#define WEIR_SIM_DRESS_H

#include "dialect/dialect.h"
#include "sim/faults.h"

struct sim_dress {
    const struct dialect *dialect;
    struct answer_encoder *encoder;
    struct buf made; /* what the encoder has just written */
    struct buf last; /* the last event with something in it, for sim_dress_broken() */
    bool is_odd;     /* legal but unusual framing is asked for */
};

/* `about` and what it points to must live as long.  -1: no memory. */
int sim_dress_open(struct sim_dress *d, const struct dialect *dialect,
                   const struct answer_about *about, struct sim_fault fault,
                   struct err *err);
void sim_dress_close(struct sim_dress *d); /* also where it was never opened */

/* The event's data stand in out from `at` on; what the dialect makes of it takes their
 * place. */
void sim_dress_event(struct sim_dress *d, const struct event *e, size_t at,
                     struct buf *out);
void sim_dress_end(struct sim_dress *d, struct buf *out);
void sim_dress_error(struct sim_dress *d, const char *message, struct buf *out);
/* The last event once more, with half of its JSON, in a frame that is whole. */
void sim_dress_broken(struct sim_dress *d, struct buf *out);

/* A whole answer in weir's form, dressed.  -1 with *err. */
int sim_dress_answer(const struct dialect *dialect, const struct answer_about *about,
                     struct str answer, struct buf *out, struct err *err);

#endif
