/* toy_dialect.h -- a dialect that nobody speaks, as unlike OpenAI's as one row can make
 * it: for tests that a row is enough.
 *
 *   POST /toy/{model}/say, /toy/{model}/tell (a stream)
 *   body    {"boss": "instructions", "ask": "text", "most": 7, "may": "name of a tool"}
 *   stream  lines: `+ "text"`, `@ ["name","arguments"]`, `= ["reason",in,out]`, then `.`;
 *           `! "what went wrong"` in the place of the last two; `~` says nothing
 *   whole   {"said": "text", "calls": [["name","arguments"]], "why": "reason"}
 *   error   {"oops": "message"}, bad requests with status 418 */
#ifndef WEIR_TESTS_TOY_DIALECT_H
#define WEIR_TESTS_TOY_DIALECT_H

#include "config/kinds.h"
#include "dialect/dialect.h"
#include "dialect/spoken.h"
#include "json/scan.h"
#include "json/write.h"

enum { TOY_ARENA_BYTES = 1 << 20 };

static inline struct str toy_text(struct str body, const char *key, struct arena *a)
{
    struct json_cur c;
    struct json_string s;
    struct str raw = json_get(body, key);
    json_begin(&c, raw.p ? raw : STR("0"));
    if (json_peek(&c) != JSON_STRING || !json_read_string(&c, &s))
        return (struct str){NULL, 0};
    return json_unescape(a, s);
}

static inline int toy_decode(const struct dialect_ask *ask, struct arena *a,
                             struct chat *ret, struct err *err)
{
    struct json_cur c;
    struct chat chat = {.surface = ask->path->surface,
                        .body = ask->body,
                        .model = ask->model,
                        .is_stream = ask->path->is_stream,
                        .wants_usage = true,
                        .nchoices = 1,
                        .nmessages = 1,
                        .max_output_tokens = -1,
                        .needs = CAP_CHAT};
    json_begin(&c, ask->body);
    if (!json_skip(&c, NULL) || json_finish(&c, err) != 0)
        return err_set(err, ERR_BAD_REQUEST, "invalid_json", "the body is no JSON");
    if (!toy_text(ask->body, "ask", a).p)
        return err_set(err, ERR_BAD_REQUEST, "missing_field", "'ask' is missing");
    chat.input = chat.last_user = json_get(ask->body, "ask");
    chat.system_text = json_get(ask->body, "boss");
    chat.has_system = chat.system_text.p != NULL;
    struct str most = json_get(ask->body, "most");
    if (most.p && (*most.p == '"' || !json_to_i64(most, &chat.max_output_tokens)))
        return err_set(err, ERR_BAD_REQUEST, "invalid_field", "'most' must be a number");
    *ret = chat;
    return 0;
}

static inline int toy_read_conversation(const struct chat *chat, struct arena *a,
                                        struct conversation *ret, struct err *err)
{
    struct conversation c = {.max_output_tokens = chat->max_output_tokens,
                             .thinking_budget = THINKING_UNSAID};
    struct piece *pieces = arena_array(a, struct piece, 2);
    struct str boss = toy_text(chat->body, "boss", a),
               may = toy_text(chat->body, "may", a);
    c.messages = arena_array(a, struct message, 2);
    c.tools = arena_new(a, struct tool);
    if (!pieces || !c.messages || !c.tools)
        return err_nomem(err);
    pieces[0].text = json_text_saying(a, boss);
    pieces[1].text = json_text_saying(a, toy_text(chat->body, "ask", a));
    if (boss.p)
        c.messages[c.nmessages++] =
            (struct message){.speaker = SPEAKER_SYSTEM, .pieces = pieces, .npieces = 1};
    c.messages[c.nmessages++] =
        (struct message){.speaker = SPEAKER_USER, .pieces = pieces + 1, .npieces = 1};
    if (may.p)
        c.tools[c.ntools++] = (struct tool){.name = may};
    *ret = c;
    return 0;
}

/* -- answers --------------------------------------------------------------------------
 */

/* The finish and the counts come last, together. */
struct toy_encoder {
    struct answer_encoder base;
    struct buf why;
    struct usage usage;
};

static inline struct toy_encoder *toy_own(struct answer_encoder *enc)
{
    return CONTAINER_OF(enc, struct toy_encoder, base);
}

static inline void toy_init(struct answer_encoder *enc)
{
    buf_init(&toy_own(enc)->why, 256);
}

static inline void toy_release(struct answer_encoder *enc)
{
    buf_release(&toy_own(enc)->why);
}

static inline void toy_line(struct buf *out, const char *sign, struct str text)
{
    buf_printf(out, "%s ", sign);
    json_write_string(out, text);
    buf_byte(out, '\n');
}

static inline void toy_error(struct answer_encoder *enc, const struct err *err,
                             struct buf *out)
{
    if (enc->is_ended)
        return;
    toy_line(out, "!", str_of(err->msg));
    enc->is_ended = enc->has_error = true;
}

static inline void toy_end(struct answer_encoder *enc, struct buf *out)
{
    struct toy_encoder *t = toy_own(enc);
    if (enc->is_ended)
        return;
    buf_printf(out, "= [\"%.*s\",%llu,%llu]\n.\n", STR_ARG(buf_view(&t->why)),
               (unsigned long long)t->usage.input_tokens,
               (unsigned long long)t->usage.output_tokens);
    enc->is_ended = true;
}

static inline void toy_calls(const struct spoken *s, const char *sign, struct buf *out)
{
    for (size_t i = 0; i < s->ncalls; i++) {
        buf_printf(out, "%s[", sign);
        json_write_string(out, s->calls[i].name.p ? s->calls[i].name : STR(""));
        buf_byte(out, ',');
        json_write_string(out, s->calls[i].arguments.p ? s->calls[i].arguments : STR(""));
        buf_append(out, *sign == '@' ? STR("]\n") : STR("]"));
    }
}

static inline void toy_event(struct answer_encoder *enc, const struct event *e,
                             struct buf *out)
{
    struct toy_encoder *t = toy_own(enc);
    struct arena a;
    struct spoken s;
    struct err err;
    if (enc->is_ended)
        return;
    if (e->usage.is_known)
        t->usage = e->usage;
    if (e->kind == EVENT_ERROR)
        toy_error(enc, e->error, out);
    else if (e->kind == EVENT_NOTE)
        buf_append(out, enc->dialect->ping);
    if (e->data.n == 0 || enc->is_ended)
        return;
    arena_init(&a, TOY_ARENA_BYTES);
    if (spoken_read(e->data, STR(""), &a, &s, &err) != 0)
        out->failed = true;
    if (s.text.n)
        toy_line(out, "+", s.text);
    toy_calls(&s, "@ ", out);
    if (s.finish.n) {
        buf_clear(&t->why);
        buf_append(&t->why, s.finish);
    }
    enc->held_bytes = t->why.n;
    arena_reset(&a);
}

static inline int toy_answer(const struct answer_about *about, struct str answer,
                             struct buf *out, struct err *err)
{
    struct arena a;
    struct spoken s;
    (void)about;
    arena_init(&a, TOY_ARENA_BYTES);
    int rc = spoken_read(answer, STR(""), &a, &s, err);
    if (rc == 0) {
        buf_lit(out, "{\"said\":");
        json_write_string(out, s.text.p ? s.text : STR(""));
        buf_lit(out, ",\"calls\":[");
        toy_calls(&s, "", out);
        buf_lit(out, "],\"why\":");
        json_write_string(out, s.finish);
        buf_lit(out, "}");
    }
    arena_reset(&a);
    return rc;
}

static inline void toy_encode_error(const struct err *err, struct buf *out)
{
    buf_lit(out, "{\"oops\":");
    json_write_string(out, str_of(err->msg));
    buf_byte(out, '}');
}

static inline int toy_status(const struct err *err)
{
    return err->kind == ERR_BAD_REQUEST ? 418 : err_http_status(err->kind);
}

static const struct dialect_path toy_paths[] = {
    {.method = "POST", .pattern = "/toy/{model}/say"},
    {.method = "POST", .pattern = "/toy/{model}/tell", .is_stream = true},
};

static const struct dialect toy_dialect = {
    .id = DIALECT_COUNT,
    .paths = toy_paths,
    .npaths = ARRAY_LEN(toy_paths),
    .decode = toy_decode,
    .read_conversation = toy_read_conversation,
    .encoder_bytes = sizeof(struct toy_encoder),
    .encoder_init = toy_init,
    .encoder_release = toy_release,
    .encode_event = toy_event,
    .encode_end = toy_end,
    .encode_stream_error = toy_error,
    .ping = STR_INIT("~\n"),
    .stream_type = STR_INIT("text/x-toy"),
    .encode_answer = toy_answer,
    .encode_error = toy_encode_error,
    .error_status = toy_status,
};

#endif
