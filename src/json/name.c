/* name.c -- see name.h. */
#include "json/name.h"

enum { DIGITS_MOST = 3, LETTERS_OF_HUMP = 3 };

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool json_name_is_plain(struct str raw)
{
    size_t letters = 0, humps = 0, digits = 0, runs = 0;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i], before = i ? raw.p[i - 1] : '_';
        if (is_digit(c)) {
            digits++;
            runs += !is_digit(before);
        } else if (is_small(c) || is_capital(c)) {
            letters++;
            humps += is_capital(c) && is_small(before);
        } else if (c == '\0' || !strchr("_-.:$", c)) {
            return false;
        }
    }
    return letters > 0 && digits <= DIGITS_MOST && runs <= 1 &&
           humps * LETTERS_OF_HUMP <= letters;
}

struct str json_name_shown(struct str raw)
{
    return json_name_is_plain(raw) ? str_sub(raw, 0, NAME_SHOWN_BYTES) : STR("(a name)");
}
