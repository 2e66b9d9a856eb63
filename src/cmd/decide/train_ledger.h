/* train_ledger.h -- `weir train router --ledger`: an adapter from the outcomes that the
 * ledger has. */
#ifndef WEIR_CMD_DECIDE_TRAIN_LEDGER_H
#define WEIR_CMD_DECIDE_TRAIN_LEDGER_H

#include "cmd/lib/options.h"

/* What of it stands in --help. */
#define TRAIN_LEDGER_DETAILS                                                             \
    "With --ledger it learns from the rows that policy learned scored (with learned:\n"  \
    "{learn: rows} or on): what was said of local answers and how they were judged. "    \
    "It\n"                                                                               \
    "writes an adapter, for learned: {adapter: FILE}, and only when it predicts\n"       \
    "conversations better that it has not seen. It says what it used and what "          \
    "changed.\n"

/* Exit code. */
int train_ledger(const struct options *o);

#endif
