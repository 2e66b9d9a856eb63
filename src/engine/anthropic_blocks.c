/* anthropic_blocks.c -- the blocks of a message: text, thoughts, calls.
 *
 * A thought is signed, and refused with one letter changed: so its seal (dialect/seal.h)
 * has a digest of its text.
 *
 * A block or a delta of an unknown type would be text that the client never sees: it is
 * an error. */
#include "engine/anthropic_answer.h"
#include "engine/members.h"
#include "json/scan.h"

enum { MAX_SOURCES = 256 };

int anthropic_bad(struct err *err, const char *what, struct str name)
{
    return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                   "the engine's answer has %s'%.*s', which weir cannot translate", what,
                   STR_ARG(str_sub(name, 0, 64)));
}

/* -- thoughts -------------------------------------------------------------------------
 */

/* What the inside of a raw string stands for. */
static void append_unescaped(struct buf *out, struct str inside)
{
    char bytes[4];
    const char *p = inside.p, *end = p + inside.n;
    while (p < end)
        if (*p == '\\')
            buf_append(out, (struct str){bytes, json_take_escape(&p, end, bytes)});
        else
            buf_byte(out, *p++);
}

static void seal(struct engine_translation *t, enum seal_kind kind, struct str digest,
                 struct str payload)
{
    struct telling *k = t->state;
    const struct seal s = {.issuer = str_of(t->naming.issuer.text),
                           .kind = kind,
                           .length = kind == SEAL_THOUGHT ? k->thought.total : 0,
                           .call = digest,
                           .payload = payload};
    made_seal(&k->made, &t->made, 0, &s);
}

/* The text that the inside of a raw string stands for. */
static void digest(struct siphash *h, struct str inside)
{
    char bytes[4];
    const char *p = inside.p, *end = p + inside.n;
    while (p < end) {
        const char *from = p;
        while (p < end && *p != '\\')
            p++;
        siphash_update(h, (struct str){from, (size_t)(p - from)});
        if (p < end)
            siphash_update(h, (struct str){bytes, json_take_escape(&p, end, bytes)});
    }
}

static void end_thought(struct engine_translation *t)
{
    struct telling *k = t->state;
    if (buf_len(&k->signature)) {
        char digest_of_it[ANTHROPIC_DIGEST_BYTES + 1];
        struct buf payload;
        buf_init(&payload, MAX_TEXT_BYTES);
        anthropic_write_digest(k->thought, digest_of_it);
        append_unescaped(&payload, buf_view(&k->signature));
        t->made.failed |= payload.failed || k->signature.failed;
        seal(t, SEAL_THOUGHT, str_of(digest_of_it), buf_view(&payload));
        buf_release(&payload);
    }
    siphash_init(&k->thought, anthropic_digest_key);
    buf_clear(&k->signature);
}

static void take_thought(struct engine_translation *t, struct str raw)
{
    struct telling *k = t->state;
    digest(&k->thought, string_inside(raw));
    made_text(&k->made, &t->made, 0, "reasoning_content", raw);
}

static void seal_redacted(struct engine_translation *t, struct str data)
{
    struct buf payload;
    buf_init(&payload, MAX_TEXT_BYTES);
    append_unescaped(&payload, string_inside(data));
    t->made.failed |= payload.failed;
    if (buf_len(&payload))
        seal(t, SEAL_REDACTED, STR(""), buf_view(&payload));
    buf_release(&payload);
}

/* Always the whole of it. */
static void take_signature(struct telling *k, struct str raw)
{
    if (!raw.p)
        return;
    buf_clear(&k->signature);
    buf_append(&k->signature, string_inside(raw));
}

/* -- sources --------------------------------------------------------------------------
 */

static void take_source(struct telling *k, struct str raw)
{
    buf_append(&k->sources, buf_len(&k->sources) ? STR(",") : STR("["));
    buf_append(&k->sources, raw);
}

/* Of a page that was found, or of a document whose source is an address. */
static struct str address_of(struct str citation)
{
    struct str url = json_get(citation, "url");
    if (is_json_string(url))
        return url;
    struct str source = json_get(citation, "source");
    bool is_address = str_starts(string_inside(source), STR("http://")) ||
                      str_starts(string_inside(source), STR("https://"));
    return is_address ? source : (struct str){NULL, 0};
}

static void end_text(struct engine_translation *t, const struct block *b)
{
    struct telling *k = t->state;
    struct made_source found[MAX_SOURCES];
    size_t n = 0;
    struct json_cur c;
    struct str one;
    if (buf_len(&k->sources) == 0)
        return;
    buf_byte(&k->sources, ']');
    t->made.failed |= k->sources.failed;
    if (elements_begin(&c, buf_view(&k->sources)))
        while (n < MAX_SOURCES && elements_next(&c, &one)) {
            found[n] = (struct made_source){.url = address_of(one),
                                            .title = json_get(one, "title"),
                                            .start = b->start,
                                            .end = k->made.nchars[0]};
            n += found[n].url.p != NULL;
        }
    made_citations(&k->made, &t->made, 0, found, n);
    buf_clear(&k->sources);
}

/* -- blocks ---------------------------------------------------------------------------
 */

static struct block *block_of(struct telling *k, uint64_t index)
{
    for (size_t i = 0; i < k->nopen; i++)
        if (k->open[i].index == index)
            return &k->open[i];
    return NULL;
}

static struct block *open_block(struct engine_translation *t, uint64_t index,
                                enum block_kind kind, struct err *err)
{
    struct telling *k = t->state;
    if (k->nopen == MAX_OPEN) {
        err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                "the engine's answer has more than %d blocks open at once", MAX_OPEN);
        return NULL;
    }
    struct block *b = &k->open[k->nopen++];
    *b = (struct block){.index = index, .kind = kind, .start = k->made.nchars[0]};
    return b;
}

enum {
    IN_TYPE,
    IN_TEXT,
    IN_CITATIONS,
    IN_THINKING,
    IN_SIGNATURE,
    IN_DATA,
    IN_ID,
    IN_NAME,
    IN_INPUT,
    BLOCK_MEMBERS
};

static int begin_call(struct engine_translation *t, struct block *b, const struct str *in,
                      struct err *err)
{
    struct telling *k = t->state;
    struct str name = in[IN_NAME], input = in[IN_INPUT];
    if (!is_json_string(name) || name.n == 2)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                       "the engine's answer calls a tool without a name");
    b->call = made_call(&k->made, &t->made, 0, &t->naming, in[IN_ID], name, STR("\"\""));
    buf_clear(&k->input);
    if (!json_is_empty(input))
        buf_append(&k->input, input);
    t->made.failed |= k->input.failed;
    return 0;
}

/* The provider ran these tools himself: what they found is in the text. */
static bool is_of_own_tools(struct str type)
{
    return str_eqz(type, "server_tool_use") || str_eqz(type, "mcp_tool_use") ||
           str_eqz(type, "container_upload") || str_ends(type, STR("_tool_result"));
}

static void begin_text(struct engine_translation *t, const struct str *in)
{
    struct telling *k = t->state;
    struct json_cur c;
    struct str one;
    made_text(&k->made, &t->made, 0, "content", in[IN_TEXT]);
    if (in[IN_CITATIONS].p && elements_begin(&c, in[IN_CITATIONS]))
        while (elements_next(&c, &one))
            take_source(k, one);
}

int anthropic_begin_block(struct engine_translation *t, uint64_t index, struct str block,
                          struct err *err)
{
    static const struct {
        const char *type;
        enum block_kind kind;
    } kinds[] = {{"text", BLOCK_TEXT},
                 {"thinking", BLOCK_THOUGHT},
                 {"tool_use", BLOCK_CALL},
                 {"redacted_thinking", BLOCK_OTHER}};
    static const char *const names[BLOCK_MEMBERS] = {[IN_TYPE] = "type",
                                                     [IN_TEXT] = "text",
                                                     [IN_CITATIONS] = "citations",
                                                     [IN_THINKING] = "thinking",
                                                     [IN_SIGNATURE] = "signature",
                                                     [IN_DATA] = "data",
                                                     [IN_ID] = "id",
                                                     [IN_NAME] = "name",
                                                     [IN_INPUT] = "input"};
    struct telling *k = t->state;
    struct str in[BLOCK_MEMBERS];
    (void)members_read(block, names, BLOCK_MEMBERS, in);
    struct str type = string_inside(in[IN_TYPE]);
    enum block_kind kind = BLOCK_OTHER;
    bool is_known = is_of_own_tools(type);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eqz(type, kinds[i].type)) {
            kind = kinds[i].kind;
            is_known = true;
        }
    if (!is_known && !t->naming.is_own)
        return anthropic_bad(err, "a block of type ", type);
    if (block_of(k, index))
        return anthropic_bad(err, "a second start of the block of type ", type);
    struct block *b = open_block(t, index, kind, err);
    if (!b)
        return -1;
    if (str_eqz(type, "redacted_thinking"))
        seal_redacted(t, in[IN_DATA]);
    if (kind == BLOCK_TEXT)
        begin_text(t, in);
    if (kind == BLOCK_THOUGHT) {
        take_thought(t, in[IN_THINKING]);
        take_signature(k, in[IN_SIGNATURE]);
    }
    return kind == BLOCK_CALL ? begin_call(t, b, in, err) : 0;
}

/* A call without a piece of arguments has those of its start, or none. */
static void close_block(struct engine_translation *t, struct block *b)
{
    struct telling *k = t->state;
    if (b->kind == BLOCK_THOUGHT)
        end_thought(t);
    if (b->kind == BLOCK_TEXT)
        end_text(t, b);
    if (b->kind == BLOCK_CALL && !b->has_arguments) {
        struct str input = buf_len(&k->input) ? buf_view(&k->input) : STR("{}");
        made_whole_arguments(&k->made, &t->made, 0, b->call, input);
    }
    *b = k->open[--k->nopen];
}

void anthropic_end_block(struct engine_translation *t, uint64_t index)
{
    struct block *b = block_of(t->state, index);
    if (b)
        close_block(t, b);
}

void anthropic_end_all(struct engine_translation *t)
{
    struct telling *k = t->state;
    while (k->nopen)
        close_block(t, &k->open[0]);
}

/* -- deltas ---------------------------------------------------------------------------
 */

enum { OF_TYPE, OF_TEXT, OF_THINKING, OF_SIGNATURE, OF_JSON, OF_CITATION, DELTA_MEMBERS };

static const struct {
    const char *type;
    enum block_kind kind;
} deltas[] = {{"text_delta", BLOCK_TEXT},
              {"citations_delta", BLOCK_TEXT},
              {"thinking_delta", BLOCK_THOUGHT},
              {"signature_delta", BLOCK_THOUGHT},
              {"input_json_delta", BLOCK_CALL}};

/* A text or thought whose start was left out begins here; a call has no name then. */
static int find_block(struct engine_translation *t, uint64_t index, struct str type,
                      struct block **ret, struct err *err)
{
    struct block *b = block_of(t->state, index);
    enum block_kind kind = BLOCK_OTHER;
    for (size_t i = 0; i < ARRAY_LEN(deltas); i++)
        if (str_eqz(type, deltas[i].type))
            kind = deltas[i].kind;
    *ret = b;
    if (b && b->kind == BLOCK_OTHER)
        return 0; /* of the provider's own tools */
    if (kind == BLOCK_OTHER)
        return t->naming.is_own ? 0 : anthropic_bad(err, "a delta of type ", type);
    if (b && b->kind != kind)
        return anthropic_bad(err, "in a block of another kind a delta of type ", type);
    if (!b && kind == BLOCK_CALL)
        return anthropic_bad(err, "for a call that has not begun a delta of type ", type);
    if (!b)
        *ret = open_block(t, index, kind, err);
    return *ret ? 0 : -1;
}

/* The next delta may be like this one. */
static void may_recur(struct engine_translation *t, enum sole_kind kind, struct str raw)
{
    const struct telling *k = t->state;
    if (is_json_string(raw) && raw.n > 2)
        known_text(&t->known, kind, 0, raw, k->made.text_at);
}

int anthropic_take_delta(struct engine_translation *t, uint64_t index, struct str raw,
                         struct err *err)
{
    static const char *const names[DELTA_MEMBERS] = {
        [OF_TYPE] = "type",         [OF_TEXT] = "text",
        [OF_THINKING] = "thinking", [OF_SIGNATURE] = "signature",
        [OF_JSON] = "partial_json", [OF_CITATION] = "citation"};
    struct telling *k = t->state;
    struct str of[DELTA_MEMBERS];
    struct block *b = NULL;
    if (!members_read(raw, names, DELTA_MEMBERS, of))
        return anthropic_bad(err, "a ", STR("delta"));
    if (find_block(t, index, string_inside(of[OF_TYPE]), &b, err) != 0)
        return -1;
    if (!b)
        return 0;
    if (b->kind == BLOCK_TEXT) {
        made_text(&k->made, &t->made, 0, "content", of[OF_TEXT]);
        if (of[OF_CITATION].p)
            take_source(k, of[OF_CITATION]);
        else
            may_recur(t, SOLE_TEXT, of[OF_TEXT]);
    } else if (b->kind == BLOCK_THOUGHT) {
        take_thought(t, of[OF_THINKING]);
        take_signature(k, of[OF_SIGNATURE]);
        may_recur(t, SOLE_THOUGHT, of[OF_THINKING]);
    } else if (b->kind == BLOCK_CALL) {
        b->has_arguments |= of[OF_JSON].n > 2;
        made_arguments(&k->made, &t->made, 0, b->call, of[OF_JSON]);
        may_recur(t, SOLE_ARGUMENTS, of[OF_JSON]);
    }
    return 0;
}

void anthropic_note(struct engine_translation *t, const struct known_said *said)
{
    struct telling *k = t->state;
    if (t->known.kind == SOLE_TEXT)
        k->made.nchars[0] += made_known_chars(said);
    else if (t->known.kind == SOLE_THOUGHT)
        digest(&k->thought, said->text);
}
