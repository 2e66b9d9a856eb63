/* openai_usage.h -- token counts as the OpenAI surface writes them.  What engines write
 * instead is understood too: dialect/usage.h. */
#ifndef WEIR_DIALECT_OPENAI_USAGE_H
#define WEIR_DIALECT_OPENAI_USAGE_H

#include "core/buf.h"
#include "dialect/event.h"

/* false, and *ret untouched, when `object` is not a usage object with a count. */
bool usage_read(struct str object, struct usage *ret);
/* Appends the JSON object. */
void usage_write(const struct usage *u, struct buf *out);
bool usage_equal(const struct usage *a, const struct usage *b);

#endif
