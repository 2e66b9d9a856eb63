/* context.c -- what names a value: a word before it, a key, a column's head.
 *
 * A caption speaks for what follows it closely; a caption of another class in between
 * takes its place, which is what keeps "account 096623159977 at routing 029626643"
 * apart.  Column heads are read where a line of them is followed by lines with as many
 * separators (CSV), and in the INSERT INTO t (a, b) VALUES (x, y) of SQL. */
#include "scan/detect.h"

#include <stdlib.h>

enum { BEFORE_BYTES = 64, AFTER_BYTES = 24, MAX_COLUMNS = 64 };

void propose(struct window *w, size_t start, size_t end, enum guard_type t, int score,
             enum guard_evidence e)
{
    if (start >= end || end > w->n || w->failed)
        return;
    if (w->nfound == w->cap_found) {
        size_t cap = w->cap_found ? 2 * w->cap_found : 64;
        struct span *v = arena_array(w->a, struct span, cap);
        if (!v) {
            w->failed = true;
            return;
        }
        if (w->nfound)
            memcpy(v, w->found, w->nfound * sizeof *v);
        w->found = v;
        w->cap_found = cap;
    }
    w->found[w->nfound++] = (struct span){.start = (uint32_t)start,
                                          .end = (uint32_t)end,
                                          .type = (uint16_t)t,
                                          .score = (uint8_t)(score > 100 ? 100 : score),
                                          .evidence = (uint8_t)e};
}

/* First caption that begins at or after pos. */
static size_t hit_at(const struct window *w, size_t pos)
{
    size_t lo = 0, hi = w->nhit;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (w->hit[mid].start < pos)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Fields are sorted and do not overlap: the last that begins before is the only one. */
bool field_is(const struct window *w, size_t start, size_t end, enum word_class c)
{
    size_t lo = 0, hi = w->nfield;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (w->field[mid].start <= start)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo > 0 && w->field[lo - 1].cls == c && end <= w->field[lo - 1].end;
}

bool is_caption_near(const struct window *w, size_t start, size_t end)
{
    size_t from = start > BEFORE_BYTES ? start - BEFORE_BYTES : 0;
    size_t at = hit_at(w, from);
    if (at > 0 && w->hit[at - 1].end >= from)
        return true;
    return w->nfield || (at < w->nhit && w->hit[at].start <= end + AFTER_BYTES);
}

int caption_distance(const struct window *w, size_t start, size_t end, enum word_class c)
{
    if (field_is(w, start, end, c))
        return 0;
    size_t at = hit_at(w, start);
    int rank = 0;
    for (size_t i = at; i > 0; i--) {
        const struct caption_hit *h = &w->hit[i - 1];
        if (h->end > start)
            continue;
        if (start - h->end > BEFORE_BYTES)
            break;
        if (h->cls == c)
            return (int)(start - h->end) + 8 * rank;
        rank++;
    }
    for (size_t i = at; i < w->nhit; i++) {
        const struct caption_hit *h = &w->hit[i];
        if (h->start < end)
            continue;
        if (h->start - end > AFTER_BYTES)
            break;
        if (memchr(w->p + end, '\n', h->start - end))
            break;
        if (h->cls == c)
            return BEFORE_BYTES + (int)(h->start - end);
    }
    return -1;
}

static void add_field(struct window *w, size_t start, size_t end, uint8_t cls)
{
    if (w->nfield == w->cap_field) {
        size_t cap = w->cap_field ? 2 * w->cap_field : 64;
        struct field *v = arena_array(w->a, struct field, cap);
        if (!v) {
            w->failed = true;
            return;
        }
        if (w->nfield)
            memcpy(v, w->field, w->nfield * sizeof *v);
        w->field = v;
        w->cap_field = cap;
    }
    w->field[w->nfield++] = (struct field){(uint32_t)start, (uint32_t)end, cls};
}

struct columns {
    uint8_t cls[MAX_COLUMNS];
    size_t n, captioned;
    char sep;
};

/* The class of a column's head: that of its last announcing word. */
static uint8_t head_class(const struct window *w, size_t start, size_t end)
{
    uint8_t cls = CLS_NONE;
    for (size_t i = hit_at(w, start); i < w->nhit && w->hit[i].end <= end; i++)
        cls = w->hit[i].cls == CLS_NAME && cls ? cls : w->hit[i].cls;
    return cls;
}

static void read_heads(const struct window *w, size_t start, size_t end, char sep,
                       struct columns *ret)
{
    *ret = (struct columns){.sep = sep};
    size_t begin = start;
    for (size_t i = start; i <= end && ret->n < MAX_COLUMNS; i++) {
        if (i < end && w->p[i] != sep)
            continue;
        if (i - begin > 40) {
            ret->n = 0; /* prose, not heads */
            return;
        }
        ret->cls[ret->n] = head_class(w, begin, i);
        ret->captioned += ret->cls[ret->n] != CLS_NONE;
        ret->n++;
        begin = i + 1;
    }
}

/* Marks the fields of one line; false when it has another number of them. */
static bool mark_row(struct window *w, size_t start, size_t end, const struct columns *c)
{
    size_t from[MAX_COLUMNS], to[MAX_COLUMNS], n = 0, begin = start;
    bool quoted = false;
    for (size_t i = start; i <= end; i++) {
        if (i < end && (w->p[i] == '"' || (w->p[i] == '\'' && c->sep == ',')))
            quoted = !quoted;
        if (i < end && (w->p[i] != c->sep || quoted))
            continue;
        if (n == MAX_COLUMNS)
            return false;
        from[n] = begin;
        to[n++] = i;
        begin = i + 1;
    }
    if (n != c->n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (c->cls[i])
            add_field(w, from[i], to[i], c->cls[i]);
    return true;
}

static size_t line_end(const struct window *w, size_t from)
{
    const char *nl = from < w->n ? memchr(w->p + from, '\n', w->n - from) : NULL;
    return nl ? (size_t)(nl - w->p) : w->n;
}

static void find_tables(struct window *w)
{
    static const char seps[] = {',', ';', '\t', '|'};
    size_t hit = 0;
    for (size_t start = 0; start < w->n;) {
        size_t end = line_end(w, start), next = end + 1;
        while (hit < w->nhit && w->hit[hit].start < start)
            hit++;
        if (hit == w->nhit)
            return; /* no further line has a caption */
        bool may_be = w->hit[hit].end <= end && end - start > 6 && end - start < 600;
        for (size_t s = 0; s < sizeof seps && may_be; s++) {
            struct columns c;
            if (!memchr(w->p + start, seps[s], end - start))
                continue;
            read_heads(w, start, end, seps[s], &c);
            if (c.n < 2 || c.captioned < 1 || 2 * c.captioned + 1 < c.n)
                continue;
            size_t row = next;
            while (row < w->n) {
                size_t stop = line_end(w, row);
                if (!mark_row(w, row, stop, &c))
                    break;
                row = stop + 1;
            }
            if (row > next) {
                next = row;
                break;
            }
        }
        start = next;
    }
}

/* INSERT INTO t (a, b) VALUES ('x', 'y'), ... */
static void find_inserts(struct window *w)
{
    struct str text = {w->p, w->n};
    for (size_t at = 0; at < w->n;) {
        ptrdiff_t found = str_find(str_sub(text, at, w->n), STR("INSERT INTO"));
        if (found < 0)
            found = str_find(str_sub(text, at, w->n), STR("insert into"));
        if (found < 0)
            return;
        at += (size_t)found + 11;
        const char *open = memchr(w->p + at, '(', w->n - at);
        const char *close = open ? memchr(open, ')', (size_t)(w->p + w->n - open)) : NULL;
        if (!close)
            return;
        struct columns c;
        read_heads(w, (size_t)(open + 1 - w->p), (size_t)(close - w->p), ',', &c);
        const char *p = close + 1;
        while ((p = memchr(p, '(', (size_t)(w->p + w->n - p))) != NULL) {
            close = memchr(p, ')', (size_t)(w->p + w->n - p));
            if (!close ||
                !mark_row(w, (size_t)(p + 1 - w->p), (size_t)(close - w->p), &c))
                break;
            p = close + 1;
        }
    }
}

static int by_start(const void *a, const void *b)
{
    const struct field *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

void find_fields(struct window *w)
{
    find_tables(w);
    find_inserts(w);
    if (w->nfield)
        qsort(w->field, w->nfield, sizeof *w->field, by_start);
}
