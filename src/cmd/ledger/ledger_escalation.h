/* ledger_escalation.h -- `weir ledger escalation`: what judging local answers cost and
 * what it saved, printed. */
#ifndef WEIR_CMD_LEDGER_LEDGER_ESCALATION_H
#define WEIR_CMD_LEDGER_LEDGER_ESCALATION_H

#include "ledger/escalation.h"

#include <stdio.h>

/* versus: the model whose list price says what the kept answers would have cost; NULL:
 * none.  -1 with *err when it is not known. */
int escalation_sums_print(const struct escalation_sums *s, const char *versus,
                          bool is_json, FILE *out, struct err *err);

#endif
