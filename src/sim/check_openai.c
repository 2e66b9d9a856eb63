/* check_openai.c -- what OpenAI's chat completions refuse. */
#include "sim/check.h"

struct talk {
    struct check *k;
    struct check_ids open; /* calls without a tool message */
    size_t message;
};

static bool check_calls(struct talk *t, struct str raw)
{
    struct check_list calls = check_list(raw);
    struct str call;
    while (check_next(&calls, &call)) {
        struct str id = check_text(t->k, json_get(call, "id"));
        struct str arguments = json_path(call, "function", "arguments", NULL);
        if (id.n == 0)
            return check_refuse_as(t->k, "messages", "missing_required_parameter",
                                   "Missing required parameter: "
                                   "'messages[%zu].tool_calls[%zu].id'.",
                                   t->message, calls.i);
        if (arguments.p && !check_is(arguments, '"'))
            return check_refuse_as(t->k, "messages", "invalid_type",
                                   "Invalid type for 'messages[%zu].tool_calls[%zu]."
                                   "function.arguments': expected a string.",
                                   t->message, calls.i);
        check_ids_add(&t->open, id);
    }
    return false;
}

static bool check_parts(struct talk *t, struct str content, bool is_user)
{
    struct check_list parts = check_list(content);
    struct str part;
    if (content.p && !str_eqz(content, "null") && !check_is(content, '"') &&
        !check_is(content, '['))
        return check_refuse_as(
            t->k, "messages", "invalid_type",
            "Invalid type for 'messages[%zu].content': expected one of "
            "a string or array of objects.",
            t->message);
    while (check_next(&parts, &part)) {
        struct str type = json_get(part, "type");
        bool is_media = check_word(type, "image_url") ||
                        check_word(type, "input_audio") || check_word(type, "file");
        if (!check_word(type, "text") && !check_word(type, "refusal") &&
            !(is_user && is_media))
            return check_refuse_as(t->k, "messages", "invalid_value",
                                   "Invalid value: '%.*s' at 'messages[%zu].content[%zu]"
                                   ".type'.",
                                   STR_ARG(check_text(t->k, type)), t->message, parts.i);
    }
    return false;
}

static bool check_open(const struct talk *t)
{
    return t->open.n > 0 &&
           check_refuse_as(t->k, "messages", NULL,
                           "An assistant message with 'tool_calls' must be followed by "
                           "tool messages responding to each 'tool_call_id'. The "
                           "following tool_call_ids did not have response messages: %.*s",
                           STR_ARG(t->open.ids[0]));
}

static bool check_message(struct talk *t, struct str message)
{
    static const char *const roles[] = {"system", "developer", "user", "assistant"};
    struct str role = json_get(message, "role");
    bool is_known = false;
    if (check_word(role, "tool")) {
        struct str id = check_text(t->k, json_get(message, "tool_call_id"));
        return !check_ids_take(&t->open, id)
                   ? check_refuse_as(
                         t->k, "messages", NULL,
                         "Invalid parameter: messages with role 'tool' must be "
                         "a response to a preceding message with 'tool_calls'.")
                   : check_parts(t, json_get(message, "content"), false);
    }
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        is_known |= check_word(role, roles[i]);
    if (!is_known)
        return check_refuse_as(t->k, "messages", "invalid_value",
                               "Invalid value: '%.*s' at 'messages[%zu].role'.",
                               STR_ARG(check_text(t->k, role)), t->message);
    return check_open(t) ||
           check_parts(t, json_get(message, "content"), check_word(role, "user")) ||
           (check_word(role, "assistant") &&
            check_calls(t, json_get(message, "tool_calls")));
}

bool check_openai(struct check *k, struct str body)
{
    struct talk *t = arena_new(k->asked->arena, struct talk);
    struct check_list messages = check_list(json_get(body, "messages"));
    struct str message;
    if (!t)
        return false;
    *t = (struct talk){.k = k};
    if (!check_is(json_get(body, "model"), '"'))
        return check_refuse_as(k, NULL, NULL, "you must provide a model parameter");
    while (check_next(&messages, &message)) {
        t->message = messages.i;
        if (check_message(t, message))
            return true;
    }
    if (messages.i == 0)
        return check_refuse_as(k, "messages", "empty_array",
                               "Invalid 'messages': empty array. Expected an array with "
                               "minimum length 1, but got an empty array instead.");
    return check_open(t);
}
