/* values_held.c -- see values_held.h. */
#include "guard/values_held.h"

#include "scan/strings.h"
#include "json/scan.h"

enum { NUMBER_CHARS = 40, VALUES_OF_REQUEST = 256 };

/* -- the values of a body --------------------------------------------------------------
 */

typedef bool value_fn(void *ctx, struct span *s, struct str value);

/* What the string or number at `at` means. */
static struct str text_of(const struct screen_input *in, const struct located *at,
                          struct arena *a)
{
    struct str raw = str_sub(in->body, at->raw_start, at->raw_end);
    struct json_string s = {raw, str_index(raw, '\\') >= 0};
    return json_unescape(a, s);
}

static bool is_number(const struct screen_input *in, const struct located *at)
{
    return at->raw_start == 0 || in->body.p[at->raw_start - 1] != '"';
}

/* Calls fn for each span, with its text; false: fn did not go on, or no memory. */
static bool each_value(const struct screen_input *in, const struct body_scan *b,
                       value_fn *fn, void *ctx)
{
    struct arena a;
    bool ok = true;
    arena_init(&a, 2 * in->body.n + 4096);
    for (size_t i = 0; ok && i < b->nat; i++) {
        const struct located *at = &b->at[i];
        struct str text = text_of(in, at, &a);
        bool is_whole = is_number(in, at);
        ok = text.p != NULL;
        for (uint32_t k = at->first; ok && k < at->first + at->n; k++) {
            struct span *s = &b->spans.v[k];
            ok = fn(ctx, s, is_whole ? text : str_sub(text, s->start, s->end));
        }
        arena_rewind(&a);
    }
    arena_reset(&a);
    return ok;
}

/* -- by value or by session ------------------------------------------------------------
 */

static bool is_of_values(enum guard_group g)
{
    return g == GROUP_SECRET || g == GROUP_HEALTH_ID || g == GROUP_CREDIT_CARD ||
           g == GROUP_IBAN || g == GROUP_BANK || g == GROUP_NATIONAL_ID ||
           g == GROUP_GOV_DOC;
}

static bool must_stay(const struct screen_input *in, const struct span *s)
{
    return guard_rules_span(in->rules, s, in->key) >= ACTION_LOCAL;
}

/* The one type that must stay; false: there are several, or none. */
static bool only_type(const struct screen_input *in, const struct body_scan *b,
                      uint16_t *ret)
{
    bool has = false;
    for (size_t i = 0; i < b->spans.n; i++) {
        const struct span *s = &b->spans.v[i];
        if (!must_stay(in, s))
            continue;
        if (has && s->type != *ret)
            return false;
        *ret = s->type;
        has = true;
    }
    return has;
}

bool held_by_values(const struct screen_input *in, const struct body_scan *b,
                    const struct verdict *v, uint32_t accepted_groups)
{
    uint16_t type = 0;
    if (v->action != ACTION_LOCAL || v->is_unread || !is_of_values(v->group) ||
        !only_type(in, b, &type) ||
        !is_of_values(guard_type_group((enum guard_type)type)))
        return false;
    struct findings rest = b->found;
    rest.count[type] = 0;
    rest.score[type] = 0;
    const struct verdict other =
        guard_rules_act(in->rules, &rest, in->key, in->declared.header, accepted_groups);
    return other.action < ACTION_LOCAL && b->nrefers == 0;
}

/* -- remembering -----------------------------------------------------------------------
 */

struct remembering {
    const struct screen_input *in;
    struct str owner;
    bool holds, is_full;
    size_t n;
};

static bool remember_value(void *ctx, struct span *s, struct str value)
{
    struct remembering *m = ctx;
    struct values *v = sessions_values(m->in->sessions);
    const struct value_seen seen = {.text = value,
                                    .type = s->type,
                                    .has_check = !guard_may_let_go(s),
                                    .request = m->in->request,
                                    .session = m->in->session.id};
    if (!must_stay(m->in, s))
        return true;
    if (m->n++ == VALUES_OF_REQUEST) { /* a table of them: its session must hold */
        m->is_full = true;
        return false;
    }
    if (m->holds && value_can_hold(value, seen.has_check))
        m->is_full |= !values_hold(v, m->owner, &seen, m->in->now_ms);
    else
        values_note(v, m->owner, &seen, m->in->now_ms);
    return !m->is_full; /* its session holds, and has all of them noted */
}

bool remember_values(const struct screen_input *in, struct str owner,
                     const struct body_scan *b, bool holds)
{
    struct remembering m = {.in = in, .owner = owner, .holds = holds};
    return each_value(in, b, remember_value, &m) && !m.is_full;
}

/* -- finding ---------------------------------------------------------------------------
 */

struct finding {
    const struct value_search *search;
    struct value_hit hit;
    bool has_hit;
};

static bool search_string(void *ctx, enum string_kind kind, struct str raw,
                          struct str text)
{
    struct finding *f = ctx;
    char room[NUMBER_CHARS];
    if (kind == STRING_NUMBER) {
        struct str digits = json_plain_integer(raw, room, sizeof room);
        text = digits.p ? digits : raw;
    }
    f->has_hit = value_search_in(f->search, text, &f->hit);
    if (f->has_hit)
        f->hit.raw_start = (size_t)((uintptr_t)raw.p);
    return !f->has_hit;
}

bool find_held_value(const struct screen_input *in, struct str owner,
                     struct value_hit *ret)
{
    struct values *v = sessions_values(in->sessions);
    struct value_search *s = value_search_begin(v, owner, in->now_ms);
    struct finding f = {.search = s};
    if (LIKELY(!s))
        return false;
    strings_each(in->body, search_string, &f);
    if (f.has_hit) {
        *ret = f.hit;
        ret->raw_start -= (size_t)((uintptr_t)in->body.p);
    }
    value_search_end(v, s, f.has_hit && !in->is_dry ? f.hit.id : 0, in->now_ms);
    return f.has_hit;
}

/* -- what was let go -------------------------------------------------------------------
 */

struct dropping {
    const struct screen_input *in;
    struct str owner;
    bool has_any;
};

static bool drop_value(void *ctx, struct span *s, struct str value)
{
    struct dropping *d = ctx;
    if (!guard_may_let_go(s) ||
        guard_rules_span(d->in->rules, s, d->in->key) == ACTION_CLEAR)
        return true;
    s->is_allowed =
        guard_rules_allows(d->in->rules, s, value) ||
        (d->in->sessions &&
         values_is_allowed(sessions_values(d->in->sessions), d->owner, value));
    d->has_any |= s->is_allowed;
    return true;
}

bool drop_allowed(const struct screen_input *in, struct str owner, struct body_scan *b)
{
    struct dropping d = {.in = in, .owner = owner};
    bool may_have =
        guard_rules_has_allowed(in->rules) ||
        (in->sessions && values_has_allowed(sessions_values(in->sessions), owner));
    if (!may_have || !each_value(in, b, drop_value, &d) || !d.has_any)
        return false;
    findings_recount(&b->found, &b->spans);
    return true;
}
