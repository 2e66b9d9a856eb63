/* test_forward.c -- members by which a request makes an engine send it elsewhere. */
#include "dialect/dialect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

static const struct {
    const char *more, *name; /* NULL: none is found */
} cases[] = {
    {"\"api_base\":\"http://x\"", "api_base"},
    {"\"base_url\":\"http://x\"", "base_url"},
    {"\"baseURL\":\"http://x\"", "baseURL"},
    {"\"API-BASE\":\"http://x\"", "API-BASE"},
    {"\"api_key\":\"k\"", "api_key"},
    {"\"fallbacks\":[\"gpt-4o\"]", "fallbacks"},
    {"\"fallback\xC5\xBF\":[\"gpt-4o\"]", "fallback\xC5\xBF"},
    {"\"context_window_fallbacks\":[1]", "context_window_fallbacks"},
    {"\"fallback_models\":[1]", "fallback_models"},
    {"\"custom_llm_provider\":\"openai\"", "custom_llm_provider"},
    {"\"user_config\":{\"model_list\":[]}", "user_config"},
    {"\"model_list\":[1]", "model_list"},
    {"\"models\":[\"a\",\"b\"]", "models"},
    {"\"route\":\"fallback\"", "route"},
    {"\"router\":\"x\"", "router"},
    {"\"provider\":{\"order\":[\"x\"]}", "provider"},
    {"\"providerOptions\":{\"gateway\":{}}", "providerOptions"},
    {"\"plugins\":[{\"id\":\"web\"}]", "plugins"},
    {"\"mirror\":true", "mirror"},
    {"\"mirror_to\":\"http://x\"", "mirror_to"},
    {"\"webhook\":\"http://x\"", "webhook"},
    {"\"callbacks\":[\"langfuse\"]", "callbacks"},
    {"\"success_callback\":[\"x\"]", "success_callback"},
    {"\"callback_url\":\"http://x\"", "callback_url"},
    {"\"langfuse_host\":\"http://x\"", "langfuse_host"},
    {"\"aws_bedrock_runtime_endpoint\":\"http://x\"", "aws_bedrock_runtime_endpoint"},
    {"\"mock_testing_fallbacks\":true", "mock_testing_fallbacks"},
    {"\"kv_transfer_params\":{\"remote_host\":\"x\"}", "kv_transfer_params"},
    {"\"bootstrap_host\":[\"x\"]", "bootstrap_host"},
    {"\"extra_body\":{\"a\":1,\"api\\u005fbase\":\"x\"}", "api\\u005fbase"},
    {"\"metadata\":{\"user\":\"x\",\"langfuse_host\":\"http://x\"}", "langfuse_host"},
    {"\"extra_body\":{\"extra_body\":{\"fallbacks\":[1]}}", "fallbacks"},
    {"\"extraBody\":{\"metadata\":{\"api_key\":\"k\"}}", "api_key"},
    {"\"api\\u005fbase\":\"http://x\"", "api\\u005fbase"},
    {"\"metadata\":{\"slack_webhook_url\":\"http://x\"}", "slack_webhook_url"},
    {"\"metadata\":{\"provider\":\"x\",\"route\":\"/a\",\"models\":\"b\"}", NULL},
    {"\"router_settings_override\": {\"fallbacks\": [1]}", "router_settings_override"},
    {"\"deployment_url\": \"http://x\"", "deployment_url"},
    {"\"deployment_id\": \"x\"", "deployment_id"},
    {"\"newrelic_region\": \"eu\"", "newrelic_region"},
    {"\"dd_agent_port\": \"1\"", "dd_agent_port"},
    {"\"model_group_alias\": {\"m\": \"x\"}", "model_group_alias"},
    {"\"prompt_id\": \"x\"", "prompt_id"},
    {"\"dotprompt_content\": \"x\"", "dotprompt_content"},
    {"\"tensorzero::extra_body\": [1]", "tensorzero::extra_body"},
    {"\"tensorzero::extra_headers\": [1]", "tensorzero::extra_headers"},
    {"\"tensorzero::credentials\": {\"k\": \"v\"}", "tensorzero::credentials"},
    {"\"tensorzero::internal_dynamic_variant_config\": {\"m\": \"x\"}",
     "tensorzero::internal_dynamic_variant_config"},
    {"\"tensorzero::tags\": {\"a\": \"b\"}, \"tensorzero::episode_id\": \"x\"", NULL},
    {"\"tool_servers\": [{\"url\": \"http://x\"}]", "tool_servers"},
    {"\"base_uri\": \"http://x\"", "base_uri"},
    {"\"some_new_url\": \"http://x\"", "some_new_url"},
    {"\"hostname\": \"x\"", "hostname"},
    {"\"image_url\": \"http://x\"", NULL},
    {"\"curl\": 0", NULL},
    {"\"metadata\": \"{\\\"langfuse_host\\\": \\\"http://x\\\"}\"", "langfuse_host"},
    {"\"metadata\": \" {\\\"a\\\": {\\\"b\\\": 1}, \\\"langfuse_host\\\": "
     "\\\"http://x\\\"}\"",
     "langfuse_host"},
    {"\"metadata\": \"{\\\"a\\\":NaN,\\\"langfuse_host\\\":\\\"x\\\"}\"", "metadata"},
    {"\"metadata\": \"{\\\"user\\\": \\\"x\\\"}\"", NULL},
    {"\"metadata\": \"a \\\"word\\\"\"", NULL},
    {"\"metadata\": \"{x}\"", NULL},
    {"\"extra_body\": \"{\\\"api_base\\\": \\\"http://x\\\"}\"", "api_base"},
    {"\"extra_body\": {\"extra_body\": \"{\\\"metadata\\\": "
     "\\\"{\\\\\\\"langfuse_host\\\\\\\": \\\\\\\"http://x\\\\\\\"}\\\"}\"}",
     "langfuse_host"},
    {"\"metadata\": {\"requester_metadata\": {\"langfuse_host\": \"http://x\"}}",
     "langfuse_host"},
    {"\"metadata\": {\"metadata\": {\"metadata\": {\"metadata\": {\"metadata\": "
     "{\"metadata\": {\"metadata\": {\"langfuse_host\": \"http://x\"}}}}}}}",
     "langfuse_host"},
    {"\"extra_body\": {\"extra_body\": {\"extra_body\": {\"extra_body\": "
     "{\"extra_body\": {\"extra_body\": {\"extra_body\": {\"extra_body\": "
     "{\"extra_body\": {\"api_base\": \"http://x\"}}}}}}}}}",
     "api_base"},
    {"\"requester_metadata\": {\"langfuse_secret\": \"x\"}", "langfuse_secret"},
    {"\"guardrails\": [{\"x\": {\"extra_body\": {\"api_base\": \"http://x\"}}}]",
     "api_base"},
    {"\"guardrails\": [\"a\", {\"x\": {\"extra_body\": {\"threshold\": 0.9}}}]", NULL},
    {"\"extra_body\": {\"model\": \"x:cloud\"}", "extra_body"},
    {"\"metadata\":\"\\n\\r {\\\"langfuse_host\\\": 1}\"", "langfuse_host"},
    {"\"metadata\":\"\\u007b\\\"langfuse_host\\\": 1}\"", "langfuse_host"},
    {"\"metadata\":{\"extra_body\":{\"api_base\":\"x\"}}", "api_base"},
    {"\"extra_body\":{\"messages\":[]}", "extra_body"},
    {"\"extra_body\": {\"Model\": \"x\"}", "extra_body"},
    {"\"extra_body\": {\"messages\": [1]}", "extra_body"},
    {"\"extra_body\": {\"stream\": true}", "extra_body"},
    {"\"extra_body\": {\"prompt\": \"x\"}", "extra_body"},
    {"\"extra_body\": {\"max_tokens\": 9}", "extra_body"},
    {"\"extra_body\": [{\"input\": \"x\"}]", "extra_body"},
    {"\"extra_body\": {\"model\": null, \"repetition_penalty\": 1.1, \"user\": "
     "\"x\"}",
     NULL},
    {"\"metadata\": {\"model\": \"x\", \"messages\": \"3\", \"page\": {\"host\": "
     "\"x\", \"url\": \"y\"}}",
     NULL},
    {"\"extra_body\":{\"top_k\":1}", NULL},
    {"\"fallbacks\":[ ],\"api_base\":null,\"provider\":{},\"mirror\":false", NULL},
    {"\"temperature\":1,\"top_p\":1,\"seed\":1,\"stop\":\"x\",\"store\":true", NULL},
    {"\"presence_penalty\":1,\"parallel_tool_calls\":true,\"logprobs\":true", NULL},
    {"\"max_tokens\":5,\"min_p\":0.1,\"verbosity\":\"low\",\"user\":\"u\"", NULL},
    {"\"reasoning_effort\":\"low\",\"service_tier\":\"auto\",\"modelset\":1", NULL},
    {"\"chat_template_kwargs\":{\"provider\":\"x\"},\"options\":{\"url\":\"x\"}", NULL},
    {"\"safety_identifier\":\"x\",\"prompt_cache_key\":\"k\",\"logit_bias\":{}", NULL},
};

static void members_that_send_a_request_elsewhere_are_found(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char body[1024];
        struct chat chat;
        struct err err = {0};
        snprintf(
            body, sizeof body,
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],%s}",
            cases[i].more);
        if (dialect_read(dialect_get(DIALECT_OPENAI), SURFACE_CHAT, str_of(body), &arena,
                         &chat, &err) != 0)
            fail_msg("%s: %s", body, err.msg);
        struct str want = cases[i].name ? str_of(cases[i].name) : STR("");
        if (!str_eq(chat.forwards, want))
            fail_msg("%s: '%.*s'", cases[i].more, STR_ARG(chat.forwards));
    }
    arena_reset(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_that_send_a_request_elsewhere_are_found),
    };
    return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
