/* turns.h -- the queue of a gate: keys take turns in it, and when it is full the key that
 * has the most of it gives way.
 *
 * Nothing is kept per key: the first waiting ticket of a key leads the ring of its
 * others. A gate's mutex guards all of it. */
#ifndef WEIR_UPSTREAM_TURNS_H
#define WEIR_UPSTREAM_TURNS_H

#include "upstream/gate.h"

struct turns {
    struct link queue;   /* waiting tickets by round, then by arrival */
    struct link leaders; /* the first waiting ticket of each key */
    struct link holders; /* tickets that have a slot */
    uint32_t n;          /* waiting */
    uint64_t round;      /* the round that is being served */
};

void turns_init(struct turns *q);
void turns_add(struct turns *q, struct gate_ticket *t);
/* Out of the queue, also from its middle. */
void turns_remove(struct turns *q, struct gate_ticket *t);
/* The next to be served, taken out; the queue is not empty. */
struct gate_ticket *turns_take(struct turns *q);
void turns_hold(struct turns *q, struct gate_ticket *t); /* it has a slot from now on */
void turns_unhold(struct gate_ticket *t);

/* The ticket that would make room for one of `key_id`: the last one of the key that has
 * the most, slots and places together, if that key has more left than `key_id` would
 * have then.  NULL: nobody has to give way. */
struct gate_ticket *turns_giving_way(const struct turns *q, uint64_t key_id);

#endif
