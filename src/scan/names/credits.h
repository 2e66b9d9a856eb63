/* credits.h -- names that stand where programs name their authors; inside scan/ only.
 *
 * A copyright notice, the head of a source file and the entries of a changelog name
 * people who are published with every copy.  The trailers of a commit may be a firm's
 * own.  That is no private record: such a name alone may leave, as a known one may
 * (meaning.h).  Addresses beside it are found by themselves. */
#ifndef WEIR_SCAN_NAMES_CREDITS_H
#define WEIR_SCAN_NAMES_CREDITS_H

#include "scan/detect.h"

/* Does the line of the bytes [start, end) of the window name its author there, not in a
 * copyright notice?  is_program: the window holds a program (text/kind.h), where comments
 * do. */
bool is_credit(const struct window *w, size_t start, size_t end, bool is_program);
/* Is that a copyright notice, "Copyright (C) 2004, 2012 Name"? */
bool is_in_notice(const struct window *w, size_t start, size_t end);

#endif
