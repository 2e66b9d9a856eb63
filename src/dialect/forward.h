/* forward.h -- inside dialect/: members by which a request makes an engine send it, or a
 * copy of it, elsewhere.
 *
 * Servers in front of models (LiteLLM, Bifrost, what speaks OpenRouter's or Portkey's
 * schemes, the split servers of vLLM and SGLang) obey members that name another address,
 * another provider, or who is to be told of the request.  Their names are read without
 * regard to case, `_` and `-`: whole (models), by their beginning (langfuse_...) or by
 * their end (..._base_url). */
#ifndef WEIR_DIALECT_FORWARD_H
#define WEIR_DIALECT_FORWARD_H

#include "json/scan.h"

/* May a member of the request with this name be one?  Cheap, and never wrong when it says
 * no; also true of what must be looked into. */
bool forward_may_be(struct json_string name);
/* The name of the member, or of one inside it, that is one; p == NULL: none is.  A value
 * that says nothing (null, false, 0, "", [], {}) is none.  What such servers unpack
 * (extra_body) or read beside the request (metadata, guardrails) is looked into, at any
 * depth, also where it is JSON inside a string: that is unpacked in the arena, and one
 * that cannot be read is one.  So is extra_body when it gives again what weir reads of a
 * request (model, messages, ...). */
struct str forward_find(struct json_string name, struct str value, struct arena *a);

#endif
