/* test_judge_agent.c -- how an agent's loop is getting on, read from its tool results. */
#include "judge/agent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

enum { MOST = 40 };

static void results_say_how_it_went(void **state)
{
    (void)state;
    static const struct {
        const char *result;
        enum tool_outcome outcome;
    } rows[] = {
        {"", TOOL_NEUTRAL},
        {"src/main.c\nsrc/main.h", TOOL_NEUTRAL},
        {"The file has been edited.", TOOL_NEUTRAL},
        {"12 passed in 0.31s", TOOL_PASSED},
        {"==== 12 passed, 0 failed in 0.3s ====", TOOL_PASSED},
        {"test result: ok. 4 passed; 0 failed; 0 ignored", TOOL_PASSED},
        {"[exit code: 0]", TOOL_PASSED},
        {"{\"output\":\"x\",\"exit_code\":0}", TOOL_PASSED},
        {"make: done\nBUILD SUCCESSFUL in 2s", TOOL_PASSED},
        {"No matches found", TOOL_SLIGHT},
        {"nothing to commit, working tree clean", TOOL_SLIGHT},
        {"==== 1 failed, 11 passed in 0.3s ====", TOOL_ERROR},
        {"bash: foo: command not found", TOOL_ERROR},
        {"cat: x: No such file or directory", TOOL_ERROR},
        {"Traceback (most recent call last):\n  File \"x.py\"\nValueError: x",
         TOOL_ERROR},
        {"main.c:3:5: error: expected ';'", TOOL_ERROR},
        {"[exit code: 2]", TOOL_ERROR},
        {"Process exited with code 1", TOOL_ERROR},
        {"{\"exit_code\": 127}", TOOL_ERROR},
        {"Error: String to replace not found in file.", TOOL_ERROR},
        {"Segmentation fault (core dumped)", TOOL_SEVERE},
        {"write: No space left on device", TOOL_SEVERE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (agent_outcome(str_of(rows[i].result)) != rows[i].outcome)
            fail_msg("\"%s\" is %d, not %d", rows[i].result,
                     agent_outcome(str_of(rows[i].result)), rows[i].outcome);
}

/* A file's middle may say anything. */
static void what_stands_in_the_middle_of_a_file_is_not_read(void **state)
{
    (void)state;
    char text[6000];
    memset(text, 'a', sizeof text);
    for (size_t i = 60; i < sizeof text; i += 61)
        text[i] = '\n';
    memcpy(text + 3000, "error: core dumped", 18);
    assert_int_equal(agent_outcome((struct str){text, sizeof text}), TOOL_NEUTRAL);
}

struct loop {
    struct message m[2 * MOST + 1];
    struct piece pieces[MOST];
    struct tool_call calls[MOST];
    char ids[MOST][24];
    struct conversation c;
    struct arena a;
    _Alignas(16) char room[1 << 16];
};

/* A loop of steps {arguments, result}, behind what the user said. */
static void make(struct loop *l, const char *const (*steps)[2], size_t n)
{
    memset(l, 0, sizeof *l);
    arena_init_in(&l->a, sizeof l->room, l->room, sizeof l->room);
    l->m[0].speaker = SPEAKER_USER;
    for (size_t i = 0; i < n; i++) {
        snprintf(l->ids[i], sizeof l->ids[i], "c%zu", i);
        l->calls[i] = (struct tool_call){
            .id = str_of(l->ids[i]), .name = STR("sh"), .arguments = str_of(steps[i][0])};
        l->pieces[i] = (struct piece){
            .kind = PIECE_TEXT, .text = json_text_saying(&l->a, str_of(steps[i][1]))};
        l->m[2 * i + 1] = (struct message){
            .speaker = SPEAKER_MODEL, .calls = &l->calls[i], .ncalls = 1};
        l->m[2 * i + 2] = (struct message){.speaker = SPEAKER_TOOL,
                                           .pieces = &l->pieces[i],
                                           .npieces = 1,
                                           .result_of = str_of(l->ids[i])};
    }
    l->c = (struct conversation){.messages = l->m, .nmessages = 2 * n + 1};
}

static struct agent_state read_loop(const struct conversation *c)
{
    struct arena a;
    struct agent_state s;
    arena_init(&a, 1 << 16);
    assert_int_equal(agent_read(c, &a, &s), 0);
    assert_true(s.stuck >= 0 && s.stuck <= 1 && s.well >= 0 && s.well <= 1);
    arena_reset(&a);
    return s;
}

static void a_loop_that_does_well_may_stay_local(void **state)
{
    (void)state;
    static const char *const steps[][2] = {{"ls", "a.c b.c"},
                                           {"cat a.c", "int main(void);"},
                                           {"make", "[exit code: 0]"},
                                           {"make test", "12 passed"}};
    struct loop l;
    make(&l, steps, ARRAY_LEN(steps));
    struct agent_state s = read_loop(&l.c);
    assert_int_equal(s.nsteps, 4);
    assert_int_equal(s.nerrors, 0);
    assert_int_equal(s.passed_now, 2);
    assert_true(s.stuck < .1);
    assert_true(s.well > .6);
}

static void the_same_call_again_and_again_is_spinning(void **state)
{
    (void)state;
    static const char *const steps[][2] = {
        {"cat x", "text"}, {"cat x", "text"}, {"cat x", "text"}, {"cat x", "text"}};
    struct loop l;
    make(&l, steps, 4);
    struct agent_state s = read_loop(&l.c);
    assert_int_equal(s.same_call, 4);
    assert_true(s.stuck > .6);
    assert_true(s.well < .3);
    assert_true(str_find(s.why, STR("same call")) >= 0);
    make(&l, steps, 1);
    assert_true(read_loop(&l.c).stuck < .1);
}

static void the_same_error_with_other_numbers_is_the_same(void **state)
{
    (void)state;
    static const char *const steps[][2] = {{"make a", "a.c:3: error: x"},
                                           {"make b", "a.c:14: error: x"},
                                           {"make c", "a.c:159: error: x"}};
    static const char *const others[][2] = {
        {"make a", "a.c:3: error: x"}, {"ls", "a.c"}, {"make c", "b.c:159: error: y"}};
    struct loop l;
    make(&l, steps, 3);
    struct agent_state s = read_loop(&l.c);
    assert_int_equal(s.same_error, 3);
    assert_int_equal(s.errors_now, 3);
    assert_true(s.stuck > .6);
    make(&l, others, 3);
    s = read_loop(&l.c);
    assert_int_equal(s.same_error, 1);
    assert_true(s.stuck < .3);
}

static void a_crash_is_severe_and_a_new_user_turn_begins_anew(void **state)
{
    (void)state;
    static const char *const steps[][2] = {{"run", "Segmentation fault (core dumped)"}};
    struct loop l;
    make(&l, steps, 1);
    assert_true(read_loop(&l.c).stuck > .6);
    l.m[3].speaker = SPEAKER_USER;
    l.c.nmessages = 4;
    struct agent_state s = read_loop(&l.c);
    assert_int_equal(s.nsteps, 0);
    assert_true(s.stuck == 0 && s.well == 0);
}

static void long_loops_are_looked_at_from_their_end(void **state)
{
    (void)state;
    static const char *steps[MOST][2];
    for (size_t i = 0; i < MOST; i++) {
        steps[i][0] = "make";
        steps[i][1] = i < MOST - AGENT_MAX_STEPS ? "error: x" : "1 passed";
    }
    struct loop l;
    make(&l, (const char *const(*)[2])steps, MOST);
    struct agent_state s = read_loop(&l.c);
    assert_int_equal(s.nsteps, AGENT_MAX_STEPS);
    assert_int_equal(s.nerrors, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_say_how_it_went),
        cmocka_unit_test(what_stands_in_the_middle_of_a_file_is_not_read),
        cmocka_unit_test(a_loop_that_does_well_may_stay_local),
        cmocka_unit_test(the_same_call_again_and_again_is_spinning),
        cmocka_unit_test(the_same_error_with_other_numbers_is_the_same),
        cmocka_unit_test(a_crash_is_severe_and_a_new_user_turn_begins_anew),
        cmocka_unit_test(long_loops_are_looked_at_from_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
