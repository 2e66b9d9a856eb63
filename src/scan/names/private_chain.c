/* private_chain.c -- addresses that are a chain of parts, in a text about private people:
 * see private_text.h.
 *
 *     Flat 302, Sai Krupa Apartments, Near Ganesh Mandir, Kothrud, Pune - 411038
 *     Rua das Acácias, 145, apto 302, Santa Lúcia, Belo Horizonte - MG, 30350-210
 *     Block 5, Street 12, House 33, Salwa        शहर, "बी-45, गांधी नगर, जयपुर 302015"
 *
 * Whoever writes one puts its parts between commas, from the small to the large or the
 * other way round.  A chain begins at an address that is known, or at a part with a
 * number and a word for a house, a flat, a plot; what stands beside it and looks like
 * such a part is one. */
#include "scan/names/private_inside.h"
#include "scan/names/span_places.h"
#include "scan/read/telling.h"
#include "scan/text/stems.h"

enum {
    CHAIN_SCORE = 72,
    CHAIN_PARTS = 9,
    PART_TOKENS = 12,
    PART_NAMES = 6,
    PART_DIGITS = 8,
    SEED_WITHIN = 4,
    PERSON_SURE = 60
};

struct chains {
    struct window *w;
    struct span_places places;
};

struct part {
    size_t first, end; /* tokens */
    size_t names, numbers, houses, areas;
    bool goes_on; /* up to the mark that parts it from the next */
};

static uint64_t role(const struct window *w, size_t i)
{
    return private_stems(w, i) & (STEM_HOUSE | STEM_AREA);
}

static bool is_mark(const struct window *w, size_t i, const char *mark)
{
    return str_eqz(token_str(w, private_token(w, i)), mark);
}

static bool parts_here(const struct window *w, size_t i)
{
    return i < w->ntok && is_on_line(&w->tok[i]) &&
           (w->tok[i].c == ',' || is_mark(w, i, "\xD8\x8C") /* Arabic comma */);
}

/* Signs inside of a part: "14/2", "C-12", "P.O.", "#27", "3.º", "Brasília-DF". */
static bool is_inside_part(const struct window *w, size_t i)
{
    const struct token *t = private_token(w, i);
    if (t->kind != TOK_PUNCT)
        return false;
    if (t->c == '.') {
        const struct token *before = i ? private_token(w, i - 1) : t,
                           *next = private_token(w, i + 1);
        bool is_short = before->kind == TOK_WORD && token_width(before) <= 5;
        return t->gap == 0 && is_on_line(next) &&
               (next->kind != TOK_PUNCT || (unsigned char)next->c >= 0xC2) &&
               (next->gap == 0 || is_short || before->kind == TOK_NUMBER);
    }
    return strchr("/-#'&", t->c) || (unsigned char)t->c >= 0xC2;
}

static bool is_name_like(const struct token *t)
{
    if (t->cls && t->cls != CLS_ADDRESS && t->cls != CLS_CITY && t->cls != CLS_PLZ &&
        t->cls != CLS_ORDER)
        return false;
    if (t->letter == CASE_UPPER && token_width(t) == 2)
        return true; /* a state's letters: "MG", "SP" */
    if (t->lex & (LEX_WEEKDAY | LEX_MONTH | LEX_TITLE | LEX_CLINICAL | LEX_ILLNESS))
        return false;
    return t->letter == CASE_TITLE || t->letter == CASE_UPPER ||
           t->letter == CASE_MIXED || is_far_script(t) || (t->lex & LEX_COUNTRY);
}

/* "10th", "8e", "3.o": an ending that is glued to a number. */
static bool is_ending(const struct window *w, size_t i)
{
    const struct token *t = private_token(w, i);
    size_t k = i - (i > 1 && w->tok[i - 1].c == '.' && w->tok[i - 1].gap == 0);
    return i > 0 && t->kind == TOK_WORD && t->gap == 0 && token_width(t) <= 4 &&
           w->tok[k - 1].kind == TOK_NUMBER;
}

/* "Dar es Salaam", "Meguro-ku": a short word in small letters inside of a name. */
static bool is_inside_name(const struct window *w, size_t i)
{
    enum { SHORT = 4 };
    const struct token *t = private_token(w, i), *next = private_token(w, i + 1);
    if (i == 0 || t->kind != TOK_WORD || token_width(t) > SHORT || t->cls)
        return false;
    const struct token *before = &w->tok[i - 1];
    if (before->c == '-' && before->gap == 0 && t->gap == 0)
        return true;
    return before->letter == CASE_TITLE && next->letter == CASE_TITLE &&
           t->gap == GAP_SPACE && next->gap == GAP_SPACE &&
           !(t->lex & (LEX_VERB | LEX_MONTH | LEX_WEEKDAY));
}

/* Words for a number, before one. */
static bool is_number_word(const struct window *w, size_t i)
{
    static const char *const words[] = {
        "no",    "nr",      "num",       "number",    "numero", "nummer",
        "namba", "nambari", "n",         "nomor",     "numara", "hausnr",
        "br",    "numărul", "n\xC2\xBA", "n\xC2\xB0", "nº"};
    const struct token *next = private_token(w, i + 1);
    if (next->kind == TOK_PUNCT)
        next = private_token(w, i + 2);
    return next->kind == TOK_NUMBER && is_on_line(next) &&
           is_word_of(token_str(w, private_token(w, i)), words, ARRAY_LEN(words));
}

/* Whether token i may be in a part; counts what it is. */
static bool takes(const struct window *w, size_t i, struct part *p)
{
    const struct token *t = private_token(w, i);
    if (t->kind == TOK_NUMBER) {
        p->numbers++;
        return token_width(t) <= 6;
    }
    if (t->kind == TOK_PUNCT)
        return is_inside_part(w, i);
    uint64_t r = role(w, i);
    p->houses += (r & STEM_HOUSE) != 0;
    p->areas += (r & STEM_AREA) != 0;
    if (is_number_word(w, i) || is_inside_name(w, i))
        return true;
    if (r || is_ending(w, i) || (t->lex & (LEX_PARTICLE | LEX_UNIT | LEX_STREET)) ||
        (t->lex & LEX_PREFIX_STREET))
        return t->cls == CLS_NONE || t->cls == CLS_ADDRESS || t->cls == CLS_CITY ||
               t->cls == CLS_PLZ || t->letter != CASE_LOWER;
    p->names += is_name_like(t);
    return is_name_like(t);
}

/* Digits that an address has: no telephone's. */
static bool has_few_digits(const struct window *w, const struct part *p)
{
    size_t digits = 0;
    for (size_t i = p->first; i < p->end; i++)
        if (w->tok[i].kind == TOK_NUMBER)
            digits += token_width(&w->tok[i]);
    bool is_alone = p->names + p->houses + p->areas == 0;
    bool is_phone = is_alone && w->tok[p->first].c == '0' && digits > 5;
    size_t most = PART_DIGITS + (p->names || p->houses ? 2 : 0);
    return digits <= most && !is_phone;
}

static bool may_be_part(const struct window *w, const struct part *p)
{
    return p->end > p->first && p->names <= PART_NAMES &&
           p->names + p->numbers + p->houses + p->areas > 0 && has_few_digits(w, p);
}

static void trim(const struct window *w, struct part *p)
{
    while (p->end > p->first && w->tok[p->end - 1].kind == TOK_PUNCT)
        p->end--;
    while (p->end > p->first && (w->tok[p->end - 1].lex & LEX_PARTICLE) &&
           w->tok[p->end - 1].letter == CASE_LOWER)
        p->end--;
    while (p->first < p->end && (w->tok[p->first].lex & LEX_PARTICLE) &&
           w->tok[p->first].letter == CASE_LOWER)
        p->first++;
}

/* The part behind a comma at i. */
static bool part_behind(const struct window *w, size_t i, struct part *ret)
{
    size_t k = i + 1;
    *ret = (struct part){.first = k};
    while (k < w->ntok && k - ret->first < PART_TOKENS && is_on_line(&w->tok[k])) {
        struct part before = *ret;
        if (parts_here(w, k) || !takes(w, k, ret)) {
            *ret = before;
            break;
        }
        k++;
    }
    ret->end = k;
    ret->goes_on = parts_here(w, k);
    trim(w, ret);
    return may_be_part(w, ret);
}

/* The part before a comma at i. */
static bool part_before(const struct window *w, size_t i, struct part *ret)
{
    size_t k = i;
    *ret = (struct part){.end = i};
    while (k > 0 && i - k < PART_TOKENS && is_on_line(&w->tok[k])) {
        struct part before = *ret;
        if (parts_here(w, k - 1) || !takes(w, k - 1, ret)) {
            *ret = before;
            break;
        }
        k--;
    }
    ret->goes_on = k > 0 && parts_here(w, k - 1);
    while (k < i && ((w->tok[k].kind == TOK_PUNCT && w->tok[k].c != '#') ||
                     (w->tok[k].letter == CASE_LOWER && (w->tok[k].lex & LEX_PARTICLE))))
        k++;
    ret->first = k;
    return may_be_part(w, ret);
}

enum cover { COVER_FREE, COVER_PERSON, COVER_OTHER };

/* "LT-01422", "LV-1001": a postcode with its country, which machines are called, too. */
static bool is_postcode(const struct window *w, const struct span *s)
{
    size_t i = s->start, letters = 0, digits = 0;
    for (; i < s->end && is_upper(w->p[i]); i++)
        letters++;
    i += i < s->end && w->p[i] == '-';
    for (; i < s->end && is_digit(w->p[i]); i++)
        digits++;
    return i == s->end && letters >= 1 && letters <= 2 && digits >= 4 && digits <= 6;
}

/* What is known of these bytes: nothing that an address may not hold, somebody's name, or
 * a value of another kind. */
static enum cover covered(struct chains *x, size_t start, size_t end)
{
    const struct window *w = x->w;
    enum cover c = COVER_FREE;
    struct place_walk k = span_places_on(&x->places, start, end);
    for (size_t i; span_places_next(&x->places, &k, &i);) {
        const struct span *s = &w->found[i];
        bool is_soft = guard_type_group((enum guard_type)s->type) == GROUP_LOW ||
                       s->type == TYPE_ADDRESS ||
                       (s->type == TYPE_HOSTNAME && is_postcode(w, s)) ||
                       (s->type == TYPE_PERSON && s->score < PERSON_SURE) ||
                       (s->type == TYPE_PHONE && s->score <= 72 &&
                        s->end - s->start <= PART_DIGITS + 1) ||
                       (s->type == TYPE_ID_NUMBER && s->score < PERSON_SURE);
        if (s->type == TYPE_PERSON && s->score >= PERSON_SURE)
            c = c == COVER_OTHER ? c : COVER_PERSON;
        else if (!is_soft)
            c = COVER_OTHER;
    }
    return c;
}

static void put(struct chains *x, size_t start, size_t end)
{
    struct window *w = x->w;
    size_t from = start, to = end;
    struct place_walk k = span_places_on(&x->places, start, end);
    for (size_t i; span_places_next(&x->places, &k, &i);) {
        const struct span *s = &w->found[i];
        if (s->type != TYPE_ADDRESS)
            continue;
        from = s->start < from ? s->start : from;
        to = s->end > to ? s->end : to;
    }
    k = span_places_on(&x->places, from, to);
    for (size_t i; span_places_next(&x->places, &k, &i);)
        if (w->found[i].start >= from && w->found[i].end <= to)
            w->found[i].score = 1;
    propose(w, from, to, TYPE_ADDRESS, CHAIN_SCORE, SAW_SHAPE);
}

/* Parts on one side of tokens [first, end), each free one joined to it. */
static void follow(struct chains *x, size_t first, size_t end)
{
    struct window *w = x->w;
    struct part p;
    size_t from = first, to = end, people = 0;
    for (size_t n = 0, at = end; n < CHAIN_PARTS && parts_here(w, at); n++) {
        if (!part_behind(w, at, &p))
            break;
        size_t start = w->tok[p.first].start, stop = w->tok[p.end - 1].end;
        enum cover c = covered(x, start, stop);
        if (c == COVER_OTHER || (c == COVER_PERSON && people++))
            break;
        if (c == COVER_FREE && to == at)
            to = p.end;
        else if (c == COVER_FREE)
            put(x, start, stop);
        if (!p.goes_on)
            break;
        for (at = p.end; at < w->ntok && !parts_here(w, at); at++)
            ;
        to = to == p.end ? at : to;
    }
    while (to > end && (w->tok[to - 1].kind == TOK_PUNCT))
        to--;
    for (size_t n = 0; n < CHAIN_PARTS && from > 0 && parts_here(w, from - 1); n++) {
        if (!part_before(w, from - 1, &p))
            break;
        bool is_told = p.numbers || p.houses || p.areas;
        enum cover c = covered(x, w->tok[p.first].start, w->tok[p.end - 1].end);
        if (c != COVER_FREE || (!is_told && !p.names))
            break;
        from = p.first;
    }
    if (from < first || to > end)
        put(x, w->tok[from].start, w->tok[to - 1].end);
}

/* "Flat 302", "H.No. 4-7", "C-12 Block", "3rd Cross": a word for a house and a number
 * near it in one part.  The token past what was read. */
static size_t seed(struct chains *x, size_t i)
{
    struct window *w = x->w;
    struct part p = {.first = i};
    size_t k = i, lead = i;
    if (!(role(w, i) & STEM_HOUSE))
        return i;
    while (k < w->ntok && k - i < PART_TOKENS && (k == i || is_on_line(&w->tok[k])) &&
           !parts_here(w, k)) {
        struct part before = p;
        if (!takes(w, k, &p)) {
            p = before;
            break;
        }
        k++;
    }
    while (lead > 0 && i - lead < SEED_WITHIN && is_on_line(&w->tok[lead]) &&
           (w->tok[lead - 1].kind == TOK_NUMBER || is_ending(w, lead - 1) ||
            w->tok[lead - 1].c == '/' || w->tok[lead - 1].c == '-'))
        p.numbers += w->tok[--lead].kind == TOK_NUMBER;
    p.end = k;
    trim(w, &p);
    size_t start = w->tok[lead].start, stop = p.end > i ? w->tok[p.end - 1].end : start;
    bool is_chain = parts_here(w, k) || (lead > 0 && parts_here(w, lead - 1));
    if (!p.numbers || !is_chain || p.end <= i || !has_few_digits(w, &p) ||
        is_glued(w, start, stop) || covered(x, start, stop) == COVER_OTHER)
        return i;
    struct part beside;
    bool has_more =
        (parts_here(w, k) && part_behind(w, k, &beside)) ||
        (lead > 0 && parts_here(w, lead - 1) && part_before(w, lead - 1, &beside) &&
         (beside.numbers || beside.houses));
    if (!has_more)
        return i;
    put(x, start, stop);
    follow(x, lead, p.end);
    return p.end;
}

/* Does a comma end a part that begins here? */
static bool may_go_on(const struct window *w, size_t i)
{
    for (size_t k = i; k <= i + PART_TOKENS && k < w->ntok && is_on_line(&w->tok[k]); k++)
        if (parts_here(w, k))
            return true;
    return false;
}

/* Behind a word that says address, or that somebody lives there: "पता सी-12, विकास नगर".
 */
static size_t seed_behind_word(struct chains *x, size_t i)
{
    struct window *w = x->w;
    size_t k = i + 1;
    struct part p, next;
    while (k < i + 3 && (private_token(w, k)->c == ':' || private_token(w, k)->c == '"' ||
                         private_token(w, k)->c == '-'))
        k++;
    if (k >= w->ntok || !may_go_on(w, k) ||
        telling_of(token_str(w, &w->tok[i])).what != TELLS_ADDRESS)
        return i;
    if (!part_behind(w, k - 1, &p) || !p.goes_on)
        return i;
    size_t start = w->tok[p.first].start, stop = w->tok[p.end - 1].end, comma = p.end;
    while (!parts_here(w, comma))
        comma++;
    if (!part_behind(w, comma, &next) || covered(x, start, stop) != COVER_FREE ||
        (!p.numbers && !next.numbers && !p.houses && !p.areas && !next.houses &&
         !next.areas))
        return i;
    put(x, start, stop);
    follow(x, p.first, comma);
    return comma;
}

/* "2-11-3 Meguro, Meguro-ku", "Nakano 4-5-6, Tokyo": the numbers of a block, a plot and a
 * house beside a name. */
static size_t seed_of_numbers(struct chains *x, size_t i)
{
    struct window *w = x->w;
    size_t k = i + 1, numbers = 1;
    while (w->tok[k].c == '-' && w->tok[k].gap == 0 && w->tok[k + 1].gap == 0 &&
           private_token(w, k + 1)->kind == TOK_NUMBER &&
           token_width(private_token(w, k + 1)) <= 4) {
        numbers++;
        k += 2;
    }
    const struct token *next = private_token(w, k), *before = i ? &w->tok[i - 1] : next;
    bool is_named = next->kind == TOK_WORD && next->gap == GAP_SPACE &&
                    next->letter == CASE_TITLE && !next->lex && !next->cls;
    bool is_behind = before->kind == TOK_WORD && before->letter == CASE_TITLE &&
                     w->tok[i].gap == GAP_SPACE && parts_here(w, k);
    if (numbers < 2 || numbers > 4 || token_width(&w->tok[i]) > 4 ||
        (!is_named && !is_behind) || is_glued(w, w->tok[i].start, w->tok[k - 1].end))
        return i;
    size_t first = i - is_behind, end = k;
    while (is_named && end < k + 2 && private_token(w, end)->letter == CASE_TITLE &&
           private_token(w, end)->gap == GAP_SPACE)
        end++;
    struct part p;
    if (!parts_here(w, end) || !part_behind(w, end, &p) || !p.names ||
        covered(x, w->tok[first].start, w->tok[end - 1].end) != COVER_FREE)
        return i;
    put(x, w->tok[first].start, w->tok[end - 1].end);
    follow(x, first, end);
    return end;
}

/* "Harrogate HG1 4QT", "in Stirling FK8 2LX": the town before a postcode. */
static void take_town_before(struct chains *x, size_t first)
{
    struct window *w = x->w;
    enum { TOWN_WORDS = 2 };
    size_t k = first;
    while (k > 0 && first - k < TOWN_WORDS && w->tok[k].gap == GAP_SPACE &&
           w->tok[k - 1].kind == TOK_WORD && w->tok[k - 1].letter == CASE_TITLE &&
           !w->tok[k - 1].cls && !(w->tok[k - 1].lex & (LEX_STOP | LEX_MONTH)))
        k--;
    if (k < first && covered(x, w->tok[k].start, w->tok[first - 1].end) == COVER_FREE)
        put(x, w->tok[k].start, w->tok[first].end);
}

void find_address_chains(struct window *w)
{
    enum { ADDRESS_LEAST = 50 };
    size_t n = w->nfound;
    struct chains x = {.w = w};
    if (!span_places_init(&x.places, w)) {
        w->failed = true;
        return;
    }
    for (size_t i = 0; i < w->ntok;) {
        size_t past = w->tok[i].kind == TOK_WORD     ? seed(&x, i)
                      : w->tok[i].kind == TOK_NUMBER ? seed_of_numbers(&x, i)
                                                     : i;
        if (past == i && w->tok[i].kind == TOK_WORD && token_width(&w->tok[i]) > 2)
            past = seed_behind_word(&x, i);
        i = past > i ? past : i + 1;
    }
    for (size_t i = 0; i < n; i++) {
        const struct span s = w->found[i];
        if (s.type != TYPE_ADDRESS || s.score < ADDRESS_LEAST)
            continue;
        size_t first = token_at(w, s.start), end = first;
        while (end < w->ntok && w->tok[end].start < s.end)
            end++;
        if (end == first)
            continue;
        bool is_short = s.end - s.start <= PART_DIGITS + 2;
        if (is_short && is_upper(w->p[s.start]))
            take_town_before(&x, first);
        follow(&x, first, end);
    }
}
