/* top_rows.c -- the rows of `weir top`: which the filter lets through, and how one looks.
 */
#include "cmd/serve/top_paint.h"
#include "ledger/row_filter.h"

#include <stdio.h>

static struct str string_of(struct str row, const char *key)
{
    struct str raw = raw_of(row, key);
    return raw.n >= 2 && raw.p[0] == '"' ? str_sub(raw, 1, raw.n - 1) : STR("");
}

bool top_filter_has(const char *filter, struct str row)
{
    const struct row_facts facts = {
        .id = string_of(row, "id"),
        .key = string_of(row, "key"),
        .asked = string_of(row, "asked"),
        .model = string_of(row, "model"),
        .engine = string_of(row, "engine"),
        .side = string_of(row, "side"),
        .label = string_of(row, "label"),
        .outcome = string_of(row, "outcome"),
        .error = string_of(row, "error"),
        .reasons = raw_of(row, "reasons"),
        .was_at_cloud = str_eqz(raw_of(row, "at_cloud"), "true"),
    };
    return row_filter_has(str_of(filter), &facts);
}

static bool is_selected(const struct top_view *v, struct str row, bool is_first)
{
    return v->selected[0] ? has_word(row, "id", v->selected) : is_first;
}

void top_move(const struct top_view *v, long steps, char ret[24])
{
    long nth = -1, want = 0, n = 0;
    for (size_t i = 0; i < v->nrows; i++) {
        if (!top_filter_has(v->filter, v->rows[i]))
            continue;
        if (nth < 0 && is_selected(v, v->rows[i], n == 0))
            nth = n;
        n++;
    }
    want = (nth < 0 ? 0 : nth) + steps;
    want = want >= n ? n - 1 : want;
    want = want < 0 ? 0 : want;
    n = 0;
    ret[0] = '\0'; /* it may be v->selected */
    for (size_t i = 0; i < v->nrows; i++) {
        if (!top_filter_has(v->filter, v->rows[i]) || n++ != want)
            continue;
        struct str id = raw_of(v->rows[i], "id");
        if (id.n > 2 && id.n < 24)
            snprintf(ret, 24, "%.*s", STR_ARG(str_sub(id, 1, id.n - 1)));
        return;
    }
}

/* What stands beside a choice and is not its reason: as the page has it (words.js). */
static bool is_aside(struct str reason)
{
    static const char *const rules[] = {"label",  "mask",      "restored",
                                        "aside",  "truncated", "failed_attempts",
                                        "judged", "shadow",    "quality"};
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (has_word(reason, "rule", rules[i]))
            return true;
    return false;
}

/* "no local model can take images": the side stands in a column of its own. */
static struct str without_side(struct str detail)
{
    static const char *const sides[] = {"local: ", "cloud: "};
    for (size_t i = 0; i < ARRAY_LEN(sides); i++)
        if (str_starts(detail, str_of(sides[i])))
            return str_sub(detail, strlen(sides[i]), detail.n);
    return detail;
}

/* The last reason that is none beside it is the one that decided. */
static struct str why_of(struct paint *p, struct str row)
{
    struct json_cur c;
    struct str one, last = STR("");
    if (begin_list(&c, raw_of(row, "reasons")))
        while (next_item(&c, &one))
            if (!is_aside(one))
                last = one;
    struct str detail = without_side(text_of(p, last, "detail"));
    if (has_word(last, "rule", "pin"))
        return arena_printf(&p->arena, "asked for %.*s", STR_ARG(detail));
    if (has_word(last, "rule", "escalated"))
        return arena_printf(&p->arena, "too weak here: %.*s", STR_ARG(detail));
    return detail;
}

/* What became of it in words, and why. */
static struct str end_of(struct paint *p, struct str row)
{
    static const struct {
        const char *outcome, *words;
    } ends[] = {{"error", "failed"},
                {"refused", "refused"},
                {"cancelled", "the client left"},
                {"interrupted", "weir was stopped"}};
    struct str why = why_of(p, row), label = text_of(p, row, "label");
    bool stays = str_eqz(label, "confidential") || str_eqz(label, "internal");
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (has_word(row, "outcome", ends[i].outcome)) {
            struct str code = code_words(p, text_of(p, row, "error"));
            return arena_printf(&p->arena, "%s%s%.*s", ends[i].words, code.n ? ": " : "",
                                STR_ARG(code));
        }
    if (row_was_masked(raw_of(row, "reasons")))
        return arena_printf(&p->arena, "masked; %.*s", STR_ARG(why));
    if (stays && str_find(why, label) < 0)
        return arena_printf(&p->arena, "%.*s; %.*s", STR_ARG(label), STR_ARG(why));
    return why;
}

/* Where the side alone would say too much or too little: as the page has it (rows.js). */
static struct str what_of(struct paint *p, struct str row)
{
    bool was_there = str_eqz(raw_of(row, "at_cloud"), "true");
    struct str end = end_of(p, row);
    if (was_there == has_word(row, "side", "cloud"))
        return end;
    return arena_printf(&p->arena, "%s; %.*s",
                        was_there ? "was at the cloud" : "not reached: nothing left",
                        STR_ARG(end));
}

/* "733 ms", "3.3 s" */
static void took_of(struct str row, char ret[PAINT_WORD])
{
    uint64_t ms = number_of(row, "total_ms");
    if (ms < 1000)
        snprintf(ret, PAINT_WORD, "%llu ms", (unsigned long long)ms);
    else
        snprintf(ret, PAINT_WORD, "%.1f s", (double)ms / 1000);
}

/* By importance: who, where and why are on every screen; how long it took and what the
 * client was told where there is room. */
enum {
    KEY_COLUMNS = 8,
    SIDE_COLUMNS = 6,
    MODEL_COLUMNS = 13,
    COST_COLUMNS = 8,
    TOOK_COLUMNS = 8,
    STATUS_COLUMNS = 4,
    WIDE = 100
};

static unsigned model_columns(const struct paint *p)
{
    return p->v->width >= WIDE ? MODEL_COLUMNS + (p->v->width - WIDE) / 4 : MODEL_COLUMNS;
}

static void put_right(struct paint *p, enum style style, const char *text,
                      unsigned columns)
{
    put_words(p, style, "%*s ", (int)columns, text);
}

static void draw_row(struct paint *p, struct str row, bool is_picked)
{
    char at[PAINT_WORD], text[PAINT_WORD];
    bool is_cloud = has_word(row, "side", "cloud"),
         is_ok = has_word(row, "outcome", "ok");
    enum style base = is_picked ? PICKED : PLAIN;
    time_of(number_of(row, "at_ms"), at);
    put_text(p, base, is_picked ? ">" : " ");
    put(p, base, str_of(at + CLOCK_AT), 9, true);
    put(p, base, text_of(p, row, "key"), KEY_COLUMNS - 1, true);
    put_text(p, base, " ");
    put(p,
        is_picked  ? PICKED
        : is_cloud ? CLOUD
                   : LOCAL,
        text_of(p, row, "side"), SIDE_COLUMNS, true);
    put(p, base, text_of(p, row, "model"), model_columns(p) - 1, true);
    put_text(p, base, " ");
    if (p->v->width >= WIDE) {
        put(p, base, raw_of(row, "status"), STATUS_COLUMNS, true);
        took_of(row, text);
        put_right(p, base, text, TOOK_COLUMNS);
    }
    money_of(raw_of(row, "cost_nanousd"), text);
    put_right(p, base, text, COST_COLUMNS);
    put(p,
        is_picked ? PICKED
        : is_ok   ? PLAIN
                  : ALARM,
        what_of(p, row), p->v->width, false);
    end_line(p);
}

static void draw_rows(struct paint *p, unsigned until)
{
    const struct top_view *v = p->v;
    size_t picked = 0, n = 0, from, room = until > p->lines ? until - p->lines : 0;
    for (size_t i = 0, k = 0; i < v->nrows; i++)
        if (top_filter_has(v->filter, v->rows[i])) {
            if (is_selected(v, v->rows[i], k == 0))
                picked = k;
            k++;
            n = k;
        }
    from = picked >= room && room ? picked - room + 1 : 0;
    if (n == 0)
        put_text(p, FAINT,
                 v->filter[0] ? " no row that the filter lets through"
                              : " no requests yet");
    for (size_t i = 0, k = 0; i < v->nrows && p->lines < until; i++) {
        if (!top_filter_has(v->filter, v->rows[i]))
            continue;
        if (k >= from)
            draw_row(p, v->rows[i], k == picked && !v->is_plain);
        k++;
    }
}

void draw_table(struct paint *p, unsigned until)
{
    put(p, BOLD, STR(" TIME"), 10, true);
    put(p, BOLD, STR("KEY"), KEY_COLUMNS, true);
    put(p, BOLD, STR("SIDE"), SIDE_COLUMNS, true);
    put(p, BOLD, STR("MODEL"), model_columns(p), true);
    if (p->v->width >= WIDE) {
        put(p, BOLD, STR(""), STATUS_COLUMNS, true);
        put_right(p, BOLD, "TOOK", TOOK_COLUMNS);
    }
    put_right(p, BOLD, "COST", COST_COLUMNS);
    put_text(p, BOLD, "WHY");
    end_line(p);
    draw_rows(p, until);
}
