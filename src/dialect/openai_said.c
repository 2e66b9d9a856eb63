/* openai_said.c -- one message of a chat in OpenAI's form, as a conversation has it.
 *
 * The form is read as servers of it take it: content may be one part, arguments of a
 * call an object, and the thoughts of a model have four names. */
#include "dialect/openai.h"
#include "dialect/reader.h"
#include "dialect/seal.h"

/* -- pieces -------------------------------------------------------------------------- */

/* A picture's address, alone or in an object. */
static int read_image(const struct reader *r, const struct place *in, struct str raw,
                      struct piece *p)
{
    static const char *const names[] = {"url", "detail"};
    static const struct fields fields = {names, ARRAY_LEN(names), 1};
    const struct place at = place_of(in, "image_url");
    struct str url = raw, text;
    bool is_object = raw_is(raw, '{');
    if (is_object && reader_fields(r, &at, raw, &fields, &url) != 0)
        return -1;
    if (reader_text(r, is_object ? &at : in, is_object ? "url" : "image_url", url,
                    &text) != 0)
        return -1;
    if (!text.n)
        return reader_refuse(r, &at, "it has no url");
    reader_address(p, text);
    return 0;
}

static int read_sound(const struct reader *r, const struct place *in, struct str raw,
                      struct piece *p)
{
    static const char *const names[] = {"data", "format"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    const struct place at = place_of(in, "input_audio");
    struct str found[2];
    if (reader_fields(r, &at, raw, &fields, found) != 0 ||
        reader_text(r, &at, "data", found[0], &p->data) != 0 ||
        reader_text(r, &at, "format", found[1], &p->media_type) != 0)
        return -1;
    return p->data.n ? 0 : reader_refuse(r, &at, "it has no data");
}

static int read_file(const struct reader *r, const struct place *in, struct str raw,
                     struct piece *p)
{
    static const char *const names[] = {"filename", "file_id", "file_data"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    const struct place at = place_of(in, "file");
    struct str found[3], data;
    if (reader_fields(r, &at, raw, &fields, found) != 0 ||
        reader_text(r, &at, "filename", found[0], &p->file_name) != 0 ||
        reader_text(r, &at, "file_id", found[1], &p->file_id) != 0 ||
        reader_text(r, &at, "file_data", found[2], &data) != 0)
        return -1;
    if (data.p)
        reader_address(p, data);
    return 0;
}

enum { PART_TEXT, PART_REFUSAL, PART_IMAGE, PART_SOUND, PART_FILE, PART_KINDS };

static const struct {
    const char *type;
    enum piece_kind kind;
} parts[PART_KINDS] = {
    [PART_TEXT] = {"text", PIECE_TEXT},
    [PART_REFUSAL] = {"refusal", PIECE_REFUSAL},
    [PART_IMAGE] = {"image_url", PIECE_IMAGE},
    [PART_SOUND] = {"input_audio", PIECE_AUDIO},
    [PART_FILE] = {"file", PIECE_FILE},
};

static int read_value_of_part(const struct reader *r, const struct place *at, int kind,
                              struct str raw, struct piece *p)
{
    if (!raw.p && kind != PART_TEXT)
        return reader_refuse_member(r, at, parts[kind].type, "it is missing");
    switch (kind) {
    case PART_IMAGE:
        return read_image(r, at, raw, p);
    case PART_SOUND:
        return read_sound(r, at, raw, p);
    case PART_FILE:
        return read_file(r, at, raw, p);
    default:
        return reader_words(r, at, parts[kind].type, raw, &p->text);
    }
}

static int read_part(const struct reader *r, const struct place *at, struct str raw,
                     struct piece *p)
{
    /* The values stand in members called like their types. */
    static const char *const names[] = {"text", "refusal", "image_url",     "input_audio",
                                        "file", "type",    "cache_control", "id"};
    static const struct fields fields = {names, ARRAY_LEN(names), PART_KINDS + 2};
    struct str found[PART_KINDS + 2], type;
    int kind = 0;
    if (reader_fields(r, at, raw, &fields, found) != 0)
        return json_get(raw, "type").p
                   ? -1
                   : reader_refuse(r, at, "it is no string, and no part with a type");
    if (reader_text(r, at, "type", found[PART_KINDS], &type) != 0)
        return -1;
    while (kind < PART_KINDS && !str_eqz(type, parts[kind].type))
        kind++;
    if (kind == PART_KINDS)
        return reader_refuse(r, at,
                             "its type is none of text, refusal, image_url, input_audio");
    for (int i = 0; i < PART_KINDS; i++)
        if (i != kind && !json_is_empty(found[i]))
            return reader_refuse_member(r, at, parts[i].type,
                                        "its part is of another type");
    p->kind = parts[kind].kind;
    p->cache = found[PART_KINDS + 1];
    return read_value_of_part(r, at, kind, found[kind], p);
}

static int add_piece(const struct reader *r, const struct place *at, struct str raw,
                     struct message *m)
{
    struct piece *p = &m->pieces[m->npieces++];
    *p = (struct piece){.kind = PIECE_TEXT};
    if (!raw_is(raw, '"'))
        return read_part(r, at, raw, p);
    return reader_words(r, at->in, "content", raw, &p->text);
}

/* A text, parts, or one part. */
static int read_content(const struct reader *r, const struct place *in, struct str raw,
                        struct message *m)
{
    struct place at = place_of(in, "content");
    struct json_cur c;
    struct str part;
    if (!raw.p || str_eqz(raw, "{}"))
        return 0;
    if (!raw_is(raw, '"') && !raw_is(raw, '[') && !raw_is(raw, '{'))
        return reader_refuse(r, &at, "it must be a string or an array of parts");
    if (!reader_array(r, &c, raw))
        return add_piece(r, &at, raw, m);
    for (at.index = 0; array_next(&c, &part); at.index++)
        if (add_piece(r, &at, part, m) != 0)
            return -1;
    return 0;
}

/* Ollama's way: base64 beside the content, with or without "data:...," before it. */
static int read_images(const struct reader *r, const struct place *in, struct str raw,
                       struct message *m)
{
    struct place at = place_of(in, "images");
    struct json_cur c;
    struct str one, text;
    if (!reader_array(r, &c, raw))
        return json_is_empty(raw)
                   ? 0
                   : reader_refuse(r, &at, "it must be an array of base64");
    for (at.index = 0; array_next(&c, &one); at.index++) {
        struct piece *p = &m->pieces[m->npieces++];
        *p = (struct piece){.kind = PIECE_IMAGE};
        if (!raw_is(one, '"'))
            return reader_refuse(r, &at, "it must be a string of base64");
        if (reader_text(r, in, "images", one, &text) != 0)
            return -1;
        p->data = text;
        if (str_starts_nocase(text, STR("data:"))) {
            p->data = (struct str){NULL, 0};
            reader_address(p, text);
        }
        if (!p->data.n)
            return reader_refuse(r, &at, "it must be a string of base64");
    }
    return 0;
}

/* -- calls --------------------------------------------------------------------------- */

/* OpenAI has a text of JSON, Ollama the object itself. */
static int read_arguments(const struct reader *r, const struct place *in, struct str raw,
                          struct str *ret)
{
    if (!raw_is(raw, '{'))
        return reader_text(r, in, "arguments", raw, ret);
    *ret = raw;
    return 0;
}

static int read_call(const struct reader *r, const struct place *at, struct str raw,
                     struct tool_call *ret)
{
    static const char *const call_names[] = {"id",
                                             "type",
                                             "function",
                                             "index",
                                             "extra_content",
                                             "cache_control",
                                             "provider_specific_fields"};
    static const char *const function_names[] = {"name", "arguments", "index"};
    static const struct fields of_call = {call_names, ARRAY_LEN(call_names), 3};
    static const struct fields of_function = {function_names, 3, 2};
    const struct place function = place_of(at, "function");
    struct str call[3], inner[2], type;
    int rc = reader_fields(r, at, raw, &of_call, call);
    if (rc != 0 ? !json_get(raw, "function").p : !call[2].p)
        return reader_refuse(r, at, "it has no 'function'");
    if (rc != 0 || reader_text(r, at, "id", call[0], &ret->id) != 0 ||
        reader_text(r, at, "type", call[1], &type) != 0)
        return -1;
    if (type.n && !str_eqz(type, "function"))
        return reader_refuse_member(r, at, "type",
                                    "only calls of functions have a place");
    if (reader_fields(r, &function, call[2], &of_function, inner) != 0 ||
        reader_text(r, &function, "name", inner[0], &ret->name) != 0 ||
        read_arguments(r, &function, inner[1], &ret->arguments) != 0)
        return -1;
    return ret->name.n ? 0 : reader_refuse(r, &function, "it has no name");
}

static int read_calls(const struct reader *r, const struct place *in, struct str raw,
                      struct message *m)
{
    struct place at = place_of(in, "tool_calls");
    struct json_cur c;
    struct str call;
    if (json_is_empty(raw))
        return 0;
    if (m->speaker != SPEAKER_MODEL)
        return reader_refuse(r, &at, "only messages of role 'assistant' have it");
    m->calls = reader_room(r, reader_count(r, raw), sizeof *m->calls);
    if (!m->calls)
        return -1;
    if (!reader_array(r, &c, raw))
        return reader_refuse(r, &at, "it must be an array");
    for (at.index = 0; array_next(&c, &call); at.index++)
        if (read_call(r, &at, call, &m->calls[m->ncalls++]) != 0)
            return -1;
    return 0;
}

/* -- thoughts ------------------------------------------------------------------------ */

static void add_thought(struct message *m, struct str text, struct str sealed)
{
    m->pieces[m->npieces++] =
        (struct piece){.kind = PIECE_THOUGHT, .thought = text, .sealed = sealed};
}

/* One of reasoning_details.  OpenRouter writes a thought's text and signature; weir the
 * seal of what stands in reasoning_content: *text is what is left of that. */
static int read_detail(const struct reader *r, const struct place *at, struct str raw,
                       bool has_text, struct str *text, struct message *m)
{
    static const char *const names[] = {"text", "summary", "signature", "data",
                                        "type", "format",  "index",     "id"};
    static const struct fields fields = {names, ARRAY_LEN(names), 4};
    struct str found[4], own, sealed, data;
    struct seal seal;
    if (reader_fields(r, at, raw, &fields, found) != 0 ||
        reader_text(r, at, found[0].p ? "text" : "summary",
                    found[0].p ? found[0] : found[1], &own) != 0 ||
        reader_text(r, at, "signature", found[2], &sealed) != 0 ||
        reader_text(r, at, "data", found[3], &data) != 0)
        return -1;
    if (data.n && seal_read(data, &seal) && seal.kind == SEAL_THOUGHT) {
        if (seal.length > text->n)
            return 0; /* the client has changed what was signed */
        add_thought(m, str_sub(*text, 0, (size_t)seal.length), data);
        *text = str_sub(*text, (size_t)seal.length, text->n);
    } else if (data.n || (own.n && !has_text)) {
        add_thought(m, has_text ? STR("") : own, data.n ? data : sealed);
    }
    return 0;
}

/* `text` is what stands in one of the members that hold reasoning as one text. */
static int read_details(const struct reader *r, const struct place *in, struct str raw,
                        struct str text, struct message *m)
{
    struct place at = place_of(in, "reasoning_details");
    bool has_text = text.n > 0;
    struct str part;
    struct json_cur c;
    if (!json_is_empty(raw)) {
        if (!reader_array(r, &c, raw))
            return reader_refuse(r, &at, "it must be an array");
        for (at.index = 0; array_next(&c, &part); at.index++)
            if (read_detail(r, &at, part, has_text, &text, m) != 0)
                return -1;
    }
    if (text.n)
        add_thought(m, text, STR(""));
    return 0;
}

enum {
    IN_ROLE,
    IN_CONTENT,
    IN_CALLS,
    IN_CALL_ID,
    IN_NAME,
    IN_TOOL_NAME,
    IN_FUNCTION_CALL,
    IN_REASONING_CONTENT,
    IN_REASONING,
    IN_THINKING,
    IN_DETAILS,
    IN_REFUSAL,
    IN_IMAGES,
    IN_COUNT
};

static const char *const member_names[] = {
    [IN_ROLE] = "role",
    [IN_CONTENT] = "content",
    [IN_CALLS] = "tool_calls",
    [IN_CALL_ID] = "tool_call_id",
    [IN_NAME] = "name",
    [IN_TOOL_NAME] = "tool_name",
    [IN_FUNCTION_CALL] = "function_call",
    [IN_REASONING_CONTENT] = "reasoning_content",
    [IN_REASONING] = "reasoning",
    [IN_THINKING] = "thinking",
    [IN_DETAILS] = "reasoning_details",
    [IN_REFUSAL] = "refusal",
    [IN_IMAGES] = "images",
    /* left out */
    "id",
    "metadata",
    "annotations",
    "cache_control",
    "provider_specific_fields",
};

static int read_thoughts(const struct reader *r, const struct place *at,
                         const struct str in[IN_COUNT], struct message *m)
{
    static const int texts[] = {IN_REASONING_CONTENT, IN_REASONING, IN_THINKING};
    struct str text = {NULL, 0};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (reader_agreeing(r, at, member_names[texts[i]], in[texts[i]], &text) != 0)
            return -1;
    return read_details(r, at, in[IN_DETAILS], text, m);
}

/* -- a message ----------------------------------------------------------------------- */

static bool speaker_of(struct str role, enum speaker *ret)
{
    static const struct {
        const char *role;
        enum speaker speaker;
    } rows[] = {
        {"system", SPEAKER_SYSTEM}, {"developer", SPEAKER_SYSTEM},
        {"user", SPEAKER_USER},     {"assistant", SPEAKER_MODEL},
        {"tool", SPEAKER_TOOL},     {"function", SPEAKER_TOOL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(role, rows[i].role)) {
            *ret = rows[i].speaker;
            return true;
        }
    return false;
}

/* What only one of the speakers says. */
static int check_speaker(const struct reader *r, const struct place *at,
                         const struct str in[IN_COUNT], enum speaker speaker)
{
    static const int of_model[] = {IN_REASONING_CONTENT, IN_REASONING, IN_THINKING,
                                   IN_DETAILS, IN_REFUSAL};
    static const int of_tool[] = {IN_CALL_ID, IN_TOOL_NAME};
    if (!json_is_empty(in[IN_FUNCTION_CALL]))
        return reader_refuse_member(r, at, "function_call", "write it as tool_calls");
    for (size_t i = 0; speaker != SPEAKER_MODEL && i < ARRAY_LEN(of_model); i++)
        if (!json_is_empty(in[of_model[i]]))
            return reader_refuse_member(r, at, member_names[of_model[i]],
                                        "only messages of role 'assistant' have it");
    for (size_t i = 0; speaker != SPEAKER_TOOL && i < ARRAY_LEN(of_tool); i++)
        if (!json_is_empty(in[of_tool[i]]))
            return reader_refuse_member(r, at, member_names[of_tool[i]],
                                        "only messages of role 'tool' have it");
    return speaker == SPEAKER_TOOL || json_is_empty(in[IN_NAME])
               ? 0
               : reader_lose(r, at, STR("name"));
}

static int read_pieces(const struct reader *r, const struct place *at,
                       const struct str in[IN_COUNT], struct message *m)
{
    size_t nparts = raw_is(in[IN_CONTENT], '[') ? reader_count(r, in[IN_CONTENT]) : 1;
    size_t nthoughts = reader_count(r, in[IN_DETAILS]) + 1;
    struct json_text refusal;
    m->pieces = reader_room(
        r, nthoughts + nparts + 1 + reader_count(r, in[IN_IMAGES]) + m->ncalls,
        sizeof *m->pieces);
    if (!m->pieces || read_thoughts(r, at, in, m) != 0 ||
        read_content(r, at, in[IN_CONTENT], m) != 0 ||
        reader_words(r, at, "refusal", in[IN_REFUSAL], &refusal) != 0)
        return -1;
    if (refusal.raw.n)
        m->pieces[m->npieces++] = (struct piece){.kind = PIECE_REFUSAL, .text = refusal};
    if (read_images(r, at, in[IN_IMAGES], m) != 0)
        return -1;
    for (size_t i = 0; i < m->ncalls; i++)
        m->pieces[m->npieces++] = (struct piece){.kind = PIECE_CALL, .call = i};
    return 0;
}

int openai_read_said(struct reader *r, struct json_cur *c)
{
    static const struct fields fields = {member_names, ARRAY_LEN(member_names), IN_COUNT};
    const struct place at = {NULL, STR("messages"), (ptrdiff_t)r->c->nmessages};
    struct message *m = &r->c->messages[r->c->nmessages];
    struct str in[IN_COUNT], role;
    if (reader_fields_at(r, &at, c, &fields, in) != 0 ||
        reader_text(r, &at, "role", in[IN_ROLE], &role) != 0)
        return -1;
    if (!speaker_of(role, &m->speaker))
        return reader_refuse_member(
            r, &at, "role", "it is none of system, developer, user, assistant, tool");
    if (check_speaker(r, &at, in, m->speaker) != 0 ||
        read_calls(r, &at, in[IN_CALLS], m) != 0)
        return -1;
    if (m->speaker == SPEAKER_TOOL &&
        (reader_text(r, &at, "tool_call_id", in[IN_CALL_ID], &m->result_of) != 0 ||
         reader_text(r, &at, "tool_name", in[IN_TOOL_NAME], &m->name) != 0 ||
         reader_agreeing(r, &at, "name", in[IN_NAME], &m->name) != 0))
        return -1;
    if (read_pieces(r, &at, in, m) != 0)
        return -1;
    r->c->nmessages++;
    return 0;
}
