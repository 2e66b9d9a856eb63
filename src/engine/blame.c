/* blame.c -- the words of engines, sorted by whom they blame.
 *
 * Wordings of OpenAI, Azure, Anthropic, Gemini, Bedrock, Mistral, Groq, Cerebras,
 * Together, Fireworks, OpenRouter, DeepSeek, xAI, Moonshot, Zhipu, MiniMax, DashScope,
 * vLLM, SGLang, TGI, llama-server, llama-cpp-python, Ollama, LM Studio, LiteLLM, one-api,
 * from their documentation, sources and users' reports. */
#include "engine/blame.h"

#include "config/kinds.h"
#include "engine/statement.h"

enum {
    NEAR_BYTES = 70, /* how far two words of one statement stand apart */
    SILENT_WORDS = 5,
    VAGUE_BYTES = 200 /* who writes more, explains */
};

/* -- codes ----------------------------------------------------------------------------
 */

struct code_row {
    const char *word;
    enum blame blame;
};

static const struct code_row codes[] = {
    {"context_length", BLAME_CONTEXT},
    {"context_window", BLAME_CONTEXT},
    {"contextwindow", BLAME_CONTEXT},
    {"exceed_context", BLAME_CONTEXT},
    {"prompt_too_long", BLAME_CONTEXT},
    {"input_too_long", BLAME_CONTEXT},
    {"tokens_limit_reached", BLAME_CONTEXT},
    {"token_limit_exceeded", BLAME_CONTEXT},
    {"content_filter", BLAME_FILTER},
    {"content_policy", BLAME_FILTER},
    {"contentpolicy", BLAME_FILTER},
    {"data_inspection_failed", BLAME_FILTER},
    {"api_key", BLAME_KEY},
    {"apikey", BLAME_KEY},
    {"authentication", BLAME_KEY},
    {"invalid_token", BLAME_KEY},
    {"billing", BLAME_MONEY},
    {"payment", BLAME_MONEY},
    {"credit", BLAME_MONEY},
    {"insufficient_balance", BLAME_MONEY},
    {"insufficient_fund", BLAME_MONEY},
    {"arrearage", BLAME_MONEY},
    {"overdue", BLAME_MONEY},
    {"budget_exceeded", BLAME_MONEY},
    {"quota", BLAME_QUOTA},
    {"usage_limit", BLAME_QUOTA},
    {"spend_limit", BLAME_QUOTA},
    {"usage_not_included", BLAME_QUOTA},
    {"rate_limit", BLAME_RATE},
    {"ratelimit", BLAME_RATE},
    {"too_many_requests", BLAME_RATE},
    {"unsupported_country", BLAME_ACCOUNT},
    {"model_terms_required", BLAME_ACCOUNT},
    {"organization_", BLAME_ACCOUNT},
    {"account_", BLAME_ACCOUNT},
    {"modelnotfound", BLAME_MODEL},
    {"model_not_", BLAME_MODEL},
    {"model_unavailable", BLAME_MODEL},
    {"model_decommissioned", BLAME_MODEL},
    {"model_deprecated", BLAME_MODEL},
    {"invalid_model", BLAME_MODEL},
    {"unknown_model", BLAME_MODEL},
    {"no_such_model", BLAME_MODEL},
    {"deploymentnotfound", BLAME_MODEL},
    {"endpointormodel", BLAME_MODEL},
    {"unsupported_parameter", BLAME_ABILITY},
    {"unsupported_value", BLAME_ABILITY},
};

/* -- words ------------------------------------------------------------------------------
 */

/* `word`, and within NEAR_BYTES of it, on either side, `with` (NULL: nothing more). */
struct word_row {
    const char *word, *with;
    enum blame blame;
};

/* Limits per time are worded like contexts ("too many tokens per minute"). */
static const struct word_row rate_words[] = {
    {"rate limit", NULL, BLAME_RATE}, {"too many requests", NULL, BLAME_RATE},
    {"per minute", NULL, BLAME_RATE}, {"per min", NULL, BLAME_RATE},
    {"per day", NULL, BLAME_QUOTA},   {"requests per ", NULL, BLAME_RATE},
};

static const struct word_row context_words[] = {
    {"context length", NULL, BLAME_CONTEXT},
    {"context size", "exceed", BLAME_CONTEXT},
    {"context size", "larger", BLAME_CONTEXT},
    {"context size", "too ", BLAME_CONTEXT},
    {"context size", "fit", BLAME_CONTEXT},
    {"context window", "exceed", BLAME_CONTEXT},
    {"context window", "too ", BLAME_CONTEXT},
    {"context window", "fit", BLAME_CONTEXT},
    {"context window", "larger", BLAME_CONTEXT},
    {"context window", "full", BLAME_CONTEXT},
    {"context window", "limit", BLAME_CONTEXT},
    {"context limit", NULL, BLAME_CONTEXT},
    {"context overflow", NULL, BLAME_CONTEXT},
    {"context the overflow", NULL, BLAME_CONTEXT},
    {"maximum model length", NULL, BLAME_CONTEXT},
    {"maximum prompt length", NULL, BLAME_CONTEXT},
    {"model maximum", "token", BLAME_CONTEXT},
    {"too large for model", NULL, BLAME_CONTEXT},
    {"prompt is too long", NULL, BLAME_CONTEXT},
    {"prompt too long", NULL, BLAME_CONTEXT},
    {"input is too long", NULL, BLAME_CONTEXT},
    {"input too long", NULL, BLAME_CONTEXT},
    {"input length", "exceed", BLAME_CONTEXT},
    {"range of input length", NULL, BLAME_CONTEXT},
    {"exceeds max length", NULL, BLAME_CONTEXT},
    {"messages is too long", NULL, BLAME_CONTEXT},
    {"reduce the length of", NULL, BLAME_CONTEXT},
    {"is too large to process", "token", BLAME_CONTEXT},
    {"max_new_tokens", "must be", BLAME_CONTEXT},
    {"maximum context", NULL, BLAME_CONTEXT},
    {"max context", NULL, BLAME_CONTEXT},
    {"context_length", "exceed", BLAME_CONTEXT},
    {"num_ctx", NULL, BLAME_CONTEXT},
    {"n_ctx", NULL, BLAME_CONTEXT},
    {"prompt", "exceed", BLAME_CONTEXT},
    {"prompt", "longer than", BLAME_CONTEXT},
    {"prompt", "too large", BLAME_CONTEXT},
    {"input exceed", NULL, BLAME_CONTEXT},
    {"inputs are too long", NULL, BLAME_CONTEXT},
    {"prompt was too long", NULL, BLAME_CONTEXT},
    {"conversation is too long", NULL, BLAME_CONTEXT},
    {"sequence length", "exceed", BLAME_CONTEXT},
    {"sequence length", "longer", BLAME_CONTEXT},
    {"sequence length", "maximum", BLAME_CONTEXT},
    {"input token", "must be less", BLAME_CONTEXT},
    {"input token", "limit", BLAME_CONTEXT},
    {"shorten", "prompt", BLAME_CONTEXT},
    {"shorten", "message", BLAME_CONTEXT},
    {"shorten", "conversation", BLAME_CONTEXT},
};

/* ... of the input: a limit on the answer's tokens is the client's own number. */
static const struct word_row token_words[] = {
    {"token", "exceed", BLAME_CONTEXT},
    {"token", "too many", BLAME_CONTEXT},
    {"token", "too long", BLAME_CONTEXT},
    {"token", "longer than", BLAME_CONTEXT},
    {"token", "more than", BLAME_CONTEXT},
    {"token", "too large", BLAME_CONTEXT},
    {"token", "only supports up to", BLAME_CONTEXT},
    {"token", "must be <=", BLAME_CONTEXT},
    {"token", "must have less than", BLAME_CONTEXT},
};

static const struct word_row account_words[] = {
    {"api key", "not valid", BLAME_KEY},
    {"api key", "invalid", BLAME_KEY},
    {"api key", "incorrect", BLAME_KEY},
    {"api key", "expired", BLAME_KEY},
    {"api key", "revoked", BLAME_KEY},
    {"api key", "missing", BLAME_KEY},
    {"x-api-key", "invalid", BLAME_KEY},
    {"api secret key", NULL, BLAME_KEY},
    {"credit balance", NULL, BLAME_MONEY},
    {"credit", "insufficient", BLAME_MONEY},
    {"credit", "not enough", BLAME_MONEY},
    {"credit", "out of", BLAME_MONEY},
    {"no credit", NULL, BLAME_MONEY},
    {"more credit", NULL, BLAME_MONEY},
    {"credit", "purchase", BLAME_MONEY},
    {"credit", "exhausted", BLAME_MONEY},
    {"credit", "used all", BLAME_MONEY},
    {"credit", "depleted", BLAME_MONEY},
    {"balance", "insufficient", BLAME_MONEY},
    {"balance", "not enough", BLAME_MONEY},
    {"balance", "too low", BLAME_MONEY},
    {"funds", "insufficient", BLAME_MONEY},
    {"billing", NULL, BLAME_MONEY},
    {"payment", "required", BLAME_MONEY},
    {"payment", "overdue", BLAME_MONEY},
    {"payment", "method", BLAME_MONEY},
    {"in good standing", NULL, BLAME_MONEY},
    {"budget", "exceed", BLAME_MONEY},
    {"subscription", "expired", BLAME_MONEY},
    {"subscription", "need", BLAME_MONEY},
    {"subscription", "requires", BLAME_MONEY},
    {"your plan and", NULL, BLAME_MONEY},
    {"upgrade your plan", NULL, BLAME_MONEY},
    {"your current plan", NULL, BLAME_MONEY},
    {"free tier", NULL, BLAME_MONEY},
    {"extra usage", "required", BLAME_MONEY},
    {"\xE4\xBD\x99\xE9\xA2\x9D\xE4\xB8\x8D\xE8\xB6\xB3", NULL, BLAME_MONEY}, /* balance */
    {"\xE6\xAC\xA0\xE8\xB4\xB9", NULL, BLAME_MONEY},                         /* arrears */
    {"usage limit", NULL, BLAME_QUOTA},
    {"spending limit", NULL, BLAME_QUOTA},
    {"spend limit", NULL, BLAME_QUOTA},
    {"hard limit", NULL, BLAME_QUOTA},
    {"monthly limit", NULL, BLAME_QUOTA},
    {"quota", "exceed", BLAME_QUOTA},
    {"quota", "exhausted", BLAME_QUOTA},
    {"quota", "insufficient", BLAME_QUOTA},
    {"quota", "out of", BLAME_QUOTA},
    {"quota", "limit", BLAME_QUOTA},
    {"location is not supported", NULL, BLAME_ACCOUNT},
    {"region", "not supported", BLAME_ACCOUNT},
    {"region", "not available", BLAME_ACCOUNT},
    {"region", "not allowed", BLAME_ACCOUNT},
    {"region", "restricted", BLAME_ACCOUNT},
    {"your country", NULL, BLAME_ACCOUNT},
    {"organization", "disabled", BLAME_ACCOUNT},
    {"organization", "restricted", BLAME_ACCOUNT},
    {"organization", "suspended", BLAME_ACCOUNT},
    {"organization", "deactivated", BLAME_ACCOUNT},
    {"organization", "verified", BLAME_ACCOUNT},
    {"organization", "not allowed", BLAME_ACCOUNT},
    {"account", "not active", BLAME_ACCOUNT},
    {"account", "disabled", BLAME_ACCOUNT},
    {"account", "suspended", BLAME_ACCOUNT},
    {"account", "deactivated", BLAME_ACCOUNT},
    {"account", "terminated", BLAME_ACCOUNT},
    {"account", "blocked", BLAME_ACCOUNT},
    {"account", "restricted", BLAME_ACCOUNT},
    {"project", "disabled", BLAME_ACCOUNT},
    {"project", "suspended", BLAME_ACCOUNT},
    {"not allowed to sample", NULL, BLAME_ACCOUNT},
    {"terms acceptance", NULL, BLAME_ACCOUNT},
    {"have access to", "not ", BLAME_ACCOUNT},
    {"permission", "not have", BLAME_ACCOUNT},
    {"credit", "exceed", BLAME_MONEY},
    {"spending cap", NULL, BLAME_QUOTA},
    {"usage cap", NULL, BLAME_QUOTA},
    {"monthly usage", NULL, BLAME_QUOTA},
    {"usage", "quota", BLAME_QUOTA},
    {"subscription", "not include", BLAME_MONEY},
    {"plan", "not include", BLAME_MONEY},
    {"free plan", NULL, BLAME_MONEY},
    {"arrears", NULL, BLAME_MONEY},
    {"trial", "expired", BLAME_MONEY},
    {"permission", "insufficient", BLAME_ACCOUNT},
    {"not authorized", NULL, BLAME_ACCOUNT},
    {"not entitled", NULL, BLAME_ACCOUNT},
    {"access denied", NULL, BLAME_ACCOUNT},
    {"access", "restricted", BLAME_ACCOUNT},
    {"must be verified", NULL, BLAME_ACCOUNT},
    {"ip address", "not ", BLAME_ACCOUNT},
    {"location", "not supported", BLAME_ACCOUNT},
    {"location", "not available", BLAME_ACCOUNT},
    {"territory", "not supported", BLAME_ACCOUNT},
    {"not whitelisted", NULL, BLAME_ACCOUNT},
    {"organization", "not have", BLAME_ACCOUNT},
};

/* "the model ... does not exist", "no models loaded". */
static const struct word_row model_words[] = {
    {"loading model", NULL, BLAME_LOADING},
    {"model is loading", NULL, BLAME_LOADING},
    {"still loading", "model", BLAME_LOADING},
    {"not support", "chat completion", BLAME_MODEL},
    {"not a chat model", NULL, BLAME_MODEL},
    {"does not support chat", NULL, BLAME_MODEL},
    {"only supported in", "v1/", BLAME_MODEL},
    {"model not exist", NULL, BLAME_MODEL},
    {"no model", "loaded", BLAME_MODEL},
    {"no endpoints found", NULL, BLAME_MODEL},
    {"no available channel", NULL, BLAME_MODEL},
    {"no healthy deployment", NULL, BLAME_MODEL},
    {"try pulling it", NULL, BLAME_MODEL},
    {"not a valid model", NULL, BLAME_MODEL},
    {"not exist", "model", BLAME_MODEL},
    {"n't exist", "model", BLAME_MODEL},
    {"no such model", NULL, BLAME_MODEL},
    {"unknown model", NULL, BLAME_MODEL},
    {"invalid model:", NULL, BLAME_MODEL},
    {"invalid model name", NULL, BLAME_MODEL},
    {"invalid model id", NULL, BLAME_MODEL},
    {"unable to access", "model", BLAME_MODEL},
    {"decommissioned", NULL, BLAME_MODEL},
    {"been deprecated", "model", BLAME_MODEL},
    {"model is deprecated", NULL, BLAME_MODEL},
    {"retired", "model", BLAME_MODEL},
    {"no longer available", "model", BLAME_MODEL},
    {"no longer supported", "model", BLAME_MODEL},
    {"no longer exist", "model", BLAME_MODEL},
    {"no longer served", "model", BLAME_MODEL},
    {"not loaded", "model", BLAME_MODEL},
    {"not been loaded", "model", BLAME_MODEL},
    {"unloaded", "model", BLAME_MODEL},
    {"not deployed", NULL, BLAME_MODEL},
    {"not ready", "model", BLAME_MODEL},
    {"not running", "model", BLAME_MODEL},
    {"not installed", "model", BLAME_MODEL},
    {"not downloaded", "model", BLAME_MODEL},
    {"deployment", "not exist", BLAME_MODEL},
    {"deployment", "not found", BLAME_MODEL},
    {"not available", "model", BLAME_MODEL},
    {"unavailable", "model", BLAME_MODEL},
    {"not found", "model", BLAME_MODEL},
    {"not find", "model", BLAME_MODEL},
    {"requested model is not supported", NULL, BLAME_MODEL},
    {"failed to load", "model", BLAME_ENGINE},
    {"not be loaded", "model", BLAME_ENGINE},
    {"has crashed", NULL, BLAME_ENGINE},
    {"out of memory", NULL, BLAME_ENGINE},
    {"not enough memory", NULL, BLAME_ENGINE},
    {"more system memory", NULL, BLAME_ENGINE},
    {"cuda error", NULL, BLAME_ENGINE},
    {"not currently", "model", BLAME_MODEL},
    {"not served", "model", BLAME_MODEL},
    {"not hosted", "model", BLAME_MODEL},
    {"not configured", "model", BLAME_MODEL},
    {"not enabled", "model", BLAME_MODEL},
    {"not allowed", "model", BLAME_MODEL},
    {"inaccessible", "model", BLAME_MODEL},
    {"unrecognized model", NULL, BLAME_MODEL},
    {"n't find", "model", BLAME_MODEL},
    {"n't loaded", "model", BLAME_MODEL},
    {"no model", "named", BLAME_MODEL},
    {"no model", "called", BLAME_MODEL},
    {"no model", "available", BLAME_MODEL},
    {"load a model", NULL, BLAME_MODEL},
    {"not initialized", "model", BLAME_MODEL},
    {"been removed", "model", BLAME_MODEL},
    {"discontinued", "model", BLAME_MODEL},
    {"end of life", "model", BLAME_MODEL},
    {"been shut down", "model", BLAME_MODEL},
    {"not a supported model", NULL, BLAME_MODEL},
    {"unsupported model", NULL, BLAME_MODEL},
    {"model not supported", NULL, BLAME_MODEL},
    {"model _ is not supported", NULL, BLAME_MODEL},
    {"warming up", "model", BLAME_LOADING},
    {"currently loading", NULL, BLAME_LOADING},
    {"being loaded", "model", BLAME_LOADING},
    {"is overloaded", NULL, BLAME_LOADING},
    {"at capacity", NULL, BLAME_LOADING},
    {"server is busy", NULL, BLAME_LOADING},
    {"no slot", "available", BLAME_LOADING},
    {"kv cache", "full", BLAME_ENGINE},
    {"failed to allocate", NULL, BLAME_ENGINE},
};

static const struct word_row ability_words[] = {
    {"not support", "model", BLAME_ABILITY},
    {"not support", "tool", BLAME_ABILITY},
    {"not support", "function", BLAME_ABILITY},
    {"not support", "image", BLAME_ABILITY},
    {"not support", "vision", BLAME_ABILITY},
    {"not support", "audio", BLAME_ABILITY},
    {"not support", "embedding", BLAME_ABILITY},
    {"created with embedding", NULL, BLAME_ABILITY},
    {"missing data required for image", NULL, BLAME_ABILITY},
    {"not support", "response_format", BLAME_ABILITY},
    {"not support", "response format", BLAME_ABILITY},
    {"not support", "json_schema", BLAME_ABILITY},
    {"not support", "structured", BLAME_ABILITY},
    {"response_format type is unavailable", NULL, BLAME_ABILITY},
    {"unsupported", "response_format", BLAME_ABILITY},
    {"enable-auto-tool-choice", NULL, BLAME_ABILITY},
    {"--jinja", NULL, BLAME_ABILITY},
    {"mmproj", NULL, BLAME_ABILITY},
    {"at most 0 ", NULL, BLAME_ABILITY},
    {"not a multimodal model", NULL, BLAME_ABILITY},
};

/* -- searching --------------------------------------------------------------------------
 */

static size_t find_nocase(struct str text, size_t from, struct str word)
{
    for (size_t i = from; i + word.n <= text.n; i++)
        if (str_eq_nocase(str_sub(text, i, i + word.n), word))
            return i;
    return text.n;
}

static bool matches(struct str text, const struct word_row *row)
{
    struct str word = str_of(row->word);
    for (size_t at = 0; (at = find_nocase(text, at, word)) < text.n; at++) {
        if (!row->with)
            return true;
        size_t from = at > NEAR_BYTES ? at - NEAR_BYTES : 0;
        struct str around = str_sub(text, from, at + word.n + NEAR_BYTES);
        if (str_contains_nocase(around, str_of(row->with)))
            return true;
    }
    return false;
}

static enum blame search(struct str text, const struct word_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (matches(text, &rows[i]))
            return rows[i].blame;
    return BLAME_NOBODY;
}

#define SEARCH(text, rows) search((text), (rows), ARRAY_LEN(rows))

static enum blame blame_of_code(const struct said *s)
{
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (said_has_code(s, codes[i].word))
            return codes[i].blame;
    return BLAME_NOBODY;
}

/* An error that names a member of the request is about that member. */
static bool names_a_member(const struct said *s)
{
    struct str p = s->param.raw;
    return p.n && !str_eqz(p, "model") && !str_eqz(p, "input_tokens");
}

static bool is_about_output(struct str text)
{
    return str_contains_nocase(text, STR("completion token")) ||
           str_contains_nocase(text, STR("output token"));
}

static bool is_about_bias(struct str text)
{
    return str_contains_nocase(text, STR("logit_bias"));
}

static enum blame blame_of_words(const struct said *s)
{
    struct str text = str_of(s->words);
    enum blame rate = SEARCH(text, rate_words);
    enum blame b = rate ? BLAME_NOBODY : SEARCH(text, context_words);
    bool is_about_member = names_a_member(s);
    if (!b && !is_about_member)
        b = SEARCH(text, account_words);
    if (!b && !is_about_member)
        b = statement_of_account(text);
    if (!b && !rate && !is_about_output(text) && !is_about_bias(text))
        b = SEARCH(text, token_words);
    if (!b && !rate && !is_about_output(text) && !is_about_member)
        b = statement_of_context(text);
    if (!b && !is_about_member)
        b = rate ? rate : SEARCH(text, model_words);
    if (!b && !is_about_member)
        b = statement_of_model(text);
    b = b ? b : SEARCH(text, ability_words);
    /* Of the model weir itself has written the name. */
    return !b && str_eqz(s->param.raw, "model") ? BLAME_MODEL : b;
}

bool blame_is_rate_by_code(const struct said *s)
{
    return blame_of_code(s) == BLAME_RATE;
}

enum blame blame_of(const struct said *s)
{
    enum blame b = blame_of_code(s);
    return b ? b : blame_of_words(s);
}

bool blame_is_silent(const struct said *s)
{
    static const char *const empty[SILENT_WORDS] = {"bad request", "invalid request",
                                                    "400 bad request", "error",
                                                    "provider returned error"};
    struct str m = s->message;
    while (m.n && (m.p[m.n - 1] == '\n' || m.p[m.n - 1] == '\r' || m.p[m.n - 1] == '.'))
        m.n--;
    for (size_t i = 0; i < SILENT_WORDS; i++)
        if (str_eq_nocase(m, str_of(empty[i])))
            return true;
    return m.n == 0;
}

bool blame_is_vague(const struct said *s)
{
    return s->message.n <= VAGUE_BYTES && s->param.raw.n == 0 &&
           !statement_is_of_request(str_of(s->words));
}

unsigned blame_caps(const struct said *s)
{
    static const struct {
        const char *word;
        unsigned cap;
    } rows[] = {
        {"tool", CAP_TOOLS},
        {"function", CAP_TOOLS},
        {"--jinja", CAP_TOOLS},
        {"image", CAP_VISION},
        {"vision", CAP_VISION},
        {"multimodal", CAP_VISION},
        {"mmproj", CAP_VISION},
        {"audio", CAP_AUDIO},
        {"response_format", CAP_JSON_SCHEMA},
        {"response format", CAP_JSON_SCHEMA},
        {"json_schema", CAP_JSON_SCHEMA},
        {"structured", CAP_JSON_SCHEMA},
        {"file", CAP_FILES},
    };
    unsigned caps = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_contains_nocase(s->message, str_of(rows[i].word)) ||
            str_contains_nocase(s->param.raw, str_of(rows[i].word)))
            caps |= rows[i].cap;
    return caps;
}
