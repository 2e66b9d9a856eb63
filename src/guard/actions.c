/* actions.c -- from what was seen to what is done: a pure function.
 *
 * Two thresholds and not one: a wrong mask costs little, a wrong "local" costs
 * quality or an answer, so forcing local asks for evidence (min_score) while masking
 * asks for a suspicion.  Health is the one rule over two facts: a name is ordinary
 * and so is talk of illness; together they are a patient. */
#include "guard/scan.h"

const struct act_rules act_defaults = {
    .action =
        {
            [GROUP_LOW] = ACTION_CLEAR,
            [GROUP_PERSON] = ACTION_MASK,
            [GROUP_CONTACT] = ACTION_MASK,
            [GROUP_NETWORK] = ACTION_MASK,
            [GROUP_DEVICE] = ACTION_MASK,
            [GROUP_WORK] = ACTION_MASK,
            [GROUP_CRYPTO] = ACTION_MASK,
            [GROUP_SECRET] = ACTION_LOCAL,
            [GROUP_HEALTH_ID] = ACTION_LOCAL,
            [GROUP_CLASSIFICATION] = ACTION_LOCAL,
            [GROUP_CREDIT_CARD] = ACTION_LOCAL,
            [GROUP_IBAN] = ACTION_LOCAL,
            [GROUP_BANK] = ACTION_LOCAL,
            [GROUP_NATIONAL_ID] = ACTION_LOCAL,
            [GROUP_GOV_DOC] = ACTION_LOCAL,
            [GROUP_CLINICAL] = ACTION_LOCAL,
        },
    .min_score =
        {
            [GROUP_SECRET] = 55,
            [GROUP_HEALTH_ID] = 55,
            [GROUP_CLASSIFICATION] = 55,
            [GROUP_CREDIT_CARD] = 55,
            [GROUP_IBAN] = 55,
            [GROUP_BANK] = 55,
            [GROUP_NATIONAL_ID] = 55,
            [GROUP_GOV_DOC] = 55,
            [GROUP_CLINICAL] = 75,
        },
};

static void raise_to(struct verdict *v, enum action a, enum guard_group g,
                     const char *reason)
{
    if (a > v->action)
        *v = (struct verdict){a, g, reason};
}

struct verdict guard_act(const struct findings *f, const struct act_rules *rules)
{
    struct verdict v = {ACTION_CLEAR, GROUP_LOW, "nothing"};
    for (size_t t = 0; t < GUARD_NTYPES; t++) {
        if (!f->count[t])
            continue;
        enum guard_group g = guard_type_group((enum guard_type)t);
        enum action a = rules->action[g];
        if (a > ACTION_MASK && f->score[t] < rules->min_score[g])
            a = ACTION_MASK;
        raise_to(&v, a, g, guard_group_name(g));
    }
    if (f->is_clinical && f->score[TYPE_PERSON] >= rules->min_score[GROUP_CLINICAL])
        raise_to(&v, rules->action[GROUP_CLINICAL], GROUP_CLINICAL, "clinical");
    if (f->key_hits)
        raise_to(&v, ACTION_LOCAL, GROUP_LOW, "in_a_member_name");
    if (f->has_media && !rules->is_media_public)
        raise_to(&v, ACTION_LOCAL, GROUP_LOW, "media");
    if (f->is_undecodable)
        raise_to(&v, ACTION_LOCAL, GROUP_LOW, "undecodable");
    return v;
}

void findings_add(struct findings *f, const struct span_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct span *s = &l->v[i];
        f->count[s->type]++;
        if (s->score > f->score[s->type])
            f->score[s->type] = s->score;
    }
    f->is_clinical |= l->is_clinical;
}

const char *action_name(enum action a)
{
    static const char *const names[] = {"clear", "mask", "local", "block"};
    return names[a];
}

const char *action_label(enum action a)
{
    static const char *const labels[] = {"public", "public", "confidential",
                                         "confidential"};
    return labels[a];
}
