/* erasing.c -- see erasing.h. */
#include "ledger/erasing.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "ledger/log/lock.h"
#include "ledger/log/segment.h"
#include "ledger/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DAY_MS UINT64_C(86400000)

enum {
    MODE = 0600,
    ORDER_BYTES = 2048,
    FIRST_LOOK_MS = 60 * 1000,
    STEP_MS = 20,
    PATIENCE_MS = 10 * 60 * 1000,
    VM_STEPS = 200000
};

static uint64_t mono_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* -- the order's text ---------------------------------------------------------------- */

void erasing_write(const struct ledger_erase_order *o, struct buf *out)
{
    buf_printf(out, "%s %.*s\nwhy %.*s\n", o->key.n ? "key" : "session",
               STR_ARG(o->key.n ? o->key : o->session), STR_ARG(o->why));
}

/* "s-" and 16 hexadecimal digits. */
static bool parse_digest(struct str text, uint64_t *ret)
{
    char digits[17], *end;
    if (text.n != 18 || !str_starts(text, STR("s-")))
        return false;
    memcpy(digits, text.p + 2, 16);
    digits[16] = '\0';
    *ret = strtoull(digits, &end, 16);
    return *end == '\0' && strspn(digits, "0123456789abcdef") == 16;
}

int erasing_parse(struct erasing *x, struct str text, struct err *err)
{
    struct str line, why;
    bool ok = str_split(&text, '\n', &line) && str_split(&text, '\n', &why) &&
              str_starts(why, STR("why ")) && why.n > 4 && why.n - 4 <= LEDGER_WHY_BYTES;
    bool is_key = ok && str_starts(line, STR("key "));
    ok = ok && (is_key || str_starts(line, STR("session ")));
    struct str name = ok ? str_sub(line, is_key ? 4 : 8, line.n) : STR("");
    if (!ok || name.n == 0 || name.n >= ERASE_WORD)
        return err_set(err, ERR_BAD_REQUEST, "bad_order",
                       "an order names one key or session, and why");
    *x = (struct erasing){.is_ordered = true};
    x->erase.kind = is_key                                  ? ERASE_KEY
                    : parse_digest(name, &x->erase.session) ? ERASE_SESSION
                                                            : ERASE_SESSION_NAME;
    snprintf(x->erase.word, sizeof x->erase.word, "%.*s", STR_ARG(name));
    snprintf(x->why, sizeof x->why, "%.*s", STR_ARG(str_sub(why, 4, why.n)));
    /* A session's name may be a person's: the record does not keep what goes. */
    if (x->erase.kind == ERASE_SESSION_NAME)
        snprintf(x->what, sizeof x->what, "ledger rows of one session, by its name");
    else
        snprintf(x->what, sizeof x->what, "ledger rows of %s %s",
                 is_key ? "key" : "session", x->erase.word);
    return 0;
}

/* -- in the running weir --------------------------------------------------------------
 */

static const char *path_of(const char *state_dir, const char *name, char ret[BACKUP_PATH])
{
    snprintf(ret, BACKUP_PATH, "%s/%s", state_dir, name);
    return ret;
}

static bool write_whole(const char *state_dir, const char *name, struct str text)
{
    char to[BACKUP_PATH], fresh[BACKUP_PATH];
    int fd = open(path_of(state_dir, "erase.new", fresh),
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
    bool ok = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n;
    if (fd >= 0)
        close(fd);
    return ok && rename(fresh, path_of(state_dir, name, to)) == 0;
}

static bool read_whole(const char *state_dir, const char *name, char out[ORDER_BYTES],
                       struct str *ret)
{
    char path[BACKUP_PATH];
    int fd = open(path_of(state_dir, name, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, out, ORDER_BYTES);
    close(fd);
    *ret = (struct str){out, n > 0 ? (size_t)n : 0};
    return n > 0;
}

static void forget(const char *state_dir, const char *name)
{
    char path[BACKUP_PATH];
    (void)unlink(path_of(state_dir, name, path));
}

static void answer(struct ledger *l, struct str text)
{
    bool is_ordered = l->erasing.is_ordered;
    l->erasing.is_active = false;
    if (is_ordered && write_whole(l->state_dir, "erase.answer", text))
        forget(l->state_dir, "erase.order");
}

static void answer_rows(struct ledger *l, uint64_t rows)
{
    char text[64];
    int n = snprintf(text, sizeof text, "ok %llu\n", (unsigned long long)rows);
    answer(l, (struct str){text, (size_t)n});
}

static void fail(struct ledger *l, const char *why)
{
    char text[512];
    snprintf(text, sizeof text, "error %.400s\n", why);
    log_warn("ledger: no rows are deleted: %s", why);
    answer(l, str_of(text));
}

/* Counted, told, and only then begun. */
static void begin(struct ledger *l)
{
    struct erasing *x = &l->erasing;
    struct err err = {0};
    ledger_erase_fn *tell = atomic_load(&l->on_erase);
    int64_t n = erase_count(l->ingest.index, &x->erase, &err);
    x->is_active = true;
    x->rows = 0;
    if (n < 0) {
        fail(l, err.msg);
    } else if (n == 0) {
        answer_rows(l, 0);
    } else if (!tell(l->on_erase_ctx, x->what, (uint64_t)n, x->why)) {
        fail(l, "the audit chain cannot be written, and nothing is deleted without a "
                "record");
    }
}

static bool take_order(struct ledger *l)
{
    char bytes[ORDER_BYTES];
    struct str text;
    struct err err = {0};
    if (!read_whole(l->state_dir, "erase.order", bytes, &text))
        return false;
    if (erasing_parse(&l->erasing, text, &err) < 0) {
        l->erasing = (struct erasing){.is_ordered = true};
        fail(l, err.msg);
    } else {
        begin(l);
    }
    return true;
}

static void take_old(struct ledger *l)
{
    uint64_t keep = atomic_load(&l->keep_ms), now = mono_ms(), wall = clock_wall_ms();
    if (!l->keep_due_ms)
        l->keep_due_ms = now + FIRST_LOOK_MS;
    if (!keep || now < l->keep_due_ms || keep >= wall)
        return;
    l->keep_due_ms = now + DAY_MS;
    l->erasing = (struct erasing){.erase = {.kind = ERASE_OLD, .before_ms = wall - keep}};
    snprintf(l->erasing.what, sizeof l->erasing.what, "ledger rows older than keep");
    snprintf(l->erasing.why, sizeof l->erasing.why, "older than keep");
    begin(l);
}

void erasing_look(struct ledger *l)
{
    if (!l->ingest.index || l->erasing.is_active || !atomic_load(&l->on_erase))
        return;
    if (!take_order(l))
        take_old(l);
}

/* Reading all words of a large store takes seconds, in which logs are still synced. */
static int while_it_takes(void *ctx)
{
    struct ledger *l = ctx;
    uint64_t now = mono_ms();
    if (now - l->second_at_ms >= 1000) {
        l->second_at_ms = now;
        watch_sync(l);
    }
    return 0;
}

/* Read to its end, of a worker that no longer runs: nothing will be written behind it. */
static void leave_segment(struct ingest *g, uint32_t w, uint32_t *purge)
{
    struct index_position *p = &g->index->positions[w];
    *purge = UINT32_MAX;
    if (!p->segment)
        return;
    *p = (struct index_position){p->segment + 1, 0, true};
    reader_seek(&g->readers[w], p->segment, 0);
}

/* The rows are still in the backup and in the logs: these go as well. */
static void clean_copies(struct ledger *l)
{
    struct index *ix = l->ingest.index;
    struct err ignored = {0};
    if (!ix)
        return;
    sqlite3_wal_checkpoint_v2(ix->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    backup_drop(&l->backup);
    l->backup.is_wanted = true;
    if (!l->erasing.is_ordered)
        return; /* what is merely old may wait for the next backup */
    forget(l->state_dir, "ledger.backup");
    watch_move_on(l);
    for (uint32_t w = 0; w < l->nlogs; w++)
        l->purge[w] = l->handed[w];
    if (index_begin(ix, &ignored) < 0)
        return;
    for (uint32_t w = l->nlogs; w < LEDGER_MAX_WORKERS; w++)
        leave_segment(&l->ingest, w, &l->purge[w]);
    (void)index_commit(ix, &ignored);
}

static void finish(struct ledger *l)
{
    struct err err = {0};
    sqlite3_progress_handler(l->ingest.index->db, VM_STEPS, while_it_takes, l);
    int failed = erase_words(l->ingest.index, &err);
    if (l->ingest.index)
        sqlite3_progress_handler(l->ingest.index->db, 0, NULL, NULL);
    if (failed) {
        fail(l, err.msg);
        ledger_index_failed(l, &err);
        return;
    }
    clean_copies(l);
    log_info("ledger: %llu rows are deleted: %s", (unsigned long long)l->erasing.rows,
             l->erasing.what);
    answer_rows(l, l->erasing.rows);
}

bool erasing_step(struct ledger *l)
{
    struct erasing *x = &l->erasing;
    struct err err = {0};
    if (x->is_active && !l->ingest.index)
        x->erase.cursor = 0; /* what comes back may hold rows that were deleted */
    if (!x->is_active || !l->ingest.index || l->ingest.index->is_in_transaction)
        return x->is_active;
    int64_t n = erase_step(l->ingest.index, &x->erase, &err);
    if (n < 0) {
        ledger_index_failed(l, &err);
        fail(l, err.msg);
        return false;
    }
    x->rows += (uint64_t)n;
    if (n < ERASE_STEP)
        finish(l);
    return x->is_active;
}

void ledger_on_erase(struct ledger *l, ledger_erase_fn *fn, void *ctx)
{
    l->on_erase_ctx = ctx;
    atomic_store(&l->on_erase, fn);
}

void ledger_set_keep(struct ledger *l, uint64_t keep_ms)
{
    atomic_store(&l->keep_ms, keep_ms);
}

/* -- from the command line -------------------------------------------------------------
 */

static int read_answer(struct str text, uint64_t *ret_rows, struct err *err)
{
    struct str line = STR("");
    (void)str_split(&text, '\n', &line);
    if (str_starts(line, STR("ok ")) && str_to_u64(str_sub(line, 3, line.n), ret_rows))
        return 0;
    struct str why = str_starts(line, STR("error ")) ? str_sub(line, 6, line.n)
                                                     : STR("it gave no answer");
    return err_set(err, ERR_INTERNAL, "not_erased", "the running weir: %.*s",
                   STR_ARG(why));
}

static int ask_running(const char *dir, struct str order, uint64_t *ret_rows,
                       struct err *err)
{
    char bytes[ORDER_BYTES];
    struct str text;
    struct err ignored;
    forget(dir, "erase.answer");
    if (!write_whole(dir, "erase.order", order))
        return err_sys(err, ERR_INTERNAL, "not_erased", "cannot write %s/erase.order",
                       dir);
    for (int waited = 0; !read_whole(dir, "erase.answer", bytes, &text);
         waited += STEP_MS) {
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
        int lock = waited % 1000 == 0 ? lock_take(dir, 0, &ignored) : -1;
        if (lock >= 0)
            close(lock);
        if (lock >= 0 || waited > PATIENCE_MS)
            return err_set(err, ERR_INTERNAL, "not_erased",
                           "weir %s; it does what it was asked when it runs again",
                           lock >= 0 ? "stopped meanwhile" : "does not answer");
    }
    forget(dir, "erase.answer");
    return read_answer(text, ret_rows, err);
}

/* All that the logs hold is in the store now, and the store in a new backup: they go, and
 * the store is told that they are read to the end. */
static int clean_offline(struct ingest *g, const char *dir, struct err *err)
{
    struct backup *b = mem_new(struct backup);
    uint32_t purge[LEDGER_MAX_WORKERS];
    if (!b)
        return err_nomem(err);
    forget(dir, "ledger.backup");
    int failed = index_begin(g->index, err);
    for (uint32_t w = 0; w < LEDGER_MAX_WORKERS; w++)
        leave_segment(g, w, &purge[w]);
    failed |= index_commit(g->index, err);
    backup_init(b, dir);
    int rc = failed ? -1 : backup_begin(b, g->index, err);
    while (rc == 0)
        rc = backup_step(b, g->index, err);
    if (rc == 1)
        replay_prune(g, b->covered, purge);
    backup_drop(b);
    mem_free(b);
    sqlite3_wal_checkpoint_v2(g->index->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return rc == 1 ? 0 : -1;
}

static int erase_all(struct ingest *g, struct erasing *x, ledger_erase_fn *fn, void *ctx,
                     struct err *err)
{
    int64_t n = erase_count(g->index, &x->erase, err);
    if (n <= 0)
        return (int)n;
    if (!fn(ctx, x->what, (uint64_t)n, x->why))
        return err_set(err, ERR_INTERNAL, "not_erased",
                       "the audit chain cannot be written, and nothing is deleted "
                       "without a record");
    while ((n = erase_step(g->index, &x->erase, err)) > 0)
        x->rows += (uint64_t)n;
    return n < 0 ? -1 : erase_words(g->index, err);
}

static int erase_here(const char *dir, struct erasing *x, ledger_erase_fn *fn, void *ctx,
                      struct err *err)
{
    struct replay_report report;
    char log_dir[SEGMENT_PATH];
    struct ingest *g = mem_new(struct ingest);
    if (!g)
        return err_nomem(err);
    snprintf(log_dir, sizeof log_dir, "%s/log", dir);
    ingest_init(g, log_dir);
    int failed = replay_run(g, dir, &report, err);
    if (!failed)
        failed = erase_all(g, x, fn, ctx, err);
    if (!failed && x->rows)
        failed = clean_offline(g, dir, err);
    ingest_release(g);
    mem_free(g);
    return failed;
}

int ledger_erase(struct str state_dir, const struct ledger_erase_order *order,
                 ledger_erase_fn *fn, void *ctx, uint64_t *ret_rows, struct err *err)
{
    char dir[SEGMENT_PATH];
    struct buf text;
    struct err why = {0};
    if (state_dir_check(state_dir, err) < 0)
        return -1;
    struct erasing *x = mem_new(struct erasing);
    if (!x)
        return err_nomem(err);
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(state_dir));
    buf_init(&text, ORDER_BYTES);
    erasing_write(order, &text);
    int failed = erasing_parse(x, buf_view(&text), err);
    int lock = failed ? -1 : lock_take(dir, 0, &why);
    if (lock >= 0) {
        failed = erase_here(dir, x, fn, ctx, err);
        *ret_rows = x->rows;
        close(lock);
    } else if (!failed && why.code && strcmp(why.code, "ledger_locked") == 0) {
        failed = ask_running(dir, buf_view(&text), ret_rows, err);
    } else if (!failed) {
        failed = err_set(err, why.kind, why.code, "%s", why.msg);
    }
    buf_release(&text);
    mem_free(x);
    return failed;
}
