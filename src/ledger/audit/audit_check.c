/* audit_check.c -- see audit_check.h.
 *
 * A last line without its end is a record that a crash cut off: the write comes before
 * the decision takes effect, so nothing left on its strength.  Unless it is a whole
 * record whose line end alone is another byte: no crash does that. */
#include "ledger/audit/audit_check.h"

#include "core/mem.h"
#include "ledger/audit/chain.h"
#include "ledger/log/segment.h"
#include "json/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, TRIES = 5 };

struct check {
    audit_visit *visit;
    void *ctx;
    struct audit_chain *chain;
    struct arena words;
    char file[CHAIN_NAME]; /* its name, and whether it is the first that is read */
    bool is_first_file, is_file_start;
    uint64_t at; /* of the line at hand */
};

static void bad(struct check *c, const char *why)
{
    c->chain->broken = why;
    c->chain->bad_record = c->chain->count + 1;
    c->chain->bad_byte = c->at;
    snprintf(c->chain->bad_file, sizeof c->chain->bad_file, "audit%s", c->file);
}

static struct str word(struct check *c, struct json_cur *cur)
{
    struct json_string s;
    if (!json_read_string(cur, &s))
        return (struct str){"", 0};
    return json_unescape(&c->words, s);
}

static uint64_t number(struct json_cur *cur)
{
    int64_t v;
    return json_read_i64(cur, &v) && v >= 0 ? (uint64_t)v : 0;
}

static bool read_decision(struct str s, enum audit_decision *ret)
{
    for (unsigned d = 0; d < AUDIT_DECISIONS; d++)
        if (str_eqz(s, audit_decision_name((enum audit_decision)d))) {
            *ret = (enum audit_decision)d;
            return true;
        }
    return false;
}

static struct str *word_of(struct audit_seen *s, struct json_string k)
{
    struct {
        const char *name;
        struct str *place;
    } words[] = {{"request", &s->request}, {"key", &s->key},       {"label", &s->label},
                 {"engine", &s->engine},   {"reason", &s->reason}, {"head", &s->head},
                 {"what", &s->what}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (json_string_is(k, words[i].name))
            return words[i].place;
    return NULL;
}

static uint64_t *number_of(struct audit_seen *s, struct json_string k)
{
    struct {
        const char *name;
        uint64_t *place;
    } numbers[] = {
        {"seq", &s->seq},   {"ms", &s->ts_ms},        {"bytes", &s->bytes},
        {"lost", &s->lost}, {"attempt", &s->attempt}, {"before", &s->before},
        {"rows", &s->rows}, {"through", &s->through}, {"newest", &s->newest_ms}};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (json_string_is(k, numbers[i].name))
            return numbers[i].place;
    return NULL;
}

/* False when it is not a record as audit_line.c writes them. */
static bool read_record(struct check *c, struct str json, struct audit_seen *ret)
{
    struct json_cur cur;
    struct json_string k;
    bool has_decision = false;
    *ret = (struct audit_seen){.json = json};
    json_begin(&cur, json);
    json_enter_object(&cur);
    while (json_next_member(&cur, &k)) {
        uint64_t *n = number_of(ret, k);
        struct str *w = n ? NULL : word_of(ret, k);
        if (n)
            *n = number(&cur);
        else if (w)
            *w = word(c, &cur);
        else if (json_string_is(k, "decision"))
            has_decision = read_decision(word(c, &cur), &ret->decision);
        else if (json_string_is(k, "of"))
            ret->is_of_masked = str_eqz(word(c, &cur), "masked");
        else if (json_string_is(k, "gap"))
            json_read_bool(&cur, &ret->is_gap);
        else if (json_string_is(k, "types"))
            json_skip(&cur, &ret->types);
        else
            json_skip(&cur, NULL);
    }
    return json_finish(&cur, NULL) == 0 && has_decision;
}

static void note_gap(struct check *c, const struct audit_seen *s, uint64_t from)
{
    struct audit_chain *chain = c->chain;
    chain->ngaps++;
    chain->gap = (struct audit_gap){.from = from, .to = s->before, .ts_ms = s->ts_ms};
    snprintf(chain->gap.why, sizeof chain->gap.why, "%.*s", STR_ARG(s->reason));
}

/* A file's first record that does not follow from the last of the file before it.  It
 * says itself what it follows from: of the first file that is read that is enough, and
 * of another one when it also says that something is missing. */
static bool jump(struct check *c, struct str line, struct str *ret_json)
{
    struct audit_chain *chain = c->chain;
    struct audit_seen s;
    struct str hash;
    char head[AUDIT_HASH_TEXT];
    if (!c->is_file_start || !audit_line_split(line, &hash, ret_json) ||
        !read_record(c, *ret_json, &s) || s.decision != AUDIT_CONTINUED ||
        s.head.n != AUDIT_HASH_DIGITS)
        return false;
    memcpy(head, s.head.p, AUDIT_HASH_DIGITS);
    head[AUDIT_HASH_DIGITS] = '\0';
    if (!audit_line_follows(line, head, ret_json) || s.seq != s.before + 1)
        return false;
    if (!c->is_first_file && !(s.is_gap && s.before >= chain->count)) {
        snprintf(chain->why, sizeof chain->why,
                 "the records %llu to %llu before it are missing",
                 (unsigned long long)chain->count + 1, (unsigned long long)s.before);
        return false;
    }
    if (!c->is_first_file)
        note_gap(c, &s, chain->count + 1);
    else
        chain->first_file_ms = s.ts_ms;
    chain->count = s.before;
    memcpy(chain->head, head, sizeof head);
    return true;
}

static void see_record(struct check *c, struct str line, struct audit_seen *seen)
{
    struct audit_chain *chain = c->chain;
    struct str hash, json;
    (void)audit_line_split(line, &hash, &json);
    seen->hash = hash;
    if (c->is_file_start && c->is_first_file) {
        chain->first = seen->seq;
        memcpy(chain->before, chain->head, sizeof chain->before);
        if (seen->decision == AUDIT_CONTINUED && seen->is_gap)
            note_gap(c, seen, seen->before ? 1 : 0);
    }
    if (seen->decision == AUDIT_DELETED && seen->through > chain->deleted_through)
        chain->deleted_through = seen->through;
    c->is_file_start = false;
    chain->count++;
    memcpy(chain->head, hash.p, AUDIT_HASH_DIGITS);
    if (c->visit)
        c->visit(c->ctx, seen);
}

static void check_line(struct check *c, struct str line)
{
    struct str json;
    struct audit_seen seen;
    c->chain->why[0] = '\0';
    arena_reset(&c->words);
    if (!audit_line_follows(line, c->chain->head, &json) && !jump(c, line, &json)) {
        bad(c, c->chain->why[0] ? c->chain->why
                                : "it does not follow from the record before it");
        return;
    }
    arena_reset(&c->words);
    if (!read_record(c, json, &seen))
        bad(c, "its hash is right, but it is no record of weir's");
    else if (seen.seq != c->chain->count + 1)
        bad(c, "its number is not the next");
    else
        see_record(c, line, &seen);
}

static void check_torn(struct check *c, struct str torn)
{
    struct str json;
    c->chain->torn_bytes = torn.n;
    if (torn.n &&
        (audit_line_follows(torn, c->chain->head, &json) ||
         audit_line_follows(str_sub(torn, 0, torn.n - 1), c->chain->head, &json)))
        bad(c, "its line end was changed");
}

/* Whole lines off the front of `in`, until one is bad. */
static void check_lines(struct check *c, struct buf *in)
{
    const char *end;
    while (!c->chain->broken && buf_len(in) &&
           (end = memchr(in->p + in->off, '\n', buf_len(in)))) {
        struct str line = str_sub(buf_view(in), 0, (size_t)(end - (in->p + in->off)));
        check_line(c, line);
        c->at += line.n + 1;
        buf_consume(in, line.n + 1);
    }
    if (!c->chain->broken && buf_len(in) > AUDIT_LINE_BYTES)
        bad(c, "it is longer than a record can be");
}

static int check_file(struct check *c, int fd, struct err *err)
{
    struct buf in;
    ssize_t n = 0;
    buf_init(&in, AUDIT_LINE_BYTES + 2 * READ_BYTES);
    while (!c->chain->broken && buf_reserve(&in, READ_BYTES) &&
           (n = read(fd, in.p + in.n, READ_BYTES)) > 0) {
        in.n += (size_t)n;
        check_lines(c, &in);
        if (in.off) { /* keep what is left at the front */
            memmove(in.p, in.p + in.off, buf_len(&in));
            in.n -= in.off;
            in.off = 0;
        }
    }
    int failed = 0;
    if (in.failed)
        failed = err_nomem(err);
    else if (n < 0)
        failed = err_sys(err, ERR_INTERNAL, "audit_unreadable", "cannot read the chain");
    else if (!c->chain->broken)
        check_torn(c, buf_view(&in));
    buf_release(&in);
    return failed;
}

/* -- the files ---------------------------------------------------------------------- */

/* All of them, opened: a rotation meanwhile changes names, not files. */
struct files {
    struct chain_list list;
    int *fd; /* list.n of the full ones, then that of audit/chain; -1: none */
};

static void files_release(struct files *f)
{
    for (size_t i = 0; f->fd && i <= f->list.n; i++)
        if (f->fd[i] >= 0)
            close(f->fd[i]);
    mem_free(f->fd);
    chain_list_release(&f->list);
    *f = (struct files){.fd = NULL};
}

static int open_one(const char *state_dir, const char *name)
{
    char path[AUDIT_PATH];
    return open(audit_path(state_dir, name, path), O_RDONLY | O_CLOEXEC);
}

static int open_files(const char *state_dir, struct files *f, struct err *err)
{
    char name[CHAIN_NAME];
    *f = (struct files){.fd = NULL};
    if (chain_list(state_dir, &f->list, err) < 0)
        return -1;
    f->fd = mem_alloc((f->list.n + 1) * sizeof *f->fd);
    if (!f->fd) {
        chain_list_release(&f->list);
        return err_nomem(err);
    }
    for (size_t i = 0; i < f->list.n; i++) {
        chain_name(f->list.first[i], name);
        f->fd[i] = open_one(state_dir, name);
    }
    int *last = &f->fd[f->list.n];
    *last = open_one(state_dir, "/chain");
    if (*last < 0 && errno == ENOENT && f->list.n) /* a life ended between two renames */
        *last = open_one(state_dir, "/chain.new");
    if (*last >= 0 || errno == ENOENT)
        return 0;
    err_sys(err, ERR_INTERNAL, "audit_unreadable", "cannot open %s/audit/chain",
            state_dir);
    files_release(f);
    return -1;
}

/* Nothing was renamed or deleted while they were opened. */
static bool is_one_moment(const char *state_dir, const struct files *f)
{
    struct chain_list now;
    struct stat at, own;
    char path[AUDIT_PATH];
    int last = f->fd[f->list.n];
    bool is_same;
    audit_path(state_dir, "/chain", path);
    if (last >= 0 && f->list.n && access(path, F_OK) < 0)
        return false; /* chain.new stands in: is it still being renamed? */
    if (chain_list(state_dir, &now, NULL) < 0)
        return false;
    is_same = now.n == f->list.n;
    for (size_t i = 0; is_same && i < now.n; i++)
        is_same = now.first[i] == f->list.first[i];
    chain_list_release(&now);
    if (last < 0)
        return is_same && stat(path, &at) < 0;
    return is_same && stat(path, &at) == 0 && fstat(last, &own) == 0 &&
           at.st_ino == own.st_ino;
}

static int find_files(const char *state_dir, struct files *f, struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        if (i)
            files_release(f);
        if (open_files(state_dir, f, err) < 0)
            return -1;
        if (is_one_moment(state_dir, f))
            break;
    }
    for (size_t i = 0; i < f->list.n; i++)
        if (f->fd[i] < 0) {
            err_sys(err, ERR_INTERNAL, "audit_unreadable", "cannot open %s/audit/chain-*",
                    state_dir);
            files_release(f);
            return -1;
        }
    return 0;
}

/* The first file that has something as new as since_ms: what a file's first record says
 * about all before it decides. */
static size_t find_first(const struct files *f, uint64_t since_ms)
{
    size_t i = f->fd[f->list.n] >= 0 ? f->list.n : f->list.n ? f->list.n - 1 : 0;
    for (; since_ms && i > 0; i--) {
        char bytes[AUDIT_LINE_BYTES];
        struct str line;
        uint64_t newest;
        if (f->fd[i] < 0 || chain_first_line(f->fd[i], bytes, sizeof bytes, &line) < 0 ||
            !audit_number(line, "newest", &newest))
            continue;
        /* Whether there is a gap shows only together with the file before. */
        if (since_ms == UINT64_MAX ||
            (newest < since_ms && str_find(line, STR("\"gap\":true")) < 0))
            return i;
    }
    return 0;
}

static int check_files(struct check *c, const struct files *f, uint64_t since_ms,
                       struct err *err)
{
    size_t first = find_first(f, since_ms);
    c->chain->is_partial = first > 0;
    bool has_last = f->fd[f->list.n] >= 0;
    for (size_t i = first; i < f->list.n + has_last && !c->chain->broken; i++) {
        snprintf(c->file, sizeof c->file, "/chain");
        if (i < f->list.n)
            chain_name(f->list.first[i], c->file);
        c->at = 0;
        c->is_first_file = i == first;
        c->is_file_start = true;
        if (check_file(c, f->fd[i], err) < 0)
            return -1;
        if (c->chain->torn_bytes && i + 1 < f->list.n + has_last && !c->chain->broken)
            bad(c, "it was never finished, and another file follows");
    }
    if (!has_last && !c->chain->broken) {
        snprintf(c->file, sizeof c->file, "/chain");
        c->at = 0;
        bad(c, "the newest file is missing");
    }
    return 0;
}

int audit_check(const char *state_dir, uint64_t since_ms, audit_visit *visit, void *ctx,
                struct audit_chain *ret, struct err *err)
{
    struct files f;
    struct check c = {.visit = visit, .ctx = ctx, .chain = ret};
    alignas(max_align_t) char words[3 * AUDIT_LINE_BYTES]; /* a record's always fit */
    *ret = (struct audit_chain){.first = 1};
    audit_hash_zero(ret->head);
    audit_hash_zero(ret->before);
    if (state_dir_check(str_of(state_dir), err) < 0)
        return -1;
    if (find_files(state_dir, &f, err) < 0)
        return -1;
    if (f.list.n == 0 && f.fd[0] < 0) {
        files_release(&f);
        return err_set(err, ERR_NOT_FOUND, "audit_missing",
                       "there is no chain at %s/audit/chain", state_dir);
    }
    arena_init_in(&c.words, sizeof words, words, sizeof words);
    int failed = check_files(&c, &f, since_ms, err);
    arena_reset(&c.words);
    files_release(&f);
    return failed;
}

uint64_t audit_size(const char *state_dir)
{
    struct files f;
    struct stat st;
    struct err ignored;
    uint64_t bytes = 0;
    if (find_files(state_dir, &f, &ignored) < 0)
        return 0;
    for (size_t i = 0; i <= f.list.n; i++)
        if (f.fd[i] >= 0 && fstat(f.fd[i], &st) == 0)
            bytes += (uint64_t)st.st_size;
    files_release(&f);
    return bytes;
}
