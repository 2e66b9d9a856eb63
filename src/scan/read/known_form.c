/* known_form.c -- see known_form.h. */
#include "scan/read/known_form.h"

#include "scan/detect.h"

/* Digits at s.p[i] and behind; their end. */
static size_t past_digits(struct str s, size_t i)
{
    while (i < s.n && is_digit(s.p[i]))
        i++;
    return i;
}

/* Groups of a few digits with dots or dashes between, and maybe a letter or "R6". */
static bool is_number_of_register(struct str s)
{
    enum { FIRST_MOST = 5, NEXT_MOST = 7, GROUPS_MOST = 4 };
    size_t i = 0, groups = 0;
    while (i < s.n && groups < GROUPS_MOST) {
        size_t to = past_digits(s, i);
        if (to == i || to - i > (groups ? NEXT_MOST : FIRST_MOST))
            return false;
        groups++;
        i = to;
        if (i + 1 < s.n && (s.p[i] == '-' || s.p[i] == '.' || s.p[i] == 'R'))
            i++;
        else
            break;
    }
    i += i < s.n && is_lower(s.p[i]);
    return groups > 0 && i == s.n;
}

bool is_of_register(struct str s)
{
    static const char *const registers[] = {
        "cve",  "cwe",  "rfc",  "iso",  "iec",  "ieee", "ansi", "ecma", "fips",
        "pkcs", "nist", "pep",  "bcp",  "din",  "jis",  "cns",  "dsa",  "dla",
        "usn",  "rhsa", "rhba", "ghsa", "gpl",  "lgpl", "agpl", "mpl",  "apache",
        "bsd",  "utf",  "ucs",  "koi",  "html", "x",    "posix"};
    size_t i = 0, from;
    while (i < s.n && is_alpha(s.p[i]))
        i++;
    from = i;
    while (i < s.n && i - from < 2 && s.p[i] && strchr("-_ #.", s.p[i]))
        i++;
    return from > 0 && i < s.n &&
           is_word_of(str_sub(s, 0, from), registers, ARRAY_LEN(registers)) &&
           is_number_of_register(str_sub(s, i, s.n));
}

bool is_security_id(struct str s)
{
    size_t groups = 0, i = 4;
    if (!str_starts(s, STR("S-1-")))
        return false;
    while (i < s.n) {
        size_t to = past_digits(s, i);
        if (to == i || (to < s.n && s.p[to] != '-'))
            return false;
        groups++;
        i = to + 1;
    }
    return groups > 0 && s.p[s.n - 1] != '-';
}

bool is_colour(struct str s)
{
    size_t letters = 0;
    if (s.n == 0 || s.p[0] != '#' || (s.n != 4 && s.n != 5 && s.n != 7 && s.n != 9))
        return false;
    for (size_t i = 1; i < s.n; i++) {
        if (!is_hex(s.p[i]))
            return false;
        letters += is_alpha(s.p[i]);
    }
    return letters > 0;
}

bool is_endpoint(struct str s)
{
    enum { OCTETS = 4, OCTET_MOST = 3, PORT_MOST = 5 };
    size_t i = 0;
    for (size_t k = 0; k < OCTETS; k++) {
        size_t to = past_digits(s, i);
        if (to == i || to - i > OCTET_MOST ||
            (k + 1 < OCTETS && (to >= s.n || s.p[to] != '.')))
            return false;
        i = to + (k + 1 < OCTETS);
    }
    if (i == s.n)
        return true;
    size_t end = past_digits(s, i + 1);
    return s.p[i] == ':' && end > i + 1 && end - i - 1 <= PORT_MOST && end == s.n;
}

/* Letters, at most four, and behind the last dot; empty: none. */
static struct str extension_of(struct str s)
{
    enum { EXTENSION_MOST = 4 };
    size_t i = s.n;
    while (i > 0 && is_alpha(s.p[i - 1]))
        i--;
    bool has = i > 1 && i < s.n && s.p[i - 1] == '.' && s.n - i <= EXTENSION_MOST &&
               (is_alnum(s.p[i - 2]) || s.p[i - 2] == '_' || s.p[i - 2] == '-');
    return str_sub(s, has ? i : s.n, s.n);
}

bool is_file_of_folder(struct str s)
{
    size_t folders = 0;
    for (size_t i = 0; i < s.n; i++) {
        folders += s.p[i] == '/' && i > 0;
        if (!is_alnum(s.p[i]) && (s.p[i] == '\0' || !strchr("/._-+", s.p[i])))
            return false;
    }
    struct str ext = extension_of(s);
    for (size_t i = 0; i < ext.n; i++)
        if (!is_lower(ext.p[i]))
            return false;
    return folders > 0 && ext.n >= 1;
}

bool is_source_file(struct str s)
{
    static const char *const exts[] = {
        "c",   "h",    "cc", "hh",  "cpp",  "hpp",  "cxx", "hxx",  "py", "pyi", "js",
        "mjs", "cjs",  "ts", "jsx", "tsx",  "go",   "rs",  "java", "rb", "pl",  "pm",
        "pod", "sh",   "md", "rst", "html", "css",  "vim", "php",  "cs", "kt",  "lua",
        "tcl", "scss", "m4", "po",  "tex",  "texi", "hs",  "erl"};
    struct str ext = extension_of(s);
    return ext.n && is_word_of(ext, exts, ARRAY_LEN(exts));
}

bool ends_in_code_point(struct str label)
{
    enum { LEAST = 4, MOST = 5 };
    size_t from = label.n, digits = 0, letters = 0;
    for (; from > 0 && label.p[from - 1] != ' '; from--) {
        char c = label.p[from - 1];
        digits += is_digit(c);
        letters += c >= 'A' && c <= 'F';
        if (!is_digit(c) && !(c >= 'A' && c <= 'F'))
            return false;
    }
    size_t n = label.n - from;
    return n >= LEAST && n <= MOST && digits && letters;
}
