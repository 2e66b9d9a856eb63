/* summary.h -- what a run says: the figures of its requests together.
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
};

/* -1: no memory.  bench_summary_release() afterwards, also then. */
int bench_summarise(const struct bench_result *r, const struct bench_load *l,
                    enum bench_as as, const struct bench_slo *slo,
                    struct bench_summary *ret, struct err *err);
void bench_summary_release(struct bench_summary *s);

/* A closed loop would have hidden a stall: the 99th percentile from the intended start
 * is at least twice that from the actual one, and 100 ms more. */
bool bench_summary_omits(struct bench_summary *s);

#endif
