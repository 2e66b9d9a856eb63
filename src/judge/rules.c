/* rules.c -- what an answer's own form says against it.
 *
 * Weights are how surely the answer is bad because of this alone: what no client can use
 * is near 1, what only hints at trouble is below one half.  They are set by what the rule
 * means and not learnt: broken answers are rare in recorded ones. */
#include "judge/rules.h"

#include "judge/find.h"
#include "judge/refusal.h"
#include "judge/repeat.h"
#include "judge/schema.h"
#include "json/scan.h"

void rules_add(struct judge_findings *f, enum judge_rule rule, double weight,
               struct str detail)
{
    size_t at = f->n;
    while (at > 0 && f->v[at - 1].weight < weight)
        at--;
    if (at == JUDGE_MAX_FINDINGS)
        return;
    if (f->n < JUDGE_MAX_FINDINGS)
        f->n++;
    memmove(&f->v[at + 1], &f->v[at], (f->n - 1 - at) * sizeof *f->v);
    f->v[at] = (struct judge_finding){rule, weight, detail};
}

static void check_finish(const struct judge_answer *a, struct judge_findings *f)
{
    if (a->finish == FINISH_LENGTH)
        rules_add(f, RULE_CUT_OFF, .9, STR("the limit of tokens cut it off"));
    else if (a->finish == FINISH_CONTENT_FILTER)
        rules_add(f, RULE_FILTERED, .95, STR("the engine's content filter ended it"));
}

static void check_refusal(const struct judge_answer *a, struct arena *arena,
                          struct judge_findings *f)
{
    struct str words = a->refusal.n ? a->refusal : refusal_in(a->text);
    if (words.n)
        rules_add(
            f, RULE_REFUSAL, .9,
            arena_printf(arena, "it refuses: %.*s", STR_ARG(str_sub(words, 0, 80))));
}

static void check_loops(const struct judge_question *q, const struct judge_answer *a,
                        struct arena *arena, struct judge_findings *f)
{
    struct repeat r = repeat_in(a->text, q->prompt);
    struct str unit = str_sub(find_trim(r.unit), 0, 40);
    if (r.kind == REPEAT_TAIL)
        rules_add(
            f, RULE_LOOPS, .95,
            arena_printf(arena, "its end is %u times: %.*s", r.times, STR_ARG(unit)));
    else if (r.kind == REPEAT_LINES)
        rules_add(f, RULE_LOOPS, .85,
                  arena_printf(arena, "%u lines are: %.*s", r.times, STR_ARG(unit)));
    else if (r.kind == REPEAT_PHRASES)
        rules_add(f, RULE_LOOPS, .8, STR("most of its phrases come again and again"));
}

static bool is_json(struct str s, struct str *ret_value)
{
    struct json_cur c;
    json_begin(&c, s);
    return json_skip(&c, ret_value) && json_finish(&c, NULL) == 0;
}

static void check_json(const struct judge_question *q, const struct judge_answer *a,
                       struct arena *arena, struct judge_findings *f)
{
    struct str value, lang, text = find_trim(a->text);
    if (q->format == FORMAT_TEXT || !text.n)
        return;
    bool ok = is_json(text, &value);
    if (!ok && find_fence(text, 0, &value, &lang, NULL) &&
        is_json(find_trim(value), &value)) {
        rules_add(f, RULE_NO_JSON, .6, STR("the JSON stands in other text"));
        ok = true;
    }
    if (!ok) {
        struct err why = {0};
        struct json_cur c;
        json_begin(&c, text);
        json_skip(&c, NULL);
        json_finish(&c, &why);
        rules_add(f, RULE_NO_JSON, .97,
                  arena_printf(arena, "JSON was asked for; %.120s", why.msg));
    } else if (q->format == FORMAT_JSON && value.p[0] != '{') {
        rules_add(f, RULE_NO_JSON, .8, STR("a JSON object was asked for"));
    } else if (q->format == FORMAT_SCHEMA && q->schema.p) {
        struct schema_result r = schema_check(q->schema, value, arena);
        f->has_unread_schema |= r.has_unread;
        if (!r.fits)
            rules_add(f, RULE_SCHEMA, .95, r.why);
    }
}

static bool has_code(struct str text)
{
    static const char *const signs[] = {"def ",    "return ", "function ", "#include",
                                        "public ", "class ",  "import ",   "SELECT ",
                                        "select ", "const ",  "let ",      "var ",
                                        "=> ",     "#!/",     "fn ",       "func "};
    if (str_find(text, STR("```")) >= 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (str_find(text, str_of(signs[i])) >= 0)
            return true;
    return false;
}

static void check_final(struct task_facts task, const struct judge_answer *a,
                        struct judge_findings *f)
{
    if (task.task == TASK_CODE && !has_code(a->text))
        rules_add(f, RULE_NO_FINAL, .5, STR("code was asked for; there is none"));
    else if (task.task == TASK_NUMBER && f->final.mark == FINAL_NONE)
        rules_add(f, RULE_NO_FINAL, .8, STR("a number was asked for; there is none"));
    else if (task.task == TASK_LETTER && f->final.mark == FINAL_NONE)
        rules_add(f, RULE_NO_FINAL, .7,
                  STR("one of the choices was asked for; none is named"));
    else if (task.task == TASK_LITERAL && f->final.mark == FINAL_NONE)
        rules_add(f, RULE_NO_FINAL, .7, STR("a value was asked for; there is none"));
    else if (task.task == TASK_JSON && f->final.mark == FINAL_NONE)
        rules_add(f, RULE_NO_FINAL, .7, STR("JSON was asked for; there is none"));
    if (f->final.is_contradicted)
        rules_add(f, RULE_CONTRADICTION, .4,
                  STR("it says two final answers that differ"));
}

int rules_run(const struct judge_question *q, const struct judge_answer *a,
              struct arena *arena, struct judge_findings *ret,
              struct task_facts *ret_task, struct sums *ret_sums)
{
    struct task_facts task = task_of(q->prompt, q->format != FORMAT_TEXT);
    *ret_task = task;
    *ret = (struct judge_findings){.task = task.task};
    *ret_sums = (struct sums){0};
    check_finish(a, ret);
    rules_calls(q, a, arena, ret);
    if (!find_trim(a->text).n) {
        if (a->refusal.n)
            check_refusal(a, arena, ret);
        else if (!a->ncalls)
            rules_add(ret, RULE_EMPTY, .99, STR("it is empty"));
        return arena->is_full ? -1 : 0;
    }
    check_loops(q, a, arena, ret);
    if (final_find(task, a->text, arena, &ret->final) < 0)
        return -1;
    if (ret->final.mark == FINAL_NONE || task.task == TASK_CODE)
        check_refusal(a, arena, ret);
    if (a->ncalls)
        return arena->is_full ? -1 : 0;
    check_json(q, a, arena, ret);
    check_final(task, a, ret);
    *ret_sums = sums_check(a->text);
    if (ret_sums->nwrong)
        rules_add(ret, RULE_SUM, .4,
                  arena_printf(arena, "a sum does not add up: %.*s",
                               STR_ARG(str_sub(ret_sums->wrong, 0, 60))));
    return arena->is_full ? -1 : 0;
}

int judge_rules(const struct judge_question *q, const struct judge_answer *a,
                struct arena *arena, struct judge_findings *ret)
{
    struct task_facts task;
    struct sums sums;
    return rules_run(q, a, arena, ret, &task, &sums);
}

const char *judge_rule_name(enum judge_rule r)
{
    static const char *const names[RULE_COUNT] = {
        "empty",  "refusal", "cut-off",   "filtered", "loops",         "no-json",
        "schema", "no-tool", "arguments", "no-final", "contradiction", "sum"};
    return names[r];
}
