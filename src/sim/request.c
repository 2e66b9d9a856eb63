/* request.c -- the OpenAI request bodies, as far as a simulator cares.
 *
 * Counting words on the raw bytes spares an unescaped copy of a body that may be
 * 30 MB.  A null is the same as absent everywhere, as at OpenAI. */
#include "sim/request.h"

#include "core/hash.h"

static const struct siphash_key digest_key = {0x7765697273696d31, 0x746578742d2d2d31};

uint64_t sim_count_words(struct str raw)
{
    uint64_t n = 0;
    bool in_word = false;
    for (size_t i = 0; i < raw.n; i++) {
        char ch = raw.p[i];
        bool blank = ch == ' ' || ch == '\n' || ch == '\t' || ch == '\r';
        if (ch == '\\' && i + 1 < raw.n) {
            char next = raw.p[++i];
            blank = next == 'n' || next == 'r' || next == 't';
        }
        n += !blank && !in_word;
        in_word = !blank;
    }
    return n;
}

static bool skip_null(struct json_cur *c)
{
    return json_peek(c) == JSON_NULL && json_skip(c, NULL);
}

static void read_count(struct json_cur *c, int64_t min, int64_t max, const char *problem,
                       uint64_t *ret)
{
    int64_t v;
    if (skip_null(c) || !json_read_i64(c, &v))
        return;
    if (v < min || v > max)
        json_fail(c, problem);
    *ret = (uint64_t)v;
}

static void read_flag(struct json_cur *c, bool *ret)
{
    if (!skip_null(c))
        json_read_bool(c, ret);
}

static void take_text(struct sim_request *r, struct json_string s, bool is_prompt)
{
    r->prompt_tokens += sim_count_words(s.raw);
    if (is_prompt)
        r->prompt = s;
}

/* -- messages --------------------------------------------------------------- */

/* A part of a content array; only text counts. */
static void read_part(struct json_cur *c, struct sim_request *r, bool is_user)
{
    struct json_string key, text;
    if (!json_enter_object(c))
        return;
    while (json_next_member(c, &key)) {
        if (json_string_is(key, "text") && json_peek(c) == JSON_STRING) {
            if (json_read_string(c, &text))
                take_text(r, text, is_user);
        } else {
            json_skip(c, NULL);
        }
    }
}

static void read_content(struct sim_request *r, struct str raw, bool is_user)
{
    struct json_cur c;
    struct json_string text;
    json_begin(&c, raw);
    if (json_peek(&c) == JSON_STRING) {
        if (json_read_string(&c, &text))
            take_text(r, text, is_user);
    } else if (json_peek(&c) == JSON_ARRAY && json_enter_array(&c)) {
        while (json_next_element(&c))
            read_part(&c, r, is_user);
    }
}

static void read_message(struct json_cur *c, struct sim_request *r)
{
    struct json_string key, role = {.raw = {"", 0}};
    struct str content = {NULL, 0};
    if (!json_enter_object(c))
        return;
    while (json_next_member(c, &key)) {
        if (json_string_is(key, "role"))
            json_read_string(c, &role);
        else if (json_string_is(key, "content"))
            json_skip(c, &content);
        else
            json_skip(c, NULL);
    }
    if (json_ok(c) && content.p)
        read_content(r, content, json_string_is(role, "user"));
}

static void read_messages(struct json_cur *c, struct sim_request *r, struct str *ret_raw)
{
    const char *from = c->p;
    if (!json_enter_array(c))
        return;
    while (json_next_element(c))
        read_message(c, r);
    *ret_raw = (struct str){from, (size_t)(c->p - from)};
}

/* -- prompts and inputs ----------------------------------------------------- */

/* A text, a list of token numbers, or a list of either.  *ret_n counts the prompts. */
static void read_texts(struct json_cur *c, struct sim_request *r, uint32_t *ret_n)
{
    struct json_string text;
    bool has_numbers = false;
    *ret_n = 1;
    if (json_peek(c) == JSON_STRING) {
        if (json_read_string(c, &text))
            take_text(r, text, true);
        return;
    }
    if (!json_enter_array(c))
        return;
    *ret_n = 0;
    while (json_next_element(c)) {
        if (json_peek(c) == JSON_NUMBER) {
            json_skip(c, NULL);
            r->prompt_tokens++;
            has_numbers = true;
        } else if (json_peek(c) == JSON_ARRAY) {
            json_enter_array(c);
            while (json_next_element(c) && json_skip(c, NULL))
                r->prompt_tokens++;
            ++*ret_n;
        } else if (json_read_string(c, &text)) {
            take_text(r, text, ++*ret_n == 1);
        }
    }
    if (has_numbers)
        *ret_n = 1;
}

static void read_raw_texts(struct json_cur *c, struct sim_request *r, uint32_t *ret_n,
                           struct str *ret_raw)
{
    const char *from = c->p;
    read_texts(c, r, ret_n);
    *ret_raw = (struct str){from, (size_t)(c->p - from)};
}

/* -- the other members ------------------------------------------------------ */

static void read_stops(struct json_cur *c, struct sim_request *r)
{
    if (skip_null(c))
        return;
    if (json_peek(c) == JSON_STRING) {
        r->nstops = json_read_string(c, &r->stops[0]) ? 1 : 0;
        return;
    }
    if (!json_enter_array(c))
        return;
    while (json_next_element(c)) {
        if (r->nstops == SIM_MAX_STOPS)
            json_fail(c, "at most 4 stop sequences");
        else if (json_read_string(c, &r->stops[r->nstops]))
            r->nstops++;
    }
}

static void read_tool_choice(struct json_cur *c, struct sim_request *r)
{
    struct json_string word;
    struct str raw;
    if (json_peek(c) == JSON_STRING) {
        if (json_read_string(c, &word))
            r->must_call = json_string_is(word, "required");
        return;
    }
    if (!json_skip(c, &raw) || json_path(raw, "function", NULL).p == NULL)
        return;
    struct json_cur name;
    json_begin(&name, json_path(raw, "function", "name", NULL));
    r->must_call = json_read_string(&name, &r->tool);
}

static void read_response_format(struct json_cur *c, struct sim_request *r)
{
    struct str raw;
    if (!json_skip(c, &raw))
        return;
    struct str type = json_get(raw, "type");
    r->wants_json = str_eqz(type, "\"json_object\"") || str_eqz(type, "\"json_schema\"");
    r->schema = json_path(raw, "json_schema", "schema", NULL);
}

static void read_stream_options(struct json_cur *c, struct sim_request *r)
{
    struct json_string key;
    if (skip_null(c) || !json_enter_object(c))
        return;
    while (json_next_member(c, &key)) {
        if (json_string_is(key, "include_usage"))
            read_flag(c, &r->include_usage);
        else
            json_skip(c, NULL);
    }
}

static void read_model(struct json_cur *c, struct sim_request *r)
{
    struct json_string s;
    if (!skip_null(c) && json_read_string(c, &s))
        r->model = s.raw;
}

/* logprobs is a flag in chat and a number in completions. */
static void read_logprobs(struct json_cur *c, struct sim_request *r)
{
    r->wants_logprobs = json_peek(c) == JSON_TRUE || json_peek(c) == JSON_NUMBER;
    json_skip(c, NULL);
}

static void read_encoding(struct json_cur *c, struct sim_request *r)
{
    struct json_string word;
    if (!skip_null(c) && json_read_string(c, &word))
        r->is_base64 = json_string_is(word, "base64");
}

static void read_tools(struct json_cur *c, struct sim_request *r)
{
    if (json_skip(c, &r->tools))
        r->prompt_tokens += sim_tool_tokens(r->tools);
}

struct reading {
    struct str text_raw; /* what the digest covers */
    uint32_t nprompts;
    uint64_t n;
};

static void read_shape(struct json_cur *c, struct json_string key, struct sim_request *r,
                       struct reading *rd)
{
    uint64_t dimensions = 0;
    if (json_string_is(key, "stream"))
        read_flag(c, &r->is_stream);
    else if (json_string_is(key, "stream_options"))
        read_stream_options(c, r);
    else if (json_string_is(key, "max_tokens") ||
             json_string_is(key, "max_completion_tokens"))
        read_count(c, 1, INT64_MAX, "max_tokens must be at least 1", &r->max_tokens);
    else if (json_string_is(key, "n"))
        read_count(c, 1, SIM_MAX_CHOICES, "n must be between 1 and 128", &rd->n);
    else if (json_string_is(key, "stop"))
        read_stops(c, r);
    else if (json_string_is(key, "tools"))
        read_tools(c, r);
    else if (json_string_is(key, "tool_choice"))
        read_tool_choice(c, r);
    else if (json_string_is(key, "response_format"))
        read_response_format(c, r);
    else if (json_string_is(key, "logprobs"))
        read_logprobs(c, r);
    else if (json_string_is(key, "dimensions"))
        read_count(c, 1, SIM_MAX_DIMENSIONS, "dimensions must be between 1 and 4096",
                   &dimensions);
    else
        json_skip(c, NULL);
    if (dimensions)
        r->dimensions = (uint32_t)dimensions;
}

static void read_members(struct json_cur *c, struct sim_request *r, struct reading *rd)
{
    static const char *const text_keys[] = {"messages", "prompt", "input"};
    struct json_string key;
    while (json_next_member(c, &key)) {
        if (json_string_is(key, "model"))
            read_model(c, r);
        else if (json_string_is(key, text_keys[r->surface]) && r->surface == SIM_CHAT)
            read_messages(c, r, &rd->text_raw);
        else if (json_string_is(key, text_keys[r->surface]))
            read_raw_texts(c, r, &rd->nprompts, &rd->text_raw);
        else if (json_string_is(key, "encoding_format"))
            read_encoding(c, r);
        else
            read_shape(c, key, r, rd);
    }
}

int sim_request_read(struct sim_request *r, enum sim_surface surface, struct str body,
                     struct str default_model, struct err *err)
{
    static const char *const missing[] = {"'messages' is required",
                                          "'prompt' is required", "'input' is required"};
    struct reading rd = {.nprompts = 1, .n = 1};
    struct json_cur c;
    *r = (struct sim_request){.surface = surface};
    json_begin(&c, body);
    if (json_enter_object(&c))
        read_members(&c, r, &rd);
    if (json_finish(&c, err) < 0)
        return -1;
    if (!rd.text_raw.p)
        return err_set(err, ERR_BAD_REQUEST, "invalid_request", "%s", missing[surface]);
    if (rd.nprompts == 0 || rd.nprompts * rd.n > SIM_MAX_CHOICES * 16)
        return err_set(err, ERR_BAD_REQUEST, "invalid_request",
                       "between 1 and %d texts at once", SIM_MAX_CHOICES * 16);
    r->n = (uint32_t)(rd.nprompts * rd.n);
    r->input = rd.text_raw;
    if (!r->model.p)
        r->model = default_model;
    struct siphash h;
    siphash_init(&h, digest_key);
    siphash_update(&h, r->model);
    siphash_update(&h, rd.text_raw);
    r->digest = siphash_final(&h);
    return 0;
}
