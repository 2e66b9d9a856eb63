/* refresh.h -- the ledger for readers: up to date first, then a read-only view. */
#ifndef WEIR_LEDGER_REFRESH_H
#define WEIR_LEDGER_REFRESH_H

#include "core/arena.h"
#include "core/err.h"

#include <sqlite3.h>

enum { REFRESH_WAIT_MS = 2000 };

/* Replays when no weir runs, waits for the writer when one does, and opens the index
 * read-only.  *ret is NULL (and 0 returned) when nothing was ever recorded.  Codes:
 * "ledger_missing" when there is no such directory. */
int refresh_open(struct str state_dir, sqlite3 **ret, struct err *err);

/* The same without replaying or waiting: what is indexed by now. */
int refresh_glance(struct str state_dir, sqlite3 **ret, struct err *err);

/* 0: there is a ledger, or its log; -1: "ledger_missing", or nobody can say.  Creates
 * nothing. */
int refresh_find(const char *state_dir, struct err *err);

/* Words by id, read once. */
enum { WORDS_CACHED = 4096, WORDS_BYTES = 8 << 20 };
struct words {
    sqlite3_stmt *find;
    struct arena arena;
    struct str known[WORDS_CACHED];
    size_t used; /* bytes of the arena */
    int failed;  /* SQLite's code: something could not be read, and stands there as "" */
};
int words_init(struct words *w, sqlite3 *db, struct err *err);
void words_release(struct words *w);
/* Nothing that was read since is to be told when failed is set: sets err; -1. */
int words_fault(const struct words *w, const char *doing, struct err *err);
/* A row begins: what was handed out for the one before may go. */
void words_begin(struct words *w);
/* What a word column holds; valid until the next call or step. */
struct str words_of(struct words *w, sqlite3_stmt *row, int column);
struct str words_by_id(struct words *w, int64_t id);

#endif
