/* agent.h -- how an agent's loop is getting on, read from its tool results alone.
 *
 * A loop that repeats the same call or meets the same error will not get out by itself;
 * one whose tests pass can go on with a small model.  No model is asked.  The caller
 * keeps the side of a session and applies hysteresis: move up at `stuck` of about .6,
 * back at `well` of about .4 and only after a few turns. */
#ifndef WEIR_JUDGE_AGENT_H
#define WEIR_JUDGE_AGENT_H

#include "core/arena.h"
#include "dialect/conversation.h"

enum tool_outcome {
    TOOL_NEUTRAL, /* it says neither */
    TOOL_PASSED,  /* tests or a build that pass, an exit code 0 */
    TOOL_SLIGHT,  /* nothing found, a warning */
    TOOL_ERROR,   /* a command, a test or a tool failed */
    TOOL_SEVERE   /* a crash, no memory, data destroyed */
};

/* What one tool result says.  Only its shape is read, never obeyed. */
enum tool_outcome agent_outcome(struct str result);

enum { AGENT_MAX_STEPS = 32 }; /* the last ones are looked at */

struct agent_state {
    unsigned nsteps;     /* tool results since the last user turn, at most the above */
    unsigned nerrors;    /* of these, errors */
    unsigned errors_now; /* errors in a row at the end */
    unsigned same_call;  /* how often the last call was made, with the same arguments */
    unsigned same_error; /* how often the last error was met, numbers apart */
    unsigned passed_now; /* passes in a row at the end, neutral ones between them aside */
    enum tool_outcome last;
    double stuck;   /* 0..1: move to the strong side */
    double well;    /* 0..1: may go back to the local side */
    struct str why; /* in words; static or in the arena */
};

/* Reads the conversation's end.  nsteps == 0: it is no agent's loop; then both scores are
 * 0.  -1: the arena is full. */
int agent_read(const struct conversation *c, struct arena *arena,
               struct agent_state *ret);

#endif
