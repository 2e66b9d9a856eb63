/* mask.c -- see mask.h.
 *
 * One walk over the body's tokens goes along with the spans.  A tag must not be a word
 * that the text has already.  What occurs is looked up in a table of bits over every six
 * bytes of the body, made when the first new tag is: a tag all of whose sixes occur is
 * taken to be there.  Rarely it is not, and then the value gets the next tag it could
 * have, which costs nothing; a search of the body to be sure would cost a walk over it
 * for each value. */
#include "mask/mask.h"

#include "core/mem.h"
#include "mask/quoting.h"
#include "json/plain.h"
#include "json/scan.h"

enum { DEPTH_MAX = 4, WINDOW = 6, OCCURS_MIN = 1 << 12, OCCURS_MAX = 1 << 25 };

struct masking {
    struct vault *vault;
    struct str body;
    unsigned char *occurs; /* bits, or NULL: not made */
    uint32_t occurs_mask;
    bool is_out_of_memory;
    size_t string_at, place_at; /* where the string begins; how far `place` has come */
    struct quoting place;
};

/* -- tags that the text has already ------------------------------------------- */

static uint64_t fold6(uint64_t w, char c)
{
    uint64_t byte = (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    return (w << 8 | byte) & UINT64_C(0xFFFFFFFFFFFF);
}

static uint32_t occurs_bit(const struct masking *m, uint64_t w)
{
    return (uint32_t)((w * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & m->occurs_mask;
}

static bool build_occurs(struct masking *m)
{
    uint32_t bits = OCCURS_MIN;
    while (bits < OCCURS_MAX && bits < m->body.n * 8)
        bits *= 2;
    m->occurs = mem_zalloc(bits / 8);
    m->occurs_mask = bits - 1;
    if (!m->occurs)
        return false;
    uint64_t w = 0;
    for (size_t i = 0; i < m->body.n; i++) {
        w = fold6(w, m->body.p[i]);
        uint32_t bit = occurs_bit(m, w);
        m->occurs[bit / 8] |= (unsigned char)(1u << bit % 8);
    }
    return true;
}

/* A vault_is_taken.  Of an e-mail tag the name alone is looked for. */
static bool occurs(void *ctx, struct str tag)
{
    struct masking *m = ctx;
    ptrdiff_t at = str_index(tag, '@');
    struct str name = at > 0 ? str_sub(tag, 0, (size_t)at) : tag;
    if (!m->occurs && !build_occurs(m)) {
        m->is_out_of_memory = true;
        return true;
    }
    uint64_t w = 0;
    for (size_t i = 0; i < name.n; i++) {
        w = fold6(w, name.p[i]);
        uint32_t bit = occurs_bit(m, w);
        if (i + 1 >= WINDOW && !(m->occurs[bit / 8] >> bit % 8 & 1))
            return false;
    }
    return true;
}

/* -- values ------------------------------------------------------------------- */

/* The characters that `raw` stands for under that many JSON strings. */
static struct str unescape(struct arena *a, struct str raw, unsigned depth)
{
    for (; depth > 0 && raw.p && memchr(raw.p, '\\', raw.n); depth--) {
        struct json_cur c;
        struct json_string s;
        struct str quoted = arena_printf(a, "\"%.*s\"", STR_ARG(raw));
        if (!quoted.p)
            return quoted;
        json_begin(&c, quoted);
        if (!json_read_string(&c, &s) || json_finish(&c, NULL) < 0)
            return (struct str){NULL, 0};
        raw = json_unescape(a, s);
    }
    return raw;
}

static void count(struct mask_counts *counts, const char *type, uint32_t n)
{
    counts->total += n;
    for (size_t i = 0; i < counts->ntypes; i++)
        if (strcmp(counts->types[i].type, type) == 0) {
            counts->types[i].n += n;
            return;
        }
    if (counts->ntypes < MASK_TYPES) {
        counts->types[counts->ntypes].type = type;
        counts->types[counts->ntypes++].n = n;
    }
}

void mask_counts_add(struct mask_counts *to, const struct mask_counts *more)
{
    for (size_t i = 0; i < more->ntypes; i++)
        count(to, more->types[i].type, more->types[i].n);
}

static int bad_span(const struct mask_span *s, const char *why, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "mask_span", "a %s at byte %u cannot be masked: %s",
                   s->type, s->start, why);
}

/* How many strings of JSON there are around body[at], those of JSON behind words or in a
 * Markdown fence too. */
static unsigned depth_at(struct masking *m, size_t at)
{
    if (m->place_at < m->string_at) {
        quoting_init_string(&m->place);
        m->place_at = m->string_at;
    }
    quoting_follow(&m->place, str_sub(m->body, m->place_at, at));
    m->place_at = at;
    return quoting_depth(&m->place);
}

/* What the client means.  A value that has backslashes still may stand in JSON inside of
 * a text, and must not come back with these where no JSON is. */
static struct str meaning_of(struct masking *m, struct arena *a,
                             const struct mask_span *s, unsigned depth)
{
    struct str raw = str_sub(m->body, s->start, s->end);
    struct str value = unescape(a, raw, depth < DEPTH_MAX ? depth : DEPTH_MAX);
    if (depth == 0 || !value.p || !memchr(value.p, '\\', value.n))
        return value;
    unsigned deeper = depth_at(m, s->start);
    struct str meant = deeper > depth ? unescape(a, raw, deeper) : value;
    return meant.p ? meant : value;
}

static int put_tag(struct masking *m, const struct mask_span *s, bool is_number,
                   struct buf *out, struct err *err)
{
    struct arena a;
    struct tag tag = {.n = 0};
    unsigned depth = is_number ? 0 : s->depth ? s->depth : 1;
    int failed;
    arena_init(&a, (s->end - s->start + 64) * 2 * 2 * (DEPTH_MAX + 1) + 4096);
    struct str value = meaning_of(m, &a, s, depth);
    if (!value.p)
        failed = bad_span(s, "it cuts an escape, or memory is out", err);
    else
        failed = vault_tag(m->vault, s->type, value, is_number, occurs, m, &tag, err);
    arena_reset(&a);
    if (!failed)
        buf_append(out, (struct str){tag.text, tag.n});
    return failed;
}

/* A file that was masked has been counted by what is in it. */
static int put(struct masking *m, const struct mask_span *s, bool is_number,
               struct buf *out, struct mask_counts *counts, struct err *err)
{
    if (s->instead.p) {
        buf_append(out, s->instead);
        return 0;
    }
    if (put_tag(m, s, is_number, out, err) < 0)
        return -1;
    count(counts, s->type, 1);
    return 0;
}

/* -- the walk ----------------------------------------------------------------- */

static bool is_inside_character(struct str body, uint32_t at)
{
    return at < body.n && ((unsigned char)body.p[at] & 0xC0) == 0x80;
}

struct walk {
    struct str body;
    size_t at;     /* the next byte to look at */
    size_t copied; /* the next to copy */
    const struct mask_span *span, *end;
};

/* A colon follows the string that `at` is in: it is a key. */
static bool is_key_at(struct str body, size_t at)
{
    for (; at < body.n && body.p[at] != '"'; at++)
        at += body.p[at] == '\\';
    for (at++; at < body.n && body.p[at] && strchr(" \t\r\n", body.p[at]); at++)
        ;
    return at < body.n && body.p[at] == ':';
}

/* From just inside a string to behind it.  Spans that begin in it are replaced,
 * provided that they stop before the quote and stand between whole escapes. */
static int walk_string(struct masking *m, struct walk *w, struct buf *out,
                       struct mask_counts *counts, struct err *err)
{
    const char *p = w->body.p, *text_end = p + w->body.n;
    bool is_open = false; /* inside w->span */
    m->string_at = w->at;
    bool is_value = false; /* known to be no key */
    for (size_t i = w->at;; i++) {
        size_t next = is_open            ? w->span->end
                      : w->span < w->end ? w->span->start
                                         : SIZE_MAX;
        if (i > next)
            return bad_span(w->span, "it cuts an escape", err);
        if (i == next) {
            if (is_inside_character(w->body, (uint32_t)i))
                return bad_span(w->span, "it cuts a character", err);
            if (is_open) {
                if (put(m, w->span, w->span->depth == MASK_NUMBER, out, counts, err) < 0)
                    return -1;
                w->copied = i;
                w->span++;
            } else {
                if (!is_value && is_key_at(w->body, i))
                    return bad_span(w->span, "it is in a key", err);
                is_value = true;
                buf_append(out, str_sub(w->body, w->copied, i));
            }
            is_open = !is_open;
            i--; /* two spans may touch */
            continue;
        }
        /* No further than the next span: many in one string are one walk over it. */
        const char *until = next < w->body.n ? p + next : text_end;
        size_t run = (size_t)(json_plain_run(p + i, until) - (p + i));
        if (run > 0) {
            i += run - 1;
            continue;
        }
        if (i >= w->body.n)
            return err_set(err, ERR_BAD_REQUEST, "invalid_json", "a string has no end");
        if (p[i] == '"') {
            w->at = i + 1;
            return is_open ? bad_span(w->span, "it crosses a quote", err) : 0;
        }
        if (p[i] == '\\')
            i += i + 1 < w->body.n && p[i + 1] == 'u' ? 5 : 1;
    }
}

static bool is_number_byte(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || (c | 32) == 'e';
}

static int walk_number(struct masking *m, struct walk *w, struct buf *out,
                       struct mask_counts *counts, struct err *err)
{
    size_t end = w->at;
    while (end < w->body.n && is_number_byte(w->body.p[end]))
        end++;
    if (w->span < w->end && w->span->start < end) {
        if (w->span->start != w->at || w->span->end != end)
            return bad_span(w->span, "it is a part of a number", err);
        buf_append(out, str_sub(w->body, w->copied, w->at));
        if (put(m, w->span, true, out, counts, err) < 0)
            return -1;
        w->copied = end;
        w->span++;
    }
    w->at = end;
    return 0;
}

static int walk_body(struct masking *m, struct walk *w, struct buf *out,
                     struct mask_counts *counts, struct err *err)
{
    while (w->span < w->end && w->at < w->body.n) {
        char c = w->body.p[w->at];
        int failed = 0;
        if (w->span->start < w->at)
            return bad_span(w->span, "it does not begin in a value", err);
        if (c == '"') {
            w->at++;
            failed = walk_string(m, w, out, counts, err);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            failed = walk_number(m, w, out, counts, err);
        } else {
            w->at++;
        }
        if (failed)
            return -1;
    }
    return w->span < w->end ? bad_span(w->span, "it lies past the end", err) : 0;
}

static int check_spans(struct str body, const struct mask_span *spans, size_t n,
                       struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (spans[i].start >= spans[i].end || spans[i].end > body.n ||
            (i && spans[i].start < spans[i - 1].end))
            return bad_span(&spans[i], "spans overlap or are out of order", err);
    return 0;
}

int mask_body(struct vault *v, struct str body, const struct mask_span *spans, size_t n,
              struct buf *out, struct mask_counts *ret, struct err *err)
{
    struct masking m = {.vault = v, .body = body};
    struct walk w = {.body = body, .span = spans, .end = spans + n};
    *ret = (struct mask_counts){0};
    if (check_spans(body, spans, n, err) < 0)
        return -1;
    int failed = n ? walk_body(&m, &w, out, ret, err) : 0;
    mem_free(m.occurs);
    if (failed && m.is_out_of_memory)
        return err_nomem(err);
    if (failed)
        return -1;
    buf_append(out, str_sub(body, w.copied, body.n));
    return out->failed ? err_nomem(err) : 0;
}
