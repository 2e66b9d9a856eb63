/* papers.c -- numbers of papers, accounts and cards behind a word for them, in languages
 * whose words have endings and follow each other in their own order.
 *
 *     št. vozniškega dovoljenja: 0060522174      โอนเข้า กสิกร 137-0-97757-1
 *     personas kods 120580-12345                 last four digits of my SSN are 6344
 *
 *     NIC No: 972601815V                         cédula 1.020.345.678
 *
 * A word for the paper (text/stems.h), at most a few words behind it in the same sentence
 * a number with enough digits.  Words that mean other things too need a word for a number
 * beside them.  Short names of schemes (data/guard/schemes.txt) need the scheme's form.
 */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/text/stem_table.h"
#include "scan/text/stems.h"

enum {
    WORDS_BETWEEN = 4,
    LINE_MOST = 600,
    DIGITS_LEAST = 6,
    ACCOUNT_LEAST = 7,
    VAGUE_ACCOUNT_LEAST = 12,
    CARD_LEAST = 12,
    DIGITS_MOST = 28
};

static enum telling telling_of_stem(uint64_t roles)
{
    static const struct {
        uint64_t role;
        enum telling what;
    } rows[] = {{STEM_CARD, TELLS_CARD},         {STEM_LICENSE, TELLS_LICENSE},
                {STEM_PASSPORT, TELLS_PASSPORT}, {STEM_PLAN, TELLS_PLAN},
                {STEM_TAX, TELLS_TAX},           {STEM_ACCOUNT, TELLS_ACCOUNT},
                {STEM_NATIONAL, TELLS_NATIONAL}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (roles & rows[i].role)
            return rows[i].what;
    return TELLS_NOTHING;
}

/* Groups of letters and digits with - / . or one blank between; each begins with a digit
 * but the first. */
static struct piece number_at(const struct reader *r, struct piece p, size_t end)
{
    while (p.start < p.end && !is_alnum(r->text.p[p.start]))
        p.start++;
    size_t i = p.start;
    while (i < end && i - p.start < 2 * DIGITS_MOST) {
        char c = r->text.p[i], next = i + 1 < end ? r->text.p[i + 1] : ' ';
        bool joins = (c == ' ' || c == '-' || c == '/' || c == '.') && is_digit(next);
        if (!is_alnum(c) && !joins && !(c == '-' && is_alpha(next)))
            break;
        i++;
    }
    return (struct piece){p.start, i, 0};
}

static bool is_date(struct str s)
{
    size_t marks = 0;
    for (size_t i = 0; i < s.n; i++)
        marks += s.p[i] == '.' || s.p[i] == '/' || s.p[i] == '-';
    return marks == 2 && count_digits(s) <= 8 && s.n <= 10 && count_digits(s) + 2 == s.n;
}

static bool fits(struct str s, enum telling what, bool is_vague)
{
    size_t digits = count_digits(s), letters = 0, small = 0;
    for (size_t i = 0; i < s.n; i++) {
        letters += is_alpha(s.p[i]);
        small += is_lower(s.p[i]);
    }
    size_t least = what == TELLS_CARD      ? CARD_LEAST
                   : what != TELLS_ACCOUNT ? DIGITS_LEAST - (letters > 0)
                   : is_vague              ? VAGUE_ACCOUNT_LEAST
                                           : ACCOUNT_LEAST;
    return digits >= least && digits <= DIGITS_MOST && letters <= 5 && small <= 1 &&
           !is_date(s);
}

static void give_number(struct reader *r, const struct line *l, struct piece p)
{
    const struct paper *x = &r->paper;
    struct piece v = number_at(r, p, l->end);
    struct str s = piece_str(r, v);
    bool is_end = s.n == 4 && count_digits(s) == 4 && (x->sentence & STEM_SSN) &&
                  (x->sentence & STEM_ENDING);
    enum telling what = telling_of_stem(x->roles);
    bool is_vague = (x->roles & STEM_VAGUE) && !(x->sentence & STEM_NUMBER);
    if (is_end)
        emit_told(r, v, NOTE_FORM, TELLS_NATIONAL);
    else if (what != TELLS_NOTHING && (!is_vague || what == TELLS_ACCOUNT) &&
             fits(s, what, (x->roles & STEM_VAGUE) != 0))
        emit_told(r, v, NOTE_FORM, what);
}

/* -- schemes ---------------------------------------------------------------------------
 */

/* One sign of a form against the text at i: how many bytes it takes in *ret. */
static bool fits_sign(const struct reader *r, char sign, size_t i, size_t *ret)
{
    char c = byte_at(r, i);
    *ret = 1;
    switch (sign) {
    case 'd':
        return is_digit(c);
    case 'A':
        *ret = c < 0 ? 2 : 1; /* a letter of Greek or Cyrillic */
        return is_alpha(c) || ((unsigned char)c >= 0xCE && (unsigned char)c <= 0xD1);
    case 'X':
        return is_digit(c) || is_upper(c);
    case 'L':
        for (*ret = 0; is_alpha(byte_at(r, i + *ret)); ++*ret)
            ;
        return *ret > 0;
    case '~':
        *ret = c == ' ' || c == '-' || c == '.' || c == '/';
        return true;
    default:
        return c == sign || to_lower(c) == to_lower(sign);
    }
}

/* Where a number of this form that begins at i ends; i: it is none. */
static size_t past_form(const struct reader *r, struct str form, size_t i, size_t end)
{
    size_t at = i, n;
    for (size_t k = 0; k < form.n; k++, at += n)
        if (at > end || !fits_sign(r, form.p[k], at, &n))
            return i;
    char c = byte_at(r, at), then = byte_at(r, at + 1);
    bool goes_on = is_alnum(c) || c == '_' || c == '%' ||
                   ((c == '-' || c == '.' || c == '/' || c == ',') && is_digit(then));
    return goes_on || at > end ? i : at;
}

/* The number that the last name of a scheme announces. */
static bool give_scheme(struct reader *r, const struct line *l, struct piece p)
{
    char folded[STEM_FOLD_BYTES];
    struct str name = piece_str(r, r->paper.scheme);
    name = stem_fold(without_marks_at_ends(name), folded);
    ptrdiff_t mark = str_index(name, '\''); /* "d'identité" */
    name = str_sub(name, mark > 0 && mark < 3 ? (size_t)mark + 1 : 0, name.n);
    while (p.start < p.end && !is_alnum(r->text.p[p.start]) && r->text.p[p.start] > 0)
        p.start++;
    for (size_t k = 0; k < guard_nschemes; k++) {
        struct str forms = str_of(guard_schemes[k].forms), form;
        if (!str_eqz(name, guard_schemes[k].name) || !may_read(r, forms.n))
            continue;
        while (str_split(&forms, ' ', &form)) {
            size_t end = past_form(r, form, p.start, l->end);
            if (end > p.start) {
                emit_told(r, (struct piece){p.start, end, 0}, NOTE_FORM,
                          guard_schemes[k].what);
                return true;
            }
        }
    }
    return false;
}

void hear_paper(struct reader *r, const struct line *l, struct piece p, size_t nth,
                uint64_t roles)
{
    struct paper *x = &r->paper;
    struct str s = piece_str(r, p);
    if (nth == 0)
        *x = (struct paper){0};
    if (l->end - l->start > LINE_MOST || s.n == 0)
        return;
    bool is_more = x->scheme.end && s.n <= 3 && equal_to(s, "id"); /* "voter id" */
    if ((roles & STEM_SCHEME) && !is_more) {
        x->scheme = p;
        x->scheme_words = 0;
    } else if (++x->scheme_words > WORDS_BETWEEN) {
        x->scheme.end = 0;
    }
    if (count_digits(s) >= 2) {
        if (x->scheme.end && give_scheme(r, l, p))
            x->scheme.end = 0;
        else if (x->sentence)
            give_number(r, l, p);
        x->roles = 0;
        return;
    }
    x->sentence |= roles;
    if (roles & STEMS_OF_PAPERS) {
        x->roles = roles;
        x->words = 0;
    } else if (!(roles & STEM_NUMBER) && ++x->words > WORDS_BETWEEN) {
        x->roles = 0;
    }
    if (s.n > (s.p[0] < 0 ? 9 : 4) && strchr(".!?;", s.p[s.n - 1]))
        x->roles = x->sentence = 0;
}
