/* summary.h -- what a run says: the figures of its requests together.
 *
 * Each request is added when it has ended; what is kept of it are its numbers.
 *
 * Warm-ups and cancelled requests are in none; failed ones are counted by their reason
 * and are in no latency.  Cold and warm first tokens stand apart.  What was not measured
 * is not a number, and a count of nothing is 0. */
#ifndef WEIR_BENCH_SUMMARY_H
#define WEIR_BENCH_SUMMARY_H

#include "bench/figures.h"
#include "bench/run.h"

enum { BENCH_MAX_REASONS = 8 };

/* What a request must keep to count as good; NAN: no limit. */
struct bench_slo {
    double ttft_ms, itl_ms, latency_ms;
};

struct bench_reason {
    char code[40];
    uint32_t n;
};

/* What one measured request did, for a chart over time; milliseconds, NAN: unknown. */
struct bench_point {
    float begun_s; /* from the beginning of the load, when it was wanted */
    float ttft_ms, latency_ms;
};

struct bench_summary {
    uint32_t done, failed, cancelled;
    uint32_t untold; /* done, and the engine told no token counts: events are counted */
    uint32_t unvisible;  /* done, without a text or a call that a person would see */
    double cold_ttft_ms; /* of the first warm-up */
    struct sample ttft, visible, itl, tpot, latency, gaps, jitter, speed, late;
    /* Of open loops: the same latencies from the actual start, as a tool would show them
     * that does not count what a stall kept from starting. */
    struct sample from_start;
    double seconds;        /* the load took so long */
    double requests_per_s; /* done */
    double tokens_per_s;   /* of output, all requests together */
    double good_per_s;     /* done within the SLO; NAN: none was given */
    uint32_t good;
    uint64_t input_tokens, cached_tokens, output_tokens, reasoning_tokens;
    struct bench_reason
        reasons[BENCH_MAX_REASONS]; /* of failures, the most frequent first */
    size_t nreasons;
    struct bench_point *points; /* of those that are done, in the order of their ends */
    size_t npoints, room;
    int64_t first_us; /* the beginning of the first point's request */
    enum bench_as as;
    struct bench_slo slo;
    bool is_open_loop;
};

/* Begins with nothing; bench_summary_release() afterwards. */
void bench_summary_begin(struct bench_summary *s, const struct bench_load *l,
                         enum bench_as as, const struct bench_slo *slo);
/* A request that has ended.  -1: no memory. */
int bench_summary_add(struct bench_summary *s, const struct bench_trace *t,
                      struct err *err);
/* The rates of the whole run, when it is over. */
void bench_summary_end(struct bench_summary *s, const struct bench_result *r);
void bench_summary_release(struct bench_summary *s);

/* A closed loop would have hidden a stall: the 99th percentile from the intended start
 * is at least twice that from the actual one, and 100 ms more. */
bool bench_summary_omits(struct bench_summary *s);

#endif
