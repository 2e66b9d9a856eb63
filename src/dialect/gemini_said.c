/* gemini_said.c -- contents of a request in Gemini's form, as messages of a conversation.
 *
 * Results of functions are parts of what the user says; each becomes a message of its
 * own, before the rest of that content.  Calls and results may come without ids: then a
 * result belongs to the first open call of its name.
 *
 * Thoughts come in pieces, as they were streamed, and with a signature behind them or on
 * the part that follows: a piece of the conversation is a whole thought with its own.  So
 * do the model's texts. */
#include "core/buf.h"
#include "core/mem.h"
#include "dialect/gemini.h"
#include "dialect/seal.h"

enum {
    MOST_LOOKED = 256, /* open calls, for the one that a result belongs to */
    FIRST_PARTS = 8,
    ID_BYTES = 64
};

enum {
    IN_TEXT,
    IN_INLINE,
    IN_FILE,
    IN_CALL,
    IN_RESULT,
    IN_THOUGHT,
    IN_SIGNATURE,
    IN_COUNT
};

static const char *const part_names[IN_COUNT] = {
    [IN_TEXT] = "text",
    [IN_INLINE] = "inlineData",
    [IN_FILE] = "fileData",
    [IN_CALL] = "functionCall",
    [IN_RESULT] = "functionResponse",
    [IN_THOUGHT] = "thought",
    [IN_SIGNATURE] = "thoughtSignature",
};

struct part {
    struct str in[IN_COUNT]; /* raw values of its members */
};

/* One reading of contents. */
struct saying {
    struct reader *r;
    struct part *parts; /* of the content that is read */
    size_t nparts, room;
    const struct message *caller; /* the newest that has calls */
    bool *is_open;                /* of each of its calls */
    bool *is_made;                /* ... its id was made here */
    size_t first;                 /* calls before it have their results */
    /* Pieces, as they were streamed, of what has not ended: one of them at a time. */
    struct buf thought, said; /* `said` as JSON has texts */
};

/* -- media --------------------------------------------------------------------------- */

/* Of sounds a conversation has the format: "wav". */
static struct str format_of(struct str type)
{
    struct str format = str_sub(type, strlen("audio/"), type.n);
    if (str_eqz(format, "mpeg"))
        return STR("mp3");
    return str_starts(format, STR("x-")) ? str_sub(format, 2, format.n) : format;
}

static void set_type(struct piece *p, struct str type)
{
    p->media_type = type;
    p->kind = PIECE_FILE;
    if (str_starts(type, STR("image/")))
        p->kind = PIECE_IMAGE;
    if (str_starts(type, STR("audio/")) && p->data.n) {
        p->kind = PIECE_AUDIO;
        p->media_type = format_of(type);
    }
}

static int read_inline(const struct reader *r, const struct place *at, struct str raw,
                       struct piece *p)
{
    static const char *const names[] = {"mimeType", "data", "displayName"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    struct str in[3], type;
    if (gemini_fields(r, at, raw, &fields, in) != 0 ||
        reader_text(r, at, "mimeType", in[0], &type) != 0 ||
        reader_text(r, at, "data", in[1], &p->data) != 0 ||
        reader_text(r, at, "displayName", in[2], &p->file_name) != 0)
        return -1;
    if (!p->data.n || !type.n)
        return reader_refuse(r, at, "it must have data and a mimeType");
    set_type(p, type);
    return 0;
}

/* At an address; or in Google's store, which nobody else can read. */
static int read_address(const struct reader *r, const struct place *at, struct str raw,
                        struct piece *p)
{
    static const char *const names[] = {"mimeType", "fileUri", "displayName"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    struct str in[3], type, uri;
    if (gemini_fields(r, at, raw, &fields, in) != 0 ||
        reader_text(r, at, "mimeType", in[0], &type) != 0 ||
        reader_text(r, at, "fileUri", in[1], &uri) != 0 ||
        reader_text(r, at, "displayName", in[2], &p->file_name) != 0)
        return -1;
    if (!uri.n)
        return reader_refuse_member(r, at, "fileUri", "it is missing");
    set_type(p, type);
    bool is_google = str_find(uri, STR("generativelanguage.googleapis.com/")) >= 0;
    if (!is_google &&
        (str_starts(uri, STR("https://")) || str_starts(uri, STR("http://"))))
        p->url = uri;
    else
        p->file_id = uri;
    return 0;
}

/* -- thoughts ------------------------------------------------------------------------ */

static int add_thought(struct saying *s, struct message *m, struct str text,
                       struct str sealed)
{
    struct str own = text.n ? arena_strdup(s->r->arena, text) : STR("");
    if (!own.p)
        return err_nomem(s->r->err);
    m->pieces[m->npieces++] =
        (struct piece){.kind = PIECE_THOUGHT, .thought = own, .sealed = sealed};
    return 0;
}

/* What was thought so far, without anything that its maker would know it by. */
static int end_thought(struct saying *s, struct message *m)
{
    struct str text = buf_view(&s->thought);
    int rc = text.n ? add_thought(s, m, text, STR("")) : 0;
    buf_clear(&s->thought);
    return rc;
}

static int end_said(struct saying *s, struct message *m)
{
    struct str text = buf_view(&s->said);
    struct str own = text.n ? arena_strdup(s->r->arena, text) : STR("");
    buf_clear(&s->said);
    if (own.n)
        m->pieces[m->npieces++] = (struct piece){.kind = PIECE_TEXT, .text = {own}};
    return own.p ? 0 : err_nomem(s->r->err);
}

/* A signature: of weir's, one that closes a thought belongs to the text that it was made
 * for, be it that the client kept that text. */
static int add_seal(struct saying *s, struct message *m, struct str sealed)
{
    struct seal seal;
    struct str text = buf_view(&s->thought);
    if (end_said(s, m) != 0)
        return -1;
    if (!seal_read(sealed, &seal)) { /* a provider's own */
        int rc = add_thought(s, m, text, sealed);
        buf_clear(&s->thought);
        return rc;
    }
    if (seal.kind != SEAL_THOUGHT)
        return end_thought(s, m) != 0 ? -1 : add_thought(s, m, STR(""), sealed);
    if (seal.length > text.n)
        return 0; /* it is not there any more, or was changed */
    if (add_thought(s, m, str_sub(text, 0, (size_t)seal.length), sealed) != 0)
        return -1;
    buf_consume(&s->thought, (size_t)seal.length);
    return 0;
}

/* -- calls and results --------------------------------------------------------------- */

/* Of a call of the message that is read. */
static struct str make_id(const struct reader *r, size_t call)
{
    char room[ID_BYTES];
    struct buf b;
    buf_init_in(&b, sizeof room, room, sizeof room);
    buf_lit(&b, "call_");
    buf_u64(&b, r->c->nmessages);
    buf_byte(&b, '_');
    buf_u64(&b, call);
    return arena_strdup(r->arena, buf_view(&b));
}

static int read_call(struct saying *s, const struct place *in, struct str raw,
                     struct message *m)
{
    static const char *const names[] = {"name", "args", "id"};
    static const struct fields fields = {names, ARRAY_LEN(names), 3};
    const struct reader *r = s->r;
    const struct place at = place_of(in, "functionCall");
    struct tool_call *call = &m->calls[m->ncalls];
    struct str own[3];
    if (m->speaker != SPEAKER_MODEL)
        return reader_refuse(r, &at, "only contents of role 'model' have it");
    if (gemini_fields(r, &at, raw, &fields, own) != 0 ||
        reader_text(r, &at, "name", own[0], &call->name) != 0 ||
        reader_text(r, &at, "id", own[2], &call->id) != 0)
        return -1;
    if (!call->name.n)
        return reader_refuse(r, &at, "it has no name");
    if (own[1].p && !raw_is(own[1], '{'))
        return reader_refuse_member(r, &at, "args", "it must be an object");
    call->arguments = own[1].p ? own[1] : STR("{}");
    s->is_open[m->ncalls] = true;
    s->is_made[m->ncalls] = !call->id.n;
    if (!call->id.n && !(call->id = make_id(r, m->ncalls)).p)
        return err_nomem(r->err);
    m->pieces[m->npieces++] = (struct piece){.kind = PIECE_CALL, .call = m->ncalls++};
    return 0;
}

static bool is_of(const struct saying *s, size_t i, const struct message *m)
{
    const struct tool_call *call = &s->caller->calls[i];
    if (!s->is_open[i])
        return false;
    if (m->result_of.n && !s->is_made[i])
        return str_eq(call->id, m->result_of);
    return str_eq(call->name, m->name);
}

static void pair_result(struct saying *s, struct message *m)
{
    const struct message *caller = s->caller;
    size_t i = s->first, end = s->first + MOST_LOOKED;
    if (!caller)
        return;
    end = end < caller->ncalls ? end : caller->ncalls;
    while (i < end && !is_of(s, i, m))
        i++;
    if (i == end)
        return;
    s->is_open[i] = false;
    while (s->first < caller->ncalls && !s->is_open[s->first])
        s->first++;
    m->result_of = caller->calls[i].id;
}

/* {"output": ...} and {"error": ...} by convention, {"result": ...} of Google's own SDKs;
 * any other object is the result as it is.  What is no string stays JSON. */
static int read_response(const struct reader *r, const struct place *at, struct str raw,
                         struct message *m)
{
    static const char *const words[] = {"output", "result", "error"};
    struct json_cur c;
    struct json_string k;
    struct json_text said;
    struct str value, text = raw.p ? raw : STR("{}");
    if (raw.p && !raw_is(raw, '{'))
        return reader_refuse_member(r, at, "response", "it must be an object");
    json_begin_known(&c, text, r->ends);
    json_enter_object(&c);
    if (json_next_member(&c, &k) && json_skip(&c, &value)) {
        struct json_string next;
        bool is_alone = !json_next_member(&c, &next);
        for (size_t i = 0; is_alone && i < ARRAY_LEN(words); i++)
            if (json_string_is(k, words[i])) {
                text = value;
                m->is_error = i == 2;
            }
    }
    said = raw_is(text, '"') ? json_text_of(r->arena, str_sub(text, 1, text.n - 1))
                             : json_text_saying(r->arena, text);
    if (!said.raw.p)
        return err_nomem(r->err);
    m->pieces[m->npieces++] = (struct piece){.kind = PIECE_TEXT, .text = said};
    return 0;
}

/* Pictures and files that belong to a result. */
static int read_result_parts(const struct reader *r, const struct place *in,
                             struct str raw, struct message *m)
{
    static const char *const names[] = {"inlineData", "fileData"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    struct place at = place_of(in, "parts");
    struct gemini_list list;
    struct str one, own[2];
    if (!gemini_list_begin(r->ends, raw, &list))
        return 0;
    for (at.index = 0; gemini_list_next(&list, &one); at.index++) {
        struct piece *p = &m->pieces[m->npieces];
        if (gemini_fields(r, &at, one, &fields, own) != 0)
            return -1;
        int rc = own[0].p   ? read_inline(r, &at, own[0], p)
                 : own[1].p ? read_address(r, &at, own[1], p)
                            : reader_refuse(r, &at, "it has no data");
        if (rc != 0)
            return -1;
        m->npieces++;
    }
    return 0;
}

static int read_result(struct saying *s, const struct place *in, struct str raw)
{
    static const char *const names[] = {"name",  "response",     "id",
                                        "parts", "willContinue", "scheduling"};
    static const struct fields fields = {names, ARRAY_LEN(names), 4};
    const struct reader *r = s->r;
    const struct place at = place_of(in, "functionResponse");
    struct message *m = &r->c->messages[r->c->nmessages];
    struct str own[4];
    *m = (struct message){.speaker = SPEAKER_TOOL};
    if (gemini_fields(r, &at, raw, &fields, own) != 0 ||
        reader_text(r, &at, "name", own[0], &m->name) != 0 ||
        reader_text(r, &at, "id", own[2], &m->result_of) != 0)
        return -1;
    m->pieces = reader_room(r, 1 + gemini_list_count(r->ends, own[3]), sizeof *m->pieces);
    if (!m->pieces || read_response(r, &at, own[1], m) != 0 ||
        read_result_parts(r, &at, own[3], m) != 0)
        return -1;
    pair_result(s, m);
    r->c->nmessages++;
    return 0;
}

/* -- parts --------------------------------------------------------------------------- */

static int read_thought(struct saying *s, const struct place *at, struct str raw,
                        struct str sealed, struct message *m)
{
    struct str text;
    if (reader_text(s->r, at, "text", raw, &text) != 0 || end_said(s, m) != 0)
        return -1;
    buf_append(&s->thought, text);
    if (sealed.n && add_seal(s, m, sealed) != 0)
        return -1;
    return s->thought.failed ? err_nomem(s->r->err) : 0;
}

/* A text, or a piece of a thought; a signature stands behind what it is on. */
static int read_text(struct saying *s, const struct place *at, const struct str *in,
                     struct str sealed, struct message *m)
{
    struct json_text text;
    bool is_thought = str_eqz(in[IN_THOUGHT], "true");
    if (is_thought)
        return read_thought(s, at, in[IN_TEXT], sealed, m);
    if (reader_words(s->r, at, "text", in[IN_TEXT], &text) != 0 ||
        (sealed.n && add_seal(s, m, sealed) != 0))
        return -1;
    if (text.raw.n == 0)
        return s->thought.failed ? err_nomem(s->r->err) : 0;
    if (end_thought(s, m) != 0)
        return -1;
    if (m->speaker != SPEAKER_MODEL) {
        m->pieces[m->npieces++] = (struct piece){.kind = PIECE_TEXT, .text = text};
        return 0;
    }
    buf_append(&s->said, text.raw);
    return s->said.failed ? err_nomem(s->r->err) : 0;
}

static int read_part(struct saying *s, const struct place *at, const struct part *part,
                     struct message *m)
{
    const struct reader *r = s->r;
    const struct str *in = part->in;
    struct str sealed;
    if (reader_text(r, at, "thoughtSignature", in[IN_SIGNATURE], &sealed) != 0)
        return -1;
    if (sealed.n && !(sealed = seal_of_base64(sealed, r->arena)).p)
        return err_nomem(r->err);
    if (m->speaker != SPEAKER_MODEL && (sealed.n || str_eqz(in[IN_THOUGHT], "true")))
        return reader_refuse_member(r, at, "thought",
                                    "only contents of role 'model' have it");
    if (in[IN_RESULT].p)
        return 0; /* it has been read */
    if (in[IN_TEXT].p || (!in[IN_CALL].p && !in[IN_INLINE].p && !in[IN_FILE].p))
        return read_text(s, at, in, sealed, m);
    if (end_said(s, m) != 0 || (sealed.n && add_seal(s, m, sealed) != 0) ||
        end_thought(s, m) != 0)
        return -1;
    if (in[IN_CALL].p)
        return read_call(s, at, in[IN_CALL], m);
    const struct place own = place_of(at, in[IN_INLINE].p ? "inlineData" : "fileData");
    struct piece *p = &m->pieces[m->npieces];
    int rc = in[IN_INLINE].p ? read_inline(r, &own, in[IN_INLINE], p)
                             : read_address(r, &own, in[IN_FILE], p);
    m->npieces += rc == 0;
    return rc;
}

/* -- contents ------------------------------------------------------------------------ */

static struct part *new_part(struct saying *s)
{
    size_t room = s->room ? 2 * s->room : FIRST_PARTS;
    if (LIKELY(s->nparts < s->room))
        return &s->parts[s->nparts++];
    struct part *v = mem_realloc(s->parts, room * sizeof *v);
    if (!v)
        return NULL;
    s->parts = v;
    s->room = room;
    return &s->parts[s->nparts++];
}

/* All that a content has, into s->parts. */
static int list_parts(struct saying *s, const struct place *in, struct str parts)
{
    static const struct fields fields = {part_names, IN_COUNT, IN_COUNT};
    struct place at = place_of(in, "parts");
    struct gemini_list p;
    struct str raw;
    s->nparts = 0;
    if (!gemini_list_begin(s->r->ends, parts, &p))
        return 0;
    for (at.index = 0; gemini_list_next(&p, &raw); at.index++) {
        struct part *part = new_part(s);
        if (!part)
            return err_nomem(s->r->err);
        if (gemini_fields(s->r, &at, raw, &fields, part->in) != 0)
            return -1;
    }
    return 0;
}

static int read_results(struct saying *s, const struct place *in)
{
    struct place at = place_of(in, "parts");
    for (size_t i = 0; i < s->nparts; i++) {
        struct str result = s->parts[i].in[IN_RESULT];
        at.index = (ptrdiff_t)i;
        if (result.p && read_result(s, &at, result) != 0)
            return -1;
    }
    return 0;
}

static int read_parts(struct saying *s, const struct place *in, struct message *m)
{
    struct place at = place_of(in, "parts");
    const size_t n = s->nparts;
    bool is_model = m->speaker == SPEAKER_MODEL;
    /* a thought or a text may end before, and a signature stand on, each of them */
    m->pieces = reader_room(s->r, 4 * n + 2, sizeof *m->pieces);
    m->calls = is_model ? reader_room(s->r, n, sizeof *m->calls) : NULL;
    bool *flags = is_model ? reader_room(s->r, 2 * n, sizeof *flags) : NULL;
    if (!m->pieces || (is_model && (!m->calls || !flags)))
        return -1;
    if (is_model) {
        s->caller = NULL;
        s->is_open = flags;
        s->is_made = flags + n;
        s->first = 0;
    }
    for (size_t i = 0; i < n; i++) {
        at.index = (ptrdiff_t)i;
        if (read_part(s, &at, &s->parts[i], m) != 0)
            return -1;
    }
    if (end_thought(s, m) != 0 || end_said(s, m) != 0)
        return -1;
    if (m->ncalls)
        s->caller = m;
    return 0;
}

static bool speaker_of(struct str role, enum speaker *ret)
{
    *ret = str_eqz(role, "model") ? SPEAKER_MODEL : SPEAKER_USER;
    return role.n == 0 || str_eqz(role, "user") || str_eqz(role, "model") ||
           str_eqz(role, "function") || str_eqz(role, "tool");
}

static int read_content(struct saying *s, const struct place *at, struct json_cur *c)
{
    static const char *const names[] = {"role", "parts"};
    static const struct fields fields = {names, ARRAY_LEN(names), 2};
    struct reader *r = s->r;
    struct str in[2], role;
    enum speaker speaker;
    if (gemini_fields_at(r, at, c, &fields, in) != 0 ||
        reader_text(r, at, "role", in[0], &role) != 0)
        return -1;
    if (!speaker_of(role, &speaker))
        return reader_refuse_member(r, at, "role", "it is none of user, model, function");
    if (list_parts(s, at, in[1]) != 0 ||
        (speaker == SPEAKER_USER && read_results(s, at) != 0))
        return -1;
    struct message *m = &r->c->messages[r->c->nmessages];
    size_t before = r->c->nmessages;
    *m = (struct message){.speaker = speaker};
    if (read_parts(s, at, m) != 0)
        return -1;
    /* What had results alone is said. */
    bool is_said = m->npieces || speaker == SPEAKER_MODEL || before == 0 ||
                   r->c->messages[before - 1].speaker != SPEAKER_TOOL;
    r->c->nmessages += is_said;
    return 0;
}

static int read_system(struct saying *s, struct str system)
{
    static const char *const names[] = {"parts", "role"};
    static const struct fields fields = {names, ARRAY_LEN(names), 1};
    const struct place at = place_of(NULL, "systemInstruction");
    struct reader *r = s->r;
    struct message *m = &r->c->messages[0];
    struct str parts;
    if (gemini_fields(r, &at, system, &fields, &parts) != 0 ||
        list_parts(s, &at, parts) != 0)
        return -1;
    *m = (struct message){.speaker = SPEAKER_SYSTEM};
    if (read_parts(s, &at, m) != 0)
        return -1;
    r->c->nmessages += m->npieces > 0;
    return 0;
}

static int read_all(struct saying *s, const struct chat *chat, struct str system,
                    struct str contents)
{
    struct place at = place_of(NULL, "contents");
    struct json_cur c;
    struct reader *r = s->r;
    /* The system's, each content's, and one for each result. */
    size_t most = (size_t)1 + chat->nmessages + chat->nresults;
    r->c->messages = reader_room(r, most, sizeof *r->c->messages);
    if (!r->c->messages || (system.p && read_system(s, system) != 0))
        return -1;
    at.index = 0;
    json_begin_known(&c, contents, r->ends);
    if (json_peek(&c) == JSON_OBJECT)
        return read_content(s, &at, &c);
    json_enter_array(&c);
    for (; json_next_element(&c); at.index++)
        if (read_content(s, &at, &c) != 0)
            return -1;
    return 0;
}

int gemini_read_contents(struct reader *r, const struct chat *chat, struct str system,
                         struct str contents)
{
    struct saying s = {.r = r};
    buf_init(&s.thought, contents.n + 1);
    buf_init(&s.said, contents.n + 1);
    int rc = read_all(&s, chat, system, contents);
    buf_release(&s.thought);
    buf_release(&s.said);
    mem_free(s.parts);
    return rc;
}
