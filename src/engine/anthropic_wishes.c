/* anthropic_wishes.c -- how an answer is to be made, in the members that Anthropic has
 * for it.
 *
 * How much the model is to think is said in two ways, by the model's version (the names
 * say it: claude-sonnet-4-5, claude-3-7-sonnet-20250219).  From 4.6 on it decides by
 * itself and is told an effort; before, and on models of other names, it is given a
 * budget of tokens, which must be at least 1,024 and less than `max_tokens`.  With a
 * budget a turn whose calls have just been answered must begin with a thought, and a tool
 * cannot be demanded.  From 4.7 on the members of sampling are refused.  Source: the
 * documentation of Anthropic's thinking, platform.claude.com, November 2026. */
#include "engine/anthropic.h"
#include "engine/schema.h"
#include "json/scan.h"

#include <stdio.h>

enum {
    DEFAULT_MAX_TOKENS = 32000,
    LEAST_BUDGET = 1024,
    ROOM_BEHIND_BUDGET = 8192,
    VERSION_ADAPTIVE = 406,
    VERSION_WITHOUT_SAMPLING = 407
};

static const char *const carried[] = {"user",         "safety_identifier",
                                      "service_tier", "parallel_tool_calls",
                                      "anthropic.",   NULL};
static const char *const lost[] = {"metadata",
                                   "store",
                                   "prompt_cache_key",
                                   "prompt_cache_retention",
                                   "prompt_cache_options",
                                   "cache_prompt",
                                   "verbosity",
                                   NULL};

/* -- the model -------------------------------------------------------------------------
 */

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* 405 of "claude-sonnet-4-5-20250929", 307 of "claude-3-7-sonnet"; 0: the name says no
 * version. */
static unsigned version_of(struct str name)
{
    unsigned version = 0, nnumbers = 0;
    if (!str_contains_nocase(name, STR("claude")))
        return 0;
    while (name.n && nnumbers < 2) {
        size_t n = 0;
        uint64_t number;
        while (n < name.n && is_letter_or_digit(name.p[n]))
            n++;
        bool is_number = n > 0 && n < 3 && str_to_u64(str_sub(name, 0, n), &number);
        if (is_number)
            version = nnumbers++ ? version + (unsigned)number : (unsigned)number * 100;
        else if (nnumbers)
            break;
        name = str_sub(name, n + 1, name.n);
    }
    return version;
}

static unsigned version(const struct anthropic_asking *x)
{
    return version_of(x->q->target->model->upstream);
}

/* -- what is refused -------------------------------------------------------------------
 */

static bool is_demanding(const struct conversation *c)
{
    return c->choice == CHOICE_REQUIRED || c->choice == CHOICE_NAMED;
}

static int check_sampling(const struct anthropic_asking *x)
{
    double t;
    struct str raw = x->c->sampling[SAMPLING_TEMPERATURE];
    if (raw.p && str_to_double(raw, &t) && (t > 1 || t < 0))
        return anthropic_cannot(x, t > 1 ? "'temperature' above 1"
                                         : "'temperature' below 0");
    return 0;
}

/* No table of prices has the tiers that others know. */
static int check_tier(const struct anthropic_asking *x)
{
    struct str tier = wish_of(x->c, "service_tier");
    if (json_is_empty(tier) || str_eqz(tier, "\"auto\"") ||
        str_eqz(tier, "\"default\"") || str_eqz(tier, "\"standard_only\""))
        return 0;
    return anthropic_cannot(x, "'service_tier' but auto and default");
}

static int check_effort(const struct anthropic_asking *x)
{
    static const char *const words[] = {"none", "minimal", "low", "medium",
                                        "high", "xhigh",   "max"};
    char text[96];
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!x->c->effort.n || str_eqz(x->c->effort, words[i]))
            return 0;
    snprintf(text, sizeof text, "'reasoning_effort' of '%.*s'",
             STR_ARG(str_sub(x->c->effort, 0, 48)));
    return anthropic_cannot(x, text);
}

int anthropic_check_wishes(const struct anthropic_asking *x)
{
    const struct conversation *c = x->c;
    if (x->q->chat->nchoices > 1)
        return anthropic_cannot(x, "'n' above 1");
    if (c->max_output_tokens == 0)
        return anthropic_cannot(x, "'max_tokens' of 0, which only fills a cache there");
    if (is_demanding(c) && c->ntools == 0)
        return anthropic_cannot(x, "'tool_choice' that demands a call without tools");
    if (c->format == FORMAT_JSON)
        return anthropic_cannot(x, "'response_format' of json_object without a schema");
    if (check_sampling(x) != 0 || check_tier(x) != 0 || check_effort(x) != 0)
        return -1;
    return wishes_check(x->q, c, ANTHROPIC_FORM, carried, lost, x->err);
}

/* -- thinking --------------------------------------------------------------------------
 */

enum mode { THINKING_AS_IS, THINKING_OFF, THINKING_ADAPTIVE, THINKING_BUDGET };

struct thinking {
    enum mode mode;
    int64_t budget, max_tokens;
    const char *effort; /* NULL: none is said */
};

static int64_t budget_of(struct str effort)
{
    static const struct {
        const char *word;
        int64_t budget;
    } rows[] = {{"minimal", 1024}, {"low", 4096},    {"medium", 10240},
                {"high", 24576},   {"xhigh", 32768}, {"max", 65536}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(effort, rows[i].word))
            return rows[i].budget;
    return 0;
}

/* NULL: the client says nothing. */
static const char *effort_of(const struct conversation *c)
{
    static const char *const words[] = {"low", "medium", "high", "xhigh", "max"};
    if (str_eqz(c->effort, "minimal"))
        return "low";
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eqz(c->effort, words[i]))
            return words[i];
    if (c->effort.n || c->thinking_budget <= 0)
        return NULL;
    return c->thinking_budget <= 4096    ? "low"
           : c->thinking_budget <= 16384 ? "medium"
                                         : "high";
}

/* What fits below the limit; 0: nothing does. */
static int64_t fit_budget(int64_t budget, int64_t max_tokens)
{
    int64_t most = max_tokens - max_tokens / 4;
    budget = budget < LEAST_BUDGET ? LEAST_BUDGET : budget;
    budget = budget < most ? budget : most;
    return budget >= LEAST_BUDGET ? budget : 0;
}

static int64_t default_max(const struct anthropic_asking *x, int64_t budget)
{
    int64_t known = (int64_t)x->q->target->output_max;
    if (known)
        return known;
    return budget + ROOM_BEHIND_BUDGET > DEFAULT_MAX_TOKENS ? budget + ROOM_BEHIND_BUDGET
                                                            : DEFAULT_MAX_TOKENS;
}

static void settle_budget(const struct anthropic_asking *x, struct thinking *t)
{
    const struct conversation *c = x->c;
    int64_t wanted = c->thinking_budget > 0 ? c->thinking_budget : budget_of(c->effort);
    bool is_unable = is_demanding(c) || (x->begins_unthought && x->ends_in_results);
    if (t->max_tokens < 0)
        t->max_tokens = default_max(x, wanted);
    t->budget = is_unable ? 0 : fit_budget(wanted, t->max_tokens);
    t->mode = t->budget ? THINKING_BUDGET : THINKING_AS_IS;
    if (!t->budget)
        engine_lose(x->q, "reasoning_effort");
}

static struct thinking settle_thinking(const struct anthropic_asking *x)
{
    const struct conversation *c = x->c;
    struct thinking t = {.max_tokens = c->max_output_tokens};
    bool is_off = str_eqz(c->effort, "none") || c->thinking_budget == 0;
    bool is_on = !is_off && (c->effort.n || c->thinking_budget > 0);
    bool is_adaptive = version(x) >= VERSION_ADAPTIVE;
    if (is_off)
        t.mode = THINKING_OFF;
    if (is_on && is_adaptive) {
        t.effort = effort_of(c);
        t.mode = is_demanding(c) ? THINKING_AS_IS : THINKING_ADAPTIVE;
        if (c->thinking_budget > 0)
            engine_lose(x->q, "thinking_budget");
    }
    if (is_on && !is_adaptive)
        settle_budget(x, &t);
    if (t.max_tokens < 0)
        t.max_tokens = default_max(x, 0);
    return t;
}

static void write_thinking(const struct anthropic_asking *x, const struct thinking *t)
{
    static const char *const types[] = {[THINKING_OFF] = "disabled",
                                        [THINKING_ADAPTIVE] = "adaptive",
                                        [THINKING_BUDGET] = "enabled"};
    if (t->mode == THINKING_AS_IS)
        return;
    json_key(x->w, "thinking");
    json_object_open(x->w);
    json_key(x->w, "type");
    json_str(x->w, str_of(types[t->mode]));
    if (t->mode == THINKING_BUDGET) {
        json_key(x->w, "budget_tokens");
        json_i64(x->w, t->budget);
    }
    /* Newer ones would not show it. */
    if (t->mode == THINKING_ADAPTIVE && version(x) >= VERSION_WITHOUT_SAMPLING) {
        json_key(x->w, "display");
        json_str(x->w, STR("summarized"));
    }
    json_object_close(x->w);
}

/* -- the rest --------------------------------------------------------------------------
 */

static void write_output_config(const struct anthropic_asking *x, const char *effort)
{
    bool has_schema = x->c->format == FORMAT_SCHEMA;
    if (!effort && !has_schema)
        return;
    json_key(x->w, "output_config");
    json_object_open(x->w);
    if (effort) {
        json_key(x->w, "effort");
        json_str(x->w, str_of(effort));
    }
    if (has_schema) {
        json_key(x->w, "format");
        json_object_open(x->w);
        json_key(x->w, "type");
        json_str(x->w, STR("json_schema"));
        json_key(x->w, "schema");
        if (write_closed_schema(x->w, x->c->schema))
            engine_lose(x->q, "bounds in response_format");
        json_object_close(x->w);
    }
    json_object_close(x->w);
}

static void write_tools(const struct anthropic_asking *x)
{
    const struct conversation *c = x->c;
    if (c->ntools == 0)
        return;
    json_key(x->w, "tools");
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
        json_key(x->w, "input_schema");
        write_parameters(x->w, t);
        if (t->kind == TOOL_FUNCTION && str_eqz(t->strict, "true")) {
            json_key(x->w, "strict");
            json_raw(x->w, t->strict);
        }
        if (!json_is_empty(t->cache)) {
            json_key(x->w, "cache_control");
            json_raw(x->w, t->cache);
        }
        json_object_close(x->w);
    }
    json_array_close(x->w);
}

static void write_choice(const struct anthropic_asking *x)
{
    static const char *const types[] = {[CHOICE_UNSAID] = "auto",
                                        [CHOICE_AUTO] = "auto",
                                        [CHOICE_NONE] = "none",
                                        [CHOICE_REQUIRED] = "any",
                                        [CHOICE_NAMED] = "tool"};
    const struct conversation *c = x->c;
    bool is_single = str_eqz(wish_of(c, "parallel_tool_calls"), "false");
    if (c->ntools == 0 || (c->choice == CHOICE_UNSAID && !is_single))
        return;
    json_key(x->w, "tool_choice");
    json_object_open(x->w);
    json_key(x->w, "type");
    json_str(x->w, str_of(types[c->choice]));
    if (c->choice == CHOICE_NAMED) {
        json_key(x->w, "name");
        json_str(x->w, c->choice_name);
    }
    if (is_single && c->choice != CHOICE_NONE) {
        json_key(x->w, "disable_parallel_tool_use");
        json_bool(x->w, true);
    }
    json_object_close(x->w);
}

static void lose_sampling(const struct anthropic_asking *x, enum sampling s,
                          const char *name)
{
    double v;
    struct str raw = x->c->sampling[s];
    bool is_nothing = !raw.p || (str_to_double(raw, &v) && v <= 0 && s != SAMPLING_SEED);
    if (!is_nothing)
        engine_lose(x->q, name);
}

/* Beside thoughts, and on the newest models, there is no choice of them; and one that is
 * known by its version takes only one of the first two. */
static void write_sampling(const struct anthropic_asking *x, const struct thinking *t)
{
    static const char *const names[] = {"temperature", "top_p", "top_k"};
    double v;
    bool is_thinking = t->mode == THINKING_BUDGET || t->mode == THINKING_ADAPTIVE;
    bool is_refused = is_thinking || version(x) >= VERSION_WITHOUT_SAMPLING;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct str raw = x->c->sampling[i];
        bool is_second =
            i == SAMPLING_TOP_P && version(x) && x->c->sampling[SAMPLING_TEMPERATURE].p;
        bool is_one = raw.p && i != SAMPLING_TOP_K && str_to_double(raw, &v) && v >= 1;
        if (!raw.p || ((is_refused || is_second) && is_one))
            continue; /* 1 is the rule */
        if (is_refused || is_second) {
            engine_lose(x->q, names[i]);
            continue;
        }
        json_key(x->w, names[i]);
        json_raw(x->w, raw);
    }
    lose_sampling(x, SAMPLING_MIN_P, "min_p");
    lose_sampling(x, SAMPLING_SEED, "seed");
    lose_sampling(x, SAMPLING_FREQUENCY_PENALTY, "frequency_penalty");
    lose_sampling(x, SAMPLING_PRESENCE_PENALTY, "presence_penalty");
}

static void write_stops(const struct anthropic_asking *x)
{
    if (x->c->nstops == 0)
        return;
    json_key(x->w, "stop_sequences");
    json_array_open(x->w);
    for (size_t i = 0; i < x->c->nstops; i++)
        json_str(x->w, x->c->stops[i]);
    json_array_close(x->w);
}

/* Members of Anthropic's own, of a client that speaks its dialect. */
static void write_own(const struct anthropic_asking *x)
{
    const struct str mark = STR("anthropic.");
    for (size_t i = 0; i < x->c->nothers; i++) {
        const struct other_member *o = &x->c->others[i];
        if (str_starts(o->name, mark) && o->name.n > mark.n)
            write_member(x->w, str_sub(o->name, mark.n, o->name.n), o->value);
    }
}

static void write_others(const struct anthropic_asking *x)
{
    struct str user = wish_of(x->c, "user"), tier = wish_of(x->c, "service_tier");
    if (json_is_empty(user))
        user = wish_of(x->c, "safety_identifier");
    if (!json_is_empty(user)) {
        json_key(x->w, "metadata");
        json_object_open(x->w);
        json_key(x->w, "user_id");
        json_raw(x->w, user);
        json_object_close(x->w);
    }
    if (!json_is_empty(tier)) {
        json_key(x->w, "service_tier");
        json_raw(x->w, str_eqz(tier, "\"auto\"") ? tier : STR("\"standard_only\""));
    }
    write_own(x);
}

int anthropic_write_wishes(struct anthropic_asking *x)
{
    const struct thinking t = settle_thinking(x);
    write_tools(x);
    const size_t from = x->w->out->n;
    write_choice(x);
    json_key(x->w, "max_tokens");
    json_i64(x->w, t.max_tokens);
    write_thinking(x, &t);
    write_output_config(x, t.effort);
    write_sampling(x, &t);
    write_stops(x);
    write_others(x);
    static const char *const own[] = {"model",  "messages", "system",
                                      "stream", "tools",    NULL};
    static const char *const own_but_tools[] = {"model", "messages", "system", "stream",
                                                NULL};
    write_defaults(x->w, x->q->target->engine->default_params,
                   x->c->ntools ? own : own_but_tools, from);
    return 0;
}
