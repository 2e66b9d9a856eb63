/* measured.c -- which side keeps a wished latency, by measurements instead of a rule.
 *
 * A rule of thumb takes local models for fast.  Where `weir bench` has measured the model
 * of the role, its figure stands in the place of that rule: a local model that is soon
 * enough is chosen; one that is not gives way to a cloud model that is, where the text
 * may leave at all. */
#include "facts/date.h"
#include "route/policy.h"

static const struct route_measured *measured_of(const struct route_query *q,
                                                enum role role,
                                                const struct config_model **ret_model)
{
    const struct config_model *m = q->config->roles[role];
    *ret_model = m;
    for (size_t i = 0; m && i < q->config->nmodels; i++)
        if (q->config->models[i] == m && q->measured[i].ttft_ms)
            return &q->measured[i];
    return NULL;
}

/* local_ms: of the local model that is too slow; 0: this is the local one. */
static struct str words(const struct route_query *q, const struct config_model *m,
                        const struct route_measured *fact, uint32_t local_ms,
                        struct arena *a)
{
    char day[DATE_TEXT];
    struct str slow = STR("");
    date_format(fact->day, day);
    if (local_ms)
        slow = arena_printf(a, "local_small takes %u, ", local_ms);
    return arena_printf(a,
                        "an answer within %u ms is wanted: %.*s%.*s begins after %u ms "
                        "(measured %s by weir bench)",
                        q->hints.latency_ms, STR_ARG(slow), STR_ARG(m->name),
                        fact->ttft_ms, day);
}

bool measured_wish(const struct route_query *q, struct arena *a, struct policy_wish *ret)
{
    static const enum role clouds[] = {ROLE_CLOUD_CHEAP, ROLE_CLOUD_STRONG};
    const struct config_model *m;
    uint32_t limit = q->hints.latency_ms;
    if (!q->hints.has_latency || !q->measured)
        return false;
    const struct route_measured *local = measured_of(q, ROLE_LOCAL_SMALL, &m);
    if (!local)
        return false;
    if (local->ttft_ms <= limit) {
        *ret = (struct policy_wish){ROLE_LOCAL_SMALL, SIDE_LOCAL, false,
                                    words(q, m, local, 0, a)};
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
        const struct route_measured *cloud = measured_of(q, clouds[i], &m);
        if (!cloud || cloud->ttft_ms > limit || q->label->effective != SENSITIVITY_PUBLIC)
            continue;
        *ret = (struct policy_wish){clouds[i], SIDE_CLOUD, false,
                                    words(q, m, cloud, local->ttft_ms, a)};
        return true;
    }
    return false;
}
