/* learned.c -- two sums over a prompt, and what weighed most in them. */
#include "route/learned/learned.h"

#include "route/learned/said.h"

#include <math.h>

/* The terms' part of both heads.  In whole numbers: the order of terms does not matter.
 */
static void add_terms(const struct router *r, const struct prompt *p,
                      double sum[HEAD_COUNT])
{
    int32_t total[HEAD_COUNT] = {0};
    for (uint32_t i = 0; i < p->nterms; i++) {
        const int8_t *row = r->table + (size_t)(p->term[i] >> 16) * HEAD_COUNT;
        total[HEAD_GAP] += row[HEAD_GAP];
        total[HEAD_SUFFICES] += row[HEAD_SUFFICES];
    }
    double norm = p->nterms ? 1 / sqrt((double)p->nterms) : 0;
    for (int h = 0; h < HEAD_COUNT; h++)
        sum[h] += (double)total[h] * (double)r->w.unit[h] * norm;
}

static void note_cause(struct router_cause *top, struct router_cause c)
{
    for (size_t i = 0; i < ROUTER_TOP; i++) {
        if (fabsf(c.weight) <= fabsf(top[i].weight))
            continue;
        struct router_cause was = top[i];
        top[i] = c;
        c = was;
    }
}

/* P of the table at x, straight lines between knots. */
static float knots_at(const struct router_weights *w, double x)
{
    const struct router_knot *k = w->knots;
    uint32_t i = 0;
    if (x <= (double)k[0].x)
        return k[0].p;
    while (i + 1 < w->nknots && (double)k[i + 1].x <= x)
        i++;
    if (i + 1 == w->nknots)
        return k[i].p;
    double t = (x - (double)k[i].x) / (double)(k[i + 1].x - k[i].x);
    return (float)((double)k[i].p + t * (double)(k[i + 1].p - k[i].p));
}

void router_judge(const struct router *r, const struct prompt *p,
                  struct router_score *ret)
{
    const struct router_weights *w = &r->w;
    double sum[HEAD_COUNT] = {0};
    *ret = (struct router_score){.kind = p->kind};
    add_terms(r, p, sum);
    note_cause(ret->top, (struct router_cause){F_NFEATURES, (float)sum[HEAD_GAP], true});
    for (unsigned i = 0; i < F_NFEATURES; i++) {
        if (p->f[i] != 0.0f) { /* most are */
            sum[HEAD_GAP] += (double)p->f[i] * (double)w->figure[HEAD_GAP][i];
            sum[HEAD_SUFFICES] += (double)p->f[i] * (double)w->figure[HEAD_SUFFICES][i];
        }
    }
    for (unsigned i = 0; i < F_KIND; i++) { /* the kind is said anyway */
        float above = p->f[i] - w->usual[i], weight = above * w->figure[HEAD_GAP][i];
        if (fabsf(weight) > fabsf(ret->top[ROUTER_TOP - 1].weight))
            note_cause(ret->top, (struct router_cause){(uint16_t)i, weight, above > 0});
    }
    ret->gap = (float)(sum[HEAD_GAP] + (double)w->bias[HEAD_GAP]);
    ret->suffices = knots_at(w, sum[HEAD_SUFFICES] + (double)w->bias[HEAD_SUFFICES]);
}

void router_read(const struct router *r, struct str text, struct router_score *ret)
{
    struct prompt p;
    prompt_read(&r->words, r->w.common, text, &p);
    router_judge(r, &p, ret);
}

size_t router_words(const struct router_score *s, char *out, size_t n)
{
    static const char *const kinds[KIND_NKINDS] = {"no kind that stands out",
                                                   "a multiple choice",
                                                   "code",
                                                   "formulas",
                                                   "a word problem",
                                                   "writing or telling",
                                                   "a short question"};
    struct said said = {out, 0, n};
    said_text(&said, kinds[s->kind]);
    for (size_t i = 0; i < ROUTER_TOP; i++) {
        const struct router_cause *c = &s->top[i];
        if (c->weight == 0)
            break;
        said_text(&said, i ? ", " : ": ");
        if (c->feature == F_NFEATURES) {
            said_text(&said, "its words");
        } else {
            said_text(&said, feature_name(c->feature));
            said_text(&said, c->is_high ? " above usual" : " below usual");
        }
        said_text(&said, c->weight > 0 ? " (cloud)" : " (local)");
    }
    return said.n;
}

float router_quantile(const struct router *r, float share)
{
    float at = (1.0f - share) * (ROUTER_QUANTILES - 1);
    int i = at < 0 ? 0 : at >= ROUTER_QUANTILES - 1 ? ROUTER_QUANTILES - 2 : (int)at;
    float t = at - (float)i;
    return r->w.quantile[i] + t * (r->w.quantile[i + 1] - r->w.quantile[i]);
}
