/* claim_bench.h -- what llama-bench prints as JSON, as rows of a table.
 *
 * For the reader of claims alone. */
#ifndef WEIR_FIT_CLAIM_BENCH_H
#define WEIR_FIT_CLAIM_BENCH_H

#include "fit/claim.h"

/* Whether the text begins as JSON does: a list or an object of named members. */
bool claim_bench_is(struct str text);

/* Reports the speeds of its objects (a list of them, or one in each line); the line of a
 * claim is the number of its object.  Fails where it is no JSON or too large. */
int claim_bench_scan(const struct facts *f, struct str text, claim_found_fn *found,
                     void *arg, struct err *err);

#endif
