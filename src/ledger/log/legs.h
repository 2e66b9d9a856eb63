/* legs.h -- the legs of a request, from the records that were held until its SETTLE. */
#ifndef WEIR_LEDGER_LOG_LEGS_H
#define WEIR_LEDGER_LOG_LEGS_H

#include "ledger/row.h"

/* Gives the row of a SETTLE its legs: those of the LEG records in `records` (whole
 * records without gaps; other types are stepped over), in the order of their numbers and
 * each number once.  When the row tells of more of them, records were lost: one leg more
 * stands for all that are missing, with what of the cost is left over.  The row's cost is
 * the sum of its legs' afterwards.  Strings live as those of row and records. */
void legs_attach(struct ledger_row *row, struct str records, struct ledger_legs *legs);
/* Adds one in its place; false when its number is there, or when they are full. */
bool legs_add(struct ledger_legs *legs, const struct ledger_leg *l);

#endif
