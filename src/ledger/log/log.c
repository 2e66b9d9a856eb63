/* log.c -- appending: one write a turn, whole records or none.
 *
 * A disk fills up in the middle of a write, so a short write is undone: the file is
 * cut back to its last good end and the batch is kept for the next flush, up to 4 MiB.
 * pwrite at a remembered end rather than O_APPEND: should even the cut fail, the next
 * write lands on top of the torn bytes.
 *
 * Not here: fdatasync and reading (writer.c), what a record looks like (record.c). */
#include "ledger/log/log.h"

#include "core/clock.h"
#include "core/log.h"
#include "ledger/log/record.h"
#include "ledger/log/segment.h"
#include "loop/turn.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WARN_EVERY_MS = 60 * 1000 };

void log_init(struct ledger_log *log, struct log_shared *shared, uint32_t worker)
{
    *log =
        (struct ledger_log){.shared = shared, .worker = worker, .segment = 1, .fd = -1};
    atomic_store(&log->next_fd, -1);
    buf_init(&log->batch, LOG_KEEP_BYTES);
}

void log_release(struct ledger_log *log)
{
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
    int next = atomic_exchange(&log->next_fd, -1);
    if (next >= 0)
        close(next);
    buf_release(&log->batch);
}

uint64_t ledger_new_uid(struct ledger_log *log)
{
    uint64_t floor = atomic_load_explicit(&log->shared->floor, memory_order_relaxed);
    uint32_t node =
        (uint32_t)atomic_load_explicit(&log->shared->node, memory_order_relaxed);
    return uid_next(clock_wall_ms(), node, log->worker, floor, &log->last_sequence);
}

static void count_append(struct ledger_log *log, bool is_kept)
{
    if (LIKELY(is_kept)) {
        log->nbatch++;
        return;
    }
    log->has_dropped = true;
    atomic_fetch_add_explicit(&log->lost, 1, memory_order_relaxed);
}

void ledger_append_open(struct ledger_log *log, const struct ledger_open *o)
{
    count_append(log, record_put_open(&log->batch, o));
}

void ledger_append_attempt(struct ledger_log *log, const struct ledger_attempt *a)
{
    count_append(log, record_put_attempt(&log->batch, a));
}

void ledger_append_leg(struct ledger_log *log, const struct ledger_leg *l)
{
    count_append(log, record_put_leg(&log->batch, l));
}

void ledger_append_settle(struct ledger_log *log, const struct ledger_row *r)
{
    count_append(log, record_put_settle(&log->batch, r));
}

void ledger_append_feedback(struct ledger_log *log, const struct ledger_feedback *f)
{
    count_append(log, record_put_feedback(&log->batch, f));
}

bool ledger_log_is_empty(const struct ledger_log *log)
{
    return buf_len(&log->batch) == 0;
}

static void publish_tip(struct ledger_log *log)
{
    /* Sequentially consistent, against the writer's "I sleep; is there news?". */
    atomic_store(&log->tip, (uint64_t)log->segment << 32 | log->end);
}

static void use_segment(struct ledger_log *log, int fd)
{
    struct stat st = {0};
    (void)fstat(fd, &st);
    log->fd = fd;
    log->end = SEGMENT_HEAD_BYTES;
    atomic_store(&log->inode, st.st_ino);
    publish_tip(log);
}

static int begin_segment(struct ledger_log *log)
{
    uint32_t first =
        (uint32_t)atomic_load_explicit(&log->first_segment, memory_order_relaxed);
    if (log->segment < first)
        log->segment = first;
    int fd = segment_create(log->shared->log_dir, log->worker, log->segment);
    /* A file of that number is somebody's: never write into it. */
    for (int tries = 0; fd < 0 && errno == EEXIST && tries < 100; tries++)
        fd = segment_create(log->shared->log_dir, log->worker, ++log->segment);
    if (fd < 0)
        return -1;
    use_segment(log, fd);
    return 0;
}

/* Leaves the segment that is gone, or that the disk did not take, for the one that the
 * writer has put on the disk. */
static int take_over(struct ledger_log *log)
{
    int fd = atomic_exchange(&log->next_fd, -1);
    if (fd < 0) {
        errno = atomic_load(&log->barred_by);
        return -1;
    }
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
    uint32_t segment = (uint32_t)atomic_load(&log->next_segment);
    if (segment > log->segment) {
        log->segment = segment;
        use_segment(log, fd);
    } else { /* this worker has begun one itself meanwhile, and order must be kept */
        close(fd);
        log->segment++;
        if (begin_segment(log) < 0)
            return -1;
    }
    atomic_store(&log->barred_by, 0);
    return 0;
}

int log_begin(struct ledger_log *log)
{
    int failed = begin_segment(log);
    atomic_store_explicit(&log->is_writable, failed == 0, memory_order_relaxed);
    return failed;
}

static int rotate(struct ledger_log *log)
{
    if (log->fd >= 0 && log->end < SEGMENT_BYTES)
        return 0;
    if (log->fd >= 0) {
        close(log->fd);
        log->fd = -1;
        log->segment++;
    }
    return begin_segment(log);
}

static int write_batch(struct ledger_log *log)
{
    LOOP_MAY_BLOCK("one write puts the records of a turn into the log");
    struct str bytes = buf_view(&log->batch);
    ssize_t n;
    if (UNLIKELY(atomic_load_explicit(&log->barred_by, memory_order_relaxed)) &&
        take_over(log) < 0)
        return -1;
    if (rotate(log) < 0)
        return -1;
    do {
        n = pwrite(log->fd, bytes.p, bytes.n, (off_t)log->end);
    } while (n < 0 && errno == EINTR);
    if (LIKELY(n == (ssize_t)bytes.n)) {
        log->end += bytes.n;
        publish_tip(log);
        return 0;
    }
    int sys = n >= 0 ? ENOSPC : errno;
    if (n > 0 && ftruncate(log->fd, (off_t)log->end) < 0) {
        /* Cannot be undone: leave this file to the reader, go on in another. */
        close(log->fd);
        log->fd = -1;
        log->segment++;
    }
    errno = sys;
    return -1;
}

static void warn_not_written(struct ledger_log *log, int sys, uint64_t now_ms)
{
    if (log->warned_at_ms && now_ms - log->warned_at_ms < WARN_EVERY_MS)
        return;
    uint64_t lost = atomic_load_explicit(&log->lost, memory_order_relaxed);
    log_warn("ledger: cannot write %s: %s; %u records wait, %llu lost; local requests "
             "go on without a record, cloud requests are refused",
             log->shared->log_dir, sys ? strerror(sys) : "not ready", log->nbatch,
             (unsigned long long)(lost - log->warned_lost));
    log->warned_at_ms = now_ms ? now_ms : 1;
    log->has_warned = true;
    log->warned_lost = lost;
}

static int flush_failed(struct ledger_log *log, int sys, uint64_t now_ms)
{
    log->retry_at_ms = now_ms + LOG_RETRY_MS;
    atomic_store_explicit(&log->is_writable, false, memory_order_relaxed);
    warn_not_written(log, sys, now_ms);
    return -1;
}

static int flush_done(struct ledger_log *log)
{
    atomic_fetch_add_explicit(&log->records, log->nbatch, memory_order_relaxed);
    log->nbatch = 0;
    if (log->batch.cap > LOG_IDLE_BYTES)
        buf_release(&log->batch);
    else
        buf_clear(&log->batch);
    log->retry_at_ms = 0;
    atomic_store_explicit(&log->is_writable, true, memory_order_relaxed);
    if (UNLIKELY(
            log->has_warned)) { /* a disk that comes and goes is told once a minute */
        log->has_warned = false;
        log_info("ledger: %s can be written again", log->shared->log_dir);
    }
    log_ring(log->shared);
    int result = log->has_dropped ? -1 : 0;
    log->has_dropped = false;
    return result;
}

static NOINLINE int flush_now(struct ledger_log *log)
{
    if (UNLIKELY(log->retry_at_ms) && clock_mono_ms() < log->retry_at_ms &&
        atomic_load(&log->next_fd) < 0)
        return -1;
    if (!atomic_load_explicit(&log->shared->is_ready, memory_order_acquire))
        return flush_failed(log, 0, clock_mono_ms());
    if (write_batch(log) < 0)
        return flush_failed(log, errno, clock_mono_ms());
    return flush_done(log);
}

/* Twice in every turn of a loop, and mostly for nothing. */
int ledger_log_flush(struct ledger_log *log)
{
    if (buf_len(&log->batch) == 0 && !log->has_dropped)
        return 0;
    return flush_now(log);
}

void log_ring(struct log_shared *s)
{
    if (LIKELY(!atomic_load(&s->is_sleeping)) || !atomic_exchange(&s->is_sleeping, false))
        return;
    pthread_mutex_lock(&s->lock);
    pthread_cond_signal(&s->bell);
    pthread_mutex_unlock(&s->lock);
}
