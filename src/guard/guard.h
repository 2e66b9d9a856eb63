/* guard.h -- may this request leave?  The only maker of a clearance.
 *
 * `label` is the higher of what was declared (header, key, configuration) and what
 * was detected.  internal and confidential never leave.  A clearance says that one
 * request, with the bytes it had, may go to engines that are not local; every
 * cloud-bound call needs one: retry, fallback, embeddings, anything added later.
 *
 * No scanner exists yet: the label comes from declarations alone, and start-up says
 * so (guard_scans() is false). */
#ifndef WEIR_GUARD_GUARD_H
#define WEIR_GUARD_GUARD_H

#include "config/kinds.h"
#include "core/err.h"
#include "dialect/chat.h"

/* What is known of a request's sensitivity and who said it. */
struct label {
    enum sensitivity effective; /* PUBLIC, INTERNAL or CONFIDENTIAL; never UNLABELLED */
    bool is_declared;           /* false: shown as "unlabelled" */
    const char *source;         /* "header", "key", "default" */
};

struct label_inputs {
    enum sensitivity header, key; /* UNLABELLED when absent */
    enum sensitivity fallback;    /* default_sensitivity */
};

/* The highest wins; a lower declaration never lowers a higher one. */
struct label guard_label(const struct label_inputs *in);
/* What was declared: "public", "internal", "confidential"; or "unlabelled", when nobody
 * declared anything and the operator's default decides. */
const char *label_name(const struct label *l);

struct clearance; /* opaque; made only here, lives in the arena it was made in */

/* A clearance for exactly this body under this label, or NULL with ERR_FORBIDDEN
 * ("label_stays_local") in *err. */
const struct clearance *guard_clear(const struct label *l, const struct chat *chat,
                                    struct arena *a, struct err *err);
/* True when the clearance was made for this very body. */
bool clearance_covers(const struct clearance *c, const struct chat *chat);

bool guard_scans(void);

#endif
