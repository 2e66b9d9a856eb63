/* workload.h -- the prompts of a benchmark: a built-in workload, or a file of JSON lines.
 *
 * A line is the body of a chat request in OpenAI's form, without its model:
 *
 *     {"prompt": "Say hello."}
 *     {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 20}
 *
 * `model` and `stream` are weir's to set and are ignored; every other member goes along.
 * `workload` names the group that a line belongs to.
 *
 * Engines keep what they have read of a prompt (prefix or prompt caches), so a prompt
 * that is asked twice is answered sooner the second time.  Unless it is wanted, the first
 * text of each prompt begins with a mark, BENCH_MARK, whose digits differ in each
 * request. */
#ifndef WEIR_BENCH_WORKLOAD_H
#define WEIR_BENCH_WORKLOAD_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

/* Stands in "[...] " before a prompt; the digits are replaced when it is sent. */
#define BENCH_MARK "weir-bench 00000000"
enum { BENCH_MARK_DIGITS = 8, BENCH_MAX_PROMPTS = 10000 };

struct bench_workload {
    struct arena arena;
    struct str *bodies; /* whole requests, but for the model: bench_workload_body() */
    size_t n, room;
};

void bench_workload_init(struct bench_workload *w);
void bench_workload_release(struct bench_workload *w);

/* The names of the built-in ones, in their order; NULL ends the list. */
extern const char *const bench_workload_names[];
/* A built-in workload.  -1: there is none of this name. */
int bench_workload_builtin(struct bench_workload *w, const char *name, struct err *err);
/* One line of a file.  -1: ERR_BAD_REQUEST "workload", with what is wrong and what to
 * write; the caller knows the line. */
int bench_workload_add(struct bench_workload *w, struct str line, struct err *err);

/* Appends the body of the i-th prompt for this model, streamed; with the mark or without
 * it. */
void bench_workload_body(const struct bench_workload *w, size_t i, struct str model,
                         bool has_mark, struct buf *out);

#endif
