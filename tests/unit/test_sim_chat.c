/* test_sim_chat.c -- what the simulated engine says in a chat, plain and streamed. */
#include "sim_talk.h"

/* -- what it says ----------------------------------------------------------- */

static void every_profile_has_a_source_and_its_own_name(void **state)
{
    size_t n;
    struct err err = {0};
    const struct sim_profile *rows = sim_profiles(&n);
    (void)state;
    assert_true(n >= 12);
    for (size_t i = 0; i < n; i++) {
        assert_non_null(rows[i].source);
        assert_non_null(rows[i].model);
        assert_ptr_equal(sim_profile_find(str_of(rows[i].name), &err), &rows[i]);
        assert_true(rows[i].jitter_ms <= rows[i].ttft_ms);
    }
    const struct sim_profile *p = sim_profile_find(STR("rtx4060-qwen2.5-7b"), &err);
    assert_int_equal(p->ttft_ms, 47);
    assert_int_equal(p->tokps, 68);
    assert_non_null(p->doubt);
    assert_null(sim_profile_find(STR("rtx4060-qwen"), &err));
    assert_true(has(str_of(err.msg), "rtx4060-qwen2.5-7b"));
}

static void fault_names_are_distinct_and_read_with_their_argument(void **state)
{
    size_t n;
    struct err err = {0};
    const struct sim_fault_row *rows = sim_fault_rows(&n);
    (void)state;
    assert_int_equal(n, SIM_FAULT_KINDS - 1);
    for (size_t i = 0; i < n; i++) {
        struct sim_directives d = {0};
        assert_int_equal(sim_directives_add(&d, str_of(rows[i].name), &err), 0);
        if (rows[i].kind >= SIM_WORDS) {
            assert_int_equal(d.fault.kind, SIM_NO_FAULT);
            assert_true(d.words || d.checks || d.wants_signed_calls || d.cannot_think);
            continue;
        }
        assert_int_equal(d.fault.kind, rows[i].kind);
        assert_int_equal(d.fault.arg, rows[i].default_arg);
    }
    struct sim_directives d = {0};
    assert_int_equal(sim_directives_add(&d, STR("words=7, 429=12"), &err), 0);
    assert_int_equal(d.words, 7);
    assert_int_equal(d.fault.kind, SIM_429);
    assert_int_equal(d.fault.arg, 12);
    assert_int_equal(sim_directives_add(&d, STR("429=x"), &err), -1);
    assert_int_equal(sim_directives_add(&d, STR("500=1"), &err), -1);
    assert_int_equal(sim_directives_add(&d, STR("huge-event=99999999999"), &err), -1);
    assert_int_equal(sim_directives_add(&d, STR("rest-mid-stream"), &err), -1);
    assert_string_equal(err.code, "unknown_fault");
}

static void the_same_request_gets_the_same_bytes(void **state)
{
    struct reply a, b, c;
    struct sim *one = start(), *two = start();
    (void)state;
    for (int i = 0; i < 2; i++) {
        post(one, CHAT, "", i ? usage_ask : plain_ask, &a);
        post(two, CHAT, "", i ? usage_ask : plain_ask, &b);
        post(one, CHAT, "", ASK("\"another question\"}]"), &c);
        assert_true(a.is_complete && a.status == 200);
        assert_true(str_eq(buf_view(&a.raw), buf_view(&b.raw)));
        assert_false(str_eq(buf_view(&a.raw), buf_view(&c.raw)));
        reply_release(&a);
        reply_release(&b);
        reply_release(&c);
    }
    sim_stop(one);
    sim_stop(two);
}

static void a_stream_says_what_a_plain_answer_says(void **state)
{
    struct reply plain, stream;
    struct arena a;
    char order[4096];
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, CHAT, "", plain_ask, &plain);
    post(s, CHAT, "", usage_ask, &stream);
    struct str choice = nth(json_get(buf_view(&plain.body), "choices"), 0);
    struct str text = unquoted(&a, json_path(choice, "message", "content", NULL));
    struct str joined =
        join_stream(&a, buf_view(&stream.body), 0, "content", NULL, order);
    assert_true(str_eq(text, joined));
    assert_true(str_eqz(json_get(choice, "finish_reason"), "\"stop\""));
    assert_true(has(str_of(stream.fields), "content-type: text/event-stream"));

    uint64_t words = sim_count_tokens(text);
    size_t n = strspn(order + 1, "d");
    assert_true(words >= 24);
    assert_int_equal(order[0], 'r');
    assert_int_equal(n, words);
    assert_string_equal(order + 1 + n, "fuD");
    assert_int_equal(number(buf_view(&plain.body), "usage", "prompt_tokens"), 5);
    assert_int_equal(number(buf_view(&plain.body), "usage", "completion_tokens"), words);
    assert_int_equal(number(buf_view(&plain.body), "usage", "total_tokens"), words + 5);
    char want[128];
    snprintf(want, sizeof want, "\"completion_tokens\":%zu,\"total_tokens\":%zu}}\n\n", n,
             n + 5);
    assert_true(has(buf_view(&stream.body), want));
    reply_release(&plain);
    reply_release(&stream);
    arena_reset(&a);
    sim_stop(s);
}

static void usage_is_streamed_only_when_asked_for(void **state)
{
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, CHAT, "", stream_ask, &r);
    assert_true(r.is_complete);
    assert_int_equal(count(buf_view(&r.body), "\"usage\""), 0);
    assert_true(str_ends(buf_view(&r.body), STR("data: [DONE]\n\n")));
    reply_release(&r);
    sim_stop(s);
}

static void an_answer_ends_at_its_limit_or_at_a_stop(void **state)
{
    static const struct {
        const char *body, *finish;
        uint64_t tokens;
    } rows[] = {
        {ASK("\"x\"}],\"max_tokens\":4"), "\"length\"", 4},
        {ASK("\"x\"}],\"max_completion_tokens\":1"), "\"length\"", 1},
        {ASK("\"x [[sim:words=6]]\"}],\"max_tokens\":6"), "\"stop\"", 6},
        {ASK("\"x [[sim:words=6]]\"}],\"max_tokens\":null"), "\"stop\"", 6},
        {ASK("\"x [[sim:words=6]]\"}],\"stop\":[\"zzz\",\".\"]"), "\"stop\"", 6},
    };
    struct arena a;
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        post(s, CHAT, "", rows[i].body, &r);
        struct str choice = nth(json_get(buf_view(&r.body), "choices"), 0);
        struct str text = unquoted(&a, json_path(choice, "message", "content", NULL));
        assert_true(str_eqz(json_get(choice, "finish_reason"), rows[i].finish));
        assert_int_equal(sim_count_tokens(text), rows[i].tokens);
        assert_int_equal(number(buf_view(&r.body), "usage", "completion_tokens"),
                         rows[i].tokens);
        if (i == 4)
            assert_int_equal(str_index(text, '.'), -1);
        reply_release(&r);
    }
    arena_reset(&a);
    sim_stop(s);
}

static void several_choices_differ_and_are_counted_together(void **state)
{
    struct reply plain, stream;
    struct arena a;
    char order[4096];
    uint64_t total = 0;
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, CHAT, "", ASK("\"x\"}],\"n\":3"), &plain);
    post(s, CHAT, "", ASK("\"x\"}],\"n\":3,\"stream\":true"), &stream);
    struct str choices = json_get(buf_view(&plain.body), "choices"), before = STR("");
    for (size_t i = 0; i < 3; i++) {
        struct str choice = nth(choices, i);
        struct str text = unquoted(&a, json_path(choice, "message", "content", NULL));
        assert_int_equal(number(choice, "index", NULL), i);
        assert_false(str_eq(text, before));
        assert_true(str_eq(
            text, join_stream(&a, buf_view(&stream.body), i, "content", NULL, order)));
        before = text;
        total += sim_count_tokens(text);
    }
    assert_null(nth(choices, 3).p);
    assert_int_equal(number(buf_view(&plain.body), "usage", "completion_tokens"), total);
    assert_int_equal(count(buf_view(&stream.body), "\"finish_reason\":\"stop\""), 3);
    reply_release(&plain);
    reply_release(&stream);
    arena_reset(&a);
    sim_stop(s);
}

#define TOOLS                                                                            \
    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"first\"}},"              \
    "{\"type\":\"function\",\"function\":{\"name\":\"set_gate\",\"parameters\":"         \
    "{\"type\":\"object\",\"properties\":{\"open\":{\"type\":\"boolean\"},"              \
    "\"side\":{\"enum\":[\"north\",\"south\"]},\"n\":{\"type\":\"integer\","             \
    "\"minimum\":3,\"maximum\":5},\"at\":{\"type\":\"array\",\"minItems\":2,"            \
    "\"items\":{\"type\":\"string\"}},\"extra\":{\"type\":\"string\"}},"                 \
    "\"required\":[\"open\",\"side\",\"n\",\"at\"]}}}]"
#define NAMED                                                                            \
    "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"set_gate\"}}"

static void check_arguments(struct str args)
{
    struct json_cur c;
    int64_t n = 0;
    bool open;
    struct str side = json_get(args, "side"), at = json_get(args, "at");
    json_begin(&c, json_get(args, "open"));
    assert_true(json_read_bool(&c, &open));
    assert_true(str_eqz(side, "\"north\"") || str_eqz(side, "\"south\""));
    assert_true(str_to_i64(json_get(args, "n"), &n) && n >= 3 && n <= 5);
    assert_true(nth(at, 1).p != NULL && nth(at, 1).p[0] == '"' && nth(at, 2).p == NULL);
    assert_null(json_get(args, "extra").p);
}

static void a_tool_that_must_be_called_gets_arguments_of_its_schema(void **state)
{
    struct reply plain, stream, other;
    struct arena a;
    char order[4096];
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, CHAT, "", ASK("\"x\"}]," TOOLS "," NAMED), &plain);
    post(s, CHAT, "", ASK("\"x\"}],\"stream\":true," TOOLS "," NAMED), &stream);
    post(s, CHAT, "", ASK("\"x\"}]," TOOLS ",\"tool_choice\":\"required\""), &other);
    struct str choice = nth(json_get(buf_view(&plain.body), "choices"), 0);
    struct str call = nth(json_path(choice, "message", "tool_calls", NULL), 0);
    struct str args = unquoted(&a, json_path(call, "function", "arguments", NULL));
    assert_true(str_eqz(json_path(call, "function", "name", NULL), "\"set_gate\""));
    assert_true(str_eqz(json_get(choice, "finish_reason"), "\"tool_calls\""));
    check_arguments(args);
    assert_true(str_eq(args, join_stream(&a, buf_view(&stream.body), 0, "tool_calls",
                                         "arguments", order)));
    assert_int_equal(count(buf_view(&stream.body), "\"name\":\"set_gate\""), 1);
    assert_true(has(buf_view(&other.body), "\"name\":\"first\""));
    reply_release(&plain);
    reply_release(&stream);
    reply_release(&other);
    post(s, CHAT, "", ASK("\"x\"}]," TOOLS ",\"tool_choice\":\"auto\""), &plain);
    assert_false(has(buf_view(&plain.body), "tool_calls"));
    reply_release(&plain);
    arena_reset(&a);
    sim_stop(s);
}

static void a_demanded_format_is_answered_with_json(void **state)
{
    struct reply r;
    struct arena a;
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, CHAT, "",
         ASK("\"x\"}],\"response_format\":{\"type\":\"json_schema\",\"json_schema\":"
             "{\"name\":\"n\",\"schema\":{\"type\":\"object\",\"properties\":{\"depth\":"
             "{\"type\":\"number\"}},\"required\":[\"depth\"]}}}"),
         &r);
    struct str choice = nth(json_get(buf_view(&r.body), "choices"), 0);
    struct str text = unquoted(&a, json_path(choice, "message", "content", NULL));
    double depth;
    assert_true(str_to_double(json_get(text, "depth"), &depth));
    reply_release(&r);
    arena_reset(&a);
    sim_stop(s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_has_a_source_and_its_own_name),
        cmocka_unit_test(fault_names_are_distinct_and_read_with_their_argument),
        cmocka_unit_test(the_same_request_gets_the_same_bytes),
        cmocka_unit_test(a_stream_says_what_a_plain_answer_says),
        cmocka_unit_test(usage_is_streamed_only_when_asked_for),
        cmocka_unit_test(an_answer_ends_at_its_limit_or_at_a_stop),
        cmocka_unit_test(several_choices_differ_and_are_counted_together),
        cmocka_unit_test(a_tool_that_must_be_called_gets_arguments_of_its_schema),
        cmocka_unit_test(a_demanded_format_is_answered_with_json),
    };
    (void)argc;
    clock_open(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
