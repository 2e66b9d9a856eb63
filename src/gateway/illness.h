/* illness.h -- why an engine failed, in weir's own words: for its past, which whoever
 * opens the page may read.  An engine's words are in none of them, as they may repeat
 * what it was asked. */
#ifndef WEIR_GATEWAY_ILLNESS_H
#define WEIR_GATEWAY_ILLNESS_H

#include "core/err.h"
#include "upstream/past.h"

/* http_status: of its answer; 0: there was none. */
void illness_words(const struct err *err, int http_status, char ret[PAST_WHY]);

#endif
