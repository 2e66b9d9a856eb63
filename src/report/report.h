/* report.h -- one answer, three ways to read it: terminal, JSON, one HTML page.
 *
 * A command fills a struct report; the renderers know nothing of plans or claims.
 * Every number is a struct report_value and must say where its truth comes from: a
 * value without a source is a bug and asserts.  What is not known has the text
 * "unknown" and no number; it is never 0.
 *
 * Strings are copied into the report's arena.  Adding never fails visibly: when memory
 * is out the report is marked failed and the renderers return -1. */
#ifndef WEIR_REPORT_REPORT_H
#define WEIR_REPORT_REPORT_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

enum truth {
    TRUTH_MEASURED, /* by weir, on this machine or from its ledger */
    TRUTH_ENGINE,   /* reported by the engine that did the work */
    TRUTH_COMPUTED, /* from other numbers shown or carried */
    TRUTH_LIST,     /* a figure that a maker, provider or other source published */
    TRUTH_RULE,     /* a rule of thumb; replace it when you can */
    TRUTH_GIVEN,    /* by the user, on the command line or in a file */
    TRUTHS          /* sentinel */
};
const char *truth_name(enum truth t); /* "measured", "engine-reported", ... */

#define REPORT_NO_DATE INT64_MIN

struct report_value {
    const char *key;    /* for JSON: "api_month" */
    const char *label;  /* for people */
    const char *text;   /* as printed: "$54.00" or "unknown" */
    const char *number; /* plain decimal for JSON, or NULL */
    const char *unit;   /* "USD/month", or "" */
    enum truth truth;
    const char *source;
    int64_t date_days;    /* of the source, or REPORT_NO_DATE for computed values */
    int64_t expires_days; /* when to ask again, or REPORT_NO_DATE */
    const char *note;     /* one short sentence, or NULL */
};

enum { REPORT_COLUMNS = 9, REPORT_SERIES = 4 };

/* What a line or a bar is about: each side has one colour in all charts. */
enum report_side { REPORT_NEITHER, REPORT_LOCAL, REPORT_API };

struct report_series {
    const char *name;
    const double *x, *y;
    const double *low, *high; /* a band around y, or NULL */
    size_t n;
    enum report_side side;
};

struct report_chart {
    const char *id, *title;
    const char *x_label, *y_label;
    const char *x_suffix, *y_prefix; /* of the numbers on the axes: " %", "$"; or NULL */
    struct report_series series[REPORT_SERIES];
    size_t nseries;
    double mark_x; /* a vertical line, e.g. the crossing; NaN for none */
    const char *mark_label;
};

/* How good or bad what is said is: a colour on the page, nothing elsewhere. */
enum report_tone { TONE_NONE, TONE_GOOD, TONE_DOUBT, TONE_BAD };

struct report_bar {
    const char *label, *text;
    double low, high; /* from..to; a plain bar has low = 0 */
};

struct report; /* opaque: report.c */

struct report *report_create(const char *command,
                             const char *title); /* NULL: no memory */
void report_free(struct report *r);

/* Items belong to the section opened last. */
void report_section(struct report *r, const char *id, const char *title);
void report_add(struct report *r, const struct report_value *v);
void report_text(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Text whose lines and blanks stay as they are, such as a configuration. */
void report_verbatim(struct report *r, struct str text);
/* What answers the question, in one line or in several that '\n' parts; printed first, by
 * every renderer. */
void report_answer(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A table: its cells share one truth label, source and date. */
void report_table(struct report *r, const char *id, const char *const *columns,
                  size_t ncolumns, enum truth truth, const char *source, int64_t date);
void report_row(struct report *r, const char *const *cells); /* ncolumns of them */

void report_chart(struct report *r, const struct report_chart *c);
/* Bars around a base line (sensitivity) or from 0 (memory). */
void report_bars(struct report *r, const char *id, const char *title, const char *unit,
                 double base, const struct report_bar *bars, size_t n);
/* The colour of bar `i` of those added last. */
void report_bar_tone(struct report *r, size_t i, enum report_tone tone);
/* A line through all bars added last, such as a limit; its name stands below them. */
void report_bars_mark(struct report *r, double at, const char *label);
/* Of the answer, and of the row added last. */
void report_answer_tone(struct report *r, enum report_tone tone);
void report_row_tone(struct report *r, enum report_tone tone);

int report_print_text(const struct report *r, struct buf *out); /* 80 columns */
int report_print_json(const struct report *r, struct buf *out);
int report_print_html(const struct report *r, struct buf *out); /* self-contained */

/* Formats into the report's memory; "" when it is out. */
const char *report_fmt(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
