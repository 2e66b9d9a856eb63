/* compare.c -- see compare.h. */
#include "pilot/compare.h"

#include "judge/schema.h"
#include "pilot/code.h"
#include "json/scan.h"

#include <string.h>

static bool is_bad(const struct judge_findings *f)
{
    return f->n && f->v[0].weight >= PILOT_SURE;
}

/* Without the blanks and line ends around it. */
static struct str trim(struct str s)
{
    size_t from = 0, to = s.n;
    while (from < to && memchr(" \t\r\n", s.p[from], 4))
        from++;
    while (to > from && memchr(" \t\r\n", s.p[to - 1], 4))
        to--;
    return str_sub(s, from, to);
}

static bool is_json(struct str s)
{
    struct json_cur c;
    json_begin(&c, s);
    return json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
}

/* Of the arguments of a call: the same value, or the same bytes where they are no JSON.
 */
static bool same_arguments(struct str a, struct str b)
{
    struct str x = trim(a), y = trim(b);
    return str_eq(x.n ? x : STR("{}"), y.n ? y : STR("{}")) ||
           (is_json(x) && is_json(y) && json_same_value(x, y));
}

static bool same_calls(const struct judge_answer *a, const struct judge_answer *b)
{
    bool is_same = a->ncalls == b->ncalls && a->ncalls > 0;
    for (size_t i = 0; is_same && i < a->ncalls; i++)
        is_same = str_eq(a->calls[i].name, b->calls[i].name) &&
                  same_arguments(a->calls[i].arguments, b->calls[i].arguments);
    return is_same;
}

static bool same_text(const struct judge_question *q, const struct judge_answer *a,
                      const struct judge_answer *b, const struct judge_findings *fa,
                      const struct judge_findings *fb)
{
    struct str x = trim(a->text), y = trim(b->text);
    if (a->ncalls || b->ncalls)
        return false;
    if (x.n && str_eq(x, y))
        return true;
    if (q->format != FORMAT_TEXT && is_json(x) && is_json(y) && json_same_value(x, y))
        return true;
    return task_is_comparable(fa->task) && final_agree(&fa->final, &fb->final);
}

int pilot_compare(const struct judge_question *q, const struct judge_answer *first,
                  const struct judge_answer *second, struct arena *arena,
                  struct pilot_compared *ret)
{
    struct judge_findings a, b;
    if (judge_rules(q, first, arena, &a) < 0 || judge_rules(q, second, arena, &b) < 0)
        return -1;
    bool has_calls = first->ncalls || second->ncalls;
    *ret = (struct pilot_compared){.check = PILOT_UNKNOWN,
                                   .task = has_calls ? PILOT_CALLS : (unsigned)a.task};
    if (is_bad(&a) || is_bad(&b)) {
        ret->check = PILOT_RULES;
        ret->better = is_bad(&b) - is_bad(&a);
    } else if (same_calls(first, second)) {
        ret->check = PILOT_SAME_CALL;
    } else if (same_text(q, first, second, &a, &b)) {
        ret->check = PILOT_SAME;
    } else {
        ret->better = pilot_code_better(first->text, second->text);
        ret->check = ret->better ? PILOT_CODE : PILOT_UNKNOWN;
    }
    return 0;
}
