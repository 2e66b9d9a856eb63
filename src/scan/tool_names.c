/* tool_names.c -- see tool_names.h. */
#include "scan/tool_names.h"

#include "scan/detect.h"
#include "json/scan.h"

enum { LONGEST = 128 };

static bool is_identifier(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && !strchr("_-.:/", s.p[i]))
            return false;
    return s.n > 0 && s.n <= LONGEST;
}

static bool names_a_tool(struct str member)
{
    return str_eqz(member, "name") || str_eqz(member, "tool_name") ||
           str_eqz(member, "allowedFunctionNames") ||
           str_eqz(member, "allowed_function_names");
}

static void keep(struct tool_names *t, struct json_cur *c)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING)
        json_skip(c, NULL);
    else if (json_read_string(c, &s) && !s.has_escapes && is_identifier(s.raw) &&
             t->n < TOOL_NAMES_MOST)
        t->v[t->n++] = s.raw;
}

static bool holds_declarations(struct json_string k)
{
    return json_string_is(k, "function") || json_string_is(k, "functionDeclarations") ||
           json_string_is(k, "function_declarations");
}

/* The list of tools under the cursor.  A tool has its name beside its parameters, or in
 * its member `function`, or in a list of declarations as Google's have: one step in. */
static void read_list(struct tool_names *t, struct json_cur *c, int steps)
{
    struct json_string k;
    if (json_peek(c) == JSON_ARRAY && json_enter_array(c)) {
        while (json_next_element(c))
            read_list(t, c, steps);
        return;
    }
    if (json_peek(c) != JSON_OBJECT || !json_enter_object(c)) {
        json_skip(c, NULL);
        return;
    }
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "name"))
            keep(t, c);
        else if (steps > 0 && holds_declarations(k))
            read_list(t, c, steps - 1);
        else
            json_skip(c, NULL);
    }
}

static void read_body(struct tool_names *t, struct str body)
{
    struct json_cur c;
    struct json_string k;
    t->is_read = true;
    json_begin(&c, body);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return;
    while (json_next_member(&c, &k)) {
        if (json_string_is(k, "tools") || json_string_is(k, "functions"))
            read_list(t, &c, 1);
        else
            json_skip(&c, NULL);
    }
}

bool tool_names_have(struct tool_names *t, struct str body, struct str member,
                     struct str value)
{
    if (!names_a_tool(member) || !is_identifier(value))
        return false;
    if (!t->is_read)
        read_body(t, body);
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->v[i], value))
            return true;
    return false;
}
