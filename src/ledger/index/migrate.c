/* migrate.c -- see migrate.h.
 *
 * 1 -> 2: columns are added, in one transaction.
 * 2 -> 3: columns are added, and the failed attempts of `spent` become legs, some
 * requests a transaction; `spent` shrinks with them and so says what is left to do.  Rows
 *         without failed attempts stay as they are: they tell of their only leg. */
#include "ledger/index/migrate.h"

#include "core/log.h"
#include "core/mem.h"
#include "ledger/index/index.h"
#include "ledger/index/migrate_2_3.h"
#include "ledger/index/migrate_copy.h"

#include <stdio.h>

enum { BUSY_MS = 2000 };

static const char add_columns_of_2[] =
    "DROP VIEW requests;"
    "ALTER TABLE rows ADD COLUMN audio_input; ALTER TABLE rows ADD COLUMN audio_output;"
    "ALTER TABLE rows ADD COLUMN tier; ALTER TABLE rows ADD COLUMN own_nanousd;"
    "ALTER TABLE rollup ADD COLUMN failed_attempts INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE rollup ADD COLUMN local_after_cloud INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE spent(uid INTEGER, n INTEGER, engine INTEGER, model INTEGER,"
    " side INTEGER, cost_nanousd INTEGER, PRIMARY KEY(uid, n)) WITHOUT ROWID;"
    "PRAGMA user_version=2;";

static int in_one(sqlite3 *db, const char *sql, struct err *err)
{
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    index_fault(db, "cannot bring the store to this weir's format", err);
    (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

static int from_1_to_2(sqlite3 *db, struct err *err)
{
    return in_one(db, add_columns_of_2, err);
}

static const struct step {
    int from;
    int (*run)(sqlite3 *db, struct err *err);
} steps[] = {{1, from_1_to_2}, {2, migrate_2_3}};

static int64_t stamp_of(sqlite3 *db)
{
    sqlite3_stmt *s = NULL;
    int64_t v = 0;
    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        v = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return v;
}

/* The file alone is the store from here on, until the first change. */
static int fold_log(sqlite3 *db, struct err *err)
{
    int rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return rc == SQLITE_OK ? 0 : index_fault(db, "cannot write the store out", err);
}

static int run_steps(sqlite3 *db, const char *path, int64_t format, struct err *err)
{
    /* One that is on its way has its copy. */
    if (stamp_of(db) > 0 &&
        (fold_log(db, err) < 0 || migrate_keep_copy(path, (int)format, err) < 0))
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (steps[i].from >= format && steps[i].run(db, err) < 0)
            return -1;
    log_info("ledger: the store has format %d now", INDEX_VERSION);
    return 0;
}

int migrate_store(const char *path, struct err *err)
{
    sqlite3 *db = NULL;
    int failed = 0;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        sqlite3_close(db);
        return 0; /* whoever opens it next says why */
    }
    sqlite3_busy_timeout(db, BUSY_MS);
    (void)sqlite3_exec(db, "PRAGMA synchronous=NORMAL", NULL, NULL, NULL);
    int64_t format = index_version(db);
    if (format > INDEX_VERSION)
        failed = index_refuse_newer(format, path, err);
    else if (format > 0 && format < INDEX_VERSION)
        failed = run_steps(db, path, format, err);
    sqlite3_close(db);
    return failed;
}
