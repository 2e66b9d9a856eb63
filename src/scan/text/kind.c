/* kind.c -- see kind.h. */
#include "scan/text/kind.h"

#include "scan/detect.h"

enum { LINE_MOST = 400 };

struct line_parts line_around(struct str text, size_t start, size_t end)
{
    size_t from = start;
    while (from > 0 && start - from < LINE_MOST && text.p[from - 1] != '\n')
        from--;
    struct str tail = str_sub(text, end, end + LINE_MOST);
    ptrdiff_t stop = str_index(tail, '\n');
    tail.n = stop >= 0 ? (size_t)stop : tail.n;
    return (struct line_parts){{text.p + from, start - from}, tail};
}

bool has_year(struct str s)
{
    for (size_t i = 0; i + 4 <= s.n; i++)
        if ((s.p[i] == '1' || s.p[i] == '2') && is_digit(s.p[i + 1]) &&
            is_digit(s.p[i + 2]) && is_digit(s.p[i + 3]) &&
            (i == 0 || !is_digit(s.p[i - 1])) && (i + 4 == s.n || !is_digit(s.p[i + 4])))
            return true;
    return false;
}

bool is_notice(struct str lead)
{
    static const char *const marks[] = {"copyright", "(c)", "\xC2\xA9"};
    bool has_mark = false;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        has_mark |= str_contains_nocase(lead, str_of(marks[i]));
    return has_mark && (has_year(lead) || str_contains_nocase(lead, STR("spdx-")));
}

/* "0AA6C", "1BB0": a number of a character, with letters and digits. */
static bool is_code_point(struct str s)
{
    size_t n = 0, letters = 0, digits = 0;
    for (; n < s.n && (is_digit(s.p[n]) || (s.p[n] >= 'A' && s.p[n] <= 'F')); n++) {
        letters += is_alpha(s.p[n]);
        digits += is_digit(s.p[n]);
    }
    return n >= 3 && n <= 6 && letters && digits &&
           (n == s.n || s.p[n] == ' ' || s.p[n] == '\t' || s.p[n] == '.');
}

bool text_is_character_table(struct str text)
{
    enum { ROWS_LEAST = 4, ROW_EACH = 4 };
    struct str rest = text, line;
    size_t lines = 0, rows = 0;
    while (str_split(&rest, '\n', &line)) {
        lines += line.n > 0;
        rows += is_code_point(line);
    }
    return rows >= ROWS_LEAST && rows * ROW_EACH >= lines;
}

static bool begins(struct str s, const char *with)
{
    return str_starts(s, str_of(with));
}

bool text_is_program(struct str text)
{
    struct str rest = text, line;
    enum { CODE_LINES = 2 };
    size_t n = 0;
    if (begins(rest, "#!"))
        return true;
    while (n < CODE_LINES && str_split(&rest, '\n', &line)) {
        struct str s = str_trim(line);
        char last = s.n ? s.p[s.n - 1] : 0;
        n += begins(s, "/*") || begins(s, "*/") || begins(s, "#include") ||
             begins(s, "#define") || begins(s, "import ") || begins(s, "def ") ||
             begins(s, "//") || begins(s, "package ") || (s.n > 1 && last == ';') ||
             last == '{' || begins(s, "}");
    }
    return n >= CODE_LINES;
}

/* "   36\t    return x": without the number that a tool prints before a line. */
static struct str past_number(struct str line)
{
    size_t i = 0;
    while (i < line.n && line.p[i] == ' ')
        i++;
    size_t from = i;
    while (i < line.n && line.p[i] >= '0' && line.p[i] <= '9')
        i++;
    bool is_number = i > from && i < line.n && (line.p[i] == '\t' || line.p[i] == '|');
    return is_number ? str_sub(line, i + 1, line.n) : line;
}

/* Arrows, marks, pictures, flags, and what only changes their look. */
static bool is_sign(uint32_t cp)
{
    return (cp >= 0x2000 && cp < 0x2C00) || (cp >= 0x3000 && cp < 0x3040) ||
           (cp >= 0xFE00 && cp < 0xFE10) || (cp >= 0x1F000 && cp < 0x1FB00) ||
           (cp >= 0xE0000 && cp < 0xE1000) || cp == 0xA9 || cp == 0xAE;
}

/* `"ambulance": "🚑",`: an entry of a table whose value has neither letters nor
 * digits. */
static bool is_entry_of_signs(struct str s)
{
    enum { LEAST = 6 };
    if (s.n < LEAST || s.p[s.n - 1] != ',' || (s.p[0] != '"' && s.p[0] != '\''))
        return false;
    ptrdiff_t colon = str_find(s, STR(": "));
    if (colon < 0)
        return false;
    for (const char *p = s.p + colon, *end = s.p + s.n; p < end;) {
        uint32_t cp;
        p += utf8_read(p, end, &cp);
        if (cp < 128 ? is_alnum((char)cp) : !is_sign(cp))
            return false;
    }
    return true;
}

/* Signs that no sentence and no form has. */
static bool is_statement(struct str s)
{
    static const char *const heads[] = {"def ",   "class ",   "import ", "from ",
                                        "return", "#include", "func ",   "fn ",
                                        "async ", "@"};
    static const char *const signs[] = {" = ", "==",    "()",   "->",
                                        "=>",  "self.", " += ", "!="};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (begins(s, heads[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (str_find(s, str_of(signs[i])) >= 0)
            return true;
    return (s.n > 1 && s.p[s.n - 1] == ';') || is_entry_of_signs(s);
}

/* As "}function n(e,t){return t=e.id,r(t)}" has: no prose and no data has so many. */
static bool is_dense(struct str text)
{
    enum { LEAST = 400, ONE_IN = 14 };
    size_t signs = 0;
    for (size_t i = 0; i < text.n; i++)
        signs +=
            text.p[i] == '(' || text.p[i] == ')' || text.p[i] == ';' || text.p[i] == '=';
    return text.n >= LEAST && signs * ONE_IN >= text.n;
}

bool text_is_filler(struct str text)
{
    return str_contains_nocase(text, STR("lorem")) &&
           str_contains_nocase(text, STR("ipsum")) &&
           (str_contains_nocase(text, STR("amet")) ||
            str_contains_nocase(text, STR("adipiscing")));
}

bool text_is_source(struct str text)
{
    enum { LEAST = 4, ONE_IN = 4 };
    struct str rest = text, line;
    size_t statements = 0, lines = 0;
    while (str_split(&rest, '\n', &line)) {
        struct str s = str_trim(past_number(line));
        lines += s.n > 0;
        statements += s.n > 0 && is_statement(s);
    }
    return (statements >= LEAST && statements * ONE_IN >= lines) || is_dense(text);
}
