/* values_held.h -- inside guard/: what of a body's values holds it, and for how long. */
#ifndef WEIR_GUARD_VALUES_HELD_H
#define WEIR_GUARD_VALUES_HELD_H

#include "guard/screen.h"

/* What was found asks that it stays, and its values alone can hold it: one kind of value
 * that must stay and no other reason, in a body that shows its whole history. */
bool held_by_values(const struct screen_input *in, const struct body_scan *b,
                    const struct verdict *v, uint32_t accepted_groups);
/* Remembers what makes the body stay: with `holds` its values hold the client's later
 * requests, else they stand in the review alone.  False: there is no room for one. */
bool remember_values(const struct screen_input *in, struct str owner,
                     const struct body_scan *b, bool holds);
/* The first value in the body that holds it; false: there is none. */
bool find_held_value(const struct screen_input *in, struct str owner,
                     struct value_hit *ret);
/* Marks the spans that a person let go, and counts the others anew.  False: there is
 * none. */
bool drop_allowed(const struct screen_input *in, struct str owner, struct body_scan *b);

#endif
