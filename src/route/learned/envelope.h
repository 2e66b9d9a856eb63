/* envelope.h -- what of a user's turn the user wrote.
 *
 * Agents put notes of their own around it: elements such as <system-reminder> or
 * <environment_context>, with the day, the folder, open files.  They are long, and the
 * same in every turn; a router that reads them sees one and the same prompt all day. */
#ifndef WEIR_ROUTE_LEARNED_ENVELOPE_H
#define WEIR_ROUTE_LEARNED_ENVELOPE_H

#include "core/str.h"

enum { ENVELOPE_PIECES = 32 };

/* What is left of the text, in order; pieces of it, nothing is copied.  An element that
 * does not end is no envelope.  When everything is envelope, the text as it is. */
size_t envelope_strip(struct str text, struct str ret[ENVELOPE_PIECES]);

#endif
