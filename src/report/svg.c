/* svg.c -- line charts with bands as inline SVG, and bars.
 *
 * The drawing is 360 units wide, about what a phone has, so that its text keeps its size
 * there; the page keeps it from growing past 540.  Colours are the page's variables, so
 * dark mode needs no second chart.  Each side has its colour in every chart. */
#include "report/model.h"

#include <math.h>
#include <stdio.h>

enum { W = 360, H = 216, RIGHT = 12, TOP = 12, BOTTOM = 44, LETTER = 7 };

struct scale {
    struct extent e;
    double left;
};

static const char *colour_of(enum report_side side, size_t k)
{
    static const char *const others[REPORT_SERIES] = {"var(--c)", "var(--d)", "var(--a)",
                                                      "var(--b)"};
    return side == REPORT_LOCAL ? "var(--a)"
           : side == REPORT_API ? "var(--b)"
                                : others[k];
}

static bool is_dashed(const struct report_series *v, size_t k)
{
    return v->side == REPORT_API || (v->side == REPORT_NEITHER && k > 0);
}

static double px(const struct scale *s, double x)
{
    return s->left + (x - s->e.x0) / (s->e.x1 - s->e.x0) * (W - s->left - RIGHT);
}

static double py(const struct scale *s, double y)
{
    return H - BOTTOM - (y - s->e.y0) / (s->e.y1 - s->e.y0) * (H - TOP - BOTTOM);
}

/* As wide as the longest number beside the axis. */
static double left_of(const struct extent *e, const struct report_chart *c)
{
    double step = axis_step(e->y1 - e->y0);
    size_t most = 3;
    for (double y = e->y0; y <= e->y1 + step / 2; y += step) {
        char number[24], text[48];
        axis_number(fabs(y) < step / 2 ? 0 : y, number);
        axis_label(c->y_prefix, number, NULL, text);
        most = text_columns(text) > most ? text_columns(text) : most;
    }
    return (double)(most * LETTER + 12);
}

static void y_axis(struct buf *out, const struct scale *s, const struct report_chart *c)
{
    double step = axis_step(s->e.y1 - s->e.y0);
    for (double y = s->e.y0; y <= s->e.y1 + step / 2; y += step) {
        char number[24], text[48];
        bool is_zero = fabs(y) < step / 2;
        axis_number(is_zero ? 0 : y, number);
        axis_label(c->y_prefix, number, NULL, text);
        buf_printf(out,
                   "<line x1=\"%.1f\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" "
                   "stroke=\"var(--%s)\"/><text class=\"dimt\" x=\"%.1f\" y=\"%.1f\" "
                   "text-anchor=\"end\">",
                   s->left, W - RIGHT, py(s, y), py(s, y), is_zero ? "dim" : "line",
                   s->left - 6, py(s, y) + 4);
        html_escape(out, text);
        buf_lit(out, "</text>");
    }
}

static void x_axis(struct buf *out, const struct scale *s, const struct report_chart *c)
{
    double step = axis_step(s->e.x1 - s->e.x0);
    for (double x = ceil(s->e.x0 / step - 1e-9) * step; x <= s->e.x1 + step * 1e-6;
         x += step) {
        char number[24], text[48];
        double at = px(s, x);
        axis_number(fabs(x) < step / 2 ? 0 : x, number);
        axis_label(NULL, number, c->x_suffix, text);
        buf_printf(out, "<text class=\"dimt\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">",
                   at, H - BOTTOM + 16,
                   at > W - RIGHT - 16 ? "end"
                   : at < s->left + 8  ? "start"
                                       : "middle");
        html_escape(out, text);
        buf_lit(out, "</text>");
    }
    buf_printf(out, "<text class=\"dimt\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
               (W + s->left - RIGHT) / 2, H - BOTTOM + 36);
    html_escape(out, c->x_label);
    buf_lit(out, "</text>");
}

static void band(struct buf *out, const struct scale *s, const struct report_series *v)
{
    if (!v->low || !v->high || v->n == 0)
        return;
    buf_lit(out, "<polygon fill=\"var(--band)\" points=\"");
    for (size_t i = 0; i < v->n; i++)
        buf_printf(out, "%.1f,%.1f ", px(s, v->x[i]), py(s, v->high[i]));
    for (size_t i = v->n; i-- > 0;)
        buf_printf(out, "%.1f,%.1f ", px(s, v->x[i]), py(s, v->low[i]));
    buf_lit(out, "\"/>");
}

static void line(struct buf *out, const struct scale *s, const struct report_series *v,
                 size_t k)
{
    buf_printf(out,
               "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" "
               "stroke-linejoin=\"round\"%s points=\"",
               colour_of(v->side, k), is_dashed(v, k) ? " stroke-dasharray=\"7 4\"" : "");
    for (size_t i = 0; i < v->n; i++)
        if (isfinite(v->y[i]))
            buf_printf(out, "%.1f,%.1f ", px(s, v->x[i]), py(s, v->y[i]));
    buf_lit(out, "\"/>");
}

/* Beside the drawing, so that long names break into lines instead of running out of it.
 */
static void legend(struct buf *out, const struct report_chart *c)
{
    buf_lit(out, "<div class=\"legend\">");
    for (size_t k = 0; k < c->nseries; k++) {
        const struct report_series *v = &c->series[k];
        buf_printf(out, "<span><i style=\"border-top:3px %s %s\"></i>",
                   is_dashed(v, k) ? "dashed" : "solid", colour_of(v->side, k));
        html_escape(out, v->name);
        buf_lit(out, "</span>");
    }
    buf_lit(out, "</div>");
}

static void mark(struct buf *out, const struct scale *s, const struct report_chart *c)
{
    if (!isfinite(c->mark_x) || c->mark_x < s->e.x0 || c->mark_x > s->e.x1)
        return;
    double x = px(s, c->mark_x);
    bool right = x > W * 0.6;
    buf_printf(out,
               "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"var(--mark)\" "
               "stroke-width=\"1.5\" stroke-dasharray=\"3 3\"/><text x=\"%.1f\" y=\"%d\" "
               "text-anchor=\"%s\">",
               x, x, TOP, H - BOTTOM, x + (right ? -6 : 6), TOP + 10,
               right ? "end" : "start");
    html_escape(out, c->mark_label ? c->mark_label : "");
    buf_lit(out, "</text>");
}

void svg_chart(struct buf *out, const struct report_chart *c)
{
    struct scale s = {.e = chart_extent(c)};
    s.left = left_of(&s.e, c);
    buf_printf(out, "<div class=\"dim\">");
    html_escape(out, c->y_label);
    buf_printf(out, "</div><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", W, H);
    html_escape(out, c->title);
    buf_lit(out, "\">");
    y_axis(out, &s, c);
    x_axis(out, &s, c);
    for (size_t k = 0; k < c->nseries; k++)
        band(out, &s, &c->series[k]);
    for (size_t k = 0; k < c->nseries; k++)
        line(out, &s, &c->series[k], k);
    mark(out, &s, c);
    buf_lit(out, "</svg>");
    legend(out, c);
}

static const char *tone_colour(enum report_tone tone)
{
    static const char *const colours[] = {"var(--a)", "var(--c)", "var(--b)",
                                          "var(--mark)"};
    return colours[tone];
}

static void bar_mark(struct buf *out, const struct bars_item *b, struct extent e)
{
    double x = (b->mark - e.x0) / (e.x1 - e.x0) * 100.0;
    if (b->mark_label && x >= 0 && x <= 100)
        buf_printf(out,
                   "<line x1=\"%.2f\" x2=\"%.2f\" y1=\"0\" y2=\"10\" "
                   "stroke=\"var(--ink)\" stroke-width=\"2\" stroke-dasharray=\"3 2\" "
                   "vector-effect=\"non-scaling-stroke\"/>",
                   x, x);
}

void svg_bars(struct buf *out, const struct bars_item *b)
{
    struct extent e = bars_extent(b);
    double span = e.x1 - e.x0;
    double base = (b->base - e.x0) / span * 100.0;
    buf_lit(out, "<div class=\"dim\">");
    html_escape(out, b->unit);
    buf_lit(out, "</div>");
    for (size_t i = 0; i < b->n; i++) {
        const struct report_bar *v = &b->bars[i];
        double low = (fmin(v->low, v->high) - e.x0) / span * 100.0;
        double high = (fmax(v->low, v->high) - e.x0) / span * 100.0;
        buf_lit(out, "<div class=\"bar\"><span>");
        html_escape(out, v->label);
        buf_lit(out, "</span><b>");
        html_escape(out, v->text);
        buf_printf(out,
                   "</b><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
                   "aria-hidden=\"true\"><rect x=\"%.2f\" y=\"1\" width=\"%.2f\" "
                   "height=\"8\" fill=\"%s\"/><line x1=\"%.2f\" x2=\"%.2f\" y1=\"0\" "
                   "y2=\"10\" stroke=\"var(--ink)\" "
                   "vector-effect=\"non-scaling-stroke\"/>",
                   low, fmax(high - low, 0.4), tone_colour(b->tones[i]), base, base);
        bar_mark(out, b, e);
        buf_lit(out, "</svg></div>");
    }
    if (!b->mark_label)
        return;
    buf_lit(out, "<div class=\"dim\"><i class=\"dash\"></i>");
    html_escape(out, b->mark_label);
    buf_lit(out, "</div>");
}
