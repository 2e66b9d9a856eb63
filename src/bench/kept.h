/* kept.h -- what benchmarks measured on this machine, kept for later: in state_dir, one
 * line of JSON for each run, without a word of any prompt or answer.
 *
 *     {"id":7,"at":"2026-11-30T03:40:00.000Z","engine":"ollama","model":"qwen2.5:7b",
 *      "side":"local","workload":"chat","load":"1 at once","streams":1,...}
 *
 * Who plans, reckons or routes reads them: a measured figure stands before an estimate.
 * The file is replaced whole (the old one or the new one, never half of one), is only its
 * owner's (0600), and holds BENCH_KEPT_ROWS rows: the oldest go. */
#ifndef WEIR_BENCH_KEPT_H
#define WEIR_BENCH_KEPT_H

#include "core/err.h"
#include "core/str.h"

enum { BENCH_KEPT_ROWS = 500, BENCH_KEPT_NAME = 128, BENCH_KEPT_WORD = 48 };

struct bench_kept_row {
    uint64_t id;    /* 1, 2, ...; set by bench_kept_add() */
    uint64_t at_ms; /* since 1970, when the run ended */
    char engine[BENCH_KEPT_NAME], model[BENCH_KEPT_NAME]; /* as the configuration says */
    char workload[BENCH_KEPT_NAME], load[BENCH_KEPT_WORD], as[BENCH_KEPT_WORD];
    bool is_local;
    uint32_t streams; /* of a closed loop, at once; 0: an open loop */
    uint64_t done, failed;
    /* Milliseconds, tokens a second of one stream (median) and of all, J: NAN: unknown.
     */
    double ttft_cold_ms, ttft_ms_p50, ttft_ms_p90, ttft_ms_p99, itl_ms_p50, itl_ms_p99;
    double stream_tok_s, all_tok_s, good_per_s, joules_per_token;
};

/* Adds rows and numbers them.  -1: the file could not be read or replaced. */
int bench_kept_add(const char *state_dir, struct bench_kept_row *rows, size_t n,
                   struct err *err);
/* All rows, the oldest first: *ret is the caller's, to be freed with mem_free().  A file
 * that is not there has none; lines that are not understood are left out. */
int bench_kept_read(const char *state_dir, struct bench_kept_row **ret, size_t *ret_n,
                    struct err *err);
/* The newest one with a stream_tok_s of one stream and weir's definitions, of a model
 * that `is_it` says is meant; NULL: nobody measured it. */
const struct bench_kept_row *
bench_kept_newest(const struct bench_kept_row *rows, size_t n,
                  bool (*is_it)(const void *ctx, const struct bench_kept_row *row),
                  const void *ctx);

#endif
