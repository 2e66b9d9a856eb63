/* screen.c -- see screen.h.
 *
 * The one place where a clearance is made.  Every way out of guard_screen() that does
 * not come to the last line leaves the clearance NULL. */
#include "guard/screen.h"

#include "core/hash.h"
#include "guard/files.h"
#include "guard/held.h"
#include "guard/values_held.h"

enum { NAMED_TYPES = 8, BLOCKED_BYTES = 200, MORE_BYTES = 20 };

struct clearance {
    const char *body;
    size_t body_bytes;
    bool has_tags;
};

bool clearance_covers(const struct clearance *c, const struct chat *chat)
{
    return c && c->body == chat->body.p && c->body_bytes == chat->body.n;
}

bool clearance_has_tags(const struct clearance *c)
{
    return c && c->has_tags;
}

static const struct clearance *make_clearance(struct arena *a, struct str body,
                                              bool has_tags)
{
    struct clearance *c = arena_new(a, struct clearance);
    if (c)
        *c = (struct clearance){body.p, body.n, has_tags};
    return c;
}

static void scan(const struct screen_input *in, struct body_scan *b, uint32_t accepted,
                 struct screened *ret)
{
    struct err err = {.code = in->give_up};
    ret->is_scanned = !in->give_up && guard_scan_body(guard_rules_scanner(in->rules),
                                                      in->body, b, &err) == 0;
    if (ret->is_scanned) {
        ret->found = b->found;
        ret->verdict =
            guard_rules_act(in->rules, &b->found, in->key, in->declared.header, accepted);
    } else {
        ret->failure = err.code ? err.code : "scan_failed";
        ret->verdict = (struct verdict){.action = ACTION_LOCAL,
                                        .group = GROUP_LOW,
                                        .reason = ret->failure,
                                        .is_unread = true};
    }
}

static struct session_of session_of(const struct screen_input *in)
{
    struct session_of of = in->session;
    of.owner = in->key ? in->key->name : STR("");
    return of;
}

static bool has_session(const struct screen_input *in)
{
    return in->sessions && in->session.id != SESSION_NONE;
}

static struct vault *vault_for(const struct screen_input *in)
{
    unsigned char key[VAULT_KEY_BYTES];
    const struct session_of of = session_of(in);
    if (in->sessions && !in->is_dry)
        return sessions_vault(in->sessions, &of, in->now_ms);
    return random_bytes(key, sizeof key) ? vault_create(key, NULL, NULL) : NULL;
}

/* All the room that the masked body can need, at once. */
static bool make_room(const struct screen_input *in, const struct mask_span *spans,
                      size_t nspans, struct buf *masked, struct err *err)
{
    size_t bytes = in->body.n + nspans * TAG_BYTES;
    for (size_t i = 0; i < nspans; i++)
        bytes += spans[i].instead.n;
    if (in->may_take && !in->may_take(in->may_take_ctx, bytes)) {
        err_set(err, ERR_OVERLOAD, "buffers_full", "no room for the masked body");
        return false;
    }
    if (buf_reserve(masked, bytes))
        return true;
    err_nomem(err);
    return false;
}

/* The names that this conversation has masked, for the scan; and the room for them. */
struct past_names {
    uint32_t who[VAULT_NAMES];
    size_t n;
};

static void recall_names(const struct screen_input *in, struct past_names *names,
                         struct body_scan *b)
{
    const struct session_of of = session_of(in);
    struct vault *v = sessions_find_vault(in->sessions, &of);
    if (!v)
        return;
    b->is_every_name = vault_names(v, names->who, &names->n);
    b->names = names->who;
    b->nnames = names->n;
    vault_release(v);
}

static void remember_names(struct vault *v, const struct body_scan *b)
{
    for (size_t i = 0; i < b->spans.n; i++)
        if (b->spans.v[i].type == TYPE_PERSON && !b->spans.v[i].is_alone)
            vault_remember_name(v, b->spans.v[i].who);
}

/* Tags in the place of values.  What cannot be masked stays. */
static bool mask(const struct screen_input *in, const struct body_scan *b,
                 struct arena *a, struct buf *masked, struct screened *ret)
{
    struct err err = {0};
    struct mask_span *spans = NULL;
    size_t n = 0;
    uint32_t bad_at = 0;
    ret->vault = vault_for(in);
    struct mask_counts in_files;
    bool ok = ret->vault &&
              guard_raw_spans(in->rules, in->key, b, in->body, a, &spans, &n, &bad_at,
                              &err) == 0 &&
              mask_files(in, b, ret->vault, spans, n, a, &in_files, &bad_at, &err) == 0 &&
              make_room(in, spans, n, masked, &err) &&
              mask_body(ret->vault, in->body, spans, n, masked, &ret->masked, &err) == 0;
    if (ok)
        mask_counts_add(&ret->masked, &in_files);
    if (ok) {
        ret->leaving = buf_view(masked);
        remember_names(ret->vault, b);
    } else
        ret->failure = err.code ? err.code : "vault_unavailable";
    ret->unmaskable_at = bad_at;
    const struct session_of of = session_of(in);
    if (ret->vault && has_session(in) && !in->is_dry)
        sessions_weigh(in->sessions, &of);
    return ok;
}

static uint64_t reference_id(const struct screen_input *in, struct str name)
{
    return value_id(sessions_values(in->sessions), session_of(in).owner, name);
}

/* What the body refers to has a label too. */
static void look_at_references(const struct screen_input *in, const struct body_scan *b,
                               struct session_state *had, struct screened *ret)
{
    uint32_t accepted = had->accepted_groups;
    for (size_t i = 0; in->sessions && i < b->nrefers; i++) {
        const struct session_state of =
            sessions_look_reference(in->sessions, reference_id(in, b->refers[i]),
                                    session_of(in).owner, in->now_ms);
        if (of.label > had->label) {
            had->label = of.label;
            had->id = of.id;
            had->by = of.by;
        }
        had->found_groups |= of.found_groups;
        had->accepted_groups |= of.accepted_groups;
        had->is_held |= of.is_held;
    }
    if (had->accepted_groups != accepted)
        ret->verdict = guard_rules_act(in->rules, &b->found, in->key, in->declared.header,
                                       had->accepted_groups);
}

/* ... from now on that of this session; of a request without one, its own. */
static bool raise_references(const struct screen_input *in, const struct body_scan *b,
                             const struct session_state *had, enum sensitivity to,
                             uint32_t groups)
{
    struct str owner = session_of(in).owner;
    bool ok = true;
    for (size_t i = 0; ok && i < b->nrefers; i++) {
        uint64_t id = reference_id(in, b->refers[i]);
        if (had->id == SESSION_NONE)
            ok = sessions_raise(in->sessions, id, owner, to, groups, in->request,
                                in->now_ms);
        else if (had->id != id)
            ok = sessions_raise_reference(in->sessions, id, owner, had->id, in->now_ms);
    }
    return ok;
}

static void hold(struct label_inputs *l, const char *why)
{
    l->found = SENSITIVITY_CONFIDENTIAL;
    l->found_why = why;
}

/* With `hold: value`: what of the request's own values, or of what it leaves out, holds
 * it alone. */
static void judge_values(const struct screen_input *in, const struct body_scan *b,
                         const struct session_state *had, struct screened *ret)
{
    const struct session_of of = session_of(in);
    struct verdict *v = &ret->verdict;
    if (v->action >= ACTION_LOCAL) {
        ret->is_by_value = held_by_values(in, b, v, had->accepted_groups) &&
                           (in->is_dry || remember_values(in, of.owner, b, true));
        return;
    }
    if (find_held_value(in, of.owner, &ret->held)) {
        *v = (struct verdict){.action = ACTION_LOCAL,
                              .group = guard_type_group((enum guard_type)ret->held.type),
                              .reason = "held_value"};
        ret->is_by_value = b->nrefers == 0;
    } else if (had->is_replaced) {
        *v = (struct verdict){
            .action = ACTION_LOCAL, .group = GROUP_LOW, .reason = "history_replaced"};
        ret->is_by_value = ret->is_replaced = true;
    } else if (had->has_held_value && !in->is_dry) {
        sessions_let_through(in->sessions, &of);
    }
}

/* What this client's values say: those let go, those that hold, and what the review
 * shows. */
static void apply_values(const struct screen_input *in, struct body_scan *b,
                         const struct session_state *had, struct screened *ret)
{
    const struct session_of of = session_of(in);
    if (b->spans.n && UNLIKELY(drop_allowed(in, of.owner, b))) {
        ret->found = b->found;
        ret->verdict = guard_rules_act(in->rules, &b->found, in->key, in->declared.header,
                                       had->accepted_groups);
    }
    if (!in->sessions)
        return;
    if (guard_rules_holds_values(in->rules))
        judge_values(in, b, had, ret);
    if (UNLIKELY(ret->verdict.action == ACTION_LOCAL) && !ret->is_by_value && !in->is_dry)
        (void)remember_values(in, of.owner, b, false);
}

/* What holds it by value stands in the newest turn alone. */
static bool is_in_newest(const struct screen_input *in, const struct body_scan *b,
                         const struct screened *s)
{
    if (s->held.id)
        return s->held.raw_start >= in->session.newest_at;
    for (size_t i = 0; i < b->nat; i++)
        for (uint32_t k = b->at[i].first; k < b->at[i].first + b->at[i].n; k++)
            if (b->at[i].raw_start < in->session.newest_at &&
                guard_rules_span(in->rules, &b->spans.v[k], in->key) >= ACTION_LOCAL)
                return false;
    return true;
}

/* What was declared by key or configuration comes with every request; the header and
 * what was found may not come again.  A scan that failed, or met what it cannot read,
 * found nothing: it says nothing of the session's other requests.  What the
 * conversation's label already says is not said again of a later turn, so that one
 * lowering is enough. */
static bool remember(const struct screen_input *in, const struct body_scan *b,
                     const struct label_inputs *l, const struct session_state *had,
                     const struct screened *s)
{
    bool has_found = !s->is_shadow && !s->verdict.is_unread && !s->is_by_value &&
                     l->found > SENSITIVITY_PUBLIC;
    const struct session_of of = session_of(in);
    if (s->is_by_value && !s->is_replaced && has_session(in) && !in->is_dry &&
        !s->is_shadow &&
        !sessions_hold_value(in->sessions, &of, is_in_newest(in, b, s), in->request,
                             in->now_ms))
        return false;
    enum sensitivity to = has_found && l->found > l->header ? l->found : l->header;
    uint32_t groups = has_found ? 1u << s->verdict.group : 0;
    if (!in->sessions || in->is_dry)
        return true;
    enum sensitivity most = to > had->label ? to : had->label;
    if (UNLIKELY(b->nrefers && most > SENSITIVITY_PUBLIC) &&
        !raise_references(in, b, had, most, groups))
        return false;
    if (!has_session(in) || to <= SENSITIVITY_PUBLIC)
        return true;
    if (to <= had->label && !(groups & ~had->found_groups))
        return true;
    return sessions_raise(in->sessions, had->id, session_of(in).owner, to, groups,
                          in->request, in->now_ms);
}

/* A label that was declared for this very request stays, and so does what no group that
 * a person accepts would let go masked. */
static bool can_lower(const struct screen_input *in, const struct screened *s)
{
    const struct label_inputs *l = &in->declared;
    if (s->label.effective <= SENSITIVITY_PUBLIC || !has_session(in) || in->is_dry ||
        !s->is_scanned || s->failure || l->header > SENSITIVITY_PUBLIC ||
        l->key > SENSITIVITY_PUBLIC || l->fallback > SENSITIVITY_PUBLIC)
        return false;
    return guard_rules_act(in->rules, &s->found, in->key, l->header, UINT32_MAX).action <=
               ACTION_MASK &&
           (s->is_replaced || sessions_is_raised(in->sessions, s->session, in->now_ms));
}

/* What an open session remembers is this conversation's own when the same is found here
 * again; else it may be that of another which began with the same words. */
static void join_open(struct label_inputs *l, const struct session_state *had)
{
    if (l->found > SENSITIVITY_PUBLIC && had->open_label > l->session) {
        l->session = had->open_label;
        l->session_by = had->open_by;
    }
}

/* Shadow mode lets go what was found, not what nobody looked at, or not to its end. */
static bool is_enforced(const struct screened *s)
{
    return !s->is_shadow || !s->is_scanned || s->found.is_unsure ||
           s->found.is_undecodable;
}

static void label(const struct screen_input *in, const struct body_scan *b,
                  const struct session_state *had, struct label_inputs *l,
                  struct screened *ret)
{
    l->session = had->label;
    l->session_by = had->by;
    ret->session = had->id;
    if (is_enforced(ret) && ret->verdict.action >= ACTION_LOCAL)
        hold(l, ret->verdict.reason);
    join_open(l, had);
    if (!remember(in, b, l, had, ret) || had->is_held)
        hold(l, "sessions_full");
    ret->label = guard_label(l);
}

void guard_screen(const struct screen_input *in, struct arena *a, struct buf *masked,
                  struct screened *ret)
{
    struct body_scan b = {.watch = in->watch};
    struct session_state had = {.label = SENSITIVITY_UNLABELLED};
    struct label_inputs l = in->declared;
    struct past_names names;
    const struct session_of of = session_of(in);
    *ret = (struct screened){.leaving = in->body};
    ret->is_shadow = guard_rules_is_shadow(in->rules);
    if (has_session(in))
        had = sessions_look(in->sessions, &of, in->now_ms);
    if (UNLIKELY(had.has_vault))
        recall_names(in, &names, &b);
    scan(in, &b, had.accepted_groups, ret);
    if (UNLIKELY(b.nrefers))
        look_at_references(in, &b, &had, ret);
    if (LIKELY(ret->is_scanned))
        apply_values(in, &b, &had, ret);
    ret->accepted_groups = had.accepted_groups;
    label(in, &b, &had, &l, ret);
    if (!ret->is_shadow && ret->verdict.action == ACTION_MASK &&
        ret->label.effective == SENSITIVITY_PUBLIC && !mask(in, &b, a, masked, ret)) {
        hold(&l, ret->failure);
        ret->label = guard_label(&l);
    }
    if (!ret->vault && has_session(in) && !in->is_dry)
        ret->vault = sessions_find_vault(in->sessions, &of);
    ret->can_lower = !had.is_held && can_lower(in, ret);
    if (UNLIKELY(ret->label.effective > SENSITIVITY_PUBLIC ||
                 ret->verdict.action == ACTION_BLOCK))
        find_held(in, &b, ret, a);
    body_scan_release(&b);
    if (ret->label.effective == SENSITIVITY_PUBLIC)
        ret->clearance = make_clearance(a, ret->leaving, ret->masked.total > 0);
}

int screened_check(const struct screened *s, struct arena *a, struct err *err)
{
    if (s->verdict.action != ACTION_BLOCK || s->is_shadow)
        return 0;
    struct str where = screened_held_words(s, BLOCKED_BYTES, a);
    return err_set(err, ERR_BAD_REQUEST, "blocked_by_guard",
                   "the request holds what this weir answers nowhere (%s%s%.*s); take it "
                   "out, or ask its operator",
                   s->verdict.reason, where.n ? ": " : "", STR_ARG(where));
}

struct str screened_masked_words(const struct screened *s, struct arena *a)
{
    char scratch[512];
    struct buf b = {.p = scratch, .cap = sizeof scratch, .max_bytes = sizeof scratch};
    for (size_t i = 0; i < s->masked.ntypes && i < NAMED_TYPES; i++)
        buf_printf(&b, "%s%s %u", i ? ", " : "", s->masked.types[i].type,
                   s->masked.types[i].n);
    if (s->masked.ntypes > NAMED_TYPES)
        buf_lit(&b, ", ...");
    return arena_strdup(a, buf_view(&b));
}

struct str screened_held_words(const struct screened *s, size_t max, struct arena *a)
{
    char scratch[512];
    struct buf b = {.p = scratch, .cap = sizeof scratch, .max_bytes = sizeof scratch};
    size_t room = max < sizeof scratch ? max : sizeof scratch;
    uint32_t told = 0;
    for (; told < s->nholds; told++) {
        struct str words = held_words(&s->holds[told], a);
        if (!words.n)
            continue;
        if (buf_len(&b) + words.n + MORE_BYTES > room)
            break;
        buf_printf(&b, "%s%.*s", buf_len(&b) ? "; " : "", STR_ARG(words));
    }
    uint32_t more = s->nholds - told + s->nmore;
    if (told && more)
        buf_printf(&b, "; and %u more", more);
    return arena_strdup(a, buf_view(&b));
}

struct str screened_would_words(const struct screened *s, struct arena *a)
{
    const struct str words[] = {STR("would be "), str_of(action_name(s->verdict.action)),
                                STR(": "), str_of(s->verdict.reason)};
    if (is_enforced(s) || s->verdict.action == ACTION_CLEAR)
        return STR("");
    return arena_join(a, words, ARRAY_LEN(words));
}

void screened_release(struct screened *s)
{
    vault_release(s->vault);
    s->vault = NULL;
    s->clearance = NULL;
}
