/* rechunk.c -- an answer in another form than its reader expects.
 *
 * Some engines answer a request for a stream with one object, or send that object as the
 * only event; some answer completions as a chat, or a chat as completions.  A reader
 * looks for the text in one place (and in streams for the index of a tool call);
 * everything else is the same in all of them, and is copied. */
#include "engine/engine.h"
#include "engine/failure.h"
#include "json/scan.h"

/* What it is to become, and where. */
struct reshaping {
    enum surface to;
    bool is_stream;
    struct buf *out;
};

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

typedef void write_element(const struct reshaping *r, struct str raw, size_t index);

static void write_array(const struct reshaping *r, struct str raw, write_element *write)
{
    struct json_cur c;
    struct str value;
    size_t n = 0;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_ARRAY || !json_enter_array(&c)) {
        write_value(raw, r->out);
        return;
    }
    buf_byte(r->out, '[');
    for (; json_next_element(&c) && json_skip(&c, &value); n++) {
        if (n)
            buf_byte(r->out, ',');
        write(r, value, n);
    }
    buf_byte(r->out, ']');
}

static bool enter(struct json_cur *c, struct str object)
{
    json_begin(c, object);
    return object.p && json_peek(c) == JSON_OBJECT && json_enter_object(c);
}

/* -- chat --------------------------------------------------------------------------- */

static void write_call(const struct reshaping *r, struct str raw, size_t index)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool has_index = json_get(raw, "index").p != NULL, needs_comma = false;
    if (!r->is_stream || !enter(&c, raw)) {
        write_value(raw, r->out);
        return;
    }
    buf_byte(r->out, '{');
    if (!has_index) {
        write_key(STR("index"), r->out, &needs_comma);
        buf_u64(r->out, index);
    }
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        write_key(k.raw, r->out, &needs_comma);
        write_value(value, r->out);
    }
    buf_byte(r->out, '}');
}

/* The members of a message or delta; `text`, where there is one, is its content. */
static void write_members(const struct reshaping *r, struct str message, struct str text,
                          bool *needs_comma)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    if (!enter(&c, message))
        return;
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        bool is_content = json_string_is(k, "content");
        if ((is_content && text.p) || (str_eqz(value, "null") && r->is_stream))
            continue;
        write_key(k.raw, r->out, needs_comma);
        if (json_string_is(k, "tool_calls"))
            write_array(r, value, write_call);
        else
            write_value(value, r->out);
    }
}

static void write_message(const struct reshaping *r, struct str message, struct str text)
{
    bool needs_comma = false;
    buf_byte(r->out, '{');
    if (!r->is_stream && !json_get(message, "role").p) {
        write_key(STR("role"), r->out, &needs_comma);
        buf_lit(r->out, "\"assistant\"");
    }
    if (text.p || (!r->is_stream && !json_get(message, "content").p)) {
        write_key(STR("content"), r->out, &needs_comma);
        write_value(text.p ? text : STR("null"), r->out);
    }
    write_members(r, message, text, &needs_comma);
    buf_byte(r->out, '}');
}

/* -- completions -------------------------------------------------------------------- */

static void write_text_of(struct str content, struct buf *out);

/* Content in parts is the text of all of them. */
static void write_text_of_parts(struct str parts, struct buf *out)
{
    struct json_cur c;
    struct str part;
    json_begin(&c, parts);
    json_enter_array(&c);
    while (json_next_element(&c) && json_skip(&c, &part))
        write_text_of(part.p[0] == '{' ? json_get(part, "text") : part, out);
}

/* Between the quotes of a JSON string that is open. */
static void write_text_of(struct str content, struct buf *out)
{
    if (content.n > 1 && content.p[0] == '"')
        buf_append(out, str_sub(content, 1, content.n - 1));
    else if (content.n && content.p[0] == '[')
        write_text_of_parts(content, out);
}

/* What a message has besides its text, put beside that. */
static void write_rest(const struct reshaping *r, struct str choice, struct str message)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool needs_comma = true;
    if (!enter(&c, message))
        return;
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        char name[64] = "";
        bool is_text = json_string_is(k, "content") || json_string_is(k, "role");
        if (is_text || str_eqz(value, "null") || k.raw.n >= sizeof name)
            continue;
        memcpy(name, k.raw.p, k.raw.n);
        if (json_get(choice, name).p)
            continue;
        write_key(k.raw, r->out, &needs_comma);
        write_value(value, r->out);
    }
}

static void write_text(const struct reshaping *r, struct str message)
{
    struct str content = json_get(message, "content");
    size_t before;
    buf_lit(r->out, ",\"text\":\"");
    before = buf_len(r->out);
    write_text_of(content, r->out);
    if (buf_len(r->out) == before)
        write_text_of(json_get(message, "refusal"), r->out);
    buf_byte(r->out, '"');
}

/* -- a choice ----------------------------------------------------------------------- */

/* `text`, unless it is empty and a message stands beside it. */
static struct str own_text(struct str choice, struct str message)
{
    struct str text = json_get(choice, "text");
    bool is_text = text.n > 1 && text.p[0] == '"' && (text.n > 2 || !message.p);
    return is_text ? text : (struct str){NULL, 0};
}

/* Does the choice, as it stands, say its text where the reader looks? */
static bool is_of(const struct reshaping *r, struct str choice, struct str text)
{
    bool has_chat = json_get(choice, r->is_stream ? "delta" : "message").p != NULL;
    if (r->to == SURFACE_COMPLETIONS)
        return text.p != NULL;
    return has_chat && (!text.p || json_get(json_get(choice, "delta"), "content").n > 2 ||
                        json_get(json_get(choice, "message"), "content").n > 2);
}

static bool is_text_member(struct json_string k)
{
    return json_string_is(k, "delta") || json_string_is(k, "message") ||
           json_string_is(k, "text");
}

static void write_members_of_choice(const struct reshaping *r, struct str choice,
                                    bool is_same)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool needs_comma = true;
    if (!enter(&c, choice))
        return;
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        if (json_string_is(k, "index") || (!is_same && is_text_member(k)))
            continue;
        write_key(k.raw, r->out, &needs_comma);
        if (!is_same && json_string_is(k, "logprobs") && r->to == SURFACE_COMPLETIONS)
            buf_lit(r->out, "null"); /* the two surfaces have them in different forms */
        else
            write_value(value, r->out);
    }
}

static void write_choice(const struct reshaping *r, struct str raw, size_t index)
{
    struct str given = json_get(raw, "index"), message = json_get(raw, "delta");
    if (!message.p || message.p[0] != '{')
        message = json_get(raw, "message");
    struct str text = own_text(raw, message);
    bool is_same = is_of(r, raw, text);
    buf_lit(r->out, "{\"index\":");
    if (given.p)
        buf_append(r->out, given);
    else
        buf_u64(r->out, index);
    if (!is_same && r->to == SURFACE_COMPLETIONS) {
        write_text(r, message);
        write_rest(r, raw, message);
    } else if (!is_same && (message.p || text.p)) {
        buf_append(r->out, r->is_stream ? STR(",\"delta\":") : STR(",\"message\":"));
        write_message(r, message, text);
    }
    write_members_of_choice(r, raw, is_same);
    buf_byte(r->out, '}');
}

/* -- the answer ---------------------------------------------------------------------- */

static void write_object_name(const struct reshaping *r, struct str value)
{
    bool is_known = str_eqz(value, "\"chat.completion\"") ||
                    str_eqz(value, "\"chat.completion.chunk\"") ||
                    str_eqz(value, "\"text_completion\"");
    if (!is_known)
        write_value(value, r->out);
    else if (r->to == SURFACE_COMPLETIONS)
        buf_lit(r->out, "\"text_completion\"");
    else
        buf_append(r->out, r->is_stream ? STR("\"chat.completion.chunk\"")
                                        : STR("\"chat.completion\""));
}

bool engine_reshape(struct str answer, enum surface to, bool is_stream, struct buf *out)
{
    const struct reshaping r = {to, is_stream, out};
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool needs_comma = false;
    if (!enter(&c, answer))
        return false;
    buf_byte(out, '{');
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        if (json_string_is(k, "error") && failure_in_error(value) != SAYS_FAILURE)
            continue; /* readers take any for one */
        write_key(k.raw, out, &needs_comma);
        if (json_string_is(k, "choices"))
            write_array(&r, value, write_choice);
        else if (json_string_is(k, "object"))
            write_object_name(&r, value);
        else
            write_value(value, out);
    }
    buf_byte(out, '}');
    return json_finish(&c, NULL) == 0;
}
