/* private_text.c -- see private_text.h. */
#include "scan/names/private_text.h"

#include "scan/names/national.h"
#include "scan/text/kind.h"
#include "scan/text/lexicon.h"

enum {
    ABOUT_LEAST = 0, /* of the prior's score */
    SURE = 55,
    NAME_SCORE = 46,
    NUMBER_SCORE = 50, /* below what forces a text to be local */
    NATIONAL_SCORE = 62,
    PLATE_SCORE = 60,
    ADDRESS_SCORE = 80,
    NUMBER_LEAST = 5,
    NUMBER_MOST = 20,
    DIGITS_LEAST = 8,
    STREET_WORDS = 3,
    PARTS_MOST = 3
};

static const struct token none = {.kind = TOK_PUNCT, .letter = CASE_NONE};

static const struct token *tok(const struct window *w, size_t i)
{
    return i < w->ntok ? &w->tok[i] : &none;
}

static size_t width(const struct token *t)
{
    return t->end - t->start;
}

static bool on_line(const struct token *t)
{
    return !(t->gap & GAP_LINE);
}

static bool is_contact(unsigned type)
{
    return type == TYPE_EMAIL || type == TYPE_PHONE || type == TYPE_ADDRESS ||
           type == TYPE_DOB || type == TYPE_ID_NUMBER;
}

bool may_be_private_text(const struct window *w)
{
    for (size_t i = 0; i < w->nfound; i++)
        if (w->found[i].score >= SURE &&
            (is_contact(w->found[i].type) ||
             (w->found[i].type == TYPE_PERSON && !w->found[i].is_alone)))
            return true;
    return false;
}

/* Where what was found ends; spans and tokens go forward together. */
struct taken {
    size_t next, n;
};

static bool is_taken(const struct window *w, struct taken *t, size_t start, size_t end)
{
    while (t->next < t->n && w->found[t->next].end <= start)
        t->next++;
    return t->next < t->n && w->found[t->next].start < end;
}

/* -- names -------------------------------------------------------------------------- */

static bool is_given_name(const struct token *t)
{
    return t->kind == TOK_WORD && t->letter == CASE_TITLE && (t->names & NAME_FIRST) &&
           !(t->names & (NAME_COMMON | NAME_FREQUENT | NAME_CITY)) && !t->lex &&
           !t->cls && width(t) > 3;
}

/* Part of an identifier, an address or a path. */
static bool is_glued(const struct window *w, size_t start, size_t end)
{
    char before = start ? w->p[start - 1] : ' ', behind = w->p[end];
    return is_alnum(before) || strchr("_@./\\-#$&=%", before) || is_alnum(behind) ||
           behind == '_' || behind == '@' || behind == '\\' ||
           (strchr("./-=(", behind) && (is_alnum(w->p[end + 1]) || w->p[end + 1] == ')'));
}

static size_t try_name(struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    if (!is_given_name(t) || is_glued(w, t->start, t->end))
        return i;
    size_t end = i + 1;
    while (end < i + 3 && tok(w, end)->kind == TOK_WORD &&
           tok(w, end)->gap == GAP_SPACE && tok(w, end)->letter == CASE_TITLE &&
           (tok(w, end)->names & NAME_LAST) && !(tok(w, end)->names & NAME_COMMON))
        end++;
    propose(w, t->start, tok(w, end - 1)->end, TYPE_PERSON, NAME_SCORE, SAW_LEXICON);
    w->found[w->nfound - 1].who = tok(w, end - 1)->hash;
    return end;
}

/* -- numbers ------------------------------------------------------------------------ */

struct shape {
    size_t end, upper, lower, digits, turns, dashes;
};

static struct shape shape_at(const struct window *w, size_t start)
{
    struct shape s = {.end = start};
    int last = 0;
    for (; s.end < w->n && s.end - start <= NUMBER_MOST; s.end++) {
        char c = w->p[s.end];
        if (c == '-' && is_alnum(w->p[s.end + 1])) {
            s.dashes++;
            continue;
        }
        if (!is_alnum(c))
            break;
        int kind = is_digit(c) ? 2 : 1;
        s.digits += is_digit(c);
        s.upper += is_upper(c);
        s.lower += is_lower(c);
        s.turns += last && kind != last;
        last = kind;
    }
    return s;
}

/* Seconds and thousandths since 1970. */
static bool is_clock(const struct window *w, size_t start, size_t n)
{
    return (n == 10 || n == 13) && w->p[start] == '1' && w->p[start + 1] >= '5' &&
           w->p[start + 1] <= '8';
}

/* Letters and digits by turns, as nobody writes words: C368X, FHR61JWTO8SQ; or many
 * digits in a row. */
static bool is_serial(const struct window *w, size_t start, const struct shape *s)
{
    size_t n = s->upper + s->digits;
    if (s->lower || s->dashes > 1 || n < NUMBER_LEAST || s->end - start > NUMBER_MOST)
        return false;
    if (s->upper == 0)
        return s->digits >= DIGITS_LEAST && !s->dashes && !is_clock(w, start, n);
    return s->digits >= 2 && (s->turns >= 2 || s->digits >= 6);
}

/* One that its form and its check tell: it must stay. */
static size_t try_national(struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    size_t n = national_number((struct str){w->p + t->start, w->n - t->start});
    if (!n || is_glued(w, t->start, t->start + n) || is_clock(w, t->start, n))
        return i;
    propose(w, t->start, t->start + n, TYPE_ID_NUMBER, NATIONAL_SCORE, SAW_CHECKSUM);
    while (i < w->ntok && tok(w, i)->start < t->start + n)
        i++;
    return i;
}

static size_t try_serial(struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    struct shape s = shape_at(w, t->start);
    if (!is_serial(w, t->start, &s) || is_glued(w, t->start, s.end) ||
        counts_lines(w, t->start))
        return i;
    propose(w, t->start, s.end, TYPE_ID_NUMBER, NUMBER_SCORE, SAW_SHAPE);
    while (i < w->ntok && tok(w, i)->start < s.end)
        i++;
    return i;
}

/* L: a capital, D: a digit, blank: one between.  Plates whose form alone tells them. */
static bool fits(const struct window *w, size_t start, const char *form)
{
    size_t i = start;
    for (; *form; form++, i++) {
        char c = w->p[i];
        if (*form == 'L' ? !is_upper(c) : *form == 'D' ? !is_digit(c) : c != *form)
            return false;
    }
    return !is_glued(w, start, i);
}

static size_t try_plate(struct window *w, size_t i)
{
    static const char *const forms[] = {
        "LLDD LLL",   "DDDD LLL",      "DLD DDDD",  "DD L DDDD", "DD LL DDD",
        "DD LL DDDD", "DD LLL DDD",    "LL DDD LL", "LL-DDD-LL", "LL DDDD LL",
        "LLL DLDD",   "L-LL DDD",      "L-LL DDDD", "LL-LL DDD", "LL-LL DDDD",
        "LL DD LLL",  "LL DD LL DDDD", "DD-LLL-D"};
    const struct token *t = tok(w, i);
    for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
        if (!fits(w, t->start, forms[k]))
            continue;
        size_t end = t->start + strlen(forms[k]);
        propose(w, t->start, end, TYPE_LICENSE_PLATE, PLATE_SCORE, SAW_SHAPE);
        while (i < w->ntok && tok(w, i)->start < end)
            i++;
        return i;
    }
    return i;
}

/* Postcodes with letters: of Britain, the Netherlands, Ireland, Canada. */
static size_t try_postcode(struct window *w, size_t i)
{
    static const char *const forms[] = {"LLD DLL",  "LLDD DLL", "LDD DLL", "LD DLL",
                                        "LDL DLL",  "LLDL DLL", "LLD+DLL", "LLDD+DLL",
                                        "LDD+DLL",  "LD+DLL",   "DDDD LL", "LDD LDLL",
                                        "LDD LDDD", "LDD LLDD", "LDL DLD"};
    const struct token *t = tok(w, i);
    for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
        if (!fits(w, t->start, forms[k]))
            continue;
        size_t end = t->start + strlen(forms[k]);
        propose(w, t->start, end, TYPE_ADDRESS, PLATE_SCORE, SAW_SHAPE);
        while (i < w->ntok && tok(w, i)->start < end)
            i++;
        return i;
    }
    return i;
}

/* "B.B.", "J.R.K.": somebody's initials, unless they are an abbreviation of all. */
static size_t try_initials(struct window *w, size_t i)
{
    static const char *const others[] = {
        "U.S.", "U.K.", "E.U.", "U.N.", "P.S.", "N.B.", "D.C.",   "L.A.", "N.Y.",
        "B.C.", "A.D.", "A.M.", "P.M.", "T.V.", "P.O.", "U.S.A.", "S.A.", "I.T.",
        "H.R.", "Q.A.", "S.R.", "A.I.", "P.R.", "V.A.", "U.A."};
    const struct token *t = tok(w, i);
    size_t end = t->start;
    while (is_upper(w->p[end]) && w->p[end + 1] == '.' && end - t->start < 6)
        end += 2;
    struct str s = {w->p + t->start, end - t->start};
    if (s.n < 4 || is_alnum(w->p[end]) ||
        (t->start && !strchr(" \n(,:;/\"'", w->p[t->start - 1])))
        return i;
    for (size_t k = 0; k < ARRAY_LEN(others); k++)
        if (str_eqz(s, others[k]))
            return i;
    propose(w, t->start, end, TYPE_PERSON, NAME_SCORE, SAW_SHAPE);
    while (i < w->ntok && tok(w, i)->start < end)
        i++;
    return i;
}

/* -- a house number beside a town ---------------------------------------------------- */

static bool is_street_word(const struct token *t)
{
    return t->kind == TOK_WORD &&
           (t->letter == CASE_TITLE || (unsigned char)t->c >= 0xE0) &&
           !(t->lex & (LEX_MONTH | LEX_WEEKDAY | LEX_CLINICAL | LEX_ILLNESS));
}

/* 8, 3b/2, 5-3, 68 r: past it; i: no house number, a year or an hour. */
static size_t house(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    if (t->kind != TOK_NUMBER || width(t) > 4 || !on_line(t) ||
        (width(t) == 4 && (t->c == '1' || t->c == '2')))
        return i;
    size_t k = i + 1;
    while (k < i + 6 && on_line(tok(w, k)) &&
           ((tok(w, k)->gap == 0 && (tok(w, k)->c == '/' || tok(w, k)->c == '-' ||
                                     tok(w, k)->kind == TOK_NUMBER)) ||
            (tok(w, k)->kind == TOK_WORD && width(tok(w, k)) == 1)))
        k++;
    return k;
}

/* From a comma on: parts with a number ("ap. 7", "16147 Genova") and a town; past the
 * town, or `i` when there is none. */
static size_t town(const struct window *w, size_t i)
{
    for (int part = 0; part < PARTS_MOST && tok(w, i)->c == ','; part++) {
        size_t k = i + 1, words = 0, numbers = 0;
        for (; k < i + 6 && k < w->ntok && on_line(tok(w, k)) &&
               (tok(w, k)->kind != TOK_PUNCT || tok(w, k)->c == '.');
             k++) {
            if (tok(w, k)->c == '.' && !numbers && words &&
                tok(w, k - 1)->letter == CASE_TITLE)
                break;
            words += tok(w, k)->kind == TOK_WORD;
            numbers += tok(w, k)->kind == TOK_NUMBER;
        }
        size_t at = i + 1 + (tok(w, i + 1)->kind == TOK_NUMBER);
        if (is_street_word(tok(w, at)) && !tok(w, at)->cls && on_line(tok(w, at)) &&
            (tok(w, at + 1)->kind != TOK_NUMBER))
            return at + 1;
        if (!numbers)
            return 0;
        i = k;
    }
    return 0;
}

/* Words before a street's name, with a mark of abbreviation or without. */
static bool is_prefix(const struct window *w, size_t i)
{
    static const char *const words[] = {"str",
                                        "bd",
                                        "bld",
                                        "bul",
                                        "aleea",
                                        "calea",
                                        "sos",
                                        "splaiul",
                                        "piata",
                                        "borgo",
                                        "largo",
                                        "contrada",
                                        "salita",
                                        "calle",
                                        "cite",
                                        "cit\xC3\xA9",
                                        "sentier",
                                        "sente",
                                        "faubourg",
                                        "hameau",
                                        "rue",
                                        "lot",
                                        "glorieta",
                                        "travesia",
                                        "beco",
                                        "ladeira",
                                        "os",
                                        "osiedle",
                                        "rondo",
                                        "al",
                                        "pl",
                                        "ul",
                                        "trg",
                                        "nabrezi",
                                        "sady",
                                        "mah",
                                        "cad",
                                        "sk",
                                        "via",
                                        "v.le",
                                        "p.zza",
                                        "vicolo",
                                        "impasse",
                                        "all\xC3\xA9"
                                        "e",
                                        "allee",
                                        "quai",
                                        "chemin",
                                        "resid",
                                        "ул",
                                        "пер",
                                        "пр",
                                        "вул",
                                        "просп",
                                        "бул",
                                        "наб"};
    const struct token *t = tok(w, i);
    struct str word = {w->p + t->start, width(t)};
    if (t->kind != TOK_WORD)
        return false;
    if (t->lex & LEX_PREFIX_STREET)
        return true;
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (str_eq_nocase(word, str_of(words[k])))
            return true;
    return false;
}

/* Past the words of a street's name from i on: "Polní", "dei Mille", "The Ropewalk". */
static size_t street(const struct window *w, size_t i, bool has_prefix)
{
    size_t k = i, words = 0;
    while (words < STREET_WORDS && on_line(tok(w, k)) &&
           (is_street_word(tok(w, k)) ||
            (has_prefix && words == 0 && (tok(w, k)->lex & LEX_PARTICLE)))) {
        words += is_street_word(tok(w, k));
        k++;
        if (tok(w, k)->c == '.' && tok(w, k)->gap == 0 && has_prefix)
            k++;
    }
    return words ? k : i;
}

/* What of names, places and addresses lies in it is a part of it; an address that begins
 * before it or ends behind it is one with it. */
static void put_address(struct window *w, size_t start, size_t end)
{
    for (size_t i = 0; i < w->nfound; i++) {
        const struct span *s = &w->found[i];
        if (s->type != TYPE_ADDRESS || s->start >= end || s->end <= start)
            continue;
        start = s->start < start ? s->start : start;
        end = s->end > end ? s->end : end;
    }
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        bool may_be_part = s->type == TYPE_PERSON || s->type == TYPE_ADDRESS ||
                           guard_type_group((enum guard_type)s->type) == GROUP_LOW;
        if (may_be_part && s->start >= start && s->end <= end)
            s->score = 1;
    }
    propose(w, start, end, TYPE_ADDRESS, ADDRESS_SCORE, SAW_SHAPE);
}

/* "Polní 8, Kroměříž", "ul. Mickiewicza 3b/2, Żory", "6 The Ropewalk, Hastings", "12 cité
 * Rapatel": with a word for a street the town may be missing. */
static size_t try_address(struct window *w, size_t i)
{
    size_t k = i, past;
    bool is_first = tok(w, i)->kind == TOK_NUMBER;
    if (is_first && (k = house(w, i)) == i)
        return i;
    bool has_prefix = is_prefix(w, k) && (is_first || k + 1 < w->ntok);
    if (has_prefix) {
        k++;
        k += tok(w, k)->c == '.' && tok(w, k)->gap == 0;
    }
    if ((past = street(w, k, has_prefix)) == k ||
        (is_first && !has_prefix && past - k < 2))
        return i;
    k = past;
    if (!is_first && (past = house(w, k)) == k)
        return i;
    size_t end = town(w, past);
    if (!end && has_prefix)
        end = past;
    if (!end || is_glued(w, tok(w, i)->start, tok(w, end - 1)->end))
        return i;
    put_address(w, tok(w, i)->start, tok(w, end - 1)->end);
    return end;
}

/* -- accounts and days of birth ------------------------------------------------------ */

enum { NAMES_MOST = 16, PART_LEAST = 4, PART_MOST = 24 };

/* An account made of a name that is masked: mkettering, deirdre.bramley, xbramleyx. */
static bool holds_name(const struct window *w, const struct token *t, size_t n)
{
    const struct str word = {w->p + t->start, width(t)};
    for (size_t i = 0, names = 0; i < n && names < NAMES_MOST; i++) {
        const struct span *s = &w->found[i];
        if (s->type != TYPE_PERSON || s->is_alone || s->score < SURE)
            continue;
        names++;
        for (size_t k = token_at(w, s->start); tok(w, k)->start < s->end && k < w->ntok;
             k++) {
            struct str name = {w->p + tok(w, k)->start, width(tok(w, k))};
            if (name.n >= PART_LEAST && name.n <= PART_MOST && word.n > name.n &&
                word.n <= name.n + 6 && str_contains_nocase(word, name))
                return true;
        }
    }
    return false;
}

static bool is_account_sign(char c)
{
    return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

static void find_accounts(struct window *w)
{
    struct taken taken = {.n = w->nfound};
    size_t n = w->nfound;
    for (size_t i = 0; i < w->ntok; i++) {
        const struct token *t = tok(w, i);
        if (t->kind != TOK_WORD || t->letter != CASE_LOWER || width(t) <= PART_LEAST ||
            (t->names & NAME_COMMON) || is_taken(w, &taken, t->start, t->end) ||
            !holds_name(w, t, n))
            continue;
        size_t start = t->start, end = t->end;
        while (start > 0 && is_account_sign(w->p[start - 1]))
            start--;
        while (is_account_sign(w->p[end]))
            end++;
        while (end > start && !is_alnum(w->p[end - 1]))
            end--;
        propose(w, start, end, TYPE_USERNAME, PLATE_SCORE, SAW_SHAPE);
    }
}

/* A whole date of a year in which somebody grown was born. */
static void take_days_of_birth(struct window *w)
{
    enum { BORN_FROM = 1925, BORN_TO = 2010, YEAR = 4 };
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        int year = 0;
        if (s->type != TYPE_DATE_TIME || s->end - s->start < 8 || s->end - s->start > 18)
            continue;
        for (size_t k = s->start; k + YEAR <= s->end; k++) {
            struct shape x = shape_at(w, k);
            bool is_begin = k == s->start || !is_digit(w->p[k - 1]);
            if (is_begin && x.digits >= YEAR && is_digit(w->p[k]) &&
                is_digit(w->p[k + 3]) && !is_digit(w->p[k + YEAR]))
                year = (w->p[k] - '0') * 1000 + (w->p[k + 1] - '0') * 100 +
                       (w->p[k + 2] - '0') * 10 + (w->p[k + 3] - '0');
        }
        if (year >= BORN_FROM && year <= BORN_TO)
            s->type = TYPE_DOB;
    }
}

/* May be a part of an address. */
static bool is_soft(const struct span *s)
{
    return s->type == TYPE_PERSON || s->type == TYPE_ADDRESS ||
           s->type == TYPE_LOCATION || s->type == TYPE_POSTCODE;
}

/* What leaves as it is hides no value: a number may look like a place. */
static bool is_low(const struct span *s)
{
    return s->type == TYPE_LOCATION || s->type == TYPE_ORG || s->type == TYPE_NRP ||
           s->type == TYPE_TITLE || s->type == TYPE_POSTCODE;
}

/* A text about private people and of illness: whoever is named in it is surely somebody.
 */
static void be_sure_of_patients(struct window *w)
{
    enum { CLINICAL_LEAST = 3, NAMED_LEAST = 58, OF_PATIENT = 78 };
    for (size_t i = 0; w->clinical >= CLINICAL_LEAST && i < w->nfound; i++) {
        struct span *s = &w->found[i];
        if (s->type == TYPE_PERSON && !s->is_alone && s->score >= NAMED_LEAST &&
            s->score < OF_PATIENT)
            s->score = OF_PATIENT;
    }
}

void find_in_private_text(struct window *w, int about)
{
    static size_t (*const readers[])(struct window *, size_t) = {
        try_national, try_plate, try_postcode, try_initials, try_serial};
    struct taken taken = {.n = w->nfound};
    if (about < ABOUT_LEAST || !may_be_private_text(w) ||
        text_is_program((struct str){w->p, w->n}))
        return;
    for (size_t i = 0; i < w->ntok;) {
        const struct token *t = tok(w, i);
        size_t past = i;
        const struct span *s =
            is_taken(w, &taken, t->start, t->end) ? &w->found[taken.next] : NULL;
        if (t->kind != TOK_PUNCT && (!s || is_soft(s)))
            past = try_address(w, i);
        for (size_t k = 0; t->kind != TOK_PUNCT && (!s || is_low(s)) && past == i &&
                           k < ARRAY_LEN(readers);
             k++)
            past = readers[k](w, i);
        if (t->kind != TOK_PUNCT && !s && past == i)
            past = try_name(w, i);
        i = past > i ? past : i + 1;
    }
    be_sure_of_patients(w);
    find_accounts(w);
    take_days_of_birth(w);
    w->nfound = resolve_spans(w->found, w->nfound);
}
