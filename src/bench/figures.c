/* figures.c -- see figures.h. */
#include "bench/figures.h"

#include <math.h>

const char *const bench_as_names[AS_COUNT] = {"weir", "vllm", "aiperf", "guidellm",
                                              "llmperf"};

const struct bench_words bench_words[AS_COUNT] = {
    [AS_WEIR] = {"from the start to the first thought, text or call",
                 "(last content - first content) / (tokens - 1)",
                 "as inter-token latency",
                 "from the start to the last byte of the answer"},
    [AS_VLLM] = {"from the start to the first event with a choice, also an empty one",
                 "each gap between two events with a choice",
                 "(latency - TTFT) / (tokens - 1)",
                 "from the start to the last event with a choice"},
    [AS_AIPERF] = {"from the start to the first event that is not empty",
                   "(latency - TTFT) / (tokens - 1), a mean of each request",
                   "as inter-token latency",
                   "from the start to the last event with content"},
    [AS_GUIDELLM] = {"from the start to the first event with content",
                     "(last content - first content) / (tokens - 1)",
                     "(last content - start) / tokens, TTFT is in it",
                     "from the start to the last byte of the answer"},
    [AS_LLMPERF] = {"from the start to the first event with content",
                    "(TTFT + all gaps) / tokens", "as inter-token latency",
                    "from the start to the last byte of the answer"},
};

/* -- events ------------------------------------------------------------------------- */

static bool has_choice(const struct bench_event *e)
{
    return e->kind != BENCH_USAGE;
}

static bool has_content(const struct bench_event *e)
{
    return bench_is_content(e->kind);
}

static bool is_visible(const struct bench_event *e)
{
    return e->kind == BENCH_TEXT || e->kind == BENCH_ARGUMENTS;
}

static bool is_any(const struct bench_event *e)
{
    return e != NULL;
}

typedef bool counts_fn(const struct bench_event *e);

static counts_fn *counted_by(enum bench_as as)
{
    return as == AS_VLLM ? has_choice : has_content;
}

/* The stamps of the first and last that count, and how many do. */
struct extent {
    int64_t first_us, last_us;
    size_t n;
};

static struct extent extent_of(const struct bench_trace *t, counts_fn *counts)
{
    struct extent x = {0};
    for (size_t i = 0; i < t->nevents; i++) {
        if (!counts(&t->events[i]))
            continue;
        if (x.n++ == 0)
            x.first_us = t->events[i].at_us;
        x.last_us = t->events[i].at_us;
    }
    return x;
}

static double ms(int64_t us)
{
    return (double)us / 1e3;
}

static double share(double sum, double n)
{
    return n > 0 ? sum / n : NAN;
}

/* -- one request -------------------------------------------------------------------- */

static double tokens_of(const struct bench_trace *t, bool *ret_told)
{
    *ret_told = t->usage.is_known && t->usage.output_tokens > 0;
    if (*ret_told)
        return (double)t->usage.output_tokens;
    return (double)extent_of(t, has_content).n;
}

static double latency_of(const struct bench_trace *t, enum bench_as as,
                         const struct extent *x, int64_t from)
{
    if (as != AS_VLLM && as != AS_AIPERF)
        return ms(t->end_us - from);
    return x->n ? ms(x->last_us - from) : NAN;
}

static double tpot_of(const struct bench_trace *t, enum bench_as as,
                      const struct extent *x, const struct bench_figures *f, int64_t from)
{
    switch (as) {
    case AS_VLLM:
    case AS_AIPERF:
        return share(f->latency_ms - f->ttft_ms, f->tokens - 1);
    case AS_GUIDELLM:
        return x->n ? share(ms(x->last_us - from), f->tokens) : NAN;
    case AS_LLMPERF: { /* its clock runs over every event of the stream */
        struct extent all = extent_of(t, is_any);
        return all.n ? share(ms(all.last_us - from), f->tokens) : NAN;
    }
    case AS_WEIR:
    case AS_COUNT:
        break;
    }
    return x->n > 1 ? share(ms(x->last_us - x->first_us), f->tokens - 1) : NAN;
}

/* The mean of a request; of vLLM's the mean of its gaps. */
static double itl_of(const struct bench_trace *t, enum bench_as as,
                     const struct extent *x, const struct bench_figures *f)
{
    if (as == AS_VLLM)
        return x->n > 1 ? ms(x->last_us - x->first_us) / (double)(x->n - 1) : NAN;
    if (as == AS_GUIDELLM)
        return x->n > 1 ? share(ms(x->last_us - x->first_us), f->tokens - 1) : NAN;
    (void)t;
    return f->tpot_ms;
}

void bench_figures(const struct bench_trace *t, enum bench_as as, bool is_intended,
                   struct bench_figures *ret)
{
    int64_t from = is_intended && t->intended_us ? t->intended_us : t->start_us;
    struct extent x = extent_of(t, counted_by(as));
    struct extent content = extent_of(t, has_content), visible = extent_of(t, is_visible);
    *ret = (struct bench_figures){0};
    ret->tokens = tokens_of(t, &ret->are_tokens_told);
    ret->ttft_ms = x.n ? ms(x.first_us - from) : NAN;
    ret->visible_ms = visible.n ? ms(visible.first_us - from) : NAN;
    ret->latency_ms = latency_of(t, as, &x, from);
    ret->tpot_ms = tpot_of(t, as, &x, ret, from);
    ret->itl_ms = itl_of(t, as, &x, ret);
    ret->late_ms = t->intended_us ? ms(t->start_us - t->intended_us) : 0;
    double made_ms = content.n > 1 ? ms(content.last_us - content.first_us) : 0;
    ret->tokens_per_s = made_ms > 0 ? 1000 * (ret->tokens - 1) / made_ms : NAN;
}

/* -- gaps --------------------------------------------------------------------------- */

int bench_gaps(const struct bench_trace *t, enum bench_as as, struct sample *ret,
               struct err *err)
{
    struct bench_figures f;
    counts_fn *counts = counted_by(as);
    const struct bench_event *before = NULL;
    bench_figures(t, as, false, &f);
    if (as != AS_WEIR && as != AS_VLLM)
        return sample_add(ret, f.itl_ms, err);
    struct extent x = extent_of(t, counts);
    /* Tokens of an average event: what one gap is shared by. */
    double tokens =
        as == AS_WEIR && x.n > 1 && f.tokens > 1 ? (f.tokens - 1) / (double)(x.n - 1) : 1;
    for (size_t i = 0; i < t->nevents; i++) {
        if (!counts(&t->events[i]))
            continue;
        if (before &&
            sample_add(ret, ms(t->events[i].at_us - before->at_us) / tokens, err) < 0)
            return -1;
        before = &t->events[i];
    }
    return 0;
}
