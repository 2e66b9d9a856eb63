/* kinds.c -- the words themselves; one table a set. */
#include "config/kinds.h"

static const char *const sensitivities[SENSITIVITY_COUNT] = {"unlabelled", "public",
                                                             "internal", "confidential"};
static const char *const sides[SIDE_COUNT] = {"local", "cloud"};
static const char *const kinds[ENGINE_KINDS] = {
    [ENGINE_OPENAI] = "openai",
    [ENGINE_LLAMA_SERVER] = "llama-server",
    [ENGINE_OLLAMA] = "ollama",
    [ENGINE_LM_STUDIO] = "lm-studio",
    [ENGINE_VLLM] = "vllm",
    [ENGINE_MISTRAL] = "mistral",
    [ENGINE_GEMINI] = "gemini",
    [ENGINE_ANTHROPIC] = "anthropic",
    [ENGINE_OPENROUTER] = "openrouter",
    [ENGINE_GROQ] = "groq",
    [ENGINE_SIM] = "sim",
};
static const char *const speeches[SPEECH_COUNT] = {
    [SPEECH_OPENAI] = "openai",       [SPEECH_OLLAMA] = "ollama",
    [SPEECH_ANTHROPIC] = "anthropic", [SPEECH_GEMINI] = "gemini",
    [SPEECH_RESPONSES] = "responses",
};
static const char *const roles[ROLE_COUNT] = {"", "local_small", "local_large",
                                              "cloud_cheap", "cloud_strong"};
static const char *const policies[POLICY_COUNT] = {
    [POLICY_LOCAL_FIRST] = "local-first", [POLICY_LOCAL_ONLY] = "local-only",
    [POLICY_CLOUD_ONLY] = "cloud-only",   [POLICY_SEED_TABLE] = "seed-table",
    [POLICY_COMPLEXITY] = "complexity",   [POLICY_LENGTH_KEYWORD] = "length-keyword",
    [POLICY_DEADLINE] = "deadline",       [POLICY_LEARNED] = "learned",
};
static const struct {
    unsigned bit;
    const char *name;
} capabilities[] = {
    {CAP_VISION, "vision"},
    {CAP_TOOLS, "tools"},
    {CAP_JSON_SCHEMA, "json_schema"},
    {CAP_EMBEDDINGS, "embeddings"},
    {CAP_AUDIO, "audio"},
    {CAP_FILES, "files"},
    {CAP_CHAT, "chat"},
    {CAP_TOOL_CHOICE, "tool_choice"},
};

const char *sensitivity_name(enum sensitivity s)
{
    return sensitivities[s];
}

const char *side_name(enum side s)
{
    return sides[s];
}

const char *engine_kind_name(enum engine_kind k)
{
    return kinds[k];
}

const char *engine_speech_name(enum engine_speech s)
{
    return speeches[s];
}

const char *role_name(enum role r)
{
    return roles[r];
}

const char *policy_name(enum policy p)
{
    return policies[p];
}

const char *capability_name(unsigned bit)
{
    for (size_t i = 0; i < ARRAY_LEN(capabilities); i++)
        if (capabilities[i].bit == bit)
            return capabilities[i].name;
    return NULL;
}

/* The index of word in names[from..n), or -1. */
static int find(struct str word, const char *const *names, int from, int n)
{
    for (int i = from; i < n; i++)
        if (str_eqz(word, names[i]))
            return i;
    return -1;
}

bool sensitivity_parse(struct str word, enum sensitivity *ret)
{
    int i = find(word, sensitivities, SENSITIVITY_PUBLIC, SENSITIVITY_COUNT);
    if (i >= 0)
        *ret = (enum sensitivity)i;
    return i >= 0;
}

bool side_parse(struct str word, enum side *ret)
{
    int i = find(word, sides, 0, SIDE_COUNT);
    if (i >= 0)
        *ret = (enum side)i;
    return i >= 0;
}

bool engine_kind_parse(struct str word, enum engine_kind *ret)
{
    int i = find(word, kinds, 0, ENGINE_KINDS);
    if (i >= 0)
        *ret = (enum engine_kind)i;
    return i >= 0;
}

bool engine_speech_parse(struct str word, enum engine_speech *ret)
{
    int i = find(word, speeches, 0, SPEECH_COUNT);
    if (i >= 0)
        *ret = (enum engine_speech)i;
    return i >= 0;
}

bool role_parse(struct str word, enum role *ret)
{
    int i = find(word, roles, ROLE_NONE + 1, ROLE_COUNT);
    if (i >= 0)
        *ret = (enum role)i;
    return i >= 0;
}

bool policy_parse(struct str word, enum policy *ret)
{
    int i = find(word, policies, 0, POLICY_COUNT);
    if (i >= 0)
        *ret = (enum policy)i;
    return i >= 0;
}

bool capability_parse(struct str word, unsigned *ret_bit)
{
    for (size_t i = 0; i < ARRAY_LEN(capabilities); i++)
        if (str_eqz(word, capabilities[i].name)) {
            *ret_bit = capabilities[i].bit;
            return true;
        }
    return false;
}
