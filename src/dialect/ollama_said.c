/* ollama_said.c -- see ollama_said.h.
 *
 * Three things are missing in this form: where in a text its pictures stand, so they come
 * after it; what kind of file one is, which its first bytes tell; and often which call a
 * result belongs to: then results take the open calls in their order, those that name a
 * tool the first one of that name. */
#include "dialect/ollama_said.h"

enum {
    FRONT_BYTES = 12,
    MOST_LOOKED = 256 /* open calls, for the one that a result belongs to */
};

/* -- pictures ------------------------------------------------------------------------ */

/* The value of a character in base64, in the usual or the URL's alphabet; -1: none. */
static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/* The first bytes of what is encoded there. */
static struct str front_of(struct str base64, char room[FRONT_BYTES])
{
    unsigned bits = 0, nbits = 0;
    size_t n = 0;
    for (size_t i = 0; i < base64.n && n < FRONT_BYTES; i++) {
        int value = sextet(base64.p[i]);
        if (value < 0)
            break;
        bits = bits << 6 | (unsigned)value;
        nbits += 6;
        if (nbits < 8)
            continue;
        nbits -= 8;
        room[n++] = (char)(bits >> nbits & 0xFF);
    }
    return (struct str){room, n};
}

/* By its first bytes, and by four more behind the eighth: "RIFF....WEBP". */
static const struct signature {
    struct str front;
    const char *at_8; /* NULL: anything */
    enum piece_kind kind;
    const char *type; /* of audio its format */
} signatures[] = {
    {STR_INIT("\x89PNG"), NULL, PIECE_IMAGE, "image/png"},
    {STR_INIT("\xFF\xD8\xFF"), NULL, PIECE_IMAGE, "image/jpeg"},
    {STR_INIT("GIF8"), NULL, PIECE_IMAGE, "image/gif"},
    {STR_INIT("RIFF"), "WEBP", PIECE_IMAGE, "image/webp"},
    {STR_INIT("BM"), NULL, PIECE_IMAGE, "image/bmp"},
    {STR_INIT("II*"), NULL, PIECE_IMAGE, "image/tiff"},
    {STR_INIT("MM\0*"), NULL, PIECE_IMAGE, "image/tiff"},
    {STR_INIT("RIFF"), "WAVE", PIECE_AUDIO, "wav"},
    {STR_INIT("ID3"), NULL, PIECE_AUDIO, "mp3"},
    {STR_INIT("\xFF\xFB"), NULL, PIECE_AUDIO, "mp3"},
};

static const struct signature *signature_of(struct str base64)
{
    char room[FRONT_BYTES];
    struct str front = front_of(base64, room);
    for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
        const struct signature *s = &signatures[i];
        if (str_starts(front, s->front) &&
            (!s->at_8 || str_eqz(str_sub(front, 8, 12), s->at_8)))
            return s;
    }
    return NULL;
}

/* "data:image/png;base64," is no part of this form, but is sent. */
static struct str without_head(struct str text)
{
    ptrdiff_t comma = str_starts(text, STR("data:")) ? str_index(text, ',') : -1;
    return comma < 0 ? text : str_sub(text, (size_t)comma + 1, text.n);
}

static int read_images(const struct reader *r, const struct place *in, struct str raw,
                       struct message *m)
{
    struct place at = place_of(in, "images");
    struct json_cur c;
    struct str one, text;
    if (!reader_array(r, &c, raw))
        return 0;
    for (at.index = 0; array_next(&c, &one); at.index++) {
        if (reader_text(r, in, "images", one, &text) != 0)
            return -1;
        text = without_head(text);
        const struct signature *s = signature_of(text);
        if (!s)
            return reader_refuse(r, &at,
                                 "it is no picture or sound that is known by its first "
                                 "bytes: png, jpeg, gif, webp, bmp, tiff, wav, mp3");
        m->pieces[m->npieces++] =
            (struct piece){.kind = s->kind, .media_type = str_of(s->type), .data = text};
    }
    return 0;
}

int ollama_add_text(struct reader *r, enum speaker speaker, struct json_text text,
                    const struct place *in, struct str images)
{
    struct message *m = &r->c->messages[r->c->nmessages];
    m->speaker = speaker;
    m->pieces = reader_room(r, 1 + reader_count(r, images), sizeof *m->pieces);
    if (!m->pieces)
        return -1;
    if (text.raw.n)
        m->pieces[m->npieces++] = (struct piece){.kind = PIECE_TEXT, .text = text};
    if (read_images(r, in, images, m) != 0)
        return -1;
    r->c->nmessages++;
    return 0;
}

/* -- messages ------------------------------------------------------------------------ */

enum {
    IN_ROLE,
    IN_CONTENT,
    IN_THINKING,
    IN_IMAGES,
    IN_CALLS,
    IN_TOOL_NAME,
    IN_NAME,
    IN_CALL_ID,
    IN_COUNT
};

static const char *const member_names[IN_COUNT] = {
    [IN_ROLE] = "role",     [IN_CONTENT] = "content",      [IN_THINKING] = "thinking",
    [IN_IMAGES] = "images", [IN_CALLS] = "tool_calls",     [IN_TOOL_NAME] = "tool_name",
    [IN_NAME] = "name",     [IN_CALL_ID] = "tool_call_id",
};

enum call_state {
    CALL_DONE,    /* its result has come */
    CALL_OPEN,    /* ... not yet */
    CALL_NAMELESS /* ... and its id was made here: no result can name it */
};

/* The calls whose results have not come, of the newest message that has calls. */
struct saying {
    struct reader *r;
    const struct message *caller;
    enum call_state *states; /* of each of its calls */
    size_t first;            /* those before it are done */
};

/* Ollama takes them in any case. */
static bool speaker_of(struct str role, enum speaker *ret)
{
    static const struct {
        const char *role;
        enum speaker speaker;
    } rows[] = {{"system", SPEAKER_SYSTEM},
                {"user", SPEAKER_USER},
                {"assistant", SPEAKER_MODEL},
                {"tool", SPEAKER_TOOL}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq_nocase(role, str_of(rows[i].role))) {
            *ret = rows[i].speaker;
            return true;
        }
    return false;
}

/* An object; some clients send it as the text of one. */
static int read_arguments(const struct reader *r, const struct place *in, struct str raw,
                          struct str *ret)
{
    if (raw_is(raw, '"'))
        return reader_text(r, in, "arguments", raw, ret);
    if (raw.p && !raw_is(raw, '{'))
        return reader_refuse_member(r, in, "arguments", "it must be an object");
    *ret = raw.p ? raw : STR("{}");
    return 0;
}

static int read_call(const struct reader *r, const struct place *at, struct str raw,
                     struct tool_call *ret, enum call_state *state)
{
    static const char *const call_names[] = {"function", "id", "type", "index"};
    static const char *const names[] = {"name", "arguments", "index", "description"};
    static const struct fields of_call = {call_names, ARRAY_LEN(call_names), 2};
    static const struct fields of_function = {names, ARRAY_LEN(names), 2};
    const struct place function = place_of(at, "function");
    struct str in[2], own[2];
    if (reader_fields(r, at, raw, &of_call, in) != 0 ||
        reader_text(r, at, "id", in[1], &ret->id) != 0)
        return -1;
    if (!in[0].p)
        return reader_refuse_member(r, at, "function", "it is missing");
    if (reader_fields(r, &function, in[0], &of_function, own) != 0 ||
        reader_text(r, &function, "name", own[0], &ret->name) != 0 ||
        read_arguments(r, &function, own[1], &ret->arguments) != 0)
        return -1;
    if (!ret->name.n)
        return reader_refuse(r, &function, "it has no name");
    *state = ret->id.n ? CALL_OPEN : CALL_NAMELESS;
    if (ret->id.n)
        return 0;
    ret->id = arena_printf(r->arena, "call_%zu_%td", r->c->nmessages, at->index);
    return ret->id.p ? 0 : err_nomem(r->err);
}

static int read_calls(struct saying *s, const struct place *in, struct str raw,
                      struct message *m)
{
    struct place at = place_of(in, "tool_calls");
    struct json_cur c;
    struct str one;
    size_t n = reader_count(s->r, raw);
    if (n == 0)
        return raw.p && !json_is_empty(raw)
                   ? reader_refuse_member(s->r, in, "tool_calls", "it must be an array")
                   : 0;
    m->calls = reader_room(s->r, n, sizeof *m->calls);
    s->states = reader_room(s->r, n, sizeof *s->states);
    if (!m->calls || !s->states || !reader_array(s->r, &c, raw))
        return -1;
    for (at.index = 0; array_next(&c, &one); at.index++) {
        m->pieces[m->npieces++] = (struct piece){.kind = PIECE_CALL, .call = m->ncalls};
        if (read_call(s->r, &at, one, &m->calls[m->ncalls], &s->states[m->ncalls]) != 0)
            return -1;
        m->ncalls++;
    }
    s->caller = m;
    s->first = 0;
    return 0;
}

/* By its id, else by its name, else the first that is open. */
static bool is_of(const struct message *m, const struct tool_call *call,
                  enum call_state state)
{
    if (state == CALL_DONE)
        return false;
    if (m->result_of.n && state == CALL_OPEN)
        return str_eq(call->id, m->result_of);
    return !m->name.n || str_eq(call->name, m->name);
}

/* Which call it answers.  A result that fits none keeps what it says of itself. */
static void pair_result(struct saying *s, struct message *m)
{
    const struct message *caller = s->caller;
    size_t end = !caller                                   ? s->first
                 : caller->ncalls - s->first > MOST_LOOKED ? s->first + MOST_LOOKED
                                                           : caller->ncalls;
    size_t i = s->first;
    while (i < end && !is_of(m, &caller->calls[i], s->states[i]))
        i++;
    if (i == end)
        return;
    s->states[i] = CALL_DONE;
    while (s->first < caller->ncalls && s->states[s->first] == CALL_DONE)
        s->first++;
    m->result_of = caller->calls[i].id;
    m->name = caller->calls[i].name;
}

static int check_speaker(const struct reader *r, const struct place *at,
                         const struct str in[IN_COUNT], enum speaker speaker)
{
    static const int of_model[] = {IN_THINKING, IN_CALLS};
    static const int of_tool[] = {IN_CALL_ID, IN_TOOL_NAME, IN_NAME};
    for (size_t i = 0; speaker != SPEAKER_MODEL && i < ARRAY_LEN(of_model); i++)
        if (!json_is_empty(in[of_model[i]]))
            return reader_refuse_member(r, at, member_names[of_model[i]],
                                        "only messages of role 'assistant' have it");
    for (size_t i = 0; speaker != SPEAKER_TOOL && i < ARRAY_LEN(of_tool); i++)
        if (!json_is_empty(in[of_tool[i]]))
            return reader_refuse_member(r, at, member_names[of_tool[i]],
                                        "only messages of role 'tool' have it");
    return 0;
}

static int read_pieces(struct saying *s, const struct place *at,
                       const struct str in[IN_COUNT], struct message *m)
{
    const struct reader *r = s->r;
    struct json_text text;
    struct str thinking;
    m->pieces =
        reader_room(r, 2 + reader_count(r, in[IN_IMAGES]) + reader_count(r, in[IN_CALLS]),
                    sizeof *m->pieces);
    if (!m->pieces || reader_words(r, at, "content", in[IN_CONTENT], &text) != 0 ||
        reader_text(r, at, "thinking", in[IN_THINKING], &thinking) != 0)
        return -1;
    if (thinking.n)
        m->pieces[m->npieces++] =
            (struct piece){.kind = PIECE_THOUGHT, .thought = thinking};
    if (text.raw.n)
        m->pieces[m->npieces++] = (struct piece){.kind = PIECE_TEXT, .text = text};
    if (read_images(r, at, in[IN_IMAGES], m) != 0)
        return -1;
    return read_calls(s, at, in[IN_CALLS], m);
}

static int read_message(struct saying *s, struct json_cur *c)
{
    static const struct fields fields = {member_names, IN_COUNT, IN_COUNT};
    struct reader *r = s->r;
    const struct place at = {NULL, STR("messages"), (ptrdiff_t)r->c->nmessages};
    struct message *m = &r->c->messages[r->c->nmessages];
    struct str in[IN_COUNT], role;
    if (reader_fields_at(r, &at, c, &fields, in) != 0 ||
        reader_text(r, &at, "role", in[IN_ROLE], &role) != 0)
        return -1;
    if (!speaker_of(role, &m->speaker))
        return reader_refuse_member(r, &at, "role",
                                    "it is none of system, user, assistant, tool");
    if (check_speaker(r, &at, in, m->speaker) != 0 || read_pieces(s, &at, in, m) != 0)
        return -1;
    if (m->speaker == SPEAKER_TOOL) {
        if (reader_text(r, &at, "tool_call_id", in[IN_CALL_ID], &m->result_of) != 0 ||
            reader_text(r, &at, "tool_name", in[IN_TOOL_NAME], &m->name) != 0 ||
            reader_agreeing(r, &at, "name", in[IN_NAME], &m->name) != 0)
            return -1;
        pair_result(s, m);
    }
    r->c->nmessages++;
    return 0;
}

int ollama_read_messages(struct reader *r, struct str raw, size_t n)
{
    struct saying s = {.r = r};
    struct json_cur c;
    r->c->messages = reader_room(r, n, sizeof *r->c->messages);
    if (!r->c->messages)
        return -1;
    if (reader_array(r, &c, raw))
        while (json_next_element(&c))
            if (read_message(&s, &c) != 0)
                return -1;
    return 0;
}
