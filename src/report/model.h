/* model.h -- what a report holds; for report/ only. */
#ifndef WEIR_REPORT_MODEL_H
#define WEIR_REPORT_MODEL_H

#include "report/report.h"

enum item_kind {
    ITEM_VALUE,
    ITEM_TEXT,
    ITEM_VERBATIM,
    ITEM_TABLE,
    ITEM_CHART,
    ITEM_BARS
};

struct row {
    const char *cells[REPORT_COLUMNS];
    enum report_tone tone;
    struct row *next;
};

struct table_item {
    const char *id;
    const char *columns[REPORT_COLUMNS];
    size_t ncolumns, nrows;
    enum truth truth;
    const char *source;
    int64_t date;
    struct row *rows, **tail, *last;
};

struct bars_item {
    const char *id, *title, *unit;
    double base;
    struct report_bar *bars;
    size_t n;
    enum report_tone *tones; /* n of them */
    const char *mark_label;  /* NULL: no mark */
    double mark;
};

struct item {
    enum item_kind kind;
    struct report_value value;
    const char *text;
    struct table_item table;
    struct report_chart chart;
    struct bars_item bars;
    struct item *next;
};

struct section {
    const char *id, *title;
    struct item *items, **tail;
    struct section *next;
};

struct report {
    struct arena arena;
    const char *command, *title, *answer;
    enum report_tone tone; /* of the answer */
    struct section *sections, **tail, *open;
    bool failed;
};

/* A round number, 1, 2, 2.5 or 5 times a power of ten, of which two to four make the
 * span. */
double axis_step(double span);

/* Smallest and largest of a chart; zero is always inside y, whose ends are round. */
struct extent {
    double x0, x1, y0, y1;
};
struct extent chart_extent(const struct report_chart *c);
struct extent bars_extent(const struct bars_item *b); /* in x */

/* Columns a UTF-8 text takes: code points, since no wide ones are printed. */
size_t text_columns(const char *s);

/* Short numbers for axes: "1.2k", "0.05". */
void axis_number(double v, char out[24]);

/* "-$500", "40 %": a number between what stands before and behind it; either may be NULL.
 */
void axis_label(const char *prefix, const char *number, const char *suffix, char out[48]);

/* The day to ask again has passed. */
bool value_is_stale(const struct report_value *v);

void svg_chart(struct buf *out, const struct report_chart *c);
/* Rows of HTML: names and figures are text that breaks, only the bars are drawn. */
void svg_bars(struct buf *out, const struct bars_item *b);
void html_escape(struct buf *out, const char *s);

#endif
