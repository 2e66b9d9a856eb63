/* countries.h -- the names of countries, in English and in their own languages. */
#ifndef WEIR_SCAN_TEXT_COUNTRIES_H
#define WEIR_SCAN_TEXT_COUNTRIES_H

#include "core/str.h"

/* The words of a name, joined by one blank: in any case, Latin letters without their
 * marks. */
bool is_country(struct str name);

#endif
