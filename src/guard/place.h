/* place.h -- where in a JSON body a byte lies, in words that its sender can follow. */
#ifndef WEIR_GUARD_PLACE_H
#define WEIR_GUARD_PLACE_H

#include "core/arena.h"

/* "messages[3].content[0].text" for a byte of that value or of that member's name; the
 * nearest thing around it that has a name; "the body" when nothing has. */
struct str place_of(struct str body, size_t at, struct arena *a);
/* The first escape in a valid body that is half of a surrogate pair without the other;
 * false: there is none. */
bool place_of_half(struct str body, size_t *ret);

#endif
