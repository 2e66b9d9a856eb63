/* embed.h -- vectors of texts: equal for equal texts, near for texts that share words.
 *
 * Each word adds +1 or -1 at a few places chosen by its digest, and the sum is scaled
 * to length 1; so cosine similarity behaves as it does with a real model, and a test
 * can tell a vector of one text from a vector of another. */
#ifndef WEIR_SIM_EMBED_H
#define WEIR_SIM_EMBED_H

#include "core/buf.h"
#include "sim/request.h"

enum { SIM_DEFAULT_DIMENSIONS = 768 };

/* Appends the whole answer of /v1/embeddings.  -1: out of memory. */
int sim_embeddings(const struct sim_request *r, struct buf *out, struct arena *a,
                   struct err *err);

#endif
