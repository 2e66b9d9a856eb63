/* address_parts.c -- see address_parts.h. */
#include "scan/names/address_parts.h"

#include "scan/find/postcode.h"
#include "scan/text/countries.h"
#include "scan/text/facts.h"

static const struct token *tok(const struct window *w, size_t i)
{
    return private_token(w, i);
}

/* -- between parts ---------------------------------------------------------------------
 */

/* "<br>", "<br/>": tokens of it, or 0. */
static size_t tag_at(const struct window *w, size_t i)
{
    size_t k = i + 2;
    if (tok(w, i)->c != '<' || !str_eq_nocase(token_str(w, tok(w, i + 1)), STR("br")))
        return 0;
    k += tok(w, k)->c == '/';
    return tok(w, k)->c == '>' ? k + 1 - i : 0;
}

/* The mark of a quoted mail or of a table, first on its line. */
static bool is_margin(const struct token *t)
{
    return (t->gap & GAP_LINE) && t->kind == TOK_PUNCT && (t->c == '>' || t->c == '|');
}

static enum parting worse(enum parting a, enum parting b)
{
    return a > b ? a : b;
}

/* The mark of "u. 15." before a comma or a line's end. */
static bool is_end_of_number(const struct window *w, size_t i)
{
    return tok(w, i)->c == '.' && tok(w, i)->gap == 0 &&
           ((tok(w, i + 1)->gap & GAP_LINE) || tok(w, i + 1)->c == ',');
}

static enum parting parting_at(const struct window *w, size_t i, size_t *ret_next)
{
    enum { TOKENS_MOST = 8 };
    enum parting p = PARTED_BY_BLANK;
    size_t k = i;
    while (k < w->ntok && k - i < TOKENS_MOST) {
        const struct token *t = tok(w, k);
        size_t tag = tag_at(w, k);
        if (t->gap & GAP_LINE)
            p = worse(p, t->gap & GAP_BLANK_LINE ? PARTED_BY_EMPTY_LINE : PARTED_BY_LINE);
        if (tag)
            p = worse(p, PARTED_BY_LINE);
        else if (t->kind == TOK_PUNCT && t->c == ',')
            p = worse(p, PARTED_BY_COMMA);
        else if (!is_margin(t) && !(k == i && is_end_of_number(w, k)))
            break;
        k += tag ? tag : 1;
    }
    *ret_next = k;
    return p;
}

bool ends_part(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    return i >= w->ntok || (t->gap & GAP_LINE) ||
           (t->kind == TOK_PUNCT && t->c && strchr(",.;)|<>\"'}]\\", t->c));
}

/* -- units -----------------------------------------------------------------------------
 */

static bool is_unit_word(const struct window *w, const struct token *t)
{
    static const char *const words[] = {
        "kv",       "ap",           "apto",     "appt",    "appartement",
        "int",      "interno",      "lgh",      "leil",    "bus",
        "bte",      "bo\xC3\xAEte", "m",        "d",       "daire",
        "kat",      "bl",           "sc",       "et",      "esc",
        "pta",      "oficina",      "office",   "ward",    "blok",
        "lvl",      "torre",        "hab",      "wohnung", "whg",
        "wng",      "top",          "stiege",   "door",    "em",
        "postfach", "postbus",      "postboks", "кв",      "ап",
        "эт",       "ет",           "оф",       "под",     "unidad",
        "dpto",     "int",          "phase",    "tower",   "b\xC3\xA2timent",
        "bat",      "b\xC3\xA2t",   "escalier", "lokal",   "lok"};
    if (t->kind != TOK_WORD)
        return false;
    return (t->lex & LEX_UNIT) || is_word_of(token_str(w, t), words, ARRAY_LEN(words));
}

/* Behind a number: "3. tv.", "2. emelet", "4th floor", "II. em." */
static bool is_floor_word(const struct window *w, const struct token *t)
{
    static const char *const words[] = {
        "tv",    "th",   "mf",    "sal",   "em",           "emelet", "floor",    "fl",
        "patro", "og",   "etage", "stock", "kat",          "dto",    "esq",      "izq",
        "izda",  "dcha", "piso",  "piano", "obergeschoss", "andar",  "poschodie"};
    return t->kind == TOK_WORD && is_word_of(token_str(w, t), words, ARRAY_LEN(words));
}

static size_t past_marks(const struct window *w, size_t i, const char *marks)
{
    size_t k = i;
    while (k < i + 2 && tok(w, k)->kind == TOK_PUNCT && tok(w, k)->c &&
           strchr(marks, tok(w, k)->c) && is_on_line(tok(w, k)))
        k++;
    return k;
}

/* 12, 12C, 08-115, 3/4: past it */
static size_t past_unit_number(const struct window *w, size_t i)
{
    size_t k = i + 1;
    while (tok(w, k)->gap == 0 && k < w->ntok && k < i + 6 &&
           (tok(w, k)->c == '-' || tok(w, k)->c == '/' || tok(w, k)->kind == TOK_NUMBER ||
            (tok(w, k)->kind == TOK_WORD && token_width(tok(w, k)) == 1)))
        k++;
    return tok(w, k - 1)->kind == TOK_PUNCT ? k - 1 : k;
}

size_t past_unit(const struct window *w, size_t i)
{
    enum { DIGITS_MOST = 5 };
    const struct token *t = tok(w, i);
    if (t->c == '#' && tok(w, i + 1)->kind == TOK_NUMBER)
        return past_unit_number(w, i + 1);
    if (t->kind == TOK_NUMBER && token_width(t) <= 2) {
        size_t k = past_marks(w, i + 1, ".");
        k += tok(w, k)->kind == TOK_WORD && tok(w, k)->gap == 0 && tok(w, k)->c < 0;
        k += tok(w, k)->kind == TOK_WORD && tok(w, k)->gap == 0 &&
             token_width(tok(w, k)) == 2; /* 4th */
        if (is_on_line(tok(w, k)) && is_floor_word(w, tok(w, k)))
            return past_marks(w, k + 1, ".");
        return i;
    }
    if (!is_unit_word(w, t))
        return i;
    size_t k = past_marks(w, i + 1, ".:#");
    const struct token *n = tok(w, k);
    if (!is_on_line(n))
        return i;
    if (n->kind == TOK_NUMBER && token_width(n) <= DIGITS_MOST)
        return past_unit_number(w, k);
    bool is_letter =
        n->kind == TOK_WORD && token_width(n) == 1 && n->letter == CASE_UPPER;
    return is_letter && (t->lex & LEX_UNIT) ? past_unit_number(w, k) : i;
}

/* -- words -----------------------------------------------------------------------------
 */

static bool is_inner_word(const struct window *w, const struct token *t)
{
    static const char *const words[] = {
        "of", "and",      "the",           "i",   "v",  "nad", "am",
        "an", "sur",      "sous",          "les", "en", "ob",  "pod",
        "al", "\xC3\xAD", "ph\xE1\xBB\x91"};
    return (t->lex & LEX_PARTICLE) ||
           is_word_of(token_str(w, t), words, ARRAY_LEN(words));
}

static bool may_name_place(const struct window *w, size_t i, bool is_first,
                           struct address_style style)
{
    enum { NEVER = LEX_MONTH | LEX_WEEKDAY | LEX_CUE | LEX_CLINICAL | LEX_ILLNESS };
    const struct token *t = tok(w, i);
    if (t->kind != TOK_WORD || (t->lex & NEVER) || tok(w, i + 1)->c == ':' ||
        (t->cls && t->cls != CLS_ADDRESS && t->cls != CLS_CITY))
        return false;
    if (!is_first && is_inner_word(w, t))
        return is_on_line(tok(w, i + 1)) && tok(w, i + 1)->kind == TOK_WORD;
    bool is_capital = t->letter != CASE_LOWER && t->letter != CASE_NONE;
    if (t->lex & LEX_STOP) /* "MO", "Z"; "El Salvador", "La Paz" */
        return (t->letter == CASE_UPPER && token_width(t) <= 3) ||
               (is_capital && token_width(t) == 1) ||
               (is_capital && (t->lex & LEX_PARTICLE) && is_on_line(tok(w, i + 1)) &&
                tok(w, i + 1)->letter == CASE_TITLE);
    return t->letter != CASE_LOWER || style.is_small;
}

/* Marks inside of words: "Saint-Josse", "St. Gallen", "N'Djamena", "Bornova / İzmir". */
static bool joins_words(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i), *next = tok(w, i + 1), *before = tok(w, i - 1);
    if (t->kind != TOK_PUNCT || !is_on_line(next) || next->kind != TOK_WORD)
        return false;
    if (t->c == '-' || t->c == '/')
        return true;
    return t->gap == 0 && ((t->c == '\'' && next->gap == 0) ||
                           (t->c == '.' && token_width(before) <= 4));
}

/* "(Greek)", "(FC)": past it. */
static size_t past_bracket(const struct window *w, size_t i)
{
    bool is_bracket = tok(w, i)->c == '(' && is_on_line(tok(w, i)) &&
                      tok(w, i + 1)->kind == TOK_WORD && tok(w, i + 2)->c == ')';
    return is_bracket ? i + 3 : i;
}

static size_t past_place_words(const struct window *w, size_t i,
                               struct address_style style)
{
    enum { WORDS_MOST = 7 };
    size_t k = i, words = 0;
    while (words < WORDS_MOST && (k == i || is_on_line(tok(w, k)))) {
        size_t code_end;
        if (words && joins_words(w, k)) {
            bool is_s = tok(w, k)->c == '\'' && tok(w, k + 1)->letter == CASE_LOWER;
            k += is_s ? 2 : 1; /* "People's" */
            continue;
        }
        if (postcode_at(w, k, false, &code_end) == POSTCODE_SURE || past_unit(w, k) > k ||
            !may_name_place(w, k, words == 0, style))
            break;
        words++;
        k++;
    }
    return words ? past_bracket(w, k) : i;
}

/* The words of a part, folded, without "Republic of" before them. */
static bool is_country_part(const struct window *w, size_t first, size_t end)
{
    enum { BYTES = 64 };
    static const char *const before[] = {"the",          "republic",      "of",
                                         "people's",     "democratic",    "kingdom",
                                         "state",        "states",        "federal",
                                         "federated",    "islamic",       "socialist",
                                         "commonwealth", "plurinational", "bolivarian",
                                         "former",       "people",        "s",
                                         "union",        "federation"};
    char folded[BYTES];
    size_t n = 0;
    while (first + 1 < end &&
           (tok(w, first)->c == '\'' ||
            is_word_of(token_str(w, tok(w, first)), before, ARRAY_LEN(before))))
        first++;
    for (size_t i = first; i < end && tok(w, i)->c != '('; i++) {
        const char *p = w->p + tok(w, i)->start, *stop = w->p + tok(w, i)->end;
        if (n && tok(w, i)->gap && n < BYTES)
            folded[n++] = ' ';
        while (p < stop) {
            uint32_t cp;
            size_t k = utf8_read(p, stop, &cp);
            char base = k > 1 ? latin_base(cp) : *p;
            size_t bytes = base ? 1 : k;
            if (n + bytes > BYTES)
                return false;
            memcpy(folded + n, base ? &base : p, bytes);
            n += bytes;
            p += k;
        }
    }
    return is_country((struct str){folded, n});
}

static bool is_known_place(const struct window *w, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct token *t = tok(w, i);
        if (t->kind == TOK_WORD && !(t->names & NAME_CITY) &&
            !(facts_of_token(w, t) & FACT_PLACE) && !(t->lex & LEX_PARTICLE))
            return false;
    }
    return end > first;
}

/* What programs write into a field that is empty. */
static bool is_nothing(const struct window *w, size_t i)
{
    static const char *const words[] = {"nan", "none", "null", "n/a", "na"};
    return tok(w, i)->kind == TOK_WORD &&
           is_word_of(token_str(w, tok(w, i)), words, ARRAY_LEN(words));
}

static bool is_stray(const struct window *w, size_t first, size_t end)
{
    const struct token *t = tok(w, first);
    if (end != first + 1 || !ends_part(w, end))
        return false;
    return is_nothing(w, first) || (token_width(t) <= 3 && !(t->lex & LEX_STOP)) ||
           (token_width(t) <= 3 && t->letter == CASE_UPPER);
}

/* -- parts -----------------------------------------------------------------------------
 */

/* 1998, 2024 */
static bool is_year(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    return token_width(t) == 4 && (t->c == '1' || t->c == '2') &&
           (w->p[t->start + 1] == '9' || w->p[t->start + 1] == '0') &&
           (t->c == '1') == (w->p[t->start + 1] == '9');
}

/* A postcode at token i of a part, `words` of which stand before it. */
static bool take_code(const struct window *w, size_t i, struct address_style style,
                      struct address_part *p)
{
    size_t end;
    enum postcode_form form = postcode_at(w, i, style.is_small, &end);
    bool has_words = i > p->first;
    if (form == POSTCODE_NONE) { /* of three digits: Iceland, Taiwan */
        end = i + 1;
        if (tok(w, i)->kind != TOK_NUMBER || token_width(tok(w, i)) != 3 ||
            !(has_words ? ends_part(w, end)
                        : may_name_place(w, end, true, style) && is_on_line(tok(w, end))))
            return false;
    }
    if (form == POSTCODE_DIGITS && is_year(w, i) &&
        (p->parting < PARTED_BY_LINE || !ends_part(w, end)) && !has_words)
        return false;
    p->code = i;
    p->code_end = p->end = end;
    p->is_code_sure = form == POSTCODE_SURE;
    p->is_code_short = form == POSTCODE_NONE;
    p->kind = PART_CODE;
    return true;
}

/* "1504 Sofia", "115 26 Athens", "LT-10317 Vilnius" */
static bool take_code_first(const struct window *w, struct address_style style,
                            struct address_part *p)
{
    if (!take_code(w, p->first, style, p))
        return false;
    size_t k = p->code_end;
    k += tok(w, k)->c == '-' && tok(w, k)->gap; /* "560001 - Karnataka" */
    if (is_on_line(tok(w, k))) {
        size_t past = past_place_words(w, k, style);
        p->end = past > k && (!style.is_small || ends_part(w, past)) ? past : p->end;
    }
    bool is_sure =
        p->end > p->code_end || ends_part(w, p->end) ||
        (token_width(tok(w, p->first)) >= 5 && (tok(w, p->end)->lex & LEX_STOP));
    return is_sure;
}

bool counts_things(const struct window *w, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (tok(w, i)->kind == TOK_WORD && !(tok(w, i)->names & NAME_COMMON) &&
            token_width(tok(w, i)) > 3)
            return false;
    return !is_known_place(w, first, end) && !is_country_part(w, first, end) &&
           !is_nothing(w, first);
}

static void take_words(const struct window *w, struct address_style style,
                       struct address_part *p)
{
    size_t k = past_place_words(w, p->first, style);
    if (k == p->first)
        k += is_nothing(w, k);
    if (k == p->first)
        return;
    p->end = k;
    size_t code = k + (tok(w, k)->c == '-' && tok(w, k)->gap == GAP_SPACE);
    if (is_on_line(tok(w, code)) && take_code(w, code, style, p) &&
        (p->is_code_sure || !counts_things(w, p->first, k)))
        return;
    p->kind = PART_NONE;
    p->end = k;
    bool is_whole = ends_part(w, k);
    if (is_country_part(w, p->first, k) && (is_whole || (tok(w, k)->lex & LEX_STOP)))
        p->kind = PART_COUNTRY;
    else if (is_stray(w, p->first, k))
        p->kind = PART_STRAY;
    else if (is_whole)
        p->kind = is_known_place(w, p->first, k) ? PART_PLACE : PART_WORDS;
}

bool is_place_of_code(const struct window *w, const struct address_part *p)
{
    bool is_code_first = p->code == p->first;
    size_t first = is_code_first ? p->code_end : p->first;
    size_t end = is_code_first ? p->end : p->code;
    return end > first &&
           (is_known_place(w, first, end) || is_country_part(w, first, end));
}

/* "1620 København V": a letter or two behind a town, at a part's end. */
static bool is_district(const struct window *w, const struct address_part *p)
{
    const struct token *t = tok(w, p->first);
    bool is_short = token_width(t) == 1
                        ? t->letter == CASE_TITLE || t->letter == CASE_UPPER
                        : token_width(t) == 2 && t->letter == CASE_UPPER;
    return p->parting == PARTED_BY_BLANK && p->first > 0 && t->gap == GAP_SPACE &&
           tok(w, p->first - 1)->letter == CASE_TITLE && is_short &&
           ends_part(w, p->first + 1);
}

struct address_part next_address_part(const struct window *w, size_t at,
                                      struct address_style style)
{
    struct address_part p = {.kind = PART_NONE};
    p.parting = parting_at(w, at, &p.first);
    p.end = p.first;
    if (p.first >= w->ntok)
        return p;
    size_t unit = is_district(w, &p) ? p.first + 1 : past_unit(w, p.first);
    if (unit > p.first && p.parting < PARTED_BY_EMPTY_LINE) {
        p.end = unit;
        p.kind = PART_UNIT;
        return p;
    }
    if (tok(w, p.first)->c == '(' && p.parting == PARTED_BY_BLANK)
        p.first = past_bracket(w, p.first); /* "Cyprus" (Greek) 13475 */
    if (take_code_first(w, style, &p))
        return p;
    p.kind = PART_NONE;
    take_words(w, style, &p);
    return p;
}
