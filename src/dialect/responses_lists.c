/* responses_lists.c -- names of members in a request to Responses, as names.h has them.
 */
#include "dialect/names_list.h"

/* In the order of enum response_name. */
static const struct known_name body[] = {
    NAME_PLAIN("model"),
    NAME_SHAPED("input", ITEM),
    NAME_PLAIN("instructions"),
    NAME_PLAIN("stream"),
    NAME_PLAIN("max_output_tokens"),
    NAME_SHAPED("tools", RESPONSE_TOOL),
    NAME_SHAPED("text", RESPONSE_TEXT),
    NAME_PLAIN("metadata"),
    NAME_PLAIN("prompt_cache_key"),
    NAME_PLAIN("conversation"),
    NAME_PLAIN("previous_response_id"),
    NAME_PLAIN("prompt"),
    NAME_SHAPED("tool_choice", RESPONSE_TOOL),
    NAME_SHAPED("reasoning", SETTINGS),
    NAME_SHAPED("stream_options", STREAM_OPTIONS),
    NAME_PLAIN("background"),
    NAME_PLAIN("store"),
    NAME_PLAIN("include"),
    NAME_PLAIN("parallel_tool_calls"),
    NAME_PLAIN("truncation"),
    NAME_PLAIN("user"),
};

/* In the order of enum item_name. */
static const struct known_name item[] = {
    NAME_PLAIN("type"),
    NAME_PLAIN("role"),
    NAME_SHAPED("content", PART),
    NAME_PLAIN("call_id"),
    NAME_SHAPED("output", PART),
    NAME_PLAIN("encrypted_content"),
    NAME_SHAPED("summary", PART),
    NAME_PLAIN("id"),
    NAME_PLAIN("name"),
    NAME_PLAIN("namespace"),
    NAME_PLAIN("arguments"),
    NAME_PLAIN("input"),
    NAME_SHAPED("tools", RESPONSE_TOOL),
};

static const struct known_name tool[] = {
    NAME_PLAIN("type"),
    NAME_PLAIN("server_url"),
    NAME_PLAIN("name"),
    NAME_PLAIN("description"),
    NAME_PLAIN("parameters"),
    NAME_PLAIN("strict"),
    NAME_PLAIN("format"),
    NAME_PLAIN("mode"),
    NAME_SHAPED("tools", RESPONSE_TOOL),
};

static const struct known_name text[] = {
    NAME_SHAPED("format", FORMAT),
    NAME_PLAIN("verbosity"),
};

const struct name_list responses_body_names = NAME_LIST(body, "the request");
const struct name_list responses_item_names = NAME_LIST(item, "an item");
const struct name_list responses_tool_names = NAME_LIST(tool, "a tool");
const struct name_list responses_text_names = NAME_LIST(text, "'text'");
