/* checked.c -- which of the values found have right check digits.
 *
 * A value may be found as something else than the number it is: a password, a number
 * without a kind, base64.  So detectors note where right check digits stand, and when all
 * is found, whatever lies there is marked. */
#include "scan/detect.h"

#include <stdlib.h>

void note_checked(struct window *w, size_t start, size_t end)
{
    if (w->nchecked == w->cap_checked) {
        size_t cap = w->cap_checked ? 2 * w->cap_checked : 16;
        struct field *v = arena_array(w->a, struct field, cap);
        if (!v) {
            w->failed = true;
            return;
        }
        if (w->nchecked)
            memcpy(v, w->checked, w->nchecked * sizeof *v);
        w->checked = v;
        w->cap_checked = cap;
    }
    w->checked[w->nchecked++] = (struct field){(uint32_t)start, (uint32_t)end, CLS_NONE};
}

static int by_start(const void *a, const void *b)
{
    const struct field *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* Does one of them overlap s?  Those before *from end before s begins. */
static bool is_noted(const struct window *w, const struct span *s, size_t *from)
{
    while (*from < w->nchecked && w->checked[*from].end <= s->start)
        ++*from;
    for (size_t i = *from; i < w->nchecked && w->checked[i].start < s->end; i++)
        if (w->checked[i].end > s->start)
            return true;
    return false;
}

void mark_checked(struct window *w)
{
    size_t from = 0;
    if (w->nchecked > 1)
        qsort(w->checked, w->nchecked, sizeof *w->checked, by_start);
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        if (i > 0 && s->start < w->found[i - 1].start)
            from = 0;
        s->is_checked = is_noted(w, s, &from) ||
                        has_check_of((enum guard_type)s->type,
                                     (struct str){w->p + s->start, s->end - s->start});
    }
}
