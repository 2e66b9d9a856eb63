/* workload.c -- see workload.h. */
#include "bench/workload.h"

#include "facts/embedded.h"
#include "json/scan.h"
#include "json/write.h"

enum { ARENA_BYTES = 256 << 20, FIRST_PROMPTS = 64 };

const char *const bench_workload_names[] = {"chat",    "rag",   "review",
                                            "extract", "agent", NULL};

void bench_workload_init(struct bench_workload *w)
{
    *w = (struct bench_workload){.n = 0};
    arena_init(&w->arena, ARENA_BYTES);
}

void bench_workload_release(struct bench_workload *w)
{
    arena_reset(&w->arena);
    bench_workload_init(w);
}

static int bad(struct err *err, const char *what)
{
    return err_set(err, ERR_BAD_REQUEST, "workload", "%s", what);
}

static int keep(struct bench_workload *w, struct str body, struct err *err)
{
    if (w->n == BENCH_MAX_PROMPTS)
        return err_set(err, ERR_BAD_REQUEST, "workload",
                       "a workload has at most %d prompts", BENCH_MAX_PROMPTS);
    if (w->n == w->room) {
        size_t room = w->room ? 2 * w->room : FIRST_PROMPTS;
        struct str *bodies = arena_array(&w->arena, struct str, room);
        if (!bodies)
            return err_nomem(err);
        if (w->n)
            memcpy(bodies, w->bodies, w->n * sizeof *bodies);
        w->bodies = bodies;
        w->room = room;
    }
    struct str copy = arena_strdup(&w->arena, body);
    if (!copy.p)
        return err_nomem(err);
    w->bodies[w->n++] = copy;
    return 0;
}

/* -- a line ------------------------------------------------------------------------- */

static bool is_ours(struct json_string key)
{
    return json_string_is(key, "workload") || json_string_is(key, "prompt") ||
           json_string_is(key, "model") || json_string_is(key, "stream") ||
           json_string_is(key, "stream_options");
}

static void member(struct buf *out, struct str key, struct str raw)
{
    buf_byte(out, buf_len(out) > 1 ? ',' : '{');
    buf_byte(out, '"');
    buf_append(out, key);
    buf_lit(out, "\":");
    buf_append(out, raw);
}

static void one_message(struct buf *out, struct str prompt)
{
    buf_lit(out, "{\"messages\":[{\"role\":\"user\",\"content\":");
    buf_append(out, prompt);
    buf_lit(out, "}]");
}

/* The line's members but weir's own, without the closing brace. */
static int write_members(struct str line, struct buf *out, struct err *err)
{
    struct json_cur c;
    struct json_string key;
    struct str raw, prompt = json_get(line, "prompt");
    bool has_messages = json_get(line, "messages").n > 0;
    if (prompt.p && prompt.p[0] != '"')
        return bad(err, "'prompt' is a text");
    if (prompt.p && has_messages)
        return bad(err, "a line has 'prompt' or 'messages', not both");
    if (!prompt.p && !has_messages)
        return bad(err, "a line has 'prompt', a text, or 'messages', a list");
    if (prompt.p)
        one_message(out, prompt);
    json_begin(&c, line);
    json_enter_object(&c);
    while (json_next_member(&c, &key) && json_skip(&c, &raw))
        if (!is_ours(key))
            member(out, key.raw, raw);
    return 0;
}

int bench_workload_add(struct bench_workload *w, struct str line, struct err *err)
{
    struct json_cur c;
    struct buf body;
    json_begin(&c, line);
    if (json_peek(&c) != JSON_OBJECT)
        return bad(err,
                   "a line is one JSON object, such as {\"prompt\": \"Say hello.\"}");
    json_skip(&c, NULL);
    if (json_finish(&c, err) < 0)
        return -1;
    buf_init(&body, 2 * line.n + 256);
    int rc = write_members(line, &body, err);
    if (rc == 0 && body.failed)
        rc = err_nomem(err);
    if (rc == 0)
        rc = keep(w, buf_view(&body), err);
    buf_release(&body);
    return rc;
}

int bench_workload_builtin(struct bench_workload *w, const char *name, struct err *err)
{
    struct str lines = embedded_find("workloads"), line;
    while (str_split(&lines, '\n', &line)) {
        struct json_cur c;
        struct json_string is;
        json_begin(&c, json_get(line, "workload"));
        if (json_read_string(&c, &is) && json_string_is(is, name) &&
            bench_workload_add(w, line, err) < 0)
            return -1;
    }
    if (w->n)
        return 0;
    return err_set(err, ERR_BAD_REQUEST, "workload",
                   "no workload is called '%s'; there are chat, rag, review, extract and "
                   "agent, and files of JSON lines",
                   name);
}

/* -- a body ------------------------------------------------------------------------- */

/* The inside of the first text of the messages; p == NULL: they have none. */
static struct str first_text(struct str body)
{
    struct str none = {NULL, 0};
    struct json_cur c;
    struct str message;
    json_begin(&c, json_get(body, "messages"));
    if (!json_enter_array(&c) || !json_next_element(&c) || !json_skip(&c, &message))
        return none;
    struct str content = json_get(message, "content");
    if (content.n && content.p[0] == '[') {
        json_begin(&c, content);
        json_enter_array(&c);
        if (!json_next_element(&c) || !json_skip(&c, &message))
            return none;
        content = json_get(message, "text");
    }
    return content.n > 1 && content.p[0] == '"' ? str_sub(content, 1, content.n - 1)
                                                : none;
}

void bench_workload_body(const struct bench_workload *w, size_t i, struct str model,
                         bool has_mark, struct buf *out)
{
    struct str body = w->bodies[i];
    buf_lit(out, "{\"model\":");
    json_write_string(out, model);
    buf_lit(out, ",\"stream\":true,");
    size_t at = buf_len(out);
    buf_append(out, str_sub(body, 1, body.n));
    buf_byte(out, '}');
    if (!has_mark || out->failed)
        return;
    struct str text = first_text(buf_view(out));
    if (!text.p)
        return;
    /* The same again, with the mark before that text. */
    size_t before = (size_t)(text.p - buf_view(out).p) - at;
    out->n -= body.n;
    buf_append(out, str_sub(body, 1, 1 + before));
    buf_lit(out, "[" BENCH_MARK "] ");
    buf_append(out, str_sub(body, 1 + before, body.n));
    buf_byte(out, '}');
}
