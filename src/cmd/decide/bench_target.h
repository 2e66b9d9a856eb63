/* bench_target.h -- what a benchmark asks: a URL, an engine of the configuration, or
 * weir.
 *
 *     http://127.0.0.1:8080/v1          an engine on this machine, by its fingerprint
 *     https://api.example.com/v1#MODEL  any server that speaks OpenAI's form
 *     ENGINE, MODEL or ENGINE/MODEL     of the configuration
 *     weir                              the weir that the configuration describes
 *
 * A cloud engine of the configuration is asked through a weir, the one that runs or one
 * of its own for the time being: what leaves has its row in the ledger and its record in
 * the audit chain before it leaves, as any client's request.
 *
 * Nobody's address makes an engine local: it is, when its fingerprint or the
 * configuration says so, or when the person does.  What goes to any other is screened as
 * a request through the gateway is, and a prompt that must stay is refused. */
#ifndef WEIR_CMD_DECIDE_BENCH_TARGET_H
#define WEIR_CMD_DECIDE_BENCH_TARGET_H

#include "bench/run.h"
#include "bench/workload.h"
#include "cmd/decide/asked_gateway.h"
#include "cmd/serve/serve_sims.h"
#include "gateway/setup.h"

enum { BENCH_TITLE_BYTES = 96 };

/* What is the same for all targets. */
struct bench_house {
    const char *config_path;   /* NULL: what answers on this machine */
    const char *key_env;       /* of URLs: the variable with their key; NULL: none */
    enum engine_speech speaks; /* of URLs that nobody recognises */
    bool is_local;             /* the person says that URLs are theirs */
    struct config *config;     /* of targets by name: loaded, or looked for, once */
    struct prices *prices;
    struct meters *meters;
    struct standings *standings;
    struct serve_sims sims;
};
int bench_house_open(struct bench_house *h, struct err *err);
void bench_house_close(struct bench_house *h);

struct bench_target {
    char title[BENCH_TITLE_BYTES]; /* "qwen2.5:7b on ollama" */
    struct setup *setup;
    const struct config_model *model;
    const struct endpoint *endpoint;
    const struct price *price; /* NULL: none is known, or it costs nothing */
    struct arena arena;        /* of the prompts */
    struct bench_prompt *prompts;
    struct buf *masked; /* of each: what leaves of it, where values are masked */
    size_t nprompts;
    int64_t likely_nanousd; /* of all prompts once; -1: unknown */
    /* Through which it is asked; NULL: it is asked itself.  Borrowed, and set by
     * bench_target_relay(). */
    const struct asked_gateway *relay;
    enum engine_speech speaks; /* of what answers at the endpoint */
    bool is_weir;              /* the gateway itself */
    bool is_named;             /* by the configuration, and no URL */
};

/* The name of a target as it was typed.  -1: ERR_CONFIG or ERR_BAD_REQUEST, with the
 * remedy; bench_target_close() also then. */
int bench_target_open(struct bench_target *t, struct bench_house *h, const char *word,
                      struct err *err);
void bench_target_close(struct bench_target *t);

/* Costs money, or nobody knows that it does not. */
bool bench_target_is_paid(const struct bench_target *t);
/* It answers on this machine, and what it draws is its own: no simulation, and no weir,
 * which may have asked somebody else. */
bool bench_target_is_here(const struct bench_target *t);
/* What it is sent has to stand in the ledger and in the chain first: it is a cloud engine
 * of the configuration.  From bench_target_relay() on it is asked through that weir. */
bool bench_target_wants_relay(const struct bench_target *t);
void bench_target_relay(struct bench_target *t, const struct asked_gateway *g);
/* Encodes every prompt of the workload for it; `has_mark` as in workload.h. */
int bench_target_load(struct bench_target *t, const struct bench_workload *w,
                      bool has_mark, struct err *err);
/* bench_ask.cost: ctx is the target. */
int64_t bench_target_cost(const void *ctx, const struct usage *u);

#endif
