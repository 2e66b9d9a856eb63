/* claim_scan.c -- every speed in a text or in its tables, as a claim.
 *
 * A table row seldom says everything: the device stands in a heading above, the unit in
 * the column's head.  A row is read with its own words first; the last line before the
 * table that names a device lends it when the row names none, and so it does to prose
 * that follows within three lines. */
#include "fit/claim.h"

enum { CELLS_MAX = 16, TEXT_MAX = 1200, CONTEXT_LINES = 3 };

struct scan {
    const struct facts *f;
    claim_found_fn *found;
    void *arg;
    struct str context; /* the last line outside a table that names a device */
    size_t context_line;
    struct str header; /* of the table being read */
    struct str header_cells[CELLS_MAX];
    size_t nheader;
};

static size_t split_cells(struct str row, struct str cells[CELLS_MAX])
{
    size_t n = 0;
    struct str part;
    row = str_trim(row);
    if (row.n && row.p[0] == '|')
        row = str_sub(row, 1, row.n);
    while (n < CELLS_MAX && str_split(&row, '|', &part))
        cells[n++] = str_trim(part);
    return n;
}

static bool is_rule(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (!strchr("|-: ", line.p[i]))
            return false;
    return line.n > 0;
}

static bool heads_a_speed(struct str cell)
{
    static const char *const units[] = {"tok/s", "t/s", "tokens/s", "tps",
                                        "tokens per second"};
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_contains_nocase(cell, str_of(units[i])))
            return true;
    return false;
}

static void join(char text[TEXT_MAX], struct str s)
{
    size_t used = strlen(text);
    size_t n = s.n < TEXT_MAX - used - 2 ? s.n : TEXT_MAX - used - 2;
    memcpy(text + used, s.p, n);
    text[used + n] = ' ';
    text[used + n + 1] = '\0';
}

static void judge_cell(struct scan *s, size_t line, struct str row,
                       const struct str *cells, size_t n, size_t at)
{
    char text[TEXT_MAX] = "";
    double low = 0;
    double high = 0;
    struct claim c;
    bool bare = at < s->nheader && heads_a_speed(s->header_cells[at]);
    if (!claim_find_speed(cells[at], bare, &low, &high))
        return;
    for (size_t i = 0; i < n; i++) {
        double ignore;
        if (i != at && !claim_find_speed(cells[i], false, &ignore, &ignore))
            join(text, cells[i]);
    }
    if (at < s->nheader)
        join(text, s->header_cells[at]);
    join(text, STR("1 tok/s"));
    enum claim_missing missing = claim_read(s->f, str_of(text), &c);
    if (missing == CLAIM_NO_DEVICE && s->context.n) {
        join(text, s->context);
        missing = claim_read(s->f, str_of(text), &c);
    }
    c.low_tok_s = low;
    c.high_tok_s = high;
    s->found(s->arg, line, row, missing, &c);
}

static void scan_row(struct scan *s, size_t line, struct str row)
{
    struct str cells[CELLS_MAX];
    size_t n = split_cells(row, cells);
    if (s->nheader == 0) {
        memcpy(s->header_cells, cells, sizeof cells);
        s->nheader = n;
        return;
    }
    for (size_t i = 0; i < n; i++)
        judge_cell(s, line, row, cells, n, i);
}

static void scan_prose(struct scan *s, size_t line, struct str text)
{
    struct claim c;
    s->nheader = 0;
    enum claim_missing missing = claim_read(s->f, text, &c);
    if (c.device) {
        s->context = text;
        s->context_line = line;
    }
    if (missing == CLAIM_NO_DEVICE && s->context.n &&
        line - s->context_line <= CONTEXT_LINES) {
        char joined[TEXT_MAX] = "";
        join(joined, text);
        join(joined, s->context);
        missing = claim_read(s->f, str_of(joined), &c);
    }
    if (missing != CLAIM_NO_SPEED)
        s->found(s->arg, line, text, missing, &c);
}

void claim_scan(const struct facts *f, struct str document, claim_found_fn *found,
                void *arg)
{
    struct scan s = {.f = f, .found = found, .arg = arg};
    struct str line;
    for (size_t number = 1; document.n; number++) {
        ptrdiff_t end = str_index(document, '\n');
        size_t n = end < 0 ? document.n : (size_t)end;
        line = str_trim(str_sub(document, 0, n));
        document = str_sub(document, end < 0 ? n : n + 1, document.n);
        if (line.n == 0)
            continue;
        if (str_index(line, '|') < 0)
            scan_prose(&s, number, line);
        else if (!is_rule(line))
            scan_row(&s, number, line);
    }
}
