/* run.h -- one estimator for everybody: does this model run on that machine, with what
 * context, and how fast.
 *
 * plan, fit, claims, routing and the bench ask here, so that none of them recommends what
 * another one refuses.  Pure: machine and model are given, nothing is read. */
#ifndef WEIR_ESTIMATE_RUN_H
#define WEIR_ESTIMATE_RUN_H

#include "estimate/memory.h"
#include "estimate/speed.h"

/* One card of a machine. */
struct run_device {
    const struct device *device; /* borrowed */
    double memory_gb;            /* GiB */
    struct speed_coefficients speed;
};

struct run_machine {
    struct run_device devices[MEMORY_DEVICES];
    size_t n;
    double ram_gb;  /* main memory free for a model, beside cards; 0: none */
    double ram_gbs; /* what is really read of it a second; 0: unknown */
};

/* Adds `count` devices of a kind.  Fails when there are too many, or when one that shares
 * main memory (a Mac, a CPU) would stand beside others. */
int run_machine_add(struct run_machine *to, const struct device *d, unsigned count,
                    double memory_gb, struct err *err);

/* A smaller model whose proposals the large one checks, several at a time (speculative
 * decoding).  Each proposal is accepted with probability `acceptance`, 0 to 1; 0: not
 * known, DRAFT_ACCEPTED, and between DRAFT_LEAST and DRAFT_MOST (Leviathan and others
 * 2023, table 3: small T5 models before T5-XXL, summaries and translation). */
struct run_draft {
    const struct model *model;
    enum quant quant;
    double acceptance;
};
#define DRAFT_ACCEPTED 0.65
#define DRAFT_LEAST    0.53
#define DRAFT_MOST     0.80

/* What comes of it. */
struct run_drafted {
    unsigned length;    /* proposals a step that gain most */
    double draft_tok_s; /* of the small model alone */
    struct speed speed; /* of one stream, at the start of the context */
};

/* Fails when the two do not share a vocabulary, or the draft is no smaller. */
int run_draft_check(const struct model *m, const struct run_draft *draft,
                    struct err *err);

/* How a model that needs several cards is laid over them. */
enum run_split {
    SPLIT_LAYERS, /* one card after the other: memory adds up, speed does not (llama.cpp)
                   */
    SPLIT_TENSORS /* all cards at once: speed adds up, less two exchanges a layer (vLLM)
                   */
};

struct run_ask {
    const struct model *model;
    enum quant quant;
    struct kv_ask kv;      /* context, slots, type of keys and values */
    uint64_t depth_tokens; /* in the context when the speed is asked */
    enum run_split split;
    bool experts_in_ram;           /* all routed experts in main memory (--cpu-moe) */
    bool keep_layers;              /* never move layers of a mixture of experts */
    const struct run_draft *draft; /* lies beside the model; NULL: none */
};

struct run {
    struct memory_plan memory;
    struct speed speed;           /* of one stream; zeros when it does not run */
    struct speed full_speed;      /* the same with a slot's whole context in it */
    uint64_t full_tokens;         /* which is so many tokens */
    struct run_drafted drafted;   /* with ask.draft; else zeros */
    double prefill_tok_s;         /* prompt tokens a second, of prompts as long as
                                     depth_tokens (0: short); cards one after the other */
    bool prefill_is_rule;         /* not measured on such a device */
    double all_streams_tok_s;     /* of kv.slots streams together */
    uint64_t longest_prompt;      /* tokens that model and context allow for one slot */
    uint64_t expert_layers_moved; /* as --n-cpu-moe counts them; 0 none */
    uint64_t layers_on_devices;   /* as -ngl counts them */
};

/* Fails only where the model's size is unknown.  Whether it runs is in memory.verdict. */
int run_estimate(const struct run_machine *machine, const struct run_ask *ask,
                 struct run *ret, struct err *err);

/* With the context that people use when they do not say one: RUN_USUAL_CONTEXT tokens,
 * or fewer, down to RUN_LEAST_CONTEXT, where only that keeps the model on the cards
 * (llama.cpp --fit shortens the context before it moves layers).  `ret_context` is the
 * one it took. */
enum { RUN_USUAL_CONTEXT = 8192, RUN_LEAST_CONTEXT = 4096 };
int run_estimate_usual(const struct run_machine *machine, struct run_ask ask,
                       struct run *ret, uint64_t *ret_context, struct err *err);

/* run_estimate() for sizes that a model file said (fit/gguf.h) instead of a shape. */
void run_estimate_sizes(const struct run_machine *machine, const struct run_ask *ask,
                        const struct memory_need *need, const struct speed_load *load,
                        struct run *ret);

/* Bytes of the weights that a token reads from main memory under such a plan. */
double run_ram_bytes(const struct memory_plan *p, const struct speed_load *load);

/* Below this nobody waits for an answer: 3 words a second are slower than people read. */
#define RUN_USABLE_TOK_S 4.0

/* Why it should not be recommended, in the order of weight; RUN_GOOD when nothing is
 * wrong. */
enum run_fault {
    RUN_GOOD,
    RUN_NO_MEMORY,   /* does not fit, not even with main memory */
    RUN_LONG_PROMPT, /* prompt and answer are more than model or context hold */
    RUN_TOO_SLOW,    /* one stream is slower than RUN_USABLE_TOK_S */
    RUN_SPILLS       /* it runs, partly in main memory */
};
enum run_fault run_judge(const struct run *r, uint64_t prompt_tokens,
                         uint64_t answer_tokens);

#endif
