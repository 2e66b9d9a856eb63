/* record_old.h -- records of versions 1 and 2, as weirs until 0.1.1 wrote them: read, and
 * never written.  Inside this room; record.h has the entry. */
#ifndef WEIR_LEDGER_LOG_RECORD_OLD_H
#define WEIR_LEDGER_LOG_RECORD_OLD_H

#include "ledger/log/record.h"

bool record_get_old_open(const struct record *r, struct ledger_open *ret);
bool record_get_old_attempt(const struct record *r, struct ledger_attempt *ret);
/* The legs: each failed attempt that it lists, and the one that the row tells of. */
bool record_get_old_settle(const struct record *r, struct ledger_row *ret,
                           struct ledger_legs *legs);
/* The legs of a row of such a weir, whose failed attempts are legs[0..n-1] with engine,
 * model, side and cost alone, and whose own cost is own_nanousd. */
void record_complete_old_legs(struct ledger_row *row, struct ledger_legs *legs,
                              int64_t own_nanousd);

#endif
