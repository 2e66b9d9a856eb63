/* running.h -- the weir that runs on this machine, asked as its operator.
 *
 * Whoever can read its state directory is its operator: its address and the token of this
 * run stand there (state_dir/operator). */
#ifndef WEIR_CMD_LIB_RUNNING_H
#define WEIR_CMD_LIB_RUNNING_H

#include "cmd/lib/options.h"
#include "cmd/lib/state_dir.h"
#include "core/buf.h"

enum { RUNNING_LINE = 300 };
struct running {
    const char *verb;          /* "label": for what is said */
    char dir[STATE_DIR_BYTES]; /* where it was found */
    char address[RUNNING_LINE], token[RUNNING_LINE];
};

/* The one of -c FILE or --state-dir DIR.  Else says why and returns the exit code:
 * EXIT_NO when none runs there. */
int running_find(const struct command *of, const struct options *o, struct running *ret);
/* Looks in the same place once more: a weir that was restarted has another token.  False:
 * none is there now. */
bool running_again(struct running *r);
void running_forget(struct running *r); /* wipes the token */
/* Where the one with this state directory (NULL: the usual one) listens; false: none runs
 * there. */
bool running_address(const char *state_dir, char ret[RUNNING_LINE]);

/* GETs the path, or POSTs `post`; *body is the answer's.  Else says why; EXIT_NO. */
int running_ask(const struct running *r, const char *path, const char *post,
                struct buf *body);
/* {WHAT: NAME, "why": WHY}, ended by a 0 byte: an order that is kept with its reason. */
void running_order(const char *what, const char *name, const char *why, struct buf *ret);
/* --why of an order: EXIT_YES, or it is said what is wrong with it. */
int running_check_why(const struct command *of, const char *why);
/* A text, number or word of an object, without its quotes; n 0: it is not there. */
struct str running_text(struct str object, const char *key);

#endif
