/* encoded.c -- base64 that hides text: decoded once, scanned, reported whole.
 *
 * Only runs whose bytes decode to printable text are looked into, and only one layer
 * deep: a text could otherwise make the scanner unwrap without end.  A long run
 * that is no text, or that is cut by the window's edge, is reported as a file that
 * nobody here can read. */
#include "scan/detect.h"

enum {
    MIN_RUN = 12,
    MAX_RUN = 48 * 1024,
    LINE_LEAST = 60,
    BLOB_LEAST = 4096, /* so long a run that is no text is some file */
    HEAD_MOST = 128    /* of a data: URL */
};

/* From the blank on: the value of a byte of either alphabet, plus one. */
static const uint8_t sextets[96] = {
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  63, 0,  63, 0,  64, 53, 54, 55, 56,
    57, 58, 59, 60, 61, 62, 0,  0,  0,  0,  0,  0,  0,  1,  2,  3,  4,  5,  6,  7,
    8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 0,
    0,  0,  0,  64, 0,  27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41,
    42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 0,  0,  0,  0,  0,
};

static int value_of(char c)
{
    unsigned i = (unsigned char)c - 32u;
    return i < sizeof sextets ? sextets[i] - 1 : -1;
}

/* Bytes of text decoded into out, or 0 when they are none. */
static size_t decode(struct str s, char *out)
{
    uint32_t bits = 0;
    size_t n = 0, k = 0, odd = 0;
    for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
        if (s.p[i] == '\n' || s.p[i] == '\r')
            continue;
        bits = bits << 6 | (uint32_t)value_of(s.p[i]);
        if (++k % 4 != 1) {
            unsigned shift = 2 * (4 - (unsigned)((k - 1) % 4 + 1));
            out[n++] = (char)(bits >> shift & 255);
        }
    }
    if (k % 4 == 1)
        return 0;
    for (size_t i = 0; i < n; i++)
        odd += (unsigned char)out[i] < 9 ||
               ((unsigned char)out[i] > 13 && out[i] < 32 && out[i] >= 0) ||
               out[i] == 127;
    for (const char *p = out; p < out + n;) {
        uint32_t cp;
        p += utf8_read(p, out + n, &cp);
        odd += cp == 0xFFFD;
    }
    return odd == 0 ? n : 0;
}

/* The surest of what is to be hidden in a run, score 0: nothing.  False: it is no text.
 */
static bool read_inside(struct window *w, struct str run, struct span *ret)
{
    char *out = arena_raw(w->a, run.n + 4);
    *ret = (struct span){.score = 0};
    if (!out) {
        w->failed = true;
        return true;
    }
    size_t n = decode(run, out);
    if (n < 8)
        return n > 0;
    struct window inner = {.sc = w->sc, .a = w->a, .depth = 1, .memo = w->memo};
    if (scan_window(&inner, (struct str){out, n}) < 0) {
        w->failed = true;
        return true;
    }
    w->steps += inner.steps;
    w->is_unsure |= inner.is_unsure;
    rule_set_join(&w->rules, &inner.rules);
    for (size_t i = 0; i < inner.nfound; i++)
        if (guard_type_group((enum guard_type)inner.found[i].type) != GROUP_LOW &&
            inner.found[i].score > ret->score)
            *ret = inner.found[i];
    return true;
}

/* False: it is no text. */
static bool look_inside(struct window *w, size_t start, size_t end)
{
    const struct arena_mark mark = arena_mark(w->a);
    struct span best;
    bool is_text = read_inside(w, (struct str){w->p + start, end - start}, &best);
    arena_back(w->a, mark); /* a text may have many runs */
    if (is_text && best.score > 0) {
        size_t before = w->nfound;
        propose(w, start, end, (enum guard_type)best.type, best.score, SAW_DECODED);
        if (w->nfound > before)
            w->found[before].rule = best.rule;
    }
    return is_text;
}

struct run {
    size_t start, body, end; /* body: characters before the padding */
    size_t digits, upper, lower;
};

/* A whole line of base64 stands here: groups of four and nothing else. */
static bool is_whole_line(const struct window *w, size_t at)
{
    size_t i = at;
    while (i < w->n && value_of(w->p[i]) >= 0)
        i++;
    size_t body = i - at;
    while (i < w->n && w->p[i] == '=')
        i++;
    return body > 0 && (i - at) % 4 == 0 &&
           (i == w->n || w->p[i] == '\n' || w->p[i] == '\r');
}

/* Mail and PEM break base64 into lines of 64 or 76: past such a line it goes on. */
static size_t next_line(const struct window *w, size_t line, size_t i)
{
    size_t at = i + (i < w->n && w->p[i] == '\r');
    if (i - line < LINE_LEAST || (i - line) % 4 || at + 1 >= w->n || w->p[at] != '\n' ||
        !is_whole_line(w, at + 1))
        return i;
    return at + 1;
}

static struct run read_run(const struct window *w, size_t start)
{
    struct run r = {.start = start};
    size_t i = start, line = start;
    for (;;) {
        for (; i < w->n && value_of(w->p[i]) >= 0; i++) {
            r.digits += is_digit(w->p[i]);
            r.upper += is_upper(w->p[i]);
            r.lower += is_lower(w->p[i]);
        }
        size_t next = next_line(w, line, i);
        if (next == i)
            break;
        line = i = next;
    }
    r.body = i - start;
    while (i < w->n && w->p[i] == '=' && i - start - r.body < 2)
        i++;
    r.end = i;
    return r;
}

/* Of the run another part may lie in a window beside this one. */
static bool is_cut(const struct window *w, const struct run *r)
{
    return (r->start == 0 && w->is_cut[0]) || (r->end == w->n && w->is_cut[1]);
}

static void look_at_run(struct window *w, const struct run *r)
{
    bool is_padded = r->end - r->start > r->body;
    if (r->upper < 2 || r->lower + r->digits < 2 ||
        (!r->digits && !is_padded && r->body <= 20))
        return;
    bool is_text = r->body <= MAX_RUN && look_inside(w, r->start, r->end);
    w->has_blob |= (!is_text && r->body >= BLOB_LEAST) ||
                   (is_cut(w, r) && r->body >= BLOB_LEAST / 2);
}

/* Behind "data:image/png;base64,", if that is what it begins with. */
static struct str without_head(struct str text)
{
    struct str head = str_sub(text, 0, HEAD_MOST);
    ptrdiff_t comma = str_starts_nocase(head, STR("data:")) ? str_index(head, ',') : -1;
    return comma < 0 ? text : str_sub(text, (size_t)comma + 1, text.n);
}

/* One run of base64 from end to end, in lines or not, that could be nothing else. */
static bool is_one_run(struct str s)
{
    size_t n = s.n, digits = 0, upper = 0, lower = 0;
    while (n > 0 && (s.p[n - 1] == '=' || s.p[n - 1] == '\n' || s.p[n - 1] == '\r'))
        n--;
    for (size_t i = 0; i < n; i++) {
        char c = s.p[i];
        if (value_of(c) < 0 && c != '\n' && c != '\r')
            return false;
        digits += is_digit(c);
        upper += is_upper(c);
        lower += is_lower(c);
    }
    return upper >= 2 && lower >= 2 && digits >= 2;
}

bool text_is_blob(struct str text, struct arena *a)
{
    struct str run = text.n < BLOB_LEAST ? text : without_head(text);
    if (LIKELY(run.n < BLOB_LEAST) || !is_one_run(run))
        return false;
    if (run.n > MAX_RUN)
        return true;
    char *out = arena_raw(a, run.n + 4);
    return out && decode(run, out) == 0;
}

void find_encoded(struct window *w)
{
    for (size_t i = 0; i + MIN_RUN <= w->n;) {
        size_t start = i + MIN_RUN;
        /* No run of that length begins before a byte that cannot be in one. */
        while (start > i && value_of(w->p[start - 1]) >= 0)
            start--;
        if (start > i) {
            i = start;
            continue;
        }
        const struct run r = read_run(w, i);
        look_at_run(w, &r);
        i = r.end;
    }
}
