/* papers.c -- numbers of papers, accounts and cards behind a word for them, in languages
 * whose words have endings and follow each other in their own order.
 *
 *     št. vozniškega dovoljenja: 0060522174      โอนเข้า กสิกร 137-0-97757-1
 *     personas kods 120580-12345                 last four digits of my SSN are 6344
 *
 * A word for the paper (text/stems.h), at most a few words behind it in the same sentence
 * a number with enough digits.  Words that mean other things too need a word for a number
 * beside them. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"
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

static enum telling telling_of_stem(uint32_t roles)
{
    static const struct {
        uint32_t role;
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

void hear_paper(struct reader *r, const struct line *l, struct piece p, size_t nth,
                uint32_t roles)
{
    struct paper *x = &r->paper;
    struct str s = piece_str(r, p);
    if (nth == 0)
        *x = (struct paper){0};
    if (l->end - l->start > LINE_MOST || s.n == 0)
        return;
    if (count_digits(s) >= 2) {
        if (x->sentence)
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
