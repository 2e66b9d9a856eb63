/* pick.h -- which of the models that run on a machine one would try first.
 *
 * No list has figures on quality that hold for all models, so the order is a rule of
 * thumb, said where it is used: capability grows with size (of a mixture of experts the
 * geometric mean of all and of the active parameters) and doubles for the same size about
 * every half year of release.  ("Densing law of LLMs", Xiao and others, arXiv 2412.04315
 * of 2024-12, finds 3.5 months; half a year is more careful.)  Models that write below
 * PICK_TOK_S at the context stand behind all that do not; models whose release is not
 * known stand last. */
#ifndef WEIR_FIT_PICK_H
#define WEIR_FIT_PICK_H

#include "estimate/run.h"
#include "facts/models.h"

/* As fast as people read, and some. */
#define PICK_TOK_S 10.0

struct pick {
    const struct model *model;
    enum quant quant;
    uint64_t context; /* that it was placed with */
    struct run run;
    double reach; /* the order; 0: release unknown */
    bool is_slow;
};

struct pick_ask {
    struct run_ask run;     /* all but model and quantisation */
    bool has_quant;         /* run.quant is asked for; else the best that fits */
    bool has_context;       /* run.kv.context is asked for; else the usual one */
    uint64_t least_context; /* of each slot that must fit wholly; 0: none */
};

/* The models that lie wholly on the machine's devices, the first to try first.  Returns
 * how many of `max` slots it filled. */
size_t picks_of(const struct models *all, const struct run_machine *machine,
                const struct pick_ask *ask, struct pick *ret, size_t max);

/* What people want a model for. */
enum pick_use {
    PICK_CHAT,
    PICK_CODE,
    PICK_PICTURES,
    PICK_LONG,   /* 100,000 tokens and more */
    PICK_FAST,   /* 60 tokens a second and more */
    PICK_SEARCH, /* vectors of texts */
    PICK_USES    /* sentinel */
};
const char *pick_use_name(enum pick_use use);
bool pick_suits(const struct pick *p, enum pick_use use);

#endif
