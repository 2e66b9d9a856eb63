/* captioned.c -- numbers without a check that only their caption gives away: patient
 * numbers, accounts, licences, plates, employee numbers, BICs.
 *
 * Read forwards from the caption: filler ("number is", "no.:", "#"), then one value
 * that has enough digits for its kind.  A cell under a column's head needs no filler.
 * Never the other way round: letters and digits alone are an order number. */
#include "scan/detect.h"
#include "scan/text/lexicon.h"

enum { MAX_FILLER = 4, MAX_VALUE = 40 };

struct captioned_rule {
    uint8_t cls;
    enum guard_type type;
    uint8_t min_digits, max_digits, min_len, max_len;
    uint8_t score;
    bool needs_number_word; /* the caption alone is too common a word */
};

static const struct captioned_rule rules[] = {
    {CLS_MRN, TYPE_MRN, 4, 14, 5, 18, 93, false},
    {CLS_PLAN, TYPE_HEALTH_PLAN_ID, 5, 14, 6, 20, 90, false},
    {CLS_ACCOUNT, TYPE_US_BANK_ACCOUNT, 7, 17, 7, 21, 92, false},
    {CLS_LICENSE, TYPE_US_DRIVER_LICENSE, 5, 14, 6, 20, 90, false},
    {CLS_PLATE, TYPE_LICENSE_PLATE, 1, 6, 4, 11, 88, false},
    {CLS_EMPLOYEE, TYPE_EMPLOYEE_ID, 4, 9, 4, 14, 90, false},
    {CLS_PASSPORT, TYPE_PASSPORT, 5, 10, 6, 12, 80, false},
};

/* Words that may stand between a caption and its value. */
static bool is_filler(const struct window *w, const struct token *t)
{
    static const char *const fillers[] = {
        "number", "no",         "nr",      "num",     "id",     "is",
        "code",   "identifier", "was",     "of",      "the",    "and",
        "s",      "card",       "record",  "nummer",  "numero", "ends",
        "holder", "ref",        "licence", "license", "plate",  "account",
        "acct",   "policy",     "member",  "ist",     "lautet", "es",
        "est",    "insurance",  "patient", "my",      "reads",  "plates"};
    struct str s = {w->p + t->start, t->end - t->start};
    if (t->kind == TOK_PUNCT)
        return strchr(":=#\"'.([_-/", t->c) != NULL;
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
        if (to_lower(t->c) == fillers[i][0] && str_eq_nocase(s, str_of(fillers[i])))
            return true;
    return false;
}

static bool is_value_char(char c)
{
    return is_alnum(c) || c == '-';
}

/* The end of the value at `start`: letters and digits, dashes, and blanks between
 * groups of digits. */
static size_t value_end(const struct window *w, size_t start)
{
    size_t i = start;
    while (i < w->n && i - start < MAX_VALUE) {
        char next = i + 1 < w->n ? w->p[i + 1] : ' ';
        if (is_value_char(w->p[i]))
            i++;
        else if (w->p[i] == ' ' && is_digit(next) && i > start &&
                 (is_digit(w->p[i - 1]) || i - start <= 4))
            i++;
        else
            break;
    }
    while (i > start && w->p[i - 1] == '-')
        i--;
    return i;
}

static bool fits(const struct window *w, const struct captioned_rule *r, size_t start,
                 size_t end)
{
    size_t digits = 0, letters = 0, small = 0, run = 0, longest = 0;
    for (size_t i = start; i < end; i++) {
        digits += is_digit(w->p[i]);
        letters += is_alpha(w->p[i]);
        small += is_lower(w->p[i]);
        run = is_alpha(w->p[i]) ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    if (r->cls == CLS_ACCOUNT && letters)
        return false;
    if (r->cls == CLS_LICENSE && !letters && digits < 7)
        return false;
    if (r->cls == CLS_PLATE && (letters == 0 || small))
        return false;
    return digits >= r->min_digits && digits <= r->max_digits &&
           end - start >= r->min_len && end - start <= r->max_len && longest <= 4 &&
           small <= 2;
}

/* A plate may have a blank between letters and digits: "B-LS 7243", "AB 123 CD". */
static size_t plate_end(const struct window *w, size_t start, size_t end)
{
    for (int k = 0; k < 2 && end + 1 < w->n && w->p[end] == ' '; k++) {
        size_t i = end + 1;
        while (i < w->n && (is_upper(w->p[i]) || is_digit(w->p[i])))
            i++;
        if (i == end + 1 || i - start > 11 || (i < w->n && is_lower(w->p[i])))
            break;
        end = i;
    }
    return end;
}

/* "S-7437": letters and a dash glued to the front of a number belong to it. */
static size_t with_front(const struct window *w, size_t start)
{
    enum { LETTERS_MOST = 3 };
    size_t i = start;
    if (i == 0 || w->p[i - 1] != '-')
        return start;
    for (i--; i > 0 && is_upper(w->p[i - 1]); i--)
        ;
    bool is_front = start - i > 1 && start - i <= LETTERS_MOST + 1 &&
                    (i == 0 || strchr(" :#(\t\n", w->p[i - 1]));
    return is_front ? i : start;
}

bool names_club_member(struct window *w, struct str name)
{
    static const char *const clubs[] = {"loyalty", "club", "gym ", "library card"};
    if (!str_contains_nocase(name, STR("member")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(clubs) && !w->club; i++)
        if (str_contains_nocase((struct str){w->p, w->n}, str_of(clubs[i])))
            w->club = 2;
    w->club = w->club ? w->club : 1;
    return w->club == 2;
}

/* 0x10003: an address or a bit of a program. */
static bool is_hex_literal(const struct window *w, size_t start)
{
    return start + 2 < w->n && w->p[start] == '0' && w->p[start + 1] == 'x' &&
           is_hex(w->p[start + 2]);
}

/* "Patent-Policy-20040205": the words and the number are one name. */
static bool is_in_name(const struct window *w, const struct caption_hit *h)
{
    return h->start > 1 && h->end < w->n && w->p[h->start - 1] == '-' &&
           is_alpha(w->p[h->start - 2]) && w->p[h->end] == '-';
}

/* "driver" alone is a program for a device more often than somebody's licence. */
static bool is_bare_driver(const struct window *w, const struct caption_hit *h, size_t i)
{
    static const char *const alone[] = {"driver", "drivers"};
    static const char *const behind[] = {"no",  "nr", "number",  "id",
                                         "num", "s",  "licence", "license"};
    const struct token *t = &w->tok[i];
    while (i < w->ntok && t->kind == TOK_PUNCT && strchr("'.-_#", t->c))
        t = &w->tok[++i];
    return is_word_of((struct str){w->p + h->start, h->end - h->start}, alone,
                      ARRAY_LEN(alone)) &&
           !(i < w->ntok && is_word_of((struct str){w->p + t->start, t->end - t->start},
                                       behind, ARRAY_LEN(behind)));
}

static bool try_value(struct window *w, const struct captioned_rule *r, size_t start)
{
    if (is_hex_literal(w, start))
        return false;
    start = with_front(w, start);
    size_t end = value_end(w, start);
    if (r->cls == CLS_PLATE)
        end = plate_end(w, start, end);
    if (!fits(w, r, start, end)) {
        end = start;
        while (end < w->n && is_value_char(w->p[end]))
            end++;
        if (!fits(w, r, start, end))
            return false;
    }
    if (end < w->n && (is_alnum(w->p[end]) || w->p[end] == '@'))
        return false;
    propose(w, start, end, r->type, r->score, SAW_WORD);
    return true;
}

static void read_after(struct window *w, const struct captioned_rule *r,
                       const struct caption_hit *h)
{
    size_t i = token_at(w, h->end - 1) + 1;
    if (is_in_name(w, h) || is_bare_driver(w, h, i))
        return;
    for (int filler = 0; i < w->ntok && filler <= 2 * MAX_FILLER; i++, filler++) {
        const struct token *t = &w->tok[i];
        if ((t->gap & GAP_BLANK_LINE) || t->start - h->end > 48)
            return;
        bool is_front = t->kind == TOK_WORD && i + 1 < w->ntok &&
                        w->tok[i + 1].kind == TOK_NUMBER && w->tok[i + 1].gap == 0;
        if (is_filler(w, t) && !is_front) /* "S20391" */
            continue;
        if (t->kind != TOK_PUNCT && try_value(w, r, t->start))
            return;
        if (t->kind == TOK_NUMBER || t->cls || !(t->lex & LEX_STOP))
            return;
    }
}

/* Four letters, a country, two of place, maybe three of branch; after its caption. */
static void read_bic(struct window *w, const struct caption_hit *h)
{
    size_t i = h->end;
    while (i < w->n && i - h->end < 20 && !is_upper(w->p[i]))
        i++;
    size_t end = i;
    while (end < w->n && is_alnum(w->p[end]))
        end++;
    if (end - i != 8 && end - i != 11)
        return;
    for (size_t k = 0; k < end - i; k++)
        if (is_lower(w->p[i + k]) || (k < 6 && !is_upper(w->p[i + k])))
            return;
    const struct token *t = &w->tok[token_at(w, (uint32_t)i)];
    bool is_word = t->start == i && t->end == end && (t->names & NAME_COMMON);
    if (is_word || (i == h->end + 1 && w->p[h->end] == '_'))
        return; /* "Swift 6 COMPILER", "Swift_LANGUAGE_VERSION" */
    propose(w, i, end, TYPE_SWIFT_BIC, 95, SAW_WORD);
}

void find_captioned(struct window *w)
{
    for (size_t i = 0; i < w->nhit; i++) {
        const struct caption_hit h = w->hit[i];
        if (h.cls == CLS_SWIFT)
            read_bic(w, &h);
        for (size_t r = 0; r < ARRAY_LEN(rules); r++)
            if (rules[r].cls == h.cls &&
                !(h.cls == CLS_PLAN &&
                  names_club_member(w, (struct str){w->p + h.start, h.end - h.start})))
                read_after(w, &rules[r], &h);
    }
    for (size_t i = 0; i < w->nfield; i++)
        for (size_t r = 0; r < ARRAY_LEN(rules); r++) {
            const struct field f = w->field[i];
            size_t at = f.start;
            while (at < f.end && !is_alnum(w->p[at]))
                at++;
            if (rules[r].cls == f.cls && at < f.end)
                try_value(w, &rules[r], at);
        }
}
