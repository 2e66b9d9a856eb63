/* adapter.c -- see adapter.h. */
#include "route/learned/adapter.h"

#include <math.h>

/* Usual values and spreads are those of the prompts that the built-in weights were learnt
 * from: rounded, and only a scale.  steps: of 1. */
static const struct figure {
    uint16_t feature;
    float steps, usual, spread;
    const char *name; /* NULL: the feature's */
} figures[ADAPTER_FIGURES] = {
    {F_LENGTH, 16, 6.0f, 1.0f, NULL},
    {F_SENTENCES, 16, 1.5f, 0.6f, NULL},
    {F_SENTENCE_WORDS, 16, 3.0f, 0.7f, NULL},
    {F_WORD_LETTERS, 8, 4.9f, 0.9f, NULL},
    {F_LONG_WORDS, 64, 0.1f, 0.1f, NULL},
    {F_PLAIN_WORDS, 64, 0.35f, 0.12f, NULL},
    {F_RARE_WORDS, 64, 0.2f, 0.15f, NULL},
    {F_VARIETY, 32, 3.5f, 1.0f, NULL},
    {F_NUMBERS, 16, 1.3f, 1.0f, NULL},
    {F_LARGE_NUMBERS, 16, 0.5f, 0.8f, NULL},
    {F_NUMBER_SHARE, 64, 0.12f, 0.15f, NULL},
    {F_OPERATORS, 16, 0.6f, 0.9f, NULL},
    {F_LATEX, 16, 0.5f, 1.0f, NULL},
    {F_BRACKETS, 16, 0.8f, 1.0f, NULL},
    {F_CODE_MARKS, 16, 0.5f, 1.0f, NULL},
    {F_NO_QUESTION, 1, 0.4f, 0.5f, NULL},
    {F_LINES, 16, 1.5f, 0.9f, NULL},
    {F_NAMES, 64, 0.06f, 0.08f, NULL},
    {F_OPTIONS, 16, 1.0f, 1.0f, NULL},
    {F_OPTION_LENGTH, 16, 1.5f, 1.6f, NULL},
    {F_PASSAGE, 16, 4.0f, 2.4f, NULL},
    {F_STEPS, 16, 0.4f, 0.8f, NULL},
    {F_KIND + KIND_CHOICE, 1, 0.5f, 0.5f, "a multiple choice"},
    {F_KIND + KIND_CODE, 1, 0.1f, 0.5f, "code"},
    {F_KIND + KIND_FORMAL, 1, 0.1f, 0.5f, "a prompt of formulas"},
    {F_KIND + KIND_WORD_PROBLEM, 1, 0.1f, 0.5f, "a word problem"},
    {F_KIND + KIND_OPEN, 1, 0.1f, 0.5f, "writing or telling"},
    {F_KIND + KIND_FACT, 1, 0.1f, 0.5f, "a short question"},
};
static const double GAP_SPREAD = 0.15;

struct adapter adapter_base(void)
{
    return (struct adapter){.x = {[1] = 1}};
}

static long cut(double v, long most)
{
    return v >= (double)most ? most : v <= (double)-most ? -most : lrint(v);
}

void adapter_inputs_of(const struct prompt *p, const struct router_score *s,
                       struct adapter_inputs *ret)
{
    double chance = fmin(0.99, fmax(0.01, (double)s->suffices));
    ret->logit =
        (int16_t)cut(ADAPTER_STEPS * log(chance / (1 - chance)), 4 * ADAPTER_STEPS);
    ret->gap = (int16_t)cut(ADAPTER_STEPS * (double)s->gap, 2 * ADAPTER_STEPS);
    for (size_t k = 0; k < ADAPTER_FIGURES; k++)
        ret->figure[k] =
            (int8_t)cut((double)(p->f[figures[k].feature] * figures[k].steps), 127);
}

void adapter_row(const struct adapter_inputs *in, double ret[ADAPTER_SIZE])
{
    ret[0] = 1;
    ret[1] = (double)in->logit / ADAPTER_STEPS;
    ret[2] = (double)in->gap / ADAPTER_STEPS / GAP_SPREAD;
    for (size_t k = 0; k < ADAPTER_FIGURES; k++) {
        const struct figure *f = &figures[k];
        double v = (double)in->figure[k] / (double)f->steps;
        ret[3 + k] = (v - (double)f->usual) / (double)f->spread;
    }
}

double adapter_suffices(const struct adapter *a, const struct adapter_inputs *in)
{
    double row[ADAPTER_SIZE], sum = 0;
    adapter_row(in, row);
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        sum += (double)a->x[k] * row[k];
    return 1 / (1 + exp(-sum));
}

void adapter_apply(const struct adapter *a, const struct adapter_inputs *in,
                   struct router_score *s)
{
    double before = 1 / (1 + exp(-(double)in->logit / ADAPTER_STEPS));
    double now = adapter_suffices(a, in);
    s->suffices = (float)now;
    s->gap -= (float)(now - before);
}

const char *adapter_weight_name(unsigned k)
{
    static const char *const first[] = {"in general", "what the weights say",
                                        "the gain that they expect"};
    if (k < ARRAY_LEN(first))
        return first[k];
    const struct figure *f = &figures[k - 3];
    return f->name ? f->name : feature_name(f->feature);
}
