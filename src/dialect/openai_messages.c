/* openai_messages.c -- what the model will read: messages, prompts, inputs.
 *
 * Counted as JSON text: escapes make the count a little high, which is the safe side
 * for a bound.  Pictures, sounds and files sent inline (base64 in a data: URL, or in
 * `data` and `file_data`) are no text; they are counted as media instead. */
#include "config/kinds.h"
#include "dialect/openai.h"
#include "json/scan.h"

enum { TOKEN_ID_BYTES = 3 }; /* what one ready-made token id counts as, in text bytes */

static uint64_t wide_in(struct str s)
{
    uint64_t n = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= s.n; i += sizeof word) {
        memcpy(&word, s.p + i, sizeof word);
        word &= UINT64_C(0x8080808080808080);
        if (UNLIKELY(word))
            n += (uint64_t)__builtin_popcountll(word);
    }
    for (; i < s.n; i++)
        n += (unsigned char)s.p[i] >> 7;
    return n;
}

/* The value of image_url, input_audio or file: bytes that are inline data. */
static uint64_t skip_medium(struct json_cur *c)
{
    struct json_string k, s;
    uint64_t blob_bytes = 0;
    if (json_peek(c) == JSON_STRING) {
        if (json_read_string(c, &s) && str_starts(s.raw, STR("data:")))
            blob_bytes = s.raw.n;
        return blob_bytes;
    }
    if (!json_object_or_skip(c))
        return 0;
    while (json_next_member(c, &k)) {
        if (json_peek(c) != JSON_STRING)
            json_skip(c, NULL);
        else if (json_read_string(c, &s) &&
                 (str_starts(s.raw, STR("data:")) || json_string_is(k, "data") ||
                  json_string_is(k, "file_data")))
            blob_bytes += s.raw.n;
    }
    return blob_bytes;
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

/* One content part; its inline data's bytes are returned. */
static uint64_t read_part(struct json_cur *c, struct chat *chat)
{
    struct json_string k, type = {0};
    uint64_t blob_bytes = 0;
    unsigned needs = 0;
    if (!json_object_or_skip(c))
        return 0;
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "type") && json_peek(c) == JSON_STRING) {
            if (json_read_string(c, &type))
                needs |= part_needs(type);
        } else if (json_string_is(k, "image_url") || json_string_is(k, "input_audio") ||
                   json_string_is(k, "file") || json_string_is(k, "file_data")) {
            blob_bytes += skip_medium(c);
        } else {
            json_skip(c, NULL);
        }
    }
    chat->needs |= needs;
    chat->nmedia += needs != 0;
    return blob_bytes;
}

static uint64_t read_content(struct json_cur *c, struct chat *chat)
{
    uint64_t blob_bytes = 0;
    if (!json_array_or_skip(c))
        return 0;
    while (json_next_element(c))
        blob_bytes += read_part(c, chat);
    return blob_bytes;
}

static void note_message(struct chat *chat, struct json_string role, struct str content)
{
    if (json_string_is(role, "system") || json_string_is(role, "developer")) {
        if (!chat->has_system)
            chat->system_text = content;
        chat->has_system = true;
    } else if (json_string_is(role, "user")) {
        if (!chat->first_user.p)
            chat->first_user = content;
        chat->last_user = content;
    } else if (json_string_is(role, "tool") || json_string_is(role, "function")) {
        chat->has_tool_results = true;
    }
}

static int bad_message(const struct chat *chat, const char *problem, struct err *err)
{
    return err_set(err, ERR_BAD_REQUEST, "invalid_field", "'messages[%u]' %s",
                   chat->nmessages, problem);
}

static int read_message(struct json_cur *c, struct chat *chat, uint64_t *blob_bytes,
                        struct err *err)
{
    struct json_string k, role = {0};
    struct str content = {0};
    if (json_peek(c) != JSON_OBJECT)
        return json_skip(c, NULL) ? bad_message(chat, "must be an object", err) : 0;
    json_enter_object(c);
    while (json_next_member(c, &k)) {
        json_peek(c);
        const char *value = c->p;
        if (json_string_is(k, "role")) {
            if (json_peek(c) != JSON_STRING)
                return bad_message(chat, "must have a role that is a string", err);
            json_read_string(c, &role);
        } else if (json_string_is(k, "content")) {
            *blob_bytes += read_content(c, chat);
            content = (struct str){value, (size_t)(c->p - value)};
        } else {
            json_skip(c, NULL);
        }
    }
    if (json_ok(c) && !role.raw.p)
        return bad_message(chat, "must have a role", err);
    if (json_ok(c))
        note_message(chat, role, content);
    chat->nmessages++;
    return 0;
}

int openai_read_messages(struct json_cur *c, struct chat *chat, struct err *err)
{
    uint64_t blob_bytes = 0;
    if (json_peek(c) != JSON_ARRAY)
        return err_set(err, ERR_BAD_REQUEST, "invalid_field",
                       "'messages' must be an array");
    const char *from = c->p;
    json_enter_array(c);
    while (json_next_element(c))
        if (read_message(c, chat, &blob_bytes, err) != 0)
            return -1;
    if (!json_ok(c))
        return 0; /* json_finish() says what and where */
    if (chat->nmessages == 0)
        return err_set(err, ERR_BAD_REQUEST, "invalid_field", "'messages' is empty");
    struct str all = {from, (size_t)(c->p - from)};
    chat->text_bytes += all.n - blob_bytes;
    chat->wide_bytes += wide_in(all);
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
            chat->wide_bytes += wide_in(s.raw);
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
        } else if (!read_one_input(c, chat)) {
            return false;
        }
    }
    count_input(chat, ids * TOKEN_ID_BYTES);
    return true;
}

int openai_read_input(struct json_cur *c, struct chat *chat, const char *key,
                      struct err *err)
{
    bool is_good =
        json_peek(c) == JSON_ARRAY ? read_inputs(c, chat) : read_one_input(c, chat);
    if (!is_good && json_ok(c))
        return err_set(err, ERR_BAD_REQUEST, "invalid_field",
                       "'%s' must be a string, an array of strings, or token ids", key);
    return 0;
}
