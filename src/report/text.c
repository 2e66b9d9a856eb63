/* text.c -- the terminal: 80 columns, no colour, no cursor tricks.
 *
 * A value takes one line: label, value, and a letter for its truth; notes follow when
 * there are any.  The legend of letters closes the page.  Charts are drawn with plain
 * characters, so that they survive a mail or a ticket. */
#include "report/model.h"

#include "core/clean.h"
#include "facts/date.h"

#include <math.h>
#include <stdio.h>

enum { WIDTH = 80, LABEL = 34, PLOT_W = 62, PLOT_H = 12, BAR_W = 36, BAR_LABEL = 22 };
/* Of a table: between two columns; the least that a column keeps, and the longest word
 * that it is kept whole for. */
enum { GAP = 2, COLUMN_LEAST = 8, WORD_MOST = 30 };

static const char truth_letters[TRUTHS] = {'M', 'E', 'C', 'P', 'R', 'G'};

/* Words of s within WIDTH, later lines indented. */
static void wrapped(struct buf *out, const char *s, size_t indent, size_t column)
{
    while (*s) {
        if (*s == '\n') {
            buf_byte(out, '\n');
            column = 0;
            s++;
            continue;
        }
        size_t n = strcspn(s, " \n");
        struct str word = {s, n};
        char copy[256];
        snprintf(copy, sizeof copy, "%.*s", (int)(n < 255 ? n : 255), s);
        size_t width = text_columns(copy);
        if (column > indent && column + width > WIDTH) {
            buf_byte(out, '\n');
            column = 0;
        }
        if (column == 0 && indent) {
            buf_printf(out, "%*s", (int)indent, "");
            column = indent;
        }
        buf_append(out, word);
        column += width;
        s += n;
        bool blank = *s == ' ';
        while (*s == ' ')
            s++;
        size_t next = strcspn(s, " \n");
        if (blank && next && column + 1 + next <= WIDTH) {
            buf_byte(out, ' ');
            column++;
        } else if (blank && next) {
            buf_byte(out, '\n');
            column = 0;
        }
    }
    buf_byte(out, '\n');
}

static void pad(struct buf *out, const char *s, size_t width)
{
    size_t n = text_columns(s);
    buf_append(out, str_of(s));
    for (; n < width; n++)
        buf_byte(out, ' ');
}

static void print_value(struct buf *out, const struct report_value *v)
{
    buf_lit(out, "  ");
    pad(out, v->label, LABEL);
    buf_byte(out, ' ');
    size_t used = 3 + (text_columns(v->label) > LABEL ? text_columns(v->label) : LABEL);
    char text[200];
    snprintf(text, sizeof text, "%s%s%s", v->text, v->unit[0] ? " " : "", v->unit);
    if (used + text_columns(text) + 4 > WIDTH) {
        buf_printf(out, "[%c]\n      ", truth_letters[v->truth]);
        wrapped(out, text, 6, 6);
    } else {
        pad(out, text, WIDTH - 4 - used);
        buf_printf(out, " [%c]\n", truth_letters[v->truth]);
    }
    if (v->note) {
        buf_lit(out, "      ");
        wrapped(out, v->note, 6, 6);
    }
}

/* Behind these a word may go on in the next line. */
static bool ends_part(char c)
{
    return c == '-' || c == '/' || c == '_';
}

/* The longest run without a blank. */
static size_t longest_word(const char *s)
{
    size_t longest = 0, n = 0;
    for (; *s; s++) {
        n = *s == ' ' ? 0 : n + (((unsigned char)*s & 0xC0) != 0x80);
        longest = n > longest ? n : longest;
    }
    return longest;
}

/* The widest columns give way until all are `most` together, none of them below its
 * floor. */
static void narrow(size_t *width, const size_t *floor, size_t n, size_t most)
{
    size_t total = 0;
    for (size_t c = 0; c < n; c++)
        total += width[c];
    for (; total > most; total--) {
        size_t widest = SIZE_MAX;
        for (size_t c = 0; c < n; c++)
            if (width[c] > floor[c] && (widest == SIZE_MAX || width[c] > width[widest]))
                widest = c;
        if (widest == SIZE_MAX)
            return;
        width[widest]--;
    }
}

/* Down to their longest words first; only where that is not enough are words broken. */
static void column_widths(const struct table_item *t, size_t width[REPORT_COLUMNS])
{
    size_t floor[REPORT_COLUMNS];
    size_t most = WIDTH - GAP * t->ncolumns;
    for (size_t c = 0; c < t->ncolumns; c++) {
        width[c] = text_columns(t->columns[c]);
        floor[c] = longest_word(t->columns[c]);
        for (const struct row *r = t->rows; r; r = r->next) {
            size_t n = text_columns(r->cells[c]);
            size_t word = longest_word(r->cells[c]);
            width[c] = n > width[c] ? n : width[c];
            floor[c] = word > floor[c] ? word : floor[c];
        }
        floor[c] = floor[c] > COLUMN_LEAST ? floor[c] : COLUMN_LEAST;
        floor[c] = floor[c] < WORD_MOST ? floor[c] : WORD_MOST;
    }
    narrow(width, floor, t->ncolumns, most);
    for (size_t c = 0; c < t->ncolumns; c++)
        floor[c] = COLUMN_LEAST;
    narrow(width, floor, t->ncolumns, most);
}

/* The longest prefix of *s that fits; moves *s past it and the blank after. */
static struct str take_line(const char **s, size_t width)
{
    const char *from = *s;
    const char *best = NULL, *part = NULL;
    const char *p = from;
    size_t columns = 0;
    while (*p) {
        size_t n = 1;
        while (((unsigned char)p[n] & 0xC0) == 0x80)
            n++;
        if (columns + 1 > width)
            break;
        columns++;
        p += n;
        if (*p == ' ' || *p == '\0')
            best = p;
        if (ends_part(p[-1]))
            part = p;
    }
    const char *end = best ? best : part ? part : p;
    *s = end;
    while (**s == ' ')
        (*s)++;
    return (struct str){from, (size_t)(end - from)};
}

static void print_cells(struct buf *out, const char *const *cells, size_t n,
                        const size_t *width)
{
    const char *rest[REPORT_COLUMNS];
    bool more = true;
    for (size_t c = 0; c < n; c++)
        rest[c] = cells[c];
    while (more) {
        char line[WIDTH * 4 + 64];
        size_t used = 0;
        more = false;
        for (size_t c = 0; c < n; c++) {
            char cell[WIDTH * 4];
            struct str part = take_line(&rest[c], width[c]);
            snprintf(cell, sizeof cell, "%.*s", STR_ARG(part));
            size_t gap = width[c] + GAP - text_columns(cell);
            int w = snprintf(line + used, sizeof line - used, "%s%*s", cell,
                             (int)(c + 1 < n ? gap : 0), "");
            if (w > 0)
                used += (size_t)w;
            more |= *rest[c] != '\0';
        }
        while (used && line[used - 1] == ' ')
            used--;
        buf_append(out, (struct str){line, used});
        buf_byte(out, '\n');
    }
}

static void print_table(struct buf *out, const struct table_item *t)
{
    size_t width[REPORT_COLUMNS] = {0};
    char rule[WIDTH + 1];
    size_t n = 0;
    column_widths(t, width);
    print_cells(out, t->columns, t->ncolumns, width);
    for (size_t c = 0; c < t->ncolumns; c++)
        n += width[c] + (c + 1 < t->ncolumns ? GAP : 0);
    n = n < WIDTH ? n : WIDTH;
    memset(rule, '-', n);
    rule[n] = '\0';
    buf_printf(out, "%s\n", rule);
    for (const struct row *r = t->rows; r; r = r->next)
        print_cells(out, r->cells, t->ncolumns, width);
    char line[700];
    char date[DATE_TEXT] = "";
    if (t->date != REPORT_NO_DATE)
        date_format(t->date, date);
    snprintf(line, sizeof line, "[%c] %s%s%s", truth_letters[t->truth], t->source,
             date[0] ? ", " : "", date);
    wrapped(out, line, 4, 0);
}

static void plot_series(char grid[PLOT_H][PLOT_W], const struct report_series *s,
                        const struct extent *e, char mark)
{
    for (size_t col = 0; col < PLOT_W && s->n > 1; col++) {
        double x = e->x0 + (e->x1 - e->x0) * (double)col / (PLOT_W - 1);
        size_t i = 1;
        if (x < s->x[0] || x > s->x[s->n - 1])
            continue;
        while (i + 1 < s->n && s->x[i] < x)
            i++;
        double span = s->x[i] - s->x[i - 1];
        double f = span > 0 ? (x - s->x[i - 1]) / span : 0;
        double y = s->y[i - 1] + (s->y[i] - s->y[i - 1]) * f;
        double at = (y - e->y0) / (e->y1 - e->y0) * (PLOT_H - 1);
        if (isfinite(at) && at >= 0 && at <= PLOT_H - 1)
            grid[PLOT_H - 1 - (size_t)lround(at)][col] = mark;
    }
}

static void print_chart(struct buf *out, const struct report_chart *c)
{
    static const char marks[REPORT_SERIES] = {'*', 'o', '+', 'x'};
    char grid[PLOT_H][PLOT_W];
    struct extent e = chart_extent(c);
    char number[24];
    char a[48];
    char b[48];
    memset(grid, ' ', sizeof grid);
    if (isfinite(c->mark_x) && c->mark_x > e.x0 && c->mark_x < e.x1) {
        size_t col = (size_t)lround((c->mark_x - e.x0) / (e.x1 - e.x0) * (PLOT_W - 1));
        for (size_t row = 0; row < PLOT_H; row++)
            grid[row][col] = ':';
    }
    for (size_t s = 0; s < c->nseries; s++)
        plot_series(grid, &c->series[s], &e, marks[s]);
    buf_printf(out, "  %s (%s)\n", c->title, c->y_label);
    for (size_t row = 0; row < PLOT_H; row++) {
        char label[48] = "";
        number[0] = '\0';
        if (row == 0)
            axis_number(e.y1, number);
        else if (row == PLOT_H - 1)
            axis_number(e.y0, number);
        axis_label(c->y_prefix, number, NULL, label);
        size_t n = PLOT_W;
        while (n && grid[row][n - 1] == ' ')
            n--;
        buf_printf(out, "%10s |%.*s\n", label, (int)n, grid[row]);
    }
    axis_number(e.x0, number);
    axis_label(NULL, number, c->x_suffix, a);
    axis_number(e.x1, number);
    axis_label(NULL, number, c->x_suffix, b);
    buf_printf(out, "%10s +%.*s\n%12s%-10s%*s\n", "", PLOT_W,
               "--------------------------------------------------------------", "", a,
               PLOT_W - 10, b);
    buf_printf(out, "%12s%s", "", c->x_label);
    for (size_t s = 0; s < c->nseries; s++)
        buf_printf(out, "   %c %s", marks[s], c->series[s].name);
    if (c->mark_label && isfinite(c->mark_x))
        buf_printf(out, "\n%12s: %s", "", c->mark_label);
    buf_byte(out, '\n');
}

static void print_bars(struct buf *out, const struct bars_item *b)
{
    struct extent e = bars_extent(b);
    buf_printf(out, "  %s%s%s%s\n", b->title, b->unit[0] ? " (" : "", b->unit,
               b->unit[0] ? ")" : "");
    for (size_t i = 0; i < b->n; i++) {
        char line[BAR_W + 1];
        double low = (b->bars[i].low - e.x0) / (e.x1 - e.x0) * (BAR_W - 1);
        double high = (b->bars[i].high - e.x0) / (e.x1 - e.x0) * (BAR_W - 1);
        double base = (b->base - e.x0) / (e.x1 - e.x0) * (BAR_W - 1);
        for (int k = 0; k < BAR_W; k++)
            line[k] =
                k >= lround(fmin(low, high)) && k <= lround(fmax(low, high)) ? '#' : ' ';
        line[lround(base)] = '|';
        line[BAR_W] = '\0';
        buf_lit(out, "  ");
        pad(out, b->bars[i].label, BAR_LABEL);
        buf_printf(out, " %s %s\n", line, b->bars[i].text);
    }
}

static void print_verbatim(struct buf *out, const char *text)
{
    struct str rest = str_of(text);
    struct str line;
    while (str_split(&rest, '\n', &line))
        buf_printf(out, "    %.*s\n", STR_ARG(line));
}

static void print_sources(struct buf *out, const struct section *s)
{
    const char *last = NULL;
    for (const struct item *i = s->items; i; i = i->next) {
        char date[DATE_TEXT] = "";
        char line[600];
        if (i->kind != ITEM_VALUE || i->value.truth == TRUTH_COMPUTED ||
            i->value.truth == TRUTH_GIVEN || (last && strcmp(last, i->value.source) == 0))
            continue;
        last = i->value.source;
        if (i->value.date_days != REPORT_NO_DATE)
            date_format(i->value.date_days, date);
        snprintf(line, sizeof line, "[%c] %s: %s%s%s%s", truth_letters[i->value.truth],
                 i->value.label, i->value.source, date[0] ? ", " : "", date,
                 value_is_stale(&i->value) ? ", STALE: ask again" : "");
        buf_lit(out, "  ");
        wrapped(out, line, 6, 2);
    }
}

/* Names come from files of others, and a terminal obeys what is in them. */
static void clean_lines(struct buf *out, size_t from)
{
    struct str rest = str_sub(buf_view(out), from, out->n), line;
    size_t to = from;
    while (str_split(&rest, '\n', &line)) {
        memmove(out->p + to, line.p, line.n);
        to += clean_in_place(out->p + to, line.n);
        out->p[to++] = '\n';
    }
    out->n = to;
}

int report_print_text(const struct report *r, struct buf *out)
{
    size_t from = out->n;
    if (r->answer)
        wrapped(out, r->answer, 0, 0);
    for (const struct section *s = r->sections; s; s = s->next) {
        if (s->title[0])
            buf_printf(out, "\n%s\n", s->title);
        else if (r->answer && s == r->sections)
            buf_byte(out, '\n');
        for (const struct item *i = s->items; i; i = i->next) {
            if (i->kind == ITEM_VALUE)
                print_value(out, &i->value);
            else if (i->kind == ITEM_TEXT)
                wrapped(out, i->text, 2, 0);
            else if (i->kind == ITEM_VERBATIM)
                print_verbatim(out, i->text);
            else if (i->kind == ITEM_TABLE)
                print_table(out, &i->table);
            else if (i->kind == ITEM_CHART)
                print_chart(out, &i->chart);
            else
                print_bars(out, &i->bars);
        }
        print_sources(out, s);
    }
    buf_lit(out, "\n[M] measured  [E] engine-reported  [C] computed  [P] published\n"
                 "[R] rule of thumb  [G] given by you\n");
    if (!out->failed)
        clean_lines(out, from);
    return r->failed || out->failed ? -1 : 0;
}
