/* measured.c -- which side keeps a wished latency, by measurements instead of a rule.
 *
 * A rule of thumb takes local models for fast.  Where `weir bench` has measured the model
 * of the role, its figures stand in the place of that rule: a local model that is soon
 * enough is chosen; one that is not gives way to a cloud model that is, where the text
 * may leave at all.
 *
 * Who asks for a stream reads from the first token on, so that one is waited for.  Who
 * does not sees nothing before the whole answer is there: that takes as long as its
 * tokens do, and a side that begins soon may be the one that ends late. */
#include "facts/date.h"
#include "route/explain.h"
#include "route/policy.h"

#include <math.h>

/* What one model takes for this request. */
struct pace {
    const struct config_model *model;
    const struct route_measured *fact; /* NULL: nobody measured it */
    uint64_t tokens;                   /* that the whole answer may have; 0: it begins */
    uint64_t ms;
};

uint64_t measured_tokens(const struct chat *chat)
{
    int64_t limit = chat->max_output_tokens;
    return limit >= 0 && limit < EXPLAIN_OUTPUT_TOKENS ? (uint64_t)limit
                                                       : EXPLAIN_OUTPUT_TOKENS;
}

bool measured_whole_ms(const struct route_measured *fact, uint64_t tokens, uint64_t *ret)
{
    if (!fact->ttft_ms || !(fact->tok_s > 0))
        return false;
    double ms = fact->ttft_ms + ceil((double)tokens / fact->tok_s * 1000);
    *ret = ms < 1e15 ? (uint64_t)ms : (uint64_t)1e15;
    return true;
}

static struct pace pace_of(const struct route_query *q, enum role role)
{
    struct pace p = {.model = q->config->roles[role]};
    for (size_t i = 0; p.model && i < q->config->nmodels; i++)
        if (q->config->models[i] == p.model && q->measured[i].ttft_ms)
            p.fact = &q->measured[i];
    if (!p.fact)
        return p;
    p.ms = p.fact->ttft_ms;
    if (!q->chat->is_stream) {
        p.tokens = measured_tokens(q->chat);
        if (!measured_whole_ms(p.fact, p.tokens, &p.ms))
            p.fact = NULL;
    }
    return p;
}

/* slow: the local model that takes too long; NULL: p is the local one. */
static struct str words(const struct route_query *q, const struct pace *p,
                        const struct pace *slow, struct arena *a)
{
    char day[DATE_TEXT];
    struct str late = STR("");
    date_format(p->fact->day, day);
    if (slow)
        late = arena_printf(a, "local_small takes %llu, ", (unsigned long long)slow->ms);
    if (!p->tokens)
        return arena_printf(a,
                            "an answer within %u ms is wanted: %.*s%.*s begins after "
                            "%llu ms (measured %s by weir bench)",
                            q->hints.latency_ms, STR_ARG(late), STR_ARG(p->model->name),
                            (unsigned long long)p->ms, day);
    return arena_printf(a,
                        "a whole answer within %u ms is wanted: %.*s%.*s %s %llu for "
                        "%llu tokens (begins after %u, then %.3g tokens a second: "
                        "measured %s by weir bench)",
                        q->hints.latency_ms, STR_ARG(late), STR_ARG(p->model->name),
                        slow ? "about" : "takes about", (unsigned long long)p->ms,
                        (unsigned long long)p->tokens, p->fact->ttft_ms, p->fact->tok_s,
                        day);
}

bool measured_wish(const struct route_query *q, struct arena *a, struct policy_wish *ret)
{
    static const enum role clouds[] = {ROLE_CLOUD_CHEAP, ROLE_CLOUD_STRONG};
    uint32_t limit = q->hints.latency_ms;
    if (!q->hints.has_latency || !q->measured || q->chat->surface == SURFACE_EMBEDDINGS)
        return false;
    const struct pace local = pace_of(q, ROLE_LOCAL_SMALL);
    if (!local.fact)
        return false;
    if (local.ms <= limit) {
        *ret = (struct policy_wish){ROLE_LOCAL_SMALL, SIDE_LOCAL, false,
                                    words(q, &local, NULL, a)};
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
        const struct pace cloud = pace_of(q, clouds[i]);
        if (!cloud.fact || cloud.ms > limit || q->label->effective != SENSITIVITY_PUBLIC)
            continue;
        *ret = (struct policy_wish){clouds[i], SIDE_CLOUD, false,
                                    words(q, &cloud, &local, a)};
        return true;
    }
    return false;
}
