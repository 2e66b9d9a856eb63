/* locate.c -- see locate.h.
 *
 * Three things can lie at a span.  Text of a string: each of its decoded bytes came from
 * a byte or an escape of the raw one.  Text of a string that is itself JSON (the
 * arguments of a tool call): the same, but the value's own escapes are undone twice, and
 * what is not inside one of its strings cannot be cut out, for a tag would stand there
 * without quotes.  A number: whole or not at all. */
#include "guard/locate.h"

#include "json/scan.h"

enum { SURE_OF_A_NAME = 75 };

struct locating {
    const struct guard_rules *rules;
    const struct config_key *key;
    struct str body;
    struct arena text; /* one string's worth */
    struct mask_span *out;
    size_t n;
    struct err *err;
};

static int unmaskable(struct locating *l, uint32_t at, const char *why)
{
    return err_set(l->err, ERR_INTERNAL, "unmaskable",
                   "a value at byte %u cannot be masked: %s", at, why);
}

static void add(struct locating *l, const struct span *s, size_t start, size_t end,
                uint8_t depth)
{
    l->out[l->n++] = (struct mask_span){.start = (uint32_t)start,
                                        .end = (uint32_t)end,
                                        .type = guard_type_name((enum guard_type)s->type),
                                        .depth = depth};
}

/* A member's name cannot be masked: whoever reads the object asks for it by that name.
 * A lone word that may be somebody's is no reason to hold a request. */
static bool is_harmless_in_a_name(const struct span *s)
{
    return guard_type_group((enum guard_type)s->type) == GROUP_PERSON &&
           s->score < SURE_OF_A_NAME;
}

/* -- a string that is JSON itself ---------------------------------------------- */

static bool is_json(struct str text)
{
    struct json_cur c;
    struct str trimmed = str_trim(text);
    if (trimmed.n == 0 || (trimmed.p[0] != '{' && trimmed.p[0] != '['))
        return false;
    json_begin(&c, text);
    return json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
}

/* Along a JSON text: is this place inside one of its strings? */
struct inner_walk {
    struct str text;
    size_t at;
    bool is_in_string;
};

static void walk_to(struct inner_walk *w, size_t to)
{
    for (; w->at < to && w->at < w->text.n; w->at++) {
        char c = w->text.p[w->at];
        if (c == '"')
            w->is_in_string = !w->is_in_string;
        else if (c == '\\' && w->is_in_string)
            w->at++;
    }
}

/* True when all of the span lies in one string. */
static bool is_inside_a_string(struct inner_walk *w, const struct span *s)
{
    walk_to(w, s->start);
    if (!w->is_in_string)
        return false;
    for (size_t i = w->at; i < s->end; i++) {
        if (w->text.p[i] == '"')
            return false;
        i += w->text.p[i] == '\\';
    }
    return true;
}

/* -- strings ------------------------------------------------------------------- */

/* Goes along the raw string and its meaning together. */
struct raw_walk {
    const char *p, *end;
    size_t decoded; /* bytes that what stands before p means */
};

/* The raw place of a decoded one; in the middle of an escape: its start, or its end when
 * the place ends a span. */
static const char *raw_of(struct raw_walk *w, size_t decoded, bool is_end)
{
    while (w->p < w->end && w->decoded < decoded) {
        const char *next = w->p;
        char meaning[4];
        size_t n = 1;
        if (*next == '\\')
            n = json_take_escape(&next, w->end, meaning);
        else
            next++;
        if (w->decoded + n > decoded && !is_end)
            break;
        w->decoded += n;
        w->p = next;
    }
    return w->p;
}

static int locate_in_string(struct locating *l, const struct located *at,
                            const struct span *spans)
{
    struct str raw = str_sub(l->body, at->raw_start, at->raw_end);
    struct json_string whole = {raw, str_index(raw, '\\') >= 0};
    arena_reset(&l->text);
    struct str text = json_unescape(&l->text, whole);
    if (!text.p)
        return err_nomem(l->err);
    struct raw_walk w = {raw.p, raw.p + raw.n, 0};
    struct inner_walk inner = {.text = text};
    bool is_nested = is_json(text);
    for (size_t i = 0; i < at->n; i++) {
        const struct span *s = &spans[i];
        if (guard_rules_span(l->rules, s, l->key) == ACTION_CLEAR)
            continue;
        if (is_nested && !is_inside_a_string(&inner, s))
            return unmaskable(l, at->raw_start, "it is no string");
        const char *start = raw_of(&w, s->start, false);
        const char *end = raw_of(&w, s->end, true);
        add(l, s, (size_t)(start - l->body.p), (size_t)(end - l->body.p),
            is_nested ? 2 : 1);
    }
    return 0;
}

/* -- names and numbers --------------------------------------------------------- */

static int check_name(struct locating *l, const struct located *at,
                      const struct span *spans)
{
    for (size_t i = 0; i < at->n; i++)
        if (guard_rules_span(l->rules, &spans[i], l->key) != ACTION_CLEAR &&
            !is_harmless_in_a_name(&spans[i]))
            return unmaskable(l, at->raw_start, "it is the name of a member");
    return 0;
}

static void locate_number(struct locating *l, const struct located *at,
                          const struct span *spans)
{
    for (size_t i = 0; i < at->n; i++)
        if (guard_rules_span(l->rules, &spans[i], l->key) != ACTION_CLEAR) {
            add(l, &spans[i], at->raw_start, at->raw_end, 0);
            return;
        }
}

static int locate(struct locating *l, const struct located *at, const struct span *spans)
{
    if (at->is_key)
        return check_name(l, at, spans);
    if (at->raw_start > 0 && l->body.p[at->raw_start - 1] == '"')
        return locate_in_string(l, at, spans);
    locate_number(l, at, spans);
    return 0;
}

int guard_raw_spans(const struct guard_rules *g, const struct config_key *key,
                    const struct body_scan *scan, struct str body, struct arena *a,
                    struct mask_span **ret, size_t *ret_n, struct err *err)
{
    struct locating l = {.rules = g, .key = key, .body = body, .err = err};
    int rc = 0;
    l.out = arena_array(a, struct mask_span, scan->spans.n + 1);
    if (!l.out)
        return err_nomem(err);
    arena_init(&l.text, body.n + 4096);
    for (size_t i = 0; i < scan->nat && rc == 0; i++)
        rc = locate(&l, &scan->at[i], scan->spans.v + scan->at[i].first);
    arena_reset(&l.text);
    *ret = l.out;
    *ret_n = l.n;
    return rc;
}
