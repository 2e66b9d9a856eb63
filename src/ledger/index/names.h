/* names.h -- repeated words of rows, stored once.
 *
 * A column holds an integer (the word's id in `strings`) or the text itself.  Words of
 * the operator (engine, model, key, policy, role) always get an id: sums are kept by
 * them.  What clients write gets one when it is seen a second time, so a client that
 * makes up names does not fill the table. */
#ifndef WEIR_LEDGER_INDEX_NAMES_H
#define WEIR_LEDGER_INDEX_NAMES_H

#include "core/arena.h"
#include "core/hash.h"

#include <sqlite3.h>

enum { NAMES_SLOTS = 2048, NAMES_SEEN = 4096, NAMES_MEMOS = 48, NAMES_MEMO_BYTES = 120 };

struct names_entry {
    uint64_t hash;
    int64_t id;
    struct str text;
};

/* The last word of a column: most rows repeat it. */
struct names_memo {
    int64_t id; /* 0: none */
    size_t n;
    char text[NAMES_MEMO_BYTES];
};

struct names {
    sqlite3_stmt *find, *add; /* borrowed */
    struct siphash_key key;
    struct arena texts;
    struct names_entry slots[NAMES_SLOTS];
    size_t nslots;
    uint64_t seen[NAMES_SEEN];
    struct names_memo memos[NAMES_MEMOS];
};

void names_init(struct names *n, sqlite3_stmt *find, sqlite3_stmt *add);
/* Forgets the cache: after a rollback ids may not exist. */
void names_reset(struct names *n);

/* The id; 0: store the text itself; -1: SQLite failed.  `column` picks the memo. */
int64_t names_id(struct names *n, unsigned column, struct str text, bool is_always);

#endif
