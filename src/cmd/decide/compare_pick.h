/* compare_pick.h -- the user says which answers are good, and weir keeps it as feedback.
 */
#ifndef WEIR_CMD_DECIDE_COMPARE_PICK_H
#define WEIR_CMD_DECIDE_COMPARE_PICK_H

#include "cmd/decide/compare_column.h"

#include <stdio.h>

/* Asks on `out` for the numbers of the good answers and reads one line of `in`: "1 3",
 * "0" for none of them, an empty line for saying nothing.  Those that were named become
 * `good` in the gateway's ledger, the other answers `bad`.  A line that is neither is
 * asked again, three times.  -1 with the reason when the gateway takes no feedback;
 * *ret_said: how many answers something was said of. */
int compare_pick(struct compare_shared *shared, const struct compare_column *columns,
                 size_t n, FILE *in, FILE *out, size_t *ret_said, struct err *err);

#endif
