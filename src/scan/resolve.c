/* resolve.c -- of spans that overlap, one stays: the surer, then the longer.
 *
 * A span that holds another of nearly the same sureness wins over it: a connection
 * string over the password in it, an address over the town.  An address never wins over a
 * number that must stay and is named ("SV-Nummer 65 170839"): it would only be masked.
 *
 * And what is left begins with a word: not with the letter at the end of "Seat12A". */
#include "scan/detect.h"

#include <stdlib.h>

/* Sureness with a little for length, so that a frame beats its parts.  What is nothing
 * to hide never hides what is. */
static int weight(const struct span *s)
{
    uint32_t len = s->end - s->start;
    bool low = guard_type_group((enum guard_type)s->type) == GROUP_LOW;
    return s->score * 4 + (int)(len > 60 ? 60 : len) * 2 - (low ? 400 : 0);
}

static int by_weight(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    int d = weight(y) - weight(x);
    if (d)
        return d;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (int)x->type - (int)y->type;
}

static int by_start(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Where s would go among the sorted kept spans; n + 1 when one overlaps it. */
static size_t place(const struct span *kept, size_t n, const struct span *s)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (kept[mid].start < s->end)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo > 0 && kept[lo - 1].end > s->start ? n + 1 : lo;
}

/* Whether a value that must stay, and that its name makes sure, lies in this address (of
 * a house or for mail: https://token@host), or over this telephone. */
static bool gives_way(const struct span *s, const struct span *v, size_t n)
{
    enum { SURE = 70 };
    bool is_phone = s->type == TYPE_PHONE;
    bool yields = is_phone || s->type == TYPE_ADDRESS || s->type == TYPE_EMAIL;
    for (size_t i = 0; yields && i < n; i++) {
        enum guard_group g = guard_type_group((enum guard_type)v[i].type);
        bool stays = g == GROUP_NATIONAL_ID || g == GROUP_GOV_DOC || g == GROUP_BANK ||
                     g == GROUP_HEALTH_ID || g == GROUP_SECRET;
        bool covers = v[i].start <= s->start && s->end < v[i].end;
        if (stays && v[i].score >= SURE && v[i].start < s->end && s->start < v[i].end &&
            (covers || !is_phone))
            return true;
    }
    return false;
}

/* Keeps, in v, the spans of one cluster (overlapping neighbours) that survive. */
static size_t resolve_cluster(struct span *v, size_t n)
{
    struct span kept[64];
    size_t nkept = 0;
    if (n == 1)
        return 1;
    qsort(v, n, sizeof *v, by_weight);
    for (size_t i = 0; i < n && nkept < ARRAY_LEN(kept); i++) {
        size_t at = place(kept, nkept, &v[i]);
        if (at > nkept || gives_way(&v[i], v, n))
            continue;
        memmove(&kept[at + 1 < ARRAY_LEN(kept) ? at + 1 : at], &kept[at],
                (at + 1 < ARRAY_LEN(kept) ? nkept - at : 0) * sizeof *kept);
        kept[at] = v[i];
        nkept++;
    }
    memcpy(v, kept, nkept * sizeof *kept);
    return nkept;
}

static bool is_sorted(const struct span *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (by_start(&v[i - 1], &v[i]) > 0)
            return false;
    return true;
}

size_t resolve_spans(struct span *v, size_t n)
{
    size_t out = 0;
    if (n == 0)
        return 0;
    if (!is_sorted(v, n))
        qsort(v, n, sizeof *v, by_start);
    for (size_t i = 0; i < n;) {
        size_t j = i + 1;
        uint32_t end = v[i].end;
        while (j < n && v[j].start < end) {
            if (v[j].end > end)
                end = v[j].end;
            j++;
        }
        size_t k = resolve_cluster(v + i, j - i);
        memmove(v + out, v + i, k * sizeof *v);
        out += k;
        i = j;
    }
    return out;
}

/* Where it begins without its first token, a letter that ends another word. */
static uint32_t start_of_next_word(const struct window *w, size_t k, uint32_t end)
{
    for (k++; k < w->ntok && w->tok[k].start < end; k++)
        if (w->tok[k].kind == TOK_WORD)
            return w->tok[k].start;
    return end;
}

void drop_glued_letters(struct window *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span s = w->found[i];
        bool is_glued = s.start > 0 && is_alpha(w->p[s.start]) &&
                        is_alnum(w->p[s.start - 1]) &&
                        guard_type_group((enum guard_type)s.type) == GROUP_PERSON;
        size_t k = is_glued ? token_at(w, s.start) : 0;
        if (is_glued && w->tok[k].start == s.start && w->tok[k].end == s.start + 1)
            s.start = start_of_next_word(w, k, s.end);
        if (s.start < s.end)
            w->found[n++] = s;
    }
    w->nfound = n;
}
