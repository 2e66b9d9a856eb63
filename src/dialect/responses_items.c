/* responses_items.c -- the items of a request to Responses as messages.
 *
 * What the model said in a turn is several items there (reasoning, a message, calls) and
 * one message here, whose pieces stand in their order; each result of a tool is a message
 * of its own.  Items are of many types: those of tools that the provider itself runs have
 * no place, and neither has what refers to something that is stored there. */
#include "dialect/responses.h"

struct items {
    const struct reader *r;
    struct message *open; /* of the model, while its items follow each other; or NULL */
};

/* -- room: as much again at each power of two
 * -------------------------------------------- */

static void *grown(const struct reader *r, void *old, size_t n, size_t size)
{
    if (n & (n - 1))
        return old;
    void *v = reader_room(r, 2 * n + 1, size);
    if (v && n)
        memcpy(v, old, n * size);
    return v;
}

/* NULL: no memory. */
static struct piece *add_piece(const struct reader *r, struct message *m,
                               enum piece_kind kind)
{
    struct piece *v = grown(r, m->pieces, m->npieces, sizeof *v);
    if (!v)
        return NULL;
    m->pieces = v;
    v[m->npieces] = (struct piece){.kind = kind};
    return &v[m->npieces++];
}

static struct message *add_message(struct items *in, enum speaker speaker)
{
    struct conversation *c = in->r->c;
    struct message *m = &c->messages[c->nmessages++];
    m->speaker = speaker;
    in->open = speaker == SPEAKER_MODEL ? m : NULL;
    return m;
}

static struct message *model_message(struct items *in)
{
    return in->open ? in->open : add_message(in, SPEAKER_MODEL);
}

/* -- parts of content
 * ---------------------------------------------------------------------
 */

enum {
    PART_AT_TYPE,
    PART_AT_TEXT,
    PART_AT_REFUSAL,
    PART_AT_IMAGE_URL,
    PART_AT_FILE_ID,
    PART_AT_SOUND,
    PART_AT_FILE_DATA,
    PART_AT_FILE_URL,
    PART_AT_FILENAME,
    PART_AT_CACHE,
    PART_AT_COUNT
};

static const char *const part_names[] = {
    [PART_AT_TYPE] = "type",
    [PART_AT_TEXT] = "text",
    [PART_AT_REFUSAL] = "refusal",
    [PART_AT_IMAGE_URL] = "image_url",
    [PART_AT_FILE_ID] = "file_id",
    [PART_AT_SOUND] = "input_audio",
    [PART_AT_FILE_DATA] = "file_data",
    [PART_AT_FILE_URL] = "file_url",
    [PART_AT_FILENAME] = "filename",
    [PART_AT_CACHE] = "prompt_cache_breakpoint",
    /* left out */
    "detail",
    "annotations",
    "logprobs",
    "id",
    "parsed",
};

static int read_sound(const struct reader *r, const struct place *in, struct str raw,
                      struct piece *p)
{
    static const char *const names[] = {"data", "format"};
    static const struct fields fields = {names, 2, 2};
    const struct place at = place_of(in, "input_audio");
    struct str found[2];
    if (reader_fields(r, &at, raw.p ? raw : STR("null"), &fields, found) != 0 ||
        reader_text(r, &at, "data", found[0], &p->data) != 0 ||
        reader_text(r, &at, "format", found[1], &p->media_type) != 0)
        return -1;
    return p->data.n ? 0 : reader_refuse(r, &at, "it has no data");
}

/* Inline, by address, or by the id that a provider gave it. */
static int read_medium(const struct reader *r, const struct place *at,
                       const struct str in[PART_AT_COUNT], struct piece *p)
{
    bool is_image = p->kind == PIECE_IMAGE;
    int inlined = is_image ? PART_AT_IMAGE_URL : PART_AT_FILE_DATA;
    struct str text, url;
    if (reader_text(r, at, part_names[inlined], in[inlined], &text) != 0 ||
        reader_text(r, at, "file_url", in[PART_AT_FILE_URL], &url) != 0 ||
        reader_text(r, at, "file_id", in[PART_AT_FILE_ID], &p->file_id) != 0 ||
        reader_text(r, at, "filename", in[PART_AT_FILENAME], &p->file_name) != 0)
        return -1;
    if (text.n)
        reader_address(p, text);
    if (!is_image && p->url.n) { /* base64 alone is good, too */
        p->data = p->url;
        p->url = (struct str){NULL, 0};
    }
    if (url.n)
        p->url = url;
    return p->data.n || p->url.n || p->file_id.n
               ? 0
               : reader_refuse_member(r, at, part_names[inlined], "it is missing");
}

static const struct {
    const char *type;
    enum piece_kind kind;
} part_kinds[] = {
    {"input_text", PIECE_TEXT},   {"output_text", PIECE_TEXT},
    {"text", PIECE_TEXT},         {"summary_text", PIECE_TEXT},
    {"refusal", PIECE_REFUSAL},   {"reasoning_text", PIECE_TEXT},
    {"input_image", PIECE_IMAGE}, {"input_file", PIECE_FILE},
    {"input_audio", PIECE_AUDIO},
};

static int read_part_value(const struct reader *r, const struct place *at,
                           const struct str in[PART_AT_COUNT], struct piece *p)
{
    int name = p->kind == PIECE_REFUSAL ? PART_AT_REFUSAL : PART_AT_TEXT;
    if (!json_is_empty(in[PART_AT_CACHE]))
        p->cache = STR("{\"type\":\"ephemeral\"}");
    switch (p->kind) {
    case PIECE_IMAGE:
    case PIECE_FILE:
        return read_medium(r, at, in, p);
    case PIECE_AUDIO:
        return read_sound(r, at, in[PART_AT_SOUND], p);
    default:
        return in[name].p
                   ? reader_words(r, at, part_names[name], in[name], &p->text)
                   : reader_refuse_member(r, at, part_names[name], "it is missing");
    }
}

static int read_part(const struct reader *r, const struct place *at, struct json_cur *c,
                     struct message *m)
{
    static const struct fields fields = {part_names, ARRAY_LEN(part_names),
                                         PART_AT_COUNT};
    struct str in[PART_AT_COUNT], type;
    size_t i = 0;
    if (reader_fields_at(r, at, c, &fields, in) != 0 ||
        reader_text(r, at, "type", in[PART_AT_TYPE], &type) != 0)
        return -1;
    while (i < ARRAY_LEN(part_kinds) && !str_eqz(type, part_kinds[i].type))
        i++;
    if (i == ARRAY_LEN(part_kinds))
        return reader_refuse_member(r, at, "type",
                                    "it is none of input_text, input_image, input_file, "
                                    "input_audio, output_text, refusal");
    struct piece *p = add_piece(r, m, part_kinds[i].kind);
    return p ? read_part_value(r, at, in, p) : -1;
}

/* A text, or parts. */
static int read_content(const struct reader *r, const struct place *in, const char *name,
                        struct str raw, struct message *m)
{
    struct place at = place_of(in, name);
    struct json_cur c;
    if (!raw.p)
        return 0;
    if (raw_is(raw, '"')) {
        struct piece *p = add_piece(r, m, PIECE_TEXT);
        return p ? reader_words(r, in, name, raw, &p->text) : -1;
    }
    if (!reader_array(r, &c, raw))
        return reader_refuse(r, &at, "it must be a string or an array of parts");
    for (at.index = 0; json_next_element(&c); at.index++)
        if (read_part(r, &at, &c, m) != 0)
            return -1;
    return 0;
}

/* -- items
 * --------------------------------------------------------------------------------
 */

enum {
    AT_TYPE,
    AT_ROLE,
    AT_CONTENT,
    AT_CALL_ID,
    AT_NAME,
    AT_NAMESPACE,
    AT_ARGUMENTS,
    AT_INPUT,
    AT_OUTPUT,
    AT_SUMMARY,
    AT_SEALED,
    AT_COUNT
};

static const char *const item_names[] = {
    [AT_TYPE] = "type",
    [AT_ROLE] = "role",
    [AT_CONTENT] = "content",
    [AT_CALL_ID] = "call_id",
    [AT_NAME] = "name",
    [AT_NAMESPACE] = "namespace",
    [AT_ARGUMENTS] = "arguments",
    [AT_INPUT] = "input",
    [AT_OUTPUT] = "output",
    [AT_SUMMARY] = "summary",
    [AT_SEALED] = "encrypted_content",
    /* left out: what the answer does not depend on */
    "id",
    "status",
    "phase",
    "async",
    "caller",
    "created_by",
    "agent",
    "response_id",
    "parsed_arguments", /* of the SDK for JavaScript, which sends it back */
};

static int read_message(struct items *in, const struct place *at,
                        const struct str v[AT_COUNT])
{
    static const struct {
        const char *role;
        enum speaker speaker;
    } rows[] = {
        {"user", SPEAKER_USER},
        {"assistant", SPEAKER_MODEL},
        {"system", SPEAKER_SYSTEM},
        {"developer", SPEAKER_SYSTEM},
    };
    struct str role;
    size_t i = 0;
    if (reader_text(in->r, at, "role", v[AT_ROLE], &role) != 0)
        return -1;
    while (i < ARRAY_LEN(rows) && !str_eqz(role, rows[i].role))
        i++;
    if (i == ARRAY_LEN(rows))
        return reader_refuse_member(in->r, at, "role",
                                    "it is none of system, developer, user, assistant");
    struct message *m = rows[i].speaker == SPEAKER_MODEL
                            ? model_message(in)
                            : add_message(in, rows[i].speaker);
    return read_content(in->r, at, "content", v[AT_CONTENT], m);
}

/* The texts of an array of parts, with an empty line between two. */
static int read_texts(const struct reader *r, const struct place *at, const char *name,
                      struct str raw, struct str *ret)
{
    struct message parts = {.npieces = 0};
    if (json_is_empty(raw))
        return 0;
    if (read_content(r, at, name, raw, &parts) != 0)
        return -1;
    struct str *pieces = reader_room(r, 2 * parts.npieces, sizeof *pieces);
    if (!pieces)
        return -1;
    for (size_t i = 0; i < parts.npieces; i++) {
        pieces[2 * i] = i ? STR("\n\n") : STR("");
        pieces[2 * i + 1] = json_text_plain(r->arena, parts.pieces[i].text);
    }
    *ret = arena_join(r->arena, pieces, 2 * parts.npieces);
    return ret->p ? 0 : err_nomem(r->err);
}

/* Where the reasoning itself is there, its summary says nothing more. */
static int read_reasoning(struct items *in, const struct place *at,
                          const struct str v[AT_COUNT])
{
    struct str text = STR(""), sealed;
    bool is_whole = !json_is_empty(v[AT_CONTENT]);
    if (read_texts(in->r, at, is_whole ? "content" : "summary",
                   v[is_whole ? AT_CONTENT : AT_SUMMARY], &text) != 0 ||
        reader_text(in->r, at, "encrypted_content", v[AT_SEALED], &sealed) != 0)
        return -1;
    if (!text.n && !sealed.n)
        return 0;
    struct piece *p = add_piece(in->r, model_message(in), PIECE_THOUGHT);
    if (!p)
        return -1;
    p->thought = text;
    p->sealed = sealed;
    return 0;
}

static int read_call_id(const struct reader *r, const struct place *at, struct str raw,
                        struct str *ret)
{
    char room[RESPONSES_ID_BYTES];
    struct str id;
    if (reader_text(r, at, "call_id", raw, &id) != 0)
        return -1;
    if (!id.n)
        return reader_refuse_member(r, at, "call_id", "it is missing");
    *ret = id.n <= RESPONSES_ID_BYTES
               ? id
               : arena_strdup(r->arena, responses_call_id(id, room));
    return ret->p ? 0 : err_nomem(r->err);
}

static int read_call_name(const struct reader *r, const struct place *at,
                          const struct str v[AT_COUNT], struct str *ret)
{
    struct str ns, name;
    if (reader_text(r, at, "namespace", v[AT_NAMESPACE], &ns) != 0 ||
        reader_text(r, at, "name", v[AT_NAME], &name) != 0)
        return -1;
    if (!name.n)
        return reader_refuse_member(r, at, "name", "it is missing");
    *ret = responses_flat_name(r->arena, ns, name);
    return ret->p ? 0 : err_nomem(r->err);
}

static int read_call(struct items *in, const struct place *at,
                     const struct str v[AT_COUNT], bool is_custom)
{
    const struct reader *r = in->r;
    struct message *m = model_message(in);
    struct tool_call *calls = grown(r, m->calls, m->ncalls, sizeof *calls);
    struct piece *p = add_piece(r, m, PIECE_CALL);
    if (!calls || !p)
        return -1;
    m->calls = calls;
    p->call = m->ncalls;
    struct tool_call *call = &calls[m->ncalls++];
    *call = (struct tool_call){.is_custom = is_custom};
    if (read_call_id(r, at, v[AT_CALL_ID], &call->id) != 0 ||
        read_call_name(r, at, v, &call->name) != 0)
        return -1;
    return reader_text(r, at, is_custom ? "input" : "arguments",
                       v[is_custom ? AT_INPUT : AT_ARGUMENTS], &call->arguments);
}

static int read_function_call(struct items *in, const struct place *at,
                              const struct str v[AT_COUNT])
{
    return read_call(in, at, v, false);
}

static int read_custom_call(struct items *in, const struct place *at,
                            const struct str v[AT_COUNT])
{
    return read_call(in, at, v, true);
}

static int read_result(struct items *in, const struct place *at,
                       const struct str v[AT_COUNT])
{
    struct message *m = add_message(in, SPEAKER_TOOL);
    if (read_call_id(in->r, at, v[AT_CALL_ID], &m->result_of) != 0)
        return -1;
    return read_content(in->r, at, "output", v[AT_OUTPUT], m);
}

#define BIT(at) (1U << (at))
static const struct item_kind {
    const char *type;
    unsigned has; /* members of AT_* */
    int (*read)(struct items *in, const struct place *at, const struct str v[AT_COUNT]);
} item_kinds[] = {
    {"message", BIT(AT_ROLE) | BIT(AT_CONTENT), read_message},
    {"reasoning", BIT(AT_CONTENT) | BIT(AT_SUMMARY) | BIT(AT_SEALED), read_reasoning},
    {"function_call",
     BIT(AT_CALL_ID) | BIT(AT_NAME) | BIT(AT_NAMESPACE) | BIT(AT_ARGUMENTS),
     read_function_call},
    {"custom_tool_call",
     BIT(AT_CALL_ID) | BIT(AT_NAME) | BIT(AT_NAMESPACE) | BIT(AT_INPUT),
     read_custom_call},
    {"function_call_output",
     BIT(AT_CALL_ID) | BIT(AT_OUTPUT) | BIT(AT_NAME) | BIT(AT_NAMESPACE), read_result},
    {"custom_tool_call_output",
     BIT(AT_CALL_ID) | BIT(AT_OUTPUT) | BIT(AT_NAME) | BIT(AT_NAMESPACE), read_result},
};

/* What they tell of a tool that the provider ran is not told again: the answer that came
 * of it is in the message behind them. */
static const char *const lost_types[] = {"web_search_call", "file_search_call",
                                         "mcp_list_tools"};

/* Of a type that has no place; an empty one is a message. */
static int read_foreign(struct items *in, const struct place *at, struct str type,
                        struct str id)
{
    for (size_t i = 0; i < ARRAY_LEN(lost_types); i++)
        if (str_eqz(type, lost_types[i]))
            return responses_lose(in->r, at, type);
    /* Reasoning may be missing, what was said may not.  Raw: the quote is its own. */
    if (str_eqz(type, "item_reference") && str_starts(id, STR("\"rs_")))
        return responses_lose(in->r, at, type);
    if (str_eqz(type, "item_reference"))
        return reader_refuse(in->r, at,
                             "it refers to an item that weir has not kept; send the item "
                             "itself (store: false makes clients do so)");
    return reader_refuse_member(in->r, at, "type", "items of this type have no place");
}

static const struct item_kind *kind_of(struct str type)
{
    for (size_t i = 0; i < ARRAY_LEN(item_kinds); i++)
        if (str_eqz(type, item_kinds[i].type))
            return &item_kinds[i];
    return NULL;
}

static int read_type(const struct items *in, const struct place *at, struct str raw,
                     struct str *ret)
{
    if (reader_text(in->r, at, "type", raw, ret) != 0)
        return -1;
    if (!ret->n)
        *ret = STR("message");
    return 0;
}

/* Of a type that is not known here the members are not, either. */
static int read_unknown(struct items *in, const struct place *at, struct json_cur *c)
{
    struct str raw, type;
    if (!json_skip(c, &raw) || read_type(in, at, json_get(raw, "type"), &type) != 0 ||
        kind_of(type))
        return -1; /* as the reading of its members said */
    return read_foreign(in, at, type, json_get(raw, "id"));
}

static int read_item(struct items *in, const struct place *at, struct json_cur *c)
{
    static const struct fields fields = {item_names, ARRAY_LEN(item_names), AT_COUNT};
    const struct json_cur before = *c;
    struct str v[AT_COUNT], type;
    if (reader_fields_at(in->r, at, c, &fields, v) != 0) {
        *c = before;
        return read_unknown(in, at, c);
    }
    if (read_type(in, at, v[AT_TYPE], &type) != 0)
        return -1;
    const struct item_kind *kind = kind_of(type);
    if (!kind) {
        *c = before;
        return read_unknown(in, at, c);
    }
    for (int i = AT_TYPE + 1; i < AT_COUNT; i++)
        if (!(kind->has & BIT(i)) && !json_is_empty(v[i]))
            return reader_refuse_member(in->r, at, item_names[i],
                                        "items of this type do not have it");
    return kind->read(in, at, v);
}

int responses_read_items(const struct reader *r, const struct chat *chat)
{
    struct items in = {.r = r};
    struct place at = place_of(NULL, "input");
    struct json_cur c;
    if (raw_is(chat->input, '"'))
        return read_content(r, NULL, "input", chat->input,
                            add_message(&in, SPEAKER_USER));
    if (!reader_array(r, &c, chat->input))
        return reader_refuse(r, &at, "it is missing");
    for (at.index = 0; json_next_element(&c); at.index++)
        if (read_item(&in, &at, &c) != 0)
            return -1;
    return r->c->nmessages ? 0 : reader_refuse_member(r, NULL, "input", "it is empty");
}
