/* responses_told.c -- the items of an answer in the form of OpenAI's Responses: messages,
 * thoughts, calls.
 *
 * An item that is not known would be something that the client never sees: it is an
 * error, but for those of tools that the provider runs himself. */
#include "engine/responses_told.h"

#include "core/hash.h"
#include "engine/members.h"
#include "json/scan.h"
#include "json/write.h"

enum { MAX_SOURCES = 64 };

int responses_bad(struct err *err, const char *what, struct str name)
{
    return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                   "the engine's answer has %s'%.*s', which weir cannot translate", what,
                   STR_ARG(str_sub(name, 0, 64)));
}

/* -- items -----------------------------------------------------------------------------
 */

static struct item *item_of(struct telling *k, uint64_t index)
{
    for (size_t i = 0; i < k->nopen; i++)
        if (k->open[i].index == index)
            return &k->open[i];
    return NULL;
}

static bool kind_of(struct str type, enum item_kind *ret)
{
    static const struct {
        const char *type;
        enum item_kind kind;
    } rows[] = {
        {"message", ITEM_MESSAGE},
        {"reasoning", ITEM_THOUGHT},
        {"function_call", ITEM_CALL},
        {"custom_tool_call", ITEM_CUSTOM},
        /* The provider runs these himself: what came of it is in the text. */
        {"web_search_call", ITEM_OTHER},
        {"file_search_call", ITEM_OTHER},
        {"code_interpreter_call", ITEM_OTHER},
        {"mcp_call", ITEM_OTHER},
        {"mcp_list_tools", ITEM_OTHER},
        {"tool_search_call", ITEM_OTHER},
        {"tool_search_output", ITEM_OTHER},
        {"program", ITEM_OTHER},
        {"program_output", ITEM_OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(type, rows[i].type)) {
            *ret = rows[i].kind;
            return true;
        }
    return false;
}

enum {
    OF_TYPE,
    OF_ID,
    OF_CALL_ID,
    OF_NAME,
    OF_CONTENT,
    OF_SUMMARY,
    OF_SEALED,
    OF_ARGUMENTS,
    OF_INPUT,
    ITEM_MEMBERS
};

static void read_item(struct str item, struct str *of)
{
    static const char *const names[ITEM_MEMBERS] = {[OF_TYPE] = "type",
                                                    [OF_ID] = "id",
                                                    [OF_CALL_ID] = "call_id",
                                                    [OF_NAME] = "name",
                                                    [OF_CONTENT] = "content",
                                                    [OF_SUMMARY] = "summary",
                                                    [OF_SEALED] = "encrypted_content",
                                                    [OF_ARGUMENTS] = "arguments",
                                                    [OF_INPUT] = "input"};
    (void)members_read(item, names, ITEM_MEMBERS, of);
}

static int begin_call(struct engine_translation *t, struct item *it, const struct str *of,
                      struct err *err)
{
    struct telling *k = t->state;
    struct str name = of[OF_NAME], id = of[OF_CALL_ID];
    if (!is_json_string(name) || name.n == 2)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                       "the engine's answer calls a tool without a name");
    it->call = made_call(&k->made, &t->made, 0, &t->naming,
                         is_json_string(id) ? id : of[OF_ID], name, STR("\"\""));
    return 0;
}

static struct item *begin_item(struct engine_translation *t, uint64_t index,
                               const struct str *of, struct err *err)
{
    struct telling *k = t->state;
    struct str type = string_inside(of[OF_TYPE]);
    struct item it = {.index = index};
    it.kind = ITEM_OTHER;
    if (!kind_of(type, &it.kind) && !t->naming.is_own) {
        responses_bad(err, "an item of type ", type);
        return NULL;
    }
    if (k->nopen == MAX_OPEN) {
        err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                "the engine's answer has more than %d items open at once", MAX_OPEN);
        return NULL;
    }
    if ((it.kind == ITEM_CALL || it.kind == ITEM_CUSTOM) &&
        begin_call(t, &it, of, err) != 0)
        return NULL;
    k->nitems++;
    k->open[k->nopen] = it;
    return &k->open[k->nopen++];
}

/* -- pieces ----------------------------------------------------------------------------
 */

static void tell_text(struct engine_translation *t, struct item *it, const char *member,
                      struct str raw)
{
    struct telling *k = t->state;
    it->is_told |= is_json_string(raw) && raw.n > 2;
    it->bytes += it->kind == ITEM_THOUGHT ? made_count_bytes(raw) : 0;
    made_text(&k->made, &t->made, 0, member, raw);
}

static void tell_likely(struct engine_translation *t, struct item *it, struct str raw,
                        struct str logprobs)
{
    struct telling *k = t->state;
    it->is_told |= is_json_string(raw) && raw.n > 2;
    it->has_likely |= !json_is_empty(logprobs);
    made_likely_text(&k->made, &t->made, 0, raw, logprobs);
}

/* What `inside` stands for, as the inside of a JSON string within a JSON string. */
static void append_nested(struct buf *out, struct str inside)
{
    char bytes[4];
    const char *p = inside.p, *end = p + inside.n;
    struct buf once;
    buf_init(&once, 8 * inside.n + 64);
    while (p < end) {
        if (*p == '\\') {
            size_t n = json_take_escape(&p, end, bytes);
            json_write_inside(&once, (struct str){bytes, n});
            continue;
        }
        const char *from = p;
        while (p < end && *p != '\\')
            p++;
        json_write_inside(&once, (struct str){from, (size_t)(p - from)});
    }
    json_write_inside(out, buf_view(&once));
    out->failed |= once.failed;
    buf_release(&once);
}

/* The input of a custom tool is a call of a function with one text. */
static void tell_input(struct engine_translation *t, struct item *it, struct str raw,
                       bool is_end)
{
    struct telling *k = t->state;
    struct str inside = string_inside(raw);
    struct buf piece;
    buf_init(&piece, 64 * inside.n + 256);
    buf_byte(&piece, '"');
    if (!it->is_told)
        buf_lit(&piece, "{\\\"" CUSTOM_TOOL_INPUT "\\\":\\\"");
    append_nested(&piece, inside);
    if (is_end)
        buf_lit(&piece, "\\\"}");
    buf_byte(&piece, '"');
    it->is_told = true;
    t->made.failed |= piece.failed;
    made_arguments(&k->made, &t->made, 0, it->call, buf_view(&piece));
    buf_release(&piece);
}

static void tell_arguments(struct engine_translation *t, struct item *it, struct str raw)
{
    struct telling *k = t->state;
    it->is_told |= is_json_string(raw) && raw.n > 2;
    made_arguments(&k->made, &t->made, 0, it->call, raw);
}

static void tell_source(struct engine_translation *t, struct item *it, struct str raw)
{
    static const char *const names[] = {"url", "title", "start_index", "end_index"};
    struct telling *k = t->state;
    struct str in[4];
    struct made_source s = {.title = {NULL, 0}};
    if (!members_read(raw, names, ARRAY_LEN(names), in) || !is_json_string(in[0]))
        return; /* of a file: it has no address */
    s.url = in[0];
    s.title = in[1];
    if (!in[2].p || !str_to_u64(in[2], &s.start))
        s.start = 0;
    if (!in[3].p || !str_to_u64(in[3], &s.end))
        s.end = k->made.nchars[0];
    it->has_sources = true;
    made_citations(&k->made, &t->made, 0, &s, 1);
}

enum {
    IN_INDEX,
    IN_ITEM,
    IN_DELTA,
    IN_ARGUMENTS,
    IN_ANNOTATION,
    IN_SUMMARY_INDEX,
    IN_ITEM_ID,
    IN_LOGPROBS,
    IN_SEQUENCE,
    IN_OBFUSCATION, /* of any length, against who counts bytes */
    PIECE_MEMBERS
};

/* Some leave the index out: then the item's id says which it is. */
static uint64_t index_of(const struct str *in)
{
    static const struct siphash_key key = {7, 8};
    uint64_t index;
    if (in[IN_INDEX].p && str_to_u64(in[IN_INDEX], &index))
        return index;
    struct str id = in[IN_ITEM_ID].p ? in[IN_ITEM_ID] : json_get(in[IN_ITEM], "id");
    return siphash_once(key, id) | (uint64_t)1 << 63;
}

struct piece_row {
    const char *type; /* behind "response." */
    enum item_kind kind;
    const char *member; /* NULL: arguments, or a source */
};

static const struct piece_row pieces[] = {
    {"output_text.delta", ITEM_MESSAGE, "content"},
    {"refusal.delta", ITEM_MESSAGE, "refusal"},
    {"output_text.annotation.added", ITEM_MESSAGE, NULL},
    {"reasoning_summary_text.delta", ITEM_THOUGHT, "reasoning_content"},
    {"reasoning_text.delta", ITEM_THOUGHT, "reasoning_content"},
    {"reasoning_summary_part.added", ITEM_THOUGHT, NULL},
    {"function_call_arguments.delta", ITEM_CALL, NULL},
    {"function_call_arguments.done", ITEM_CALL, NULL},
    {"custom_tool_call_input.delta", ITEM_CUSTOM, NULL},
};

/* A text or thought that was not added begins here; a call has no name then. */
static struct item *find_item(struct engine_translation *t, uint64_t index,
                              const struct piece_row *row, struct err *err)
{
    static const struct str message[ITEM_MEMBERS] = {[OF_TYPE] = STR_INIT("\"message\"")};
    static const struct str thought[ITEM_MEMBERS] = {[OF_TYPE] =
                                                         STR_INIT("\"reasoning\"")};
    struct item *it = item_of(t->state, index);
    if (it && it->kind != row->kind) {
        responses_bad(err, "in an item of another kind a ", str_of(row->type));
        return NULL;
    }
    if (it)
        return it;
    if (row->kind == ITEM_MESSAGE)
        return begin_item(t, index, message, err);
    if (row->kind == ITEM_THOUGHT)
        return begin_item(t, index, thought, err);
    responses_bad(err, "for a call that has not begun a ", str_of(row->type));
    return NULL;
}

static void tell_piece(struct engine_translation *t, struct item *it,
                       const struct piece_row *row, const struct str *in)
{
    if (row->member && strcmp(row->member, "content") == 0) {
        tell_likely(t, it, in[IN_DELTA], in[IN_LOGPROBS]);
    } else if (row->member) {
        tell_text(t, it, row->member, in[IN_DELTA]);
    } else if (it->kind == ITEM_MESSAGE) {
        tell_source(t, it, in[IN_ANNOTATION]);
    } else if (it->kind == ITEM_THOUGHT) { /* parts of it are paragraphs */
        if (it->is_told && in[IN_SUMMARY_INDEX].p && !str_eqz(in[IN_SUMMARY_INDEX], "0"))
            tell_text(t, it, "reasoning_content", STR("\"\\n\\n\""));
    } else if (it->kind == ITEM_CUSTOM) {
        if (in[IN_DELTA].n > 2)
            tell_input(t, it, in[IN_DELTA], false);
    } else if (in[IN_DELTA].p) {
        tell_arguments(t, it, in[IN_DELTA]);
    } else if (!it->is_told) {
        tell_arguments(t, it, in[IN_ARGUMENTS]);
    }
}

/* The next piece may be like this one. */
static void may_recur(struct engine_translation *t, const struct item *it,
                      const struct str *in)
{
    const struct telling *k = t->state;
    struct known *known = &t->known;
    struct str word = in[IN_OBFUSCATION];
    known_text(known,
               it->kind == ITEM_MESSAGE   ? SOLE_TEXT
               : it->kind == ITEM_THOUGHT ? SOLE_THOUGHT
                                          : SOLE_ARGUMENTS,
               0, in[IN_DELTA], k->made.text_at);
    known->place = (size_t)(it - k->open);
    known_digits(known, in[IN_SEQUENCE]);
    if (is_json_string(word) && word.n > 2)
        known_word(known, string_inside(word));
}

int responses_take_piece(struct engine_translation *t, struct str type, struct str data,
                         struct err *err)
{
    static const char *const names[PIECE_MEMBERS] = {[IN_INDEX] = "output_index",
                                                     [IN_ITEM] = "item",
                                                     [IN_DELTA] = "delta",
                                                     [IN_ARGUMENTS] = "arguments",
                                                     [IN_ANNOTATION] = "annotation",
                                                     [IN_SUMMARY_INDEX] = "summary_index",
                                                     [IN_ITEM_ID] = "item_id",
                                                     [IN_LOGPROBS] = "logprobs",
                                                     [IN_SEQUENCE] = "sequence_number",
                                                     [IN_OBFUSCATION] = "obfuscation"};
    struct str in[PIECE_MEMBERS];
    const struct piece_row *row = NULL;
    (void)members_read(data, names, PIECE_MEMBERS, in);
    type = str_sub(type, strlen("response."), type.n);
    if (str_eqz(type, "output_item.added")) {
        struct str of[ITEM_MEMBERS];
        if (item_of(t->state, index_of(in)))
            return responses_bad(err, "twice an ", type);
        read_item(in[IN_ITEM], of);
        return begin_item(t, index_of(in), of, err) ? 0 : -1;
    }
    if (str_eqz(type, "output_item.done"))
        return responses_item_done(t, index_of(in), in[IN_ITEM], err);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        if (str_eqz(type, pieces[i].type))
            row = &pieces[i];
    if (!row)
        return 0;
    struct item *it = find_item(t, index_of(in), row, err);
    if (!it)
        return -1;
    tell_piece(t, it, row, in);
    bool is_refusal = row->member && strcmp(row->member, "refusal") == 0;
    if (it->kind != ITEM_CUSTOM && !is_refusal && is_json_string(in[IN_DELTA]) &&
        in[IN_DELTA].n > 2 && json_is_empty(in[IN_LOGPROBS]))
        may_recur(t, it, in);
    return 0;
}

void responses_note(struct engine_translation *t, const struct known_said *said)
{
    struct telling *k = t->state;
    if (t->known.kind == SOLE_TEXT)
        k->made.nchars[0] += made_known_chars(said);
    else if (t->known.kind == SOLE_THOUGHT)
        k->open[t->known.place].bytes += made_known_bytes(said);
}

/* -- what was not told -----------------------------------------------------------------
 */

static void tell_content(struct engine_translation *t, struct item *it, struct str list,
                         bool is_told)
{
    enum { TYPE, TEXT, LOGPROBS, REFUSAL, SOURCES, PART_MEMBERS };
    static const char *const names[PART_MEMBERS] = {[TYPE] = "type",
                                                    [TEXT] = "text",
                                                    [LOGPROBS] = "logprobs",
                                                    [REFUSAL] = "refusal",
                                                    [SOURCES] = "annotations"};
    struct json_cur c, each;
    struct str part, one, of[PART_MEMBERS];
    if (!list.p || !elements_begin(&c, list))
        return;
    while (elements_next(&c, &part)) {
        (void)members_read(part, names, PART_MEMBERS, of);
        if (str_eqz(of[TYPE], "\"output_text\"") && (!is_told || !it->has_likely))
            tell_likely(t, it, is_told ? STR("\"\"") : of[TEXT], of[LOGPROBS]);
        if (!is_told && str_eqz(of[TYPE], "\"refusal\""))
            tell_text(t, it, "refusal", of[REFUSAL]);
        if (it->has_sources || !of[SOURCES].p || !elements_begin(&each, of[SOURCES]))
            continue;
        while (elements_next(&each, &one))
            tell_source(t, it, one);
        it->has_sources = false; /* of the next part too */
    }
}

static void tell_thought(struct engine_translation *t, struct item *it, struct str list)
{
    struct json_cur c;
    struct str part;
    if (!list.p || !elements_begin(&c, list))
        return;
    while (elements_next(&c, &part)) {
        if (it->is_told)
            tell_text(t, it, "reasoning_content", STR("\"\\n\\n\""));
        tell_text(t, it, "reasoning_content", json_get(part, "text"));
    }
}

static void seal(struct engine_translation *t, const struct item *it, struct str raw)
{
    struct telling *k = t->state;
    const struct seal s = {.issuer = str_of(t->naming.issuer.text),
                           .kind = it->bytes ? SEAL_THOUGHT : SEAL_REDACTED,
                           .length = it->bytes,
                           .payload = string_inside(raw)};
    if (is_json_string(raw) && raw.n > 2)
        made_seal(&k->made, &t->made, 0, &s);
}

/* A call without any piece of arguments has none. */
static void end_item(struct engine_translation *t, struct item *it)
{
    struct telling *k = t->state;
    if (it->kind == ITEM_CALL && !it->is_told)
        tell_arguments(t, it, STR("\"{}\""));
    if (it->kind == ITEM_CUSTOM)
        tell_input(t, it, STR("\"\""), true);
    *it = k->open[--k->nopen];
}

int responses_item_done(struct engine_translation *t, uint64_t index, struct str item,
                        struct err *err)
{
    struct item *it = item_of(t->state, index);
    struct str of[ITEM_MEMBERS];
    read_item(item, of);
    if (!it && !(it = begin_item(t, index, of, err)))
        return -1;
    switch (it->kind) {
    case ITEM_MESSAGE:
        tell_content(t, it, of[OF_CONTENT], it->is_told);
        break;
    case ITEM_THOUGHT:
        if (!it->is_told)
            tell_thought(t, it, of[OF_SUMMARY]);
        if (!it->is_told)
            tell_thought(t, it, of[OF_CONTENT]);
        seal(t, it, of[OF_SEALED]);
        break;
    case ITEM_CALL:
        if (!it->is_told)
            tell_arguments(t, it, of[OF_ARGUMENTS]);
        break;
    case ITEM_CUSTOM:
        if (!it->is_told)
            tell_input(t, it, of[OF_INPUT], false);
        break;
    case ITEM_OTHER:
        break;
    }
    end_item(t, it);
    return 0;
}

void responses_end_all(struct engine_translation *t)
{
    struct telling *k = t->state;
    while (k->nopen)
        end_item(t, &k->open[0]);
}
