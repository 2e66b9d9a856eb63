/* normal.c -- a final answer in the form that is compared. */
#include "judge/normal.h"

#include "judge/find.h"

/* -- numbers ------------------------------------------------------------------------- */

/* Where a number that begins at i ends: digits, separators of thousands, one point. */
static size_t number_end(struct str s, size_t i)
{
    bool has_point = false;
    while (i < s.n) {
        char c = s.p[i];
        bool digit_next = i + 1 < s.n && is_digit(s.p[i + 1]);
        if (is_digit(c)) {
            i++;
        } else if (c == '.' && !has_point && digit_next) {
            has_point = true;
            i++;
        } else if (c == ',' && !has_point && digit_next && i + 3 < s.n &&
                   is_digit(s.p[i + 2]) && is_digit(s.p[i + 3]) &&
                   (i + 4 == s.n || !is_digit(s.p[i + 4]))) {
            i++;
        } else {
            break;
        }
    }
    return i;
}

static bool starts_number(struct str s, size_t i)
{
    if (is_digit(s.p[i]))
        return i == 0 || !(is_word(s.p[i - 1]) ||
                           (s.p[i - 1] == '.' && i > 1 && is_digit(s.p[i - 2])));
    return s.p[i] == '.' && i + 1 < s.n && is_digit(s.p[i + 1]) &&
           (i == 0 || !is_word(s.p[i - 1]));
}

/* A minus sign belongs to the number when nothing stands before it that could be
 * subtracted from. */
static size_t with_sign(struct str s, size_t i)
{
    size_t k = i;
    while (k > 0 && (s.p[k - 1] == '$' || s.p[k - 1] == '\\' || s.p[k - 1] == ' '))
        k--;
    if (k == 0 || s.p[k - 1] != '-')
        return i;
    size_t m = k - 1;
    while (m > 0 && s.p[m - 1] == ' ')
        m--;
    if (m == 0)
        return k - 1;
    char before = s.p[m - 1];
    if (is_letter(before)) /* "later -7", not "x-7" */
        return m < k - 1 && !is_one_of(s.p[k], " ") ? k - 1 : i;
    return is_digit(before) || is_one_of(before, ")}]-_") ? i : k - 1;
}

bool normal_first_number(struct str s, struct str *ret)
{
    for (size_t i = 0; i < s.n; i++)
        if (starts_number(s, i)) {
            size_t from = with_sign(s, i);
            *ret = str_sub(s, from, number_end(s, i));
            return true;
        }
    return false;
}

/* Three digits and no fourth: what stands behind a separator of thousands. */
static bool is_group(struct str s, size_t i)
{
    return i + 2 < s.n && is_digit(s.p[i]) && is_digit(s.p[i + 1]) &&
           is_digit(s.p[i + 2]) && (i + 3 == s.n || !is_digit(s.p[i + 3]));
}

bool normal_last_number(struct str s, struct str *ret)
{
    for (size_t i = s.n; i-- > 0;) {
        if (!starts_number(s, i))
            continue;
        /* 1,234: go back to where it begins. */
        while (i >= 2 && s.p[i - 1] == ',' && is_digit(s.p[i - 2]) && is_group(s, i)) {
            size_t k = i - 2;
            while (k > 0 && is_digit(s.p[k - 1]))
                k--;
            if (!starts_number(s, k) || number_end(s, k) < i + 3)
                break;
            i = k;
        }
        size_t from = with_sign(s, i);
        *ret = str_sub(s, from, number_end(s, i));
        return true;
    }
    return false;
}

/* Plain digits, with separators, into a double. */
static bool plain_number(struct str s, double *ret)
{
    char room[48];
    size_t n = 0;
    bool negative = false;
    s = find_trim(s);
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
        negative = s.p[0] == '-';
        s = find_trim(str_sub(s, 1, s.n));
    }
    if (!s.n || number_end(s, 0) != s.n)
        return false;
    if (s.p[0] == '.')
        room[n++] = '0';
    for (size_t i = 0; i < s.n && n < sizeof room; i++)
        if (s.p[i] != ',')
            room[n++] = s.p[i];
    if (n == sizeof room || !str_to_double((struct str){room, n}, ret))
        return false;
    if (negative)
        *ret = -*ret;
    return true;
}

/* \frac{a}{b}, \dfrac{a}{b}, \frac12 */
static bool latex_fraction(struct str s, double *ret)
{
    double part[2];
    bool negative = s.n && s.p[0] == '-';
    if (negative)
        s = find_trim(str_sub(s, 1, s.n));
    size_t head = find_starts(s, "\\frac") ? 5 : 0;
    if (find_starts(s, "\\dfrac") || find_starts(s, "\\tfrac"))
        head = 6;
    if (!head)
        return false;
    s = str_sub(s, head, s.n);
    for (int i = 0; i < 2; i++) {
        s = find_trim(s);
        ptrdiff_t close = s.n && s.p[0] == '{' ? str_index(s, '}') : -1;
        struct str one = close > 0 ? str_sub(s, 1, (size_t)close) : str_sub(s, 0, 1);
        if (!plain_number(one, &part[i]))
            return false;
        s = str_sub(s, close > 0 ? (size_t)close + 1 : 1, s.n);
    }
    if (s.n || part[1] == 0)
        return false;
    *ret = part[0] / part[1] * (negative ? -1 : 1);
    return true;
}

/* 3/4, and 1 1/2 */
static bool slash_fraction(struct str s, double *ret)
{
    double whole = 0, above, below;
    ptrdiff_t slash = str_index(s, '/');
    if (slash < 0 || !plain_number(str_sub(s, (size_t)slash + 1, s.n), &below) || !below)
        return false;
    struct str head = find_trim(str_sub(s, 0, (size_t)slash));
    ptrdiff_t blank = str_index(head, ' ');
    if (blank > 0) {
        if (!plain_number(str_sub(head, 0, (size_t)blank), &whole))
            return false;
        head = str_sub(head, (size_t)blank + 1, head.n);
    }
    if (!plain_number(head, &above))
        return false;
    *ret = whole < 0 || (head.n && head.p[0] == '-') ? whole - above / below
                                                     : whole + above / below;
    if (!(whole < 0) && head.n && head.p[0] == '-')
        *ret = above / below;
    return true;
}

static struct str cut_head(struct str s, const char *head)
{
    return find_starts(s, head) ? find_trim(str_sub(s, strlen(head), s.n)) : s;
}

static struct str cut_tail(struct str s, const char *tail)
{
    return str_ends(s, str_of(tail)) ? find_trim(str_sub(s, 0, s.n - strlen(tail))) : s;
}

/* What may stand around a number without changing it. */
static struct str undress(struct str s)
{
    static const char *const heads[] = {"$",  "\\$", "\\(", "\\[", "€", "£", "¥", "=",
                                        "**", "*",   "`",   "\"",  "'", "+", "≈", "~"};
    static const char *const tails[] = {
        "$", "\\)", "\\]", ".", "%",       "\\%",       "€", "£", "**", "*",
        "`", "\"",  "'",   "°", "^\\circ", "^{\\circ}", ",", ";", "!"};
    for (size_t before = s.n + 1; s.n < before;) {
        before = s.n;
        s = find_trim(s);
        for (size_t i = 0; i < ARRAY_LEN(heads); i++)
            s = cut_head(s, heads[i]);
        for (size_t i = 0; i < ARRAY_LEN(tails); i++)
            s = cut_tail(s, tails[i]);
        static const char *const words[] = {"\\text{"};
        size_t which;
        ptrdiff_t text = find_last_any(s, words, 1, &which);
        if (text > 0 && s.p[s.n - 1] == '}')
            s = str_sub(s, 0, (size_t)text);
        s = cut_tail(s, "\\,");
    }
    return s;
}

/* "18 dollars": one or two words behind a number. */
static struct str cut_unit(struct str s)
{
    struct str number;
    if (!normal_first_number(s, &number) || number.p != s.p)
        return s;
    struct str rest = str_sub(s, number.n, s.n);
    unsigned nblanks = 0;
    for (size_t i = 0; i < rest.n; i++) {
        nblanks += rest.p[i] == ' ';
        if (!is_letter(rest.p[i]) && rest.p[i] != ' ' && rest.p[i] != '^')
            return s;
    }
    return nblanks >= 1 && nblanks <= 3 && rest.p[0] == ' ' && rest.n < 40 ? number : s;
}

bool normal_number(struct str s, double *ret)
{
    s = undress(s);
    return plain_number(s, ret) || latex_fraction(s, ret) || slash_fraction(s, ret) ||
           plain_number(cut_unit(s), ret);
}

bool normal_last_word(struct str s, struct str *ret, double *ret_number)
{
    /* Without "one": it seldom counts anything. */
    static const char *const words[] = {
        "two",     "three",     "four",     "five",     "six",      "seven",    "eight",
        "nine",    "ten",       "eleven",   "twelve",   "thirteen", "fourteen", "fifteen",
        "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};
    for (size_t which; s.n > 0;) {
        ptrdiff_t at = find_last_any(s, words, ARRAY_LEN(words), &which);
        if (at < 0)
            return false;
        struct str word = str_sub(s, (size_t)at, (size_t)at + strlen(words[which]));
        if ((size_t)at + word.n == s.n || !is_word(s.p[(size_t)at + word.n])) {
            *ret = word;
            *ret_number = (double)which + 2;
            return true;
        }
        s = str_sub(s, 0, (size_t)at);
    }
    return false;
}

/* -- formulas and literals ------------------------------------------------------------
 */

struct str normal_formula(struct str s, struct arena *arena)
{
    static const char *const dropped[] = {
        "\\left", "\\right", "\\text", "\\mathrm", "\\displaystyle",
        "\\!",    "\\,",     "\\;",    "\\ "};
    s = undress(s);
    char *out = arena_raw(arena, s.n + 1);
    size_t n = 0;
    if (!out)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < s.n;) {
        struct str at = str_sub(s, i, s.n);
        size_t skip = is_blank(s.p[i]) || s.p[i] == '$';
        for (size_t d = 0; !skip && d < ARRAY_LEN(dropped); d++)
            skip = str_starts(at, str_of(dropped[d])) ? strlen(dropped[d]) : 0;
        if (!skip && (str_starts(at, STR("\\dfrac")) || str_starts(at, STR("\\tfrac")))) {
            out[n++] = '\\';
            skip = 2;
        }
        if (!skip)
            out[n++] = s.p[i++];
        i += skip;
    }
    return (struct str){out, n};
}

struct str normal_literal(struct str s, struct arena *arena)
{
    s = find_trim(s);
    char *out = arena_raw(arena, s.n + 1);
    size_t n = 0;
    char quote = 0;
    if (!out)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (quote) {
            if (c == '\\' && i + 1 < s.n) {
                /* An escaped quote is the quote. */
                if (s.p[i + 1] != '\'' && s.p[i + 1] != '"')
                    out[n++] = c;
                c = s.p[++i];
            } else if (c == quote) {
                quote = 0;
                c = '"';
            }
            out[n++] = c;
        } else if (c == '\'' || c == '"') {
            quote = c;
            out[n++] = '"';
        } else if (!is_blank(c)) {
            if (is_one_of(c, ")]}") && n > 0 && out[n - 1] == ',' && c != ')')
                n--;
            out[n++] = c;
        }
    }
    return (struct str){out, n};
}
