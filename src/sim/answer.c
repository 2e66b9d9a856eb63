/* answer.c -- texts for the choices, and the plain answer.
 *
 * The order in which a text is made: a recorded answer if there is one for exactly
 * this prompt, a value for the schema if a format is demanded, a call if a tool must
 * be called, else sentences.  Then stop sequences cut it, then max_tokens. */
#include "sim/answer.h"

#include "sim/text.h"
#include "sim/value.h"
#include "json/write.h"

enum { EPOCH_S = 1767225600, YEAR_S = 31536000 }; /* from 2026-01-01 UTC */
enum { TEXT_MAX_BYTES = 72 * 1024 * 1024 };

/* What sim_text() and kin append to a buf, moved to the arena. */
static struct str take(struct buf *b, struct arena *a)
{
    struct str text = {NULL, 0};
    if (!b->failed)
        text = arena_strdup(a, buf_view(b));
    buf_release(b);
    return text;
}

static struct str huge_word(struct arena *a, uint64_t bytes)
{
    char *p = arena_alloc(a, bytes + 1);
    if (p)
        memset(p, 'w', bytes);
    return (struct str){p, p ? bytes : 0};
}

/* The name and the parameters' schema of the tool to call: the one named, else the
 * first. */
static bool choose_tool(const struct sim_request *r, struct str *ret_name,
                        struct str *ret_schema)
{
    struct json_cur c;
    struct str raw;
    json_begin(&c, r->tools);
    if (!json_enter_array(&c))
        return false;
    while (json_next_element(&c) && json_skip(&c, &raw)) {
        struct str name = json_path(raw, "function", "name", NULL);
        if (name.n < 2 || name.p[0] != '"')
            continue;
        name = str_sub(name, 1, name.n - 1);
        if (r->tool.raw.p && !str_eq(name, r->tool.raw))
            continue;
        *ret_name = name;
        *ret_schema = json_path(raw, "function", "parameters", NULL);
        return true;
    }
    return false;
}

static struct str recorded(const struct sim_request *r, const struct sim_voice *voice,
                           struct arena *a)
{
    if (!voice->replay || !r->prompt.raw.p)
        return (struct str){NULL, 0};
    struct str prompt = json_unescape(a, r->prompt);
    struct json_string answer = replay_find(voice->replay, prompt, r->model, a);
    return answer.raw.p ? json_unescape(a, answer) : answer.raw;
}

static struct str make_text(struct sim_choice *choice, const struct sim_request *r,
                            const struct sim_voice *voice, uint64_t seed, struct arena *a)
{
    struct buf b;
    struct str schema = {NULL, 0};
    struct str text = recorded(r, voice, a);
    if (text.p)
        return text;
    if (voice->asked->fault.kind == SIM_HUGE_EVENT)
        return huge_word(a, voice->asked->fault.arg);
    buf_init(&b, TEXT_MAX_BYTES);
    if (r->tools.p && r->must_call && choose_tool(r, &choice->tool_name, &schema))
        sim_value(&b, schema.p ? schema : STR("{\"type\":\"object\"}"), seed);
    else if (r->wants_json)
        sim_value(&b, r->schema, seed);
    else
        sim_text(&b, seed,
                 voice->asked->words ? voice->asked->words : sim_natural_words(seed));
    return take(&b, a);
}

static void cut_at_stops(struct sim_choice *choice, const struct sim_request *r,
                         struct arena *a)
{
    for (size_t i = 0; i < r->nstops; i++) {
        struct str stop = json_unescape(a, r->stops[i]);
        ptrdiff_t at = stop.n ? str_find(choice->text, stop) : -1;
        if (at >= 0)
            choice->text = str_sub(choice->text, 0, (size_t)at);
    }
}

static int make_choice(struct sim_choice *choice, const struct sim_request *r,
                       const struct sim_voice *voice, uint64_t seed, struct arena *a,
                       struct err *err)
{
    choice->call_id = sim_random(&seed);
    choice->text = make_text(choice, r, voice, seed, a);
    if (!choice->text.p)
        return err_nomem(err);
    choice->finish = choice->tool_name.p ? "tool_calls" : "stop";
    if (!choice->tool_name.p)
        cut_at_stops(choice, r, a);
    if (r->max_tokens) {
        struct str cut = sim_cut_tokens(choice->text, r->max_tokens);
        if (cut.n < choice->text.n)
            choice->finish = "length";
        choice->text = cut;
    }
    return 0;
}

int sim_answer_make(struct sim_answer *ret, const struct sim_request *r,
                    const struct sim_voice *voice, struct arena *a, struct err *err)
{
    *ret = (struct sim_answer){
        .surface = r->surface,
        .model = r->model,
        .id = r->digest,
        .created_s = EPOCH_S + r->digest % YEAR_S,
        .wants_logprobs = r->wants_logprobs,
        .n = r->n,
        .choices = arena_array(a, struct sim_choice, r->n),
        .prompt_tokens = r->prompt_tokens,
    };
    if (!ret->choices)
        return err_nomem(err);
    for (uint32_t i = 0; i < r->n; i++) {
        uint64_t seed = r->digest + i;
        if (make_choice(&ret->choices[i], r, voice, seed, a, err) < 0)
            return -1;
        uint64_t tokens = sim_count_tokens(ret->choices[i].text);
        ret->completion_tokens += tokens;
        if (tokens > ret->longest)
            ret->longest = tokens;
    }
    return 0;
}

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

static void write_tool_call(const struct sim_choice *choice, struct buf *out)
{
    buf_printf(out,
               "null,\"tool_calls\":[{\"id\":\"call_%016llx\",\"type\":\"function\","
               "\"function\":{\"name\":\"",
               (unsigned long long)choice->call_id);
    buf_append(out, choice->tool_name);
    buf_lit(out, "\",\"arguments\":");
    json_write_string(out, choice->text);
    buf_lit(out, "}}]");
}

static void write_choice(const struct sim_answer *answer, uint32_t i,
                         struct sim_fault fault, struct buf *out)
{
    const struct sim_choice *choice = &answer->choices[i];
    buf_append(out, i ? STR(",{\"index\":") : STR("{\"index\":"));
    buf_u64(out, i);
    if (answer->surface == SIM_COMPLETIONS) {
        buf_lit(out, ",\"text\":");
        json_write_string(out, choice->text);
    } else {
        buf_lit(out, ",\"message\":{\"role\":\"assistant\",\"content\":");
        if (choice->tool_name.p)
            write_tool_call(choice, out);
        else
            json_write_string(out, choice->text);
        buf_lit(out, ",\"refusal\":null}");
    }
    buf_byte(out, ',');
    sim_answer_write_logprobs(answer, choice->text, out);
    if (fault.kind == SIM_FINISH_MISSING)
        buf_lit(out, ",\"finish_reason\":null}");
    else
        buf_printf(out, ",\"finish_reason\":\"%s\"}", choice->finish);
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
