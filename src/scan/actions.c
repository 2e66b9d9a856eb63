/* actions.c -- from what was seen to what is done: a pure function.
 *
 * Two thresholds and not one: a wrong mask costs little, a wrong "local" costs
 * quality or an answer, so forcing local asks for evidence (min_score) while masking
 * asks for a suspicion.  Health is the one rule over two facts: a name is ordinary
 * and so is talk of illness; together they are a patient. */
#include "scan/scan.h"

static const enum action default_action[GUARD_NGROUPS] = {
    [GROUP_LOW] = ACTION_CLEAR,         [GROUP_PERSON] = ACTION_MASK,
    [GROUP_CONTACT] = ACTION_MASK,      [GROUP_NETWORK] = ACTION_MASK,
    [GROUP_DEVICE] = ACTION_MASK,       [GROUP_WORK] = ACTION_MASK,
    [GROUP_CRYPTO] = ACTION_MASK,       [GROUP_SECRET] = ACTION_LOCAL,
    [GROUP_HEALTH_ID] = ACTION_LOCAL,   [GROUP_CLASSIFICATION] = ACTION_LOCAL,
    [GROUP_CREDIT_CARD] = ACTION_LOCAL, [GROUP_IBAN] = ACTION_LOCAL,
    [GROUP_BANK] = ACTION_LOCAL,        [GROUP_NATIONAL_ID] = ACTION_LOCAL,
    [GROUP_GOV_DOC] = ACTION_LOCAL,     [GROUP_CUSTOM] = ACTION_LOCAL,
    [GROUP_SOURCE_CODE] = ACTION_LOCAL, [GROUP_CLINICAL] = ACTION_LOCAL,
};

/* What the operator's own rules say is certain. */
static uint8_t default_score(enum guard_group g)
{
    if (g == GROUP_CLINICAL)
        return 75;
    if (g == GROUP_CUSTOM || g == GROUP_SOURCE_CODE)
        return 0;
    return default_action[g] > ACTION_MASK ? 55 : 0;
}

void act_rules_init(struct act_rules *r)
{
    *r = (struct act_rules){
        .clinical = ACTION_LOCAL, .custom = GUARD_UNSAID, .source_code = GUARD_UNSAID};
    for (size_t g = 0; g < GUARD_NGROUPS; g++)
        r->min_score[g] = default_score((enum guard_group)g);
    for (size_t t = 0; t < GUARD_NTYPES; t++)
        r->type[t] = (uint8_t)default_action[guard_type_group((enum guard_type)t)];
}

static void apply_to_group(struct act_rules *r, enum guard_group g, int8_t action)
{
    if (g == GROUP_CLINICAL)
        r->clinical = (uint8_t)action;
    for (size_t t = 0; t < GUARD_NTYPES; t++)
        if (guard_type_group((enum guard_type)t) == g)
            r->type[t] = (uint8_t)action;
    if (g == GROUP_CUSTOM)
        r->custom = action;
    if (g == GROUP_SOURCE_CODE)
        r->source_code = action;
}

void act_rules_apply(struct act_rules *r, const struct config_guard_actions *a)
{
    for (size_t g = 0; g < GUARD_NGROUPS; g++)
        if (a->group[g] != GUARD_UNSAID)
            apply_to_group(r, (enum guard_group)g, a->group[g]);
    for (size_t t = 0; t < GUARD_NTYPES; t++)
        if (a->type[t] != GUARD_UNSAID)
            r->type[t] = (uint8_t)a->type[t];
    r->is_every_name |=
        a->group[GROUP_PERSON] > ACTION_MASK || a->type[TYPE_PERSON] > ACTION_MASK;
}

static bool is_nobodys(const struct act_rules *r, const struct span *s)
{
    return s->is_alone && !r->is_every_name;
}

bool guard_may_let_go(const struct span *s)
{
    return !s->is_checked;
}

enum action guard_act_span(const struct act_rules *r, const struct span *s)
{
    if (s->is_allowed)
        return ACTION_CLEAR;
    if (s->rule)
        return act_rules_own(r, s->rule - 1u);
    if (is_nobodys(r, s))
        return ACTION_CLEAR;
    enum guard_type t = s->is_part ? TYPE_ADDRESS : (enum guard_type)s->type;
    enum action a = (enum action)r->type[t];
    enum guard_group g = guard_type_group(t);
    return a == ACTION_LOCAL && s->score < r->min_score[g] ? ACTION_MASK : a;
}

/* -- the verdict ------------------------------------------------------------------- */

static void raise_to(struct verdict *v, enum action a, enum guard_group g,
                     const char *reason)
{
    if (a > v->action)
        *v = (struct verdict){.action = a, .group = g, .reason = reason};
}

/* What a person has let go masked forces nothing any more; what is blocked stays so. */
static void raise_found(struct verdict *v, const struct act_rules *r, enum action a,
                        enum guard_group g, const char *reason)
{
    if (a == ACTION_LOCAL && r->accepted_groups >> g & 1)
        a = ACTION_MASK;
    raise_to(v, a, g, reason);
}

/* Persons whose names are alone count where every name does. */
static uint32_t count_of(const struct findings *f, const struct act_rules *r, size_t t)
{
    return f->count[t] - (t == TYPE_PERSON && !r->is_every_name ? f->persons_alone : 0);
}

static uint8_t score_of(const struct findings *f, const struct act_rules *r, size_t t)
{
    return t == TYPE_PERSON && !r->is_every_name ? f->person_score : f->score[t];
}

static void judge_types(struct verdict *v, const struct findings *f,
                        const struct act_rules *r)
{
    for (size_t t = 0; t < GUARD_NTYPES; t++) {
        enum guard_group g = guard_type_group((enum guard_type)t);
        if (!count_of(f, r, t) || g == GROUP_CUSTOM || g == GROUP_SOURCE_CODE)
            continue;
        enum action a = (enum action)r->type[t];
        if (a > ACTION_MASK && score_of(f, r, t) < r->min_score[g])
            a = ACTION_MASK;
        raise_found(v, r, a, g, guard_group_name(g));
    }
}

/* A table of customers is more than a lone mention. */
static void judge_counts(struct verdict *v, const struct findings *f,
                         const struct act_rules *r)
{
    uint32_t in_group[GUARD_NGROUPS] = {0};
    for (size_t t = 0; t < GUARD_NTYPES; t++) {
        enum guard_group g = guard_type_group((enum guard_type)t);
        uint32_t n = count_of(f, r, t);
        in_group[g] += n;
        if (r->max_count && r->max_count[t] && n > r->max_count[t])
            raise_found(v, r, ACTION_LOCAL, g, "too_many");
    }
    for (size_t g = 0; g < GUARD_NGROUPS; g++)
        if (r->max_in_group && r->max_in_group[g] && in_group[g] > r->max_in_group[g])
            raise_found(v, r, ACTION_LOCAL, (enum guard_group)g, "too_many");
}

enum action act_rules_own(const struct act_rules *r, size_t rule)
{
    int8_t said = r->rules[rule].type == TYPE_CUSTOM ? r->custom : r->source_code;
    return said == GUARD_UNSAID ? r->rules[rule].action : (enum action)said;
}

static void judge_own(struct verdict *v, const struct findings *f,
                      const struct act_rules *r)
{
    for (size_t i = 0; i < r->nrules; i++)
        if (rule_set_has(&f->rules, (unsigned)i))
            raise_found(v, r, act_rules_own(r, i), guard_type_group(r->rules[i].type),
                        r->rule_reasons[i]);
}

struct verdict guard_act(const struct findings *f, const struct act_rules *rules)
{
    struct verdict v = {.action = ACTION_CLEAR, .group = GROUP_LOW, .reason = "nothing"};
    judge_types(&v, f, rules);
    judge_counts(&v, f, rules);
    judge_own(&v, f, rules);
    if (f->is_clinical &&
        score_of(f, rules, TYPE_PERSON) >= rules->min_score[GROUP_CLINICAL])
        raise_found(&v, rules, (enum action)rules->clinical, GROUP_CLINICAL, "clinical");
    if (f->key_hits)
        raise_to(&v, ACTION_LOCAL, GROUP_LOW, "in_a_member_name");
    if (f->has_media && !rules->is_media_public)
        raise_to(&v, ACTION_LOCAL, GROUP_LOW, "media");
    if ((f->is_unsure || f->is_undecodable) && v.action < ACTION_LOCAL)
        v = (struct verdict){.action = ACTION_LOCAL,
                             .group = GROUP_LOW,
                             .reason = f->is_unsure ? "rule_limit" : "undecodable",
                             .is_unread = true};
    return v;
}

void findings_add(struct findings *f, const struct span_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct span *s = &l->v[i];
        if (s->is_allowed)
            continue;
        f->count[s->type]++;
        if (s->score > f->score[s->type])
            f->score[s->type] = s->score;
        if (s->type != TYPE_PERSON)
            continue;
        f->persons_alone += s->is_alone;
        if (!s->is_alone && s->score > f->person_score)
            f->person_score = s->score;
    }
    f->is_clinical |= l->is_clinical;
    f->is_unsure |= l->is_unsure;
    f->has_media |= l->has_blob;
    rule_set_join(&f->rules, &l->rules);
}

const char *action_label(enum action a)
{
    static const char *const labels[] = {"public", "public", "confidential",
                                         "confidential"};
    return labels[a];
}

void findings_recount(struct findings *f, const struct span_list *l)
{
    memset(f->count, 0, sizeof f->count);
    memset(f->score, 0, sizeof f->score);
    f->persons_alone = 0;
    f->person_score = 0;
    findings_add(f, l);
}
