/* roles.c -- who plays local_small, local_large, cloud_cheap and cloud_strong.
 *
 * Small: the fewest parameters among the models in memory, so that the first answer
 * does not wait for a load; with none in memory, among all.  Large: the most parameters,
 * then the longest context.  A single local model plays small only.  Cheap and strong:
 * the lowest and the highest list price among the cloud models, price being the only
 * public measure of strength that all providers give; unknown prices come last. */
#include "discover/discover.h"

struct ranked {
    int engine, model;
    const struct found_model *m;
};

typedef bool better_fn(const struct found_model *a, const struct found_model *b);

static uint64_t weight_of(const struct found_model *m)
{
    /* Roughly half a byte a parameter, as most local files have it. */
    return m->params ? m->params : m->size_bytes ? m->size_bytes * 2 : UINT64_MAX / 2;
}

static bool is_smaller(const struct found_model *a, const struct found_model *b)
{
    if ((a->load == LOAD_YES) != (b->load == LOAD_YES))
        return a->load == LOAD_YES;
    return weight_of(a) < weight_of(b);
}

static bool is_larger(const struct found_model *a, const struct found_model *b)
{
    bool a_known = a->params || a->size_bytes, b_known = b->params || b->size_bytes;
    if (a_known != b_known)
        return a_known;
    if (a_known && weight_of(a) != weight_of(b))
        return weight_of(a) > weight_of(b);
    return a->context_tokens > b->context_tokens;
}

/* Input and output together: what one token read and one written cost. */
static int64_t price_of(const struct found_model *m)
{
    if (!m->price || m->price->input < 0 || m->price->output < 0)
        return -1;
    return m->price->input + m->price->output;
}

static bool is_cheaper(const struct found_model *a, const struct found_model *b)
{
    int64_t pa = price_of(a), pb = price_of(b);
    return pa >= 0 && (pb < 0 || pa < pb);
}

static bool is_dearer(const struct found_model *a, const struct found_model *b)
{
    return price_of(a) > price_of(b);
}

static struct ranked best(const struct discovery *d, bool is_cloud, better_fn *better)
{
    struct ranked top = {-1, -1, NULL};
    for (size_t e = 0; e < d->nengines; e++)
        for (size_t i = 0; i < d->engines[e].nmodels; i++) {
            const struct found_model *m = &d->engines[e].models[i];
            if (d->engines[e].problem.n || m->is_cloud != is_cloud ||
                !(m->caps & CAP_CHAT))
                continue;
            if (!top.m || better(m, top.m))
                top = (struct ranked){(int)e, (int)i, m};
        }
    return top;
}

static void give(struct discovery *d, enum role role, struct ranked r)
{
    d->roles[role].engine = r.engine;
    d->roles[role].model = r.model;
}

void discover_assign_roles(struct discovery *d)
{
    static const struct ranked nobody = {-1, -1, NULL};
    for (int r = 0; r < ROLE_COUNT; r++)
        give(d, (enum role)r, nobody);
    struct ranked small = best(d, false, is_smaller), large = best(d, false, is_larger);
    struct ranked cheap = best(d, true, is_cheaper), strong = best(d, true, is_dearer);
    give(d, ROLE_LOCAL_SMALL, small);
    if (large.m != small.m)
        give(d, ROLE_LOCAL_LARGE, large);
    give(d, ROLE_CLOUD_CHEAP, cheap);
    give(d, ROLE_CLOUD_STRONG, strong);
}
