/* claim_scan.c -- a text line by line: prose, headings, tables, logs.
 *
 * A sentence or a row seldom says everything.  What it lacks comes from the sentences
 * before it (of its paragraph, or of one without speeds up to three lines up), from the
 * headings above it, for a table from the text before it, and for a line that a server
 * printed from the last line before it that says so. */
#include "core/mem.h"
#include "fit/claim_bench.h"
#include "fit/claim_table.h"

#include <stdio.h>

enum { NEAR_LINES = 3, LEVELS = 7 };

struct scan {
    const struct facts *f;
    claim_found_fn *found;
    void *arg;
    size_t line;
    struct claim_around levels[LEVELS]; /* what headings say, by their level */
    struct claim_around prose;          /* what the text since then says */
    struct claim_around log;            /* what all of the text said last */
    bool has_spoken;                    /* this paragraph has speeds */
    size_t paragraph;                   /* its first line; 0: between two */
    bool has_scale;                     /* a line names a unit and no speed */
    struct claim_scale scale;
    bool in_table;
    char separator; /* of the table; 0: '|' */
    struct claim_table table;
    struct claim_tokens tokens;
    struct claim claims[CLAIM_TOKENS];
};

static void lend_headings(const struct scan *s, struct claim_around *to)
{
    for (size_t l = LEVELS; l > 0; l--)
        claim_around_fill(to, &s->levels[l - 1]);
}

/* What servers print again and again: the model stands far above. */
static bool is_log(struct str line)
{
    static const char *const marks[] = {"eval time", "throughput:", "tokens per second)"};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_contains_nocase(line, str_of(marks[i])))
            return true;
    return false;
}

static bool is_far(const struct scan *s, size_t line)
{
    return line < s->paragraph && s->line - line > NEAR_LINES;
}

/* What a sentence of prose may borrow: model and device, with the model's format. */
static struct claim_around lent_to_prose(const struct scan *s, bool far)
{
    struct claim_around lent = far ? s->log : s->prose;
    lent.has_streams = lent.is_drafted = lent.has_about = false;
    lent.depth_tokens = 0;
    lent.model_unknown = lent.device_unknown = false;
    if (lent.model && !far && is_far(s, lent.model_line)) {
        lent.model = NULL;
        lent.has_quant = false;
    }
    if (lent.has_cards && !far && is_far(s, lent.device_line))
        lent.has_cards = false;
    lend_headings(s, &lent);
    return lent;
}

static void add_to(struct claim_around *all, struct claim_around now)
{
    if (now.model && !now.has_quant)
        all->has_quant = false;
    claim_around_fill(&now, all);
    now.model_unknown = now.device_unknown = false;
    *all = now;
}

static void remember(struct scan *s, const struct claim_tokens *t)
{
    struct claim_around now;
    claim_around_of(s->f, t, s->line, &now);
    add_to(&s->prose, now);
    add_to(&s->log, now);
}

static void scan_prose(struct scan *s, struct str line)
{
    bool any = false, far = is_log(line);
    for (size_t at = 0; at < line.n;) {
        size_t next = claim_lex(s->f, line, at, false, &s->tokens);
        struct claim_around lent = lent_to_prose(s, far);
        size_t n = claim_group(s->f, &s->tokens, s->line, &lent, s->claims);
        for (size_t i = 0; i < n; i++) {
            s->claims[i].text = line;
            s->found(s->arg, &s->claims[i]);
        }
        any = any || n;
        s->has_spoken = s->has_spoken || n;
        if (s->tokens.n)
            remember(s, &s->tokens);
        at = next > at ? next : at + 1;
    }
    struct claim_scale scale;
    if (!any && claim_find_unit(line, &scale)) {
        s->has_scale = true;
        s->scale = scale;
    }
}

/* "## RTX 4090": what it says holds until a heading of its level. */
static size_t heading_level(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == '#')
        n++;
    return n && n < LEVELS && n < line.n && line.p[n] == ' ' ? n : 0;
}

static void scan_heading(struct scan *s, struct str line, size_t level)
{
    for (size_t l = level; l < LEVELS; l++)
        s->levels[l] = (struct claim_around){0};
    s->prose = (struct claim_around){0};
    s->has_scale = false;
    claim_lex(s->f, line, level, true, &s->tokens);
    claim_around_of(s->f, &s->tokens, s->line, &s->levels[level]);
    struct claim_around lent = {0};
    lend_headings(s, &lent);
    size_t n = claim_group(s->f, &s->tokens, s->line, &lent, s->claims);
    for (size_t i = 0; i < n; i++) {
        s->claims[i].text = line;
        s->found(s->arg, &s->claims[i]);
    }
    struct claim_scale scale;
    if (n == 0 && claim_find_unit(line, &scale)) {
        s->has_scale = true;
        s->scale = scale;
    }
}

/* --- tables --- */

static size_t count_char(struct str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

/* Cells of a row; a quoted one may hold the separator. */
static size_t split_row(struct str row, char separator, struct str cells[CLAIM_CELLS])
{
    size_t n = 0, at = 0;
    row = str_trim(row);
    if (separator == '|' && row.n && row.p[0] == '|')
        at = 1;
    while (at < row.n && n < CLAIM_CELLS) {
        size_t end = at;
        bool quoted = separator != '|' && row.p[at] == '"';
        if (quoted)
            for (end = at + 1; end < row.n && row.p[end] != '"'; end++)
                ;
        while (end < row.n && row.p[end] != separator)
            end++;
        struct str cell = str_trim(str_sub(row, at, end));
        if (quoted && cell.n > 1 && cell.p[cell.n - 1] == '"')
            cell = str_sub(cell, 1, cell.n - 1);
        cells[n++] = cell;
        at = end + 1;
    }
    return n;
}

static bool is_rule(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (!strchr("|-:+= \t", line.p[i]))
            return false;
    return line.n > 0;
}

static void open_table(struct scan *s, char separator, const struct str *cells, size_t n)
{
    s->in_table = true;
    s->separator = separator;
    s->table = (struct claim_table){
        .lent = s->prose, .has_scale = s->has_scale, .scale = s->scale};
    s->table.lent.model_unknown = s->table.lent.device_unknown = false;
    lend_headings(s, &s->table.lent);
    if (!claim_is_head(s->f, cells, n))
        return;
    memcpy(s->table.heads, cells, n * sizeof *cells);
    s->table.nheads = n;
}

/* The separator of a row that opens a table; 0: it opens none. */
static char opens_table(const struct scan *s, struct str line)
{
    static const char separators[] = {'\t', ';', ','};
    if (str_index(line, '|') >= 0)
        return '|';
    for (size_t i = 0; i < sizeof separators; i++) {
        struct str cells[CLAIM_CELLS];
        char c = separators[i];
        size_t marks = count_char(line, c);
        if (marks < (c == '\t' ? 1 : 2) || marks >= CLAIM_CELLS)
            continue;
        size_t n = split_row(line, c, cells);
        bool short_cells = true, speaks = s->has_scale && c != ',';
        for (size_t k = 0; k < n; k++) {
            short_cells = short_cells && cells[k].n <= 40;
            speaks = speaks || claim_heads_speed(cells[k]);
        }
        if (short_cells && speaks && (c == '\t' || claim_is_head(s->f, cells, n)))
            return c;
    }
    return 0;
}

/* False when the line is no row of a table. */
static bool scan_table(struct scan *s, struct str line)
{
    struct str cells[CLAIM_CELLS];
    if (s->in_table && str_index(line, s->separator) < 0)
        s->in_table = false;
    char separator = s->in_table ? s->separator : opens_table(s, line);
    if (separator == 0)
        return false;
    if (separator == '|' && is_rule(line))
        return true;
    size_t n = split_row(line, separator, cells);
    bool is_new = !s->in_table;
    if (is_new)
        open_table(s, separator, cells, n);
    if (!is_new || s->table.nheads == 0)
        claim_row(s->f, &s->table, cells, n, s->line, line, s->found, s->arg);
    return true;
}

static void scan_line(struct scan *s, struct str line)
{
    if (str_trim(line).n == 0) {
        s->in_table = false;
        if (s->has_spoken) /* the next paragraph is about something else */
            s->prose = (struct claim_around){0};
        s->has_spoken = false;
        s->paragraph = 0;
        return;
    }
    if (s->paragraph == 0)
        s->paragraph = s->line;
    size_t level = heading_level(line);
    if (level == 0 && scan_table(s, line))
        return;
    s->in_table = false;
    if (level)
        scan_heading(s, line, level);
    else
        scan_prose(s, line);
}

/* --- the whole text --- */

static void scan_text(struct scan *s, struct str text)
{
    while (text.n) {
        ptrdiff_t end = str_index(text, '\n');
        size_t n = end < 0 ? text.n : (size_t)end;
        s->line++;
        scan_line(s, str_sub(text, 0, n));
        text = str_sub(text, end < 0 ? n : n + 1, text.n);
    }
}

int claim_scan(const struct facts *f, struct str document, claim_found_fn *found,
               void *arg, struct err *err)
{
    struct buf text;
    struct scan *s = mem_new(struct scan);
    int rc = s ? 0 : err_nomem(err);
    buf_init(&text, document.n * 3 + 16);
    if (rc == 0 && claim_bench_is(document)) {
        rc = claim_bench_scan(f, document, found, arg, err);
    } else if (rc == 0 && claim_clean(document, &text) < 0) {
        rc = err_nomem(err);
    } else if (rc == 0) {
        *s = (struct scan){.f = f, .found = found, .arg = arg};
        scan_text(s, buf_view(&text));
    }
    buf_release(&text);
    mem_free(s);
    return rc;
}

/* --- one claim --- */

struct first {
    struct claim claim;
    bool any;
};

static void keep_first(void *arg, const struct claim *c)
{
    struct first *first = arg;
    if (first->any && (first->claim.missing == CLAIM_WHOLE || c->missing != CLAIM_WHOLE))
        return;
    first->any = true;
    first->claim = *c;
    first->claim.text = first->claim.wrote = (struct str){0};
}

int claim_parse(const struct facts *f, struct str text, struct claim *ret,
                struct err *err)
{
    struct first first = {.any = false};
    char why[400];
    if (claim_scan(f, text, keep_first, &first, err) < 0)
        return -1;
    if (!first.any)
        first.claim = (struct claim){.missing = CLAIM_NO_SPEED};
    *ret = first.claim;
    if (ret->missing == CLAIM_WHOLE)
        return 0;
    first.claim.text = text;
    claim_explain(f, &first.claim, why, sizeof why);
    return err_set(err, ERR_CONFIG, "bad_claim", "%s", why);
}
