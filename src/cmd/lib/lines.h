/* lines.h -- a file of JSON lines, line by line, for every command that reads one.
 *
 * What editors and systems add is left out: a mark of UTF-8 (EF BB BF) at the beginning,
 * a carriage return before a line's end, lines of blanks.  The last line needs no end. */
#ifndef WEIR_CMD_LIB_LINES_H
#define WEIR_CMD_LIB_LINES_H

#include "core/err.h"
#include "core/str.h"

/* Takes one line.  Its bytes are gone when the call returns.  -1 and *err stop. */
typedef int line_sink(void *ctx, size_t number, struct str line, struct err *err);

/* Every line of the file ("-": standard input) to the sink; the first has the number 1.
 * 0; -1 with what the sink said, behind "FILE:LINE: " unless it is ERR_INTERNAL (no
 * memory); or with ERR_CONFIG "lines_file" when the file cannot be read, is a folder, is
 * compressed or UTF-16, or has a line of more than 64 MiB.  Those messages name the file
 * and the remedy. */
int lines_each(const char *path, line_sink *sink, void *ctx, struct err *err);

#endif
