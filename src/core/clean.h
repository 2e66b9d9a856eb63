/* clean.h -- texts of clients and engines, made fit for an operator's screen.
 *
 * A model's name, an error text or a key may come from anybody, and a terminal obeys more
 * than the 33 control characters of ASCII: the C1 controls (U+0080 to U+009F) begin
 * escape sequences too, the bidirectional controls turn a line around, U+2028 and U+2029
 * end it, and bytes that are not UTF-8 may be any of these in another encoding.  Whatever
 * is printed for people goes through here: each such character becomes one '?'. */
#ifndef WEIR_CORE_CLEAN_H
#define WEIR_CORE_CLEAN_H

#include "core/buf.h"

/* Whether all of it may be printed as it is. */
bool clean_is(struct str s);
/* Appends s as a part of one line. */
void clean_append(struct buf *b, struct str s);
/* The same where s stands; returns the new length, which is never larger. */
size_t clean_in_place(char *p, size_t n);
/* JSON text as it is, but with such characters as \u escapes, which read back as the
 * same; bytes that are not UTF-8 become \ufffd.  Escapes that are there stay. */
void clean_append_json(struct buf *b, struct str json);

#endif
