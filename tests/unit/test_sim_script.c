/* test_sim_script.c -- rules that say what the simulated model answers and calls. */
#include "sim_talk.h"

#include "sim/script.h"

/* -- playing one over HTTP -------------------------------------------------- */

static void write_script(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static struct sim *start_script(const char *text)
{
    char path[] = "/tmp/weir-script-XXXXXX";
    write_script(path, text);
    struct sim *s = start_with((struct sim_options){.script_path = str_of(path)});
    unlink(path);
    return s;
}

#define USER(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define FN(name)   "{\"type\":\"function\",\"function\":{\"name\":\"" name "\"}}"
#define CALLED(id, name)                                                                 \
    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"" id             \
    "\",\"type\":\"function\",\"function\":{\"name\":\"" name                            \
    "\",\"arguments\":\"{}\"}}]}"
#define RESULT(id, text)                                                                 \
    "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"" text "\"}"
#define TALK(messages, tools)                                                            \
    "{\"model\":\"m\",\"messages\":[" messages "],\"tools\":[" tools "]"

static struct str message_of(const struct reply *r)
{
    return json_get(nth(json_get(buf_view(&r->body), "choices"), 0), "message");
}

static struct str finish_of(const struct reply *r)
{
    return json_get(nth(json_get(buf_view(&r->body), "choices"), 0), "finish_reason");
}

static const char agent[] =
    "# what every agent is asked first\n"
    "{\"when\": {\"user\": \"/create ([a-z.]+) with (.*), run it/\"}, \"steps\": [\n"
    "  {\"think\": \"First the file.\", \"say\": \"Writing ${1}.\",\n"
    "   \"call\": {\"Write\": {\"file_path\": \"${1}\", \"content\": \"${2}\"},\n"
    "            \"write_file\": {\"path\": \"${1}\", \"text\": \"${2}\"},\n"
    "            \"shell|Bash\": \"{\\\"command\\\":\\\"cat > ${1}\\\"}\"}},\n"
    "  {\"call\": [{\"Bash|shell\": {\"command\": \"sh ${1}\"}},\n"
    "            {\"Bash|shell\": {\"command\": \"ls\"}}]},\n"
    "  {\"say\": \"${1} says ${result}, after ${results} results.\"}]}\n"
    "{\"say\": \"no rule for: ${user}\", \"stop\": \"length\",\n"
    " \"usage\": {\"input\": 70, \"output\": 30, \"cached\": 20, \"reasoning\": 10}}\n";

#define WISH USER("create a.sh with echo \\\"hi\\\", run it")

static void the_tool_is_the_first_of_the_rule_that_is_offered(void **state)
{
    static const struct {
        const char *body, *name, *arguments;
    } rows[] = {
        {TALK(WISH, FN("Bash") "," FN("Write")) "}", "\"Write\"",
         "{\"file_path\": \"a.sh\", \"content\": \"echo \\\"hi\\\"\"}"},
        {TALK(WISH, FN("read_file") "," FN("write_file")) "}", "\"write_file\"",
         "{\"path\": \"a.sh\", \"text\": \"echo \\\"hi\\\"\"}"},
        {TALK(WISH, FN("Bash")) "}", "\"Bash\"", "{\"command\":\"cat > a.sh\"}"},
    };
    struct arena a;
    struct sim *s = start_script(agent);
    (void)state;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        post(s, CHAT, "", rows[i].body, &r);
        struct str message = message_of(&r);
        struct str call = nth(json_get(message, "tool_calls"), 0);
        assert_int_equal(r.status, 200);
        assert_true(str_eqz(json_get(message, "content"), "\"Writing a.sh.\""));
        assert_true(
            str_eqz(json_get(message, "reasoning_content"), "\"First the file.\""));
        assert_true(str_eqz(json_path(call, "function", "name", NULL), rows[i].name));
        assert_true(str_eqz(unquoted(&a, json_path(call, "function", "arguments", NULL)),
                            rows[i].arguments));
        assert_true(str_eqz(finish_of(&r), "\"tool_calls\""));
        struct str body = str_of(rows[i].body), tools = json_get(body, "tools");
        assert_int_equal(number(buf_view(&r.body), "usage", "prompt_tokens"),
                         7 + tools.n / 4);
        reply_release(&r);
    }
    arena_reset(&a);
    sim_stop(s);
}

static void steps_follow_the_turns_with_results(void **state)
{
    struct reply r;
    struct sim *s = start_script(agent);
    (void)state;
    post(s, CHAT, "",
         TALK(WISH "," CALLED("c1", "Bash") "," RESULT("c1", "ok"), FN("Bash")) "}", &r);
    struct str calls = json_get(message_of(&r), "tool_calls");
    assert_true(has(nth(calls, 0), "sh a.sh"));
    assert_true(has(nth(calls, 1), "ls"));
    assert_false(str_eq(json_get(nth(calls, 0), "id"), json_get(nth(calls, 1), "id")));
    assert_true(str_eqz(json_get(message_of(&r), "content"), "null"));
    reply_release(&r);
    /* two results of one turn, and later turns: the last step goes on */
    post(s, CHAT, "",
         TALK(WISH "," CALLED("c1", "Bash") "," RESULT("c1", "ok") "," CALLED(
                  "c2", "Bash") "," RESULT("c2", "hi"),
              FN("Bash")) "}",
         &r);
    assert_true(str_eqz(json_get(message_of(&r), "content"),
                        "\"a.sh says hi, after 2 results.\""));
    assert_null(json_get(message_of(&r), "tool_calls").p);
    reply_release(&r);
    post(
        s, CHAT, "",
        TALK(WISH "," CALLED("c1", "Bash") "," RESULT("c1", "ok") "," CALLED(
                 "c2", "Bash") "," RESULT("c2", "hi") "," USER("create b with x, run it"),
             FN("Write")) "}",
        &r);
    assert_true(has(message_of(&r), "Writing b."));
    reply_release(&r);
    sim_stop(s);
}

static void a_rule_says_how_it_ends_and_what_was_used(void **state)
{
    struct reply r;
    struct sim *s = start_script(agent);
    (void)state;
    post(s, CHAT, "", TALK(USER("something else"), "") "}", &r);
    assert_true(
        str_eqz(json_get(message_of(&r), "content"), "\"no rule for: something else\""));
    assert_true(str_eqz(finish_of(&r), "\"length\""));
    struct str usage = json_get(buf_view(&r.body), "usage");
    assert_int_equal(number(usage, "prompt_tokens", NULL), 70);
    assert_int_equal(number(usage, "completion_tokens", NULL), 30);
    assert_int_equal(number(usage, "prompt_tokens_details", "cached_tokens"), 20);
    assert_int_equal(number(usage, "completion_tokens_details", "reasoning_tokens"), 10);
    reply_release(&r);
    sim_stop(s);
}

static void a_stream_says_it_in_the_pieces_asked_for(void **state)
{
    struct reply r;
    struct arena a;
    char order[4096];
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, CHAT, "",
         TALK(USER("go [[sim:{\\\"call\\\":[{\\\"f\\\":{\\\"a\\\":\\\"\xc3\xa4"
                   "bcdef\\\"}},{\\\"g\\\":{}}],\\\"pieces\\\":[7,1,100]} ]]"),
              FN("f") "," FN("g")) ",\"stream\":true}",
         &r);
    struct str body = buf_view(&r.body);
    assert_true(str_eqz(join_stream(&a, body, 0, "tool_calls", "arguments", order),
                        "{\"a\":\"\xc3\xa4"
                        "bcdef\"}{}"));
    assert_true(
        has(body, "\"arguments\":\"{\\\"a\\\":\\\"\xc3\xa4\"")); /* 7 and a half */
    assert_true(has(body, "{\"arguments\":\"b\"}"));
    assert_true(has(body, "{\"arguments\":\"cdef\\\"}\"}"));
    assert_int_equal(count(body, "\"index\":1,\"id\":\"call_"), 1);
    assert_true(has(body, "\"finish_reason\":\"tool_calls\""));
    reply_release(&r);
    arena_reset(&a);
    sim_stop(s);
}

static void a_tool_that_is_not_offered_is_an_error_by_name(void **state)
{
    struct reply r;
    struct sim *s = start_script(agent);
    (void)state;
    post(s, CHAT, "", TALK(WISH, FN("Read") "," FN("Grep")) "}", &r);
    assert_int_equal(r.status, 400);
    assert_true(has(buf_view(&r.body),
                    "the script calls Write|write_file|shell|Bash, and "
                    "the request offers Read, Grep"));
    reply_release(&r);
    post(s, CHAT, "", TALK(WISH, "") "}", &r);
    assert_true(has(buf_view(&r.body), "the request offers no tools"));
    reply_release(&r);
    sim_stop(s);
}

static void a_rule_may_bring_its_fault(void **state)
{
    struct reply r;
    struct sim *s = start_script("{\"when\":{\"results\":0},\"fault\":\"429=9\"}"
                                 "{\"say\":\"fine\"}");
    (void)state;
    post(s, CHAT, "", TALK(USER("x"), "") "}", &r);
    assert_int_equal(r.status, 429);
    assert_true(has(str_of(r.fields), "retry-after: 9"));
    reply_release(&r);
    post(s, CHAT, "",
         TALK(USER("x") "," CALLED("c", "f") "," RESULT("c", "y"), FN("f")) "}", &r);
    assert_int_equal(r.status, 200);
    assert_true(has(message_of(&r), "fine"));
    reply_release(&r);
    post(s, CHAT, "x-sim-fault: 503=2\r\n", TALK(USER("x"), "") "}", &r);
    assert_int_equal(r.status, 503); /* the header wins */
    reply_release(&r);
    sim_stop(s);
}

/* -- rules, without a server ------------------------------------------------ */

struct playing {
    struct arena arena;
    struct message messages[4];
    struct piece pieces[4];
    struct tool tools[2];
    struct conversation said;
    struct sim_turn turn;
    struct err err;
};

/* Plays the rules in `text` for one user text and, unless it is NULL, one result. */
static int play(struct playing *p, const char *text, const char *user, const char *result)
{
    struct sim_rule *first = NULL, **tail = &first;
    struct sim_heard heard;
    *p = (struct playing){
        .tools = {{.name = STR("f")}, {.kind = TOOL_CUSTOM, .name = STR("patch")}}};
    arena_init(&p->arena, 1 << 20);
    p->pieces[0] = (struct piece){.kind = PIECE_TEXT,
                                  .text = json_text_saying(&p->arena, str_of(user))};
    p->pieces[1] =
        (struct piece){.kind = PIECE_TEXT,
                       .text = json_text_saying(&p->arena, str_of(result ? result : ""))};
    p->messages[0] =
        (struct message){.speaker = SPEAKER_USER, .pieces = p->pieces, .npieces = 1};
    p->messages[1] =
        (struct message){.speaker = SPEAKER_TOOL, .pieces = p->pieces + 1, .npieces = 1};
    p->said = (struct conversation){.messages = p->messages,
                                    .nmessages = result ? 2 : 1,
                                    .tools = p->tools,
                                    .ntools = 2};
    int rc = sim_rule_read(str_of(text), &p->arena, &tail, &p->err);
    if (rc == 0 && (rc = sim_hear(&heard, &p->said, STR("m-1"), &p->arena, &p->err)) == 0)
        rc = sim_rules_play(first, &heard, &p->arena, &p->turn, &p->err);
    sim_rules_release(first);
    return rc;
}

static void stop_playing(struct playing *p)
{
    arena_reset(&p->arena);
}

static void conditions_are_all_to_hold(void **state)
{
    static const struct {
        const char *when, *user, *result;
        bool holds;
    } rows[] = {
        {"{}", "x", NULL, true},
        {"\"abc\"", "an abc", NULL, true},
        {"\"abc\"", "an Abc", NULL, false},
        {"\"/^a.c$/\"", "axc", NULL, true},
        {"\"/^a.c$/\"", "axcd", NULL, false},
        {"{\"user\":\"a\",\"result\":\"b\"}", "a", "b", true},
        {"{\"user\":\"a\",\"result\":\"b\"}", "a", "c", false},
        {"{\"user\":\"a\",\"result\":\"b\"}", "a", NULL, false},
        {"{\"results\":0}", "a", NULL, true},
        {"{\"results\":0}", "a", "b", false},
        {"{\"results\":1}", "a", "b", true},
        {"{\"turn\":1}", "a", "b", true},
        {"{\"turn\":0}", "a", "b", false},
        {"{\"model\":\"m-\"}", "a", NULL, true},
        {"{\"model\":\"/^gpt/\"}", "a", NULL, false},
        {"{\"system\":\"s\"}", "a", NULL, false},
        {"{\"offers\":\"x|f\"}", "a", NULL, true},
        {"{\"offers\":\"x|y\"}", "a", NULL, false},
        {"\"hello\"", "<system-reminder>hello</system-reminder>\n", NULL, false},
        {"\"hello\"",
         "<system-reminder>hello</system-reminder>\n\n<system-reminder>hello</system-"
         "reminder>\n",
         NULL, false},
        {"\"hello\"", "<system-reminder>a</system-reminder>\nhello", NULL, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct playing p;
        char text[256];
        snprintf(text, sizeof text, "{\"when\":%s,\"say\":\"yes\"}", rows[i].when);
        int rc = play(&p, text, rows[i].user, rows[i].result);
        if (rc != rows[i].holds)
            fail_msg("%s of %s: %d %s", rows[i].when, rows[i].user, rc, p.err.msg);
        stop_playing(&p);
    }
}

static void several_rules_in_a_message_stand_on_lines(void **state)
{
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, CHAT, "",
         TALK(USER("go [[sim:{\\\"when\\\":{\\\"results\\\":3},\\\"say\\\":\\\"a\\\"}\\n"
                   "{\\\"say\\\":\\\"b ]] c\\\"}\\n]] [[sim:pings=1]]"),
              "") "}",
         &r);
    assert_true(str_eqz(json_get(message_of(&r), "content"), "\"b ]] c\""));
    reply_release(&r);
    post(s, CHAT, "", TALK(USER("go [[sim:{\\\"say\\\":7}]]"), "") "}", &r);
    assert_int_equal(r.status, 400);
    assert_true(has(buf_view(&r.body), "'say' must be a text"));
    reply_release(&r);
    sim_stop(s);
}

static void what_a_custom_tool_takes_is_a_text(void **state)
{
    struct playing p;
    (void)state;
    assert_int_equal(play(&p,
                          "{\"when\":\"/(b+)/\",\"call\":{\"patch\":\"*** ${1} \\\"q\\\" "
                          "${HOME}\"}}",
                          "abba", NULL),
                     1);
    assert_int_equal(p.turn.nparts, 1);
    assert_true(
        str_eqz(p.turn.parts[0].text, "{\"input\":\"*** bb \\\"q\\\" ${HOME}\"}"));
    stop_playing(&p);
    assert_int_equal(play(&p, "{\"call\":{\"f\":true}}", "x", NULL), 1);
    assert_true(p.turn.parts[0].text.p[0] == '{');
    stop_playing(&p);
    assert_int_equal(play(&p, "{\"call\":{\"f\":\"{\\\"a\\\":\"}}", "x", NULL), 1);
    assert_true(str_eqz(p.turn.parts[0].text, "{\"a\":")); /* broken as asked */
    stop_playing(&p);
}

static void a_bad_rule_is_refused_with_what_is_wrong(void **state)
{
    static const struct {
        const char *rule, *why;
    } rows[] = {
        {"{\"wen\":\"x\"}", "a rule has no 'wen'"},
        {"{\"when\":{\"usr\":\"x\"}}", "'when' has no 'usr'"},
        {"{\"when\":7}", "'when' must be an object"},
        {"{\"when\":\"/(/\"}", "'when': (: "},
        {"{\"when\":\"/((a{200}){200}){200}/\"}", "is too large"},
        {"{\"say\":7}", "'say' must be a text"},
        {"{\"say\":\"${1}\"}", "${1}: the patterns of 'when' catch 0 texts"},
        {"{\"call\":7}", "'call' must be an object of tools"},
        {"{\"call\":[7]}", "'call' must be an object of tools"},
        {"{\"call\":{\"f\":7}}",
         "the arguments of 'f' must be an object, a text or true"},
        {"{\"pieces\":[0]}", "'pieces' must be at most 32 whole numbers from 1"},
        {"{\"pieces\":[]}", "'pieces' must not be empty"},
        {"{\"stop\":\"end\"}", "'stop' must be stop, length"},
        {"{\"stop\":\"tool_calls\"}", "'stop' is tool_calls, and nothing is called"},
        {"{\"usage\":{\"inputs\":1}}", "'usage' has no 'inputs'"},
        {"{\"usage\":{\"input\":-1}}", "'input' must be a whole number from 0"},
        {"{\"fault\":\"404\"}", "the simulator knows no fault 404"},
        {"{\"steps\":[]}", "'steps' must be a list"},
        {"{\"say\":\"x\",\"steps\":[{\"say\":\"y\"}]}",
         "a rule with 'steps' says nothing"},
        {"{\"steps\":[{\"when\":\"y\"}]}", "a step has no 'when'"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct playing p;
        assert_int_equal(play(&p, rows[i].rule, "x", NULL), -1);
        if (!has(str_of(p.err.msg), rows[i].why))
            fail_msg("%s: %s", rows[i].rule, p.err.msg);
        stop_playing(&p);
    }
}

/* The last one counts, and nothing of the first is left. */
static void an_expression_said_twice_is_the_last(void **state)
{
    (void)state;
    struct playing p;
    assert_int_equal(play(&p,
                          "{\"when\":{\"user\":\"/a/\",\"user\":\"/b/\"},\"say\":\"x\"}",
                          "b", NULL),
                     1);
    stop_playing(&p);
}

/* A search is bounded as well: it ends, and says so. */
static void an_expression_that_takes_too_long_is_given_up(void **state)
{
    static const char many[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
    (void)state;
    struct playing p;
    assert_int_equal(play(&p, "{\"when\":\"/^(a+)+(a+)+$/\",\"say\":\"x\"}", many, NULL),
                     -1);
    assert_true(has(str_of(p.err.msg), "limit exceeded"));
    stop_playing(&p);
}

static void a_bad_file_is_named_with_its_line(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"# only this\n\n", ": has no rule"},
        {"{\"say\":\"x\"}\n\n{\"say\":8}\n",
         ": the rule in line 3: 'say' must be a text"},
        {"{\"say\":\"x\"", ": the rule in line 1: "},
        {"# c\n[1]", ": the rule in line 2: a rule is a JSON object"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[] = "/tmp/weir-script-XXXXXX";
        struct err err = {0};
        write_script(path, rows[i].text);
        assert_null(sim_script_open(str_of(path), &err));
        unlink(path);
        if (!has(str_of(err.msg), rows[i].why) || !has(str_of(err.msg), path))
            fail_msg("%s: %s", rows[i].text, err.msg);
    }
    struct err err = {0};
    assert_null(sim_script_open(STR("/nonexistent/script"), &err));
    assert_true(has(str_of(err.msg), "/nonexistent/script"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tool_is_the_first_of_the_rule_that_is_offered),
        cmocka_unit_test(steps_follow_the_turns_with_results),
        cmocka_unit_test(a_rule_says_how_it_ends_and_what_was_used),
        cmocka_unit_test(a_stream_says_it_in_the_pieces_asked_for),
        cmocka_unit_test(a_tool_that_is_not_offered_is_an_error_by_name),
        cmocka_unit_test(a_rule_may_bring_its_fault),
        cmocka_unit_test(conditions_are_all_to_hold),
        cmocka_unit_test(several_rules_in_a_message_stand_on_lines),
        cmocka_unit_test(what_a_custom_tool_takes_is_a_text),
        cmocka_unit_test(a_bad_rule_is_refused_with_what_is_wrong),
        cmocka_unit_test(an_expression_said_twice_is_the_last),
        cmocka_unit_test(an_expression_that_takes_too_long_is_given_up),
        cmocka_unit_test(a_bad_file_is_named_with_its_line),
    };
    (void)argc;
    clock_open(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
