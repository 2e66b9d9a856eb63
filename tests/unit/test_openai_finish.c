/* test_openai_finish.c -- finishes: early, on every chunk, of several choices; and when
 * an answer has come to its end. */
#include "stream_run.h"

#define TEXT(i, text, finish)                                                            \
    CHUNK("{\"index\":" i ",\"delta\":{\"content\":\"" text                              \
          "\"},\"finish_reason\":" finish "}",                                           \
          "")
#define ENDS(i, finish)                                                                  \
    CHUNK("{\"index\":" i ",\"delta\":{},\"finish_reason\":" finish "}", "")

static void text_that_came_with_a_finish_goes_on_in_its_place(void **state)
{
    (void)state;
    check(ENGINE_OPENAI, false,
          EV(TEXT("0", "The answer ", "\"stop\"")) EV(TEXT("0", "is ", "null"))
              EV(TEXT("0", "42", "null")) EV(ENDS("0", "\"stop\"")) DONE,
          EV(TEXT("0", "The answer ", "null")) EV(TEXT("0", "is ", "null"))
              EV(TEXT("0", "42", "null")) EV(ENDS("0", "\"stop\"")) DONE);
    check(ENGINE_OPENAI, false, /* n = 2 */
          EV(TEXT("0", "A1", "\"stop\"")) EV(TEXT("1", "B1", "null"))
              EV(TEXT("0", "A2", "null")) EV(TEXT("1", "B2", "\"length\"")) DONE,
          EV(TEXT("0", "A1", "null")) EV(TEXT("1", "B1", "null"))
              EV(TEXT("0", "A2", "null")) EV(TEXT("1", "B2", "null"))
                  EV(ENDS("0", "\"stop\"")) EV(ENDS("1", "\"length\"")) DONE);
}

static void a_finish_on_every_chunk_holds_no_text_back(void **state)
{
    (void)state;
    struct run r;
    check(ENGINE_OPENAI, false,
          EV(TEXT("0", "a", "\"stop\"")) EV(TEXT("0", "b", "\"stop\""))
              EV(TEXT("0", "c", "\"length\"")) DONE,
          EV(TEXT("0", "a", "null")) EV(TEXT("0", "b", "null")) EV(TEXT("0", "c", "null"))
              EV(ENDS("0", "\"length\"")) DONE);
    run_init(&r, ENGINE_OPENAI, false);
    feed(&r, STR(EV(TEXT("0", "a", "\"stop\""))));
    assert_same(buf_view(&r.out), STR(EV(TEXT("0", "a", "null"))));
    run_release(&r);
}

static void whatever_else_comes_with_a_finish_is_kept_in_order(void **state)
{
    (void)state;
#define CALL(text, finish)                                                               \
    CHUNK("{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{"          \
          "\"arguments\":\"" text "\"}}]},\"finish_reason\":" finish "}",                \
          "")
#define OLD(text, finish)                                                                \
    "{\"id\":\"c1\",\"object\":\"text_completion\",\"choices\":[{\"text\":\"" text       \
    "\",\"index\":0,\"logprobs\":null,\"finish_reason\":" finish "}]}"
    check(ENGINE_OPENAI, false,
          EV(CALL("{\\\"x\\\":", "\"tool_calls\"")) EV(CALL("1}", "null")) DONE,
          EV(CALL("{\\\"x\\\":", "null")) EV(CALL("1}", "null"))
              EV(ENDS("0", "\"tool_calls\"")) DONE);
    run_surface = SURFACE_COMPLETIONS;
    check(ENGINE_OPENAI, false,
          EV(OLD("alpha ", "\"stop\"")) EV(OLD("beta ", "null")) EV(OLD("gamma", "null"))
              DONE,
          EV(OLD("alpha ", "null")) EV(OLD("beta ", "null")) EV(OLD("gamma", "null"))
              EV(OLD("", "\"stop\"")) DONE);
    run_surface = SURFACE_CHAT;
    /* parts, which are no text here, and members that nobody knows */
    check(ENGINE_OPENAI, false,
          EV(CHUNK("{\"index\":0,\"delta\":{\"content\":[{\"type\":\"text\",\"text\":"
                   "\"a\"}]},\"finish_reason\":\"stop\",\"stop_reason\":7}",
                   "")) EV(TEXT("0", "b", "null")) DONE,
          EV(CHUNK("{\"index\":0,\"delta\":{\"content\":[{\"type\":\"text\",\"text\":"
                   "\"a\"}]},\"finish_reason\":null,\"stop_reason\":7}",
                   "")) EV(TEXT("0", "b", "null"))
              EV(CHUNK("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\","
                       "\"stop_reason\":7}",
                       "")) DONE);
    /* with usage in the same chunk, and data over two lines */
    check(ENGINE_OPENAI, true,
          "data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"a\"},"
          "\"finish_reason\":\"stop\"}],\"usage\":" USAGE_OBJECT "}\n\n" DONE,
          EV("{\"choices\":[{\"index\":0, \"delta\":{\"content\":\"a\"},"
             "\"finish_reason\":null}]}")
              EV("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}")
                  EV("{\"choices\":[],\"usage\":" USAGE_OBJECT "}") DONE);
}

static void several_choices_in_one_chunk_end_apart(void **state)
{
    (void)state;
#define TWO(a, fa, b, fb)                                                                \
    CHUNK("{\"index\":0,\"delta\":{" a "},\"finish_reason\":" fa "},"                    \
          "{\"index\":1,\"delta\":{" b "},\"finish_reason\":" fb "}",                    \
          "")
    check(ENGINE_OPENAI, false,
          EV(TWO("\"content\":\"a\"", "\"stop\"", "\"content\":\"b\"", "null"))
              EV(TWO("", "\"length\"", "", "\"stop\"")) DONE,
          EV(TWO("\"content\":\"a\"", "null", "\"content\":\"b\"", "null"))
              EV(ENDS("0", "\"length\"")) EV(ENDS("1", "\"stop\"")) DONE);
}

static void a_whole_answer_as_an_event_becomes_a_chunk(void **state)
{
    (void)state;
    check(
        ENGINE_OPENAI, true,
        EV("{\"id\":\"i\",\"object\":\"chat.completion\",\"choices\":[{\"message\":{"
           "\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\","
           "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
           "\"finish_reason\":\"tool_calls\"}],\"usage\":" USAGE_OBJECT "}") DONE,
        EV("{\"id\":\"i\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
           "\"delta\":{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0,\"id\":\"c\","
           "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":null}"
           "]}") EV("{\"id\":\"i\",\"object\":\"chat.completion.chunk\",\"choices\":[{"
                    "\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}")
            EV("{\"id\":\"i\",\"object\":\"chat.completion.chunk\",\"choices\":[],"
               "\"usage\":" USAGE_OBJECT "}") DONE);
}

/* -- whether every choice has come to its end -------------------------------------------
 */

static void a_stream_is_finished_when_each_of_its_choices_is(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        uint32_t n;
        bool is_finished;
    } cases[] = {
        {"", 1, false},
        {EV(TEXT("0", "a", "null")), 1, false},
        {EV(TEXT("0", "a", "null")) EV(ENDS("0", "\"stop\"")), 1, true},
        {EV(TEXT("0", "a", "null")) EV(ENDS("0", "\"stop\"")), 2, false},
        {EV(TEXT("0", "a", "\"stop\"")) EV(TEXT("1", "b", "null")), 1, false},
        {EV(TEXT("0", "a", "\"stop\"")) EV(TEXT("1", "b", "\"stop\"")), 2, true},
        {EV(TEXT("1", "a", "\"stop\"")) EV(TEXT("1", "b", "\"stop\"")), 2, false},
        {EV(TEXT("0", "a", "\"stop\"")) EV(TEXT("0", "b", "null")), 1, false},
        {EV(TEXT("0", "a", "null")) EV(ENDS("0", "\"stop\"")) EV(TEXT("0", "b", "null"))
             EV(TEXT("0", "c", "null")),
         1, false},
        {EV(TEXT("0", "a", "\"stop\"")) EV(ROLE), 1, true},
        {EV(TEXT("200", "a", "\"stop\"")), 1, true},
        {EV(TWO("\"content\":\"a\"", "\"stop\"", "", "null")), 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct run r;
        run_whole(&r, ENGINE_OPENAI, false, str_of(cases[i].in));
        if (engine_decoder_is_finished(&r.decoder, cases[i].n) != cases[i].is_finished)
            fail_msg("case %zu", i);
        run_release(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_came_with_a_finish_goes_on_in_its_place),
        cmocka_unit_test(a_finish_on_every_chunk_holds_no_text_back),
        cmocka_unit_test(whatever_else_comes_with_a_finish_is_kept_in_order),
        cmocka_unit_test(several_choices_in_one_chunk_end_apart),
        cmocka_unit_test(a_whole_answer_as_an_event_becomes_a_chunk),
        cmocka_unit_test(a_stream_is_finished_when_each_of_its_choices_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
