/* rules.c -- see rules.h: today's rules are the defaults of actions.c. */
#include "guard/rules.h"

#include "core/hash.h"
#include "core/mem.h"

struct guard_rules {
    struct scanner *scanner;
    struct act_rules act;
    char digest[65];
};

struct guard_rules *guard_rules_create(const struct config *c, struct err *err)
{
    struct guard_rules *g = mem_new(struct guard_rules);
    (void)c;
    if (!g) {
        err_nomem(err);
        return NULL;
    }
    g->act = act_defaults;
    memset(g->digest, '0', sizeof g->digest - 1);
    g->scanner = scanner_create(err);
    if (g->scanner)
        return g;
    guard_rules_free(g);
    return NULL;
}

void guard_rules_free(struct guard_rules *g)
{
    if (!g)
        return;
    scanner_free(g->scanner);
    mem_free(g);
}

const struct scanner *guard_rules_scanner(const struct guard_rules *g)
{
    return g->scanner;
}

bool guard_rules_is_shadow(const struct guard_rules *g)
{
    (void)g;
    return false;
}

const char *guard_rules_digest(const struct guard_rules *g)
{
    return g->digest;
}

struct verdict guard_rules_act(const struct guard_rules *g, const struct findings *f,
                               const struct config_key *key, enum sensitivity declared)
{
    struct act_rules act = g->act;
    (void)key;
    act.is_media_public |= declared == SENSITIVITY_PUBLIC;
    return guard_act(f, &act);
}

enum action guard_rules_span(const struct guard_rules *g, const struct span *s,
                             const struct config_key *key)
{
    (void)key;
    return g->act.action[guard_type_group((enum guard_type)s->type)];
}
