/* openai_usage.c -- reading and writing usage objects. */
#include "dialect/openai_usage.h"

#include "dialect/usage.h"

bool usage_read(struct str object, struct usage *ret)
{
    struct usage_report r;
    if (!usage_report_read(object, &r) || !usage_report_is_known(&r))
        return false;
    *ret = usage_resolve(&r, false);
    return true;
}

static void write_name(struct buf *out, struct str before, const char *name,
                       struct str behind)
{
    buf_append(out, before);
    buf_append(out, str_of(name));
    buf_append(out, behind);
}

/* Opens the object of details, or goes on in it. */
static void write_detail(struct buf *out, const char *details, bool *is_open,
                         const char *name, uint64_t n)
{
    if (n == 0)
        return;
    if (*is_open)
        buf_byte(out, ',');
    else
        write_name(out, STR(",\""), details, STR("\":{"));
    *is_open = true;
    write_name(out, STR("\""), name, STR("\":"));
    buf_u64(out, n);
}

void usage_write(const struct usage *u, struct buf *out)
{
    buf_lit(out, "{\"prompt_tokens\":");
    buf_u64(out, u->input_tokens);
    buf_lit(out, ",\"completion_tokens\":");
    buf_u64(out, u->output_tokens);
    buf_lit(out, ",\"total_tokens\":");
    buf_u64(out, u->input_tokens + u->output_tokens);
    static const char input[] = "prompt_tokens_details";
    static const char output[] = "completion_tokens_details";
    bool is_open = false;
    write_detail(out, input, &is_open, "cached_tokens", u->cached_tokens);
    write_detail(out, input, &is_open, "cache_write_tokens", u->cache_write_tokens);
    write_detail(out, input, &is_open, "audio_tokens", u->audio_input_tokens);
    buf_append(out, is_open ? STR("}") : STR(""));
    is_open = false;
    write_detail(out, output, &is_open, "reasoning_tokens", u->reasoning_tokens);
    write_detail(out, output, &is_open, "audio_tokens", u->audio_output_tokens);
    buf_append(out, is_open ? STR("}}") : STR("}"));
}

bool usage_equal(const struct usage *a, const struct usage *b)
{
    return a->is_known == b->is_known && a->input_tokens == b->input_tokens &&
           a->cached_tokens == b->cached_tokens &&
           a->cache_write_tokens == b->cache_write_tokens &&
           a->output_tokens == b->output_tokens &&
           a->reasoning_tokens == b->reasoning_tokens &&
           a->audio_input_tokens == b->audio_input_tokens &&
           a->audio_output_tokens == b->audio_output_tokens;
}
