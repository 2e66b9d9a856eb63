/* audit.c -- see audit.h.
 *
 * Records wait in their worker's log without number and hash; both are given under the
 * one mutex when the batch is written, so the order in the file is the chain's.  A
 * write that comes short is cut back, and the chain stands where it stood.
 *
 * Before each write the file must still be there and as long as it was left: whoever
 * else writes to it, cuts it or removes it stops the cloud until weir starts again.
 *
 * Not here: reading and checking (audit_check.c), one line (audit_line.c). */
#include "ledger/audit.h"

#include "core/hash.h"
#include "core/mem.h"
#include "ledger/audit_line.h"
#include "ledger/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MODE = 0600,
    KEY_BYTES = 32,
    BATCH_BYTES = 1 << 20,
    OUT_BYTES = 4 << 20,
    TAIL_BYTES = 4 * AUDIT_LINE_BYTES
};

struct audit {
    int fd;
    unsigned char key[KEY_BYTES];
    pthread_mutex_t lock; /* over all below */
    char hash[AUDIT_HASH_TEXT];
    uint64_t count, lost, end;
    bool is_foreign; /* the file is not as we left it */
    struct buf out;
    /* the syncing thread */
    pthread_t syncer;
    pthread_cond_t bell;
    bool is_dirty, is_stopping, has_syncer;
};

struct audit_log {
    struct audit *audit;
    struct buf batch;
    uint32_t nbatch;
};

/* -- the end that an earlier life left ------------------------------------------- */

static int broken(struct err *err, const char *why)
{
    return err_set(err, ERR_INTERNAL, "audit_broken",
                   "the audit chain is broken: %s; run `weir prove`, then move "
                   "audit/chain away to begin a new one",
                   why);
}

/* The last whole line of the tail, and the one before it if there is one. */
static bool last_lines(struct str tail, struct str *ret_last, struct str *ret_before)
{
    *ret_last = *ret_before = (struct str){NULL, 0};
    for (struct str rest = tail, line; memchr(rest.p, '\n', rest.n);) {
        if (!str_split(&rest, '\n', &line))
            break;
        *ret_before = *ret_last;
        *ret_last = line;
        if (!rest.n)
            break;
    }
    return ret_last->p != NULL;
}

static bool read_seq(struct str json, uint64_t *ret)
{
    struct str digits;
    return str_starts(json, STR("{\"seq\":")) &&
           (json = str_sub(json, 7, json.n), str_split(&json, ',', &digits)) &&
           str_to_u64(digits, ret);
}

/* Bytes behind the last line end.  They are a record that was never finished, unless
 * they are a good record whose line end was changed. */
static int cut_torn(struct audit *a, struct str torn, struct err *err)
{
    struct str json;
    if (torn.n == 0)
        return 0;
    if (audit_line_follows(torn, a->hash, &json) ||
        audit_line_follows(str_sub(torn, 0, torn.n - 1), a->hash, &json))
        return broken(err, "the end of its last record was changed");
    a->end -= torn.n;
    if (ftruncate(a->fd, (off_t)a->end) < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable",
                       "cannot cut an unfinished record off audit/chain");
    return 0;
}

/* `from` is where the tail begins in the file. */
static int read_tail(struct audit *a, struct str tail, uint64_t from, struct err *err)
{
    struct str last, before, hash, json;
    size_t ends = tail.n;
    while (ends && tail.p[ends - 1] != '\n')
        ends--;
    struct str torn = str_sub(tail, ends, tail.n);
    if (last_lines(str_sub(tail, 0, ends), &last, &before)) {
        char previous[AUDIT_HASH_TEXT];
        struct str before_hash;
        bool is_first = from == 0 && !before.p;
        audit_hash_zero(previous);
        if (!is_first) {
            if (!before.p || !audit_line_split(before, &before_hash, &json))
                return broken(err, "the record before the last is none");
            memcpy(previous, before_hash.p, AUDIT_HASH_DIGITS);
        }
        if (!audit_line_follows(last, previous, &json) || !read_seq(json, &a->count))
            return broken(err, "its last record is not as it was written");
        (void)audit_line_split(last, &hash, &json);
        memcpy(a->hash, hash.p, AUDIT_HASH_DIGITS);
    } else if (from > 0) {
        return broken(err, "it does not end in a record");
    }
    return cut_torn(a, torn, err);
}

static int find_end(struct audit *a, struct err *err)
{
    struct stat st;
    if (fstat(a->fd, &st) < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable",
                       "cannot look at audit/chain");
    a->end = (uint64_t)st.st_size;
    uint64_t from = a->end > TAIL_BYTES ? a->end - TAIL_BYTES : 0;
    size_t n = (size_t)(a->end - from);
    char *tail = mem_alloc(n + 1);
    if (!tail)
        return err_nomem(err);
    int failed = -1;
    if (pread(a->fd, tail, n, (off_t)from) == (ssize_t)n)
        failed = read_tail(a, (struct str){tail, n}, from, err);
    else
        err_sys(err, ERR_INTERNAL, "audit_unwritable", "cannot read audit/chain");
    mem_free(tail);
    return failed;
}

/* -- life ------------------------------------------------------------------------ */

static int load_key(const char *path, unsigned char key[KEY_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t n = read(fd, key, KEY_BYTES);
        close(fd);
        return n == KEY_BYTES ? 0 : -1;
    }
    if (errno != ENOENT || !random_bytes(key, KEY_BYTES))
        return -1;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (fd < 0)
        return -1;
    bool is_written = write(fd, key, KEY_BYTES) == KEY_BYTES && fdatasync(fd) == 0;
    close(fd);
    if (!is_written)
        unlink(path);
    return is_written ? 0 : -1;
}

static int open_files(struct audit *a, const char *state_dir, struct err *err)
{
    char dir[AUDIT_PATH], chain[AUDIT_PATH], key[AUDIT_PATH];
    if (!audit_path(state_dir, "", dir) || !audit_path(state_dir, "/chain", chain) ||
        !audit_path(state_dir, "/key", key))
        return err_set(err, ERR_INTERNAL, "audit_unwritable", "state_dir is too long");
    if (lock_make_dirs(dir) < 0 || load_key(key, a->key) < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable", "cannot use %s", dir);
    a->fd = open(chain, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, MODE);
    if (a->fd < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable", "cannot open %s", chain);
    if (flock(a->fd, LOCK_EX | LOCK_NB) < 0)
        return err_sys(err, ERR_INTERNAL, "audit_locked", "another weir writes to %s",
                       chain);
    return find_end(a, err);
}

static void *sync_loop(void *arg)
{
    struct audit *a = arg;
    pthread_mutex_lock(&a->lock);
    while (!a->is_stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        pthread_cond_timedwait(&a->bell, &a->lock, &until);
        if (!a->is_dirty)
            continue;
        a->is_dirty = false;
        pthread_mutex_unlock(&a->lock);
        (void)fdatasync(a->fd);
        pthread_mutex_lock(&a->lock);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

struct audit *audit_open(const char *state_dir, struct err *err)
{
    struct audit *a = mem_new(struct audit);
    if (!a) {
        err_nomem(err);
        return NULL;
    }
    a->fd = -1;
    audit_hash_zero(a->hash);
    buf_init(&a->out, OUT_BYTES);
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->bell, NULL);
    if (open_files(a, state_dir, err) < 0) {
        audit_close(a);
        return NULL;
    }
    a->has_syncer = pthread_create(&a->syncer, NULL, sync_loop, a) == 0;
    if (!a->has_syncer) {
        err_set(err, ERR_INTERNAL, "audit_unwritable", "cannot start a thread");
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
    if (a->fd >= 0) {
        (void)fdatasync(a->fd);
        close(a->fd);
    }
    buf_release(&a->out);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->bell);
    mem_wipe(a->key, sizeof a->key);
    mem_free(a);
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
    struct stat st;
    a->is_foreign |=
        fstat(a->fd, &st) < 0 || st.st_nlink == 0 || (uint64_t)st.st_size != a->end;
    return a->is_foreign
               ? refuse(err, "audit/chain was removed or changed by somebody else")
               : 0;
}

/* All of the bytes, or none of them in the file. */
static int write_out(struct audit *a, struct err *err)
{
    struct str bytes = buf_view(&a->out);
    ssize_t n;
    do {
        n = write(a->fd, bytes.p, bytes.n);
    } while (n < 0 && errno == EINTR);
    if (LIKELY(n == (ssize_t)bytes.n))
        return 0;
    int sys = n >= 0 ? ENOSPC : errno;
    if (n > 0 && ftruncate(a->fd, (off_t)a->end) < 0)
        a->is_foreign = true; /* half a batch is in it: the next start cuts it */
    return refuse(err, strerror(sys));
}

static int write_batch(struct audit *a, struct audit_log *log, struct err *err)
{
    char hash[AUDIT_HASH_TEXT];
    uint64_t seq = a->count, lost = a->lost;
    struct str rest = buf_view(&log->batch);
    if (check_file(a, err) < 0)
        return -1;
    memcpy(hash, a->hash, sizeof hash);
    buf_clear(&a->out);
    while (rest.n) {
        size_t n = (size_t)str_index(rest, '\n') + 1;
        audit_put_line(++seq, lost, str_sub(rest, 0, n), hash, &a->out);
        rest = str_sub(rest, n, rest.n);
        lost = 0;
    }
    if (a->out.failed) {
        a->out.failed = false;
        return refuse(err, "memory is out");
    }
    if (write_out(a, err) < 0)
        return -1;
    a->end += buf_len(&a->out);
    a->count = seq;
    a->lost = 0;
    a->is_dirty = true;
    memcpy(a->hash, hash, sizeof hash);
    return 0;
}

int audit_flush(struct audit_log *log, struct err *err)
{
    struct audit *a = log->audit;
    if (log->nbatch == 0)
        return 0;
    pthread_mutex_lock(&a->lock);
    int failed = write_batch(a, log, err);
    if (failed)
        a->lost += log->nbatch;
    pthread_mutex_unlock(&a->lock);
    buf_clear(&log->batch);
    log->nbatch = 0;
    return failed;
}

struct audit_head audit_head(struct audit *a)
{
    struct audit_head h;
    pthread_mutex_lock(&a->lock);
    memcpy(h.hash, a->hash, sizeof h.hash);
    h.count = a->count;
    h.lost = a->lost;
    pthread_mutex_unlock(&a->lock);
    return h;
}

bool audit_digest(const struct audit *a, struct str bytes, char ret[AUDIT_HASH_TEXT])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    unsigned n = sizeof digest;
    if (!HMAC(EVP_sha256(), a->key, KEY_BYTES, (const unsigned char *)bytes.p, bytes.n,
              digest, &n))
        return false;
    audit_hex(digest, sizeof digest, ret);
    return true;
}
