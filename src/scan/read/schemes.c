/* schemes.c -- see schemes.h. */
#include "scan/read/schemes.h"

#include "scan/read/inside.h"
#include "scan/text/stem_table.h"

static char at_byte(struct str text, size_t i)
{
    return i < text.n ? text.p[i] : '\0';
}

/* The first byte of a letter of Greek, Cyrillic, Hebrew or Arabic. */
static bool is_far_letter(char c)
{
    return ((unsigned char)c >= 0xCE && (unsigned char)c <= 0xD2) ||
           ((unsigned char)c >= 0xD7 && (unsigned char)c <= 0xDB);
}

/* One sign of a form against the text at i: how many bytes it takes in *ret. */
static bool fits_sign(struct str text, char sign, size_t i, size_t *ret)
{
    char c = at_byte(text, i);
    *ret = 1;
    switch (sign) {
    case 'd':
        return is_digit(c);
    case 'D':
        for (*ret = 0; is_digit(at_byte(text, i + *ret)); ++*ret)
            ;
        return *ret > 1;
    case 'A':
        *ret = c < 0 ? 2 : 1;
        return is_alpha(c) || is_far_letter(c);
    case 'H':
        *ret = 3;
        return (unsigned char)c >= 0xE0 && (unsigned char)c < 0xF0;
    case 'X':
        return is_digit(c) || is_upper(c);
    case 'L':
        for (*ret = 0; is_alpha(at_byte(text, i + *ret)); ++*ret)
            ;
        return *ret > 0;
    case '~':
        *ret = c == ' ' || c == '-' || c == '.' || c == '/';
        return true;
    default:
        return c == sign || to_lower(c) == to_lower(sign);
    }
}

/* Where a number of this form that begins at `from` ends; `from`: it is none. */
static size_t past_form(struct str text, struct str form, size_t from)
{
    size_t at = from, n = 0;
    for (size_t k = 0; k < form.n; k++, at += n)
        if (at > text.n || !fits_sign(text, form.p[k], at, &n))
            return from;
    char c = at_byte(text, at), then = at_byte(text, at + 1);
    bool goes_on = is_alnum(c) || c == '_' || c == '%' ||
                   ((c == '-' || c == '.' || c == '/' || c == ',') && is_digit(then));
    return goes_on || at > text.n ? from : at;
}

struct str scheme_name(struct str word, char *ret)
{
    struct str name = stem_fold(without_marks_at_ends(word), ret);
    ptrdiff_t mark = str_index(name, '\''); /* "d'identité" */
    return str_sub(name, mark > 0 && mark < 3 ? (size_t)mark + 1 : 0, name.n);
}

size_t past_scheme(struct str text, size_t at, struct str name, enum telling *ret_what)
{
    for (size_t k = 0; k < guard_nschemes; k++) {
        if (!str_startsz(name, guard_schemes[k].name) ||
            !str_eqz(name, guard_schemes[k].name))
            continue;
        struct str forms = str_of(guard_schemes[k].forms), form;
        while (str_split(&forms, ' ', &form)) {
            size_t end = past_form(text, form, at);
            if (end > at) {
                *ret_what = guard_schemes[k].what;
                return end;
            }
        }
    }
    return at;
}
