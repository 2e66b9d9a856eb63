/* traffic_text.h -- inside sim/: the words of made-up traffic, drawn by a seed. */
#ifndef WEIR_SIM_TRAFFIC_TEXT_H
#define WEIR_SIM_TRAFFIC_TEXT_H

#include "core/buf.h"

struct draw {
    uint64_t x;
};
struct draw draw_of(uint64_t seed, uint64_t a, uint64_t b);
uint64_t draw_next(struct draw *d);
uint64_t draw_below(struct draw *d, uint64_t n);
double draw_unit(struct draw *d); /* [0, 1) */
#define DRAW_ONE(d, list) ((list)[draw_below((d), ARRAY_LEN(list))])

/* One paragraph or more, as an app would say it; plain text. */
void say_question(struct draw *d, struct buf *b);
void say_follow_up(struct draw *d, struct buf *b);
void say_answer(struct draw *d, struct buf *b);
void say_diff(struct draw *d, struct buf *b);
void say_task(struct draw *d, struct buf *b);
void say_listing(struct draw *d, struct buf *b); /* what a tool gave back */
void say_mail(struct draw *d, struct buf *b); /* of a customer, with name and address */
/* A document that must stay: wages, a patient, a contract, an access. */
void say_document(struct draw *d, struct buf *b);
void say_minutes(struct draw *d, struct buf *b); /* of a meeting; long */

#endif
