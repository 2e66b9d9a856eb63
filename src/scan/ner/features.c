/* features.c -- which tokens are worth a look, and the templates of features.
 *
 * Words that no list knows are the rule for names, so the templates lean on what
 * stands around a word, on its letters and on its place in the line, and the word
 * itself is one among many.  Running text has a capital in every tenth word; only
 * there, and in lines without any capital, is there something to look at. */
#include "scan/ner/features.h"

#include "scan/text/lexicon.h"

enum { MAX_GAP = 4, MAX_MORE = 7, LINE_TOKENS = 96, NEAR_TOKENS = 7, FAR_AWAY = 99 };

enum { LEX_OF_PLACES = LEX_STREET | LEX_PREFIX_STREET | LEX_UNIT | LEX_BOX };

static size_t width(const struct token *t)
{
    return t->end - t->start;
}

static bool is_cap(const struct token *t)
{
    return t->kind == TOK_WORD && t->letter != CASE_LOWER;
}

/* -- stretches -------------------------------------------------------------------- */

static bool is_number_near(const struct window *w, size_t i)
{
    return (i > 0 && w->tok[i - 1].kind == TOK_NUMBER) ||
           (i > 1 && w->tok[i - 2].kind == TOK_NUMBER) ||
           (i + 1 < w->ntok && w->tok[i + 1].kind == TOK_NUMBER);
}

/* "The", "Consider the": capital because the sentence begins. */
static bool only_begins(const struct window *w, size_t i)
{
    const struct token *t = &w->tok[i], *b = i ? t - 1 : NULL;
    if (t->letter != CASE_TITLE || (t->names & NAME_FIRST) ||
        !((t->names & NAME_FREQUENT) || (t->lex & LEX_EVERYDAY)))
        return false;
    return (!b || (t->gap & GAP_LINE) ||
            (b->kind == TOK_PUNCT && strchr(".?!:*-\"'", b->c))) &&
           i + 1 < w->ntok && t[1].gap == GAP_SPACE && t[1].letter == CASE_LOWER;
}

/* A part of an identifier or a path: between dots, slashes and underscores. */
static bool is_glued(const struct window *w, size_t i)
{
    const struct token *t = &w->tok[i];
    char b = t->start ? w->p[t->start - 1] : ' ', a = t->end < w->n ? w->p[t->end] : ' ';
    return b == '_' || a == '_' || a == '(' || is_digit(b) || (b == '.' && a == '.') ||
           ((b == '/' || b == '\\') && (a == '/' || a == '.' || a == '\\'));
}

/* "ul. Polna", "ap. 7", ", bus 2", the end of "Kim-ro", "rue Pasteur". */
static bool is_little_word(const struct window *w, size_t i)
{
    const struct token *t = &w->tok[i];
    if (i > 1 && t->gap == 0 && t[-1].c == '-' && t[-1].gap == 0)
        return is_cap(&t[-2]);
    if (width(t) > 6 || i + 2 >= w->ntok)
        return false;
    bool dot = t[1].c == '.' && t[1].gap == 0;
    const struct token *next = dot ? &t[2] : &t[1];
    if (next->gap & GAP_LINE)
        return false;
    if (t->lex & LEX_OF_PLACES)
        return next->kind == TOK_NUMBER || is_cap(next);
    if (next->kind == TOK_NUMBER)
        return dot || (i > 0 && (t[-1].kind == TOK_NUMBER || t[-1].c == ','));
    return dot && is_cap(next) && !(t->names & NAME_FREQUENT);
}

static bool is_worth_it(const struct window *w, size_t i, bool low)
{
    const struct token *t = &w->tok[i];
    if (t->kind != TOK_WORD)
        return false;
    if (is_cap(t) && !(t->lex & LEX_STOP))
        return !only_begins(w, i) && !is_glued(w, i);
    if (is_little_word(w, i) || ((t->lex & LEX_OF_PLACES) && is_number_near(w, i)))
        return true;
    if (!low || is_cap(t))
        return (t->lex & LEX_JOB) || ((t->lex & LEX_NATION) && !(t->names & NAME_COMMON));
    if (t->gap == 0 && i > 0)
        return false;
    return (t->lex & (LEX_JOB | LEX_NATION | LEX_COUNTRY)) ||
           (!(t->names & (NAME_COMMON | NAME_FREQUENT)) && !t->lex && width(t) > 2) ||
           ((t->names & NAME_FIRST) && !(t->names & NAME_FREQUENT) &&
            !(t->lex & (LEX_STOP | LEX_EVERYDAY)));
}

/* Is the line at token i, which begins one, without a capital, and does no sentence
 * with capitals run into it? */
static bool is_low_line(struct stretches *it, size_t i)
{
    const struct window *w = it->w;
    bool cap = false;
    size_t k = i;
    bool was_low = it->is_low || i == 0 || (w->tok[i].gap & GAP_BLANK_LINE) ||
                   (w->tok[i - 1].kind == TOK_PUNCT && w->tok[i - 1].c != ',');
    for (; k < w->ntok && (k == i || !(w->tok[k].gap & GAP_LINE)); k++)
        cap |= is_cap(&w->tok[k]);
    it->line_end = k;
    return !cap && was_low;
}

static bool worth(struct stretches *it, size_t i)
{
    if (i >= it->line_end)
        it->is_low = is_low_line(it, i);
    return is_worth_it(it->w, i, it->is_low);
}

static bool joins_numbers(char c)
{
    return c == '-' || c == '/' || c == '#' || c == ',' || c == '.' || c == '\0';
}

/* What house numbers and postcodes are made of. */
static bool is_numeric(const struct token *t)
{
    return t->kind == TOK_NUMBER || (t->kind == TOK_PUNCT && joins_numbers(t->c)) ||
           (t->kind == TOK_WORD && width(t) <= 2 && t->letter != CASE_LOWER);
}

static bool is_corner(const struct window *w, size_t first, size_t from)
{
    const struct token *t = &w->tok[first];
    return first >= from + 3 &&
           str_eq_nocase(str_sub((struct str){w->p, w->n}, t[-2].start, t[-1].end),
                         STR("corner of"));
}

/* Numbers as far as they go, and what belongs to a name before it. */
static void widen(const struct window *w, size_t from, struct stretch *s)
{
    size_t most = s->end + MAX_MORE < w->ntok ? s->end + MAX_MORE : w->ntok;
    if (is_corner(w, s->first, from))
        s->first -= 3;
    for (size_t k = 0; k < MAX_MORE && s->first > from; k++) {
        const struct token *t = &w->tok[s->first - 1];
        if (!is_numeric(t) && t->c != '\'' && !(t->lex & LEX_PARTICLE))
            break;
        s->first--;
    }
    for (size_t k = 0; s->end < most && (k == 0 || is_numeric(&w->tok[s->end])); k++)
        s->end++;
}

bool stretches_next(struct stretches *it, struct stretch *ret)
{
    const struct window *w = it->w;
    size_t i = it->at;
    while (i < w->ntok && !worth(it, i))
        i++;
    if (i == w->ntok)
        return false;
    *ret = (struct stretch){i, i + 1};
    size_t most = i + STRETCH_MAX - 2 * MAX_MORE - 4, words = 0;
    for (size_t k = i + 1;
         k < w->ntok && k < most && words < MAX_GAP && k - ret->end < 2 * MAX_GAP; k++) {
        words += !is_numeric(&w->tok[k]);
        if (worth(it, k)) {
            ret->end = k + 1;
            words = 0;
        }
    }
    widen(w, it->at, ret);
    it->at = ret->end;
    return true;
}

/* -- looking ---------------------------------------------------------------------- */

static uint32_t mix(uint32_t a, uint32_t b)
{
    uint32_t h = (a + b * 0x9E3779B1u) * 0x85EBCA6Bu;
    return h ^ h >> 15;
}

static uint32_t form_of(const struct token *t)
{
    size_t n = width(t);
    uint32_t size = n > 6 ? 6 : (uint32_t)n;
    if (t->kind == TOK_PUNCT)
        return 0x1000u | (uint32_t)(unsigned char)t->c << 4 | t->gap;
    return ((uint32_t)t->kind << 8 | (uint32_t)t->letter << 4) * 8 + size * 8 + t->gap;
}

static uint32_t letter_at(const char *p, size_t n, size_t i)
{
    return i < n ? (unsigned char)to_lower(p[i]) : 0;
}

/* What a neighbour needs. */
static void look_beside(const struct window *w, const struct token *t, struct look *ret)
{
    const char *p = w->p + t->start;
    size_t n = width(t);
    *ret = (struct look){
        .form = mix(form_of(t), 3),
        .kin = mix(t->lex | (uint32_t)(t->cls != CLS_NONE) << 31, t->names),
    };
    if (t->kind == TOK_NUMBER) {
        ret->word = ret->tail3 = mix(0x4E000000u, (uint32_t)(n > 9 ? 9 : n));
        return;
    }
    ret->word = t->kind == TOK_WORD ? t->hash : mix((unsigned char)t->c, 7);
    ret->tail3 = mix(letter_at(p, n, n - 3) << 16 | letter_at(p, n, n - 2) << 8 |
                         letter_at(p, n, n - 1),
                     3);
}

static void look_at(const struct window *w, const struct token *t, struct look *ret)
{
    const char *p = w->p + t->start;
    size_t n = width(t);
    look_beside(w, t, ret);
    if (t->kind == TOK_NUMBER) {
        ret->head = ret->tail2 = ret->word;
        return;
    }
    ret->head =
        mix(letter_at(p, n, 0) << 16 | letter_at(p, n, 1) << 8 | letter_at(p, n, 2), 1);
    ret->tail2 = mix(letter_at(p, n, n - 2) << 8 | letter_at(p, n, n - 1), 2);
    ret->is_name =
        t->kind == TOK_WORD && !(t->lex & LEX_STOP) && !(t->names & NAME_FREQUENT);
}

/* Of a line that begins where it was thought to, the same is said of each of its first
 * LINE_TOKENS. */
static bool is_read(const struct window *w, size_t i, const struct line *l)
{
    return i >= l->first && i < l->end && i - l->first < LINE_TOKENS &&
           (l->first == 0 || (w->tok[l->first].gap & GAP_LINE));
}

static void read_line(const struct window *w, size_t i, struct line *l)
{
    size_t words = 0, upper = 0, title = 0, k = i;
    while (k > 0 && !(w->tok[k].gap & GAP_LINE) && i - k < LINE_TOKENS)
        k--;
    l->first = k;
    for (; k < w->ntok && (k == l->first || !(w->tok[k].gap & GAP_LINE)) &&
           k - l->first < 2 * LINE_TOKENS;
         k++) {
        const struct token *t = &w->tok[k];
        words += t->kind == TOK_WORD;
        upper += t->kind == TOK_WORD && t->letter == CASE_UPPER;
        title += is_cap(t);
    }
    l->end = k;
    l->kind = title == 0 ? 1 : upper * 4 > words * 3 ? 2 : title * 4 > words * 3 ? 3 : 4;
    l->kind = l->kind * 4 + (words <= 2 ? 0 : words <= 4 ? 1 : words <= 8 ? 2 : 3);
}

static uint32_t place_in_line(const struct window *w, size_t i, const struct line *l)
{
    const struct token *t = &w->tok[i];
    bool stop = i && t[-1].kind == TOK_PUNCT && strchr(".?!:", t[-1].c) && t->gap;
    return mix(l->kind << 2 | (i == l->first ? 1 : stop ? 2 : 0), 5);
}

/* How many tokens ago there was a street's word, a number, a title or cue. */
struct ago {
    uint32_t street, number, cue;
};

static uint32_t bucket(uint32_t d)
{
    return d > NEAR_TOKENS ? 0 : d <= 1 ? 1 : d <= 3 ? 2 : 3;
}

static bool ends_a_place(char c)
{
    switch (c) {
    case ';':
    case '{':
    case '}':
    case '[':
    case ']':
    case '<':
    case '>':
    case '=':
    case '\0':
        return true;
    default:
        return false;
    }
}

static void ago_next(struct ago *a, const struct token *t)
{
    bool ends = t->kind == TOK_PUNCT && ends_a_place(t->c);
    a->street = t->lex & LEX_OF_PLACES ? 1 : ends ? FAR_AWAY : a->street + 1;
    a->number = t->kind == TOK_NUMBER ? 1 : ends ? FAR_AWAY : a->number + 1;
    a->cue = t->lex & (LEX_TITLE | LEX_CUE) ? 1 : a->cue + 1;
}

static void look_around(const struct window *w, struct stretch s, struct look *at)
{
    struct ago a = {FAR_AWAY, FAR_AWAY, FAR_AWAY};
    for (size_t i = s.first > NEAR_TOKENS ? s.first - NEAR_TOKENS : 0; i < s.end; i++) {
        if (i >= s.first)
            at[i - s.first].near = bucket(a.street) | bucket(a.number) << 4 |
                                   (a.cue <= 3 ? bucket(a.cue) : 0) << 8;
        ago_next(&a, &w->tok[i]);
    }
    a = (struct ago){FAR_AWAY, FAR_AWAY, FAR_AWAY};
    size_t i = s.end + NEAR_TOKENS < w->ntok ? s.end + NEAR_TOKENS : w->ntok;
    while (i-- > s.first) {
        if (i < s.end)
            at[i - s.first].near |= bucket(a.street) << 2 | bucket(a.number) << 6;
        ago_next(&a, &w->tok[i]);
    }
}

static size_t field_at(const struct window *w, uint32_t pos)
{
    size_t lo = 0, hi = w->nfield;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (w->field[mid].end <= pos)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void features_look(const struct window *w, struct stretch s, struct line *line,
                   struct look *ret)
{
    static const struct look edge = {.word = 1, .kin = 1, .form = 1};
    bool is_new = true;
    size_t f = field_at(w, w->tok[s.first].start);
    for (size_t k = 0; k < s.end - s.first + 2 * FEATURES_SIDE; k++) {
        size_t i = s.first + k - FEATURES_SIDE;
        if (s.first + k < FEATURES_SIDE || i >= w->ntok) {
            ret[k] = edge;
            continue;
        }
        if (i < s.first || i >= s.end) {
            look_beside(w, &w->tok[i], &ret[k]);
            continue;
        }
        look_at(w, &w->tok[i], &ret[k]);
        if (is_new ? !is_read(w, i, line) : i >= line->end)
            read_line(w, i, line);
        is_new = false;
        ret[k].line = place_in_line(w, i, line);
        while (f < w->nfield && w->field[f].end <= w->tok[i].start)
            f++;
        if (f < w->nfield && w->field[f].start <= w->tok[i].start)
            ret[k].field = 1u + w->field[f].cls;
    }
    look_around(w, s, ret + FEATURES_SIDE);
}

/* -- templates -------------------------------------------------------------------- */

static inline uint32_t one(uint32_t no, uint32_t a)
{
    return (a + no * 0x7FEB352Du) * 0x846CA68Bu;
}

static inline uint32_t two(uint32_t no, uint32_t a, uint32_t b)
{
    uint32_t h = (a + no * 0x7FEB352Du) * 0x846CA68Bu;
    return (h ^ h >> 16 ^ b) * 0x9E3779B1u;
}

static inline uint32_t three(uint32_t no, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t h = two(no, a, b);
    return (h ^ h >> 16 ^ c) * 0x85EBCA6Bu;
}

static size_t put_words(const struct look *t, uint32_t *v)
{
    v[0] = one(1, t->word);
    v[1] = two(2, t->word, t->form);
    v[2] = two(3, t[-1].word, t->word);
    v[3] = two(4, t->word, t[1].word);
    v[4] = one(5, t->head);
    v[5] = two(6, t->tail2, t->line);
    v[6] = one(7, t->tail3);
    v[7] = two(8, t->tail3, t->form);
    return 8;
}

static size_t put_neighbours(const struct look *t, uint32_t *v)
{
    v[0] = one(11, t[-1].word);
    v[1] = one(12, t[1].word);
    v[2] = one(13, t[-2].word);
    v[3] = one(14, t[2].word);
    v[4] = two(15, t[-1].word, t->form);
    v[5] = two(16, t[1].word, t->form);
    v[6] = two(17, t[-1].word, t->kin);
    v[7] = two(18, t[1].word, t->kin);
    v[8] = three(19, t[-2].word, t[-1].word, t->form);
    v[9] = three(20, t[1].word, t[2].word, t->form);
    v[10] = three(21, t[-3].word, t[-2].word, t[-1].word);
    v[11] = three(22, t[-1].word, t[1].word, t->form);
    v[12] = two(23, t[-1].tail3, t->form);
    v[13] = two(24, t[1].tail3, t->form);
    return 14;
}

static size_t put_kin(const struct look *t, uint32_t *v)
{
    v[0] = two(31, t->kin, t->form);
    v[1] = three(32, t[-1].kin, t->kin, t->form);
    v[2] = three(33, t->kin, t[1].kin, t->form);
    v[3] = three(34, t[-1].kin, t->kin, t[1].kin);
    v[4] = two(35, t->kin, t->line);
    v[5] = three(36, t->kin, t[1].kin, t[2].kin);
    v[6] = three(37, t[-2].kin, t[-1].kin, t->kin);
    v[7] = two(38, t[2].kin, t->form);
    return 8;
}

static size_t put_form(const struct look *t, uint32_t *v)
{
    v[0] = two(41, t->form, t->line);
    v[1] = three(42, t->form, t->line, t->kin);
    v[2] = three(43, t[-1].form, t->form, t[1].form);
    v[3] = three(44, t[-2].form, t[-1].form, t->form);
    v[4] = three(45, t->form, t[1].form, t[2].form);
    v[5] = two(46, t->form, t->near);
    v[6] = two(47, t->near, t->kin);
    v[7] = three(48, t->form, t->near, t->line);
    v[8] = three(49, t->form, t[1].kin, t->line);
    v[9] = three(50, t->form, t[-1].kin, t[1].form);
    if (t->field == 0)
        return 10;
    v[10] = two(51, t->field, t->form);
    v[11] = two(52, t->field, t->kin);
    return 12;
}

size_t features_of(const struct look *at, bool forget, uint32_t ret[FEATURES_MAX])
{
    size_t n = forget && at->is_name ? 0 : put_words(at, ret);
    n += put_neighbours(at, ret + n);
    n += put_kin(at, ret + n);
    return n + put_form(at, ret + n);
}
