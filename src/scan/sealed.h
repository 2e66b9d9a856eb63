/* sealed.h -- inside scan/: what providers give their models' thoughts, for themselves
 * alone: a signature, or the thought as nobody else can read it.
 *
 * Clients send them back word for word.  Read as texts they are secrets by their look,
 * and nothing of a conversation in which a model has thought could leave any more.  They
 * hold what came from the provider, and go back to it: weir takes those of others out. */
#ifndef WEIR_SCAN_SEALED_H
#define WEIR_SCAN_SEALED_H

#include "json/scan.h"

/* Is `text` one, in a member of that name?  `object`: where the object around it begins.
 * It is base64 and nothing else, behind weir's own mark or not, and the object says that
 * it is a thought; Gemini's stand on parts of any kind, under a name of their own. */
bool sealed_is(struct str name, struct str text, const struct json_cur *object);

#endif
