/* claim.c -- the verdict: what physics allows, what is expected, what was said.
 *
 * Several cards are read in the claim's favour: their bandwidth is added up, which only
 * tensor parallelism can reach; a layer split does not speed up one stream.  When the
 * weights spill to main memory the ceiling takes every byte of the card and fast memory,
 * the estimate what is usually left of both. */
#include "fit/claim.h"

#define NEAR_CEILING  0.90
#define FAR_ABOVE     1.50
#define FAR_BELOW     0.50
#define BEST_RAM_GBS  89.6 /* two channels of DDR5-5600: for the ceiling */
#define USUAL_RAM_GBS 71.4 /* sustains 60 GB/s at the CPU family's share: estimate */
#define USUAL_CONTEXT 4096 /* tokens whose keys and values take room on the card too */

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
    if (tok_s > s->ceiling_tok_s * NEAR_CEILING || tok_s > s->estimate_tok_s * FAR_ABOVE)
        return CLAIM_IMPLAUSIBLE;
    return tok_s < slow_tok_s * FAR_BELOW ? CLAIM_BELOW : CLAIM_PLAUSIBLE;
}

static void judge_spilled(const struct claim *c, const struct speed_coefficients *k,
                          const struct model_size *size, double memory,
                          struct claim_verdict *v)
{
    const struct model *m = c->model;
    struct memory_need need;
    double weights = (double)size->file_bytes;
    double usable = (double)memory_usable(c->device, c->memory_gb) * c->devices;
    if (memory_need(m, c->quant, USUAL_CONTEXT, KV_F16_X2, &need, NULL) == 0)
        usable -= (double)need.compute + (double)need.kv;
    v->ram_gbs = USUAL_RAM_GBS;
    v->device_share = usable > 0 ? usable / weights : 0;
    v->speed = speed_offload(k, &v->load, v->bandwidth_gbs, v->device_share, v->ram_gbs);
    v->speed.ceiling_tok_s =
        speed_offload(k, &v->load, v->bandwidth_gbs, memory / weights, BEST_RAM_GBS)
            .ceiling_tok_s;
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
    if (v.spills)
        judge_spilled(c, k, &size, memory, &v);
    else
        v.speed = speed_estimate(k, &v.load, v.bandwidth_gbs);
    double slow = v.speed.estimate_tok_s;
    if (c->slowest_gbs > 0)
        slow *= c->slowest_gbs / c->device->bandwidth_gbs;
    v.word = word_for(c->high_tok_s, &v.speed, slow);
    v.low_word = word_for(c->low_tok_s, &v.speed, slow);
    *ret = v;
    return 0;
}
