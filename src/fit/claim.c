/* claim.c -- the verdict: what physics allows, what is expected, what was said.
 *
 * Several cards are read in the claim's favour: their bandwidth is added up, which only
 * tensor parallelism can reach; a layer split does not speed up one stream.  When the
 * weights spill to main memory the ceiling takes every byte of the card and fast memory,
 * the estimate what is usually left of both. */
#include "fit/claim.h"

#include "estimate/run.h"

#include <math.h>

#define NEAR_CEILING  0.90
#define FAR_ABOVE     1.30 /* above the interval of the estimate */
#define FAR_BELOW     0.50
#define ENOUGH_RAM_GB 1024.0 /* nothing fails for want of main memory */
#define USUAL_CONTEXT 4096   /* tokens whose keys and values take room on the card too */

const char *claim_word(enum claim_word w)
{
    static const char *const words[CLAIM_WORDS] = {"impossible", "implausible",
                                                   "plausible", "below-expectation"};
    return words[w];
}

/* `slow_tok_s` is the estimate for the slowest device that may be meant. */
static enum claim_word word_for(double tok_s, const struct speed *s, double slow_tok_s)
{
    if (tok_s > s->ceiling_tok_s)
        return CLAIM_IMPOSSIBLE;
    if (tok_s > s->ceiling_tok_s * NEAR_CEILING || tok_s > s->high_tok_s * FAR_ABOVE)
        return CLAIM_IMPLAUSIBLE;
    return tok_s < slow_tok_s * FAR_BELOW ? CLAIM_BELOW : CLAIM_PLAUSIBLE;
}

static int judge_spilled(const struct claim *c, double memory, double weights,
                         struct claim_verdict *v, struct err *err)
{
    struct run_machine machine = {.ram_gb = ENOUGH_RAM_GB};
    struct run_ask ask = {.model = c->model,
                          .quant = c->quant,
                          .kv = {.context = USUAL_CONTEXT, .bits_x2 = KV_F16_X2}};
    struct run r;
    if (run_machine_add(&machine, c->device, c->devices, c->memory_gb, err) < 0 ||
        run_estimate(&machine, &ask, &r, err) < 0)
        return -1;
    v->ram_gbs = RAM_GBS_USUAL;
    v->device_share = r.memory.device_share;
    v->speed = r.speed;
    /* In the claim's favour: experts that a token reads stay on the card if they can. */
    double beyond = fmax(0, 1.0 - memory / weights);
    double at_best = (1.0 - beyond) * v->load.weight_bytes / (v->bandwidth_gbs * 1e9) +
                     beyond * v->load.weight_bytes / (RAM_GBS_BEST * 1e9);
    v->speed.ceiling_tok_s = fmax(1.0 / at_best, v->speed.estimate_tok_s);
    return 0;
}

int claim_judge(const struct claim *c, struct claim_verdict *ret, struct err *err)
{
    struct model_size size;
    struct claim_verdict v = {.family = speed_family_of(c->device),
                              .bandwidth_gbs = c->device->bandwidth_gbs * c->devices,
                              .device_share = 1.0};
    if (model_size(c->model, c->quant, &size, err) < 0 ||
        speed_load_of(c->model, c->quant, 0, &v.load, err) < 0)
        return -1;
    v.weight_bytes = size.file_bytes;
    double memory = c->memory_gb * GIB * c->devices;
    const struct speed_coefficients *k = &speed_families[v.family];
    v.spills = memory > 0 && !c->device->is_unified && (double)size.file_bytes > memory;
    if (v.spills && judge_spilled(c, memory, (double)size.file_bytes, &v, err) < 0)
        return -1;
    if (!v.spills)
        v.speed = speed_estimate(k, &v.load, v.bandwidth_gbs);
    double slow = v.speed.estimate_tok_s;
    if (c->slowest_gbs > 0)
        slow *= c->slowest_gbs / c->device->bandwidth_gbs;
    v.word = word_for(c->high_tok_s, &v.speed, slow);
    v.low_word = word_for(c->low_tok_s, &v.speed, slow);
    *ret = v;
    return 0;
}
