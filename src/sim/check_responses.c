/* check_responses.c -- what OpenAI's Responses refuse. */
#include "sim/check.h"
#include "sim/sign.h"

enum { MAX_ID_BYTES = 64 };

struct talk {
    struct check *k;
    struct check_ids open; /* calls without an output */
    size_t item;
};

static bool check_length(struct talk *t, struct str item, const char *name,
                         struct str *ret)
{
    *ret = check_text(t->k, json_get(item, name));
    return ret->n > MAX_ID_BYTES &&
           check_refuse_as(t->k, "input", "string_above_max_length",
                           "Invalid 'input[%zu].%s': string too long. Expected a string "
                           "with maximum length 64, but got a string with length %zu "
                           "instead.",
                           t->item, name, ret->n);
}

static bool check_part(struct talk *t, struct str part, size_t i, bool is_model)
{
    struct str type = json_get(part, "type");
    bool is_output = check_word(type, "output_text") || check_word(type, "refusal");
    bool is_input = check_word(type, "input_text") || check_word(type, "input_image") ||
                    check_word(type, "input_file") || check_word(type, "input_audio");
    if (is_model ? is_output : is_input)
        return false;
    return check_refuse_as(t->k, "input", "invalid_value",
                           "Invalid value: '%.*s' at 'input[%zu].content[%zu].type'. "
                           "Supported values are: %s.",
                           STR_ARG(check_text(t->k, type)), t->item, i,
                           is_model ? "'output_text' and 'refusal'"
                                    : "'input_text', 'input_image', 'input_file' and "
                                      "'input_audio'");
}

static bool check_message(struct talk *t, struct str item)
{
    struct str role = json_get(item, "role"), part;
    bool is_model = check_word(role, "assistant");
    struct check_list parts = check_list(json_get(item, "content"));
    if (!is_model && !check_word(role, "user") && !check_word(role, "system") &&
        !check_word(role, "developer"))
        return check_refuse_as(t->k, "input", "invalid_value",
                               "Invalid value: '%.*s' at 'input[%zu].role'. Supported "
                               "values are: 'assistant', 'system', 'developer' and "
                               "'user'.",
                               STR_ARG(check_text(t->k, role)), t->item);
    while (check_next(&parts, &part))
        if (check_part(t, part, parts.i, is_model))
            return true;
    return false;
}

static bool check_call(struct talk *t, struct str item, const char *text_name)
{
    struct str id;
    if (check_length(t, item, "call_id", &id))
        return true;
    if (id.n == 0)
        return check_refuse_as(t->k, "input", "missing_required_parameter",
                               "Missing required parameter: 'input[%zu].call_id'.",
                               t->item);
    if (!check_is(json_get(item, text_name), '"'))
        return check_refuse_as(t->k, "input", "invalid_type",
                               "Invalid type for 'input[%zu].%s': expected a string.",
                               t->item, text_name);
    check_ids_add(&t->open, id);
    return false;
}

static bool check_output(struct talk *t, struct str item)
{
    struct str id, output = json_get(item, "output");
    if (check_length(t, item, "call_id", &id))
        return true;
    if (!check_ids_take(&t->open, id))
        return check_refuse_as(t->k, "input", NULL,
                               "No tool call found for function call output with call_id "
                               "%.*s.",
                               STR_ARG(id));
    return !check_is(output, '"') && !check_is(output, '[') &&
           check_refuse_as(
               t->k, "input", "invalid_type",
               "Invalid type for 'input[%zu].output': expected a string or an "
               "array of objects.",
               t->item);
}

static bool check_reasoning(struct talk *t, struct str item)
{
    struct str sealed = check_text(t->k, json_get(item, "encrypted_content"));
    if (sealed.n == 0 || sim_is_signature(sealed))
        return false;
    return check_refuse_as(t->k, NULL, "invalid_encrypted_content",
                           "The encrypted content %.*s... could not be verified. Reason: "
                           "Encrypted content could not be decrypted or parsed.",
                           sealed.n < 8 ? (int)sealed.n : 8, sealed.p);
}

static bool check_item(struct talk *t, struct str item)
{
    struct str type = json_get(item, "type"), id;
    if (check_length(t, item, "id", &id))
        return true;
    if (check_word(type, "message") || (!type.p && json_get(item, "role").p))
        return check_message(t, item);
    if (check_word(type, "function_call"))
        return check_call(t, item, "arguments");
    if (check_word(type, "custom_tool_call"))
        return check_call(t, item, "input");
    if (check_word(type, "function_call_output") ||
        check_word(type, "custom_tool_call_output"))
        return check_output(t, item);
    if (check_word(type, "reasoning"))
        return check_reasoning(t, item);
    return false;
}

static bool check_input(struct talk *t, struct str input)
{
    struct check_list items = check_list(input);
    struct str item;
    if (!input.p)
        return check_refuse_as(t->k, "input", "missing_required_parameter",
                               "Missing required parameter: 'input'.");
    while (check_next(&items, &item)) {
        t->item = items.i;
        if (check_item(t, item))
            return true;
    }
    return t->open.n > 0 &&
           check_refuse_as(t->k, "input", NULL,
                           "No tool output found for function call %.*s.",
                           STR_ARG(t->open.ids[0]));
}

static bool check_tools(struct check *k, struct str raw)
{
    struct check_list tools = check_list(raw);
    struct str tool;
    while (check_next(&tools, &tool)) {
        struct str name = check_text(k, json_get(tool, "name"));
        if (check_word(json_get(tool, "type"), "function") &&
            (!check_is_id(name) || name.n > MAX_ID_BYTES))
            return check_refuse_as(k, "tools", "invalid_value",
                                   "Invalid 'tools[%zu].name': string does not match "
                                   "pattern '^[a-zA-Z0-9_-]+$', or is longer than 64.",
                                   tools.i);
    }
    return false;
}

bool check_responses(struct check *k, struct str body)
{
    struct talk *t = arena_new(k->asked->arena, struct talk);
    struct str previous = check_text(k, json_get(body, "previous_response_id"));
    if (!t)
        return false;
    *t = (struct talk){.k = k};
    if (!check_is(json_get(body, "model"), '"'))
        return check_refuse_as(k, "model", "missing_required_parameter",
                               "Missing required parameter: 'model'.");
    if (previous.n)
        return check_refuse_as(k, "previous_response_id", "previous_response_not_found",
                               "Previous response with id '%.*s' not found.",
                               STR_ARG(previous));
    return check_input(t, json_get(body, "input")) ||
           check_tools(k, json_get(body, "tools"));
}
