/* anthropic_names.c -- the members of Anthropic's Messages, as names.h wants them.
 *
 * Of blocks in any place (content, system, results of tools) there is one list: the API
 * has one of its own for each type, and no name with two meanings. */
#include "dialect/names_list.h"

/* Members that weir reads come first, as the enums of anthropic.h have them. */
static const struct known_name body[] = {
    NAME_PLAIN("model"),
    NAME_SHAPED("messages", ANTHROPIC_MESSAGE),
    NAME_SHAPED("system", ANTHROPIC_BLOCK),
    NAME_PLAIN("stream"),
    NAME_PLAIN("max_tokens"),
    NAME_SHAPED("tools", ANTHROPIC_TOOL),
    NAME_PLAIN("metadata"),
    NAME_SHAPED("output_config", ANTHROPIC_OUTPUT),
    NAME_SHAPED("output_format", ANTHROPIC_FORMAT),
    NAME_SHAPED("thinking", ANTHROPIC_THINKING),
    NAME_SHAPED("tool_choice", ANTHROPIC_CHOICE),
    NAME_PLAIN("stop_sequences"),
    NAME_PLAIN("temperature"),
    NAME_PLAIN("top_p"),
    NAME_PLAIN("top_k"),
    NAME_PLAIN("service_tier"),
    NAME_PLAIN("cache_control"),
    NAME_PLAIN("container"),
};

static const struct known_name message[] = {
    NAME_PLAIN("role"),
    NAME_SHAPED("content", ANTHROPIC_BLOCK),
};

static const struct known_name block[] = {
    NAME_PLAIN("type"),
    NAME_PLAIN("text"),
    NAME_SHAPED("source", ANTHROPIC_SOURCE),
    NAME_SHAPED("content", ANTHROPIC_BLOCK),
    NAME_PLAIN("signature"),
    NAME_PLAIN("data"),
    NAME_PLAIN("id"),
    NAME_PLAIN("name"),
    NAME_PLAIN("input"), /* the client's own */
    NAME_PLAIN("tool_use_id"),
    NAME_PLAIN("is_error"),
    NAME_PLAIN("thinking"),
    NAME_PLAIN("cache_control"),
    NAME_PLAIN("title"),
    NAME_PLAIN("context"),
    NAME_PLAIN("citations"),
    NAME_PLAIN("url"),
    NAME_PLAIN("file_id"),
    NAME_PLAIN("encrypted_content"),
};

static const struct known_name source[] = {
    NAME_PLAIN("type"), NAME_PLAIN("data"),    NAME_PLAIN("media_type"),
    NAME_PLAIN("url"),  NAME_PLAIN("file_id"), NAME_SHAPED("content", ANTHROPIC_BLOCK),
};

static const struct known_name tool[] = {
    NAME_PLAIN("type"),         NAME_PLAIN("name"),   NAME_PLAIN("description"),
    NAME_PLAIN("input_schema"), NAME_PLAIN("strict"), NAME_PLAIN("cache_control"),
};

static const struct known_name choice[] = {
    NAME_PLAIN("type"),
    NAME_PLAIN("name"),
    NAME_PLAIN("disable_parallel_tool_use"),
};

static const struct known_name output[] = {
    NAME_SHAPED("format", ANTHROPIC_FORMAT),
    NAME_PLAIN("effort"),
};

static const struct known_name format[] = {
    NAME_PLAIN("type"),
    NAME_PLAIN("schema"),
};

static const struct known_name thinking[] = {
    NAME_PLAIN("type"),
    NAME_PLAIN("budget_tokens"),
    NAME_PLAIN("display"),
};

const struct name_list anthropic_body_names = NAME_LIST(body, "the request");
const struct name_list anthropic_message_names = NAME_LIST(message, "a message");
const struct name_list anthropic_block_names = NAME_LIST(block, "a content block");
const struct name_list anthropic_source_names = NAME_LIST(source, "a source");
const struct name_list anthropic_tool_names = NAME_LIST(tool, "a tool");
const struct name_list anthropic_choice_names = NAME_LIST(choice, "'tool_choice'");
const struct name_list anthropic_output_names = NAME_LIST(output, "'output_config'");
const struct name_list anthropic_format_names = NAME_LIST(format, "a format");
const struct name_list anthropic_thinking_names = NAME_LIST(thinking, "'thinking'");
