/* check_ollama.c -- what Ollama's own API refuses: its messages are those of Go's JSON.
 */
#include "sim/check.h"

static const char *kind_of(struct str raw)
{
    switch (raw.n ? raw.p[0] : 'n') {
    case '{':
        return "object";
    case '[':
        return "array";
    case '"':
        return "string";
    case 't':
    case 'f':
        return "bool";
    default:
        return "number";
    }
}

static bool is_absent(struct str raw)
{
    return !raw.p || str_eqz(raw, "null");
}

static bool check_calls(struct check *k, struct str raw)
{
    struct check_list calls = check_list(raw);
    struct str call;
    while (check_next(&calls, &call)) {
        struct str arguments = json_path(call, "function", "arguments", NULL);
        if (!is_absent(arguments) && !check_is(arguments, '{'))
            return check_refuse(k,
                                "json: cannot unmarshal %s into Go struct field "
                                "ToolCallFunction.messages.tool_calls.function.arguments "
                                "of type api.ToolCallFunctionArguments",
                                kind_of(arguments));
    }
    return false;
}

static bool check_images(struct check *k, struct str raw)
{
    struct check_list images = check_list(raw);
    struct str image;
    while (check_next(&images, &image)) {
        struct str text = check_text(k, image);
        ptrdiff_t at = str_index(text, ':');
        if (at >= 0)
            return check_refuse(k, "illegal base64 data at input byte %td", at);
    }
    return false;
}

static bool check_message(struct check *k, struct str message)
{
    struct str content = json_get(message, "content");
    if (!is_absent(content) && !check_is(content, '"'))
        return check_refuse(k,
                            "json: cannot unmarshal %s into Go struct field "
                            "ChatRequest.messages.content of type string",
                            kind_of(content));
    if (!is_absent(json_get(message, "tool_call_id")) &&
        !check_is(json_get(message, "tool_call_id"), '"'))
        return check_refuse(k,
                            "json: cannot unmarshal %s into Go struct field "
                            "ChatRequest.messages.tool_call_id of type string",
                            kind_of(json_get(message, "tool_call_id")));
    return check_calls(k, json_get(message, "tool_calls")) ||
           check_images(k, json_get(message, "images"));
}

static bool is_thinking(struct str think)
{
    return !is_absent(think) && !str_eqz(think, "false") && !str_eqz(think, "\"\"");
}

bool check_ollama(struct check *k, struct str body)
{
    struct str model = check_text(k, json_get(body, "model")), think, message;
    struct check_list messages = check_list(json_get(body, "messages"));
    if (model.n == 0)
        return check_refuse(k, "model is required");
    while (check_next(&messages, &message))
        if (check_message(k, message))
            return true;
    think = json_get(body, "think");
    if (is_thinking(think) && !check_word(think, "low") && !check_word(think, "medium") &&
        !check_word(think, "high") && !check_word(think, "max") &&
        !str_eqz(think, "true"))
        return check_refuse(k,
                            "invalid think value: %.*s (must be \"high\", \"medium\", "
                            "\"low\", \"max\", true, or false)",
                            STR_ARG(think));
    if (is_thinking(think) && k->asked->asked->cannot_think)
        return check_refuse(k, "\"%.*s\" does not support thinking", STR_ARG(model));
    return false;
}
