/* watch.c -- see watch.h. */
#include "ledger/watch.h"

#include "core/log.h"
#include "ledger/log/lock.h"
#include "ledger/log/segment.h"
#include "ledger/log/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WARN_EVERY_MS = 60 * 1000, NAMES_TRIED = 100 };

static uint64_t mono_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Once a minute: what follows from it is the same each second. */
static bool may_warn(uint64_t *warned_at_ms)
{
    uint64_t now = mono_ms();
    if (*warned_at_ms && now - *warned_at_ms < WARN_EVERY_MS)
        return false;
    *warned_at_ms = now;
    return true;
}

/* -- segments ----------------------------------------------------------------------- */

static void bar(struct ledger_log *log, int sys)
{
    atomic_store(&log->barred_by, sys);
    atomic_store_explicit(&log->is_writable, false, memory_order_relaxed);
}

static void count(atomic_uint_fast64_t *n)
{
    atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

static int create_next(struct ledger *l, uint32_t w, uint32_t *segment)
{
    int fd = segment_create(l->shared.log_dir, w, *segment);
    for (int i = 0; fd < 0 && errno == EEXIST && i < NAMES_TRIED; i++)
        fd = segment_create(l->shared.log_dir, w, ++*segment);
    return fd;
}

/* A segment that is on the disk before anything is in it. */
static int hand_over(struct ledger *l, uint32_t w)
{
    struct ledger_log *log = &l->logs[w];
    uint32_t now = log_tip_segment(atomic_load(&log->tip));
    uint32_t segment = (now > l->handed[w] ? now : l->handed[w]) + 1;
    char path[SEGMENT_PATH];
    if (lock_make_dirs(l->shared.log_dir) < 0)
        return -1;
    int fd = create_next(l, w, &segment);
    if (fd < 0)
        return -1;
    if (sync_file(fd) < 0 || sync_directory(l->shared.log_dir) < 0) {
        int sys = errno;
        close(fd);
        (void)unlink(segment_path(l->shared.log_dir, w, segment, path));
        errno = sys;
        return -1;
    }
    l->handed[w] = segment;
    atomic_store(&log->next_segment, segment);
    int unused = atomic_exchange(&log->next_fd, fd);
    if (unused >= 0)
        close(unused);
    atomic_store_explicit(&log->is_writable, true, memory_order_relaxed);
    return 0;
}

void watch_move_on(struct ledger *l)
{
    for (uint32_t w = 0; w < l->nlogs; w++)
        if (atomic_load(&l->logs[w].tip) && !atomic_load(&l->logs[w].barred_by) &&
            hand_over(l, w) == 0)
            atomic_store(&l->logs[w].barred_by, LOG_MOVE_ON);
}

static void try_hand_over(struct ledger *l, uint32_t w)
{
    char name[SEGMENT_NAME];
    if (l->is_displaced)
        return;
    if (hand_over(l, w) == 0) {
        segment_name(w, l->handed[w], name);
        log_info("ledger: worker %u goes on in log/%s", w, name);
        l->warned_files_at_ms = 0;
    } else if (may_warn(&l->warned_files_at_ms)) {
        log_warn("ledger: cannot begin a new file in %s: %s; local requests go on, cloud "
                 "requests are refused until it can",
                 l->shared.log_dir, strerror(errno));
    }
}

/* NULL, or what somebody did to the file that the worker writes. */
static const char *trouble_of(const struct ledger *l, uint32_t w, uint32_t segment,
                              uint64_t tip)
{
    char path[SEGMENT_PATH];
    struct stat st;
    const struct ledger_log *log = &l->logs[w];
    uint64_t inode = atomic_load(&log->inode);
    int failed = stat(segment_path(l->shared.log_dir, w, segment, path), &st);
    if (log_tip_segment(atomic_load(&log->tip)) != log_tip_segment(tip))
        return NULL; /* the worker has gone on to the next one */
    if (failed)
        return "removed or moved away";
    if (st.st_ino != inode)
        return "replaced";
    return (uint64_t)st.st_size < log_tip_end(tip) ? "cut" : NULL;
}

/* The segment that waits to be taken over may be removed as well. */
static bool is_handed_there(const struct ledger *l, uint32_t w)
{
    char path[SEGMENT_PATH];
    return atomic_load(&l->logs[w].next_fd) >= 0 &&
           access(segment_path(l->shared.log_dir, w, l->handed[w], path), F_OK) == 0;
}

static void look_at_log(struct ledger *l, uint32_t w)
{
    struct ledger_log *log = &l->logs[w];
    uint64_t tip = atomic_load(&log->tip);
    char name[SEGMENT_NAME];
    if (!tip)
        return;
    if (atomic_load(&log->barred_by)) {
        if (!is_handed_there(l, w))
            try_hand_over(l, w);
        return;
    }
    const char *why = trouble_of(l, w, log_tip_segment(tip), tip);
    if (!why)
        return;
    segment_name(w, log_tip_segment(tip), name);
    bar(log, ENOENT);
    count(&l->files_lost);
    log_warn("ledger: log/%s was %s while weir ran: what was in it and not yet in "
             "ledger.sqlite is lost; a new file is begun",
             name, why);
    try_hand_over(l, w);
}

/* -- the lock and the store ---------------------------------------------------------- */

static bool is_same_file(const char *path, uint64_t inode)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_ino == inode;
}

static void look_at_lock(struct ledger *l)
{
    char path[SEGMENT_PATH + 8];
    struct stat own;
    struct err why = {0};
    snprintf(path, sizeof path, "%s/lock", l->state_dir);
    if (fstat(l->lock_fd, &own) < 0 || is_same_file(path, own.st_ino))
        return;
    int fd = lock_take(l->state_dir, 0, &why);
    if (fd >= 0) {
        close(l->lock_fd);
        l->lock_fd = fd;
        log_warn("ledger: %s was removed while weir ran; it is taken anew", path);
        l->is_displaced = false;
        return;
    }
    l->is_displaced = why.code && strcmp(why.code, "ledger_locked") == 0;
    for (uint32_t w = 0; l->is_displaced && w < l->nlogs; w++)
        bar(&l->logs[w], EBUSY);
    if (may_warn(&l->warned_files_at_ms))
        log_warn("ledger: %s; nothing goes to the cloud until it can be taken again",
                 why.msg);
    if (l->is_displaced)
        ledger_drop_index(l);
}

static void look_at_store(struct ledger *l)
{
    char path[SEGMENT_PATH + 16];
    snprintf(path, sizeof path, "%s/ledger.sqlite", l->state_dir);
    if (!l->ingest.index || is_same_file(path, l->ingest.index->inode))
        return;
    log_warn("ledger: %s was removed or replaced while weir ran", path);
    count(&l->files_lost);
    ledger_drop_index(l);
}

void watch_files(struct ledger *l)
{
    look_at_lock(l);
    for (uint32_t w = 0; w < l->nlogs; w++)
        look_at_log(l, w);
    look_at_store(l);
}

/* -- the disk ------------------------------------------------------------------------ */

/* 0 also for a file that is gone: watch_files() tells of that. */
static int sync_segment(const struct ledger *l, uint32_t worker, uint32_t segment)
{
    char path[SEGMENT_PATH];
    if (segment <= l->unsynced[worker])
        return 0;
    int fd = open(segment_path(l->shared.log_dir, worker, segment, path),
                  O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    int failed = sync_file(fd), sys = errno;
    close(fd);
    errno = sys;
    return failed;
}

static int sync_log(struct ledger *l, uint32_t w, uint64_t tip)
{
    uint32_t now = log_tip_segment(tip), was = log_tip_segment(l->synced[w]);
    for (uint32_t s = was; s && s < now; s++)
        if (sync_segment(l, w, s) < 0)
            return -1;
    if (sync_segment(l, w, now) < 0)
        return -1;
    if (was != now && sync_directory(l->shared.log_dir) < 0 && errno != ENOENT)
        return -1;
    return 0;
}

void watch_sync(struct ledger *l)
{
    for (uint32_t w = 0; w < l->nlogs; w++) {
        uint64_t tip = atomic_load(&l->logs[w].tip);
        if (tip == l->synced[w])
            continue;
        int failed = sync_log(l, w, tip), sys = errno;
        l->synced[w] = tip;
        if (!failed)
            continue;
        l->unsynced[w] = log_tip_segment(tip);
        bar(&l->logs[w], sys ? sys : EIO);
        count(&l->sync_failures);
        if (may_warn(&l->warned_sync_at_ms))
            log_warn("ledger: the disk did not take what was written to %s: %s; a power "
                     "cut would lose it; local requests go on, cloud requests are "
                     "refused until a new file is on the disk",
                     l->shared.log_dir, strerror(sys));
        try_hand_over(l, w);
    }
}
