/* place.h -- where in a JSON body a byte lies, in words that its sender can follow. */
#ifndef WEIR_GUARD_PLACE_H
#define WEIR_GUARD_PLACE_H

#include "core/arena.h"

/* Whether something was found in this name of a member (raw, of the body). */
struct place_names {
    bool (*is_value)(void *ctx, struct str name);
    void *ctx;
};

/* "messages[3].content[0].text" for a byte of that value or of that member's name; the
 * nearest thing around it that has a name; "the body" when nothing has.  A name that may
 * be a value itself is not told: "metadata.(name 2)" is the second of its object.  So is
 * the one in which the byte lies, one in which something was found (`names`, or NULL),
 * and one that no program would give. */
struct str place_of(struct str body, size_t at, const struct place_names *names,
                    struct arena *a);
/* The first escape in a valid body that is half of a surrogate pair without the other;
 * false: there is none. */
bool place_of_half(struct str body, size_t *ret);

#endif
