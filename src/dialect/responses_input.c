/* responses_input.c -- what the model will read: a text, or items.
 *
 * Counted as JSON text, as in openai_messages.c.  Inline data is no text, and neither is
 * reasoning that only its maker can read. */
#include "config/kinds.h"
#include "dialect/body.h"
#include "dialect/responses.h"

/* -1 from its functions: *err says why; a fault of the JSON itself is the cursor's. */
struct input {
    struct json_cur *c;
    struct chat *chat;
    struct arena *arena;
    struct err *err;
    uint64_t blob_bytes; /* of what is no text */
    bool has_media;      /* the part at hand, in a member that is read nowhere else */
};

/* -- parts --------------------------------------------------------------------------- */

/* A string, or an object of strings, in the place of a picture, a sound or a file. */
static int read_medium(struct input *in, bool is_data)
{
    struct json_string k, s;
    uint64_t seen = 0;
    if (json_peek(in->c) == JSON_STRING) {
        if (json_read_string(in->c, &s) && (is_data || str_starts(s.raw, STR("data:"))))
            in->blob_bytes += s.raw.n;
        return 0;
    }
    if (!json_object_or_skip(in->c))
        return 0;
    while (json_next_member(in->c, &k)) {
        int place = name_find(SHAPE_MEDIUM, k, &seen, in->err);
        if (place == NAME_REFUSED)
            return -1;
        if (json_peek(in->c) != JSON_STRING)
            json_skip(in->c, NULL);
        else if (json_read_string(in->c, &s) && place != MEDIUM_URL)
            in->blob_bytes +=
                place == MEDIUM_DATA || place == MEDIUM_FILE_DATA ? s.raw.n : 0;
    }
    return 0;
}

static unsigned needs_of(struct json_string type)
{
    if (json_string_is(type, "input_image") ||
        json_string_is(type, "computer_screenshot"))
        return CAP_VISION;
    if (json_string_is(type, "input_audio"))
        return CAP_AUDIO;
    return json_string_is(type, "input_file") ? CAP_FILES : 0;
}

/* A video, say, or what tools call the data of a picture. */
static int read_other(struct input *in, int place)
{
    enum shape inner = name_inner(SHAPE_PART, place);
    json_peek(in->c); /* steps over blanks */
    const char *from = in->c->p;
    if (shape_skip(in->c, inner, in->err) != 0)
        return -1;
    if (place != NAME_UNKNOWN && inner != SHAPE_MEDIUM)
        return 0; /* a text */
    uint64_t n = body_media_bytes((struct str){from, (size_t)(in->c->p - from)});
    in->blob_bytes += n;
    in->has_media |= n > 0;
    return 0;
}

static int read_part_member(struct input *in, int place, unsigned *needs)
{
    struct json_string type;
    switch (place) {
    case PART_TYPE:
        if (json_peek(in->c) != JSON_STRING)
            json_skip(in->c, NULL);
        else if (json_read_string(in->c, &type))
            *needs |= needs_of(type);
        return 0;
    case PART_IMAGE_URL:
    case PART_INPUT_AUDIO:
    case PART_FILE:
        return read_medium(in, false);
    case PART_FILE_DATA:
        return read_medium(in, true);
    default:
        return read_other(in, place);
    }
}

static int read_part(struct input *in)
{
    struct json_string k;
    uint64_t seen = 0;
    unsigned needs = 0;
    in->has_media = false;
    if (!json_object_or_skip(in->c))
        return 0;
    while (json_next_member(in->c, &k)) {
        int place = name_find(SHAPE_PART, k, &seen, in->err);
        if (place == NAME_REFUSED || read_part_member(in, place, &needs) != 0)
            return -1;
    }
    in->chat->needs |= needs;
    in->chat->nmedia += needs != 0 || in->has_media;
    return 0;
}

/* A text, parts, or (of a computer's screen) one part. */
static int read_parts(struct input *in)
{
    if (json_peek(in->c) == JSON_OBJECT)
        return read_part(in);
    if (!json_array_or_skip(in->c))
        return 0;
    while (json_next_element(in->c))
        if (read_part(in) != 0)
            return -1;
    return 0;
}

/* -- items --------------------------------------------------------------------------- */

/* One item, as far as it is of interest. */
struct seen_item {
    struct json_string type, role;
    struct str content, output, call_id; /* raw */
};

static int bad_item(const struct input *in, const char *problem)
{
    return err_set(in->err, ERR_BAD_REQUEST, "invalid_field", "'input[%u]' %s",
                   in->chat->nmessages, problem);
}

static int read_word(struct input *in, const char *problem, struct json_string *ret)
{
    if (json_peek(in->c) != JSON_STRING)
        return json_ok(in->c) ? bad_item(in, problem) : 0;
    json_read_string(in->c, ret);
    return 0;
}

static int read_item_member(struct input *in, int place, struct seen_item *ret)
{
    struct json_cur *c = in->c;
    struct str *raw = place == ITEM_CONTENT ? &ret->content : &ret->output;
    json_peek(c);
    const char *value = c->p;
    switch (place) {
    case NAME_REFUSED:
        return -1;
    case ITEM_TYPE:
        return read_word(in, "must have a type that is a string", &ret->type);
    case ITEM_ROLE:
        return read_word(in, "must have a role that is a string", &ret->role);
    case ITEM_CALL_ID:
        json_skip(c, &ret->call_id);
        return 0;
    case ITEM_CONTENT:
    case ITEM_OUTPUT:
        if (read_parts(in) != 0)
            return -1;
        *raw = (struct str){value, (size_t)(c->p - value)};
        return 0;
    case ITEM_ENCRYPTED_CONTENT:
        json_skip(c, NULL);
        in->blob_bytes += (uint64_t)(c->p - value);
        return 0;
    default:
        return shape_skip(c, name_inner(SHAPE_ITEM, place), in->err);
    }
}

static int note_message(struct input *in, const struct seen_item *seen)
{
    struct chat *chat = in->chat;
    if (json_string_is(seen->role, "user")) {
        chat->last_user = seen->content;
        return body_add_turn(chat, in->arena, seen->content, in->err);
    }
    if (!json_string_is(seen->role, "system") &&
        !json_string_is(seen->role, "developer")) {
        body_note_reply(chat, seen->content);
        return 0;
    }
    if (!chat->has_system)
        chat->system_text = seen->content;
    chat->has_system = true;
    return 0;
}

/* An item with a role and without a type is a message.  Of calls and their results the id
 * stands for the reply: reasoning may come again in another form. */
static int note_item(struct input *in, const struct seen_item *seen)
{
    bool has_type = seen->type.raw.p != NULL;
    if (!has_type && !seen->role.raw.p)
        return bad_item(in, "must have a type or a role");
    if (!has_type || json_string_is(seen->type, "message"))
        return seen->role.raw.p ? note_message(in, seen)
                                : bad_item(in, "must have a role");
    if (seen->output.p)
        in->chat->has_tool_results = true;
    if (seen->call_id.p)
        body_note_reply(in->chat, seen->call_id);
    return 0;
}

static int read_item(struct input *in)
{
    struct json_string k;
    struct seen_item item = {.content = {NULL, 0}};
    uint64_t seen = 0;
    if (json_peek(in->c) != JSON_OBJECT)
        return json_skip(in->c, NULL) ? bad_item(in, "must be an object") : 0;
    json_enter_object(in->c);
    while (json_next_member(in->c, &k)) {
        int place = name_find(SHAPE_ITEM, k, &seen, in->err);
        if (read_item_member(in, place, &item) != 0)
            return -1;
    }
    if (json_ok(in->c) && note_item(in, &item) != 0)
        return -1;
    in->chat->nmessages++;
    return 0;
}

static int read_text(struct input *in, struct str *ret)
{
    if (!json_skip(in->c, ret))
        return 0;
    in->chat->nmessages = 1;
    in->chat->last_user = *ret;
    return body_add_turn(in->chat, in->arena, *ret, in->err);
}

static int read_items(struct input *in, struct str *ret)
{
    const char *from = in->c->p;
    json_enter_array(in->c);
    while (json_next_element(in->c))
        if (read_item(in) != 0)
            return -1;
    *ret = (struct str){from, (size_t)(in->c->p - from)};
    return 0;
}

int responses_read_input(struct json_cur *c, struct arena *a, struct chat *chat,
                         struct err *err)
{
    struct input in = {.c = c, .chat = chat, .arena = a, .err = err};
    enum json_type t = json_peek(c);
    struct str all = {NULL, 0};
    if (t != JSON_STRING && t != JSON_ARRAY)
        return json_ok(c) ? body_bad_field(err, "input", "a string or an array of items")
                          : 0;
    if ((t == JSON_STRING ? read_text(&in, &all) : read_items(&in, &all)) != 0)
        return -1;
    if (!json_ok(c))
        return 0; /* json_finish() says what and where */
    chat->input = all;
    chat->text_bytes += all.n - in.blob_bytes;
    chat->wide_bytes += body_wide_bytes(all);
    return 0;
}
