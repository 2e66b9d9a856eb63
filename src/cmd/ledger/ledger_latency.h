/* ledger_latency.h -- `weir ledger --latency`: how soon each model answered, printed. */
#ifndef WEIR_CMD_LEDGER_LEDGER_LATENCY_H
#define WEIR_CMD_LEDGER_LEDGER_LATENCY_H

#include "ledger/latency.h"

#include <stdio.h>

void latency_print(struct latency_table *t, bool is_json, FILE *out);

#endif
