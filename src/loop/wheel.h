/* wheel.h -- timers filed by due time; no allocation, no clock, no waiting.
 *
 * A hierarchical wheel (Varghese and Lauck, 1987): level 0 has one slot per
 * millisecond, each level above is 64 times coarser, and what is filed coarsely is
 * filed anew when its slot comes up.  Setting, moving and stopping are O(1). */
#ifndef WEIR_LOOP_WHEEL_H
#define WEIR_LOOP_WHEEL_H

#include "loop/loop.h"

enum { WHEEL_BITS = 6, WHEEL_SLOTS = 1 << WHEEL_BITS, WHEEL_LEVELS = 5 };

struct wheel {
    uint64_t now_ms; /* everything filed under this or earlier has been taken */
    uint64_t used[WHEEL_LEVELS]; /* bit per slot that is not empty */
    struct link slots[WHEEL_LEVELS][WHEEL_SLOTS];
    struct link due; /* set for a time already reached */
};

void wheel_init(struct wheel *w, uint64_t now_ms);
/* Files t under t->due_ms, or sooner when that is further than the wheel reaches. */
void wheel_add(struct wheel *w, struct loop_timer *t);
void wheel_remove(struct wheel *w, struct loop_timer *t);
/* Moves to `ret_due` every timer whose due time is reached; files later ones anew. */
void wheel_advance(struct wheel *w, uint64_t now_ms, struct link *ret_due);
/* When the wheel wants to be advanced next; UINT64_MAX when it is empty. */
uint64_t wheel_next_ms(const struct wheel *w);

#endif
