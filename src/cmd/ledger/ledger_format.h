/* ledger_format.h -- the figures of `weir ledger`, as texts of few columns.  All are
 * rounded, none is cut. */
#ifndef WEIR_CMD_LEDGER_LEDGER_FORMAT_H
#define WEIR_CMD_LEDGER_LEDGER_FORMAT_H

#include <stdint.h>

enum { NUMBER_TEXT = 48 };

/* 999, 1.3k, 34.5M: five columns at most. */
void ledger_format_count(uint64_t v, char out[NUMBER_TEXT]);
/* A number of requests is never shortened: 1,257. */
void ledger_format_whole(uint64_t v, char out[NUMBER_TEXT]);
/* "unknown" when the cost of no request is known; "+?" behind it when that of some is
 * not. */
void ledger_format_cost(int64_t nanousd, uint64_t unknown, uint64_t requests,
                        char out[NUMBER_TEXT]);
/* The mean; "-" of nothing. */
void ledger_format_ms(uint64_t sum, uint64_t count, char out[NUMBER_TEXT]);

#endif
