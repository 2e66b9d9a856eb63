/* phones.c -- telephone numbers as people write them.
 *
 * "+" and a country code is strong; a number with the shape of a national plan needs
 * a word that says so, or a shape that little else has ((282) 856-2317).  Ten digits
 * in a row are an order number until a caption says otherwise. */
#include "scan/detect.h"

struct phone {
    size_t start, end, digits, groups, first_group, last_group;
    size_t group[12];
    bool plus, paren, has_dot, has_space, has_dash, has_slash;
};

static bool is_sep(char c)
{
    return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
}

/* Digits that a bracket closes stand behind this one, and before it a code of a country
 * at most: "1045 (28000)", "0.0(714285)" and "8 (2015-2020)" are no numbers of
 * telephones. */
static bool may_open(const struct window *w, const struct phone *so_far, size_t at)
{
    enum { AREA_MOST = 5, COUNTRY_MOST = 3 };
    size_t to = at + 1;
    while (to < w->n && is_digit(w->p[to]))
        to++;
    bool is_abroad =
        so_far->plus || str_starts((struct str){w->p + so_far->start, 2}, STR("00"));
    return to > at + 1 && to - at - 1 <= AREA_MOST && to < w->n && w->p[to] == ')' &&
           (is_abroad || so_far->digits <= COUNTRY_MOST);
}

/* Reads digits with separators outwards from start; at most two between groups. */
static void read_phone(const struct window *w, size_t start, size_t depth,
                       struct phone *ret)
{
    *ret = (struct phone){.start = start, .end = start};
    size_t i = start;
    if (w->p[i] == '+') {
        ret->plus = true;
        i++;
    }
    while (i < w->n && ret->digits < 18 && ret->groups < 12) {
        size_t begin = i;
        while (i < w->n && is_digit(w->p[i]))
            i++;
        if (i > begin) {
            ret->group[ret->groups++] = i - begin;
            ret->digits += i - begin;
            ret->end = i;
        }
        size_t gap = i;
        while (gap < w->n && gap - i < 3 && is_sep(w->p[gap])) {
            if (w->p[gap] == '(' && !may_open(w, ret, gap))
                return;
            depth += w->p[gap] == '(';
            if (w->p[gap] == ')' && depth-- == 0)
                return;
            gap++;
        }
        if (gap == i || gap >= w->n || !is_digit(w->p[gap]))
            return;
        for (size_t k = i; k < gap; k++) {
            ret->paren |= w->p[k] == '(' || w->p[k] == ')';
            ret->has_dot |= w->p[k] == '.';
            ret->has_space |= w->p[k] == ' ';
            ret->has_dash |= w->p[k] == '-';
            ret->has_slash |= w->p[k] == '/';
        }
        i = gap;
    }
}

/* ext. 12, x12 */
static size_t with_extension(const struct window *w, size_t end)
{
    size_t i = end;
    while (i < w->n && (w->p[i] == ' ' || w->p[i] == ','))
        i++;
    if (i + 1 < w->n && to_lower(w->p[i]) == 'x' && is_digit(w->p[i + 1])) {
        i++;
    } else if (i + 4 < w->n && str_starts_nocase((struct str){w->p + i, 4}, STR("ext"))) {
        i += 3;
        while (i < w->n && (is_alpha(w->p[i]) || w->p[i] == '.' || w->p[i] == ' '))
            i++;
    } else {
        return end;
    }
    size_t digits = i;
    while (i < w->n && is_digit(w->p[i]) && i - digits < 7)
        i++;
    return i > digits && i - digits < 7 ? i : end;
}

static bool is_date_shape(const struct phone *f)
{
    return f->groups == 3 && !f->paren && !f->plus &&
           ((f->group[0] <= 2 && f->group[1] <= 2 && f->group[2] == 4) ||
            (f->group[0] == 4 && f->group[1] == 2 && f->group[2] == 2));
}

/* "255.255.255.0", "1.618033988", "0065 0302 0304", "00 00 00 00": a mask of a network, a
 * fraction, numbers of characters, bytes. */
static bool is_of_machines(const struct window *w, const struct phone *f)
{
    struct str s = {w->p + f->start, f->end - f->start}, rest = s, part;
    size_t zeros = 0, fours = 0, dots = 0;
    for (size_t i = 0; i < s.n && s.p[i] != ')'; i++)
        dots += s.p[i] == '.';
    if (s.n && s.p[0] == '(' && dots == 3)
        return true; /* "(192.0.2.10) 56(84)": an address that answers */
    if (f->plus || f->paren)
        return false;
    if (f->groups == 4 && str_starts(s, STR("255.")))
        return true;
    if (f->groups == 2 && f->has_dot && f->group[0] == 1 && f->group[1] >= 6)
        return true;
    while (str_split(&rest, ' ', &part)) {
        zeros += str_eqz(part, "00");
        fours += part.n == 4 && part.p[0] == '0';
    }
    return zeros >= 3 || (f->groups > 1 && fours == f->groups);
}

/* "2013-2022" */
static bool is_years(const struct window *w, const struct phone *f)
{
    const char *p = w->p + f->start;
    if (f->groups != 2 || f->digits != 8 || f->group[0] != 4 || f->plus || f->paren)
        return false;
    const char *q = p + 5;
    return f->end - f->start == 9 && (p[0] == '1' || p[0] == '2') && p[0] <= q[0] &&
           (str_starts((struct str){p, 2}, STR("19")) ||
            str_starts((struct str){p, 2}, STR("20"))) &&
           (str_starts((struct str){q, 2}, STR("19")) ||
            str_starts((struct str){q, 2}, STR("20")));
}

static bool is_north_american(const struct phone *f)
{
    size_t k = f->digits == 11 ? 1 : 0;
    return (f->digits == 10 || (f->digits == 11 && f->group[0] == 1)) &&
           f->groups == 3 + k && f->group[k] == 3 && f->group[k + 1] == 3 &&
           f->group[k + 2] == 4;
}

/* "8 936 171 14 18": eight or seven, nine, and the groups that Russians write. */
static bool is_russian(const struct window *w, const struct phone *f)
{
    return f->digits == 11 && f->groups == 5 && f->group[0] == 1 && f->group[1] == 3 &&
           f->group[2] == 3 && f->group[3] == 2 && f->group[4] == 2 &&
           (w->p[f->start] == '8' || w->p[f->start] == '7');
}

/* "0501234567" behind a word of Arabic letters: mobile numbers of the Gulf and Egypt. */
static bool is_arabic(const struct window *w, const struct phone *f)
{
    size_t i = f->start;
    while (i > 0 && f->start - i < 3 && (w->p[i - 1] == ' ' || w->p[i - 1] == ':'))
        i--;
    unsigned char before = i > 1 ? (unsigned char)w->p[i - 2] : 0;
    return f->groups == 1 && w->p[f->start] == '0' &&
           (f->digits == 10 || f->digits == 11) && before >= 0xD8 && before <= 0xDB;
}

static int score_of(const struct window *w, const struct phone *f, int dist)
{
    bool near = dist >= 0 && dist < 56;
    if (f->plus)
        return f->digits >= 8 && f->digits <= 15 ? 96 : 0;
    if (f->digits < 7 || f->digits > 15)
        return f->digits == 6 && near && dist < 16 && f->groups > 1 ? 60 : 0;
    if (near)
        return 92 - dist / 4;
    if (caption_distance(w, f->start, f->end, CLS_ORDER) >= 0)
        return 0;
    if (is_north_american(f) && (w->p[f->start] != '0' || f->paren || f->has_dash))
        return f->paren ? 85 : f->has_dash || f->has_dot ? 78 : 0;
    if (is_russian(w, f))
        return 78;
    if (is_arabic(w, f) || (f->paren && f->groups >= 2 && f->digits >= 8))
        return 70;
    char zero = w->p[f->start];
    if (zero == '0' && f->groups >= 2 && f->digits >= 9 && f->digits <= 12 && !f->has_dot)
        return f->group[0] >= 2 ? 66 : 60;
    if (dist >= 0)
        return f->groups >= 2 ? 70 : 60;
    return 0;
}

static bool is_free(const struct window *w, const struct phone *f)
{
    char before = f->start ? w->p[f->start - 1] : ' ';
    char before2 = f->start > 1 ? w->p[f->start - 2] : ' ';
    char after = f->end < w->n ? w->p[f->end] : ' ';
    char after2 = f->end + 1 < w->n ? w->p[f->end + 1] : ' ';
    if (is_alnum(before) || before == '$' || before == '_' || before == '#')
        return false;
    if (before == ',' && is_digit(before2) && is_in_thousands(w, f->start))
        return false;
    if (strchr("-./:", before) &&
        (is_digit(before2) || (before == '-' && is_alpha(before2))))
        return false;
    if (is_alpha(after) && to_lower(after) != 'x')
        return false;
    bool joined = after == '-' ? is_digit(after2) || is_lower(after2)
                               : after && strchr("./:_", after) && is_alnum(after2);
    return !joined && after != '%';
}

static size_t phone_start(const struct window *w, size_t at)
{
    size_t s = at;
    if (s && w->p[s - 1] == '(')
        s--;
    if (s && w->p[s - 1] == '+')
        s--;
    return s;
}

void find_phones(struct window *w)
{
    for (size_t i = next_anchor(w, 0, AT_NUMBER); i < w->ntok;
         i = next_anchor(w, i + 1, AT_NUMBER)) {
        const struct token *t = &w->tok[i];
        if (t->end - t->start > 15)
            continue;
        struct phone f;
        size_t start = phone_start(w, t->start);
        bool open = w->p[start] == '(';
        read_phone(w, start + open, open, &f);
        if (open && f.paren)
            f.start = start; /* closed inside the number: (282) 856-2317 */
        if (f.plus == false && start < t->start && w->p[start] == '+')
            f.plus = true;
        if (!is_free(w, &f))
            continue;
        /* A list of small numbers or a table is not a telephone. */
        bool small = f.groups > 6 || (f.groups > 1 && f.digits + 1 < 2 * f.groups) ||
                     is_date_shape(&f) || is_years(w, &f) || is_of_machines(w, &f);
        if (small || (f.digits < 6 && !f.plus))
            continue;
        int dist = caption_distance(w, f.start, f.end, CLS_PHONE);
        int score = score_of(w, &f, dist);
        if (score) {
            propose(w, f.start, with_extension(w, f.end), TYPE_PHONE, score,
                    dist >= 0 ? SAW_WORD : SAW_SHAPE);
            size_t next = token_at(w, (uint32_t)f.end);
            i = next > i + 1 ? next - 1 : i;
        }
    }
}
