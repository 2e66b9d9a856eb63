/* audit_tail.c -- see audit_tail.h. */
#include "ledger/audit/audit_tail.h"

#include "core/mem.h"
#include "ledger/audit/chain.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 20 };
static_assert(PIECE_BYTES > 8 * AUDIT_LINE_BYTES, "a piece holds whole lines");

/* -- files ----------------------------------------------------------------------------
 */

struct files {
    const char *state_dir;
    struct chain_list full;
    uint64_t current; /* the number of the first record of audit/chain; 0: it has none */
};

static uint64_t first_of(const char *path)
{
    char line[AUDIT_LINE_BYTES];
    struct str text, hash, json;
    uint64_t first = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (chain_first_line(fd, line, sizeof line, &text) == 0 &&
        audit_line_split(text, &hash, &json))
        (void)audit_number(json, "seq", &first);
    close(fd);
    return first;
}

static int files_list(const char *state_dir, struct files *f, struct err *err)
{
    char path[AUDIT_PATH];
    *f = (struct files){.state_dir = state_dir};
    f->current = first_of(audit_path(state_dir, "/chain", path));
    return chain_list(state_dir, &f->full, err);
}

/* The newest file older than this one (UINT64_MAX: the newest of all); 0: none. */
static uint64_t file_before(const struct files *f, uint64_t file)
{
    uint64_t found = f->current && f->current < file ? f->current : 0;
    for (size_t i = 0; i < f->full.n; i++)
        if (f->full.first[i] < file && f->full.first[i] > found)
            found = f->full.first[i];
    return found;
}

static uint64_t file_after(const struct files *f, uint64_t file)
{
    uint64_t found = f->current > file ? f->current : 0;
    for (size_t i = 0; i < f->full.n; i++)
        if (f->full.first[i] > file && (!found || f->full.first[i] < found))
            found = f->full.first[i];
    return found;
}

static bool has_file(const struct files *f, uint64_t file)
{
    return file_after(f, file - 1) == file;
}

/* -1: it is gone, or cannot be read.  *ret_size is how long it is. */
static int file_open(const struct files *f, uint64_t file, uint64_t *ret_size)
{
    char name[CHAIN_NAME] = "/chain", path[AUDIT_PATH];
    struct stat st;
    if (file != f->current)
        chain_name(file, name);
    int fd = open(audit_path(f->state_dir, name, path), O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) < 0) {
        close(fd);
        return -1;
    }
    *ret_size = fd >= 0 ? (uint64_t)st.st_size : 0;
    return fd;
}

/* -- pieces ---------------------------------------------------------------------------
 */

static bool read_all(int fd, char *p, size_t n, uint64_t at)
{
    while (n) {
        ssize_t got = pread(fd, p, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
        at += (uint64_t)got;
    }
    return true;
}

static void tell_lines(struct str lines, struct audit_reach *reach, audit_tail_fn *fn,
                       void *ctx)
{
    struct str line, hash, json;
    while (str_split(&lines, '\n', &line)) {
        uint64_t ms;
        if (!audit_line_split(line, &hash, &json) || !audit_number(json, "ms", &ms))
            continue;
        if (!reach->oldest_ms || ms < reach->oldest_ms)
            reach->oldest_ms = ms;
        fn(ctx, hash, json);
    }
}

/* Whole lines of file bytes [from, to) into room; *from moves to the first line's
 * beginning and *to behind the last line's end. */
static bool read_lines(int fd, char *room, uint64_t *from, uint64_t *to, struct str *ret)
{
    size_t n = (size_t)(*to - *from);
    *ret = STR("");
    if (!read_all(fd, room, n, *from))
        return false;
    struct str all = {room, n};
    ptrdiff_t first = *from ? str_index(all, '\n') : -1;
    size_t begins = *from ? (first < 0 ? n : (size_t)first + 1) : 0, ends = n;
    while (ends > begins && room[ends - 1] != '\n')
        ends--;
    *ret = str_sub(all, begins, ends);
    *to = *from + ends;
    *from += begins;
    return true;
}

/* One piece before the reach.  1: more may be there; 0: that was all; -1: not readable.
 */
static int step_back(const struct files *f, char *room, struct audit_reach *reach,
                     audit_tail_fn *fn, void *ctx)
{
    uint64_t size, file = reach->from_file, to = reach->from_at;
    if (to == 0) {
        file = file_before(f, reach->is_begun ? file : UINT64_MAX);
        to = UINT64_MAX;
    }
    if (!file)
        return 0;
    int fd = file_open(f, file, &size);
    if (fd < 0)
        return 0; /* deleted since it was listed */
    to = to > size ? size : to;
    uint64_t from = to > PIECE_BYTES ? to - PIECE_BYTES : 0;
    struct str lines;
    bool ok = read_lines(fd, room, &from, &to, &lines);
    close(fd);
    if (!ok || (lines.n == 0 && from > 0))
        return -1;
    if (!reach->is_begun) {
        reach->to_file = file;
        reach->to_at = to;
    }
    reach->is_begun = true;
    reach->from_file = file;
    reach->from_at = from;
    tell_lines(lines, reach, fn, ctx);
    return 1;
}

static int unreadable(struct err *err)
{
    return err_sys(err, ERR_INTERNAL, "audit_unreadable", "cannot read the audit chain");
}

int audit_tail_back(const char *state_dir, uint64_t bytes, struct audit_reach *reach,
                    audit_tail_fn *fn, void *ctx, struct err *err)
{
    struct files f;
    if (files_list(state_dir, &f, err) < 0)
        return -1;
    if (reach->is_begun && !has_file(&f, reach->from_file) && reach->from_at)
        reach->from_at = 0; /* deleted: what is older is gone, too */
    char *room = mem_alloc(PIECE_BYTES);
    int more = room ? 1 : -1;
    for (uint64_t done = 0; more > 0 && done < bytes; done += PIECE_BYTES)
        more = step_back(&f, room, reach, fn, ctx);
    reach->is_whole = more == 0;
    int failed = more >= 0 ? 0 : room ? unreadable(err) : err_nomem(err);
    mem_free(room);
    chain_list_release(&f.full);
    return failed;
}

/* -- what was added -------------------------------------------------------------------
 */

/* Bytes behind the reach; UINT64_MAX: the files are others. */
static uint64_t bytes_behind(const struct files *f, const struct audit_reach *reach)
{
    uint64_t sum = 0, size;
    if (!has_file(f, reach->to_file))
        return UINT64_MAX;
    for (uint64_t file = reach->to_file; file; file = file_after(f, file)) {
        int fd = file_open(f, file, &size);
        if (fd < 0 || (file == reach->to_file && size < reach->to_at)) {
            if (fd >= 0)
                close(fd);
            return UINT64_MAX;
        }
        close(fd);
        sum += size - (file == reach->to_file ? reach->to_at : 0);
    }
    return sum;
}

static bool read_on(const struct files *f, char *room, struct audit_reach *reach,
                    audit_tail_fn *fn, void *ctx)
{
    uint64_t size;
    int fd = file_open(f, reach->to_file, &size);
    bool ok = fd >= 0, has_more = true;
    while (ok && has_more && reach->to_at < size) {
        size_t n = size - reach->to_at > PIECE_BYTES ? PIECE_BYTES
                                                     : (size_t)(size - reach->to_at);
        ok = read_all(fd, room, n, reach->to_at);
        struct str all = {room, ok ? n : 0};
        while (all.n && all.p[all.n - 1] != '\n')
            all.n--;
        tell_lines(all, reach, fn, ctx);
        reach->to_at += all.n;
        has_more = all.n > 0; /* else a record is just being written */
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

int audit_tail_on(const char *state_dir, uint64_t bytes, struct audit_reach *reach,
                  audit_tail_fn *fn, void *ctx, struct err *err)
{
    struct files f;
    if (!reach->is_begun)
        return 0;
    if (files_list(state_dir, &f, err) < 0)
        return -1;
    char *room = NULL;
    bool ok = true;
    uint64_t behind = bytes_behind(&f, reach);
    if (behind > bytes) {
        *reach = (struct audit_reach){0};
    } else if (behind) {
        room = mem_alloc(PIECE_BYTES);
        ok = room && read_on(&f, room, reach, fn, ctx);
        for (uint64_t next; ok && (next = file_after(&f, reach->to_file));) {
            reach->to_file = next;
            reach->to_at = 0;
            ok = read_on(&f, room, reach, fn, ctx);
        }
    }
    int failed = ok ? 0 : room ? unreadable(err) : err_nomem(err);
    mem_free(room);
    chain_list_release(&f.full);
    return failed;
}

/* -- one request -----------------------------------------------------------------------
 */

struct wanted {
    struct str request;
    audit_tail_fn *fn;
    void *ctx;
};

static void pick(void *ctx, struct str hash, struct str json)
{
    const struct wanted *w = ctx;
    struct str request;
    if (str_find(json, w->request) >= 0 && audit_word(json, "request", &request) &&
        str_eq(request, w->request))
        w->fn(w->ctx, hash, json);
}

int audit_find(const char *state_dir, struct str request, uint64_t bytes,
               audit_tail_fn *fn, void *ctx, uint64_t *ret_since_ms, struct err *err)
{
    struct audit_reach reach = {0};
    struct wanted w = {request, fn, ctx};
    if (audit_tail_back(state_dir, bytes, &reach, pick, &w, err) < 0)
        return -1;
    *ret_since_ms = reach.oldest_ms;
    return 0;
}
