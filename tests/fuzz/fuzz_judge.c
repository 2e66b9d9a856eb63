/* fuzz_judge.c -- any bytes as a question, a schema and answers: the score is between 0
 * and 1 and is the same again, finals lie where they say, and two equal texts agree.
 *
 * Parts are separated by a byte 0: prompt, schema, then answers. */
#include "judge/agent.h"
#include "judge/schema.h"
#include "judge/traits.h"
#include "judge/verdict.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 8 << 20 };

static void check(const struct judge_case *c, struct arena *arena)
{
    struct judgement one, two;
    if (judge(c, arena, &one) < 0 || judge(c, arena, &two) < 0)
        return;
    if (!(one.score >= 0 && one.score <= 1) || one.score != two.score ||
        one.nagree > one.nopinions || one.nparts != two.nparts)
        abort();
    struct str line = judge_explain(&one, 200, arena);
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] < ' ' || line.p[i] > '~')
            abort();
    double v = verdict_read(c->answers[0].text);
    if (!isnan(v) && !(v >= 0 && v <= 1))
        abort();
    (void)agent_outcome(c->answers[0].text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size}, part;
    struct judge_question q = {.prompt = STR("")};
    struct judge_answer a[4];
    struct tool tool = {.name = STR("f")};
    struct tool_call call = {.id = STR("c"), .name = STR("f"), .arguments = STR("")};
    struct logprobs probs = {0};
    struct arena arena;
    size_t n = 0;
    for (size_t i = 0; i < 6 && str_split(&rest, '\0', &part); i++)
        if (i == 0)
            q.prompt = part;
        else if (i == 1)
            q.schema = tool.parameters = part;
        else
            a[n++] = (struct judge_answer){.text = part, .refusal = STR("")};
    if (!n)
        return 0;
    arena_init(&arena, ARENA_BYTES);
    struct judge_case c = {&q, a, n, NAN, NAN};
    check(&c, &arena);
    q.format = q.schema.n ? FORMAT_SCHEMA : FORMAT_JSON;
    check(&c, &arena);
    q.tools = &tool;
    q.ntools = 1;
    call.arguments = a[0].text;
    a[0].calls = &call;
    a[0].ncalls = 1;
    if (logprobs_read(&probs, a[0].text))
        a[0].logprobs = &probs;
    check(&c, &arena);
    (void)json_same_value(a[0].text, a[n - 1].text);
    arena_reset(&arena);
    return 0;
}
