/* openai_usage.c -- reading and writing usage objects. */
#include "dialect/openai_usage.h"

#include "json/scan.h"

static const uint64_t ABSURD_TOKENS = 1000000000000;

/* Reads the value under the cursor as a count; false when it is none. */
static bool read_count(struct json_cur *c, uint64_t *ret)
{
    struct str raw;
    uint64_t n;
    bool is_number = json_peek(c) == JSON_NUMBER;
    if (!json_skip(c, &raw) || !is_number || !str_to_u64(raw, &n) || n > ABSURD_TOKENS)
        return false;
    *ret = n;
    return true;
}

/* prompt_tokens_details or completion_tokens_details: their keys do not collide. */
static void read_details(struct json_cur *c, struct usage *u)
{
    struct json_string k;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "cached_tokens"))
            read_count(c, &u->cached_tokens);
        else if (json_string_is(k, "cache_write_tokens"))
            read_count(c, &u->cache_write_tokens);
        else if (json_string_is(k, "reasoning_tokens"))
            read_count(c, &u->reasoning_tokens);
        else
            json_skip(c, NULL);
    }
}

bool usage_read(struct str object, struct usage *ret)
{
    struct json_cur c;
    struct json_string k;
    struct usage u = {0};
    json_begin(&c, object);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return false;
    while (json_next_member(&c, &k)) {
        if (json_string_is(k, "prompt_tokens"))
            u.is_known |= read_count(&c, &u.input_tokens);
        else if (json_string_is(k, "completion_tokens"))
            u.is_known |= read_count(&c, &u.output_tokens);
        else if (json_string_is(k, "prompt_tokens_details") ||
                 json_string_is(k, "completion_tokens_details"))
            read_details(&c, &u);
        else if (json_string_is(k, "prompt_cache_hit_tokens"))
            read_count(&c, &u.cached_tokens);
        else
            json_skip(&c, NULL);
    }
    if (json_finish(&c, NULL) != 0 || !u.is_known)
        return false;
    if (u.cached_tokens > u.input_tokens)
        u.cached_tokens = u.input_tokens;
    if (u.cache_write_tokens > u.input_tokens - u.cached_tokens)
        u.cache_write_tokens = u.input_tokens - u.cached_tokens;
    *ret = u;
    return true;
}

void usage_write(const struct usage *u, struct buf *out)
{
    buf_lit(out, "{\"prompt_tokens\":");
    buf_u64(out, u->input_tokens);
    buf_lit(out, ",\"completion_tokens\":");
    buf_u64(out, u->output_tokens);
    buf_lit(out, ",\"total_tokens\":");
    buf_u64(out, u->input_tokens + u->output_tokens);
    if (u->cached_tokens || u->cache_write_tokens) {
        buf_lit(out, ",\"prompt_tokens_details\":{\"cached_tokens\":");
        buf_u64(out, u->cached_tokens);
        if (u->cache_write_tokens) {
            buf_lit(out, ",\"cache_write_tokens\":");
            buf_u64(out, u->cache_write_tokens);
        }
        buf_byte(out, '}');
    }
    if (u->reasoning_tokens) {
        buf_lit(out, ",\"completion_tokens_details\":{\"reasoning_tokens\":");
        buf_u64(out, u->reasoning_tokens);
        buf_byte(out, '}');
    }
    buf_byte(out, '}');
}

bool usage_equal(const struct usage *a, const struct usage *b)
{
    return a->is_known == b->is_known && a->input_tokens == b->input_tokens &&
           a->cached_tokens == b->cached_tokens &&
           a->cache_write_tokens == b->cache_write_tokens &&
           a->output_tokens == b->output_tokens &&
           a->reasoning_tokens == b->reasoning_tokens;
}
