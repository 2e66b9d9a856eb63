/* span_places.c -- see span_places.h. */
#include "scan/names/span_places.h"

enum { STRETCH = 64 };

struct place_node {
    uint32_t span, next;
};

bool span_places_init(struct span_places *p, const struct window *w)
{
    size_t n = w->n / STRETCH + 1;
    *p = (struct span_places){.w = w, .first = arena_array(w->a, uint32_t, n)};
    if (p->first)
        memset(p->first, 0, n * sizeof *p->first);
    return p->first != NULL;
}

static bool add(struct span_places *p, size_t stretch, size_t span)
{
    if (p->nnode == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 256;
        struct place_node *v = arena_array(p->w->a, struct place_node, cap);
        if (!v)
            return false;
        if (p->nnode)
            memcpy(v, p->node, p->nnode * sizeof *v);
        p->node = v;
        p->cap = cap;
    }
    p->node[p->nnode++] = (struct place_node){(uint32_t)span, p->first[stretch]};
    p->first[stretch] = (uint32_t)p->nnode;
    return true;
}

struct place_walk span_places_on(struct span_places *p, size_t start, size_t end)
{
    for (; p->nspan < p->w->nfound; p->nspan++) {
        const struct span *s = &p->w->found[p->nspan];
        for (size_t k = s->start / STRETCH;
             s->start < s->end && k <= (s->end - 1) / STRETCH; k++)
            if (!add(p, k, p->nspan))
                break;
    }
    return (struct place_walk){start, end, start / STRETCH, p->first[start / STRETCH]};
}

bool span_places_next(const struct span_places *p, struct place_walk *k, size_t *ret)
{
    for (;;) {
        while (k->next) {
            const struct place_node *n = &p->node[k->next - 1];
            const struct span *s = &p->w->found[n->span];
            k->next = n->next;
            if (s->start < k->end && s->end > k->start) {
                *ret = n->span;
                return true;
            }
        }
        if ((k->stretch + 1) * STRETCH >= k->end)
            return false;
        k->next = p->first[++k->stretch];
    }
}
