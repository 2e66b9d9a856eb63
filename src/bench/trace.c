/* trace.c -- see trace.h. */
#include "bench/trace.h"

#include "core/mem.h"

enum { FIRST_EVENTS = 64 };

void bench_trace_init(struct bench_trace *t)
{
    *t = (struct bench_trace){.events = NULL};
}

void bench_trace_release(struct bench_trace *t)
{
    mem_free(t->events);
    bench_trace_init(t);
}

int bench_trace_add(struct bench_trace *t, int64_t at_us, enum bench_kind kind,
                    uint32_t bytes, struct err *err)
{
    if (t->nevents == t->room) {
        size_t room = t->room ? 2 * t->room : FIRST_EVENTS;
        struct bench_event *events = mem_realloc(t->events, room * sizeof *events);
        if (!events)
            return err_nomem(err);
        t->events = events;
        t->room = room;
    }
    t->events[t->nevents++] =
        (struct bench_event){.at_us = at_us, .bytes = bytes, .kind = kind};
    return 0;
}

const struct bench_event *bench_trace_first(const struct bench_trace *t,
                                            enum bench_kind kind)
{
    for (size_t i = 0; i < t->nevents; i++)
        if (t->events[i].kind == kind)
            return &t->events[i];
    return NULL;
}
