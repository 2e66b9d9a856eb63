/* ledger_when.h -- moments as people write them. */
#ifndef WEIR_CMD_LEDGER_LEDGER_WHEN_H
#define WEIR_CMD_LEDGER_LEDGER_WHEN_H

#include "core/str.h"

/* "2026-11-01" (midnight UTC; with is_end the end of that day), "2026-11-01T04:05:06Z"
 * (fractions and "+01:00" too), or a time before now: "90m", "24h", "7d", "2w". */
bool when_parse(struct str text, uint64_t now_ms, bool is_end, uint64_t *ret_ms);

#endif
