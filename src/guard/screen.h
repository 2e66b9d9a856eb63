/* screen.h -- one request looked at before an engine is chosen: its label, and the bytes
 * of it that may leave.
 *
 *     declared label, session's label, scan  ->  label
 *     clear: the body may leave as it is      mask: with tags in the place of values
 *     local, block: it may not                no scan, or one that failed: it may not
 *
 * The clearance is for exactly the bytes in `leaving`.  Pure but for the session's
 * label, which it raises, and its vault; safe on any thread. */
#ifndef WEIR_GUARD_SCREEN_H
#define WEIR_GUARD_SCREEN_H

#include "guard/guard.h"
#include "guard/locate.h"
#include "guard/rules.h"
#include "guard/sessions.h"
#include "mask/mask.h"

struct screen_input {
    const struct guard_rules *rules;
    const struct config_key *key; /* may be NULL */
    struct label_inputs declared; /* its session: overwritten from `sessions` */
    struct str body;
    struct sessions *sessions; /* NULL: there are none */
    struct session_of session; /* its owner: overwritten from `key` */
    uint64_t request;          /* what a session that it labels remembers of it */
    uint64_t now_ms;
    const char *give_up; /* static: do not scan, for this reason; it then stays */
    const struct scan_watch *watch; /* or NULL; what it says is then the failure */
    /* Asked before so many bytes are taken for the masked body; false: "buffers_full".
     * May be NULL.  Called on the thread that screens. */
    bool (*may_take)(void *ctx, size_t bytes);
    void *may_take_ctx;
    bool is_dry; /* only asked about: no label is raised, and tags are nobody's */
};

/* One thing that makes a request stay, and where; never the value. */
enum { HELD_PLACES = 8 };
struct held_place {
    const char *kind;   /* static: as `weir scan` prints a value's, or of another thing */
    const char *reason; /* "secret", "media", "held_value", "header"; lives as long as the
                           rules */
    const char *remedy; /* static: what its sender can do */
    const char *before; /* static: words before the place; NULL: it is a value */
    struct str member;  /* "messages[0].content"; empty: it has no place */
    uint32_t line, column; /* in what that means, from 1, in characters; 0: none */
    uint32_t byte;         /* of the body, where no line is told; 0: none */
    uint64_t value;        /* its name for `weir label nothing`; 0: it has none */
};
/* "PASSWORD in messages[0].content, line 1, column 11", or a sentence. */
struct str held_words(const struct held_place *p, struct arena *a);
/* Line and column of a byte of a text. */
void held_place_in(struct str text, size_t at, uint32_t *ret_line, uint32_t *ret_column);

struct screened {
    struct label label;
    struct verdict verdict; /* what the scan asks for; in shadow mode not enforced,
                             * but that without a scan it stays */
    bool is_scanned;        /* false: it failed, and `failure` says why */
    bool is_shadow;
    uint64_t session;      /* whose label it has, or that has it from this request */
    bool is_by_value;      /* its values hold it, and not its session */
    bool is_replaced;      /* ... or rather that it tells another history than before */
    struct value_hit held; /* reason held_value: where */
    bool can_lower;        /* once that is lowered, this body may leave masked */
    struct findings found;
    struct mask_counts masked; /* total 0: nothing was */
    struct vault *vault;       /* of the session, if it has one; released with this */
    struct str leaving;        /* the body or its masked form */
    const struct clearance *clearance; /* NULL: it stays */
    const char *failure;               /* static; of the scan or of the masking */
    uint32_t unmaskable_at;   /* byte of the body that cannot be masked; 0: none */
    uint32_t accepted_groups; /* what a person let go masked, of its session */
    /* Of a request that stays: all that holds it, as far as there is room. */
    struct held_place *holds;
    uint32_t nholds, nmore;
};

/* masked is initialised, and holds the masked body if there is one: it must live as long
 * as `leaving` and the clearance are used.  What fails ends in a label, not an error. */
void guard_screen(const struct screen_input *in, struct arena *a, struct buf *masked,
                  struct screened *ret);
/* -1: ERR_BAD_REQUEST "blocked_by_guard": no engine may have it, local ones included. */
int screened_check(const struct screened *s, struct arena *a, struct err *err);
/* "PERSON 2, EMAIL 1": what was masked. */
struct str screened_masked_words(const struct screened *s, struct arena *a);
/* What holds it, in so many bytes at most: as many as there is room for, and how many
 * more; or empty. */
struct str screened_held_words(const struct screened *s, size_t max, struct arena *a);
/* "would be local: secret", or empty: what shadow mode does not enforce. */
struct str screened_would_words(const struct screened *s, struct arena *a);
void screened_release(struct screened *s); /* a zeroed one is fine */

#endif
