/* check_gemini.c -- what Google's generateContent refuses. */
#include "sim/check.h"
#include "sim/sign.h"

struct talk {
    struct check *k;
    size_t content;
    bool was_model;
    size_t calls;      /* of the content before, which wait for their responses */
    size_t turn_begin; /* the content in which the current turn begins */
};

static bool is_data(struct json_string key)
{
    static const char *const names[] = {"text",
                                        "inlineData",
                                        "inline_data",
                                        "fileData",
                                        "file_data",
                                        "functionCall",
                                        "function_call",
                                        "functionResponse",
                                        "executableCode",
                                        "codeExecutionResult",
                                        "function_response",
                                        "executable_code",
                                        "toolCall",
                                        "toolResponse",
                                        "code_execution_result"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (json_string_is(key, names[i]))
            return true;
    return false;
}

static bool has_data(struct str part)
{
    struct json_cur c;
    struct json_string key;
    bool found = false;
    json_begin(&c, part);
    if (json_enter_object(&c))
        while (json_next_member(&c, &key) && json_skip(&c, NULL))
            found |= is_data(key);
    return found;
}

/* "skip_thought_signature_validator" is what Google tells clients to send with what
 * another model has called. */
static bool check_signature(struct talk *t, struct str part, size_t i, bool must_have)
{
    struct str raw = check_get(part, "thoughtSignature", "thought_signature");
    struct str text = check_text(t->k, raw);
    if (!text.n)
        return must_have && t->k->asked->asked->wants_signed_calls
                   ? check_refuse(
                         t->k,
                         "Function call is missing a thought_signature in "
                         "functionCall parts. This is required for tools to work "
                         "correctly, and missing thought_signature may lead to "
                         "degraded model performance. Function call in contents "
                         "%zu, part %zu.",
                         t->content, i)
                   : false;
    return sim_is_signature(text) || str_eqz(text, "skip_thought_signature_validator")
               ? false
               : check_refuse(t->k, "Thought signature is not valid.");
}

struct counts {
    size_t calls, responses, parts;
};

static bool check_part(struct talk *t, struct str part, size_t i, struct counts *n)
{
    struct str call = check_get(part, "functionCall", "function_call");
    struct str response = check_get(part, "functionResponse", "function_response");
    n->parts++;
    if (!has_data(part))
        return check_refuse(t->k,
                            "* GenerateContentRequest.contents[%zu].parts[%zu].data: "
                            "required oneof field 'data' must have one initialized field",
                            t->content, i);
    bool is_first_call = call.p && n->calls == 0 && t->content >= t->turn_begin;
    if (check_signature(t, part, i, is_first_call))
        return true;
    n->calls += call.p != NULL;
    n->responses += response.p != NULL;
    if (call.p && !check_is(json_get(call, "name"), '"'))
        return check_refuse(t->k,
                            "* GenerateContentRequest.contents[%zu].parts[%zu]."
                            "function_call.name: Name cannot be empty.",
                            t->content, i);
    if (response.p && !check_is(json_get(response, "response"), '{'))
        return check_refuse(
            t->k,
            "Invalid value at 'contents[%zu].parts[%zu].function_response."
            "response' (type.googleapis.com/google.protobuf.Struct)",
            t->content, i);
    return false;
}

static bool check_turn(struct talk *t, const struct counts *n, bool is_model)
{
    if (n->responses && t->calls == 0)
        return check_refuse(t->k, "Please ensure that function response turn comes "
                                  "immediately after a function call turn.");
    if (n->responses != t->calls)
        return check_refuse(t->k,
                            "Please ensure that the number of function response parts is "
                            "equal to the number of function call parts of the function "
                            "call turn.");
    if (n->calls && (!is_model || t->content == 0))
        return check_refuse(t->k,
                            "Please ensure that function call turn comes immediately "
                            "after a user turn or after a function response turn.");
    t->calls = n->calls;
    return false;
}

static bool is_model_role(struct str role)
{
    return check_word(role, "model");
}

static bool check_content(struct talk *t, struct str content)
{
    struct str role = json_get(content, "role"), part;
    bool is_model = is_model_role(role);
    struct check_list parts = check_list(json_get(content, "parts"));
    struct counts n = {0};
    if (role.p && !is_model && !check_word(role, "user") && !check_word(role, "function"))
        return check_refuse(t->k, "Please use a valid role: user, model.");
    if (t->content > 0 && is_model == t->was_model)
        return check_refuse(t->k,
                            "Please ensure that multiturn requests alternate between "
                            "user and model.");
    while (check_next(&parts, &part))
        if (check_part(t, part, parts.i, &n))
            return true;
    if (n.parts == 0)
        return check_refuse(
            t->k,
            "* GenerateContentRequest.contents[%zu].parts: contents.parts "
            "must not be empty.",
            t->content);
    t->was_model = is_model;
    return check_turn(t, &n, is_model);
}

/* The current turn begins with the last content in which the user says something. */
static size_t turn_begin(struct str raw)
{
    struct check_list contents = check_list(raw);
    struct str content, part;
    size_t begin = 0;
    while (check_next(&contents, &content)) {
        struct check_list parts = check_list(json_get(content, "parts"));
        bool has_text = false;
        while (check_next(&parts, &part))
            has_text |= json_get(part, "text").p != NULL;
        if (has_text && !is_model_role(json_get(content, "role")))
            begin = contents.i;
    }
    return begin;
}

static bool check_declaration(struct check *k, struct str one, size_t tool, size_t i)
{
    struct str name = check_text(k, json_get(one, "name"));
    char first = name.n ? name.p[0] : '0';
    bool is_bad = name.n == 0 || name.n > 128 || first == '-' || first == '.' ||
                  first == ':' || (first >= '0' && first <= '9');
    for (size_t at = 0; at < name.n; at++)
        is_bad |= !strchr("_.:-", name.p[at]) && !check_is_id(str_sub(name, at, at + 1));
    return is_bad &&
           check_refuse(k,
                        "Invalid 'tools[%zu].function_declarations[%zu].name': "
                        "must start with a letter or an underscore, and be "
                        "alphanumeric, with underscores, dots, colons or dashes, "
                        "at most 128 long.",
                        tool, i);
}

static bool check_tools(struct check *k, struct str raw)
{
    struct check_list tools = check_list(raw);
    struct str tool, one;
    while (check_next(&tools, &tool)) {
        struct check_list all =
            check_list(check_get(tool, "functionDeclarations", "function_declarations"));
        while (check_next(&all, &one))
            if (check_declaration(k, one, tools.i, all.i))
                return true;
    }
    return false;
}

bool check_gemini(struct check *k, struct str body)
{
    struct str raw = json_get(body, "contents"), content;
    struct talk t = {.k = k, .turn_begin = turn_begin(raw)};
    struct check_list contents = check_list(raw);
    while (check_next(&contents, &content)) {
        t.content = contents.i;
        if (check_content(&t, content))
            return true;
    }
    if (contents.i == 0)
        return check_refuse(
            k, "* GenerateContentRequest.contents: contents is not specified");
    return check_tools(k, json_get(body, "tools"));
}
