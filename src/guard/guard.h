/* guard.h -- may this request leave?  Labels, and what a clearance is.
 *
 * A label is the highest of what was declared (header, key, configuration), what its
 * session remembers, and what the scan of its bytes says.  internal and confidential
 * never leave.  A clearance says that a request may go, with exactly the bytes it was
 * made for, to engines that are not local; every cloud-bound call needs one: retry,
 * fallback, embeddings, anything added later.  guard_screen() (screen.h) makes it, after
 * a scan, and nothing else can. */
#ifndef WEIR_GUARD_GUARD_H
#define WEIR_GUARD_GUARD_H

#include "config/kinds.h"
#include "core/err.h"
#include "dialect/chat.h"

/* What is known of a request's sensitivity and who said it. */
struct label {
    enum sensitivity effective; /* PUBLIC, INTERNAL or CONFIDENTIAL; never UNLABELLED */
    bool is_known;              /* declared, remembered or found; false: "unlabelled" */
    const char *source;         /* "header", "key", "default", "session", "scan" */
    const char *detail;         /* what the scan saw ("secret"), or NULL */
    uint64_t by; /* the request that its session has it from; 0: this very one */
};

struct label_inputs {
    enum sensitivity header, key; /* UNLABELLED when absent */
    enum sensitivity fallback;    /* default_sensitivity */
    enum sensitivity session;     /* what it remembers */
    uint64_t session_by;          /* ... and of which request */
    enum sensitivity found;       /* by the scan */
    const char *found_why;        /* static; may be NULL */
};

/* The highest wins; a lower declaration never lowers a higher one. */
struct label guard_label(const struct label_inputs *in);
/* "public", "internal", "confidential"; or "unlabelled", when nobody said or found
 * anything and the operator's default decides. */
const char *label_name(const struct label *l);
/* "confidential (scan: secret)", "public (header)", "unlabelled, public by default". */
struct str label_words(const struct label *l, struct arena *a);

struct clearance; /* opaque; lives in the arena it was made in */

/* True when the clearance was made for this very body. */
bool clearance_covers(const struct clearance *c, const struct chat *chat);
/* Tags stand in that body in the place of values. */
bool clearance_has_tags(const struct clearance *c);

#endif
