/* backup.c -- see backup.h. */
#include "ledger/index/backup.h"

#include "core/clock.h"
#include "core/mem.h"
#include "ledger/log/segment.h"
#include "ledger/log/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_MS   UINT64_C(86400000)
#define LOG_MOST (UINT64_C(256) << 20)

enum { MODE = 0600, STEP_PAGES = 256, COPY_BYTES = 256 * 1024 };

static const char *path_of(const char *state_dir, const char *name, char ret[BACKUP_PATH])
{
    snprintf(ret, BACKUP_PATH, "%s/%s", state_dir, name);
    return ret;
}

const char *backup_path(const char *state_dir, char ret[BACKUP_PATH])
{
    return path_of(state_dir, "ledger.backup", ret);
}

static uint64_t mtime_ms(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0 || st.st_size == 0)
        return 0;
    return (uint64_t)st.st_mtim.tv_sec * 1000 + (uint64_t)st.st_mtim.tv_nsec / 1000000;
}

/* False when it is no store that this weir can read. */
static bool read_covered(struct backup *b, const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    bool ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
              sqlite3_prepare_v2(db, "SELECT worker, segment FROM position", -1, &s,
                                 NULL) == SQLITE_OK;
    memset(b->covered, 0, sizeof b->covered);
    while (ok && sqlite3_step(s) == SQLITE_ROW) {
        int64_t w = sqlite3_column_int64(s, 0);
        if (w >= 0 && w < LEDGER_MAX_WORKERS)
            b->covered[w].segment = (uint32_t)sqlite3_column_int64(s, 1);
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
    return ok;
}

void backup_init(struct backup *b, const char *state_dir)
{
    char path[BACKUP_PATH];
    *b = (struct backup){.state_dir = state_dir};
    if (access(backup_path(state_dir, path), F_OK) == 0 && read_covered(b, path))
        b->made_at_ms = mtime_ms(path);
}

/* -- making one --------------------------------------------------------------------- */

void backup_drop(struct backup *b)
{
    if (b->copy)
        sqlite3_backup_finish(b->copy);
    if (b->to)
        sqlite3_close(b->to);
    b->copy = NULL;
    b->to = NULL;
}

/* Bytes of the segments that are read and wait for a backup. */
static uint64_t waiting_bytes(const struct backup *b, const char *log_dir,
                              const struct index *ix)
{
    struct segment_list list;
    uint64_t sum = 0;
    if (segment_list(log_dir, &list, NULL) < 0)
        return 0;
    for (size_t i = 0; i < list.n; i++) {
        struct segment_id id = list.items[i];
        char path[SEGMENT_PATH];
        struct stat st;
        if (id.segment >= b->covered[id.worker].segment &&
            id.segment < ix->positions[id.worker].segment &&
            stat(segment_path(log_dir, id.worker, id.segment, path), &st) == 0)
            sum += (uint64_t)st.st_size;
    }
    segment_list_release(&list);
    return sum;
}

bool backup_is_there(struct backup *b)
{
    char path[BACKUP_PATH];
    if (!b->made_at_ms || access(backup_path(b->state_dir, path), F_OK) == 0)
        return true;
    memset(b->covered, 0, sizeof b->covered);
    b->made_at_ms = 0;
    return false;
}

/* The store has rows that the backup has not. */
static bool has_changed(const struct backup *b)
{
    char store[BACKUP_PATH], wal[BACKUP_PATH];
    return mtime_ms(path_of(b->state_dir, "ledger.sqlite", store)) > b->made_at_ms ||
           mtime_ms(path_of(b->state_dir, "ledger.sqlite-wal", wal)) > b->made_at_ms;
}

bool backup_is_due(const struct backup *b, const char *log_dir, const struct index *ix)
{
    char path[BACKUP_PATH];
    struct stat st;
    uint64_t now = clock_wall_ms();
    if (b->is_wanted || !b->made_at_ms)
        return true;
    if ((now < b->made_at_ms || now - b->made_at_ms > DAY_MS) && has_changed(b))
        return true;
    uint64_t store = stat(path_of(b->state_dir, "ledger.sqlite", path), &st) == 0
                         ? (uint64_t)st.st_size
                         : 0;
    return waiting_bytes(b, log_dir, ix) > LOG_MOST + store;
}

int backup_begin(struct backup *b, struct index *ix, struct err *err)
{
    char path[BACKUP_PATH];
    (void)unlink(path_of(b->state_dir, "ledger.backup.new", path));
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (fd < 0)
        return err_sys(err, ERR_INTERNAL, "ledger_backup", "cannot create %s", path);
    close(fd);
    /* Without a journal: a copy that is not whole is never used. */
    if (sqlite3_open_v2(path, &b->to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(b->to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;", NULL,
                     NULL, NULL) != SQLITE_OK ||
        !(b->copy = sqlite3_backup_init(b->to, "main", ix->db, "main"))) {
        err_set(err, ERR_INTERNAL, "ledger_backup", "cannot begin %s: %s", path,
                b->to ? sqlite3_errmsg(b->to) : "out of memory");
        backup_drop(b);
        return -1;
    }
    return 0;
}

static int keep(struct backup *b, const char *path, struct err *err)
{
    char to[BACKUP_PATH];
    int fd = open(path, O_RDWR | O_CLOEXEC);
    int failed = fd < 0 || sync_file(fd) < 0 ||
                 rename(path, backup_path(b->state_dir, to)) < 0 ||
                 sync_directory(b->state_dir) < 0;
    int sys = errno;
    if (fd >= 0)
        close(fd);
    errno = sys;
    if (failed)
        return err_sys(err, ERR_INTERNAL, "ledger_backup", "cannot keep %s", path);
    if (!read_covered(b, to))
        return err_set(err, ERR_INTERNAL, "ledger_backup", "%s cannot be read", to);
    b->made_at_ms = clock_wall_ms();
    b->is_wanted = false;
    return 1;
}

int backup_step(struct backup *b, struct index *ix, struct err *err)
{
    char path[BACKUP_PATH];
    int rc = ix->is_in_transaction ? SQLITE_OK : sqlite3_backup_step(b->copy, STEP_PAGES);
    if (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
        return 0;
    if (rc == SQLITE_DONE) {
        sqlite3_backup_finish(b->copy);
        b->copy = NULL;
        /* The copy is of a store with a write-ahead log; it has none itself. */
        (void)sqlite3_exec(b->to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
        backup_drop(b);
        return keep(b, path_of(b->state_dir, "ledger.backup.new", path), err);
    }
    err_set(err, ERR_INTERNAL, "ledger_backup", "cannot copy the store: %s",
            sqlite3_errstr(rc));
    backup_drop(b);
    return -1;
}

/* -- using it ----------------------------------------------------------------------- */

static int copy_file(int from, int to)
{
    char *bytes = mem_alloc(COPY_BYTES);
    ssize_t n = bytes ? 1 : -1;
    while (n > 0 && (n = read(from, bytes, COPY_BYTES)) > 0)
        if (write(to, bytes, (size_t)n) != n)
            n = -1;
    mem_free(bytes);
    return n < 0 || sync_file(to) < 0 ? -1 : 0;
}

int backup_restore(const char *state_dir, const char *to, struct err *err)
{
    char from[BACKUP_PATH], fresh[BACKUP_PATH];
    int in = open(backup_path(state_dir, from), O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return errno == ENOENT
                   ? err_set(err, ERR_NOT_FOUND, "ledger_no_backup", "there is no %s",
                             from)
                   : err_sys(err, ERR_INTERNAL, "ledger_backup", "cannot open %s", from);
    path_of(state_dir, "ledger.restored", fresh);
    int out = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
    int failed = out < 0 || copy_file(in, out) < 0 || rename(fresh, to) < 0;
    if (failed)
        err_sys(err, ERR_INTERNAL, "ledger_backup",
                "cannot copy %s (to begin a store without it, move it away)", from);
    close(in);
    if (out >= 0)
        close(out);
    if (failed)
        (void)unlink(fresh);
    return failed ? -1 : 0;
}
