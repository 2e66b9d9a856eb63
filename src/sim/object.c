/* object.c -- an answer as one JSON object in OpenAI's form, and what its chunks share
 * with it. */
#include "sim/answer.h"

#include "sim/sign.h"
#include "sim/text.h"
#include "json/write.h"

void sim_answer_write_head(const struct sim_answer *answer, const char *object,
                           struct buf *out)
{
    buf_printf(
        out, "\"id\":\"%s-%016llx\",\"object\":\"%s\",\"created\":%llu,\"model\":\"",
        answer->surface == SIM_CHAT ? "chatcmpl" : "cmpl", (unsigned long long)answer->id,
        object, (unsigned long long)answer->created_s);
    buf_append(out, answer->model);
    buf_byte(out, '"');
}

void sim_answer_write_usage(const struct sim_answer *answer, struct buf *out)
{
    buf_lit(out, "\"usage\":{\"prompt_tokens\":");
    buf_u64(out, answer->prompt_tokens);
    buf_lit(out, ",\"completion_tokens\":");
    buf_u64(out, answer->completion_tokens);
    buf_lit(out, ",\"total_tokens\":");
    buf_u64(out, answer->prompt_tokens + answer->completion_tokens);
    if (answer->cached_tokens) {
        buf_lit(out, ",\"prompt_tokens_details\":{\"cached_tokens\":");
        buf_u64(out, answer->cached_tokens);
        buf_byte(out, '}');
    }
    if (answer->reasoning_tokens) {
        buf_lit(out, ",\"completion_tokens_details\":{\"reasoning_tokens\":");
        buf_u64(out, answer->reasoning_tokens);
        buf_byte(out, '}');
    }
    buf_byte(out, '}');
}

/* A token's probability is a function of its bytes: short words are surer. */
static void write_chat_logprobs(struct str text, struct buf *out)
{
    buf_lit(out, "\"logprobs\":{\"content\":[");
    for (size_t at = 0; at < text.n;) {
        bool is_first = at == 0;
        struct str token = sim_next_token(text, &at);
        buf_append(out, is_first ? STR("{\"token\":") : STR(",{\"token\":"));
        json_write_string(out, token);
        buf_printf(out, ",\"logprob\":-0.%02zu,\"bytes\":null,\"top_logprobs\":[]}",
                   token.n % 90 + 5);
    }
    buf_lit(out, "],\"refusal\":null}");
}

static void write_old_logprobs(struct str text, struct buf *out)
{
    buf_lit(out, "\"logprobs\":{\"tokens\":[");
    for (size_t at = 0; at < text.n;) {
        if (at)
            buf_byte(out, ',');
        json_write_string(out, sim_next_token(text, &at));
    }
    buf_lit(out, "],\"token_logprobs\":[");
    for (size_t at = 0; at < text.n;) {
        if (at)
            buf_byte(out, ',');
        buf_printf(out, "-0.%02zu", sim_next_token(text, &at).n % 90 + 5);
    }
    buf_lit(out, "],\"top_logprobs\":null,\"text_offset\":[]}");
}

void sim_answer_write_logprobs(const struct sim_answer *answer, struct str text,
                               struct buf *out)
{
    if (!answer->wants_logprobs)
        buf_lit(out, "\"logprobs\":null");
    else if (answer->surface == SIM_CHAT)
        write_chat_logprobs(text, out);
    else
        write_old_logprobs(text, out);
}

void sim_answer_write_stop(const struct sim_answer *answer,
                           const struct sim_choice *choice, struct buf *out)
{
    if (!answer->tells_stop || choice->stopped_by.n == 0)
        return;
    buf_lit(out, ",\"stop_reason\":");
    json_write_string(out, choice->stopped_by);
}

static void write_calls(const struct sim_choice *choice, struct buf *out)
{
    for (size_t i = 0; i < choice->nparts; i++) {
        const struct sim_part *part = &choice->parts[i];
        if (part->kind != SIM_CALL)
            continue;
        buf_printf(out,
                   "%s{\"id\":\"call_%016llx\",\"type\":\"function\",\"function\":"
                   "{\"name\":",
                   part->index ? "," : ",\"tool_calls\":[", (unsigned long long)part->id);
        json_write_string(out, part->name);
        buf_lit(out, ",\"arguments\":");
        json_write_string(out, part->text);
        buf_lit(out, "}}");
    }
}

/* The text of one kind, or NULL where there is none. */
static const struct sim_part *part_of(const struct sim_choice *choice,
                                      enum sim_part_kind kind)
{
    for (size_t i = 0; i < choice->nparts; i++)
        if (choice->parts[i].kind == kind)
            return &choice->parts[i];
    return NULL;
}

static void write_message(const struct sim_answer *answer,
                          const struct sim_choice *choice, struct buf *out)
{
    const struct sim_part *text = part_of(choice, SIM_TEXT);
    const struct sim_part *thought = part_of(choice, SIM_THOUGHT);
    const struct sim_part *call = part_of(choice, SIM_CALL);
    buf_lit(out, ",\"message\":{\"role\":\"assistant\",\"content\":");
    if (text)
        json_write_string(out, text->text);
    else
        buf_lit(out, "null");
    if (thought) {
        buf_lit(out, ",\"reasoning_content\":");
        json_write_string(out, thought->text);
    }
    if (thought && answer->signs == SIM_SIGNS_THOUGHTS) {
        buf_byte(out, ',');
        sim_seal_thought(thought->text, out);
    } else if (call && answer->signs == SIM_SIGNS_CALLS) {
        buf_byte(out, ',');
        sim_seal_call(call->id, call->name, out);
    }
    write_calls(choice, out);
    buf_append(out, call ? STR("],\"refusal\":null}") : STR(",\"refusal\":null}"));
}

static void write_choice(const struct sim_answer *answer, uint32_t i,
                         struct sim_fault fault, struct buf *out)
{
    const struct sim_choice *choice = &answer->choices[i];
    buf_append(out, i ? STR(",{\"index\":") : STR("{\"index\":"));
    buf_u64(out, i);
    if (answer->surface == SIM_COMPLETIONS) {
        buf_lit(out, ",\"text\":");
        json_write_string(out, choice->parts[0].text);
    } else {
        write_message(answer, choice, out);
    }
    buf_byte(out, ',');
    sim_answer_write_logprobs(answer, choice->parts[0].text, out);
    if (fault.kind == SIM_FINISH_MISSING)
        buf_lit(out, ",\"finish_reason\":null");
    else
        buf_printf(out, ",\"finish_reason\":\"%s\"", choice->finish);
    sim_answer_write_stop(answer, choice, out);
    buf_byte(out, '}');
}

void sim_answer_write(const struct sim_answer *answer, struct sim_fault fault,
                      struct buf *out)
{
    buf_byte(out, '{');
    sim_answer_write_head(
        answer, answer->surface == SIM_CHAT ? "chat.completion" : "text_completion", out);
    buf_lit(out, ",\"choices\":[");
    for (uint32_t i = 0; i < answer->n; i++)
        write_choice(answer, i, fault, out);
    buf_byte(out, ']');
    if (fault.kind != SIM_USAGE_MISSING) {
        buf_byte(out, ',');
        sim_answer_write_usage(answer, out);
    }
    buf_byte(out, '}');
}
