/* slab.h -- many objects of one size, taken and given back quickly.
 *
 * malloc keeps a handful of blocks of a size at hand; a loop with hundreds of requests
 * under way is past that and pays for every one.  And after a burst, blocks that lived
 * long lie between those that are free, so that nothing goes back to the system.  Here
 * objects of one kind lie together in slabs: taking is popping a list, and a slab whose
 * objects are all back goes back to the system (all but one).
 *
 * Not thread safe; one owner.  Under ASan a free object is poisoned. */
#ifndef WEIR_CORE_SLAB_H
#define WEIR_CORE_SLAB_H

#include "core/list.h"

struct slabs {
    struct link open; /* slabs with room, the one used last first */
    size_t cell_bytes, per_slab;
};

void slabs_init(struct slabs *s, size_t object_bytes);
/* Frees the empty slabs.  One with an object still taken stays, and so does the
 * object: a leak that tests report. */
void slabs_release(struct slabs *s);

/* Not zeroed, aligned for any type; NULL when memory is out. */
void *slabs_take(struct slabs *s);
void slabs_give(struct slabs *s, void *object); /* NULL is fine */

#endif
