/* claim.c -- the verdict: what physics allows, what is expected, what was said.
 *
 * The ceiling is for the fastest reading of the claim: the variant with the most
 * bandwidth, the quantisation that reads least, the bandwidth of all cards added up
 * (which only tensor parallelism reaches).  The slow end is for the slowest reading.
 * When the weights spill to main memory the ceiling takes every byte of the card and fast
 * memory, the estimate what is usually left of both. */
#include "fit/claim.h"

#include "estimate/run.h"

#include <math.h>

#define FAR_BELOW     0.50
#define ENOUGH_RAM_GB 2048.0 /* nothing fails for want of main memory */
#define ENDLESS_GB    100000.0
#define USUAL_CONTEXT 4096  /* tokens whose keys and values take room on the card too */
#define SERVER_GBS    614.4 /* twelve channels of DDR5-6400, beside data-centre cards */
#define UNUSUAL       1.6   /* what a good draft gains over the usual engine */

const char *claim_word(enum claim_word w)
{
    static const char *const words[CLAIM_WORDS] = {
        "impossible", "implausible", "plausible", "below-expectation", "unknown"};
    return words[w];
}

/* A machine of the claim's cards: the slowest of the variants, or the fastest; `roomy`
 * with more memory than any model needs. */
struct made {
    struct device devices[CLAIM_CARDS];
    struct run_machine machine;
    unsigned count; /* of cards */
    double gbs;     /* of all */
    double memory;  /* bytes of all; 0: unknown, or shared with the processor */
};

static bool shares_memory(const struct device *d)
{
    return d->is_unified || d->kind == DEVICE_CPU || d->kind == DEVICE_APPLE;
}

/* What cannot stand in one machine (two Macs) is one device of their bandwidth. */
static int make_machine(const struct claim *c, bool slowest, bool roomy, struct made *ret,
                        struct err *err)
{
    bool known = true;
    *ret = (struct made){.machine.ram_gb = ENOUGH_RAM_GB,
                         .machine.ram_gbs = c->ram_gbs > 0 ? c->ram_gbs * 0.55 : 0};
    for (size_t i = 0; i < c->ncards; i++) {
        const struct claim_card *card = &c->cards[i];
        struct device *d = &ret->devices[i];
        bool shares = shares_memory(card->device);
        *d = *card->device;
        d->bandwidth_gbs = slowest ? card->slowest_gbs : card->gbs;
        ret->gbs += d->bandwidth_gbs * card->count;
        ret->count += card->count;
        known = known && card->memory_gb > 0 && !shares;
        ret->memory += card->memory_gb * GIB * card->count;
        unsigned count = shares ? 1 : card->count;
        if (count > MEMORY_DEVICES - ret->machine.n)
            count = (unsigned)(MEMORY_DEVICES - ret->machine.n);
        if (shares && i)
            continue;
        double gb =
            shares || roomy || card->memory_gb <= 0 ? ENDLESS_GB : card->memory_gb;
        if (count && run_machine_add(&ret->machine, d, count, gb, err) < 0)
            return -1;
    }
    if (!known)
        ret->memory = 0;
    return 0;
}

/* Layers one after the other, or all cards at once where that is faster. */
static int estimate(const struct claim *c, const struct made *m, enum quant q,
                    bool at_once, struct speed *ret, struct err *err)
{
    struct run_ask ask = {.model = c->model,
                          .quant = q,
                          .kv = {.context = USUAL_CONTEXT, .bits_x2 = KV_F16_X2},
                          .depth_tokens = c->depth_tokens,
                          .split = at_once ? SPLIT_TENSORS : SPLIT_LAYERS};
    struct run r;
    if (run_estimate(&m->machine, &ask, &r, err) < 0)
        return -1;
    *ret = r.speed;
    return 0;
}

/* In the claim's favour: experts that a token reads stay on the card if they can. */
static double spilled_ceiling(const struct claim *c, const struct made *m,
                              const struct model_size *size, struct claim_verdict *v)
{
    double held = (double)size->file_bytes - (double)size->table_bytes;
    double beyond = fmax(0, 1.0 - m->memory / held);
    double read = v->load.weight_bytes;
    v->ram_gbs = c->ram_gbs > 0 ? fmax(c->ram_gbs, RAM_GBS_BEST)
                 : v->family == FAMILY_HBM || m->count > 2 ? SERVER_GBS
                                                           : RAM_GBS_BEST;
    return 1.0 /
           ((1.0 - beyond) * read / (m->gbs * 1e9) + beyond * read / (v->ram_gbs * 1e9));
}

/* Several streams share the reading of the weights; a draft is checked in one reading. */
static void lift(const struct claim *c, struct claim_verdict *v)
{
    double streams = c->streams ? c->streams : 1;
    v->lift = streams * (c->is_drafted ? CLAIM_DRAFT_TOKENS : 1.0);
    v->speed.ceiling_tok_s *= v->lift;
    if (streams > 1) {
        double gain = speed_batch_gain(streams);
        v->speed.estimate_tok_s *= gain;
        /* One of the streams, or the sum of them without what each costs. */
        v->speed.high_tok_s =
            fmax(v->speed.high_tok_s * streams, v->speed.estimate_tok_s);
    }
    if (c->is_drafted)
        v->speed.high_tok_s *= CLAIM_DRAFT_TOKENS / UNUSUAL;
}

static enum claim_word word_for(double tok_s, const struct speed *s, double slow_tok_s)
{
    if (tok_s > s->ceiling_tok_s)
        return CLAIM_IMPOSSIBLE;
    if (tok_s > s->ceiling_tok_s * CLAIM_NEAR_CEILING ||
        tok_s > s->high_tok_s * CLAIM_FAR_ABOVE)
        return CLAIM_IMPLAUSIBLE;
    return tok_s < slow_tok_s * FAR_BELOW ? CLAIM_BELOW : CLAIM_PLAUSIBLE;
}

static bool has_slower_variant(const struct claim *c)
{
    for (size_t i = 0; i < c->ncards; i++)
        if (c->cards[i].slowest_gbs < c->cards[i].gbs)
            return true;
    return false;
}

/* What the slowest reading of the claim would be expected to do. */
static int slow_end(const struct claim *c, const struct claim_verdict *v, double *ret,
                    struct err *err)
{
    struct made m;
    struct speed most;
    bool same = c->quant.least == c->quant.most && !has_slower_variant(c);
    if (same && (v->spills || shares_memory(c->cards[0].device))) {
        *ret = v->speed.estimate_tok_s;
        return 0;
    }
    if (make_machine(c, true, false, &m, err) < 0 ||
        estimate(c, &m, c->quant.most, false, &most, err) < 0)
        return -1;
    *ret = fmin(v->speed.estimate_tok_s, most.estimate_tok_s);
    return 0;
}

static int judge_whole(const struct claim *c, struct claim_verdict *v, struct err *err)
{
    struct model_size size;
    struct made m;
    struct speed at_once;
    if (make_machine(c, false, false, &m, err) < 0 ||
        model_size(c->model, c->quant.least, &size, err) < 0)
        return -1;
    v->spills = m.memory > 0 && (double)(size.file_bytes - size.table_bytes) > m.memory;
    /* Weights that fit stay on the cards, however little room is left beside them. */
    if (make_machine(c, false, !v->spills, &m, err) < 0 ||
        speed_load_of(c->model, c->quant.least, c->depth_tokens, &v->load, err) < 0 ||
        estimate(c, &m, c->quant.least, false, &v->speed, err) < 0 ||
        slow_end(c, v, &v->slow_tok_s, err) < 0)
        return -1;
    v->family = speed_family_of(c->cards[0].device);
    v->bandwidth_gbs = m.gbs;
    v->weight_bytes = size.file_bytes;
    double bytes = v->load.weight_bytes + v->load.kv_bytes;
    double ceiling = v->spills ? spilled_ceiling(c, &m, &size, v) : m.gbs * 1e9 / bytes;
    if (m.machine.n > 1 && !v->spills) {
        if (estimate(c, &m, c->quant.least, true, &at_once, err) < 0)
            return -1;
        /* Nothing that was measured of such splits is carried: up to the ceiling. */
        v->speed.high_tok_s = fmax(at_once.high_tok_s, ceiling);
        v->speed.estimate_tok_s = fmax(v->speed.estimate_tok_s, at_once.estimate_tok_s);
    }
    v->speed.ceiling_tok_s = fmax(ceiling, v->speed.estimate_tok_s);
    lift(c, v);
    return 0;
}

static bool same_card(const struct claim_card *a, const struct claim_card *b)
{
    return a->device == b->device && a->count == b->count && a->gbs <= b->gbs &&
           a->gbs >= b->gbs && a->slowest_gbs <= b->slowest_gbs &&
           a->slowest_gbs >= b->slowest_gbs && a->memory_gb <= b->memory_gb &&
           a->memory_gb >= b->memory_gb;
}

bool claim_same_subject(const struct claim *a, const struct claim *b)
{
    bool same = a->model == b->model && a->quant.least == b->quant.least &&
                a->quant.most == b->quant.most && a->ncards == b->ncards &&
                a->about == b->about && a->streams == b->streams &&
                a->is_drafted == b->is_drafted && a->depth_tokens == b->depth_tokens &&
                a->ram_gbs <= b->ram_gbs && a->ram_gbs >= b->ram_gbs &&
                a->missing == b->missing;
    for (size_t i = 0; same && i < a->ncards; i++)
        same = same_card(&a->cards[i], &b->cards[i]);
    return same;
}

void claim_rejudge(const struct claim *c, struct claim_verdict *v)
{
    v->word = v->low_word = CLAIM_UNKNOWN;
    if (c->missing != CLAIM_WHOLE || c->about != CLAIM_DECODE)
        return;
    v->word = word_for(c->high_tok_s, &v->speed, v->slow_tok_s);
    v->low_word = word_for(c->low_tok_s, &v->speed, v->slow_tok_s);
    /* Nobody said how many streams add up: how fast is too fast is open. */
    if (c->streams == 0 && v->word <= CLAIM_IMPLAUSIBLE)
        v->word = v->low_word = CLAIM_UNKNOWN;
}

int claim_judge(const struct claim *c, struct claim_verdict *ret, struct err *err)
{
    struct claim_verdict v = {
        .word = CLAIM_UNKNOWN, .low_word = CLAIM_UNKNOWN, .lift = 1};
    *ret = v;
    if (c->missing != CLAIM_WHOLE || c->about == CLAIM_MIXED)
        return 0;
    if (judge_whole(c, &v, err) < 0)
        return -1;
    claim_rejudge(c, &v);
    *ret = v;
    return 0;
}
