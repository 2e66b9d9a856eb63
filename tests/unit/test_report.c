/* test_report.c -- three renderings of one report. */
#include "report/report.h"

#include "core/buf.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct report *sample(void)
{
    static const char *const columns[] = {"a column", "another"};
    static const double x[] = {0, 1, 2};
    static const double y[] = {-5, 0, 5};
    struct report *r = report_create("plan", "A <title> & more");
    assert_non_null(r);
    report_answer(r, "Local & %s", "<script>alert(1)</script>");
    report_section(r, "one", "Section \"one\"");
    report_add(r, &(struct report_value){.key = "cost",
                                         .label = "cost",
                                         .text = "$54.00",
                                         .number = "54",
                                         .unit = "/month",
                                         .truth = TRUTH_LIST,
                                         .source = "a page",
                                         .date_days = 20000,
                                         .expires_days = 20090});
    report_add(r, &(struct report_value){.key = "speed",
                                         .label = "speed",
                                         .text = "unknown",
                                         .truth = TRUTH_COMPUTED,
                                         .source = "nothing yet",
                                         .date_days = REPORT_NO_DATE,
                                         .expires_days = REPORT_NO_DATE});
    report_table(r, "t", columns, 2, TRUTH_RULE, "article", REPORT_NO_DATE);
    for (int i = 0; i < 3; i++) {
        const char *cells[] = {
            report_fmt(r, "row %d", i),
            "a long cell that has to be wrapped because eighty columns "
            "are not enough for all that it says here"};
        report_row(r, cells);
    }
    struct report_chart c = {.id = "c",
                             .title = "curve",
                             .x_label = "months",
                             .y_label = "USD",
                             .nseries = 1,
                             .mark_x = 1,
                             .mark_label = "here",
                             .series = {{"line", x, y, y, y, 3}}};
    report_chart(r, &c);
    struct report_bar bars[] = {{"one", "1", 0, 1}, {"two", "2", -1, 2}};
    report_bars(r, "b", "bars", "USD", 0, bars, 2);
    report_verbatim(r, STR("a:\n  - b\n"));
    return r;
}

static void text_keeps_to_80_columns_and_shows_truth(void **state)
{
    (void)state;
    struct report *r = sample();
    struct buf out;
    struct str rest;
    struct str line;
    buf_init(&out, 1 << 20);
    assert_int_equal(report_print_text(r, &out), 0);
    rest = buf_view(&out);
    while (str_split(&rest, '\n', &line))
        if (line.n > 80 || (line.n && line.p[line.n - 1] == ' '))
            fail_msg("%zu columns: [%.*s]", line.n, STR_ARG(line));
    assert_true(str_find(buf_view(&out), STR("$54.00 /month")) > 0);
    assert_true(str_find(buf_view(&out), STR("[P]")) > 0);
    assert_true(str_find(buf_view(&out), STR("      - b")) > 0);
    buf_release(&out);
    report_free(r);
}

/* Words stay whole as long as all columns have room for their longest one; a word that is
 * longer than any column goes on behind a mark inside it. */
static void a_table_keeps_its_words_whole(void **state)
{
    (void)state;
    static const char *const columns[] = {"state", "what", "found", "remedy"};
    static const char *const rows[][4] = {
        {"unknown", "OTEL_EXPORTER_OTLP_ENDPOINT", "not installed, or not in PATH",
         "traces with prompts may leave through it, whatever else is set"},
        {"note", "one", "two", "set it to 1 to stop the reports that it sends"},
        {"close", "a_name_of_a_setting_that_is_longer_than_any_column_that_there_is",
         "mode 777", "others may replace the model: chmod go-w"},
    };
    struct report *r = report_create("t", "T");
    struct buf out;
    struct str rest, line;
    buf_init(&out, 1 << 20);
    report_section(r, "s", "");
    report_table(r, "rows", columns, 4, TRUTH_MEASURED, "source", REPORT_NO_DATE);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        report_row(r, rows[i]);
    assert_int_equal(report_print_text(r, &out), 0);
    rest = buf_view(&out);
    while (str_split(&rest, '\n', &line))
        if (line.n > 80)
            fail_msg("%zu columns: [%.*s]", line.n, STR_ARG(line));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t c = 0; c < 4; c++) {
            struct str cell = str_of(rows[i][c]), word;
            while (str_split(&cell, ' ', &word))
                if (word.n <= 30 && str_find(buf_view(&out), word) < 0)
                    fail_msg("broken: %.*s in\n%.*s", STR_ARG(word), (int)out.n, out.p);
        }
    }
    assert_true(str_find(buf_view(&out), STR("a_name_of_a_setting_that_is")) > 0);
    assert_true(str_find(buf_view(&out), STR("_\n")) > 0 ||
                str_find(buf_view(&out), STR("_ ")) > 0);
    buf_release(&out);
    report_free(r);
}

/* Grep-style: no number in the JSON without truth and source; unknown is never 0. */
static void every_json_value_has_truth_source_and_dates(void **state)
{
    (void)state;
    struct report *r = sample();
    struct buf out;
    json_error_t je;
    buf_init(&out, 1 << 20);
    assert_int_equal(report_print_json(r, &out), 0);
    struct str all = buf_view(&out);
    json_t *root = json_loadb(all.p, all.n, JSON_REJECT_DUPLICATES, &je);
    if (!root)
        fail_msg("%s at %d", je.text, je.position);
    json_t *values = json_object_get(
        json_object_get(json_object_get(root, "sections"), "one"), "values");
    const char *key;
    json_t *v;
    assert_int_equal(json_object_size(values), 2);
    json_object_foreach(values, key, v)
    {
        assert_true(json_is_string(json_object_get(v, "truth")));
        assert_true(json_string_length(json_object_get(v, "source")) > 0);
        assert_non_null(json_object_get(v, "date"));
        assert_non_null(json_object_get(v, "expires"));
    }
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(values, "cost"), "value")),
        54);
    assert_true(json_is_null(json_object_get(json_object_get(values, "speed"), "value")));
    json_decref(root);
    buf_release(&out);
    report_free(r);
}

static void the_page_is_self_contained_and_escaped(void **state)
{
    (void)state;
    static const char *const forbidden[] = {
        "<script", "src=", "href=", "http:", "https:", "url(", "@import", "nan", "inf,"};
    struct report *r = sample();
    struct buf out;
    buf_init(&out, 1 << 20);
    assert_int_equal(report_print_html(r, &out), 0);
    for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
        if (str_find(buf_view(&out), str_of(forbidden[i])) >= 0)
            fail_msg("the page holds %s", forbidden[i]);
    assert_true(str_find(buf_view(&out), STR("&lt;script&gt;")) > 0);
    assert_true(str_find(buf_view(&out), STR("<svg")) > 0);
    assert_true(str_find(buf_view(&out), STR("</html>")) > 0);
    buf_release(&out);
    report_free(r);
}

/* Tones are colours of the page, and words say the same; a mark is named. */
static void tones_and_marks_are_on_the_page(void **state)
{
    (void)state;
    static const char *const columns[] = {"verdict", "speed"};
    static const char *const bad[] = {"impossible", "44"};
    static const struct report_bar bars[] = {{"claimed", "44", 0, 44},
                                             {"limit", "15", 0, 15}};
    struct report *r = report_create("t", "T");
    struct buf out;
    buf_init(&out, 1 << 20);
    report_answer(r, "impossible: 44");
    report_answer_tone(r, TONE_BAD);
    report_section(r, "s", "S");
    report_table(r, "rows", columns, 2, TRUTH_COMPUTED, "source", REPORT_NO_DATE);
    report_row(r, bad);
    report_row_tone(r, TONE_BAD);
    report_bars(r, "bars", "Bars", "tok/s", 0, bars, 2);
    report_bar_tone(r, 0, TONE_BAD);
    report_bars_mark(r, 15, "ceiling <15>");
    assert_int_equal(report_print_html(r, &out), 0);
    assert_true(str_find(buf_view(&out), STR("class=\"answer bad\"")) > 0);
    assert_true(str_find(buf_view(&out), STR("<tr class=\"bad\">")) > 0);
    assert_true(str_find(buf_view(&out), STR("fill=\"var(--mark)\"")) > 0);
    assert_true(str_find(buf_view(&out), STR("ceiling &lt;15&gt;")) > 0);
    buf_clear(&out);
    assert_int_equal(report_print_json(r, &out), 0);
    assert_true(str_find(buf_view(&out), STR("\"mark_label\":\"ceiling <15>\"")) > 0);
    buf_release(&out);
    report_free(r);
}

static void every_truth_has_its_name(void **state)
{
    (void)state;
    static const char *const names[TRUTHS] = {"measured",      "engine-reported",
                                              "computed",      "published figure",
                                              "rule of thumb", "given"};
    for (int t = 0; t < TRUTHS; t++)
        assert_string_equal(truth_name((enum truth)t), names[t]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_keeps_to_80_columns_and_shows_truth),
        cmocka_unit_test(a_table_keeps_its_words_whole),
        cmocka_unit_test(every_json_value_has_truth_source_and_dates),
        cmocka_unit_test(the_page_is_self_contained_and_escaped),
        cmocka_unit_test(tones_and_marks_are_on_the_page),
        cmocka_unit_test(every_truth_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
