/* rechunk.c -- a whole answer as a chunk of a stream.
 *
 * Some engines answer a request for a stream with one object, or send that object as the
 * only event.  A reader of streams looks for `delta` and for the index of a tool call;
 * everything else is the same in both, and is copied. */
#include "engine/engine.h"
#include "json/scan.h"

static void write_key(struct str key, struct buf *out, bool *needs_comma)
{
    if (*needs_comma)
        buf_byte(out, ',');
    *needs_comma = true;
    buf_byte(out, '"');
    buf_append(out, key);
    buf_lit(out, "\":");
}

/* Line ends stand between tokens only, and would end the event's line. */
static void write_value(struct str raw, struct buf *out)
{
    struct str line, part;
    while (str_split(&raw, '\n', &line))
        while (str_split(&line, '\r', &part))
            buf_append(out, part);
}

static void write_call(struct str raw, size_t index, struct buf *out)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool has_index = json_get(raw, "index").p != NULL, needs_comma = false;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c)) {
        write_value(raw, out);
        return;
    }
    buf_byte(out, '{');
    if (!has_index) {
        write_key(STR("index"), out, &needs_comma);
        buf_u64(out, index);
    }
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        write_key(k.raw, out, &needs_comma);
        write_value(value, out);
    }
    buf_byte(out, '}');
}

typedef void write_element(struct str raw, size_t index, struct buf *out);

static void write_array(struct str raw, write_element *write, struct buf *out)
{
    struct json_cur c;
    struct str value;
    size_t n = 0;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_ARRAY || !json_enter_array(&c)) {
        write_value(raw, out);
        return;
    }
    buf_byte(out, '[');
    for (; json_next_element(&c) && json_skip(&c, &value); n++) {
        if (n)
            buf_byte(out, ',');
        write(value, n, out);
    }
    buf_byte(out, ']');
}

static void write_delta(struct str message, struct buf *out)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool needs_comma = false;
    json_begin(&c, message);
    buf_byte(out, '{');
    if (json_peek(&c) == JSON_OBJECT && json_enter_object(&c))
        while (json_next_member(&c, &k) && json_skip(&c, &value)) {
            if (str_eqz(value, "null"))
                continue;
            write_key(k.raw, out, &needs_comma);
            if (json_string_is(k, "tool_calls"))
                write_array(value, write_call, out);
            else
                write_value(value, out);
        }
    buf_byte(out, '}');
}

static void write_choice(struct str raw, size_t index, struct buf *out)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool has_delta = json_get(raw, "delta").p != NULL, needs_comma = true;
    buf_lit(out, "{\"index\":");
    struct str given = json_get(raw, "index");
    if (given.p)
        buf_append(out, given);
    else
        buf_u64(out, index);
    json_begin(&c, raw);
    if (json_peek(&c) == JSON_OBJECT && json_enter_object(&c))
        while (json_next_member(&c, &k) && json_skip(&c, &value)) {
            if (json_string_is(k, "index"))
                continue;
            if (json_string_is(k, "message") && !has_delta) {
                write_key(STR("delta"), out, &needs_comma);
                write_delta(value, out);
            } else {
                write_key(k.raw, out, &needs_comma);
                write_value(value, out);
            }
        }
    buf_byte(out, '}');
}

bool engine_chunk_of_answer(struct str answer, struct buf *out)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool needs_comma = false;
    json_begin(&c, answer);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return false;
    buf_byte(out, '{');
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        write_key(k.raw, out, &needs_comma);
        if (json_string_is(k, "choices"))
            write_array(value, write_choice, out);
        else if (json_string_is(k, "object") && str_eqz(value, "\"chat.completion\""))
            buf_lit(out, "\"chat.completion.chunk\"");
        else
            write_value(value, out);
    }
    buf_byte(out, '}');
    return json_finish(&c, NULL) == 0;
}
