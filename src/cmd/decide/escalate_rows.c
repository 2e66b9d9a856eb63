/* escalate_rows.c -- reads the lines of `weir eval escalate` and `weir train judge`. */
#include "cmd/decide/escalate_rows.h"

#include "cmd/decide/scored.h"
#include "cmd/lib/lines.h"
#include "core/mem.h"
#include "judge/traits.h"

#include <math.h>

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

static void read_answers(struct escalate_row *row, struct json_cur *c, struct arena *a)
{
    row->nanswers = 0;
    if (json_peek(c) != JSON_ARRAY)
        json_fail(c, "\"answers\" is an array: [{\"engine\",\"text\"}, ...]");
    json_enter_array(c);
    while (json_next_element(c))
        read_answer(row, c, a);
}

static const char *missing(const struct escalate_row *row)
{
    return !row->id.n                ? "there is no \"id\""
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
    struct json_string key;
    *row = (struct escalate_row){.local = NAN, .cloud = NAN};
    json_begin(&c, line);
    if (json_peek(&c) != JSON_OBJECT)
        json_fail(&c, "a line is one JSON object");
    json_enter_object(&c);
    while (json_next_member(&c, &key)) {
        if (json_string_is(key, "id")) {
            scored_read_id(&c, a, &row->id);
        } else if (json_string_is(key, "prompt")) {
            scored_read_prompt(&c, a, &row->question.prompt);
        } else if (json_string_is(key, "local_score")) {
            scored_read_score(&c, &row->local);
        } else if (json_string_is(key, "cloud_score")) {
            scored_read_score(&c, &row->cloud);
        } else if (json_string_is(key, "answers")) {
            read_answers(row, &c, a);
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

struct reading {
    escalate_sink *sink;
    void *ctx;
    struct escalate_row *row;
    struct id_set ids;
    size_t n;
};

static int take_line(void *ctx, size_t number, struct str line, struct err *err)
{
    struct reading *r = ctx;
    struct arena a;
    arena_init(&a, MAX_ROW_BYTES);
    int rc = read_row(line, r->row, &a, err);
    if (rc == 0)
        rc = id_set_add(&r->ids, r->row->id, number, err);
    if (rc == 0)
        rc = r->sink(r->ctx, r->row, &a, err);
    r->n += rc == 0;
    arena_reset(&a);
    return rc;
}

int escalate_read(const char *path, escalate_sink *sink, void *ctx, struct err *err)
{
    struct reading r = {.sink = sink, .ctx = ctx, .row = mem_new(struct escalate_row)};
    int rc = r.row ? lines_each(path, take_line, &r, err) : err_nomem(err);
    if (rc == 0 && !r.n)
        rc = err_set(err, ERR_CONFIG, "escalate_empty",
                     "%s: there is no line in it; each is one prompt with its answers",
                     path);
    id_set_release(&r.ids);
    mem_free(r.row);
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

struct weights {
    double *v;
    size_t n;
};

static int take_weight(void *ctx, size_t number, struct str line, struct err *err)
{
    struct weights *w = ctx;
    (void)number;
    if (str_starts(line, STR("/*")) || str_starts(line, STR(" *")))
        return 0;
    if (!read_weight(line, w->v))
        return err_set(err, ERR_CONFIG, "judge_weights",
                       "not a line JUDGE_WEIGHT(NAME, value) with a known name, as weir "
                       "train judge writes them");
    w->n++;
    return 0;
}

int escalate_read_weights(const char *path, double *ret, struct err *err)
{
    struct weights w = {.v = ret};
    memset(ret, 0, FEATURE_COUNT * sizeof *ret);
    if (lines_each(path, take_weight, &w, err) < 0)
        return -1;
    return w.n ? 0
               : err_set(
                     err, ERR_CONFIG, "judge_weights",
                     "%s: there is no weight in it; weir train judge writes such a file",
                     path);
}
