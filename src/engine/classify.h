/* classify.h -- what an engine's error means; inside this folder only. */
#ifndef WEIR_ENGINE_CLASSIFY_H
#define WEIR_ENGINE_CLASSIFY_H

#include "core/err.h"
#include "core/str.h"

/* An error inside an answer: `value` is what stands under "error", or the object that
 * is one.  The status is in it, or guessed from its words. */
void classify_value(struct str value, struct err *ret);

#endif
