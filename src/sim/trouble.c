/* trouble.c -- the vendors' error bodies: Anthropic's, OpenAI's two, Google's, Ollama's.
 */
#include "sim/trouble.h"

#include "json/write.h"

#include <stdio.h>

struct word {
    int status;
    const char *word;
};

static const char *find(const struct word *words, size_t n, int status,
                        const char *otherwise)
{
    for (size_t i = 0; i < n; i++)
        if (words[i].status == status)
            return words[i].word;
    return otherwise;
}

static const char *anthropic_type(int status)
{
    static const struct word words[] = {
        {400, "invalid_request_error"}, {401, "authentication_error"},
        {402, "billing_error"},         {403, "permission_error"},
        {404, "not_found_error"},       {409, "conflict_error"},
        {413, "request_too_large"},     {429, "rate_limit_error"},
        {504, "timeout_error"},         {529, "overloaded_error"},
    };
    return find(words, ARRAY_LEN(words), status,
                status < 500 ? "invalid_request_error" : "api_error");
}

static const char *google_status(int status)
{
    static const struct word words[] = {
        {400, "INVALID_ARGUMENT"},   {401, "UNAUTHENTICATED"},
        {403, "PERMISSION_DENIED"},  {404, "NOT_FOUND"},
        {429, "RESOURCE_EXHAUSTED"}, {499, "CANCELLED"},
        {500, "INTERNAL"},           {503, "UNAVAILABLE"},
        {504, "DEADLINE_EXCEEDED"},
    };
    return find(words, ARRAY_LEN(words), status,
                status < 500 ? "FAILED_PRECONDITION" : "UNKNOWN");
}

static const char *openai_type(int status)
{
    static const struct word words[] = {
        {401, "authentication_error"},
        {403, "permission_error"},
        {404, "not_found_error"},
        {429, "rate_limit_error"},
    };
    return find(words, ARRAY_LEN(words), status,
                status < 500 ? "invalid_request_error" : "server_error");
}

/* -- bodies ----------------------------------------------------------------- */

static void write_anthropic(const struct sim_trouble *t, struct buf *out)
{
    buf_printf(out, "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":",
               t->type ? t->type : anthropic_type(t->status));
    json_write_string(out, str_of(t->message));
    buf_lit(out, "},\"request_id\":\"req_sim\"}");
}

static void write_google(const struct sim_trouble *t, struct buf *out)
{
    buf_printf(out, "{\"error\":{\"code\":%d,\"message\":", t->status);
    json_write_string(out, str_of(t->message));
    buf_printf(out, ",\"status\":\"%s\"", t->type ? t->type : google_status(t->status));
    if (t->retry_s)
        buf_printf(
            out,
            ",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\","
            "\"retryDelay\":\"%llus\"}]",
            (unsigned long long)t->retry_s);
    else if (t->reason)
        buf_printf(
            out,
            ",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\","
            "\"reason\":\"%s\",\"domain\":\"googleapis.com\"}]",
            t->reason);
    buf_lit(out, "}}");
}

static void write_word(const char *word, struct buf *out)
{
    if (word)
        json_write_string(out, str_of(word));
    else
        buf_lit(out, "null");
}

static void write_responses(const struct sim_trouble *t, struct buf *out)
{
    buf_lit(out, "{\"error\":{\"message\":");
    json_write_string(out, str_of(t->message));
    buf_printf(out,
               ",\"type\":\"%s\",\"param\":", t->type ? t->type : openai_type(t->status));
    write_word(t->param, out);
    buf_lit(out, ",\"code\":");
    write_word(t->code, out);
    buf_lit(out, "}}");
}

/* As llama-server and others write it: the code is the status. */
static void write_chat(const struct sim_trouble *t, struct buf *out)
{
    if (t->code || t->param) {
        write_responses(t, out);
        return;
    }
    buf_lit(out, "{\"error\":{\"message\":");
    json_write_string(out, str_of(t->message));
    buf_printf(out, ",\"type\":\"%s\",\"param\":null,\"code\":%d}}",
               t->type ? t->type : openai_type(t->status), t->status);
}

static void write_ollama(const struct sim_trouble *t, struct buf *out)
{
    buf_lit(out, "{\"error\":");
    json_write_string(out, str_of(t->message));
    buf_byte(out, '}');
}

void sim_trouble_write(const struct sim_trouble *t, struct buf *out)
{
    static void (*const writers[DIALECT_COUNT])(const struct sim_trouble *,
                                                struct buf *) = {
        [DIALECT_OPENAI] = write_chat,
        [DIALECT_OPENAI_RESPONSES] = write_responses,
        [DIALECT_ANTHROPIC] = write_anthropic,
        [DIALECT_GEMINI] = write_google,
        [DIALECT_OLLAMA] = write_ollama,
    };
    writers[t->dialect](t, out);
}

void sim_trouble_fields(const struct sim_trouble *t, struct buf *out)
{
    if (t->retry_s && t->dialect != DIALECT_GEMINI)
        buf_printf(out, "retry-after: %llu\r\n", (unsigned long long)t->retry_s);
}

/* -- what every vendor words in its own way --------------------------------- */

void sim_trouble_overflow(struct sim_trouble *t, enum dialect_id d, uint64_t tokens,
                          uint64_t most, char room[SIM_MESSAGE_BYTES])
{
    unsigned long long n = tokens, max = most;
    *t = (struct sim_trouble){.dialect = d, .status = 400, .message = room};
    switch (d) {
    case DIALECT_OPENAI_RESPONSES:
        snprintf(room, SIM_MESSAGE_BYTES,
                 "Your input exceeds the context window of this model. Please adjust "
                 "your input and try again.");
        t->param = "input";
        t->code = "context_length_exceeded";
        break;
    case DIALECT_ANTHROPIC:
        snprintf(room, SIM_MESSAGE_BYTES,
                 "prompt is too long: %llu tokens > %llu maximum", n, max);
        break;
    case DIALECT_GEMINI:
        snprintf(room, SIM_MESSAGE_BYTES,
                 "The input token count (%llu) exceeds the maximum number of tokens "
                 "allowed (%llu).",
                 n, max);
        break;
    default:
        snprintf(room, SIM_MESSAGE_BYTES,
                 "the input length exceeds the context length (%llu > %llu)", n, max);
        break;
    }
}

void sim_trouble_key(struct sim_trouble *t, enum dialect_id d)
{
    *t = (struct sim_trouble){
        .dialect = d, .status = 401, .message = "the bearer key is not the one"};
    switch (d) {
    case DIALECT_ANTHROPIC:
        t->message = "invalid x-api-key";
        break;
    case DIALECT_GEMINI:
        t->status = 400;
        t->reason = "API_KEY_INVALID";
        t->message = "API key not valid. Please pass a valid API key.";
        break;
    case DIALECT_OPENAI_RESPONSES:
        t->type = "invalid_request_error";
        t->code = "invalid_api_key";
        t->message = "Incorrect API key provided.";
        break;
    case DIALECT_OLLAMA:
        t->message = "unauthorized";
        break;
    default:
        t->type = "invalid_api_key";
        break;
    }
}

void sim_trouble_limited(struct sim_trouble *t, enum dialect_id d, uint64_t retry_s,
                         char room[SIM_MESSAGE_BYTES])
{
    unsigned long long s = retry_s;
    *t = (struct sim_trouble){
        .dialect = d, .status = 429, .retry_s = retry_s, .message = room};
    switch (d) {
    case DIALECT_OPENAI_RESPONSES:
        snprintf(room, SIM_MESSAGE_BYTES,
                 "Rate limit reached for requests per min. Please try again in %llus.",
                 s);
        t->type = "requests";
        t->code = "rate_limit_exceeded";
        break;
    case DIALECT_ANTHROPIC:
        snprintf(room, SIM_MESSAGE_BYTES,
                 "This request would exceed your organization's rate limit.");
        break;
    case DIALECT_GEMINI:
        snprintf(room, SIM_MESSAGE_BYTES,
                 "You exceeded your current quota. Please retry in %llus.", s);
        break;
    case DIALECT_OLLAMA:
        snprintf(room, SIM_MESSAGE_BYTES, "too many requests");
        break;
    default:
        snprintf(room, SIM_MESSAGE_BYTES, "simulated rate limit");
        t->type = "rate_limit_exceeded";
        break;
    }
}
