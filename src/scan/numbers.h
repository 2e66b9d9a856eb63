/* numbers.h -- inside scan/: numbers of a body that may be a text.
 *
 * Whoever has the vocabulary reads token ids as words, and no detector does.  In some
 * members they are always that (prompt_token_ids), in others never (logit_bias, a tool's
 * schema, the arguments of a call).  In members that nobody here knows it depends on how
 * much the numbers in their lists could say: those of all lists and objects in one member
 * count together, so that a list in pieces is one.  A pair of coordinates, three sizes or
 * the order of some samplers say too little; six ids are enough for a number of a person.
 *
 * Asked along the walk over a body, member by member. */
#ifndef WEIR_SCAN_NUMBERS_H
#define WEIR_SCAN_NUMBERS_H

#include "core/str.h"

/* Of the member that is being read. */
struct numbers {
    uint8_t kind; /* enum kind in numbers.c; 0 at the body's beginning */
    bool is_own;  /* a member of the request itself that nobody here knows */
    uint32_t lists;
    uint32_t said, said_in_all; /* by the numbers of this member; of one of the request */
};

/* A member with a list or an object begins; *outer: as it was at the beginning of the
 * object that has it. */
void numbers_enter(struct numbers *n, const struct numbers *outer, struct str name,
                   bool is_of_request);
void numbers_leave(struct numbers *n, const struct numbers *outer);
/* True when with this number they may be a text.  is_element: it stands right in a list.
 */
bool numbers_note(struct numbers *n, struct str number, bool is_element);

#endif
