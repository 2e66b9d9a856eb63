/* ollama_answer.c -- what Ollama's /api/chat says, in weir's form.
 *
 * A stream is one JSON object a line.  Tool calls come whole, in a line that is not the
 * last, and the answer then ends with "stop"; all of them may have index 0.  The last
 * line has `done` and the counts, which are left out where they are 0.  An error after
 * the start is a line with `error` and without `done`. */
#include "engine/ollama.h"
#include "facts/date.h"
#include "json/scan.h"
#include "json/write.h"

enum { COUNT_CALLS, COUNT_ID };

static bool is_string(struct str raw)
{
    return raw.n >= 2 && raw.p[0] == '"';
}

static bool is_object(struct str text)
{
    struct json_cur c;
    json_begin(&c, text);
    return json_peek(&c) == JSON_OBJECT && json_skip(&c, NULL) &&
           json_finish(&c, NULL) == 0;
}

static void key(struct buf *out, const char *name)
{
    if (out->n && out->p[out->n - 1] != '{')
        buf_byte(out, ',');
    buf_printf(out, "\"%s\":", name);
}

/* Seconds since 1970 of "2026-11-28T20:44:12.3Z", or 0: a client wants a number. */
static int64_t seconds_of(struct str raw)
{
    int64_t days;
    uint64_t part[3];
    if (raw.n < strlen("\"2026-11-28T20:44:12") ||
        !date_parse(str_sub(raw, 1, 11), &days))
        return 0;
    for (size_t i = 0; i < 3; i++)
        if (!str_to_u64(str_sub(raw, 12 + 3 * i, 14 + 3 * i), &part[i]))
            return 0;
    return days * 86400 + (int64_t)(part[0] * 3600 + part[1] * 60 + part[2]);
}

/* One id for all chunks of an answer. */
static uint32_t id_of(struct str created)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < created.n; i++)
        h = (h ^ (unsigned char)created.p[i]) * 16777619U;
    return h;
}

static void write_names(struct str line, uint32_t id, const char *object, struct buf *out)
{
    struct str model = json_get(line, "model");
    buf_printf(out, "\"id\":\"chatcmpl-%08x\",\"object\":\"%s\",\"created\":", id,
               object);
    buf_i64(out, seconds_of(json_get(line, "created_at")));
    buf_lit(out, ",\"model\":");
    buf_append(out, is_string(model) ? model : STR("\"\""));
}

/* -- calls ------------------------------------------------------------------------------
 */

static void write_call(struct str call, uint32_t id, uint32_t index, struct buf *out)
{
    struct str own = json_get(call, "id"), function = json_get(call, "function");
    struct str name = json_get(function, "name");
    struct str arguments = json_get(function, "arguments");
    buf_printf(out, "{\"index\":%u,\"id\":", index);
    if (is_string(own) && own.n > 2)
        buf_append(out, own);
    else
        buf_printf(out, "\"call_%08x_%u\"", id, index);
    buf_lit(out, ",\"type\":\"function\",\"function\":{\"name\":");
    buf_append(out, is_string(name) ? name : STR("\"\""));
    buf_lit(out, ",\"arguments\":");
    if (is_string(arguments))
        buf_append(out, arguments);
    else
        json_write_string(out, arguments.p ? arguments : STR("{}"));
    buf_lit(out, "}}");
}

/* Adds `tool_calls`; the number of them so far. */
static uint32_t write_calls(struct str message, uint32_t id, uint32_t ncalls,
                            struct buf *out)
{
    struct json_cur c;
    struct str call, all = json_get(message, "tool_calls");
    bool is_open = false;
    if (!all.n || all.p[0] != '[')
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

/* -- a line
 * ------------------------------------------------------------------------------- */

static void write_text(struct str message, bool is_whole, struct buf *out)
{
    struct str content = json_get(message, "content");
    struct str thinking = json_get(message, "thinking");
    bool is_text = is_string(content);
    if (is_whole || (is_text && content.n > 2)) {
        key(out, "content");
        buf_append(out, is_text ? content : STR("null"));
    }
    if (is_string(thinking) && thinking.n > 2) {
        key(out, "reasoning_content");
        buf_append(out, thinking);
    }
}

static const char *finish_of(struct str line, uint32_t ncalls)
{
    if (str_eqz(json_get(line, "done_reason"), "\"length\""))
        return "length";
    return ncalls ? "tool_calls" : "stop";
}

/* The counts.  Ollama leaves out those that are 0, and those that it does not know: then
 * the other one stands as it came, where usage is read, too. */
static void write_counts(struct str line, struct buf *out)
{
    uint64_t in = 0, made = 0;
    struct str prompt = json_get(line, "prompt_eval_count");
    struct str eval = json_get(line, "eval_count");
    if (str_to_u64(prompt, &in) && str_to_u64(eval, &made)) {
        key(out, "usage");
        buf_printf(out,
                   "{\"prompt_tokens\":%llu,\"completion_tokens\":%llu,\"total_tokens\":"
                   "%llu}",
                   (unsigned long long)in, (unsigned long long)made,
                   (unsigned long long)in + (unsigned long long)made);
    } else if (prompt.p) {
        key(out, "prompt_eval_count");
        buf_append(out, prompt);
    } else if (eval.p) {
        key(out, "eval_count");
        buf_append(out, eval);
    }
}

static void begin_chunk(struct engine_translation *t, struct str line)
{
    buf_lit(&t->made, "data: {");
    write_names(line, t->counts[COUNT_ID], "chat.completion.chunk", &t->made);
    buf_lit(&t->made, ",\"choices\":[{\"index\":0,\"delta\":{");
    if (!t->has_begun)
        buf_lit(&t->made, "\"role\":\"assistant\"");
    t->has_begun = true;
}

static void write_delta(struct engine_translation *t, struct str line, bool is_done)
{
    struct str message = json_get(line, "message");
    begin_chunk(t, line);
    write_text(message, false, &t->made);
    t->counts[COUNT_CALLS] =
        write_calls(message, t->counts[COUNT_ID], t->counts[COUNT_CALLS], &t->made);
    buf_lit(&t->made, "},\"finish_reason\":");
    if (is_done)
        buf_printf(&t->made, "\"%s\"", finish_of(line, t->counts[COUNT_CALLS]));
    else
        buf_lit(&t->made, "null");
    buf_lit(&t->made, "}]");
    if (is_done)
        write_counts(line, &t->made);
    buf_lit(&t->made, "}\n\n");
}

static void take_line(struct engine_translation *t, struct str line)
{
    line = str_trim(line);
    if (line.n == 0 || t->has_ended)
        return;
    struct str error = json_get(line, "error");
    if (!is_object(line) || error.p || !json_get(line, "message").p) {
        buf_lit(&t->made, "data: ");
        buf_append(&t->made, line);
        buf_lit(&t->made, "\n\n");
        return;
    }
    if (!t->has_begun)
        t->counts[COUNT_ID] = id_of(json_get(line, "created_at"));
    bool is_done = str_eqz(json_get(line, "done"), "true");
    write_delta(t, line, is_done);
    if (is_done)
        buf_lit(&t->made, "data: [DONE]\n\n");
    t->has_ended = is_done;
}

/* The last line needs no end; one that breaks off inside is left as an event that does.
 */
static void take_rest(struct engine_translation *t)
{
    struct str rest = str_trim(buf_view(&t->partial));
    if (rest.n && !is_object(rest) && !t->has_ended) {
        buf_lit(&t->made, "data: ");
        buf_append(&t->made, rest);
    } else {
        take_line(t, rest);
    }
    buf_clear(&t->partial);
}

int ollama_translate(struct engine_translation *t, struct str bytes, bool is_end,
                     struct err *err)
{
    ptrdiff_t at;
    while ((at = str_index(bytes, '\n')) >= 0) {
        struct str line = str_sub(bytes, 0, (size_t)at);
        if (buf_len(&t->partial)) {
            buf_append(&t->partial, line);
            line = buf_view(&t->partial);
        }
        if (!t->partial.failed)
            take_line(t, line);
        else
            break;
        buf_clear(&t->partial);
        bytes = str_sub(bytes, (size_t)at + 1, bytes.n);
    }
    buf_append(&t->partial, at < 0 ? bytes : STR(""));
    if (t->partial.failed)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_sse",
                       "the engine sent a line of more than %zu bytes",
                       t->partial.max_bytes);
    if (is_end)
        take_rest(t);
    return 0;
}

/* -- whole answers
 * --------------------------------------------------------------------------- */

void ollama_translate_answer(enum surface surface, struct str answer, struct buf *out)
{
    struct str message = json_get(answer, "message");
    (void)surface;
    if (!is_object(answer) || !message.n || message.p[0] != '{' ||
        json_get(answer, "error").p) {
        buf_append(out, answer);
        return;
    }
    uint32_t id = id_of(json_get(answer, "created_at"));
    buf_byte(out, '{');
    write_names(answer, id, "chat.completion", out);
    buf_lit(out, ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\"");
    write_text(message, true, out);
    uint32_t ncalls = write_calls(message, id, 0, out);
    buf_printf(out, "},\"finish_reason\":\"%s\"}]", finish_of(answer, ncalls));
    write_counts(answer, out);
    buf_byte(out, '}');
}
