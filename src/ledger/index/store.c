/* store.c -- see store.h. */
#include "ledger/index/store.h"

#include "core/clock.h"
#include "core/log.h"
#include "ledger/index/backup.h"
#include "ledger/index/migrate.h"
#include "ledger/log/segment.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- checking ----------------------------------------------------------------------- */

/* What SQLite says of a file that is whole. */
static enum check_state result(sqlite3_stmt *s, char why[STORE_WHY])
{
    const char *text = (const char *)sqlite3_column_text(s, 0);
    if (!text)
        return CHECK_IDLE;
    snprintf(why, STORE_WHY, "%s", text);
    return strcmp(why, "ok") == 0 ? CHECK_GOOD : CHECK_BAD;
}

static enum check_state check_once(sqlite3 *db, char why[STORE_WHY])
{
    sqlite3_stmt *s = NULL;
    enum check_state state = CHECK_IDLE; /* interrupted, busy, no memory: no result */
    int rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        state = result(s, why);
    } else if ((rc & 0xFF) == SQLITE_CORRUPT || (rc & 0xFF) == SQLITE_NOTADB) {
        snprintf(why, STORE_WHY, "%s", sqlite3_errmsg(db));
        state = CHECK_BAD;
    }
    sqlite3_finalize(s);
    return state;
}

/* A page that could not be read this once looks like a damaged one: it is read again. */
static enum check_state check(sqlite3 *db, char why[STORE_WHY])
{
    enum check_state state = check_once(db, why);
    return state == CHECK_BAD ? check_once(db, why) : state;
}

enum check_state store_check_now(const char *path, char why[STORE_WHY])
{
    sqlite3 *db = NULL;
    snprintf(why, STORE_WHY, "%s cannot be checked", path);
    enum check_state state =
        sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
                SQLITE_OK
            ? check(db, why)
            : CHECK_IDLE;
    sqlite3_close(db);
    return state;
}

static void *check_main(void *arg)
{
    struct store_check *c = arg;
    char path[BACKUP_PATH];
    sqlite3 *db = NULL;
    enum check_state state = CHECK_IDLE;
    snprintf(path, sizeof path, "%s/ledger.sqlite", c->state_dir);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
        atomic_store(&c->db, db);
        if (!atomic_load(&c->is_stopping))
            state = check(db, c->why);
        atomic_store(&c->db, NULL);
    }
    sqlite3_close(db);
    atomic_store(&c->state, (int)state);
    return NULL;
}

void store_check_begin(struct store_check *c, const char *state_dir)
{
    if (c->has_thread)
        return;
    c->state_dir = state_dir;
    atomic_store(&c->is_stopping, false);
    atomic_store(&c->state, CHECK_RUNS);
    c->has_thread = pthread_create(&c->thread, NULL, check_main, c) == 0;
    if (!c->has_thread)
        atomic_store(&c->state, CHECK_IDLE);
}

enum check_state store_check_take(struct store_check *c)
{
    enum check_state state = (enum check_state)atomic_load(&c->state);
    if (!c->has_thread || state == CHECK_RUNS)
        return state;
    pthread_join(c->thread, NULL);
    c->has_thread = false;
    atomic_store(&c->state, CHECK_IDLE);
    return state;
}

void store_check_stop(struct store_check *c)
{
    if (!c->has_thread)
        return;
    atomic_store(&c->is_stopping, true);
    while (atomic_load(&c->state) == CHECK_RUNS) {
        sqlite3 *db = atomic_load(&c->db);
        if (db)
            sqlite3_interrupt(db);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    (void)store_check_take(c);
}

/* -- opening ------------------------------------------------------------------------ */

/* A write-ahead log of a store that is gone must not be taken for the new one's. */
static void remove_companions(const char *path)
{
    static const char *const companions[] = {"-wal", "-shm"};
    char name[BACKUP_PATH + 8];
    for (size_t i = 0; i < ARRAY_LEN(companions); i++) {
        snprintf(name, sizeof name, "%s%s", path, companions[i]);
        (void)unlink(name);
    }
}

static void say_restored(const char *state_dir, const char *path)
{
    char from[BACKUP_PATH], time[25];
    struct stat st;
    if (stat(backup_path(state_dir, from), &st) < 0)
        return;
    clock_format_utc((uint64_t)st.st_mtim.tv_sec * 1000, time);
    log_warn("ledger: %s is restored from the backup of %s; what came later is read from "
             "the logs",
             path, time);
}

/* Is there a log behind a beginning that nobody has any more? */
static void say_begun_anew(const char *state_dir, const char *path)
{
    char log_dir[SEGMENT_PATH], name[SEGMENT_NAME];
    struct segment_list list;
    snprintf(log_dir, sizeof log_dir, "%s/log", state_dir);
    if (segment_list(log_dir, &list, NULL) < 0)
        return;
    uint32_t worker = UINT32_MAX;
    bool is_told = false;
    for (size_t i = 0; i < list.n && !is_told; i++) {
        bool is_first = list.items[i].worker != worker;
        worker = list.items[i].worker;
        if (!is_first || list.items[i].segment == 1)
            continue;
        segment_name(worker, list.items[i].segment, name);
        log_warn("ledger: %s is not there, and there is no backup: rows older than "
                 "log/%s are lost; put a copy of ledger.sqlite back if you have one",
                 path, name);
        is_told = true;
    }
    segment_list_release(&list);
}

static int give(struct err *err, const struct err *why)
{
    if (err)
        *err = *why;
    return -1;
}

static int open_it(const char *path, struct index **ret, struct err *err)
{
    return migrate_store(path, err) < 0 ? -1 : index_open(path, ret, err);
}

static bool is_damage(const struct err *err)
{
    return err->code && strcmp(err->code, "ledger_index_damaged") == 0;
}

/* The copy of the backup that stands at `path` now.  "ledger_index_damaged": it is of no
 * use; another error says nothing about it and may be gone at the next try. */
static int open_restored(const char *path, struct index **ret, struct err *err)
{
    char why[STORE_WHY];
    switch (store_check_now(path, why)) {
    case CHECK_GOOD:
        return open_it(path, ret, err);
    case CHECK_BAD:
        return err_set(err, ERR_INTERNAL, "ledger_index_damaged", "%s", why);
    default:
        return err_set(err, ERR_INTERNAL, "ledger_index", "%s", why);
    }
}

/* `path` is free: the backup, or nothing when there is none or it is damaged.  A backup
 * that only cannot be read now is waited for: a store without its rows would be copied
 * over it. */
static int begin_again(const char *state_dir, const char *path, struct index **ret,
                       struct err *err)
{
    char aside[BACKUP_PATH + 32];
    struct err why = {0};
    remove_companions(path);
    if (backup_restore(state_dir, path, &why) == 0) {
        if (open_restored(path, ret, &why) == 0) {
            say_restored(state_dir, path);
            return 0;
        }
        if (!is_damage(&why)) {
            (void)unlink(path);
            return give(err, &why);
        }
        log_warn("ledger: the backup is of no use: %s", why.msg);
        if (!index_move_aside(path, aside, sizeof aside))
            (void)unlink(path);
    } else if (strcmp(why.code, "ledger_no_backup") != 0) {
        return give(err, &why);
    }
    say_begun_anew(state_dir, path);
    return index_open(path, ret, err);
}

int store_reopen_damaged(const char *state_dir, const char *why, struct index **ret,
                         struct err *err)
{
    char path[BACKUP_PATH], aside[BACKUP_PATH + 32];
    snprintf(path, sizeof path, "%s/ledger.sqlite", state_dir);
    if (!index_move_aside(path, aside, sizeof aside))
        return err_sys(err, ERR_INTERNAL, "ledger_index", "cannot rename %s", path);
    if (why)
        log_warn("ledger: the store is damaged: %s; it is moved to %s", why, aside);
    else
        log_warn("ledger: the store is moved to %s", aside);
    return begin_again(state_dir, path, ret, err);
}

int store_open(const char *state_dir, struct index **ret, struct err *err)
{
    char path[BACKUP_PATH];
    struct stat st;
    struct err why = {0};
    snprintf(path, sizeof path, "%s/ledger.sqlite", state_dir);
    int failed = stat(path, &st);
    if (failed && errno != ENOENT)
        return err_sys(err, ERR_INTERNAL, "ledger_index", "cannot look at %s", path);
    if (failed || st.st_size == 0)
        return begin_again(state_dir, path, ret, err);
    if (open_it(path, ret, &why) == 0)
        return 0;
    return is_damage(&why) ? store_reopen_damaged(state_dir, why.msg, ret, err)
                           : give(err, &why);
}
