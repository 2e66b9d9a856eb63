/* ledger.h -- what happened, in a log that no crash can empty.
 *
 * Each worker appends to its own checksummed log file; one write(2) per loop turn
 * carries all records of that turn, and only then do their requests go upstream.
 * A kill -9 loses nothing that was flushed; a power cut loses at most the last second
 * (fdatasync each second; when the disk says that it could not, or a file was removed
 * under weir, a worker's flush says -1 until a new file stands on the disk).  One writer
 * thread follows the logs and indexes settled rows into SQLite, with the position it has
 * reached in the same transaction, so each row counts exactly once however often weir
 * dies.
 *
 * state_dir/
 *   lock                  held while a weir lives; a second one is refused
 *   log/w0-00000001.log   worker 0, segment 1; deleted once indexed, covered by the
 *                         backup, and older than the newest two
 *   ledger.sqlite         the store: rows, hourly sums, positions
 *   ledger.backup         a copy of it; with the logs it gives the store again */
#ifndef WEIR_LEDGER_LEDGER_H
#define WEIR_LEDGER_LEDGER_H

#include "config/config.h"
#include "core/buf.h"
#include "core/err.h"
#include "ledger/row.h"

struct ledger;     /* the process's: lock, writer thread, index */
struct ledger_log; /* one worker's; used by that worker's thread only */

/* Creates state_dir if needed (0700), takes the lock, replays what a crash left open
 * and starts the writer.  A disk that cannot be written is NOT an error here: weir
 * serves local engines without a ledger, loudly; see ledger_log_flush().  NULL with
 * "ledger_locked" when another weir lives there, and with "ledger_newer" when a newer one
 * wrote what is there: it stays as it is.  A store of an older format is brought to this
 * one first, which is told on stderr. */
struct ledger *ledger_open(struct str state_dir, uint32_t nworkers,
                           enum access_log access_log, struct err *err);
void ledger_close(struct ledger *l); /* flushes, indexes all, stops the writer */

struct ledger_log *ledger_log_of(struct ledger *l, uint32_t worker);

/* Of its ids, 0 to 255 (0 until it is set): weirs whose ledgers will be put together have
 * different ones.  Any thread. */
void ledger_set_node(struct ledger *l, uint32_t node);
/* A request id nobody else has: unique over restarts, and over nodes. */
uint64_t ledger_new_uid(struct ledger_log *log);
/* "wr-" and 13 characters; out holds 17 bytes. */
void ledger_format_uid(uint64_t uid, char out[17]);

/* Append to the turn's batch, in memory. */
void ledger_append_open(struct ledger_log *log, const struct ledger_open *o);
void ledger_append_attempt(struct ledger_log *log, const struct ledger_attempt *a);
void ledger_append_leg(struct ledger_log *log, const struct ledger_leg *l);
/* After all LEGs of its request. */
void ledger_append_settle(struct ledger_log *log, const struct ledger_row *r);
/* At any time, in any worker's log: its request need not have a row yet. */
void ledger_append_feedback(struct ledger_log *log, const struct ledger_feedback *f);
/* One write(2) for the batch.  0: every record appended so far is in the file.  -1:
 * they are not (disk full or read-only); they are kept and tried again with the next
 * flush, up to a bound, and what must be dropped is counted and warned about once a
 * minute.  A cloud-bound request whose records are not in the file must not go. */
int ledger_log_flush(struct ledger_log *log);
bool ledger_log_is_empty(const struct ledger_log *log);

struct ledger_counts {
    uint64_t records, rows_indexed, records_lost;
    uint64_t sync_failures; /* times that the disk did not take what was written */
    uint64_t files_lost;    /* files that somebody removed or changed under weir */
    bool is_writable;       /* false: nothing may go to the cloud */
};
struct ledger_counts ledger_counts(const struct ledger *l);

/* A request that was at a cloud engine when weir died: whether it left nobody knows. */
enum { LEDGER_INTERRUPTED_MOST = 4096 };
struct ledger_interrupted {
    uint64_t uid, ts_ms;
    uint32_t attempt;
    char label[16], engine[65];
};
/* Those that were settled at the start, once; after 4,096 the others are not told. */
void ledger_tell_interrupted(struct ledger *l,
                             void (*fn)(void *ctx, const struct ledger_interrupted *x),
                             void *ctx);

/* Each row that is settled from now on, with its legs, on the writer's thread; and NULL
 * once those before it can be read from the store (or it cannot take them). fn must not
 * wait.  Set once; ctx lives as long as the ledger. */
typedef int ledger_row_fn(void *ctx, const struct ledger_row *row);
void ledger_on_row(struct ledger *l, ledger_row_fn *fn, void *ctx);

/* -- reading, for the command line: does not need the running weir ---------- */
struct ledger_query {
    struct str state_dir;
    uint64_t since_ms, until_ms; /* 0: open */
    struct str id;               /* one request */
    uint64_t limit;              /* newest N; 0: all */
    bool wants_noted;            /* rows have `noted` */
    bool is_glance; /* what is indexed by now: nothing is waited for or replayed */
};
/* Brings the index up to date first: if no weir runs it replays (settling what a crash
 * left open); if one runs it waits up to 2 s for the writer to catch up. Rows come
 * oldest first. */
int ledger_read(const struct ledger_query *q, ledger_row_fn *fn, void *ctx,
                struct err *err);
/* Puts the store aside, if there is one, and builds it anew from the backup and the logs.
 * "ledger_missing": there is neither a store nor a log.  Not while a weir
 * runs ("ledger_locked"): it does so itself when it finds damage. */
int ledger_rebuild(struct str state_dir, struct err *err);

/* -- deleting --------------------------------------------------------------------------
 */

/* Rows are about to be deleted: `what` in words.  False: they stay, because nobody would
 * know of it. */
typedef bool ledger_erase_fn(void *ctx, const char *what, uint64_t rows, const char *why);
/* Each digest that sessions of this name have: a row has the name only where a client
 * gave it as x-weir-session. */
typedef void ledger_session_fn(void *ctx, struct str name,
                               void (*each)(void *each_ctx, uint64_t digest),
                               void *each_ctx);
/* Who is asked when a session is to be deleted; called before ledger_on_erase(). */
void ledger_on_session(struct ledger *l, ledger_session_fn *fn, void *ctx);
/* Who is told; until then nothing is deleted.  ctx lives as long as the ledger. */
void ledger_on_erase(struct ledger *l, ledger_erase_fn *fn, void *ctx);
/* Rows older than this are deleted once a day; 0: they stay for ever.  Any thread. */
void ledger_set_keep(struct ledger *l, uint64_t keep_ms);

enum { LEDGER_WHY_BYTES = 200 };
struct ledger_erase_order {
    struct str key, session; /* one of them; a session by its name, its digest, or s- and
                                it */
    struct str why;          /* at most LEDGER_WHY_BYTES */
};
/* By the running weir if there is one, which `fn` is not asked about; else here, under
 * the lock.  Rows, their part of the sums, the backup and the logs; the store's place is
 * overwritten.  *ret_rows is how many.  Orders of several callers are done one after
 * another.  One that has begun is done to its end, by the next weir if need be.
 * "ledger_missing": there is no ledger, and none is made. */
int ledger_erase(struct str state_dir, const struct ledger_erase_order *order,
                 ledger_erase_fn *fn, void *ctx, uint64_t *ret_rows, struct err *err);

/* One line of JSON without newline. */
void ledger_row_json(const struct ledger_row *r, struct buf *out);

#endif
