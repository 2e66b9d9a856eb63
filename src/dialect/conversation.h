/* conversation.h -- a chat request said once more, in no dialect's words: for who
 * translates into another.
 *
 * Made only when it is asked for (struct dialect.read_conversation), in the arena.  Texts
 * are unescaped; numbers and schemas are the client's own JSON, so that nothing is lost
 * by reading a number.  What has no place here is in `others`, by name: whoever cannot
 * say that either refuses it by name. */
#ifndef WEIR_DIALECT_CONVERSATION_H
#define WEIR_DIALECT_CONVERSATION_H

#include "core/arena.h"
#include "core/err.h"

enum speaker { SPEAKER_SYSTEM, SPEAKER_USER, SPEAKER_MODEL, SPEAKER_TOOL };
enum piece_kind { PIECE_TEXT, PIECE_IMAGE, PIECE_AUDIO, PIECE_FILE, PIECE_REFUSAL };

struct piece {
    enum piece_kind kind;
    struct str text;       /* of text and refusal; of a file: its name, or empty */
    struct str media_type; /* "image/png", of audio its format: "wav"; or empty */
    struct str data;       /* base64, or empty */
    struct str url;        /* else where it is: an address, or the id of a file */
};

struct tool_call {
    struct str id, name;
    struct str arguments; /* JSON text, as the model wrote it: perhaps broken */
};

struct message {
    enum speaker speaker;
    struct piece *pieces;
    size_t npieces;
    struct tool_call *calls; /* of the model */
    size_t ncalls;
    struct str reasoning; /* of the model; p == NULL: none */
    struct str result_of; /* of a tool: the id of its call, or empty */
    struct str name;      /* of a tool: what was called, or empty */
};

struct tool {
    struct str name, description; /* description.p == NULL: none */
    struct str parameters;        /* raw JSON, or p == NULL */
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

struct other_member {
    struct str name, value; /* raw JSON both */
};

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
    struct str schema; /* of FORMAT_SCHEMA, raw JSON */
    struct str effort; /* of reasoning: "none", "low", ...; or empty */
    struct other_member *others;
    size_t nothers;
};

#endif
