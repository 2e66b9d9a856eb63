/* top_open.c -- a row of `weir top` that is open: its reasons, its tries and what the
 * audit chain has of it. */
#include "cmd/serve/top_paint.h"
#include "config/type_words.h"

#include <stdarg.h>
#include <stdio.h>

struct lines {
    struct paint *p;
    size_t skip, n; /* lines to leave out, and made so far */
    unsigned until;
};

static bool begin_shown(struct lines *l)
{
    return l->n++ >= l->skip && l->p->lines < l->until;
}

/* What is wider than the screen goes on in the next line, below `hang` blanks. */
static void show(struct lines *l, enum style style, unsigned hang, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
static void show(struct lines *l, enum style style, unsigned hang, const char *fmt, ...)
{
    char text[1024];
    unsigned width = l->p->v->width, indent = 0;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    hang = hang < width / 2 ? hang : 0;
    for (struct str rest = str_of(text); rest.n; indent = hang) {
        size_t n = line_of(rest, width - indent);
        if (begin_shown(l)) {
            for (unsigned i = 0; i < indent; i++)
                put_text(l->p, style, " ");
            put(l->p, style, str_sub(rest, 0, n), width, false);
            end_line(l->p);
        }
        while (n < rest.n && rest.p[n] == ' ')
            n++;
        rest = str_sub(rest, n, rest.n);
    }
}

static void show_legs(struct lines *l, struct str row)
{
    struct paint *p = l->p;
    struct json_cur c;
    struct str one;
    show(l, BOLD, 0, "Tries");
    if (!begin_list(&c, raw_of(row, "legs")))
        return;
    while (next_item(&c, &one)) {
        char cost[PAINT_WORD];
        struct str error = code_words(p, text_of(p, one, "error_code"));
        money_of(raw_of(one, "cost_nanousd"), cost);
        show(l, PLAIN, 4, "  %.*s  %.*s  %.*s/%.*s (%.*s)  %.*s%s%.*s  %.*s ms  %s",
             STR_ARG(text_of(p, one, "n")),
             STR_ARG(code_words(p, text_of(p, one, "purpose"))),
             STR_ARG(text_of(p, one, "engine")), STR_ARG(text_of(p, one, "model")),
             STR_ARG(text_of(p, one, "side")), STR_ARG(text_of(p, one, "outcome")),
             error.n ? ": " : "", STR_ARG(error), STR_ARG(text_of(p, one, "total_ms")),
             cost);
    }
}

static void show_reasons(struct lines *l, struct str row)
{
    struct paint *p = l->p;
    struct json_cur c;
    struct str one;
    show(l, BOLD, 0, "Why");
    if (!begin_list(&c, raw_of(row, "reasons")))
        return;
    while (next_item(&c, &one))
        show(l, PLAIN, 17, "  %-14.*s %.*s",
             STR_ARG(code_words(p, text_of(p, one, "rule"))),
             STR_ARG(text_of(p, one, "detail")));
}

static void show_records(struct lines *l)
{
    struct paint *p = l->p;
    struct json_cur c, t;
    struct str one, type;
    show(l, BOLD, 0, "Audit chain");
    if (!begin_list(&c, raw_of(p->v->records, "records")))
        return;
    while (next_item(&c, &one)) {
        struct str record = raw_of(one, "record");
        show(l, PLAIN, 4, "  record %.*s: %.*s, %.*s bytes (%.*s)",
             STR_ARG(text_of(p, record, "seq")),
             STR_ARG(code_words(p, text_of(p, record, "decision"))),
             STR_ARG(text_of(p, record, "bytes")), STR_ARG(text_of(p, record, "reason")));
        if (begin_list(&t, raw_of(record, "types")))
            while (next_item(&t, &type)) {
                char words[GUARD_WORDS];
                uint64_t n = number_of(type, "n");
                guard_type_words(text_of(p, type, "type"), n, words);
                show(l, PLAIN, 4, "    %llu %s (%.*s)", (unsigned long long)n, words,
                     STR_ARG(text_of(p, type, "action")));
            }
    }
}

void draw_open(struct paint *p, unsigned until)
{
    const struct top_view *v = p->v;
    struct lines l = {.p = p, .skip = v->scroll, .until = until};
    struct str row = v->row, tokens = raw_of(row, "tokens");
    char cost[PAINT_WORD];
    show(&l, BOLD, 0, "Request %s%s", v->open_id, row.n ? "" : " ...");
    if (!row.n)
        return;
    money_of(raw_of(row, "cost_nanousd"), cost);
    show(&l, PLAIN, 2, "  %.*s  key %.*s  session %.*s", STR_ARG(text_of(p, row, "ts")),
         STR_ARG(text_of(p, row, "key")), STR_ARG(text_of(p, row, "session")));
    show(&l, PLAIN, 2, "  asked for %.*s, got %.*s of %.*s (%.*s)",
         STR_ARG(text_of(p, row, "model_asked")), STR_ARG(text_of(p, row, "model_used")),
         STR_ARG(text_of(p, row, "engine")), STR_ARG(text_of(p, row, "side")));
    show(&l, PLAIN, 2, "  %.*s, status %.*s %.*s, label %.*s",
         STR_ARG(text_of(p, row, "outcome")), STR_ARG(text_of(p, row, "status")),
         STR_ARG(code_words(p, text_of(p, row, "error_code"))),
         STR_ARG(text_of(p, row, "label")));
    show(&l, PLAIN, 2, "  %.*s ms, first token after %.*s ms; %.*s + %.*s tokens; %s",
         STR_ARG(text_of(p, row, "total_ms")), STR_ARG(text_of(p, row, "ttft_ms")),
         STR_ARG(text_of(p, tokens, "input")), STR_ARG(text_of(p, tokens, "output")),
         cost);
    show_reasons(&l, row);
    show_legs(&l, row);
    show_records(&l);
}
