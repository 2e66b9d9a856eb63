/* forecast.c -- see forecast.h. */
#include "gateway/forecast.h"

#include "ledger/judged.h"

enum { MAX_PROMPT_BYTES = 1 << 20 }; /* of what is asked: it is read once more */

const char *escalate_unfit(const struct chat *chat, const struct dialect *d, bool is_auto)
{
    if (chat->surface != SURFACE_CHAT || !d->read_conversation)
        return judged_words(JUDGED_NO_CHAT);
    if (chat->nchoices != 1)
        return judged_words(JUDGED_CHOICES);
    if (!is_auto)
        return judged_words(JUDGED_BY_NAME);
    if (chat->text_bytes > MAX_PROMPT_BYTES)
        return judged_words(JUDGED_LONG_REQUEST);
    return NULL;
}

const struct config_model *escalate_stronger(const struct route_query *q,
                                             const struct config_model *weak,
                                             struct arena *a)
{
    struct route_choice choice;
    struct err ignored;
    struct route_query other = *q;
    struct arena_mark mark = arena_mark(a);
    other.weak = weak;
    other.weak_why = STR("");
    bool is_found = route_decide(&other, a, &choice, &ignored) == 0;
    arena_back(a, mark);
    return is_found ? choice.model : NULL;
}

static bool may_leave(const struct route_query *q)
{
    return q->label->effective == SENSITIVITY_PUBLIC && q->has_clearance &&
           q->policy != POLICY_LOCAL_ONLY;
}

const char *escalate_no_stronger(const struct route_query *q)
{
    return may_leave(q) ? judged_words(JUDGED_NO_STRONGER)
                        : "not judged: no stronger model could be asked: the request "
                          "stays here, and `roles: local_large` has no larger one";
}

/* Who does not ask for it. */
static const char *why_unasked(const struct forecast_ask *ask)
{
    const struct config_escalate *c = &ask->query->config->escalate;
    if (!c->may_ask)
        return "not judged: `escalate` is off in weir.yaml";
    if (ask->said == ESCALATE_SAID_OFF)
        return "not judged: the client says x-weir-escalate: off";
    if (ask->key && ask->key->has_escalate)
        return "not judged: the key says `escalate: off`";
    return "not judged: `escalate: {when: asked}`, and neither key nor client asks for "
           "it";
}

static const char *why_not(const struct forecast_ask *ask, struct arena *a,
                           struct explain_judging *ret)
{
    const struct route_query *q = ask->query;
    const struct config_model *m = ask->choice->model;
    if (!escalate_is_asked(q->config, ask->key, ask->said))
        return why_unasked(ask);
    if (m->is_cloud)
        return "not judged: a cloud model answers";
    const char *why = escalate_unfit(q->chat, ask->dialect, ask->choice->is_auto);
    if (why)
        return why;
    ret->stronger = escalate_stronger(q, m, a);
    return ret->stronger ? NULL : escalate_no_stronger(q);
}

void forecast(const struct forecast_ask *ask, struct arena *a,
              struct explain_judging *ret)
{
    const struct route_query *q = ask->query;
    const struct config_escalate *c = &q->config->escalate;
    const struct config_model *m = ask->choice->model;
    *ret = (struct explain_judging){
        .threshold = c->threshold, .hold_ms = c->hold_ms, .hold_tokens = c->hold_tokens};
    ret->why_not = why_not(ask, a, ret);
    if (ret->why_not)
        return;
    for (size_t i = 0; i < c->nopinions; i++)
        if (c->opinions[i] != m && route_may_take(q, c->opinions[i]))
            ret->opinions[ret->nopinions++] = c->opinions[i];
    if (c->judge && (!c->judge->is_cloud || may_leave(q)))
        ret->judge = c->judge;
}
