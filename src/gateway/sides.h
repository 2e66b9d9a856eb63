/* sides.h -- which side a conversation's answers come from, so that it stays there.
 *
 * A model that reads a conversation for the first time pays for all of it anew, as its
 * cache has none of it, and an agent whose model changes in the middle of a loop loses
 * the thread.  So a conversation keeps its side until a user's new turn gives reason
 * to move, and an agent's loop until it is stuck (judge/agent.h).
 *
 * Per process, shared by all workers, in memory alone.  A table of a fixed size, made at
 * the first note; when it is full, what is found in the new one's place goes: a
 * conversation that is forgotten is merely decided anew.  Thread safe; no call holds the
 * lock for more than a few look-ups. */
#ifndef WEIR_GATEWAY_SIDES_H
#define WEIR_GATEWAY_SIDES_H

#include "config/kinds.h"
#include "guard/sessions.h"

enum { SIDES_ENTRIES = 65536 };
#define SIDES_IDLE_MS (60ULL * 60 * 1000)

struct sides;
struct sides *sides_create(void); /* NULL: no memory */
void sides_free(struct sides *s); /* NULL is fine */

/* What is remembered of a conversation. */
struct side_kept {
    bool is_known;     /* else nothing below means anything */
    bool is_same_turn; /* no user has spoken since: an agent's loop, or a repetition */
    enum side side;
    bool is_lifted;      /* its loop was stuck, and is on the strong side for that */
    uint32_t calm_turns; /* ... and went well so many times in a row since */
};

/* Of the newest turn of the conversation that is known. */
struct side_kept sides_find(struct sides *s, const struct session_of *of,
                            uint64_t now_ms);
/* This request's answer comes from that side.  Of a request without a session nothing is
 * kept. */
void sides_note(struct sides *s, const struct session_of *of,
                const struct side_kept *kept, uint64_t now_ms);

#endif
