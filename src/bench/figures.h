/* figures.h -- numbers of one request, by the definition that is asked for.
 *
 * Benchmarks of language models use the same words for different things. The same trace
 * gives here what each of them would print:
 *
 * weir      TTFT: start to the first event with content (a thought, text or a call).
 *           First visible: ... to the first text or call.  ITL: (last content - first
 *           content) / (tokens - 1), so a chunk with five tokens counts as five.  TPOT is
 *           the same.  Latency: start to the answer's last byte.
 * vllm      TTFT: start to the first event with a choice, also one that says only who
 *           speaks.  ITL: every gap between events with a choice, whatever they hold.
 *           Latency: start to the last of them.  TPOT: (latency - TTFT) / (tokens - 1).
 *           Source: vLLM, benchmarks, backend_request_func.py and benchmark_serving.py.
 * aiperf    TTFT: start to the first event that is not empty.  Latency: start to the last
 *           event with content.  ITL and TPOT: (latency - TTFT) / (tokens - 1), one value
 * a request.  Source: NVIDIA AIPerf, metrics reference. guidellm  TTFT: start to the
 * first event with content.  ITL: (last - first) / (tokens - 1).  TPOT: (last - start) /
 * tokens, which holds the TTFT.  Latency: to the end. Source: GuideLLM, metrics
 * documentation. llmperf   TTFT: start to the first event with content.  ITL and TPOT:
 * (TTFT + all gaps) / tokens.  Latency: to the end.  Source: ray-project/llmperf, its
 * OpenAI client.
 *
 * Tokens are those that the engine tells in its usage; where it tells none, events with
 * content are counted instead, and `are_tokens_told` is false.  What cannot be said is
 * not a number.  Pure. */
#ifndef WEIR_BENCH_FIGURES_H
#define WEIR_BENCH_FIGURES_H

#include "bench/trace.h"
#include "eval/sample.h"

enum bench_as { AS_WEIR, AS_VLLM, AS_AIPERF, AS_GUIDELLM, AS_LLMPERF, AS_COUNT };
extern const char *const bench_as_names[AS_COUNT];
/* For people: what is measured, a line for each of TTFT, ITL, TPOT and latency. */
struct bench_words {
    const char *ttft, *itl, *tpot, *latency;
};
extern const struct bench_words bench_words[AS_COUNT];

struct bench_figures {
    double ttft_ms, visible_ms, itl_ms, tpot_ms, latency_ms;
    double tokens;       /* of output */
    double tokens_per_s; /* of output, while it was being made: 1000 / TPOT by weir's
                          * definition, whichever is asked for */
    double late_ms;      /* start - intended: what the schedule could not do in time */
    bool are_tokens_told;
};

/* Of a request that is BENCH_DONE.  From `intended_us` where is_intended, so that what a
 * stalled engine kept from starting counts as its delay; else from `start_us`. */
void bench_figures(const struct bench_trace *t, enum bench_as as, bool is_intended,
                   struct bench_figures *ret);

/* Appends the gaps between events that this definition calls inter-token latencies, in
 * milliseconds: each gap for weir and vllm (weir's divided by the tokens that an average
 * event holds), one mean a request for the others.  -1: no memory. */
int bench_gaps(const struct bench_trace *t, enum bench_as as, struct sample *ret,
               struct err *err);

#endif
