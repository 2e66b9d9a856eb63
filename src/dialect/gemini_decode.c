/* gemini_decode.c -- a body of generateContent, read once.
 *
 * The model's name stands in the path, and so does whether it is a stream. */
#include "config/kinds.h"
#include "dialect/body.h"
#include "dialect/forward.h"
#include "dialect/gemini.h"

enum { MAX_MODEL_BYTES = 256 };

/* One reading of one body. */
struct reading {
    struct json_cur c;
    struct chat *chat;
    struct arena *arena;
    struct err *err; /* set by whoever returns -1 */
    uint64_t blob;   /* bytes of what is inline data and no text */
    bool has_contents;
    bool is_system; /* systemInstruction is being read */
};

static int bad_content(const struct reading *r, const char *problem)
{
    if (r->is_system)
        return err_set(r->err, ERR_BAD_REQUEST, "invalid_field", "'systemInstruction' %s",
                       problem);
    return err_set(r->err, ERR_BAD_REQUEST, "invalid_field", "'contents[%u]' %s",
                   r->chat->nmessages, problem);
}

static void count(struct chat *chat, struct str raw, uint64_t without)
{
    chat->text_bytes += raw.n - without;
    chat->wide_bytes += body_wide_bytes(raw);
}

static struct str since(const struct reading *r, const char *from)
{
    return (struct str){from, (size_t)(r->c.p - from)};
}

/* -- contents ------------------------------------------------------------------------ */

static unsigned needs_of(struct json_string type)
{
    if (str_starts(type.raw, STR("image/")))
        return CAP_VISION;
    return str_starts(type.raw, STR("audio/")) ? CAP_AUDIO : CAP_FILES;
}

/* inlineData or fileData. */
static int read_medium(struct reading *r)
{
    static const char *const names[] = {"mimeType", "data"};
    struct json_string k, s = {{NULL, 0}, false}, type = s;
    uint64_t seen = 0;
    if (!json_object_or_skip(&r->c))
        return 0;
    while (json_next_member(&r->c, &k)) {
        int i = gemini_find(k, names, ARRAY_LEN(names), &seen, r->err);
        if (i == GEMINI_REFUSED)
            return -1;
        if (i < 0 || json_peek(&r->c) != JSON_STRING)
            json_skip(&r->c, NULL);
        else if (json_read_string(&r->c, &s) && i == 0)
            type = s;
        else if (i == 1)
            r->blob += s.raw.n;
    }
    r->chat->nmedia++;
    r->chat->needs |= needs_of(type);
    return 0;
}

static int read_part(struct reading *r, bool *is_result)
{
    static const char *const names[] = {"inlineData", "fileData", "functionResponse",
                                        "text", "functionCall"};
    struct json_string k;
    uint64_t seen = 0;
    if (json_peek(&r->c) != JSON_OBJECT)
        return json_skip(&r->c, NULL) ? bad_content(r, "has a part that is no object")
                                      : 0;
    json_enter_object(&r->c);
    while (json_next_member(&r->c, &k)) {
        int i = gemini_find(k, names, ARRAY_LEN(names), &seen, r->err);
        if (i == GEMINI_REFUSED)
            return -1;
        *is_result |= i == 2;
        r->chat->nresults += i == 2;
        if (i == 3 && json_peek(&r->c) != JSON_STRING && json_peek(&r->c) != JSON_NULL)
            return bad_content(r, "has a text that is no string");
        if (i != 0 && i != 1)
            json_skip(&r->c, NULL);
        else if (read_medium(r) != 0)
            return -1;
    }
    return 0;
}

struct content {
    struct json_string role;
    struct str parts; /* raw */
    bool is_result;
};

static int read_parts(struct reading *r, struct content *ret)
{
    const char *from = r->c.p;
    enum json_type t = json_peek(&r->c);
    if (t == JSON_NULL) {
        json_skip(&r->c, NULL);
        return 0;
    }
    if (t != JSON_ARRAY && t != JSON_OBJECT)
        return bad_content(r, "must have an array of parts");
    if (t == JSON_OBJECT) {
        if (read_part(r, &ret->is_result) != 0)
            return -1;
    } else {
        json_enter_array(&r->c);
        while (json_next_element(&r->c))
            if (read_part(r, &ret->is_result) != 0)
                return -1;
    }
    ret->parts = since(r, from);
    if (t == JSON_OBJECT && json_ok(&r->c)) {
        struct str text = gemini_get(NULL, ret->parts, "text");
        if (text.p) /* content may be a text or a list, for those who ask about it */
            ret->parts = text;
    }
    return 0;
}

/* The content at the cursor, of the conversation or of the system. */
static int read_content(struct reading *r, struct content *ret)
{
    static const char *const names[] = {"role", "parts"};
    struct json_string k;
    uint64_t seen = 0;
    *ret = (struct content){.is_result = false};
    if (json_peek(&r->c) != JSON_OBJECT)
        return json_skip(&r->c, NULL) ? bad_content(r, "must be an object") : 0;
    json_enter_object(&r->c);
    while (json_next_member(&r->c, &k)) {
        int i = gemini_find(k, names, ARRAY_LEN(names), &seen, r->err);
        if (i == GEMINI_REFUSED)
            return -1;
        json_peek(&r->c);
        if (i == 1 && read_parts(r, ret) != 0)
            return -1;
        if (i == 0 && json_peek(&r->c) == JSON_STRING)
            json_read_string(&r->c, &ret->role);
        else if (i != 1)
            json_skip(&r->c, NULL);
    }
    return 0;
}

static int note_content(struct reading *r, const struct content *m)
{
    struct chat *chat = r->chat;
    chat->nmessages++;
    if (json_string_is(m->role, "model")) {
        body_note_reply(chat, m->parts);
        return 0;
    }
    if (m->is_result) {
        chat->has_tool_results = true;
        body_note_reply(chat, m->parts);
        return 0;
    }
    chat->last_user = m->parts;
    return body_add_turn(chat, r->arena, m->parts, r->err);
}

/* An array, or one content alone. */
static int read_contents(struct reading *r)
{
    struct content m;
    enum json_type t = json_peek(&r->c);
    const char *from = r->c.p;
    if (t != JSON_ARRAY && t != JSON_OBJECT)
        return body_bad_field(r->err, "contents", "an array");
    if (t == JSON_OBJECT) {
        if (read_content(r, &m) != 0 || (json_ok(&r->c) && note_content(r, &m) != 0))
            return -1;
    } else {
        json_enter_array(&r->c);
        while (json_next_element(&r->c))
            if (read_content(r, &m) != 0 || (json_ok(&r->c) && note_content(r, &m) != 0))
                return -1;
    }
    r->chat->input = since(r, from);
    r->has_contents = r->chat->nmessages > 0;
    return 0;
}

static int read_system(struct reading *r)
{
    struct content m;
    const char *from;
    const uint64_t blob = r->blob;
    if (json_peek(&r->c) != JSON_OBJECT) {
        if (json_peek(&r->c) != JSON_NULL)
            return body_bad_field(r->err, "systemInstruction", "a content with parts");
        json_skip(&r->c, NULL);
        return 0;
    }
    from = r->c.p;
    r->is_system = true;
    if (read_content(r, &m) != 0)
        return -1;
    r->is_system = false;
    count(r->chat, since(r, from), r->blob - blob);
    r->blob = blob;
    r->chat->has_system = m.parts.n > 2;
    r->chat->system_text = m.parts;
    return 0;
}

/* -- the rest ------------------------------------------------------------------------ */

static int read_tools(struct reading *r)
{
    struct str raw, tool;
    struct gemini_list list;
    enum json_type t = json_peek(&r->c);
    if (t != JSON_ARRAY && t != JSON_OBJECT && t != JSON_NULL)
        return body_bad_field(r->err, "tools", "an array");
    if (!json_skip(&r->c, &raw) || json_is_empty(raw))
        return 0;
    count(r->chat, raw, 0);
    gemini_list_begin(NULL, raw, &list);
    while (gemini_list_next(&list, &tool))
        if (!json_is_empty(gemini_get(NULL, tool, "functionDeclarations")))
            r->chat->needs |= CAP_TOOLS;
    return 0;
}

static int read_tool_config(struct reading *r)
{
    struct str raw, calling;
    if (!json_skip(&r->c, &raw) || !raw_is(raw, '{'))
        return 0;
    calling = gemini_get(NULL, raw, "functionCallingConfig");
    if (calling.p && str_eq_nocase(gemini_get(NULL, calling, "mode"), STR("\"ANY\"")))
        r->chat->needs |= CAP_TOOL_CHOICE;
    return 0;
}

static int read_number(struct reading *r, const char *name, int64_t *ret)
{
    struct str raw, n;
    if (!json_skip(&r->c, &raw) || str_eqz(raw, "null"))
        return 0;
    n = gemini_number(raw);
    bool is_number = raw_is(n, '-') || (n.n && n.p[0] >= '0' && n.p[0] <= '9');
    return is_number && json_to_i64(n, ret) ? 0
                                            : body_bad_field(r->err, name, "an integer");
}

static int read_config_member(struct reading *r, int i, int64_t *ncandidates)
{
    switch (i) {
    case GEMINI_REFUSED:
        return -1;
    case 0:
        return read_number(r, "generationConfig.maxOutputTokens",
                           &r->chat->max_output_tokens);
    case 1:
        return read_number(r, "generationConfig.candidateCount", ncandidates);
    case 2:
    case 3:
        if (json_peek(&r->c) == JSON_OBJECT)
            r->chat->needs |= CAP_JSON_SCHEMA;
        break;
    default:
        break;
    }
    json_skip(&r->c, NULL);
    return 0;
}

static int read_config(struct reading *r)
{
    static const char *const names[] = {"maxOutputTokens", "candidateCount",
                                        "responseSchema", "responseJsonSchema"};
    struct json_string k;
    uint64_t seen = 0;
    int64_t n = 1;
    enum json_type t = json_peek(&r->c);
    if (t != JSON_OBJECT && t != JSON_NULL)
        return body_bad_field(r->err, "generationConfig", "an object");
    if (!json_object_or_skip(&r->c))
        return 0;
    while (json_next_member(&r->c, &k))
        if (read_config_member(r, gemini_find(k, names, ARRAY_LEN(names), &seen, r->err),
                               &n) != 0)
            return -1;
    if (n < 1 || n > UINT16_MAX)
        return body_bad_field(r->err, "generationConfig.candidateCount",
                              "an integer from 1 to 65535");
    r->chat->nchoices = (uint32_t)n;
    return 0;
}

static int read_unknown(struct reading *r, struct json_string k)
{
    struct str value;
    if (json_skip(&r->c, &value) && forward_may_be(k))
        body_note_forwarding(r->chat, k, value, r->arena);
    return 0;
}

/* What is to be embedded: one content, or requests with one each. */
static int read_input(struct reading *r, bool are_many)
{
    struct str one;
    struct gemini_list list;
    struct content m;
    json_peek(&r->c);
    const char *from = r->c.p;
    if (!are_many && read_content(r, &m) != 0)
        return -1;
    if (are_many && !json_skip(&r->c, NULL))
        return 0;
    r->chat->input = since(r, from);
    r->has_contents = true;
    count(r->chat, r->chat->input, 0);
    r->chat->longest_bytes = r->chat->text_bytes;
    r->chat->nprompts = 1;
    if (!are_many || !gemini_list_begin(NULL, r->chat->input, &list))
        return 0;
    r->chat->longest_bytes = 0;
    for (r->chat->nprompts = 0; gemini_list_next(&list, &one); r->chat->nprompts++)
        if (one.n > r->chat->longest_bytes)
            r->chat->longest_bytes = one.n;
    return 0;
}

static int read_member(struct reading *r, struct json_string k, uint64_t *seen)
{
    static const char *const names[] = {
        "contents", "systemInstruction", "tools",         "generationConfig", "content",
        "requests", "toolConfig",        "cachedContent", "safetySettings"};
    bool is_embed = r->chat->surface == SURFACE_EMBEDDINGS;
    int i = gemini_find(k, names, ARRAY_LEN(names), seen, r->err);
    if (i == GEMINI_REFUSED)
        return -1;
    if (i == GEMINI_UNKNOWN)
        return read_unknown(r, k);
    if (is_embed && (i == 4 || i == 5))
        return read_input(r, i == 5);
    if (!is_embed && i == 0)
        return read_contents(r);
    if (!is_embed && i == 1)
        return read_system(r);
    if (!is_embed && i == 2)
        return read_tools(r);
    if (!is_embed && i == 3)
        return read_config(r);
    if (!is_embed && i == 6)
        return read_tool_config(r);
    json_skip(&r->c, NULL);
    return 0;
}

static int read_body(struct reading *r, struct str body)
{
    struct json_noting noting;
    struct json_string k;
    uint64_t seen = 0;
    json_begin_noting(&r->c, body, &noting, r->arena);
    if (body_enter(&r->c, r->err) != 0)
        return -1;
    while (json_next_member(&r->c, &k))
        if (read_member(r, k, &seen) != 0)
            return -1;
    r->chat->ends = noting.ends;
    return json_finish(&r->c, r->err);
}

int gemini_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                  struct err *err)
{
    enum surface surface = ask->path->surface;
    struct chat chat = {
        .surface = surface,
        .body = ask->body,
        .model = ask->model,
        .is_stream = ask->path->is_stream,
        .wants_usage = true,
        .nchoices = 1,
        .max_output_tokens = -1,
        .needs = surface == SURFACE_EMBEDDINGS ? CAP_EMBEDDINGS : CAP_CHAT,
    };
    struct reading r = {.chat = &chat, .arena = a, .err = err};
    if (chat.model.n == 0 || chat.model.n > MAX_MODEL_BYTES)
        return body_bad_field(err, "model", "a name of 1 to 256 bytes, in the path");
    if (body_check_bytes(ask->body, err) != 0 || read_body(&r, ask->body) != 0)
        return -1;
    if (!r.has_contents)
        return body_missing(err, surface != SURFACE_EMBEDDINGS ? "contents"
                                 : gemini_request_of(ask->path) == GEMINI_EMBED
                                     ? "content"
                                     : "requests");
    if (surface == SURFACE_CHAT) {
        count(&chat, chat.input, r.blob);
        chat.longest_bytes = chat.text_bytes;
    }
    *ret = chat;
    return 0;
}
