/* ollama.c -- a chat for an engine that is asked by Ollama's own /api/chat.
 *
 * Why not by its OpenAI paths: here the operator can say `num_ctx` (the room for the
 * conversation, which Ollama else guesses from the card's memory) and `keep_alive`; a
 * prompt that does not fit is refused instead of being cut in silence (`truncate`).
 *
 * Embeddings and completions have nothing to gain: they go to its OpenAI paths.  What
 * /api/chat has no place for is refused by name, so that another engine is asked. */
#include "engine/ollama.h"
#include "engine/lacks.h"

#include "engine/media.h"
#include "engine/own.h"

#include "dialect/dialect.h"
#include "json/scan.h"
#include "json/write.h"

#include <stdio.h>
#include <stdlib.h>

struct named_call {
    struct str id, name;
    size_t message;
};

/* What is being written. */
struct writing {
    const struct engine_asking *q;
    const struct conversation *c;
    struct ollama_wishes wishes;
    struct named_call *calls;
    size_t ncalls;
    struct json_writer *w;
    struct err *err;
    struct arena *arena;
    struct str
        options[3]; /* raw objects: the client's own, the operator's, his `options` */
};

static int cannot_in(const struct writing *x, const struct message *m, const char *what)
{
    char text[160];
    snprintf(text, sizeof text, "place for 'messages[%zu]': it has %s",
             (size_t)(m - x->c->messages), what);
    return ollama_cannot(x->q, text, x->err);
}

/* -- messages
 * ---------------------------------------------------------------------------- */

static void key(struct writing *x, struct str name)
{
    if (x->w->needs_comma)
        buf_byte(x->w->out, ',');
    json_write_string(x->w->out, name);
    buf_byte(x->w->out, ':');
    x->w->needs_comma = false;
}

/* What it says in words; raw.p == NULL: it is none.  A file of text is its text. */
static struct json_text text_of(const struct writing *x, const struct piece *p)
{
    struct json_text none = {{NULL, 0}};
    if (p->kind == PIECE_TEXT || p->kind == PIECE_REFUSAL)
        return p->text.raw.p ? p->text : JSON_TEXT("");
    if (p->kind != PIECE_FILE || !p->data.n ||
        !str_starts(piece_type_of(p->media_type, p->data, p->file_name), STR("text/")))
        return none;
    struct str plain = base64_text(p->data, x->arena);
    return plain.p ? json_text_saying(x->arena, plain) : none;
}

/* All texts of a message as one, with a hint about tags behind it. */
static void write_text(struct writing *x, const struct message *m, bool has_hint)
{
    bool has_text = false;
    json_key(x->w, "content");
    buf_byte(x->w->out, '"');
    if (m->is_error)
        buf_lit(x->w->out, "Error: ");
    for (size_t i = 0; i < m->npieces; i++) {
        const struct piece *p = &m->pieces[i];
        struct str text = text_of(x, p).raw;
        if (!text.p)
            continue;
        if (has_text)
            buf_lit(x->w->out, "\\n");
        buf_append(x->w->out, text);
        has_text |= text.n > 0;
    }
    if (has_hint)
        json_write_inside(x->w->out, has_text ? STR("\n\n" TAG_HINT) : STR(TAG_HINT));
    buf_byte(x->w->out, '"');
    x->w->needs_comma = true;
}

/* All of its thoughts as one text; what their maker sealed stays here. */
static void write_thoughts(struct writing *x, const struct message *m)
{
    bool is_open = false;
    for (size_t i = 0; i < m->npieces; i++) {
        if (m->pieces[i].kind != PIECE_THOUGHT || !m->pieces[i].thought.n)
            continue;
        if (!is_open) {
            json_key(x->w, "thinking");
            buf_byte(x->w->out, '"');
        }
        is_open = true;
        json_write_inside(x->w->out, m->pieces[i].thought);
    }
    if (is_open)
        buf_byte(x->w->out, '"');
    x->w->needs_comma |= is_open;
}

static int write_media(struct writing *x, const struct message *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->npieces; i++) {
        const struct piece *p = &m->pieces[i];
        if (p->kind == PIECE_FILE && !text_of(x, p).raw.p)
            return cannot_in(x, m, "a file");
        if (p->kind != PIECE_IMAGE && p->kind != PIECE_AUDIO)
            continue;
        if (!p->data.n)
            return cannot_in(x, m, "a picture that is no data: URL in base64");
        if (n++ == 0) {
            json_key(x->w, "images");
            json_array_open(x->w);
        }
        json_str(x->w, p->data);
    }
    if (n)
        json_array_close(x->w);
    return 0;
}

static void write_calls(struct writing *x, const struct message *m)
{
    if (m->ncalls == 0)
        return;
    json_key(x->w, "tool_calls");
    json_array_open(x->w);
    for (size_t i = 0; i < m->ncalls; i++) {
        json_object_open(x->w);
        if (m->calls[i].id.n) {
            json_key(x->w, "id");
            json_str(x->w, m->calls[i].id);
        }
        json_key(x->w, "function");
        json_object_open(x->w);
        json_key(x->w, "index");
        json_u64(x->w, i);
        json_key(x->w, "name");
        json_str(x->w, m->calls[i].name);
        json_key(x->w, "arguments");
        write_object_of(x->w, &m->calls[i]);
        json_object_close(x->w);
        json_object_close(x->w);
    }
    json_array_close(x->w);
}

/* -- what was called, by the id that a result names
 * --------------------------------------
 */

static int compare_calls(const void *a, const void *b)
{
    const struct named_call *x = a, *y = b;
    size_t n = x->id.n < y->id.n ? x->id.n : y->id.n;
    int by_id = n ? memcmp(x->id.p, y->id.p, n) : 0;
    if (by_id == 0)
        by_id = (x->id.n > y->id.n) - (x->id.n < y->id.n);
    return by_id ? by_id : (x->message > y->message) - (x->message < y->message);
}

/* All calls that have an id, in the order of their ids. */
static int list_calls(struct writing *x, struct arena *a)
{
    const struct conversation *c = x->c;
    size_t n = 0;
    for (size_t i = 0; i < c->nmessages; i++)
        n += c->messages[i].ncalls;
    if (n == 0)
        return 0;
    x->calls = arena_array(a, struct named_call, n);
    if (!x->calls)
        return err_nomem(x->err);
    for (size_t i = 0; i < c->nmessages; i++)
        for (size_t k = 0; k < c->messages[i].ncalls; k++) {
            const struct tool_call *call = &c->messages[i].calls[k];
            x->calls[x->ncalls++] = (struct named_call){call->id, call->name, i};
        }
    qsort(x->calls, x->ncalls, sizeof *x->calls, compare_calls);
    return 0;
}

/* The last call of that id before the message. */
static struct str name_of_call(const struct writing *x, const struct message *m)
{
    const struct named_call at = {m->result_of, {NULL, 0}, (size_t)(m - x->c->messages)};
    size_t from = 0, to = x->ncalls;
    if (m->name.n || !m->result_of.n)
        return m->name;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare_calls(&x->calls[middle], &at) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    bool is_there = from > 0 && str_eq(x->calls[from - 1].id, m->result_of);
    return is_there ? x->calls[from - 1].name : STR("");
}

static void write_result(struct writing *x, const struct message *m)
{
    struct str name = name_of_call(x, m);
    if (name.n) {
        json_key(x->w, "tool_name");
        json_str(x->w, name);
    }
    if (m->result_of.n) {
        json_key(x->w, "tool_call_id");
        json_str(x->w, m->result_of);
    }
}

static int write_message(struct writing *x, const struct message *m, bool has_hint)
{
    static const char *const roles[] = {
        [SPEAKER_SYSTEM] = "system",
        [SPEAKER_USER] = "user",
        [SPEAKER_MODEL] = "assistant",
        [SPEAKER_TOOL] = "tool",
    };
    json_object_open(x->w);
    json_key(x->w, "role");
    json_str(x->w, str_of(roles[m->speaker]));
    write_text(x, m, has_hint);
    write_thoughts(x, m);
    write_calls(x, m);
    if (m->speaker == SPEAKER_TOOL)
        write_result(x, m);
    if (write_media(x, m) != 0)
        return -1;
    json_object_close(x->w);
    return 0;
}

/* The operator's system message, where the client has none; and the hint about tags, at
 * the end of the first one there is. */
static int write_messages(struct writing *x)
{
    const struct conversation *c = x->c;
    struct str system = x->q->target->engine->default_system;
    bool needs_hint = x->q->has_tags;
    json_key(x->w, "messages");
    json_array_open(x->w);
    if (!x->q->chat->has_system && (system.n || needs_hint)) {
        struct piece text = {.text = json_text_saying(x->arena, system)};
        if (!text.text.raw.p)
            return err_nomem(x->err);
        const struct message m = {.pieces = &text, .npieces = 1};
        if (write_message(x, &m, needs_hint) != 0)
            return -1;
        needs_hint = false;
    }
    for (size_t i = 0; i < c->nmessages; i++) {
        bool has_hint = needs_hint && c->messages[i].speaker == SPEAKER_SYSTEM;
        if (write_message(x, &c->messages[i], has_hint) != 0)
            return -1;
        needs_hint = needs_hint && !has_hint;
    }
    json_array_close(x->w);
    return 0;
}

/* -- the rest
 * ------------------------------------------------------------------------------ */

static struct str parameters_of(const struct tool *t)
{
    if (t->kind == TOOL_CUSTOM)
        return STR(CUSTOM_TOOL_SCHEMA);
    return t->parameters.p ? t->parameters
                           : STR("{\"type\":\"object\",\"properties\":{}}");
}

static void write_tools(struct writing *x)
{
    const struct conversation *c = x->c;
    if (c->ntools == 0 || c->choice == CHOICE_NONE)
        return;
    json_key(x->w, "tools");
    json_array_open(x->w);
    for (size_t i = 0; i < c->ntools; i++) {
        const struct tool *t = &c->tools[i];
        if (!ollama_is_offered(c, t))
            continue;
        json_object_open(x->w);
        json_key(x->w, "type");
        json_str(x->w, STR("function"));
        json_key(x->w, "function");
        json_object_open(x->w);
        json_key(x->w, "name");
        json_str(x->w, t->name);
        if (t->description.raw.p) {
            json_key(x->w, "description");
            json_text(x->w, t->description);
        }
        json_key(x->w, "parameters");
        json_raw(x->w, parameters_of(t));
        json_object_close(x->w);
        json_object_close(x->w);
    }
    json_array_close(x->w);
}

/* A name too long for a place here counts as one that is there. */
static bool has_member(struct str object, struct str name)
{
    char text[64];
    if (name.n >= sizeof text || !object.n)
        return object.n > 0;
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    return json_get(object, text).p != NULL;
}

static bool is_given(const struct writing *x, struct str name, size_t nbefore)
{
    if (ollama_option_is_given(x->c, name))
        return true;
    for (size_t i = 0; i < nbefore; i++)
        if (has_member(x->options[i], name))
            return true;
    return false;
}

/* `options` too: they are read by themselves. */
static bool is_member(struct str name)
{
    enum ollama_other other = ollama_other_of(name);
    return other == OLLAMA_LOST || other == OLLAMA_PASSED || str_eqz(name, "options");
}

/* Of the operator's `params`: what is no member of /api/chat is one of its options. */
static void write_given_options(struct writing *x, size_t index, bool is_mixed)
{
    struct json_cur cur;
    struct json_string k;
    struct str value, object = x->options[index];
    if (!object.n)
        return;
    json_begin(&cur, object);
    if (json_peek(&cur) != JSON_OBJECT || !json_enter_object(&cur))
        return;
    while (json_next_member(&cur, &k) && json_skip(&cur, &value)) {
        if ((is_mixed && is_member(k.raw)) || is_given(x, k.raw, index))
            continue;
        key(x, k.raw);
        json_raw(x->w, value);
    }
}

/* What the operator says the model reads, so that no prompt that was sent is cut; where
 * one may be longer, by the bound on its tokens, as much more.  0: nobody knows. */
static uint64_t room_of(const struct engine_asking *q)
{
    enum { STEP = 1024 };
    const struct config_model *m = q->target->model;
    uint64_t prompt = chat_tokens_bound(q->chat), most = m->context_max;
    if (m->is_cloud)
        return 0;
    if (m->context_tokens == 0 || prompt < m->context_tokens)
        return m->context_tokens;
    uint64_t room = (prompt / STEP + 2) * STEP;
    if (most && room > most)
        room = most;
    return room > m->context_tokens ? room : m->context_tokens;
}

static void write_room(struct writing *x)
{
    uint64_t room = room_of(x->q);
    if (room == 0 || is_given(x, STR("num_ctx"), ARRAY_LEN(x->options)))
        return;
    json_key(x->w, "num_ctx");
    json_i64(x->w, (int64_t)room);
}

static void write_options(struct writing *x)
{
    const struct conversation *c = x->c;
    json_key(x->w, "options");
    json_object_open(x->w);
    for (size_t i = 0; i < OLLAMA_OPTIONS; i++) {
        struct str value = ollama_option(c, str_of(ollama_option_names[i]));
        if (!value.p)
            continue;
        json_key(x->w, ollama_option_names[i]);
        json_raw(x->w, value);
    }
    if (c->max_output_tokens >= 0) {
        json_key(x->w, "num_predict");
        json_i64(x->w, c->max_output_tokens);
    }
    if (c->nstops) {
        json_key(x->w, "stop");
        json_array_open(x->w);
        for (size_t i = 0; i < c->nstops; i++)
            json_str(x->w, c->stops[i]);
        json_array_close(x->w);
    }
    write_given_options(x, 0, false);
    write_given_options(x, 1, true);
    write_given_options(x, 2, false);
    write_room(x);
    json_object_close(x->w);
}

/* keep_alive and its like: the client's, else the operator's. */
static void write_passed(struct writing *x)
{
    static const char *const names[] = {"keep_alive", "think", "format", "truncate",
                                        "shift"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct str name = str_of(names[i]), value = ollama_other(x->c, names[i]);
        if (str_eqz(name, "think"))
            value = x->wishes.think;
        else if (str_eqz(name, "format"))
            value = x->wishes.format;
        if (!value.p && x->options[1].n)
            value = json_get(x->options[1], names[i]);
        if (!value.p && str_eqz(name, "truncate"))
            value = STR("false");
        if (!value.p)
            continue;
        json_key(x->w, names[i]);
        json_raw(x->w, value);
    }
}

static int write_body(void *ctx, struct json_writer *w)
{
    struct writing *x = ctx;
    x->w = w;
    json_object_open(x->w);
    json_key(x->w, "model");
    json_str(x->w, x->q->target->model->upstream);
    if (write_messages(x) != 0)
        return -1;
    json_key(x->w, "stream");
    json_bool(x->w, x->q->chat->is_stream);
    write_tools(x);
    write_passed(x);
    write_options(x);
    json_object_close(x->w);
    return 0;
}

/* The url of such an engine may end in /v1, /api or neither. */
static struct str base_of(struct str path)
{
    static const char *const ends[] = {"/v1", "/api"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (str_ends(path, str_of(ends[i])))
            return str_sub(path, 0, path.n - strlen(ends[i]));
    return path;
}

/* Completions and embeddings: in OpenAI's form. */
static int encode_other(const struct engine_asking *q, struct arena *a,
                        struct http_message *ret, struct engine_plan *ret_plan,
                        struct err *err)
{
    struct config_engine engine = *q->target->engine;
    const struct str base[] = {base_of(engine.base_path), STR("/v1")};
    engine.base_path = arena_join(a, base, ARRAY_LEN(base));
    struct target target = *q->target;
    struct engine_asking asking = *q;
    target.engine = &engine;
    asking.target = &target;
    return engine.base_path.p ? translator_openai.encode(&asking, a, ret, ret_plan, err)
                              : err_nomem(err);
}

static int ollama_encode(const struct engine_asking *q, struct arena *a,
                         struct http_message *ret, struct engine_plan *ret_plan,
                         struct err *err)
{
    struct conversation c;
    struct writing x = {.q = q, .c = &c, .arena = a, .err = err};
    struct str body;
    if (q->chat->surface != SURFACE_CHAT)
        return encode_other(q, a, ret, ret_plan, err);
    if (engine_read_conversation(q, a, &c, err) != 0 ||
        ollama_read_wishes(q, &c, a, &x.wishes, err) != 0 || list_calls(&x, a) != 0)
        return -1;
    x.options[0] = ollama_other(&c, "options");
    x.options[1] = q->target->engine->default_params;
    if (x.options[1].n)
        x.options[2] = json_get(x.options[1], "options");
    if (asking_body(q, a, write_body, &x, &body, err) != 0)
        return -1;
    if (asking_finish(q, base_of(q->target->engine->base_path), STR("/api/chat"), body, a,
                      ret, ret_plan, err) != 0)
        return -1;
    ret_plan->could = x.wishes.could;
    return 0;
}

/* Of an object of the operator's its options, or what is none; not what `but` has. */
static void write_own(struct writing *x, struct str object, struct str but,
                      bool wants_options)
{
    struct json_cur cur;
    struct json_string k;
    struct str value;
    json_begin(&cur, object);
    if (!object.n || !json_enter_object(&cur))
        return;
    while (json_next_member(&cur, &k) && json_skip(&cur, &value)) {
        if (str_eqz(k.raw, "options") || is_member(k.raw) == wants_options ||
            has_member(but, k.raw))
            continue;
        key(x, k.raw);
        json_raw(x->w, value);
    }
}

/* What is added to a request of a client of /api/chat where it does not say it itself. */
static struct str own_defaults(const struct engine_asking *q, struct arena *a)
{
    const struct str none = {NULL, 0}, params = q->target->engine->default_params;
    struct str options = params.n ? json_get(params, "options") : none;
    uint64_t room = room_of(q);
    struct json_writer w;
    struct writing x = {.w = &w};
    struct buf b;
    buf_init(&b, 2 * params.n + 256);
    json_writer_init(&w, &b);
    json_object_open(&w);
    write_own(&x, params, none, false);
    if (!has_member(params, STR("truncate"))) {
        json_key(&w, "truncate");
        json_bool(&w, false);
    }
    json_key(&w, "options");
    json_object_open(&w);
    write_own(&x, params, none, true);
    write_own(&x, options, params, true);
    if (room && !has_member(params, STR("num_ctx")) &&
        !has_member(options, STR("num_ctx"))) {
        json_key(&w, "num_ctx");
        json_u64(&w, room);
    }
    json_object_close(&w);
    json_object_close(&w);
    struct str text = b.failed ? none : arena_strdup(a, buf_view(&b));
    buf_release(&b);
    return text;
}

/* Of a client of /api/chat. */
static int ollama_encode_own(const struct engine_asking *q, struct arena *a,
                             struct http_message *ret, struct engine_plan *ret_plan,
                             struct err *err)
{
    const struct own_form form = {
        .dialect = DIALECT_OLLAMA,
        .names_model = true,
        .system = {"messages"},
        .said_how = SYSTEM_IN_MESSAGES,
        .defaults = own_defaults(q, a),
    };
    struct http_message message = {0};
    if (!form.defaults.p)
        return err_nomem(err);
    if (own_body(q, &form, a, &message, err) != 0 ||
        engine_head(q->target, base_of(q->target->engine->base_path), STR("/api/chat"),
                    STR("application/json"), a, &message, err) != 0)
        return -1;
    *ret = message;
    *ret_plan = (struct engine_plan){.is_stream = q->chat->is_stream};
    return 0;
}

const struct engine_translator translator_ollama = {
    .speaks = SPEECH_OLLAMA,
    .form = "Ollama's /api/chat",
    .lacks = LACKS_CACHE | LACKS_STRICT | LACKS_GRAMMAR | LACKS_SEALED | LACKS_SIGNATURE,
    .encode = ollama_encode,
    .encode_own = ollama_encode_own,
    .dialect = DIALECT_OLLAMA,
    .own_path = "/api/chat",
    .translate = ollama_translate,
    .translate_answer = ollama_translate_answer,
    .note = ollama_note,
    .translated = 1U << SURFACE_CHAT,
    .has_json_streams = true,
};
