/* hits.c -- the places that tools print before the lines of a file, and the numbers of
 * tickets in lists of changes.
 *
 *     lib/read.c:12:    int n = 0;           PKG-INFO:33:# Werkzeug      a/b.py-7-  x
 *     lib/token.js:135:24: error: ...        "    12\tint n = 0;"
 *
 * A place is no name and no value; with it gone a line reads as it does in its file.  But
 * a file of data whose name tells a secret is the name of what stands in it: the
 * line of "etc/password.txt:1:...". */
#include "scan/read/inside.h"

enum { PATH_MOST = 200, NUMBER_MOST = 7, EXTENSION_MOST = 6 };

static bool is_path_char(char c)
{
    return is_alnum(c) || c < 0 || (c && strchr("/._-+@~\\#%,[]()", c));
}

/* "Makefile", "PKG-INFO": files that have neither a folder nor an extension. */
static bool is_bare_file(struct str s)
{
    static const char *const names[] = {"makefile", "dockerfile", "gemfile",
                                        "rakefile", "procfile",   "jenkinsfile",
                                        "pipfile",  "justfile",   "vagrantfile"};
    if (is_word_of(s, names, ARRAY_LEN(names)))
        return true;
    size_t capitals = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_upper(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
            return false;
        capitals += is_upper(s.p[i]);
    }
    return capitals >= 4;
}

/* What stands behind the last dot of a file's name; empty: nothing. */
static struct str extension_of(struct str file)
{
    size_t i = file.n;
    while (i > 0 && is_alnum(file.p[i - 1]))
        i--;
    bool has = i > 1 && i < file.n && file.p[i - 1] == '.' &&
               file.n - i <= EXTENSION_MOST &&
               (is_alpha(file.p[i]) || file.n - i == 1); /* ".3": a manual's page */
    return str_sub(file, has ? i : file.n, file.n);
}

static bool holds_what_it_names(struct str file)
{
    static const char *const data[] = {"txt", "key",   "pem",    "pass", "passwd",
                                       "pwd", "token", "secret", "cred", "creds",
                                       "pin", "crt",   "asc"};
    struct str ext = extension_of(file);
    return (ext.n == 0 || is_word_of(ext, data, ARRAY_LEN(data))) &&
           (telling_of(file).what != TELLS_NOTHING ||
            telling_of(str_sub(file, 0, file.n - ext.n - (ext.n > 0))).what !=
                TELLS_NOTHING);
}

static bool is_path(struct str s)
{
    size_t from = s.n, letters = 0;
    for (size_t i = 0; i < s.n; i++)
        letters += is_alpha(s.p[i]) || s.p[i] < 0;
    while (from > 0 && s.p[from - 1] != '/' && s.p[from - 1] != '\\')
        from--;
    struct str file = str_sub(s, from, s.n);
    if (letters == 0 || file.n == 0 || memchr(s.p, '@', s.n) || holds_what_it_names(file))
        return false;
    return from > 0 || extension_of(file).n > 0 || is_bare_file(file);
}

/* "12:" or "12-" at the front; 0: none. */
static size_t number_end(struct str s, char mark)
{
    size_t i = 0;
    while (i < s.n && i < NUMBER_MOST && is_digit(s.p[i]))
        i++;
    return i > 0 && i < s.n && s.p[i] == mark ? i + 1 : 0;
}

/* "db.example:5432:app:alice:x" is a line of .pgpass(5), not a hit. */
static bool is_account(struct str path, struct str rest)
{
    size_t colons = 0;
    for (size_t i = 0; i < rest.n; i++) {
        if ((unsigned char)rest.p[i] <= ' ')
            return false;
        colons += rest.p[i] == ':';
    }
    return colons >= 2 && !memchr(path.p, '/', path.n);
}

static size_t hit_place_end(struct str line)
{
    size_t i = 0, most = line.n < PATH_MOST ? line.n : PATH_MOST;
    bool has_folder = false;
    while (i < most && is_path_char(line.p[i])) {
        has_folder |= line.p[i] == '/';
        size_t n = line.p[i] == '-' && has_folder
                       ? number_end(str_sub(line, i + 1, line.n), '-')
                       : 0;
        struct str path = str_sub(line, 0, i);
        if (n && extension_of(path).n && is_path(path))
            return i + 1 + n; /* a line beside a hit */
        i++;
    }
    if (i == 0 || i >= most || line.p[i] != ':')
        return 0;
    size_t n = number_end(str_sub(line, i + 1, line.n), ':');
    if (n == 0 || !is_path(str_sub(line, 0, i)))
        return 0;
    size_t end = i + 1 + n;
    struct str rest = str_sub(line, end, line.n);
    return is_account(str_sub(line, 0, i), rest) ? 0 : end + number_end(rest, ':');
}

/* "    12\t": the number of the line, 0 when it has none; *ret_end: behind its digits. */
static uint32_t count_of_line(struct str line, size_t *ret_end)
{
    uint32_t n = 0;
    size_t i = 0, from;
    while (i < line.n && line.p[i] == ' ')
        i++;
    for (from = i; i < line.n && i - from < NUMBER_MOST && is_digit(line.p[i]); i++)
        n = n * 10 + (uint32_t)(line.p[i] - '0');
    struct str behind = str_sub(line, i, line.n);
    bool is_count =
        i > from && (str_starts(behind, STR("\t")) || str_starts(behind, STR("|")) ||
                     str_starts(behind, STR("\xE2\x86\x92")));
    *ret_end = i;
    return is_count ? n : 0;
}

/* A number before one line is one of a table; before two it counts them. */
static size_t counter_end(struct hits *h, struct str line, struct str rest)
{
    size_t end, unused;
    uint32_t n = count_of_line(line, &end), last = h->last;
    h->last = n;
    if (n == 0)
        return 0;
    struct str next;
    return n == last + 1 || (str_split(&rest, '\n', &next) &&
                             count_of_line(next, &unused) == n + 1)
               ? end
               : 0;
}

/* Where the words before a list of tickets end: "Closes: #1, #2". */
static size_t before_tickets(struct str text, size_t i)
{
    enum { TICKETS_MOST = 8 };
    for (int k = 0; k < TICKETS_MOST; k++) {
        while (i > 0 && text.p[i - 1] && strchr(" \n:,", text.p[i - 1]))
            i--;
        size_t from = i;
        while (from > 0 && is_digit(text.p[from - 1]))
            from--;
        if (from == i || from == 0 || text.p[from - 1] != '#')
            break;
        i = from - 1;
    }
    return i;
}

size_t ticket_end(struct str text, size_t at)
{
    enum { DIGITS_MOST = 8 };
    static const char *const verbs[] = {"close", "closes", "closed",  "fix",     "fixes",
                                        "fixed", "bug",    "resolve", "resolves"};
    size_t end = at + 1;
    while (end < text.n && is_digit(text.p[end]))
        end++;
    if (end == at + 1 || end - at - 1 > DIGITS_MOST ||
        (end < text.n && is_alnum(text.p[end])))
        return at;
    size_t to = before_tickets(text, at), from = to;
    while (from > 0 && is_alpha(text.p[from - 1]))
        from--;
    return is_word_of(str_sub(text, from, to), verbs, ARRAY_LEN(verbs)) ? end : at;
}

size_t hit_lead(struct hits *h, struct str line, struct str rest)
{
    size_t end = counter_end(h, line, rest);
    return end ? end : hit_place_end(line);
}
