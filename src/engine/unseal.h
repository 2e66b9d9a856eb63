/* unseal.h -- inside engine/: a body in its client's own words, whose sealed thoughts
 * (dialect/seal.h) become what their maker gave, or go.
 *
 * A conversation changes sides: thoughts of one engine stand in it when another is asked.
 * A provider that finds a signature of somebody else's refuses the request; so whatever
 * another one sealed is left out, block by block, and the rest of the turn stays. */
#ifndef WEIR_ENGINE_UNSEAL_H
#define WEIR_ENGINE_UNSEAL_H

#include "core/buf.h"
#include "dialect/chat.h"

/* Does anything in it need that?  A quick look; it may say yes where nothing does. */
bool unseal_is_needed(enum dialect_id dialect, struct str body);
/* What went because another engine had made it. */
struct unsealed {
    bool thoughts, signatures;
};
/* Appends the body as `issuer` may have it.  False: it is no valid JSON. */
bool unseal_body(enum dialect_id dialect, struct str body, struct str issuer,
                 struct buf *out, struct unsealed *ret);

#endif
