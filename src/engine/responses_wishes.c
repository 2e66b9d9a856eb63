/* responses_wishes.c -- how an answer is to be made, in the members of OpenAI's
 * Responses.
 *
 * Nothing is kept there: `store` is false, and thoughts come encrypted so that they can
 * be given back.  Models that do not think (GPT-3.5, GPT-4) refuse to be asked for that;
 * those that do (o1, GPT-5 and later) take no temperature. */
#include "dialect/dialect.h"
#include "engine/responses.h"
#include "json/scan.h"

#include <stdio.h>

static const char *const carried[] = {"user",
                                      "safety_identifier",
                                      "metadata",
                                      "service_tier",
                                      "parallel_tool_calls",
                                      "prompt_cache_key",
                                      "prompt_cache_retention",
                                      "prompt_cache_options",
                                      "verbosity",
                                      "logprobs",
                                      "top_logprobs",
                                      "responses.",
                                      NULL};
static const char *const lost[] = {"store", "cache_prompt", NULL};

/* -- the model -------------------------------------------------------------------------
 */

static bool begins_with(const struct responses_asking *x, const char *const *starts)
{
    struct str name = x->q->target->model->upstream;
    ptrdiff_t slash = str_index(name, '/');
    name = slash < 0 ? name : str_sub(name, (size_t)slash + 1, name.n);
    for (; *starts; starts++)
        if (str_starts_nocase(name, str_of(*starts)))
            return true;
    return false;
}

static bool thinks_not(const struct responses_asking *x)
{
    static const char *const starts[] = {"gpt-3", "gpt-4", "chatgpt-4", NULL};
    return begins_with(x, starts);
}

static bool thinks(const struct responses_asking *x)
{
    static const char *const starts[] = {"o1",    "o3",    "o4",     "gpt-5",
                                         "gpt-6", "gpt-7", "codex-", NULL};
    return begins_with(x, starts);
}

/* -- what is refused -------------------------------------------------------------------
 */

int responses_check_wishes(const struct responses_asking *x)
{
    const struct conversation *c = x->c;
    if (x->q->chat->nchoices > 1)
        return responses_cannot(x, "'n' above 1");
    if (c->nstops)
        return responses_cannot(x, "'stop'");
    if ((c->choice == CHOICE_REQUIRED || c->choice == CHOICE_NAMED) && c->ntools == 0)
        return responses_cannot(x, "'tool_choice' that demands a call without tools");
    return wishes_check(x->q, c, RESPONSES_FORM, carried, lost, x->err);
}

/* -- tools -----------------------------------------------------------------------------
 */

static void write_tool(const struct responses_asking *x, const struct tool *t)
{
    bool is_custom = t->kind == TOOL_CUSTOM;
    json_object_open(x->w);
    json_key(x->w, "type");
    json_str(x->w, is_custom ? STR("custom") : STR("function"));
    json_key(x->w, "name");
    json_str(x->w, t->name);
    if (t->description.raw.n) {
        json_key(x->w, "description");
        json_text(x->w, t->description);
    }
    if (is_custom && !json_is_empty(t->grammar)) {
        json_key(x->w, "format");
        json_raw(x->w, t->grammar);
    }
    if (!is_custom) {
        json_key(x->w, "parameters");
        write_parameters(x->w, t);
        json_key(x->w, "strict"); /* unsaid it would be true there */
        json_bool(x->w, str_eqz(t->strict, "true"));
    }
    json_object_close(x->w);
}

static void write_tools(const struct responses_asking *x)
{
    if (x->c->ntools == 0)
        return;
    json_key(x->w, "tools");
    json_array_open(x->w);
    for (size_t i = 0; i < x->c->ntools; i++)
        write_tool(x, &x->c->tools[i]);
    json_array_close(x->w);
}

static bool is_custom(const struct conversation *c, struct str name)
{
    for (size_t i = 0; i < c->ntools; i++)
        if (str_eq(c->tools[i].name, name))
            return c->tools[i].kind == TOOL_CUSTOM;
    return false;
}

static void write_choice(const struct responses_asking *x)
{
    static const char *const words[] = {
        [CHOICE_AUTO] = "auto", [CHOICE_NONE] = "none", [CHOICE_REQUIRED] = "required"};
    const struct conversation *c = x->c;
    if (c->ntools == 0 || c->choice == CHOICE_UNSAID)
        return;
    json_key(x->w, "tool_choice");
    if (c->choice != CHOICE_NAMED) {
        json_str(x->w, str_of(words[c->choice]));
        return;
    }
    json_object_open(x->w);
    json_key(x->w, "type");
    json_str(x->w, is_custom(c, c->choice_name) ? STR("custom") : STR("function"));
    json_key(x->w, "name");
    json_str(x->w, c->choice_name);
    json_object_close(x->w);
}

/* -- thinking, format, sampling --------------------------------------------------------
 */

static struct str effort_of(const struct responses_asking *x)
{
    int64_t budget = x->c->thinking_budget;
    if (x->c->effort.n || budget == THINKING_UNSAID)
        return x->c->effort;
    if (budget == 0)
        return STR("none");
    engine_lose(x->q, "thinking_budget");
    return budget <= 4096 ? STR("low") : budget <= 16384 ? STR("medium") : STR("high");
}

/* Clients of other dialects show thoughts, and ask for them by asking for thinking. */
static void write_thinking(const struct responses_asking *x)
{
    struct str effort = effort_of(x);
    bool shows = x->q->chat->dialect->id != DIALECT_OPENAI && !str_eqz(effort, "none");
    if (effort.n) {
        json_key(x->w, "reasoning");
        json_object_open(x->w);
        json_key(x->w, "effort");
        json_str(x->w, effort);
        if (shows) {
            json_key(x->w, "summary");
            json_str(x->w, STR("auto"));
        }
        json_object_close(x->w);
    }
}

/* What comes beside the text only if it is asked for. */
static void write_include(const struct responses_asking *x)
{
    struct str logprobs = wish_of(x->c, "logprobs"), top = wish_of(x->c, "top_logprobs");
    bool wants_logprobs = !json_is_empty(logprobs) && !str_eqz(logprobs, "0");
    bool wants_thoughts = !thinks_not(x) || x->has_own_thoughts;
    if (wants_logprobs || wants_thoughts) {
        json_key(x->w, "include");
        json_array_open(x->w);
        if (wants_thoughts)
            json_str(x->w, STR("reasoning.encrypted_content"));
        if (wants_logprobs)
            json_str(x->w, STR("message.output_text.logprobs"));
        json_array_close(x->w);
    }
    if (!json_is_empty(top)) {
        json_key(x->w, "top_logprobs");
        json_raw(x->w, top);
    }
}

static void write_schema(const struct responses_asking *x)
{
    const struct conversation *c = x->c;
    json_str(x->w, STR("json_schema"));
    json_key(x->w, "name");
    json_str(x->w, c->schema_name.n ? c->schema_name : STR("answer"));
    json_key(x->w, "schema");
    json_raw(x->w, c->schema);
    if (!json_is_empty(c->schema_strict)) {
        json_key(x->w, "strict");
        json_raw(x->w, c->schema_strict);
    }
}

static void write_format(const struct responses_asking *x)
{
    struct str verbosity = wish_of(x->c, "verbosity");
    bool has_verbosity = !json_is_empty(verbosity);
    if (x->c->format == FORMAT_TEXT && !has_verbosity)
        return;
    json_key(x->w, "text");
    json_object_open(x->w);
    if (x->c->format != FORMAT_TEXT) {
        json_key(x->w, "format");
        json_object_open(x->w);
        json_key(x->w, "type");
        if (x->c->format == FORMAT_SCHEMA)
            write_schema(x);
        else
            json_str(x->w, STR("json_object"));
        json_object_close(x->w);
    }
    if (has_verbosity) {
        json_key(x->w, "verbosity");
        json_raw(x->w, verbosity);
    }
    json_object_close(x->w);
}

static void write_sampling(const struct responses_asking *x)
{
    static const char *const names[SAMPLING_COUNT] = {
        [SAMPLING_TEMPERATURE] = "temperature",
        [SAMPLING_TOP_P] = "top_p",
        [SAMPLING_TOP_K] = "top_k",
        [SAMPLING_MIN_P] = "min_p",
        [SAMPLING_SEED] = "seed",
        [SAMPLING_FREQUENCY_PENALTY] = "frequency_penalty",
        [SAMPLING_PRESENCE_PENALTY] = "presence_penalty"};
    bool is_refused = thinks(x) && !str_eqz(x->c->effort, "none");
    for (size_t i = 0; i < SAMPLING_COUNT; i++) {
        struct str raw = x->c->sampling[i];
        bool has_place = i == SAMPLING_TEMPERATURE || i == SAMPLING_TOP_P;
        double v = 0;
        if (!raw.p)
            continue;
        bool is_number = str_to_double(raw, &v);
        if (has_place && !is_refused) {
            json_key(x->w, names[i]);
            json_raw(x->w, raw);
        } else if (!is_number ||
                   (has_place ? v < 1 || v > 1 : i == SAMPLING_SEED || v < 0 || v > 0)) {
            engine_lose(x->q, names[i]); /* 1 and 0 are the rule */
        }
    }
}

/* -- the rest --------------------------------------------------------------------------
 */

static void write_others(const struct responses_asking *x)
{
    const struct str mark = STR("responses.");
    for (size_t i = 0; i < x->c->nothers; i++) {
        const struct other_member *o = &x->c->others[i];
        struct str name = o->name;
        if (str_starts(name, mark)) {
            name = str_sub(name, mark.n, name.n);
        } else if (json_is_empty(o->value) && !str_eqz(name, "parallel_tool_calls")) {
            continue;
        } else {
            bool is_carried = false;
            for (const char *const *c = carried; *c; c++)
                is_carried |= str_eqz(name, *c);
            if (!is_carried || str_eqz(name, "verbosity") ||
                str_ends(name, STR("logprobs")))
                continue;
        }
        if (str_eqz(name, "parallel_tool_calls") && x->c->ntools == 0)
            continue;
        write_member(x->w, name, o->value);
    }
}

int responses_write_wishes(struct responses_asking *x)
{
    static const char *const own[] = {"model", "input",  "instructions",
                                      "tools", "stream", NULL};
    static const char *const own_but_tools[] = {"model", "input", "instructions",
                                                "stream", NULL};
    write_tools(x);
    const size_t from = x->w->out->n;
    write_choice(x);
    json_key(x->w, "store");
    json_bool(x->w, false);
    if (x->c->max_output_tokens >= 0) {
        json_key(x->w, "max_output_tokens");
        json_i64(x->w, x->c->max_output_tokens);
    }
    write_thinking(x);
    write_include(x);
    write_format(x);
    write_sampling(x);
    write_others(x);
    write_defaults(x->w, x->q->target->engine->default_params,
                   x->c->ntools ? own : own_but_tools, from);
    return 0;
}
