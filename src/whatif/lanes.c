/* lanes.c -- see lanes.h. */
#include "whatif/lanes.h"

#include "core/mem.h"

int lanes_init(struct lanes *l, uint32_t n, struct err *err)
{
    *l = (struct lanes){.n = n};
    l->free_ms = mem_zalloc(n * sizeof *l->free_ms);
    return l->free_ms ? 0 : err_nomem(err);
}

void lanes_release(struct lanes *l)
{
    mem_free(l->free_ms);
    *l = (struct lanes){.n = 0};
}

double lanes_begin(const struct lanes *l, double arrives_ms)
{
    return l->free_ms[0] > arrives_ms ? l->free_ms[0] : arrives_ms;
}

/* The first has become later: down to its place. */
static void sink(struct lanes *l)
{
    for (uint32_t i = 0;;) {
        uint32_t least = i;
        for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < l->n; child++)
            if (l->free_ms[child] < l->free_ms[least])
                least = child;
        if (least == i)
            return;
        double moved = l->free_ms[i];
        l->free_ms[i] = l->free_ms[least];
        l->free_ms[least] = moved;
        i = least;
    }
}

double lanes_enter(struct lanes *l, double arrives_ms, double takes_ms)
{
    double begins = lanes_begin(l, arrives_ms);
    l->free_ms[0] = begins + takes_ms;
    l->busy_ms += takes_ms;
    sink(l);
    return begins - arrives_ms;
}
