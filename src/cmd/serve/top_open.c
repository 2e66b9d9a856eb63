/* top_open.c -- a row of `weir top` that is open: its reasons, its tries and what the
 * audit chain has of it. */
#include "cmd/lib/say.h"
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

/* The text between these words; nothing where there is no text. */
static const char *part(struct paint *p, const char *before, struct str text,
                        const char *after)
{
    return text.n ? arena_printf(&p->arena, "%s%.*s%s", before, STR_ARG(text), after).p
                  : "";
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
    bool is_first = true;
    if (!begin_list(&c, raw_of(p->v->records, "records")))
        return;
    for (; next_item(&c, &one); is_first = false) {
        if (is_first) /* the chain has no record of what nothing could leave of */
            show(l, BOLD, 0, "Audit chain");
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

static void show_heading(struct lines *l, struct str row)
{
    struct paint *p = l->p;
    struct str model = text_of(p, row, "model_used");
    show(l, PLAIN, 2, "  %.*s  key %.*s%s", STR_ARG(text_of(p, row, "ts")),
         STR_ARG(text_of(p, row, "key")),
         part(p, "  session ", text_of(p, row, "session"), ""));
    if (model.n)
        show(l, PLAIN, 2, "  asked for %.*s, got %.*s of %.*s (%.*s)",
             STR_ARG(text_of(p, row, "model_asked")), STR_ARG(model),
             STR_ARG(text_of(p, row, "engine")), STR_ARG(text_of(p, row, "side")));
    else
        show(l, PLAIN, 2, "  asked for %.*s; no engine was asked",
             STR_ARG(text_of(p, row, "model_asked")));
    show(l, PLAIN, 2, "  %.*s%s%s%s", STR_ARG(text_of(p, row, "outcome")),
         part(p, ", status ", text_of(p, row, "status"), ""),
         part(p, " ", code_words(p, text_of(p, row, "error_code")), ""),
         part(p, ", label ", text_of(p, row, "label"), ""));
}

static void show_figures(struct lines *l, struct str row)
{
    struct paint *p = l->p;
    struct str tokens = raw_of(row, "tokens");
    uint64_t in = number_of(tokens, "input"), out = number_of(tokens, "output");
    char cost[PAINT_WORD], counts[PAINT_WORD] = "";
    money_of(raw_of(row, "cost_nanousd"), cost);
    if (in || out)
        snprintf(counts, sizeof counts, "; %llu + %llu tokens", (unsigned long long)in,
                 (unsigned long long)out);
    show(l, PLAIN, 2, "  %.*s ms%s%s; %s", STR_ARG(text_of(p, row, "total_ms")),
         part(p, ", first token after ", text_of(p, row, "ttft_ms"), " ms"), counts,
         cost);
}

static void show_all(struct lines *l)
{
    const struct top_view *v = l->p->v;
    show(l, BOLD, 0, "Request %s%s", v->open_id, v->row.n ? "" : " ...");
    if (!v->row.n)
        return;
    show_heading(l, v->row);
    show_figures(l, v->row);
    show_reasons(l, v->row);
    show_legs(l, v->row);
    show_records(l);
}

/* So many of all the lines are not seen at once; one line says that there are more. */
static size_t count_hidden(struct paint *p, size_t room)
{
    struct lines l = {.p = p, .skip = SIZE_MAX};
    show_all(&l);
    return l.n > room ? l.n - room + 1 : 0;
}

enum { AROUND = 2 }; /* the title and the foot */

size_t top_most_scroll(const struct top_view *v)
{
    struct buf none;
    struct paint p = {.v = v, .out = &none};
    buf_init(&none, PAINT_SCRATCH);
    arena_init(&p.arena, PAINT_SCRATCH);
    size_t n = v->height > AROUND ? count_hidden(&p, v->height - AROUND) : 0;
    arena_reset(&p.arena);
    buf_release(&none);
    return n;
}

void draw_open(struct paint *p, unsigned until)
{
    size_t room = until > p->lines ? until - p->lines : 0, hidden = count_hidden(p, room);
    struct lines l = {.p = p, .until = hidden ? until - 1 : until};
    l.skip = p->v->scroll < hidden ? p->v->scroll : hidden;
    show_all(&l);
    if (!hidden)
        return;
    if (hidden > l.skip)
        put_words(p, FAINT, "  ... %zu more line%s: down, PgDn", hidden - l.skip,
                  say_s(hidden - l.skip));
    else
        put_text(p, FAINT, "  the end: up, PgUp");
    end_line(p);
}
