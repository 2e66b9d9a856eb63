/* credits.h -- names that stand where programs name their authors; inside scan/ only.
 *
 * A copyright notice, the head of a source file and the entries of a changelog name
 * people who are published with every copy.  The trailers of a commit may be a firm's
 * own.  That is no private record: such a name alone may leave, as a known one may
 * (meaning.h).  Addresses beside it are found by themselves. */
#ifndef WEIR_SCAN_NAMES_CREDITS_H
#define WEIR_SCAN_NAMES_CREDITS_H

#include "scan/text/kind.h"

/* Does the line around a name say there that its author is named, not in a copyright
 * notice (is_notice() of text/kind.h)?  is_program: the window holds a program, where
 * comments do. */
bool is_credit(const struct line_parts *l, bool is_program);

#endif
