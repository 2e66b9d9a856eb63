/* names.c -- see names.h.
 *
 * A known name as it should be is found by comparing bytes, and nothing more happens.
 * Only a name that is unknown and has a capital, an escape or a byte past ASCII in it is
 * folded and compared again. */
#include "dialect/names_list.h"

/* Members that weir reads come first, as enum body_name has them; then those whose values
 * have a shape, or that say where the rest comes from. */
static const struct known_name body[] = {
    NAME_PLAIN("model"),
    NAME_SHAPED("messages", MESSAGE),
    NAME_PLAIN("prompt"),
    NAME_PLAIN("input"),
    NAME_PLAIN("stream"),
    NAME_SHAPED("stream_options", STREAM_OPTIONS),
    NAME_PLAIN("n"),
    NAME_PLAIN("max_tokens"),
    NAME_PLAIN("max_completion_tokens"),
    NAME_SHAPED("tools", TOOL),
    NAME_SHAPED("functions", FUNCTION),
    NAME_SHAPED("response_format", FORMAT),
    NAME_PLAIN("metadata"),
    NAME_PLAIN("prompt_cache_key"),
    NAME_PLAIN("conversation"),
    NAME_SHAPED("tool_choice", TOOL),
    NAME_SHAPED("function_call", FUNCTION),
    NAME_SHAPED("prediction", PART),
    NAME_SHAPED("reasoning", SETTINGS),
    NAME_SHAPED("audio", SETTINGS),
    NAME_PLAIN("suffix"),
    NAME_PLAIN("user"),
};

static const struct known_name message[] = {
    NAME_PLAIN("role"),
    NAME_SHAPED("content", PART),
    NAME_SHAPED("tool_calls", CALL),
    NAME_PLAIN("name"),
    NAME_PLAIN("tool_call_id"),
    NAME_SHAPED("function_call", FUNCTION),
    NAME_PLAIN("refusal"),
    NAME_PLAIN("reasoning"),
    NAME_PLAIN("reasoning_content"),
    NAME_PLAIN("thinking"),
    NAME_PLAIN("images"),
    NAME_PLAIN("tool_name"),
    NAME_SHAPED("audio", MEDIUM),
};

static const struct known_name part[] = {
    NAME_PLAIN("type"),
    NAME_PLAIN("text"),
    NAME_SHAPED("image_url", MEDIUM),
    NAME_SHAPED("input_audio", MEDIUM),
    NAME_SHAPED("file", MEDIUM),
    NAME_PLAIN("file_data"),
    NAME_SHAPED("content", PART), /* of a tool's result, or a prediction */
    NAME_PLAIN("refusal"),
    NAME_PLAIN("thinking"),
    NAME_SHAPED("source", MEDIUM),
    NAME_SHAPED("image", MEDIUM),
    NAME_SHAPED("audio", MEDIUM),
    NAME_SHAPED("video", MEDIUM),
    NAME_SHAPED("image_file", MEDIUM),
    NAME_SHAPED("input_image", MEDIUM),
    NAME_SHAPED("input_video", MEDIUM),
    NAME_SHAPED("input_file", MEDIUM),
    NAME_SHAPED("audio_url", MEDIUM),
    NAME_SHAPED("video_url", MEDIUM),
    NAME_SHAPED("inline_data", MEDIUM),
    NAME_PLAIN("file_id"),
    NAME_PLAIN("file_url"),
    NAME_PLAIN("file_uri"),
    NAME_PLAIN("filename"),
    NAME_PLAIN("detail"),
};

static const struct known_name medium[] = {
    NAME_PLAIN("url"),      NAME_PLAIN("data"),      NAME_PLAIN("file_data"),
    NAME_PLAIN("file_id"),  NAME_PLAIN("file_url"),  NAME_PLAIN("file_uri"),
    NAME_PLAIN("filename"), NAME_PLAIN("detail"),    NAME_PLAIN("format"),
    NAME_PLAIN("type"),     NAME_PLAIN("mime_type"), NAME_PLAIN("media_type"),
    NAME_PLAIN("id"),
};

static const struct known_name call[] = {
    NAME_PLAIN("id"),
    NAME_PLAIN("index"),
    NAME_PLAIN("type"),
    NAME_SHAPED("function", FUNCTION),
    NAME_SHAPED("custom", FUNCTION),
};

/* A call's, a tool's and a choice's alike. */
static const struct known_name function[] = {
    NAME_PLAIN("name"),        NAME_PLAIN("arguments"),  NAME_PLAIN("input"),
    NAME_PLAIN("description"), NAME_PLAIN("parameters"), NAME_PLAIN("strict"),
    NAME_PLAIN("format"),
};

static const struct known_name tool[] = {
    NAME_PLAIN("type"),
    NAME_SHAPED("function", FUNCTION),
    NAME_SHAPED("custom", FUNCTION),
    NAME_PLAIN("name"),
};

static const struct known_name format[] = {
    NAME_PLAIN("type"),   NAME_SHAPED("json_schema", FORMAT),
    NAME_PLAIN("name"),   NAME_PLAIN("description"),
    NAME_PLAIN("schema"), NAME_PLAIN("strict"),
};

static const struct known_name stream_options[] = {
    NAME_PLAIN("include_usage"),
    NAME_PLAIN("include_obfuscation"),
    NAME_PLAIN("continuous_usage_stats"),
};

static const struct known_name settings[] = {
    NAME_PLAIN("effort"),  NAME_PLAIN("summary"), NAME_PLAIN("max_tokens"),
    NAME_PLAIN("enabled"), NAME_PLAIN("voice"),   NAME_PLAIN("format"),
};

static const struct name_list body_names = NAME_LIST(body, "the request");
static const struct name_list message_names = NAME_LIST(message, "a message");
static const struct name_list part_names = NAME_LIST(part, "a content part");
static const struct name_list medium_names =
    NAME_LIST(medium, "a picture, sound or file");
static const struct name_list call_names = NAME_LIST(call, "a tool call");
static const struct name_list function_names = NAME_LIST(function, "a function");
static const struct name_list tool_names = NAME_LIST(tool, "a tool");
static const struct name_list format_names = NAME_LIST(format, "'response_format'");
static const struct name_list stream_options_names =
    NAME_LIST(stream_options, "'stream_options'");
static const struct name_list settings_names = NAME_LIST(settings, "a setting");

static const struct name_list *const shapes[SHAPE_COUNT] = {
    [SHAPE_BODY] = &body_names,
    [SHAPE_MESSAGE] = &message_names,
    [SHAPE_PART] = &part_names,
    [SHAPE_MEDIUM] = &medium_names,
    [SHAPE_CALL] = &call_names,
    [SHAPE_FUNCTION] = &function_names,
    [SHAPE_TOOL] = &tool_names,
    [SHAPE_FORMAT] = &format_names,
    [SHAPE_STREAM_OPTIONS] = &stream_options_names,
    [SHAPE_SETTINGS] = &settings_names,
    [SHAPE_ANTHROPIC_BODY] = &anthropic_body_names,
    [SHAPE_ANTHROPIC_MESSAGE] = &anthropic_message_names,
    [SHAPE_ANTHROPIC_BLOCK] = &anthropic_block_names,
    [SHAPE_ANTHROPIC_SOURCE] = &anthropic_source_names,
    [SHAPE_ANTHROPIC_TOOL] = &anthropic_tool_names,
    [SHAPE_ANTHROPIC_CHOICE] = &anthropic_choice_names,
    [SHAPE_ANTHROPIC_OUTPUT] = &anthropic_output_names,
    [SHAPE_ANTHROPIC_FORMAT] = &anthropic_format_names,
    [SHAPE_ANTHROPIC_THINKING] = &anthropic_thinking_names,
    [SHAPE_OLLAMA_BODY] = &ollama_body_names,
    [SHAPE_OLLAMA_MESSAGE] = &ollama_message_names,
    [SHAPE_OLLAMA_OPTIONS] = &ollama_options_names,
    [SHAPE_RESPONSE] = &responses_body_names,
    [SHAPE_ITEM] = &responses_item_names,
    [SHAPE_RESPONSE_TOOL] = &responses_tool_names,
    [SHAPE_RESPONSE_TEXT] = &responses_text_names,
};

_Static_assert(ARRAY_LEN(body) <= 64 && ARRAY_LEN(part) <= 64, "bits of *seen");

enum shape name_inner(enum shape s, int place)
{
    return place < 0 ? SHAPE_NONE : shapes[s]->v[place].inner;
}

/* -- folding ------------------------------------------------------------------------ */

/* A character of a name as readers without case see it: those outside ASCII that fold
 * into it (long s, the Kelvin sign, the i of Turkish without and with its dot) become
 * what they fold to; of others the bytes stay. */
static unsigned fold(char out[4], unsigned n)
{
    static const struct {
        char bytes[4];
        char plain;
    } folding[] = {
        {"\xC5\xBF", 's'}, {"\xE2\x84\xAA", 'k'}, {"\xC4\xB0", 'i'}, {"\xC4\xB1", 'i'}};
    if (n == 1 && out[0] >= 'A' && out[0] <= 'Z')
        out[0] |= 0x20;
    for (size_t i = 0; n > 1 && i < ARRAY_LEN(folding); i++)
        if (strlen(folding[i].bytes) == n && memcmp(out, folding[i].bytes, n) == 0) {
            out[0] = folding[i].plain;
            return 1;
        }
    return n;
}

/* Up to the first NUL, where readers in C end; a name too long to be known is empty. */
struct str name_fold(struct json_string name, char room[NAME_FOLDED_BYTES])
{
    struct str done = {room, 0};
    const char *p = name.raw.p, *end = p + name.raw.n;
    while (p < end) {
        char one[4] = {*p};
        unsigned n = 1;
        if (*p == '\\')
            n = json_take_escape(&p, end, one);
        else
            for (p++; p < end && ((unsigned char)*p & 0xC0) == 0x80 && n < sizeof one;)
                one[n++] = *p++;
        if (n == 1 && one[0] == '\0')
            break;
        n = fold(one, n);
        if (done.n + n > NAME_FOLDED_BYTES)
            return STR("");
        memcpy(room + done.n, one, n);
        done.n += n;
    }
    return done;
}

bool name_resembles(struct json_string a, struct json_string b)
{
    char room_a[NAME_FOLDED_BYTES], room_b[NAME_FOLDED_BYTES];
    struct str fa = name_fold(a, room_a);
    return fa.n && str_eq(fa, name_fold(b, room_b));
}

/* -- finding ------------------------------------------------------------------------ */

bool name_is_odd(struct json_string name)
{
    for (size_t i = 0; i < name.raw.n; i++) {
        char ch = name.raw.p[i];
        if ((ch >= 'A' && ch <= 'Z') || (unsigned char)ch >= 0x80)
            return true;
    }
    return name.has_escapes;
}

static int refuse_resembling(enum shape s, struct json_string name, struct err *err)
{
    char room[NAME_FOLDED_BYTES];
    struct str plain = name_fold(name, room);
    for (size_t i = 0; i < shapes[s]->n; i++) {
        struct str known = shapes[s]->v[i].name;
        if (!str_eq(plain, known))
            continue;
        err_set(err, ERR_BAD_REQUEST, "ambiguous_key",
                "'%.*s' in %s is not '%.*s', but some engines read it as that; write "
                "'%.*s' once, in small letters and without escapes",
                STR_ARG(str_sub(name.raw, 0, 64)), shapes[s]->where, STR_ARG(known),
                STR_ARG(known));
        return NAME_REFUSED;
    }
    return NAME_UNKNOWN;
}

int name_find(enum shape s, struct json_string name, uint64_t *seen, struct err *err)
{
    const struct known_name *list = shapes[s]->v;
    for (size_t i = 0; i < shapes[s]->n; i++) {
        if (!str_eq(list[i].name, name.raw))
            continue;
        uint64_t bit = (uint64_t)1 << i;
        if (*seen & bit) {
            err_set(err, ERR_BAD_REQUEST, "duplicate_key",
                    "'%.*s' is given twice in %s; engines differ in which one they "
                    "read",
                    STR_ARG(list[i].name), shapes[s]->where);
            return NAME_REFUSED;
        }
        *seen |= bit;
        return (int)i;
    }
    return name_is_odd(name) ? refuse_resembling(s, name, err) : NAME_UNKNOWN;
}

/* -- whole values ------------------------------------------------------------------- */

static int skip_object(struct json_cur *c, enum shape s, struct err *err)
{
    struct json_string name;
    uint64_t seen = 0;
    json_enter_object(c);
    while (json_next_member(c, &name)) {
        int place = name_find(s, name, &seen, err);
        if (place == NAME_REFUSED || shape_skip(c, name_inner(s, place), err) != 0)
            return -1;
    }
    return 0;
}

int shape_skip(struct json_cur *c, enum shape s, struct err *err)
{
    enum json_type t = s == SHAPE_NONE ? JSON_NONE : json_peek(c);
    if (t == JSON_OBJECT)
        return skip_object(c, s, err);
    if (t != JSON_ARRAY) {
        json_skip(c, NULL);
        return 0;
    }
    json_enter_array(c);
    while (json_next_element(c))
        if (shape_skip(c, s, err) != 0)
            return -1;
    return 0;
}
