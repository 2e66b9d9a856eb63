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

#endif
