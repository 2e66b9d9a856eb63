/* newer.h -- a ledger that only a newer weir understands is left as it is. */
#ifndef WEIR_LEDGER_INDEX_NEWER_H
#define WEIR_LEDGER_INDEX_NEWER_H

#include "core/err.h"

/* Looks at the formats of the store, of its backup and of the log's segments.  -1 with
 * "ledger_newer" when one is above this weir's, which it names; what cannot be read is no
 * business of this. */
int newer_check(const char *state_dir, struct err *err);

#endif
