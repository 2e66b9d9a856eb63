/* ollama_wishes.c -- what a client says beside messages and tools, for /api/chat: what is
 * carried, what is left out, and what is refused by name. */
#include "engine/ollama.h"
#include "json/name.h"

#include "json/scan.h"
#include "json/write.h"

#include <stdio.h>

struct wishing {
    const struct engine_asking *q;
    const struct conversation *c;
    struct arena *arena;
    struct err *err;
};

int ollama_cannot(const struct engine_asking *q, const char *what, struct err *err)
{
    return err_set(err, ERR_BAD_REQUEST, "not_expressible",
                   "engine '%.*s' is asked by Ollama's /api/chat, which has no %s",
                   STR_ARG(q->target->engine->name), what);
}

static int cannot(const struct wishing *x, const char *what)
{
    return ollama_cannot(x->q, what, x->err);
}

/* A client of Ollama's own says it under its dialect's name. */
static struct str bare_name(struct str name)
{
    const struct str prefix = STR("ollama.");
    return str_starts(name, prefix) ? str_sub(name, prefix.n, name.n) : name;
}

struct str ollama_other(const struct conversation *c, const char *name)
{
    for (size_t i = 0; i < c->nothers; i++)
        if (str_eqz(bare_name(c->others[i].name), name))
            return c->others[i].value;
    return (struct str){NULL, 0};
}

static bool is_one_of(struct str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eqz(name, names[i]))
            return true;
    return false;
}

enum ollama_other ollama_other_of(struct str name)
{
    static const char *const passed[] = {"keep_alive", "think", "format", "truncate",
                                         "shift"};
    static const char *const lost[] = {"user",
                                       "metadata",
                                       "store",
                                       "parallel_tool_calls",
                                       "service_tier",
                                       "safety_identifier",
                                       "prompt_cache_key",
                                       "prompt_cache_retention",
                                       "cache_prompt",
                                       "verbosity"};
    static const char *const read[] = {
        "options",   "repeat_penalty",  "repeat_last_n", "repetition_penalty",
        "typical_p", "enable_thinking", "thinking"};
    name = bare_name(name);
    if (is_one_of(name, lost, ARRAY_LEN(lost)))
        return OLLAMA_LOST;
    if (is_one_of(name, passed, ARRAY_LEN(passed)))
        return OLLAMA_PASSED;
    return is_one_of(name, read, ARRAY_LEN(read)) ? OLLAMA_READ : OLLAMA_REFUSED;
}

static int check_others(const struct wishing *x)
{
    const struct conversation *c = x->c;
    for (size_t i = 0; i < c->nothers; i++) {
        const struct other_member *o = &c->others[i];
        enum ollama_other kind = ollama_other_of(o->name);
        struct str name = json_name_shown(o->name);
        char text[80];
        bool is_other = kind != OLLAMA_LOST && kind != OLLAMA_REFUSED;
        if (is_other || wish_is_usual(o->name, o->value))
            continue;
        snprintf(text, sizeof text, kind == OLLAMA_LOST ? "%.*s" : "'%.*s'",
                 STR_ARG(name));
        if (kind == OLLAMA_REFUSED)
            return cannot(x, text);
        if (c->ntools || !str_eqz(name, "parallel_tool_calls"))
            engine_lose(x->q, text);
    }
    return 0;
}

/* -- one thing under several names ----------------------------------------------------
 */

static int read_format(const struct wishing *x, struct str *ret)
{
    struct str own = ollama_other(x->c, "format"), format = {NULL, 0};
    if (x->c->format == FORMAT_SCHEMA)
        format = x->c->schema;
    else if (x->c->format == FORMAT_JSON)
        format = STR("\"json\"");
    if (!json_is_empty(own) && format.p && !str_eq(own, format))
        return cannot(x, "'response_format' beside another 'format'");
    *ret = format.p ? format : own;
    return 0;
}

/* {"type":"enabled"} and {"type":"disabled"}; p == NULL: it says more, or else. */
static struct str switch_of(struct str raw)
{
    struct json_cur c;
    struct json_string k;
    struct str value, type = {NULL, 0};
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return type;
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        if (!json_string_is(k, "type") && !json_is_empty(value))
            return (struct str){NULL, 0};
        type = json_string_is(k, "type") ? value : type;
    }
    if (str_eqz(type, "\"enabled\""))
        return STR("true");
    return str_eqz(type, "\"disabled\"") ? STR("false") : (struct str){NULL, 0};
}

/* Ollama's own `think`; `enable_thinking` and `thinking`, as others call it. */
static int read_switch(const struct wishing *x, struct str *ret)
{
    struct str own = ollama_other(x->c, "think"),
               flag = ollama_other(x->c, "enable_thinking"),
               object = ollama_other(x->c, "thinking");
    *ret = own;
    if (flag.p) {
        bool is_flag = str_eqz(flag, "true") || str_eqz(flag, "false");
        if (!is_flag || (own.p && !str_eq(own, flag)))
            return cannot(x, "'enable_thinking' of this kind");
        *ret = flag;
    }
    if (json_is_empty(object) && !str_eqz(object, "false"))
        return 0;
    struct str said = switch_of(object);
    if (!said.p || (ret->p && !str_eq(*ret, said)))
        return cannot(x, "'thinking' of this kind");
    *ret = said;
    return 0;
}

/* p == NULL: no memory. */
static struct str effort_of(const struct wishing *x)
{
    struct str effort = x->c->effort;
    struct buf b;
    if (str_eqz(effort, "none"))
        return STR("false");
    if (str_eqz(effort, "minimal"))
        return STR("\"low\"");
    if (str_eqz(effort, "xhigh"))
        return STR("\"max\"");
    buf_init(&b, 8 * effort.n + 2);
    json_write_string(&b, effort);
    struct str text =
        b.failed ? (struct str){NULL, 0} : arena_strdup(x->arena, buf_view(&b));
    buf_release(&b);
    return text;
}

/* A number of tokens has no place there, only whether. */
static void read_budget(const struct wishing *x, struct ollama_wishes *ret)
{
    if (x->c->thinking_budget == THINKING_UNSAID || ret->think.p)
        return;
    if (x->c->thinking_budget == 0) {
        ret->think = STR("false");
        return;
    }
    engine_lose(x->q, "thinking_budget");
    if (x->q->target->adapt & ADAPT_NO_THINK)
        return;
    ret->think = STR("true");
    ret->could |= ADAPT_NO_THINK;
}

/* Models that cannot think refuse to be told to, and most know no measure of it; agents
 * ask for it always. */
static void adapt_effort(const struct wishing *x, struct ollama_wishes *ret)
{
    unsigned adapt = x->q->target->adapt;
    if (str_eqz(ret->think, "false"))
        return;
    if (adapt & (ADAPT_NO_THINK | ADAPT_PLAIN_THINK))
        engine_lose(x->q, "reasoning_effort");
    if (adapt & ADAPT_NO_THINK)
        ret->think = (struct str){NULL, 0};
    else if (adapt & ADAPT_PLAIN_THINK)
        ret->think = STR("true");
    ret->could |= ADAPT_NO_THINK | ADAPT_PLAIN_THINK;
}

/* How much says more than whether. */
static int read_think(const struct wishing *x, struct ollama_wishes *ret)
{
    struct str effort;
    if (read_switch(x, &ret->think) != 0)
        return -1;
    if (!x->c->effort.n) {
        read_budget(x, ret);
        return 0;
    }
    effort = effort_of(x);
    if (!effort.p)
        return err_nomem(x->err);
    bool agrees = !ret->think.p || str_eq(ret->think, effort) ||
                  (str_eqz(ret->think, "true") && !str_eqz(effort, "false"));
    if (!agrees)
        return cannot(x, "'reasoning_effort' beside another 'think'");
    ret->think = effort;
    adapt_effort(x, ret);
    return 0;
}

/* -- options --------------------------------------------------------------------------
 */

const char *const ollama_option_names[OLLAMA_OPTIONS] = {"temperature",
                                                         "top_p",
                                                         "top_k",
                                                         "min_p",
                                                         "seed",
                                                         "frequency_penalty",
                                                         "presence_penalty",
                                                         "repeat_penalty",
                                                         "repeat_last_n",
                                                         "typical_p"};

struct str ollama_option(const struct conversation *c, struct str name)
{
    static const enum sampling sampled[] = {
        SAMPLING_TEMPERATURE,     SAMPLING_TOP_P, SAMPLING_TOP_K,
        SAMPLING_MIN_P,           SAMPLING_SEED,  SAMPLING_FREQUENCY_PENALTY,
        SAMPLING_PRESENCE_PENALTY};
    struct str value = {NULL, 0};
    for (size_t i = 0; i < OLLAMA_OPTIONS; i++) {
        if (!str_eqz(name, ollama_option_names[i]))
            continue;
        if (i < ARRAY_LEN(sampled))
            return c->sampling[sampled[i]];
        value = ollama_other(c, ollama_option_names[i]);
    }
    if (!value.p && str_eqz(name, "repeat_penalty"))
        value = ollama_other(c, "repetition_penalty");
    return value;
}

bool ollama_option_is_given(const struct conversation *c, struct str name)
{
    return ollama_option(c, name).p != NULL ||
           (str_eqz(name, "num_predict") && c->max_output_tokens >= 0) ||
           (str_eqz(name, "stop") && c->nstops > 0);
}

/* One that the client gives twice must be the same. */
static int check_option(const struct wishing *x, struct str name, struct str value)
{
    char quoted[160];
    if (!ollama_option_is_given(x->c, name) || json_is_empty(value) ||
        str_eq(ollama_option(x->c, name), value))
        return 0;
    snprintf(quoted, sizeof quoted, "'options.%.*s' beside the same outside of 'options'",
             STR_ARG(str_sub(name, 0, 64)));
    return cannot(x, quoted);
}

static int check_options(const struct wishing *x)
{
    struct str raw = ollama_other(x->c, "options"), value;
    struct json_cur c;
    struct json_string k;
    if (ollama_other(x->c, "repeat_penalty").p &&
        ollama_other(x->c, "repetition_penalty").p)
        return cannot(x, "'repetition_penalty' beside 'repeat_penalty'");
    if (json_is_empty(raw))
        return 0;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return cannot(x, "'options' that is no object");
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        if (check_option(x, k.raw, value) != 0)
            return -1;
    return 0;
}

/* There is no way to demand a call: the tools are offered, of a named one that alone. */
static int read_choice(const struct wishing *x)
{
    const struct conversation *c = x->c;
    size_t noffered = 0;
    if (c->choice != CHOICE_REQUIRED && c->choice != CHOICE_NAMED)
        return 0;
    for (size_t i = 0; i < c->ntools; i++)
        noffered += ollama_is_offered(c, &c->tools[i]);
    if (!noffered)
        return cannot(x, "'tool_choice' that demands a call of what is not in 'tools'");
    engine_lose(x->q, "tool_choice");
    return 0;
}

bool ollama_is_offered(const struct conversation *c, const struct tool *t)
{
    return c->choice != CHOICE_NONE &&
           (c->choice != CHOICE_NAMED || str_eq(t->name, c->choice_name));
}

int ollama_read_wishes(const struct engine_asking *q, const struct conversation *c,
                       struct arena *a, struct ollama_wishes *ret, struct err *err)
{
    const struct wishing x = {q, c, a, err};
    if (q->chat->nchoices > 1)
        return cannot(&x, "'n' above 1");
    if (c->max_output_tokens == 0)
        return cannot(&x, "'max_tokens' of 0, which means no limit there");
    if (read_choice(&x) != 0 || check_others(&x) != 0 || check_options(&x) != 0 ||
        read_format(&x, &ret->format) != 0)
        return -1;
    return read_think(&x, ret);
}
