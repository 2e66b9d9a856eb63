/* store.h -- the store is the only place that has all rows: it is checked, and when it is
 * lost or damaged it is put together again from the backup and the logs, loudly.
 *
 * A check (PRAGMA quick_check) reads the whole file and runs on a thread of its own, at
 * the start and once a day. */
#ifndef WEIR_LEDGER_INDEX_STORE_H
#define WEIR_LEDGER_INDEX_STORE_H

#include "ledger/index/index.h"

#include <pthread.h>
#include <stdatomic.h>

enum { STORE_WHY = 512 };

/* Opens the store.  One of an older format is brought to this weir's (migrate.h), one of
 * a newer format is refused ("ledger_newer").  One that is missing or damaged is replaced
 * by the backup, or begun anew when there is none; what is damaged is kept as
 * "PATH.aside-N". The logs behind its positions are then read by whoever calls.  All of
 * it is said. */
int store_open(const char *state_dir, struct index **ret, struct err *err);
/* The same, of a store that was found to be damaged in use; why NULL: somebody asked. */
int store_reopen_damaged(const char *state_dir, const char *why, struct index **ret,
                         struct err *err);

enum check_state { CHECK_IDLE, CHECK_RUNS, CHECK_GOOD, CHECK_BAD };

struct store_check {
    const char *state_dir; /* borrowed */
    pthread_t thread;
    bool has_thread;
    atomic_int state; /* GOOD and BAD: the result waits to be taken */
    _Atomic(sqlite3 *) db;
    atomic_bool is_stopping;
    char why[STORE_WHY];
};
void store_check_begin(struct store_check *c, const char *state_dir);
/* GOOD or BAD once, else IDLE or RUNS; c->why says what is bad. */
enum check_state store_check_take(struct store_check *c);
void store_check_stop(struct store_check *c); /* interrupts it; fine when none runs */
/* At once, on this thread: GOOD, BAD with the first fault in why, or IDLE when it could
 * not be found out. */
enum check_state store_check_now(const char *path, char why[STORE_WHY]);

#endif
