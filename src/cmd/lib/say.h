/* say.h -- one line for people, in which others may have a word.
 *
 * Like fprintf(out, ...) and a line end, but what must not be printed becomes '?': see
 * core/clean.h.  Commands that print names, paths or messages from elsewhere use it. */
#ifndef WEIR_CMD_LIB_SAY_H
#define WEIR_CMD_LIB_SAY_H

#include "core/str.h"

#include <stdio.h>

void say(FILE *out, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same for JSON: what must not be printed becomes an escape. */
void say_json(FILE *out, struct str json);

/* Behind a word for that many: "" for one, else "s". */
const char *say_s(uint64_t n);

#endif
