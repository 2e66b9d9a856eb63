/* said.h -- short texts put together without printf: a decision is explained each time.
 */
#ifndef WEIR_ROUTE_LEARNED_SAID_H
#define WEIR_ROUTE_LEARNED_SAID_H

#include "core/str.h"

struct said {
    char *p; /* always ends in NUL */
    size_t n, cap;
};

static inline void said_text(struct said *s, const char *text)
{
    size_t n = strlen(text), room = s->cap - 1 - s->n;
    if (n > room)
        n = room;
    memcpy(s->p + s->n, text, n);
    s->n += n;
    s->p[s->n] = '\0';
}

/* Thousandths: -1234 is "-1.234". */
static inline void said_thousandths(struct said *s, long v)
{
    char text[24], *at = text + sizeof text - 1;
    unsigned long u = v < 0 ? (unsigned long)-v : (unsigned long)v;
    *at = '\0';
    for (int i = 0; i < 5 || u; i++) {
        if (i == 3) {
            *--at = '.';
            continue;
        }
        *--at = (char)('0' + u % 10);
        u /= 10;
    }
    if (v < 0)
        *--at = '-';
    said_text(s, at);
}

#endif
