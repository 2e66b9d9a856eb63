/* anthropic.c -- the row of Anthropic's Messages: its paths, and the count of tokens that
 * its clients ask for before they send a long prompt. */
#include "dialect/anthropic.h"

/* weir has no model's own tokenizer: the number is its estimate (chat.h). */
static int count_tokens(const struct dialect_query *q, struct buf *out, struct err *err)
{
    const struct dialect_ask ask = {.path = q->path, .body = q->body};
    struct chat chat;
    if (anthropic_decode(&ask, q->arena, &chat, err) != 0)
        return -1;
    buf_printf(out, "{\"input_tokens\":%llu}",
               (unsigned long long)chat_tokens_estimate(&chat));
    return 0;
}

static const struct dialect_path paths[] = {
    {.method = "POST",
     .pattern = "/v1/messages",
     .surface = SURFACE_CHAT,
     .answer = ANSWERED_BY_MODEL,
     .access = DIALECT_FOR_KEYS},
    {.method = "POST",
     .pattern = "/v1/messages/count_tokens",
     .surface = SURFACE_CHAT,
     .answer = ANSWERED_BY_DIALECT,
     .access = DIALECT_FOR_KEYS,
     .tell = count_tokens},
};

static const struct dialect_prefix prefixes[] = {
    {"/v1/messages/", "of Anthropic's API weir serves /v1/messages and "
                      "/v1/messages/count_tokens; it has no batches"},
    {"/v1/v1/messages", "the base URL of this client has no /v1 at its end: "
                        "http://HOST:PORT"},
    {"/messages", "the base URL of this client ends in /v1: http://HOST:PORT/v1"},
};

/* A body that uses what a beta adds is refused without its name. */
static const char *const passed_fields[] = {"anthropic-version", "anthropic-beta", NULL};

const struct dialect dialect_anthropic = {
    .id = DIALECT_ANTHROPIC,
    .paths = paths,
    .npaths = ARRAY_LEN(paths),
    .prefixes = prefixes,
    .nprefixes = ARRAY_LEN(prefixes),
    .decode = anthropic_decode,
    .echo = anthropic_echo,
    .read_conversation = anthropic_read_conversation,
    .encoder_bytes = sizeof(struct anthropic_encoder),
    .encoder_init = anthropic_encoder_init,
    .encoder_release = anthropic_encoder_release,
    .encode_event = anthropic_encode_event,
    .encode_sole = anthropic_encode_sole,
    .encode_end = anthropic_encode_end,
    .encode_stream_error = anthropic_encode_stream_error,
    .ping = STR_INIT("event: ping\ndata: {\"type\":\"ping\"}\n\n"),
    .stream_type = STR_INIT("text/event-stream"),
    .passed_fields = passed_fields,
    .encode_answer = anthropic_encode_answer,
    .encode_error = anthropic_encode_error,
    .error_status = anthropic_error_status,
    .request_id = "request_id",
};
