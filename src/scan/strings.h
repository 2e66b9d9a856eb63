/* strings.h -- every string and number of a JSON body, decoded, one after the other.
 *
 * For whoever must look at a body a second time, after it was scanned. */
#ifndef WEIR_SCAN_STRINGS_H
#define WEIR_SCAN_STRINGS_H

#include "core/arena.h"
#include "core/str.h"

enum string_kind { STRING_VALUE, STRING_NAME, STRING_NUMBER };

/* raw: its bytes in the body, without quotes; text: what they mean, valid during the
 * call.  False: stop. */
typedef bool strings_seen(void *ctx, enum string_kind kind, struct str raw,
                          struct str text);
/* False: one of them stopped it, or there is no memory.  What is no JSON ends it, too,
 * but is no failure. */
bool strings_each(struct str body, strings_seen *seen, void *ctx);

#endif
