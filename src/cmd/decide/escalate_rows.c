/* escalate_rows.c -- reads the lines of `weir eval escalate` and `weir train judge`. */
#include "cmd/decide/escalate_rows.h"

#include "core/mem.h"
#include "judge/traits.h"
#include "json/scan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_ROW_BYTES = 64 * 1024 * 1024 };

static enum finish_reason finish_of(struct json_string s)
{
    return json_string_is(s, "stop")             ? FINISH_STOP
           : json_string_is(s, "length")         ? FINISH_LENGTH
           : json_string_is(s, "tool_calls")     ? FINISH_TOOL_CALLS
           : json_string_is(s, "content_filter") ? FINISH_CONTENT_FILTER
                                                 : FINISH_OTHER;
}

static void read_answer(struct escalate_row *row, struct json_cur *c, struct arena *a)
{
    struct json_string key, s;
    struct str raw;
    size_t i = row->nanswers;
    struct judge_answer skipped;
    struct judge_answer *ans = i < JUDGE_MAX_ANSWERS ? &row->answers[i] : &skipped;
    bool has_text = false;
    *ans = (struct judge_answer){.text = STR("")};
    if (!json_enter_object(c)) {
        json_fail(c, "an answer is an object {\"engine\",\"text\"}");
        return;
    }
    while (json_next_member(c, &key)) {
        if (json_string_is(key, "text")) {
            has_text = true;
            if (json_peek(c) == JSON_NULL) /* the model said nothing */
                json_skip(c, NULL);
            else if (json_read_string(c, &s))
                ans->text = json_unescape(a, s);
        } else if (json_string_is(key, "finish_reason") && json_peek(c) == JSON_STRING) {
            if (json_read_string(c, &s))
                ans->finish = finish_of(s);
        } else if (json_string_is(key, "logprobs") && json_skip(c, &raw)) {
            if (i < JUDGE_MAX_ANSWERS && logprobs_read(&row->logprobs[i], raw) > 0)
                ans->logprobs = &row->logprobs[i];
        } else {
            json_skip(c, NULL);
        }
    }
    if (json_ok(c) && !has_text)
        json_fail(c, "an answer has no \"text\"");
    if (i < JUDGE_MAX_ANSWERS)
        row->nanswers++;
}

static void read_score(struct json_cur *c, double *ret)
{
    struct str raw;
    bool is_right;
    enum json_type type = json_peek(c);
    if (type == JSON_TRUE || type == JSON_FALSE)
        *ret = json_read_bool(c, &is_right) && is_right;
    else if (type != JSON_NUMBER)
        json_fail(c, "a score is a number, or true or false");
    else if (json_skip(c, &raw) && (!str_to_double(raw, ret) || !isfinite(*ret)))
        json_fail(c, "a score is a finite number");
}

static const char *missing(const struct escalate_row *row)
{
    return !row->id.p                ? "there is no \"id\""
           : !row->question.prompt.p ? "there is no \"prompt\""
           : !row->nanswers          ? "\"answers\" has no answer to judge"
           : isnan(row->local)       ? "there is no \"local_score\""
           : isnan(row->cloud)       ? "there is no \"cloud_score\""
                                     : NULL;
}

static int read_row(struct str line, struct escalate_row *row, struct arena *a,
                    struct err *err)
{
    struct json_cur c;
    struct json_string key, s;
    *row = (struct escalate_row){.local = NAN, .cloud = NAN};
    json_begin(&c, line);
    if (!json_enter_object(&c))
        json_fail(&c, "a line is one JSON object");
    while (json_next_member(&c, &key)) {
        if (json_string_is(key, "id") && json_peek(&c) == JSON_NUMBER) {
            json_skip(&c, &row->id);
        } else if (json_string_is(key, "id") && json_read_string(&c, &s)) {
            row->id = json_unescape(a, s);
        } else if (json_string_is(key, "prompt") && json_read_string(&c, &s)) {
            row->question.prompt = json_unescape(a, s);
        } else if (json_string_is(key, "local_score")) {
            read_score(&c, &row->local);
        } else if (json_string_is(key, "cloud_score")) {
            read_score(&c, &row->cloud);
        } else if (json_string_is(key, "answers") && json_enter_array(&c)) {
            row->nanswers = 0;
            while (json_next_element(&c))
                read_answer(row, &c, a);
        } else {
            json_skip(&c, NULL);
        }
    }
    if (json_ok(&c) && missing(row))
        json_fail(&c, missing(row));
    if (a->is_full)
        return err_nomem(err);
    return json_finish(&c, err);
}

static int read_line(const char *path, size_t no, struct str line, escalate_sink *sink,
                     void *ctx, struct err *err)
{
    struct arena a;
    struct err why = {0};
    struct escalate_row *row = mem_alloc(sizeof *row);
    arena_init(&a, MAX_ROW_BYTES);
    int rc = !row ? err_nomem(&why) : read_row(line, row, &a, &why);
    if (rc == 0)
        rc = sink(ctx, row, &a, &why);
    if (rc < 0)
        err_set(err, ERR_CONFIG, "escalate_line", "%s:%zu: %s", path, no, why.msg);
    arena_reset(&a);
    mem_free(row);
    return rc;
}

int escalate_read(const char *path, escalate_sink *sink, void *ctx, struct err *err)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    char *line = NULL;
    size_t cap = 0, no = 0;
    int rc = 0;
    if (!f)
        return err_set(err, ERR_CONFIG, "escalate_file", "%s: %s", path, strerror(errno));
    for (ssize_t n; rc == 0 && (n = getline(&line, &cap, f)) >= 0;) {
        struct str text = {line, (size_t)n};
        no++;
        while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
            text.n--;
        if (str_trim(text).n)
            rc = read_line(path, no, text, sink, ctx, err);
    }
    if (rc == 0 && ferror(f))
        rc = err_set(err, ERR_CONFIG, "escalate_file", "%s: it cannot be read", path);
    free(line);
    if (f != stdin)
        fclose(f);
    return rc;
}

static bool read_weight(struct str line, double *ret)
{
    const struct str head = STR("JUDGE_WEIGHT(");
    ptrdiff_t comma = str_index(line, ','), close = str_index(line, ')');
    if (!str_starts(line, head) || comma < 0 || close < comma)
        return false;
    struct str name = str_sub(line, head.n, (size_t)comma);
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        if (str_eqz(name, judge_feature_names[i]))
            return str_to_double(
                str_trim(str_sub(line, (size_t)comma + 1, (size_t)close)), &ret[i]);
    return false;
}

int escalate_read_weights(const char *path, double *ret, struct err *err)
{
    FILE *f = fopen(path, "r");
    char line[256];
    int rc = 0;
    if (!f)
        return err_set(err, ERR_CONFIG, "judge_weights", "%s: %s", path, strerror(errno));
    memset(ret, 0, FEATURE_COUNT * sizeof *ret);
    for (size_t no = 1; rc == 0 && fgets(line, sizeof line, f); no++) {
        struct str text = str_of(line);
        if (str_starts(text, STR("/*")) || str_starts(text, STR(" *")) || text.n <= 1)
            continue;
        if (!read_weight(text, ret))
            rc = err_set(err, ERR_CONFIG, "judge_weights",
                         "%s:%zu: not a line JUDGE_WEIGHT(NAME, value) with a known name",
                         path, no);
    }
    fclose(f);
    return rc;
}
