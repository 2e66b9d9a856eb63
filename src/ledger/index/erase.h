/* erase.h -- rows that go: those of one key or session, or older than the operator keeps.
 *
 * A step is one transaction of at most ERASE_STEP rows: the rows, their legs, and their
 * share of the hourly sums, so that sums equal their rows after each step.  The place is
 * overwritten (secure_delete).  On the writer's thread. */
#ifndef WEIR_LEDGER_INDEX_ERASE_H
#define WEIR_LEDGER_INDEX_ERASE_H

#include "ledger/index/index.h"

enum { ERASE_STEP = 1000, ERASE_WORD = 520 };

enum erase_kind { ERASE_KEY, ERASE_SESSION, ERASE_OLD };

struct erase {
    enum erase_kind kind;
    char word[ERASE_WORD]; /* KEY and SESSION: the name */
    const char *digests;   /* SESSION: of those too, "12,-3" as SQLite has them, or "" */
    uint64_t before_ms;    /* OLD: rows before this time */
    uint64_t last_uid; /* no newer ones; erase_count() makes it the newest of now, if it
                          is 0 or newer */
    uint64_t cursor;   /* 0 to begin with */
};

/* How many rows it would be now; -1. */
int64_t erase_count(struct index *ix, struct erase *e, struct err *err);
/* The number of rows that went; 0 at the end; -1, and the index is to be dropped. */
int64_t erase_step(struct index *ix, struct erase *e, struct err *err);
/* Words that no row uses any more; may take seconds. */
int erase_words(struct index *ix, struct err *err);

#endif
