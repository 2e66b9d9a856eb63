/* answer.c -- whole answers: what they used, and whether they are answers at all. */
#include "dialect/openai_usage.h"
#include "engine/chunk.h"
#include "engine/classify.h"
#include "engine/engine.h"
#include "json/scan.h"

int engine_read_answer(enum surface surface, struct str body, struct usage *ret_usage,
                       uint64_t *ret_content_bytes, struct err *err)
{
    struct chunk ch;
    if (!chunk_read(body, &ch))
        return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                       "the engine's answer is not a JSON object");
    bool is_answer = surface == SURFACE_EMBEDDINGS ? ch.has_data_list : ch.nchoices > 0;
    if (ch.error.p && !is_answer) {
        classify_value(ch.error, err);
        return -1;
    }
    if (!is_answer)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                       "the engine's answer has no %s",
                       surface == SURFACE_EMBEDDINGS ? "data" : "choices");
    *ret_usage = ch.usage;
    *ret_content_bytes = ch.text_bytes[TEXT_CONTENT] + ch.text_bytes[TEXT_REASONING] +
                         ch.text_bytes[TEXT_TOOL];
    return 0;
}

/* The object that begins at s, if one does and ends within it. */
static bool read_at(struct str s, struct usage *ret)
{
    struct json_cur c;
    struct str raw;
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\n' || s.p[0] == '\r' || s.p[0] == '\t' ||
                   s.p[0] == ':'))
        s = str_sub(s, 1, s.n);
    json_begin(&c, s);
    return json_peek(&c) == JSON_OBJECT && json_skip(&c, &raw) && usage_read(raw, ret);
}

struct usage engine_usage_in_tail(struct str tail)
{
    struct str key = STR("\"usage\"");
    struct usage u = {0};
    for (size_t i = tail.n; i >= key.n; i--) {
        if (memcmp(tail.p + i - key.n, key.p, key.n) == 0 &&
            read_at(str_sub(tail, i, tail.n), &u))
            return u;
    }
    return (struct usage){0};
}
