/* address_blocks.c -- streets that no word tells, by what follows them.
 *
 *     hafnarbraut 15, 780 höfn, ísland          52 58 Machiton Scholis / Chania / Greece
 * 73100 9, montée de Clausen / L-1343 Luxembourg
 *
 * Nobody knows the words for streets of all languages.  A few words with a number of a
 * house, behind which a postcode with a town, a town with its country, or a flat stand as
 * they stand in an address, are a street.  What is proposed is the street; the rest is
 * taken with it (names/whole_address.h). */
#include "scan/names/address_parts.h"

enum { STREET_SCORE = 84, WORDS_MOST = 5, PARTS_MOST = 6, HOUSE_DIGITS = 4 };

static const struct token *tok(const struct window *w, size_t i)
{
    return private_token(w, i);
}

static bool is_year(const struct token *t, const char *p)
{
    return token_width(t) == 4 && ((p[t->start] == '1' && p[t->start + 1] == '9') ||
                                   (p[t->start] == '2' && p[t->start + 1] == '0'));
}

/* 12, 12a, 12-14, 12/3: past it; i: none. */
static size_t past_house(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    size_t k = i + 1;
    if (t->kind != TOK_NUMBER || token_width(t) > HOUSE_DIGITS)
        return i;
    while (k < i + 5 && tok(w, k)->gap == 0 && k < w->ntok &&
           (((tok(w, k)->c == '-' || tok(w, k)->c == '/') &&
             tok(w, k + 1)->kind == TOK_NUMBER && tok(w, k + 1)->gap == 0) ||
            tok(w, k)->kind == TOK_NUMBER ||
            (tok(w, k)->kind == TOK_WORD && token_width(tok(w, k)) == 1)))
        k++;
    return tok(w, k)->kind == TOK_WORD && tok(w, k)->gap == 0 ? i : k;
}

/* A word that a street may be called by: none that joins sentences, counts or says when.
 */
static bool is_name_word(const struct window *w, size_t i, bool is_small)
{
    enum {
        NEVER = LEX_MONTH | LEX_WEEKDAY | LEX_CUE | LEX_UNIT | LEX_COUNTRY |
                LEX_CLINICAL | LEX_ILLNESS | LEX_TITLE
    };
    const struct token *t = tok(w, i);
    if (t->kind != TOK_WORD || (t->lex & NEVER) || t->letter == CASE_MIXED)
        return false;
    if (t->lex & LEX_PARTICLE)
        return true;
    if ((t->lex & LEX_STOP) || (t->cls && t->cls != CLS_ADDRESS && t->cls != CLS_CITY))
        return false;
    return is_small ? t->letter == CASE_LOWER || t->letter == CASE_NONE
                    : t->letter != CASE_LOWER;
}

static bool is_inner_mark(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    return t->kind == TOK_PUNCT && t->gap == 0 && is_on_line(tok(w, i + 1)) &&
           (t->c == '\'' || t->c == '-' || t->c == '.');
}

/* Where a line, a cell or a clause begins: nothing before belongs to the street. */
static bool begins_part(const struct window *w, size_t i)
{
    const struct token *t = i ? tok(w, i - 1) : NULL;
    return !t || (tok(w, i)->gap & GAP_LINE) ||
           (t->kind == TOK_PUNCT && t->c && strchr(",:;(>|\"", t->c)) ||
           (t->kind == TOK_WORD && (t->lex & LEX_STOP));
}

/* The words before a house number; its first token, or `i`. */
static size_t words_before(const struct window *w, size_t i, bool is_small)
{
    size_t k = i, words = 0;
    while (k > 0 && words < WORDS_MOST && is_on_line(tok(w, k)) &&
           (is_name_word(w, k - 1, is_small) || is_inner_mark(w, k - 1)))
        words += tok(w, --k)->kind == TOK_WORD;
    while (k < i && (tok(w, k)->kind == TOK_PUNCT ||
                     ((tok(w, k)->lex & LEX_PARTICLE) && !begins_part(w, k))))
        k++;
    return k;
}

/* "52 58 Machiton", "45818 Belgrad": numbers before the words. */
static size_t with_numbers_before(const struct window *w, size_t i)
{
    enum { NUMBERS_MOST = 2, DIGITS_MOST = 5 };
    size_t k = i;
    while (k > 0 && i - k < NUMBERS_MOST && tok(w, k)->gap == GAP_SPACE &&
           tok(w, k - 1)->kind == TOK_NUMBER && token_width(tok(w, k - 1)) <= DIGITS_MOST)
        k--;
    return k;
}

struct evidence {
    bool has_code, has_short_code, is_code_sure, is_town_known;
    bool has_country, has_place, has_unit;
};

static void note_part(const struct window *w, const struct address_part *p,
                      struct evidence *e)
{
    e->has_unit |= p->kind == PART_UNIT;
    e->has_place |= p->kind == PART_PLACE;
    e->has_country |= p->kind == PART_COUNTRY;
    if (p->kind != PART_CODE)
        return;
    bool has_words = p->code > p->first || p->end > p->code_end;
    e->has_short_code |= p->is_code_short;
    if (p->is_code_short)
        return;
    e->has_code = true;
    e->is_code_sure |= p->is_code_sure && has_words;
    e->is_town_known |= has_words && is_place_of_code(w, p);
}

static bool is_enough(const struct evidence *e, bool is_common, bool is_told)
{
    if (e->has_code && (e->is_town_known || e->is_code_sure || e->has_country ||
                        e->has_unit || e->has_place || is_told))
        return true;
    return !is_common && e->has_country &&
           (e->has_place || e->has_unit || e->has_short_code);
}

/* What stands behind the street that ends before token `at`. */
static bool is_followed(const struct window *w, size_t at, bool is_small, bool is_common,
                        bool is_told)
{
    struct address_style style = {.is_small = is_small};
    struct evidence e = {0};
    for (size_t n = 0; n < PARTS_MOST; n++) {
        struct address_part p = next_address_part(w, at, style);
        bool is_inline = p.parting == PARTED_BY_BLANK;
        if (p.kind == PART_NONE || (is_inline && p.kind != PART_UNIT && n == 0) ||
            (p.parting == PARTED_BY_EMPTY_LINE && !ends_part(w, p.end)))
            return false;
        note_part(w, &p, &e);
        if (is_enough(&e, is_common, is_told))
            return true;
        if (is_inline && p.kind == PART_UNIT && !is_common && p.end > p.first + 1 &&
            token_width(tok(w, p.first)) > 2)
            return true; /* "fuente del gallo 4 suite 236" */
        at = p.end;
    }
    return false;
}

/* All of its words are words of everyday English. */
static bool has_common_words(const struct window *w, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (tok(w, i)->kind == TOK_WORD && !(tok(w, i)->names & NAME_COMMON) &&
            !(tok(w, i)->lex & LEX_PARTICLE) && token_width(tok(w, i)) > 1)
            return false;
    return true;
}

/* A word for streets is among its words, or one that says address stands before it. */
static bool is_told(const struct window *w, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct token *t = tok(w, i);
        bool is_street = t->lex & (LEX_STREET | LEX_PREFIX_STREET);
        if (t->kind == TOK_WORD &&
            ((is_street && !(t->names & NAME_COMMON)) || ends_like_street(w, t)))
            return true;
    }
    return caption_distance(w, tok(w, first)->start, tok(w, end - 1)->end, CLS_ADDRESS) >=
           0;
}

/* "no. 19": before its mark and word; or i. */
static size_t before_number_word(const struct window *w, size_t i)
{
    static const char *const words[] = {"no", "nr", "na", "num", "br", "n"};
    size_t k = i - (i > 0 && (tok(w, i - 1)->c == '.' || tok(w, i - 1)->c == ':'));
    bool is_word = k > 0 && k < i && tok(w, k - 1)->kind == TOK_WORD &&
                   is_word_of(token_str(w, tok(w, k - 1)), words, ARRAY_LEN(words));
    return is_word && is_on_line(tok(w, k - 1)) ? k - 1 : i;
}

static bool may_be_followed(const struct window *w, size_t k)
{
    const struct token *t = tok(w, k);
    return k < w->ntok && ((t->gap & GAP_LINE) || t->c == ',' || t->c == '.' ||
                           t->c == '<' || past_unit(w, k) > k);
}

/* Words and a number: "hafnarbraut 15". */
static void try_words_first(struct window *w, size_t i)
{
    size_t end = past_house(w, i);
    if (i == 0 || end == i || !may_be_followed(w, end) || tok(w, i)->gap != GAP_SPACE ||
        is_year(tok(w, i), w->p))
        return;
    size_t stop = before_number_word(w, i), last = stop;
    while (last > 0 && stop - last < 2 && tok(w, last - 1)->c == '.')
        last--;
    bool is_small = last > 0 && tok(w, last - 1)->letter == CASE_LOWER;
    size_t words = words_before(w, stop, is_small);
    size_t first = with_numbers_before(w, words);
    if (words == stop || !begins_part(w, first) ||
        counts_lines(w, tok(w, first)->start) ||
        !is_followed(w, end, is_small, has_common_words(w, words, stop),
                     is_told(w, words, stop)))
        return;
    propose(w, tok(w, first)->start, tok(w, end - 1)->end, TYPE_ADDRESS, STREET_SCORE,
            SAW_LEXICON);
}

/* A number and words: "9, montée de Clausen". */
static void try_number_first(struct window *w, size_t i)
{
    size_t k = past_house(w, i), words = 0;
    size_t first = with_numbers_before(w, i);
    if (k == i || !begins_part(w, first) || counts_lines(w, tok(w, first)->start) ||
        is_year(tok(w, i), w->p))
        return;
    k += tok(w, k)->c == ',' && is_on_line(tok(w, k));
    size_t name = k;
    bool is_small =
        tok(w, k)->letter == CASE_LOWER &&
        !(tok(w, k + 1)->letter == CASE_TITLE || tok(w, k + 2)->letter == CASE_TITLE);
    while (words < WORDS_MOST && is_on_line(tok(w, k)) &&
           (is_name_word(w, k, is_small) ||
            (k == name && tok(w, k)->letter == CASE_LOWER && is_name_word(w, k, true)) ||
            (words && is_inner_mark(w, k))))
        words += tok(w, k++)->kind == TOK_WORD;
    bool is_measure = token_width(tok(w, name)) <= 2 && tok(w, name + 1)->c != '.';
    bool is_common = is_measure || has_common_words(w, name, k);
    if (words == 0 || is_common || !may_be_followed(w, k) ||
        !is_followed(w, k, is_small, is_common, is_told(w, name, k)))
        return;
    propose(w, tok(w, first)->start, tok(w, k - 1)->end, TYPE_ADDRESS, STREET_SCORE,
            SAW_LEXICON);
}

void find_address_blocks(struct window *w)
{
    for (size_t i = next_anchor(w, 0, AT_NUMBER); i < w->ntok && may_spend(w);
         i = next_anchor(w, i + 1, AT_NUMBER)) {
        try_words_first(w, i);
        try_number_first(w, i);
    }
}
