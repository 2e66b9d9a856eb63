/* locate.h -- from what a scan found in decoded strings to bytes of the raw body.
 *
 * The scanner reads strings as a model will: with escapes undone.  What is cut out must
 * be cut out of the body as it is written. */
#ifndef WEIR_GUARD_LOCATE_H
#define WEIR_GUARD_LOCATE_H

#include "guard/rules.h"
#include "mask/mask.h"

/* The spans of the body that are to be masked, in order and without overlaps, in the
 * arena.  -1: ERR_INTERNAL "unmaskable" when one cannot be cut out cleanly (in a member's
 * name, say), with the byte where it stands: such a body may not leave. */
int guard_raw_spans(const struct guard_rules *g, const struct config_key *key,
                    const struct body_scan *scan, struct str body, struct arena *a,
                    struct mask_span **ret, size_t *ret_n, uint32_t *ret_bad_at,
                    struct err *err);

#endif
