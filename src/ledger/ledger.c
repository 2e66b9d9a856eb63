/* ledger.c -- the ledger as the rest of weir holds it: opening, counting, closing.
 *
 * The disk decides much here and none of it stops weir from serving local engines: a
 * directory that cannot be made, locked or written leaves logs that say -1, and the
 * writer tries again each second.  Only another live weir is an error, and a ledger that
 * a newer weir wrote. */
#include "ledger/ledger.h"

#include "core/log.h"
#include "core/mem.h"
#include "ledger/index/newer.h"
#include "ledger/log/lock.h"
#include "ledger/log/segment.h"
#include "ledger/writer.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static struct ledger *allocate(struct str state_dir, uint32_t nworkers)
{
    char dir[SEGMENT_PATH];
    struct ledger *l = mem_new(struct ledger);
    if (!l)
        return NULL;
    snprintf(dir, sizeof dir, "%.*s/log", STR_ARG(state_dir));
    l->lock_fd = -1;
    l->state_dir = mem_strndup(state_dir.p, state_dir.n);
    l->shared.log_dir = mem_strndup(dir, strlen(dir));
    l->logs = mem_zalloc(nworkers * sizeof *l->logs);
    if (l->state_dir && l->shared.log_dir && l->logs)
        return l;
    mem_free(l->state_dir);
    mem_free(l->shared.log_dir);
    mem_free(l->logs);
    mem_free(l);
    return NULL;
}

static void note_interrupted(void *ctx, const struct ledger_row *row,
                             const struct ledger_leg *leg)
{
    struct ledger *l = ctx;
    struct ledger_interrupted x = {
        .uid = row->open.uid, .ts_ms = row->open.ts_ms, .attempt = leg->number};
    if (l->ninterrupted == LEDGER_INTERRUPTED_MOST)
        return;
    if (!l->interrupted)
        l->interrupted = mem_alloc(LEDGER_INTERRUPTED_MOST * sizeof *l->interrupted);
    if (!l->interrupted)
        return; /* then they count as left */
    snprintf(x.label, sizeof x.label, "%s", row->open.label ? row->open.label : "");
    snprintf(x.engine, sizeof x.engine, "%.*s", STR_ARG(leg->engine));
    l->interrupted[l->ninterrupted++] = x;
}

static void init(struct ledger *l, uint32_t nworkers, enum access_log access_log)
{
    pthread_condattr_t attr;
    l->nlogs = nworkers;
    for (uint32_t w = 0; w < nworkers; w++)
        log_init(&l->logs[w], &l->shared, w);
    pthread_mutex_init(&l->shared.lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&l->shared.bell, &attr);
    pthread_condattr_destroy(&attr);
    access_init(&l->access, access_log);
    ingest_init(&l->ingest, l->shared.log_dir);
    l->ingest.on_interrupted = note_interrupted;
    l->ingest.interrupted_ctx = l;
}

static void release(struct ledger *l)
{
    ledger_drop_index(l);
    ingest_release(&l->ingest);
    erasing_release(&l->erasing);
    access_release(&l->access);
    for (uint32_t w = 0; w < l->nlogs; w++)
        log_release(&l->logs[w]);
    pthread_cond_destroy(&l->shared.bell);
    pthread_mutex_destroy(&l->shared.lock);
    if (l->lock_fd >= 0)
        close(l->lock_fd);
    mem_free(l->interrupted);
    mem_free(l->state_dir);
    mem_free(l->shared.log_dir);
    mem_free(l->logs);
    mem_free(l);
}

void ledger_tell_interrupted(struct ledger *l,
                             void (*fn)(void *ctx, const struct ledger_interrupted *x),
                             void *ctx)
{
    for (size_t i = 0; i < l->ninterrupted; i++)
        fn(ctx, &l->interrupted[i]);
    mem_free(l->interrupted);
    l->interrupted = NULL;
    l->ninterrupted = 0;
}

static void report_replay(const struct replay_report *r)
{
    if (r->interrupted)
        log_info("ledger: %llu requests were open when weir last died; they are settled "
                 "as interrupted",
                 (unsigned long long)r->interrupted);
}

int ledger_prepare(struct ledger *l, unsigned wait_ms, struct err *err)
{
    struct replay_report report;
    struct err why;
    int fd = lock_take(l->state_dir, wait_ms, err);
    if (fd < 0)
        return -1;
    if (lock_make_dirs(l->shared.log_dir) < 0) {
        err_sys(err, ERR_INTERNAL, "ledger_unwritable", "cannot create %s",
                l->shared.log_dir);
        close(fd);
        return -1;
    }
    if (newer_check(l->state_dir, err) < 0) {
        close(fd);
        return -1;
    }
    l->lock_fd = fd;
    backup_init(&l->backup, l->state_dir);
    err_clear(&why);
    if (replay_run(&l->ingest, l->state_dir, &report, &why) < 0) {
        ledger_index_failed(l, &why);
    } else {
        report_replay(&report);
        replay_prune(&l->ingest, l->backup.covered, l->purge);
        uint64_t floor = uid_sequence(l->ingest.index->newest_uid);
        atomic_store_explicit(&l->shared.floor, floor, memory_order_relaxed);
        erasing_go_on_cleaning(l, report.next_segment);
    }
    for (uint32_t w = 0; w < l->nlogs; w++)
        atomic_store_explicit(&l->logs[w].first_segment, report.next_segment[w],
                              memory_order_relaxed);
    /* What earlier lives wrote is not printed again, whoever has to read it. */
    for (uint32_t w = 0; w < LEDGER_MAX_WORKERS; w++)
        l->ingest.printed[w] =
            (struct index_position){report.next_segment[w] - 1, UINT64_MAX, false};
    l->ingest.nrows = 0;
    l->ingest.access = &l->access;
    atomic_store_explicit(&l->shared.is_ready, true, memory_order_release);
    return 0;
}

static int first_prepare(struct ledger *l, struct err *err)
{
    struct err why;
    err_clear(&why);
    if (ledger_prepare(l, LOCK_WAIT_MS, &why) < 0) {
        if (strcmp(why.code, "ledger_locked") == 0 ||
            strcmp(why.code, "ledger_newer") == 0) {
            if (err)
                *err = why;
            return -1;
        }
        log_warn("ledger: %s; weir serves local engines without records and refuses "
                 "cloud requests until it can write",
                 why.msg);
        return 0;
    }
    for (uint32_t w = 0; w < l->nlogs; w++)
        if (log_begin(&l->logs[w]) < 0)
            log_warn("ledger: cannot write in %s: %s; weir serves local engines without "
                     "records and refuses cloud requests until it can",
                     l->shared.log_dir, strerror(errno));
    return 0;
}

struct ledger *ledger_open(struct str state_dir, uint32_t nworkers,
                           enum access_log access_log, struct err *err)
{
    assert(nworkers > 0 && nworkers <= LEDGER_MAX_WORKERS);
    if (state_dir_check(state_dir, err) < 0)
        return NULL;
    struct ledger *l = allocate(state_dir, nworkers);
    if (!l) {
        err_nomem(err);
        return NULL;
    }
    /* A file size limit must be an error to cope with, not the end of weir. */
    (void)signal(SIGXFSZ, SIG_IGN);
    init(l, nworkers, access_log);
    if (first_prepare(l, err) < 0 || writer_start(l, err) < 0) {
        release(l);
        return NULL;
    }
    return l;
}

void ledger_close(struct ledger *l)
{
    if (!l)
        return;
    for (uint32_t w = 0; w < l->nlogs; w++) {
        l->logs[w].retry_at_ms = 0;
        (void)ledger_log_flush(&l->logs[w]);
    }
    writer_stop(l);
    release(l);
}

void ledger_set_node(struct ledger *l, uint32_t node)
{
    atomic_store_explicit(&l->shared.node, node % LEDGER_MAX_NODES, memory_order_relaxed);
}

struct ledger_log *ledger_log_of(struct ledger *l, uint32_t worker)
{
    return worker < l->nlogs ? &l->logs[worker] : NULL;
}

struct ledger_counts ledger_counts(const struct ledger *l)
{
    struct ledger_counts c = {
        .rows_indexed = atomic_load_explicit(&l->rows_indexed, memory_order_relaxed),
        .sync_failures = atomic_load_explicit(&l->sync_failures, memory_order_relaxed),
        .files_lost = atomic_load_explicit(&l->files_lost, memory_order_relaxed),
        .is_writable = true};
    for (uint32_t w = 0; w < l->nlogs; w++) {
        const struct ledger_log *log = &l->logs[w];
        c.records += atomic_load_explicit(&log->records, memory_order_relaxed);
        c.records_lost += atomic_load_explicit(&log->lost, memory_order_relaxed);
        c.is_writable &= atomic_load_explicit(&log->is_writable, memory_order_relaxed);
    }
    return c;
}

void ledger_on_row(struct ledger *l, ledger_row_fn *fn, void *ctx)
{
    l->ingest.on_row_ctx = ctx;
    atomic_store_explicit(&l->ingest.on_row, fn, memory_order_release);
}
