/* check_anthropic.c -- what Anthropic's Messages refuse. */
#include "sim/check.h"
#include "sim/sign.h"

enum { MAX_CACHE_MARKS = 4, LEAST_BUDGET = 1024 };

struct talk {
    struct check *k;
    struct check_ids open; /* calls of the message before */
    size_t message;
    bool was_model, thinks;
    unsigned marks;
    struct str first_kind; /* of the last message of the model: its first block's type */
};

static bool count_mark(struct talk *t, struct str block)
{
    struct str mark = json_get(block, "cache_control");
    return mark.p && !str_eqz(mark, "null") && ++t->marks > MAX_CACHE_MARKS
               ? check_refuse(t->k,
                              "A maximum of 4 blocks with cache_control may be provided. "
                              "Found %u.",
                              t->marks)
               : false;
}

static bool check_signature(struct talk *t, struct str block, size_t i)
{
    struct str thought = check_text(t->k, json_get(block, "thinking"));
    struct str signature = check_text(t->k, json_get(block, "signature"));
    if (!thought.p || !signature.p)
        return check_refuse(t->k, "messages.%zu.content.%zu.thinking.%s: Field required",
                            t->message, i, thought.p ? "signature" : "thinking");
    return sim_signed(thought, signature)
               ? false
               : check_refuse(t->k,
                              "messages.%zu.content.%zu: Invalid `signature` in "
                              "`thinking` block",
                              t->message, i);
}

static bool check_call(struct talk *t, struct str block, size_t i)
{
    struct str id = check_text(t->k, json_get(block, "id"));
    if (!check_is_id(id))
        return check_refuse(t->k,
                            "messages.%zu.content.%zu.tool_use.id: String should match "
                            "pattern '^[a-zA-Z0-9_-]+$'",
                            t->message, i);
    if (!check_is(json_get(block, "input"), '{'))
        return check_refuse(t->k,
                            "messages.%zu.content.%zu.tool_use.input: Input should be a "
                            "valid dictionary",
                            t->message, i);
    return check_ids_add(&t->open, id)
               ? false
               : check_refuse(t->k,
                              "messages.%zu.content.%zu: `tool_use` ids must be unique",
                              t->message, i);
}

static bool check_result(struct talk *t, struct str block, size_t i)
{
    struct str id = check_text(t->k, json_get(block, "tool_use_id"));
    if (check_ids_take(&t->open, id))
        return false;
    return check_refuse(
        t->k,
        "messages.%zu.content.%zu: unexpected `tool_use_id` found in "
        "`tool_result` blocks: %.*s. Each `tool_result` block must have a "
        "corresponding `tool_use` block in the previous message.",
        t->message, i, STR_ARG(id));
}

static bool check_block(struct talk *t, struct str block, size_t i, bool is_model)
{
    struct str type = json_get(block, "type");
    if (is_model && i == 0)
        t->first_kind = type;
    if (count_mark(t, block))
        return true;
    if (check_word(type, "text"))
        return check_text(t->k, json_get(block, "text")).n
                   ? false
                   : check_refuse(t->k,
                                  "messages: text content blocks must be non-empty");
    if (check_word(type, "thinking") && is_model)
        return check_signature(t, block, i);
    if (check_word(type, "redacted_thinking") && is_model)
        return sim_is_signature(check_text(t->k, json_get(block, "data")))
                   ? false
                   : check_refuse(t->k,
                                  "messages.%zu.content.%zu: Invalid `data` in "
                                  "`redacted_thinking` block",
                                  t->message, i);
    if (check_word(type, "tool_use") && is_model)
        return check_call(t, block, i);
    if (check_word(type, "tool_result") && !is_model)
        return check_result(t, block, i);
    if (check_word(type, "thinking") || check_word(type, "tool_use") ||
        check_word(type, "tool_result"))
        return check_refuse(t->k,
                            "messages.%zu.content.%zu: %.*s blocks can not be in %s "
                            "messages",
                            t->message, i, STR_ARG(type),
                            is_model ? "assistant" : "user");
    return false;
}

static bool check_unanswered(const struct talk *t)
{
    if (t->open.n == 0)
        return false;
    return check_refuse(
        t->k,
        "messages.%zu: `tool_use` ids were found without `tool_result` "
        "blocks immediately after: %.*s. Each `tool_use` block must have a "
        "corresponding `tool_result` block in the next message.",
        t->message - 1, STR_ARG(t->open.ids[0]));
}

static bool check_content(struct talk *t, struct str content, bool is_model)
{
    struct check_list blocks = check_list(content);
    struct str block;
    while (check_next(&blocks, &block))
        if (check_block(t, block, blocks.i, is_model))
            return true;
    return false;
}

static bool is_empty(struct str content)
{
    struct check_list blocks = check_list(content);
    struct str block;
    return check_is(content, '"') ? content.n == 2 : !check_next(&blocks, &block);
}

/* The API takes neighbours of one role as one message. */
static bool check_message(struct talk *t, struct str message, bool is_last)
{
    struct str role = json_get(message, "role"), content = json_get(message, "content");
    bool is_model = check_word(role, "assistant");
    if (check_word(role, "system"))
        return false;
    if (!is_model && !check_word(role, "user"))
        return check_refuse(
            t->k, "messages.%zu.role: Input should be 'user' or 'assistant'", t->message);
    if (t->message == 0 && is_model)
        return check_refuse(t->k, "messages: first message must use the \"user\" role");
    if (!check_is(content, '"') && !check_is(content, '['))
        return check_refuse(t->k, "messages.%zu.content: Field required", t->message);
    if (is_empty(content) && !(is_model && is_last))
        return check_refuse(t->k,
                            "messages.%zu: all messages must have non-empty content "
                            "except for the optional final assistant message",
                            t->message);
    if (is_model)
        t->first_kind = STR("");
    if (is_model && t->open.n && !t->was_model)
        return check_unanswered(t);
    if (check_content(t, content, is_model))
        return true;
    t->was_model = is_model;
    return false;
}

static bool check_messages(struct talk *t, struct str raw)
{
    struct check_list messages = check_list(raw);
    struct str message, next;
    if (!check_next(&messages, &message))
        return check_refuse(t->k, raw.p ? "messages: at least one message is required"
                                        : "messages: Field required");
    for (bool has_next = true; has_next; message = next) {
        t->message = messages.i;
        has_next = check_next(&messages, &next);
        if (check_message(t, message, !has_next))
            return true;
    }
    t->message++;
    return check_unanswered(t);
}

static bool check_tool(struct talk *t, struct str tool, size_t i, struct check_ids *names)
{
    struct str type = json_get(tool, "type"), schema = json_get(tool, "input_schema");
    struct str name = check_text(t->k, json_get(tool, "name"));
    if (count_mark(t, tool))
        return true;
    if (type.p && !check_word(type, "custom") && !str_eqz(type, "null"))
        return false;
    if (!check_is_id(name) || name.n > 128)
        return check_refuse(t->k,
                            "tools.%zu.custom.name: String should match pattern "
                            "'^[a-zA-Z0-9_-]{1,128}$'",
                            i);
    if (!check_ids_add(names, name))
        return check_refuse(t->k, "tools: Tool names must be unique.");
    if (!check_is(schema, '{'))
        return check_refuse(t->k, "tools.%zu.custom.input_schema: Field required", i);
    return check_word(json_get(schema, "type"), "object")
               ? false
               : check_refuse(t->k,
                              "tools.%zu.custom.input_schema.type: Input should be "
                              "'object'",
                              i);
}

static bool check_tools(struct talk *t, struct str raw)
{
    struct check_list tools = check_list(raw);
    struct check_ids *names = arena_new(t->k->asked->arena, struct check_ids);
    struct str tool;
    while (names && check_next(&tools, &tool))
        if (check_tool(t, tool, tools.i, names))
            return true;
    return false;
}

static bool check_thinking(struct talk *t, struct str body, int64_t max_tokens)
{
    struct str thinking = json_get(body, "thinking");
    int64_t budget = 0;
    t->thinks = check_word(json_get(thinking, "type"), "enabled");
    if (!t->thinks)
        return false;
    if (!check_number(json_get(thinking, "budget_tokens"), &budget) ||
        budget < LEAST_BUDGET)
        return check_refuse(t->k,
                            "thinking.enabled.budget_tokens: Input should be greater "
                            "than or equal to 1024");
    return budget < max_tokens
               ? false
               : check_refuse(
                     t->k, "`max_tokens` must be greater than `thinking.budget_tokens`");
}

/* While tools are called, the model's message must begin with its thought. */
static bool check_thought_first(const struct talk *t)
{
    bool goes_on = !t->was_model && t->first_kind.n;
    if (!t->thinks || !goes_on || !check_word(t->first_kind, "tool_use"))
        return false;
    return check_refuse(t->k,
                        "messages: Expected `thinking` or `redacted_thinking`, but found "
                        "`tool_use`. When `thinking` is enabled, a final `assistant` "
                        "message must start with a thinking block");
}

static bool check_head(struct talk *t, struct str body, int64_t *ret_max_tokens)
{
    static const char *const sampling[] = {"temperature", "top_p", "top_k"};
    struct str max_tokens = json_get(body, "max_tokens");
    if (t->k->asked->version.n == 0)
        return check_refuse(t->k, "anthropic-version: header is required");
    if (!check_is(json_get(body, "model"), '"'))
        return check_refuse(t->k, "model: Field required");
    if (!max_tokens.p)
        return check_refuse(t->k, "max_tokens: Field required");
    if (!check_number(max_tokens, ret_max_tokens) || *ret_max_tokens < 0)
        return check_refuse(t->k, "max_tokens: Input should be a valid integer");
    for (size_t i = 0; i < ARRAY_LEN(sampling); i++)
        if (str_eqz(t->k->asked->version, "2026-10-21") && json_get(body, sampling[i]).p)
            return check_refuse(t->k, "%s: Extra inputs are not permitted", sampling[i]);
    return false;
}

bool check_anthropic(struct check *k, struct str body)
{
    struct talk *t = arena_new(k->asked->arena, struct talk);
    int64_t max_tokens = 0;
    struct check_list system = check_list(json_get(body, "system"));
    struct str block;
    if (!t)
        return false;
    *t = (struct talk){.k = k};
    if (check_head(t, body, &max_tokens) || check_thinking(t, body, max_tokens))
        return true;
    while (check_next(&system, &block))
        if (count_mark(t, block))
            return true;
    return check_tools(t, json_get(body, "tools")) ||
           check_messages(t, json_get(body, "messages")) || check_thought_first(t);
}
