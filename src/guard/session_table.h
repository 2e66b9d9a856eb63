/* session_table.h -- inside guard/: sessions and whose they are, under one lock.
 *
 * Every call here wants the lock held, and is short: vaults that have to go are handed
 * out in `trash`, to be released without the lock, and so many at most in one call. */
#ifndef WEIR_GUARD_SESSION_TABLE_H
#define WEIR_GUARD_SESSION_TABLE_H

#include "core/list.h"
#include "core/mutex.h"
#include "guard/sessions.h"

enum { SEEN_TURNS = 16 };
enum { SESSION_BUCKETS = 1 << 14, OWNER_BUCKETS = 64, TRASH_MAX = 16, FORGET_MAX = 64 };

/* What is lost when a session is forgotten, least first. */
enum session_class {
    SESSION_PLAIN,    /* no label: a vault at most, which comes back by itself */
    SESSION_DECLARED, /* a label that its client gave by a header */
    SESSION_FOUND,    /* a label of what was found, or one that a person lowered */
    SESSION_CLASSES
};

/* A client: the name of its key, or "" for all when there are no keys. */
struct owner {
    struct owner *next; /* of its bucket */
    char *name;
    uint32_t nsessions;
    struct link used[SESSION_CLASSES]; /* its sessions, least recently used first */
    struct link vaulted;               /* those with a vault, in the same order */
    size_t vault_bytes;                /* of those, as last counted */
    struct allowance *allowance;
    uint64_t held_until_ms; /* labels of its sessions were forgotten: see sessions.h */
};

struct session {
    struct session *next; /* of its bucket */
    struct owner *owner;
    struct link used, owned, vaulted;
    uint64_t id, used_ms, by;
    uint64_t of_session;     /* of a reference: whose label it has; 0: it is a session */
    uint64_t doubt_until_ms; /* that long it may be one that was forgotten before */
    struct vault *vault;
    size_t vault_bytes;
    enum sensitivity label;
    uint32_t found_groups, accepted_groups;
    uint32_t held_turns; /* a value was held in it when it had so many; 0: none */
    uint32_t nseen;
    uint64_t seen[SEEN_TURNS]; /* what a later request may go on from, newest last */
};

struct trash {
    struct vault *v[TRASH_MAX];
    uint32_t n;
};

struct sessions {
    struct mutex lock;
    struct sessions_limits limits;
    struct sessions_counts count;
    struct allowance *allowance;
    struct values *values;
    struct link used;       /* all sessions, least recently used first */
    uint64_t held_until_ms; /* the latest of any owner */
    unsigned char key[VAULT_KEY_BYTES];
    struct owner *owners[OWNER_BUCKETS];
    struct session *buckets[SESSION_BUCKETS];
};

static inline bool session_is_raised(const struct session *e)
{
    return e->label > SENSITIVITY_PUBLIC;
}

struct session *session_find(struct sessions *s, uint64_t id);
/* NULL: no memory, or the table is full of what this very client must not lose. */
struct session *session_find_or_add(struct sessions *s, uint64_t id, struct str owner,
                                    uint64_t now_ms, struct trash *t);
/* It is used now: it goes to the end of the lists it belongs to. */
void session_touch(struct sessions *s, struct session *e, uint64_t now_ms);
/* After label or groups have changed. */
void session_reclass(struct sessions *s, struct session *e, bool was_raised);
void session_forget(struct sessions *s, struct session *e, struct trash *t);
/* What has been idle too long, as much of it as one call may take; false: all of it. */
bool session_expire(struct sessions *s, uint64_t now_ms, struct trash *t);
/* This client's sessions that are not in the table may have had a label. */
bool session_is_held(struct sessions *s, struct str owner, uint64_t now_ms);

/* -- vaults ------------------------------------------------------------------------ */

void session_give_vault(struct sessions *s, struct session *e, struct vault *v);
/* Counts e's vault anew (e may be NULL), and drops vaults until all that is left and
 * `more` bytes fit, but never e's. */
void session_weigh(struct sessions *s, struct session *e, size_t more, struct trash *t);
/* The part of all vaults' bytes that one client may have. */
size_t session_share(size_t max_bytes);

void trash_release(struct trash *t); /* without the lock */

#endif
