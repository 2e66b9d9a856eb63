/* escalate.c -- the section `escalate:`: which local answers are judged, and how. */
#include "config/read.h"

#define DEFAULT_THRESHOLD 0.75
enum { DEFAULT_HOLD_MS = 8000, DEFAULT_HOLD_TOKENS = 1024, MAX_HOLD_MS = 600 * 1000 };

static void read_when(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"always", "asked"};
    if (n->kind == YNODE_SCALAR && str_eqz(n->text, words[0]))
        *(bool *)out = true;
    else if (n->kind == YNODE_SCALAR && str_eqz(n->text, words[1]))
        *(bool *)out = false;
    else
        read_word_fault(rd, n, "escalate: when", words, ARRAY_LEN(words));
}

/* As a share of 1, or as a percentage. */
static void read_threshold(struct reading *rd, const struct ynode *n, void *out)
{
    struct str text = n->kind == YNODE_SCALAR ? n->text : STR("");
    bool is_percent = str_ends(text, STR("%"));
    double v = -1;
    if (!str_to_double(str_sub(text, 0, text.n - is_percent), &v))
        v = -1;
    v = is_percent ? v / 100 : v;
    if (!(v >= 0 && v <= 1))
        fault_at(rd->faults, n,
                 "escalate: threshold is '%.*s'; it must be 0 to 1, like 0.75, or 0%% to "
                 "100%%",
                 STR_ARG(text));
    else
        *(double *)out = v;
}

static bool is_asked(const struct config_escalate *e, const struct config_model *m)
{
    for (size_t i = 0; i < e->nopinions; i++)
        if (e->opinions[i] == m)
            return true;
    return false;
}

static void add_opinion(struct reading *rd, const struct ynode *n,
                        struct config_escalate *e)
{
    const struct config_model *m = read_any_model(rd, n);
    if (m && m->is_cloud)
        fault_at(rd->faults, n,
                 "a second opinion is that of another local model, and '%.*s' is in the "
                 "cloud",
                 STR_ARG(n->text));
    else if (m && e->nopinions == CONFIG_MAX_OPINIONS)
        fault_at(rd->faults, n, "at most %d models are asked for a second opinion",
                 CONFIG_MAX_OPINIONS);
    else if (m && is_asked(e, m))
        fault_at(rd->faults, n, "'%.*s' is named twice: one model has one opinion",
                 STR_ARG(n->text));
    else if (m)
        e->opinions[e->nopinions++] = m;
}

/* A model, or a list of them. */
static void read_opinions(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_escalate *e = CONTAINER_OF(out, struct config_escalate, nopinions);
    if (n->kind != YNODE_LIST)
        add_opinion(rd, n, e);
    else
        for (const struct ynode *m = n->first; m; m = m->next)
            add_opinion(rd, m, e);
}

static void read_judge(struct reading *rd, const struct ynode *n, void *out)
{
    *(const struct config_model **)out = read_any_model(rd, n);
}

static bool has_cloud(const struct config *c)
{
    for (size_t i = 0; i < c->nmodels; i++)
        if (c->models[i]->is_cloud && !(c->models[i]->caps & CAP_EMBEDDINGS))
            return true;
    return false;
}

static bool has_stronger(const struct config *c)
{
    return has_cloud(c) || c->roles[ROLE_LOCAL_LARGE] != NULL;
}

/* Where m answers, part of the section can do nothing; is_usual: it mostly does. */
static void warn_of_model(struct reading *rd, const struct ynode *n,
                          const struct config_model *m, bool is_usual)
{
    const struct config *c = rd->config;
    const struct config_escalate *e = &c->escalate;
    if (is_usual && e->nopinions == 1 && e->opinions[0] == m)
        warn_at(rd->faults, n,
                "escalate: where '%.*s' itself answers, nobody gives a second opinion: "
                "name another local model too, like second_opinion: [%.*s, OTHER]",
                STR_ARG(m->name), STR_ARG(m->name));
    if (!has_cloud(c) && c->roles[ROLE_LOCAL_LARGE] == m)
        warn_at(
            rd->faults, n,
            "escalate: where '%.*s' itself answers, nothing is judged: it is the role "
            "local_large, and there is no cloud model",
            STR_ARG(m->name));
}

static void warn_of_what_cannot_be(struct reading *rd, const struct ynode *n)
{
    const struct config *c = rd->config;
    size_t nlocal = 0;
    for (size_t i = 0; i < c->nmodels; i++) {
        const struct config_model *m = c->models[i];
        if (m->is_cloud || (m->caps & CAP_EMBEDDINGS))
            continue;
        bool is_usual = nlocal++ == 0 || m == c->roles[ROLE_LOCAL_SMALL];
        warn_of_model(rd, n, m, is_usual);
    }
    if (nlocal == 0)
        warn_at(
            rd->faults, n,
            "escalate: there is no local model, so there is no local answer to judge");
    else if (c->policy == POLICY_CLOUD_ONLY)
        warn_at(rd->faults, n,
                "escalate: under policy cloud-only there is no local answer to judge");
    else if (c->policy == POLICY_LOCAL_ONLY && !c->roles[ROLE_LOCAL_LARGE])
        warn_at(rd->faults, n,
                "escalate: under policy local-only only roles: local_large can be the "
                "stronger model, and there is none, so nothing is judged");
}

void read_escalate(struct reading *rd, const struct ynode *n)
{
    static const struct field fields[] = {
        {"when", read_when, offsetof(struct config_escalate, is_on)},
        {"threshold", read_threshold, offsetof(struct config_escalate, threshold)},
        {"hold", read_duration_ms, offsetof(struct config_escalate, hold_ms)},
        {"hold_tokens", read_u32, offsetof(struct config_escalate, hold_tokens)},
        {"second_opinion", read_opinions, offsetof(struct config_escalate, nopinions)},
        {"judge", read_judge, offsetof(struct config_escalate, judge)},
    };
    struct config_escalate *e = &rd->config->escalate;
    bool is_on = false;
    *e = (struct config_escalate){.threshold = DEFAULT_THRESHOLD,
                                  .hold_ms = DEFAULT_HOLD_MS,
                                  .hold_tokens = DEFAULT_HOLD_TOKENS};
    if (!n || rd->config->nmodels == 0)
        return;
    if (n->kind == YNODE_SCALAR && str_eqz(n->text, "off"))
        return;
    if (!has_stronger(rd->config))
        warn_at(
            rd->faults, n,
            "there is no cloud model and no role local_large, so no stronger model can "
            "be asked, and nothing is judged");
    is_on = n->kind == YNODE_SCALAR && str_eqz(n->text, "on");
    e->is_on = e->may_ask = true;
    if (!is_on && n->kind != YNODE_MAP)
        fault_at(rd->faults, n,
                 "escalate must be on, off or a mapping, like {threshold: 0.75}");
    else if (!is_on)
        read_fields(rd, n, fields, ARRAY_LEN(fields), e, "escalate");
    if (has_stronger(rd->config))
        warn_of_what_cannot_be(rd, n);
    if (e->hold_ms > MAX_HOLD_MS)
        fault_at(rd->faults, n, "escalate: hold can be at most 10 minutes");
}
