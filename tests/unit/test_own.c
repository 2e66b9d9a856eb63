/* test_own.c -- a client's request to an engine that speaks its own dialect: what of its
 * bytes differs, and what becomes of thoughts that another engine sealed. */
#include "dialect/dialect.h"
#include "engine/own.h"
#include "engine/unseal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct own_form anthropic = {.dialect = DIALECT_ANTHROPIC,
                                          .names_model = true,
                                          .system = {"system"},
                                          .said_how = SYSTEM_BLOCKS};
static const struct own_form gemini = {
    .dialect = DIALECT_GEMINI,
    .system = {"systemInstruction", "system_instruction"},
    .said_how = SYSTEM_PARTS};
static const struct own_form responses = {.dialect = DIALECT_OPENAI_RESPONSES,
                                          .names_model = true,
                                          .system = {"instructions"},
                                          .said_how = SYSTEM_TEXT};
static const struct own_form ollama = {.dialect = DIALECT_OLLAMA,
                                       .names_model = true,
                                       .system = {"messages"},
                                       .said_how = SYSTEM_IN_MESSAGES};
static const struct own_form with_defaults = {
    .dialect = DIALECT_OLLAMA,
    .names_model = true,
    .system = {"messages"},
    .said_how = SYSTEM_IN_MESSAGES,
    .defaults = STR_INIT("{\"truncate\":false,\"options\":{\"num_ctx\":9}}")};

struct asked {
    const struct own_form *form;
    const char *body, *params, *system;
    bool has_tags, has_system;
    const char *want;
};

static void check(const struct asked *x, const char *loses)
{
    struct arena a;
    struct http_message m = {0};
    struct err err = {0};
    struct buf lost;
    struct chat chat = {.body = str_of(x->body), .model = STR("m")};
    struct config_engine engine = {.default_params = str_of(x->params ? x->params : ""),
                                   .default_system = str_of(x->system ? x->system : "")};
    const struct config_model model = {.upstream = STR("up")};
    const struct target target = {.engine = &engine, .model = &model};
    const struct engine_asking q = {
        .chat = &chat,
        .target = &target,
        .has_tags = x->has_tags,
        .issuer = {"me-1"},
        .lost = &lost,
    };
    buf_init(&lost, 1 << 10);
    chat.has_system = x->has_system;
    if (x->form == &ollama && x->has_system) {
        static const char mark[] = "\"content\":";
        const char *at = strstr(x->body, mark) + sizeof mark - 1;
        chat.system_text = (struct str){at, (size_t)(strchr(at + 1, '"') + 1 - at)};
    }
    arena_init(&a, 1 << 20);
    if (own_body(&q, x->form, &a, &m, &err) != 0)
        fail_msg("%s: %s", x->body, err.msg);
    struct str got = arena_join(&a, m.body, m.npieces);
    assert_int_equal(got.n, m.body_bytes);
    if (!str_eqz(got, x->want))
        fail_msg("\n%.*s\n is not\n%s", STR_ARG(got), x->want);
    if (!str_eqz(buf_view(&lost), loses))
        fail_msg("%s\nloses %.*s", x->body, STR_ARG(buf_view(&lost)));
    buf_release(&lost);
    arena_reset(&a);
}

#define HINT TAG_HINT

static void what_weir_decides_is_all_that_differs(void **state)
{
    (void)state;
    static const struct asked rows[] = {
        {&anthropic, "{\"model\": \"m\", \"x\": [1, 2.0],\"max_tokens\":5 }", NULL, NULL,
         false, false, "{\"model\": \"up\", \"x\": [1, 2.0],\"max_tokens\":5 }"},
        {&gemini, "{\"contents\":[]}", NULL, NULL, false, false, "{\"contents\":[]}"},
        {&responses, "{}", NULL, NULL, false, false, "{\"model\":\"up\"}"},
        {&anthropic, "{\"model\":\"m\"}", "{\"max_tokens\":9,\"model\":\"z\"}", NULL,
         false, false, "{\"max_tokens\":9,\"model\":\"up\"}"},
        {&anthropic, "{\"model\":\"m\",\"max_tokens\":1}", "{\"max_tokens\":9}", NULL,
         false, false, "{\"model\":\"up\",\"max_tokens\":1}"},
        {&ollama, "{\"model\":\"m\",\"messages\":[],\"options\":{\"seed\":1}}",
         "{\"options\":{\"seed\":2,\"num_ctx\":8}}", NULL, false, false,
         "{\"model\":\"up\",\"messages\":[],\"options\":{\"num_ctx\":8,\"seed\":1}}"},
        {&with_defaults, "{\"model\":\"m\",\"messages\":[],\"options\":{\"seed\":1}}",
         "{\"options\":{\"num_ctx\":8},\"think\":true}", NULL, false, false,
         "{\"truncate\":false,\"model\":\"up\",\"messages\":[],\"options\":{\"num_ctx\":"
         "9,"
         "\"seed\":1}}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check(&rows[i], "");
}

static void what_is_said_to_the_model_has_its_place(void **state)
{
    (void)state;
    static const struct asked rows[] = {
        {&anthropic, "{\"model\":\"m\"}", NULL, NULL, true, false,
         "{\"system\":\"" HINT "\",\"model\":\"up\"}"},
        {&anthropic, "{\"model\":\"m\",\"system\":\"a\"}", NULL, "b", true, true,
         "{\"model\":\"up\",\"system\":\"a\\n\\n" HINT "\"}"},
        {&anthropic, "{\"model\":\"m\",\"system\":[{\"type\":\"text\",\"text\":\"a\"}]}",
         NULL, NULL, true, true,
         "{\"model\":\"up\",\"system\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":"
         "\"text\",\"text\":\"" HINT "\"}]}"},
        {&anthropic, "{\"model\":\"m\",\"system\":[]}", NULL, "b", false, false,
         "{\"model\":\"up\",\"system\":[{\"type\":\"text\",\"text\":\"b\"}]}"},
        {&responses, "{\"model\":\"m\",\"instructions\":null}", NULL, "b", true, false,
         "{\"instructions\":\"b\\n\\n" HINT "\",\"model\":\"up\"}"},
        {&gemini, "{\"system_instruction\":{\"parts\":[{\"text\":\"a\"}]}}", NULL, NULL,
         true, true,
         "{\"system_instruction\":{\"parts\":[{\"text\":\"a\"},{\"text\":\"" HINT
         "\"}]}}"},
        {&gemini, "{\"contents\":[]}", NULL, "b", false, false,
         "{\"systemInstruction\":{\"parts\":[{\"text\":\"b\"}]},\"contents\":[]}"},
        {&ollama,
         "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"a\"}],"
         "\"truncate\":true}",
         NULL, NULL, true, true,
         "{\"model\":\"up\",\"messages\":[{\"role\":\"system\",\"content\":\"a\\n\\n" HINT
         "\"}],\"truncate\":true}"},
        {&ollama,
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
         "\"truncate\":true}",
         NULL, "b", false, false,
         "{\"model\":\"up\",\"messages\":[{\"role\":\"system\",\"content\":\"b\"},{"
         "\"role\":"
         "\"user\",\"content\":\"a\"}],\"truncate\":true}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check(&rows[i], "");
}

static void thoughts_go_back_to_their_maker_alone(void **state)
{
    (void)state;
    static const struct asked rows[] = {
        /* the maker's own, the vendor's raw one, another's, an unsigned one */
        {&anthropic,
         "{\"model\":\"up\",\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":"
         "\"thinking\",\"thinking\":\"a\",\"signature\":\"weir1:me-1:t:1:0:S+/"
         "\"},{\"type\":"
         "\"thinking\",\"thinking\":\"b\",\"signature\":\"RAW\"},{\"type\":\"thinking\","
         "\"thinking\":\"c\",\"signature\":\"weir1:you-2:t:1:0:S\"},{\"type\":"
         "\"thinking\","
         "\"thinking\":\"d\",\"signature\":\"\"},{\"type\":\"redacted_thinking\","
         "\"data\":"
         "\"weir1:me-1:r:0:0:R\"},{\"type\":\"text\",\"text\":\"e\"}]}]}",
         NULL, NULL, false, false,
         "{\"model\":\"up\",\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":"
         "\"thinking\",\"thinking\":\"a\",\"signature\":\"S+/\"},{\"type\":\"thinking\","
         "\"thinking\":\"b\",\"signature\":\"RAW\"},{\"type\":\"redacted_thinking\","
         "\"data\":\"R\"},{\"type\":\"text\",\"text\":\"e\"}]}]}"},
        /* nothing else was in the turn */
        {&anthropic,
         "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":"
         "\"thinking\",\"thinking\":\"c\",\"signature\":\"weir1:you-2:t:1:0:S\"}]}]}",
         NULL, NULL, false, false,
         "{\"model\":\"up\",\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":"
         "\"text\",\"text\":\"(thought)\"}]}]}"},
        {&responses,
         "{\"model\":\"up\",\"input\":[{\"type\":\"reasoning\",\"summary\":[],"
         "\"encrypted_content\":\"weir1:you-2:t:0:0:S\"},{\"type\":\"reasoning\","
         "\"encrypted_content\":\"weir1:me-1:t:0:0:S\"},{\"role\":\"user\",\"content\":"
         "\"x\"}]}",
         NULL, NULL, false, false,
         "{\"model\":\"up\",\"input\":[{\"type\":\"reasoning\",\"encrypted_content\":"
         "\"S\"},{"
         "\"role\":\"user\",\"content\":\"x\"}]}"},
        {&gemini,
         "{\"contents\":[{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":"
         "\"f\"},"
         "\"thoughtSignature\":\"weir1:you-2:c:0:2:c1S\"},{\"text\":\"t\","
         "\"thoughtSignature\":\"weir1:you-2:x:0:0:S\"},{\"text\":\"h\",\"thought\":true,"
         "\"thoughtSignature\":\"weir1:you-2:t:1:0:S\"},{\"text\":\"o\","
         "\"thoughtSignature\":\"d2VpcjE6bWUtMTp4OjA6MDpT\"}]}]}",
         NULL, NULL, false, false,
         "{\"contents\":[{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":"
         "\"f\"},"
         "\"thoughtSignature\":\"skip_thought_signature_validator\"},{\"text\":\"t\"},{"
         "\"text\":\"o\",\"thoughtSignature\":\"S\"}]}]}"},
    };
    static const char *const loses[ARRAY_LEN(rows)] = {
        "reasoning of earlier turns", "reasoning of earlier turns",
        "reasoning of earlier turns",
        "signatures of earlier turns, reasoning of earlier turns"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check(&rows[i], loses[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_weir_decides_is_all_that_differs),
        cmocka_unit_test(what_is_said_to_the_model_has_its_place),
        cmocka_unit_test(thoughts_go_back_to_their_maker_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
