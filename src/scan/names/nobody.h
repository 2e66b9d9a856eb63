/* nobody.h -- what is taken for a name and is nobody's; inside scan/ only. */
#ifndef WEIR_SCAN_NAMES_NOBODY_H
#define WEIR_SCAN_NAMES_NOBODY_H

#include "scan/detect.h"

/* A name that stands for anybody (John Doe, Max Mustermann), a common word in small
 * letters, a scrap of a longer word. */
bool is_nobody(const struct window *w, const struct span *s);

#endif
