/* rules.c -- see rules.h. */
#include "guard/rules.h"

#include "core/mem.h"
#include "guard/source.h"
#include "guard/values.h"
#include "scan/text/lexicon.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

enum { REASON_ARENA_BYTES = 256 * 1024, CACHE_BYTES = 8 << 20 };

struct guard_rules {
    struct scanner *scanner;
    const struct config *config; /* holds the words; NULL: the defaults */
    struct act_rules act;
    struct arena arena; /* the reasons */
    char digest[65];
};

/* -- the digest ------------------------------------------------------------------- */

static void add(EVP_MD_CTX *md, const void *p, size_t n)
{
    uint64_t size = n; /* so that two pieces cannot be taken for one */
    EVP_DigestUpdate(md, &size, sizeof size);
    EVP_DigestUpdate(md, p, n);
}

static void add_text(EVP_MD_CTX *md, struct str s)
{
    add(md, s.p ? s.p : "", s.n);
}

/* With its length, so that what ends one list cannot begin the next. */
static void add_list(EVP_MD_CTX *md, const struct str *items, size_t n)
{
    uint64_t size = n;
    add(md, &size, sizeof size);
    for (size_t i = 0; i < n; i++)
        add_text(md, items[i]);
}

static void add_rule(EVP_MD_CTX *md, const struct config_guard_rule *r)
{
    const uint8_t small[] = {(uint8_t)r->type, (uint8_t)r->action, r->ignores_case};
    add_text(md, r->name);
    add(md, small, sizeof small);
    add_text(md, r->pattern);
    add_list(md, r->words, r->nwords);
    add_list(md, r->near, r->nnear);
}

static void add_section(EVP_MD_CTX *md, const struct config_guard *g)
{
    const uint8_t modes[] = {g->is_shadow, g->is_media_public, g->is_strict,
                             g->holds_values};
    add(md, modes, sizeof modes);
    add(md, &g->actions, sizeof g->actions);
    add(md, g->min_score, sizeof g->min_score);
    add(md, g->max_count, sizeof g->max_count);
    add(md, g->max_in_group, sizeof g->max_in_group);
    add_list(md, g->zones, g->nzones);
    add(md, g->allowed, g->nallowed * sizeof *g->allowed);
    for (size_t i = 0; i < g->nrules; i++)
        add_rule(md, &g->rules[i]);
}

static bool digest(struct guard_rules *g)
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md || !EVP_DigestInit_ex(md, EVP_sha256(), NULL)) {
        EVP_MD_CTX_free(md);
        return false;
    }
    add_text(md, str_of(guard_source_digest));
    add_text(md, guard_data_digest());
    if (g->config)
        add_section(md, &g->config->guard);
    for (size_t i = 0; g->config && i < g->config->nkeys; i++)
        if (g->config->keys[i].guard) {
            add_text(md, g->config->keys[i].name);
            add(md, g->config->keys[i].guard, sizeof *g->config->keys[i].guard);
        }
    EVP_DigestFinal_ex(md, raw, &n);
    EVP_MD_CTX_free(md);
    for (size_t i = 0; i < n; i++)
        snprintf(g->digest + 2 * i, 3, "%02x", raw[i]);
    return true;
}

/* -- life ---------------------------------------------------------------------------- */

static bool name_reasons(struct guard_rules *g, const struct config_guard *c)
{
    const char **reasons = arena_array(&g->arena, const char *, c->nrules + 1);
    if (!reasons)
        return false;
    for (size_t i = 0; i < c->nrules; i++) {
        reasons[i] = arena_printf(&g->arena, "rule %.*s", STR_ARG(c->rules[i].name)).p;
        if (!reasons[i])
            return false;
    }
    g->act.rule_reasons = reasons;
    return true;
}

static int read_section(struct guard_rules *g, const struct config_guard *c,
                        struct err *err)
{
    act_rules_apply(&g->act, &c->actions);
    for (size_t i = 0; i < GUARD_NGROUPS; i++)
        if (c->min_score[i] != GUARD_UNSAID)
            g->act.min_score[i] = (uint8_t)c->min_score[i];
    g->act.max_count = c->max_count;
    g->act.max_in_group = c->max_in_group;
    g->act.is_media_public = c->is_media_public;
    g->act.is_every_name |= c->is_strict;
    g->act.rules = c->rules;
    g->act.nrules = c->nrules;
    if (!name_reasons(g, c))
        return err_nomem(err);
    for (size_t i = 0; i < c->nzones; i++)
        if (scanner_add_zone(g->scanner, c->zones[i], err) < 0)
            return -1;
    return scanner_add_rules(g->scanner, c->rules, c->nrules, err);
}

struct guard_rules *guard_rules_create(const struct config *c, struct err *err)
{
    struct guard_rules *g = mem_new(struct guard_rules);
    if (!g) {
        err_nomem(err);
        return NULL;
    }
    arena_init(&g->arena, REASON_ARENA_BYTES);
    act_rules_init(&g->act);
    g->config = c ? config_ref(c) : NULL;
    g->scanner = scanner_create(err);
    bool ok = g->scanner && scanner_add_cache(g->scanner, CACHE_BYTES, err) == 0 &&
              (!c || read_section(g, &c->guard, err) == 0);
    if (ok && digest(g))
        return g;
    if (ok)
        err_nomem(err);
    guard_rules_free(g);
    return NULL;
}

static void unref(const struct config *c)
{
    union {
        const struct config *in;
        struct config *out;
    } shared = {c};
    config_unref(shared.out);
}

void guard_rules_free(struct guard_rules *g)
{
    if (!g)
        return;
    scanner_free(g->scanner);
    arena_reset(&g->arena);
    unref(g->config);
    mem_free(g);
}

/* -- what they say ---------------------------------------------------------------------
 */

int guard_rules_use_weights(struct guard_rules *g, struct str weights, struct err *err)
{
    return scanner_use_weights(g->scanner, weights, err);
}

const struct config *guard_rules_config(const struct guard_rules *g)
{
    return g->config;
}

const struct scanner *guard_rules_scanner(const struct guard_rules *g)
{
    return g->scanner;
}

bool guard_rules_is_shadow(const struct guard_rules *g)
{
    return g->config && g->config->guard.is_shadow;
}

bool guard_rules_holds_values(const struct guard_rules *g)
{
    return g->config && g->config->guard.holds_values;
}

bool guard_rules_has_allowed(const struct guard_rules *g)
{
    return g->config && g->config->guard.nallowed > 0;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct config_allowed));
}

bool guard_rules_allows(const struct guard_rules *g, const struct span *s,
                        struct str value)
{
    struct config_allowed key;
    if (!guard_rules_has_allowed(g) || !guard_may_let_go(s) ||
        !value_sha256(value, key.digest))
        return false;
    return bsearch(&key, g->config->guard.allowed, g->config->guard.nallowed, sizeof key,
                   by_bytes) != NULL;
}

size_t guard_rules_let_go(const struct guard_rules *g, struct str text,
                          struct span_list *l)
{
    size_t n = 0;
    for (size_t i = 0; guard_rules_has_allowed(g) && i < l->n; i++) {
        struct span *s = &l->v[i];
        bool goes = guard_rules_allows(g, s, str_sub(text, s->start, s->end));
        s->is_allowed |= goes;
        n += goes;
    }
    return n;
}

bool guard_rules_can_block(const struct config *c)
{
    const struct config_guard *g = &c->guard;
    bool can = memchr(g->actions.group, ACTION_BLOCK, sizeof g->actions.group) ||
               memchr(g->actions.type, ACTION_BLOCK, sizeof g->actions.type);
    for (size_t i = 0; i < g->nrules; i++)
        can |= g->rules[i].action == ACTION_BLOCK;
    for (size_t i = 0; i < c->nkeys; i++) {
        const struct config_guard_actions *a = c->keys[i].guard;
        can |= a && (memchr(a->group, ACTION_BLOCK, sizeof a->group) ||
                     memchr(a->type, ACTION_BLOCK, sizeof a->type));
    }
    return can;
}

const char *guard_rules_digest(const struct guard_rules *g)
{
    return g->digest;
}

static struct act_rules rules_for(const struct guard_rules *g,
                                  const struct config_key *key)
{
    struct act_rules act = g->act;
    if (key && key->guard)
        act_rules_apply(&act, key->guard);
    return act;
}

struct verdict guard_rules_act(const struct guard_rules *g, const struct findings *f,
                               const struct config_key *key, enum sensitivity declared,
                               uint32_t accepted_groups)
{
    struct act_rules act = rules_for(g, key);
    act.is_media_public |= declared == SENSITIVITY_PUBLIC;
    act.accepted_groups = accepted_groups;
    return guard_act(f, &act);
}

enum action guard_rules_span(const struct guard_rules *g, const struct span *s,
                             const struct config_key *key)
{
    if (key && key->guard) {
        const struct act_rules act = rules_for(g, key);
        return guard_act_span(&act, s);
    }
    return guard_act_span(&g->act, s);
}

const char *guard_rules_rule(const struct guard_rules *g, const struct span *s)
{
    return s->rule ? g->act.rule_reasons[s->rule - 1] : NULL;
}
