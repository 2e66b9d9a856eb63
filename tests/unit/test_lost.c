/* test_lost.c -- the list of what an engine was not told: each thing once, and an end
 * where there is too much of it. */
#define ASKING_OF DIALECT_OLLAMA
#include "client_asking.h"
#include "engine/engine.h"

/* What is lost of an /api/chat on its way to an engine of Anthropic's form, in w->a. */
static struct str lost_of(struct world *w, const char *body)
{
    static const struct config_engine engine = {.name = STR_INIT("e"),
                                                .kind = ENGINE_ANTHROPIC,
                                                .speaks = SPEECH_ANTHROPIC,
                                                .side = SIDE_LOCAL,
                                                .base_path = STR_INIT("/v1")};
    static const struct config_model model = {
        .name = STR_INIT("m"), .upstream = STR_INIT("m"), .engine = &engine};
    const struct target target = {.engine = &engine, .model = &model};
    struct http_message message;
    struct engine_plan plan;
    if (decode(w, "/api/chat", body) != 0 ||
        engine_encode(&w->chat, &target, NULL, &w->a, &message, &plan, &w->err) != 0)
        fail_msg("%s: %s", body, w->err.msg);
    return plan.lost;
}

#define ASK(more)                                                                        \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]" more "}"

static void nothing_is_lost_of_nothing(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(lost_of(&w, ASK("")).n, 0);
    end(&w);
    assert_int_equal(
        lost_of(&w, ASK(",\"keep_alive\":\"\",\"options\":{},\"shift\":false")).n, 0);
    end(&w);
}

static void each_thing_is_named_once(void **state)
{
    (void)state;
    struct world w;
    assert_str(lost_of(&w, ASK(",\"keep_alive\":5,\"options\":{\"num_ctx\":1,\"seed\":3,"
                               "\"num_ctx_more\":2,\"num\":7}")),
               "options.num_ctx, options.num_ctx_more, options.num, keep_alive, seed");
    end(&w);
}

/* A client may invent as many as it likes: the field of an answer stays short. */
static void too_many_end_in_dots(void **state)
{
    (void)state;
    struct world w;
    struct buf body;
    buf_init(&body, 1 << 20);
    buf_lit(&body,
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
            "\"options\":{\"o\":1");
    for (int i = 0; i < 1000; i++)
        buf_printf(&body, ",\"option_%d\":%d", i, i + 1);
    buf_lit(&body, "},\"keep_alive\":5}");
    buf_byte(&body, '\0');
    struct str lost = lost_of(&w, body.p);
    assert_true(lost.n < 1024);
    assert_true(str_starts(lost, STR("options.o, options.option_0, options.option_1, ")));
    assert_true(str_ends(lost, STR(", ...")));
    assert_int_equal(str_find(lost, STR("...")), lost.n - 3);
    buf_release(&body);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_of_nothing),
        cmocka_unit_test(each_thing_is_named_once),
        cmocka_unit_test(too_many_end_in_dots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
