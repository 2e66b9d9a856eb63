/* json.c -- the report for programs: every value with its label, source and dates. */
#include "report/model.h"

#include "facts/date.h"

#include <math.h>

static void quoted(struct buf *out, const char *s)
{
    buf_byte(out, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_byte(out, (char)c);
    }
    buf_byte(out, '"');
}

static void member(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, ",\"%s\":", key);
    if (value)
        quoted(out, value);
    else
        buf_lit(out, "null");
}

static void date_member(struct buf *out, const char *key, int64_t days)
{
    char text[DATE_TEXT];
    if (days != REPORT_NO_DATE)
        date_format(days, text);
    member(out, key, days == REPORT_NO_DATE ? NULL : text);
}

static void print_value(struct buf *out, const struct report_value *v)
{
    quoted(out, v->key);
    buf_printf(out, ":{\"value\":%s", v->number ? v->number : "null");
    member(out, "text", v->text);
    member(out, "label", v->label);
    member(out, "unit", v->unit);
    member(out, "truth", truth_name(v->truth));
    member(out, "source", v->source);
    date_member(out, "date", v->date_days);
    date_member(out, "expires", v->expires_days);
    if (v->note)
        member(out, "note", v->note);
    buf_byte(out, '}');
}

static void print_table(struct buf *out, const struct table_item *t)
{
    buf_lit(out, "{\"id\":");
    quoted(out, t->id);
    member(out, "truth", truth_name(t->truth));
    member(out, "source", t->source);
    date_member(out, "date", t->date);
    buf_lit(out, ",\"rows\":[");
    for (const struct row *r = t->rows; r; r = r->next) {
        buf_lit(out, "{");
        for (size_t c = 0; c < t->ncolumns; c++) {
            if (c)
                buf_byte(out, ',');
            quoted(out, t->columns[c]);
            buf_byte(out, ':');
            quoted(out, r->cells[c]);
        }
        buf_printf(out, "}%s", r->next ? "," : "");
    }
    buf_lit(out, "]}");
}

static void numbers(struct buf *out, const char *key, const double *v, size_t n)
{
    if (!v)
        return;
    buf_printf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        if (isfinite(v[i]))
            buf_printf(out, "%s%.9g", i ? "," : "", v[i]);
        else
            buf_printf(out, "%snull", i ? "," : "");
    }
    buf_byte(out, ']');
}

static void print_chart(struct buf *out, const struct report_chart *c)
{
    buf_lit(out, "{\"id\":");
    quoted(out, c->id);
    member(out, "title", c->title);
    member(out, "x_label", c->x_label);
    member(out, "y_label", c->y_label);
    member(out, "truth", truth_name(TRUTH_COMPUTED));
    buf_lit(out, ",\"series\":[");
    for (size_t s = 0; s < c->nseries; s++) {
        const struct report_series *v = &c->series[s];
        buf_printf(out, "%s{\"name\":", s ? "," : "");
        quoted(out, v->name);
        numbers(out, "x", v->x, v->n);
        numbers(out, "y", v->y, v->n);
        numbers(out, "low", v->low, v->n);
        numbers(out, "high", v->high, v->n);
        buf_byte(out, '}');
    }
    buf_lit(out, "]}");
}

static void print_bars(struct buf *out, const struct bars_item *b)
{
    buf_lit(out, "{\"id\":");
    quoted(out, b->id);
    member(out, "title", b->title);
    member(out, "unit", b->unit);
    member(out, "truth", truth_name(TRUTH_COMPUTED));
    numbers(out, "base", &b->base, 1);
    if (b->mark_label) {
        numbers(out, "mark", &b->mark, 1);
        member(out, "mark_label", b->mark_label);
    }
    buf_lit(out, ",\"bars\":[");
    for (size_t i = 0; i < b->n; i++) {
        buf_printf(out, "%s{\"label\":", i ? "," : "");
        quoted(out, b->bars[i].label);
        member(out, "text", b->bars[i].text);
        numbers(out, "low", &b->bars[i].low, 1);
        numbers(out, "high", &b->bars[i].high, 1);
        buf_byte(out, '}');
    }
    buf_lit(out, "]}");
}

/* All items of one kind of a section, as a JSON list or object. */
static void print_kind(struct buf *out, const struct section *s, enum item_kind kind)
{
    bool first = true;
    for (const struct item *i = s->items; i; i = i->next) {
        if (i->kind != kind)
            continue;
        if (!first)
            buf_byte(out, ',');
        first = false;
        if (kind == ITEM_VALUE)
            print_value(out, &i->value);
        else if (kind == ITEM_TEXT || kind == ITEM_VERBATIM)
            quoted(out, i->text);
        else if (kind == ITEM_TABLE)
            print_table(out, &i->table);
        else if (kind == ITEM_CHART)
            print_chart(out, &i->chart);
        else
            print_bars(out, &i->bars);
    }
}

static void print_section(struct buf *out, const struct section *s)
{
    quoted(out, s->id);
    buf_lit(out, ":{\"title\":");
    quoted(out, s->title);
    buf_lit(out, ",\"values\":{");
    print_kind(out, s, ITEM_VALUE);
    buf_lit(out, "},\"notes\":[");
    print_kind(out, s, ITEM_TEXT);
    buf_lit(out, "],\"verbatim\":[");
    print_kind(out, s, ITEM_VERBATIM);
    buf_lit(out, "],\"tables\":[");
    print_kind(out, s, ITEM_TABLE);
    buf_lit(out, "],\"charts\":[");
    print_kind(out, s, ITEM_CHART);
    buf_lit(out, "],\"bars\":[");
    print_kind(out, s, ITEM_BARS);
    buf_lit(out, "]}");
}

int report_print_json(const struct report *r, struct buf *out)
{
    buf_lit(out, "{\"command\":");
    quoted(out, r->command);
    member(out, "title", r->title);
    member(out, "answer", r->answer);
    member(out, "version", WEIR_VERSION);
    buf_lit(out, ",\"sections\":{");
    for (const struct section *s = r->sections; s; s = s->next) {
        print_section(out, s);
        if (s->next)
            buf_byte(out, ',');
    }
    buf_lit(out, "}}\n");
    return r->failed || out->failed ? -1 : 0;
}
