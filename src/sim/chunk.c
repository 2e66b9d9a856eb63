/* chunk.c -- the events of a stream, in the order that OpenAI sends them.
 *
 * The part of an event that never changes is made once per stream: a delta then costs
 * two copies and one escaped word.
 *
 * Not here: when a step is due and how events travel (stream.c). */
#include "sim/chunk.h"

#include "sim/text.h"
#include "json/write.h"

enum { PREFIX_MAX_BYTES = 64 * 1024 };

void sim_write_error(struct buf *out, int code, const char *type, const char *message)
{
    buf_printf(out, "{\"error\":{\"message\":");
    json_write_string(out, str_of(message));
    buf_printf(out, ",\"type\":\"%s\",\"param\":null,\"code\":%d}}", type, code);
}

static void event_open(const struct sim_stream *s, struct buf *out)
{
    if (s->fault.kind == SIM_ODD_SSE)
        buf_lit(out, ": still here\r\nevent: message\r\ndata:");
    else
        buf_lit(out, "data: ");
}

static void event_close(const struct sim_stream *s, struct buf *out)
{
    buf_append(out, s->fault.kind == SIM_ODD_SSE ? STR("\r\n\r\n") : STR("\n\n"));
}

int sim_stream_init(struct sim_stream *s, struct sim_answer *answer,
                    struct sim_fault fault, bool include_usage, struct arena *a,
                    struct err *err)
{
    struct buf b;
    *s = (struct sim_stream){
        .answer = answer, .fault = fault, .include_usage = include_usage};
    buf_init(&b, PREFIX_MAX_BYTES);
    buf_byte(&b, '{');
    sim_answer_write_head(
        answer, answer->surface == SIM_CHAT ? "chat.completion.chunk" : "text_completion",
        &b);
    buf_lit(&b, ",\"choices\":[");
    if (!b.failed)
        s->prefix = arena_strdup(a, buf_view(&b));
    buf_release(&b);
    return s->prefix.p ? 0 : err_nomem(err);
}

static void chunk_open(const struct sim_stream *s, uint32_t index, struct buf *out)
{
    event_open(s, out);
    buf_append(out, s->prefix);
    buf_lit(out, "{\"index\":");
    buf_u64(out, index);
}

static void chunk_close(const struct sim_stream *s, const char *finish, bool with_usage,
                        struct buf *out)
{
    if (finish)
        buf_printf(out, ",\"finish_reason\":\"%s\"}]", finish);
    else
        buf_lit(out, ",\"finish_reason\":null}]");
    if (with_usage) {
        buf_byte(out, ',');
        sim_answer_write_usage(s->answer, out);
    }
    buf_byte(out, '}');
    event_close(s, out);
}

static void write_role(const struct sim_stream *s, uint32_t i, struct buf *out)
{
    const struct sim_choice *choice = &s->answer->choices[i];
    chunk_open(s, i, out);
    buf_lit(out, ",\"delta\":{\"role\":\"assistant\",\"content\":");
    if (choice->tool_name.p) {
        buf_printf(out,
                   "null,\"tool_calls\":[{\"index\":0,\"id\":\"call_%016llx\","
                   "\"type\":\"function\",\"function\":{\"name\":\"",
                   (unsigned long long)choice->call_id);
        buf_append(out, choice->tool_name);
        buf_lit(out, "\",\"arguments\":\"\"}}]}");
    } else {
        buf_lit(out, "\"\"}");
    }
    buf_lit(out, ",\"logprobs\":null");
    chunk_close(s, NULL, false, out);
}

static void write_delta(const struct sim_stream *s, uint32_t i, struct str token,
                        struct buf *out)
{
    chunk_open(s, i, out);
    if (s->answer->surface == SIM_COMPLETIONS) {
        buf_lit(out, ",\"text\":");
        json_write_string(out, token);
    } else if (s->answer->choices[i].tool_name.p) {
        buf_lit(out, ",\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
                     "{\"arguments\":");
        json_write_string(out, token);
        buf_lit(out, "}}]}");
    } else {
        buf_lit(out, ",\"delta\":{\"content\":");
        json_write_string(out, token);
        buf_byte(out, '}');
    }
    buf_byte(out, ',');
    sim_answer_write_logprobs(s->answer, token, out);
    chunk_close(s, NULL, false, out);
}

static void write_finish(const struct sim_stream *s, uint32_t i, struct buf *out)
{
    bool is_last = i + 1 == s->answer->n;
    chunk_open(s, i, out);
    buf_append(out, s->answer->surface == SIM_COMPLETIONS ? STR(",\"text\":\"\"")
                                                          : STR(",\"delta\":{}"));
    buf_lit(out, ",\"logprobs\":null");
    chunk_close(s, s->answer->choices[i].finish,
                is_last && s->fault.kind == SIM_USAGE_MERGED, out);
}

static void write_usage(const struct sim_stream *s, struct buf *out)
{
    event_open(s, out);
    buf_append(out, s->prefix);
    buf_lit(out, "],");
    sim_answer_write_usage(s->answer, out);
    buf_byte(out, '}');
    event_close(s, out);
}

static void write_error_event(const struct sim_stream *s, struct buf *out)
{
    event_open(s, out);
    sim_write_error(out, 500, "server_error", "the simulated engine gave up");
    event_close(s, out);
}

static void write_garbage(struct buf *out)
{
    static const char bytes[] = "<html>\xff\xfe\n\nfield without colon\n\n\x01:::\n\n"
                                "data: this is not json\n\n";
    buf_append(out, (struct str){bytes, sizeof bytes - 1});
}

static unsigned usage_chunks(const struct sim_stream *s)
{
    switch (s->fault.kind) {
    case SIM_USAGE_MERGED:
    case SIM_USAGE_MISSING:
        return 0;
    case SIM_USAGE_TWICE:
        return 2;
    case SIM_USAGE_BEFORE_FINISH:
        return 1;
    default:
        return s->include_usage ? 1 : 0;
    }
}

static enum sim_step write_end(struct sim_stream *s, struct buf *out)
{
    unsigned nusage = usage_chunks(s);
    s->has_ended = true;
    if (s->fault.kind == SIM_USAGE_BEFORE_FINISH)
        write_usage(s, out);
    if (s->fault.kind != SIM_FINISH_MISSING)
        for (uint32_t i = 0; i < s->answer->n; i++)
            write_finish(s, i, out);
    if (s->fault.kind != SIM_USAGE_BEFORE_FINISH)
        for (unsigned i = 0; i < nusage; i++)
            write_usage(s, out);
    if (s->fault.kind != SIM_NO_DONE) {
        event_open(s, out);
        buf_lit(out, "[DONE]");
        event_close(s, out);
    }
    return SIM_DONE;
}

/* The faults that strike after a number of deltas. */
static bool strikes_now(const struct sim_stream *s)
{
    switch (s->fault.kind) {
    case SIM_RESET_MID_STREAM:
    case SIM_CUT_MID_STREAM:
    case SIM_STALL_MID_STREAM:
    case SIM_ERROR_MID_STREAM:
        return s->ndeltas >= s->fault.arg;
    default:
        return false;
    }
}

static enum sim_step strike(struct sim_stream *s, struct buf *out)
{
    s->has_ended = true;
    if (s->fault.kind != SIM_ERROR_MID_STREAM)
        return SIM_BREAK_OFF;
    write_error_event(s, out);
    return SIM_DONE;
}

/* One token of every choice that has one left; false when none has. */
static bool write_tokens(struct sim_stream *s, struct buf *out)
{
    bool any = false;
    for (uint32_t i = 0; i < s->answer->n && !strikes_now(s); i++) {
        struct sim_choice *choice = &s->answer->choices[i];
        if (choice->sent >= choice->text.n)
            continue;
        write_delta(s, i, sim_next_token(choice->text, &choice->sent), out);
        s->ndeltas++;
        any = true;
    }
    s->ntokens += any;
    return any;
}

static enum sim_step begin(struct sim_stream *s, struct buf *out)
{
    s->has_begun = true;
    if (s->fault.kind == SIM_EMPTY_STREAM || s->fault.kind == SIM_ERROR_IN_200) {
        if (s->fault.kind == SIM_ERROR_IN_200)
            write_error_event(s, out);
        s->has_ended = true;
        return SIM_DONE;
    }
    if (s->answer->surface == SIM_CHAT)
        for (uint32_t i = 0; i < s->answer->n; i++)
            write_role(s, i, out);
    if (s->fault.kind == SIM_GARBAGE_SSE)
        write_garbage(out);
    return SIM_MORE;
}

enum sim_step sim_stream_step(struct sim_stream *s, struct buf *out)
{
    if (!s->has_begun && begin(s, out) == SIM_DONE)
        return SIM_DONE;
    if (strikes_now(s))
        return strike(s, out);
    if (!write_tokens(s, out))
        return write_end(s, out);
    if (s->fault.kind == SIM_BAD_JSON && s->ntokens == 1) {
        event_open(s, out);
        buf_append(out, s->prefix);
        buf_lit(out, "{\"index\":0,\"delta\":{\"cont");
        event_close(s, out);
    }
    return SIM_MORE;
}
