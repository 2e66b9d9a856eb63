/* reader.c -- large reads, small steps, and a search after damage.
 *
 * The search looks for the magic's first byte with memchr and lets the checksum
 * decide; strings in records cannot contain that byte, so candidates are rare. */
#include "ledger/log/reader.h"

#include "core/mem.h"
#include "ledger/log/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_BYTES = 256 << 10, RECORD_MOST = RECORD_HEAD_BYTES + RECORD_PAYLOAD_BYTES };

void reader_init(struct reader *r, const char *log_dir, uint32_t worker,
                 damage_fn *on_damage, void *ctx)
{
    *r = (struct reader){.log_dir = log_dir,
                         .on_damage = on_damage,
                         .ctx = ctx,
                         .worker = worker,
                         .fd = -1};
}

void reader_release(struct reader *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    mem_free(r->block);
    r->block = NULL;
    r->block_bytes = 0;
}

void reader_seek(struct reader *r, uint32_t segment, uint64_t offset)
{
    if (r->fd >= 0 && r->segment != segment) {
        close(r->fd);
        r->fd = -1;
    }
    if (r->segment != segment)
        r->is_gone = false;
    r->segment = segment;
    r->offset = offset;
    r->block_bytes = 0;
}

int reader_open(struct reader *r)
{
    char path[SEGMENT_PATH];
    if (r->fd >= 0)
        return 0;
    r->fd =
        open(segment_path(r->log_dir, r->worker, r->segment, path), O_RDONLY | O_CLOEXEC);
    return r->fd < 0 ? -1 : 0;
}

uint64_t reader_size(struct reader *r)
{
    struct stat st;
    if (reader_open(r) < 0 || fstat(r->fd, &st) < 0)
        return 0;
    return (uint64_t)st.st_size;
}

static int read_fault(const struct reader *r, struct err *err)
{
    char name[SEGMENT_NAME];
    segment_name(r->worker, r->segment, name);
    return err_sys(err, ERR_INTERNAL, "ledger_unreadable",
                   "cannot read %s/%s at byte %llu", r->log_dir, name,
                   (unsigned long long)r->offset);
}

/* Makes the block hold what follows r->offset: a whole record, or all up to limit. */
static int fill(struct reader *r, uint64_t limit, struct err *err)
{
    uint64_t have_end = r->block_at + r->block_bytes;
    uint64_t want = limit - r->offset < RECORD_MOST ? limit - r->offset : RECORD_MOST;
    if (r->block_bytes && r->offset >= r->block_at && r->offset + want <= have_end)
        return 0;
    if (!r->block && !(r->block = mem_alloc(BLOCK_BYTES)))
        return err_nomem(err);
    if (reader_open(r) < 0)
        return read_fault(r, err);
    r->block_at = r->offset;
    r->block_bytes = 0;
    uint64_t room = limit - r->offset < BLOCK_BYTES ? limit - r->offset : BLOCK_BYTES;
    while (r->block_bytes < room) {
        ssize_t n = pread(r->fd, r->block + r->block_bytes, room - r->block_bytes,
                          (off_t)(r->block_at + r->block_bytes));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return read_fault(r, err);
        if (n == 0)
            break;
        r->block_bytes += (size_t)n;
    }
    return 0;
}

/* What the block holds from r->offset on, below limit. */
static struct str held(const struct reader *r, uint64_t limit)
{
    uint64_t end = r->block_at + r->block_bytes;
    if (end > limit)
        end = limit;
    if (!r->block || end <= r->offset)
        return STR("");
    return (struct str){r->block + (r->offset - r->block_at), (size_t)(end - r->offset)};
}

static void report(const struct reader *r, uint64_t from, const char *what)
{
    char name[SEGMENT_NAME];
    segment_name(r->worker, r->segment, name);
    struct damage d = {name, what, from, r->offset - from};
    if (r->on_damage)
        r->on_damage(r->ctx, &d);
}

/* Moves to the next whole record past damage, or to limit. */
static int resync(struct reader *r, uint64_t limit, const char *what, struct record *ret,
                  struct err *err)
{
    uint64_t from = r->offset;
    for (r->offset++; r->offset < limit;) {
        if (fill(r, limit, err) < 0)
            return -1;
        struct str s = held(r, limit);
        const char *at = s.n ? memchr(s.p, RECORD_MAGIC_0, s.n) : NULL;
        if (at != s.p || s.n == 0) {
            r->offset += at ? (uint64_t)(at - s.p) : s.n ? s.n : limit - r->offset;
            continue;
        }
        if (record_parse(s, ret) == RECORD_WHOLE) {
            report(r, from, what);
            return 1;
        }
        r->offset++;
    }
    report(r, from, what);
    return 0;
}

static int begin(struct reader *r, uint64_t limit, struct record *ret, struct err *err)
{
    if (fill(r, limit, err) < 0)
        return -1;
    if (segment_head_is_good(held(r, limit), r->worker, r->segment)) {
        r->offset = SEGMENT_HEAD_BYTES;
        return 0;
    }
    int found = resync(r, limit, "bad segment head", ret, err);
    if (found > 0)
        r->offset += ret->size;
    return found;
}

bool reader_step_over_gone(struct reader *r, uint64_t limit)
{
    uint64_t from = r->offset;
    if (r->segment == 0 || reader_open(r) == 0 || errno != ENOENT)
        return false;
    if (r->offset < limit)
        r->offset = limit;
    bool is_empty = from == 0 && limit == 0; /* nothing was ever read of it */
    if ((!r->is_gone && !is_empty) || r->offset > from)
        report(r, from, "the file is gone");
    r->is_gone = true;
    return true;
}

int reader_next(struct reader *r, uint64_t limit, struct record *ret, struct err *err)
{
    if (r->offset == 0 && limit > 0) {
        int found = begin(r, limit, ret, err);
        if (found != 0)
            return found;
    }
    if (r->offset >= limit)
        return 0;
    if (fill(r, limit, err) < 0)
        return -1;
    enum record_state state = record_parse(held(r, limit), ret);
    if (UNLIKELY(state != RECORD_WHOLE)) {
        int found = resync(r, limit, record_state_name(state), ret, err);
        if (found <= 0)
            return found;
    }
    r->offset += ret->size;
    return 1;
}
