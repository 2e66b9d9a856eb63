/* fuzz_anthropic.c -- any bytes as a request of Anthropic's Messages, and as the events
 * of an answer to one.  What is read is written in OpenAI's form as good JSON; a client
 * reads every stream of events in its order, with one end (unit/anthropic_reader.h). */
#include "dialect/anthropic.h"
#include "dialect/openai_body.h"
#include "unit/anthropic_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool is_json(struct str text)
{
    struct json_cur c;
    json_begin(&c, text);
    return json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
}

static void read_request(struct str text)
{
    struct arena a;
    struct chat chat;
    struct conversation c;
    struct chat made;
    struct err err = {0};
    arena_init(&a, (size_t)1 << 24);
    if (dialect_read(&dialect_anthropic, SURFACE_CHAT, text, &a, &chat, &err) != 0) {
        require(err.kind != ERR_NONE && err.code && err.msg[0]);
    } else if (dialect_anthropic.read_conversation(&chat, &a, &c, &err) != 0) {
        require(err.kind != ERR_NONE && err.code && err.msg[0]);
    } else {
        require(c.nmessages > 0 && c.messages);
        if (openai_make_chat(&c, &chat, STR(""), &a, &made, &err) == 0)
            require(is_json(made.body));
        else
            require(err.kind != ERR_NONE && err.code && err.msg[0]);
    }
    arena_reset(&a);
}

/* -- events: one a line, `!` is an error, `~` a ping
 * ------------------------------------- */

static void send_line(struct answer_encoder *enc, struct str line, struct buf *out)
{
    struct err err;
    struct event e = {.kind = EVENT_DELTA, .data = line};
    err_set(&err, ERR_UPSTREAM, "upstream_error", "it broke");
    if (str_starts(line, STR("!")))
        e = (struct event){.kind = EVENT_ERROR, .error = &err};
    else if (str_starts(line, STR("~")))
        e = (struct event){.kind = EVENT_NOTE};
    else if (!is_json(line))
        return; /* no decoder makes such events */
    else if (str_find(line, STR("\"finish_reason\"")) >= 0)
        e.kind = EVENT_FINISH, e.finish = FINISH_STOP;
    enc->dialect->encode_event(enc, &e, out);
}

static void read_stream(struct str lines)
{
    struct answer_encoder *enc = answer_encoder_create(&dialect_anthropic, NULL, true);
    struct anthropic_reader r = {.nblocks = 0};
    struct buf out;
    struct str line;
    require(enc != NULL);
    buf_init(&out, (size_t)1 << 26);
    buf_init(&r.said, (size_t)1 << 26);
    while (str_split(&lines, '\n', &line))
        send_line(enc, line, &out);
    enc->dialect->encode_end(enc, &out);
    require(enc->is_ended && enc->held_bytes == 0);
    if (!out.failed) {
        require(anthropic_read(&r, buf_view(&out)) == NULL);
        require(r.is_ended);
    }
    answer_encoder_free(enc);
    buf_release(&out);
    buf_release(&r.said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    read_request(text);
    read_stream(text);
    return 0;
}
