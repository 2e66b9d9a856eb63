/* report.c -- collecting what a command has to say. */
#include "report/model.h"

#include "facts/date.h"

#include "core/mem.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { REPORT_ARENA = 16 << 20 };

const char *truth_name(enum truth t)
{
    static const char *const names[TRUTHS] = {"measured",      "engine-reported",
                                              "computed",      "published figure",
                                              "rule of thumb", "given"};
    return names[t];
}

static const char *keep(struct report *r, const char *s)
{
    if (!s)
        return NULL;
    struct str copy = arena_strdup(&r->arena, str_of(s));
    if (!copy.p)
        r->failed = true;
    return copy.p ? copy.p : "";
}

struct report *report_create(const char *command, const char *title)
{
    struct report *r = mem_new(struct report);
    if (!r)
        return NULL;
    arena_init(&r->arena, REPORT_ARENA);
    r->tail = &r->sections;
    r->command = keep(r, command);
    r->title = keep(r, title);
    return r;
}

void report_free(struct report *r)
{
    if (!r)
        return;
    arena_reset(&r->arena);
    mem_free(r);
}

void report_section(struct report *r, const char *id, const char *title)
{
    struct section *s = arena_new(&r->arena, struct section);
    if (!s) {
        r->failed = true;
        return;
    }
    s->id = keep(r, id);
    s->title = keep(r, title);
    s->tail = &s->items;
    *r->tail = s;
    r->tail = &s->next;
    r->open = s;
}

static struct item *add_item(struct report *r, enum item_kind kind)
{
    struct item *i = arena_new(&r->arena, struct item);
    if (!i || !r->open) {
        r->failed = true;
        return NULL;
    }
    i->kind = kind;
    *r->open->tail = i;
    r->open->tail = &i->next;
    return i;
}

void report_add(struct report *r, const struct report_value *v)
{
    if (r->failed)
        return; /* what report_fmt() could not hold is "" here */
    assert(v->key && v->label && v->text && v->source && v->source[0]);
    assert(v->truth < TRUTHS);
    struct item *i = add_item(r, ITEM_VALUE);
    if (!i)
        return;
    i->value = *v;
    i->value.key = keep(r, v->key);
    i->value.label = keep(r, v->label);
    i->value.text = keep(r, v->text);
    i->value.number = keep(r, v->number);
    i->value.unit = keep(r, v->unit ? v->unit : "");
    i->value.source = keep(r, v->source);
    i->value.note = keep(r, v->note);
}

static const char *format(struct report *r, const char *fmt, va_list ap)
{
    char text[2048];
    vsnprintf(text, sizeof text, fmt, ap);
    return keep(r, text);
}

const char *report_fmt(struct report *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *s = format(r, fmt, ap);
    va_end(ap);
    return s;
}

void report_text(struct report *r, const char *fmt, ...)
{
    va_list ap;
    struct item *i = add_item(r, ITEM_TEXT);
    if (!i)
        return;
    va_start(ap, fmt);
    i->text = format(r, fmt, ap);
    va_end(ap);
}

void report_verbatim(struct report *r, struct str text)
{
    struct item *i = add_item(r, ITEM_VERBATIM);
    struct str copy = arena_strdup(&r->arena, text);
    if (i && copy.p)
        i->text = copy.p;
    else
        r->failed = true;
}

void report_answer(struct report *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    r->answer = format(r, fmt, ap);
    va_end(ap);
}

void report_table(struct report *r, const char *id, const char *const *columns,
                  size_t ncolumns, enum truth truth, const char *source, int64_t date)
{
    if (r->failed)
        return;
    assert(ncolumns <= REPORT_COLUMNS && source && source[0]);
    struct item *i = add_item(r, ITEM_TABLE);
    if (!i)
        return;
    struct table_item *t = &i->table;
    t->id = keep(r, id);
    t->ncolumns = ncolumns;
    for (size_t c = 0; c < ncolumns; c++)
        t->columns[c] = keep(r, columns[c]);
    t->truth = truth;
    t->source = keep(r, source);
    t->date = date;
    t->tail = &t->rows;
}

static struct item *last_item(struct report *r)
{
    struct item *i = r->open ? r->open->items : NULL;
    while (i && i->next)
        i = i->next;
    return i;
}

void report_row(struct report *r, const char *const *cells)
{
    struct item *i = last_item(r);
    struct row *row = arena_new(&r->arena, struct row);
    if (r->failed || !i || !row) {
        r->failed = true;
        return;
    }
    assert(i->kind == ITEM_TABLE);
    for (size_t c = 0; c < i->table.ncolumns; c++)
        row->cells[c] = keep(r, cells[c] ? cells[c] : "");
    *i->table.tail = row;
    i->table.tail = &row->next;
    i->table.last = row;
    i->table.nrows++;
}

void report_row_tone(struct report *r, enum report_tone tone)
{
    struct item *i = last_item(r);
    if (!r->failed && i && i->kind == ITEM_TABLE && i->table.last)
        i->table.last->tone = tone;
}

void report_answer_tone(struct report *r, enum report_tone tone)
{
    r->tone = tone;
}

static const double *keep_numbers(struct report *r, const double *v, size_t n)
{
    if (!v)
        return NULL;
    double *copy = arena_array(&r->arena, double, n ? n : 1);
    if (!copy) {
        r->failed = true;
        return NULL;
    }
    memcpy(copy, v, n * sizeof *v);
    return copy;
}

void report_chart(struct report *r, const struct report_chart *c)
{
    struct item *i = add_item(r, ITEM_CHART);
    if (!i)
        return;
    i->chart = *c;
    i->chart.id = keep(r, c->id);
    i->chart.title = keep(r, c->title);
    i->chart.x_label = keep(r, c->x_label);
    i->chart.y_label = keep(r, c->y_label);
    i->chart.mark_label = keep(r, c->mark_label);
    i->chart.x_suffix = keep(r, c->x_suffix);
    i->chart.y_prefix = keep(r, c->y_prefix);
    for (size_t s = 0; s < c->nseries; s++) {
        struct report_series *to = &i->chart.series[s];
        to->name = keep(r, c->series[s].name);
        to->x = keep_numbers(r, c->series[s].x, to->n);
        to->y = keep_numbers(r, c->series[s].y, to->n);
        to->low = keep_numbers(r, c->series[s].low, to->n);
        to->high = keep_numbers(r, c->series[s].high, to->n);
        if (!to->x || !to->y)
            to->n = 0;
    }
}

void report_bars(struct report *r, const char *id, const char *title, const char *unit,
                 double base, const struct report_bar *bars, size_t n)
{
    struct item *i = add_item(r, ITEM_BARS);
    struct report_bar *copy = arena_array(&r->arena, struct report_bar, n ? n : 1);
    enum report_tone *tones = arena_array(&r->arena, enum report_tone, n ? n : 1);
    if (!i || !copy || !tones) {
        r->failed = true;
        return;
    }
    for (size_t k = 0; k < n; k++) {
        copy[k] = bars[k];
        copy[k].label = keep(r, bars[k].label);
        copy[k].text = keep(r, bars[k].text);
    }
    i->bars = (struct bars_item){.id = keep(r, id),
                                 .title = keep(r, title),
                                 .unit = keep(r, unit),
                                 .base = base,
                                 .bars = copy,
                                 .n = n,
                                 .tones = tones};
}

void report_bar_tone(struct report *r, size_t i, enum report_tone tone)
{
    struct item *last = last_item(r);
    if (!r->failed && last && last->kind == ITEM_BARS && i < last->bars.n)
        last->bars.tones[i] = tone;
}

void report_bars_mark(struct report *r, double at, const char *label)
{
    struct item *i = last_item(r);
    if (r->failed || !i || i->kind != ITEM_BARS || !isfinite(at))
        return;
    i->bars.mark = at;
    i->bars.mark_label = keep(r, label);
}

static void widen(double v, double *low, double *high)
{
    if (!isfinite(v))
        return;
    *low = fmin(*low, v);
    *high = fmax(*high, v);
}

double axis_step(double span)
{
    double step = pow(10.0, floor(log10(span / 4.0)));
    double parts = span / 4.0 / step;
    return step * (parts <= 1.0   ? 1.0
                   : parts <= 2.0 ? 2.0
                   : parts <= 2.5 ? 2.5
                   : parts <= 5.0 ? 5.0
                                  : 10.0);
}

struct extent chart_extent(const struct report_chart *c)
{
    struct extent e = {INFINITY, -INFINITY, 0, 0};
    for (size_t s = 0; s < c->nseries; s++) {
        const struct report_series *v = &c->series[s];
        for (size_t i = 0; i < v->n; i++) {
            widen(v->x[i], &e.x0, &e.x1);
            widen(v->y[i], &e.y0, &e.y1);
            if (v->low && v->high) {
                widen(v->low[i], &e.y0, &e.y1);
                widen(v->high[i], &e.y0, &e.y1);
            }
        }
    }
    if (!(e.x1 > e.x0)) {
        e.x0 = isfinite(e.x0) ? e.x0 : 0;
        e.x1 = e.x0 + 1;
    }
    if (!(e.y1 > e.y0))
        e.y1 = e.y0 + 1;
    double step = axis_step(e.y1 - e.y0);
    e.y0 = floor(e.y0 / step + 1e-9) * step;
    e.y1 = ceil(e.y1 / step - 1e-9) * step;
    return e;
}

struct extent bars_extent(const struct bars_item *b)
{
    struct extent e = {b->base, b->base, 0, 1};
    for (size_t i = 0; i < b->n; i++) {
        widen(b->bars[i].low, &e.x0, &e.x1);
        widen(b->bars[i].high, &e.x0, &e.x1);
    }
    if (!(e.x1 > e.x0))
        e.x1 = e.x0 + 1;
    return e;
}

size_t text_columns(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

void axis_number(double v, char out[24])
{
    double a = fabs(v);
    if (a >= 1e9)
        snprintf(out, 24, "%.3gG", v / 1e9);
    else if (a >= 1e6)
        snprintf(out, 24, "%.3gM", v / 1e6);
    else if (a >= 9999.5)
        snprintf(out, 24, "%.3gk", v / 1e3);
    else if (a >= 999.5)
        snprintf(out, 24, "%.0f", v);
    else
        snprintf(out, 24, "%.3g", a < 1e-12 ? 0.0 : v);
}

void axis_label(const char *prefix, const char *number, const char *suffix, char out[48])
{
    bool minus = number[0] == '-';
    if (!number[0]) {
        out[0] = '\0';
        return;
    }
    snprintf(out, 48, "%s%s%s%s", minus ? "-" : "", prefix ? prefix : "",
             number + (minus ? 1 : 0), suffix ? suffix : "");
}

bool value_is_stale(const struct report_value *v)
{
    return v->expires_days != REPORT_NO_DATE && v->expires_days < date_today();
}
