/* postcode.c -- see postcode.h.  L is a letter, D a digit, other signs are themselves. */
#include "scan/find/postcode.h"

static const char *const sure_forms[] = {
    "LLD DLL",    "LLDD DLL",    "LDD DLL",   "LD DLL",
    "LDL DLL",    "LLDL DLL", /* Britain */
    "LDL DLD",                /* Canada */
    "LDD LDDD",   "LDD LDDL",    "LDD LDLD",  "LDD LDLL",
    "LDD LLDD",   "LDD LLDL",    "LDD LLLD", /* Ireland */
    "DDDD LL",                               /* the Netherlands */
    "DDDDD-DDDD", "DDDDD-DDD",   "DDDD-DDD",  "DDD-DDDD",
    "DD-DDD",     "DDDDD-DDDDD", /* with a hyphen */
    "LDDDDLLL",                  /* Argentina */
    "LLL DDDD",                  /* Malta */
    "L-DDDD",     "L-DDDDD",     "LL-DDDD",   "LL-DDDDD",
    "LL-DDDDDD",  "LL-DDD DD",   "LL-DD DDD", /* behind a country's sign */
};

static const char *const digit_forms[] = {"DDDDDD", "DDDDD", "DDDD"};
static const char *const parted_forms[] = {"DDD DD", "DDD DDD"};

/* The bytes that fit, 0: none. */
static size_t fits(const struct window *w, size_t start, const char *form, bool any_case)
{
    size_t i = start;
    for (; *form; form++, i++) {
        char c = w->p[i];
        bool is_fit = *form == 'L'   ? is_upper(c) || (any_case && is_lower(c))
                      : *form == 'D' ? is_digit(c)
                                     : c == *form;
        if (!is_fit)
            return 0;
    }
    return is_alnum(w->p[i]) || w->p[i] == '_' ? 0 : i - start;
}

static size_t first_fitting(const struct window *w, size_t start,
                            const char *const *forms, size_t n, bool any_case)
{
    for (size_t k = 0; k < n; k++) {
        size_t bytes = fits(w, start, forms[k], any_case);
        if (bytes)
            return bytes;
    }
    return 0;
}

/* "94110-x" */
static bool goes_on(const struct window *w, size_t at)
{
    return w->p[at] == '-' && is_alnum(w->p[at + 1]);
}

enum postcode_form postcode_at(const struct window *w, size_t i, bool any_case,
                               size_t *ret_end)
{
    *ret_end = i;
    if (i >= w->ntok || w->tok[i].kind == TOK_PUNCT)
        return POSTCODE_NONE;
    static const struct {
        const char *const *forms;
        size_t n;
        enum postcode_form form;
    } rows[] = {{sure_forms, ARRAY_LEN(sure_forms), POSTCODE_SURE},
                {parted_forms, ARRAY_LEN(parted_forms), POSTCODE_PARTED},
                {digit_forms, ARRAY_LEN(digit_forms), POSTCODE_DIGITS}};
    size_t start = w->tok[i].start, end = i, n = 0, row = 0;
    for (; !n && row < ARRAY_LEN(rows); row++)
        n = first_fitting(w, start, rows[row].forms, rows[row].n, any_case);
    if (!n || goes_on(w, start + n))
        return POSTCODE_NONE;
    while (end < w->ntok && w->tok[end].start < start + n)
        end++;
    const struct token *last = &w->tok[end - 1];
    if (last->letter == CASE_LOWER && (last->lex & LEX_STOP)) /* "1204 in" */
        return POSTCODE_NONE;
    *ret_end = end;
    return rows[row - 1].form;
}
