/* audit_tend.c -- each second: is the chain's file still ours, is it on the disk, is it
 * full, may old ones go?
 *
 * The disk is waited for with the lock held only while a new file is begun, which is
 * rare: the first record of it must be on the disk before anything relies on it. */
#include "ledger/audit/audit_tend.h"

#include "core/clock.h"
#include "core/log.h"
#include "ledger/log/sync.h"
#include "loop/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define DAY_MS      UINT64_C(86400000)
#define FILE_BYTES  (UINT64_C(64) << 20)
#define FILE_AGE_MS (31 * DAY_MS)

enum {
    SECOND_MS = 1000,
    WARN_EVERY_MS = 60 * 1000,
    PRUNE_EVERY_MS = 60 * 1000,
    FILES_A_KEEP = 10 /* files are begun so often that deleting them is about exact */
};

static uint64_t mono_ms(void)
{
    /* Not clock_mono_ms(): a test's virtual clock must not stop this thread. */
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void warn(struct audit *a, const char *what, const struct err *err)
{
    uint64_t now = mono_ms();
    if (a->warned_at_ms && now - a->warned_at_ms < WARN_EVERY_MS)
        return;
    a->warned_at_ms = now;
    log_warn("audit: %s: %s; nothing goes to the cloud until a new one stands", what,
             err->msg);
}

void audit_distrust(struct audit *a, const char *why)
{
    snprintf(a->trouble, sizeof a->trouble, "%s", why);
    atomic_store_explicit(&a->is_writable, false, memory_order_relaxed);
}

/* What was decided under which digests is said again in each file. */
static void repeat_start(struct audit *a)
{
    struct err err = {0};
    if (buf_len(&a->start) && audit_write(a, buf_view(&a->start), 0, &err) < 0)
        warn(a, "the record of this start", &err);
}

/* -- a new file ---------------------------------------------------------------------- */

static int begin_file(struct audit *a, const char *why, bool is_gap, char old[CHAIN_NAME],
                      struct err *err)
{
    struct audit_record head = {.reason = str_of(why), .is_gap = is_gap};
    if (chain_begin(&a->chain, &head, a->lost, old, err) < 0) {
        atomic_store_explicit(&a->is_writable, false, memory_order_relaxed);
        return -1;
    }
    a->trouble[0] = '\0';
    a->lost = 0;
    a->warned_at_ms = 0;
    a->is_dirty = false;
    atomic_store_explicit(&a->is_writable, true, memory_order_relaxed);
    repeat_start(a);
    return 0;
}

static int begin_after_trouble(struct audit *a, const char *why, struct err *err)
{
    char old[CHAIN_NAME], text[AUDIT_TROUBLE];
    uint64_t last = a->chain.count;
    snprintf(text, sizeof text, "%s", why); /* it may be a->trouble, which is cleared */
    if (begin_file(a, text, true, old, err) < 0) {
        warn(a, text, err);
        return -1;
    }
    atomic_fetch_add_explicit(&a->gaps, 1, memory_order_relaxed);
    log_warn("audit: %s; a new audit/chain begins behind record %llu and says so%s%s",
             text, (unsigned long long)last,
             old[0] ? "; what was there is now audit" : "", old);
    return 0;
}

static uint64_t age_limit_ms(const struct audit *a)
{
    uint64_t age = a->limits.keep_ms / FILES_A_KEEP;
    return a->limits.keep_ms == 0 || age > FILE_AGE_MS ? FILE_AGE_MS : age;
}

static bool is_due(const struct audit *a)
{
    uint64_t most = a->limits.file_bytes ? a->limits.file_bytes : FILE_BYTES;
    uint64_t now = clock_wall_ms();
    return a->chain.end >= most || (a->chain.first_ms && now > a->chain.first_ms &&
                                    now - a->chain.first_ms >= age_limit_ms(a));
}

int audit_reopen(struct audit *a, struct err *err)
{
    if (chain_open(&a->chain, err) < 0)
        return -1;
    atomic_store_explicit(&a->has_key, true, memory_order_release);
    a->trouble[0] = '\0';
    if (a->chain.missing) {
        /* Until the new file says so, nothing is written to the empty one. */
        audit_distrust(a, a->chain.missing);
        return begin_after_trouble(a, a->chain.missing, err);
    }
    atomic_store_explicit(&a->is_writable, true, memory_order_relaxed);
    return 0;
}

/* -- old files ----------------------------------------------------------------------- */

/* The newest time of all files before this one, as its first record says. */
static bool newest_before(const struct audit *a, const char *name, uint64_t *ret)
{
    char line[AUDIT_LINE_BYTES];
    char path[AUDIT_PATH];
    struct str first;
    int fd = open(audit_path(a->state_dir, name, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = chain_first_line(fd, line, sizeof line, &first) == 0 &&
              audit_number(first, "newest", ret);
    close(fd);
    return ok;
}

/* How many of the first files are past their time, and the last record of them. */
static size_t count_old(const struct audit *a, const struct chain_list *l,
                        uint64_t *ret_through)
{
    uint64_t now = clock_wall_ms(), newest;
    size_t n = 0;
    for (; n < l->n; n++) {
        char next[CHAIN_NAME] = "/chain";
        uint64_t after = n + 1 < l->n ? l->first[n + 1] : a->chain.first;
        if (n + 1 < l->n)
            chain_name(after, next);
        if (!newest_before(a, next, &newest) || newest >= now ||
            now - newest < a->limits.keep_ms)
            break;
        *ret_through = after - 1;
    }
    return n;
}

/* The record first, on the disk: no file goes without one. */
static bool tell_deletion(struct audit *a, size_t n, uint64_t through)
{
    struct buf line;
    struct err err = {0};
    char what[64];
    snprintf(what, sizeof what, "%zu old files of the audit chain", n);
    const struct audit_record r = {.decision = AUDIT_DELETED,
                                   .reason = STR("older than keep"),
                                   .what = str_of(what),
                                   .through = through};
    buf_init(&line, AUDIT_RECORD_BYTES);
    audit_put_record(&r, &line);
    bool ok = !line.failed && audit_write(a, buf_view(&line), 1, &err) == 0 &&
              sync_file(a->chain.fd) == 0;
    buf_release(&line);
    return ok;
}

static void prune(struct audit *a)
{
    struct chain_list list;
    uint64_t through = 0, now = mono_ms();
    if (!a->limits.keep_ms || a->chain.fd < 0 || a->trouble[0] ||
        (a->pruned_at_ms && now - a->pruned_at_ms < PRUNE_EVERY_MS) ||
        chain_list(a->state_dir, &list, NULL) < 0)
        return;
    a->pruned_at_ms = now;
    size_t n = count_old(a, &list, &through);
    if (n && tell_deletion(a, n, through)) {
        log_info("audit: %zu files of the chain, up to record %llu, are older than keep "
                 "and are deleted",
                 n, (unsigned long long)through);
        for (size_t i = 0; i < n; i++) {
            char name[CHAIN_NAME], path[AUDIT_PATH];
            chain_name(list.first[i], name);
            (void)unlink(audit_path(a->state_dir, name, path));
        }
    }
    chain_list_release(&list);
}

/* -- each second ----------------------------------------------------------------------
 */

/* Lets go of the lock meanwhile; no other thread changes the descriptor. */
static void sync_now(struct audit *a)
{
    if (!a->is_dirty)
        return;
    a->is_dirty = false;
    pthread_mutex_unlock(&a->lock);
    int failed = sync_file(a->chain.fd), sys = errno;
    pthread_mutex_lock(&a->lock);
    if (!failed)
        return;
    char why[AUDIT_TROUBLE];
    snprintf(why, sizeof why,
             "the disk did not take what was written to audit/chain (%s)", strerror(sys));
    atomic_fetch_add_explicit(&a->sync_failures, 1, memory_order_relaxed);
    audit_distrust(a, why);
}

/* A flush that finds trouble rings, so this may be asked for a thousand times a second.
 */
static void retry_after_trouble(struct audit *a)
{
    struct err err = {0};
    uint64_t now = mono_ms();
    if (now < a->retry_at_ms)
        return;
    a->retry_at_ms = now + SECOND_MS / 2;
    (void)begin_after_trouble(a, a->trouble, &err);
}

static void tend(struct audit *a)
{
    LOOP_MAY_BLOCK("rare: while a file is begun or old ones go, cloud requests wait");
    struct err err = {0};
    char old[CHAIN_NAME];
    if (a->chain.fd < 0) {
        if (audit_reopen(a, &err) < 0)
            return;
        log_info("audit: the chain can be written; cloud requests are answered again");
        repeat_start(a);
        return;
    }
    sync_now(a);
    const char *why = a->trouble[0] ? a->trouble : chain_trouble(&a->chain);
    if (why) {
        if (why != a->trouble)
            audit_distrust(a, why);
        retry_after_trouble(a);
        return;
    }
    if (a->has_failed)
        repeat_start(a); /* does it take records again? */
    if (is_due(a) && begin_file(a, "the file before it is full", false, old, &err) < 0)
        warn(a, "cannot begin a new file of the chain", &err);
    prune(a);
}

static void rest(struct audit *a)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += SECOND_MS / 1000;
    pthread_cond_timedwait(&a->bell, &a->lock, &until);
}

void *audit_tend_main(void *audit)
{
    struct audit *a = audit;
    pthread_mutex_lock(&a->lock);
    while (!a->is_stopping) {
        rest(a);
        tend(a);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}
