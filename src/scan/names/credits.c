/* credits.c -- see credits.h.  Only the name's own line is read, and whether the window
 * is a program or a changelog. */
#include "scan/names/credits.h"

enum { LINE_MOST = 400, CODE_LINES = 2 };

struct credit_line {
    struct str lead, tail; /* of the line: before the name, and behind it */
};

static struct credit_line line_around(const struct window *w, size_t start, size_t end)
{
    size_t from = start, to = end;
    while (from > 0 && start - from < LINE_MOST && w->p[from - 1] != '\n')
        from--;
    while (to < w->n && to - end < LINE_MOST && w->p[to] != '\n')
        to++;
    return (struct credit_line){{w->p + from, start - from}, {w->p + end, to - end}};
}

static bool has_word(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_contains_nocase(s, str_of(words[i])))
            return true;
    return false;
}

static bool has_year(struct str s)
{
    for (size_t i = 0; i + 4 <= s.n; i++)
        if ((s.p[i] == '1' || s.p[i] == '2') && is_digit(s.p[i + 1]) &&
            is_digit(s.p[i + 2]) && is_digit(s.p[i + 3]) &&
            (i == 0 || !is_digit(s.p[i - 1])) && (i + 4 == s.n || !is_digit(s.p[i + 4])))
            return true;
    return false;
}

static struct str without_blanks(struct str s)
{
    while (s.n && (*s.p == ' ' || *s.p == '\t'))
        s = str_sub(s, 1, s.n);
    return s;
}

/* "Copyright (C) 2004", "SPDX-FileCopyrightText:" */
static bool is_notice(struct str lead)
{
    static const char *const marks[] = {"copyright", "(c)", "\xC2\xA9"};
    return has_word(lead, marks, ARRAY_LEN(marks)) &&
           (has_year(lead) || str_contains_nocase(lead, STR("spdx-")));
}

/* -- programs ----------------------------------------------------------------------- */

static bool begins(struct str s, const char *with)
{
    return str_starts(s, str_of(with));
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

bool is_character_table(const struct window *w)
{
    enum { ROWS_LEAST = 4, ROW_EACH = 4 };
    struct str rest = {w->p, w->n}, line;
    size_t lines = 0, rows = 0;
    while (str_split(&rest, '\n', &line)) {
        lines += line.n > 0;
        rows += is_code_point(line);
    }
    return rows >= ROWS_LEAST && rows * ROW_EACH >= lines;
}

bool is_program(const struct window *w)
{
    struct str rest = {w->p, w->n}, line;
    size_t n = 0;
    if (begins(rest, "#!"))
        return true;
    while (n < CODE_LINES && str_split(&rest, '\n', &line)) {
        struct str s = without_blanks(line);
        char last = s.n ? s.p[s.n - 1] : 0;
        n += begins(s, "/*") || begins(s, "*/") || begins(s, "#include") ||
             begins(s, "#define") || begins(s, "import ") || begins(s, "def ") ||
             begins(s, "//") || begins(s, "package ") || (s.n > 1 && last == ';') ||
             last == '{' || begins(s, "}");
    }
    return n >= CODE_LINES;
}

/* How a comment begins: "//" and its like; "*" and "#" begin lists and headings too, and
 * say so of programs alone. */
static bool is_comment(struct str lead)
{
    static const char *const marks[] = {"//", "/*", "*",    "#",    ";;",
                                        "--", "%",  "dnl ", ".\\\""};
    lead = without_blanks(lead);
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (begins(lead, marks[i]))
            return true;
    return false;
}

static bool names_author(struct str lead)
{
    static const char *const marks[] = {
        "author", " by ", " by: ", "maintainer", "contributor", "credit", "thanks to "};
    return has_word(lead, marks, ARRAY_LEN(marks));
}

/* "20 Feb 94  ": a date and nothing else before the name. */
static bool ends_with_date(struct str lead)
{
    size_t n = lead.n;
    while (n && (lead.p[n - 1] == ' ' || lead.p[n - 1] == '\t' || lead.p[n - 1] == ':'))
        n--;
    return n > 1 && n < lead.n && is_digit(lead.p[n - 1]) && is_digit(lead.p[n - 2]);
}

/* -- changelogs --------------------------------------------------------------------- */

/* " -- Name <mail>  date" of Debian, "2020-01-02  Name  <mail>" of GNU. */
static bool is_entry(const struct credit_line *l)
{
    struct str lead = l->lead;
    bool has_mail = str_contains_nocase(l->tail, STR("@"));
    if (str_eqz(lead, " -- "))
        return has_mail;
    return has_mail && lead.n >= 11 && has_year(str_sub(lead, 0, 4)) &&
           lead.p[4] == '-' && lead.p[7] == '-' &&
           without_blanks(str_sub(lead, 10, lead.n)).n == 0;
}

/* The number of a change: "#1234". */
static bool has_issue(struct str s)
{
    for (size_t i = 0; i + 2 < s.n; i++)
        if (s.p[i] == '#' && is_digit(s.p[i + 1]) && is_digit(s.p[i + 2]))
            return true;
    return false;
}

/* "* Mend the parser, #1234 (Name)", "- #1234 by Name", "  [ Name ]" of Debian. */
static bool is_item(const struct credit_line *l)
{
    struct str lead = without_blanks(l->lead);
    if (str_eqz(lead, "[ ") && begins(l->tail, " ]"))
        return true;
    if ((!begins(lead, "* ") && !begins(lead, "- ") && !begins(lead, "+ ")) ||
        (!has_issue(lead) && !has_issue(l->tail)))
        return false;
    bool is_inside =
        str_contains_nocase(lead, STR("(")) && str_contains_nocase(l->tail, STR(")"));
    return is_inside || names_author(lead);
}

bool is_credit(const struct window *w, size_t start, size_t end)
{
    struct credit_line l = line_around(w, start, end);
    if (is_notice(l.lead) || is_entry(&l) || is_item(&l))
        return true;
    bool has_address = begins(without_blanks(l.tail), "<"); /* "Name <mail or page>" */
    return is_comment(l.lead) &&
           (has_address || names_author(l.lead) || ends_with_date(l.lead)) &&
           is_program(w);
}

bool is_in_notice(const struct window *w, size_t start, size_t end)
{
    struct credit_line l = line_around(w, start, end);
    return is_notice(l.lead);
}
