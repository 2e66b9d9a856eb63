/* erase_command.c -- `weir ledger delete`: an order, and either the running weir does it
 * or, when none runs, this process under the lock.
 *
 * The order stands in any case before something is done: killed in the middle, the next
 * weir finds it. */
#include "core/mem.h"
#include "ledger/erasing.h"
#include "ledger/index/backup.h"
#include "ledger/log/lock.h"
#include "ledger/log/segment.h"
#include "ledger/refresh.h"
#include "ledger/replay.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MS = 20, LOCK_EVERY_MS = 100, PATIENCE_MS = 10 * 60 * 1000 };

/* What one deletion needs. */
struct job {
    const char *dir;
    struct erase_order order;
    struct erasing x;
    ledger_erase_fn *tell;
    void *ctx;
};

/* All that the logs hold is in the store now, and the store in a new backup: they go, and
 * the store is told that they are read to the end. */
static int clean_offline(struct ingest *g, const char *dir, struct err *err)
{
    struct backup *b = mem_new(struct backup);
    uint32_t purge[LEDGER_MAX_WORKERS];
    if (!b)
        return err_nomem(err);
    erase_mark_set(dir);
    erasing_drop_backup(dir);
    int failed = index_begin(g->index, err);
    for (uint32_t w = 0; w < LEDGER_MAX_WORKERS; w++)
        erasing_leave_segment(g, w, &purge[w]);
    failed |= index_commit(g->index, err);
    backup_init(b, dir);
    int rc = failed ? -1 : backup_begin(b, g->index, err);
    while (rc == 0)
        rc = backup_step(b, g->index, err);
    if (rc == 1)
        replay_prune(g, b->covered, purge);
    if (rc == 1 && replay_is_purged(g->log_dir, purge))
        erase_mark_remove(dir);
    backup_drop(b);
    mem_free(b);
    sqlite3_wal_checkpoint_v2(g->index->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return rc == 1 ? 0 : -1;
}

/* -- here -----------------------------------------------------------------------------
 */

static int erase_all(struct ingest *g, struct job *j, const struct erase_report *was,
                     struct err *err)
{
    struct erasing *x = &j->x;
    int rc = erasing_begin(x, g->index, was, j->tell, j->ctx, err);
    int64_t n = 0;
    if (rc <= 0)
        return rc;
    x->is_active = true;
    while ((n = erase_step(g->index, &x->erase, err)) > 0)
        x->rows += (uint64_t)n;
    if (n < 0 || erase_words(g->index, err) < 0)
        return -1;
    return clean_offline(g, j->dir, err);
}

static int erase_here(struct job *j, const struct erase_report *was, struct err *err)
{
    struct replay_report report;
    char log_dir[SEGMENT_PATH];
    struct ingest *g = mem_new(struct ingest);
    if (!g)
        return err_nomem(err);
    snprintf(log_dir, sizeof log_dir, "%s/log", j->dir);
    ingest_init(g, log_dir);
    int failed = replay_run(g, j->dir, &report, err);
    if (!failed)
        failed = erase_all(g, j, was, err);
    ingest_release(g);
    mem_free(g);
    return failed;
}

/* With the lock: whoever had it until now may just have done it. */
static bool take_over(struct job *j, uint64_t *ret_rows, int *ret_failed, struct err *err)
{
    struct erase_report now = erase_order_look(&j->order);
    if (now.state != ERASE_WAITING && now.state != ERASE_BEGUN)
        return false;
    *ret_failed = erase_here(j, &now, err);
    *ret_rows = j->x.is_resumed ? j->x.told : j->x.rows;
    if (*ret_failed && (j->x.is_active || j->x.is_resumed)) {
        struct err why = *err;
        err_set(err, why.kind, why.code, "%s; the next weir that starts goes on with it",
                why.msg);
    } else {
        erase_order_remove(j->dir, &j->order);
    }
    return true;
}

/* -- by the running weir --------------------------------------------------------------
 */

static int read_end(const struct erase_report *r, uint64_t *ret_rows, struct err *err)
{
    *ret_rows = r->rows;
    if (r->state == ERASE_DONE)
        return 0;
    return err_set(err, ERR_INTERNAL, "not_erased", "the running weir: %s",
                   r->state == ERASE_FAILED
                       ? r->why
                       : "the order was taken away and has no answer; `weir prove "
                         "--list` shows whether rows were deleted");
}

static int give_up(const struct erase_report *r, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "not_erased",
                   "the running weir has not begun in 10 minutes%s%s; it does what it "
                   "was asked when it can",
                   r->why[0] ? ": " : "", r->why);
}

/* Until somebody has done it: the running weir, or this process once no weir has the
 * lock. */
static int see_it_done(struct job *j, uint64_t *ret_rows, struct err *err)
{
    for (int waited = 0;; waited += STEP_MS) {
        struct err why = {0};
        int failed = 0;
        int lock = waited % LOCK_EVERY_MS == 0 ? lock_take(j->dir, 0, &why) : -1;
        bool is_done = lock >= 0 && take_over(j, ret_rows, &failed, err);
        if (lock >= 0)
            close(lock);
        else if (why.code && strcmp(why.code, "ledger_locked") != 0)
            return err_set(err, why.kind, why.code, "%s", why.msg);
        if (is_done)
            return failed;
        struct erase_report now = erase_order_look(&j->order);
        if (now.state != ERASE_WAITING && now.state != ERASE_BEGUN)
            return read_end(&now, ret_rows, err);
        if (now.state == ERASE_WAITING && waited >= PATIENCE_MS)
            return give_up(&now, err);
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
}

static int run_job(struct job *j, struct str text, uint64_t *ret_rows, struct err *err)
{
    if (erasing_parse(&j->x, text, err) < 0 ||
        erase_order_place(j->dir, text, &j->order, err) < 0)
        return -1;
    j->x.is_ordered = true;
    j->x.order = j->order;
    return see_it_done(j, ret_rows, err);
}

int ledger_erase(struct str state_dir, const struct ledger_erase_order *order,
                 ledger_erase_fn *fn, void *ctx, uint64_t *ret_rows, struct err *err)
{
    char dir[SEGMENT_PATH];
    struct buf text;
    if (state_dir_check(state_dir, err) < 0)
        return -1;
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(state_dir));
    if (refresh_find(dir, err) < 0)
        return -1;
    struct job *j = mem_new(struct job);
    if (!j)
        return err_nomem(err);
    *j = (struct job){.dir = dir, .order.fd = -1, .tell = fn, .ctx = ctx};
    buf_init(&text, ERASE_ORDER_BYTES);
    erasing_write(order, &text);
    int failed =
        text.failed ? err_nomem(err) : run_job(j, buf_view(&text), ret_rows, err);
    erasing_release(&j->x); /* closes the order */
    buf_release(&text);
    mem_free(j);
    return failed;
}
