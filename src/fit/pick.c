/* pick.c -- fitting, ordering, and what suits a use. */
#include "fit/pick.h"

#include <math.h>
#include <stdlib.h>

#define HALF_YEAR_DAYS 182.5
#define FAST_TOK_S     60.0
enum { LONG_TOKENS = 100000 };

/* From the larger to the smaller. */
static const enum quant tried[] = {QUANT_Q8_0, QUANT_Q6_K, QUANT_Q5_K_M, QUANT_Q4_K_M};

/* Billions of parameters that a model released on day 0 would need for as much. */
static double reach_of(const struct model *m)
{
    double active = (double)(m->params_active ? m->params_active : m->params);
    if (m->released_days == MODEL_UNRELEASED)
        return 0;
    return sqrt((double)m->params * active) / 1e9 *
           exp2((double)m->released_days / HALF_YEAR_DAYS);
}

static bool place(const struct run_machine *machine, const struct pick_ask *ask,
                  struct pick *p)
{
    struct run_ask run = ask->run;
    struct err ignored;
    run.model = p->model;
    run.quant = p->quant;
    if (!ask->has_context &&
        run_estimate_usual(machine, run, &p->run, &run.kv.context, &ignored) < 0)
        return false;
    uint64_t slots = run.kv.slots ? run.kv.slots : 1;
    p->context = run.kv.context;
    return run_estimate(machine, &run, &p->run, &ignored) == 0 &&
           p->run.memory.verdict == MEMORY_FITS &&
           p->run.memory.largest_context >= ask->least_context * slots &&
           (!p->model->context || !ask->least_context ||
            p->model->context >= ask->least_context);
}

static bool fits(const struct run_machine *machine, const struct pick_ask *ask,
                 struct pick *p)
{
    p->quant = ask->has_quant ? ask->run.quant : quant_default(p->model);
    if (ask->has_quant || p->quant != QUANT_Q4_K_M)
        return place(machine, ask, p);
    for (size_t i = 0; i < ARRAY_LEN(tried); i++) {
        p->quant = tried[i];
        if (place(machine, ask, p))
            return true;
    }
    return false;
}

static int order(const void *a, const void *b)
{
    const struct pick *x = a, *y = b;
    if (x->is_slow != y->is_slow)
        return x->is_slow ? 1 : -1;
    if (x->reach != y->reach)
        return x->reach < y->reach ? 1 : -1;
    return (x->model->params < y->model->params) - (x->model->params > y->model->params);
}

size_t picks_of(const struct models *all, const struct run_machine *machine,
                const struct pick_ask *ask, struct pick *ret, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < models_count(all) && n < max; i++) {
        struct pick p = {.model = models_at(all, i)};
        if (!fits(machine, ask, &p))
            continue;
        p.reach = reach_of(p.model);
        p.is_slow = p.run.full_speed.estimate_tok_s < PICK_TOK_S;
        ret[n++] = p;
    }
    qsort(ret, n, sizeof *ret, order);
    return n;
}

const char *pick_use_name(enum pick_use use)
{
    static const char *const names[] = {
        [PICK_CHAT] = "chat and documents", [PICK_CODE] = "code",
        [PICK_PICTURES] = "pictures",       [PICK_LONG] = "100,000 tokens and more",
        [PICK_FAST] = "fast answers",       [PICK_SEARCH] = "vectors for search",
    };
    return names[use];
}

bool pick_suits(const struct pick *p, enum pick_use use)
{
    const struct model *m = p->model;
    bool is_code = str_eqz(m->made_for, "code");
    if (use == PICK_SEARCH)
        return m->is_embedding;
    if (m->is_embedding || (use != PICK_CODE && is_code))
        return false;
    switch (use) {
    case PICK_CODE:
        return is_code;
    case PICK_PICTURES: /* the tower lies beside the model, in 16 bits */
        return m->vision_params > 0 &&
               p->run.memory.need.total + 2 * m->vision_params <= p->run.memory.usable;
    case PICK_LONG:
        return m->context >= LONG_TOKENS && p->run.memory.largest_context >= LONG_TOKENS;
    case PICK_FAST:
        return p->run.full_speed.estimate_tok_s >= FAST_TOK_S;
    case PICK_CHAT:
    case PICK_SEARCH:
    case PICK_USES:
        break;
    }
    return true;
}
