/* private_numbers.c -- numbers, telephones, plates and postcodes of a text about private
 * people: see private_text.h. */
#include "scan/find/checksum.h"
#include "scan/names/national.h"
#include "scan/names/private_inside.h"
#include "scan/text/stems.h"

enum {
    SERIAL_SCORE = 50, /* below what forces a text to be local */
    NATIONAL_SCORE = 62,
    NATIONAL_SURE = 97, /* its check speaks against a telephone, too */
    NUMBER_LEAST = 5,
    NUMBER_MOST = 20,
    DIGITS_LEAST = 8
};

/* -- letters and digits ---------------------------------------------------------------
 */

struct shape {
    size_t end, upper, lower, digits, turns, dashes;
};

/* A small letter is the end of it: nobody asks what else such a word has. */
static struct shape shape_at(const struct window *w, size_t start)
{
    struct shape s = {.end = start};
    int last = 0;
    for (; s.end < w->n && s.end - start <= NUMBER_MOST && !s.lower; s.end++) {
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

/* "(ID A03773", "no. B1234": a word for a number right before. */
static bool is_behind_id(const struct window *w, size_t start)
{
    static const char *const words[] = {"id", "no", "nr", "number", "ref"};
    size_t end = start;
    while (end > 0 && start - end < 3 && strchr(" .:#", w->p[end - 1]))
        end--;
    size_t from = end;
    while (from > 0 && is_alpha(w->p[from - 1]))
        from--;
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (str_eq_nocase((struct str){w->p + from, end - from}, str_of(words[k])))
            return true;
    return false;
}

/* Letters and digits by turns, as nobody writes words: C368X, FHR61JWTO8SQ; or many
 * digits in a row. */
static bool is_serial(const struct window *w, size_t start, const struct shape *s)
{
    size_t n = s->upper + s->digits;
    if (s->lower || s->dashes > 1 || n < NUMBER_LEAST || s->end - start > NUMBER_MOST)
        return false;
    if (s->upper && s->digits >= 3 && is_behind_id(w, start))
        return true;
    if (s->upper == 0)
        return s->digits >= DIGITS_LEAST && !s->dashes && !is_clock(w, start, n);
    size_t many = s->dashes ? 5 : 6; /* "RT-11920" */
    return s->digits >= 2 && (s->turns >= 2 || s->digits >= many);
}

size_t read_private_serial(struct window *w, size_t i)
{
    const struct token *t = private_token(w, i);
    struct shape s = shape_at(w, t->start);
    if (!is_serial(w, t->start, &s) || is_glued(w, t->start, s.end) ||
        counts_lines(w, t->start))
        return i;
    propose(w, t->start, s.end, TYPE_ID_NUMBER, SERIAL_SCORE, SAW_SHAPE);
    return skip_to(w, i, s.end);
}

/* -- who works there --------------------------------------------------------------------
 */

/* "таб. № 09266", "badge 2174", "PC Khan 4471", "nº de empleado 55102": a word for staff
 * before the number, with words for a number, a name or marks between. */
static bool is_behind_staff(const struct window *w, size_t i)
{
    enum { BETWEEN = 6, NAMES = 2 };
    static const char *const words[] = {"no", "nr",  "number", "num", "id", "is",    "n",
                                        "de", "ist", "br",     "est", "of", "numero"};
    size_t names = 0;
    for (size_t k = i; k > 0 && i - k < BETWEEN && is_on_line(&w->tok[k]); k--) {
        const struct token *t = &w->tok[k - 1];
        if (t->kind == TOK_PUNCT &&
            (strchr(".:#-(", t->c) || (unsigned char)t->c >= 0xC2))
            continue;
        if (t->kind != TOK_WORD)
            return false;
        if (t->cls == CLS_EMPLOYEE || (private_stems(w, k - 1) & STEM_STAFF))
            return true;
        bool is_name = t->letter == CASE_TITLE && !t->cls && names++ < NAMES;
        if (!is_name && !is_word_of(token_str(w, t), words, ARRAY_LEN(words)) &&
            token_width(t) > 3)
            return false;
    }
    return false;
}

size_t read_private_staff(struct window *w, size_t i)
{
    enum { DIGITS_FEW = 3, DIGITS_MOST = 10, LETTERS_MOST = 3 };
    const struct token *t = private_token(w, i);
    struct shape s = shape_at(w, t->start);
    bool is_year =
        s.digits == 4 && !s.upper &&
        (memcmp(w->p + t->start, "19", 2) == 0 || memcmp(w->p + t->start, "20", 2) == 0);
    if (s.lower || s.digits < DIGITS_FEW || s.digits > DIGITS_MOST ||
        s.upper > LETTERS_MOST || s.dashes > 1 || is_year ||
        is_glued(w, t->start, s.end) || !is_behind_staff(w, i))
        return i;
    propose(w, t->start, s.end, TYPE_EMPLOYEE_ID, PRIVATE_FORM_SCORE, SAW_WORD);
    return skip_to(w, i, s.end);
}

/* One that its form and its check tell: it must stay. */
size_t read_private_national(struct window *w, size_t i)
{
    const struct token *t = private_token(w, i);
    size_t n = national_number((struct str){w->p + t->start, w->n - t->start});
    enum { TAX_DIGITS = 11 }; /* of Germany: one number in three hundred has its check */
    if (!n && t->kind == TOK_NUMBER && token_width(t) == TAX_DIGITS &&
        check_de_tax(token_str(w, t)))
        n = TAX_DIGITS;
    if (!n || is_glued(w, t->start, t->start + n) || is_clock(w, t->start, n))
        return i;
    bool is_phone_too = false;
    for (size_t k = 0; k < w->nfound; k++)
        is_phone_too |= w->found[k].type == TYPE_PHONE && w->found[k].start == t->start;
    note_checked(w, t->start, t->start + n);
    propose(w, t->start, t->start + n, TYPE_ID_NUMBER,
            is_phone_too ? NATIONAL_SURE : NATIONAL_SCORE, SAW_CHECKSUM);
    return skip_to(w, i, t->start + n);
}

/* -- telephones ------------------------------------------------------------------------
 */

enum { GROUPS_MOST = 6 };

struct groups {
    size_t end, n, digits, width[GROUPS_MOST];
    char sep; /* between them; '?': more than one sign */
};

static struct groups groups_at(const struct window *w, size_t start)
{
    struct groups g = {.end = start};
    for (size_t at = start; g.n < GROUPS_MOST;) {
        size_t end = at;
        while (is_digit(w->p[end]))
            end++;
        g.width[g.n++] = end - at;
        g.digits += end - at;
        g.end = end;
        char sep = w->p[end];
        if (!sep || !strchr(" .-/", sep) || !is_digit(w->p[end + 1]))
            break;
        g.sep = g.sep && g.sep != sep ? '?' : sep;
        at = end + 1;
    }
    return g;
}

static bool is_year(const struct window *w, size_t at, size_t n)
{
    return n == 4 && ((w->p[at] == '1' && w->p[at + 1] == '9') ||
                      (w->p[at] == '2' && w->p[at + 1] == '0'));
}

/* "1 200 000", "12.500.000": a sum. */
static bool is_thousands(const struct groups *g)
{
    for (size_t k = 1; k < g->n; k++)
        if (g->width[k] != 3)
            return false;
    return g->width[0] < 3 || g->sep == '.';
}

/* A sum's currency stands right before or behind it. */
static bool is_money(const struct window *w, size_t start, size_t end)
{
    static const char *const units[] = {
        "eur", "euro", "usd",   "gbp", "chf", "pln", "kr",  "sek", "nok", "dkk",
        "huf", "ft",   "czk",   "ron", "lei", "rub", "kc",  "inr", "rs",  "jpy",
        "cny", "krw",  "pesos", "tl",  "try", "uah", "ksh", "tsh", "vnd", "idr"};
    size_t at = end + (w->p[end] == ' '), to = at;
    size_t before = start - (start > 0 && w->p[start - 1] == ' ');
    while (is_alpha(w->p[to]))
        to++;
    struct str word = {w->p + at, to - at};
    for (size_t k = 0; k < ARRAY_LEN(units); k++)
        if (str_eq_nocase(word, str_of(units[k])))
            return true;
    static const char *const signs[] = {"$", "\xE2\x82", "\xC2\xA3", "\xC2\xA5"};
    struct str rest = {w->p + at, w->n - at};
    for (size_t k = 0; k < ARRAY_LEN(signs); k++) {
        struct str sign = str_of(signs[k]);
        if (str_starts(rest, sign) ||
            (before >= 3 && str_find((struct str){w->p + before - 3, 3}, sign) >= 0))
            return true;
    }
    return false;
}

/* Groups as telephones have them, in whichever country: 8 to 12 digits, none of the
 * groups behind the first a single digit, and no date, sum, version or address of a
 * machine. */
static bool is_phone(const struct window *w, size_t start, const struct groups *g)
{
    if (g->digits < DIGITS_LEAST || g->digits > 12 || g->n < 2 || g->width[0] > 5 ||
        (g->width[0] < 2 && g->n < 4) || is_thousands(g))
        return false;
    for (size_t k = 1; k < g->n; k++)
        if (g->width[k] < 2)
            return false;
    if (g->n == 2)
        return !is_year(w, start, g->width[0]) && g->sep != '.' && g->width[1] >= 3 &&
               (w->p[start] == '0' || g->digits >= 9 || g->width[0] == 4);
    bool is_date = g->n == 3 && g->digits == 8 &&
                   (is_year(w, start, g->width[0]) || g->width[2] == 4);
    return !is_date && !(g->sep == '.' && g->n == 4 && g->width[0] < 4);
}

size_t read_private_phone(struct window *w, size_t i)
{
    const struct token *t = private_token(w, i);
    char before = t->start ? w->p[t->start - 1] : ' ';
    struct groups g;
    if (t->kind != TOK_NUMBER || token_width(t) > 5 || strchr("+$#,:", before))
        return i;
    g = groups_at(w, t->start);
    if (!is_phone(w, t->start, &g) || is_glued(w, t->start, g.end) ||
        w->p[g.end] == '%' || is_money(w, t->start, g.end))
        return i;
    propose(w, t->start, g.end, TYPE_PHONE, PRIVATE_FORM_SCORE, SAW_SHAPE);
    return skip_to(w, i, g.end);
}

/* -- plates and postcodes ---------------------------------------------------------------
 */

/* A letter as plates have them: a Latin or Cyrillic capital, or, beside a word for cars,
 * a small one. Its bytes; 0: none. */
static size_t plate_letter(const char *p, bool any_case)
{
    bool is_latin = is_upper(*p) || (any_case && is_alpha(*p));
    bool is_cyrillic = (unsigned char)p[0] == 0xD0 && (unsigned char)p[1] >= 0x86 &&
                       (unsigned char)p[1] <= (any_case ? 0xBF : 0xAF);
    return is_latin ? 1 : is_cyrillic ? 2 : 0;
}

/* L: a letter, D: a digit, other signs for themselves.  The bytes that fit, or 0. */
static size_t fits(const struct window *w, size_t start, const char *form, bool any_case)
{
    size_t i = start;
    for (; *form; form++) {
        size_t n = *form == 'L'   ? plate_letter(w->p + i, any_case)
                   : *form == 'D' ? is_digit(w->p[i])
                                  : w->p[i] == *form;
        if (!n)
            return 0;
        i += n;
    }
    return is_glued(w, start, i) || w->p[i] < 0 ? 0 : i - start;
}

/* The first of the forms that begins here: its bytes, or 0. */
static size_t fitting(const struct window *w, size_t start, const char *const *forms,
                      size_t n, bool any_case)
{
    for (size_t k = 0; k < n; k++) {
        size_t bytes = fits(w, start, forms[k], any_case);
        if (bytes)
            return bytes;
    }
    return 0;
}

static bool is_beside_car(const struct window *w, size_t i)
{
    enum { BEFORE = 12, BEHIND = 8 };
    for (size_t k = i > BEFORE ? i - BEFORE : 0; k < i + BEHIND && k < w->ntok; k++)
        if (private_stems(w, k) & STEM_CAR)
            return true;
    return false;
}

/* Right behind a word for plates: "rego kvx-2764", "number plate: ab12 cde". */
static bool is_behind_plate(const struct window *w, size_t i)
{
    enum { BEFORE = 4 };
    for (size_t k = i; k > 0 && i - k < BEFORE; k--)
        if (w->tok[k - 1].cls == CLS_PLATE)
            return true;
    return false;
}

/* "粤B12345", "品川 300 あ 12-34": a sign of the place, letters and digits. */
static size_t plate_of_east(const struct window *w, size_t start, size_t *ret_start)
{
    static const char provinces[] =
        "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川"
        "宁琼";
    enum { SIGN = 3, FRONT = SIGN + 1 };
    size_t i = start, n = 0;
    *ret_start = start;
    if (start >= FRONT && is_digit(w->p[start]) && is_upper(w->p[start - 1]) &&
        str_find(str_of(provinces), (struct str){w->p + start - FRONT, SIGN}) >= 0) {
        for (; is_upper(w->p[i]) || is_digit(w->p[i]); i++)
            n++;
        *ret_start = start - FRONT;
        return n == 5 || n == 6 ? i - *ret_start : 0;
    }
    for (i = start; is_digit(w->p[i]); i++)
        n++;
    i += w->p[i] == ' ';
    if (n < 2 || n > 3 || (unsigned char)w->p[i] != 0xE3 ||
        (unsigned char)w->p[i + 1] > 0x82)
        return 0;
    i += 3;
    i += w->p[i] == ' ';
    for (n = 0; is_digit(w->p[i]) || (w->p[i] == '-' && is_digit(w->p[i + 1])); i++)
        n += is_digit(w->p[i]);
    return n >= 1 && n <= 4 ? i - start : 0;
}

/* "the plate ends in: BJA", "reg began WX19": a part of one, behind its caption. */
static size_t part_of_plate(const struct window *w, size_t start)
{
    struct shape s = shape_at(w, start);
    size_t n = s.upper + s.digits;
    if (s.lower || s.dashes || n < 2 || n > 8 || s.turns > 3 || is_glued(w, start, s.end))
        return 0;
    int d = caption_distance(w, start, s.end, CLS_PLATE);
    return d >= 0 && d <= 24 ? n : 0;
}

size_t read_private_plate(struct window *w, size_t i)
{
    static const char *const sure[] = {
        "LLDD LLL",     "DDDD LLL",      "DLD DDDD",  "DD L DDDD",  "DD LL DDD",
        "DD LL DDDD",   "DD LLL DDD",    "LL DDD LL", "LL-DDD-LL",  "LL DDDD LL",
        "LLL DLDD",     "L-LL DDD",      "L-LL DDDD", "LL-LL DDD",  "LL-LL DDDD",
        "LLL-LL DDD",   "LLL-LL DDDD",   "LL DD LLL", "L DDD LLL",  "LL DD LL DDDD",
        "LLDD LL DDDD", "LL-DD-LL-DDDD", "DD-LLL-D",  "D-LLL-DDD",  "L-DDD-LL",
        "LL LL-DDD",    "LL L-DDDD",     "LL DD-LLD", "LL DDD-LL",  "LL DDDD-LL",
        "LL-DDDD-LL",   "LL-DD-LL",      "DD-LL-DD",  "DD-DD-LL",   "DD-LL-LL",
        "LL-LL-DD",     "LLL-DDDLL",     "LLL DDDL",  "LL DDDLL",   "LDD-L-DDD",
        "DDL-DDD.DD",   "DDLD-DDD.DD",   "DDL-DDDDD", "DDLD-DDDDD", "LLL DDL",
        "DLL DLL",      "LL LL DDD"};
    /* As numbers of articles and of other things are, too: beside a word of cars. */
    static const char *const maybe[] = {"LLL-DDDD", "LLL DDDD", "LLL-DDD",  "LLL DDD",
                                        "LL-DDDD",  "LL DDDD",  "LL DDDDD", "DDD-LLL",
                                        "DDD LLL",  "DDDD-LL",  "DDDD LL",  "L DDDDDL",
                                        "L-DDDDDL", "LDD DDD",  "DLLLDDD"};
    static const char *const cyrillic[] = {"LDDDLLDDD",   "LDDDLLDD", "L DDD LL DDD",
                                           "L DDD LL DD", "LLDDDDLL", "LL DDDD LL",
                                           "LDDDDLL"};
    const struct token *t = private_token(w, i);
    size_t start, n = plate_of_east(w, t->start, &start);
    bool is_told = !n && is_behind_plate(w, i);
    if (!n && !is_digit(t->c) && !plate_letter(w->p + t->start, is_told))
        return i;
    if (!n && !is_told && is_lower(w->p[t->start + 1]))
        return i; /* a word, as most are */
    n = n ? n : fitting(w, t->start, sure, ARRAY_LEN(sure), is_told);
    if (!n && (t->c < 0 || is_told))
        n = fitting(w, t->start, cyrillic, ARRAY_LEN(cyrillic), is_told);
    if (!n && (n = fitting(w, t->start, maybe, ARRAY_LEN(maybe), is_told)) && !is_told &&
        !is_beside_car(w, i))
        n = 0;
    if (!n)
        n = part_of_plate(w, t->start);
    if (!n)
        return i;
    propose(w, start, start + n, TYPE_LICENSE_PLATE, PRIVATE_FORM_SCORE, SAW_SHAPE);
    return skip_to(w, i, start + n);
}

/* Postcodes with letters: of Britain, the Netherlands, Ireland, Canada. */
size_t read_private_postcode(struct window *w, size_t i)
{
    static const char *const forms[] = {"LLD DLL",  "LLDD DLL", "LDD DLL", "LD DLL",
                                        "LDL DLL",  "LLDL DLL", "LLD+DLL", "LLDD+DLL",
                                        "LDD+DLL",  "LD+DLL",   "DDDD LL", "LDD LDLL",
                                        "LDD LDDD", "LDD LLDD", "LDL DLD"};
    const struct token *t = private_token(w, i);
    if ((!is_upper(t->c) && !is_digit(t->c)) || is_lower(w->p[t->start + 1]))
        return i;
    size_t n = fitting(w, t->start, forms, ARRAY_LEN(forms), false);
    if (!n)
        return i;
    propose(w, t->start, t->start + n, TYPE_ADDRESS, PRIVATE_FORM_SCORE, SAW_SHAPE);
    return skip_to(w, i, t->start + n);
}
