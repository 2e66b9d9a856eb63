/* sessions.h -- what weir remembers of a conversation: its label and its vault.
 *
 * A session's label only rises, and ends with the session: after SESSION_IDLE_MS
 * without a request, with the process, or when a person lowers it.  Lowering says that
 * what was found so far may leave masked; it does not say that anything may leave in
 * clear, and what is found later of another kind raises the label again.
 *
 * Only sessions that have something to remember are in the table.  When it is full of
 * raised ones, a new one cannot be watched, and counts as confidential.  Vaults are
 * fewer: one that goes is made again by the next request, with the same tags.
 *
 * Ids are keyed digests over the client's key, so two clients never share a session.
 * In memory alone; thread safe. */
#ifndef WEIR_GUARD_SESSIONS_H
#define WEIR_GUARD_SESSIONS_H

#include "config/kinds.h"
#include "guard/vault.h"

enum { SESSION_TEXT_BYTES = 19 }; /* "s-" and 16 hexadecimal digits, with NUL */
#define SESSION_IDLE_MS (8ULL * 60 * 60 * 1000)

struct sessions;
struct sessions_limits {
    uint32_t max_sessions, max_vaults;
};
extern const struct sessions_limits sessions_default_limits; /* 65,536 and 4,096 */

/* Draws the random key that all tags of this process hang on.  NULL: no memory, or no
 * random source. */
struct sessions *sessions_create(const struct sessions_limits *limits, struct err *err);
void sessions_free(struct sessions *s); /* wipes; NULL is fine */

struct session_state {
    enum sensitivity label;   /* SENSITIVITY_UNLABELLED: nothing remembered */
    uint32_t accepted_groups; /* bits of enum guard_group: held before, lowered since */
};

struct session_state sessions_look(struct sessions *s, uint64_t id, uint64_t now_ms);
/* Raises the label to at least `to`; `groups` says why (0: it was declared).  False: the
 * table is full, and this session must be treated as confidential. */
bool sessions_raise(struct sessions *s, uint64_t id, enum sensitivity to, uint32_t groups,
                    uint64_t now_ms);
/* False: there is no such session, or its label is not raised. */
bool sessions_lower(struct sessions *s, uint64_t id, uint64_t now_ms);

/* The session's vault, made if there is none, with a reference for the caller; its tags
 * are the tenant's.  NULL when memory is out. */
struct vault *sessions_vault(struct sessions *s, uint64_t id, struct str tenant,
                             uint64_t now_ms);
/* ... or NULL if there is none. */
struct vault *sessions_find_vault(struct sessions *s, uint64_t id);

/* Forgets what has been idle too long.  Cheap; to be called now and then. */
void sessions_expire(struct sessions *s, uint64_t now_ms);

struct sessions_counts {
    uint32_t sessions, raised, vaults;
};
struct sessions_counts sessions_count(struct sessions *s);

void session_format(uint64_t id, char ret[SESSION_TEXT_BYTES]);
bool session_parse(struct str text, uint64_t *ret);

#endif
