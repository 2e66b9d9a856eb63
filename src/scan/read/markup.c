/* markup.c -- a label and a value that only the marks of a page part.
 *
 *     <b>API key:</b> x      <li>Password: <code>x</code>      <th>PIN</th><td>x</td>
 *     || Password || x ||    \textbf{Password} & x \\          Password :: x
 *     # Password             Password                          **Password**
 *     x                      : x                               `x`
 *
 * Labels stand so beside anything, so only names of secrets and of numbers of people
 * count here, and where the marks say little the value must look like one by itself. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/read/words.h"

enum {
    MAX_TAG = 300,
    MAX_APART = 200, /* bytes of tags between a label and its value */
    MAX_LABEL = 48,
    MAX_CELLS_LINE = 240
};

/* -- labels and values ------------------------------------------------------------- */

static bool is_wanted(enum telling t)
{
    return t == TELLS_PASSWORD || t == TELLS_PIN || t == TELLS_TOKEN || t == TELLS_KEY ||
           t == TELLS_SESSION || t == TELLS_CVC || t == TELLS_MRN || t == TELLS_PLAN ||
           t == TELLS_NATIONAL || t == TELLS_TAX || t == TELLS_PASSPORT ||
           t == TELLS_LICENSE || t == TELLS_ACCOUNT || t == TELLS_IBAN || t == TELLS_CARD;
}

static bool is_around_label(char c)
{
    return c == ':' || c == '*' || c == '_' || c == '#' || c == '=' || c == '`' ||
           c == '|' || (unsigned char)c <= ' ';
}

/* Without what a page puts around it: colons, stars, equals signs, "\textbf{...}". */
static struct piece bare_label(const struct reader *r, struct piece p)
{
    if (p.start < p.end && r->text.p[p.start] == '\\') {
        const char *open = memchr(r->text.p + p.start, '{', p.end - p.start);
        const char *square = memchr(r->text.p + p.start, '[', p.end - p.start);
        open = open ? open : square;
        p.start = open ? (size_t)(open - r->text.p) + 1 : p.end;
        while (p.end > p.start && strchr("}] ", r->text.p[p.end - 1]))
            p.end--;
    }
    while (p.start < p.end && is_around_label(r->text.p[p.start]))
        p.start++;
    while (p.end > p.start && is_around_label(r->text.p[p.end - 1]))
        p.end--;
    return p;
}

static enum telling told_by(const struct reader *r, struct piece label)
{
    struct str s = piece_str(r, label);
    if (s.n < 2 || s.n > MAX_LABEL || count_digits(s))
        return TELLS_NOTHING;
    struct told t = telling_of(s);
    return !t.is_neuter && is_wanted((enum telling)t.what) ? (enum telling)t.what
                                                           : TELLS_NOTHING;
}

static struct piece bare_value(const struct reader *r, struct piece p)
{
    p = trimmed(r, p);
    while (p.start < p.end && strchr("`*\"'", r->text.p[p.start]))
        p.start++;
    while (p.end > p.start && strchr("`*\"'|\\", r->text.p[p.end - 1]))
        p.end--;
    return trimmed(r, p);
}

/* A number of somebody, no secret. */
static bool is_of_person(enum telling t)
{
    return t >= TELLS_MRN;
}

/* Nothing but the label beside it says that this is one. */
static bool stands_alone(enum telling what, struct str s)
{
    if (what == TELLS_PIN || what == TELLS_CVC)
        return count_digits(s) >= 4;
    return is_of_person(what)
               ? count_digits(s) >= 6
               : is_strong(s) || (is_password_like(s) && entropy_of(s) > 2.8);
}

/* -- tags --------------------------------------------------------------------------- */

void read_beside_tag(struct reader *r, const struct line *l, size_t at)
{
    struct cells *c = &r->cells;
    char next = byte_at(r, at + 1);
    size_t most = r->text.n - at > MAX_TAG ? at + MAX_TAG : r->text.n;
    if (!is_alpha(next) && next != '/')
        return;
    const char *gt = memchr(r->text.p + at, '>', most - at);
    if (!gt || !may_read(r, (size_t)(gt - r->text.p) - at))
        return;
    size_t from = c->tag_end > l->start ? c->tag_end : l->body;
    struct piece before =
        from < at ? trimmed(r, (struct piece){from, at, 0}) : (struct piece){0};
    if (before.end > before.start)
        c->text = before;
    else if (c->text.end && at - c->text.end > MAX_APART)
        c->text = (struct piece){0};
    c->tag_end = (size_t)(gt - r->text.p) + 1;
    if (c->text.end <= c->text.start || c->tag_end >= l->end)
        return;
    const char *lt = memchr(r->text.p + c->tag_end, '<', l->end - c->tag_end);
    size_t end = lt ? (size_t)(lt - r->text.p) : l->end;
    struct piece v = bare_value(r, (struct piece){c->tag_end, end, 0});
    struct piece label = bare_label(r, c->text);
    if (v.end > v.start && told_by(r, label))
        emit(r, label, v, NOTE_FORM);
}

/* -- a line that is a label, and the next ------------------------------------------- */

static bool has_blank(struct str s)
{
    return memchr(s.p, ' ', s.n) || memchr(s.p, '\t', s.n);
}

/* The next line that says something, at most `most_lines` ends of lines away. */
static struct piece line_below(const struct reader *r, const struct line *l,
                               size_t most_lines)
{
    size_t at = l->end, lines = 0;
    while (at < r->text.n && (unsigned char)r->text.p[at] <= ' ') {
        lines += r->text.p[at] == '\n';
        at++;
    }
    if (lines == 0 || lines > most_lines)
        return (struct piece){0};
    size_t most = r->text.n - at > READ_MAX_NAME ? at + READ_MAX_NAME : r->text.n;
    const char *nl = memchr(r->text.p + at, '\n', most - at);
    if (!nl && most < r->text.n)
        return (struct piece){0};
    while (at < most && strchr(":|>-", r->text.p[at]) && byte_at(r, at + 1) == ' ')
        at += 2;
    return (struct piece){at, nl ? (size_t)(nl - r->text.p) : most, 0};
}

static void read_heading(struct reader *r, const struct line *l)
{
    if (l->end - l->body > MAX_LABEL + 8)
        return;
    struct piece label = bare_label(r, (struct piece){l->body, l->end, 0});
    enum telling what = told_by(r, label);
    if (!what)
        return;
    struct piece v = bare_value(r, line_below(r, l, is_of_person(what) ? 1 : 2));
    struct str s = piece_str(r, v);
    if (v.end > v.start && may_read(r, s.n) && !has_blank(s) && stands_alone(what, s))
        emit(r, label, v, NOTE_FORM);
}

/* -- cells without a table ----------------------------------------------------------- */

/* The length of what parts two cells at i; 0: nothing. */
static size_t parts_at(const struct reader *r, size_t i, size_t end)
{
    static const char *const marks[] = {"||", "::", " & ", " / ",
                                        ";",  "] ", ":**", ":__"};
    struct str s = str_sub(r->text, i, end);
    for (size_t k = 0; k < ARRAY_LEN(marks); k++)
        if (str_starts(s, str_of(marks[k])))
            return strlen(marks[k]);
    return 0;
}

static void read_two_cells(struct reader *r, struct piece label, struct piece value)
{
    value = bare_value(r, value);
    label = bare_label(r, label);
    enum telling what = told_by(r, label);
    struct str s = piece_str(r, value);
    if (what && !has_blank(s) && stands_alone(what, s))
        emit(r, label, value, NOTE_FORM);
}

static void read_cells(struct reader *r, const struct line *l)
{
    struct piece label = {0};
    size_t from = l->body;
    if (l->end - l->body > MAX_CELLS_LINE ||
        count_digits(str_sub(r->text, l->body, l->end)) == 0)
        return;
    for (size_t i = l->body; i <= l->end; i++) {
        size_t n = i < l->end ? parts_at(r, i, l->end) : 1;
        if (!n)
            continue;
        struct piece cell = trimmed(r, (struct piece){from, i, 0});
        if (cell.end > cell.start && label.end)
            read_two_cells(r, label, cell);
        if (cell.end > cell.start)
            label = cell;
        from = i + n;
        i = from - 1;
    }
}

void read_markup(struct reader *r, const struct line *l)
{
    read_heading(r, l);
    read_cells(r, l);
}
