/* context.c -- what names a value: a word before it, a key, a column's head.
 *
 * A caption speaks for what follows it closely; a caption of another class in between
 * takes its place, which is what keeps "account 096623159977 at routing 029626643"
 * apart.  Stretches that a key or a column's head names are fields (pairs.c). */
#include "scan/detect.h"

#include <stdlib.h>

enum { BEFORE_BYTES = 64, AFTER_BYTES = 24 };

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

void add_field(struct window *w, size_t start, size_t end, uint8_t cls)
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

static int by_start(const void *a, const void *b)
{
    const struct field *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

void sort_fields(struct window *w)
{
    if (w->nfield)
        qsort(w->field, w->nfield, sizeof *w->field, by_start);
}
