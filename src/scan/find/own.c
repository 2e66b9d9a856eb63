/* own.c -- see own.h. */
#include "scan/find/own.h"

#include "core/mem.h"
#include "scan/detect.h"
#include "scan/scanner.h"

enum { SURE = 100, MAX_CLEARED = 4096 };

struct own_rules {
    const struct config_guard_rule *rules;
    struct wordlist *words;    /* NULL: no rule has words */
    struct patterns *patterns; /* NULL: no rule has a pattern */
};

static struct wordlist *list_words(const struct config_guard_rule *rules, size_t n,
                                   struct err *err)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        total += rules[i].nwords;
    struct wordlist_entry *entries = mem_zalloc((total + 1) * sizeof *entries);
    if (!entries) {
        err_nomem(err);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < rules[i].nwords; k++)
            entries[at++] = (struct wordlist_entry){rules[i].words[k], (uint16_t)i,
                                                    rules[i].ignores_case};
    struct wordlist *l = wordlist_create(entries, total, err);
    mem_free(entries);
    return l;
}

struct own_rules *own_rules_create(const struct config_guard_rule *rules, size_t n,
                                   struct err *err)
{
    struct own_rules *o = mem_new(struct own_rules);
    if (!o) {
        err_nomem(err);
        return NULL;
    }
    o->rules = rules;
    o->words = list_words(rules, n, err);
    o->patterns = o->words ? patterns_create(rules, n, err) : NULL;
    if (o->patterns)
        return o;
    own_rules_free(o);
    return NULL;
}

void own_rules_free(struct own_rules *o)
{
    if (!o)
        return;
    wordlist_free(o->words);
    patterns_free(o->patterns);
    mem_free(o);
}

static void add_cleared(struct window *w, size_t start, size_t end)
{
    if (!w->cleared)
        w->cleared = arena_array(w->a, struct field, MAX_CLEARED);
    if (w->cleared && w->ncleared < MAX_CLEARED) /* past that nothing more is cleared */
        w->cleared[w->ncleared++] =
            (struct field){.start = (uint32_t)start, .end = (uint32_t)end};
}

static void on_hit(void *ctx, size_t start, size_t end, uint16_t rule)
{
    struct window *w = ctx;
    const struct config_guard_rule *r = &w->sc->own->rules[rule];
    if (r->action == ACTION_CLEAR) {
        add_cleared(w, start, end);
        return;
    }
    size_t before = w->nfound;
    rule_set_add(&w->rules, rule);
    propose(w, start, end, r->type, SURE, SAW_RULE);
    if (w->nfound > before)
        w->found[before].rule = (uint16_t)(rule + 1);
}

void find_own(struct window *w)
{
    const struct own_rules *own = w->sc->own;
    struct str text = {w->p, w->n};
    if (!own)
        return;
    wordlist_find(own->words, text, on_hit, w);
    if (patterns_find(own->patterns, text, on_hit, w) < 0)
        w->is_unsure = true;
}

static bool is_cleared(const struct window *w, const struct span *s)
{
    for (size_t i = 0; i < w->ncleared; i++)
        if (w->cleared[i].start <= s->start && s->end <= w->cleared[i].end)
            return true;
    return false;
}

void drop_cleared(struct window *w)
{
    size_t kept = 0;
    for (size_t i = 0; w->ncleared && i < w->nfound; i++)
        if (!is_cleared(w, &w->found[i]))
            w->found[kept++] = w->found[i];
    if (w->ncleared)
        w->nfound = kept;
}
