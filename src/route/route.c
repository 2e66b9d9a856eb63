/* route.c -- the walk from a request to one engine.
 *
 * The order is the product's promise: what may not leave is decided before what would
 * be nice, and a pin is honoured or refused, never bent.  Policies only order what the
 * gates before them have left.
 *
 * Elsewhere: names and aliases (resolve.c), wording (reasons.c), labels (guard/). */
#include "route/internal.h"
#include "route/policy.h"
#include "json/name.h"

/* Whether the prompt fits the model's context, as far as bytes can tell. */
enum fit { FIT_NO, FIT_LIKELY, FIT_SURE };

static enum fit context_fit(const struct config_model *m, const struct chat *chat)
{
    if (chat->surface == SURFACE_EMBEDDINGS)
        return FIT_SURE;
    if (m->context_tokens ==
        0) /* unknown: the engine will say, if it can be true at all */
        return m->context_max && chat_tokens_estimate(chat) >= m->context_max ? FIT_NO
                                                                              : FIT_SURE;
    uint64_t room = m->context_tokens;
    uint64_t answer = chat->max_output_tokens > 0 ? (uint64_t)chat->max_output_tokens : 1;
    if (chat_tokens_bound(chat) + answer <= room)
        return FIT_SURE;
    return chat_tokens_estimate(chat) + 1 <= room ? FIT_LIKELY : FIT_NO;
}

static uint64_t context_at_most(const struct config_model *m)
{
    return m->context_tokens ? m->context_tokens : m->context_max;
}

/* What it surely cannot do. */
static unsigned missing_caps(const struct config_model *m, const struct chat *chat)
{
    return chat->needs & ~(m->caps | m->caps_unknown);
}

/* A demand for a call is no reason to refuse the one model that was asked for: it is told
 * of its tools, and the client that the demand was lost. */
static unsigned spared_caps(const struct asked *asked)
{
    return asked->pin == PIN_MODEL ? CAP_TOOL_CHOICE : 0;
}

/* What it may or may not be able to do. */
static unsigned unsure_caps(const struct config_model *m, const struct chat *chat)
{
    return chat->needs & m->caps_unknown & ~m->caps;
}

static struct str caps_in_words(unsigned caps, struct arena *a)
{
    struct str all = STR("");
    for (unsigned bit = 1; bit <= CAP_TOOL_CHOICE; bit <<= 1)
        if ((caps & bit) && capability_name(bit))
            all = all.n ? ROUTE_JOIN(a, all, STR(", "), str_of(capability_name(bit)))
                        : str_of(capability_name(bit));
    return all;
}

/* Nothing is configured that could serve this: no waiting helps, so it is not a 503. */
static int refuse_unconfigured(const struct asked *asked, const struct chat *chat,
                               struct err *err)
{
    const char *side = asked->pin == PIN_CLOUD   ? "cloud "
                       : asked->pin == PIN_LOCAL ? "local "
                                                 : "";
    bool is_embeddings = chat->surface == SURFACE_EMBEDDINGS;
    return err_set(err, ERR_NOT_FOUND, "no_model_configured",
                   "no %s%s model is configured here; %s", side,
                   surface_name(chat->surface),
                   is_embeddings ? "give one caps: [embeddings] in weir.yaml"
                   : *side       ? "add an engine of that side to weir.yaml, or ask for "
                                   "'auto'"
                                 : "add an engine with models to weir.yaml");
}

/* The opening words are those of OpenAI's own error: clients that shorten or summarise a
 * conversation recognise them. */
static int refuse_too_long(uint64_t tokens, uint64_t widest, struct err *err)
{
    return err_set(err, ERR_BAD_REQUEST, "context_length_exceeded",
                   "This model's maximum context length is %llu tokens. However, your "
                   "messages resulted in about %llu tokens. Shorten the prompt, or "
                   "configure a model with a larger context",
                   (unsigned long long)widest, (unsigned long long)tokens);
}

static int refuse_incapable(const struct candidates *before, const struct asked *asked,
                            const struct chat *chat, struct arena *a, struct err *err)
{
    unsigned lacking = ~0U;
    uint64_t widest = 0;
    for (size_t i = 0; i < before->n; i++) {
        const struct config_model *m = before->items[i];
        lacking &= missing_caps(m, chat);
        if (!missing_caps(m, chat) && context_at_most(m) > widest)
            widest = context_at_most(m);
    }
    if (before->n == 0)
        return refuse_unconfigured(asked, chat, err);
    if (widest)
        return refuse_too_long(chat_tokens_estimate(chat), widest, err);
    if (lacking == ~0U || lacking == 0)
        lacking = chat->needs;
    struct str words = caps_in_words(lacking, a);
    return err_set(
        err, ERR_BAD_REQUEST, "model_lacks_capability",
        "the request needs %.*s, which '%.*s' does not offer; declare it under "
        "caps: if it does",
        STR_ARG(words), STR_ARG(chat->model));
}

/* Whether label and policy leave the model's side open at all. */
static bool may_serve(const struct route_query *q, const struct config_model *m)
{
    bool may_leave = q->label->effective == SENSITIVITY_PUBLIC && q->has_clearance;
    if (m->is_cloud)
        return may_leave && q->policy != POLICY_LOCAL_ONLY;
    return q->policy != POLICY_CLOUD_ONLY;
}

/* The operator has not paused the model's side. */
static bool is_open(const struct route_query *q, const struct config_model *m)
{
    return LIKELY(!q->paused.n) || !m->is_cloud;
}

/* The name that the client gave leaves the cloud open. */
static bool may_mean_cloud(const struct route_query *q)
{
    struct candidates c = {.n = 0};
    struct asked asked;
    struct err ignored;
    if (route_resolve(q->config, q->chat, &c, &asked, &ignored) < 0)
        return false;
    for (size_t i = 0; i < c.n; i++)
        if (c.items[i]->is_cloud)
            return true;
    return false;
}

bool route_may_take(const struct route_query *q, const struct config_model *m)
{
    return may_serve(q, m) && is_open(q, m) && !missing_caps(m, q->chat) &&
           context_fit(m, q->chat) == FIT_SURE && (!m->is_cloud || may_mean_cloud(q));
}

/* `spared` is no reason to drop one. */
static void drop_incapable(const struct route_query *q, unsigned spared,
                           struct candidates *c)
{
    const struct chat *chat = q->chat;
    size_t nsure = 0;
    for (size_t i = 0; i < c->n; i++)
        nsure += !(missing_caps(c->items[i], chat) & ~spared) &&
                 may_serve(q, c->items[i]) && is_open(q, c->items[i]) &&
                 context_fit(c->items[i], chat) == FIT_SURE;
    /* A model that surely fits beats one that may: an engine that cuts the prompt
     * silently is worse than one that costs.  One that may not be asked beats none. */
    enum fit wanted = nsure ? FIT_SURE : FIT_LIKELY;
    size_t kept = 0;
    for (size_t i = 0; i < c->n; i++)
        if (!(missing_caps(c->items[i], chat) & ~spared) &&
            context_fit(c->items[i], chat) >= wanted)
            c->items[kept++] = c->items[i];
    c->n = kept;
}

/* What each side lacks, of all that the request may mean. */
static void find_shortages(const struct route_query *q, const struct candidates *c,
                           struct shortage ret[SIDE_COUNT])
{
    for (int side = 0; side < SIDE_COUNT; side++)
        ret[side] = (struct shortage){.lacks = ~0U};
    for (size_t i = 0; i < c->n; i++) {
        const struct config_model *m = c->items[i];
        struct shortage *s = &ret[model_side(m)];
        unsigned lacks = missing_caps(m, q->chat);
        s->n++;
        s->lacks &= lacks;
        s->is_narrow |= !lacks;
        s->is_able |= !lacks && context_fit(m, q->chat) == FIT_SURE;
    }
}

static int keep_able(const struct route_query *q, const struct asked *asked,
                     struct candidates *c, struct arena *a, struct route_choice *ret,
                     struct err *err)
{
    size_t before_n = c->n;
    size_t nlocal = 0;
    for (size_t i = 0; i < c->n; i++)
        nlocal += !c->items[i]->is_cloud;
    struct candidates before;
    before.n = c->n;
    for (size_t i = 0; i < c->n; i++)
        before.items[i] = c->items[i];
    drop_incapable(q, 0, c);
    if (c->n == 0 && (q->chat->needs & spared_caps(asked))) {
        *c = before;
        drop_incapable(q, spared_caps(asked), c);
    }
    if (c->n == 0) {
        route_reason(ret, "capability", STR("no model offered can do it"));
        bool must_stay = q->label->effective != SENSITIVITY_PUBLIC;
        refuse_incapable(&before, asked, q->chat, a, err);
        if (must_stay && nlocal < before_n)
            return 0; /* the label step words the refusal: nothing local is able */
        return -1;
    }
    if (c->n < before_n) {
        unsigned extra = q->chat->needs & ~(unsigned)(CAP_CHAT | CAP_EMBEDDINGS);
        route_reason(ret, "capability",
                     extra ? ROUTE_JOIN(a, STR("needs "), caps_in_words(extra, a))
                           : STR("the prompt does not fit every context"));
    }
    return 0;
}

static bool all_cloud(const struct candidates *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!c->items[i]->is_cloud)
            return false;
    return c->n > 0;
}

static void drop_cloud(struct candidates *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->n; i++)
        if (!c->items[i]->is_cloud)
            c->items[kept++] = c->items[i];
    c->n = kept;
}

/* Who gave the label can lower it; for a session's or a scan's see label_offer(). */
static const char *how_to_lower(const struct label *l)
{
    if (strcmp(l->source, "header") == 0)
        return ", or for a lower x-weir-sensitivity";
    if (strcmp(l->source, "key") == 0)
        return ", or use a key with a lower sensitivity in weir.yaml";
    if (strcmp(l->source, "default") == 0)
        return ", or lower default_sensitivity in weir.yaml";
    return "";
}

static int keep_allowed(const struct route_query *q, const struct asked *asked,
                        bool was_all_cloud, struct candidates *c, struct arena *a,
                        struct route_choice *ret, struct err *err)
{
    const struct label *l = q->label;
    struct str level = str_of(sensitivity_name(l->effective));
    route_reason(ret, "label", label_words(l, a));
    if (q->would.n)
        route_reason(ret, "shadow", q->would);
    if (l->effective == SENSITIVITY_PUBLIC && q->has_clearance)
        return 0;
    bool is_pinned =
        asked->pin == PIN_CLOUD || (asked->pin == PIN_MODEL && was_all_cloud);
    ret->is_for_label = is_pinned;
    if (is_pinned)
        return err_set(err, ERR_BAD_REQUEST, "confidential_pinned_to_cloud",
                       "the request is labelled %s (by %s) and asks for '%.*s', which is "
                       "a cloud model; ask for 'local' or 'auto'%s",
                       level.p, l->source, STR_ARG(q->chat->model), how_to_lower(l));
    drop_cloud(c);
    if (c->n)
        return 0;
    ret->is_for_label = true;
    return err_set(err, ERR_BAD_REQUEST, "no_local_engine",
                   "the request is labelled %s (by %s), so it stays local, and no local "
                   "model is configured that can do it%s",
                   level.p, l->source,
                   q->chat->needs & ~(unsigned)CAP_CHAT ? " (vision, tools, schema or "
                                                          "context)"
                                                        : "");
}

/* What a request can make an engine send elsewhere is not for a local one, be it cleared
 * or not: only the operator can say that this is meant. */
static int keep_unforwarded(const struct route_query *q, struct candidates *c,
                            struct arena *a, struct route_choice *ret, struct err *err)
{
    struct str name = json_name_shown(q->chat->forwards);
    const struct config_engine *dropped = NULL;
    size_t kept = 0, nserve = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct config_model *m = c->items[i];
        if (!m->is_cloud && !m->engine->may_forward) {
            dropped = dropped ? dropped : m->engine;
            continue;
        }
        nserve += may_serve(q, m);
        c->items[kept++] = m;
    }
    c->n = kept;
    if (!dropped)
        return 0;
    route_reason(ret, "forward",
                 ROUTE_JOIN(a, STR("'"), name, STR("' is not for a local engine")));
    if (nserve)
        return 0;
    return err_set(err, ERR_BAD_REQUEST, "member_forwards",
                   "'%.*s' can make an engine send the request elsewhere, so it does not "
                   "go to a local one; leave it out, or, if this is meant, set "
                   "may_forward: true for engine '%.*s' in weir.yaml",
                   STR_ARG(name), STR_ARG(dropped->name));
}

/* While the operator has paused the cloud, its models are out for everybody; a request
 * that only they could take is refused, and never answered by something else. */
static int keep_open(const struct route_query *q, struct candidates *c,
                     struct route_choice *ret, struct err *err)
{
    size_t nserve = 0, before = c->n;
    drop_cloud(c);
    if (c->n < before)
        route_reason(ret, "paused", q->paused);
    for (size_t i = 0; i < c->n; i++)
        nserve += may_serve(q, c->items[i]);
    if (c->n == before || nserve)
        return 0;
    return err_set(
        err, ERR_OVERLOAD, "cloud_paused",
        "%.*s, and no local model may answer this request; ask for 'local' or "
        "'auto', or come again when whoever operates weir has resumed it (weir "
        "cloud resume)",
        STR_ARG(q->paused));
}

static bool was_tried(const struct route_query *q, const struct config_model *m)
{
    for (size_t i = 0; i < q->ntried; i++)
        if (q->tried[i] == m)
            return true;
    return false;
}

/* Too small by the word of an engine with a context no smaller. */
static bool is_too_small(const struct route_query *q, const struct config_model *m)
{
    return q->context_above && context_at_most(m) &&
           context_at_most(m) <= q->context_above;
}

/* What speaks against asking m while another can answer, the worst first: it has refused
 * this before; it asked to be left alone; nobody knows whether it can. */
enum { DOUBT_UNSURE = 32, DOUBT_WAITING = 64, DOUBT_REFUSED = 128 };

static unsigned doubts(const struct route_query *q, const struct config_model *m)
{
    const struct standing *s = q->standings ? q->standings[m->index] : NULL;
    unsigned r = 0;
    if (unsure_caps(m, q->chat) || (q->context_above && m->context_tokens == 0))
        r = DOUBT_UNSURE;
    if (!s)
        return r;
    if (atomic_load_explicit(&s->lacks, memory_order_relaxed) & q->chat->needs)
        r |= DOUBT_REFUSED;
    if (atomic_load_explicit(&s->not_before_ms, memory_order_relaxed) > q->now_ms)
        r |= DOUBT_WAITING;
    return r;
}

/* Lower is better; the order of configuration breaks ties.  The wished role first, then
 * the wished side (an engine that is idle before one that queues), then the other. */
static unsigned rank(const struct route_query *q, const struct policy_wish *wish,
                     const struct config_model *m)
{
    const struct config *cfg = q->config;
    const struct engine_health *h = &q->health[m->engine->index];
    unsigned r = doubts(q, m);
    if (wish->role && m == cfg->roles[wish->role])
        return r + (h->is_idle || m->is_cloud ? 0 : 1);
    if (model_side(m) != wish->side)
        r += 16;
    r += m->is_cloud || h->is_idle ? 2 : 6;
    if (m != cfg->roles[m->is_cloud ? ROLE_CLOUD_CHEAP : ROLE_LOCAL_SMALL])
        r += 1;
    return r;
}

struct pick {
    const struct config_model *best;
    const struct config_model *down; /* the last of the ndown */
    const struct config_model *held; /* the last of those that the operator holds */
    bool are_several_down;           /* engines */
    unsigned best_rank;
    size_t nlocal_down, nlocal_full, nlocal_held, nallowed, ndown, nfull, nheld;
    unsigned local_doubts; /* of the local ones that could be asked */
    uint32_t retry_after_s;
};

/* What the engine itself asked for counts where it is the longer. */
static uint32_t wait_of(const struct route_query *q, const struct config_model *m)
{
    const struct standing *s = q->standings ? q->standings[m->index] : NULL;
    uint32_t wait_s = q->health[m->engine->index].retry_after_s;
    uint64_t until =
        s ? atomic_load_explicit(&s->not_before_ms, memory_order_relaxed) : 0;
    uint64_t asked_s = until > q->now_ms ? (until - q->now_ms + 999) / 1000 : 0;
    return asked_s > wait_s ? (uint32_t)asked_s : wait_s;
}

static void consider(const struct route_query *q, const struct policy_wish *wish,
                     const struct config_model *m, struct pick *p)
{
    const struct engine_health *h = &q->health[m->engine->index];
    bool is_forbidden = wish->is_strict && model_side(m) != wish->side;
    if (is_forbidden || was_tried(q, m) || is_too_small(q, m))
        return;
    p->nallowed++;
    if (!h->is_up || !h->has_room) {
        p->ndown += !h->is_up;
        p->are_several_down |= p->down && !h->is_up && p->down->engine != m->engine;
        p->down = h->is_up ? p->down : m;
        p->held = h->held ? m : p->held;
        p->nheld += h->held != NULL;
        p->nlocal_held += h->held && !m->is_cloud;
        p->nfull += h->is_up;
        p->nlocal_down += !m->is_cloud && !h->is_up;
        p->nlocal_full += !m->is_cloud && h->is_up;
        uint32_t wait_s = wait_of(q, m);
        if (wait_s && (!p->retry_after_s || wait_s < p->retry_after_s))
            p->retry_after_s = wait_s;
        return;
    }
    unsigned r = rank(q, wish, m);
    if (!m->is_cloud)
        p->local_doubts |= r & ~(unsigned)(DOUBT_UNSURE - 1);
    if (!p->best || r < p->best_rank) {
        p->best = m;
        p->best_rank = r;
    }
}

static const char *held_words(const struct route_query *q, const struct config_model *m)
{
    return q->health[m->engine->index].held;
}

static int refuse_unavailable(const struct route_query *q, const struct pick *p,
                              struct route_choice *ret, struct err *err)
{
    bool must_stay = q->label->effective != SENSITIVITY_PUBLIC;
    const char *stays = must_stay ? "; its label keeps it off the cloud" : "";
    ret->retry_after_s = p->retry_after_s ? p->retry_after_s : 1;
    ret->is_for_label = must_stay;
    if (p->nallowed == 0 && q->ntried == 0)
        return err_set(err, ERR_BAD_REQUEST, "policy_leaves_no_engine",
                       "policy %s leaves no engine for this request; x-weir-policy may "
                       "choose another where the configuration allows it",
                       policy_name(q->policy));
    if (p->nfull)
        return err_set(err, ERR_OVERLOAD, "queue_full",
                       "every able engine is full and its queue too%s", stays);
    const char *code = must_stay ? "no_local_engine" : "no_engine_available";
    if (p->nheld && p->nheld == p->ndown)
        return err_set(err, ERR_OVERLOAD, code,
                       "engine '%.*s' %s, and no other can answer this; come again "
                       "later, or ask whoever operates weir%s",
                       STR_ARG(p->held->engine->name), held_words(q, p->held), stays);
    if (p->ndown && !p->are_several_down)
        return err_set(
            err, ERR_OVERLOAD, code,
            "engine '%.*s' failed several times in a row and is left alone for "
            "another %u s%s",
            STR_ARG(p->down->engine->name), ret->retry_after_s, stays);
    if (p->ndown && p->nheld)
        return err_set(err, ERR_OVERLOAD, code,
                       "engine '%.*s' %s, and every other that could answer failed "
                       "several times in a row%s",
                       STR_ARG(p->held->engine->name), held_words(q, p->held), stays);
    if (p->ndown)
        return err_set(err, ERR_OVERLOAD, code,
                       "every engine that could answer failed several times in a row; "
                       "the first is asked again in %u s%s",
                       ret->retry_after_s, stays);
    return err_set(err, ERR_OVERLOAD, code, "no engine is left to ask%s", stays);
}

/* Why none of a side can be asked now, though some could do it. */
static struct str unreachable(const struct route_query *q, const struct pick *p,
                              enum side side, struct arena *a)
{
    bool is_local = side == SIDE_LOCAL;
    size_t nfull = is_local ? p->nlocal_full : p->nfull - p->nlocal_full;
    size_t ndown = is_local ? p->nlocal_down : p->ndown - p->nlocal_down;
    size_t nheld = is_local ? p->nlocal_held : p->nheld - p->nlocal_held;
    struct str name = str_of(side_name(side));
    if (nfull)
        return ROUTE_JOIN(a, STR("the "), name, STR(" queue is full"));
    if (nheld && nheld == ndown)
        return ROUTE_JOIN(a, STR("the "), name, STR(" engine "),
                          str_of(held_words(q, p->held)));
    return ROUTE_JOIN(a, STR("no "), name, STR(" engine is reachable"));
}

/* What speaks against the local models, though one could be asked. */
static struct str in_doubt(const struct pick *p)
{
    if (p->local_doubts & DOUBT_REFUSED)
        return STR("a local engine has refused the like");
    if (p->local_doubts & DOUBT_WAITING)
        return STR("the local engine asked to be left alone for a while");
    return STR("it is not known whether a local model can do it");
}

/* Why it is this side, where the other one was wished for or is none of the choice. */
static struct str other_side_out(const struct route_query *q,
                                 const struct shortage *lacks, enum side side,
                                 struct arena *a)
{
    enum side other = side == SIDE_LOCAL ? SIDE_CLOUD : SIDE_LOCAL;
    if (side == SIDE_LOCAL && q->label->effective != SENSITIVITY_PUBLIC)
        return ROUTE_JOIN(a, STR("labelled "),
                          str_of(sensitivity_name(q->label->effective)),
                          STR(", so it stays"));
    if (side == SIDE_LOCAL && !q->has_clearance)
        return STR("it is not cleared to leave");
    if (side == SIDE_LOCAL && q->paused.n)
        return q->paused;
    if (lacks[other].is_able && q->chat->forwards.n)
        return STR("it names what a local engine may not forward");
    return shortage_words(&lacks[other], other, a);
}

/* Why the winner, when it is not what the policy wished for. */
static struct str second_best(const struct route_query *q, const struct pick *p,
                              const struct shortage *lacks, const size_t *n,
                              struct arena *a)
{
    enum side side = model_side(p->best);
    enum side other = side == SIDE_LOCAL ? SIDE_CLOUD : SIDE_LOCAL;
    if (q->ntried)
        return STR("another engine failed");
    if (n[other] == 0)
        return other_side_out(q, lacks, side, a);
    if (side == SIDE_CLOUD && p->local_doubts)
        return in_doubt(p);
    return unreachable(q, p, other, a);
}

/* The outcome and its cause stand first: what comes behind may be cut. */
static struct str policy_detail(const struct route_query *q,
                                const struct policy_wish *wish, const struct pick *p,
                                const struct shortage *lacks, const size_t *n,
                                struct arena *a)
{
    struct str side = str_of(side_name(model_side(p->best)));
    if (q->ntried == 0 && model_side(p->best) == wish->side)
        return ROUTE_JOIN(a, side, STR(": "), wish->why);
    struct str instead = second_best(q, p, lacks, n, a);
    return wish->side == SIDE_LOCAL && !wish->role
               ? ROUTE_JOIN(a, side, STR(": "), instead)
               : ROUTE_JOIN(a, side, STR(": "), instead, STR("; the policy wished for "),
                            str_of(side_name(wish->side)), STR(": "), wish->why);
}

static enum role role_of(const struct config *config, const struct config_model *m)
{
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++)
        if (config->roles[r] == m)
            return (enum role)r;
    return ROLE_NONE;
}

/* Without its label the request would have gone to the cloud, because the policy holds
 * that the local side is not good enough for it. */
static bool is_second_choice(const struct route_query *q, const struct config_model *m,
                             struct arena *a)
{
    struct label open = *q->label;
    struct route_query unlabelled = *q;
    if (m->is_cloud || q->label->effective == SENSITIVITY_PUBLIC)
        return false;
    open.effective = SENSITIVITY_PUBLIC;
    unlabelled.label = &open;
    unlabelled.has_clearance = true;
    struct route_learned dry;
    if (q->learned) { /* it may not go, so it is none of what the share is of */
        dry = *q->learned;
        dry.is_dry = true;
        unlabelled.learned = &dry;
    }
    return policy_wish(&unlabelled, a).side == SIDE_CLOUD;
}

/* What is wished for after an answer that was too weak. */
static struct policy_wish stronger_wish(const struct route_query *q)
{
    bool has_strong = q->config->roles[ROLE_CLOUD_STRONG] != NULL;
    bool may_leave = q->label->effective == SENSITIVITY_PUBLIC && q->has_clearance &&
                     q->policy != POLICY_LOCAL_ONLY && !q->paused.n;
    if (!may_leave)
        return (struct policy_wish){ROLE_LOCAL_LARGE, SIDE_LOCAL, true, q->weak_why};
    return (struct policy_wish){has_strong ? ROLE_CLOUD_STRONG : ROLE_NONE, SIDE_CLOUD,
                                false, q->weak_why};
}

/* Where one side alone can take it there is nothing to score. */
static struct policy_wish wish_among(const struct route_query *q,
                                     const struct shortage *lacks, const size_t *n,
                                     struct arena *a)
{
    if (q->policy != POLICY_LEARNED || (n[SIDE_LOCAL] && n[SIDE_CLOUD]))
        return policy_wish(q, a);
    enum side side = n[SIDE_LOCAL] ? SIDE_LOCAL : SIDE_CLOUD;
    return (struct policy_wish){ROLE_NONE, side, false,
                                other_side_out(q, lacks, side, a)};
}

static int choose(const struct route_query *q, const struct asked *asked,
                  const struct candidates *c, const struct shortage *lacks,
                  struct arena *a, struct route_choice *ret, struct err *err)
{
    struct pick p = {.best = NULL};
    size_t n[SIDE_COUNT] = {0};
    for (size_t i = 0; i < c->n; i++)
        n[model_side(c->items[i])]++;
    struct policy_wish wish = q->weak ? stronger_wish(q) : wish_among(q, lacks, n, a);
    for (size_t i = 0; i < c->n; i++)
        consider(q, &wish, c->items[i], &p);
    if (!p.best) {
        route_reason(ret, "health",
                     UNLIKELY(p.nheld)
                         ? ROUTE_JOIN(a, STR("engine '"), p.held->engine->name, STR("' "),
                                      str_of(held_words(q, p.held)))
                         : STR("no able engine is reachable or has room"));
        return refuse_unavailable(q, &p, ret, err);
    }
    ret->model = p.best;
    ret->role = role_of(q->config, p.best);
    ret->is_low_quality = is_second_choice(q, p.best, a);
    if (ret->is_low_quality)
        route_reason(
            ret, "quality",
            STR("low: the policy would ask the cloud, but the label keeps it here"));
    if (p.best->is_cloud && q->masked.n)
        route_reason(ret, "mask", q->masked);
    unsigned unsure = unsure_caps(p.best, q->chat);
    if (UNLIKELY(unsure))
        route_reason(ret, "capability",
                     ROUTE_JOIN(a, STR("needs "), caps_in_words(unsure, a),
                                STR("; not known of the model, so tried")));
    if (UNLIKELY(q->weak != NULL)) {
        route_reason(ret, "escalated", q->weak_why);
        return 0;
    }
    if (asked->pin == PIN_AUTO) {
        route_reason(ret, policy_name(q->policy),
                     policy_detail(q, &wish, &p, lacks, n, a));
        return 0;
    }
    struct str what = asked->is_alias
                          ? ROUTE_JOIN(a, q->chat->model, STR(" is "), asked->word)
                          : asked->word;
    route_reason(ret, "pin", what);
    return 0;
}

/* Of the models that are left, those stronger than the one whose answer was too weak. */
static void keep_stronger(const struct route_query *q, struct candidates *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct config_model *m = c->items[i];
        bool is_larger = m == q->config->roles[ROLE_LOCAL_LARGE] && m != q->weak;
        if (may_serve(q, m) && is_open(q, m) && (m->is_cloud || is_larger))
            c->items[kept++] = m;
    }
    c->n = kept;
}

/* A pin by name overrides the order of a policy, not what a policy forbids. */
static struct route_query under_pin(const struct route_query *q,
                                    const struct asked *asked)
{
    struct route_query pinned = *q;
    bool is_restrictive =
        q->policy == POLICY_LOCAL_ONLY || q->policy == POLICY_CLOUD_ONLY;
    if (asked->pin != PIN_AUTO && !is_restrictive)
        pinned.policy = POLICY_LOCAL_FIRST;
    return pinned;
}

int route_decide(const struct route_query *q, struct arena *a, struct route_choice *ret,
                 struct err *err)
{
    struct candidates c;
    struct asked asked;
    struct shortage lacks[SIDE_COUNT];
    *ret = (struct route_choice){.model = NULL};
    if (route_resolve(q->config, q->chat, &c, &asked, err) < 0) {
        route_reason(ret, "pin", STR("unknown model"));
        return -1;
    }
    struct route_query pinned = under_pin(q, &asked);
    bool was_all_cloud = all_cloud(&c);
    find_shortages(q, &c, lacks);
    if (keep_able(q, &asked, &c, a, ret, err) < 0)
        return -1;
    if (keep_allowed(q, &asked, was_all_cloud, &c, a, ret, err) < 0)
        return -1;
    if (UNLIKELY(q->chat->forwards.n) && keep_unforwarded(&pinned, &c, a, ret, err) < 0)
        return -1;
    if (UNLIKELY(q->paused.n) && keep_open(&pinned, &c, ret, err) < 0)
        return -1;
    ret->is_auto = asked.pin == PIN_AUTO;
    if (UNLIKELY(q->weak != NULL))
        keep_stronger(&pinned, &c);
    return choose(&pinned, &asked, &c, lacks, a, ret, err);
}
