/* sums.h -- what the rows add up to, from hourly sums: ten million rows in well under
 * a second.  The broken hours at both ends of a span are added row by row, so a span
 * is exact to the millisecond.
 *
 * Money and tokens stand where they were spent: a line by side, engine, model or purpose
 * has those of the legs there, also of requests that another engine answered in the end
 * (these count in failed_attempts and not in requests). */
#ifndef WEIR_LEDGER_INDEX_SUMS_H
#define WEIR_LEDGER_INDEX_SUMS_H

#include "ledger/ledger.h"

enum sums_by {
    SUMS_BY_DAY,  /* UTC */
    SUMS_BY_HOUR, /* UTC: "2026-11-30T09:00Z" */
    SUMS_BY_SIDE,
    SUMS_BY_ENGINE,
    SUMS_BY_MODEL,
    SUMS_BY_LABEL,
    SUMS_BY_KEY,
    SUMS_BY_POLICY,
    SUMS_BY_PURPOSE, /* of legs; a request counts where its own leg does */
    SUMS_BY_COUNT
};
const char *sums_by_name(enum sums_by by); /* "day", "side", ... */
bool sums_by_parse(struct str word, enum sums_by *ret);

struct ledger_sums {
    struct str words[SUMS_BY_COUNT]; /* in the order asked for; "" for none */
    uint64_t requests, outcomes[OUTCOME_COUNT];
    uint64_t
        local_ok; /* answered in full on the local side, and no leg left for the cloud */
    uint64_t input_tokens, cached_tokens, cache_write_tokens, output_tokens,
        reasoning_tokens;
    uint64_t estimated; /* requests whose tokens the engine did not report */
    int64_t cost_nanousd;
    uint64_t cost_unknown; /* legs whose cost nobody knows; not in cost_nanousd */
    /* Legs that failed, while another one ended the request. */
    uint64_t failed_attempts;
    uint64_t local_after_cloud; /* requests on the local side, first sent to the cloud */
    uint64_t cloud_unreached; /* requests on the cloud side of which no byte got there */
    uint64_t request_bytes, answer_bytes;
    uint64_t ttft_ms, ttft_count, total_ms; /* sums; divide by count and requests */
};

struct ledger_sums_query {
    struct str state_dir;
    uint64_t since_ms, until_ms; /* 0: open */
    enum sums_by by[SUMS_BY_COUNT];
    size_t nby;     /* 0: one line, the total */
    bool is_glance; /* see ledger_query */
};
typedef int ledger_sums_fn(void *ctx, const struct ledger_sums *s);

/* Lines come ordered by their words, days first to last.  An empty ledger gives no
 * line.  Errors as ledger_read(). */
int ledger_sum(const struct ledger_sums_query *q, ledger_sums_fn *fn, void *ctx,
               struct err *err);
/* The tokens of legs whose answer was not the one that was given: failed tries, local
 * answers that were judged too weak, second opinions, judges, mirrors.  What is left of a
 * total without them is each request once.  Only tokens of *ret are filled; the query's
 * `by` is not looked at. */
int ledger_sum_beside(const struct ledger_sums_query *q, struct ledger_sums *ret,
                      struct err *err);
/* Figures that change whenever rows of the span are added or deleted, in a fraction of
 * the time that adding all up takes: for whoever keeps the sums of days that are over.
 * Whole hours are looked at, also those of which the span has only a part. */
enum { LEDGER_MARK_FIGURES = 5 };
struct ledger_mark {
    int64_t figures[LEDGER_MARK_FIGURES];
};
int ledger_sums_mark(const struct ledger_sums_query *q, struct ledger_mark *ret,
                     struct err *err);
void ledger_sums_add(struct ledger_sums *total, const struct ledger_sums *s);

#endif
