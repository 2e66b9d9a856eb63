/* test_refusals.c -- whom an engine's words blame: credit, model, context, or the client.
 *
 * Wordings as engines and providers write them; what they quote must not count. */
#include "config/kinds.h"
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

struct wording {
    int status;
    const char *body;
    const char *code;
};

static void all_mean(const struct wording *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct err err;
        engine_classify(w[i].status, str_of(w[i].body), &err);
        if (!err.code || strcmp(err.code, w[i].code) != 0)
            fail_msg("HTTP %d %s: %s, not %s", w[i].status, w[i].body, err.code,
                     w[i].code);
    }
}

#define MESSAGE(text)                                                                    \
    "{\"error\":{\"message\":\"" text "\",\"type\":\"invalid_request_error\"}}"

static void accounts_without_credit_are_known(void **state)
{
    (void)state;
    static const struct wording w[] = {
        {400,
         MESSAGE("Your credit balance is too low to access the Anthropic API. Please go "
                 "to Plans & Billing to upgrade or purchase credits."),
         "upstream_payment"},
        {400,
         "{\"type\":\"error\",\"error\":{\"type\":\"billing_error\",\"message\":\"no\"}}",
         "upstream_payment"},
        {400, "{\"error\":{\"message\":\"Insufficient Balance\"}}", "upstream_payment"},
        {403,
         "{\"error\":\"Your team has used all available credits or reached its monthly "
         "spending limit.\"}",
         "upstream_payment"},
        {400,
         "{\"error\":{\"message\":\"Budget has been exceeded! Current cost: 1.2, Max "
         "budget: 1.0\",\"type\":\"budget_exceeded\",\"code\":\"400\"}}",
         "upstream_payment"},
        {400,
         "{\"error\":{\"code\":\"Arrearage\",\"message\":\"Access denied, please make "
         "sure your account is in good standing.\"}}",
         "upstream_payment"},
        {403,
         "{\"error\":{\"message\":\"You exceeded your current quota, please check your "
         "plan and billing details.\",\"code\":\"insufficient_quota\"}}",
         "upstream_quota"},
        {400,
         MESSAGE("You have reached your specified API usage limits. You will regain "
                 "access on 2026-12-01 at 00:00 UTC."),
         "upstream_quota"},
        {422, "{\"detail\":\"Monthly quota exceeded for this organization\"}",
         "upstream_quota"},
        {500, "{\"error\":{\"code\":1008,\"message\":\"insufficient balance\"}}",
         "upstream_payment"},
        {403, "{\"error\":{\"message\":\"\\u4f59\\u989d\\u4e0d\\u8db3\"}}",
         "upstream_payment"},
        {400,
         "{\"error\":{\"message\":\"Provider returned "
         "error\",\"code\":400,\"metadata\":{\"raw\":\"{\\\"error\\\":{\\\"message\\\":"
         "\\\"Your credit balance is too low\\\"}}\"}}}",
         "upstream_payment"},
        {400,
         MESSAGE("litellm.BadRequestError: AnthropicException - "
                 "{\\\"type\\\":\\\"error\\\",\\\"error\\\":{\\\"type\\\":\\\"invalid_"
                 "request_error\\\",\\\"message\\\":\\\"Your credit balance is too "
                 "low\\\"}}"),
         "upstream_payment"},
        {429, "{\"error\":{\"message\":\"no credits left: purchase credits\"}}",
         "upstream_quota"},
        {400,
         MESSAGE(
             "You exceeded your current token quota, please check your account balance"),
         "upstream_quota"},
        {403,
         MESSAGE(
             "You have exceeded your monthly included credits for Inference Providers"),
         "upstream_payment"},
        {400, MESSAGE("Your API key has reached its spending cap"), "upstream_quota"},
        {422, MESSAGE("This model is not available on the free plan"),
         "upstream_payment"},
        {400, MESSAGE("Your trial has expired"), "upstream_payment"},
        {400, MESSAGE("account in arrears"), "upstream_payment"},
    };
    all_mean(w, ARRAY_LEN(w));
}

static void accounts_that_may_not_are_known(void **state)
{
    (void)state;
    static const struct wording w[] = {
        {400,
         "{\"error\":{\"code\":400,\"message\":\"User location is not supported for the "
         "API use.\",\"status\":\"FAILED_PRECONDITION\"}}",
         "upstream_account"},
        {403,
         "{\"error\":{\"code\":\"unsupported_country_region_territory\",\"message\":"
         "\"Country, region, or territory not supported\"}}",
         "upstream_account"},
        {400, MESSAGE("This organization has been disabled."), "upstream_account"},
        {400,
         "{\"error\":{\"message\":\"Organization has been "
         "restricted.\",\"code\":\"organization_restricted\"}}",
         "upstream_account"},
        {400,
         "{\"error\":{\"message\":\"The model `x` requires terms "
         "acceptance\",\"code\":\"model_terms_required\"}}",
         "upstream_account"},
        {403,
         "{\"error\":{\"message\":\"Project `p` does not have access to model "
         "`gpt-x`\"}}",
         "upstream_account"},
        {400,
         "{\"error\":{\"message\":\"API key not valid. Please pass a valid API "
         "key.\",\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"reason\":\"API_KEY_"
         "INVALID\"}]}}",
         "upstream_auth"},
        {400,
         "{\"error\":{\"message\":\"token expired\",\"type\":\"authentication_error\"}}",
         "upstream_auth"},
        {403, "{\"error\":{\"message\":\"forbidden\"}}", "upstream_auth"},
        {400, MESSAGE("Your organization must be verified to use the model `x`."),
         "upstream_account"},
        {400, MESSAGE("Access denied"), "upstream_account"},
        {400, MESSAGE("Claude is not available in your location: not supported"),
         "upstream_account"},
        {422, MESSAGE("You are not authorized to use this deployment"),
         "upstream_account"},
    };
    all_mean(w, ARRAY_LEN(w));
}

static void models_that_are_not_there_are_known(void **state)
{
    (void)state;
    static const struct wording w[] = {
        {400,
         "{\"error\":\"No models loaded. Please load a model in the developer page or "
         "use the 'lms load' command.\"}",
         "upstream_not_found"},
        {400, "{\"error\":\"Model unloaded.\"}", "upstream_not_found"},
        {400,
         "{\"error\":{\"message\":\"Model \\\"qwen\\\" does not exist or is not "
         "loaded\",\"code\":\"model_not_found\"}}",
         "upstream_not_found"},
        {400, MESSAGE("Model Not Exist"), "upstream_not_found"},
        {400,
         "{\"object\":\"error\",\"message\":\"Invalid model: "
         "mistral-foo\",\"type\":\"invalid_model\",\"param\":null,\"code\":\"1500\"}",
         "upstream_not_found"},
        {400, MESSAGE("foo/bar is not a valid model ID"), "upstream_not_found"},
        {400,
         "{\"error\":{\"message\":\"The model `mixtral` has been decommissioned and is "
         "no longer supported.\",\"code\":\"model_decommissioned\"}}",
         "upstream_not_found"},
        {400,
         MESSAGE("Unable to access non-serverless model foo. Please create and start a "
                 "new dedicated endpoint"),
         "upstream_not_found"},
        {422,
         "{\"detail\":\"Model meta-llama/Llama-3.1-8B-Instruct is currently not "
         "available\"}",
         "upstream_not_found"},
        {400,
         "{\"error\":{\"message\":\"The requested model is not "
         "supported.\",\"code\":\"model_not_supported\"}}",
         "upstream_not_found"},
        {400, "{\"error\":\"\\\"nomic-embed-text\\\" does not support chat\"}",
         "upstream_not_found"},
        {404,
         "{\"error\":{\"message\":\"No endpoints found that support tool "
         "use\",\"code\":404}}",
         "upstream_not_found"},
        {410, "{}", "upstream_not_found"},
        {400, "{\"error\":{\"message\":\"Loading model\",\"code\":400}}",
         "upstream_overloaded"},
        {400, "{\"error\":\"Failed to load model: out of memory\"}", "upstream_error"},
        {400, "{\"error\":\"The model has crashed without additional information.\"}",
         "upstream_error"},
        {400, MESSAGE("Model 'x' is not currently loaded"), "upstream_not_found"},
        {400, MESSAGE("The model `x` is not supported."), "upstream_not_found"},
        {400, MESSAGE("no model named x"), "upstream_not_found"},
        {422, MESSAGE("model x is not served by this server"), "upstream_not_found"},
        {400, MESSAGE("The model gpt-x has been discontinued"), "upstream_not_found"},
        {400, MESSAGE("Couldn't find model x"), "upstream_not_found"},
        {422, MESSAGE("Model x is currently loading"), "upstream_overloaded"},
        {400, MESSAGE("The server is at capacity, try later"), "upstream_overloaded"},
        {400, MESSAGE("KV cache is full"), "upstream_error"},
    };
    all_mean(w, ARRAY_LEN(w));
}

static void prompts_too_long_are_known(void **state)
{
    (void)state;
    static const struct wording w[] = {
        {400,
         MESSAGE("This model's maximum context length is 8192 tokens. However, your "
                 "messages resulted in 9000 tokens."),
         "context_length_exceeded"},
        {400, MESSAGE("prompt is too long: 210000 tokens > 200000 maximum"),
         "context_length_exceeded"},
        {400,
         MESSAGE("input length and `max_tokens` exceed context limit: 174167 + 64000 > "
                 "200000, decrease input length or `max_tokens` and try again"),
         "context_length_exceeded"},
        {400,
         "{\"error\":{\"code\":400,\"message\":\"The input token count (1200000) exceeds "
         "the maximum number of tokens allowed "
         "(1048576).\",\"status\":\"INVALID_ARGUMENT\"}}",
         "context_length_exceeded"},
        {400,
         MESSAGE("Prompt contains 70000 tokens and 0 draft tokens, too large for model "
                 "with 32768 maximum context length"),
         "context_length_exceeded"},
        {400, MESSAGE("Please reduce the length of the messages or completion."),
         "context_length_exceeded"},
        {422,
         "{\"error\":\"Input validation error: `inputs` tokens + `max_new_tokens` must "
         "be <= 4096. Given: 5000 `inputs` tokens and 20 "
         "`max_new_tokens`\",\"error_type\":\"validation\"}",
         "context_length_exceeded"},
        {422,
         "{\"error\":\"Input validation error: `inputs` must have less than 1024 tokens. "
         "Given: 1512\",\"error_type\":\"validation\"}",
         "context_length_exceeded"},
        {400,
         "{\"object\":\"error\",\"message\":\"The input (5000 tokens) is longer than the "
         "model's context length (4096 tokens).\",\"type\":\"BadRequestError\"}",
         "context_length_exceeded"},
        {400,
         "{\"object\":\"error\",\"message\":\"The decoder prompt (length 5000) is longer "
         "than the maximum model length of 4096.\"}",
         "context_length_exceeded"},
        {400,
         "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available "
         "context size, try increasing it\"}}",
         "context_length_exceeded"},
        {500, "{\"error\":\"the input length exceeds the context length\"}",
         "context_length_exceeded"},
        {400,
         "{\"error\":\"Trying to keep the first 6000 tokens when context the overflows. "
         "However, the model is loaded with context length of only 4096 tokens, which is "
         "not enough.\"}",
         "context_length_exceeded"},
        {400,
         "{\"error\":{\"message\":\"Input tokens exceed the configured limit of 272000 "
         "tokens. Your messages resulted in 509178 tokens.\",\"param\":\"messages\"}}",
         "context_length_exceeded"},
        {400,
         MESSAGE("This model's maximum prompt length is 131072 but the request contains "
                 "537812 tokens."),
         "context_length_exceeded"},
        {400, MESSAGE("Invalid request: Your request exceeded model token limit: 131072"),
         "context_length_exceeded"},
        {400, MESSAGE("Range of input length should be [1, 129024]"),
         "context_length_exceeded"},
        {400, MESSAGE("prompt tokens (1200008) exceed model maximum (1050000) for x"),
         "context_length_exceeded"},
        {413,
         "{\"error\":{\"code\":\"tokens_limit_reached\",\"message\":\"Request body too "
         "large for x. Max size: 8000 tokens.\"}}",
         "context_length_exceeded"},
        {400,
         MESSAGE("'max_tokens' is too large: 5000. This model's maximum context length "
                 "is 4096 tokens and your request has 100 input tokens"),
         "context_length_exceeded"},
        {400,
         MESSAGE("Error code: 400 - {'error': {'message': 'This model maximum context "
                 "length is 4096 tokens', 'code': 'context_length_exceeded'}}"),
         "context_length_exceeded"},
        {400, MESSAGE("Requested tokens (5000) exceed context window of 2048"),
         "context_length_exceeded"},
        {400,
         MESSAGE("too many tokens: total number of tokens in the prompt exceeds the "
                 "limit of 4081"),
         "context_length_exceeded"},
        {422, MESSAGE("Prompt of length 40000 exceeds the model limit of 32768"),
         "context_length_exceeded"},
        {400, MESSAGE("The number of input tokens must be less than 4096"),
         "context_length_exceeded"},
        {400, MESSAGE("Please shorten your prompt"), "context_length_exceeded"},
        {400,
         MESSAGE("Token indices sequence length is longer than the specified maximum"),
         "context_length_exceeded"},
        {400, MESSAGE("prompt has 9000 tokens, num_ctx is 4096"),
         "context_length_exceeded"},
    };
    all_mean(w, ARRAY_LEN(w));
}

static void what_the_client_can_mend_stays_its_own(void **state)
{
    (void)state;
    static const struct wording w[] = {
        {400,
         MESSAGE("max_tokens is too large: 32000. This model supports at most 16384 "
                 "completion tokens"),
         "upstream_rejected"},
        {400,
         MESSAGE("max_tokens: 200000 > 64000, which is the maximum allowed number of "
                 "output tokens for claude"),
         "upstream_rejected"},
        {400,
         MESSAGE("Invalid value: 'Your credit balance is too low'. Supported values are: "
                 "'auto' and 'none'."),
         "upstream_rejected"},
        {400,
         MESSAGE("Could not parse \\\"No models loaded. Please load a model\\\" as JSON"),
         "upstream_rejected"},
        {400,
         MESSAGE("1 validation error: [{'type': 'string_type', 'loc': ('body', 'n'), "
                 "'msg': 'Input should be a number', 'input': 'maximum context length is "
                 "4096 tokens'}]"),
         "upstream_rejected"},
        {422,
         "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"messages\"],\"msg\":"
         "\"Field required\",\"input\":{\"prompt\":\"the model does not exist\"}}]}",
         "upstream_rejected"},
        {400,
         "{\"error\":{\"message\":\"Invalid messages[0].content: billing text is "
         "wrong\",\"param\":\"messages[0].content\"}}",
         "upstream_rejected"},
        {400, MESSAGE("temperature must be between 0 and 2"), "upstream_rejected"},
        {400,
         MESSAGE("messages.1: `tool_use` ids were found without `tool_result` blocks "
                 "immediately after"),
         "upstream_rejected"},
        {400,
         MESSAGE("Invalid parameter: messages with role 'tool' must follow a message "
                 "with 'tool_calls'"),
         "upstream_rejected"},
        {400,
         "{\"error\":{\"message\":\"flagged\",\"code\":\"content_policy_violation\"}}",
         "content_filter"},
        {400,
         MESSAGE(
             "the value \\\"credit balance is too low and this text was cut off here"),
         "upstream_rejected"},
        {400, MESSAGE("you must provide a model parameter"), "upstream_rejected"},
        {400, MESSAGE("String should have at most 64 characters"), "upstream_rejected"},
        {400,
         MESSAGE("Invalid schema for function 'f': 'model does not exist' is not of type "
                 "'object'"),
         "upstream_rejected"},
        {400, MESSAGE("n must be at most 1"), "upstream_rejected"},
        {400, MESSAGE("Missing required parameter: 'messages'."), "upstream_rejected"},
        {400, MESSAGE("tool_choice is only allowed when tools are specified"),
         "upstream_rejected"},
        {400, MESSAGE("stop must be a string or a list of at most 4 strings"),
         "upstream_rejected"},
        {400, MESSAGE("Invalid JSON in the request body at position 12"),
         "upstream_rejected"},
    };
    all_mean(w, ARRAY_LEN(w));
}

static void other_words_for_the_same_are_known(void **state)
{
    (void)state;
    static const struct wording w[] = {
        {400, MESSAGE("Your workspace has run out of prepaid balance."),
         "upstream_payment"},
        {400, MESSAGE("You have no remaining credits."), "upstream_payment"},
        {400, "{\"detail\":\"Please top up your wallet to go on.\"}", "upstream_payment"},
        {400, MESSAGE("Trial has ended. Please choose a plan."), "upstream_payment"},
        {400, MESSAGE("Monthly token allowance used up, resets on 1 December."),
         "upstream_quota"},
        {400, MESSAGE("This API key has been disabled by its owner."), "upstream_auth"},
        {400, MESSAGE("Tenant suspended"), "upstream_account"},
        {400, MESSAGE("Account locked: contact support@example.com"), "upstream_account"},
        {400, MESSAGE("Model m was sunset on 2026-01-01"), "upstream_not_found"},
        {400, MESSAGE("The model `m` is deactivated"), "upstream_not_found"},
        {400, MESSAGE("Could not resolve model m"), "upstream_not_found"},
        {400, MESSAGE("Model is starting up, try again shortly"), "upstream_overloaded"},
        {400, "{\"error\":\"model \\\"m\\\" is still being pulled\"}",
         "upstream_overloaded"},
        {422,
         "{\"detail\":[{\"loc\":[\"body\",\"model\"],\"msg\":\"value is not a valid "
         "enumeration member; permitted: 'x'\",\"type\":\"type_error.enum\"}]}",
         "upstream_not_found"},
        {400, MESSAGE("Your input is 9,123 tokens but the limit is 8,192."),
         "context_length_exceeded"},
        {400,
         MESSAGE("The number of tokens in your request (90000) is above what this model "
                 "accepts (8192)."),
         "context_length_exceeded"},
        {400, MESSAGE("Please use a shorter prompt"), "context_length_exceeded"},
        {400, MESSAGE("prompt length 9001 is greater than max_seq_len 8192"),
         "context_length_exceeded"},
        {400, MESSAGE("Le contexte est trop long pour ce modele"),
         "context_length_exceeded"},
    };
    all_mean(w, ARRAY_LEN(w));
}

static void like_words_about_the_request_stay_the_clients(void **state)
{
    (void)state;
    static const struct wording w[] = {
        {400, MESSAGE("image input is too large: 30 MB, at most 20 MB"),
         "upstream_rejected"},
        {400, MESSAGE("messages[2].name is too long: 80, at most 64"),
         "upstream_rejected"},
        {400, MESSAGE("logit_bias has too many tokens: 400, at most 300"),
         "upstream_rejected"},
        {400, MESSAGE("max_tokens must be at most 4096, got 9000"), "upstream_rejected"},
        {400, MESSAGE("We cannot help with this: it goes against our guidelines"),
         "upstream_rejected"},
        {400, MESSAGE("Tool get_balance: arguments are not JSON"), "upstream_rejected"},
        {422,
         "{\"detail\":[{\"loc\":[\"body\",\"messages\",0,\"role\"],\"msg\":\"Input "
         "should be 'system' or 'user'\",\"type\":\"literal_error\"}]}",
         "upstream_rejected"},
    };
    all_mean(w, ARRAY_LEN(w));
}

/* What names nothing that a request has can be mended by no client. */
static void reasons_without_the_request_are_unclear(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        MESSAGE("GPU worker died"), MESSAGE("Backend is gone"),
        MESSAGE("Solde insuffisant"), "{\"error\":\"Cannot load m\"}", "nope"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct err err;
        engine_classify(400, str_of(bodies[i]), &err);
        assert_string_equal(err.code, "upstream_unclear");
        assert_true(engine_may_differ(&err));
        assert_false(engine_is_ill(&err));
        assert_true(engine_said_why(&err));
    }
}

static void waits_are_read_from_words(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint64_t ms; /* 0: it does not say */
    } cases[] = {
        {MESSAGE("Please try again in 6.5s. Thank you."), 6500},
        {MESSAGE("Please try again in 1m12s."), 72000},
        {MESSAGE("Try again in 2 minutes"), 120000},
        {MESSAGE("Please wait 30 seconds before trying again"), 30000},
        {MESSAGE("Retry after 1 hour 5 min."), 3900000},
        {"{\"message\":\"slow\",\"retry_after\": 3.5}", 3500},
        {"{\"error\":\"loading\",\"estimated_time\":20.5}", 20500},
        {"{\"details\":[{\"retryDelay\":\"23s\"}]}", 23000},
        {MESSAGE("Please wait until the model is there"), 0},
        {MESSAGE("Try again in a moment"), 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t ms = 0;
        assert_int_equal(engine_wait_ms(429, str_of(cases[i].body), &ms),
                         cases[i].ms > 0);
        assert_int_equal(ms, cases[i].ms);
    }
}

/* vLLM and others print what they were sent.  What a client writes there counts for its
 * own request at most. */
static void a_clients_text_in_an_error_teaches_nothing(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        MESSAGE("1 validation error: [{'msg': 'Field required', 'input': {'description': "
                "'x\\\" \\\\' tools: this model does not support tools, rate limit, try "
                "again "
                "in 3600s \\\\' y'}}]"),
        MESSAGE("[{'input': {'message': 'does not support tools. try again in 3600s'}}]"),
        MESSAGE("bad: input_value=does not support tools, try again in 3600s"),
        MESSAGE("no tool 'a' does not support tools, try again in 3600s 'b' known"),
        MESSAGE("invalid tool b'it\\\\'s \\\"so\\\", does not support tools, try again "
                "in 9s'"),
        MESSAGE("invalid: {'message': 'does not support tools, try again in 3600s'}"),
        MESSAGE("invalid: 'does not support tools, try again in 3600s"),
        MESSAGE("`a` `does not support tools, try again in 3600s"),
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        uint64_t ms;
        if (engine_refused_caps(str_of(bodies[i])))
            fail_msg("an ability is learnt from %s", bodies[i]);
        if (engine_wait_ms(429, str_of(bodies[i]), &ms))
            fail_msg("a time is learnt from %s", bodies[i]);
    }
}

/* Of a refusal of the request itself words alone say nothing about others. */
static void a_time_to_wait_needs_a_status_or_a_code(void **state)
{
    (void)state;
    static const char words[] = MESSAGE("rate limit: try again in 60s");
    static const char code[] = "{\"error\":{\"code\":\"rate_limit_exceeded\","
                               "\"message\":\"try again in 60s\"}}";
    uint64_t ms;
    assert_false(engine_wait_ms(400, str_of(words), &ms));
    assert_false(engine_wait_ms(500, str_of(words), &ms));
    assert_true(engine_wait_ms(503, str_of(words), &ms));
    assert_true(engine_wait_ms(400, str_of(code), &ms));
    assert_true(engine_wait_ms(
        429,
        STR("{\"error\":{\"message\":\"Rate limit reached for `gpt-4` in organization "
            "'org' on tokens. Please try again in 6s. It's all at https://x.\"}}"),
        &ms));
    assert_int_equal(ms, 6000);
}

static void silence_blames_nobody(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "{}",
        "null",
        "{\"error\":{}}",
        "{\"error\":{\"message\":\"\"}}",
        "Bad Request\n",
        "<html><center><h1>400 Bad Request</h1></center></html>",
        "{\"detail\":\"Bad Request\"}"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct err err;
        engine_classify(400, str_of(bodies[i]), &err);
        assert_string_equal(err.code, "upstream_no_reason");
        assert_int_equal(err.kind, ERR_BAD_REQUEST);
        assert_true(engine_may_differ(&err));
        assert_false(engine_is_ill(&err));
    }
}

static void limits_of_rate_are_no_overflow(void **state)
{
    (void)state;
    static const struct wording w[] = {
        {413,
         "{\"error\":{\"message\":\"Request too large for model `x` on tokens per minute "
         "(TPM): Limit 6000, Requested "
         "9000\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}",
         "upstream_rate_limit"},
        {400, MESSAGE("Too many tokens per minute: the limit is exceeded"),
         "upstream_rate_limit"},
        {413, "<html>413 Request Entity Too Large</html>", "upstream_body_too_large"},
    };
    all_mean(w, ARRAY_LEN(w));
}

static void abilities_that_are_missing_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        unsigned caps;
    } cases[] = {
        {"{\"error\":{\"message\":\"registry.ollama.ai/library/gemma does not support "
         "tools\"}}",
         CAP_TOOLS},
        {"{\"object\":\"error\",\"message\":\"\\\"auto\\\" tool choice requires "
         "--enable-auto-tool-choice and --tool-call-parser to be set\"}",
         CAP_TOOLS},
        {"{\"error\":{\"message\":\"image input is not supported - hint: if this is "
         "unexpected, you may need to provide the mmproj\"}}",
         CAP_VISION},
        {"{\"error\":{\"message\":\"At most 0 image(s) may be provided in one "
         "prompt.\"}}",
         CAP_VISION},
        {"{\"error\":{\"message\":\"This response_format type is unavailable now\"}}",
         CAP_JSON_SCHEMA},
        {"{\"error\":{\"message\":\"This model does not support response format "
         "`json_schema`.\"}}",
         CAP_JSON_SCHEMA},
        {"{\"error\":{\"message\":\"Failed to create new sequence: failed to process "
         "inputs: this model is missing data required for image input\\n\"}}",
         CAP_VISION},
        {"{\"error\":{\"message\":\"temperature must be a number\"}}", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err;
        assert_int_equal(engine_refused_caps(str_of(cases[i].body)), cases[i].caps);
        engine_classify(400, str_of(cases[i].body), &err);
        assert_string_equal(err.code,
                            cases[i].caps ? "upstream_unsupported" : "upstream_rejected");
    }
}

static void another_engine_is_asked_for_what_it_may_have(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        bool may_differ, is_ill;
    } cases[] = {
        {400, MESSAGE("credit balance is too low"), true, false},
        {400, MESSAGE("temperature must be a number"), false, false},
        {400, MESSAGE("maximum context length is 4096"), true, false},
        {500, "{\"error\":\"boom\"}", true, true},
        {500, "{\"error\":\"insufficient balance\"}", true, false},
        {500,
         MESSAGE("Llama model must be created with embedding=True to call this method"),
         true, false},
        {501, MESSAGE("This server does not support embeddings. Start it with that"),
         true, false},
        {500, MESSAGE("2 validation errors: Input should be a valid string"), false,
         false},
        {503, "", true, true},
        {429, "", true, false},
        {404, "", true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err;
        engine_classify(cases[i].status, str_of(cases[i].body), &err);
        assert_int_equal(engine_may_differ(&err), cases[i].may_differ);
        assert_int_equal(engine_is_ill(&err), cases[i].is_ill);
    }
}

static void folders_of_the_server_are_left_out(void **state)
{
    (void)state;
    struct err err;
    engine_classify(
        500,
        STR("{\"error\":\"File \\\"/opt/venv/lib/python3.11/app.py\\\", line 5, in "
            "C:\\\\models\\\\x.gguf, see /v1/models and https://example.com/docs/a/b\"}"),
        &err);
    assert_string_equal(err.msg, "File \"app.py\", line 5, in x.gguf, see /v1/models and "
                                 "https://example.com/docs/a/b");
}

static void long_messages_end_at_a_word(void **state)
{
    (void)state;
    char body[2048] = "";
    struct err err;
    for (int i = 0; i < 100; i++)
        strcat(body, "eleven characters ");
    engine_classify(500, str_sub(str_of(body), 0, 1000), &err);
    size_t n = strlen(err.msg);
    assert_true(n > 230 && n < 280);
    assert_string_equal(err.msg + n - 13, "characters...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_without_credit_are_known),
        cmocka_unit_test(accounts_that_may_not_are_known),
        cmocka_unit_test(models_that_are_not_there_are_known),
        cmocka_unit_test(prompts_too_long_are_known),
        cmocka_unit_test(what_the_client_can_mend_stays_its_own),
        cmocka_unit_test(silence_blames_nobody),
        cmocka_unit_test(other_words_for_the_same_are_known),
        cmocka_unit_test(like_words_about_the_request_stay_the_clients),
        cmocka_unit_test(reasons_without_the_request_are_unclear),
        cmocka_unit_test(waits_are_read_from_words),
        cmocka_unit_test(a_clients_text_in_an_error_teaches_nothing),
        cmocka_unit_test(a_time_to_wait_needs_a_status_or_a_code),
        cmocka_unit_test(limits_of_rate_are_no_overflow),
        cmocka_unit_test(abilities_that_are_missing_are_named),
        cmocka_unit_test(another_engine_is_asked_for_what_it_may_have),
        cmocka_unit_test(folders_of_the_server_are_left_out),
        cmocka_unit_test(long_messages_end_at_a_word),
    };
    return cmocka_run_group_tests_name("refusals", tests, NULL, NULL);
}
