/* learner.c -- see learner.h. */
#include "route/train/learner.h"

#include "core/hash.h"

#include <math.h>
#include <string.h>

void learner_reset(struct learner *l, const struct adapter *base)
{
    memset(l, 0, sizeof *l); /* also gaps: the bytes are the same in every run */
    l->base = l->serving = l->candidate = *base;
}

static double kept(void)
{
    return exp2(-1.0 / LEARNER_MEMORY);
}

static void sums_add(struct learner_sums *s, double w, double d)
{
    double keep = kept();
    s->w = keep * s->w + w;
    s->ww = keep * keep * s->ww + w * w;
    s->d = keep * s->d + w * d;
    s->dd = keep * s->dd + w * d * d;
    s->n++;
}

double learner_mean(const struct learner_sums *s, double *ret_error)
{
    *ret_error = NAN;
    if (s->n < 2 || s->w <= 0)
        return NAN;
    double mean = s->d / s->w, spread = fmax(0, s->dd / s->w - mean * mean);
    *ret_error = sqrt(spread * s->ww) / s->w; /* w^2 / ww: as many outcomes */
    return mean;
}

static bool is_sure(const struct learner_sums *s)
{
    double error, mean = learner_mean(s, &error);
    return s->n >= LEARNER_LEAST && mean > LEARNER_MARGIN &&
           mean > LEARNER_ERRORS * error;
}

static void validate(struct learner *l, const struct adapt_row *r)
{
    double w = (double)r->weight, keep = kept();
    double base = adapt_loss(&l->base, r);
    double serving = l->is_serving ? adapt_loss(&l->serving, r) : base;
    double candidate = l->has_candidate ? adapt_loss(&l->candidate, r) : base;
    l->weight = keep * l->weight + w;
    l->loss_base = keep * l->loss_base + w * base;
    l->loss_serving = keep * l->loss_serving + w * serving;
    l->loss_candidate = keep * l->loss_candidate + w * candidate;
    if (l->has_candidate)
        sums_add(&l->gain, w, serving - candidate);
    if (l->is_serving)
        sums_add(&l->harm, w, serving - base);
}

static void learn(struct learner *l, const struct adapt_row *r)
{
    l->rows[l->at] = *r;
    l->at = (l->at + 1) % LEARNER_WINDOW;
    l->nrows += l->nrows < LEARNER_WINDOW;
    l->nlearnt++;
    if (l->nrows < LEARNER_FIRST || l->nlearnt % LEARNER_EVERY)
        return;
    adapt_fit(l->rows, l->nrows, &l->base, 1, &l->candidate);
    l->has_candidate = true;
}

static void change(struct learner *l, const struct adapter *to, bool is_serving)
{
    l->serving = *to;
    l->is_serving = is_serving;
    l->gain = l->harm = (struct learner_sums){0};
}

enum learner_step learner_take(struct learner *l, const struct adapt_row *r)
{
    enum learner_step step = LEARNER_SAME;
    validate(l, r);
    if (l->is_serving && is_sure(&l->harm)) {
        change(l, &l->base, false);
        l->nrolled_back++;
        step = LEARNER_ROLLED_BACK;
    } else if (is_sure(&l->gain)) {
        change(l, &l->candidate, true);
        l->npromoted++;
        step = LEARNER_PROMOTED;
    }
    learn(l, r);
    return step;
}

/* -- the disk ----------------------------------------------------------------------- */

struct head {
    char magic[8];
    uint32_t digest, size;
};
enum { CRC_AT = sizeof(struct head) + sizeof(struct learner) };
_Static_assert(LEARNER_BYTES == CRC_AT + 8, "LEARNER_BYTES");
static const char magic[8] = {'W', 'E', 'I', 'R', 'A', 'D', 'A', '1'};

void learner_save(const struct learner *l, uint32_t digest,
                  unsigned char out[LEARNER_BYTES])
{
    struct head h = {.digest = digest, .size = sizeof *l};
    memcpy(h.magic, magic, sizeof magic);
    memcpy(out, &h, sizeof h);
    memcpy(out + sizeof h, l, sizeof *l);
    uint64_t crc = crc32c(0, (struct str){(const char *)out, CRC_AT});
    memcpy(out + CRC_AT, &crc, sizeof crc);
}

static bool is_finite(const struct adapter *a)
{
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        if (!isfinite(a->x[k]))
            return false;
    return true;
}

enum learner_load learner_load(struct learner *l, const struct adapter *base,
                               uint32_t digest, struct str bytes)
{
    struct head h;
    uint64_t crc;
    learner_reset(l, base);
    if (bytes.n != LEARNER_BYTES)
        return LEARNER_DAMAGED;
    memcpy(&h, bytes.p, sizeof h);
    memcpy(&crc, bytes.p + CRC_AT, sizeof crc);
    if (memcmp(h.magic, magic, sizeof magic) != 0 || h.size != sizeof *l ||
        crc != crc32c(0, str_sub(bytes, 0, CRC_AT)))
        return LEARNER_DAMAGED;
    if (h.digest != digest)
        return LEARNER_OTHER;
    memcpy(l, bytes.p + sizeof h, sizeof *l);
    if (l->nrows <= LEARNER_WINDOW && l->at < LEARNER_WINDOW && is_finite(&l->serving) &&
        is_finite(&l->candidate))
        return LEARNER_LOADED;
    learner_reset(l, base);
    return LEARNER_DAMAGED;
}
