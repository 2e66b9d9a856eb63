/* svg.c -- line charts with bands and bar charts, as inline SVG.
 *
 * The drawing is 460 units wide so that text stays readable when a phone scales it to
 * 320 pixels; the page keeps it from growing past 640.  Colours are the page's variables,
 * so dark mode needs no second chart. */
#include "report/model.h"

#include <math.h>
#include <stdio.h>

enum { W = 460, H = 262, LEFT = 52, RIGHT = 14, TOP = 14, BOTTOM = 46, TICKS = 4 };
enum { BAR_H = 34, BAR_LEFT = 112, BAR_RIGHT = 140 };

static const char *const colours[REPORT_SERIES] = {"var(--a)", "var(--b)", "var(--c)",
                                                   "var(--d)"};

struct scale {
    struct extent e;
};

static double px(const struct scale *s, double x)
{
    return LEFT + (x - s->e.x0) / (s->e.x1 - s->e.x0) * (W - LEFT - RIGHT);
}

static double py(const struct scale *s, double y)
{
    return H - BOTTOM - (y - s->e.y0) / (s->e.y1 - s->e.y0) * (H - TOP - BOTTOM);
}

static void axes(struct buf *out, const struct scale *s, const struct report_chart *c)
{
    char text[24];
    for (int i = 0; i <= TICKS; i++) {
        double y = s->e.y0 + (s->e.y1 - s->e.y0) * i / TICKS;
        double x = s->e.x0 + (s->e.x1 - s->e.x0) * i / TICKS;
        axis_number(y, text);
        buf_printf(out,
                   "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" "
                   "stroke=\"var(--line)\"/><text class=\"dimt\" x=\"%d\" y=\"%.1f\" "
                   "text-anchor=\"end\">%s</text>",
                   LEFT, W - RIGHT, py(s, y), py(s, y), LEFT - 8, py(s, y) + 4, text);
        axis_number(x, text);
        buf_printf(
            out, "<text class=\"dimt\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>",
            px(s, x), H - BOTTOM + 18,
            i == 0       ? "start"
            : i == TICKS ? "end"
                         : "middle",
            text);
    }
    buf_printf(out, "<text class=\"dimt\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
               (W + LEFT) / 2, H - BOTTOM + 38);
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
               colours[k], k ? " stroke-dasharray=\"7 4\"" : "");
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
        buf_printf(out, "<span><i style=\"background:%s\"></i>", colours[k]);
        html_escape(out, c->series[k].name);
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
               x, x, TOP, H - BOTTOM, x + (right ? -6 : 6), TOP + 12,
               right ? "end" : "start");
    html_escape(out, c->mark_label ? c->mark_label : "");
    buf_lit(out, "</text>");
}

void svg_chart(struct buf *out, const struct report_chart *c)
{
    struct scale s = {chart_extent(c)};
    buf_printf(out, "<div class=\"dim\">");
    html_escape(out, c->y_label);
    buf_printf(out, "</div><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", W, H);
    html_escape(out, c->title);
    buf_lit(out, "\">");
    axes(out, &s, c);
    for (size_t k = 0; k < c->nseries; k++)
        band(out, &s, &c->series[k]);
    for (size_t k = 0; k < c->nseries; k++)
        line(out, &s, &c->series[k], k);
    mark(out, &s, c);
    buf_lit(out, "</svg>");
    legend(out, c);
}

void svg_bars(struct buf *out, const struct bars_item *b)
{
    struct extent e = bars_extent(b);
    double span = W - BAR_LEFT - BAR_RIGHT;
    double base = BAR_LEFT + (b->base - e.x0) / (e.x1 - e.x0) * span;
    int height = BAR_H * (int)b->n + 6;
    buf_printf(out, "<div class=\"dim\">");
    html_escape(out, b->unit);
    buf_printf(out, "</div><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", W,
               height);
    html_escape(out, b->title);
    buf_lit(out, "\">");
    for (size_t i = 0; i < b->n; i++) {
        double low = BAR_LEFT + (fmin(b->bars[i].low, b->bars[i].high) - e.x0) /
                                    (e.x1 - e.x0) * span;
        double high = BAR_LEFT + (fmax(b->bars[i].low, b->bars[i].high) - e.x0) /
                                     (e.x1 - e.x0) * span;
        int y = BAR_H * (int)i + 4;
        buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", BAR_LEFT - 10,
                   y + 18);
        html_escape(out, b->bars[i].label);
        buf_printf(
            out,
            "</text><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"20\" rx=\"2\" "
            "fill=\"%s\"/><text class=\"dimt\" x=\"%.1f\" y=\"%d\">",
            low, y + 3, fmax(high - low, 1.5), colours[0], high + 8, y + 18);
        html_escape(out, b->bars[i].text);
        buf_lit(out, "</text>");
    }
    buf_printf(out,
               "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%d\" stroke=\"var(--ink)\"/>"
               "</svg>",
               base, base, height);
}
