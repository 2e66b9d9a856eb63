/* ledger_delete.h -- `weir ledger delete`: the rows of one key or session go. */
#ifndef WEIR_CMD_LEDGER_LEDGER_DELETE_H
#define WEIR_CMD_LEDGER_LEDGER_DELETE_H

#include "cmd/lib/options.h"

/* The exit code; prints what was done, or why not. */
int ledger_delete(const struct command *c, const struct options *o,
                  const char *state_dir);

#endif
