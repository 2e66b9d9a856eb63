/* trace.h -- what one request of a benchmark did, as stamps of time.
 *
 * All stamps are microseconds of the monotonic clock, taken when bytes had just been read
 * from the socket and before anything was parsed: what weir itself does afterwards is in
 * none of them.  A trace holds no text: only when something came, of which kind, and how
 * many bytes of it.
 *
 * figures.h makes numbers of it, by weir's definitions or by those of other tools. */
#ifndef WEIR_BENCH_TRACE_H
#define WEIR_BENCH_TRACE_H

#include "core/buf.h"
#include "core/err.h"
#include "dialect/event.h"

/* What an event of a stream brought. */
enum bench_kind {
    BENCH_OPENING,   /* who speaks, or an empty piece: no token yet */
    BENCH_THOUGHT,   /* reasoning */
    BENCH_TEXT,      /* of the answer itself */
    BENCH_ARGUMENTS, /* a tool's name or arguments */
    BENCH_FINISH,    /* a choice has ended, and nothing was said in the same event */
    BENCH_USAGE      /* token counts alone */
};
static inline bool bench_is_content(enum bench_kind k)
{
    return k == BENCH_THOUGHT || k == BENCH_TEXT || k == BENCH_ARGUMENTS;
}

struct bench_event {
    int64_t at_us;
    uint32_t bytes; /* of text in it; an estimate of size, not tokens */
    enum bench_kind kind;
};

/* How a request ended. */
enum bench_end {
    BENCH_OPEN, /* it has not */
    BENCH_DONE,
    BENCH_FAILED,   /* refused, broken off, or late: `code` says why */
    BENCH_CANCELLED /* the run was stopped before it ended; it is in no figure */
};

/* 0 stands for "has not happened". */
struct bench_trace {
    int64_t intended_us; /* when the schedule wanted it to start */
    int64_t start_us;    /* when it was handed to the transport */
    int64_t head_us;     /* the answer's head had come */
    int64_t end_us;      /* its last byte had come, or it failed */
    struct bench_event *events;
    size_t nevents, room;
    struct usage usage; /* as the engine told it */
    uint32_t workload;  /* index of its prompt */
    uint32_t number;    /* the digits of its mark (workload.h) */
    int status;         /* of HTTP; 0: no answer */
    enum bench_end end;
    bool is_cold;   /* the first request of a model that may not have been in memory */
    bool is_warmup; /* in no figure */
    char code[40];  /* of a failure */
};

void bench_trace_init(struct bench_trace *t); /* allocates nothing yet */
void bench_trace_release(struct bench_trace *t);
/* Appends an event.  -1: no memory (err may be NULL). */
int bench_trace_add(struct bench_trace *t, int64_t at_us, enum bench_kind kind,
                    uint32_t bytes, struct err *err);

/* Appends it as one line of JSON, with the names of its target, workload and load; times
 * are microseconds of the monotonic clock, an event is [time, kind, bytes]. */
void bench_trace_write(const struct bench_trace *t, struct str target,
                       struct str workload, struct str load, struct buf *out);

/* The first event of the kind; NULL: none came. */
const struct bench_event *bench_trace_first(const struct bench_trace *t,
                                            enum bench_kind kind);

#endif
