/* openai_body.h -- a conversation as a request in OpenAI's form, for clients of other
 * dialects whose engine speaks that form. */
#ifndef WEIR_DIALECT_OPENAI_BODY_H
#define WEIR_DIALECT_OPENAI_BODY_H

#include "core/buf.h"
#include "dialect/conversation.h"

/* Appends the JSON object.  What it says reads back as the same conversation, but for
 * seals, cache marks and pictures in results.  Sealed thoughts of `issuer` (empty: of
 * nobody) become its `reasoning_details` again.  Of `others` those of another dialect's
 * own
 * ("anthropic.container") must have been refused before. */
void openai_write_body(const struct conversation *c, struct str model, bool is_stream,
                       struct str issuer, struct buf *out);

#endif
