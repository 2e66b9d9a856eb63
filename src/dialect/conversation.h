/* conversation.h -- a chat request said once more, in no dialect's words: for who
 * translates into another.
 *
 * Made only when it is asked for (struct dialect.read_conversation), in the arena.  Long
 * texts stay as the client's JSON has them (struct json_text), for they go into another;
 * names and the like are unescaped; numbers and schemas are the client's own JSON, so
 * that nothing is lost by reading a number.  What has no place here is in `others`, by
 * name: whoever cannot say that either refuses it by name. */
#ifndef WEIR_DIALECT_CONVERSATION_H
#define WEIR_DIALECT_CONVERSATION_H

#include "core/arena.h"
#include "core/err.h"
#include "json/text.h"

enum speaker { SPEAKER_SYSTEM, SPEAKER_USER, SPEAKER_MODEL, SPEAKER_TOOL };
enum piece_kind {
    PIECE_TEXT,
    PIECE_IMAGE,
    PIECE_AUDIO,
    PIECE_FILE,
    PIECE_REFUSAL,
    PIECE_THOUGHT, /* of the model: its reasoning */
    PIECE_CALL     /* of the model: where one of the message's calls stands */
};

struct piece {
    enum piece_kind kind;
    struct json_text text; /* of text and refusal */
    struct str thought;    /* of a thought: its text, or empty */
    struct str file_name;  /* of a file, or empty */
    struct str media_type; /* "image/png", of audio its format: "wav"; or empty */
    struct str data;       /* base64, or empty */
    struct str url;        /* else where it is: an address */
    struct str file_id;    /* ... or what its provider knows it by */
    struct str sealed; /* of a thought: what its maker wants back with it, as the client
                        * has it (seal.h), or empty */
    struct str cache;  /* raw JSON of a mark that the prompt is kept up to here;
                        * p == NULL: none */
    size_t call;       /* of a call: which of the message's */
};

/* What it says in words, unescaped: in the arena, if it must be; p == NULL at its
 * ceiling.  Of a file that is its name. */
static inline struct str piece_plain(const struct piece *p, struct arena *a)
{
    if (p->kind == PIECE_TEXT || p->kind == PIECE_REFUSAL)
        return json_text_plain(a, p->text);
    return p->kind == PIECE_THOUGHT ? p->thought : p->file_name;
}

struct tool_call {
    struct str id, name;
    struct str arguments; /* JSON text, as the model wrote it: perhaps broken */
    bool is_custom;       /* ... of a tool whose input is any text: that text */
};

/* Its pieces are in the order in which they were said. */
struct message {
    enum speaker speaker;
    struct piece *pieces;
    size_t npieces;
    struct tool_call *calls; /* of the model */
    size_t ncalls;
    struct str result_of; /* of a tool: the id of its call, or empty */
    struct str name;      /* of a tool: what was called, or empty */
    bool is_error;        /* of a tool: it failed */
};

enum tool_kind { TOOL_FUNCTION, TOOL_CUSTOM /* takes any text */ };
/* Engines that have no such tools get a function with one text: what it takes, and the
 * name of that. */
#define CUSTOM_TOOL_INPUT "input"
#define CUSTOM_TOOL_SCHEMA                                                               \
    "{\"type\":\"object\",\"properties\":{\"" CUSTOM_TOOL_INPUT                          \
    "\":{\"type\":\"string\"}},\"required\":[\"" CUSTOM_TOOL_INPUT "\"]}"

struct tool {
    enum tool_kind kind;
    struct str name;
    struct json_text description; /* raw.p == NULL: none */
    struct str parameters;        /* raw JSON, or p == NULL */
    struct str grammar; /* of TOOL_CUSTOM: raw JSON of its format, or p == NULL */
    struct str strict;  /* raw true or false, or p == NULL */
    struct str cache;   /* as of a piece */
};

enum tool_choice {
    CHOICE_UNSAID,
    CHOICE_AUTO,
    CHOICE_NONE,
    CHOICE_REQUIRED,
    CHOICE_NAMED
};
enum answer_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SCHEMA };

/* Members of one number each, in raw JSON; p == NULL: not given. */
enum sampling {
    SAMPLING_TEMPERATURE,
    SAMPLING_TOP_P,
    SAMPLING_TOP_K,
    SAMPLING_MIN_P,
    SAMPLING_SEED,
    SAMPLING_FREQUENCY_PENALTY,
    SAMPLING_PRESENCE_PENALTY,
    SAMPLING_COUNT
};

/* Under the name that OpenAI's chat completions have for it ("service_tier", "user",
 * "n", ...); what they have no name for, under its dialect's and its own:
 * "anthropic.container". */
struct other_member {
    struct str name, value; /* raw JSON both */
};

enum { THINKING_UNSAID = -1 };

struct conversation {
    struct message *messages;
    size_t nmessages;
    struct tool *tools;
    size_t ntools;
    enum tool_choice choice;
    struct str choice_name; /* of CHOICE_NAMED */
    struct str sampling[SAMPLING_COUNT];
    int64_t max_output_tokens; /* -1: no limit */
    struct str *stops;
    size_t nstops;
    enum answer_format format;
    struct str schema;        /* of FORMAT_SCHEMA, raw JSON */
    struct str schema_name;   /* ... its name, or empty */
    struct str schema_strict; /* ... raw true or false, or p == NULL */
    struct str effort;        /* of reasoning: "none", "low", ...; or empty */
    int64_t thinking_budget;  /* tokens of it; 0: none; or THINKING_UNSAID */
    struct other_member *others;
    size_t nothers;
    /* What its reader left out although an answer might use it: "tools[3] (web_search)".
     */
    struct str *lost;
    size_t nlost;
};

#endif
