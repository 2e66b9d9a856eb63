/* index.c -- opening, what it remembers, and transactions.
 *
 * WAL with synchronous=NORMAL: a commit is a write, not an fsync; after a power cut
 * the last commits may be missing, and the positions with them, so the logs (synced
 * each second) are read again from there.  Checkpoints are the only fsyncs.
 *
 * Not here: the insert that runs for every request (index_row.c). */
#include "ledger/index/index.h"

#include "core/mem.h"
#include "ledger/ledger.h"
#include "ledger/log/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 200, FILE_MODE = 0600, COMPLETE = 4 /* what complete() looks for */ };

static const char insert_row[] =
    "INSERT INTO rows(uid, ts, bits, request_id, key, session, session_name, engine,"
    " model_asked, model_used, policy, role, reasons, status, error_code, attempts, "
    "input,"
    " cached, cache_write, output, reasoning, cost_nanousd, price_date, ttft_ms, "
    "total_ms,"
    " request_bytes, answer_bytes, audio_input, audio_output, tier" INDEX_COLUMNS_OF_3
    ") "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?"
    ","
    "?,?) ON CONFLICT(uid) DO NOTHING";

static const char *const statement_sql[STMT_COUNT] = {
    [STMT_BEGIN] = "BEGIN IMMEDIATE",
    [STMT_COMMIT] = "COMMIT",
    [STMT_ROW] = insert_row,
    [STMT_ROLLUP] =
        "INSERT INTO rollup VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT DO UPDATE SET requests=requests+excluded.requests,"
        " estimated=estimated+excluded.estimated, input=input+excluded.input,"
        " cached=cached+excluded.cached,"
        " cache_write=cache_write+excluded.cache_write, output=output+excluded.output,"
        " reasoning=reasoning+excluded.reasoning,"
        " cost_nanousd=cost_nanousd+excluded.cost_nanousd,"
        " cost_unknown=cost_unknown+excluded.cost_unknown,"
        " request_bytes=request_bytes+excluded.request_bytes,"
        " answer_bytes=answer_bytes+excluded.answer_bytes,"
        " ttft_ms=ttft_ms+excluded.ttft_ms, ttft_count=ttft_count+excluded.ttft_count,"
        " total_ms=total_ms+excluded.total_ms,"
        " failed_attempts=failed_attempts+excluded.failed_attempts,"
        " local_after_cloud=local_after_cloud+excluded.local_after_cloud",
    [STMT_LEG] = "INSERT OR REPLACE INTO more_legs"
                 " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STMT_FEEDBACK] = "INSERT OR IGNORE INTO feedback VALUES(?,?,?)",
    [STMT_NOTED] = "INSERT OR IGNORE INTO noted VALUES(?,?)",
    [STMT_OPEN_SAVE] = "INSERT OR REPLACE INTO open VALUES(?,?,?)",
    [STMT_OPEN_DROP] = "DELETE FROM open WHERE uid=?",
    [STMT_POSITION] = "INSERT OR REPLACE INTO position VALUES(?,?,?)",
    [STMT_META] = "INSERT OR REPLACE INTO meta VALUES(?,?)",
    [STMT_NAME_FIND] = "SELECT id FROM strings WHERE text=?",
    [STMT_NAME_ADD] = "INSERT INTO strings(text) VALUES(?)",
    [STMT_ROW_EXISTS] = "SELECT 1 FROM rows WHERE uid=?",
};

static int fault(int rc, const char *doing, const char *why, struct err *err)
{
    bool is_damaged = (rc & 0xFF) == SQLITE_CORRUPT || (rc & 0xFF) == SQLITE_NOTADB;
    return err_set(err, ERR_INTERNAL,
                   is_damaged ? "ledger_index_damaged" : "ledger_index", "%s: %s", doing,
                   why);
}

int index_fault(sqlite3 *db, const char *doing, struct err *err)
{
    return fault(sqlite3_errcode(db), doing, sqlite3_errmsg(db), err);
}

int index_fault_of(int rc, const char *doing, struct err *err)
{
    return fault(rc, doing, sqlite3_errstr(rc), err);
}

static bool read_value(sqlite3 *db, const char *sql, int64_t *ret)
{
    sqlite3_stmt *s = NULL;
    bool ok = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
              sqlite3_step(s) == SQLITE_ROW;
    if (ok)
        *ret = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return ok;
}

int64_t index_version(sqlite3 *db)
{
    int64_t app, stamp, tables;
    if (!read_value(db, "SELECT application_id FROM pragma_application_id", &app) ||
        !read_value(db, "SELECT abs(user_version) FROM pragma_user_version", &stamp) ||
        !read_value(db, "SELECT count(*) FROM sqlite_master", &tables))
        return INDEX_UNREADABLE;
    if (app == INDEX_APPLICATION_ID && stamp > 0)
        return stamp;
    return app || stamp || tables ? INDEX_FOREIGN : 0;
}

int index_refuse_newer(int64_t version, const char *what, struct err *err)
{
    if (version <= INDEX_VERSION)
        return 0;
    return err_set(
        err, ERR_INTERNAL, "ledger_newer",
        "%s has format %lld, and this weir knows formats up to %d: a newer weir "
        "wrote it. Use that one, or another state_dir; nothing was changed",
        what, (long long)version, INDEX_VERSION);
}

static int add_word(sqlite3 *db, const char *kind, int code, const char *word)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO words VALUES(?,?,?)", -1, &s,
                                NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(s, 1, kind, -1, SQLITE_STATIC);
        sqlite3_bind_int(s, 2, code);
        sqlite3_bind_text(s, 3, word, -1, SQLITE_STATIC);
        rc = sqlite3_step(s);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? 0 : -1;
}

int index_add_words(sqlite3 *db)
{
    int failed = 0;
    for (int i = 0; i < SIDE_COUNT; i++)
        failed |= add_word(db, "side", i, side_name((enum side)i));
    for (int i = 0; i < SENSITIVITY_COUNT; i++)
        failed |= add_word(db, "label", i, sensitivity_name((enum sensitivity)i));
    for (int i = 0; i < OUTCOME_COUNT; i++)
        failed |= add_word(db, "outcome", i, outcome_name((enum outcome)i));
    for (int i = 0; i < DIALECT_COUNT; i++)
        failed |= add_word(db, "dialect", i, dialect_name((enum dialect_id)i));
    for (int i = 0; i < SURFACE_COUNT; i++)
        failed |= add_word(db, "surface", i, surface_name((enum surface)i));
    for (int i = 0; i < TIER_COUNT; i++)
        failed |= add_word(db, "tier", i, service_tier_name((enum service_tier)i));
    for (int i = 0; i <= LEG_PURPOSES; i++)
        failed |= add_word(db, "purpose", i, leg_purpose_name((enum leg_purpose)i));
    for (int i = FEEDBACK_NONE + 1; i <= FEEDBACK_KINDS; i++)
        failed |= add_word(db, "feedback", i, feedback_name((enum feedback)i));
    return failed;
}

static int create_tables(sqlite3 *db, struct err *err)
{
    char stamp[96];
    snprintf(stamp, sizeof stamp, "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             INDEX_APPLICATION_ID, INDEX_STAMP);
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_schema, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_legs, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_feedback, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_noted, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_unreached, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_first_tokens, NULL, NULL, NULL) != SQLITE_OK ||
        !index_create_views(db) || index_add_words(db) < 0 ||
        sqlite3_exec(db, stamp, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return index_fault(db, "cannot create the store", err);
    return 0;
}

/* A store of this format that a weir began which knew fewer words, or had no place for
 * feedback or for what scores were made of, or did not count what never reached the
 * cloud, or took the time of a whole answer for that of a first token. */
static int complete(sqlite3 *db, struct err *err)
{
    int64_t has = 0;
    if (!read_value(db,
                    "SELECT count(*) + (SELECT count(*) FROM meta WHERE"
                    " name='first_tokens_of_streams') FROM sqlite_master WHERE name IN"
                    " ('feedback', 'noted', 'rows_unreached')",
                    &has))
        return index_fault(db, "cannot read the store", err);
    if (sqlite3_db_readonly(db, "main") == 1)
        return 0;
    if (index_add_words(db) < 0)
        return index_fault(db, "cannot add words to the store", err);
    if (has == COMPLETE)
        return 0;
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_feedback, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_noted, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_unreached, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, index_first_tokens, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db,
                     "DROP VIEW IF EXISTS requests; DROP VIEW IF EXISTS legs;"
                     "DROP VIEW IF EXISTS costs;",
                     NULL, NULL, NULL) != SQLITE_OK ||
        !index_create_views(db) ||
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return index_fault(db, "cannot add to the store", err);
    return 0;
}

static int check_version(sqlite3 *db, const char *path, struct err *err)
{
    int64_t version = index_version(db);
    if (version == INDEX_VERSION)
        return complete(db, err);
    if (version == 0)
        return create_tables(db, err);
    if (version > 0)
        return index_refuse_newer(version, path, err) < 0
                   ? -1
                   : err_set(err, ERR_INTERNAL, "ledger_index_old",
                             "%s has the old format %lld", path, (long long)version);
    if (version == INDEX_UNREADABLE)
        return index_fault(db, "cannot read the store", err);
    return err_set(err, ERR_INTERNAL, "ledger_index_damaged", "%s is no store of weir",
                   path);
}

static int load_positions(struct index *ix, struct err *err)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(ix->db, "SELECT worker, segment, offset FROM position",
                                -1, &s, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(s);
        if (rc != SQLITE_ROW)
            break;
        int64_t w = sqlite3_column_int64(s, 0);
        if (w >= 0 && w < LEDGER_MAX_WORKERS)
            ix->positions[w] =
                (struct index_position){(uint32_t)sqlite3_column_int64(s, 1),
                                        (uint64_t)sqlite3_column_int64(s, 2), false};
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? 0 : index_fault(ix->db, "cannot read positions", err);
}

static int load_meta(struct index *ix, struct err *err)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(ix->db, "SELECT name, value FROM meta", -1, &s, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(s);
        if (rc != SQLITE_ROW)
            break;
        struct str name = str_of((const char *)sqlite3_column_text(s, 0));
        uint64_t value = (uint64_t)sqlite3_column_int64(s, 1);
        if (str_eqz(name, "newest_uid"))
            ix->newest_uid = value;
        else if (str_eqz(name, "uid_ahead_ms"))
            ix->uid_ahead_ms = value;
        else if (str_eqz(name, "uid_behind_ms"))
            ix->uid_behind_ms = value;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? 0 : index_fault(ix->db, "cannot read meta", err);
}

static struct str column_blob(sqlite3_stmt *s, int column)
{
    const char *p = sqlite3_column_blob(s, column);
    return (struct str){p ? p : "", (size_t)sqlite3_column_bytes(s, column)};
}

/* What weirs until 0.1.1 saved of an OPEN, and before it of an ATTEMPT, was the payload
 * of version 1 alone: it becomes a record again, as the others are. */
static bool hold_payload(struct pending *p, uint64_t uid, enum record_type type,
                         struct str payload)
{
    const struct record rec = {type, RECORD_VERSION_1, payload, payload.n};
    struct ledger_open open;
    struct ledger_attempt attempt;
    struct buf b;
    bool ok = true;
    buf_init(&b, 2 * RECORD_PAYLOAD_BYTES);
    if (type == RECORD_OPEN && record_get_open(&rec, &open))
        ok = record_put_open(&b, &open) && pending_open(p, uid, buf_view(&b));
    else if (type == RECORD_ATTEMPT && record_get_attempt(&rec, &attempt))
        ok = record_put_attempt(&b, &attempt) && pending_add(p, uid, buf_view(&b));
    buf_release(&b);
    return ok;
}

static bool hold_saved(struct pending *p, uint64_t uid, enum record_type type,
                       struct str saved)
{
    struct record rec;
    if (record_parse(saved, &rec) != RECORD_WHOLE)
        return hold_payload(p, uid, type, saved);
    return type == RECORD_OPEN ? pending_open(p, uid, saved) : pending_add(p, uid, saved);
}

static int load_open(struct index *ix, struct err *err)
{
    sqlite3_stmt *s = NULL;
    int rc =
        sqlite3_prepare_v2(ix->db, "SELECT uid, opened, attempt FROM open", -1, &s, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(s);
        if (rc != SQLITE_ROW)
            break;
        uint64_t uid = (uint64_t)sqlite3_column_int64(s, 0);
        if (!hold_saved(&ix->pending, uid, RECORD_OPEN, column_blob(s, 1)) ||
            (sqlite3_column_type(s, 2) == SQLITE_BLOB &&
             !hold_saved(&ix->pending, uid, RECORD_ATTEMPT, column_blob(s, 2)))) {
            sqlite3_finalize(s);
            return err_nomem(err);
        }
        struct pending_item *item = pending_find(&ix->pending, uid);
        if (item) /* else it is damaged, and stays where it is */
            pending_mark_saved(item);
    }
    ix->pending.nunsaved = 0;
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? 0 : index_fault(ix->db, "cannot read open requests", err);
}

static int load_state(struct index *ix, struct err *err)
{
    if (load_positions(ix, err) < 0 || load_meta(ix, err) < 0)
        return -1;
    return load_open(ix, err);
}

int index_prepare(struct index *ix, struct err *err)
{
    for (int i = 0; i < STMT_COUNT; i++)
        if (sqlite3_prepare_v3(ix->db, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &ix->stmts[i], NULL) != SQLITE_OK)
            return index_fault(ix->db, "cannot prepare the store", err);
    names_init(&ix->names, ix->stmts[STMT_NAME_FIND], ix->stmts[STMT_NAME_ADD]);
    return 0;
}

static int set_up(struct index *ix, const char *path, struct err *err)
{
    /* SQLite would create it for everyone to read. */
    struct stat st = {0};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd >= 0 && fstat(fd, &st) == 0)
        ix->inode = st.st_ino;
    if (fd >= 0)
        close(fd);
    if (sqlite3_open_v2(path, &ix->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return index_fault(ix->db, "cannot open the store", err);
    sqlite3_busy_timeout(ix->db, BUSY_MS);
    if (sqlite3_exec(ix->db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                     "PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=4000; PRAGMA "
                     "journal_size_limit=67108864;"
                     "PRAGMA cache_size=-4096;",
                     NULL, NULL, NULL) != SQLITE_OK)
        return index_fault(ix->db, "cannot set up the store", err);
    if (check_version(ix->db, path, err) < 0 || index_prepare(ix, err) < 0)
        return -1;
    return load_state(ix, err);
}

int index_open(const char *path, struct index **ret, struct err *err)
{
    struct index *ix = mem_new(struct index);
    if (!ix)
        return err_nomem(err);
    arena_init(&ix->names.texts, 0);
    if (set_up(ix, path, err) < 0) {
        index_close(ix);
        return -1;
    }
    *ret = ix;
    return 0;
}

void index_unprepare(struct index *ix)
{
    for (int i = 0; i < STMT_COUNT; i++)
        sqlite3_finalize(ix->stmts[i]);
    names_reset(&ix->names);
}

void index_close(struct index *ix)
{
    if (!ix)
        return;
    index_unprepare(ix);
    sqlite3_close(ix->db);
    pending_release(&ix->pending);
    mem_free(ix);
}

bool index_move_aside(const char *path, char *ret_name, size_t size)
{
    static const char *const companions[] = {"-wal", "-shm"};
    char from[4200], to[4300];
    for (unsigned i = 1; i < 1000; i++) {
        int n = snprintf(ret_name, size, "%s.aside-%u", path, i);
        if (n < 0 || (size_t)n >= size)
            return false;
        if (access(ret_name, F_OK) == 0)
            continue;
        for (size_t c = 0; c < ARRAY_LEN(companions); c++) {
            snprintf(from, sizeof from, "%s%s", path, companions[c]);
            snprintf(to, sizeof to, "%s%s", ret_name, companions[c]);
            (void)rename(from, to);
        }
        return rename(path, ret_name) == 0;
    }
    return false;
}

/* -- transactions ----------------------------------------------------------- */

static int run(struct index *ix, enum index_statement which)
{
    int rc = sqlite3_step(ix->stmts[which]);
    sqlite3_reset(ix->stmts[which]);
    return rc == SQLITE_DONE ? 0 : -1;
}

int index_begin(struct index *ix, struct err *err)
{
    if (ix->is_in_transaction)
        return 0;
    if (run(ix, STMT_BEGIN) < 0)
        return index_fault(ix->db, "cannot begin", err);
    ix->is_in_transaction = true;
    return 0;
}

int index_forget_open(struct index *ix, uint64_t uid, struct err *err)
{
    sqlite3_bind_int64(ix->stmts[STMT_OPEN_DROP], 1, (int64_t)uid);
    if (run(ix, STMT_OPEN_DROP) < 0)
        return index_fault(ix->db, "cannot settle an open request", err);
    return 0;
}

int index_add_feedback(struct index *ix, const struct ledger_feedback *f, struct err *err)
{
    sqlite3_bind_int64(ix->stmts[STMT_FEEDBACK], 1, (int64_t)f->uid);
    sqlite3_bind_int64(ix->stmts[STMT_FEEDBACK], 2, (int64_t)f->ts_ms);
    sqlite3_bind_int(ix->stmts[STMT_FEEDBACK], 3, (int)f->said);
    if (run(ix, STMT_FEEDBACK) < 0)
        return index_fault(ix->db, "cannot add feedback", err);
    return 0;
}

int index_has_row(struct index *ix, uint64_t uid, struct err *err)
{
    sqlite3_stmt *s = ix->stmts[STMT_ROW_EXISTS];
    sqlite3_bind_int64(s, 1, (int64_t)uid);
    int rc = sqlite3_step(s);
    sqlite3_reset(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return index_fault(ix->db, "cannot look for a row", err);
    return rc == SQLITE_ROW;
}

static int save_open(struct index *ix)
{
    sqlite3_stmt *s = ix->stmts[STMT_OPEN_SAVE];
    struct pending *p = &ix->pending;
    for (size_t i = 0; i < p->nunsaved; i++) {
        struct pending_item *item = pending_find(p, p->unsaved[i]);
        if (!item)
            continue;
        struct str opened = pending_opened(item);
        struct str attempt = pending_more(item);
        sqlite3_bind_int64(s, 1, (int64_t)item->uid);
        sqlite3_bind_blob(s, 2, opened.p, (int)opened.n, SQLITE_STATIC);
        sqlite3_bind_blob(s, 3, attempt.n ? attempt.p : NULL, (int)attempt.n,
                          SQLITE_STATIC);
        if (run(ix, STMT_OPEN_SAVE) < 0)
            return -1;
        pending_mark_saved(item);
    }
    p->nunsaved = 0;
    return 0;
}

static int save_positions(struct index *ix)
{
    sqlite3_stmt *s = ix->stmts[STMT_POSITION];
    for (int w = 0; w < LEDGER_MAX_WORKERS; w++) {
        struct index_position *p = &ix->positions[w];
        if (!p->is_changed)
            continue;
        sqlite3_bind_int(s, 1, w);
        sqlite3_bind_int64(s, 2, p->segment);
        sqlite3_bind_int64(s, 3, (int64_t)p->offset);
        if (run(ix, STMT_POSITION) < 0)
            return -1;
        p->is_changed = false;
    }
    return 0;
}

static int save_meta(struct index *ix)
{
    const struct {
        const char *name;
        uint64_t value;
    } items[] = {{"newest_uid", ix->newest_uid},
                 {"uid_ahead_ms", ix->uid_ahead_ms},
                 {"uid_behind_ms", ix->uid_behind_ms}};
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        sqlite3_bind_text(ix->stmts[STMT_META], 1, items[i].name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(ix->stmts[STMT_META], 2, (int64_t)items[i].value);
        if (run(ix, STMT_META) < 0)
            return -1;
    }
    return 0;
}

int index_commit(struct index *ix, struct err *err)
{
    if (!ix->is_in_transaction)
        return 0;
    if (rollup_write(&ix->rollup, ix->stmts[STMT_ROLLUP]) < 0 || save_open(ix) < 0 ||
        save_positions(ix) < 0 || save_meta(ix) < 0 || run(ix, STMT_COMMIT) < 0)
        return index_fault(ix->db, "cannot commit", err);
    rollup_clear(&ix->rollup);
    ix->is_in_transaction = false;
    return 0;
}

int index_checkpoint(struct index *ix)
{
    int in_wal = 0, done = 0;
    int rc = sqlite3_wal_checkpoint_v2(ix->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_wal,
                                       &done);
    return rc == SQLITE_OK && in_wal == done ? 0 : -1;
}
