/* date.h -- calendar days as integers since 1970-01-01 (proleptic Gregorian).
 *
 * The arithmetic is Howard Hinnant's "chrono-compatible low-level date algorithms"
 * (days_from_civil, civil_from_days). */
#ifndef WEIR_FACTS_DATE_H
#define WEIR_FACTS_DATE_H

#include "core/str.h"

enum { DATE_TEXT = 16 };

/* "2026-07-01" exactly; false on anything else, impossible days included. */
bool date_parse(struct str text, int64_t *ret_days);
void date_format(int64_t days, char out[DATE_TEXT]);
int64_t date_today(void); /* UTC */

#endif
