/* refresh.c -- see refresh.h.
 *
 * A reader must not need the running weir, nor be in its way: it takes the lock only
 * when nobody has it, and otherwise just looks until the positions in SQLite cover
 * what the files hold now. */
#include "ledger/refresh.h"

#include "core/mem.h"
#include "ledger/index/newer.h"
#include "ledger/index/store.h"
#include "ledger/ledger.h"
#include "ledger/log/lock.h"
#include "ledger/log/segment.h"
#include "ledger/replay.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MS = 20, BUSY_MS = 2000 };
static_assert((int)LOCK_FORMAT == (int)INDEX_VERSION,
              "the lock says which format its holder has");

static int replay_now(const char *state_dir, const char *log_dir, struct err *err)
{
    struct replay_report report;
    struct ingest *g = mem_new(struct ingest);
    if (!g)
        return err_nomem(err);
    ingest_init(g, log_dir);
    int failed = replay_run(g, state_dir, &report, err);
    ingest_release(g);
    mem_free(g);
    return failed;
}

/* 1: it is there; 0: it is not; -1: nobody can say. */
static int look_for(const char *path, struct err *err)
{
    if (access(path, F_OK) == 0)
        return 1;
    return errno == ENOENT ? 0
                           : err_sys(err, ERR_INTERNAL, "ledger_unreadable",
                                     "cannot look at %s", path);
}

/* The same of a log or a store. */
static int look_for_any(const char *log_dir, const char *store, struct err *err)
{
    int has_log = look_for(log_dir, err);
    return has_log ? has_log : look_for(store, err);
}

int refresh_find(const char *dir, struct err *err)
{
    char log_dir[SEGMENT_PATH + 8], path[SEGMENT_PATH + 16];
    snprintf(log_dir, sizeof log_dir, "%s/log", dir);
    snprintf(path, sizeof path, "%s/ledger.sqlite", dir);
    int found = look_for_any(log_dir, path, err);
    if (found < 0)
        return -1;
    return found ? 0
                 : err_set(err, ERR_NOT_FOUND, "ledger_missing",
                           "there is no ledger in %s, neither ledger.sqlite nor a log; "
                           "name the state_dir of your weir with --state-dir",
                           dir);
}

/* A store that is there is put aside; one that is missing is only built. */
static int begin_store(const char *dir, const char *path, struct err *err)
{
    struct index *ix;
    int failed = look_for(path, err);
    if (failed >= 0)
        failed = failed ? store_reopen_damaged(dir, NULL, &ix, err)
                        : store_open(dir, &ix, err);
    if (!failed)
        index_close(ix);
    return failed;
}

int ledger_rebuild(struct str state_dir, struct err *err)
{
    char dir[SEGMENT_PATH], log_dir[SEGMENT_PATH + 8], path[SEGMENT_PATH + 16];
    if (state_dir_check(state_dir, err) < 0)
        return -1;
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(state_dir));
    snprintf(log_dir, sizeof log_dir, "%s/log", dir);
    snprintf(path, sizeof path, "%s/ledger.sqlite", dir);
    if (refresh_find(dir, err) < 0)
        return -1;
    int lock = lock_take(dir, 0, err);
    if (lock < 0)
        return -1;
    int failed = newer_check(dir, err);
    if (!failed)
        failed = begin_store(dir, path, err);
    if (!failed)
        failed = replay_now(dir, log_dir, err);
    close(lock);
    return failed;
}

static uint64_t file_size(const char *log_dir, struct segment_id id)
{
    char path[SEGMENT_PATH];
    struct stat st;
    if (stat(segment_path(log_dir, id.worker, id.segment, path), &st) < 0)
        return 0;
    return (uint64_t)st.st_size;
}

static bool is_covered(sqlite3_stmt *position, struct segment_id id, uint64_t size)
{
    sqlite3_bind_int64(position, 1, id.worker);
    bool is_there = sqlite3_step(position) == SQLITE_ROW;
    uint32_t segment = is_there ? (uint32_t)sqlite3_column_int64(position, 0) : 0;
    uint64_t offset = is_there ? (uint64_t)sqlite3_column_int64(position, 1) : 0;
    sqlite3_reset(position);
    return size <= SEGMENT_HEAD_BYTES || segment > id.segment ||
           (segment == id.segment && offset >= size);
}

static void wait_for_writer(sqlite3 *db, const char *log_dir)
{
    struct segment_list list;
    sqlite3_stmt *position = NULL;
    if (segment_list(log_dir, &list, NULL) < 0)
        return;
    if (sqlite3_prepare_v2(db, "SELECT segment, offset FROM position WHERE worker=?", -1,
                           &position, NULL) == SQLITE_OK) {
        unsigned waited = 0;
        for (size_t i = 0; i < list.n; i++) {
            uint64_t size = file_size(log_dir, list.items[i]);
            while (!is_covered(position, list.items[i], size) &&
                   waited < REFRESH_WAIT_MS) {
                nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
                waited += STEP_MS;
            }
        }
    }
    sqlite3_finalize(position);
    segment_list_release(&list);
}

/* Of an older format: the weir that has the lock is older than this one, or is just
 * bringing the store to this format. */
static int refuse_old(const char *dir, int64_t version, struct err *err)
{
    char doing[LOCK_DOING];
    if (lock_holder_format(dir, doing) < INDEX_VERSION)
        return err_set(err, ERR_INTERNAL, "ledger_index_old",
                       "the running weir is an older one and its store has format %lld, "
                       "this one reads %d: restart it, or use its own program",
                       (long long)version, INDEX_VERSION);
    return err_set(err, ERR_INTERNAL, "ledger_index_moving",
                   "the store in %s is being brought from format %lld to %d, which this "
                   "weir reads%s%s%s: wait; if it does not go on, the weir that does it "
                   "says why",
                   dir, (long long)version, INDEX_VERSION, doing[0] ? " (" : "", doing,
                   doing[0] ? ")" : "");
}

static int open_now(const char *dir, const char *path, sqlite3 **ret, struct err *err)
{
    sqlite3 *db = NULL;
    int found = look_for(path, err);
    if (found <= 0)
        return found;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        index_fault(db, path, err);
        sqlite3_close(db);
        return -1;
    }
    sqlite3_busy_timeout(db, BUSY_MS);
    int64_t version = index_version(db);
    if (index_refuse_newer(version, path, err) < 0) {
        sqlite3_close(db);
        return -1;
    }
    if (version > 0 && version < INDEX_VERSION) {
        sqlite3_close(db);
        return refuse_old(dir, version, err);
    }
    *ret = db;
    return 0;
}

/* A small store has its new format before anybody has read why it has not. */
static int open_index(const char *dir, const char *path, unsigned wait_ms, sqlite3 **ret,
                      struct err *err)
{
    for (unsigned waited = 0;; waited += STEP_MS) {
        err_clear(err);
        if (open_now(dir, path, ret, err) == 0)
            return 0;
        if (!err->code || strcmp(err->code, "ledger_index_moving") != 0 ||
            waited >= wait_ms)
            return -1;
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
}

int refresh_open(struct str state_dir, sqlite3 **ret, struct err *err)
{
    char dir[SEGMENT_PATH], log_dir[SEGMENT_PATH + 8], path[SEGMENT_PATH + 16];
    struct stat st;
    struct err why;
    *ret = NULL;
    if (state_dir_check(state_dir, err) < 0)
        return -1;
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(state_dir));
    snprintf(log_dir, sizeof log_dir, "%s/log", dir);
    snprintf(path, sizeof path, "%s/ledger.sqlite", dir);
    if (stat(dir, &st) < 0)
        return err_set(err, ERR_NOT_FOUND, "ledger_missing",
                       "no ledger in %s: %s; name the state_dir of your weir with "
                       "--state-dir",
                       dir, strerror(errno));
    int found = look_for_any(log_dir, path, err);
    if (found <= 0)
        return found;
    err_clear(&why);
    int lock = lock_take(dir, 0, &why);
    bool is_running = lock < 0 && why.code && strcmp(why.code, "ledger_locked") == 0;
    int failed = 0;
    if (lock >= 0) {
        failed = replay_now(dir, log_dir, &why);
        close(lock);
        /* Without the disk's help a reader still sees what is indexed. */
        bool is_final = why.code && strcmp(why.code, "ledger_newer") == 0;
        if (failed && (is_final || look_for(path, NULL) <= 0))
            return err_set(err, why.kind, why.code, "%s", why.msg);
    }
    unsigned wait_ms = is_running ? REFRESH_WAIT_MS : 0;
    if (open_index(dir, path, wait_ms, ret, err) <
        0) { /* of an older format: why it still is */
        if (failed)
            *err = why;
        return -1;
    }
    if (is_running && *ret)
        wait_for_writer(*ret, log_dir);
    if (lock < 0 && !is_running && !*ret) /* the logs may have rows */
        return err_set(err, why.kind, why.code, "%s", why.msg);
    return 0;
}

int refresh_glance(struct str state_dir, sqlite3 **ret, struct err *err)
{
    char dir[SEGMENT_PATH], path[SEGMENT_PATH + 16];
    *ret = NULL;
    if (state_dir_check(state_dir, err) < 0)
        return -1;
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(state_dir));
    snprintf(path, sizeof path, "%s/ledger.sqlite", dir);
    return open_now(dir, path, ret, err);
}

int words_init(struct words *w, sqlite3 *db, struct err *err)
{
    memset(w, 0, sizeof *w);
    arena_init(&w->arena, WORDS_BYTES);
    if (sqlite3_prepare_v2(db, "SELECT text FROM strings WHERE id=?", -1, &w->find,
                           NULL) != SQLITE_OK)
        return index_fault(db, "cannot read the store", err);
    return 0;
}

void words_release(struct words *w)
{
    sqlite3_finalize(w->find);
    arena_reset(&w->arena);
}

int words_fault(const struct words *w, const char *doing, struct err *err)
{
    return index_fault_of(w->failed, doing, err);
}

static struct str column_text(struct words *w, sqlite3_stmt *s, int column)
{
    const char *p = (const char *)sqlite3_column_text(s, column);
    if (!p) {
        w->failed = SQLITE_NOMEM;
        return STR("");
    }
    return (struct str){p, (size_t)sqlite3_column_bytes(s, column)};
}

struct str words_by_id(struct words *w, int64_t id)
{
    struct str text = STR("");
    bool fits = id > 0 && id < WORDS_CACHED;
    if (fits && w->known[id].p)
        return w->known[id];
    sqlite3_reset(w->find);
    sqlite3_bind_int64(w->find, 1, id);
    int rc = sqlite3_step(w->find);
    if (rc == SQLITE_ROW)
        text = column_text(w, w->find, 0);
    else if (rc != SQLITE_DONE)
        w->failed = rc;
    struct str copy = arena_strdup(&w->arena, text);
    w->used += text.n + 1;
    if (!copy.p) {
        w->failed = SQLITE_NOMEM;
        return STR("");
    }
    if (fits)
        w->known[id] = copy;
    return copy;
}

void words_begin(struct words *w)
{
    if (w->used < WORDS_BYTES / 2) /* one row takes far less than the other half */
        return;
    arena_reset(&w->arena);
    memset(w->known, 0, sizeof w->known);
    w->used = 0;
}

struct str words_of(struct words *w, sqlite3_stmt *row, int column)
{
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        return words_by_id(w, sqlite3_column_int64(row, column));
    case SQLITE_TEXT:
        return column_text(w, row, column);
    default:
        return STR("");
    }
}
