/* plausible.c -- what tells secrets from the words that stand in for them. */
#include "scan/find/plausible.h"

#include "scan/detect.h"

#include <math.h>

/* xxx:yyy, aaaa-bbbb: every run is one character over and over. */
static bool is_repetition(struct str s)
{
    size_t run = 0, runs = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_alnum(s.p[i])) {
            run = 0;
            continue;
        }
        if (run && s.p[i] != s.p[i - 1])
            return false;
        runs += ++run == 3;
    }
    return runs > 0;
}

/* One walk for all words: most bytes begin none. */
static bool has_stand_in(struct str s)
{
    static const char *const words[128][5] = {
        ['e'] = {"example"},
        ['x'] = {"xxxx"},
        ['y'] = {"your_", "your-", "yourpass"},
        ['c'] = {"changeme", "change_me", "correct-horse", "correcthorse"},
        ['p'] = {"placeholder"},
        ['r'] = {"redacted", "replace"},
        ['d'] = {"dummy"},
        ['*'] = {"****"},
        ['.'] = {"...."},
        ['<'] = {"<your"},
        ['i'] = {"insert"},
        ['t'] = {"todo"},
        ['a'] = {"abcdefghijkl"},
        ['0'] = {"00000000"},
        ['s'] = {"sample"},
        ['_'] = {"____"},
        ['f'] = {"fakekey", "fake_"},
        ['n'] = {"notreal"},
    };
    for (size_t i = 0; i < s.n; i++) {
        const char *const *w = words[to_lower(s.p[i]) & 127];
        for (; *w; w++)
            if (i + 1 < s.n && to_lower(s.p[i + 1]) == (*w)[1] &&
                str_starts_nocase(str_sub(s, i, s.n), str_of(*w)))
                return true;
    }
    return false;
}

bool ends_question(struct str s)
{
    size_t i = 0, others = 0; /* bytes of other letters than a to z */
    for (; i < s.n && (is_alpha(s.p[i]) || s.p[i] < 0 || s.p[i] == '-'); i++)
        others += s.p[i] < 0;
    if (i < 3 || i >= s.n || s.p[i] != '?')
        return false;
    for (size_t k = 0; k < i && !others; k++)
        if (!is_lower(s.p[k]))
            return false;
    while (i < s.n && strchr("?*_)\"'", s.p[i]))
        i++;
    return i == s.n;
}

bool is_placeholder(struct str s)
{
    size_t same = 1, longest = 1;
    if (has_stand_in(s))
        return true;
    if (s.n > 1 && (s.p[1] == '{' || s.p[1] == '(') && strchr("${#@%", s.p[0]))
        return true; /* a variable of some template */
    for (size_t i = 1; i < s.n; i++) {
        same = s.p[i] == s.p[i - 1] ? same + 1 : 1;
        longest = same > longest ? same : longest;
    }
    if ((s.n >= 4 && longest >= s.n - 1) || is_repetition(s))
        return true;
    return longest >= 7 && longest * 4 > s.n;
}

bool is_typed(struct str s)
{
    size_t up = 1, down = 1, same = 1;
    for (size_t i = 1; i < s.n; i++) {
        bool both = is_alnum(s.p[i]) && is_alnum(s.p[i - 1]);
        int step = both ? s.p[i] - s.p[i - 1] : 2;
        up = step == 1 ? up + 1 : 1;
        down = step == -1 ? down + 1 : 1;
        same = step == 0 && s.p[i] != 'A' ? same + 1 : 1; /* zeros in base64 are As */
        if (up >= 6 || down >= 6 || same >= 6)
            return true;
    }
    return false;
}

bool is_elided(struct str text, size_t end)
{
    struct str rest = str_sub(text, end, end + 4);
    if (rest.n && (rest.p[0] == '-' || rest.p[0] == '_'))
        rest = str_sub(rest, 1, rest.n);
    return str_starts(rest, STR("...")) || str_starts(rest, STR("\xE2\x80\xA6")) ||
           str_starts(rest, STR("###")) || str_starts(rest, STR("***"));
}

double entropy_of(struct str s)
{
    unsigned count[256] = {0};
    double h = 0;
    for (size_t i = 0; i < s.n; i++)
        count[(unsigned char)s.p[i]]++;
    for (size_t i = 0; i < 256; i++)
        if (count[i]) {
            double p = count[i] / (double)s.n;
            h -= p * log2(p);
        }
    return h;
}

size_t count_digits(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += is_digit(s.p[i]);
    return n;
}

bool is_expression(struct str s)
{
    static const char *const starts[] = {
        "process.",  "os.",    "env.",     "ENV",     "self.",     "this.",  "config.",
        "settings.", "getenv", "System.",  "std::",   "new ",      "await ", "null",
        "None",      "nil",    "true",     "false",   "undefined", "self",   "string",
        "String",    "str",    "int",      "bool",    "Optional",  "http",   "lambda",
        "var.",      "data.",  "secrets.", "module.", "local.",    "req.",   "request.",
        "params.",   "args.",  "opts.",    "options."};
    size_t letters = 0, i = 0;
    for (size_t k = 0; k < ARRAY_LEN(starts); k++) {
        struct str w = str_of(starts[k]);
        char tail = w.p[w.n - 1];
        if (str_starts(s, w) && (tail == '.' || tail == ' ' || tail == ':' ||
                                 s.n == w.n || !is_alnum(s.p[w.n])))
            return true;
    }
    if (s.n &&
        (s.p[0] == '$' || s.p[0] == '<' || s.p[0] == '[' || s.p[0] == '(' ||
         s.p[0] == '{' || (s.p[0] == '%' && (s.n < 4 || s.p[1] == '[')) || s.p[0] == '&'))
        return true;
    while (i < s.n &&
           (is_alnum(s.p[i]) || s.p[i] == '_' || s.p[i] == '.' || s.p[i] == '-'))
        letters += is_alpha(s.p[i++]);
    if (i < s.n && (s.p[i] == '(' || s.p[i] == '[') && letters &&
        !count_digits(str_sub(s, 0, i)))
        return true; /* a call, an index */
    return false;
}
