/* openai_usage.h -- token counts as the OpenAI surface writes them, and the variants
 * of those who copy it.
 *
 * prompt_tokens, completion_tokens, prompt_tokens_details.cached_tokens,
 * completion_tokens_details.reasoning_tokens (OpenAI); prompt_cache_hit_tokens
 * (DeepSeek); prompt_tokens_details.cache_write_tokens (OpenRouter).  A count that is
 * negative, fractional or above 10^12 is treated as not given: a ledger must not be fed
 * by garbage. */
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
