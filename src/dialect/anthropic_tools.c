/* anthropic_tools.c -- tools and tool_choice of a request in Anthropic's form.
 *
 * Tools with a schema are carried.  Those that the API runs itself (web_search_...) no
 * other engine has: where the model need not use one they are left out, and said to be.
 * Tools of the client whose schema only Anthropic's models know (bash_...) cannot be told
 * to another. */
#include "dialect/anthropic.h"

static bool is_run_by_the_api(struct str type)
{
    static const char *const types[] = {"web_search_",     "web_fetch_",
                                        "code_execution_", "tool_search_tool_",
                                        "mcp_toolset",     "advisor_"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_starts(type, str_of(types[i])))
            return true;
    return false;
}

/* -- the choice -----------------------------------------------------------------------
 */

static int read_choice(struct anthropic_reading *a, struct str raw, bool *ret_one)
{
    static const char *const names[] = {"type", "name", "disable_parallel_tool_use"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    static const struct {
        const char *word;
        enum tool_choice choice;
    } words[] = {{"auto", CHOICE_AUTO},
                 {"any", CHOICE_REQUIRED},
                 {"none", CHOICE_NONE},
                 {"tool", CHOICE_NAMED}};
    const struct place at = place_of(NULL, "tool_choice");
    const struct reader *r = &a->r;
    struct str in[3], type;
    if (json_is_empty(raw))
        return 0;
    if (reader_fields(r, &at, raw, &fields, in) != 0 ||
        reader_text(r, &at, "type", in[0], &type) != 0 ||
        reader_text(r, &at, "name", in[1], &r->c->choice_name) != 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eqz(type, words[i].word))
            r->c->choice = words[i].choice;
    if (r->c->choice == CHOICE_UNSAID)
        return reader_refuse_member(r, &at, "type",
                                    "it is none of auto, any, none, tool");
    if (r->c->choice == CHOICE_NAMED && !r->c->choice_name.n)
        return reader_refuse_member(r, &at, "name", "it is missing");
    return anthropic_read_flag(r, &at, names[2], in[2], ret_one);
}

/* -- the tools ------------------------------------------------------------------------
 */

static int leave_out(struct anthropic_reading *a, const struct place *at, struct str type)
{
    return anthropic_lose(a, arena_printf(a->r.arena, "tools[%td] (%.*s)", at->index,
                                          STR_ARG(str_sub(type, 0, 64))));
}

static int read_function(struct anthropic_reading *a, const struct place *at,
                         struct str raw, struct tool *ret)
{
    static const char *const names[] = {"name",
                                        "description",
                                        "input_schema",
                                        "strict",
                                        "cache_control",
                                        "input_examples",
                                        "type",
                                        "defer_loading",
                                        "allowed_callers",
                                        "eager_input_streaming"};
    static const struct fields fields = {names, ARRAY_LEN(names), 6};
    const struct reader *r = &a->r;
    struct str in[6];
    if (reader_fields(r, at, raw, &fields, in) != 0 ||
        reader_text(r, at, "name", in[0], &ret->name) != 0 ||
        reader_words(r, at, "description", in[1], &ret->description) != 0)
        return -1;
    if (!ret->name.n)
        return reader_refuse(r, at, "it has no name");
    if (in[2].p && !raw_is(in[2], '{'))
        return reader_refuse_member(r, at, "input_schema", "it must be an object");
    ret->kind = TOOL_FUNCTION;
    ret->parameters = in[2];
    ret->strict = in[3];
    ret->cache = in[4];
    return json_is_empty(in[5])
               ? 0
               : anthropic_lose(
                     a, arena_printf(r->arena, "tools[%td].input_examples", at->index));
}

/* True in *ret_left_out: it is one of the API's own. */
static int read_tool(struct anthropic_reading *a, const struct place *at, struct str raw,
                     bool *ret_left_out)
{
    struct conversation *c = a->r.c;
    struct str type, name;
    *ret_left_out = false;
    if (!raw_is(raw, '{'))
        return reader_refuse(&a->r, at, "it must be an object");
    if (reader_text(&a->r, at, "type", reader_get(&a->r, raw, "type"), &type) != 0)
        return -1;
    if (!type.n || str_eqz(type, "custom"))
        return read_function(a, at, raw, &c->tools[c->ntools++]);
    if (!is_run_by_the_api(type))
        return reader_refuse_member(&a->r, at, "type",
                                    "what such a tool takes only Anthropic's models "
                                    "know");
    if (reader_text(&a->r, at, "name", reader_get(&a->r, raw, "name"), &name) != 0)
        return -1;
    if (c->choice == CHOICE_NAMED && str_eq(c->choice_name, name))
        return reader_refuse_member(&a->r, at, "type",
                                    "'tool_choice' asks for it, and only Anthropic's "
                                    "API has it");
    *ret_left_out = true;
    return leave_out(a, at, type);
}

static int read_all(struct anthropic_reading *a, struct str raw)
{
    struct place at = place_of(NULL, "tools");
    struct place first_out = at;
    struct conversation *c = a->r.c;
    struct json_cur cur;
    struct str tool;
    bool left_out;
    c->tools = reader_room(&a->r, reader_count(&a->r, raw), sizeof *c->tools);
    if (!c->tools)
        return -1;
    if (!reader_array(&a->r, &cur, raw))
        return json_is_empty(raw) ? 0 : reader_refuse(&a->r, &at, "it must be an array");
    for (at.index = 0; array_next(&cur, &tool); at.index++) {
        if (read_tool(a, &at, tool, &left_out) != 0)
            return -1;
        if (left_out && first_out.index == NO_INDEX)
            first_out.index = at.index;
    }
    if (c->ntools == 0 && first_out.index != NO_INDEX && c->choice == CHOICE_REQUIRED)
        return reader_refuse_member(&a->r, &first_out, "type",
                                    "'tool_choice' asks for a call, and only "
                                    "Anthropic's API has this tool");
    return 0;
}

int anthropic_read_tools(struct anthropic_reading *a, struct str tools, struct str choice)
{
    struct conversation *c = a->r.c;
    bool is_one_at_a_time = false;
    if (read_choice(a, choice, &is_one_at_a_time) != 0 || read_all(a, tools) != 0)
        return -1;
    if (c->ntools == 0) {
        c->choice = c->choice == CHOICE_NAMED ? c->choice : CHOICE_UNSAID;
        return 0;
    }
    return is_one_at_a_time
               ? anthropic_add_other(a, STR("parallel_tool_calls"), STR("false"))
               : 0;
}
