/* routes.c -- roles, aliases and client keys: names that point at what is configured. */
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

static void unknown_model(struct reading *rd, const struct ynode *n)
{
    struct nearest near;
    char words[300];
    nearest_init(&near, n->text);
    for (size_t i = 0; i < rd->config->nmodels; i++)
        nearest_offer(&near, rd->config->models[i]->name);
    nearest_print(&near, words, sizeof words);
    fault_at(rd->faults, n, "no engine lists a model '%.*s'%s%s", STR_ARG(n->text),
             near.n ? "; nearest: " : "", words);
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
        fault_at(rd->faults, n, "%s needs a %s model, and '%.*s' is not", role_name(role),
                 want_cloud ? "cloud" : "local", STR_ARG(n->text));
    else if (!m)
        unknown_model(rd, n);
    rd->config->roles[role] = m;
}

static bool is_known_target(const struct config *c, struct str to)
{
    enum role ignored;
    bool wrong;
    return str_eqz(to, "auto") || str_eqz(to, "local") || str_eqz(to, "cloud") ||
           role_parse(to, &ignored) || find_model(c, to, true, &wrong) ||
           find_model(c, to, false, &wrong);
}

static void read_aliases(struct reading *rd, const struct ynode *n)
{
    struct config *c = rd->config;
    bool wrong;
    if (n->kind != YNODE_MAP) {
        fault_at(rd->faults, n, "aliases must be a mapping, like {gpt-4o: auto}");
        return;
    }
    struct config_alias *aliases =
        arena_array(rd->arena, struct config_alias, read_count(n) + 1);
    for (const struct ynode *a = n->first; a && aliases; a = a->next) {
        struct str from = a->key->text;
        if (!read_is_scalar(rd, a))
            continue;
        if (find_model(c, from, true, &wrong) || find_model(c, from, false, &wrong) ||
            str_eqz(from, "auto") || str_eqz(from, "local") || str_eqz(from, "cloud"))
            fault_at(rd->faults, a->key,
                     "'%.*s' is a model's name already; an alias would "
                     "hide it",
                     STR_ARG(from));
        else if (!is_known_target(c, a->text))
            unknown_model(rd, a);
        else
            aliases[c->naliases++] = (struct config_alias){from, a->text};
    }
    c->aliases = aliases;
}

void read_routes(struct reading *rd, const struct ynode *roles,
                 const struct ynode *aliases)
{
    if (roles && roles->kind != YNODE_MAP)
        fault_at(rd->faults, roles, "roles must be a mapping, like {local_small: NAME}");
    else if (roles)
        for (const struct ynode *r = roles->first; r; r = r->next)
            read_role(rd, r);
    if (aliases)
        read_aliases(rd, aliases);
}

/* -- keys --------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void read_hash(struct reading *rd, const struct ynode *n, void *out)
{
    unsigned char *hash = out;
    struct str text = STR("");
    read_text(rd, n, &text);
    bool ok = text.n == 7 + 2 * CONFIG_KEY_HASH_BYTES && str_starts(text, STR("sha256:"));
    for (size_t i = 0; ok && i < CONFIG_KEY_HASH_BYTES; i++) {
        int hi = hex_digit(text.p[7 + 2 * i]), lo = hex_digit(text.p[8 + 2 * i]);
        ok = hi >= 0 && lo >= 0;
        hash[i] = (unsigned char)(ok ? hi << 4 | lo : 0);
    }
    if (!ok)
        fault_at(rd->faults, n,
                 "hash must be 'sha256:' and 64 hexadecimal digits; make one with: weir "
                 "key new NAME");
}

static void read_key_sensitivity(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"public", "internal", "confidential"};
    if (n->kind != YNODE_SCALAR || !sensitivity_parse(n->text, out))
        read_word_fault(rd, n, "sensitivity", words, ARRAY_LEN(words));
}

static void read_key_policy(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_key *key = CONTAINER_OF(out, struct config_key, policy);
    const char *words[POLICY_COUNT];
    for (int p = 0; p < POLICY_COUNT; p++)
        words[p] = policy_name((enum policy)p);
    key->has_policy = n->kind == YNODE_SCALAR && policy_parse(n->text, out);
    if (!key->has_policy)
        read_word_fault(rd, n, "policy", words, POLICY_COUNT);
}

void read_keys(struct reading *rd, const struct ynode *n)
{
    static const struct field fields[] = {
        {"name", read_text, offsetof(struct config_key, name)},
        {"hash", read_hash, offsetof(struct config_key, hash)},
        {"sensitivity", read_key_sensitivity, offsetof(struct config_key, sensitivity)},
        {"policy", read_key_policy, offsetof(struct config_key, policy)},
    };
    struct config *c = rd->config;
    if (n->kind != YNODE_LIST) {
        fault_at(rd->faults, n, "keys must be a list");
        return;
    }
    struct config_key *keys =
        arena_array(rd->arena, struct config_key, read_count(n) + 1);
    for (const struct ynode *k = n->first; k && keys; k = k->next) {
        struct config_key *key = &keys[c->nkeys];
        if (!read_fields(rd, k, fields, ARRAY_LEN(fields), key, "a key"))
            continue;
        if (!read_child(k, "name") || !read_child(k, "hash"))
            fault_at(rd->faults, k,
                     "a key needs a name and a hash; make them with: weir "
                     "key new NAME");
        for (size_t i = 0; i < c->nkeys; i++) {
            if (str_eq(keys[i].name, key->name))
                fault_at(rd->faults, k, "two keys are called '%.*s'", STR_ARG(key->name));
            if (memcmp(keys[i].hash, key->hash, sizeof key->hash) == 0)
                fault_at(rd->faults, k, "this hash is listed twice");
        }
        key->id = (uint32_t)++c->nkeys;
    }
    c->keys = keys;
}
