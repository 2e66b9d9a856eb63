/* agent.c -- how an agent's loop is getting on, read from its tool results alone.
 *
 * The words are those of compilers, shells, test runners and tools.  They are looked for
 * at the beginnings and ends of results, where such programs say how it went: a file
 * that was read may contain any of them. */
#include "judge/agent.h"

#include "judge/find.h"

#include <math.h>

enum { HEAD_BYTES = 400, TAIL_BYTES = 800 };

struct sign {
    const char *words;
    enum tool_outcome outcome;
};

static const struct sign signs[] = {
    {"segmentation fault", TOOL_SEVERE},
    {"out of memory", TOOL_SEVERE},
    {"no space left on device", TOOL_SEVERE},
    {"core dumped", TOOL_SEVERE},
    {"kernel panic", TOOL_SEVERE},
    {"fatal error", TOOL_ERROR},
    {"fatal:", TOOL_ERROR},
    {"traceback (most recent call last)", TOOL_ERROR},
    {"error:", TOOL_ERROR},
    {"error!", TOOL_ERROR},
    {"exception:", TOOL_ERROR},
    {"panic:", TOOL_ERROR},
    {"command not found", TOOL_ERROR},
    {"no such file or directory", TOOL_ERROR},
    {"permission denied", TOOL_ERROR},
    {"build failed", TOOL_ERROR},
    {"compilation failed", TOOL_ERROR},
    {"assertion failed", TOOL_ERROR},
    {"assertionerror", TOOL_ERROR},
    {"tests failed", TOOL_ERROR},
    {"test failed", TOOL_ERROR},
    {"failures:", TOOL_ERROR},
    {"timed out", TOOL_ERROR},
    {"timeout:", TOOL_ERROR},
    {"undefined reference", TOOL_ERROR},
    {"invalid arguments", TOOL_ERROR},
    {"unknown tool", TOOL_ERROR},
    {"string to replace not found", TOOL_ERROR},
    {"no matches found", TOOL_SLIGHT},
    {"no match was found", TOOL_SLIGHT},
    {"no results", TOOL_SLIGHT},
    {"nothing to commit", TOOL_SLIGHT},
    {"warning:", TOOL_SLIGHT},
    {"all tests passed", TOOL_PASSED},
    {"tests passed", TOOL_PASSED},
    {"test result: ok", TOOL_PASSED},
    {"build succeeded", TOOL_PASSED},
    {"build successful", TOOL_PASSED},
    {"0 failures", TOOL_PASSED},
    {"0 failed", TOOL_PASSED},
    {"exit code: 0", TOOL_PASSED},
    {"exit code 0", TOOL_PASSED},
    {"exit status 0", TOOL_PASSED},
    {"\"exit_code\":0", TOOL_PASSED},
    {"\"exit_code\": 0", TOOL_PASSED},
};

/* "3 failed", "exit code: 2": a number other than 0 beside the word. */
static bool number_before(struct str s, size_t at, unsigned *ret)
{
    size_t i = at;
    while (i > 0 && s.p[i - 1] == ' ')
        i--;
    size_t end = i;
    while (i > 0 && is_digit(s.p[i - 1]))
        i--;
    *ret = 0;
    for (size_t k = i; k < end && k < i + 6; k++)
        *ret = *ret * 10 + (unsigned)(s.p[k] - '0');
    return end > i;
}

static enum tool_outcome by_counts(struct str s)
{
    static const char *const codes[] = {"exit code", "exit status", "exit_code",
                                        "exited with", "returncode"};
    unsigned n;
    bool has_passed = false;
    for (ptrdiff_t at = 0; (at = find_nocase(s, "failed", (size_t)at)) >= 0; at += 6)
        if (number_before(s, (size_t)at, &n) && n > 0)
            return TOOL_ERROR;
    for (ptrdiff_t at = 0; (at = find_nocase(s, "passed", (size_t)at)) >= 0; at += 6)
        has_passed |= number_before(s, (size_t)at, &n) && n > 0;
    for (size_t w = 0; w < ARRAY_LEN(codes); w++)
        for (ptrdiff_t at = 0; (at = find_nocase(s, codes[w], (size_t)at)) >= 0;) {
            at += (ptrdiff_t)strlen(codes[w]);
            size_t i = (size_t)at;
            while (i < s.n && is_one_of(s.p[i], " :=\"code"))
                i++;
            if (i < s.n && (s.p[i] == '-' || (s.p[i] >= '1' && s.p[i] <= '9')))
                return TOOL_ERROR;
        }
    return has_passed ? TOOL_PASSED : TOOL_NEUTRAL;
}

static enum tool_outcome by_signs(struct str s)
{
    enum tool_outcome worst = TOOL_NEUTRAL;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (signs[i].outcome > worst && find_nocase(s, signs[i].words, 0) >= 0)
            worst = signs[i].outcome;
    return worst;
}

enum tool_outcome agent_outcome(struct str result)
{
    struct str s = find_trim(result);
    struct str head = str_sub(s, 0, HEAD_BYTES);
    struct str tail =
        s.n > HEAD_BYTES
            ? str_sub(s, s.n > HEAD_BYTES + TAIL_BYTES ? s.n - TAIL_BYTES : HEAD_BYTES,
                      s.n)
            : STR("");
    enum tool_outcome a = by_counts(head), b = by_counts(tail);
    enum tool_outcome c = by_signs(head), d = by_signs(tail);
    enum tool_outcome worst = a > b ? a : b, other = c > d ? c : d;
    /* What was counted is surer than a word: "0 errors: all good". */
    if (a == TOOL_PASSED || b == TOOL_PASSED)
        return other == TOOL_SEVERE || worst == TOOL_ERROR ? worst > other ? worst : other
                                                           : TOOL_PASSED;
    return worst > other ? worst : other;
}

/* -- the loop -------------------------------------------------------------------------
 */

struct agent_step {
    struct str name, arguments, result; /* name.p == NULL: its call was not found */
    enum tool_outcome outcome;
};

static struct str join_pieces(const struct message *m, struct arena *arena)
{
    if (m->npieces == 1)
        return piece_plain(&m->pieces[0], arena);
    struct str *v = arena_array(arena, struct str, m->npieces + 1);
    for (size_t i = 0; v && i < m->npieces; i++)
        v[i] = piece_plain(&m->pieces[i], arena);
    return v ? arena_join(arena, v, m->npieces) : (struct str){NULL, 0};
}

/* The call that a result belongs to: by its id among the messages before it. */
static void find_call(const struct conversation *c, size_t at, struct agent_step *s)
{
    struct str id = c->messages[at].result_of;
    s->name = c->messages[at].name;
    for (size_t i = at; i-- > 0;) {
        const struct message *m = &c->messages[i];
        if (m->speaker == SPEAKER_USER)
            return;
        for (size_t k = 0; k < m->ncalls; k++)
            if (m->calls[k].id.n && str_eq(m->calls[k].id, id)) {
                s->name = m->calls[k].name;
                s->arguments = m->calls[k].arguments;
                return;
            }
    }
}

/* The last steps since the user spoke, the newest first. */
static size_t read_steps(const struct conversation *c, struct arena *arena,
                         struct agent_step *v)
{
    size_t n = 0;
    for (size_t i = c->nmessages; i-- > 0 && n < AGENT_MAX_STEPS;) {
        if (c->messages[i].speaker == SPEAKER_USER)
            break;
        if (c->messages[i].speaker != SPEAKER_TOOL)
            continue;
        v[n] = (struct agent_step){.result = join_pieces(&c->messages[i], arena)};
        v[n].outcome = agent_outcome(v[n].result);
        find_call(c, i, &v[n]);
        n++;
    }
    return n;
}

/* Two errors are the same when they differ in numbers and blanks at most. */
static bool same_error(struct str a, struct str b)
{
    a = str_sub(find_trim(a), 0, 2 * HEAD_BYTES);
    b = str_sub(find_trim(b), 0, 2 * HEAD_BYTES);
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a.n && (is_digit(a.p[i]) || is_blank(a.p[i])))
            i++;
        while (k < b.n && (is_digit(b.p[k]) || is_blank(b.p[k])))
            k++;
        if (i == a.n || k == b.n)
            return i == a.n && k == b.n;
        if (a.p[i++] != b.p[k++])
            return false;
    }
}

static void count(const struct agent_step *v, struct agent_state *r)
{
    bool in_errors = true, in_passes = true;
    r->last = v[0].outcome;
    for (unsigned i = 0; i < r->nsteps; i++) {
        bool is_error = v[i].outcome >= TOOL_ERROR;
        r->nerrors += is_error;
        in_errors &= is_error;
        r->errors_now += in_errors;
        in_passes &= v[i].outcome == TOOL_PASSED || v[i].outcome == TOOL_NEUTRAL;
        r->passed_now += in_passes && v[i].outcome == TOOL_PASSED;
        r->same_call += v[0].name.n && str_eq(v[i].name, v[0].name) &&
                        str_eq(v[i].arguments, v[0].arguments);
        r->same_error += v[0].outcome >= TOOL_ERROR && is_error &&
                         same_error(v[0].result, v[i].result);
    }
}

/* 0 for `none`, 1 at `full` and above. */
static double ramp(double v, double none, double full)
{
    double x = (v - none) / (full - none);
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static void judge_state(struct agent_state *r)
{
    double severe = r->last == TOOL_SEVERE ? .7 : 0;
    double calls = .9 * ramp(r->same_call, 1, 4), errors = .9 * ramp(r->same_error, 1, 3);
    double row = .8 * ramp(r->errors_now, 1, 5);
    double share = r->nsteps >= 6 ? .6 * ramp((double)r->nerrors / r->nsteps, .3, .8) : 0;
    /* Each is a reason by itself; several strengthen each other. */
    r->stuck = 1 - (1 - severe) * (1 - calls) * (1 - errors) * (1 - row) * (1 - share);
    r->well = (1 - r->stuck) * (.7 * ramp(r->passed_now, 0, 2) +
                                .3 * (r->last < TOOL_SLIGHT && r->nerrors == 0));
    r->why = r->last == TOOL_SEVERE ? STR("the last tool result is a crash")
             : calls > .2 && calls >= errors
                 ? STR("the same call is made again and again")
             : errors > .2   ? STR("the same error comes again and again")
             : row > .2      ? STR("one tool result after the other is an error")
             : r->passed_now ? STR("tests or builds pass")
             : r->nerrors    ? STR("single errors")
                             : STR("no errors");
}

int agent_read(const struct conversation *c, struct arena *arena, struct agent_state *ret)
{
    struct agent_step v[AGENT_MAX_STEPS];
    *ret = (struct agent_state){.why = STR("no tool results")};
    ret->nsteps = (unsigned)read_steps(c, arena, v);
    if (arena->is_full)
        return -1;
    if (ret->nsteps) {
        count(v, ret);
        judge_state(ret);
    }
    return 0;
}
