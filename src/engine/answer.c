/* answer.c -- whole answers: what they used, and whether they are answers at all. */
#include "engine/chunk.h"
#include "engine/classify.h"
#include "engine/engine.h"
#include "engine/notjson.h"
#include "json/scan.h"

/* Nothing, or one or more end marks of a stream. */
static bool is_end_of_stream(struct str rest)
{
    struct str line;
    while (str_split(&rest, '\n', &line)) {
        line = trim_json(line);
        if (str_starts(line, STR("data:")))
            line = trim_json(str_sub(line, strlen("data:"), line.n));
        if (line.n && !str_eqz(line, "[DONE]"))
            return false;
    }
    return true;
}

static struct str without_mark(struct str body)
{
    struct str mark = STR("\xEF\xBB\xBF");
    return str_starts(body, mark) ? str_sub(body, mark.n, body.n) : body;
}

/* Past the fields and comments of an event, to its data. */
static struct str data_of_event(struct str body)
{
    struct str rest = trim_json(body), line;
    while (rest.n && rest.p[0] != '{' && str_split(&rest, '\n', &line)) {
        if (!str_starts(line, STR("data:")))
            continue;
        const char *data = line.p + strlen("data:");
        return (struct str){data, (size_t)(body.p + body.n - data)};
    }
    return body;
}

struct str engine_object_in(struct str body)
{
    struct json_cur c;
    struct str object, whole = without_mark(body), all = trim_json(whole);
    if (LIKELY(all.n && all.p[0] == '{' && all.p[all.n - 1] == '}'))
        return whole; /* no mark of an end ends so: it is one object, or none */
    struct str at = data_of_event(whole);
    json_begin(&c, at);
    if (json_peek(&c) != JSON_OBJECT || !json_skip(&c, &object))
        return whole;
    size_t end = (size_t)(object.p - at.p) + object.n;
    struct str rest = trim_json(str_sub(at, end, at.n));
    bool is_alone = at.p == whole.p && rest.n == 0;
    return !is_alone && is_end_of_stream(rest) ? object : whole;
}

enum body_look engine_look(struct str start)
{
    static const char *const fields[] = {"data:", "event:", "id:", "retry:", ":"};
    struct str mark = STR("\xEF\xBB\xBF"), s = without_mark(start);
    if (start.n < mark.n && str_starts(mark, start))
        return LOOKS_OPEN;
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\r' || s.p[0] == '\n'))
        s = str_sub(s, 1, s.n);
    if (s.n == 0)
        return LOOKS_OPEN;
    if (s.p[0] == '{')
        return LOOKS_JSON;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        struct str field = str_of(fields[i]);
        if (str_starts(s, field))
            return LOOKS_STREAM;
        if (str_starts(field, s))
            return LOOKS_OPEN;
    }
    char first = (char)(s.p[0] | 0x20);
    return first >= 'a' && first <= 'z' ? LOOKS_OTHER : LOOKS_NEITHER;
}

/* An object that was cut, or has one wrong byte, is the engine's work.  A page or another
 * text is some proxy's, and of compressed bytes nobody knows what they cost. */
static void note_unread(struct str body, struct engine_answer *ret)
{
    struct str text = trim_json(body);
    if (text.n && text.p[0] == '{')
        return;
    ret->content_bytes = 0;
    ret->usage.has_unpriced |= is_compressed(body);
}

int engine_read_answer(enum surface surface, struct str body, struct engine_answer *ret,
                       struct err *err)
{
    struct chunk ch;
    if (!chunk_read(body, &ch)) {
        note_unread(body, ret);
        not_json(body, "upstream_bad_answer", "the answer", err);
        return -1;
    }
    bool is_answer = surface == SURFACE_EMBEDDINGS ? ch.has_data_list : ch.nchoices > 0;
    uint64_t text_bytes = ch.text_bytes[TEXT_CONTENT] + ch.text_bytes[TEXT_REASONING] +
                          ch.text_bytes[TEXT_TOOL];
    if (ch.failure.p && text_bytes == 0 && !ch.error.p)
        ch.error = ch.failure;
    ret->usage = usage_resolve(&ch.usage, surface == SURFACE_EMBEDDINGS);
    if (ch.error.p) {
        /* It made nothing; what it says it used all the same, it used. */
        ret->content_bytes = 0;
        classify_value(ch.error, err);
        return -1;
    }
    ret->content_bytes = is_answer ? text_bytes : 0;
    if (!is_answer)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                       "the engine's answer has no %s",
                       surface == SURFACE_EMBEDDINGS ? "data" : "choices");
    ret->is_other = !chunk_is_of(&ch, surface, false);
    return 0;
}

static struct str after_colon(struct str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\n' || s.p[0] == '\r' || s.p[0] == '\t' ||
                   s.p[0] == ':'))
        s = str_sub(s, 1, s.n);
    return s;
}

/* The value that begins at s, if one does and ends within it; p == NULL: none. */
static struct str value_at(struct str s, enum json_type type)
{
    struct json_cur c;
    struct str raw = {NULL, 0};
    json_begin(&c, s);
    return json_peek(&c) == type && json_skip(&c, &raw) ? raw : (struct str){NULL, 0};
}

/* Where the text has `key` the last time before `end`; -1: nowhere. */
static ptrdiff_t last_of(struct str text, size_t end, struct str key)
{
    for (size_t i = end; i >= key.n; i--)
        if (memcmp(text.p + i - key.n, key.p, key.n) == 0)
            return (ptrdiff_t)i;
    return -1;
}

static bool find_usage(struct str tail, struct str key, struct usage_report *ret)
{
    for (ptrdiff_t at = last_of(tail, tail.n, key); at >= 0;
         at = last_of(tail, (size_t)at - 1, key)) {
        struct str rest = after_colon(str_sub(tail, (size_t)at, tail.n));
        struct str object = value_at(rest, JSON_OBJECT);
        if (object.p && usage_report_read(object, ret))
            return true;
    }
    return false;
}

/* Quotes within a text are escaped, so what looks like a member is one. */
struct usage engine_usage_in_tail(enum surface surface, struct str tail)
{
    static const struct str keys[] = {
        STR_INIT("\"usage\""), STR_INIT("\"usageMetadata\""), STR_INIT("\"meta\"")};
    struct usage_report r = {0};
    for (size_t i = 0; i < ARRAY_LEN(keys) && !r.given; i++)
        (void)find_usage(tail, keys[i], &r);
    ptrdiff_t at = last_of(tail, tail.n, STR("\"service_tier\""));
    struct str tier =
        at < 0 ? (struct str){NULL, 0}
               : value_at(after_colon(str_sub(tail, (size_t)at, tail.n)), JSON_STRING);
    if (tier.n > 2 && !r.has_tier)
        r.tier = service_tier_of(str_sub(tier, 1, tier.n - 1));
    return usage_resolve(&r, surface == SURFACE_EMBEDDINGS);
}
