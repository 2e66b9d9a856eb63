/* responses_tools.c -- tools of a request to Responses, and which may or must be called.
 *
 * Functions and custom tools are carried; those in a namespace under a name made of both.
 * Tools that the provider runs itself (web_search, ...) are left out and named as lost,
 * unless the answer is to call one: then the request is refused. */
#include "dialect/responses.h"

enum { AT_TYPE, AT_NAME, AT_DESCRIPTION, AT_PARAMETERS, AT_STRICT, AT_FORMAT, AT_COUNT };

static const char *const tool_names[] = {
    [AT_TYPE] = "type",
    [AT_NAME] = "name",
    [AT_DESCRIPTION] = "description",
    [AT_PARAMETERS] = "parameters",
    [AT_STRICT] = "strict",
    [AT_FORMAT] = "format",
    /* left out: when tools are shown and who runs them is for providers that search them
     */
    "defer_loading",
    "allowed_callers",
    "output_schema",
    "async",
};

/* A tool as it is called towards engines, and as the client names it. */
struct known {
    struct str ns, name;
};

struct tools {
    const struct reader *r;
    struct known *known; /* of each of r->c->tools */
    size_t nlost;
    struct place first_lost;
    struct str first_lost_type;
};

static bool is_own(struct str type)
{
    return str_eqz(type, "function") || str_eqz(type, "custom");
}

/* A grammar is told; a format that is any text says nothing. */
static int read_grammar(const struct reader *r, const struct place *at, struct str raw,
                        struct tool *ret)
{
    const struct place inner = place_of(at, "format");
    struct str type;
    if (json_is_empty(raw))
        return 0;
    if (!raw_is(raw, '{'))
        return reader_refuse(r, &inner, "it must be an object");
    if (reader_text(r, &inner, "type", reader_get(r, raw, "type"), &type) != 0)
        return -1;
    if (!str_eqz(type, "text"))
        ret->grammar = raw;
    return 0;
}

static int read_own(struct tools *t, const struct place *at, struct str raw,
                    struct str ns)
{
    static const struct fields fields = {tool_names, ARRAY_LEN(tool_names), AT_COUNT};
    const struct reader *r = t->r;
    struct tool *ret = &r->c->tools[r->c->ntools];
    struct known *known = &t->known[r->c->ntools];
    struct str in[AT_COUNT], type;
    if (reader_fields(r, at, raw, &fields, in) != 0 ||
        reader_text(r, at, "type", in[AT_TYPE], &type) != 0 ||
        reader_text(r, at, "name", in[AT_NAME], &known->name) != 0 ||
        reader_words(r, at, "description", in[AT_DESCRIPTION], &ret->description) != 0 ||
        read_grammar(r, at, in[AT_FORMAT], ret) != 0)
        return -1;
    if (!known->name.n)
        return reader_refuse(r, at, "it has no name");
    if (in[AT_PARAMETERS].p && !raw_is(in[AT_PARAMETERS], '{'))
        return reader_refuse_member(r, at, "parameters", "it must be an object");
    known->ns = ns;
    ret->name = responses_flat_name(r->arena, ns, known->name);
    ret->kind = str_eqz(type, "custom") ? TOOL_CUSTOM : TOOL_FUNCTION;
    ret->parameters = in[AT_PARAMETERS];
    ret->strict = in[AT_STRICT];
    r->c->ntools++;
    return ret->name.p ? 0 : err_nomem(r->err);
}

static int lose(struct tools *t, const struct place *at, struct str type)
{
    if (t->nlost++ == 0) {
        t->first_lost = *at;
        t->first_lost_type = type;
    }
    return responses_lose(t->r, at, type);
}

static int read_type(const struct tools *t, const struct place *at, struct str raw,
                     struct str *ret)
{
    if (!raw_is(raw, '{'))
        return reader_refuse(t->r, at, "it must be an object");
    if (reader_text(t->r, at, "type", reader_get(t->r, raw, "type"), ret) != 0)
        return -1;
    return ret->n ? 0 : reader_refuse_member(t->r, at, "type", "it is missing");
}

/* {"type":"namespace","name":"ns","tools":[...]}: its description has no place, the tools
 * have their own. */
static int read_namespace(struct tools *t, const struct place *in, struct str raw)
{
    static const char *const names[] = {"name", "tools", "description", "type"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    struct place at = place_of(in, "tools");
    struct str found[3], ns, tool, type;
    struct json_cur c;
    if (reader_fields(t->r, in, raw, &fields, found) != 0 ||
        reader_text(t->r, in, "name", found[0], &ns) != 0)
        return -1;
    if (!ns.n)
        return reader_refuse(t->r, in, "it has no name");
    if (!json_is_empty(found[2]) &&
        reader_lose_name(t->r, STR("tools.description (namespace)")) != 0)
        return -1;
    if (!reader_array(t->r, &c, found[1]))
        return reader_refuse_member(t->r, in, "tools", "it must be an array");
    for (at.index = 0; array_next(&c, &tool); at.index++)
        if (read_type(t, &at, tool, &type) != 0 ||
            (is_own(type) ? read_own(t, &at, tool, ns) : lose(t, in, type)) != 0)
            return -1;
    return 0;
}

static int read_tool(struct tools *t, const struct place *at, struct str raw)
{
    struct str type;
    if (read_type(t, at, raw, &type) != 0)
        return -1;
    if (is_own(type))
        return read_own(t, at, raw, STR(""));
    return str_eqz(type, "namespace") ? read_namespace(t, at, raw) : lose(t, at, type);
}

/* As many as there may be, those in namespaces counted. */
static size_t count_tools(const struct reader *r, struct str raw)
{
    struct json_cur c;
    struct str tool;
    size_t n = 0;
    if (!reader_array(r, &c, raw))
        return 0;
    while (array_next(&c, &tool))
        n += 1 + reader_count(r, reader_get(r, tool, "tools"));
    return n;
}

static int read_list(struct tools *t, struct str raw)
{
    struct place at = place_of(NULL, "tools");
    struct json_cur c;
    struct str tool;
    size_t most = count_tools(t->r, raw);
    t->r->c->tools = reader_room(t->r, most, sizeof *t->r->c->tools);
    t->known = reader_room(t->r, most, sizeof *t->known);
    if (!t->r->c->tools || !t->known)
        return -1;
    if (!reader_array(t->r, &c, raw))
        return json_is_empty(raw) ? 0 : reader_refuse(t->r, &at, "it must be an array");
    for (at.index = 0; array_next(&c, &tool); at.index++)
        if (read_tool(t, &at, tool) != 0)
            return -1;
    return 0;
}

/* -- the choice
 * ---------------------------------------------------------------------------
 */

static bool choice_of(struct str word, enum tool_choice *ret)
{
    static const struct {
        const char *word;
        enum tool_choice choice;
    } rows[] = {
        {"auto", CHOICE_AUTO}, {"none", CHOICE_NONE}, {"required", CHOICE_REQUIRED}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(word, rows[i].word)) {
            *ret = rows[i].choice;
            return true;
        }
    return false;
}

/* {"type":"function","name":"f"}: which of the tools; -1: another. */
static int find_named(const struct tools *t, const struct place *at, struct str raw,
                      ptrdiff_t *ret)
{
    static const char *const names[] = {"type", "name", "namespace"};
    static const struct fields fields = {names, 3, 3};
    struct str in[3], type, name, ns;
    *ret = -1;
    if (reader_fields(t->r, at, raw, &fields, in) != 0 ||
        reader_text(t->r, at, "type", in[0], &type) != 0 ||
        reader_text(t->r, at, "name", in[1], &name) != 0 ||
        reader_text(t->r, at, "namespace", in[2], &ns) != 0)
        return -1;
    if (!is_own(type))
        return reader_refuse_member(t->r, at, "type",
                                    "tools of this type are left out, so none can be "
                                    "called");
    for (size_t i = 0; i < t->r->c->ntools; i++)
        if (str_eq(name, t->known[i].name) && (!ns.n || str_eq(ns, t->known[i].ns)))
            *ret = (ptrdiff_t)i;
    return 0;
}

/* Those that may be called are the only ones that engines are told of. */
static int read_allowed(const struct tools *t, const struct place *at, struct str raw)
{
    static const char *const names[] = {"mode", "tools", "type"};
    static const struct fields fields = {names, 3, 2};
    struct place one = place_of(at, "tools");
    struct conversation *c = t->r->c;
    struct str in[2], mode, tool, type;
    struct json_cur cur;
    size_t kept = 0;
    bool *is_allowed = reader_room(t->r, c->ntools, sizeof *is_allowed);
    if (!is_allowed || reader_fields(t->r, at, raw, &fields, in) != 0 ||
        reader_text(t->r, at, "mode", in[0], &mode) != 0)
        return -1;
    if (!choice_of(mode, &c->choice) || c->choice == CHOICE_NONE)
        return reader_refuse_member(t->r, at, "mode", "it is none of auto, required");
    if (!array_begin(&cur, in[1]))
        return reader_refuse(t->r, &one, "it must be an array");
    for (one.index = 0; array_next(&cur, &tool); one.index++) {
        ptrdiff_t i = -1;
        if (read_type(t, &one, tool, &type) != 0 ||
            (is_own(type) && find_named(t, &one, tool, &i) != 0))
            return -1;
        if (i >= 0)
            is_allowed[i] = true;
    }
    for (size_t i = 0; i < c->ntools; i++)
        if (is_allowed[i])
            c->tools[kept++] = c->tools[i];
    c->ntools = kept;
    return 0;
}

static int read_choice_object(const struct tools *t, const struct place *at,
                              struct str raw)
{
    struct conversation *c = t->r->c;
    ptrdiff_t i;
    struct str type;
    if (read_type(t, at, raw, &type) != 0)
        return -1;
    if (str_eqz(type, "allowed_tools"))
        return read_allowed(t, at, raw);
    if (find_named(t, at, raw, &i) != 0)
        return -1;
    if (i < 0)
        return reader_refuse_member(t->r, at, "name", "none of the tools is called so");
    c->choice = CHOICE_NAMED;
    c->choice_name = c->tools[i].name;
    return 0;
}

static int read_choice(const struct tools *t, struct str raw)
{
    const struct place at = place_of(NULL, "tool_choice");
    struct str word;
    if (json_is_empty(raw))
        return 0;
    if (raw_is(raw, '{'))
        return read_choice_object(t, &at, raw);
    if (reader_text(t->r, NULL, "tool_choice", raw, &word) != 0)
        return -1;
    return choice_of(word, &t->r->c->choice)
               ? 0
               : reader_refuse(t->r, &at,
                               "it is none of auto, none, required, or one tool");
}

int responses_read_tools(const struct reader *r, struct str tools, struct str choice)
{
    struct tools t = {.r = r};
    if (read_list(&t, tools) != 0 || read_choice(&t, choice) != 0)
        return -1;
    if (r->c->choice == CHOICE_REQUIRED && r->c->ntools == 0 && t.nlost)
        return reader_refuse_member(r, &t.first_lost, "type",
                                    "tools of this type are left out, and one must be "
                                    "called");
    if (r->c->ntools == 0 && r->c->choice != CHOICE_REQUIRED)
        r->c->choice = CHOICE_UNSAID; /* a choice of nothing: engines refuse it */
    return 0;
}
