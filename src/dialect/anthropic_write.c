/* anthropic_write.c -- see anthropic_write.h. */
#include "dialect/anthropic_write.h"

#include "dialect/anthropic.h"
#include "dialect/call_id.h"
#include "json/scan.h"
#include "json/write.h"

int anthropic_echo(const struct chat *chat, struct arena *a, struct buf *out,
                   struct err *err)
{
    struct str type = json_get(chat->thinking, "type");
    (void)a;
    if (!type.p || str_eqz(type, "null") || str_eqz(type, "\"disabled\""))
        return 0;
    buf_lit(out, "thoughts");
    if (str_eqz(json_get(chat->thinking, "display"), "\"omitted\""))
        buf_lit(out, " sealed");
    return out->failed ? err_nomem(err) : 0;
}

enum anthropic_thoughts anthropic_thoughts(const struct answer_about *about)
{
    return about->echo.n == 0                 ? THOUGHTS_HIDDEN
           : str_eqz(about->echo, "thoughts") ? THOUGHTS_SHOWN
                                              : THOUGHTS_SEALED;
}

void anthropic_write_names(const struct answer_about *about, struct str model,
                           struct buf *out)
{
    buf_lit(out, "\"id\":\"msg_");
    buf_id(out, about->id);
    buf_lit(out, "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
    /* Claude Code gives no thought back whose model is not the one that it asked for. */
    json_write_string(out, about->model.n ? about->model : model);
    buf_byte(out, ',');
}

static const char *stop_reason(const struct anthropic_finish *f)
{
    if (f->refusal.n || f->reason == FINISH_CONTENT_FILTER)
        return "refusal";
    if (f->reason == FINISH_LENGTH)
        return "max_tokens";
    if (f->has_call)
        return "tool_use";
    return f->stop.n ? "stop_sequence" : "end_turn";
}

void anthropic_write_finish(const struct anthropic_finish *f, struct buf *out)
{
    const char *reason = stop_reason(f);
    buf_lit(out, "\"stop_reason\":\"");
    buf_append(out, str_of(reason));
    buf_lit(out, "\",\"stop_sequence\":");
    if (strcmp(reason, "stop_sequence") == 0)
        json_write_string(out, f->stop);
    else
        buf_lit(out, "null");
    if (strcmp(reason, "refusal") != 0)
        return;
    buf_lit(out, ",\"stop_details\":{\"type\":\"refusal\",\"category\":null,"
                 "\"explanation\":");
    if (f->refusal.n)
        json_write_string(out, f->refusal);
    else
        buf_lit(out, "null");
    buf_byte(out, '}');
}

void anthropic_write_usage(const struct usage *u, struct buf *out)
{
    uint64_t cache = u->cached_tokens + u->cache_write_tokens;
    buf_lit(out, "{\"input_tokens\":");
    buf_u64(out, u->input_tokens > cache ? u->input_tokens - cache : 0);
    buf_lit(out, ",\"cache_creation_input_tokens\":");
    buf_u64(out, u->cache_write_tokens);
    buf_lit(out, ",\"cache_read_input_tokens\":");
    buf_u64(out, u->cached_tokens);
    buf_lit(out, ",\"output_tokens\":");
    buf_u64(out, u->output_tokens);
    buf_lit(out, ",\"output_tokens_details\":{\"thinking_tokens\":");
    buf_u64(out, u->reasoning_tokens);
    buf_lit(out, "},\"cache_creation\":null,\"server_tool_use\":null,"
                 "\"service_tier\":null}");
}

void anthropic_open_text(struct buf *out)
{
    buf_lit(out, "{\"type\":\"text\",\"text\":\"");
}

void anthropic_open_thinking(struct buf *out)
{
    buf_lit(out, "{\"type\":\"thinking\",\"thinking\":\"");
}

void anthropic_write_redacted(struct str data, struct buf *out)
{
    buf_lit(out, "{\"type\":\"redacted_thinking\",\"data\":");
    json_write_string(out, data);
    buf_byte(out, '}');
}

/* Of a call to which the engine gave none. */
static void write_own_id(uint64_t answer_id, uint32_t nth, struct buf *out)
{
    buf_lit(out, "toolu_");
    buf_id(out, answer_id);
    buf_byte(out, '_');
    buf_u64(out, nth);
}

void anthropic_open_call(uint64_t answer_id, uint32_t nth, struct str id, struct str name,
                         struct buf *out)
{
    buf_lit(out, "{\"type\":\"tool_use\",\"id\":\"");
    if (id.n)
        call_id_write(id, out);
    else
        write_own_id(answer_id, nth, out);
    buf_lit(out, "\",\"name\":");
    json_write_string(out, name);
    buf_lit(out, ",\"input\":");
}
