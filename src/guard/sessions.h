/* sessions.h -- what weir remembers of a conversation: its label and its vault.
 *
 * A session's label only rises, and ends with the session: after SESSION_IDLE_MS
 * without a request, with the process, or when a person lowers it.  Lowering says that
 * what was found so far may leave masked; it does not say that anything may leave in
 * clear, and what is found later of another kind raises the label again.
 *
 * Only sessions that have something to remember are in the table.  When it is full, the
 * client with the most sessions makes the room: first its sessions without a label go,
 * then those whose label was only declared, and for another client those with findings.
 * Fail closed: while a label that was so forgotten would still hold (SESSION_DECLARED_MS
 * for a declared one, SESSION_IDLE_MS for a finding), every session of that client that
 * the table does not know counts as confidential, and so does one that it came to know
 * only since: it may be the one that was forgotten.  No client can bring that on another.
 *
 * The vaults of all sessions have a ceiling of bytes together, and one client half of
 * it.  The least recently used of the heaviest client goes first, and is made again by
 * its next request, with the same tags.
 *
 * Ids are keyed digests over the client's key, so two clients never share a session.
 *
 * A conversation that names no session has one id for each of its turns, made of all that
 * its users said up to there.  A request belongs to its newest, and continues those
 * before it: their labels hold for it.  Its newest alone may be another conversation's
 * too ("hi"), and what that one found is no label for this one: see is_open.
 *
 * In memory alone; thread safe; no call holds the lock for more than microseconds. */
#ifndef WEIR_GUARD_SESSIONS_H
#define WEIR_GUARD_SESSIONS_H

#include "config/kinds.h"
#include "guard/values.h"
#include "mask/vault.h"

enum {
    SESSION_NONE = 0,       /* the id of a request that belongs to no session */
    SESSION_TEXT_BYTES = 19 /* "s-" and 16 hexadecimal digits, with NUL */
};
#define SESSION_IDLE_MS     (8ULL * 60 * 60 * 1000)
#define SESSION_DECLARED_MS (60ULL * 60 * 1000)

struct sessions;
struct sessions_limits {
    uint32_t max_sessions;
    size_t max_vault_bytes;
};
extern const struct sessions_limits sessions_default_limits; /* 65,536 and 64 MiB */

/* Draws the random key that all tags of this process hang on.  NULL: no memory, or no
 * random source. */
struct sessions *sessions_create(const struct sessions_limits *limits, struct err *err);
void sessions_free(struct sessions *s); /* wipes; NULL is fine */
/* From now on; what is over it goes with the next requests. */
void sessions_set_max_vault_bytes(struct sessions *s, size_t max_bytes);

/* Where a request stands, and whose it is: the name of its key, empty without keys. */
struct session_of {
    uint32_t turns; /* how often a user speaks in it */
    /* Of a session that its client names: what the turns before the newest say, and what
     * all of them do, as digests; where in the body the newest begins; and whether the
     * first one calls itself a summary.  0: it has no name. */
    uint64_t earlier, all;
    size_t newest_at;
    bool says_summary;
    uint64_t id;            /* SESSION_NONE: nothing is remembered of it */
    const uint64_t *before; /* the turns it continues, earliest first */
    size_t nbefore;
    bool is_open; /* other conversations may begin with the same words */
    struct str owner;
};

struct session_state {
    enum sensitivity label; /* SENSITIVITY_UNLABELLED: nothing remembered */
    uint64_t id;            /* the session that has this label; else the request's own */
    uint64_t by;            /* the request that gave it; 0: none */
    /* What an open session remembers: of this conversation or of one that began alike. */
    enum sensitivity open_label;
    uint64_t open_by;
    uint32_t found_groups;    /* bits of enum guard_group: why the label was raised */
    uint32_t accepted_groups; /* ... and what was held before, and lowered since */
    bool is_replaced; /* a value was held in it, and its history is not what it was */
    bool has_held_value;
    bool has_vault; /* a turn of it had values masked */
    bool is_held; /* a turn of it is not known, and its client's labels were forgotten */
};

struct session_state sessions_look(struct sessions *s, const struct session_of *of,
                                   uint64_t now_ms);
/* Raises the label of session `id` to at least `to`; `groups` says why (0: it was
 * declared), and `by` names the request.  False: the table is full, and this session
 * must be treated as confidential. */
bool sessions_raise(struct sessions *s, uint64_t id, struct str owner,
                    enum sensitivity to, uint32_t groups, uint64_t by, uint64_t now_ms);
/* What requests refer to that is kept elsewhere (a thread, a file, a cache) has the label
 * of the session that gave it one, as long as that has it.  The id is its own. */
struct session_state sessions_look_reference(struct sessions *s, uint64_t id,
                                             struct str owner, uint64_t now_ms);
/* False: the table is full. */
bool sessions_raise_reference(struct sessions *s, uint64_t id, struct str owner,
                              uint64_t of_session, uint64_t now_ms);
/* A value of it is held, and not the session; `is_newest`: it stands in the newest turn
 * alone, so that what was said before may go on without it.  From now on a request of the
 * session whose earlier turns are not those that were seen has another history, maybe a
 * summary of this one: session_state.is_replaced, until a person lowers the session or it
 * ends.  False: the table is full. */
bool sessions_hold_value(struct sessions *s, const struct session_of *of, bool is_newest,
                         uint64_t by, uint64_t now_ms);
/* A request of such a session was let through: others may go on from it. */
void sessions_let_through(struct sessions *s, const struct session_of *of);
/* The values that hold, and those that were let go. */
struct values *sessions_values(const struct sessions *s);
/* There is such a session, and its label is raised. */
bool sessions_is_raised(struct sessions *s, uint64_t id, uint64_t now_ms);
/* ... or a value was held in it. */
bool sessions_can_lower(struct sessions *s, uint64_t id, uint64_t now_ms);
/* What was found in it leaves masked, and its history may be another, from now on. False:
 * there is no such session. */
bool sessions_lower(struct sessions *s, uint64_t id, uint64_t now_ms);

/* One whose label is raised, for a person to look at. */
struct session_row {
    uint64_t id, used_ms;
    uint64_t by;           /* the request that gave it its label; 0: none */
    uint32_t found_groups; /* bits of enum guard_group; 0: its client declared it */
    enum sensitivity label;
    char owner[64];
};
/* Of each client those that were used last first; how many, at most `max`. */
size_t sessions_list(struct sessions *s, uint64_t now_ms, struct session_row *ret,
                     size_t max);

/* The vault of the earliest turn that has one, else the request's own, made if there is
 * none, with a reference for the caller; its tags are the owner's.  For SESSION_NONE one
 * that nobody else has.  NULL when memory or the ceiling is out, or the table full. */
struct vault *sessions_vault(struct sessions *s, const struct session_of *of,
                             uint64_t now_ms);
/* ... or NULL if there is none. */
struct vault *sessions_find_vault(struct sessions *s, const struct session_of *of);
/* After values were added to the vault that sessions_vault() gave: others make room. */
void sessions_weigh(struct sessions *s, const struct session_of *of);

/* Forgets what has been idle too long.  Cheap; to be called now and then. */
void sessions_expire(struct sessions *s, uint64_t now_ms);

struct sessions_counts {
    uint32_t sessions, raised, vaults;
    size_t vault_bytes;
    uint64_t forgotten; /* labels that made room for another session; since the start */
    uint64_t refused;   /* sessions that found no room */
};
struct sessions_counts sessions_count(struct sessions *s);
/* Bytes of all vaults, those that answers under way still hold included. */
size_t sessions_vault_bytes(const struct sessions *s);
/* Who has the most sessions, cut to fit; and how many. */
uint32_t sessions_heaviest(struct sessions *s, char *ret, size_t n);

void session_format(uint64_t id, char ret[SESSION_TEXT_BYTES]);
bool session_parse(struct str text, uint64_t *ret);

#endif
