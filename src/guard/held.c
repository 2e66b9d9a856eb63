/* held.c -- see held.h. */
#include "guard/held.h"

#include "guard/place.h"
#include "json/scan.h"

/* What holds a request and is no value: in words, with the place between them if it has
 * one (`behind` is not NULL), and what its sender can do. */
static const struct other {
    const char *kind, *before, *behind, *remedy;
} others[] = {
    [HELD_MEDIA] =
        {"MEDIA", "a picture, sound or file that is not read stands in ", "",
         "leave it out, or send x-weir-sensitivity: public if it may leave; an "
         "operator lets all of them go with guard: {media: public}"},
    [HELD_TOKEN_IDS] = {"TOKEN_IDS", "token ids, which nothing here can read, stand in ",
                        "",
                        "send the text itself (LangChain: "
                        "check_embedding_ctx_length=False)"},
    [HELD_HALF] = {"HALF_CHARACTER", "half of a character stands in ", "",
                   "send it whole, or leave it out"},
    [HELD_HIDDEN] = {"HIDDEN_TEXT", "control characters hide something in ", "",
                     "leave the control characters out"},
    [HELD_UNREAD] = {"UNREAD_TEXT", "a text is too slow to be read to its end: ", "",
                     "send it in parts, or without what repeats in it"},
    [HELD_NAME] = {"MEMBER_NAME", "something to hide is a member's name: ", "",
                   "put it into a value; names are not masked"},
    [HELD_UNMASKABLE] = {"UNMASKABLE", "it cannot be masked in ", "",
                         "put it into a string of its own, or leave it out"},
    [HELD_UNSCANNED] = {"UNSCANNED", "it could not be scanned or masked to its end", NULL,
                        "send it again later, or in smaller parts"},
    [HELD_CLINICAL] = {"CLINICAL", "it is talk of illness beside a person's name in ", "",
                       "leave out the illness, or what says whose it is"},
    [HELD_HISTORY] = {"HISTORY", "its history is not the one that a value was held of",
                      NULL, "send what was said before, without the value"},
    [HELD_SESSION] = {"SESSION", "", NULL,
                      "begin a conversation without what was found in this one"},
    [HELD_FULL] = {"SESSIONS_FULL",
                   "labels of its client were forgotten for want of room", NULL,
                   "ask its operator, or wait: they end after hours"},
    [HELD_DECLARED] = {"DECLARED", "", NULL,
                       "let who declared it say another: the request's header, or the "
                       "operator for a key and the default"},
};

/* -- the list --------------------------------------------------------------------------
 */

struct listing {
    const struct screen_input *in;
    const struct body_scan *b;
    struct screened *r;
    struct arena *a;
    struct value_search *search; /* of values that hold, or NULL */
};

static struct held_place *add(struct listing *l)
{
    struct screened *r = l->r;
    if (!r->holds)
        r->holds = arena_array(l->a, struct held_place, HELD_PLACES);
    if (!r->holds || r->nholds == HELD_PLACES) {
        r->nmore++;
        return NULL;
    }
    r->holds[r->nholds] = (struct held_place){.member = STR("")};
    return &r->holds[r->nholds++];
}

static bool is_found_in(const struct body_scan *b, size_t raw_start)
{
    for (size_t i = 0; i < b->nat; i++)
        if (b->at[i].is_key && b->at[i].raw_start == raw_start)
            return true;
    return false;
}

/* What may stand in a name: what the scan found there, and values that hold. */
static bool is_value_in(void *ctx, struct str name)
{
    const struct listing *l = ctx;
    struct value_hit hit;
    return is_found_in(l->b, (size_t)(name.p - l->in->body.p)) ||
           (l->search && value_search_in(l->search, name, &hit));
}

static struct str place_in(struct listing *l, size_t at)
{
    const struct place_names names = {is_value_in, l};
    return place_of(l->in->body, at, &names, l->a);
}

static struct held_place *add_other(struct listing *l, enum held_kind k, size_t at)
{
    struct held_place *p = add(l);
    if (!p)
        return NULL;
    p->kind = others[k].kind;
    p->before = others[k].before;
    p->remedy = others[k].remedy;
    p->reason = l->r->verdict.reason;
    if (others[k].behind)
        p->member = place_in(l, at);
    return p;
}

/* -- values ----------------------------------------------------------------------------
 */

static bool is_in_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

void held_place_in(struct str text, size_t at, uint32_t *ret_line, uint32_t *ret_column)
{
    *ret_line = *ret_column = 1;
    for (size_t i = 0; i < at && i < text.n; i++) {
        if (text.p[i] == '\n') {
            ++*ret_line;
            *ret_column = 1;
        } else if (!is_in_character(text.p[i])) {
            ++*ret_column;
        }
    }
}

/* What the string that begins at raw_start means; of a number nothing. */
static struct str text_at(struct str body, size_t raw_start, struct arena *a)
{
    struct json_cur c;
    struct json_string s;
    bool is_string = raw_start > 0 && body.p[raw_start - 1] == '"';
    struct str rest = str_sub(body, is_string ? raw_start - 1 : raw_start, body.n);
    json_begin(&c, rest);
    if (!is_string || !json_read_string(&c, &s))
        return STR("");
    return json_unescape(a, s);
}

/* `start` is a byte of what the string means. */
static void set_place(struct listing *l, struct held_place *p, size_t raw_start,
                      size_t start)
{
    p->member = place_in(l, raw_start);
    held_place_in(text_at(l->in->body, raw_start, l->a), start, &p->line, &p->column);
}

/* The value itself; of a number all of it. */
static struct str value_of(const struct listing *l, const struct span *s,
                           const struct located *at)
{
    struct str text = text_at(l->in->body, at->raw_start, l->a);
    return text.n ? str_sub(text, s->start, s->end)
                  : str_sub(l->in->body, at->raw_start, at->raw_end);
}

/* The review shows where it stood; the refusal the name by which an operator may say that
 * it was nothing. */
static void name_value(const struct listing *l, struct held_place *p,
                       const struct span *s, const struct located *at)
{
    const struct screen_input *in = l->in;
    struct str owner = in->key ? in->key->name : STR("");
    if (!in->sessions || in->is_dry)
        return;
    struct values *v = sessions_values(in->sessions);
    uint64_t id = value_id(v, owner, value_of(l, s, at));
    values_note_place(v, id, p->member, p->line, p->column);
    p->value = guard_may_let_go(s) && !at->is_key ? id : 0;
}

static void add_value(struct listing *l, const struct span *s, const struct located *at)
{
    const char *rule = guard_rules_rule(l->in->rules, s);
    struct held_place *p = add(l);
    if (!p)
        return;
    p->kind = guard_type_name((enum guard_type)s->type);
    p->reason =
        rule ? rule : guard_group_name(guard_type_group((enum guard_type)s->type));
    p->remedy = "leave the value out";
    set_place(l, p, at->raw_start, s->start);
    name_value(l, p, s, at);
}

/* Of too many of a kind the first stands for all. */
static bool is_too_many(const struct screened *r, const struct span *s)
{
    return strcmp(r->verdict.reason, "too_many") == 0 &&
           guard_type_group((enum guard_type)s->type) == r->verdict.group;
}

/* Those that ask for at least `least`, in the order of the body. */
static void add_values(struct listing *l, enum action least)
{
    const struct body_scan *b = l->b;
    for (size_t i = 0; i < b->nat; i++)
        for (uint32_t k = b->at[i].first; k < b->at[i].first + b->at[i].n; k++) {
            const struct span *s = &b->spans.v[k];
            bool is_first_of_many = l->r->nholds == 0 && is_too_many(l->r, s);
            if (guard_rules_span(l->in->rules, s, l->in->key) >= least ||
                is_first_of_many)
                add_value(l, s, &b->at[i]);
        }
}

static void add_hit(struct listing *l)
{
    const struct value_hit *hit = &l->r->held;
    struct held_place *p = add(l);
    if (!p)
        return;
    p->kind = guard_type_name((enum guard_type)hit->type);
    p->reason = l->r->verdict.reason;
    p->remedy = "leave the value out";
    p->value = hit->has_check ? 0 : hit->id;
    set_place(l, p, hit->raw_start, hit->start);
}

/* Of clinical text the person. */
static void add_illness(struct listing *l)
{
    const struct body_scan *b = l->b;
    for (size_t i = 0; i < b->nat; i++)
        for (uint32_t k = b->at[i].first; k < b->at[i].first + b->at[i].n; k++) {
            const struct span *s = &b->spans.v[k];
            if (s->type != TYPE_PERSON || s->is_alone || s->is_allowed)
                continue;
            struct held_place *p = add_other(l, HELD_CLINICAL, b->at[i].raw_start);
            if (p)
                set_place(l, p, b->at[i].raw_start, s->start);
            return;
        }
}

/* -- what is no value ------------------------------------------------------------------
 */

/* Would it stay for this alone? */
static bool stays_for(const struct listing *l, const struct findings *only)
{
    const struct screen_input *in = l->in;
    return guard_rules_act(in->rules, only, in->key, in->declared.header,
                           l->r->accepted_groups)
               .action >= ACTION_LOCAL;
}

static bool stays_for_illness(const struct listing *l)
{
    struct findings only = {.is_clinical = l->b->found.is_clinical,
                            .persons_alone = l->b->found.persons_alone,
                            .person_score = l->b->found.person_score};
    struct findings none = only;
    none.is_clinical = false;
    only.score[TYPE_PERSON] = none.score[TYPE_PERSON] = l->b->found.score[TYPE_PERSON];
    return only.is_clinical && stays_for(l, &only) && !stays_for(l, &none);
}

static void add_name(struct listing *l)
{
    const struct body_scan *b = l->b;
    for (size_t i = 0; i < b->nat; i++) {
        if (!b->at[i].is_key)
            continue;
        struct held_place *p = add_other(l, HELD_NAME, b->at[i].raw_start);
        if (p && b->at[i].n)
            p->kind = guard_type_name((enum guard_type)b->spans.v[b->at[i].first].type);
        return;
    }
}

static void add_half(struct listing *l)
{
    size_t at;
    struct held_place *p =
        place_of_half(l->in->body, &at) ? add_other(l, HELD_HALF, at) : NULL;
    if (p)
        p->byte = (uint32_t)at;
}

static void add_unread(struct listing *l)
{
    const struct findings *f = &l->b->found;
    const struct findings media = {.has_media = f->has_media};
    if (f->has_media && stays_for(l, &media))
        add_other(l, HELD_MEDIA, l->b->first.media);
    if (f->has_token_ids)
        add_other(l, HELD_TOKEN_IDS, l->b->first.odd);
    else if (f->has_half_pair)
        add_half(l);
    else if (f->is_undecodable)
        add_other(l, HELD_HIDDEN, l->b->first.odd);
    if (f->is_unsure)
        add_other(l, HELD_UNREAD, l->b->first.unsure);
}

static void add_found(struct listing *l)
{
    const struct screened *r = l->r;
    if (r->held.id)
        add_hit(l);
    if (stays_for_illness(l))
        add_illness(l);
    add_values(l, r->verdict.action == ACTION_BLOCK ? ACTION_BLOCK : ACTION_LOCAL);
    if (l->b->found.key_hits && r->nholds == 0)
        add_name(l);
    add_unread(l);
    if (r->is_replaced)
        add_other(l, HELD_HISTORY, 0);
}

/* Where nothing in it holds it, it is told who gave the label. */
static void add_source(struct listing *l)
{
    const struct label *label = &l->r->label;
    enum held_kind k = strcmp(label->source, "session") == 0 ? HELD_SESSION
                       : strcmp(label->source, "scan") == 0  ? HELD_FULL
                                                             : HELD_DECLARED;
    struct held_place *p = add_other(l, k, 0);
    if (p)
        p->reason = label->detail ? label->detail : label->source;
}

void find_held(const struct screen_input *in, const struct body_scan *b,
               struct screened *r, struct arena *a)
{
    struct listing l = {.in = in, .b = b, .r = r, .a = a};
    if (in->sessions)
        l.search = value_search_begin(sessions_values(in->sessions),
                                      in->key ? in->key->name : STR(""), in->now_ms);
    if (!r->is_scanned)
        add_other(&l, HELD_UNSCANNED, 0);
    else if (r->verdict.action >= ACTION_LOCAL)
        add_found(&l);
    else if (r->failure)
        add_other(&l, r->unmaskable_at ? HELD_UNMASKABLE : HELD_UNSCANNED,
                  r->unmaskable_at);
    if (r->nholds == 0)
        add_source(&l);
    if (l.search)
        value_search_end(sessions_values(in->sessions), l.search, 0, in->now_ms);
}

/* -- in words --------------------------------------------------------------------------
 */

struct str held_words(const struct held_place *p, struct arena *a)
{
    const char *before = p->before ? p->before : "";
    const char *kind = p->before ? "" : p->kind, *in = p->before ? "" : " in ";
    if (p->byte)
        return arena_printf(a, "%s%.*s, at byte %u", before, STR_ARG(p->member), p->byte);
    if (!p->line)
        return arena_printf(a, "%s%s%s%.*s", before, kind, in, STR_ARG(p->member));
    return arena_printf(a, "%s%s%s%.*s, line %u, column %u", before, kind, in,
                        STR_ARG(p->member), p->line, p->column);
}
