/* openai_conversation.c -- a chat request in OpenAI's form as a conversation.
 *
 * The body has been read and found valid (openai_decode.c); what is missing or of another
 * type here is treated as not given. */
#include "dialect/conversation.h"
#include "dialect/openai.h"
#include "dialect/openai_view.h"
#include "json/scan.h"

struct reading {
    struct arena *arena;
    struct conversation *c;
    bool failed; /* no memory */
};

static void *room(struct reading *r, size_t n, size_t size)
{
    void *p = arena_alloc(r->arena, n ? n * size : 1);
    r->failed |= !p;
    return p;
}

/* The text of a raw JSON string; p == NULL: it is none. */
static struct str text_of(struct reading *r, struct str raw)
{
    struct json_cur c;
    struct json_string s;
    struct str ret = {NULL, 0};
    if (!raw.p)
        return ret;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_STRING || !json_read_string(&c, &s))
        return ret;
    ret = json_unescape(r->arena, s);
    r->failed |= !ret.p;
    return ret;
}

static struct str text_in(struct reading *r, struct str object, const char *key)
{
    return text_of(r, json_get(object, key));
}

/* Several members of an object in one pass, raw; p == NULL: it has none of that name. */
static void get_all(struct str object, const char *const *names, size_t n,
                    struct str *ret)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    memset(ret, 0, n * sizeof *ret);
    json_begin(&c, object);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return;
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        for (size_t i = 0; i < n; i++)
            if (json_string_is(k, names[i]))
                ret[i] = value;
}

/* The elements of an array, one after another. */
static bool begin_array(struct json_cur *c, struct str raw)
{
    if (!raw.p)
        return false;
    json_begin(c, raw);
    return json_peek(c) == JSON_ARRAY && json_enter_array(c);
}

static bool next(struct json_cur *c, struct str *ret)
{
    return json_next_element(c) && json_skip(c, ret);
}

static size_t count(struct str raw)
{
    struct json_cur c;
    struct str element;
    size_t n = 0;
    if (!begin_array(&c, raw))
        return 0;
    while (next(&c, &element))
        n++;
    return n;
}

/* -- pieces -------------------------------------------------------------------------- */

/* "data:image/png;base64,AAAA", or an address. */
static void read_address(struct piece *p, struct str url)
{
    ptrdiff_t comma = str_index(url, ',');
    struct str head = comma < 0 ? url : str_sub(url, 0, (size_t)comma);
    if (!str_starts(url, STR("data:")) || !str_ends(head, STR(";base64"))) {
        p->url = url;
        return;
    }
    p->media_type = str_sub(head, strlen("data:"), head.n - strlen(";base64"));
    p->data = str_sub(url, (size_t)comma + 1, url.n);
}

static void read_image(struct reading *r, struct str part, struct piece *p)
{
    struct str at = json_get(part, "image_url");
    struct str url = at.n && at.p[0] == '{' ? text_in(r, at, "url") : text_of(r, at);
    p->kind = PIECE_IMAGE;
    read_address(p, url);
}

static void read_file(struct reading *r, struct str part, struct piece *p)
{
    struct str at = json_get(part, "file");
    p->kind = PIECE_FILE;
    p->text = text_in(r, at, "filename");
    p->url = text_in(r, at, "file_id");
    struct str data = text_in(r, at, "file_data");
    if (data.p)
        read_address(p, data);
}

/* false: a part of a kind that is not known. */
static bool read_part(struct reading *r, struct str part, struct piece *p)
{
    struct str type = text_in(r, part, "type");
    if (str_eqz(type, "text")) {
        p->text = text_in(r, part, "text");
    } else if (str_eqz(type, "refusal")) {
        p->kind = PIECE_REFUSAL;
        p->text = text_in(r, part, "refusal");
    } else if (str_eqz(type, "image_url")) {
        read_image(r, part, p);
    } else if (str_eqz(type, "input_audio")) {
        struct str at = json_get(part, "input_audio");
        p->kind = PIECE_AUDIO;
        p->data = text_in(r, at, "data");
        p->media_type = text_in(r, at, "format");
    } else if (str_eqz(type, "file")) {
        read_file(r, part, p);
    } else {
        return false;
    }
    return true;
}

static int read_content(struct reading *r, struct str raw, struct message *m,
                        struct err *err)
{
    struct json_cur c;
    struct str part, text = text_of(r, raw);
    m->pieces = room(r, text.p ? 1 : count(raw), sizeof *m->pieces);
    if (!m->pieces)
        return err_nomem(err);
    if (text.p)
        m->pieces[m->npieces++] = (struct piece){.text = text};
    if (!begin_array(&c, raw))
        return 0;
    while (next(&c, &part)) {
        struct piece *p = &m->pieces[m->npieces++];
        if (!read_part(r, part, p))
            return err_set(err, ERR_BAD_REQUEST, "not_expressible",
                           "'messages[%zu].content[%zu]' is of a type that cannot be "
                           "translated for this engine",
                           r->c->nmessages, m->npieces - 1);
    }
    return 0;
}

/* -- messages --------------------------------------------------------------------------
 */

static void read_calls(struct reading *r, struct str raw, struct message *m)
{
    struct json_cur c;
    struct str call;
    m->calls = room(r, count(raw), sizeof *m->calls);
    if (!m->calls || !begin_array(&c, raw))
        return;
    while (next(&c, &call)) {
        struct str function = json_get(call, "function");
        m->calls[m->ncalls++] = (struct tool_call){
            .id = text_in(r, call, "id"),
            .name = text_in(r, function, "name"),
            .arguments = text_in(r, function, "arguments"),
        };
    }
}

static enum speaker speaker_of(struct str role)
{
    if (str_eqz(role, "system") || str_eqz(role, "developer"))
        return SPEAKER_SYSTEM;
    if (str_eqz(role, "tool") || str_eqz(role, "function"))
        return SPEAKER_TOOL;
    return str_eqz(role, "user") ? SPEAKER_USER : SPEAKER_MODEL;
}

enum {
    IN_ROLE,
    IN_CALL_ID,
    IN_NAME,
    IN_FUNCTION_CALL,
    IN_REASONING_CONTENT,
    IN_REASONING,
    IN_CALLS,
    IN_CONTENT,
    IN_COUNT
};

/* Its text may be the whole body: it is passed over once. */
static void read_members(struct str raw, struct str ret[IN_COUNT])
{
    static const char *const names[IN_COUNT] = {
        [IN_ROLE] = "role",
        [IN_CALL_ID] = "tool_call_id",
        [IN_NAME] = "name",
        [IN_FUNCTION_CALL] = "function_call",
        [IN_REASONING_CONTENT] = "reasoning_content",
        [IN_REASONING] = "reasoning",
        [IN_CALLS] = "tool_calls",
        [IN_CONTENT] = "content",
    };
    get_all(raw, names, IN_COUNT, ret);
}

static int read_message(struct reading *r, struct str raw, struct err *err)
{
    struct message *m = &r->c->messages[r->c->nmessages];
    struct str in[IN_COUNT];
    read_members(raw, in);
    m->speaker = speaker_of(text_of(r, in[IN_ROLE]));
    m->result_of = text_of(r, in[IN_CALL_ID]);
    m->name = text_of(r, in[IN_NAME]);
    if (in[IN_FUNCTION_CALL].p && !str_eqz(in[IN_FUNCTION_CALL], "null"))
        return err_set(err, ERR_BAD_REQUEST, "not_expressible",
                       "'messages[%zu].function_call' cannot be translated for this "
                       "engine; write it as tool_calls",
                       r->c->nmessages);
    if (m->speaker == SPEAKER_MODEL) {
        m->reasoning = text_of(r, in[IN_REASONING_CONTENT]);
        if (!m->reasoning.p)
            m->reasoning = text_of(r, in[IN_REASONING]);
        read_calls(r, in[IN_CALLS], m);
    }
    if (read_content(r, in[IN_CONTENT], m, err) != 0)
        return -1;
    r->c->nmessages++;
    return 0;
}

static int read_messages(struct reading *r, struct str raw, struct err *err)
{
    struct json_cur c;
    struct str message;
    r->c->messages = room(r, count(raw), sizeof *r->c->messages);
    if (!r->c->messages)
        return err_nomem(err);
    if (begin_array(&c, raw))
        while (next(&c, &message))
            if (read_message(r, message, err) != 0)
                return -1;
    return 0;
}

/* -- the rest
 * ---------------------------------------------------------------------------- */

static int read_tools(struct reading *r, struct str raw, struct err *err)
{
    struct json_cur c;
    struct str tool;
    r->c->tools = room(r, count(raw), sizeof *r->c->tools);
    if (!r->c->tools)
        return err_nomem(err);
    if (!begin_array(&c, raw))
        return 0;
    while (next(&c, &tool)) {
        struct str function = json_get(tool, "function");
        struct str type = text_in(r, tool, "type");
        if (!str_eqz(type, "function"))
            return err_set(err, ERR_BAD_REQUEST, "not_expressible",
                           "'tools[%zu]' of type '%.*s' cannot be translated for this "
                           "engine",
                           r->c->ntools, STR_ARG(str_sub(type, 0, 64)));
        r->c->tools[r->c->ntools++] = (struct tool){
            .name = text_in(r, function, "name"),
            .description = text_in(r, function, "description"),
            .parameters = json_get(function, "parameters"),
        };
    }
    return 0;
}

static void read_choice(struct reading *r, struct str raw)
{
    struct str word = text_of(r, raw);
    struct conversation *c = r->c;
    if (raw.n && raw.p[0] == '{') {
        c->choice = CHOICE_NAMED;
        c->choice_name = text_in(r, json_get(raw, "function"), "name");
    } else if (word.p) {
        c->choice = str_eqz(word, "none")       ? CHOICE_NONE
                    : str_eqz(word, "required") ? CHOICE_REQUIRED
                                                : CHOICE_AUTO;
    }
}

static void read_stops(struct reading *r, struct str raw)
{
    struct json_cur c;
    struct str one, text = text_of(r, raw);
    r->c->stops = room(r, text.p ? 1 : count(raw), sizeof *r->c->stops);
    if (!r->c->stops)
        return;
    if (text.p)
        r->c->stops[r->c->nstops++] = text;
    if (begin_array(&c, raw))
        while (next(&c, &one))
            r->c->stops[r->c->nstops++] = text_of(r, one);
}

static void read_format(struct reading *r, struct str raw)
{
    struct str type = text_in(r, raw, "type");
    if (str_eqz(type, "json_object"))
        r->c->format = FORMAT_JSON;
    if (!str_eqz(type, "json_schema"))
        return;
    r->c->schema = json_get(json_get(raw, "json_schema"), "schema");
    r->c->format = r->c->schema.p ? FORMAT_SCHEMA : FORMAT_JSON;
}

static bool read_sampling(struct reading *r, struct json_string k, struct str value)
{
    static const char *const names[SAMPLING_COUNT] = {
        [SAMPLING_TEMPERATURE] = "temperature",
        [SAMPLING_TOP_P] = "top_p",
        [SAMPLING_TOP_K] = "top_k",
        [SAMPLING_MIN_P] = "min_p",
        [SAMPLING_SEED] = "seed",
        [SAMPLING_FREQUENCY_PENALTY] = "frequency_penalty",
        [SAMPLING_PRESENCE_PENALTY] = "presence_penalty",
    };
    for (int i = 0; i < SAMPLING_COUNT; i++)
        if (json_string_is(k, names[i])) {
            r->c->sampling[i] = value;
            return true;
        }
    return false;
}

/* Read here, or in struct chat; or about the stream alone. */
static bool is_known(struct json_string k)
{
    static const char *const names[] = {
        "model",    "stream", "stream_options",       "max_tokens",
        "messages", "n",      "max_completion_tokens"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (json_string_is(k, names[i]))
            return true;
    return false;
}

static int read_member(struct reading *r, struct json_string k, struct str value,
                       struct err *err)
{
    if (str_eqz(value, "null") || read_sampling(r, k, value))
        return 0;
    if (json_string_is(k, "messages"))
        return read_messages(r, value, err);
    if (json_string_is(k, "tools"))
        return read_tools(r, value, err);
    if (json_string_is(k, "tool_choice"))
        read_choice(r, value);
    else if (json_string_is(k, "stop"))
        read_stops(r, value);
    else if (json_string_is(k, "response_format"))
        read_format(r, value);
    else if (json_string_is(k, "reasoning_effort"))
        r->c->effort = text_of(r, value);
    else if (!is_known(k))
        r->c->others[r->c->nothers++] = (struct other_member){k.raw, value};
    return 0;
}

int openai_read_conversation(const struct chat *chat, struct arena *a,
                             struct conversation *ret, struct err *err)
{
    struct conversation c = {.max_output_tokens = chat->max_output_tokens};
    struct reading r = {.arena = a, .c = &c};
    struct json_cur cur;
    struct json_string k;
    struct str value;
    c.others = room(&r, chat->view->nkeys, sizeof *c.others);
    if (!c.others)
        return err_nomem(err);
    json_begin(&cur, chat->body);
    json_enter_object(&cur);
    while (json_next_member(&cur, &k) && json_skip(&cur, &value))
        if (read_member(&r, k, value, err) != 0)
            return -1;
    if (r.failed)
        return err_nomem(err);
    *ret = c;
    return 0;
}
