/* calls.c -- the calls of an answer, against the tools that were offered. */
#include "judge/find.h"
#include "judge/rules.h"
#include "judge/schema.h"
#include "json/scan.h"

static const struct tool *find_tool(const struct judge_question *q, struct str name)
{
    for (size_t i = 0; i < q->ntools; i++)
        if (str_eq(q->tools[i].name, name))
            return &q->tools[i];
    return NULL;
}

static void check_arguments(const struct tool *tool, const struct tool_call *call,
                            struct arena *arena, struct judge_findings *f)
{
    struct json_cur c;
    struct str args = find_trim(call->arguments);
    if (!args.n)
        args = STR("{}"); /* how several engines write that there are none */
    json_begin(&c, args);
    bool is_object = json_peek(&c) == JSON_OBJECT;
    json_skip(&c, NULL);
    if (!is_object || json_finish(&c, NULL) != 0) {
        rules_add(f, RULE_ARGUMENTS, .95,
                  arena_printf(arena, "the arguments of %.*s are no JSON object",
                               STR_ARG(str_sub(call->name, 0, 40))));
        return;
    }
    if (!tool->parameters.p)
        return;
    struct schema_result r = schema_check(tool->parameters, args, arena);
    f->has_unread_schema |= r.has_unread;
    if (!r.fits)
        rules_add(f, RULE_ARGUMENTS, .9,
                  arena_printf(arena, "arguments of %.*s: %.*s",
                               STR_ARG(str_sub(call->name, 0, 40)), STR_ARG(r.why)));
}

/* A model whose template the engine does not know writes its calls as text. */
static bool is_call_as_text(struct str text)
{
    static const char *const heads[] = {
        "<tool_call>",   "<function=",     "[tool_calls]", "<|python_tag|>",
        "<|tool_call|>", "<function_call", "functools["};
    struct str s = find_trim(text);
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (find_starts(s, heads[i]))
            return true;
    return s.n && s.p[0] == '{' && json_get(s, "name").p &&
           (json_get(s, "arguments").p || json_get(s, "parameters").p);
}

void rules_calls(const struct judge_question *q, const struct judge_answer *a,
                 struct arena *arena, struct judge_findings *f)
{
    for (size_t i = 0; i < a->ncalls; i++) {
        const struct tool *tool = find_tool(q, a->calls[i].name);
        if (tool)
            check_arguments(tool, &a->calls[i], arena, f);
        else
            rules_add(f, RULE_NO_TOOL, .98,
                      arena_printf(arena, "it calls %.*s, which was not offered",
                                   STR_ARG(str_sub(a->calls[i].name, 0, 40))));
    }
    if (a->ncalls) {
        if (q->choice == CHOICE_NAMED && !str_eq(a->calls[0].name, q->choice_name))
            rules_add(f, RULE_NO_TOOL, .9, STR("it calls another tool than it must"));
    } else if (q->choice == CHOICE_REQUIRED || q->choice == CHOICE_NAMED) {
        rules_add(f, RULE_NO_TOOL, .95, STR("a tool must be called, and none is"));
    } else if (a->finish == FINISH_TOOL_CALLS) {
        rules_add(f, RULE_NO_TOOL, .95, STR("it ends with a call that is not there"));
    } else if (q->ntools && is_call_as_text(a->text)) {
        rules_add(f, RULE_NO_TOOL, .9, STR("it writes a call as text"));
    }
}
