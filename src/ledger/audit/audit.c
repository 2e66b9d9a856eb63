/* audit.c -- see audit.h.
 *
 * Records wait in their worker's log without number and hash; both are given under the
 * one mutex when the batch is written, so the order in the file is the chain's.  A
 * write that comes short is cut back, and the chain stands where it stood.
 *
 * Before each write the file must still be there and as long as it was left.
 *
 * Not here: what happens each second (audit_tend.c), the files (chain.c), reading and
 * checking (audit_check.c), one line (audit_line.c). */
#include "ledger/audit/audit_tend.h"
#include "loop/turn.h"

#include "core/mem.h"
#include "ledger/log/segment.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <unistd.h>

enum { BATCH_BYTES = 1 << 20, OUT_BYTES = 4 << 20 };

struct audit_log {
    struct audit *audit;
    struct buf batch;
    uint32_t nbatch;
};

/* -- life ------------------------------------------------------------------------ */

static struct audit *allocate(const char *state_dir)
{
    pthread_condattr_t attr;
    struct audit *a = mem_new(struct audit);
    if (!a || !(a->state_dir = mem_strndup(state_dir, strlen(state_dir)))) {
        mem_free(a);
        return NULL;
    }
    chain_init(&a->chain, a->state_dir);
    buf_init(&a->out, OUT_BYTES);
    buf_init(&a->start, AUDIT_RECORD_BYTES);
    pthread_mutex_init(&a->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&a->bell, &attr);
    pthread_condattr_destroy(&attr);
    return a;
}

struct audit *audit_create(const char *state_dir, struct err *err)
{
    if (state_dir_check(str_of(state_dir), err) < 0)
        return NULL;
    struct audit *a = allocate(state_dir);
    if (!a) {
        err_nomem(err);
        return NULL;
    }
    (void)audit_reopen(a, err);
    a->has_syncer = pthread_create(&a->syncer, NULL, audit_tend_main, a) == 0;
    if (!a->has_syncer) {
        err_set(err, ERR_INTERNAL, "audit_unwritable", "cannot start a thread");
        audit_close(a);
        return NULL;
    }
    return a;
}

struct audit *audit_open(const char *state_dir, struct err *err)
{
    struct audit *a = audit_create(state_dir, err);
    if (a && !atomic_load(&a->is_writable)) {
        audit_close(a);
        return NULL;
    }
    return a;
}

void audit_close(struct audit *a)
{
    if (!a)
        return;
    if (a->has_syncer) {
        pthread_mutex_lock(&a->lock);
        a->is_stopping = true;
        pthread_cond_signal(&a->bell);
        pthread_mutex_unlock(&a->lock);
        pthread_join(a->syncer, NULL);
    }
    chain_release(&a->chain);
    buf_release(&a->out);
    buf_release(&a->start);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->bell);
    mem_free(a->state_dir);
    mem_free(a);
}

void audit_set_limits(struct audit *a, const struct audit_limits *limits)
{
    pthread_mutex_lock(&a->lock);
    a->limits = *limits;
    pthread_mutex_unlock(&a->lock);
}

struct audit_log *audit_log_create(struct audit *a)
{
    struct audit_log *log = mem_new(struct audit_log);
    if (log) {
        log->audit = a;
        buf_init(&log->batch, BATCH_BYTES);
    }
    return log;
}

void audit_log_free(struct audit_log *log)
{
    if (!log)
        return;
    buf_release(&log->batch);
    mem_free(log);
}

/* -- writing --------------------------------------------------------------------- */

int audit_append(struct audit_log *log, const struct audit_record *r, struct err *err)
{
    size_t mark = log->batch.n;
    audit_put_record(r, &log->batch);
    if (log->batch.failed || log->batch.n - mark > AUDIT_RECORD_BYTES) {
        log->batch.failed = false;
        log->batch.n = mark;
        return err_set(err, ERR_OVERLOAD, "audit_full",
                       "a decision could not be recorded: too large or too many at once");
    }
    log->nbatch++;
    return 0;
}

static int refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_OVERLOAD, "audit_unwritable",
                   "the audit chain cannot be written (%s), so nothing may leave", why);
}

static int check_file(struct audit *a, struct err *err)
{
    const char *why = a->trouble[0] ? a->trouble : chain_trouble_quick(&a->chain);
    if (LIKELY(!why))
        return 0;
    pthread_cond_signal(&a->bell); /* the thread begins a new one at once */
    return refuse(err, why);
}

/* All of the bytes, or none of them in the file. */
static int write_out(struct audit *a, struct err *err)
{
    struct str bytes = buf_view(&a->out);
    ssize_t n;
    do {
        n = write(a->chain.fd, bytes.p, bytes.n);
    } while (n < 0 && errno == EINTR);
    if (LIKELY(n == (ssize_t)bytes.n))
        return 0;
    int sys = n >= 0 ? ENOSPC : errno;
    if (n > 0 && ftruncate(a->chain.fd, (off_t)a->chain.end) < 0)
        audit_distrust(a, "half a record could not be taken out of audit/chain");
    return refuse(err, strerror(sys));
}

static int write_lines(struct audit *a, struct str batch, struct err *err)
{
    char hash[AUDIT_HASH_TEXT];
    struct chain *c = &a->chain;
    uint64_t seq = c->count, lost = a->lost, newest = c->newest_ms, ms = 0, first = 0;
    if (check_file(a, err) < 0)
        return -1;
    memcpy(hash, c->hash, sizeof hash);
    buf_clear(&a->out);
    for (struct str rest = batch; rest.n; lost = 0) {
        size_t n = (size_t)str_index(rest, '\n') + 1;
        struct str line = str_sub(rest, 0, n);
        audit_put_line(++seq, lost, line, hash, &a->out);
        (void)audit_number(line, "ms", &ms);
        newest = ms > newest ? ms : newest;
        first = first ? first : ms;
        rest = str_sub(rest, n, rest.n);
    }
    if (a->out.failed) {
        a->out.failed = false;
        return refuse(err, "memory is out");
    }
    if (write_out(a, err) < 0)
        return -1;
    c->end += buf_len(&a->out);
    c->count = seq;
    c->newest_ms = newest;
    c->first_ms = c->first_ms ? c->first_ms : first;
    memcpy(c->hash, hash, sizeof hash);
    a->lost = 0;
    a->is_dirty = true;
    return 0;
}

int audit_write(struct audit *a, struct str batch, uint32_t n, struct err *err)
{
    int failed = write_lines(a, batch, err);
    if (failed) {
        a->lost += n;
        atomic_fetch_add_explicit(&a->lost_in_all, n, memory_order_relaxed);
    }
    a->has_failed = failed;
    atomic_store_explicit(&a->is_writable, !failed, memory_order_relaxed);
    return failed;
}

int audit_flush(struct audit_log *log, struct err *err)
{
    LOOP_MAY_BLOCK("nothing leaves before the records of its turn stand in the chain");
    struct audit *a = log->audit;
    if (log->nbatch == 0)
        return 0;
    pthread_mutex_lock(&a->lock);
    int failed = audit_write(a, buf_view(&log->batch), log->nbatch, err);
    pthread_mutex_unlock(&a->lock);
    buf_clear(&log->batch);
    log->nbatch = 0;
    return failed;
}

int audit_start(struct audit *a, const struct audit_record *r, struct err *err)
{
    pthread_mutex_lock(&a->lock);
    buf_clear(&a->start);
    audit_put_record(r, &a->start);
    int failed =
        a->start.failed ? err_nomem(err) : audit_write(a, buf_view(&a->start), 0, err);
    pthread_mutex_unlock(&a->lock);
    return failed;
}

/* -- looking --------------------------------------------------------------------- */

struct audit_head audit_head(struct audit *a)
{
    struct audit_head h;
    pthread_mutex_lock(&a->lock);
    memcpy(h.hash, a->chain.hash, sizeof h.hash);
    h.count = a->chain.count;
    h.lost = a->lost;
    pthread_mutex_unlock(&a->lock);
    return h;
}

struct audit_health audit_health(const struct audit *a)
{
    if (!a)
        return (struct audit_health){.is_writable = false};
    return (struct audit_health){
        .is_writable = atomic_load_explicit(&a->is_writable, memory_order_relaxed),
        .lost = atomic_load_explicit(&a->lost_in_all, memory_order_relaxed),
        .sync_failures = atomic_load_explicit(&a->sync_failures, memory_order_relaxed),
        .gaps = atomic_load_explicit(&a->gaps, memory_order_relaxed)};
}

bool audit_digest(const struct audit *a, struct str bytes, char ret[AUDIT_HASH_TEXT])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    unsigned n = sizeof digest;
    if (!atomic_load_explicit(&a->has_key, memory_order_acquire) ||
        !HMAC(EVP_sha256(), a->chain.key, CHAIN_KEY_BYTES, (const unsigned char *)bytes.p,
              bytes.n, digest, &n))
        return false;
    audit_hex(digest, sizeof digest, ret);
    return true;
}
