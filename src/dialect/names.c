/* names.c -- see names.h.
 *
 * A known name as it should be is found by comparing bytes, and nothing more happens.
 * Only a name that is unknown and has a capital, an escape or a byte past ASCII in it is
 * folded and compared again. */
#include "dialect/names.h"

struct known {
    struct str name;
    enum shape inner;
};

#define PLAIN(lit)                                                                       \
    {                                                                                    \
        STR_INIT(lit), SHAPE_NONE                                                        \
    }
#define SHAPED(lit, a_shape)                                                             \
    {                                                                                    \
        STR_INIT(lit), SHAPE_##a_shape                                                   \
    }

/* Members that weir reads come first, as enum body_name has them; then those whose values
 * have a shape, or that say where the rest comes from. */
static const struct known body[] = {
    PLAIN("model"),
    SHAPED("messages", MESSAGE),
    PLAIN("prompt"),
    PLAIN("input"),
    PLAIN("stream"),
    SHAPED("stream_options", STREAM_OPTIONS),
    PLAIN("n"),
    PLAIN("max_tokens"),
    PLAIN("max_completion_tokens"),
    SHAPED("tools", TOOL),
    SHAPED("functions", FUNCTION),
    SHAPED("response_format", FORMAT),
    PLAIN("metadata"),
    PLAIN("prompt_cache_key"),
    PLAIN("conversation"),
    SHAPED("tool_choice", TOOL),
    SHAPED("function_call", FUNCTION),
    SHAPED("prediction", PART),
    SHAPED("reasoning", SETTINGS),
    SHAPED("audio", SETTINGS),
    PLAIN("suffix"),
    PLAIN("user"),
};

static const struct known message[] = {
    PLAIN("role"),           SHAPED("content", PART), SHAPED("tool_calls", CALL),
    PLAIN("name"),           PLAIN("tool_call_id"),   SHAPED("function_call", FUNCTION),
    PLAIN("refusal"),        PLAIN("reasoning"),      PLAIN("reasoning_content"),
    PLAIN("thinking"),       PLAIN("images"),         PLAIN("tool_name"),
    SHAPED("audio", MEDIUM),
};

static const struct known part[] = {
    PLAIN("type"),
    PLAIN("text"),
    SHAPED("image_url", MEDIUM),
    SHAPED("input_audio", MEDIUM),
    SHAPED("file", MEDIUM),
    PLAIN("file_data"),
    SHAPED("content", PART), /* of a tool's result, or a prediction */
    PLAIN("refusal"),
    PLAIN("thinking"),
    SHAPED("source", MEDIUM),
    SHAPED("image", MEDIUM),
    SHAPED("audio", MEDIUM),
    SHAPED("video", MEDIUM),
    SHAPED("image_file", MEDIUM),
    SHAPED("input_image", MEDIUM),
    SHAPED("input_video", MEDIUM),
    SHAPED("input_file", MEDIUM),
    SHAPED("audio_url", MEDIUM),
    SHAPED("video_url", MEDIUM),
    SHAPED("inline_data", MEDIUM),
    PLAIN("file_id"),
    PLAIN("file_url"),
    PLAIN("file_uri"),
};

static const struct known medium[] = {
    PLAIN("url"),      PLAIN("data"),     PLAIN("file_data"), PLAIN("file_id"),
    PLAIN("file_url"), PLAIN("file_uri"), PLAIN("filename"),  PLAIN("detail"),
    PLAIN("format"),   PLAIN("type"),     PLAIN("mime_type"), PLAIN("media_type"),
    PLAIN("id"),
};

static const struct known call[] = {
    PLAIN("id"),
    PLAIN("index"),
    PLAIN("type"),
    SHAPED("function", FUNCTION),
    SHAPED("custom", FUNCTION),
};

/* A call's, a tool's and a choice's alike. */
static const struct known function[] = {
    PLAIN("name"),       PLAIN("arguments"), PLAIN("input"),  PLAIN("description"),
    PLAIN("parameters"), PLAIN("strict"),    PLAIN("format"),
};

static const struct known tool[] = {
    PLAIN("type"),
    SHAPED("function", FUNCTION),
    SHAPED("custom", FUNCTION),
    PLAIN("name"),
};

static const struct known format[] = {
    PLAIN("type"),   SHAPED("json_schema", FORMAT),
    PLAIN("name"),   PLAIN("description"),
    PLAIN("schema"), PLAIN("strict"),
};

static const struct known stream_options[] = {
    PLAIN("include_usage"),
    PLAIN("include_obfuscation"),
    PLAIN("continuous_usage_stats"),
};

static const struct known settings[] = {
    PLAIN("effort"),  PLAIN("summary"), PLAIN("max_tokens"),
    PLAIN("enabled"), PLAIN("voice"),   PLAIN("format"),
};

static const struct {
    const struct known *list;
    size_t n;
    const char *where;
} shapes[SHAPE_COUNT] = {
#define LIST(of) of, ARRAY_LEN(of)
    [SHAPE_BODY] = {LIST(body), "the request"},
    [SHAPE_MESSAGE] = {LIST(message), "a message"},
    [SHAPE_PART] = {LIST(part), "a content part"},
    [SHAPE_MEDIUM] = {LIST(medium), "a picture, sound or file"},
    [SHAPE_CALL] = {LIST(call), "a tool call"},
    [SHAPE_FUNCTION] = {LIST(function), "a function"},
    [SHAPE_TOOL] = {LIST(tool), "a tool"},
    [SHAPE_FORMAT] = {LIST(format), "'response_format'"},
    [SHAPE_STREAM_OPTIONS] = {LIST(stream_options), "'stream_options'"},
    [SHAPE_SETTINGS] = {LIST(settings), "a setting"},
#undef LIST
};

_Static_assert(ARRAY_LEN(body) <= 64 && ARRAY_LEN(part) <= 64, "bits of *seen");

enum shape name_inner(enum shape s, int place)
{
    return place < 0 ? SHAPE_NONE : shapes[s].list[place].inner;
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
    for (size_t i = 0; i < shapes[s].n; i++) {
        struct str known = shapes[s].list[i].name;
        if (!str_eq(plain, known))
            continue;
        err_set(err, ERR_BAD_REQUEST, "ambiguous_key",
                "'%.*s' in %s is not '%.*s', but some engines read it as that; write "
                "'%.*s' once, in small letters and without escapes",
                STR_ARG(str_sub(name.raw, 0, 64)), shapes[s].where, STR_ARG(known),
                STR_ARG(known));
        return NAME_REFUSED;
    }
    return NAME_UNKNOWN;
}

int name_find(enum shape s, struct json_string name, uint64_t *seen, struct err *err)
{
    const struct known *list = shapes[s].list;
    for (size_t i = 0; i < shapes[s].n; i++) {
        if (!str_eq(list[i].name, name.raw))
            continue;
        uint64_t bit = (uint64_t)1 << i;
        if (*seen & bit) {
            err_set(err, ERR_BAD_REQUEST, "duplicate_key",
                    "'%.*s' is given twice in %s; engines differ in which one they "
                    "read",
                    STR_ARG(list[i].name), shapes[s].where);
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
