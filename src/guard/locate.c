/* locate.c -- see locate.h.
 *
 * Three things can lie at a span.  Text of a string: each of its decoded bytes came from
 * a byte or an escape of the raw one.  Text of a string that is itself JSON (the
 * arguments of a tool call): the same, but the value's own escapes are undone twice, and
 * what is cut out lies inside of one of its strings, or is one of its numbers, for a tag
 * would break the JSON anywhere else; the same is done with JSON behind words or in a
 * fence, as far as it can be told.  A number: whole or not at all. */
#include "guard/locate.h"

#include "mask/quoting.h"
#include "json/scan.h"

enum { SURE_OF_A_NAME = 75 };

struct locating {
    const struct guard_rules *rules;
    const struct config_key *key;
    struct str body;
    struct arena text; /* one string's worth */
    struct arena *arena;
    struct mask_span *out; /* in the arena */
    size_t n, cap;
    bool is_out_of_memory;
    uint32_t bad_at;
    struct err *err;
};

static int unmaskable(struct locating *l, uint32_t at, const char *why)
{
    l->bad_at = at;
    return err_set(l->err, ERR_INTERNAL, "unmaskable",
                   "a value at byte %u cannot be masked: %s", at, why);
}

/* Places grow outwards to whole escapes and numbers.  Of a value that lies in what the
 * one before it has taken along nothing is left to cut out. */
static void add(struct locating *l, struct mask_span m)
{
    if (m.start >= m.end)
        return;
    if (l->n == l->cap) {
        struct mask_span *v = arena_array(l->arena, struct mask_span, 2 * l->cap);
        if (!v) {
            l->is_out_of_memory = true;
            return;
        }
        memcpy(v, l->out, l->n * sizeof *v);
        l->out = v;
        l->cap *= 2;
    }
    l->out[l->n++] = m;
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

/* A string or a number of a JSON text that is known to be one. */
struct piece {
    size_t start, end; /* of a string: between its quotes */
    bool is_key, is_number;
};

static bool is_number_byte(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || (c | 32) == 'e';
}

static size_t string_end(struct str text, size_t i)
{
    while (i < text.n && text.p[i] != '"')
        i += text.p[i] == '\\' ? 2 : 1;
    return i < text.n ? i : text.n;
}

/* The string that begins at `start`, behind its quote. */
static struct piece string_at(struct str text, size_t start)
{
    struct piece p = {.start = start, .end = string_end(text, start)};
    struct str rest = str_sub(text, p.end + 1, text.n);
    while (rest.n && strchr(" \t\r\n", rest.p[0]))
        rest = str_sub(rest, 1, rest.n);
    p.is_key = rest.n && rest.p[0] == ':';
    return p;
}

/* The first piece that ends behind `at`; false: there is none.  *p is an earlier one, or
 * zeroed. */
static bool piece_behind(struct str text, size_t at, struct piece *p)
{
    size_t i = p->end + (p->end > 0 && !p->is_number); /* behind its quote */
    if (p->end > at)
        return true;
    while (i < text.n) {
        char c = text.p[i];
        *p = (struct piece){.start = i};
        if (c == '"') {
            *p = string_at(text, i + 1);
            i = p->end + 1;
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            while (i < text.n && is_number_byte(text.p[i]))
                i++;
            p->end = i;
            p->is_number = true;
        } else {
            i++;
        }
        if (p->end > at)
            return true;
    }
    return false;
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

/* What of a string is being cut out, and how far one got. */
struct cutting {
    struct str text; /* its meaning */
    struct raw_walk raw;
    struct piece piece;
    struct quoting quoting; /* of text[0, followed) */
    size_t followed;
};

/* Is this piece the text of a file: all of a data: URL or what follows its head, or all
 * of a string that is long?  A short one that a prompt has in base64 gets one tag, which
 * comes back in the answer. */
static bool is_file(const struct cutting *c, const struct span *s, struct piece p)
{
    enum { BARE_LEAST = 256 };
    struct str before = str_sub(c->text, 0, p.start);
    bool is_long = p.end - p.start >= BARE_LEAST;
    bool is_all = p.start == 0 && p.end == c->text.n &&
                  (is_long || str_starts_nocase(c->text, STR("data:")));
    bool is_quoted = is_long && p.start > 0 && p.end < c->text.n &&
                     c->text.p[p.start - 1] == '"' && c->text.p[p.end] == '"';
    return s->evidence == SAW_DECODED && !p.is_number &&
           (is_all || is_quoted || str_ends(before, STR("base64,")));
}

static void cut(struct locating *l, struct cutting *c, const struct span *s,
                struct piece p, uint8_t depth)
{
    struct mask_span m = {.type = guard_type_name((enum guard_type)s->type),
                          .depth = p.is_number ? MASK_NUMBER : depth,
                          .is_file = is_file(c, s, p)};
    m.start = (uint32_t)(raw_of(&c->raw, p.start, false) - l->body.p);
    m.end = (uint32_t)(raw_of(&c->raw, p.end, true) - l->body.p);
    add(l, m);
}

/* A value in a string that is JSON: it may reach over several of its strings, which are
 * masked each for itself.  Names in between stay; one that is cut into, or nothing but
 * names and signs, cannot be masked. */
static bool cut_nested(struct locating *l, struct cutting *c, const struct span *s)
{
    bool found = false;
    size_t at = s->start;
    while (at < s->end && piece_behind(c->text, at, &c->piece) &&
           c->piece.start < s->end) {
        const struct piece p = c->piece;
        size_t start = p.start > at ? p.start : at, end = p.end < s->end ? p.end : s->end;
        at = p.end;
        if (p.is_key && (start > p.start || end < p.end))
            return false;
        if (p.is_key || start >= end)
            continue;
        found = true;
        if (p.is_number)
            cut(l, c, s, (struct piece){p.start, p.end, false, true}, 2);
        else
            cut(l, c, s, (struct piece){start, end, false, false}, 2);
    }
    return found;
}

/* A value that begins in a string of JSON and ends in another, where the JSON stands
 * behind words or in a fence: one tag for all of it would take the quotes between them
 * along. */
static bool is_over_strings(struct cutting *c, const struct span *s)
{
    struct quoting q;
    if (!memchr(c->text.p + s->start, '"', s->end - s->start))
        return false;
    quoting_follow(&c->quoting, str_sub(c->text, c->followed, s->start));
    c->followed = s->start;
    q = c->quoting;
    if (quoting_depth(&q) == 0 || string_end(c->text, s->start) >= s->end)
        return false;
    for (size_t i = s->start; i < s->end; i++) {
        quoting_follow(&q, str_sub(c->text, i, i + 1));
        /* Words behind the JSON must not be forgotten. */
        if (!quoting_is_json(&q) && !strchr("}] \t\r\n.,`", c->text.p[i]))
            return false;
    }
    return true;
}

static void cut_in_text(struct locating *l, struct cutting *c, const struct span *s)
{
    if (is_over_strings(c, s)) {
        size_t start = s->start;
        while (start > 0 && c->text.p[start - 1] != '"')
            start--;
        c->piece = string_at(c->text, start);
        if (cut_nested(l, c, s))
            return;
    }
    cut(l, c, s, (struct piece){s->start, s->end, false, false}, 1);
}

static int locate_in_string(struct locating *l, const struct located *at,
                            const struct span *spans)
{
    struct str raw = str_sub(l->body, at->raw_start, at->raw_end);
    struct json_string whole = {raw, str_index(raw, '\\') >= 0};
    arena_reset(&l->text);
    struct cutting c = {.text = json_unescape(&l->text, whole),
                        .raw = {raw.p, raw.p + raw.n, 0}};
    if (!c.text.p)
        return err_nomem(l->err);
    bool is_nested = is_json(c.text);
    quoting_init(&c.quoting, false);
    for (size_t i = 0; i < at->n; i++) {
        const struct span *s = &spans[i];
        if (guard_rules_span(l->rules, s, l->key) == ACTION_CLEAR)
            continue;
        if (!is_nested)
            cut_in_text(l, &c, s);
        else if (!cut_nested(l, &c, s))
            return unmaskable(l, at->raw_start, "it is no string");
    }
    return l->is_out_of_memory ? err_nomem(l->err) : 0;
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
            const char *type = guard_type_name((enum guard_type)spans[i].type);
            add(l, (struct mask_span){
                       .start = at->raw_start, .end = at->raw_end, .type = type});
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
                    struct mask_span **ret, size_t *ret_n, uint32_t *ret_bad_at,
                    struct err *err)
{
    struct locating l = {.rules = g,
                         .key = key,
                         .body = body,
                         .arena = a,
                         .cap = scan->spans.n + 1,
                         .err = err};
    int rc = 0;
    l.out = arena_array(a, struct mask_span, l.cap);
    if (!l.out)
        return err_nomem(err);
    arena_init(&l.text, body.n + 4096);
    for (size_t i = 0; i < scan->nat && rc == 0; i++)
        rc = locate(&l, &scan->at[i], scan->spans.v + scan->at[i].first);
    arena_reset(&l.text);
    if (rc == 0 && l.is_out_of_memory)
        rc = err_nomem(err);
    *ret = l.out;
    *ret_n = l.n;
    *ret_bad_at = l.bad_at;
    return rc;
}
