/* texts.c -- see texts.h.  An index may stand after the text it belongs to, so the
 * texts of a choice and of a tool call learn theirs when it is complete.
 *
 * Members that nobody here knows may hold text as well (quotations, what a tool of the
 * provider's said): every string in them is one that comes whole. */
#include "mask/texts.h"

#include "core/mem.h"

enum { FIRST_CAP = 8, STRINGS_DEPTH = 32 };

void texts_release(struct texts *t)
{
    mem_free(t->items);
    *t = (struct texts){0};
}

static void add(struct texts *t, struct text item)
{
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : FIRST_CAP;
        void *p = mem_realloc(t->items, cap * sizeof *t->items);
        if (!p) {
            t->failed = true;
            return;
        }
        t->items = p;
        t->cap = cap;
    }
    t->items[t->n++] = item;
}

/* A string is a text of this kind; null and anything else is stepped over. */
static void read_text(struct json_cur *c, enum channel_kind kind, struct texts *t)
{
    struct text item = {.kind = (uint8_t)kind};
    if (json_peek(c) != JSON_STRING)
        json_skip(c, NULL);
    else if (json_read_string(c, &item.string))
        add(t, item);
}

/* Every string of this value. */
static void read_strings(struct json_cur *c, enum channel_kind kind, unsigned depth,
                         struct texts *t)
{
    struct json_string k;
    if (json_peek(c) == JSON_ARRAY && depth < STRINGS_DEPTH) {
        json_enter_array(c);
        while (json_next_element(c))
            read_strings(c, kind, depth + 1, t);
    } else if (json_peek(c) == JSON_OBJECT && depth < STRINGS_DEPTH) {
        json_enter_object(c);
        while (json_next_member(c, &k))
            read_strings(c, kind, depth + 1, t);
    } else {
        read_text(c, kind, t);
    }
}

/* {"arguments":"..."} or {"input":"..."}; some engines send the object itself.  Of
 * texts such as a transcript only strings are read: secrets are for tools. */
static void read_function(struct json_cur *c, const char *key, enum channel_kind kind,
                          struct texts *t)
{
    struct json_string k;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k))
        if (!json_string_is(k, key))
            json_skip(c, NULL);
        else if (json_peek(c) == JSON_STRING || kind < CHANNEL_ARGUMENTS)
            read_text(c, kind, t);
        else
            read_strings(c, CHANNEL_WHOLE_ARGUMENTS, 0, t);
}

static uint32_t read_index(struct json_cur *c, uint32_t otherwise)
{
    int64_t v;
    if (json_peek(c) != JSON_NUMBER) {
        json_skip(c, NULL);
        return otherwise;
    }
    return json_read_i64(c, &v) && v >= 0 && v < UINT32_MAX ? (uint32_t)v : otherwise;
}

static void read_tool_call(struct json_cur *c, uint32_t place, struct texts *t)
{
    struct json_string k;
    size_t first = t->n;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k))
        if (json_string_is(k, "index"))
            place = read_index(c, place);
        else if (json_string_is(k, "function"))
            read_function(c, "arguments", CHANNEL_ARGUMENTS, t);
        else if (json_string_is(k, "custom"))
            read_function(c, "input", CHANNEL_INPUT, t);
        else
            json_skip(c, NULL);
    for (size_t i = first; i < t->n; i++)
        t->items[i].tool = place;
}

static void read_tool_calls(struct json_cur *c, struct texts *t)
{
    if (!json_array_or_skip(c))
        return;
    for (uint32_t place = 0; json_next_element(c); place++)
        read_tool_call(c, place, t);
}

/* Lists of {"text":"..."}, or the text itself. */
static void read_thinking(struct json_cur *c, struct texts *t)
{
    if (json_peek(c) != JSON_ARRAY) {
        read_text(c, CHANNEL_PART_THINKING, t);
        return;
    }
    json_enter_array(c);
    while (json_next_element(c))
        read_function(c, "text", CHANNEL_PART_THINKING, t);
}

static void read_part(struct json_cur *c, uint32_t part, struct texts *t)
{
    struct json_string k;
    size_t first = t->n;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k))
        if (json_string_is(k, "text"))
            read_text(c, CHANNEL_CONTENT, t);
        else if (json_string_is(k, "thinking"))
            read_thinking(c, t);
        else if (json_string_is(k, "type"))
            json_skip(c, NULL);
        else
            read_strings(c, CHANNEL_WHOLE, 0, t);
    for (size_t i = first; i < t->n; i++)
        t->items[i].tool = part;
}

/* Content is a string or a list of parts, most of which have a text. */
static void read_content(struct json_cur *c, struct texts *t)
{
    if (json_peek(c) != JSON_ARRAY) {
        read_text(c, CHANNEL_CONTENT, t);
        return;
    }
    json_enter_array(c);
    for (uint32_t part = 0; json_next_element(c); part++)
        read_part(c, part, t);
}

/* What a model thought, in parts: {"type","text"|"summary","index",...}.  What is signed
 * or encrypted stays as it is. */
static void read_detail(struct json_cur *c, uint32_t place, struct texts *t)
{
    struct json_string k;
    size_t first = t->n;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k))
        if (json_string_is(k, "index"))
            place = read_index(c, place);
        else if (json_string_is(k, "text"))
            read_text(c, CHANNEL_DETAIL, t);
        else if (json_string_is(k, "summary"))
            read_text(c, CHANNEL_SUMMARY, t);
        else
            json_skip(c, NULL);
    for (size_t i = first; i < t->n; i++)
        t->items[i].tool = place;
}

static void read_details(struct json_cur *c, struct texts *t)
{
    if (!json_array_or_skip(c))
        return;
    for (uint32_t place = 0; json_next_element(c); place++)
        read_detail(c, place, t);
}

/* Members of fewer engines. */
static void read_rare(struct json_cur *c, struct json_string k, struct texts *t)
{
    if (json_string_is(k, "thinking"))
        read_text(c, CHANNEL_THINKING, t);
    else if (json_string_is(k, "reasoning_details"))
        read_details(c, t);
    else if (json_string_is(k, "audio"))
        read_function(c, "transcript", CHANNEL_TRANSCRIPT, t);
    else if (json_string_is(k, "role") || json_string_is(k, "name"))
        json_skip(c, NULL);
    else
        read_strings(c, CHANNEL_WHOLE, 0, t);
}

static void read_message(struct json_cur *c, struct texts *t)
{
    struct json_string k;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "content"))
            read_content(c, t);
        else if (json_string_is(k, "reasoning_content"))
            read_text(c, CHANNEL_REASONING_CONTENT, t);
        else if (json_string_is(k, "reasoning"))
            read_text(c, CHANNEL_REASONING, t);
        else if (json_string_is(k, "refusal"))
            read_text(c, CHANNEL_REFUSAL, t);
        else if (json_string_is(k, "tool_calls"))
            read_tool_calls(c, t);
        else if (json_string_is(k, "function_call"))
            read_function(c, "arguments", CHANNEL_FUNCTION, t);
        else
            read_rare(c, k, t);
    }
}

static void read_choice(struct json_cur *c, uint32_t place, struct texts *t)
{
    struct json_string k;
    size_t first = t->n;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "index"))
            place = read_index(c, place);
        else if (json_string_is(k, "delta") || json_string_is(k, "message"))
            read_message(c, t);
        else if (json_string_is(k, "text"))
            read_text(c, CHANNEL_TEXT, t);
        else
            json_skip(c, NULL);
    }
    for (size_t i = first; i < t->n; i++)
        t->items[i].choice = place;
}

static void read_choices(struct json_cur *c, struct texts *t)
{
    if (!json_array_or_skip(c))
        return;
    for (uint32_t place = 0; json_next_element(c); place++)
        read_choice(c, place, t);
}

bool texts_read(struct str data, struct texts *ret)
{
    struct json_cur c;
    struct json_string k;
    ret->n = 0;
    json_begin(&c, data);
    if (json_peek(&c) != JSON_OBJECT)
        return false;
    json_enter_object(&c);
    while (json_next_member(&c, &k)) {
        enum json_type type = json_peek(&c);
        if (json_string_is(k, "choices"))
            read_choices(&c, ret);
        else if ((type == JSON_ARRAY || type == JSON_OBJECT) &&
                 !json_string_is(k, "usage"))
            read_strings(&c, CHANNEL_WHOLE, 0, ret); /* citations and their like */
        else
            json_skip(&c, NULL);
    }
    return json_finish(&c, NULL) == 0;
}
