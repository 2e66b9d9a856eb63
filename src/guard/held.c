/* held.c -- see held.h. */
#include "guard/held.h"

#include "guard/place.h"
#include "json/scan.h"

/* Of spans that ask for the same, the first; of clinical text the person. */
static bool asks_more(const struct screen_input *in, const struct span *s,
                      const struct screened *r, enum action *most)
{
    enum action action = guard_rules_span(in->rules, s, in->key);
    if (r->verdict.group == GROUP_CLINICAL && s->type == TYPE_PERSON && !s->is_alone)
        action = ACTION_LOCAL;
    if (action < ACTION_LOCAL || action <= *most)
        return false;
    *most = action;
    return true;
}

static const struct span *find_span(const struct screen_input *in,
                                    const struct body_scan *b, const struct screened *r,
                                    const struct located **ret_at)
{
    const struct span *ret = NULL;
    enum action most = ACTION_MASK;
    for (size_t i = 0; i < b->nat; i++)
        for (uint32_t k = b->at[i].first; k < b->at[i].first + b->at[i].n; k++)
            if (asks_more(in, &b->spans.v[k], r, &most)) {
                ret = &b->spans.v[k];
                *ret_at = &b->at[i];
            }
    return ret;
}

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

/* Raw bytes of the string that begins at raw_start, or of the number. */
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

/* What may stand in a name: what the scan found there, and values that hold. */
struct naming {
    const struct screen_input *in;
    const struct body_scan *b;
    struct value_search *search; /* or NULL */
};

static bool is_found_in(const struct body_scan *b, size_t raw_start)
{
    for (size_t i = 0; i < b->nat; i++)
        if (b->at[i].is_key && b->at[i].raw_start == raw_start)
            return true;
    return false;
}

static bool is_value_in(void *ctx, struct str name)
{
    const struct naming *n = ctx;
    struct value_hit hit;
    return is_found_in(n->b, (size_t)(name.p - n->in->body.p)) ||
           (n->search && value_search_in(n->search, name, &hit));
}

static struct str place_in(const struct screen_input *in, const struct body_scan *b,
                           size_t at, struct arena *a)
{
    struct values *v = in->sessions ? sessions_values(in->sessions) : NULL;
    struct str owner = in->key ? in->key->name : STR("");
    struct naming n = {.in = in, .b = b};
    const struct place_names names = {is_value_in, &n};
    if (v)
        n.search = value_search_begin(v, owner, in->now_ms);
    struct str ret = place_of(in->body, at, &names, a);
    if (n.search)
        value_search_end(v, n.search, 0, in->now_ms);
    return ret;
}

static void set_place(const struct screen_input *in, const struct body_scan *b,
                      size_t raw_start, size_t start, struct arena *a,
                      struct held_place *ret)
{
    ret->member = place_in(in, b, raw_start, a);
    held_place_in(text_at(in->body, raw_start, a), start, &ret->line, &ret->column);
}

/* The name by which an operator says that it was nothing. */
static void set_value(const struct screen_input *in, const struct span *s,
                      const struct located *at, struct arena *a, struct held_place *ret)
{
    struct str owner = in->key ? in->key->name : STR("");
    struct str text = text_at(in->body, at->raw_start, a);
    if (!in->sessions || in->is_dry || !text.n || s->end > text.n || !guard_may_let_go(s))
        return;
    ret->value =
        value_id(sessions_values(in->sessions), owner, str_sub(text, s->start, s->end));
}

void find_held_place(const struct screen_input *in, const struct body_scan *b,
                     const struct screened *r, struct arena *a, struct held_place *ret)
{
    const struct located *at = NULL;
    if (r->held.id) {
        ret->type = guard_type_name((enum guard_type)r->held.type);
        ret->value = r->held.has_check ? 0 : r->held.id;
        set_place(in, b, r->held.raw_start, r->held.start, a, ret);
        return;
    }
    const struct span *s = find_span(in, b, r, &at);
    if (!s)
        return;
    ret->type = guard_type_name((enum guard_type)s->type);
    set_place(in, b, at->raw_start, s->start, a, ret);
    if (!at->is_key)
        set_value(in, s, at, a, ret);
}
