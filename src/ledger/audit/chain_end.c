/* chain_end.c -- what an earlier life left: the last record, and a torn one behind it. */
#include "ledger/audit/chain.h"

#include "core/mem.h"

#include <sys/stat.h>
#include <unistd.h>

enum {
    TAIL_BYTES = 4 * AUDIT_LINE_BYTES,
    READ_BYTES = 256 * 1024,
    SCAN_MOST = 256 << 20 /* a longer file is not read through at a start */
};

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

/* Bytes behind the last line end.  They are a record that was never finished, unless
 * they are a good record whose line end was changed. */
static int cut_torn(struct chain *c, struct str torn, struct err *err)
{
    struct str json;
    if (torn.n == 0)
        return 0;
    if (audit_line_follows(torn, c->hash, &json) ||
        audit_line_follows(str_sub(torn, 0, torn.n - 1), c->hash, &json))
        return broken(err, "the end of its last record was changed");
    c->end -= torn.n;
    if (ftruncate(c->fd, (off_t)c->end) < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable",
                       "cannot cut an unfinished record off audit/chain");
    return 0;
}

/* The hash that the last line must follow from: the line before's, or, of a file's only
 * line, what it says itself. */
static bool find_previous(struct str last, struct str before, bool is_first,
                          char ret[AUDIT_HASH_TEXT])
{
    struct str hash, json, head;
    audit_hash_zero(ret);
    if (before.p) {
        if (!audit_line_split(before, &hash, &json))
            return false;
        memcpy(ret, hash.p, AUDIT_HASH_DIGITS);
        return true;
    }
    if (is_first && audit_line_split(last, &hash, &json) &&
        audit_word(json, "head", &head) && head.n == AUDIT_HASH_DIGITS)
        memcpy(ret, head.p, AUDIT_HASH_DIGITS);
    return is_first;
}

/* `from` is where the tail begins in the file. */
static int read_tail(struct chain *c, struct str tail, uint64_t from, struct err *err)
{
    struct str last, before, hash, json;
    char previous[AUDIT_HASH_TEXT];
    size_t ends = tail.n;
    while (ends && tail.p[ends - 1] != '\n')
        ends--;
    struct str torn = str_sub(tail, ends, tail.n);
    if (last_lines(str_sub(tail, 0, ends), &last, &before)) {
        if (!find_previous(last, before, from == 0, previous))
            return broken(err, "the record before the last is none");
        if (!audit_line_follows(last, previous, &json) ||
            !audit_number(json, "seq", &c->count))
            return broken(err, "its last record is not as it was written");
        (void)audit_line_split(last, &hash, &json);
        memcpy(c->hash, hash.p, AUDIT_HASH_DIGITS);
    } else if (from > 0) {
        return broken(err, "it does not end in a record");
    }
    return cut_torn(c, torn, err);
}

/* -- times ------------------------------------------------------------------------ */

static void note_line(struct chain *c, struct str line)
{
    struct str json = str_sub(line, AUDIT_HASH_DIGITS + 1, line.n);
    uint64_t v;
    if (!audit_number(json, "ms", &v))
        return;
    if (!c->first_ms) {
        c->first_ms = v;
        (void)audit_number(json, "seq", &c->first);
        uint64_t before;
        if (audit_number(json, "newest", &before) && before > c->newest_ms)
            c->newest_ms = before;
    }
    if (v > c->newest_ms)
        c->newest_ms = v;
}

/* Each record's time, so that a later question about a time knows which files it may
 * leave out.  Of a file that is too long to read through the newest time is not known. */
static int find_times(struct chain *c, struct err *err)
{
    struct buf in;
    ssize_t n = 0;
    uint64_t at = 0;
    buf_init(&in, AUDIT_LINE_BYTES + 2 * READ_BYTES);
    c->first_ms = c->newest_ms = 0;
    while (at < c->end && at < SCAN_MOST && buf_reserve(&in, READ_BYTES) &&
           (n = pread(c->fd, in.p + in.n, READ_BYTES, (off_t)at)) > 0) {
        struct str rest, line;
        at += (uint64_t)n;
        in.n += (size_t)n;
        for (rest = buf_view(&in); memchr(rest.p, '\n', rest.n);) {
            (void)str_split(&rest, '\n', &line);
            note_line(c, line);
            if (!rest.n)
                break;
        }
        memmove(in.p, rest.p, rest.n);
        in.n = rest.n;
    }
    int failed = 0;
    if (in.failed)
        failed = err_nomem(err);
    else if (at < c->end && at < SCAN_MOST)
        failed =
            err_sys(err, ERR_INTERNAL, "audit_unwritable", "cannot read audit/chain");
    else if (at < c->end)
        c->newest_ms = INT64_MAX; /* not known: the largest that a record can say */
    buf_release(&in);
    return failed;
}

int chain_find_end(struct chain *c, struct err *err)
{
    struct stat st;
    if (fstat(c->fd, &st) < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable",
                       "cannot look at audit/chain");
    c->end = (uint64_t)st.st_size;
    uint64_t from = c->end > TAIL_BYTES ? c->end - TAIL_BYTES : 0;
    size_t n = (size_t)(c->end - from);
    char *tail = mem_alloc(n + 1);
    if (!tail)
        return err_nomem(err);
    int failed = -1;
    if (pread(c->fd, tail, n, (off_t)from) == (ssize_t)n)
        failed = read_tail(c, (struct str){tail, n}, from, err);
    else
        err_sys(err, ERR_INTERNAL, "audit_unwritable", "cannot read audit/chain");
    mem_free(tail);
    return failed ? failed : find_times(c, err);
}
