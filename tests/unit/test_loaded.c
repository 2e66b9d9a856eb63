/* test_loaded.c -- which models an engine has in memory, as its own answers say: their
 * forms, what is missing, and bodies that mean harm. */
#include "engine/loaded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct loaded got;

static bool read(enum engine_kind k, const char *body, const char *more)
{
    const struct str bodies[LOADED_QUESTIONS] = {str_of(body), str_of(more)};
    return loaded_read(k, bodies, &got);
}

static void each_kind_is_asked_its_own(void **state)
{
    (void)state;
    struct loaded_question q[LOADED_QUESTIONS];
    assert_int_equal(loaded_questions(ENGINE_OLLAMA, q), 1);
    assert_string_equal(q[0].path, "/api/ps");
    assert_true(q[0].is_at_root);
    assert_int_equal(loaded_questions(ENGINE_LLAMA_SERVER, q), 2);
    assert_string_equal(q[0].path, "/models");
    assert_false(q[0].is_at_root);
    assert_string_equal(q[1].path, "/props");
    assert_int_equal(loaded_questions(ENGINE_OPENAI, q), 0);
    assert_int_equal(loaded_questions(ENGINE_ANTHROPIC, q), 0);
    assert_false(read(ENGINE_OPENAI, "{\"data\":[{\"id\":\"m\"}]}", ""));
}

static void ollama_says_size_and_end(void **state)
{
    (void)state;
    assert_true(read(ENGINE_OLLAMA,
                     "{\"models\":[{\"name\":\"a:7b\",\"size\":6591830464,"
                     "\"size_vram\":5333539264,"
                     "\"expires_at\":\"2025-10-17T16:47:07.93355-07:00\"},"
                     "{\"name\":\"b\",\"size\":12,\"size_vram\":0,"
                     "\"expires_at\":\"2318-01-01T00:00:00Z\"},"
                     "{\"name\":\"c\",\"expires_at\":\"0001-01-01T00:00:00Z\"}]}",
                     ""));
    assert_int_equal(got.n, 3);
    assert_string_equal(got.items[0].name, "a:7b");
    assert_int_equal(got.items[0].bytes, 6591830464);
    assert_true(got.items[0].has_gpu);
    assert_int_equal(got.items[0].gpu_bytes, 5333539264);
    assert_int_equal(got.items[0].until_ms, 1760744827000);
    assert_false(got.items[0].stays);
    assert_true(got.items[1].stays);
    assert_true(got.items[1].has_gpu);
    assert_int_equal(got.items[1].gpu_bytes, 0);
    assert_int_equal(got.items[1].until_ms, 0);
    assert_int_equal(got.items[2].bytes, 0);
    assert_false(got.items[2].has_gpu);
    assert_false(got.items[2].stays);
    assert_int_equal(got.items[2].until_ms, 0);
    assert_true(read(ENGINE_OLLAMA, "{\"models\":[]}", ""));
    assert_int_equal(got.n, 0);
}

static void times_that_are_none_are_unknown(void **state)
{
    (void)state;
    static const char *const odd[] = {"",
                                      "soon",
                                      "2026-13-01T00:00:00Z",
                                      "2026-11-30T24:00:00Z",
                                      "2026-11-30T09:60:00Z",
                                      "2026-11-30 09:00:00Z",
                                      "2026-11-30T09:00:00",
                                      "2026-11-30T09:00:00+1",
                                      "2026-11-30T09:00:00+99:00",
                                      "2026-11-30T09:00:00.",
                                      "-999-11-30T09:00:00Z",
                                      "2026-11-30T0a:00:00Z"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        char body[200];
        snprintf(body, sizeof body,
                 "{\"models\":[{\"name\":\"m\",\"expires_at\":\"%s\"}]}", odd[i]);
        assert_true(read(ENGINE_OLLAMA, body, ""));
        assert_int_equal(got.items[0].until_ms, 0);
        assert_false(got.items[0].stays);
    }
    assert_true(read(ENGINE_OLLAMA,
                     "{\"models\":[{\"name\":\"m\","
                     "\"expires_at\":\"2026-11-30T09:00:00+02:00\"}]}",
                     ""));
    assert_int_equal(got.items[0].until_ms, 1796022000000);
}

static void llama_server_says_it_with_its_list(void **state)
{
    (void)state;
    static const char one[] = "{\"data\":[{\"id\":\"q\",\"meta\":{\"size\":539392}}]}";
    assert_true(read(ENGINE_LLAMA_SERVER, one, "{\"is_sleeping\":false}"));
    assert_int_equal(got.n, 1);
    assert_int_equal(got.items[0].weights_bytes, 539392);
    assert_int_equal(got.items[0].bytes, 0);
    assert_true(read(ENGINE_LLAMA_SERVER, one, "{\"is_sleeping\":true}"));
    assert_int_equal(got.n, 0);
    assert_true(read(ENGINE_LLAMA_SERVER, one, "")); /* it has no /props */
    assert_int_equal(got.n, 1);
    assert_true(read(ENGINE_LLAMA_SERVER,
                     "{\"data\":[{\"id\":\"a\",\"status\":{\"value\":\"unloaded\"}},"
                     "{\"id\":\"b\",\"status\":{\"value\":\"loaded\"}}]}",
                     "{\"role\":\"router\"}"));
    assert_int_equal(got.n, 1);
    assert_string_equal(got.items[0].name, "b");
    assert_false(read(ENGINE_LLAMA_SERVER, one, "{\"role\":\"router\"}"));
}

static void others_say_which(void **state)
{
    (void)state;
    assert_true(read(ENGINE_LM_STUDIO,
                     "{\"data\":[{\"id\":\"a\",\"state\":\"not-loaded\"},"
                     "{\"id\":\"b\",\"state\":\"loaded\"}]}",
                     ""));
    assert_int_equal(got.n, 1);
    assert_string_equal(got.items[0].name, "b");
    assert_true(read(ENGINE_VLLM, "{\"data\":[{\"id\":\"org/m\"}]}", ""));
    assert_string_equal(got.items[0].name, "org/m");
}

static void hostile_bodies_do_no_harm(void **state)
{
    (void)state;
    static const char *const refused[] = {"",
                                          "null",
                                          "[]",
                                          "{",
                                          "x",
                                          "{}",
                                          "{\"models\":{}}",
                                          "{\"models\":null}",
                                          "{\"models\":[{\"name\":\"m\"}]",
                                          "{\"models\":[{\"name\":\"m\"}]} more",
                                          "{\"models\":[{\"name\":\"\xff\"}]}"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(read(ENGINE_OLLAMA, refused[i], ""));
    assert_true(read(ENGINE_OLLAMA,
                     "{\"models\":[1,null,\"x\",[],{},{\"name\":7},{\"name\":\"\"},"
                     "{\"name\":\"\\u001b[31m\\u202ered\\n\",\"size\":-5,"
                     "\"size_vram\":1e400,\"expires_at\":7},"
                     "{\"name\":\"n\",\"size\":5,\"size_vram\":9}]}",
                     ""));
    assert_int_equal(got.n, 2);
    assert_string_equal(got.items[0].name, "?[31m?red?");
    assert_int_equal(got.items[0].bytes, 0);
    assert_false(got.items[0].has_gpu);
    assert_int_equal(got.items[1].gpu_bytes, 5); /* no more than all of it */
    assert_true(read(ENGINE_LLAMA_SERVER,
                     "{\"data\":[{\"id\":\"q\",\"meta\":7,\"status\":\"x\"}]}",
                     "[true]"));
    assert_int_equal(got.items[0].weights_bytes, 0);
}

static void many_and_long_names_are_bounded(void **state)
{
    (void)state;
    static char body[80000];
    size_t n = (size_t)snprintf(body, sizeof body, "{\"models\":[");
    for (int i = 0; i < 100; i++) {
        n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"name\":\"", i ? "," : "");
        for (int k = 0; k < 300; k++)
            n += (size_t)snprintf(body + n, sizeof body - n, "\xc3\xa9");
        n += (size_t)snprintf(body + n, sizeof body - n, "\"}");
    }
    snprintf(body + n, sizeof body - n, "]}");
    assert_true(read(ENGINE_OLLAMA, body, ""));
    assert_int_equal(got.n, LOADED_MOST);
    assert_int_equal(got.more, 100 - LOADED_MOST);
    assert_int_equal(strlen(got.items[0].name), 126); /* no half of a letter */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_asked_its_own),
        cmocka_unit_test(ollama_says_size_and_end),
        cmocka_unit_test(times_that_are_none_are_unknown),
        cmocka_unit_test(llama_server_says_it_with_its_list),
        cmocka_unit_test(others_say_which),
        cmocka_unit_test(hostile_bodies_do_no_harm),
        cmocka_unit_test(many_and_long_names_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
