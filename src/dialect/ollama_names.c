/* ollama_names.c -- members of requests in Ollama's form.  Ollama reads names without
 * regard to case (names.h). */
#include "dialect/names_list.h"

/* As enum ollama_name has them; then those that only an engine reads. */
static const struct known_name body[] = {
    NAME_PLAIN("model"),        NAME_SHAPED("messages", OLLAMA_MESSAGE),
    NAME_PLAIN("prompt"),       NAME_PLAIN("system"),
    NAME_PLAIN("suffix"),       NAME_PLAIN("images"),
    NAME_PLAIN("raw"),          NAME_PLAIN("input"),
    NAME_PLAIN("stream"),       NAME_PLAIN("format"),
    NAME_SHAPED("tools", TOOL), NAME_SHAPED("options", OLLAMA_OPTIONS),
    NAME_PLAIN("keep_alive"),   NAME_PLAIN("think"),
    NAME_PLAIN("template"),     NAME_PLAIN("context"),
    NAME_PLAIN("truncate"),     NAME_PLAIN("shift"),
    NAME_PLAIN("logprobs"),     NAME_PLAIN("top_logprobs"),
    NAME_PLAIN("dimensions"),
};

static const struct known_name message[] = {
    NAME_PLAIN("role"),         NAME_PLAIN("content"),
    NAME_PLAIN("images"),       NAME_SHAPED("tool_calls", CALL),
    NAME_PLAIN("thinking"),     NAME_PLAIN("tool_name"),
    NAME_PLAIN("tool_call_id"), NAME_PLAIN("name"),
};

static const struct known_name options[] = {
    NAME_PLAIN("num_predict"), NAME_PLAIN("stop"),
    NAME_PLAIN("temperature"), NAME_PLAIN("top_p"),
    NAME_PLAIN("top_k"),       NAME_PLAIN("min_p"),
    NAME_PLAIN("seed"),        NAME_PLAIN("frequency_penalty"),
    NAME_PLAIN("num_ctx"),     NAME_PLAIN("presence_penalty"),
};

const struct name_list ollama_body_names = NAME_LIST(body, "the request");
const struct name_list ollama_message_names = NAME_LIST(message, "a message");
const struct name_list ollama_options_names = NAME_LIST(options, "'options'");
