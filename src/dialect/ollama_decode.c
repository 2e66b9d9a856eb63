/* ollama_decode.c -- a body of Ollama's /api/chat, /api/generate or /api/embed, read
 * once.
 *
 * Ollama reads names without regard to case, and an engine that speaks this may get the
 * same bytes: names that only resemble a known one are refused (names.h).  Types are
 * checked of what weir reads; the rest is the translator's, or the engine's. */
#include "config/kinds.h"
#include "dialect/body.h"
#include "dialect/forward.h"
#include "dialect/ollama.h"
#include "dialect/openai.h"

#include <stddef.h>

/* One reading of one body. */
struct reading {
    struct json_cur c;
    struct chat *chat;
    struct arena *arena;
    struct err *err; /* set by whoever returns -1 */
    enum ollama_request request;
    struct str prompt, system, suffix, keep_alive; /* raw */
    uint64_t images;                               /* beside a prompt */
    bool is_raw, has_input;
    struct body_names names; /* last: not cleared whole */
};

static int bad_field(const struct reading *r, const char *name, const char *expected)
{
    return body_bad_field(r->err, name, expected);
}

/* A text, or null; its raw value, with the quotes. */
static int read_text(struct reading *r, const char *name, struct str *ret)
{
    enum json_type t = json_peek(&r->c);
    if (t != JSON_STRING && t != JSON_NULL)
        return bad_field(r, name, "a string");
    json_skip(&r->c, ret);
    if (t == JSON_NULL)
        *ret = (struct str){NULL, 0};
    return 0;
}

/* Pictures (and sounds) in base64: how many, and how many bytes of the body they are. */
static int read_images(struct reading *r, uint64_t *ret_bytes)
{
    struct str raw;
    enum json_type t = json_peek(&r->c);
    if (t != JSON_ARRAY && t != JSON_NULL)
        return bad_field(r, "images", "an array of strings in base64");
    if (!json_array_or_skip(&r->c))
        return 0;
    while (json_next_element(&r->c)) {
        if (json_peek(&r->c) != JSON_STRING)
            return bad_field(r, "images", "an array of strings in base64");
        if (!json_skip(&r->c, &raw))
            return 0;
        *ret_bytes += raw.n;
        r->chat->nmedia++;
        r->chat->needs |= CAP_VISION;
    }
    return 0;
}

static void count(struct chat *chat, struct str raw, uint64_t without)
{
    chat->text_bytes += raw.n - without;
    chat->wide_bytes += body_wide_bytes(raw);
}

/* -- messages ------------------------------------------------------------------------ */

struct seen_message {
    struct json_string role;
    struct str content, calls; /* raw */
};

static int bad_message(const struct reading *r, const char *problem)
{
    return err_set(r->err, ERR_BAD_REQUEST, "invalid_field", "'messages[%u]' %s",
                   r->chat->nmessages, problem);
}

static int read_message_member(struct reading *r, int place, struct seen_message *ret,
                               uint64_t *blob)
{
    enum json_type t = json_peek(&r->c);
    const char *from = r->c.p;
    switch (place) {
    case NAME_REFUSED:
        return -1;
    case OLLAMA_MESSAGE_ROLE:
        if (t != JSON_STRING)
            return bad_message(r, "must have a role that is a string");
        json_read_string(&r->c, &ret->role);
        return 0;
    case OLLAMA_MESSAGE_CONTENT:
        if (t != JSON_STRING && t != JSON_NULL)
            return bad_message(r, "must have a content that is a string");
        json_skip(&r->c, &ret->content);
        return 0;
    case OLLAMA_MESSAGE_IMAGES:
        return read_images(r, blob);
    default:
        if (shape_skip(&r->c, name_inner(SHAPE_OLLAMA_MESSAGE, place), r->err) != 0)
            return -1;
        if (place == OLLAMA_MESSAGE_CALLS && t == JSON_ARRAY)
            ret->calls = (struct str){from, (size_t)(r->c.p - from)};
        return 0;
    }
}

/* Ollama takes a role in any case. */
static bool role_is(struct json_string role, const char *word)
{
    return str_eq_nocase(role.raw, str_of(word));
}

static int note_message(struct reading *r, const struct seen_message *m)
{
    struct chat *chat = r->chat;
    if (role_is(m->role, "system")) {
        if (!chat->has_system)
            chat->system_text = m->content;
        chat->has_system = true;
        return 0;
    }
    if (role_is(m->role, "user")) {
        chat->last_user = m->content;
        return body_add_turn(chat, r->arena, m->content, r->err);
    }
    bool is_result = role_is(m->role, "tool");
    chat->has_tool_results |= is_result;
    body_note_reply(chat, !is_result && m->calls.p ? m->calls : m->content);
    return 0;
}

static int read_message(struct reading *r, uint64_t *blob)
{
    struct json_string k;
    struct seen_message m = {.content = {NULL, 0}};
    uint64_t seen = 0;
    if (json_peek(&r->c) != JSON_OBJECT)
        return json_skip(&r->c, NULL) ? bad_message(r, "must be an object") : 0;
    json_enter_object(&r->c);
    while (json_next_member(&r->c, &k)) {
        int place = name_find(SHAPE_OLLAMA_MESSAGE, k, &seen, r->err);
        if (read_message_member(r, place, &m, blob) != 0)
            return -1;
    }
    if (!json_ok(&r->c))
        return 0;
    if (!m.role.raw.p)
        return bad_message(r, "must have a role");
    if (note_message(r, &m) != 0)
        return -1;
    r->chat->nmessages++;
    return 0;
}

static int read_messages(struct reading *r)
{
    enum json_type t = json_peek(&r->c);
    const char *from = r->c.p;
    uint64_t blob = 0;
    if (t != JSON_ARRAY && t != JSON_NULL)
        return bad_field(r, "messages", "an array");
    if (!json_array_or_skip(&r->c))
        return 0;
    while (json_next_element(&r->c))
        if (read_message(r, &blob) != 0)
            return -1;
    r->chat->input = (struct str){from, (size_t)(r->c.p - from)};
    r->has_input = r->chat->nmessages > 0;
    count(r->chat, r->chat->input, blob);
    return 0;
}

/* -- the rest ------------------------------------------------------------------------ */

/* Below 0 it is no limit of its own. */
static int read_num_predict(struct reading *r)
{
    int64_t n = -1;
    bool is_given;
    if (body_read_integer(&r->c, "options.num_predict", &n, &is_given, r->err) != 0)
        return -1;
    r->chat->max_output_tokens = n < 0 ? -1 : n;
    return 0;
}

static int read_options(struct reading *r)
{
    struct json_string k;
    uint64_t seen = 0;
    enum json_type t = json_peek(&r->c);
    if (t != JSON_OBJECT && t != JSON_NULL)
        return bad_field(r, "options", "an object");
    if (!json_object_or_skip(&r->c))
        return 0;
    while (json_next_member(&r->c, &k)) {
        int place = name_find(SHAPE_OLLAMA_OPTIONS, k, &seen, r->err);
        if (place == NAME_REFUSED)
            return -1;
        if (place != OLLAMA_NUM_PREDICT)
            json_skip(&r->c, NULL);
        else if (read_num_predict(r) != 0)
            return -1;
    }
    return 0;
}

static int read_format(struct reading *r)
{
    enum json_type t = json_peek(&r->c);
    if (t != JSON_OBJECT && t != JSON_STRING && t != JSON_NULL)
        return bad_field(r, "format", "\"json\" or a schema");
    if (t == JSON_OBJECT)
        r->chat->needs |= CAP_JSON_SCHEMA;
    json_skip(&r->c, NULL);
    return 0;
}

/* Texts to embed. */
static int read_input(struct reading *r, const char *name)
{
    const char *from = r->c.p;
    if (openai_read_input(&r->c, r->chat, name, r->err) != 0)
        return -1;
    r->chat->input = (struct str){from, (size_t)(r->c.p - from)};
    r->has_input = true;
    return 0;
}

static int read_prompt(struct reading *r)
{
    if (r->request == OLLAMA_EMBED_ONE)
        return read_input(r, "prompt");
    return read_text(r, "prompt", &r->prompt);
}

static int read_unknown(struct reading *r, struct json_string k)
{
    struct str value;
    if (json_skip(&r->c, &value) && forward_may_be(k))
        body_note_forwarding(r->chat, k, value, r->arena);
    return 0;
}

/* A stream, unless it is said otherwise. */
static int read_stream(struct reading *r)
{
    bool is_null = json_peek(&r->c) == JSON_NULL;
    if (body_read_flag(&r->c, "stream", &r->chat->is_stream, r->err) != 0)
        return -1;
    r->chat->is_stream |= is_null;
    return 0;
}

static int read_member(struct reading *r, struct json_string k, int place)
{
    bool is_embed = r->chat->surface == SURFACE_EMBEDDINGS;
    switch (place) {
    case NAME_REFUSED:
        return -1;
    case NAME_UNKNOWN:
        return read_unknown(r, k);
    case OLLAMA_MODEL:
        return body_read_model(&r->c, r->arena, &r->chat->model, r->err);
    case OLLAMA_PROMPT:
        return read_prompt(r);
    case OLLAMA_SYSTEM:
        return read_text(r, "system", &r->system);
    case OLLAMA_SUFFIX:
        return read_text(r, "suffix", &r->suffix);
    case OLLAMA_KEEP_ALIVE:
        json_skip(&r->c, &r->keep_alive);
        return 0;
    case OLLAMA_RAW:
        return body_read_flag(&r->c, "raw", &r->is_raw, r->err);
    case OLLAMA_STREAM:
        return read_stream(r);
    case OLLAMA_SETTINGS:
        return read_options(r);
    default:
        break;
    }
    if (place == OLLAMA_INPUT && is_embed)
        return read_input(r, "input");
    if (place == OLLAMA_MESSAGES && r->request == OLLAMA_CHAT)
        return read_messages(r);
    if (place == OLLAMA_TOOLS && !is_embed)
        return body_read_tools(&r->c, "tools", SHAPE_TOOL, r->chat, r->err);
    if (place == OLLAMA_FORMAT && !is_embed)
        return read_format(r);
    if (place == OLLAMA_IMAGES && r->request == OLLAMA_GENERATE)
        return read_images(r, &r->images);
    return shape_skip(&r->c, name_inner(SHAPE_OLLAMA_BODY, place), r->err);
}

static int read_body(struct reading *r, struct str body)
{
    struct json_noting noting;
    struct json_string k;
    json_begin_noting(&r->c, body, &noting, r->arena);
    if (body_enter(&r->c, r->err) != 0)
        return -1;
    while (json_next_member(&r->c, &k))
        if (read_member(r, k, body_note_name(&r->names, SHAPE_OLLAMA_BODY, k, r->err)) !=
            0)
            return -1;
    r->chat->ends = noting.ends;
    return json_finish(&r->c, r->err);
}

/* -- what it amounts to -------------------------------------------------------------- */

/* keep_alive of 0, "0" or "0s": the model is to be unloaded. */
static bool is_unload(struct str raw)
{
    static const char *const zeros[] = {"0", "\"0\"", "\"0s\"", "\"0m\"", "0.0"};
    for (size_t i = 0; i < ARRAY_LEN(zeros); i++)
        if (str_eqz(raw, zeros[i]))
            return true;
    return false;
}

/* Nothing is asked: the model is to be loaded, or unloaded.  Which model is in memory is
 * the engine's affair; the client hears that it may go on. */
static int answer_at_once(const struct reading *r)
{
    const char *word = is_unload(r->keep_alive) ? "unload" : "load";
    struct buf b;
    buf_init(&b, 4096);
    ollama_write_idle(r->request, r->chat->model, word, &b);
    r->chat->answered = arena_strdup(r->arena, buf_view(&b));
    bool has_failed = b.failed || !r->chat->answered.p;
    buf_release(&b);
    return has_failed ? err_nomem(r->err) : 0;
}

static bool is_text(struct str raw)
{
    return raw.n > 2; /* more than the quotes */
}

/* A prompt is what one user says; with a suffix, or where no template is to be put around
 * it, it is a text to be continued. */
static int check_prompt(struct reading *r)
{
    struct chat *chat = r->chat;
    r->has_input = is_text(r->prompt) || is_text(r->suffix) || r->images;
    chat->input = r->prompt.p ? r->prompt : STR("\"\"");
    chat->last_user = chat->input;
    chat->nmessages = 1 + is_text(r->system);
    count(chat, chat->input, 0);
    count(chat, r->system, 0);
    count(chat, r->suffix, 0);
    if (is_text(r->suffix) || r->is_raw) {
        chat->surface = SURFACE_COMPLETIONS;
        chat->nprompts = 1;
        chat->nmessages = 0;
    } else if (is_text(r->system)) {
        chat->has_system = true;
        chat->system_text = r->system;
    }
    return body_add_turn(chat, r->arena, chat->input, r->err);
}

static int check_whole(struct reading *r)
{
    struct chat *chat = r->chat;
    if (!chat->model.n)
        return body_missing(r->err, "model");
    if (r->request == OLLAMA_GENERATE && check_prompt(r) != 0)
        return -1;
    if (chat->surface == SURFACE_EMBEDDINGS) {
        chat->is_stream = false;
        return r->has_input ? 0
                            : body_missing(r->err, r->request == OLLAMA_EMBED ? "input"
                                                                              : "prompt");
    }
    chat->longest_bytes = chat->text_bytes;
    return r->has_input ? 0 : answer_at_once(r);
}

int ollama_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                  struct err *err)
{
    enum surface surface = ask->path->surface;
    struct chat chat = {
        .surface = surface,
        .body = ask->body,
        .is_stream = true,
        .wants_usage = true,
        .nchoices = 1,
        .max_output_tokens = -1,
        .needs = surface == SURFACE_EMBEDDINGS ? CAP_EMBEDDINGS : CAP_CHAT,
    };
    struct reading r;
    memset(&r, 0, offsetof(struct reading, names));
    r.chat = &chat;
    r.arena = a;
    r.err = err;
    r.request = ollama_request_of(ask->path);
    r.names.n = 0;
    r.names.seen = 0;
    r.names.has_odd = false;
    if (body_check_bytes(ask->body, err) != 0 || read_body(&r, ask->body) != 0 ||
        check_whole(&r) != 0)
        return -1;
    *ret = chat;
    return 0;
}
