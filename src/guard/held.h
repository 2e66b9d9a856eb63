/* held.h -- inside guard/: what makes a request stay, and where it stands. */
#ifndef WEIR_GUARD_HELD_H
#define WEIR_GUARD_HELD_H

#include "guard/screen.h"

/* What holds a request besides values. */
enum held_kind {
    HELD_MEDIA,
    HELD_TOKEN_IDS,
    HELD_HALF,
    HELD_HIDDEN,
    HELD_UNREAD,
    HELD_NAME,
    HELD_UNMASKABLE,
    HELD_UNSCANNED,
    HELD_CLINICAL,
    HELD_HISTORY,
    HELD_SESSION,
    HELD_FULL,
    HELD_DECLARED
};

/* Fills r->holds: all values that must stay, and whatever else holds it; never a value.
 */
void find_held(const struct screen_input *in, const struct body_scan *b,
               struct screened *r, struct arena *a);

#endif
