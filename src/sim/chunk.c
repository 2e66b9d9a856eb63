/* chunk.c -- the events of a stream, in the order that OpenAI sends them.
 *
 * The part of an event that never changes is made once per stream: a delta then costs
 * two copies and one escaped word.
 *
 * Not here: when a step is due and how events travel (stream.c). */
#include "sim/chunk.h"

#include "sim/sign.h"
#include "sim/trouble.h"
#include "json/write.h"

enum { PREFIX_MAX_BYTES = 64 * 1024 };

/* -- events ----------------------------------------------------------------- */

static void event_open(struct sim_stream *s, struct buf *out)
{
    s->event_at = out->n;
    if (s->dress)
        return;
    if (s->fault.kind == SIM_ODD_SSE)
        buf_lit(out, ": still here\r\nevent: message\r\ndata:");
    else
        buf_lit(out, "data: ");
}

static void event_close(struct sim_stream *s, struct event *e, struct buf *out)
{
    if (!s->dress) {
        buf_append(out, s->fault.kind == SIM_ODD_SSE ? STR("\r\n\r\n") : STR("\n\n"));
        return;
    }
    if (out->failed)
        return;
    e->data = (struct str){out->p + s->event_at, out->n - s->event_at};
    sim_dress_event(s->dress, e, s->event_at, out);
}

int sim_stream_init(struct sim_stream *s, struct sim_answer *answer,
                    struct sim_dress *dress, struct sim_fault fault, bool include_usage,
                    struct arena *a, struct err *err)
{
    struct buf b;
    *s = (struct sim_stream){.answer = answer,
                             .dress = dress,
                             .fault = fault,
                             .include_usage = include_usage || dress};
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

/* -- chunks ----------------------------------------------------------------- */

static void chunk_open(struct sim_stream *s, uint32_t index, struct buf *out)
{
    event_open(s, out);
    buf_append(out, s->prefix);
    buf_lit(out, "{\"index\":");
    buf_u64(out, index);
}

static struct usage usage_of(const struct sim_answer *answer)
{
    return (struct usage){.input_tokens = answer->prompt_tokens,
                          .cached_tokens = answer->cached_tokens,
                          .output_tokens = answer->completion_tokens,
                          .reasoning_tokens = answer->reasoning_tokens,
                          .is_known = true};
}

static void delta_close(struct sim_stream *s, struct event *e, struct buf *out)
{
    buf_lit(out, ",\"finish_reason\":null}]}");
    event_close(s, e, out);
}

static void write_call_start(const struct sim_part *part, struct buf *out)
{
    buf_lit(out, "\"tool_calls\":[{\"index\":");
    buf_u64(out, part->index);
    buf_printf(out,
               ",\"id\":\"call_%016llx\",\"type\":\"function\",\"function\":{\"name\":",
               (unsigned long long)part->id);
    json_write_string(out, part->name);
    buf_lit(out, ",\"arguments\":\"\"}}]");
}

/* What stands before a call in its first delta. */
static void write_call_seal(const struct sim_stream *s, const struct sim_part *part,
                            struct buf *out)
{
    if (s->answer->signs != SIM_SIGNS_CALLS || part->index != 0)
        return;
    sim_seal_call(part->id, part->name, out);
    buf_byte(out, ',');
}

static void write_role(struct sim_stream *s, uint32_t i, struct buf *out)
{
    struct sim_choice *choice = &s->answer->choices[i];
    struct event e = {.kind = EVENT_START, .choice = i};
    if (s->fault.kind != SIM_USAGE_MISSING) /* what the vendors know at the start */
        e.usage = (struct usage){.input_tokens = s->answer->prompt_tokens,
                                 .cached_tokens = s->answer->cached_tokens,
                                 .is_known = true};
    chunk_open(s, i, out);
    buf_lit(out, ",\"delta\":{\"role\":\"assistant\",\"content\":");
    if (sim_choice_only_calls(choice)) {
        buf_lit(out, "null,");
        write_call_seal(s, choice->parts, out);
        write_call_start(choice->parts, out);
        choice->parts->is_begun = true;
        e.kind = EVENT_DELTA;
        e.tool_bytes = (uint32_t)choice->parts->name.n;
    } else {
        buf_lit(out, "\"\"");
    }
    buf_lit(out, "},\"logprobs\":null");
    delta_close(s, &e, out);
}

static void begin_call(struct sim_stream *s, uint32_t i, struct sim_part *part,
                       struct buf *out)
{
    struct event e = {
        .kind = EVENT_DELTA, .choice = i, .tool_bytes = (uint32_t)part->name.n};
    part->is_begun = true;
    chunk_open(s, i, out);
    buf_lit(out, ",\"delta\":{");
    write_call_seal(s, part, out);
    write_call_start(part, out);
    buf_lit(out, "},\"logprobs\":null");
    delta_close(s, &e, out);
}

static void write_delta(struct sim_stream *s, uint32_t i, const struct sim_part *part,
                        struct str token, struct buf *out)
{
    struct event e = {.kind = EVENT_DELTA, .choice = i};
    chunk_open(s, i, out);
    if (s->answer->surface == SIM_COMPLETIONS) {
        buf_lit(out, ",\"text\":");
        json_write_string(out, token);
        e.content_bytes = (uint32_t)token.n;
    } else if (part->kind == SIM_CALL) {
        buf_lit(out, ",\"delta\":{\"tool_calls\":[{\"index\":");
        buf_u64(out, part->index);
        buf_lit(out, ",\"function\":{\"arguments\":");
        json_write_string(out, token);
        buf_lit(out, "}}]}");
        e.tool_bytes = (uint32_t)token.n;
    } else if (part->kind == SIM_THOUGHT) {
        buf_lit(out, ",\"delta\":{\"reasoning_content\":");
        json_write_string(out, token);
        buf_byte(out, '}');
        e.reasoning_bytes = (uint32_t)token.n;
    } else {
        buf_lit(out, ",\"delta\":{\"content\":");
        json_write_string(out, token);
        buf_byte(out, '}');
        e.content_bytes = (uint32_t)token.n;
    }
    buf_byte(out, ',');
    sim_answer_write_logprobs(s->answer, token, out);
    delta_close(s, &e, out);
}

/* Behind a thought that is signed. */
static void write_seal(struct sim_stream *s, uint32_t i, const struct sim_part *part,
                       struct buf *out)
{
    struct event e = {.kind = EVENT_DELTA, .choice = i};
    if (part->kind != SIM_THOUGHT || s->answer->signs != SIM_SIGNS_THOUGHTS)
        return;
    chunk_open(s, i, out);
    buf_lit(out, ",\"delta\":{");
    sim_seal_thought(part->text, out);
    buf_lit(out, "},\"logprobs\":null");
    delta_close(s, &e, out);
}

static enum finish_reason reason_of(const char *finish)
{
    switch (finish[0]) {
    case 's':
        return FINISH_STOP;
    case 'l':
        return FINISH_LENGTH;
    case 't':
        return FINISH_TOOL_CALLS;
    default:
        return FINISH_CONTENT_FILTER;
    }
}

static void write_finish(struct sim_stream *s, uint32_t i, struct buf *out)
{
    const struct sim_choice *choice = &s->answer->choices[i];
    struct event e = {
        .kind = EVENT_FINISH, .choice = i, .finish = reason_of(choice->finish)};
    chunk_open(s, i, out);
    buf_append(out, s->answer->surface == SIM_COMPLETIONS ? STR(",\"text\":\"\"")
                                                          : STR(",\"delta\":{}"));
    buf_printf(out, ",\"logprobs\":null,\"finish_reason\":\"%s\"", choice->finish);
    sim_answer_write_stop(s->answer, choice, out);
    buf_lit(out, "}]");
    if (i + 1 == s->answer->n && s->fault.kind == SIM_USAGE_MERGED) {
        buf_byte(out, ',');
        sim_answer_write_usage(s->answer, out);
        e.usage = usage_of(s->answer);
    }
    buf_byte(out, '}');
    event_close(s, &e, out);
}

static void write_usage(struct sim_stream *s, struct buf *out)
{
    struct event e = {.kind = EVENT_USAGE, .usage = usage_of(s->answer)};
    event_open(s, out);
    buf_append(out, s->prefix);
    buf_lit(out, "],");
    sim_answer_write_usage(s->answer, out);
    buf_byte(out, '}');
    event_close(s, &e, out);
}

/* -- faults ----------------------------------------------------------------- */

#define GAVE_UP "the simulated engine gave up"

static void write_error_event(struct sim_stream *s, struct buf *out)
{
    if (s->dress) {
        sim_dress_error(s->dress, GAVE_UP, out);
        return;
    }
    event_open(s, out);
    sim_trouble_write(&(struct sim_trouble){.dialect = DIALECT_OPENAI,
                                            .status = 500,
                                            .type = "server_error",
                                            .message = GAVE_UP},
                      out);
    event_close(s, NULL, out);
}

static void write_garbage(struct buf *out)
{
    static const char bytes[] = "<html>\xff\xfe\n\nfield without colon\n\n\x01:::\n\n"
                                "data: this is not json\n\n";
    buf_append(out, (struct str){bytes, sizeof bytes - 1});
}

/* An event whose JSON stops in the middle, in a frame that is whole. */
static void write_broken(struct sim_stream *s, struct buf *out)
{
    if (s->dress) {
        sim_dress_broken(s->dress, out);
        return;
    }
    event_open(s, out);
    buf_append(out, s->prefix);
    buf_lit(out, "{\"index\":0,\"delta\":{\"cont");
    event_close(s, NULL, out);
}

static void write_pings(const struct sim_stream *s, struct buf *out)
{
    for (uint64_t i = 0; i < s->fault.arg; i++)
        buf_append(out, s->dress ? s->dress->dialect->ping : STR(": ping\n\n"));
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
    if (s->fault.kind == SIM_NO_DONE)
        return SIM_DONE;
    if (s->dress) {
        if (s->fault.kind != SIM_FINISH_MISSING)
            sim_dress_end(s->dress, out);
        return SIM_DONE;
    }
    event_open(s, out);
    buf_lit(out, "[DONE]");
    event_close(s, NULL, out);
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
    case SIM_CUT_MID_EVENT:
        return s->ndeltas >= s->fault.arg;
    default:
        return false;
    }
}

/* One token of the choice, if it has one left. */
static bool write_token(struct sim_stream *s, uint32_t i, struct buf *out)
{
    struct sim_choice *choice = &s->answer->choices[i];
    for (; choice->at < choice->nparts; choice->at++) {
        struct sim_part *part = &choice->parts[choice->at];
        bool is_new = part->kind == SIM_CALL && !part->is_begun;
        bool has_more = part->sent < part->text.n;
        if (!is_new && !has_more)
            continue;
        if (is_new)
            begin_call(s, i, part, out);
        if (has_more)
            write_delta(s, i, part, sim_part_next(part), out);
        if (part->sent >= part->text.n)
            write_seal(s, i, part, out);
        s->ndeltas++;
        return true;
    }
    return false;
}

/* One token of every choice that has one left; false when none has. */
static bool write_tokens(struct sim_stream *s, struct buf *out)
{
    bool any = false;
    for (uint32_t i = 0; i < s->answer->n && !strikes_now(s); i++)
        any |= write_token(s, i, out);
    s->ntokens += any;
    return any;
}

static enum sim_step strike(struct sim_stream *s, struct buf *out)
{
    s->has_ended = true;
    if (s->fault.kind == SIM_CUT_MID_EVENT) {
        size_t from = out->n;
        s->fault.arg = UINT64_MAX;
        if (!write_tokens(s, out))
            write_end(s, out);
        if (!out->failed)
            out->n = from + (out->n - from) / 2;
    }
    if (s->fault.kind != SIM_ERROR_MID_STREAM)
        return SIM_BREAK_OFF;
    write_error_event(s, out);
    return SIM_DONE;
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
    if (s->fault.kind == SIM_PINGS)
        write_pings(s, out);
    return SIM_MORE;
}

void sim_stream_open(struct sim_stream *s, struct buf *out)
{
    begin(s, out);
}

enum sim_step sim_stream_step(struct sim_stream *s, struct buf *out)
{
    if (!s->has_begun && begin(s, out) == SIM_DONE)
        return SIM_DONE;
    if (strikes_now(s))
        return strike(s, out);
    if (!write_tokens(s, out))
        return write_end(s, out);
    if (s->fault.kind == SIM_BAD_JSON && s->ntokens == 1)
        write_broken(s, out);
    return SIM_MORE;
}
