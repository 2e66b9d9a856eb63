/* responses_echo.c -- what an answer repeats of its request, and what it must know of it.
 *
 * A response says once more what was asked: clients show it, and some fail without.  It
 * is made of the client's own bytes when the request is read, so that no answer has to
 * keep the request:
 *
 *     [["ns__name","f","ns","name"],["apply_patch","c","","apply_patch"]]    one line
 *     "background":false,...,"tools":[...],                                  the members
 *
 * In the first line are the tools that engines know by another name or as another kind.
 * Where nothing of it was asked, nothing is kept.
 */
#include "dialect/responses.h"
#include "json/write.h"

/* Every member that a response repeats, and what stands there when nothing was asked. */
static const struct {
    struct str name, usual; /* the name as JSON, with its colon */
} asked[] = {
#define ASKED(name, usual)                                                               \
    {                                                                                    \
        STR_INIT("\"" name "\":"), STR_INIT(usual)                                       \
    }
    ASKED("instructions", "null"),
    ASKED("max_output_tokens", "null"),
    ASKED("max_tool_calls", "null"),
    ASKED("metadata", "{}"),
    ASKED("parallel_tool_calls", "true"),
    ASKED("prompt_cache_key", "null"),
    ASKED("reasoning", "{\"effort\":null,\"summary\":null}"),
    ASKED("safety_identifier", "null"),
    ASKED("service_tier", "\"default\""),
    ASKED("temperature", "1"),
    ASKED("text", "{\"format\":{\"type\":\"text\"}}"),
    ASKED("tool_choice", "\"auto\""),
    ASKED("tools", "[]"),
    ASKED("top_logprobs", "0"),
    ASKED("top_p", "1"),
    ASKED("truncation", "\"disabled\""),
    ASKED("user", "null"),
#undef ASKED
};
enum { ASKED_COUNT = ARRAY_LEN(asked), ASKED_TOOLS = 12 };

/* JSON has line ends between its values alone, and events of a stream have none. */
static void write_on_one_line(struct str raw, struct buf *out)
{
    size_t from = out->n;
    buf_append(out, raw);
    for (size_t i = from; i < out->n; i++)
        if (out->p[i] == '\n' || out->p[i] == '\r')
            out->p[i] = ' ';
}

static void write_members(const struct str values[ASKED_COUNT], struct buf *out)
{
    buf_lit(out, "\"background\":false,\"frequency_penalty\":0,\"presence_penalty\":0,"
                 "\"previous_response_id\":null,\"store\":false,");
    for (size_t i = 0; i < ASKED_COUNT; i++) {
        buf_append(out, asked[i].name);
        if (values[i].p)
            write_on_one_line(values[i], out);
        else
            buf_append(out, asked[i].usual);
        buf_byte(out, ',');
    }
}

/* -- tools
 * --------------------------------------------------------------------------------
 */

struct listing {
    struct arena *arena;
    struct json_writer w;
    bool failed;
};

/* A member of a tool that has been read and is valid; "": it is no string. */
static struct str text_of(struct listing *l, struct str tool, const char *name)
{
    struct str raw = json_get(tool, name), none = STR("");
    struct json_cur c;
    struct json_string s;
    if (!raw_is(raw, '"'))
        return none;
    json_begin(&c, raw);
    if (!json_read_string(&c, &s))
        return none;
    struct str ret = json_unescape(l->arena, s);
    l->failed |= !ret.p;
    return ret.p ? ret : none;
}

static void list_tool(struct listing *l, struct str tool, struct str ns)
{
    struct str type = text_of(l, tool, "type"), name = text_of(l, tool, "name");
    bool is_custom = str_eqz(type, "custom");
    struct str flat = responses_flat_name(l->arena, ns, name);
    l->failed |= !flat.p;
    if ((!is_custom && !str_eqz(type, "function")) || (!is_custom && str_eq(flat, name)))
        return;
    json_array_open(&l->w);
    json_str(&l->w, flat);
    json_str(&l->w, is_custom ? STR("c") : STR("f"));
    json_str(&l->w, ns);
    json_str(&l->w, name);
    json_array_close(&l->w);
}

static void list_tools(struct listing *l, struct str tools, struct str ns)
{
    struct json_cur c;
    struct str tool;
    if (!array_begin(&c, tools))
        return;
    while (array_next(&c, &tool)) {
        struct str inner = json_get(tool, "tools");
        if (inner.p && !ns.n)
            list_tools(l, inner, text_of(l, tool, "name"));
        else
            list_tool(l, tool, ns);
    }
}

static bool string_is(struct json_string s, struct str plain)
{
    return s.has_escapes ? json_escaped_is(s, plain) : str_eq(s.raw, plain);
}

int responses_echo(const struct chat *chat, struct arena *a, struct buf *out,
                   struct err *err)
{
    struct str values[ASKED_COUNT] = {{NULL, 0}}, value;
    struct listing l = {.arena = a};
    struct json_cur c;
    struct json_string k;
    bool is_asked = false;
    json_begin(&c, chat->body);
    json_enter_object(&c);
    while (json_next_member(&c, &k)) {
        if (json_string_is(k, "input") && chat->input.p) {
            c.p = chat->input.p + chat->input.n;
            continue;
        }
        if (!json_skip(&c, &value) || str_eqz(value, "null"))
            continue;
        for (size_t i = 0; i < ASKED_COUNT; i++)
            if (string_is(k, str_sub(asked[i].name, 1, asked[i].name.n - 2))) {
                values[i] = value;
                is_asked = true;
            }
    }
    if (!is_asked)
        return 0;
    json_writer_init(&l.w, out);
    json_array_open(&l.w);
    list_tools(&l, values[ASKED_TOOLS], STR(""));
    json_array_close(&l.w);
    buf_byte(out, '\n');
    write_members(values, out);
    return l.failed || out->failed ? err_nomem(err) : 0;
}

/* -- reading it
 * ---------------------------------------------------------------------------
 */

void responses_write_asked(struct str echo, struct buf *out)
{
    static const struct str nothing[ASKED_COUNT];
    ptrdiff_t end = str_index(echo, '\n');
    if (end < 0)
        write_members(nothing, out);
    else
        buf_append(out, str_sub(echo, (size_t)end + 1, echo.n));
}

struct responses_tool responses_tool_of(struct str echo, struct str flat)
{
    struct responses_tool ret = {.is_custom = false};
    struct json_cur c;
    struct json_string flat_name, kind, ns, name;
    json_begin(&c, echo);
    if (json_peek(&c) != JSON_ARRAY)
        return ret;
    json_enter_array(&c);
    while (json_next_element(&c)) {
        json_enter_array(&c);
        if (!json_next_element(&c) || !json_read_string(&c, &flat_name) ||
            !json_next_element(&c) || !json_read_string(&c, &kind) ||
            !json_next_element(&c) || !json_read_string(&c, &ns) ||
            !json_next_element(&c) || !json_read_string(&c, &name) ||
            json_next_element(&c))
            break;
        if (!string_is(flat_name, flat))
            continue;
        ret = (struct responses_tool){
            .is_custom = json_string_is(kind, "c"), .ns = ns.raw, .name = name.raw};
        break;
    }
    return ret;
}
