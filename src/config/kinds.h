/* kinds.h -- the closed sets of words that configuration, routing and the ledger
 * share.  Each has one spelling, the one written in YAML, headers and rows. */
#ifndef WEIR_CONFIG_KINDS_H
#define WEIR_CONFIG_KINDS_H

#include "core/str.h"

/* public < internal < confidential.  UNLABELLED: nobody said; the operator's
 * default_sensitivity then decides, and the ledger still says "unlabelled". */
enum sensitivity {
    SENSITIVITY_UNLABELLED,
    SENSITIVITY_PUBLIC,
    SENSITIVITY_INTERNAL,
    SENSITIVITY_CONFIDENTIAL,
    SENSITIVITY_COUNT
};

enum side { SIDE_LOCAL, SIDE_CLOUD, SIDE_COUNT };

/* What speaks behind an engine's URL; each has a row of quirks in engine/quirks.c. */
enum engine_kind {
    ENGINE_OPENAI, /* OpenAI, and whatever copies it without surprises */
    ENGINE_LLAMA_SERVER,
    ENGINE_OLLAMA,
    ENGINE_LM_STUDIO,
    ENGINE_VLLM,
    ENGINE_MISTRAL,
    ENGINE_GEMINI,    /* its OpenAI-compatible endpoint */
    ENGINE_ANTHROPIC, /* its OpenAI-compatible endpoint */
    ENGINE_OPENROUTER,
    ENGINE_GROQ,
    ENGINE_SIM, /* built in: answers by profile, for trying weir out and for tests */
    ENGINE_KINDS
};

/* In which form an engine is asked and answers; each has a row in engine/translator.c. */
enum engine_speech {
    SPEECH_OPENAI,
    SPEECH_OLLAMA,    /* its own /api/chat */
    SPEECH_ANTHROPIC, /* Anthropic's Messages */
    SPEECH_GEMINI,    /* Gemini's generateContent */
    SPEECH_RESPONSES, /* OpenAI's Responses */
    SPEECH_COUNT
};

/* What clients may speak, by the names of dialect/chat.h: a listen address may offer some
 * of them only. */
#define CONFIG_DIALECTS "openai", "openai-responses", "anthropic", "gemini", "ollama"

/* What a model can do beyond text in, text out; a set of bits. */
enum capability {
    CAP_VISION = 1 << 0,
    CAP_TOOLS = 1 << 1,
    CAP_JSON_SCHEMA = 1 << 2,
    CAP_EMBEDDINGS = 1 << 3, /* such a model answers /v1/embeddings only */
    CAP_AUDIO = 1 << 4,
    CAP_FILES = 1 << 5,
    CAP_CHAT = 1 << 6,       /* every model that is not for embeddings */
    CAP_TOOL_CHOICE = 1 << 7 /* a call can be demanded: every chat model, unless the form
                              * in which its engine is asked has no place for that */
};

/* What a chat model may or may not be able to do when nobody says so. */
enum { CAPS_UNSURE = CAP_VISION | CAP_TOOLS | CAP_JSON_SCHEMA | CAP_AUDIO | CAP_FILES };

enum role {
    ROLE_NONE,
    ROLE_LOCAL_SMALL,
    ROLE_LOCAL_LARGE,
    ROLE_CLOUD_CHEAP,
    ROLE_CLOUD_STRONG,
    ROLE_COUNT
};

enum policy {
    POLICY_LOCAL_FIRST,
    POLICY_LOCAL_ONLY,
    POLICY_CLOUD_ONLY,
    POLICY_SEED_TABLE,
    POLICY_COMPLEXITY,
    POLICY_LENGTH_KEYWORD,
    POLICY_DEADLINE,
    POLICY_LEARNED,
    POLICY_COUNT
};

/* All of them, for messages; in the order of the enum. */
#define POLICY_WORDS                                                                     \
    "local-first, local-only, cloud-only, seed-table, complexity, length-keyword, "      \
    "deadline, learned"

const char *sensitivity_name(enum sensitivity s);
const char *side_name(enum side s);
const char *engine_kind_name(enum engine_kind k);
const char *engine_speech_name(enum engine_speech s);
const char *role_name(enum role r); /* "" for ROLE_NONE */
const char *policy_name(enum policy p);
/* Name of a single capability bit; NULL when unknown. */
const char *capability_name(unsigned bit);

/* false when the word is not of the set.  "unlabelled" cannot be declared. */
bool sensitivity_parse(struct str word, enum sensitivity *ret);
bool side_parse(struct str word, enum side *ret);
bool engine_kind_parse(struct str word, enum engine_kind *ret);
bool engine_speech_parse(struct str word, enum engine_speech *ret);
bool role_parse(struct str word, enum role *ret);
bool policy_parse(struct str word, enum policy *ret);
bool capability_parse(struct str word, unsigned *ret_bit);

#endif
