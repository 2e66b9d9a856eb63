/* openai_body.h -- a conversation as a request in OpenAI's form, for clients of other
 * dialects whose engine speaks that form. */
#ifndef WEIR_DIALECT_OPENAI_BODY_H
#define WEIR_DIALECT_OPENAI_BODY_H

#include "dialect/chat.h"
#include "dialect/conversation.h"

/* Writes the JSON object into the arena, and sets of *ret what a translator to that form
 * looks at: the body and the view of it, model, stream, limit and instructions; so it is
 * not read once more.  What it says reads back as the same conversation, but for seals,
 * cache marks and pictures in results.  Sealed thoughts of `issuer` (empty: of nobody)
 * become its `reasoning_details` again.  Of `others` those of another dialect's own
 * ("anthropic.container") must have been refused before; what else a body in this form
 * could not have is refused as its reading does.  `asked` is what the client sent. */
int openai_make_chat(const struct conversation *c, const struct chat *asked,
                     struct str issuer, struct arena *a, struct chat *ret,
                     struct err *err);

#endif
