/* compare_columns.h -- texts side by side, wrapped, for a terminal or a pipe.
 *
 * Characters that a terminal obeys have become '?' (core/clean.h). */
#ifndef WEIR_CMD_DECIDE_COMPARE_COLUMNS_H
#define WEIR_CMD_DECIDE_COMPARE_COLUMNS_H

#include "core/buf.h"

enum { COLUMNS_MAX = 6, COLUMN_LEAST = 24 };

/* How many columns fit into so many characters: at least 1, at most COLUMNS_MAX. */
size_t columns_fit(size_t width, size_t wanted);

/* Appends n texts in columns of equal width; of each the last `lines` lines alone, or all
 * of it (0).  Returns how many lines were written. */
size_t columns_write(const struct str *texts, size_t n, size_t width, size_t lines,
                     struct buf *out);

#endif
