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
#include "scan/read/name_words.h"
#include "scan/read/schemes.h"
#include "scan/text/stems.h"

enum { WORDS_BETWEEN = 4, LINE_MOST = 600, DIGITS_MOST = 28 };

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
             fits_paper(s, what, (x->roles & STEM_VAGUE) != 0))
        emit_told(r, v, NOTE_FORM, what);
}

/* -- schemes ---------------------------------------------------------------------------
 */

/* "AB" of "AB 123456", the series of a paper. */
static bool is_series(struct str s)
{
    size_t capitals = 0;
    for (size_t i = 0; i < s.n; i++)
        capitals += is_upper(s.p[i]) || s.p[i] < 0;
    return s.n >= 1 && s.n <= 4 && capitals == s.n;
}

/* The number that the last name of a scheme announces; a series may stand before it. */
static bool give_scheme(struct reader *r, const struct line *l, struct piece p)
{
    enum { FORMS_BYTES = 100 };
    char folded[STEM_FOLD_BYTES];
    struct str name = scheme_name(piece_str(r, r->paper.scheme), folded);
    struct str text = str_sub(r->text, 0, l->end);
    const struct piece before = r->paper.before;
    while (p.start < p.end && !is_alnum(r->text.p[p.start]) && r->text.p[p.start] > 0)
        p.start++;
    size_t starts[] = {before.start, p.start};
    bool has_series =
        before.start > r->paper.scheme.start && is_series(piece_str(r, before));
    for (size_t i = !has_series; i < ARRAY_LEN(starts) && may_read(r, FORMS_BYTES); i++) {
        enum telling what = TELLS_NOTHING;
        size_t end = past_scheme(text, starts[i], name, &what);
        if (end > starts[i]) {
            emit_told(r, (struct piece){starts[i], end, 0}, NOTE_SCHEME, what);
            return true;
        }
    }
    return false;
}

/* "send it to 302-0183-9274-11, holder Kim": money is sent to a number of a bank's
 * length, and the line says whose account it is. */
static void hear_payment(struct reader *r, const struct line *l, struct piece p,
                         bool is_number)
{
    enum { ACCOUNT_LEAST = 9, ACCOUNT_MOST = 20 };
    struct paper *x = &r->paper;
    if (is_number) {
        struct piece v = number_at(r, p, l->end);
        struct str s = piece_str(r, v);
        size_t digits = count_digits(s);
        bool is_abroad = v.start > l->start && r->text.p[v.start - 1] == '+';
        if (digits >= ACCOUNT_LEAST && digits <= ACCOUNT_MOST && !is_abroad &&
            fits_paper(s, TELLS_ACCOUNT, false))
            x->paid = v;
    }
    if (x->paid.end == 0 || !(x->line & STEM_PAY) || !(x->line & STEM_HOLDER))
        return;
    emit_told(r, x->paid, NOTE_FORM, TELLS_ACCOUNT);
    x->paid.end = 0;
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
    x->line |= roles;
    hear_payment(r, l, p, count_digits(s) >= 2);
    if (count_digits(s) >= 2) {
        if (x->scheme.end && give_scheme(r, l, p))
            x->scheme.end = 0;
        else if (x->sentence)
            give_number(r, l, p);
        x->roles = 0;
        return;
    }
    if (!(roles & STEM_NUMBER)) /* "AB nr. 123456" */
        x->before = p;
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
