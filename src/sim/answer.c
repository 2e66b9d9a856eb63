/* answer.c -- what the choices say.
 *
 * The order in which it is made: what a script says; a recorded answer if there is one
 * for exactly this prompt, a call if a tool must be called, a value for the schema if a
 * format is demanded, else sentences.  Then stop sequences cut it, then max_tokens.
 *
 * Not here: how it is written (object.c, chunk.c). */
#include "sim/answer.h"

#include "core/random.h"

#include "sim/text.h"
#include "sim/value.h"
#include "json/scan.h"

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

struct chosen {
    struct str name, schema;
};

/* In OpenAI's own form: the one named, else the first. */
static bool choose_raw(const struct sim_request *r, struct arena *a, struct chosen *ret)
{
    struct json_cur c;
    struct json_string name;
    struct str raw;
    json_begin(&c, r->tools);
    if (!json_enter_array(&c))
        return false;
    while (json_next_element(&c) && json_skip(&c, &raw)) {
        struct json_cur at;
        struct str quoted = json_path(raw, "function", "name", NULL);
        json_begin(&at, quoted.p ? quoted : STR("null"));
        if (!json_read_string(&at, &name))
            continue;
        if (r->tool.raw.p && !str_eq(name.raw, r->tool.raw))
            continue;
        ret->name = json_unescape(a, name);
        ret->schema = json_path(raw, "function", "parameters", NULL);
        return ret->name.p != NULL;
    }
    return false;
}

static bool choose_read(const struct sim_request *r, struct chosen *ret)
{
    for (size_t i = 0; i < r->said->ntools; i++) {
        const struct tool *tool = &r->said->tools[i];
        if (r->tool.raw.p && !str_eq(tool->name, r->tool.raw))
            continue;
        ret->name = tool->name;
        ret->schema =
            tool->kind == TOOL_CUSTOM ? STR(CUSTOM_TOOL_SCHEMA) : tool->parameters;
        return true;
    }
    return false;
}

static bool choose_tool(const struct sim_request *r, struct arena *a, struct chosen *ret)
{
    return r->must_call && (r->said ? choose_read(r, ret) : choose_raw(r, a, ret));
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

static int make_part(struct sim_part *part, const struct sim_request *r,
                     const struct sim_voice *voice, uint64_t seed, struct arena *a,
                     struct err *err)
{
    struct buf b;
    struct chosen tool;
    *part = (struct sim_part){.kind = SIM_TEXT, .text = recorded(r, voice, a)};
    if (part->text.p)
        return 0;
    buf_init(&b, TEXT_MAX_BYTES);
    if (voice->asked->fault.kind == SIM_HUGE_EVENT) {
        part->text = huge_word(a, voice->asked->fault.arg);
        return part->text.p ? 0 : err_nomem(err);
    }
    if (choose_tool(r, a, &tool)) {
        part->kind = SIM_CALL;
        part->name = tool.name;
        sim_value(&b, tool.schema.p ? tool.schema : STR("{\"type\":\"object\"}"), seed);
    } else if (r->wants_json) {
        sim_value(&b, r->schema, seed);
    } else {
        sim_text(&b, seed,
                 voice->asked->words ? voice->asked->words : sim_natural_words(seed));
    }
    part->text = take(&b, a);
    return part->text.p ? 0 : err_nomem(err);
}

/* Behind a stop sequence nothing is said. */
static void cut_at_stops(struct sim_choice *choice, const struct sim_request *r,
                         struct arena *a)
{
    for (size_t k = 0; k < choice->nparts; k++) {
        struct sim_part *part = &choice->parts[k];
        for (size_t i = 0; i < r->nstops && part->kind == SIM_TEXT; i++) {
            struct str stop = json_unescape(a, r->stops[i]);
            ptrdiff_t at = stop.n ? str_find(part->text, stop) : -1;
            if (at < 0)
                continue;
            part->text = str_sub(part->text, 0, (size_t)at);
            choice->stopped_by = stop;
            choice->finish = "stop";
            choice->nparts = k + 1;
        }
    }
}

static int make_choice(struct sim_choice *choice, const struct sim_request *r,
                       const struct sim_voice *voice, uint64_t seed, struct arena *a,
                       struct err *err)
{
    const struct sim_turn *turn = voice->turn;
    uint64_t id = random_next(&seed);
    choice->nparts = turn->parts ? turn->nparts : 1;
    choice->parts = arena_array(a, struct sim_part, choice->nparts);
    choice->stopped_by = STR("");
    if (!choice->parts)
        return err_nomem(err);
    if (turn->parts)
        memcpy(choice->parts, turn->parts, turn->nparts * sizeof *turn->parts);
    else if (make_part(choice->parts, r, voice, seed, a, err) < 0)
        return -1;
    if (!turn->parts)
        choice->parts->id = id;
    choice->finish = turn->parts                       ? turn->finish
                     : choice->parts->kind == SIM_CALL ? "tool_calls"
                                                       : "stop";
    cut_at_stops(choice, r, a);
    if (r->max_tokens)
        sim_choice_cut(choice, r->max_tokens);
    return 0;
}

static void count_choice(struct sim_answer *answer, const struct sim_choice *choice)
{
    uint64_t length = sim_choice_length(choice);
    uint64_t thoughts = sim_choice_tokens(choice, SIM_THOUGHT);
    answer->reasoning_tokens += thoughts;
    answer->completion_tokens += thoughts + sim_choice_tokens(choice, SIM_TEXT) +
                                 sim_choice_tokens(choice, SIM_CALL);
    if (length > answer->longest)
        answer->longest = length;
}

static void take_said(uint64_t *to, int64_t said)
{
    if (said >= 0)
        *to = (uint64_t)said;
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
        count_choice(ret, &ret->choices[i]);
    }
    take_said(&ret->prompt_tokens, voice->turn->input);
    take_said(&ret->completion_tokens, voice->turn->output);
    take_said(&ret->cached_tokens, voice->turn->cached);
    take_said(&ret->reasoning_tokens, voice->turn->reasoning);
    return 0;
}
