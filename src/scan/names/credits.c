/* credits.c -- see credits.h.  Only the name's own line is read. */
#include "scan/names/credits.h"

#include "scan/detect.h"

static bool has_word(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_contains_nocase(s, str_of(words[i])))
            return true;
    return false;
}

static struct str without_blanks(struct str s)
{
    while (s.n && (*s.p == ' ' || *s.p == '\t'))
        s = str_sub(s, 1, s.n);
    return s;
}

/* -- programs ----------------------------------------------------------------------- */

static bool begins(struct str s, const char *with)
{
    return str_starts(s, str_of(with));
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
static bool is_entry(const struct line_parts *l)
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
static bool is_item(const struct line_parts *l)
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

bool is_credit(const struct line_parts *l, bool is_program)
{
    if (is_entry(l) || is_item(l))
        return true;
    bool has_address = begins(without_blanks(l->tail), "<"); /* "Name <mail or page>" */
    return is_program && is_comment(l->lead) &&
           (has_address || names_author(l->lead) || ends_with_date(l->lead));
}
