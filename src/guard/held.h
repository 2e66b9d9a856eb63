/* held.h -- inside guard/: which value made a request stay, and where it stands. */
#ifndef WEIR_GUARD_HELD_H
#define WEIR_GUARD_HELD_H

#include "guard/screen.h"

/* The first value that asks for most, told without the value.  ret->type stays NULL when
 * no value did: what could not be read, and what a session remembers, have no place. */
void find_held_place(const struct screen_input *in, const struct body_scan *b,
                     const struct screened *r, struct arena *a, struct held_place *ret);

#endif
