/* index.h -- settled rows in SQLite, and how far the logs have been read.
 *
 * Rows, sums, open requests and positions change in one transaction: after any crash
 * the index is exactly what the logs say up to its positions, and reading on from
 * there counts nothing twice.  A row's primary key is its uid, so a record that is
 * met again changes nothing.  Used by one thread at a time.
 *
 * After a call that returns -1 the index is closed, which rolls back, and opened again
 * later.  Code "ledger_index_damaged" means the file is no use: move it aside. */
#ifndef WEIR_LEDGER_INDEX_INDEX_H
#define WEIR_LEDGER_INDEX_INDEX_H

#include "ledger/index/names.h"
#include "ledger/index/rollup.h"
#include "ledger/log/pending.h"
#include "ledger/log/uid.h"

enum index_statement {
    STMT_BEGIN,
    STMT_COMMIT,
    STMT_ROW,
    STMT_ROLLUP,
    STMT_OPEN_SAVE,
    STMT_OPEN_DROP,
    STMT_POSITION,
    STMT_META,
    STMT_NAME_FIND,
    STMT_NAME_ADD,
    STMT_ROW_EXISTS,
    STMT_LEG,
    STMT_FEEDBACK,
    STMT_NOTED,
    STMT_COUNT
};

struct index_position {
    uint32_t segment; /* 0: nothing read yet */
    uint64_t offset;
    bool is_changed;
};

struct index {
    sqlite3 *db;
    uint64_t inode; /* of its file */
    sqlite3_stmt *stmts[STMT_COUNT];
    bool is_in_transaction;
    uint64_t nrows; /* added since opening, committed or not */
    /* The state as of the last record taken in. */
    struct index_position positions[LEDGER_MAX_WORKERS];
    uint64_t newest_uid;
    uint64_t uid_ahead_ms, uid_behind_ms; /* how far uid time ever was from ts */
    struct pending pending;
    struct names names;
    struct rollup rollup;
};

#define INDEX_APPLICATION_ID 0x77656972 /* "weir" */
/* Its format is written into PRAGMA user_version, from 3 on as a negative number: weirs
 * until 0.1.1 move a store aside that has another number than theirs, but cannot read one
 * below 0 and leave it as it is.
 *
 * 1: until 0.1.0.  2: failed attempts by themselves, audio tokens, service tier (0.1.1).
 * 3: legs, what weir knew.  -2 is a store on the way from 2 to 3 (migrate.h). */
enum { INDEX_VERSION = 3, INDEX_STAMP = -INDEX_VERSION, INDEX_STAMP_2_TO_3 = -2 };
/* What came to the table rows with it, as in a list of columns. */
#define INDEX_COLUMNS_OF_3                                                               \
    ", started_ms, sent_bytes, received_bytes, input_estimate, output_limit, needs,"     \
    " latency_ms, deadline, deadline_s, health, legs_told"

/* Opens or creates it and loads positions and open requests.  One of an older format must
 * be brought to this one before (migrate.h).  Codes: "ledger_newer" for one that only a
 * newer weir understands; it is left as it is. */
int index_open(const char *path, struct index **ret, struct err *err);
void index_close(struct index *ix); /* rolls back; NULL is fine */
/* Renames the file and its companions to "PATH.aside-N"; false when it cannot. */
bool index_move_aside(const char *path, char *ret_name, size_t size);

/* Its statements, on a connection that the caller opened; for migrate_2_3.c. */
int index_prepare(struct index *ix, struct err *err);
void index_unprepare(struct index *ix);

int index_begin(struct index *ix, struct err *err); /* nothing when already begun */
/* 1: added; 0: it was there. */
int index_add_row(struct index *ix, const struct ledger_row *r, struct err *err);
/* A leg into `more_legs`; r has it among its legs; engine, model: ids of its words. */
int index_add_leg(struct index *ix, const struct ledger_row *r,
                  const struct ledger_leg *l, int64_t engine, int64_t model);
/* What was read before changes nothing. */
int index_add_feedback(struct index *ix, const struct ledger_feedback *f,
                       struct err *err);
int index_commit(struct index *ix, struct err *err);
int index_forget_open(struct index *ix, uint64_t uid, struct err *err);
/* 1, 0, or -1. */
int index_has_row(struct index *ix, uint64_t uid, struct err *err);
/* Everything committed is on the disk; -1 when a reader keeps it from being so. */
int index_checkpoint(struct index *ix);

/* Its format; 0: there are no tables yet; or one of these. */
enum {
    INDEX_FOREIGN = -1,   /* no store of weir */
    INDEX_UNREADABLE = -2 /* it is damaged, or cannot be read now: the connection says */
};
int64_t index_version(sqlite3 *db);
/* "ledger_newer", if the format is above this weir's; what: a path. */
int index_refuse_newer(int64_t version, const char *what, struct err *err);
/* Adds the closed sets to `words`; what is there stays. */
int index_add_words(sqlite3 *db);
/* Sets err from the connection, or from what a call on it said; -1. */
int index_fault(sqlite3 *db, const char *doing, struct err *err);
int index_fault_of(int rc, const char *doing, struct err *err);
extern const char index_schema[]; /* the tables of format 3, but for ... */
extern const char index_legs[];   /* ... this one */
/* ... and these, which stores of format 3 may lack; made only where they are missing. */
extern const char index_feedback[], index_noted[], index_unreached[];
extern const char index_first_tokens[];
/* Rows of the cloud side whose prompt no cloud engine got. An index of them alone has all
 * that sums ask of them; a query uses it only if it says this in these words. */
#define ROWS_UNREACHED                                                                   \
    "bits & 3 = 3 AND bits >> 18 & 1 = 0 AND (bits >> 19 & 1 OR coalesce(attempts, 0) =" \
    " 0)"
bool index_create_views(sqlite3 *db); /* what people read */

#endif
