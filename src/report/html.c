/* html.c -- one page that needs nothing else: no script, no font, no request.
 *
 * It must read on a phone (390 px) and print on paper, in light and in dark.  Charts
 * are inline SVG that scale with the page; tables scroll sideways inside their own box
 * rather than push the page wider than the screen. */
#include "report/model.h"

#include "facts/date.h"

static const char head[] =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
    "style-src 'unsafe-inline'\"><style>"
    ":root{--ink:#14202b;--dim:#5a6b7a;--page:#fbfcfd;--card:#fff;--line:#dde4ea;"
    "--a:#0b6bcb;--b:#c2410c;--c:#15803d;--d:#7c3aed;--band:#0b6bcb22;--mark:#b91c1c}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9fb0c0;--page:#0e151b;"
    "--card:#151f28;--line:#2a3844;--a:#5aa9ff;--b:#ff9a62;--c:#5bd38a;--d:#b794ff;"
    "--band:#5aa9ff33;--mark:#ff7b7b}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    "main{max-width:60rem;margin:0 auto;padding:1.25rem 1rem 3rem}"
    "h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.1rem;"
    "margin:2rem 0 .6rem}.answer{font-size:1.1rem;background:var(--card);"
    "border:1px solid var(--line);border-left:5px solid var(--a);border-radius:.4rem;"
    "padding:.8rem 1rem;margin:1rem 0}.dim{color:var(--dim);font-size:.86rem}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:.4rem;"
    "padding:.25rem 1rem;margin:.6rem 0}"
    "dl{margin:0}dl>div{display:flex;flex-wrap:wrap;gap:.1rem 1rem;padding:.5rem 0;"
    "border-bottom:1px solid var(--line)}dl>div:last-child{border:0}"
    "dt{flex:1 1 9rem}dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}"
    ".why{flex:1 0 100%;color:var(--dim);font-size:.82rem;overflow-wrap:anywhere}"
    ".t{display:inline-block;border:1px solid var(--line);border-radius:1rem;"
    "padding:0 .5rem;margin-right:.3rem;white-space:nowrap}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;"
    "font-size:.9rem}th,td{text-align:left;padding:.35rem .6rem .35rem 0;"
    "border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--dim);"
    "font-weight:600}td:first-child{min-width:7rem}svg{width:100%;max-width:540px;height:"
    "auto;display:block;margin:."
    "4rem 0}"
    "svg text{fill:var(--ink);font:11px system-ui,sans-serif}svg .dimt{fill:var(--dim)}"
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.86rem;"
    "padding-bottom:.5rem}.legend i{display:inline-block;width:1.4rem;"
    "margin-right:.4rem;vertical-align:middle}.legend span{overflow-wrap:anywhere}"
    "figure{margin:.6rem 0}figcaption{font-weight:600;padding-top:.5rem}"
    ".answer p{margin:.35rem 0}.answer p+p{font-size:.95rem}"
    ".stale{border-color:var(--mark);color:var(--mark);font-weight:600}"
    ".bar{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;"
    "padding:.3rem 0;font-size:.9rem}.bar b{font-variant-numeric:tabular-nums}"
    ".bar svg{flex:1 0 100%;max-width:none;height:.8rem;margin:.1rem 0}"
    ".dash{display:inline-block;width:1.4rem;border-top:2px dashed var(--ink);"
    "margin-right:.4rem;vertical-align:middle}td{overflow-wrap:anywhere}"
    ".good{border-left-color:var(--c)}.doubt{border-left-color:var(--b)}"
    ".bad{border-left-color:var(--mark)}tr.good td:first-child{color:var(--c)}"
    "tr.doubt td:first-child{color:var(--b)}tr.bad td:first-child{color:var(--mark);"
    "font-weight:600}"
    "@media(max-width:560px){.answer{font-size:1rem;padding:.5rem "
    ".8rem}thead{display:none}tr{display:block;padding:.4rem 0;"
    "border-bottom:1px solid var(--line)}td{display:flex;gap:.6rem;border:0;"
    "padding:.1rem 0}td:empty{display:none}td::before{content:attr(data-l);flex:0 0 38%;"
    "color:var(--dim)}td:first-child{font-weight:600}}"
    "@media print{body{background:#fff}.card,.answer{break-inside:avoid}}"
    "</style>";

static void escape_part(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '<')
            buf_lit(out, "&lt;");
        else if (s.p[i] == '>')
            buf_lit(out, "&gt;");
        else if (s.p[i] == '&')
            buf_lit(out, "&amp;");
        else if (s.p[i] == '"')
            buf_lit(out, "&quot;");
        else
            buf_byte(out, s.p[i]);
    }
}

void html_escape(struct buf *out, const char *s)
{
    escape_part(out, str_of(s));
}

static void provenance(struct buf *out, enum truth truth, const char *source,
                       int64_t date, int64_t expires)
{
    char text[DATE_TEXT];
    buf_printf(out, "<span class=\"t\">%s</span>", truth_name(truth));
    html_escape(out, source);
    if (date != REPORT_NO_DATE) {
        date_format(date, text);
        buf_printf(out, ", %s", text);
    }
    if (expires != REPORT_NO_DATE) {
        bool stale = expires < date_today();
        date_format(expires, text);
        buf_printf(out, "; ask again after %s%s", text,
                   stale ? " <span class=\"t stale\">stale</span>" : "");
    }
}

static void print_value(struct buf *out, const struct report_value *v)
{
    buf_lit(out, "<div><dt>");
    html_escape(out, v->label);
    buf_lit(out, "</dt><dd>");
    html_escape(out, v->text);
    if (v->unit[0])
        buf_byte(out, ' ');
    html_escape(out, v->unit);
    buf_lit(out, "</dd><div class=\"why\">");
    provenance(out, v->truth, v->source, v->date_days, v->expires_days);
    if (v->note) {
        buf_lit(out, "<br>");
        html_escape(out, v->note);
    }
    buf_lit(out, "</div></div>");
}

static const char *tone_class(enum report_tone tone)
{
    static const char *const names[] = {"", "good", "doubt", "bad"};
    return names[tone];
}

static void print_table(struct buf *out, const struct table_item *t)
{
    buf_lit(out, "<div class=\"card\"><div class=\"scroll\"><table><thead><tr>");
    for (size_t c = 0; c < t->ncolumns; c++) {
        buf_lit(out, "<th scope=\"col\">");
        html_escape(out, t->columns[c]);
        buf_lit(out, "</th>");
    }
    buf_lit(out, "</tr></thead><tbody>");
    for (const struct row *r = t->rows; r; r = r->next) {
        if (r->tone)
            buf_printf(out, "<tr class=\"%s\">", tone_class(r->tone));
        else
            buf_lit(out, "<tr>");
        for (size_t c = 0; c < t->ncolumns; c++) {
            buf_lit(out, "<td data-l=\"");
            html_escape(out, t->columns[c]);
            buf_lit(out, "\">");
            html_escape(out, r->cells[c]);
            buf_lit(out, "</td>");
        }
        buf_lit(out, "</tr>");
    }
    buf_lit(out, "</tbody></table></div><p class=\"dim\">");
    provenance(out, t->truth, t->source, t->date, REPORT_NO_DATE);
    buf_lit(out, "</p></div>");
}

static void print_figure(struct buf *out, const struct item *i)
{
    buf_lit(out, "<div class=\"card\"><figure><figcaption>");
    html_escape(out, i->kind == ITEM_CHART ? i->chart.title : i->bars.title);
    buf_lit(out, "</figcaption>");
    if (i->kind == ITEM_CHART)
        svg_chart(out, &i->chart);
    else
        svg_bars(out, &i->bars);
    buf_lit(out, "</figure></div>");
}

static void print_items(struct buf *out, const struct section *s)
{
    bool in_list = false;
    for (const struct item *i = s->items; i; i = i->next) {
        bool is_value = i->kind == ITEM_VALUE;
        if (is_value != in_list)
            buf_append(out,
                       str_of(is_value ? "<div class=\"card\"><dl>" : "</dl></div>"));
        in_list = is_value;
        if (is_value) {
            print_value(out, &i->value);
        } else if (i->kind == ITEM_TABLE) {
            print_table(out, &i->table);
        } else if (i->kind == ITEM_TEXT) {
            buf_lit(out, "<p>");
            html_escape(out, i->text);
            buf_lit(out, "</p>");
        } else if (i->kind == ITEM_VERBATIM) {
            buf_lit(out, "<div class=\"card scroll\"><pre>");
            html_escape(out, i->text);
            buf_lit(out, "</pre></div>");
        } else {
            print_figure(out, i);
        }
    }
    if (in_list)
        buf_lit(out, "</dl></div>");
}

static void print_answer(struct buf *out, const char *answer, enum report_tone tone)
{
    struct str rest = str_of(answer);
    struct str line;
    buf_printf(out, "<div class=\"answer%s%s\">", tone ? " " : "", tone_class(tone));
    while (str_split(&rest, '\n', &line)) {
        buf_lit(out, "<p>");
        escape_part(out, line);
        buf_lit(out, "</p>");
    }
    buf_lit(out, "</div>");
}

/* What the labels mean, once, at the end. */
static void print_labels(struct buf *out)
{
    static const char *const means[TRUTHS] = {
        [TRUTH_MEASURED] = "measured by weir, on this machine or in its ledger",
        [TRUTH_ENGINE] = "said by the engine that did the work",
        [TRUTH_COMPUTED] = "computed from other figures that are shown",
        [TRUTH_LIST] = "published by a maker, a provider or the source named beside it",
        [TRUTH_RULE] = "a rule of thumb: replace it by your own figure",
        [TRUTH_GIVEN] = "given by you",
    };
    buf_lit(out, "<section id=\"labels\"><h2>What the labels mean</h2><div "
                 "class=\"card\"><dl>");
    for (int t = 0; t < TRUTHS; t++)
        buf_printf(out,
                   "<div><dt><span class=\"t\">%s</span></dt><div class=\"why\">%s</div>"
                   "</div>",
                   truth_name((enum truth)t), means[t]);
    buf_lit(out, "</dl></div></section>");
}

int report_print_html(const struct report *r, struct buf *out)
{
    char today[DATE_TEXT];
    date_format(date_today(), today);
    buf_append(out, str_of(head));
    buf_lit(out, "<title>");
    html_escape(out, r->title);
    buf_lit(out, "</title></head><body><main><p class=\"dim\">weir ");
    buf_printf(out, "%s %s, %s</p><h1>", WEIR_VERSION, r->command, today);
    html_escape(out, r->title);
    buf_lit(out, "</h1>");
    if (r->answer)
        print_answer(out, r->answer, r->tone);
    for (const struct section *s = r->sections; s; s = s->next) {
        buf_printf(out, "<section id=\"%s\">", s->id);
        if (s->title[0]) {
            buf_lit(out, "<h2>");
            html_escape(out, s->title);
            buf_lit(out, "</h2>");
        }
        print_items(out, s);
        buf_lit(out, "</section>");
    }
    print_labels(out);
    buf_lit(out, "</main></body></html>\n");
    return r->failed || out->failed ? -1 : 0;
}
