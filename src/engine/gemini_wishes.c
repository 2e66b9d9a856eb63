/* gemini_wishes.c -- how an answer is to be made: tools, `toolConfig`,
 * `generationConfig`.
 *
 * Up to 2.5 its models are given a budget of tokens to think with, from 3 on a level; the
 * names say the version.  The budgets are those that Google's OpenAI-compatible endpoint
 * documents for the same words. */
#include "engine/gemini.h"
#include "json/scan.h"

#include <stdio.h>

enum { VERSION_OF_LEVELS = 300 };

static const char *const carried[] = {"parallel_tool_calls", "service_tier", "logprobs",
                                      "top_logprobs",        "gemini.",      NULL};
static const char *const lost[] = {"user",
                                   "safety_identifier",
                                   "metadata",
                                   "store",
                                   "prompt_cache_key",
                                   "prompt_cache_retention",
                                   "prompt_cache_options",
                                   "cache_prompt",
                                   "verbosity",
                                   NULL};

unsigned gemini_version(const struct gemini_asking *x)
{
    struct str name = x->q->target->model->upstream;
    ptrdiff_t at = str_find(name, STR("gemini-"));
    unsigned version = 0, nnumbers = 0;
    name = at < 0 ? STR("") : str_sub(name, (size_t)at + 7, name.n);
    while (name.n && nnumbers < 2) {
        size_t n = 0;
        uint64_t number;
        while (n < name.n && name.p[n] >= '0' && name.p[n] <= '9')
            n++;
        if (n == 0 || n > 2 || !str_to_u64(str_sub(name, 0, n), &number))
            break;
        version = nnumbers++ ? version + (unsigned)number : (unsigned)number * 100;
        if (n == name.n || name.p[n] != '.')
            break;
        name = str_sub(name, n + 1, name.n);
    }
    return version;
}

/* -- what is refused -------------------------------------------------------------------
 */

static int check_tier(const struct gemini_asking *x)
{
    struct str tier = wish_of(x->c, "service_tier");
    static const char *const words[] = {"\"auto\"", "\"default\"", "\"flex\"",
                                        "\"priority\""};
    if (json_is_empty(tier))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eqz(tier, words[i]))
            return 0;
    return gemini_cannot(x, "'service_tier' but auto, default, flex and priority");
}

static int check_effort(const struct gemini_asking *x)
{
    static const char *const words[] = {"none", "minimal", "low", "medium",
                                        "high", "xhigh",   "max"};
    char text[96];
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!x->c->effort.n || str_eqz(x->c->effort, words[i]))
            return 0;
    snprintf(text, sizeof text, "'reasoning_effort' of '%.*s'",
             STR_ARG(str_sub(x->c->effort, 0, 48)));
    return gemini_cannot(x, text);
}

int gemini_check_wishes(const struct gemini_asking *x)
{
    const struct conversation *c = x->c;
    if ((c->choice == CHOICE_REQUIRED || c->choice == CHOICE_NAMED) && c->ntools == 0)
        return gemini_cannot(x, "'tool_choice' that demands a call without tools");
    if (check_tier(x) != 0 || check_effort(x) != 0)
        return -1;
    return wishes_check(x->q, c, GEMINI_FORM, carried, lost, x->err);
}

/* -- tools -----------------------------------------------------------------------------
 */

static void write_tools(const struct gemini_asking *x)
{
    const struct conversation *c = x->c;
    if (c->ntools == 0)
        return;
    json_key(x->w, "tools");
    json_array_open(x->w);
    json_object_open(x->w);
    json_key(x->w, "functionDeclarations");
    json_array_open(x->w);
    for (size_t i = 0; i < c->ntools; i++) {
        const struct tool *t = &c->tools[i];
        json_object_open(x->w);
        json_key(x->w, "name");
        json_str(x->w, t->name);
        if (t->description.raw.n) {
            json_key(x->w, "description");
            json_text(x->w, t->description);
        }
        json_key(x->w, "parametersJsonSchema");
        write_parameters(x->w, t);
        json_object_close(x->w);
    }
    json_array_close(x->w);
    json_object_close(x->w);
    json_array_close(x->w);
}

static void write_choice(const struct gemini_asking *x)
{
    static const char *const modes[] = {[CHOICE_AUTO] = "AUTO",
                                        [CHOICE_NONE] = "NONE",
                                        [CHOICE_REQUIRED] = "ANY",
                                        [CHOICE_NAMED] = "ANY"};
    const struct conversation *c = x->c;
    if (c->ntools && str_eqz(wish_of(c, "parallel_tool_calls"), "false"))
        engine_lose(x->q, "parallel_tool_calls");
    if (c->ntools == 0 || c->choice == CHOICE_UNSAID)
        return;
    json_key(x->w, "toolConfig");
    json_object_open(x->w);
    json_key(x->w, "functionCallingConfig");
    json_object_open(x->w);
    json_key(x->w, "mode");
    json_str(x->w, str_of(modes[c->choice]));
    if (c->choice == CHOICE_NAMED) {
        json_key(x->w, "allowedFunctionNames");
        json_array_open(x->w);
        json_str(x->w, c->choice_name);
        json_array_close(x->w);
    }
    json_object_close(x->w);
    json_object_close(x->w);
}

/* -- thinking --------------------------------------------------------------------------
 */

struct effort_row {
    const char *word, *level;
    int64_t budget;
    bool is_less; /* it is the most that there is, and less than was asked for */
};

static const struct effort_row *effort_of(struct str word)
{
    static const struct effort_row rows[] = {
        {"none", "MINIMAL", 0, false},  {"minimal", "MINIMAL", 512, false},
        {"low", "LOW", 1024, false},    {"medium", "MEDIUM", 8192, false},
        {"high", "HIGH", 24576, false}, {"xhigh", "HIGH", 24576, true},
        {"max", "HIGH", 24576, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(word, rows[i].word))
            return &rows[i];
    return NULL;
}

/* Thoughts are shown to who asked for them. */
static void write_thinking(const struct gemini_asking *x)
{
    const struct conversation *c = x->c;
    const struct effort_row *row = effort_of(c->effort);
    bool has_levels = gemini_version(x) >= VERSION_OF_LEVELS;
    bool is_off = c->thinking_budget == 0 || (row && str_eqz(c->effort, "none"));
    if (!row && c->thinking_budget == THINKING_UNSAID)
        return;
    json_key(x->w, "thinkingConfig");
    json_object_open(x->w);
    if (!is_off) {
        json_key(x->w, "includeThoughts");
        json_bool(x->w, true);
    }
    if (c->thinking_budget != THINKING_UNSAID && !(is_off && has_levels)) {
        json_key(x->w, "thinkingBudget");
        json_i64(x->w, c->thinking_budget);
    } else if (has_levels) {
        json_key(x->w, "thinkingLevel");
        json_str(x->w, str_of(is_off ? "MINIMAL" : row->level));
    } else {
        json_key(x->w, "thinkingBudget");
        json_i64(x->w, row->budget);
    }
    json_object_close(x->w);
    if (is_off && has_levels)
        engine_lose(x->q, "reasoning_effort");
    else if (!is_off && row && row->is_less)
        engine_lose(x->q, "reasoning_effort");
}

/* -- generationConfig ------------------------------------------------------------------
 */

static void write_sampling(const struct gemini_asking *x)
{
    static const struct {
        enum sampling s;
        const char *name;
    } rows[] = {{SAMPLING_TEMPERATURE, "temperature"},
                {SAMPLING_TOP_P, "topP"},
                {SAMPLING_TOP_K, "topK"},
                {SAMPLING_SEED, "seed"},
                {SAMPLING_FREQUENCY_PENALTY, "frequencyPenalty"},
                {SAMPLING_PRESENCE_PENALTY, "presencePenalty"}};
    double v;
    struct str min_p = x->c->sampling[SAMPLING_MIN_P];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!x->c->sampling[rows[i].s].p)
            continue;
        json_key(x->w, rows[i].name);
        json_raw(x->w, x->c->sampling[rows[i].s]);
    }
    if (min_p.p && str_to_double(min_p, &v) && v > 0)
        engine_lose(x->q, "min_p");
}

static void write_stops(const struct gemini_asking *x)
{
    if (x->c->nstops == 0)
        return;
    json_key(x->w, "stopSequences");
    json_array_open(x->w);
    for (size_t i = 0; i < x->c->nstops; i++)
        json_str(x->w, x->c->stops[i]);
    json_array_close(x->w);
}

static void write_format(const struct gemini_asking *x)
{
    if (x->c->format == FORMAT_TEXT)
        return;
    json_key(x->w, "responseMimeType");
    json_str(x->w, STR("application/json"));
    if (x->c->format != FORMAT_SCHEMA)
        return;
    json_key(x->w, "responseJsonSchema");
    json_raw(x->w, x->c->schema);
}

/* Members of Gemini's own, of a client that speaks its dialect: in `mark`. */
static void write_own(const struct gemini_asking *x, struct str mark)
{
    for (size_t i = 0; i < x->c->nothers; i++) {
        const struct other_member *o = &x->c->others[i];
        struct str name =
            str_starts(o->name, mark) ? str_sub(o->name, mark.n, o->name.n) : STR("");
        if (name.n && str_index(name, '.') < 0)
            write_member(x->w, name, o->value);
    }
}

/* `logprobs` alone is how likely what was chosen was; with a number, the others too. */
static void write_likely(const struct gemini_asking *x)
{
    struct str likely = wish_of(x->c, "logprobs"), top = wish_of(x->c, "top_logprobs");
    if (json_is_empty(likely) || str_eqz(likely, "0"))
        return;
    json_key(x->w, "responseLogprobs");
    json_bool(x->w, true);
    if (json_is_empty(top))
        return;
    json_key(x->w, "logprobs");
    json_raw(x->w, top);
}

static void write_generation(const struct gemini_asking *x)
{
    static const char *const none[] = {NULL};
    struct str params = x->q->target->engine->default_params;
    json_key(x->w, "generationConfig");
    json_object_open(x->w);
    const size_t from = x->w->out->n;
    write_sampling(x);
    if (x->c->max_output_tokens >= 0) {
        json_key(x->w, "maxOutputTokens");
        json_i64(x->w, x->c->max_output_tokens);
    }
    if (x->q->chat->nchoices > 1) {
        json_key(x->w, "candidateCount");
        json_u64(x->w, x->q->chat->nchoices);
    }
    write_stops(x);
    write_format(x);
    write_thinking(x);
    write_likely(x);
    write_own(x, STR("gemini.generationConfig."));
    if (params.n)
        write_defaults(x->w, json_get(params, "generationConfig"), none, from);
    json_object_close(x->w);
}

/* What is not said is the ordinary one. */
static void write_tier(const struct gemini_asking *x)
{
    struct str tier = wish_of(x->c, "service_tier");
    if (!str_eqz(tier, "\"flex\"") && !str_eqz(tier, "\"priority\""))
        return;
    json_key(x->w, "serviceTier");
    json_raw(x->w, tier);
}

int gemini_write_wishes(struct gemini_asking *x)
{
    static const char *const own[] = {
        "contents", "model", "systemInstruction", "tools", "generationConfig", NULL};
    static const char *const own_but_tools[] = {"contents", "model", "systemInstruction",
                                                "generationConfig", NULL};
    write_tools(x);
    write_generation(x);
    const size_t from = x->w->out->n;
    write_choice(x);
    write_tier(x);
    write_own(x, STR("gemini."));
    write_defaults(x->w, x->q->target->engine->default_params,
                   x->c->ntools ? own : own_but_tools, from);
    return 0;
}
