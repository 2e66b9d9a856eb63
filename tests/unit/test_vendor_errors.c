/* test_vendor_errors.c -- what Anthropic's, Google's and OpenAI's own surfaces answer
 * instead of an answer: which kind of failure, and how long they ask to be left alone. */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ANTHROPIC(type, message)                                                         \
    "{\"type\":\"error\",\"error\":{\"type\":\"" type "\",\"message\":\"" message        \
    "\"},\"request_id\":\"req_1\"}"
#define GEMINI(code, status, message, details)                                           \
    "{\"error\":{\"code\":" code ",\"message\":\"" message "\",\"status\":\"" status     \
    "\",\"details\":[" details "]}}"
#define INFO(reason)                                                                     \
    "{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\"" reason "\"}"
#define RETRY                                                                            \
    "{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"34.5s\"}"

static const struct {
    int status;
    const char *body;
    enum err_kind kind;
    const char *code;
    uint64_t wait_ms; /* 0: it does not say */
} rows[] = {
    {400,
     ANTHROPIC("invalid_request_error",
               "prompt is too long: 210000 tokens > 200000 maximum"),
     ERR_BAD_REQUEST, "context_length_exceeded", 0},
    {400,
     ANTHROPIC("invalid_request_error",
               "input length and `max_tokens` exceed context limit: 188240 + 21333 > "
               "200000, decrease input length or `max_tokens` and try again"),
     ERR_BAD_REQUEST, "context_length_exceeded", 0},
    {400,
     ANTHROPIC("invalid_request_error",
               "Your credit balance is too low to access the Anthropic API. Please go to "
               "Plans & Billing to upgrade or purchase credits."),
     ERR_UPSTREAM, "upstream_payment", 0},
    {400,
     ANTHROPIC("invalid_request_error",
               "messages.0.content.0.text: text content blocks must be non-empty"),
     ERR_BAD_REQUEST, "upstream_rejected", 0},
    {401, ANTHROPIC("authentication_error", "invalid x-api-key"), ERR_UPSTREAM,
     "upstream_auth", 0},
    {402, ANTHROPIC("billing_error", "Pay"), ERR_UPSTREAM, "upstream_payment", 0},
    {403, ANTHROPIC("permission_error", "Not yours"), ERR_UPSTREAM, "upstream_auth", 0},
    {404, ANTHROPIC("not_found_error", "model: claude-9"), ERR_UPSTREAM,
     "upstream_not_found", 0},
    {413, ANTHROPIC("request_too_large", "Request exceeds the maximum size"),
     ERR_TOO_LARGE, "upstream_body_too_large", 0},
    {429,
     ANTHROPIC("rate_limit_error",
               "This request would exceed your organization's rate limit of 50 requests "
               "per minute"),
     ERR_RATE_LIMIT, "upstream_rate_limit", 0},
    {429,
     "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"You "
     "have "
     "reached your "
     "limit\",\"details\":{\"error_code\":\"enforced_spend_limit_reached\"}}}",
     ERR_RATE_LIMIT, "upstream_quota", 0},
    {500, ANTHROPIC("api_error", "Internal server error"), ERR_UPSTREAM, "upstream_error",
     0},
    {504, ANTHROPIC("timeout_error", "Too slow"), ERR_TIMEOUT, "upstream_timeout", 0},
    {529, ANTHROPIC("overloaded_error", "Overloaded"), ERR_OVERLOAD,
     "upstream_overloaded", 0},
    {400,
     GEMINI("400", "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
            INFO("API_KEY_INVALID")),
     ERR_UPSTREAM, "upstream_auth", 0},
    {400,
     GEMINI("400", "INVALID_ARGUMENT",
            "The input token count (1200000) exceeds the maximum number of tokens "
            "allowed (1048576).",
            ""),
     ERR_BAD_REQUEST, "context_length_exceeded", 0},
    {400,
     GEMINI("400", "FAILED_PRECONDITION",
            "User location is not supported for the API use.", ""),
     ERR_UPSTREAM, "upstream_account", 0},
    {400,
     GEMINI("400", "INVALID_ARGUMENT",
            "* GenerateContentRequest.contents: contents is not specified", ""),
     ERR_BAD_REQUEST, "upstream_rejected", 0},
    {403, GEMINI("403", "PERMISSION_DENIED", "Denied", ""), ERR_UPSTREAM, "upstream_auth",
     0},
    {404,
     GEMINI(
         "404", "NOT_FOUND",
         "models/gemini-9 is not found for API version v1beta, or is not supported for "
         "generateContent.",
         ""),
     ERR_UPSTREAM, "upstream_not_found", 0},
    {429,
     GEMINI(
         "429", "RESOURCE_EXHAUSTED",
         "You exceeded your current quota, please check your plan and billing details.",
         RETRY),
     ERR_RATE_LIMIT, "upstream_quota", 34500},
    {429,
     "[" GEMINI("429", "RESOURCE_EXHAUSTED", "Resource has been exhausted.", RETRY) "]",
     ERR_RATE_LIMIT, "upstream_rate_limit", 34500},
    {500, GEMINI("500", "INTERNAL", "An internal error has occurred.", ""), ERR_UPSTREAM,
     "upstream_error", 0},
    {503,
     GEMINI("503", "UNAVAILABLE", "The model is overloaded. Please try again later.", ""),
     ERR_OVERLOAD, "upstream_overloaded", 0},
    {504, GEMINI("504", "DEADLINE_EXCEEDED", "Deadline expired.", ""), ERR_TIMEOUT,
     "upstream_timeout", 0},
};

static void each_has_its_kind_and_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err;
        uint64_t wait_ms = 0;
        engine_classify(rows[i].status, str_of(rows[i].body), &err);
        if (err.kind != rows[i].kind || strcmp(err.code, rows[i].code) != 0)
            fail_msg("%d %s is %s", rows[i].status, rows[i].body, err.code);
        bool says = engine_wait_ms(rows[i].status, str_of(rows[i].body), &wait_ms);
        assert_int_equal(says, rows[i].wait_ms > 0);
        assert_int_equal(wait_ms, rows[i].wait_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_kind_and_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
