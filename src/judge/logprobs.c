/* logprobs.c -- how sure the engine was of its tokens. */
#include "judge/logprobs.h"

#include "json/scan.h"

#include <math.h>

/* Steps of -logprob from e^-8 (a probability of .9997) up, so many to a power of e: the
 * last begins at e^3.9 = 48, less likely than anything an engine says. */
static const double STEPS = 64 / 12.0, LOWEST = -8;

void logprobs_add(struct logprobs *l, double logprob)
{
    double v = logprob < 0 ? -logprob : 0;
    double step = v > 0 ? floor((log(v) - LOWEST) * STEPS) : 0;
    l->bins[step <= 0 ? 0 : step >= LOGPROB_BINS - 1 ? LOGPROB_BINS - 1 : (int)step]++;
    if (-v < l->least)
        l->least = -v;
    l->n++;
}

double logprobs_quantile(const struct logprobs *l, double q)
{
    if (!l->n)
        return NAN;
    double rank = q * l->n;
    double seen = 0;
    /* The last steps hold the least likely tokens. */
    for (int i = LOGPROB_BINS - 1; i > 0; i--) {
        seen += l->bins[i];
        if (seen > 0 && seen >= rank) {
            double v = -exp((i + 0.5) / STEPS + LOWEST);
            return v < l->least ? l->least : v;
        }
    }
    return 0;
}

static void read_one(struct logprobs *l, struct json_cur *c)
{
    struct str raw;
    double v;
    if (json_peek(c) == JSON_NUMBER && json_skip(c, &raw) && str_to_double(raw, &v))
        logprobs_add(l, v);
    else
        json_skip(c, NULL); /* null: the first token of a prompt has none */
}

static void read_token(struct logprobs *l, struct json_cur *c)
{
    struct json_string key;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &key))
        if (json_string_is(key, "logprob"))
            read_one(l, c);
        else
            json_skip(c, NULL);
}

/* The elements: numbers, or objects with a number. */
static void read_array(struct logprobs *l, struct json_cur *c)
{
    if (!json_array_or_skip(c))
        return;
    while (json_next_element(c))
        if (json_peek(c) == JSON_OBJECT)
            read_token(l, c);
        else
            read_one(l, c);
}

uint32_t logprobs_read(struct logprobs *l, struct str raw)
{
    struct json_cur c;
    struct json_string key;
    uint32_t before = l->n;
    json_begin(&c, raw);
    if (!raw.p)
        return 0;
    if (json_peek(&c) == JSON_ARRAY)
        read_array(l, &c);
    else if (json_object_or_skip(&c))
        while (json_next_member(&c, &key)) {
            if (json_string_is(key, "content") || json_string_is(key, "token_logprobs"))
                read_array(l, &c);
            else
                json_skip(&c, NULL);
        }
    return l->n - before;
}
