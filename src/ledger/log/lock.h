/* lock.h -- one weir on a state_dir. */
#ifndef WEIR_LEDGER_LOG_LOCK_H
#define WEIR_LEDGER_LOG_LOCK_H

#include "core/err.h"

enum { LOCK_WAIT_MS = 500 };

/* Creates the directory and its parents, mode 0700; 0, or -1 with errno. */
int lock_make_dirs(const char *path);
/* The lock's descriptor (close it to let go); -1 with code "ledger_locked" when
 * another process holds it, and any other code when the disk does not let us.  Waits
 * up to wait_ms for a `weir ledger` that is just replaying. */
int lock_take(const char *state_dir, unsigned wait_ms, struct err *err);

/* What the holder says of itself, for those who find the store in another format than
 * theirs: the format that it works with, and what it does to get there, "" if it does not
 * say.  0: a weir until 0.1.1, which says nothing. */
enum { LOCK_DOING = 100, LOCK_FORMAT = 3 /* of the store: INDEX_VERSION */ };
int lock_holder_format(const char *state_dir, char doing[LOCK_DOING]);
/* The holder of the lock beside this file (of its state_dir) says what it does. */
void lock_say_doing(const char *path, const char *doing);

#endif
