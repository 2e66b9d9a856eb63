/* anthropic_messages.c -- what the model will read, as routing sees it: messages and
 * `system`.
 *
 * Counted as JSON text.  What is no text is not counted: pictures and documents in
 * base64, which are media, and what the provider alone reads (signatures, thoughts that
 * it hid). */
#include "config/kinds.h"
#include "dialect/anthropic.h"
#include "dialect/body.h"

/* -1 from its functions: *err says why; a fault of the JSON itself is the cursor's. */
struct messages {
    struct json_cur *c;
    struct chat *chat;
    struct arena *arena;
    struct err *err;
    uint64_t blob_bytes; /* of what is no text */
    bool has_result;     /* of a tool, in the message at hand */
};

/* A string without its quotes, or nothing. */
static struct str read_string(struct json_cur *c)
{
    struct json_string s;
    if (json_peek(c) == JSON_STRING)
        return json_read_string(c, &s) ? s.raw : STR("");
    json_skip(c, NULL);
    return STR("");
}

static int read_blocks(struct messages *m);

/* *ret_is_text: it is no file, but a text, or blocks of its own. */
static int read_source(struct messages *m, bool *ret_is_text)
{
    struct json_string k;
    struct str type = STR(""), data = STR("");
    uint64_t seen = 0;
    if (!json_object_or_skip(m->c))
        return 0;
    while (json_next_member(m->c, &k)) {
        int place = name_find(SHAPE_ANTHROPIC_SOURCE, k, &seen, m->err);
        if (place == NAME_REFUSED)
            return -1;
        if (place == ANTHROPIC_SOURCE_TYPE)
            type = read_string(m->c);
        else if (place == ANTHROPIC_SOURCE_DATA)
            data = read_string(m->c);
        else if (place != ANTHROPIC_SOURCE_CONTENT)
            json_skip(m->c, NULL);
        else if (read_blocks(m) != 0)
            return -1;
    }
    *ret_is_text = str_eqz(type, "text") || str_eqz(type, "content");
    if (!*ret_is_text)
        m->blob_bytes += data.n;
    return 0;
}

static void note_block(struct messages *m, struct str type, bool is_text)
{
    struct chat *chat = m->chat;
    if (str_eqz(type, "tool_result"))
        m->has_result = true;
    else if (str_eqz(type, "image"))
        chat->needs |= CAP_VISION;
    else if (str_eqz(type, "document") && !is_text)
        chat->needs |= CAP_FILES;
    else
        return;
    chat->nmedia += !str_eqz(type, "tool_result");
}

static int read_block(struct messages *m)
{
    struct json_string k;
    struct str type = STR("");
    uint64_t seen = 0;
    bool is_text = false;
    if (!json_object_or_skip(m->c))
        return 0;
    while (json_next_member(m->c, &k)) {
        int place = name_find(SHAPE_ANTHROPIC_BLOCK, k, &seen, m->err), rc = 0;
        switch (place) {
        case NAME_REFUSED:
            return -1;
        case ANTHROPIC_BLOCK_TYPE:
            type = read_string(m->c);
            break;
        case ANTHROPIC_BLOCK_SOURCE:
            rc = read_source(m, &is_text);
            break;
        case ANTHROPIC_BLOCK_CONTENT:
            rc = read_blocks(m);
            break;
        case ANTHROPIC_BLOCK_SIGNATURE:
        case ANTHROPIC_BLOCK_DATA:
            m->blob_bytes += read_string(m->c).n;
            break;
        default:
            rc = shape_skip(m->c, name_inner(SHAPE_ANTHROPIC_BLOCK, place), m->err);
        }
        if (rc != 0)
            return -1;
    }
    note_block(m, type, is_text);
    return 0;
}

/* Blocks, or one alone, as some results of the API's own tools are. */
static int read_blocks(struct messages *m)
{
    if (json_peek(m->c) == JSON_OBJECT)
        return read_block(m);
    if (!json_array_or_skip(m->c))
        return 0;
    while (json_next_element(m->c))
        if (read_block(m) != 0)
            return -1;
    return 0;
}

static int bad_message(const struct messages *m, const char *problem)
{
    return err_set(m->err, ERR_BAD_REQUEST, "invalid_field", "'messages[%u]%s",
                   m->chat->nmessages, problem);
}

static int note_message(struct messages *m, struct str role, struct str content)
{
    struct chat *chat = m->chat;
    if (str_eqz(role, "assistant")) {
        body_note_reply(chat, content);
    } else if (str_eqz(role, "system")) {
        if (!chat->has_system)
            chat->system_text = content;
        chat->has_system = true;
    } else if (!str_eqz(role, "user")) {
        return bad_message(m, ".role' must be user, assistant or system");
    } else if (m->has_result) {
        chat->has_tool_results = true;
        body_note_reply(chat, content);
    } else {
        chat->last_user = content;
        return body_add_turn(chat, m->arena, content, m->err);
    }
    return 0;
}

static int read_content(struct messages *m, struct str *ret)
{
    enum json_type t = json_peek(m->c);
    const char *from = m->c->p;
    if (t != JSON_STRING && t != JSON_ARRAY)
        return bad_message(m, ".content' must be a string or an array of blocks");
    if (read_blocks(m) != 0)
        return -1;
    *ret = (struct str){from, (size_t)(m->c->p - from)};
    return 0;
}

static int read_message(struct messages *m)
{
    struct json_string k;
    struct str role = {NULL, 0}, content = {NULL, 0};
    uint64_t seen = 0;
    m->has_result = false;
    if (json_peek(m->c) != JSON_OBJECT)
        return json_skip(m->c, NULL) ? bad_message(m, "' must be an object") : 0;
    json_enter_object(m->c);
    while (json_next_member(m->c, &k)) {
        int place = name_find(SHAPE_ANTHROPIC_MESSAGE, k, &seen, m->err);
        if (place == NAME_REFUSED)
            return -1;
        if (place == ANTHROPIC_ROLE)
            role = read_string(m->c);
        else if (place != ANTHROPIC_CONTENT)
            json_skip(m->c, NULL);
        else if (read_content(m, &content) != 0)
            return -1;
    }
    if (!json_ok(m->c))
        return 0;
    if (!role.p || !content.p)
        return bad_message(m, role.p ? ".content' is missing" : ".role' is missing");
    if (note_message(m, role, content) != 0)
        return -1;
    m->chat->nmessages++;
    return 0;
}

static void count(const struct messages *m, const char *from)
{
    struct str all = {from, (size_t)(m->c->p - from)};
    m->chat->text_bytes += all.n - m->blob_bytes;
    m->chat->wide_bytes += body_wide_bytes(all);
}

int anthropic_note_messages(struct json_cur *c, struct arena *a, struct chat *chat,
                            struct err *err)
{
    struct messages m = {.c = c, .chat = chat, .arena = a, .err = err};
    if (json_peek(c) != JSON_ARRAY)
        return body_bad_field(err, "messages", "an array");
    const char *from = c->p;
    json_enter_array(c);
    while (json_next_element(c))
        if (read_message(&m) != 0)
            return -1;
    if (!json_ok(c))
        return 0;
    if (chat->nmessages == 0)
        return err_set(err, ERR_BAD_REQUEST, "invalid_field", "'messages' is empty");
    count(&m, from);
    return 0;
}

int anthropic_note_system(struct json_cur *c, struct chat *chat, struct err *err)
{
    struct messages m = {.c = c, .chat = chat, .err = err};
    enum json_type t = json_peek(c);
    const char *from = c->p;
    if (t == JSON_NULL) {
        json_skip(c, NULL);
        return 0;
    }
    if (t != JSON_STRING && t != JSON_ARRAY)
        return body_bad_field(err, "system", "a string or an array of blocks");
    if (read_blocks(&m) != 0)
        return -1;
    if (!json_ok(c))
        return 0;
    chat->system_text = (struct str){from, (size_t)(c->p - from)};
    chat->has_system = true;
    count(&m, from);
    return 0;
}
