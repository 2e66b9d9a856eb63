/* gemini_conversation.c -- a request of generateContent as a conversation.
 *
 * The body has been read and found valid (gemini_decode.c).  Contents are in
 * gemini_said.c; here is what stands beside them. */
#include "dialect/gemini.h"

#include "core/buf.h"

enum { MOST_OTHERS = 8, MOST_ALLOWED = 128 };

static void add_other(const struct reader *r, const char *name, struct str value)
{
    if (value.p)
        r->c->others[r->c->nothers++] = (struct other_member){str_of(name), value};
}

static int lose(const struct reader *r, const char *name)
{
    return reader_lose_name(r, str_of(name));
}

/* -- tools --------------------------------------------------------------------------- */

static int read_function(const struct reader *r, const struct place *at, struct str raw,
                         struct tool *ret)
{
    static const char *const names[] = {"name", "description", "parameters",
                                        "parametersJsonSchema",
                                        /* what its result looks like is no model's */
                                        "response", "responseJsonSchema", "behavior"};
    static const struct fields fields = {names, ARRAY_LEN(names), 4};
    struct str in[4];
    if (gemini_fields(r, at, raw, &fields, in) != 0 ||
        reader_text(r, at, "name", in[0], &ret->name) != 0 ||
        reader_words(r, at, "description", in[1], &ret->description) != 0)
        return -1;
    if (!ret->name.n)
        return reader_refuse(r, at, "it has no name");
    for (size_t i = 2; i < 4; i++)
        if (in[i].p && !raw_is(in[i], '{'))
            return reader_refuse_member(r, at, names[i], "it must be an object");
    ret->parameters = in[3];
    return in[2].p ? gemini_schema(r, in[2], &ret->parameters) : 0;
}

static int read_functions(const struct reader *r, const struct place *in, struct str raw)
{
    struct place at = place_of(in, "functionDeclarations");
    struct gemini_list list;
    struct str one;
    if (!gemini_list_begin(r->ends, raw, &list))
        return 0;
    for (at.index = 0; gemini_list_next(&list, &one); at.index++)
        if (read_function(r, &at, one, &r->c->tools[r->c->ntools++]) != 0)
            return -1;
    return 0;
}

/* Searching, running code and the like are done by Google's servers alone, and an answer
 * without them would be another one. */
static int read_tool(const struct reader *r, const struct place *at, struct str raw)
{
    static const char *const names[] = {"functionDeclarations"};
    static const struct fields fields = {names, 1, 1};
    struct json_cur c;
    struct json_string k;
    struct str in, value;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return reader_refuse(r, at, "it must be an object");
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        const struct place own = {at, k.raw, NO_INDEX};
        if (!gemini_is(k, "functionDeclarations") && !str_eqz(value, "null"))
            return reader_refuse(r, &own, "only Google's own servers have this tool");
    }
    if (gemini_fields(r, at, raw, &fields, &in) != 0)
        return -1;
    return in.p ? read_functions(r, at, in) : 0;
}

static int read_tools(const struct reader *r, struct str raw)
{
    struct place at = place_of(NULL, "tools");
    struct gemini_list list;
    struct str one;
    size_t n = 0;
    if (!gemini_list_begin(r->ends, raw, &list))
        return 0;
    while (gemini_list_next(&list, &one))
        n += gemini_list_count(r->ends, gemini_get(r->ends, one, "functionDeclarations"));
    r->c->tools = reader_room(r, n, sizeof *r->c->tools);
    if (!r->c->tools)
        return -1;
    gemini_list_begin(r->ends, raw, &list);
    for (at.index = 0; gemini_list_next(&list, &one); at.index++)
        if (read_tool(r, &at, one) != 0)
            return -1;
    return 0;
}

static bool is_among(const struct reader *r, struct str names, struct str name)
{
    struct gemini_list list;
    struct str one, text;
    if (gemini_list_begin(r->ends, names, &list))
        while (gemini_list_next(&list, &one))
            if (reader_text(r, NULL, "allowedFunctionNames", one, &text) == 0 &&
                str_eq(text, name))
                return true;
    return false;
}

/* Only these are offered: then none of the others can be called. */
static void keep_tools(const struct reader *r, struct str names)
{
    struct conversation *c = r->c;
    size_t n = 0;
    for (size_t i = 0; i < c->ntools; i++)
        if (is_among(r, names, c->tools[i].name))
            c->tools[n++] = c->tools[i];
    c->ntools = n;
}

/* One that must be called can be said by its name. */
static int choose(const struct reader *r, enum tool_choice choice, struct str names)
{
    size_t n = gemini_list_count(r->ends, names);
    struct gemini_list list;
    struct str one;
    r->c->choice = choice;
    if (choice == CHOICE_REQUIRED && n == 1 && gemini_list_begin(r->ends, names, &list) &&
        gemini_list_next(&list, &one)) {
        r->c->choice = CHOICE_NAMED;
        return reader_text(r, NULL, "allowedFunctionNames", one, &r->c->choice_name);
    }
    if (n)
        keep_tools(r, names);
    return 0;
}

static int read_choice(const struct reader *r, struct str raw)
{
    static const char *const outer[] = {"functionCallingConfig", "retrievalConfig"};
    static const char *const names[] = {"mode", "allowedFunctionNames",
                                        "streamFunctionCallArguments"};
    static const struct fields of_outer = {outer, ARRAY_LEN(outer), 2};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    static const struct {
        const char *mode;
        enum tool_choice choice;
    } modes[] = {{"", CHOICE_UNSAID},   {"MODE_UNSPECIFIED", CHOICE_UNSAID},
                 {"AUTO", CHOICE_AUTO}, {"VALIDATED", CHOICE_AUTO},
                 {"NONE", CHOICE_NONE}, {"ANY", CHOICE_REQUIRED}};
    const struct place config = place_of(NULL, "toolConfig"),
                       at = place_of(&config, "functionCallingConfig");
    struct str in[2], own[2], mode;
    if (json_is_empty(raw))
        return 0;
    if (gemini_fields(r, &config, raw, &of_outer, in) != 0)
        return -1;
    if (!json_is_empty(in[1]) && lose(r, "toolConfig.retrievalConfig") != 0)
        return -1;
    if (!in[0].p)
        return 0;
    if (gemini_fields(r, &at, in[0], &fields, own) != 0 ||
        reader_text(r, &at, "mode", own[0], &mode) != 0)
        return -1;
    if (gemini_list_count(r->ends, own[1]) > MOST_ALLOWED)
        return reader_refuse_member(r, &at, "allowedFunctionNames",
                                    "it has more than 128 names");
    /* That arguments fit their schema is Google's to see to. */
    if (str_eq_nocase(mode, STR("VALIDATED")) &&
        lose(r, "toolConfig.functionCallingConfig.mode (VALIDATED)") != 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (str_eq_nocase(mode, str_of(modes[i].mode)))
            return choose(r, modes[i].choice, own[1]);
    return reader_refuse_member(r, &at, "mode",
                                "it is none of AUTO, ANY, NONE, VALIDATED");
}

/* -- generationConfig ------------------------------------------------------------------
 */

enum {
    IN_TEMPERATURE, /* in the order of enum sampling, without min_p */
    IN_TOP_P,
    IN_TOP_K,
    IN_SEED,
    IN_FREQUENCY_PENALTY,
    IN_PRESENCE_PENALTY,
    IN_STOPS,
    IN_MIME,
    IN_SCHEMA,
    IN_JSON_SCHEMA,
    IN_THINKING,
    IN_RESPONSE_LOGPROBS,
    IN_LOGPROBS,
    IN_MODALITIES,
    IN_RESOLUTION,
    IN_CANDIDATES,
    IN_MAX_TOKENS, /* in struct chat */
    IN_COUNT
};

static const char *const config_names[] = {
    [IN_TEMPERATURE] = "temperature",
    [IN_TOP_P] = "topP",
    [IN_TOP_K] = "topK",
    [IN_SEED] = "seed",
    [IN_FREQUENCY_PENALTY] = "frequencyPenalty",
    [IN_PRESENCE_PENALTY] = "presencePenalty",
    [IN_STOPS] = "stopSequences",
    [IN_MIME] = "responseMimeType",
    [IN_SCHEMA] = "responseSchema",
    [IN_JSON_SCHEMA] = "responseJsonSchema",
    [IN_THINKING] = "thinkingConfig",
    [IN_RESPONSE_LOGPROBS] = "responseLogprobs",
    [IN_LOGPROBS] = "logprobs",
    [IN_MODALITIES] = "responseModalities",
    [IN_RESOLUTION] = "mediaResolution",
    [IN_CANDIDATES] = "candidateCount",
    [IN_MAX_TOKENS] = "maxOutputTokens",
};

static int read_sampling(const struct reader *r, const struct place *at,
                         const struct str in[IN_COUNT])
{
    static const enum sampling places[] = {
        [IN_TEMPERATURE] = SAMPLING_TEMPERATURE,
        [IN_TOP_P] = SAMPLING_TOP_P,
        [IN_TOP_K] = SAMPLING_TOP_K,
        [IN_SEED] = SAMPLING_SEED,
        [IN_FREQUENCY_PENALTY] = SAMPLING_FREQUENCY_PENALTY,
        [IN_PRESENCE_PENALTY] = SAMPLING_PRESENCE_PENALTY,
    };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct str n = gemini_number(in[i]);
        if (reader_check(r, at, config_names[i], n, KIND_NUMBER) != 0)
            return -1;
        r->c->sampling[places[i]] = n;
    }
    /* topK is a float there: 40.0 */
    struct str top_k = r->c->sampling[SAMPLING_TOP_K];
    if (str_ends(top_k, STR(".0")))
        r->c->sampling[SAMPLING_TOP_K] = str_sub(top_k, 0, top_k.n - 2);
    return 0;
}

static int read_stops(const struct reader *r, const struct place *in, struct str raw)
{
    struct place at = place_of(in, "stopSequences");
    struct gemini_list list;
    struct str one, text;
    if (!gemini_list_begin(r->ends, raw, &list))
        return 0;
    r->c->stops = reader_room(r, gemini_list_count(r->ends, raw), sizeof *r->c->stops);
    if (!r->c->stops)
        return -1;
    for (at.index = 0; gemini_list_next(&list, &one); at.index++) {
        if (!raw_is(one, '"'))
            return reader_refuse(r, &at, "it must be a string");
        if (reader_text(r, in, "stopSequences", one, &text) != 0)
            return -1;
        if (text.n)
            r->c->stops[r->c->nstops++] = text;
    }
    return 0;
}

static int read_format(const struct reader *r, const struct place *at,
                       const struct str in[IN_COUNT])
{
    struct str type;
    bool has_schema = raw_is(in[IN_SCHEMA], '{') || raw_is(in[IN_JSON_SCHEMA], '{');
    if (reader_text(r, at, "responseMimeType", in[IN_MIME], &type) != 0)
        return -1;
    if (str_eqz(type, "text/plain"))
        type = STR("");
    if (type.n && !str_eqz(type, "application/json"))
        return reader_refuse_member(r, at, "responseMimeType",
                                    "it is neither text/plain nor application/json");
    if (!type.n && has_schema)
        return reader_refuse_member(r, at, "responseMimeType",
                                    "a schema needs application/json");
    if (!type.n)
        return 0;
    r->c->format = has_schema ? FORMAT_SCHEMA : FORMAT_JSON;
    r->c->schema = in[IN_JSON_SCHEMA];
    return raw_is(in[IN_SCHEMA], '{') ? gemini_schema(r, in[IN_SCHEMA], &r->c->schema)
                                      : 0;
}

/* A budget of tokens (-1: as the model likes), or a level. */
static int read_thinking(const struct reader *r, const struct place *in, struct str raw)
{
    static const char *const names[] = {"thinkingBudget", "thinkingLevel",
                                        "includeThoughts" /* gemini_echo() */};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    static const struct {
        const char *level, *effort;
    } rows[] = {{"MINIMAL", "minimal"}, {"LOW", "low"},
                {"MEDIUM", "medium"},   {"HIGH", "high"},
                {"XHIGH", "xhigh"},     {"THINKING_LEVEL_UNSPECIFIED", ""}};
    const struct place at = place_of(in, "thinkingConfig");
    struct str own[3], level;
    int64_t budget;
    if (json_is_empty(raw))
        return 0;
    if (gemini_fields(r, &at, raw, &fields, own) != 0 ||
        reader_text(r, &at, "thinkingLevel", own[1], &level) != 0 ||
        reader_check(r, &at, "includeThoughts", own[2], KIND_FLAG) != 0)
        return -1;
    if (own[0].p) {
        if (!json_to_i64(gemini_number(own[0]), &budget) || budget < -1)
            return reader_refuse_member(r, &at, "thinkingBudget",
                                        "it must be a number of tokens");
        r->c->thinking_budget = budget < 0 ? THINKING_UNSAID : budget;
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq_nocase(level, str_of(rows[i].level))) {
            r->c->effort = str_of(rows[i].effort);
            return 0;
        }
    return level.n
               ? reader_refuse_member(r, &at, "thinkingLevel",
                                      "it is none of MINIMAL, LOW, MEDIUM, HIGH, XHIGH")
               : 0;
}

/* Text alone can be asked for. */
static int check_modalities(const struct reader *r, const struct place *at,
                            struct str raw)
{
    struct gemini_list list;
    struct str one, text;
    if (gemini_list_begin(r->ends, raw, &list))
        while (gemini_list_next(&list, &one)) {
            if (reader_text(r, at, "responseModalities", one, &text) != 0)
                return -1;
            if (!str_eq_nocase(text, STR("TEXT")))
                return reader_refuse_member(r, at, "responseModalities",
                                            "only TEXT has a place");
        }
    return 0;
}

static int read_config(const struct reader *r, struct str raw)
{
    static const struct fields fields = {config_names, ARRAY_LEN(config_names), IN_COUNT};
    const struct place at = place_of(NULL, "generationConfig");
    struct str in[IN_COUNT];
    if (json_is_empty(raw))
        return 0;
    if (gemini_fields(r, &at, raw, &fields, in) != 0)
        return -1;
    const struct str top = gemini_number(in[IN_LOGPROBS]);
    if (read_sampling(r, &at, in) != 0 ||
        reader_check(r, &at, "responseLogprobs", in[IN_RESPONSE_LOGPROBS], KIND_FLAG) !=
            0 ||
        reader_check(r, &at, "logprobs", top, KIND_NUMBER) != 0 ||
        read_stops(r, &at, in[IN_STOPS]) != 0 || read_format(r, &at, in) != 0 ||
        read_thinking(r, &at, in[IN_THINKING]) != 0 ||
        check_modalities(r, &at, in[IN_MODALITIES]) != 0)
        return -1;
    if (str_eqz(in[IN_RESPONSE_LOGPROBS], "true")) {
        add_other(r, "logprobs", in[IN_RESPONSE_LOGPROBS]);
        add_other(r, "top_logprobs", top);
    }
    if (in[IN_CANDIDATES].p && !str_eqz(gemini_number(in[IN_CANDIDATES]), "1"))
        add_other(r, "n", gemini_number(in[IN_CANDIDATES]));
    return json_is_empty(in[IN_RESOLUTION]) ? 0
                                            : lose(r, "generationConfig.mediaResolution");
}

/* -- all of it
 * --------------------------------------------------------------------------- */

enum {
    OF_CONTENTS,
    OF_SYSTEM,
    OF_TOOLS,
    OF_CHOICE,
    OF_CONFIG,
    OF_SAFETY,
    OF_CACHED,
    OF_TIER,
    OF_LABELS,
    OF_COUNT
};

static const char *const body_names[] = {
    [OF_CONTENTS] = "contents",
    [OF_SYSTEM] = "systemInstruction",
    [OF_TOOLS] = "tools",
    [OF_CHOICE] = "toolConfig",
    [OF_CONFIG] = "generationConfig",
    [OF_SAFETY] = "safetySettings",
    [OF_CACHED] = "cachedContent",
    [OF_TIER] = "serviceTier",
    [OF_LABELS] = "labels",
    "model", /* it stands in the path */
    "store",
};

/* What it may cost and how fast it comes. */
static int read_tier(const struct reader *r, struct str raw)
{
    static const char *const rows[][2] = {
        {"standard", "\"default\""}, {"flex", "\"flex\""}, {"priority", "\"priority\""}};
    const struct place at = place_of(NULL, "serviceTier");
    struct str word;
    if (reader_text(r, NULL, "serviceTier", raw, &word) != 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq_nocase(word, str_of(rows[i][0]))) {
            add_other(r, "service_tier", str_of(rows[i][1]));
            return 0;
        }
    return word.n ? reader_refuse(r, &at, "it is none of standard, flex, priority") : 0;
}

static int read_members(struct reader *r, const struct chat *chat,
                        const struct str in[OF_COUNT])
{
    if (!json_is_empty(in[OF_CACHED]))
        return reader_refuse_member(r, NULL, "cachedContent",
                                    "what it names is kept by Google");
    if ((!json_is_empty(in[OF_SAFETY]) && lose(r, "safetySettings") != 0) ||
        (!json_is_empty(in[OF_LABELS]) && lose(r, "labels") != 0))
        return -1;
    if (read_tools(r, in[OF_TOOLS]) != 0 || read_choice(r, in[OF_CHOICE]) != 0 ||
        read_config(r, in[OF_CONFIG]) != 0 || read_tier(r, in[OF_TIER]) != 0)
        return -1;
    return gemini_read_contents(r, chat, in[OF_SYSTEM], in[OF_CONTENTS]);
}

int gemini_read_conversation(const struct chat *chat, struct arena *a,
                             struct conversation *ret, struct err *err)
{
    static const struct fields fields = {body_names, ARRAY_LEN(body_names), OF_COUNT};
    struct conversation c = {.max_output_tokens = chat->max_output_tokens,
                             .thinking_budget = THINKING_UNSAID};
    struct reader r = {.arena = a, .c = &c, .err = err, .ends = &chat->ends};
    struct json_cur cur;
    struct str in[OF_COUNT];
    c.others = reader_room(&r, MOST_OTHERS, sizeof *c.others);
    if (!c.others)
        return -1;
    json_begin_known(&cur, chat->body, &chat->ends);
    if (gemini_fields_at(&r, NULL, &cur, &fields, in) != 0 ||
        read_members(&r, chat, in) != 0)
        return -1;
    *ret = c;
    return 0;
}

int gemini_echo(const struct chat *chat, struct arena *a, struct buf *out,
                struct err *err)
{
    struct str config = gemini_get(&chat->ends, chat->body, "generationConfig");
    struct str thinking =
        gemini_get(&chat->ends, config.p ? config : STR(""), "thinkingConfig");
    (void)a;
    if (str_eqz(
            gemini_get(&chat->ends, thinking.p ? thinking : STR(""), "includeThoughts"),
            "true"))
        buf_byte(out, 't');
    return out->failed ? err_nomem(err) : 0;
}
