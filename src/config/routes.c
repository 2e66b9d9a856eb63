/* routes.c -- roles and aliases: names that point at what is configured. */
#include "config/read.h"
#include "facts/nearest.h"

#include <stdio.h>

static const struct config_model *find_model(const struct config *c, struct str name,
                                             bool want_cloud, bool *ret_wrong_side)
{
    *ret_wrong_side = false;
    for (size_t i = 0; i < c->nmodels; i++) {
        const struct config_model *m = c->models[i];
        struct str e = m->engine->name;
        bool is_full = name.n == e.n + 1 + m->name.n && str_starts(name, e) &&
                       name.p[e.n] == '/' && str_ends(name, m->name);
        if (!str_eq(m->name, name) && !is_full)
            continue;
        if (m->is_cloud == want_cloud)
            return m;
        *ret_wrong_side = true;
    }
    return NULL;
}

const struct config_model *config_model_named(const struct config *c, struct str name)
{
    bool ignored;
    const struct config_model *m = find_model(c, name, false, &ignored);
    return m ? m : find_model(c, name, true, &ignored);
}

static void unknown_model(struct reading *rd, const struct ynode *n)
{
    struct nearest near;
    char words[300];
    nearest_init(&near, n->text);
    for (size_t i = 0; i < rd->config->nmodels; i++)
        nearest_offer(&near, rd->config->models[i]->name);
    nearest_print(&near, "; nearest: ", "", words, sizeof words);
    fault_at(rd->faults, n, "no engine lists a model '%.*s'%s", STR_ARG(n->text), words);
}

static void read_role(struct reading *rd, const struct ynode *n)
{
    static const char *const words[] = {"local_small", "local_large", "cloud_cheap",
                                        "cloud_strong"};
    enum role role = ROLE_NONE;
    bool is_wrong_side = false;
    if (!role_parse(n->key->text, &role)) {
        read_word_fault(rd, n->key, "a role", words, ARRAY_LEN(words));
        return;
    }
    if (!read_is_scalar(rd, n))
        return;
    bool want_cloud = role == ROLE_CLOUD_CHEAP || role == ROLE_CLOUD_STRONG;
    const struct config_model *m =
        find_model(rd->config, n->text, want_cloud, &is_wrong_side);
    if (!m && is_wrong_side)
        warn_at(rd->faults, n,
                "%s needs a %s model, and '%.*s' is not: the role stays empty; name "
                "another or remove the line",
                role_name(role), want_cloud ? "cloud" : "local", STR_ARG(n->text));
    else if (!m)
        unknown_model(rd, n);
    rd->config->roles[role] = m;
}

static bool is_model(const struct config *c, struct str name)
{
    return config_model_named(c, name) != NULL;
}

/* The words a client may pin with: they mean the same whatever is configured. */
static bool is_own_word(struct str name)
{
    enum role ignored;
    return str_eqz(name, "auto") || str_eqz(name, "local") || str_eqz(name, "cloud") ||
           role_parse(name, &ignored);
}

static void read_alias(struct reading *rd, const struct ynode *all, const struct ynode *n,
                       struct config_alias *ret)
{
    const struct config *c = rd->config;
    struct str from = n->key->text, to = STR("");
    enum role role;
    read_text(rd, n, &to);
    if (to.n == 0)
        return;
    if (from.n == 0)
        fault_at(rd->faults, n->key, "an alias needs a name");
    else if (is_model(c, from) || is_own_word(from))
        fault_at(rd->faults, n->key, "'%.*s' is %s already; an alias would hide it",
                 STR_ARG(from), is_own_word(from) ? "weir's own word" : "a model's name");
    else if (read_child_str(all, to))
        fault_at(rd->faults, n,
                 "'%.*s' is an alias itself, and aliases do not chain; name what it "
                 "stands for",
                 STR_ARG(to));
    else if (role_parse(to, &role) && !c->roles[role])
        fault_at(rd->faults, n, "the role %s is not configured; add it to roles",
                 role_name(role));
    else if (!is_own_word(to) && !is_model(c, to))
        unknown_model(rd, n);
    else
        *ret = (struct config_alias){from, to};
}

static void read_aliases(struct reading *rd, const struct ynode *n)
{
    struct config *c = rd->config;
    if (n->kind != YNODE_MAP) {
        fault_at(rd->faults, n, "aliases must be a mapping, like {gpt-4o: auto}");
        return;
    }
    struct config_alias *aliases = read_array(rd, struct config_alias, read_count(n) + 1);
    for (const struct ynode *a = n->first; a && aliases; a = a->next)
        read_alias(rd, n, a, &aliases[c->naliases++]);
    c->aliases = aliases;
}

const struct config_model *read_any_model(struct reading *rd, const struct ynode *n)
{
    const struct config *c = rd->config;
    enum role role;
    bool ignored;
    if (!read_is_scalar(rd, n))
        return NULL;
    const struct config_model *m = role_parse(n->text, &role)
                                       ? c->roles[role]
                                       : find_model(c, n->text, false, &ignored);
    if (!m)
        m = find_model(c, n->text, true, &ignored);
    if (!m && role_parse(n->text, &role))
        fault_at(rd->faults, n, "the role %s is not configured; add it to roles",
                 role_name(role));
    else if (!m)
        unknown_model(rd, n);
    return m;
}

static void read_mirror_to(struct reading *rd, const struct ynode *n, void *out)
{
    *(const struct config_model **)out = read_any_model(rd, n);
}

/* "5%", "0.5%", "100%". */
static void read_share(struct reading *rd, const struct ynode *n, void *out)
{
    double percent = -1;
    struct str text = n->text;
    bool is_percent = n->kind == YNODE_SCALAR && str_ends(text, STR("%"));
    if (!is_percent || !str_to_double(str_sub(text, 0, text.n - 1), &percent) ||
        percent < 0 || percent > 100)
        fault_at(rd->faults, n, "share must be 0%% to 100%%, like 5%%");
    else
        *(uint32_t *)out = (uint32_t)(percent * 10000 + 0.5);
}

/* In order, and never used. */
static void warn_of_idle_mirror(struct reading *rd, const struct ynode *n)
{
    const struct config *c = rd->config;
    const struct config_model *to = c->mirror_to;
    bool has_other = false;
    for (size_t i = 0; to && i < c->nmodels; i++)
        has_other |=
            c->models[i] != to && ((c->models[i]->caps ^ to->caps) & CAP_EMBEDDINGS) == 0;
    if (to && !has_other)
        warn_at(rd->faults, n,
                "no other model takes the requests that '%.*s' could mirror, so nothing "
                "is mirrored",
                STR_ARG(to->name));
}

void read_mirror(struct reading *rd, const struct ynode *n)
{
    static const struct field fields[] = {
        {"to", read_mirror_to, offsetof(struct config, mirror_to)},
        {"share", read_share, offsetof(struct config, mirror_ppm)},
    };
    if (!n || rd->config->nmodels == 0)
        return;
    if (!read_fields(rd, n, fields, ARRAY_LEN(fields), rd->config, "mirror"))
        return;
    warn_of_idle_mirror(rd, n);
    if (!read_child(n, "to") || !read_child(n, "share"))
        fault_at(rd->faults, n, "mirror needs both: {to: MODEL, share: 5%%}");
}

void read_routes(struct reading *rd, const struct ynode *roles,
                 const struct ynode *aliases)
{
    if (rd->config->nmodels == 0)
        return; /* a fault already; each name here would be another */
    if (roles && roles->kind != YNODE_MAP)
        fault_at(rd->faults, roles, "roles must be a mapping, like {local_small: NAME}");
    else if (roles)
        for (const struct ynode *r = roles->first; r; r = r->next)
            read_role(rd, r);
    if (aliases)
        read_aliases(rd, aliases);
}
