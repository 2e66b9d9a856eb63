/* corners.c -- see corners.h.
 *
 * Around an "and" stand two stretches of words.  They are a corner where a word says so
 * and one of them looks like a street; where one is an address already and the other
 * stands where an address does; and where words that want an address ("return to") lead
 * to two names and a number. */
#include "scan/names/corners.h"

#include "scan/names/private_inside.h"

enum { CORNER_SCORE = 86, WORDS_MOST = 5 };

struct stretch {
    size_t first, end; /* tokens */
};

static const struct token *tok(const struct window *w, size_t i)
{
    return private_token(w, i);
}

static bool is_word_at(const struct window *w, size_t i, const char *const *words,
                       size_t n)
{
    return tok(w, i)->kind == TOK_WORD && is_word_of(token_str(w, tok(w, i)), words, n);
}

/* Words and numbers that a street may have; in small letters too where a corner is told.
 */
static bool may_be_in(const struct window *w, size_t i, bool any_case)
{
    enum { NEVER = LEX_MONTH | LEX_WEEKDAY | LEX_CUE | LEX_TITLE };
    const struct token *t = tok(w, i);
    if (t->kind == TOK_NUMBER)
        return token_width(t) <= 6;
    if (t->kind != TOK_WORD || ((t->lex & LEX_STOP) && !(t->lex & LEX_PARTICLE)))
        return false;
    return (t->lex & LEX_PARTICLE) ||
           (!(t->lex & NEVER) &&
            (t->letter != CASE_LOWER || any_case ||
             (t->lex & (LEX_STREET | LEX_PREFIX_STREET)) || t->gap == 0));
}

/* The marks of "St. John", "ul. Nowa", "B. Street". */
static bool is_dot(const struct window *w, size_t i)
{
    return tok(w, i)->c == '.' && tok(w, i)->gap == 0 && is_on_line(tok(w, i + 1)) &&
           tok(w, i + 1)->kind != TOK_PUNCT && tok(w, i - 1)->kind == TOK_WORD &&
           token_width(tok(w, i - 1)) <= 4;
}

static struct stretch before(const struct window *w, size_t i, bool any_case)
{
    struct stretch s = {i, i};
    while (s.first > 0 && i - s.first <= WORDS_MOST && is_on_line(tok(w, s.first)) &&
           (may_be_in(w, s.first - 1, any_case) || is_dot(w, s.first - 1)))
        s.first--;
    while (s.first < i && tok(w, s.first)->kind == TOK_PUNCT)
        s.first++;
    return s;
}

static struct stretch behind(const struct window *w, size_t i, bool any_case)
{
    struct stretch s = {i, i};
    while (s.end < w->ntok && s.end - i <= WORDS_MOST && is_on_line(tok(w, s.end)) &&
           (may_be_in(w, s.end, any_case) || (s.end > i && is_dot(w, s.end))))
        s.end++;
    return s;
}

/* An address that lies on token i; NULL: none. */
static const struct span *address_on(const struct window *w, size_t n, size_t i)
{
    if (i >= w->ntok)
        return NULL;
    size_t k = span_behind(w, n, w->tok[i].start);
    bool is_on = k < n && w->found[k].start < w->tok[i].end &&
                 w->found[k].type == TYPE_ADDRESS && w->found[k].score > 0;
    return is_on ? &w->found[k] : NULL;
}

static bool has_number(const struct window *w, struct stretch s)
{
    for (size_t i = s.first; i < s.end; i++)
        if (tok(w, i)->kind == TOK_NUMBER)
            return true;
    return false;
}

static bool has_digit(const struct window *w, const struct span *s)
{
    for (size_t i = s->start; i < s->end; i++)
        if (is_digit(w->p[i]))
            return true;
    return false;
}

static bool has_street_word(const struct window *w, struct stretch s)
{
    for (size_t i = s.first; i < s.end; i++) {
        const struct token *t = tok(w, i);
        bool is_told = t->kind == TOK_WORD && (t->lex & (LEX_STREET | LEX_PREFIX_STREET));
        if (is_told || ends_like_street(w, t))
            return true;
    }
    return false;
}

/* "line 4" of a page is none, "Beiteveien 2" is one. */
static bool looks_like_street(const struct window *w, struct stretch s)
{
    bool is_named = false;
    for (size_t i = s.first; i < s.end; i++)
        is_named |= tok(w, i)->kind == TOK_WORD && !(tok(w, i)->names & NAME_COMMON);
    return has_street_word(w, s) || (is_named && has_number(w, s));
}

/* "the corner of" right before token i: where it begins; i: it is not there. */
static size_t corner_word(const struct window *w, size_t i)
{
    static const char *const words[] = {"corner", "intersection", "junction", "crossing",
                                        "ecke",   "esquina",      "angle",    "esquinas"};
    static const char *const of[] = {"of", "von", "de", "entre", "der"};
    size_t k = i;
    if (k > 0 && is_word_at(w, k - 1, of, ARRAY_LEN(of)))
        k--;
    if (k == 0 || !is_on_line(tok(w, k)) ||
        !is_word_at(w, k - 1, words, ARRAY_LEN(words)))
        return i;
    k--;
    bool has_article = k > 0 && (tok(w, k - 1)->lex & LEX_STOP) &&
                       token_width(tok(w, k - 1)) <= 3 &&
                       str_eq_nocase(token_str(w, tok(w, k - 1)), STR("the"));
    return has_article ? k - 1 : k;
}

/* A line, a colon or "to", "at", "in": an address may stand behind it. */
static bool may_lead(const struct window *w, size_t i)
{
    static const char *const words[] = {"to",  "at", "in",  "is", "on",   "from", "near",
                                        "an",  "zu", "bei", "a",  "en",   "chez", "na",
                                        "via", "by", "til", "au", "naar", "till"};
    return i == 0 || (tok(w, i)->gap & GAP_LINE) || tok(w, i - 1)->c == ':' ||
           is_word_at(w, i - 1, words, ARRAY_LEN(words));
}

/* "return to", "taxi to", "address is": an address must stand behind it. */
static bool must_lead(const struct window *w, struct stretch x, size_t end)
{
    static const char *const words[] = {
        "return",  "returned", "taxi", "cab",    "uber",    "ship",  "shipped",
        "deliver", "send",     "mail", "mailed", "forward", "moved", "relocated"};
    if (x.first < 2 || !may_lead(w, x.first))
        return false;
    bool has_verb = is_word_at(w, x.first - 2, words, ARRAY_LEN(words));
    return (has_verb && tok(w, x.first - 1)->kind == TOK_WORD) ||
           caption_distance(w, tok(w, x.first)->start, tok(w, end - 1)->end,
                            CLS_ADDRESS) >= 0;
}

/* One or two names without a number: a street of which nothing else is said. */
static bool is_bare_name(const struct window *w, struct stretch s)
{
    enum { NAMES_MOST = 3 };
    if (s.end == s.first || s.end - s.first > NAMES_MOST || has_number(w, s))
        return false;
    return tok(w, s.first)->letter != CASE_LOWER;
}

/* Names and the number of a house at the end of what is said. */
static bool is_name_with_number(const struct window *w, struct stretch s)
{
    enum { DIGITS_MOST = 4 };
    const struct token *last = tok(w, s.end - 1), *next = tok(w, s.end);
    bool ends = s.end >= w->ntok || (next->gap & GAP_LINE) || next->kind == TOK_PUNCT ||
                (next->lex & LEX_STOP);
    return s.end > s.first + 1 && last->kind == TOK_NUMBER && ends &&
           token_width(last) <= DIGITS_MOST && tok(w, s.first)->kind == TOK_WORD;
}

static void put(struct window *w, size_t n, size_t first, size_t end)
{
    uint32_t from = tok(w, first)->start, to = tok(w, end - 1)->end;
    for (size_t k = span_behind(w, n, from); k < n && w->found[k].start < to; k++) {
        struct span *s = &w->found[k];
        bool is_part = s->type == TYPE_ADDRESS || s->type == TYPE_PERSON ||
                       guard_type_group((enum guard_type)s->type) == GROUP_LOW;
        if (!is_part)
            return;
        if (s->type == TYPE_ADDRESS) {
            from = s->start < from ? s->start : from;
            to = s->end > to ? s->end : to;
        }
    }
    for (size_t k = span_behind(w, n, from); k < n && w->found[k].start < to; k++)
        w->found[k].score = 0;
    propose(w, from, to, TYPE_ADDRESS, CORNER_SCORE, SAW_LEXICON);
}

static void try_corner(struct window *w, size_t n, size_t i)
{
    struct stretch x = before(w, i, true), y = behind(w, i + 1, true);
    size_t first = x.end > x.first ? corner_word(w, x.first) : x.first;
    if (first < x.first && y.end > y.first &&
        (looks_like_street(w, x) || looks_like_street(w, y))) {
        put(w, n, first, y.end);
        return;
    }
    x = before(w, i, false);
    y = behind(w, i + 1, false);
    const struct span *a = address_on(w, n, i - 1), *b = address_on(w, n, i + 1);
    if (x.end == x.first || y.end == y.first || a == b)
        b = a = NULL;
    if (b && !a && b->start == tok(w, i + 1)->start && is_bare_name(w, x) &&
        has_digit(w, b) && may_lead(w, x.first))
        put(w, n, x.first, y.end);
    else if (a && !b && has_number(w, x) && has_street_word(w, y) &&
             tok(w, y.first)->letter != CASE_LOWER)
        put(w, n, x.first, y.end);
    else if (!a && !b && is_bare_name(w, x) && tok(w, y.first)->letter != CASE_LOWER) {
        y = behind(w, i + 1, true); /* "Českého odboje 1735" */
        if (is_name_with_number(w, y) && must_lead(w, x, y.end))
            put(w, n, x.first, y.end);
    }
}

void join_corners(struct window *w)
{
    size_t n = w->nfound, kept = 0;
    for (size_t i = next_anchor(w, 0, AT_LINK); i < w->ntok;
         i = next_anchor(w, i + 1, AT_LINK))
        if (i > 0 && is_on_line(tok(w, i)) && is_on_line(tok(w, i + 1)))
            try_corner(w, n, i);
    for (size_t k = 0; k < w->nfound; k++)
        if (w->found[k].score > 0)
            w->found[kept++] = w->found[k];
    w->nfound = resolve_spans(w->found, kept);
}
