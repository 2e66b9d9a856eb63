/* audit_check.c -- see audit_check.h.
 *
 * A last line without its end is a record that a crash cut off: the write comes before
 * the decision takes effect, so nothing left on its strength.  Unless it is a whole
 * record whose line end alone is another byte: no crash does that. */
#include "ledger/audit_check.h"

#include "ledger/audit_line.h"
#include "json/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024 };

struct check {
    audit_visit *visit;
    void *ctx;
    struct audit_chain *chain;
    struct arena words;
    uint64_t at; /* of the line at hand */
};

static void bad(struct check *c, const char *why)
{
    c->chain->broken = why;
    c->chain->bad_record = c->chain->count + 1;
    c->chain->bad_byte = c->at;
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
        if (json_string_is(k, "seq"))
            ret->seq = number(&cur);
        else if (json_string_is(k, "ms"))
            ret->ts_ms = number(&cur);
        else if (json_string_is(k, "bytes"))
            ret->bytes = number(&cur);
        else if (json_string_is(k, "lost"))
            ret->lost = number(&cur);
        else if (json_string_is(k, "decision"))
            has_decision = read_decision(word(c, &cur), &ret->decision);
        else if (json_string_is(k, "attempt"))
            ret->attempt = number(&cur);
        else if (json_string_is(k, "of"))
            ret->is_of_masked = str_eqz(word(c, &cur), "masked");
        else if (json_string_is(k, "request"))
            ret->request = word(c, &cur);
        else if (json_string_is(k, "key"))
            ret->key = word(c, &cur);
        else if (json_string_is(k, "label"))
            ret->label = word(c, &cur);
        else if (json_string_is(k, "engine"))
            ret->engine = word(c, &cur);
        else if (json_string_is(k, "reason"))
            ret->reason = word(c, &cur);
        else if (json_string_is(k, "types"))
            json_skip(&cur, &ret->types);
        else
            json_skip(&cur, NULL);
    }
    return json_finish(&cur, NULL) == 0 && has_decision;
}

static void check_line(struct check *c, struct str line)
{
    struct audit_chain *chain = c->chain;
    struct str json, hash;
    struct audit_seen seen;
    if (!audit_line_follows(line, chain->head, &json)) {
        bad(c, "it does not follow from the record before it");
        return;
    }
    arena_reset(&c->words);
    if (!read_record(c, json, &seen)) {
        bad(c, "its hash is right, but it is no record of weir's");
        return;
    }
    if (seen.seq != chain->count + 1) {
        bad(c, "its number is not the next");
        return;
    }
    (void)audit_line_split(line, &hash, &json);
    seen.hash = hash;
    chain->count++;
    memcpy(chain->head, hash.p, AUDIT_HASH_DIGITS);
    if (c->visit)
        c->visit(c->ctx, &seen);
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

int audit_check(const char *state_dir, audit_visit *visit, void *ctx,
                struct audit_chain *ret, struct err *err)
{
    char path[AUDIT_PATH];
    struct check c = {.visit = visit, .ctx = ctx, .chain = ret};
    *ret = (struct audit_chain){0};
    audit_hash_zero(ret->head);
    int fd =
        audit_path(state_dir, "/chain", path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "audit_missing", "there is no chain at %s",
                       path);
    if (fd < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unreadable", "cannot open %s", path);
    arena_init(&c.words, 2 * AUDIT_LINE_BYTES);
    int failed = check_file(&c, fd, err);
    arena_reset(&c.words);
    close(fd);
    return failed;
}
