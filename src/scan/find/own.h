/* own.h -- the operator's own rules over a window; inside scan/ only.
 *
 * What they hit is kept as spans, among which the surest stays, and apart from that as a
 * set of rules: a hit counts for the request also where another value covers it. */
#ifndef WEIR_SCAN_FIND_OWN_H
#define WEIR_SCAN_FIND_OWN_H

#include "scan/find/patterns.h"
#include "scan/text/wordlist.h"

struct window;
struct own_rules;

/* Keeps `rules`, which must outlive it.  NULL with *err, as patterns_create(). */
struct own_rules *own_rules_create(const struct config_guard_rule *rules, size_t n,
                                   struct err *err);
void own_rules_free(struct own_rules *o); /* NULL is fine */

/* Proposes what was hit. */
void find_own(struct window *w);
/* After the last resolving: what lies inside of a word whose action is clear goes. */
void drop_cleared(struct window *w);

#endif
