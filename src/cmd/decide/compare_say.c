/* compare_say.c -- see compare_say.h. */
#include "cmd/decide/compare_say.h"

#include "cmd/decide/compare_columns.h"
#include "cmd/decide/text_diff.h"
#include "facts/money.h"

#include <math.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { FRAME_LINES = 12, PIPE_WIDTH = 100, ARENA_BYTES = 64 << 20 };

#define LITTLE_IN_COMMON .3

static size_t terminal_width(void)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < COLUMN_LEAST)
        return PIPE_WIDTH;
    return size.ws_col;
}

size_t compare_say_frame(struct compare_column *columns, size_t n, size_t drawn)
{
    struct str heads[COLUMNS_MAX], texts[COLUMNS_MAX];
    struct buf out;
    size_t lines, width = terminal_width();
    size_t shown = columns_fit(width, n);
    buf_init(&out, 1 << 20);
    if (drawn)
        buf_printf(&out, "\033[%zuA\033[J", drawn);
    mutex_lock(&columns[0].of->lock);
    for (size_t i = 0; i < shown; i++) {
        const struct compare_column *c = &columns[i];
        heads[i] = c->model;
        texts[i] = c->failure[0]       ? str_of(c->failure)
                   : buf_len(&c->text) ? buf_view(&c->text)
                                       : STR("...");
    }
    lines = columns_write(heads, shown, width, 1, &out);
    lines += columns_write(texts, shown, width, FRAME_LINES, &out);
    mutex_unlock(&columns[0].of->lock);
    if (shown < n) {
        buf_printf(&out, "and %zu further models\n", n - shown);
        lines++;
    }
    fwrite(out.p, 1, out.n, stdout);
    fflush(stdout);
    buf_release(&out);
    return lines;
}

void compare_say_clear(size_t drawn)
{
    if (drawn == 0)
        return;
    printf("\033[%zuA\033[J", drawn);
    fflush(stdout);
}

static const char *number(struct report *r, double v, const char *unit)
{
    return isnan(v) ? "unknown" : report_fmt(r, v < 10 ? "%.2f%s" : "%.0f%s", v, unit);
}

static const char *cost_of(struct report *r, const struct compare_column *c)
{
    char text[MONEY_TEXT];
    if (c->cost_nanousd < 0)
        return "unknown";
    if (strcmp(c->side, "local") == 0)
        return "not billed";
    money_format(c->cost_nanousd, 6, text);
    return report_fmt(r, "%s", text);
}

void compare_say_figures(struct report *r, const struct compare_column *columns, size_t n)
{
    static const char *const heads[] = {"model",  "side",     "first token", "all of it",
                                        "tokens", "tokens/s", "cost",        "answer"};
    report_section(r, "figures", "Figures");
    report_table(r, "models", heads, ARRAY_LEN(heads), TRUTH_MEASURED,
                 "weir compare, this run; cost at list prices", REPORT_NO_DATE);
    for (size_t i = 0; i < n; i++) {
        const struct compare_column *c = &columns[i];
        const struct bench_figures *f = &c->figures;
        const char *model = report_fmt(r, "%.*s", STR_ARG(c->model));
        const char *side = c->side[0] ? c->side : "-";
        const char *refused[] = {model, side, "-", "-", "-", "-", "-", "none"};
        const char *cells[] = {model,
                               side,
                               number(r, f->ttft_ms, " ms"),
                               number(r, f->latency_ms, " ms"),
                               report_fmt(r, "%.0f", f->tokens),
                               number(r, f->tokens_per_s, ""),
                               cost_of(r, c),
                               c->group ? report_fmt(r, "%c", 'A' + (c->group - 1) % 26)
                                        : "-"};
        report_row(r, c->was_answered ? cells : refused);
    }
    report_text(
        r, "Answers with the same letter state the same result; '-': it states none in a "
           "form that weir knows, so that is for you to read.");
}

void compare_say_labels(struct report *r, const struct compare_column *columns, size_t n)
{
    static const char *const heads[] = {"model", "label", "left as tags"};
    bool has_any = false;
    for (size_t i = 0; i < n; i++)
        has_any |= columns[i].label[0] || columns[i].masked[0];
    if (!has_any)
        return;
    report_section(r, "labels", "What each might see");
    report_table(r, "labels", heads, ARRAY_LEN(heads), TRUTH_MEASURED,
                 "weir's own answers to these requests", REPORT_NO_DATE);
    for (size_t i = 0; i < n; i++) {
        const struct compare_column *c = &columns[i];
        const char *cells[] = {report_fmt(r, "%.*s", STR_ARG(c->model)),
                               c->label[0] ? c->label : "-",
                               c->masked[0] ? c->masked : "-"};
        report_row(r, cells);
    }
}

void compare_say_answers(struct report *r, const struct compare_column *columns, size_t n)
{
    report_section(r, "answers", "Answers");
    for (size_t i = 0; i < n; i++) {
        const struct compare_column *c = &columns[i];
        report_text(r, "%.*s%s%s%s:", STR_ARG(c->model), c->request[0] ? " (" : "",
                    c->request, c->request[0] ? ")" : "");
        report_verbatim(r, c->was_answered ? buf_view(&c->text) : str_of(c->failure));
    }
}

void compare_say_columns(const struct compare_column *columns, size_t n)
{
    size_t width = isatty(STDOUT_FILENO) ? terminal_width() : PIPE_WIDTH;
    size_t fit = columns_fit(width, n);
    struct buf out;
    buf_init(&out, 64 << 20);
    for (size_t from = 0; from < n; from += fit) {
        struct str heads[COLUMNS_MAX], rules[COLUMNS_MAX], texts[COLUMNS_MAX];
        size_t here = n - from < fit ? n - from : fit;
        for (size_t i = 0; i < here; i++) {
            const struct compare_column *c = &columns[from + i];
            heads[i] = c->model;
            rules[i] = STR("------------------------");
            texts[i] = c->was_answered ? buf_view(&c->text) : str_of(c->failure);
        }
        columns_write(heads, here, width, 0, &out);
        columns_write(rules, here, width, 0, &out);
        columns_write(texts, here, width, 0, &out);
        buf_byte(&out, '\n');
    }
    fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
}

static const struct compare_column *first_answered(const struct compare_column *columns,
                                                   size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (columns[i].was_answered)
            return &columns[i];
    return NULL;
}

/* -- the judge -------------------------------------------------------------------------
 */

void compare_say_judged(struct report *r, const struct compare_column *columns, size_t n,
                        const char *judge, const struct compare_judged *judged)
{
    static const char *const columns_of[] = {"model", "beside the first one"};
    static const char *const words[] = {"unknown", "worse", "better", "no difference"};
    char cost[MONEY_TEXT];
    const struct compare_column *first = first_answered(columns, n);
    report_section(r, "judge", "What the judge says");
    report_table(r, "verdicts", columns_of, ARRAY_LEN(columns_of), TRUTH_ENGINE,
                 report_fmt(r, "%s, asked in both orders", judge), REPORT_NO_DATE);
    for (size_t i = 0; i < n; i++) {
        const struct compare_column *c = &columns[i];
        const char *cells[] = {report_fmt(r, "%.*s", STR_ARG(c->model)),
                               c == first         ? "the first one"
                               : !c->was_answered ? "no answer"
                                                  : words[judged->verdicts[i]]};
        report_row(r, cells);
    }
    if (judged->cost_nanousd >= 0)
        money_format(judged->cost_nanousd, 6, cost);
    else
        snprintf(cost, sizeof cost, "unknown");
    report_text(r, "%zu of %zu questions to %s were answered; they cost %s.",
                judged->answered, judged->asked, judge, cost);
    if (judged->answered < judged->asked)
        report_text(r, "The last one that was not: %s", judged->failure);
    report_text(r,
                "'No difference' stands also where it named one answer in one order and "
                "the other, or none, in the other.");
}

/* -- differences -----------------------------------------------------------------------
 */

void compare_say_differences(struct report *r, const struct compare_column *columns,
                             size_t n)
{
    const struct compare_column *first = first_answered(columns, n);
    struct arena scratch;
    arena_init(&scratch, ARENA_BYTES);
    report_section(r, "differences", "Differences");
    for (size_t i = 0; i < n; i++) {
        const struct compare_column *c = &columns[i];
        struct buf out;
        if (!c->was_answered || c == first)
            continue;
        buf_init(&out, ARENA_BYTES);
        double common =
            text_diff(buf_view(&first->text), buf_view(&c->text), &scratch, &out);
        if (common < 0)
            report_text(r, "%.*s has hardly a word where %.*s has it.", STR_ARG(c->model),
                        STR_ARG(first->model));
        else
            report_text(r, "%.*s has %.0f %% of its words in common with %.*s%s",
                        STR_ARG(c->model), 100 * common, STR_ARG(first->model),
                        common < LITTLE_IN_COMMON ? "." : ":");
        if (common >= LITTLE_IN_COMMON)
            report_verbatim(r, buf_view(&out));
        buf_release(&out);
        arena_rewind(&scratch);
    }
    report_text(r,
                "[-so-] stands what only %.*s says, {+so+} what only the other says. "
                "Answers with less than %.0f %% in common are not shown.",
                first ? (int)first->model.n : 0, first ? first->model.p : "",
                100 * LITTLE_IN_COMMON);
    arena_reset(&scratch);
}
