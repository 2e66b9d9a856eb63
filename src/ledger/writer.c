/* writer.c -- follows the workers' logs: index, access lines, clean-up.
 *
 * Workers must never wait for it, so it polls their tips: every 50 ms while there is
 * traffic (which also makes the batches large), and asleep on a condition otherwise,
 * which a worker rings with one load when nobody sleeps.  Trouble with SQLite costs
 * this thread a retry each second and the workers nothing.
 *
 * The thread also blocks in fdatasync, which only delays it; what it prints waits for
 * nobody (core/printer.h). */
#include "ledger/writer.h"

#include "core/clock.h"
#include "core/log.h"
#include "ledger/upkeep.h"
#include "ledger/watch.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { NAP_MS = 50, SECOND_MS = 1000, WARN_EVERY_MS = 60 * 1000 };

static uint64_t mono_ms(void)
{
    /* Not clock_mono_ms(): a test's virtual clock must not stop the ledger. */
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool is_ready(const struct ledger *l)
{
    return l->lock_fd >= 0;
}

static void load_tips(const struct ledger *l, uint64_t *tips)
{
    for (uint32_t w = 0; w < l->nlogs; w++)
        tips[w] = atomic_load(&l->logs[w].tip);
}

static bool has_news(const struct ledger *l)
{
    for (uint32_t w = 0; w < l->nlogs; w++) {
        uint64_t tip = atomic_load(&l->logs[w].tip);
        const struct reader *r = &l->ingest.readers[w];
        if (tip && (r->segment != log_tip_segment(tip) || r->offset != log_tip_end(tip)))
            return true;
    }
    return false;
}

/* One batch; true when it was a full one. */
static bool catch_up(struct ledger *l)
{
    struct err err;
    bool is_full = false;
    err_clear(&err);
    for (uint32_t w = 0; w < l->nlogs; w++) {
        uint64_t tip = atomic_load(&l->logs[w].tip);
        int n = tip ? ingest_worker(&l->ingest, w, tip, INGEST_BATCH, &err) : 0;
        if (n < 0) {
            ledger_index_failed(l, &err);
            return false;
        }
        is_full |= n == INGEST_BATCH;
    }
    if (ingest_commit(&l->ingest, &err) < 0) {
        ledger_index_failed(l, &err);
        return false;
    }
    atomic_store_explicit(&l->rows_indexed, l->ingest.nrows, memory_order_relaxed);
    return is_full;
}

static int open_store(struct ledger *l, struct index **ret, struct err *err)
{
    char why[STORE_WHY];
    if (!l->damage[0])
        return store_open(l->state_dir, ret, err);
    snprintf(why, sizeof why, "%s", l->damage);
    l->damage[0] = '\0';
    return store_reopen_damaged(l->state_dir, why, ret, err);
}

static void retry_index(struct ledger *l)
{
    struct err err;
    struct index *ix;
    uint64_t tips[LEDGER_MAX_WORKERS];
    err_clear(&err);
    if (open_store(l, &ix, &err) < 0) {
        ledger_index_failed(l, &err);
        return;
    }
    ingest_set_index(&l->ingest, ix);
    load_tips(l, tips);
    if (ingest_everything(&l->ingest, tips, l->nlogs, &err) < 0) {
        ledger_index_failed(l, &err);
        return;
    }
    if (l->warned_at_ms)
        log_info("ledger: the store is back");
    l->warned_at_ms = 0;
}

static void prune(struct ledger *l)
{
    bool has_moved = false;
    for (uint32_t w = 0; l->ingest.index && w < l->nlogs; w++) {
        uint32_t segment = l->ingest.index->positions[w].segment;
        has_moved |= segment != l->pruned[w];
        l->pruned[w] = segment;
    }
    if (!has_moved)
        return;
    replay_prune(&l->ingest, l->backup.covered, l->purge);
    if (l->is_cleaning && replay_is_purged(l->shared.log_dir, l->purge)) {
        l->is_cleaning = false;
        erase_mark_remove(l->state_dir);
    }
}

static void each_second(struct ledger *l)
{
    uint64_t now = mono_ms();
    struct err err;
    if (now - l->second_at_ms < SECOND_MS)
        return;
    l->second_at_ms = now;
    err_clear(&err);
    if (!is_ready(l) && ledger_prepare(l, 0, &err) < 0)
        return;
    watch_files(l);
    watch_sync(l);
    if (!l->ingest.index && !l->is_displaced)
        retry_index(l);
    upkeep_store(l);
    erasing_look(l);
    prune(l);
}

static void wait_ms(struct ledger *l, unsigned ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + (unsigned)(until.tv_nsec / 1000000000);
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&l->shared.bell, &l->shared.lock, &until);
}

/* False when it is time to stop. */
static bool rest(struct ledger *l, bool was_busy)
{
    struct log_shared *s = &l->shared;
    pthread_mutex_lock(&s->lock);
    if (!s->is_stopping && was_busy) {
        wait_ms(l, NAP_MS);
    } else if (!s->is_stopping) {
        atomic_store(&s->is_sleeping, true);
        /* A worker that wrote before it saw us asleep is seen here. */
        if (has_news(l))
            atomic_store(&s->is_sleeping, false);
        else
            wait_ms(l, SECOND_MS); /* the files are looked at each second */
        atomic_store(&s->is_sleeping, false);
    }
    bool goes_on = !s->is_stopping;
    pthread_mutex_unlock(&s->lock);
    return goes_on;
}

static void *writer_main(void *arg)
{
    struct ledger *l = arg;
    bool goes_on = true;
    while (goes_on) {
        bool had_news = has_news(l);
        bool is_full = catch_up(l);
        each_second(l);
        bool is_copying = upkeep_copy(l) | erasing_step(l);
        if (!is_full)
            goes_on = rest(l, had_news || is_copying);
    }
    while (has_news(l) && catch_up(l))
        ;
    watch_sync(l);
    return NULL;
}

int writer_start(struct ledger *l, struct err *err)
{
    l->second_at_ms = mono_ms();
    int rc = pthread_create(&l->thread, NULL, writer_main, l);
    if (rc != 0) {
        errno = rc;
        return err_sys(err, ERR_INTERNAL, "no_thread",
                       "cannot start the ledger's thread");
    }
    l->has_thread = true;
    return 0;
}

void writer_stop(struct ledger *l)
{
    if (!l->has_thread)
        return;
    pthread_mutex_lock(&l->shared.lock);
    l->shared.is_stopping = true;
    pthread_cond_signal(&l->shared.bell);
    pthread_mutex_unlock(&l->shared.lock);
    pthread_join(l->thread, NULL);
    l->has_thread = false;
}
