/* names.h -- inside dialect/: names of members as strictly as the strictest engine.
 *
 * Engines do not agree on what a member is called.  Go's encoding/json, jsoniter and
 * cJSON match names without regard to case (Go also takes U+017F for s and U+212A for K),
 * some read up to the first NUL, and of two that match the last one wins, or the first,
 * or both are merged.  So where an engine reads known members, a name that only resembles
 * one is refused, and a known one may stand there once.  What the names are is in a
 * shape for each such object; anything that is the client's own (a tool's parameters,
 * metadata, arguments) has no shape, and all names are good in it.
 *
 * Errors: ERR_BAD_REQUEST "duplicate_key" (given twice) or "ambiguous_key" (only
 * resembles a known one), with the name and the remedy. */
#ifndef WEIR_DIALECT_NAMES_H
#define WEIR_DIALECT_NAMES_H

#include "core/err.h"
#include "json/scan.h"

enum shape {
    SHAPE_NONE, /* the client's own: not looked into */
    SHAPE_BODY,
    SHAPE_MESSAGE,
    SHAPE_PART,   /* of content */
    SHAPE_MEDIUM, /* the address or the data of a picture, a sound or a file */
    SHAPE_CALL,   /* of a tool */
    SHAPE_FUNCTION,
    SHAPE_TOOL,
    SHAPE_FORMAT,
    SHAPE_STREAM_OPTIONS,
    SHAPE_SETTINGS,       /* small objects of one or two members */
    SHAPE_ANTHROPIC_BODY, /* anthropic_names.c */
    SHAPE_ANTHROPIC_MESSAGE,
    SHAPE_ANTHROPIC_BLOCK,
    SHAPE_ANTHROPIC_SOURCE, /* of a picture or a document */
    SHAPE_ANTHROPIC_TOOL,
    SHAPE_ANTHROPIC_CHOICE,
    SHAPE_ANTHROPIC_OUTPUT,
    SHAPE_ANTHROPIC_FORMAT,
    SHAPE_ANTHROPIC_THINKING,
    SHAPE_OLLAMA_BODY, /* ollama_names.c */
    SHAPE_OLLAMA_MESSAGE,
    SHAPE_OLLAMA_OPTIONS,
    SHAPE_RESPONSE, /* the body of a request to Responses, and what is in it */
    SHAPE_ITEM,
    SHAPE_RESPONSE_TOOL,
    SHAPE_RESPONSE_TEXT,
    SHAPE_COUNT
};

/* Places in the lists of names.c, for readers that want some of them. */
enum body_name {
    BODY_MODEL,
    BODY_MESSAGES,
    BODY_PROMPT,
    BODY_INPUT,
    BODY_STREAM,
    BODY_STREAM_OPTIONS,
    BODY_N,
    BODY_MAX_TOKENS,
    BODY_MAX_COMPLETION_TOKENS,
    BODY_TOOLS,
    BODY_FUNCTIONS,
    BODY_RESPONSE_FORMAT,
    BODY_METADATA,
    BODY_PROMPT_CACHE_KEY,
    BODY_CONVERSATION,
    BODY_TOOL_CHOICE
};
enum message_name { MESSAGE_ROLE, MESSAGE_CONTENT, MESSAGE_TOOL_CALLS };
enum part_name {
    PART_TYPE,
    PART_TEXT,
    PART_IMAGE_URL,
    PART_INPUT_AUDIO,
    PART_FILE,
    PART_FILE_DATA
};
enum medium_name { MEDIUM_URL, MEDIUM_DATA, MEDIUM_FILE_DATA };
enum stream_options_name { STREAM_OPTIONS_INCLUDE_USAGE };

enum ollama_name {
    OLLAMA_MODEL,
    OLLAMA_MESSAGES,
    OLLAMA_PROMPT,
    OLLAMA_SYSTEM,
    OLLAMA_SUFFIX,
    OLLAMA_IMAGES,
    OLLAMA_RAW,
    OLLAMA_INPUT,
    OLLAMA_STREAM,
    OLLAMA_FORMAT,
    OLLAMA_TOOLS,
    OLLAMA_SETTINGS,
    OLLAMA_KEEP_ALIVE
};
enum ollama_message_name {
    OLLAMA_MESSAGE_ROLE,
    OLLAMA_MESSAGE_CONTENT,
    OLLAMA_MESSAGE_IMAGES,
    OLLAMA_MESSAGE_CALLS
};
enum ollama_option_name { OLLAMA_NUM_PREDICT };
enum response_name {
    RESPONSE_MODEL,
    RESPONSE_INPUT,
    RESPONSE_INSTRUCTIONS,
    RESPONSE_STREAM,
    RESPONSE_MAX_OUTPUT_TOKENS,
    RESPONSE_TOOLS,
    RESPONSE_TEXT,
    RESPONSE_METADATA,
    RESPONSE_PROMPT_CACHE_KEY,
    RESPONSE_CONVERSATION,
    RESPONSE_PREVIOUS,
    RESPONSE_PROMPT,
    RESPONSE_TOOL_CHOICE
};
enum item_name {
    ITEM_TYPE,
    ITEM_ROLE,
    ITEM_CONTENT,
    ITEM_CALL_ID,
    ITEM_OUTPUT,
    ITEM_ENCRYPTED_CONTENT
};
enum response_tool_name { RESPONSE_TOOL_TYPE, RESPONSE_TOOL_SERVER_URL };
enum response_text_name { RESPONSE_TEXT_FORMAT };

enum { NAME_UNKNOWN = -1, NAME_REFUSED = -2 };

/* The place of the name in its shape's list, NAME_UNKNOWN, or NAME_REFUSED with *err set.
 * *seen is the object's own and starts as 0. */
int name_find(enum shape s, struct json_string name, uint64_t *seen, struct err *err);
/* What the value of that member is. */
enum shape name_inner(enum shape s, int place);
/* Not all small letters, digits and signs: only such a name can resemble another. */
bool name_is_odd(struct json_string name);
/* The name as a reader has it that disregards case, up to the first NUL; empty when it is
 * longer than `room`. */
enum { NAME_FOLDED_BYTES = 64 }; /* no known name is as long */
struct str name_fold(struct json_string name, char room[NAME_FOLDED_BYTES]);
/* True when two names are one for a reader that disregards case. */
bool name_resembles(struct json_string a, struct json_string b);

/* Steps over the value at the cursor; its objects, and those in its arrays, have this
 * shape.  -1 with *err set when a name in it is refused; a fault of the JSON is the
 * cursor's. */
int shape_skip(struct json_cur *c, enum shape s, struct err *err);

#endif
