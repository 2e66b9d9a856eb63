/* policy.c -- one function a policy.
 *
 * seed-table       the routing table that weir began with: sensitivity, tokens, latency,
 *                  quality
 * complexity       three levels of a question to three roles
 * length-keyword   a strong cloud model for the hard few, local for the many
 * learned          by a score that was learnt, above a threshold of the traffic's own
 * deadline         a batch that must be done by then goes where it scales
 * local-first      local while there is room; weir's default
 * local-only, cloud-only: what they say.
 *
 * Where each comes from is in docs/guide/policy-*.md. */
#include "route/policy.h"

#include "route/internal.h"

enum {
    TABLE_LARGE_LOCAL_TOKENS = 20000,
    TABLE_LONG_CLOUD_TOKENS = 50000,
    TABLE_FAST_MS = 100,
    HARD_TOKENS = 4000 /* length-keyword: what a small local model reads badly */
};

static struct policy_wish local_first(const struct route_query *q, struct arena *a)
{
    (void)q;
    (void)a;
    return (struct policy_wish){ROLE_NONE, SIDE_LOCAL, false,
                                STR("an engine here can do it")};
}

static struct policy_wish local_only(const struct route_query *q, struct arena *a)
{
    (void)q;
    (void)a;
    return (struct policy_wish){ROLE_NONE, SIDE_LOCAL, true,
                                STR("the policy asks local engines alone")};
}

static struct policy_wish cloud_only(const struct route_query *q, struct arena *a)
{
    (void)q;
    (void)a;
    return (struct policy_wish){ROLE_NONE, SIDE_CLOUD, true,
                                STR("the policy asks the cloud alone")};
}

static struct policy_wish seed_table(const struct route_query *q, struct arena *a)
{
    uint64_t tokens =
        q->hints.has_tokens ? q->hints.tokens : chat_tokens_estimate(q->chat);
    enum sensitivity s = q->label->effective;
    if (s == SENSITIVITY_CONFIDENTIAL)
        return tokens > TABLE_LARGE_LOCAL_TOKENS
                   ? (struct policy_wish){ROLE_LOCAL_LARGE, SIDE_LOCAL, true,
                                          STR("confidential and over 20000 tokens")}
                   : (struct policy_wish){ROLE_LOCAL_SMALL, SIDE_LOCAL, true,
                                          STR("confidential")};
    struct policy_wish by_figures;
    if (measured_wish(q, a, &by_figures))
        return by_figures;
    /* A latency of 0 ms is the strictest wish there is, not the lack of one. */
    if (q->hints.has_latency && q->hints.latency_ms < TABLE_FAST_MS)
        return (struct policy_wish){ROLE_LOCAL_SMALL, SIDE_LOCAL, false,
                                    STR("an answer within 100 ms is wanted")};
    if (q->hints.wants_quality && s == SENSITIVITY_PUBLIC)
        return tokens > TABLE_LONG_CLOUD_TOKENS
                   ? (struct policy_wish){ROLE_CLOUD_CHEAP, SIDE_CLOUD, false,
                                          STR("high quality, public, over 50000 tokens")}
                   : (struct policy_wish){ROLE_CLOUD_STRONG, SIDE_CLOUD, false,
                                          STR("high quality and public")};
    return (struct policy_wish){ROLE_LOCAL_SMALL, SIDE_LOCAL, false,
                                STR("by default, for cost")};
}

static struct policy_wish by_complexity(const struct route_query *q, struct arena *a)
{
    switch (complexity_of(policy_query_text(q->chat, a))) {
    case COMPLEXITY_SIMPLE:
        return (struct policy_wish){ROLE_LOCAL_SMALL, SIDE_LOCAL, false,
                                    STR("a simple question")};
    case COMPLEXITY_MEDIUM:
        return (struct policy_wish){ROLE_CLOUD_CHEAP, SIDE_CLOUD, false,
                                    STR("of medium complexity")};
    case COMPLEXITY_COMPLEX:
        break;
    }
    return (struct policy_wish){ROLE_CLOUD_STRONG, SIDE_CLOUD, false,
                                STR("a complex task")};
}

static struct policy_wish length_keyword(const struct route_query *q, struct arena *a)
{
    uint64_t tokens =
        q->hints.has_tokens ? q->hints.tokens : chat_tokens_estimate(q->chat);
    if (tokens > HARD_TOKENS)
        return (struct policy_wish){ROLE_CLOUD_STRONG, SIDE_CLOUD, false,
                                    STR("a long prompt (over 4000 tokens)")};
    if (complexity_of(policy_query_text(q->chat, a)) == COMPLEXITY_COMPLEX)
        return (struct policy_wish){ROLE_CLOUD_STRONG, SIDE_CLOUD, false,
                                    STR("a keyword of a hard task")};
    return (struct policy_wish){ROLE_LOCAL_SMALL, SIDE_LOCAL, false,
                                STR("short and without keywords of a hard task")};
}

static struct policy_wish by_deadline(const struct route_query *q, struct arena *a)
{
    (void)a;
    switch (q->hints.deadline) {
    case DEADLINE_SECONDS:
        return (struct policy_wish){ROLE_CLOUD_CHEAP, SIDE_CLOUD, false,
                                    STR("a batch with a deadline, and the cloud scales")};
    case DEADLINE_NONE:
        return (struct policy_wish){ROLE_NONE, SIDE_LOCAL, false,
                                    STR("no deadline, so it may wait")};
    case DEADLINE_UNSAID:
        break;
    }
    return local_first(q, a);
}

static struct policy_wish by_score(const struct route_query *q, struct arena *a)
{
    struct policy_wish by_figures;
    if (measured_wish(q, a, &by_figures))
        return by_figures;
    if (!q->learned)
        return local_first(q, a);
    bool goes = score_wants_cloud(q->learned, q->chat->last_user, a);
    return (struct policy_wish){goes ? ROLE_CLOUD_STRONG : ROLE_NONE,
                                goes ? SIDE_CLOUD : SIDE_LOCAL, false,
                                arena_strdup(a, str_of(q->learned->why))};
}

struct policy_wish policy_wish(const struct route_query *q, struct arena *a)
{
    static struct policy_wish (*const table[POLICY_COUNT])(const struct route_query *,
                                                           struct arena *) = {
        [POLICY_LOCAL_FIRST] = local_first,  [POLICY_LOCAL_ONLY] = local_only,
        [POLICY_CLOUD_ONLY] = cloud_only,    [POLICY_SEED_TABLE] = seed_table,
        [POLICY_COMPLEXITY] = by_complexity, [POLICY_LENGTH_KEYWORD] = length_keyword,
        [POLICY_DEADLINE] = by_deadline,     [POLICY_LEARNED] = by_score,
    };
    return table[q->policy](q, a);
}
