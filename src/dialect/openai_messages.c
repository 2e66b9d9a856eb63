/* openai_messages.c -- what the model will read: messages, prompts, inputs.
 *
 * Counted as JSON text: escapes make the count a little high, which is the safe side
 * for a bound.  Pictures, sounds and files sent inline (base64 in a data: URL, or in
 * `data` and `file_data`) are no text; they are counted as media instead. */
#include "config/kinds.h"
#include "dialect/body.h"
#include "dialect/openai.h"
#include "json/scan.h"

enum {
    TOKEN_ID_BYTES = 3 /* what one ready-made token id counts as, in text bytes */
};

/* One reading of messages.  -1 from its functions: *err says why; a fault of the JSON
 * itself is the cursor's. */
struct messages {
    struct json_cur *c;
    struct chat *chat;
    struct arena *arena;
    struct err *err;
    uint64_t blob_bytes; /* of what is inline data and no text */
    bool has_media;      /* the part at hand, in a member that is read nowhere else */
};

/* The value of image_url, input_audio, file and their like. */
static int read_medium(struct messages *m)
{
    struct json_string k, s;
    uint64_t seen = 0;
    if (json_peek(m->c) == JSON_STRING) {
        if (json_read_string(m->c, &s) && str_starts(s.raw, STR("data:")))
            m->blob_bytes += s.raw.n;
        return 0;
    }
    if (!json_object_or_skip(m->c))
        return 0;
    while (json_next_member(m->c, &k)) {
        int place = name_find(SHAPE_MEDIUM, k, &seen, m->err);
        if (place == NAME_REFUSED)
            return -1;
        if (json_peek(m->c) != JSON_STRING)
            json_skip(m->c, NULL);
        else if (json_read_string(m->c, &s) &&
                 (place == MEDIUM_DATA || place == MEDIUM_FILE_DATA ||
                  str_starts(s.raw, STR("data:"))))
            m->blob_bytes += s.raw.n;
    }
    return 0;
}

static unsigned part_needs(struct json_string type)
{
    if (json_string_is(type, "image_url") || json_string_is(type, "input_image"))
        return CAP_VISION;
    if (json_string_is(type, "input_audio"))
        return CAP_AUDIO;
    if (json_string_is(type, "file") || json_string_is(type, "input_file"))
        return CAP_FILES;
    return 0;
}

/* A video, say, or what tools call the data of a picture. */
static int read_other(struct messages *m, int place)
{
    enum shape inner = name_inner(SHAPE_PART, place);
    json_peek(m->c); /* steps over blanks */
    const char *from = m->c->p;
    if (shape_skip(m->c, inner, m->err) != 0)
        return -1;
    if (place != NAME_UNKNOWN && inner != SHAPE_MEDIUM)
        return 0; /* a text */
    uint64_t n = body_media_bytes((struct str){from, (size_t)(m->c->p - from)});
    m->blob_bytes += n;
    m->has_media |= n > 0;
    return 0;
}

static int read_part_member(struct messages *m, int place, unsigned *needs)
{
    struct json_string type;
    switch (place) {
    case PART_TYPE:
        if (json_peek(m->c) != JSON_STRING)
            json_skip(m->c, NULL);
        else if (json_read_string(m->c, &type))
            *needs |= part_needs(type);
        return 0;
    case PART_IMAGE_URL:
    case PART_INPUT_AUDIO:
    case PART_FILE:
    case PART_FILE_DATA:
        return read_medium(m);
    default:
        return read_other(m, place);
    }
}

static int read_part(struct messages *m)
{
    struct json_string k;
    uint64_t seen = 0;
    unsigned needs = 0;
    m->has_media = false;
    if (!json_object_or_skip(m->c))
        return 0;
    while (json_next_member(m->c, &k)) {
        int place = name_find(SHAPE_PART, k, &seen, m->err);
        if (place == NAME_REFUSED || read_part_member(m, place, &needs) != 0)
            return -1;
    }
    m->chat->needs |= needs;
    m->chat->nmedia += needs != 0 || m->has_media;
    return 0;
}

/* Parts, or one part alone, as some servers take it. */
static int read_content(struct messages *m)
{
    if (json_peek(m->c) == JSON_OBJECT)
        return read_part(m);
    if (!json_array_or_skip(m->c))
        return 0;
    while (json_next_element(m->c))
        if (read_part(m) != 0)
            return -1;
    return 0;
}

/* One message, as far as it is of interest. */
struct seen_message {
    struct json_string role;
    struct str content, tool_calls; /* raw */
};

static int note_message(struct messages *m, const struct seen_message *seen)
{
    struct chat *chat = m->chat;
    struct json_string role = seen->role;
    struct str content = seen->content;
    if (json_string_is(role, "system") || json_string_is(role, "developer")) {
        if (!chat->has_system)
            chat->system_text = content;
        chat->has_system = true;
    } else if (json_string_is(role, "user")) {
        chat->last_user = content;
        return body_add_turn(chat, m->arena, content, m->err);
    } else if (json_string_is(role, "tool") || json_string_is(role, "function")) {
        chat->has_tool_results = true;
        body_note_reply(chat, content);
    } else {
        body_note_reply(chat, seen->tool_calls.p ? seen->tool_calls : content);
    }
    return 0;
}

static int bad_message(const struct messages *m, const char *problem)
{
    return err_set(m->err, ERR_BAD_REQUEST, "invalid_field", "'messages[%u]' %s",
                   m->chat->nmessages, problem);
}

static int read_message_member(struct messages *m, int place, struct seen_message *ret)
{
    struct json_cur *c = m->c;
    enum json_type t = json_peek(c);
    const char *value = c->p;
    switch (place) {
    case NAME_REFUSED:
        return -1;
    case MESSAGE_ROLE:
        if (t != JSON_STRING)
            return bad_message(m, "must have a role that is a string");
        json_read_string(c, &ret->role);
        return 0;
    case MESSAGE_CONTENT:
        if (read_content(m) != 0)
            return -1;
        ret->content = (struct str){value, (size_t)(c->p - value)};
        return 0;
    case MESSAGE_TOOL_CALLS:
        if (shape_skip(c, name_inner(SHAPE_MESSAGE, place), m->err) != 0)
            return -1;
        if (t == JSON_ARRAY)
            ret->tool_calls = (struct str){value, (size_t)(c->p - value)};
        return 0;
    default:
        return shape_skip(c, name_inner(SHAPE_MESSAGE, place), m->err);
    }
}

static int read_message(struct messages *m)
{
    struct json_string k;
    struct seen_message message = {.content = {NULL, 0}};
    uint64_t seen = 0;
    if (json_peek(m->c) != JSON_OBJECT)
        return json_skip(m->c, NULL) ? bad_message(m, "must be an object") : 0;
    json_enter_object(m->c);
    while (json_next_member(m->c, &k)) {
        int place = name_find(SHAPE_MESSAGE, k, &seen, m->err);
        m->chat->has_details |= UNLIKELY(json_string_is(k, "reasoning_details"));
        if (read_message_member(m, place, &message) != 0)
            return -1;
    }
    if (json_ok(m->c) && !message.role.raw.p)
        return bad_message(m, "must have a role");
    if (json_ok(m->c) && note_message(m, &message) != 0)
        return -1;
    m->chat->nmessages++;
    return 0;
}

int openai_read_messages(struct json_cur *c, struct arena *a, struct chat *chat,
                         struct err *err)
{
    struct messages m = {.c = c, .chat = chat, .arena = a, .err = err};
    if (json_peek(c) != JSON_ARRAY)
        return err_set(err, ERR_BAD_REQUEST, "invalid_field",
                       "'messages' must be an array");
    const char *from = c->p;
    json_enter_array(c);
    while (json_next_element(c))
        if (read_message(&m) != 0)
            return -1;
    if (!json_ok(c))
        return 0; /* json_finish() says what and where */
    if (chat->nmessages == 0)
        return err_set(err, ERR_BAD_REQUEST, "invalid_field", "'messages' is empty");
    struct str all = {from, (size_t)(c->p - from)};
    chat->text_bytes += all.n - m.blob_bytes;
    chat->wide_bytes += body_wide_bytes(all);
    return 0;
}

static void count_input(struct chat *chat, uint64_t bytes)
{
    chat->text_bytes += bytes;
    if (bytes > chat->longest_bytes)
        chat->longest_bytes = bytes;
}

/* A string, or an array of token ids, as one input. */
static bool read_one_input(struct json_cur *c, struct chat *chat)
{
    struct json_string s;
    uint64_t ids = 0;
    if (json_peek(c) == JSON_STRING) {
        if (json_read_string(c, &s)) {
            count_input(chat, s.raw.n);
            chat->wide_bytes += body_wide_bytes(s.raw);
        }
        return true;
    }
    if (json_peek(c) != JSON_ARRAY)
        return false;
    json_enter_array(c);
    for (; json_next_element(c); ids++) {
        if (json_peek(c) != JSON_NUMBER)
            return false;
        json_skip(c, NULL);
    }
    count_input(chat, ids * TOKEN_ID_BYTES);
    return true;
}

/* An array of inputs, or of token ids that are one input. */
static bool read_inputs(struct json_cur *c, struct chat *chat)
{
    uint64_t ids = 0;
    json_enter_array(c);
    while (json_next_element(c)) {
        if (json_peek(c) == JSON_NUMBER) {
            ids++;
            json_skip(c, NULL);
        } else if (read_one_input(c, chat)) {
            chat->nprompts++;
        } else {
            return false;
        }
    }
    count_input(chat, ids * TOKEN_ID_BYTES);
    chat->nprompts += ids > 0;
    return true;
}

int openai_read_input(struct json_cur *c, struct chat *chat, const char *key,
                      struct err *err)
{
    bool is_good =
        json_peek(c) == JSON_ARRAY ? read_inputs(c, chat) : read_one_input(c, chat);
    if (chat->nprompts == 0)
        chat->nprompts = 1;
    if (!is_good && json_ok(c))
        return err_set(err, ERR_BAD_REQUEST, "invalid_field",
                       "'%s' must be a string, an array of strings, or token ids", key);
    return 0;
}
