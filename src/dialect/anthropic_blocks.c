/* anthropic_blocks.c -- messages in Anthropic's form, as a conversation has them.
 *
 * A message of the user may hold results of tools: each becomes a message of its own,
 * before what the user says, for so all engines have it.  Thoughts keep what their maker
 * signed them with.  Documents that are text become text; what only the API itself can
 * run or read again (its own tools' calls and results) is refused. */
#include "dialect/anthropic.h"

/* Where pieces go: a message in the making. */
struct making {
    struct anthropic_reading *a;
    struct message m;
    size_t pieces_cap, calls_cap;
    bool is_result; /* of a tool: some blocks have no place in one */
    bool is_inner;  /* in a document: its blocks hold no others */
};

static struct message *add_message(struct anthropic_reading *a)
{
    struct conversation *c = a->r.c;
    c->messages = anthropic_grown(&a->r, c->messages, c->nmessages, &a->messages_cap,
                                  sizeof *c->messages);
    return c->messages ? &c->messages[c->nmessages++] : NULL;
}

/* NULL: no memory. */
static struct piece *add_piece(struct making *to, enum piece_kind kind)
{
    struct message *m = &to->m;
    m->pieces = anthropic_grown(&to->a->r, m->pieces, m->npieces, &to->pieces_cap,
                                sizeof *m->pieces);
    if (!m->pieces)
        return NULL;
    m->pieces[m->npieces] = (struct piece){.kind = kind};
    return &m->pieces[m->npieces++];
}

static int add_text(struct making *to, struct json_text text, struct str cache)
{
    struct piece *p = add_piece(to, PIECE_TEXT);
    if (!p)
        return -1;
    p->text = text;
    p->cache = cache;
    return 0;
}

/* -- what has text --------------------------------------------------------------------
 */

static int read_text(struct making *to, const struct place *at, struct json_cur *c)
{
    static const char *const names[] = {"text", "cache_control", "type", "citations"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    struct str in[2];
    struct json_text text;
    if (reader_fields_at(&to->a->r, at, c, &fields, in) != 0 ||
        reader_words(&to->a->r, at, "text", in[0], &text) != 0)
        return -1;
    return add_text(to, text, in[1]);
}

/* The tools that it names have all been sent along. */
static int read_tool_reference(struct making *to, const struct place *at,
                               struct json_cur *c)
{
    static const char *const names[] = {"tool_name", "cache_control", "type"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    struct str in[2];
    struct json_text text;
    if (reader_fields_at(&to->a->r, at, c, &fields, in) != 0 ||
        reader_words(&to->a->r, at, "tool_name", in[0], &text) != 0)
        return -1;
    return add_text(to, text, in[1]);
}

static int read_thinking(struct making *to, const struct place *at, struct json_cur *c)
{
    static const char *const names[] = {"thinking", "signature", "type"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    const struct reader *r = &to->a->r;
    struct piece *p = add_piece(to, PIECE_THOUGHT);
    struct str in[2];
    if (!p || reader_fields_at(r, at, c, &fields, in) != 0)
        return -1;
    return reader_text(r, at, "thinking", in[0], &p->thought) != 0 ||
                   reader_text(r, at, "signature", in[1], &p->sealed) != 0
               ? -1
               : 0;
}

static int read_redacted(struct making *to, const struct place *at, struct json_cur *c)
{
    static const char *const names[] = {"data", "type"};
    static const struct fields fields = {names, ARRAY_LEN(names), 1};
    struct piece *p = add_piece(to, PIECE_THOUGHT);
    struct str data;
    if (!p || reader_fields_at(&to->a->r, at, c, &fields, &data) != 0)
        return -1;
    return reader_text(&to->a->r, at, "data", data, &p->sealed);
}

/* -- pictures and documents -----------------------------------------------------------
 */

enum { IN_TYPE, IN_DATA, IN_MEDIA_TYPE, IN_URL, IN_FILE_ID, IN_CONTENT, IN_SOURCE };

static int read_source(const struct reader *r, const struct place *at, struct str raw,
                       struct str in[IN_SOURCE], struct str *type)
{
    static const char *const names[] = {"type", "data",    "media_type",
                                        "url",  "file_id", "content"};
    static const struct fields fields = {names, ARRAY_LEN(names), IN_SOURCE};
    return reader_fields(r, at, raw, &fields, in) != 0
               ? -1
               : reader_text(r, at, "type", in[IN_TYPE], type);
}

/* base64, url or file, of a picture or a document. */
static int read_bytes(const struct reader *r, const struct place *at,
                      const struct str in[IN_SOURCE], struct str type, struct piece *p)
{
    struct str *found = str_eqz(type, "base64") ? &p->data
                        : str_eqz(type, "url")  ? &p->url
                        : str_eqz(type, "file") ? &p->file_id
                                                : NULL;
    const char *name = found == &p->data ? "data" : found == &p->url ? "url" : "file_id";
    int member = found == &p->data ? IN_DATA : found == &p->url ? IN_URL : IN_FILE_ID;
    if (!found)
        return reader_refuse_member(r, at, "type", "there is no such source here");
    if (reader_text(r, at, name, in[member], found) != 0 ||
        reader_text(r, at, "media_type", in[IN_MEDIA_TYPE], &p->media_type) != 0)
        return -1;
    return found->n ? 0 : reader_refuse_member(r, at, name, "it is missing");
}

static int read_image(struct making *to, const struct place *at, struct json_cur *c)
{
    static const char *const names[] = {"source", "cache_control", "type",
                                        "transformations"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    const struct place source = place_of(at, "source");
    const struct reader *r = &to->a->r;
    struct piece *p = add_piece(to, PIECE_IMAGE);
    struct str in[2], of[IN_SOURCE], type;
    if (!p || reader_fields_at(r, at, c, &fields, in) != 0 ||
        read_source(r, &source, in[0], of, &type) != 0)
        return -1;
    p->cache = in[1];
    return read_bytes(r, &source, of, type, p);
}

static int read_content(struct making *to, const struct place *in, struct str raw);

/* Of a document or a search result. */
static int read_inner(struct making *to, const struct place *in, struct str raw)
{
    to->is_inner = true;
    int rc = read_content(to, in, raw);
    to->is_inner = false;
    return rc;
}

/* A line before a text that is not the user's own words, if there is one. */
static int add_line(struct making *to, const struct place *at, const char *name,
                    struct str raw)
{
    struct json_text text;
    if (reader_words(&to->a->r, at, name, raw, &text) != 0)
        return -1;
    return text.raw.n ? add_text(to, text, (struct str){NULL, 0}) : 0;
}

static void mark_last(struct making *to, struct str cache)
{
    if (cache.p && to->m.npieces)
        to->m.pieces[to->m.npieces - 1].cache = cache;
}

static int read_file(struct making *to, const struct place *at,
                     const struct str of[IN_SOURCE], struct str type, struct str title)
{
    const struct place source = place_of(at, "source");
    const struct reader *r = &to->a->r;
    struct piece *p = add_piece(to, PIECE_FILE);
    if (!p || reader_text(r, at, "title", title, &p->file_name) != 0 ||
        read_bytes(r, &source, of, type, p) != 0)
        return -1;
    if (!p->media_type.n && p->url.n)
        p->media_type =
            STR("application/pdf"); /* the only one that an address may have */
    return 0;
}

static int lose_citations(struct making *to, const struct place *at, struct str raw)
{
    if (!raw_is(raw, '{') || !str_eqz(json_get(raw, "enabled"), "true"))
        return 0;
    return anthropic_lose(to->a, reader_name(&to->a->r, at, "citations"));
}

static int read_document(struct making *to, const struct place *at, struct json_cur *c)
{
    static const char *const names[] = {"source",  "cache_control", "title",
                                        "context", "citations",     "type"};
    static const struct fields fields = {names, ARRAY_LEN(names), 5};
    const struct place source = place_of(at, "source");
    const struct reader *r = &to->a->r;
    struct str in[5], of[IN_SOURCE], type;
    if (reader_fields_at(r, at, c, &fields, in) != 0 ||
        read_source(r, &source, in[0], of, &type) != 0 ||
        lose_citations(to, at, in[4]) != 0)
        return -1;
    bool is_text = str_eqz(type, "text"), is_blocks = str_eqz(type, "content");
    if (((is_text || is_blocks) && add_line(to, at, "title", in[2]) != 0) ||
        add_line(to, at, "context", in[3]) != 0)
        return -1;
    if (is_text     ? add_line(to, &source, "data", of[IN_DATA]) != 0
        : is_blocks ? read_inner(to, &source, of[IN_CONTENT]) != 0
                    : read_file(to, at, of, type, in[2]) != 0)
        return -1;
    mark_last(to, in[1]);
    return 0;
}

static int read_search_result(struct making *to, const struct place *at,
                              struct json_cur *c)
{
    static const char *const names[] = {"title",     "source",        "content",
                                        "citations", "cache_control", "type"};
    static const struct fields fields = {names, ARRAY_LEN(names), 5};
    struct str in[5];
    if (reader_fields_at(&to->a->r, at, c, &fields, in) != 0 ||
        lose_citations(to, at, in[3]) != 0 || add_line(to, at, "title", in[0]) != 0 ||
        add_line(to, at, "source", in[1]) != 0 || read_inner(to, at, in[2]) != 0)
        return -1;
    mark_last(to, in[4]);
    return 0;
}

/* -- calls and their results ----------------------------------------------------------
 */

static int read_tool_use(struct making *to, const struct place *at, struct json_cur *c)
{
    static const char *const names[] = {"id",   "name",  "input", "cache_control",
                                        "type", "caller"};
    static const struct fields fields = {names, ARRAY_LEN(names), 4};
    const struct reader *r = &to->a->r;
    struct message *m = &to->m;
    struct piece *p = add_piece(to, PIECE_CALL);
    struct tool_call call = {.arguments = STR("{}")};
    struct str in[4];
    m->calls = anthropic_grown(r, m->calls, m->ncalls, &to->calls_cap, sizeof *m->calls);
    if (!p || !m->calls || reader_fields_at(r, at, c, &fields, in) != 0 ||
        reader_text(r, at, "id", in[0], &call.id) != 0 ||
        reader_text(r, at, "name", in[1], &call.name) != 0)
        return -1;
    if (!call.name.n)
        return reader_refuse_member(r, at, "name", "it is missing");
    if (in[2].p && !raw_is(in[2], '{'))
        return reader_refuse_member(r, at, "input", "it must be an object");
    if (in[2].p)
        call.arguments = in[2];
    p->call = m->ncalls;
    p->cache = in[3];
    m->calls[m->ncalls++] = call;
    return 0;
}

/* A message of its own, before the one of the user in which it stands. */
static int read_tool_result(struct making *to, const struct place *at, struct json_cur *c)
{
    static const char *const names[] = {"tool_use_id", "content", "is_error",
                                        "cache_control", "type"};
    static const struct fields fields = {names, ARRAY_LEN(names), 4};
    struct making result = {
        .a = to->a, .m = {.speaker = SPEAKER_TOOL}, .is_result = true};
    struct str in[4];
    struct message *m;
    if (reader_fields_at(&to->a->r, at, c, &fields, in) != 0 ||
        reader_text(&to->a->r, at, "tool_use_id", in[0], &result.m.result_of) != 0 ||
        anthropic_read_flag(&to->a->r, at, "is_error", in[2], &result.m.is_error) != 0 ||
        (in[1].p && read_content(&result, at, in[1]) != 0))
        return -1;
    if (in[3].p && !result.m.npieces && add_text(&result, JSON_TEXT(""), in[3]) != 0)
        return -1;
    mark_last(&result, in[3]);
    m = add_message(to->a);
    if (!m)
        return -1;
    *m = result.m;
    return 0;
}

/* -- blocks by their type -------------------------------------------------------------
 */

enum {
    OF_USER = 1,
    OF_MODEL = 2,
    OF_SYSTEM = 4,
    OF_RESULT = 8,
    OF_DOCUMENT = 16,
    OF_ANY = 31
};

static const struct {
    const char *type;
    unsigned of; /* whose it may be */
    int (*read)(struct making *to, const struct place *at, struct json_cur *c);
} blocks[] = {
    {"text", OF_ANY, read_text},
    {"tool_use", OF_MODEL, read_tool_use},
    {"tool_result", OF_USER, read_tool_result},
    {"thinking", OF_MODEL, read_thinking},
    {"redacted_thinking", OF_MODEL, read_redacted},
    {"image", OF_USER | OF_RESULT | OF_DOCUMENT, read_image},
    {"document", OF_USER | OF_RESULT, read_document},
    {"search_result", OF_USER | OF_RESULT, read_search_result},
    {"tool_reference", OF_RESULT, read_tool_reference},
};

static unsigned owner(const struct making *to)
{
    return to->is_inner                      ? OF_DOCUMENT
           : to->is_result                   ? OF_RESULT
           : to->m.speaker == SPEAKER_MODEL  ? OF_MODEL
           : to->m.speaker == SPEAKER_SYSTEM ? OF_SYSTEM
                                             : OF_USER;
}

/* Of the object at the cursor, which stays there; false: it is no string. */
static bool find_type(const struct json_cur *c, struct json_string *ret)
{
    struct json_cur ahead = *c;
    struct json_string k;
    json_enter_object(&ahead);
    while (json_next_member(&ahead, &k)) {
        if (json_string_is(k, "type"))
            return json_peek(&ahead) == JSON_STRING && json_read_string(&ahead, ret);
        json_skip(&ahead, NULL);
    }
    return false;
}

/* Steps over it: it may be nearly all of the body, and is passed as seldom as can be. */
static int read_block(struct making *to, const struct place *at, struct json_cur *c)
{
    struct json_string type;
    if (json_peek(c) != JSON_OBJECT)
        return reader_refuse(&to->a->r, at, "it must be an object with a type");
    if (!find_type(c, &type))
        return reader_refuse_member(&to->a->r, at, "type", "it must be a string");
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
        if (json_string_is(type, blocks[i].type) && (blocks[i].of & owner(to)))
            return blocks[i].read(to, at, c);
    return reader_refuse_member(&to->a->r, at, "type",
                                "a block of this type has no place there");
}

/* A text, or blocks. */
static int read_content(struct making *to, const struct place *in, struct str raw)
{
    struct place at = place_of(in, "content");
    struct json_cur c;
    struct json_text text;
    if (raw_is(raw, '"'))
        return reader_words(&to->a->r, in, "content", raw, &text) != 0
                   ? -1
                   : add_text(to, text, (struct str){NULL, 0});
    if (!reader_array(&to->a->r, &c, raw))
        return reader_refuse(&to->a->r, &at, "it must be a string or an array of blocks");
    for (at.index = 0; json_next_element(&c); at.index++)
        if (read_block(to, &at, &c) != 0)
            return -1;
    return 0;
}

/* -- messages -------------------------------------------------------------------------
 */

static int keep_message(struct making *to)
{
    struct message *m = add_message(to->a);
    if (!m)
        return -1;
    *m = to->m;
    return 0;
}

int anthropic_read_system(struct anthropic_reading *a, struct str raw)
{
    struct making to = {.a = a, .m = {.speaker = SPEAKER_SYSTEM}};
    struct place at = place_of(NULL, "system");
    struct json_cur c;
    struct json_text text;
    if (json_is_empty(raw))
        return 0;
    if (raw_is(raw, '"'))
        return reader_words(&a->r, NULL, "system", raw, &text) != 0 ||
                       add_text(&to, text, (struct str){NULL, 0}) != 0
                   ? -1
                   : keep_message(&to);
    if (!reader_array(&a->r, &c, raw))
        return reader_refuse(&a->r, &at, "it must be a string or an array of blocks");
    for (at.index = 0; json_next_element(&c); at.index++)
        if (read_block(&to, &at, &c) != 0)
            return -1;
    return keep_message(&to);
}

int anthropic_read_message(struct anthropic_reading *a, ptrdiff_t index,
                           struct json_cur *c)
{
    static const char *const names[] = {"role", "content"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    const struct place at = {NULL, STR("messages"), index};
    struct making to = {.a = a};
    size_t before = a->r.c->nmessages;
    struct str in[2], role;
    if (reader_fields_at(&a->r, &at, c, &fields, in) != 0 ||
        reader_text(&a->r, &at, "role", in[0], &role) != 0)
        return -1;
    to.m.speaker = str_eqz(role, "assistant") ? SPEAKER_MODEL
                   : str_eqz(role, "system")  ? SPEAKER_SYSTEM
                                              : SPEAKER_USER;
    if (read_content(&to, &at, in[1]) != 0)
        return -1;
    bool is_results_alone = a->r.c->nmessages > before && to.m.npieces == 0;
    return is_results_alone ? 0 : keep_message(&to);
}
