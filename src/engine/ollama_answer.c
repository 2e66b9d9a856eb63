/* ollama_answer.c -- what Ollama's /api/chat says, in weir's form.
 *
 * A stream is one JSON object a line.  Tool calls come whole, in a line that is not the
 * last, and the answer then ends with "stop"; all of them may have index 0.  The last
 * line has `done` and the counts, which are left out where they are 0; of older versions
 * it has no `message`.  An error after the start is a line with `error` and without
 * `done`.
 *
 * What is not understood never goes on to the client: a line that may be an error is left
 * for decode.c to tell as one, one that says nothing is dropped, and text in a place
 * where it cannot be read ends the answer with an error. */
#include "engine/failure.h"
#include "engine/members.h"
#include "engine/ollama.h"

#include "core/id_text.h"
#include "facts/date.h"
#include "json/scan.h"
#include "json/write.h"

static bool starts_with(struct str raw, char first)
{
    return raw.n > 0 && raw.p[0] == first;
}

static void key(struct buf *out, const char *name)
{
    if (out->n && out->p[out->n - 1] != '{')
        buf_byte(out, ',');
    buf_printf(out, "\"%s\":", name);
}

/* Raw JSON on one line: between its tokens a line may end. */
static void append_flat(struct str raw, struct buf *out)
{
    struct str line, part;
    while (str_split(&raw, '\n', &line))
        while (str_split(&line, '\r', &part))
            buf_append(out, part);
}

/* -- reading ---------------------------------------------------------------------------
 */

/* Raw members; p == NULL: not there, or null. */
enum {
    IN_MODEL,
    IN_CREATED,
    IN_MESSAGE,
    IN_DONE,
    IN_REASON,
    IN_PROMPT_COUNT,
    IN_COUNT_MADE,
    IN_ERROR,
    IN_CHOICES,
    IN_RESPONSE,
    LINE_MEMBERS
};
enum { OF_CONTENT, OF_THINKING, OF_CALLS, OF_IMAGES, MESSAGE_MEMBERS };

struct line {
    struct str raw;
    struct str in[LINE_MEMBERS];
    struct str of[MESSAGE_MEMBERS]; /* its message */
};

static bool read_line(struct str raw, struct line *ret)
{
    static const char *const names[LINE_MEMBERS] = {
        [IN_MODEL] = "model",           [IN_CREATED] = "created_at",
        [IN_MESSAGE] = "message",       [IN_DONE] = "done",
        [IN_REASON] = "done_reason",    [IN_PROMPT_COUNT] = "prompt_eval_count",
        [IN_COUNT_MADE] = "eval_count", [IN_ERROR] = "error",
        [IN_CHOICES] = "choices",       [IN_RESPONSE] = "response",
    };
    static const char *const of_message[MESSAGE_MEMBERS] = {
        [OF_CONTENT] = "content",
        [OF_THINKING] = "thinking",
        [OF_CALLS] = "tool_calls",
        [OF_IMAGES] = "images",
    };
    ret->raw = raw;
    (void)members_read(STR(""), of_message, MESSAGE_MEMBERS, ret->of);
    if (!members_read(raw, names, LINE_MEMBERS, ret->in))
        return false;
    if (starts_with(ret->in[IN_MESSAGE], '{'))
        (void)members_read(ret->in[IN_MESSAGE], of_message, MESSAGE_MEMBERS, ret->of);
    return true;
}

static bool is_done(const struct line *l)
{
    return str_eqz(l->in[IN_DONE], "true");
}

/* An error, or what may be one: its words are read by who reads all errors. */
static bool may_be_error(const struct line *l)
{
    bool has_message = starts_with(l->in[IN_MESSAGE], '{');
    enum says says = l->in[IN_ERROR].p ? failure_in_error(l->in[IN_ERROR]) : SAYS_NOTHING;
    if (says == SAYS_FAILURE || (says == SAYS_LITTLE && !has_message && !is_done(l)))
        return true;
    return !has_message && !is_done(l) && failure_in_object(l->raw) == SAYS_FAILURE;
}

static int not_read(const char *what, struct err *err)
{
    return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                   "the engine's answer has a %s, which is not of the form of /api/chat",
                   what);
}

static int check_calls(struct str raw, struct err *err)
{
    struct json_cur c;
    struct str call;
    if (!starts_with(raw, '['))
        return not_read("'tool_calls' that is no array", err);
    json_begin(&c, raw);
    json_enter_array(&c);
    while (json_next_element(&c) && json_skip(&c, &call)) {
        struct str name = json_get(json_get(call, "function"), "name");
        if (!is_json_string(name) || name.n <= 2)
            return not_read("tool call without a function's name", err);
    }
    return 0;
}

/* Text where it cannot be read is no answer without text. */
static int check(const struct line *l, struct err *err)
{
    if (l->in[IN_MESSAGE].p && !starts_with(l->in[IN_MESSAGE], '{'))
        return not_read("'message' that is no object", err);
    if (!l->in[IN_MESSAGE].p && !json_is_empty(l->in[IN_RESPONSE]))
        return not_read("'response' in the place of a 'message'", err);
    if (l->of[OF_CONTENT].p && !is_json_string(l->of[OF_CONTENT]))
        return not_read("'message.content' that is no string", err);
    if (l->of[OF_THINKING].p && !is_json_string(l->of[OF_THINKING]))
        return not_read("'message.thinking' that is no string", err);
    return l->of[OF_CALLS].p ? check_calls(l->of[OF_CALLS], err) : 0;
}

/* -- names -----------------------------------------------------------------------------
 */

enum { SECONDS_BYTES = sizeof "\"2026-11-28T20:44:12" - 1 }; /* of a time */

/* Seconds since 1970 of "2026-11-28T20:44:12.3Z", or 0: a client wants a number. */
static int64_t seconds_of(struct str raw)
{
    int64_t days;
    uint64_t part[3];
    if (raw.n < SECONDS_BYTES || !date_parse(str_sub(raw, 1, 11), &days))
        return 0;
    for (size_t i = 0; i < 3; i++)
        if (!str_to_u64(str_sub(raw, 12 + 3 * i, 14 + 3 * i), &part[i]))
            return 0;
    return days * 86400 + (int64_t)(part[0] * 3600 + part[1] * 60 + part[2]);
}

static void write_names(const struct line *l, uint64_t id, const char *object,
                        struct buf *out)
{
    struct str model = l->in[IN_MODEL];
    buf_lit(out, "\"id\":\"chatcmpl-");
    buf_id(out, id);
    buf_lit(out, "\",\"object\":\"");
    buf_append(out, str_of(object));
    buf_lit(out, "\",\"created\":");
    buf_i64(out, seconds_of(l->in[IN_CREATED]));
    buf_lit(out, ",\"model\":");
    buf_append(out, is_json_string(model) ? model : STR("\"\""));
}

/* -- calls ------------------------------------------------------------------------------
 */

static void write_call(struct str call, uint64_t id, uint32_t index, struct buf *out)
{
    struct str own = json_get(call, "id"), function = json_get(call, "function");
    struct str arguments = json_get(function, "arguments");
    buf_printf(out, "{\"index\":%u,\"id\":", index);
    if (is_json_string(own) && own.n > 2)
        buf_append(out, own);
    else
        buf_printf(out, "\"call_%s_%u\"", id_text(id).text, index);
    buf_lit(out, ",\"type\":\"function\",\"function\":{\"name\":");
    buf_append(out, json_get(function, "name"));
    buf_lit(out, ",\"arguments\":");
    if (is_json_string(arguments))
        buf_append(out, arguments);
    else
        json_write_string(out, json_is_empty(arguments) ? STR("{}") : arguments);
    buf_lit(out, "}}");
}

/* Adds `tool_calls`; the number of them so far. */
static uint32_t write_calls(struct str all, uint64_t id, uint32_t ncalls, struct buf *out)
{
    struct json_cur c;
    struct str call;
    bool is_open = false;
    if (!all.p)
        return ncalls;
    json_begin(&c, all);
    json_enter_array(&c);
    while (json_next_element(&c) && json_skip(&c, &call)) {
        if (!is_open) {
            key(out, "tool_calls");
            buf_byte(out, '[');
        } else {
            buf_byte(out, ',');
        }
        is_open = true;
        write_call(call, id, ncalls++, out);
    }
    buf_append(out, is_open ? STR("]") : STR(""));
    return ncalls;
}

/* -- a message --------------------------------------------------------------------------
 */

/* Where the newest text stands. */
static size_t write_text(const struct line *l, bool is_whole, struct buf *out)
{
    struct str content = l->of[OF_CONTENT], thinking = l->of[OF_THINKING];
    size_t at = 0;
    if (is_whole || content.n > 2) {
        key(out, "content");
        at = out->n + 1;
        buf_append(out, content.p ? content : STR("null"));
    }
    if (thinking.n > 2) {
        key(out, "reasoning_content");
        at = out->n + 1;
        buf_append(out, thinking);
    }
    if (!json_is_empty(l->of[OF_IMAGES])) {
        key(out, "images");
        append_flat(l->of[OF_IMAGES], out);
    }
    return at;
}

/* "stop" and "length" have their words; another reason ("load") goes on as it is. */
static void write_finish(const struct line *l, uint32_t ncalls, struct buf *out)
{
    struct str reason = l->in[IN_REASON];
    bool is_word = is_json_string(reason) && reason.n > 2 && !str_eqz(reason, "\"stop\"");
    if (is_word)
        buf_append(out, reason);
    else
        buf_append(out, ncalls ? STR("\"tool_calls\"") : STR("\"stop\""));
}

/* The counts.  Ollama leaves out those that are 0, and those that it does not know: then
 * the other one stands as it came, where usage is read, too. */
static void write_counts(const struct line *l, struct buf *out)
{
    uint64_t in = 0, made = 0;
    struct str prompt = l->in[IN_PROMPT_COUNT], eval = l->in[IN_COUNT_MADE];
    if (str_to_u64(prompt, &in) && str_to_u64(eval, &made)) {
        key(out, "usage");
        buf_printf(out,
                   "{\"prompt_tokens\":%llu,\"completion_tokens\":%llu,\"total_tokens\":"
                   "%llu}",
                   (unsigned long long)in, (unsigned long long)made,
                   (unsigned long long)in + (unsigned long long)made);
    } else if (prompt.p) {
        key(out, "prompt_eval_count");
        append_flat(prompt, out);
    } else if (eval.p) {
        key(out, "eval_count");
        append_flat(eval, out);
    }
}

/* -- a stream ---------------------------------------------------------------------------
 */

/* The next line may be like this one, but for its text and the time past the second. */
static void note_text(struct engine_translation *t, const struct line *l, size_t at)
{
    struct str content = l->of[OF_CONTENT], thinking = l->of[OF_THINKING];
    struct str created = l->in[IN_CREATED];
    if ((content.n > 2) == (thinking.n > 2))
        return;
    if (content.n > 2)
        known_text(&t->known, SOLE_TEXT, 0, content, at);
    else
        known_text(&t->known, SOLE_THOUGHT, 0, thinking, at);
    if (is_json_string(created) && created.n > SECONDS_BYTES + 1)
        known_word(&t->known, str_sub(created, SECONDS_BYTES, created.n - 1));
}

/* All that is kept of a line is in what is made of it. */
void ollama_note(struct engine_translation *t, const struct known_said *said)
{
    (void)t;
    (void)said;
}

static void write_chunk(struct engine_translation *t, const struct line *l)
{
    struct buf *out = &t->made;
    buf_lit(out, "data: {");
    write_names(l, t->naming.id, "chat.completion.chunk", out);
    buf_lit(out, ",\"choices\":[{\"index\":0,\"delta\":{");
    bool may_recur = t->has_begun && !l->of[OF_CALLS].p && !is_done(l);
    if (!t->has_begun)
        buf_lit(out, "\"role\":\"assistant\"");
    t->has_begun = true;
    size_t at = write_text(l, false, out);
    if (may_recur)
        note_text(t, l, at);
    t->count = write_calls(l->of[OF_CALLS], t->naming.id, t->count, out);
    buf_lit(out, "},\"finish_reason\":");
    if (is_done(l))
        write_finish(l, t->count, out);
    else
        buf_lit(out, "null");
    buf_lit(out, "}]");
    if (is_done(l))
        write_counts(l, out);
    buf_append(out, is_done(l) ? STR("}\n\ndata: [DONE]\n\n") : STR("}\n\n"));
    t->has_ended = is_done(l);
}

/* For decode.c, which tells what it is: an error, or nothing.  One that breaks off inside
 * is left without its end. */
static void leave(struct engine_translation *t, struct str text, bool is_cut)
{
    buf_lit(&t->made, "data: ");
    append_flat(text, &t->made);
    buf_append(&t->made, is_cut ? STR("") : STR("\n\n"));
}

static int take_object(struct engine_translation *t, struct str raw, struct err *err)
{
    struct line l;
    if (!read_line(raw, &l) || may_be_error(&l) ||
        (l.in[IN_CHOICES].p && !l.in[IN_MESSAGE].p)) {
        leave(t, raw, false);
        return 0;
    }
    if (check(&l, err) != 0)
        return -1;
    if (l.in[IN_MESSAGE].p || is_done(&l))
        write_chunk(t, &l);
    else
        buf_lit(&t->made, ": ping\n\n");
    return 0;
}

/* Some put the lines into events: `data: {...}`. */
static struct str without_field(struct str line)
{
    static const char *const fields[] = {":", "event:", "id:", "retry:"};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (str_starts(line, str_of(fields[i])))
            return STR("");
    if (!str_starts(line, STR("data:")))
        return line;
    return str_trim(str_sub(line, strlen("data:"), line.n));
}

/* One object, or several with nothing between. */
static int take_line(struct engine_translation *t, struct str line, bool is_cut,
                     struct err *err)
{
    struct str object, mark = STR("\xEF\xBB\xBF");
    struct json_cur c;
    if (!t->has_begun && str_starts(line, mark))
        line = str_sub(line, mark.n, line.n);
    line = without_field(str_trim(line));
    while (line.n && !t->has_ended) {
        json_begin(&c, line);
        if (json_peek(&c) != JSON_OBJECT || !json_skip(&c, &object)) {
            if (!t->has_begun || !str_eqz(line, "[DONE]")) /* `done` alone is the end */
                leave(t, line, is_cut);
            return 0;
        }
        if (take_object(t, object, err) != 0)
            return -1;
        line = str_trim(str_sub(line, json_offset(&c), line.n));
    }
    return 0;
}

/* One with its end; what is learnt of it holds for the next. */
static int take_known_line(struct engine_translation *t, struct str line, struct err *err)
{
    size_t from = t->made.n;
    known_begin(&t->known);
    int rc = take_line(t, line, false, err);
    if (rc == 0 && !t->reads_all)
        known_learn(&t->known, line, STR("\n"), buf_view(&t->made), from);
    return rc;
}

int ollama_translate(struct engine_translation *t, struct str bytes, bool is_end,
                     struct err *err)
{
    ptrdiff_t at;
    int rc = 0;
    if (buf_len(&t->partial) == 0)
        translate_known(t, &bytes);
    while (rc == 0 && (at = str_index(bytes, '\n')) >= 0) {
        struct str line = str_sub(bytes, 0, (size_t)at);
        if (buf_len(&t->partial)) {
            buf_append(&t->partial, line);
            line = buf_view(&t->partial);
        }
        if (t->partial.failed)
            break;
        rc = take_known_line(t, line, err);
        translation_mark(t, line, STR("\n"));
        buf_clear(&t->partial);
        bytes = str_sub(bytes, (size_t)at + 1, bytes.n);
        if (rc == 0 && translation_stops(t, bytes))
            return 0;
        if (rc == 0)
            translate_known(t, &bytes);
    }
    if (rc != 0)
        return -1;
    buf_append(&t->partial, at < 0 ? bytes : STR(""));
    if (t->partial.failed)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_sse",
                       "the engine sent a line of more than %zu bytes",
                       t->partial.max_bytes);
    if (is_end) { /* the last line needs no end */
        rc = take_line(t, buf_view(&t->partial), true, err);
        if (buf_len(&t->partial))
            translation_mark(t, buf_view(&t->partial), STR("\n"));
        buf_clear(&t->partial);
    }
    return rc;
}

/* -- whole answers
 * --------------------------------------------------------------------------- */

int ollama_translate_answer(const struct engine_naming *naming, struct str answer,
                            struct buf *out, struct err *err)
{
    struct line l;
    if (!read_line(answer, &l) || may_be_error(&l) ||
        (!l.in[IN_MESSAGE].p && json_is_empty(l.in[IN_RESPONSE]))) {
        buf_append(out, answer);
        return 0;
    }
    if (check(&l, err) != 0)
        return -1;
    if (!is_done(&l))
        return err_set(err, ERR_UPSTREAM, "upstream_truncated",
                       "the engine's answer ends before it is complete: its 'done' is "
                       "not true");
    buf_byte(out, '{');
    write_names(&l, naming->id, "chat.completion", out);
    buf_lit(out, ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\"");
    write_text(&l, true, out);
    uint32_t ncalls = write_calls(l.of[OF_CALLS], naming->id, 0, out);
    buf_lit(out, "},\"finish_reason\":");
    write_finish(&l, ncalls, out);
    buf_lit(out, "}]");
    write_counts(&l, out);
    buf_byte(out, '}');
    return 0;
}
