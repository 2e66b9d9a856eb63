/* ingest.h -- from the logs into the index, and onto stderr.
 *
 * The one place that gives a record its meaning: OPEN, ATTEMPT and LEG are held until
 * their SETTLE comes, which becomes a row with its legs and a line; FEEDBACK goes into a
 * table of its own.  Without an index (SQLite in trouble) lines are still printed;
 * `printed` remembers how far, because the logs are then read a second time for the
 * index. */
#ifndef WEIR_LEDGER_INGEST_H
#define WEIR_LEDGER_INGEST_H

#include "ledger/access.h"
#include "ledger/index/index.h"
#include "ledger/ledger.h"
#include "ledger/log/reader.h"

#include <stdatomic.h>

enum { INGEST_BATCH = 5000 };

struct ingest {
    const char *log_dir;   /* borrowed */
    struct index *index;   /* owned; NULL while SQLite is in trouble */
    struct access *access; /* borrowed; NULL: print nothing */
    /* Replay settles a request, and this leg of it was at a cloud engine; may be NULL. */
    void (*on_interrupted)(void *ctx, const struct ledger_row *row,
                           const struct ledger_leg *leg);
    void *interrupted_ctx;
    /* Each row that is printed; on_row_ctx is set before it. */
    _Atomic(ledger_row_fn *) on_row;
    void *on_row_ctx;
    bool has_told; /* since the last commit */
    struct reader readers[LEDGER_MAX_WORKERS];
    struct index_position printed[LEDGER_MAX_WORKERS];
    uint64_t nrows;    /* committed */
    uint64_t nforeign; /* records of a kind or version this weir does not know */
    uint64_t ndamaged; /* places */
};

void ingest_init(struct ingest *g, const char *log_dir);
void ingest_release(struct ingest *g); /* closes the index too */
/* Takes over an open index and goes to where it has read to. */
void ingest_set_index(struct ingest *g, struct index *ix);
void ingest_drop_index(struct ingest *g);

/* Reads on in one worker's log: at most `max` records, up to `tip` (INGEST_ALL: the
 * files have no writer any more).  Returns the number read, or -1; the transaction is
 * left open for ingest_commit(). */
#define INGEST_ALL UINT64_MAX
int ingest_worker(struct ingest *g, uint32_t worker, uint64_t tip, int max,
                  struct err *err);
int ingest_commit(struct ingest *g, struct err *err);
/* Everything there is, committed in batches; tips[w] for the nlive first workers,
 * INGEST_ALL for those of earlier lives. */
int ingest_everything(struct ingest *g, const uint64_t *tips, uint32_t nlive,
                      struct err *err);

#endif
